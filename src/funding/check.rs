//! The rule engine: holds a plan against the rules of its sources and calls. Pure: the same plan gives the same findings.
//!
//! - A call's rules override its source's: a kind of rule that the call has replaces the source's rules of that kind for
//!   the lines of that call.
//! - Shares are exact: whole öre and whole percent, no rounding before the comparison. Revenues do not lower the basis.
//! - What is not known is not nothing: a rule that unknown amounts could turn either way is told as unknown.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::model::{FundingKind, ProjectKind, Purpose};
use super::rule::{Basis, Rule, RuleKind};
use crate::id::Id;

/// What the rules ask about a project.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Sum of the eligible costs that are known, in öre.
    pub eligible_cost: Option<i64>,
    /// Sum of all costs that are known, in öre.
    pub total_cost: Option<i64>,
    /// Whether some cost is not known in kronor.
    pub has_unknown_costs: bool,
    /// Whether some eligible cost is not known in kronor.
    pub has_unknown_eligible_costs: bool,
    /// Whom the project is for, if known.
    pub purpose: Option<Purpose>,
    /// What kind of project it is.
    pub kind: Option<ProjectKind>,
    /// Its first day, if known.
    pub start_date: Option<NaiveDate>,
    /// Its funding lines, without those that are refused or withdrawn.
    pub lines: Vec<Line>,
    /// The terms of the lines' sources, by code.
    pub sources: BTreeMap<String, SourceTerms>,
    /// The rules of the lines' calls, by id.
    pub calls: BTreeMap<Id, Vec<Rule>>,
}

/// A funding line, as far as rules ask.
#[derive(Debug, Clone)]
pub struct Line {
    /// The line.
    pub id: Id,
    /// Code of its source.
    pub source: String,
    /// Its call.
    pub call: Option<Id>,
    /// What kind of funding.
    pub kind: FundingKind,
    /// The amount that counts, in öre.
    pub ore: Option<i64>,
}

/// The terms of a source.
#[derive(Debug, Clone, Default)]
pub struct SourceTerms {
    /// The appropriation that its money comes from.
    pub appropriation: Option<String>,
    /// Who manages it.
    pub authority: Option<String>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// How a rule came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The plan keeps it.
    Held,
    /// The plan breaks it.
    Broken,
    /// Something that decides is not known.
    Unknown,
}

/// A rule held against the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Code of the source that has it.
    pub source: String,
    /// The call that has it, when it is a call's.
    pub call: Option<Id>,
    /// How it came out.
    pub outcome: Outcome,
    /// Sum of the lines that it is about, in öre, as far as known.
    pub actual: i64,
    /// The most or least that the rule allows, in öre.
    pub limit: Option<i64>,
    /// What the share is of, in öre.
    pub basis: Option<i64>,
    /// The lines that it is about; for allowed kinds that are broken, those that break it.
    pub lines: Vec<Id>,
}

/// Holds a plan against every rule that applies to it.
#[must_use]
pub fn check(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut shared = Vec::new();
    for (code, terms) in &plan.sources {
        for rule in &terms.rules {
            let overrides =
                |call: &Id| plan.calls.get(call).is_some_and(|rules| rules.iter().any(|other| other.rule == rule.rule));
            let own = |line: &&Line| line.source == *code && !line.call.as_ref().is_some_and(overrides);
            findings.extend(apply(plan, rule, (code, None), own, &mut shared));
        }
    }
    for (call, rules) in &plan.calls {
        let Some(source) = plan.lines.iter().find(|line| line.call == Some(*call)).map(|line| &line.source) else {
            continue;
        };
        for rule in rules {
            findings.extend(apply(plan, rule, (source, Some(*call)), |line| line.call == Some(*call), &mut shared));
        }
    }
    findings
}

