//! Reads the audit trail from the journal.

use diesel::prelude::*;

use super::model::{AUDITED, Event, Filter};
use crate::clock::Timestamp;
use crate::db::schema::changes;
use crate::db::types::Json;
use crate::db::{Backend, Conn};
use crate::history::model::{Cursor, Entry};
use crate::id::Id;
use crate::problem::Problem;

#[derive(Queryable)]
struct Row {
    number: i64,
    at: Timestamp,
    actor: Option<Id>,
    kind: String,
    aggregate: String,
    aggregate_id: String,
    version: i64,
    before: Option<Json>,
    after: Option<Json>,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        let Row { number, at, actor, kind, aggregate, aggregate_id, version, before, after } = row;
        let (before, after) = (before.map(|json| json.0), after.map(|json| json.0));
        let entry = Entry { at, actor, kind, version, before, after };
        Self { cursor: Cursor(number), aggregate, id: aggregate_id, entry }
    }
}

/// A page of the trail, the latest first, and how many events a filter lets through.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<Event>, i64), Problem> {
    let matching = || {
        let mut query = changes::table.filter(changes::aggregate.eq_any(AUDITED)).into_boxed::<Backend>();
        if let Some(kind) = &filter.kind {
            query = query.filter(changes::kind.eq(kind));
        }
        if let Some(actor) = filter.actor {
            query = query.filter(changes::actor.eq(actor));
        }
        if let Some(subject) = &filter.subject {
            query = query.filter(changes::aggregate_id.eq(subject));
        }
        if let Some(from) = filter.from {
            query = query.filter(changes::at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(changes::at.lt(to));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let rows: Vec<Row> = matching().order(changes::number.desc()).offset(offset).limit(limit).load(conn)?;
    Ok((rows.into_iter().map(Into::into).collect(), total))
}

/// What an account has done, and what has been done with it, the latest first.
///
/// # Errors
/// When the database fails.
pub fn of_account(conn: &mut Conn, account: Id) -> Result<Vec<Event>, Problem> {
    let with_it = changes::aggregate.eq_any(AUDITED).and(changes::aggregate_id.eq(account.to_string()));
    let rows: Vec<Row> =
        changes::table.filter(changes::actor.eq(account).or(with_it)).order(changes::number.desc()).load(conn)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
