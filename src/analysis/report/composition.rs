//! Puts a report together.

use std::collections::{BTreeMap, BTreeSet};

use super::store::Material;
use super::view::{
    CodedTitle, Cooperation, JointAction, Missing, Participation, PlaceView, Report, ReportedAlignment,
    ReportedFramework, ReportedGoalArea, ReportedPriority, ReportedProject, ReportedStrategy, ReportedSubGoal,
    SharedView, StakeholderProfile, SuccessFactors,
};
use crate::analysis::score::{Score, Term, terms};
use crate::analysis::survey::Claim;
use crate::analysis::wire::Evidence;
use crate::framework::{Correspondences, Framework, Priority};
use crate::money::Money;
use crate::organisation::Sector;
use crate::organisation::model::Interest;
use crate::project::Project;
use crate::project::alignment::{Alignment, Assessment};
use crate::project::commitment::Commitment;
use crate::project::stakeholder::Stakeholder;
use crate::project::stakeholder::model::Phase;
use crate::project::view::{Sum, TotalsView};
use crate::strategy::{GoalArea, Strategy, SubGoal};

impl Report {
    /// The report of a project.
    #[must_use]
    pub fn new(material: &Material) -> Self {
        let project = &material.project;
        let claims: Vec<Claim> = project.alignments.iter().map(Into::into).collect();
        let strategies: Vec<_> = material.strategies.iter().map(|own| in_strategy(project, own)).collect();
        let frameworks =
            material.frameworks.iter().map(|(own, entries)| in_framework(project, &claims, own, entries)).collect();
        let stakeholders = profile(&project.stakeholders);
        Self {
            success_factors: success_factors(project, strategies.first(), &stakeholders),
            project: reported(material),
            strategies,
            frameworks,
            stakeholders,
            funding: TotalsView::of(project),
            horizontal_criteria: project.facts.horizontal_criteria.iter().copied().map(Into::into).collect(),
            links: None,
        }
    }
}

fn reported(material: &Material) -> ReportedProject {
    let Project { id, reference, facts, status, version, updated_at, .. } = &material.project;
    let place = |own: &crate::strategy::Municipality| PlaceView { code: own.code.clone(), name: own.name.clone() };
    ReportedProject {
        id: *id,
        reference: reference.clone(),
        title: facts.title.clone(),
        summary: facts.summary.clone(),
        kind: facts.kind,
        status: *status,
        start_date: facts.start_date,
        end_date: facts.end_date,
        municipalities: material.municipalities.iter().map(place).collect(),
        version: *version,
        updated_at: *updated_at,
    }
}

/// The sum of the shares of alignments on the word of these.
fn share<'a>(alignments: impl IntoIterator<Item = &'a Alignment>, words: &[Assessment]) -> i32 {
    let wanted = alignments.into_iter().filter(|own| words.contains(&own.assessment));
    wanted.filter_map(|own| own.share).sum()
}

const COUNTED: [Assessment; 2] = [Assessment::Claimed, Assessment::Confirmed];

fn in_strategy(project: &Project, strategy: &Strategy) -> ReportedStrategy {
    let own: Vec<&Alignment> = project.alignments.iter().filter(|own| own.strategy_id == strategy.id).collect();
    let goal = |goal: &SubGoal| {
        let here: Vec<&Alignment> = own.iter().copied().filter(|own| own.sub_goal_code == goal.code).collect();
        (!here.is_empty()).then(|| ReportedSubGoal {
            code: goal.code.clone(),
            title: goal.title.clone(),
            share: share(here.iter().copied(), &COUNTED),
            alignments: here.into_iter().map(|own| aligned(own, goal)).collect(),
        })
    };
    let area = |area: &GoalArea| {
        let sub_goals: Vec<_> = area.sub_goals.iter().filter_map(goal).collect();
        (!sub_goals.is_empty()).then(|| ReportedGoalArea {
            code: area.code.clone(),
            title: area.title.clone(),
            share: sub_goals.iter().map(|goal| goal.share).sum(),
            sub_goals,
        })
    };
    let (confirmed_share, claimed_share) =
        (share(own.iter().copied(), &[Assessment::Confirmed]), share(own.iter().copied(), &[Assessment::Claimed]));
    ReportedStrategy {
        strategy_id: strategy.id.clone(),
        title: strategy.title.clone(),
        version: strategy.version,
        confirmed_share,
        claimed_share,
        unallocated_share: (100 - confirmed_share - claimed_share).max(0),
        goal_areas: strategy.goal_areas.iter().filter_map(area).collect(),
    }
}

