//! Imports in the database: their rows, and what other registries call projects.

use std::collections::BTreeMap;

use diesel::dsl;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::external;
use super::model::{Counts, Effect, Form, Import, ImportState, Options, Row, RowOutcome};
use crate::clock::Timestamp;
use crate::db::schema::{changes, import_rows, imports};
use crate::db::types::Json;
use crate::db::{Backend, Conn, on_each};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::Problem;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_null = true)]
struct ImportRecord {
    id: Id,
    state: ImportState,
    file_name: String,
    digest: String,
    options: Json,
    sheets: Json,
    row_count: i64,
    filtered: i64,
    done: i64,
    created: i64,
    changed: i64,
    unchanged: i64,
    refused: i64,
    skips_refused: bool,
    failure: Option<Json>,
    created_by: Option<Id>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i64,
}

fn written<T: Serialize>(value: &T) -> Json {
    Json(json!(value))
}

fn read<T: DeserializeOwned>(json: Json) -> Result<T, Problem> {
    serde_json::from_value(json.0).map_err(Problem::internal)
}

impl ImportRecord {
    fn of(import: &Import) -> Self {
        let Import { id, state, rows, filtered, done, counts, skips_refused, created_by, version, .. } = *import;
        Self {
            id,
            state,
            file_name: import.file_name.clone(),
            digest: import.digest.clone(),
            options: written(&import.options),
            sheets: written(&import.sheets),
            row_count: rows,
            filtered,
            done,
            created: counts.created,
            changed: counts.changed,
            unchanged: counts.unchanged,
            refused: counts.refused,
            skips_refused,
            failure: import.failure.as_ref().map(written),
            created_by,
            created_at: import.created_at,
            updated_at: import.updated_at,
            version,
        }
    }

    fn into_import(self) -> Result<Import, Problem> {
        let Self { created, changed, unchanged, refused, .. } = self;
        Ok(Import {
            id: self.id,
            state: self.state,
            file_name: self.file_name,
            digest: self.digest,
            options: read::<Options>(self.options)?,
            sheets: read(self.sheets)?,
            rows: self.row_count,
            filtered: self.filtered,
            done: self.done,
            counts: Counts { created, changed, unchanged, refused },
            skips_refused: self.skips_refused,
            failure: self.failure.map(read).transpose()?,
            created_by: self.created_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        })
    }
}

/// Imports, the latest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, (offset, limit): (i64, i64)) -> Result<(Vec<Import>, i64), Problem> {
    let total = imports::table.count().get_result(conn)?;
    let rows: Vec<ImportRecord> = imports::table.order(imports::id.desc()).offset(offset).limit(limit).load(conn)?;
    Ok((rows.into_iter().map(ImportRecord::into_import).collect::<Result<_, _>>()?, total))
}

/// The import with this id.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id) -> Result<Import, Problem> {
    let found: Option<ImportRecord> = imports::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("Importen", "The import"))?.into_import()
}

/// Begins an import.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut Conn, import: &Import) -> Result<(), Problem> {
    diesel::insert_into(imports::table).values(&ImportRecord::of(import)).execute(conn)?;
    record(conn, import.created_by, "import.created", None, import)
}

/// Removes an import that was never begun in earnest, with its rows.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, id: Id) -> Result<(), Problem> {
    diesel::delete(imports::table.find(id)).execute(conn)?;
    Ok(())
}

/// Keeps how far an import has come.
///
/// # Errors
/// When the database fails.
pub fn progress(conn: &mut Conn, import: &Import) -> Result<Import, Problem> {
    let after = Import { updated_at: Timestamp::now(), ..import.clone() };
    diesel::update(imports::table.find(after.id)).set(&ImportRecord::of(&after)).execute(conn)?;
    Ok(after)
}

