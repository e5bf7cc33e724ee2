//! Writes the journal.

use diesel::prelude::*;

use super::model::Change;
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
