//! Reads the journal.
//!
//! The feed misses nothing and repeats nothing: writers take turns (see [`crate::db`]), so numbers are in the order of
//! commits, and a snapshot that has seen a number has seen every lower one.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::model::{Cursor, Entry, FeedItem};
use crate::auth::{Principal, policy};
use crate::clock::Timestamp;
use crate::db::schema::{changes, projects, statements};
use crate::db::types::Json;
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal;
use crate::problem::Problem;
use crate::project::Sight;
use crate::project::query::seen;

type EntryRow = (Timestamp, Option<Id>, String, i64, Option<Json>, Option<Json>);
type FeedRow = (i64, Timestamp, String, String, i64);

/// A page of a project's changes, the latest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn of_project(conn: &mut Conn, project: Id, (offset, limit): (i64, i64)) -> Result<(Vec<Entry>, i64), Problem> {
    let matching = || {
        changes::table.filter(changes::aggregate.eq("project")).filter(changes::aggregate_id.eq(project.to_string()))
    };
    let total = matching().count().get_result(conn)?;
    let rows: Vec<EntryRow> = matching()
        .order(changes::number.desc())
        .offset(offset)
        .limit(limit)
        .select((changes::at, changes::actor, changes::kind, changes::version, changes::before, changes::after))
        .load(conn)?;
    let entry = |(at, actor, kind, version, before, after): EntryRow| {
        let (before, after) = (before.map(|json: Json| json.0), after.map(|json: Json| json.0));
        Entry { at, actor, kind, version, before, after }
    };
    Ok((rows.into_iter().map(entry).collect(), total))
}

/// The changes after a cursor that the caller may see today, in the order of their commits, and where to go on: after the
/// last of a full page, else after everything there is.
///
/// # Errors
/// When the database fails.
pub fn feed(
    conn: &mut Conn,
    caller: &Principal,
    after: Cursor,
    limit: i64,
) -> Result<(Vec<FeedItem>, Cursor), Problem> {
    let latest = journal::latest(conn)?;
    let mut open = vec!["strategy", "fundingSource", "call", "goalArea", "measure", "framework", "correspondence"];
    for (aggregate, operation) in [("organisation", "listOrganisations"), ("user", "listUsers")] {
        open.extend(Some(aggregate).filter(|_| policy::allows(caller, operation)));
    }
    let sight = Sight::of(caller);
    let mut query = changes::table.filter(changes::number.gt(after.0)).into_boxed::<Backend>();
    if sight.is_whole() {
        open.extend(["project", "statement"]);
        query = query.filter(changes::aggregate.eq_any(open));
    } else {
        let visible = projects::table.filter(seen(sight)).select(id_text(conn));
        let is_seen = changes::aggregate.eq("project").and(changes::aggregate_id.eq_any(visible));
        // One that is gone was seen by those who would see it had it stayed.
        let is_gone =
            changes::kind.eq("project.deleted").and(visibility_before(conn).eq_any(sight.visibilities.to_vec()));
        let shown = statements::table
            .inner_join(projects::table)
            .filter(statements::withheld_reason.is_null())
            .filter(seen(sight))
            .select(statement_text(conn));
        let is_shown = changes::aggregate.eq("statement").and(changes::aggregate_id.eq_any(shown));
        query = query.filter(changes::aggregate.eq_any(open).or(is_seen).or(is_gone).or(is_shown));
    }
    let rows: Vec<FeedRow> = query
        .order(changes::number)
        .limit(limit)
        .select((changes::number, changes::at, changes::kind, changes::aggregate_id, changes::version))
        .load(conn)?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let last = rows.last().map(|row| row.0).filter(|_| is_full);
    let next = Cursor(last.unwrap_or(latest).max(after.0));
    let item = |(number, at, kind, id, version)| FeedItem { cursor: Cursor(number), at, kind, id, version };
    Ok((rows.into_iter().map(item).collect(), next))
}

/// A project's id as the journal writes it.
fn id_text(conn: &Conn) -> SqlLiteral<Text> {
    match conn {
        Conn::Postgres(_) => sql("projects.id::text"),
        Conn::Sqlite(_) => sql("projects.id"),
    }
}

/// A statement's id as the journal writes it.
fn statement_text(conn: &Conn) -> SqlLiteral<Text> {
    match conn {
        Conn::Postgres(_) => sql("statements.id::text"),
        Conn::Sqlite(_) => sql("statements.id"),
    }
}

/// Who could see a project before the change.
fn visibility_before(conn: &Conn) -> SqlLiteral<Text> {
    match conn {
        Conn::Postgres(_) => sql("changes.before ->> 'visibility'"),
        Conn::Sqlite(_) => sql("json_extract(changes.before, '$.visibility')"),
    }
}