/// Takes an import from one state to another.
///
/// # Errors
/// When the database fails.
pub fn update(conn: &mut Conn, actor: Option<Id>, before: &Import, after: Import) -> Result<Import, Problem> {
    let after = progress(conn, &Import { version: before.version + 1, ..after })?;
    record(conn, actor, "import.statusChanged", Some(before), &after)?;
    Ok(after)
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Import>,
    after: &Import,
) -> Result<(), Problem> {
    let told = |import: &Import| json!({"state": import.state, "fileName": import.file_name, "digest": import.digest});
    let (aggregate, id, version) = ("import", after.id.to_string(), after.version);
    let (before, after) = (before.map_or(Value::Null, told), told(after));
    journal::record(conn, &Change { actor, kind, aggregate, id, version, before, after, personal: &[] })
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = import_rows, primary_key(import_id, sheet, number), treat_none_as_null = true)]
struct RowRecord {
    import_id: Id,
    sheet: String,
    number: i64,
    form: Form,
    key: String,
    cells: Json,
    outcome: Option<RowOutcome>,
    project_id: Option<Id>,
    version: Option<i64>,
    new_version: Option<i64>,
    changes: Option<Json>,
    findings: Option<Json>,
    before: Option<Json>,
    replaced: Option<Json>,
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
    /// Puts a text in place of another in its cells and in what is kept to be put back; says whether it was there.
    fn replace(&mut self, text: &str, instead: &str) -> bool {
        let kept = [&mut self.changes, &mut self.findings, &mut self.before, &mut self.replaced];
        let is_in_cells = replace(&mut self.cells.0, text, instead);
        kept.into_iter().flatten().fold(is_in_cells, |found, json| replace(&mut json.0, text, instead) | found)
    }

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
pub fn rows(
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
pub fn rows_of(
    conn: &mut Conn,
    import: Id,
    form: Form,
    keys: &[String],
) -> Result<BTreeMap<String, Vec<Row>>, Problem> {
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

/// The journal's latest number.
///
/// # Errors
/// When the database fails.
pub fn latest_change(conn: &mut Conn) -> Result<i64, Problem> {
    Ok(changes::table.select(dsl::max(changes::number)).first::<Option<i64>>(conn)?.unwrap_or_default())
}

/// The organisations that were registered after a number of the journal.
///
/// # Errors
/// When the database fails.
pub fn organisations_since(conn: &mut Conn, number: i64) -> Result<Vec<Id>, Problem> {
    let ids: Vec<String> = changes::table
        .filter(changes::number.gt(number))
        .filter(changes::kind.eq("organisation.created"))
        .select(changes::aggregate_id)
        .load(conn)?;
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
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

/// How many rows are looked through at once for somebody's name.
const PAGE: i64 = 500;

/// The rows of files that have a name in a cell of its own: import, sheet and number.
///
/// # Errors
/// When the database fails.
pub fn naming(conn: &mut Conn, name: &str) -> Result<Vec<(Id, String, i64)>, Problem> {
    let mut found = Vec::new();
    each_record(conn, |_, mut record| {
        if record.replace(name, name) {
            found.push((record.import_id, record.sheet, record.number));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Puts another text in place of a name wherever files had it in a cell of its own, also in what is kept to be put back.
///
/// # Errors
/// When the database fails.
pub fn rename(conn: &mut Conn, name: &str, instead: &str) -> Result<(), Problem> {
    each_record(conn, |conn, mut record| {
        if record.replace(name, instead) {
            let own = import_rows::table.find((record.import_id, record.sheet.clone(), record.number));
            diesel::update(own).set(&record).execute(conn)?;
        }
        Ok(())
    })?;
    external::store::rename(conn, name, instead)
}

/// Goes through the rows of all imports, some at a time.
fn each_record(
    conn: &mut Conn,
    mut work: impl FnMut(&mut Conn, RowRecord) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut last: Option<(Id, String, i64)> = None;
    loop {
        let mut query = import_rows::table
            .order((import_rows::import_id, import_rows::sheet, import_rows::number))
            .limit(PAGE)
            .into_boxed::<Backend>();
        if let Some((import, sheet, number)) = last {
            let later = import_rows::sheet
                .gt(sheet.clone())
                .or(import_rows::sheet.eq(sheet).and(import_rows::number.gt(number)));
            query = query.filter(import_rows::import_id.gt(import).or(import_rows::import_id.eq(import).and(later)));
        }
        let records: Vec<RowRecord> = query.load(conn)?;
        let Some(end) = records.last() else { return Ok(()) };
        last = Some((end.import_id, end.sheet.clone(), end.number));
        for record in records {
            work(conn, record)?;
        }
    }
}

/// Puts a text in place of another, however that is capitalised; says whether it was there.
pub(super) fn replace(value: &mut Value, text: &str, instead: &str) -> bool {
    match value {
        Value::String(own) if own.to_lowercase() == text.to_lowercase() => {
            instead.clone_into(own);
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| replace(item, text, instead) | found),
        Value::Object(members) => members.values_mut().fold(false, |found, item| replace(item, text, instead) | found),
        _ => false,
    }
}
