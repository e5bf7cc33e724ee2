//! Changes of state in the database: added, never changed.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Decision, StatusChange};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::status_changes;
use crate::db::types::Json;
use crate::id::Id;
use crate::problem::Problem;
use crate::project::lifecycle::Status;

#[derive(Queryable, Insertable)]
#[diesel(table_name = status_changes)]
struct Row {
    id: Id,
    project_id: Id,
    from_status: Option<Status>,
    status: Status,
    reason: Option<String>,
    at: Timestamp,
    actor: Option<Id>,
    version: i64,
    asks_for: Option<Json>,
    due_date: Option<NaiveDate>,
    decision_date: Option<NaiveDate>,
    decision_body: Option<String>,
    decision_case_number: Option<String>,
}

/// Keeps a change of state. Call it in the transaction that makes the change.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut Conn, change: &StatusChange) -> Result<(), Problem> {
    let StatusChange { id, project_id, from_status, status, reason, at, actor, version, .. } = change.clone();
    let decision = change.decision.as_ref();
    let row = Row {
        id,
        project_id,
        from_status,
        status,
        reason,
        at,
        actor,
        version,
        asks_for: (!change.asks_for.is_empty()).then(|| Json(change.asks_for.clone().into())),
        due_date: change.due_date,
        decision_date: decision.map(|decision| decision.date),
        decision_body: decision.map(|decision| decision.body.clone()),
        decision_case_number: decision.and_then(|decision| decision.case_number.clone()),
    };
    diesel::insert_into(status_changes::table).values(&row).execute(conn)?;
    Ok(())
}

/// The changes of a project's state, oldest first.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, project: Id) -> Result<Vec<StatusChange>, Problem> {
    let rows: Vec<Row> =
        status_changes::table.filter(status_changes::project_id.eq(project)).order(status_changes::id).load(conn)?;
    rows.into_iter().map(Row::into_change).collect()
}

impl Row {
    fn into_change(self) -> Result<StatusChange, Problem> {
        let case_number = self.decision_case_number;
        let decision = self.decision_date.zip(self.decision_body);
        let asks_for =
            self.asks_for.map(|json| serde_json::from_value(json.0)).transpose().map_err(Problem::internal)?;
        Ok(StatusChange {
            id: self.id,
            project_id: self.project_id,
            from_status: self.from_status,
            status: self.status,
            reason: self.reason,
            at: self.at,
            actor: self.actor,
            version: self.version,
            asks_for: asks_for.unwrap_or_default(),
            due_date: self.due_date,
            decision: decision.map(|(date, body)| Decision { date, body, case_number }),
        })
    }
}
