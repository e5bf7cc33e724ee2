//! Which projects to list, and in what order.

use chrono::NaiveDate;

use super::lifecycle::Status;
use super::model::{ProjectKind, Visibility};
use super::sight::Sight;
use crate::code_list::code_list;
use crate::id::Id;
use crate::language::query::Clause;

code_list! {
    /// What projects are sorted by; a hyphen turns the order round. Unknown values come last either way.
    pub enum ProjectSort {
        /// Title, in Swedish order.
        Title = "title", "titel";
        /// Title, last first.
        TitleDescending = "-title", "titel, omvänt";
        /// First day.
        StartDate = "startDate", "startdag";
        /// First day, latest first.
        StartDateDescending = "-startDate", "startdag, senaste först";
        /// Last day.
        EndDate = "endDate", "slutdag";
        /// Last day, latest first.
        EndDateDescending = "-endDate", "slutdag, senaste först";
        /// Time of registration.
        CreatedAt = "createdAt", "registrerad";
        /// Time of registration, latest first.
        CreatedAtDescending = "-createdAt", "registrerad, senaste först";
        /// Time of the last change.
        UpdatedAt = "updatedAt", "ändrad";
        /// Time of the last change, latest first.
        UpdatedAtDescending = "-updatedAt", "ändrad, senaste först";
        /// Reference.
        Reference = "reference", "beteckning";
        /// Reference, last first.
        ReferenceDescending = "-reference", "beteckning, omvänt";
        /// Total cost.
        TotalCost = "totalCost", "kostnad";
        /// Total cost, largest first.
        TotalCostDescending = "-totalCost", "kostnad, störst först";
        /// Total funding.
        TotalFunding = "totalFunding", "finansiering";
        /// Total funding, largest first.
        TotalFundingDescending = "-totalFunding", "finansiering, störst först";
    }
}

/// Conditions that a listed project meets, all of them; within one, any of the values.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Visible to the caller.
    pub sight: Sight,
    /// Registered under this strategy; for codes, the strategy they are of.
    pub strategy_id: Option<String>,
    /// In one of these states.
    pub status: Option<Vec<Status>>,
    /// Of one of these visibilities.
    pub visibility: Option<Vec<Visibility>>,
    /// Of one of these kinds.
    pub kind: Option<Vec<ProjectKind>>,
    /// Aligned with a sub-goal of one of these goal areas.
    pub goal_area: Option<Vec<String>>,
    /// Aligned with one of these sub-goals.
    pub sub_goal: Option<Vec<String>>,
    /// Aligned with one of these measures.
    pub measure: Option<Vec<String>>,
    /// Paid by one of these sources.
    pub funding_source: Option<Vec<String>>,
    /// With one of these organisations as stakeholder or financier.
    pub organisation: Option<Vec<Id>>,
    /// Concerning one of these municipalities.
    pub municipality: Option<Vec<String>>,
    /// Going on on this day or later.
    pub period_from: Option<NaiveDate>,
    /// Begun before this day.
    pub period_to: Option<NaiveDate>,
    /// Costing at least so many öre.
    pub cost_from: Option<i64>,
    /// Costing less than so many öre.
    pub cost_to: Option<i64>,
    /// Funded with at least so many öre.
    pub funding_from: Option<i64>,
    /// Funded with less than so many öre.
    pub funding_to: Option<i64>,
    /// Saying what each of these asks for; where a search has none, nothing is found.
    pub clauses: Option<Vec<Clause>>,
    /// The order; equal ones by id.
    pub sort: Vec<ProjectSort>,
}
