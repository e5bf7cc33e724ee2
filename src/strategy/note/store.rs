//! Notes on measures in the database. A measure's notes have a version, which the journal counts.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::Note;
use crate::db::Conn;
use crate::db::schema::measure_notes;
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::Problem;
use crate::strategy::model::retired;
use crate::strategy::store;

const AGGREGATE: &str = "measure";

/// The version of a measure's notes: how many changes they have had.
///
/// # Errors
/// 404 when there is no such measure.
pub fn version(conn: &mut Conn, strategy: &str, measure: &str) -> Result<i64, Problem> {
    store::is_measure_retired(conn, strategy, measure)?;
    journal::version(conn, AGGREGATE, &Note::key(strategy, measure))
}

/// A measure's notes, the latest first.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, strategy: &str, measure: &str) -> Result<Vec<Note>, Problem> {
    Ok(measure_notes::table
        .filter(measure_notes::strategy_id.eq(strategy))
        .filter(measure_notes::measure_code.eq(measure))
        .order((measure_notes::date.desc(), measure_notes::id.desc()))
        .load(conn)?)
}

/// What an account has noted, in order.
///
/// # Errors
/// When the database fails.
pub fn by(conn: &mut Conn, account: Id) -> Result<Vec<Note>, Problem> {
    Ok(measure_notes::table.filter(measure_notes::recorded_by.eq(account)).order(measure_notes::id).load(conn)?)
}

/// The latest note on each measure of a strategy that has one, by the measure's code.
///
/// # Errors
/// When the database fails.
pub fn latest(conn: &mut Conn, strategy: &str) -> Result<HashMap<String, Note>, Problem> {
    let notes: Vec<Note> = measure_notes::table
        .filter(measure_notes::strategy_id.eq(strategy))
        .order((measure_notes::date, measure_notes::id))
        .load(conn)?;
    Ok(notes.into_iter().map(|note| (note.measure_code.clone(), note)).collect())
}

/// Adds a note; gives the new version.
///
/// # Errors
/// 404 without such a measure, 409 when it is retired.
pub fn insert(conn: &mut Conn, note: &Note) -> Result<i64, Problem> {
    if store::is_measure_retired(conn, &note.strategy_id, &note.measure_code)? {
        return Err(retired());
    }
    diesel::insert_into(measure_notes::table).values(note).execute(conn)?;
    record(conn, note.recorded_by, note, "measure.noteAdded", (Value::Null, picture(note)))
}

/// Removes a note; gives the new version.
///
/// # Errors
/// 404 when the measure has no such note.
pub fn remove(conn: &mut Conn, actor: Option<Id>, strategy: &str, measure: &str, id: Id) -> Result<i64, Problem> {
    let present = list(conn, strategy, measure)?;
    let note = present.iter().find(|note| note.id == id);
    let note = note.ok_or_else(|| Problem::not_found("Noteringen", "The note"))?;
    diesel::delete(measure_notes::table.find(id)).execute(conn)?;
    record(conn, actor, note, "measure.noteRemoved", (picture(note), Value::Null))
}

fn picture(note: &Note) -> Value {
    json!({"id": note.id, "standing": note.standing, "text": note.text, "date": note.date})
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    note: &Note,
    kind: &str,
    (before, after): (Value, Value),
) -> Result<i64, Problem> {
    let id = Note::key(&note.strategy_id, &note.measure_code);
    let version = journal::version(conn, AGGREGATE, &id)? + 1;
    let (aggregate, personal) = (AGGREGATE, &[][..]);
    journal::record(conn, &Change { actor, kind, aggregate, id, version, before, after, personal })?;
    Ok(version)
}