/// Holds one rule against the lines that it is about; an appropriation's rule against all of the appropriation's, once for
/// all its sources that say the same.
fn apply<'a>(
    plan: &Plan,
    rule: &'a Rule,
    (source, call): (&str, Option<Id>),
    own: impl Fn(&&Line) -> bool,
    shared: &mut Vec<&'a Rule>,
) -> Option<Finding> {
    let lines: Vec<&Line> = match &rule.appropriation {
        None => plan.lines.iter().filter(own).collect(),
        Some(appropriation) => {
            if !plan.lines.iter().any(|line| own(&line)) || shared.iter().any(|other| other.says_the_same(rule)) {
                return None;
            }
            shared.push(rule);
            let is_of = |line: &&Line| {
                plan.sources.get(&line.source).is_some_and(|terms| terms.appropriation.as_ref() == Some(appropriation))
            };
            plan.lines.iter().filter(is_of).collect()
        }
    };
    if lines.is_empty() {
        return None;
    }
    let applies = applies(plan, rule)?;
    let actual = lines.iter().filter_map(|line| line.ore).fold(0_i64, i64::saturating_add);
    let basis = match rule.basis {
        Some(Basis::EligibleCost) => plan.eligible_cost,
        Some(Basis::TotalCost) => plan.total_cost,
        None => None,
    };
    let (outcome, limit) = decide(plan, rule, &lines, actual, basis);
    let is_broken_kind = |line: &&&Line| outcome != Outcome::Broken || !rule.kinds.contains(&line.kind);
    let about = match rule.rule {
        RuleKind::AllowedKinds => lines.iter().filter(is_broken_kind).map(|line| line.id).collect(),
        _ => lines.iter().map(|line| line.id).collect(),
    };
    Some(Finding {
        rule: rule.clone(),
        source: source.to_owned(),
        call,
        outcome: if applies { outcome } else { Outcome::Unknown },
        actual,
        limit,
        basis,
        lines: about,
    })
}

/// Whether the rule is for such a project: yes, perhaps (something is not known), or none when it is not.
fn applies(plan: &Plan, rule: &Rule) -> Option<bool> {
    let mut is_certain = true;
    if let Some(wanted) = rule.project_kind
        && plan.kind != Some(wanted)
    {
        return None;
    }
    if let Some(wanted) = rule.purpose {
        match plan.purpose {
            Some(purpose) if purpose != wanted => return None,
            Some(_) => {}
            None => is_certain = false,
        }
    }
    if rule.valid_from.is_some() || rule.valid_to.is_some() {
        match plan.start_date {
            Some(start) if rule.valid_from.is_some_and(|from| start < from) => return None,
            Some(start) if rule.valid_to.is_some_and(|to| start > to) => return None,
            Some(_) => {}
            None => is_certain = false,
        }
    }
    Some(is_certain)
}

