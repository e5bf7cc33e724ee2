//! The rows of imports in the database.

use std::collections::BTreeMap;

use diesel::dsl;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::model::{Counts, Effect, Form, Row, RowOutcome};
use super::store::{read, written};
use crate::db::schema::import_rows;
use crate::db::types::Json;
use crate::db::{Backend, Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = import_rows, primary_key(import_id, sheet, number), treat_none_as_null = true)]
pub(super) struct RowRecord {
    pub(super) import_id: Id,
    pub(super) sheet: String,
    pub(super) number: i64,
    form: Form,
    key: String,
    pub(super) cells: Json,
    outcome: Option<RowOutcome>,
    project_id: Option<Id>,
    version: Option<i64>,
    new_version: Option<i64>,
    pub(super) changes: Option<Json>,
    pub(super) findings: Option<Json>,
    pub(super) before: Option<Json>,
    pub(super) replaced: Option<Json>,
    organisations: Option<Json>,
    applied: bool,
}

fn some<T: Serialize>(list: &[T]) -> Option<Json> {
    (!list.is_empty()).then(|| written(&list))
}

fn list_of<T: DeserializeOwned>(json: Option<Json>) -> Result<Vec<T>, Problem> {
    json.map_or_else(|| Ok(Vec::new()), read)
}

impl RowRecord {
    fn of(import: Id, row: &Row) -> Self {
        let Effect { project, version, new_version, changes, findings, before, replaced, organisations } =
            row.effect.clone();
        Self {
            import_id: import,
            sheet: row.sheet.clone(),
            number: row.number,
            form: row.form,
            key: row.key.clone(),
            cells: written(&row.cells),
            outcome: row.result,
            project_id: project,
            version,
            new_version,
            changes: some(&changes),
            findings: some(&findings),
            before: before.map(Json),
            replaced: replaced.map(Json),
            organisations: some(&organisations),
            applied: row.applied,
        }
    }

    fn into_row(self) -> Result<Row, Problem> {
        let effect = Effect {
            project: self.project_id,
            version: self.version,
            new_version: self.new_version,
            changes: list_of(self.changes)?,
            findings: list_of(self.findings)?,
            before: self.before.map(|json| json.0),
            replaced: self.replaced.map(|json| json.0),
            organisations: list_of(self.organisations)?,
        };
        let Self { sheet, number, form, key, outcome, applied, .. } = self;
        Ok(Row { sheet, number, form, key, cells: read(self.cells)?, result: outcome, effect, applied })
    }
}

fn into_rows(records: Vec<RowRecord>) -> Result<Vec<Row>, Problem> {
    records.into_iter().map(RowRecord::into_row).collect()
}

/// Adds rows that have been read.
///
/// # Errors
/// When the database fails.
pub fn stage(conn: &mut Conn, import: Id, rows: &[Row]) -> Result<(), Problem> {
    let records: Vec<RowRecord> = rows.iter().map(|row| RowRecord::of(import, row)).collect();
    on_each!(conn => diesel::insert_into(import_rows::table).values(&records).execute(conn).map(drop))?;
    Ok(())
}

/// Keeps what became of a row.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, import: Id, row: &Row) -> Result<(), Problem> {
    let own = import_rows::table.find((import, row.sheet.clone(), row.number));
    diesel::update(own).set(&RowRecord::of(import, row)).execute(conn)?;
    Ok(())
}

/// Which rows are listed.
#[derive(Debug, Clone, Default)]
pub struct RowFilter {
    /// Rows that come to one of these.
    pub outcome: Option<Vec<RowOutcome>>,
    /// Rows of these tables.
    pub form: Option<Vec<Form>>,
}

