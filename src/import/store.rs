//! Imports in the database: what files have been read, and how far each has come.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::model::{Counts, Import, ImportState, Options};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::imports;
use crate::db::types::Json;
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

pub(super) fn written<T: Serialize>(value: &T) -> Json {
    Json(json!(value))
}

pub(super) fn read<T: DeserializeOwned>(json: Json) -> Result<T, Problem> {
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
