//! Writes and reads the journal.

use diesel::dsl;
use diesel::prelude::*;

use super::model::{Change, without};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::changes;
use crate::db::types::Json;
use crate::problem::Problem;

/// Records a change. Call it in the transaction that makes the change.
///
/// # Errors
/// When the row cannot be written.
pub fn record(conn: &mut Conn, change: &Change<'_>) -> Result<(), Problem> {
    let (before, after) = change.differences();
    diesel::insert_into(changes::table)
        .values((
            changes::at.eq(Timestamp::now()),
            changes::actor.eq(change.actor),
            changes::kind.eq(change.kind),
            changes::aggregate.eq(change.aggregate),
            changes::aggregate_id.eq(&change.id),
            changes::version.eq(change.version),
            changes::before.eq(before.map(Json)),
            changes::after.eq(after.map(Json)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The latest change's number, 0 when there is none.
///
/// # Errors
/// When the database fails.
pub fn latest(conn: &mut Conn) -> Result<i64, Problem> {
    Ok(changes::table.select(dsl::max(changes::number)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// The ids of what was registered of a kind after a change, by that change's number.
///
/// # Errors
/// When the database fails.
pub fn created_after(conn: &mut Conn, number: i64, aggregate: &str) -> Result<Vec<String>, Problem> {
    Ok(changes::table
        .filter(changes::number.gt(number))
        .filter(changes::kind.eq(format!("{aggregate}.created")))
        .select(changes::aggregate_id)
        .load(conn)?)
}

/// Whether nobody but the program itself has changed a thing.
///
/// # Errors
/// When the database fails.
pub fn is_the_programs(conn: &mut Conn, aggregate: &str, id: &str) -> Result<bool, Problem> {
    let by_people = changes::table
        .filter(changes::aggregate.eq(aggregate))
        .filter(changes::aggregate_id.eq(id))
        .filter(changes::actor.is_not_null());
    Ok(by_people.count().get_result::<i64>(conn)? == 0)
}

/// The version that the journal gives a thing without one of its own: its latest change's, 0 when there is none.
///
/// # Errors
/// When the database fails.
pub fn version(conn: &mut Conn, aggregate: &str, id: &str) -> Result<i64, Problem> {
    let latest = changes::table
        .filter(changes::aggregate.eq(aggregate))
        .filter(changes::aggregate_id.eq(id))
        .order(changes::number.desc())
        .select(changes::version)
        .first(conn)
        .optional()?;
    Ok(latest.unwrap_or(0))
}

/// Replaces the values of some members in every row of a thing, when they turn out to be personal.
///
/// # Errors
/// When the database fails.
pub fn withhold(conn: &mut Conn, aggregate: &str, id: &str, personal: &[&str]) -> Result<(), Problem> {
    let rows: Vec<(i64, Option<Json>, Option<Json>)> = changes::table
        .filter(changes::aggregate.eq(aggregate))
        .filter(changes::aggregate_id.eq(id))
        .select((changes::number, changes::before, changes::after))
        .load(conn)?;
    let without = |json: Option<Json>| json.map(|json| Json(without(json.0, personal)));
    for (number, before, after) in rows {
        diesel::update(changes::table.find(number))
            .set((changes::before.eq(without(before)), changes::after.eq(without(after))))
            .execute(conn)?;
    }
    Ok(())
}