/// A page of an import's rows, in the file's order, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut Conn,
    import: Id,
    filter: &RowFilter,
    (offset, limit): (i64, i64),
) -> Result<(Vec<Row>, i64), Problem> {
    let matching = || {
        let mut query = import_rows::table.filter(import_rows::import_id.eq(import)).into_boxed::<Backend>();
        if let Some(outcomes) = &filter.outcome {
            let outcomes: Vec<Option<RowOutcome>> = outcomes.iter().copied().map(Some).collect();
            query = query.filter(import_rows::outcome.eq_any(outcomes));
        }
        if let Some(forms) = &filter.form {
            query = query.filter(import_rows::form.eq_any(forms.clone()));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let page = matching().order((import_rows::sheet, import_rows::number)).offset(offset).limit(limit);
    Ok((into_rows(page.load(conn)?)?, total))
}

/// The next keys of an import's rows of a form.
///
/// # Errors
/// When the database fails.
pub fn keys(conn: &mut Conn, import: Id, form: Form, last: &str, limit: i64) -> Result<Vec<String>, Problem> {
    Ok(import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::form.eq(form))
        .filter(import_rows::key.gt(last))
        .select(import_rows::key)
        .distinct()
        .order(import_rows::key)
        .limit(limit)
        .load(conn)?)
}

/// The rows of a form with these keys, by key, each key's in the file's order.
///
/// # Errors
/// When the database fails.
pub fn by_key(conn: &mut Conn, import: Id, form: Form, keys: &[String]) -> Result<BTreeMap<String, Vec<Row>>, Problem> {
    let records: Vec<RowRecord> = import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::form.eq(form))
        .filter(import_rows::key.eq_any(keys.to_vec()))
        .order((import_rows::key, import_rows::sheet, import_rows::number))
        .load(conn)?;
    let mut groups: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in into_rows(records)? {
        groups.entry(row.key.clone()).or_default().push(row);
    }
    Ok(groups)
}

/// How many rows come to what.
///
/// # Errors
/// When the database fails.
pub fn counts(conn: &mut Conn, import: Id) -> Result<Counts, Problem> {
    let known: Vec<(Option<RowOutcome>, i64)> = import_rows::table
        .filter(import_rows::import_id.eq(import))
        .group_by(import_rows::outcome)
        .select((import_rows::outcome, dsl::count_star()))
        .load(conn)?;
    let of = |outcome| known.iter().find(|(known, _)| *known == Some(outcome)).map_or(0, |(_, count)| *count);
    Ok(Counts {
        created: of(RowOutcome::Created),
        changed: of(RowOutcome::Changed),
        unchanged: of(RowOutcome::Unchanged),
        refused: of(RowOutcome::Refused),
    })
}

/// The version that an import has left a project at, if it has touched it.
///
/// # Errors
/// When the database fails.
pub fn left_at(conn: &mut Conn, import: Id, project: Id) -> Result<Option<i64>, Problem> {
    Ok(import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::project_id.eq(project))
        .filter(import_rows::applied.eq(true))
        .select(dsl::max(import_rows::new_version))
        .first(conn)?)
}

/// Says that what imports left at one version is now at another.
///
/// # Errors
/// When the database fails.
pub fn leave_anew(conn: &mut Conn, project: Id, version: i64, now: i64) -> Result<(), Problem> {
    let left = import_rows::table
        .filter(import_rows::project_id.eq(project))
        .filter(import_rows::new_version.eq(version))
        .filter(import_rows::applied.eq(true));
    diesel::update(left).set(import_rows::new_version.eq(now)).execute(conn)?;
    Ok(())
}

/// The next projects that an import has done something to, or has learned something of.
///
/// # Errors
/// When the database fails.
pub fn touched(conn: &mut Conn, import: Id, last: Option<Id>, limit: i64) -> Result<Vec<Id>, Problem> {
    let mut query = import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::applied.eq(true))
        .filter(import_rows::project_id.is_not_null())
        .select(import_rows::project_id.assume_not_null())
        .distinct()
        .order(import_rows::project_id)
        .limit(limit)
        .into_boxed::<Backend>();
    if let Some(last) = last {
        query = query.filter(import_rows::project_id.gt(last));
    }
    Ok(query.load(conn)?)
}

/// The applied rows about a project, in the order in which they were applied.
///
/// # Errors
/// When the database fails.
pub fn applied_to(conn: &mut Conn, import: Id, project: Id) -> Result<Vec<Row>, Problem> {
    let records: Vec<RowRecord> = import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::project_id.eq(project))
        .filter(import_rows::applied.eq(true))
        .order((import_rows::new_version, import_rows::number))
        .load(conn)?;
    into_rows(records)
}

/// The organisations that an import has registered.
///
/// # Errors
/// When the database fails.
pub fn registered(conn: &mut Conn, import: Id) -> Result<Vec<Id>, Problem> {
    let lists: Vec<Option<Json>> = import_rows::table
        .filter(import_rows::import_id.eq(import))
        .filter(import_rows::organisations.is_not_null())
        .select(import_rows::organisations)
        .load(conn)?;
    let lists = lists.into_iter().map(list_of).collect::<Result<Vec<Vec<Id>>, _>>()?;
    Ok(lists.concat())
}
