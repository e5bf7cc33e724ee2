//! What figures are made of.

use std::collections::BTreeSet;
use std::ops::AddAssign;

use chrono::{Datelike, NaiveDate};

use crate::id::Id;
use crate::organisation::Sector;
use crate::project::alignment::{Alignment, Assessment};
use crate::project::totals::totals;
use crate::project::{Project, Status};
use crate::text::sort_key;

/// An alignment without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The strategy of the codes.
    pub strategy_id: String,
    /// Code of the sub-goal.
    pub sub_goal: String,
    /// Code of the measure.
    pub measure: Option<String>,
    /// Whole percent.
    pub share: Option<i32>,
    /// On whose word.
    pub assessment: Assessment,
}

impl From<&Alignment> for Claim {
    fn from(alignment: &Alignment) -> Self {
        Self {
            strategy_id: alignment.strategy_id.clone(),
            sub_goal: alignment.sub_goal_code.clone(),
            measure: alignment.measure_code.clone(),
            share: alignment.share,
            assessment: alignment.assessment,
        }
    }
}

/// A project's money, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums<T = i64> {
    /// What it costs.
    pub total_cost: T,
    /// What is granted.
    pub granted: T,
    /// What is planned or applied for and not granted yet.
    pub not_yet_granted: T,
}

impl<T> Sums<T> {
    /// The same with each figure made another.
    pub fn map<U>(&self, make: impl Fn(&T) -> U) -> Sums<U> {
        Sums {
            total_cost: make(&self.total_cost),
            granted: make(&self.granted),
            not_yet_granted: make(&self.not_yet_granted),
        }
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.total_cost = self.total_cost.saturating_add(other.total_cost);
        self.granted = self.granted.saturating_add(other.granted);
        self.not_yet_granted = self.not_yet_granted.saturating_add(other.not_yet_granted);
    }
}

/// A project as figures see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveyed {
    /// Identifier.
    pub id: Id,
    /// What lists are sorted by.
    pub title_key: String,
    /// The strategy that it is registered under.
    pub strategy_id: String,
    /// Where it stands.
    pub status: Status,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// Its money in öre, as far as it is known in kronor.
    pub sums: Sums,
    /// Whether its cost is known.
    pub has_known_cost: bool,
    /// Whether any of its funding is known.
    pub has_known_funding: bool,
    /// Its alignments.
    pub claims: Vec<Claim>,
    /// The sectors of its stakeholders.
    pub sectors: BTreeSet<Sector>,
}

impl From<&Project> for Surveyed {
    fn from(project: &Project) -> Self {
        let totals = totals(&project.costs, &project.revenues, &project.funding_lines);
        let granted = totals.granted.unwrap_or(0);
        let not_yet_granted = totals.funding.unwrap_or(0) - granted;
        Self {
            id: project.id,
            title_key: sort_key(&project.facts.title),
            strategy_id: project.facts.strategy_id.clone(),
            status: project.status,
            start_date: project.facts.start_date,
            end_date: project.facts.end_date,
            sums: Sums { total_cost: totals.cost.unwrap_or(0), granted, not_yet_granted },
            has_known_cost: totals.cost.is_some(),
            has_known_funding: totals.funding.is_some(),
            claims: project.alignments.iter().map(Claim::from).collect(),
            sectors: project.stakeholders.iter().map(|part| part.organisation.sector).collect(),
        }
    }
}

impl Surveyed {
    /// The years that it goes on in, as far as known; a hundred at most.
    #[must_use]
    pub fn years(&self) -> Vec<i32> {
        let Some(start) = self.start_date else { return Vec::new() };
        let last = self.end_date.map_or(start.year(), |end| end.year());
        (start.year()..=last).take(100).collect()
    }
}
