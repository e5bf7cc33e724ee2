//! Reads the survey.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Claim, Sums, Surveyed};
use crate::db::schema::{alignments, organisations, projects, stakeholders};
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::organisation::Sector;
use crate::problem::Problem;
use crate::project::Status;
use crate::project::alignment::Assessment;
use crate::project::filter::Filter;
use crate::project::query::matching;

#[derive(Queryable)]
struct Row {
    id: Id,
    title_key: String,
    strategy_id: String,
    status: Status,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    total_cost: Option<i64>,
    total_funding: Option<i64>,
    total_granted: Option<i64>,
}

/// How many projects' parts are looked up one by one.
const FEW: usize = 500;

type ClaimRow = (Id, String, String, Option<String>, Option<i32>, Assessment);

/// The projects that a filter lets through.
///
/// # Errors
/// When the database fails.
pub fn survey(conn: &mut Conn, filter: &Filter) -> Result<Vec<Surveyed>, Problem> {
    let rows: Vec<Row> = matching(filter)
        .select((
            projects::id,
            projects::title_key,
            projects::strategy_id,
            projects::status,
            projects::start_date,
            projects::end_date,
            projects::total_cost,
            projects::total_funding,
            projects::total_granted,
        ))
        .load(conn)?;
    // A few projects' parts are looked up; of many, all parts are read and those of other projects passed over.
    let few = (rows.len() <= FEW).then(|| rows.iter().map(|row| row.id).collect::<Vec<_>>());
    let mut query = alignments::table
        .order(alignments::id)
        .select((
            alignments::project_id,
            alignments::strategy_id,
            alignments::sub_goal_code,
            alignments::measure_code,
            alignments::share,
            alignments::assessment,
        ))
        .into_boxed::<Backend>();
    if let Some(ids) = &few {
        query = query.filter(alignments::project_id.eq_any(ids.clone()));
    }
    let claim_rows: Vec<ClaimRow> = query.load(conn)?;
    let mut query = stakeholders::table
        .inner_join(organisations::table)
        .select((stakeholders::project_id, organisations::sector))
        .distinct()
        .into_boxed::<Backend>();
    if let Some(ids) = few {
        query = query.filter(stakeholders::project_id.eq_any(ids));
    }
    let sector_rows: Vec<(Id, Sector)> = query.load(conn)?;
    let mut claims: HashMap<Id, Vec<Claim>> = HashMap::new();
    for (project, strategy_id, sub_goal, measure, share, assessment) in claim_rows {
        claims.entry(project).or_default().push(Claim { strategy_id, sub_goal, measure, share, assessment });
    }
    let mut sectors: HashMap<Id, BTreeSet<Sector>> = HashMap::new();
    for (project, sector) in sector_rows {
        sectors.entry(project).or_default().insert(sector);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let granted = row.total_granted.unwrap_or(0);
            Surveyed {
                claims: claims.remove(&row.id).unwrap_or_default(),
                sectors: sectors.remove(&row.id).unwrap_or_default(),
                id: row.id,
                title_key: row.title_key,
                strategy_id: row.strategy_id,
                status: row.status,
                start_date: row.start_date,
                end_date: row.end_date,
                sums: Sums {
                    total_cost: row.total_cost.unwrap_or(0),
                    granted,
                    not_yet_granted: row.total_funding.unwrap_or(0) - granted,
                },
                has_known_cost: row.total_cost.is_some(),
                has_known_funding: row.total_funding.is_some(),
            }
        })
        .collect())
}
