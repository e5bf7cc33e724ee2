//! Statements in the database. The record's text is written once.

use diesel::prelude::*;
use serde_json::json;

use super::model::Statement;
use crate::clock::Timestamp;
use crate::db::schema::{projects, statements};
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::Problem;
use crate::project::Visibility;

#[derive(Queryable, Insertable)]
#[diesel(table_name = statements)]
struct Row {
    id: Id,
    project_id: Id,
    issued_at: Timestamp,
    issued_by: Option<Id>,
    record: String,
    digest: String,
    withheld_reason: Option<String>,
    version: i64,
}

fn statement(conn: &mut Conn, (row, visibility): (Row, Visibility)) -> Result<Statement, Problem> {
    let latest: Option<Id> = statements::table
        .filter(statements::project_id.eq(row.project_id))
        .filter(statements::withheld_reason.is_null())
        .order(statements::id.desc())
        .select(statements::id)
        .first(conn)
        .optional()?;
    let Row { id, project_id, issued_at, issued_by, record, digest, withheld_reason, version } = row;
    let superseded_by = latest.filter(|latest| *latest > id);
    Ok(Statement {
        id,
        project_id,
        issued_at,
        issued_by,
        record,
        digest,
        withheld_reason,
        version,
        visibility,
        superseded_by,
    })
}

/// Which statements to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those about this project.
    pub project: Option<Id>,
    /// The one with this digest, withheld or not, whatever else is asked.
    pub digest: Option<String>,
    /// Those about projects of these visibilities that are not withheld; none is all.
    pub scope: Option<Vec<Visibility>>,
}

/// A page of statements, the latest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<Statement>, i64), Problem> {
    let matching = || {
        let mut query = statements::table.inner_join(projects::table).into_boxed::<Backend>();
        // With another condition beside it, a digest would tell what a withheld statement is about.
        if let Some(digest) = &filter.digest {
            return query.filter(statements::digest.eq(digest.to_lowercase()));
        }
        if let Some(project) = filter.project {
            query = query.filter(statements::project_id.eq(project));
        }
        if let Some(scope) = &filter.scope {
            query =
                query.filter(statements::withheld_reason.is_null()).filter(projects::visibility.eq_any(scope.clone()));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let rows: Vec<(Row, Visibility)> = matching()
        .order(statements::id.desc())
        .offset(offset)
        .limit(limit)
        .select((statements::all_columns, projects::visibility))
        .load(conn)?;
    let found = rows.into_iter().map(|row| statement(conn, row)).collect::<Result<_, _>>()?;
    Ok((found, total))
}

/// The statement with this id.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id) -> Result<Statement, Problem> {
    let row: Option<(Row, Visibility)> = statements::table
        .inner_join(projects::table)
        .filter(statements::id.eq(id))
        .select((statements::all_columns, projects::visibility))
        .first(conn)
        .optional()?;
    let row = row.ok_or_else(missing)?;
    statement(conn, row)
}

/// The refusal of a statement that does not exist or is withheld.
#[must_use]
pub fn missing() -> Problem {
    Problem::not_found("Intyget", "The statement")
}

/// Keeps a new statement.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut Conn, statement: &Statement) -> Result<(), Problem> {
    let Statement { id, project_id, issued_at, issued_by, record, digest, withheld_reason, version, .. } =
        statement.clone();
    let row = Row { id, project_id, issued_at, issued_by, record, digest, withheld_reason, version };
    diesel::insert_into(statements::table).values(&row).execute(conn)?;
    record_change(conn, statement.issued_by, "statement.issued", None, statement)
}

/// Withholds a statement for a reason, or shows it again.
///
/// # Errors
/// When the database fails.
pub fn withhold(
    conn: &mut Conn,
    actor: Option<Id>,
    before: &Statement,
    reason: Option<String>,
) -> Result<Statement, Problem> {
    let after = Statement { withheld_reason: reason, version: before.version + 1, ..before.clone() };
    diesel::update(statements::table.find(before.id))
        .set((statements::withheld_reason.eq(&after.withheld_reason), statements::version.eq(after.version)))
        .execute(conn)?;
    let kind = if after.withheld_reason.is_some() { "statement.withheld" } else { "statement.shown" };
    record_change(conn, actor, kind, Some(before), &after)?;
    Ok(after)
}

fn record_change(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Statement>,
    after: &Statement,
) -> Result<(), Problem> {
    let picture = |own: &Statement| json!({"projectId": own.project_id, "digest": own.digest, "withheldReason": own.withheld_reason});
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "statement",
            id: after.id.to_string(),
            version: after.version,
            before: before.map(picture).unwrap_or_default(),
            after: picture(after),
            personal: &[],
        },
    )
}