fn aligned(alignment: &Alignment, goal: &SubGoal) -> ReportedAlignment {
    let Alignment { share, rationale, evidence, assessment, assessed, .. } = alignment.clone();
    let measure = goal.measures.iter().find(|measure| Some(&measure.code) == alignment.measure_code.as_ref());
    ReportedAlignment {
        measure: measure.map(|own| CodedTitle { code: own.code.clone(), title: own.title.clone() }),
        share,
        rationale,
        evidence: evidence.into_iter().map(Into::into).collect(),
        assessment,
        assessed_at: assessed.as_ref().map(|word| word.at),
        self_assessed: assessed.as_ref().is_some_and(|word| word.self_assessed),
        reason: assessed.and_then(|word| word.reason),
    }
}

fn in_framework(
    project: &Project,
    claims: &[Claim],
    framework: &Framework,
    correspondences: &Correspondences,
) -> ReportedFramework {
    let towards = |nodes: &[&Priority]| -> Vec<Term<'_>> {
        let within: BTreeSet<&str> = nodes.iter().map(|node| node.code.as_str()).collect();
        terms(claims, &project.facts.strategy_id, correspondences, &within)
    };
    let mut priorities = Vec::new();
    for (depth, priority) in with_depth(&framework.priorities, 0) {
        let terms = towards(&priority.subtree());
        let score = Score::of(&terms);
        if score.score > 0 {
            priorities.push(ReportedPriority {
                code: priority.code.clone(),
                level: priority.level.clone(),
                title: priority.title.clone().into(),
                depth,
                scores: score.into(),
                evidence: terms.iter().map(|term| Evidence::new(term, &project.alignments)).collect(),
            });
        }
    }
    ReportedFramework {
        framework_id: framework.id.clone(),
        title: framework.title.clone(),
        version: framework.version,
        scores: Score::of(&towards(&framework.all())).into(),
        priorities,
    }
}

fn with_depth(nodes: &[Priority], depth: usize) -> Vec<(usize, &Priority)> {
    nodes
        .iter()
        .flat_map(|node| std::iter::once((depth, node)).chain(with_depth(&node.priorities, depth + 1)))
        .collect()
}

fn profile(stakeholders: &[Stakeholder]) -> StakeholderProfile {
    let names = |is_wanted: &dyn Fn(&Stakeholder) -> bool| -> Vec<String> {
        stakeholders.iter().filter(|own| is_wanted(own)).map(|own| own.organisation.name.clone()).collect()
    };
    let sectors: BTreeMap<Sector, _> =
        Sector::ALL.iter().map(|sector| (*sector, names(&|own| own.organisation.sector == *sector))).collect();
    let phases: BTreeMap<Phase, _> =
        Phase::ALL.iter().map(|phase| (*phase, names(&|own| own.phases.contains(phase)))).collect();
    let interests: BTreeMap<Interest, _> =
        Interest::ALL.iter().map(|own| (*own, names(&|other| other.interests.contains(own)))).collect();
    let missing = Missing { sectors: empty(&sectors), phases: empty(&phases), interests: empty(&interests) };
    StakeholderProfile { sectors, phases, interests, missing }
}

/// The keys without anybody.
fn empty<K: Copy + Ord>(names: &BTreeMap<K, Vec<String>>) -> Vec<K> {
    names.iter().filter(|(_, names)| names.is_empty()).map(|(key, _)| *key).collect()
}

/// The keys with somebody.
fn present<K: Copy + Ord>(names: &BTreeMap<K, Vec<String>>) -> Vec<K> {
    names.iter().filter(|(_, names)| !names.is_empty()).map(|(key, _)| *key).collect()
}

fn success_factors(
    project: &Project,
    strategy: Option<&ReportedStrategy>,
    stakeholders: &StakeholderProfile,
) -> SuccessFactors {
    let is_committed =
        |commitment| matches!(commitment, Commitment::Certified | Commitment::Granted | Commitment::Paid);
    let committed: Vec<_> = project.funding_lines.iter().filter(|line| is_committed(line.commitment())).collect();
    let known: Vec<i64> = committed.iter().filter_map(|line| line.amount().and_then(Money::ore)).collect();
    let is_known = committed.is_empty() || !known.is_empty();
    let areas = strategy.into_iter().flat_map(|own| &own.goal_areas).filter(|area| area.share > 0);
    SuccessFactors {
        participation: Participation { sectors: present(&stakeholders.sectors), phases: present(&stakeholders.phases) },
        shared_view: SharedView { confirmed_share: strategy.map_or(0, |own| own.confirmed_share) },
        cooperation: Cooperation {
            goal_areas: areas.map(|area| area.code.clone()).collect(),
            municipalities: project.facts.municipalities.clone(),
        },
        joint_action: JointAction {
            status: project.status,
            implementation_partners: stakeholders.phases.get(&Phase::Implementation).cloned().unwrap_or_default(),
            committed: is_known.then(|| Sum::of(known.iter().sum())),
        },
    }
}
