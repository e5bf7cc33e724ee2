//! Tallies projects and money by the nodes of a strategy or framework (rule 9 of the domain).
//!
//! A project stands once in each row that it has to do with. A strategy's money is split by share, so its rows add up to
//! the öre; a framework's is only touched, since one sub-goal meets several priorities, and is not summed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::analysis::allotment::Allotment;
use crate::analysis::survey::{Claim, Sums, Surveyed};
use crate::framework::{Correspondences, Framework};
use crate::organisation::Sector;
use crate::project::Status;
use crate::project::alignment::Assessment;
use crate::strategy::Strategy;

/// What stands in a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Distinct projects with an alignment here that somebody stands behind.
    pub projects: usize,
    /// Those of them whose cost is not known.
    pub unknown_cost: usize,
    /// Those of them that are, were or may come to be carried out.
    pub at_work: usize,
    /// The same by state.
    pub by_state: BTreeMap<Status, usize>,
    /// Distinct projects by the assessments of their alignments here; one with several stands under each.
    pub by_assessment: BTreeMap<Assessment, usize>,
    /// The money by share.
    pub sums: Sums,
    /// Distinct projects by the sectors of their stakeholders.
    pub by_sector: BTreeMap<Sector, usize>,
    /// Distinct projects by the years that they go on in.
    pub by_year: BTreeMap<i32, usize>,
}

/// What a project has to do with a row.
#[derive(Debug, Default)]
struct Part {
    assessments: BTreeSet<Assessment>,
    sums: Sums,
}

impl Tally {
    fn add(&mut self, project: &Surveyed, part: &Part) {
        for assessment in &part.assessments {
            *self.by_assessment.entry(*assessment).or_default() += 1;
        }
        if part.assessments.iter().any(|assessment| assessment.counts()) {
            self.count(project);
            self.sums += part.sums;
        }
    }

    fn count(&mut self, project: &Surveyed) {
        self.projects += 1;
        self.unknown_cost += usize::from(!project.has_known_cost);
        let is_over = matches!(project.status, Status::Rejected | Status::Dismissed | Status::Withdrawn);
        self.at_work += usize::from(!is_over);
        *self.by_state.entry(project.status).or_default() += 1;
        for sector in &project.sectors {
            *self.by_sector.entry(*sector).or_default() += 1;
        }
        for year in project.years() {
            *self.by_year.entry(year).or_default() += 1;
        }
    }
}

/// Tallies by code.
pub type Rows = HashMap<String, Tally>;

/// What a strategy's projects add up to.
#[derive(Debug, Default)]
pub struct StrategyCoverage {
    /// Rows by the codes of goal areas, sub-goals and measures.
    pub rows: Rows,
    /// Shares that are not given or rejected.
    pub unallocated: Tally,
    /// Every project and all its money: the goal areas' rows and `unallocated` add up to its money.
    pub total: Tally,
}

/// Tallies the projects that are registered under the strategy or aligned with it.
#[must_use]
pub fn of_strategy(projects: &[Surveyed], strategy: &Strategy) -> StrategyCoverage {
    let mut tallying = Tallying::of(strategy);
    for project in projects {
        tallying.add(project);
    }
    tallying.coverage
}

/// A strategy's coverage in the making, one project at a time.
#[derive(Debug)]
pub struct Tallying<'a> {
    strategy: &'a Strategy,
    area_of: HashMap<&'a str, &'a str>,
    /// What it has come to.
    pub coverage: StrategyCoverage,
}

impl<'a> Tallying<'a> {
    /// Begins with nothing.
    #[must_use]
    pub fn of(strategy: &'a Strategy) -> Self {
        let area_of = strategy.sub_goals().map(|(area, goal)| (goal.code.as_str(), area.code.as_str())).collect();
        Self { strategy, area_of, coverage: StrategyCoverage::default() }
    }

    /// Adds a project, if it is registered under the strategy or aligned with it.
    pub fn add(&mut self, project: &Surveyed) {
        let strategy = &self.strategy.id;
        let codes = |claim: &Claim| {
            let area = self.area_of.get(claim.sub_goal.as_str()).map(|code| (*code).to_owned());
            area.into_iter().chain([claim.sub_goal.clone()]).chain(claim.measure.clone()).collect::<Vec<_>>()
        };
        let aligned = || project.claims.iter().filter(|claim| claim.strategy_id == *strategy);
        if project.strategy_id != *strategy && aligned().next().is_none() {
            return;
        }
        let allotment = Allotment::of(project, strategy);
        let mut parts: BTreeMap<String, Part> = BTreeMap::new();
        for claim in aligned() {
            for code in codes(claim) {
                parts.entry(code).or_default().assessments.insert(claim.assessment);
            }
        }
        for (claim, sums) in &allotment.parts {
            for code in codes(claim) {
                parts.entry(code).or_default().sums += *sums;
            }
        }
        let coverage = &mut self.coverage;
        for (code, part) in parts {
            coverage.rows.entry(code).or_default().add(project, &part);
        }
        if allotment.is_partial {
            coverage.unallocated.count(project);
            coverage.unallocated.sums += allotment.unallocated;
        }
        coverage.total.count(project);
        coverage.total.sums += project.sums;
    }
}

/// Tallies the projects by the priorities that their alignments correspond to, those of the given strategy or else of
/// each project's own.
#[must_use]
pub fn of_framework(
    projects: &[Surveyed],
    strategy: Option<&str>,
    framework: &Framework,
    correspondences: &Correspondences,
) -> Rows {
    let within: Vec<(&str, BTreeSet<&str>)> = framework
        .all()
        .into_iter()
        .map(|node| (node.code.as_str(), node.subtree().iter().map(|below| below.code.as_str()).collect()))
        .collect();
    // Few alignments differ in what they are to, however many projects have them.
    let mut known: HashMap<(&str, &str, Option<&str>), Vec<&str>> = HashMap::new();
    let mut rows = Rows::new();
    for project in projects {
        let strategy = strategy.unwrap_or(&project.strategy_id);
        let allotment = Allotment::of(project, strategy);
        let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
        for claim in project.claims.iter().filter(|claim| claim.strategy_id == strategy) {
            let target = (strategy, claim.sub_goal.as_str(), claim.measure.as_deref());
            let nodes = known.entry(target).or_insert_with(|| {
                let corresponds = |codes: &BTreeSet<&str>| {
                    let found = correspondences.strongest(target.0, target.1, target.2, codes);
                    found.is_some_and(|found| found.facts.type_.quarters() > 0)
                };
                within.iter().filter(|(_, codes)| corresponds(codes)).map(|(code, _)| *code).collect()
            });
            let money = allotment.parts.iter().find(|(own, _)| std::ptr::eq(*own, claim)).map(|(_, sums)| *sums);
            for code in nodes.iter() {
                let part = parts.entry(code).or_default();
                part.assessments.insert(claim.assessment);
                part.sums += money.unwrap_or_default();
            }
        }
        for (code, part) in parts {
            rows.entry(code.to_owned()).or_default().add(project, &part);
        }
    }
    rows
}
