//! Where imported files have somebody's name, and what takes its place when that is to be forgotten.

use diesel::prelude::*;
use serde_json::Value;

use super::external;
use super::rows::RowRecord;
use crate::db::schema::import_rows;
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::problem::Problem;

/// How many rows are looked through at once for somebody's name.
const PAGE: i64 = 500;

/// The rows of files that have a name in a cell of its own: import, sheet and number.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, name: &str) -> Result<Vec<(Id, String, i64)>, Problem> {
    let mut found = Vec::new();
    each_record(conn, |_, mut record| {
        if replace_in(&mut record, name, name) {
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
        if replace_in(&mut record, name, instead) {
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

/// Puts a text in place of another in a row's cells and in what is kept to be put back; says whether it was there.
fn replace_in(record: &mut RowRecord, text: &str, instead: &str) -> bool {
    let kept = [&mut record.changes, &mut record.findings, &mut record.before, &mut record.replaced];
    let is_in_cells = replace(&mut record.cells.0, text, instead);
    kept.into_iter().flatten().fold(is_in_cells, |found, json| replace(&mut json.0, text, instead) | found)
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
