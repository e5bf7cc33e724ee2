//! Which projects a filter lets through, and in what order, as queries.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::filter::{Filter, ProjectSort};
use super::model::Visibility;
use super::sight::Sight;
use super::{search, stakeholder};
use crate::db::Backend;
use crate::db::schema::{alignments, funding_lines, project_municipalities, projects, stakeholders, sub_goals};
use crate::id::Id;

/// Lets through what the caller may see.
#[must_use]
#[diesel::dsl::auto_type(no_type_alias)]
pub fn seen(sight: Sight) -> _ {
    let visibilities: Vec<Visibility> = sight.visibilities.to_vec();
    let organisations: Vec<Id> = sight.owner.into_iter().collect();
    let owns: &'static str = stakeholder::store::OWNS;
    let owned = stakeholders::table
        .filter(stakeholders::organisation_id.eq_any(organisations))
        .filter(stakeholders::roles.like(owns))
        .select(stakeholders::project_id);
    projects::visibility.eq_any(visibilities).or(projects::id.eq_any(owned))
}

/// A query of projects that is put together at run time.
pub type Query<'a> = projects::BoxedQuery<'a, Backend>;

/// The projects that a filter lets through, for later rooms to read on from.
#[must_use]
pub fn matching(filter: &Filter) -> Query<'_> {
    let mut query = projects::table.into_boxed::<Backend>();
    match filter.sight {
        sight if sight.is_whole() => {}
        Sight { visibilities, owner: None } => query = query.filter(projects::visibility.eq_any(visibilities.to_vec())),
        sight => query = query.filter(seen(sight)),
    }
    if let Some(wanted) = &filter.status {
        query = query.filter(projects::status.eq_any(wanted.clone()));
    }
    if let Some(wanted) = &filter.visibility {
        query = query.filter(projects::visibility.eq_any(wanted.clone()));
    }
    if let Some(wanted) = &filter.kind {
        query = query.filter(projects::kind.eq_any(wanted.clone()));
    }
    if let Some(day) = filter.period_from {
        query = query.filter(projects::end_date.ge(day));
    }
    if let Some(day) = filter.period_to {
        query = query.filter(projects::start_date.lt(day));
    }
    if let Some(ore) = filter.cost_from {
        query = query.filter(projects::total_cost.ge(ore));
    }
    if let Some(ore) = filter.cost_to {
        query = query.filter(projects::total_cost.lt(ore));
    }
    if let Some(ore) = filter.funding_from {
        query = query.filter(projects::total_funding.ge(ore));
    }
    if let Some(ore) = filter.funding_to {
        query = query.filter(projects::total_funding.lt(ore));
    }
    by_parts(by_alignment(query, filter), filter)
}

/// Codes mean the filter's strategy; without codes, the strategy is the one that a project is registered under.
fn by_alignment<'a>(mut query: Query<'a>, filter: &'a Filter) -> Query<'a> {
    let Some(strategy) = filter.strategy_id.clone() else { return query };
    let aligned = || alignments::table.filter(alignments::strategy_id.eq(strategy.clone()));
    if let Some(codes) = &filter.sub_goal {
        let ids = aligned().filter(alignments::sub_goal_code.eq_any(codes)).select(alignments::project_id);
        query = query.filter(projects::id.eq_any(ids));
    }
    if let Some(codes) = &filter.measure {
        let ids = aligned()
            .filter(alignments::measure_code.eq_any(codes.iter().map(Some).collect::<Vec<_>>()))
            .select(alignments::project_id);
        query = query.filter(projects::id.eq_any(ids));
    }
    if let Some(codes) = &filter.goal_area {
        let goals = sub_goals::table
            .filter(sub_goals::strategy_id.eq(strategy.clone()))
            .filter(sub_goals::goal_area_code.eq_any(codes))
            .select(sub_goals::code);
        let ids = aligned().filter(alignments::sub_goal_code.eq_any(goals)).select(alignments::project_id);
        query = query.filter(projects::id.eq_any(ids));
    }
    if filter.sub_goal.is_none() && filter.measure.is_none() && filter.goal_area.is_none() {
        query = query.filter(projects::strategy_id.eq(strategy));
    }
    query
}

fn by_parts<'a>(mut query: Query<'a>, filter: &'a Filter) -> Query<'a> {
    if let Some(codes) = &filter.funding_source {
        let ids =
            funding_lines::table.filter(funding_lines::source_code.eq_any(codes)).select(funding_lines::project_id);
        query = query.filter(projects::id.eq_any(ids));
    }
    if let Some(ids) = &filter.organisation {
        let taking_part = stakeholders::table
            .filter(stakeholders::organisation_id.eq_any(ids.clone()))
            .select(stakeholders::project_id);
        let paying = funding_lines::table
            .filter(funding_lines::organisation_id.eq_any(ids.iter().map(|id| Some(*id)).collect::<Vec<_>>()))
            .select(funding_lines::project_id);
        query = query.filter(projects::id.eq_any(taking_part).or(projects::id.eq_any(paying)));
    }
    if let Some(codes) = &filter.municipality {
        let ids = project_municipalities::table
            .filter(project_municipalities::municipality_code.eq_any(codes))
            .select(project_municipalities::project_id);
        query = query.filter(projects::id.eq_any(ids));
    }
    if filter.clauses.as_ref().is_some_and(Vec::is_empty) {
        query = query.filter(false.into_sql::<Bool>());
    }
    for clause in filter.clauses.iter().flatten() {
        query = query.filter(search::says(clause));
    }
    query
}

/// Puts projects in order: by these keys, then by id.
#[must_use]
pub fn sorted<'a>(mut query: Query<'a>, sort: &[ProjectSort]) -> Query<'a> {
    macro_rules! by {
        ($column:expr, ascending) => {
            query.then_order_by($column.asc())
        };
        ($column:expr, descending) => {
            query.then_order_by($column.desc())
        };
        ($column:expr, $order:ident, unknown last) => {{
            query = query.then_order_by($column.is_null());
            by!($column, $order)
        }};
    }
    let mut descending = false;
    for key in sort {
        descending = key.as_str().starts_with('-');
        query = match key {
            ProjectSort::Title => by!(projects::title_key, ascending),
            ProjectSort::TitleDescending => by!(projects::title_key, descending),
            ProjectSort::StartDate => by!(projects::start_date, ascending, unknown last),
            ProjectSort::StartDateDescending => by!(projects::start_date, descending, unknown last),
            ProjectSort::EndDate => by!(projects::end_date, ascending, unknown last),
            ProjectSort::EndDateDescending => by!(projects::end_date, descending, unknown last),
            ProjectSort::CreatedAt => by!(projects::created_at, ascending),
            ProjectSort::CreatedAtDescending => by!(projects::created_at, descending),
            ProjectSort::UpdatedAt => by!(projects::updated_at, ascending),
            ProjectSort::UpdatedAtDescending => by!(projects::updated_at, descending),
            ProjectSort::Reference => by!(projects::reference, ascending),
            ProjectSort::ReferenceDescending => by!(projects::reference, descending),
            ProjectSort::TotalCost => by!(projects::total_cost, ascending, unknown last),
            ProjectSort::TotalCostDescending => by!(projects::total_cost, descending, unknown last),
            ProjectSort::TotalFunding => by!(projects::total_funding, ascending, unknown last),
            ProjectSort::TotalFundingDescending => by!(projects::total_funding, descending, unknown last),
        };
    }
    // The same way round as the last key, so that an index serves both.
    if descending { query.then_order_by(projects::id.desc()) } else { query.then_order_by(projects::id.asc()) }
}
