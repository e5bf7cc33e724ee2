//! A project's plan as funding rules see it, the municipality's own part, and what broken rules are to readiness.

use std::collections::BTreeMap;

use crate::funding::check::{Finding, Line, Outcome, Plan, SourceTerms};
use crate::funding::rule::{Rule, RuleKind};
use crate::id::Id;
use crate::money::{Amount, Money};
use crate::problem::{Fault, Part};
use crate::project::cost::Cost;
use crate::project::funding_line::FundingLine;
use crate::project::funding_line::model::Financier;
use crate::project::model::Project;
use crate::project::totals::totals;
use crate::text::bilingual;

/// What the rules of these sources and calls see of a project.
#[must_use]
pub fn plan(project: &Project, sources: BTreeMap<String, SourceTerms>, calls: BTreeMap<Id, Vec<Rule>>) -> Plan {
    let totals = totals(&project.costs, &project.revenues, &project.funding_lines);
    let lines = project.funding_lines.iter().filter(|line| line.counts());
    let is_unknown_eligible = |cost: &Cost| cost.eligible && cost.amount.and_then(Money::ore).is_none();
    Plan {
        eligible_cost: totals.eligible_cost,
        total_cost: totals.cost,
        has_unknown_costs: totals.has_unknown_costs,
        has_unknown_eligible_costs: project.costs.iter().any(is_unknown_eligible),
        purpose: project.facts.purpose,
        kind: Some(project.facts.kind),
        start_date: project.facts.start_date,
        lines: lines
            .map(|line| Line {
                id: line.id,
                source: line.source.clone(),
                call: line.call,
                kind: line.kind,
                ore: line.amount().and_then(Money::ore),
            })
            .collect(),
        sources,
        calls,
    }
}

/// A year's part of what the municipality pays itself, in öre; none when there is some and nothing of it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPart {
    /// Money.
    pub cash: Option<i64>,
    /// Work and things.
    pub in_kind: Option<i64>,
    /// How many lines have no known amount in kronor.
    pub unknown_amounts: usize,
}

impl OwnPart {
    fn of(lines: &[&FundingLine]) -> Self {
        let known = |line: &&FundingLine| line.amount().and_then(Money::ore);
        let sum = |is_cash: bool| {
            let of_kind: Vec<_> = lines.iter().filter(|line| line.kind.is_cash() == is_cash).map(known).collect();
            let is_nothing = of_kind.is_empty();
            of_kind.into_iter().flatten().reduce(i64::saturating_add).or(is_nothing.then_some(0))
        };
        let unknown_amounts = lines.iter().map(known).filter(Option::is_none).count();
        Self { cash: sum(true), in_kind: sum(false), unknown_amounts }
    }
}

/// What the municipality pays itself, by year; without a year, what is given for the whole project. A line is the
/// municipality's own when its financier has the municipality's name, or has none and its source is the municipality's.
#[must_use]
pub fn own_part(
    lines: &[FundingLine],
    sources: &BTreeMap<String, SourceTerms>,
    municipality: &str,
) -> BTreeMap<Option<i32>, OwnPart> {
    let is_own = |line: &&FundingLine| match &line.financier {
        Some(Financier::Organisation(organisation)) => organisation.name == municipality,
        Some(Financier::Unnamed(_)) => false,
        None => sources.get(&line.source).is_some_and(|terms| terms.authority.as_deref() == Some(municipality)),
    };
    let mut years: BTreeMap<Option<i32>, Vec<&FundingLine>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.counts()).filter(is_own) {
        years.entry(line.year).or_default().push(line);
    }
    years.into_iter().map(|(year, lines)| (year, OwnPart::of(&lines))).collect()
}

/// What a rule that is not held is to readiness: broken, it stops submission; unknown, it is worth knowing.
#[must_use]
pub fn fault(finding: &Finding) -> Option<Fault> {
    let (source, rule) = (&finding.source, finding.rule.rule);
    let reference = &finding.rule.reference.title;
    let limit = finding.limit.map_or_else(String::new, |ore| Amount::from_hundredths(ore).to_string());
    let actual = Amount::from_hundredths(finding.actual);
    let reason = match (finding.outcome, rule) {
        (Outcome::Held, _) => return None,
        (Outcome::Unknown, _) => {
            let label = rule.label();
            bilingual!(
                "regeln om {label} hos {source} kan inte prövas, eftersom uppgifter saknas ({reference})",
                "the rule {rule} of {source} cannot be tried, since facts are missing ({reference})"
            )
        }
        (Outcome::Broken, RuleKind::MaxShare | RuleKind::MaxGrant) => bilingual!(
            "{source} får stå för högst {limit} kronor, men planen har {actual} ({reference})",
            "{source} may stand for at most {limit} kronor, but the plan has {actual} ({reference})"
        ),
        (Outcome::Broken, RuleKind::MinShare | RuleKind::MinGrant) => bilingual!(
            "{source} ska stå för minst {limit} kronor, men planen har {actual} ({reference})",
            "{source} must stand for at least {limit} kronor, but the plan has {actual} ({reference})"
        ),
        (Outcome::Broken, RuleKind::AllowedKinds) => {
            let kinds = finding.rule.kinds.iter().map(|kind| kind.label()).collect::<Vec<_>>().join(", ");
            let codes = finding.rule.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
            bilingual!(
                "{source} finansierar bara med {kinds} ({reference})",
                "{source} funds by {codes} alone ({reference})"
            )
        }
    };
    let mut fault = Fault::new(Part::Project, "/fundingLines", rule.finding(), reason).with("actual", actual);
    for (name, ore) in [("limit", finding.limit), ("basis", finding.basis)] {
        if let Some(ore) = ore {
            fault = fault.with(name, Amount::from_hundredths(ore));
        }
    }
    if let Some(percent) = finding.rule.percent {
        fault = fault.with("percent", percent);
    }
    Some(if finding.outcome == Outcome::Unknown { fault.warning() } else { fault })
}