/// How the rule comes out, and the most or least that it allows.
fn decide(plan: &Plan, rule: &Rule, lines: &[&Line], actual: i64, basis: Option<i64>) -> (Outcome, Option<i64>) {
    let has_unknown_lines = lines.iter().any(|line| line.ore.is_none());
    let unless = |is_open: bool, outcome| if is_open { Outcome::Unknown } else { outcome };
    let amount = rule.amount.and_then(crate::money::Money::ore);
    match rule.rule {
        RuleKind::AllowedKinds => {
            let is_held = lines.iter().all(|line| rule.kinds.contains(&line.kind));
            (if is_held { Outcome::Held } else { Outcome::Broken }, None)
        }
        RuleKind::MaxGrant => match amount {
            Some(limit) if actual > limit => (Outcome::Broken, amount),
            _ => (unless(has_unknown_lines, Outcome::Held), amount),
        },
        RuleKind::MinGrant => match amount {
            Some(limit) if actual < limit => (unless(has_unknown_lines, Outcome::Broken), amount),
            _ => (Outcome::Held, amount),
        },
        RuleKind::MaxShare | RuleKind::MinShare => {
            let (Some(percent), Some(basis)) = (rule.percent, basis) else { return (Outcome::Unknown, None) };
            let has_unknown_costs = match rule.basis {
                Some(Basis::EligibleCost) => plan.has_unknown_eligible_costs,
                _ => plan.has_unknown_costs,
            };
            let allowed = i128::from(percent) * i128::from(basis);
            // More unknown costs can only widen a highest share, and more unknown funding only fill a lowest one.
            let compared = (i128::from(actual) * 100).cmp(&allowed);
            let (outcome, limit) = if rule.rule == RuleKind::MaxShare {
                match compared {
                    Ordering::Greater => (unless(has_unknown_costs, Outcome::Broken), allowed.div_euclid(100)),
                    _ => (unless(has_unknown_lines, Outcome::Held), allowed.div_euclid(100)),
                }
            } else {
                match compared {
                    Ordering::Less => (unless(has_unknown_lines, Outcome::Broken), (allowed + 99).div_euclid(100)),
                    _ => (unless(has_unknown_costs, Outcome::Held), (allowed + 99).div_euclid(100)),
                }
            };
            (outcome, i64::try_from(limit).ok())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funding::model::Citation;
    use crate::money::Money;
    use proptest::prelude::*;

    fn rule(kind: RuleKind) -> Rule {
        Rule {
            rule: kind,
            percent: None,
            basis: None,
            amount: None,
            kinds: Vec::new(),
            appropriation: None,
            purpose: None,
            project_kind: None,
            valid_from: None,
            valid_to: None,
            reference: Citation { title: "Published".to_owned(), url: None },
        }
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        // Often the same, so that sources of an appropriation share their caps.
        let percent = prop_oneof![Just(50), 1_i32..=100];
        let basis = prop_oneof![Just(Basis::EligibleCost), Just(Basis::TotalCost)];
        let kinds = prop::sample::subsequence(FundingKind::ALL.to_vec(), 1..=4);
        let purpose = prop::option::weighted(0.3, prop::sample::select(Purpose::ALL.to_vec()));
        (0_usize..5, percent, basis, 0_i64..2_000, kinds, any::<bool>(), purpose).prop_map(
            |(index, percent, basis, ore, kinds, is_shared, purpose)| {
                let kind = RuleKind::ALL[index];
                let is_share = matches!(kind, RuleKind::MaxShare | RuleKind::MinShare);
                Rule {
                    percent: is_share.then_some(percent),
                    basis: is_share.then_some(basis),
                    amount: matches!(kind, RuleKind::MaxGrant | RuleKind::MinGrant).then(|| Money::sek(ore)),
                    kinds: if kind == RuleKind::AllowedKinds { kinds } else { Vec::new() },
                    appropriation: (is_shared && kind == RuleKind::MaxShare).then(|| "1:1".to_owned()),
                    purpose,
                    ..rule(kind)
                }
            },
        )
    }

    fn any_plan() -> impl Strategy<Value = Plan> {
        let lines =
            prop::collection::vec((0_usize..3, 0_usize..3, 0_usize..4, prop::option::weighted(0.9, 0_i64..900)), 1..7);
        let rules = || prop::collection::vec(any_rule(), 0..4);
        let costs = (prop::option::weighted(0.9, 0_i64..2_000), 0_i64..500, 0_usize..20);
        let purpose = prop::option::weighted(0.8, prop::sample::select(Purpose::ALL.to_vec()));
        (lines, prop::collection::vec((rules(), any::<bool>()), 3), prop::collection::vec(rules(), 2), costs, purpose)
            .prop_map(|(lines, sources, calls, (eligible, more, unknown), purpose)| {
                let ids: Vec<Id> = calls.iter().map(|_| Id::new()).collect();
                let name = |index: usize| format!("source-{index}");
                Plan {
                    eligible_cost: eligible,
                    total_cost: eligible.map(|eligible| eligible + more),
                    has_unknown_costs: unknown < 2,
                    has_unknown_eligible_costs: unknown < 1,
                    purpose,
                    // A call is one source's: the two calls are the first source's.
                    lines: lines
                        .into_iter()
                        .map(|(source, call, kind, ore)| Line {
                            id: Id::new(),
                            source: name(source),
                            call: ids.get(call).copied().filter(|_| source == 0),
                            kind: FundingKind::ALL[kind],
                            ore,
                        })
                        .collect(),
                    sources: sources
                        .into_iter()
                        .enumerate()
                        .map(|(index, (rules, is_shared))| {
                            let appropriation = is_shared.then(|| "1:1".to_owned());
                            (name(index), SourceTerms { appropriation, authority: None, rules })
                        })
                        .collect(),
                    calls: ids.iter().copied().zip(calls).collect(),
                    ..Plan::default()
                }
            })
    }

    /// Whether a line is under a source's rule of this kind, told in another way than the engine tells it.
    fn is_under_source(plan: &Plan, line: &Line, kind: RuleKind) -> bool {
        let Some(rules) = line.call.and_then(|call| plan.calls.get(&call)) else { return true };
        let mut of_kind = rules.iter().filter(|rule| rule.rule == kind);
        of_kind.next().is_none()
    }

    /// Recomputes a rule over lines by fractions of the cost, line by line, and says whether it is plainly broken.
    fn is_broken(plan: &Plan, rule: &Rule, lines: &[&Line]) -> bool {
        if lines.is_empty() || rule.purpose.is_some_and(|wanted| plan.purpose != Some(wanted)) {
            return false;
        }
        let known: i64 = lines.iter().map(|line| line.ore.unwrap_or(0)).sum();
        let is_whole = lines.iter().all(|line| line.ore.is_some());
        let (cost, is_cost_open) = match rule.basis {
            Some(Basis::TotalCost) => (plan.total_cost, plan.has_unknown_costs),
            _ => (plan.eligible_cost, plan.has_unknown_eligible_costs),
        };
        match rule.rule {
            RuleKind::AllowedKinds => lines.iter().any(|line| rule.kinds.iter().all(|kind| *kind != line.kind)),
            RuleKind::MaxGrant => rule.amount.is_some_and(|limit| known > limit.amount.hundredths()),
            RuleKind::MinGrant => is_whole && rule.amount.is_some_and(|limit| known < limit.amount.hundredths()),
            RuleKind::MaxShare | RuleKind::MinShare => {
                let (Some(cost), Some(percent)) = (cost, rule.percent) else { return false };
                // A hundred times the money against one percent of the cost, added up percent by percent.
                let allowed: i64 = (0..percent).map(|_| cost).sum();
                match rule.rule {
                    RuleKind::MaxShare => !is_cost_open && known * 100 > allowed,
                    _ => is_whole && known * 100 < allowed,
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// A plan that the engine passes breaks no rule when recomputed, and one that it stops does break what it says.
        #[test]
        fn what_the_engine_passes_breaks_no_rule_when_recomputed(plan in any_plan()) {
            let findings = check(&plan);
            let passes = findings.iter().all(|finding| finding.outcome != Outcome::Broken);
            let mut broken = false;
            let lines_of = |is_under: &dyn Fn(&Line) -> bool| plan.lines.iter().filter(|line| is_under(line)).collect::<Vec<_>>();
            let mut try_rule = |rule: &Rule, own: Vec<&Line>| {
                let counted = match (&rule.appropriation, own.is_empty()) {
                    (Some(_), false) => lines_of(&|line| plan.sources[&line.source].appropriation.is_some()),
                    _ => own,
                };
                broken |= is_broken(&plan, rule, &counted);
            };
            for (code, terms) in &plan.sources {
                for rule in &terms.rules {
                    try_rule(rule, lines_of(&|line| line.source == *code && is_under_source(&plan, line, rule.rule)));
                }
            }
            for (call, rules) in &plan.calls {
                for rule in rules {
                    try_rule(rule, lines_of(&|line| line.call == Some(*call)));
                }
            }
            prop_assert_eq!(passes, !broken, "{:#?}", findings);
        }
    }
}
