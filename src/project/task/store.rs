//! Finds what waits for an account: five statements, however much there is.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{NOTICE, Task, TaskKind, sort};
use crate::auth::{self, Principal};
use crate::db::Conn;
use crate::db::schema::{
    alignments, indicator_values, indicators, projects, reporting_dates, status_changes, sub_goals,
};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::alignment::model::Assessment;
use crate::project::indicator::model::Approval;
use crate::project::lifecycle::{Act, Standing, Status};
use crate::project::query::seen;
use crate::project::reporting_date::model::ReportKind;
use crate::project::sight::Sight;
use crate::strategy;

/// A project: id, reference, title.
type Of = (Id, String, String);

/// A claim: id, strategy, sub-goal, who made and who last changed it, goal area, project.
type Claim = (Id, String, String, (Option<Id>, Option<Id>), String, Of);

fn allowing(act: Act) -> Vec<Status> {
    Status::ALL.iter().copied().filter(|status| status.allows(act, Standing::Department)).collect()
}

fn task(kind: TaskKind, (project_id, reference, title): Of) -> Task {
    Task { kind, project_id, reference, title, due_date: None, subject: None, sub_goal: None, report: None }
}

/// What waits for the caller on a day: of every project for the department, supplements and reports of its own projects for
/// an owner.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, caller: &Principal, today: NaiveDate) -> Result<Vec<Task>, Problem> {
    let (mut tasks, mut sight) = (Vec::new(), Sight { visibilities: &[], owner: caller.organisation() });
    if let Some(id) = caller.id().filter(|_| caller.is_staff()) {
        sight = Sight::WHOLE;
        tasks.extend(claims(conn, id)?);
        tasks.extend(values(conn)?);
    }
    tasks.extend(supplements(conn, sight)?);
    tasks.extend(reports(conn, sight, today)?);
    sort(&mut tasks);
    Ok(tasks)
}

/// Claims in the caller's goal areas, and in those whose claim nobody responsible may assess; not the caller's own.
fn claims(conn: &mut Conn, id: Id) -> Result<Vec<Task>, Problem> {
    let self_assessors = auth::store::self_assessors(conn)?;
    let responsible: HashMap<(String, String), Id> = strategy::people::store::responsible_officers(conn)?
        .into_iter()
        .map(|(area, officer)| ((area.strategy, area.code), officer))
        .collect();
    let rows: Vec<Claim> =
        alignments::table
            .inner_join(projects::table)
            .inner_join(sub_goals::table.on(
                sub_goals::strategy_id.eq(alignments::strategy_id).and(sub_goals::code.eq(alignments::sub_goal_code)),
            ))
            .filter(alignments::assessment.eq(Assessment::Claimed))
            .filter(projects::status.eq_any(allowing(Act::Assess)))
            .select((
                alignments::id,
                alignments::strategy_id,
                alignments::sub_goal_code,
                (alignments::made_by, alignments::claimed_by),
                sub_goals::goal_area_code,
                (projects::id, projects::reference, projects::title),
            ))
            .load(conn)?;
    let is_mine = |(_, strategy, _, (made_by, claimed_by), area, _): &Claim| {
        let may_assess =
            |officer: Id| self_assessors.contains(&officer) || ![*made_by, *claimed_by].contains(&Some(officer));
        // Somebody responsible who may not assess it leaves it to the others.
        let officer = responsible.get(&(strategy.clone(), area.clone())).filter(|officer| may_assess(**officer));
        may_assess(id) && officer.is_none_or(|officer| *officer == id)
    };
    Ok(rows
        .into_iter()
        .filter(is_mine)
        .map(|(claim, _, sub_goal, _, _, of)| Task {
            subject: Some(claim),
            sub_goal: Some(sub_goal),
            ..task(TaskKind::AssessClaim, of)
        })
        .collect())
}

fn values(conn: &mut Conn) -> Result<Vec<Task>, Problem> {
    let rows: Vec<(Id, Of)> = indicator_values::table
        .inner_join(indicators::table.inner_join(projects::table))
        .filter(indicator_values::approval.eq(Approval::Reported))
        .filter(projects::status.eq_any(allowing(Act::FollowUp)))
        .select((indicator_values::id, (projects::id, projects::reference, projects::title)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, of)| Task { subject: Some(id), ..task(TaskKind::ApproveValue, of) }).collect())
}

/// Supplements that are still asked for: of several requests, the last one's day holds.
fn supplements(conn: &mut Conn, sight: Sight) -> Result<Vec<Task>, Problem> {
    let rows: Vec<(Option<NaiveDate>, Of)> = status_changes::table
        .inner_join(projects::table)
        .filter(seen(sight))
        .filter(projects::status.eq(Status::SupplementRequested))
        .filter(status_changes::status.eq(Status::SupplementRequested))
        .order(status_changes::id)
        .select((status_changes::due_date, (projects::id, projects::reference, projects::title)))
        .load(conn)?;
    let latest: HashMap<Id, (Option<NaiveDate>, Of)> = rows.into_iter().map(|row| (row.1.0, row)).collect();
    Ok(latest.into_values().map(|(due_date, of)| Task { due_date, ..task(TaskKind::Supplement, of) }).collect())
}

fn reports(conn: &mut Conn, sight: Sight, today: NaiveDate) -> Result<Vec<Task>, Problem> {
    let soon = today.checked_add_days(NOTICE).unwrap_or(today);
    let rows: Vec<(Id, ReportKind, NaiveDate, Of)> = reporting_dates::table
        .inner_join(projects::table)
        .filter(seen(sight))
        .filter(reporting_dates::done_date.is_null())
        .filter(reporting_dates::due_date.le(soon))
        .filter(projects::status.eq_any(vec![
            Status::Approved,
            Status::Ongoing,
            Status::Completed,
            Status::Discontinued,
        ]))
        .select((
            reporting_dates::id,
            reporting_dates::kind,
            reporting_dates::due_date,
            (projects::id, projects::reference, projects::title),
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, kind, due_date, of)| Task {
            due_date: Some(due_date),
            subject: Some(id),
            report: Some(kind),
            ..task(TaskKind::Report, of)
        })
        .collect())
}
