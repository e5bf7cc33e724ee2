//! The words that a project is found by, in a portable index: every distinct word once, and which projects have it.
//!
//! Both databases answer "has a word that contains this" from it by one query; the words of a language are few however
//! many the projects, so looking through them is cheap, and an index leads on from each.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::model::Project;
use crate::db::schema::{project_words, words};
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;
use crate::text;

/// How many words one statement names.
const CHUNK: usize = 500;

/// The words of a project itself; organisations are found by their own names.
pub(super) fn of(project: &Project) -> HashSet<String> {
    let facts = &project.facts;
    let mut text = format!("{} {} {}", project.reference, facts.title, facts.summary.as_deref().unwrap_or_default());
    let places = facts.places.iter().map(String::as_str);
    let numbers = facts.case_numbers.iter().map(|case| case.number.as_str());
    let lines =
        project.funding_lines.iter().flat_map(|line| &line.commitments).filter_map(|step| step.case_number.as_deref());
    for part in places.chain(numbers).chain(lines) {
        text.push(' ');
        text.push_str(part);
    }
    text::words(&text).into_iter().collect()
}

/// Brings the index to what the project says.
pub(super) fn save(
    conn: &mut Conn,
    project: Id,
    before: &HashSet<String>,
    after: &HashSet<String>,
) -> Result<(), Problem> {
    let gone: Vec<String> = before.difference(after).cloned().collect();
    let new: Vec<String> = after.difference(before).cloned().collect();
    for chunk in gone.chunks(CHUNK) {
        let ids: Vec<i64> = known(conn, chunk)?.into_values().collect();
        diesel::delete(
            project_words::table
                .filter(project_words::project_id.eq(project))
                .filter(project_words::word_id.eq_any(ids)),
        )
        .execute(conn)?;
    }
    for chunk in new.chunks(CHUNK) {
        let present = known(conn, chunk)?;
        let missing: Vec<_> =
            chunk.iter().filter(|word| !present.contains_key(*word)).map(|word| words::word.eq(word)).collect();
        if !missing.is_empty() {
            let insert = diesel::insert_into(words::table).values(missing);
            on_each!(conn => insert.execute(conn))?;
        }
        let rows: Vec<_> = known(conn, chunk)?
            .into_values()
            .map(|word| (project_words::project_id.eq(project), project_words::word_id.eq(word)))
            .collect();
        let insert = diesel::insert_into(project_words::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}

fn known(conn: &mut Conn, chunk: &[String]) -> Result<HashMap<String, i64>, Problem> {
    let rows: Vec<(String, i64)> =
        words::table.filter(words::word.eq_any(chunk)).select((words::word, words::id)).load(conn)?;
    Ok(rows.into_iter().collect())
}
