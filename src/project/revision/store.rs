//! Revisions in the database: added, never changed.

use diesel::prelude::*;

use super::model::Revision;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::revisions;
use crate::id::Id;
use crate::problem::Problem;

#[derive(Queryable, Insertable)]
#[diesel(table_name = revisions)]
struct Row {
    id: Id,
    project_id: Id,
    reason: String,
    parts: String,
    recorded_at: Timestamp,
    recorded_by: Option<Id>,
    version: i64,
}

/// Keeps a revision. Call it in the transaction that makes the change.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut Conn, revision: &Revision) -> Result<(), Problem> {
    let Revision { id, project_id, reason, parts, recorded_at, recorded_by, version } = revision.clone();
    let parts = parts.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(" ");
    let row = Row { id, project_id, reason, parts, recorded_at, recorded_by, version };
    diesel::insert_into(revisions::table).values(&row).execute(conn)?;
    Ok(())
}

/// A project's revisions, oldest first.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, project: Id) -> Result<Vec<Revision>, Problem> {
    let rows: Vec<Row> = revisions::table.filter(revisions::project_id.eq(project)).order(revisions::id).load(conn)?;
    Ok(rows
        .into_iter()
        .map(|Row { id, project_id, reason, parts, recorded_at, recorded_by, version }| {
            let parts = parts.split(' ').filter_map(|part| part.parse().ok()).collect();
            Revision { id, project_id, reason, parts, recorded_at, recorded_by, version }
        })
        .collect())
}
