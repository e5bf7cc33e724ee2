//! What makes a project complete. Each finding has the stable name of its rule, the place in the project, the numbers that
//! were compared, and a text that says what is missing and what would be right.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::money::Amount;
use crate::problem::{Fault, Part};
use crate::project::alignment::model::Assessment;
use crate::project::lifecycle::Status;
use crate::project::model::{Project, Visibility};
use crate::project::stakeholder::model::StakeholderRole;
use crate::project::totals::{Totals, totals};
use crate::text::{Bilingual, bilingual};

fn finding(property: &str, rule: &'static str, reason: Bilingual) -> Fault {
    Fault::new(Part::Project, property, rule, reason)
}

/// Everything that a project lacks by itself; `strategy` is the period of the strategy it is registered under. What its
/// funding sources' rules say comes from the funding check.
#[must_use]
pub fn findings(project: &Project, strategy: (NaiveDate, NaiveDate)) -> Vec<Fault> {
    let totals = totals(&project.costs, &project.revenues, &project.funding_lines);
    let mut found = fact_findings(project, strategy);
    found.extend(alignment_findings(project));
    found.extend(stakeholder_findings(project));
    found.extend(money_findings(&totals));
    found
}

fn fact_findings(project: &Project, (from, to): (NaiveDate, NaiveDate)) -> Vec<Fault> {
    let facts = &project.facts;
    let mut found = Vec::new();
    let is_blank = |text: &str| text.trim().is_empty();
    if is_blank(&facts.title) {
        found.push(finding("/title", "title", bilingual!("ange en titel", "give a title")));
    }
    if facts.summary.as_deref().is_none_or(is_blank) {
        let reason = bilingual!("beskriv kort vad projektet gör", "say in short what the project does");
        found.push(finding("/summary", "summary", reason));
    }
    for (property, day) in [("/startDate", facts.start_date), ("/endDate", facts.end_date)] {
        if day.is_none() {
            let reason = bilingual!("ange projektets första och sista dag", "give the project's first and last day");
            found.push(finding(property, "period", reason));
        }
    }
    let is_outside = facts.start_date.is_some_and(|start| start > to) || facts.end_date.is_some_and(|end| end < from);
    if is_outside {
        let reason = bilingual!(
            "projektets period ligger utanför strategins, {from} till {to}",
            "the project's period lies outside the strategy's, {from} to {to}"
        );
        let warning = finding("/startDate", "outside-strategy-period", reason).warning();
        found.push(warning.with("strategyStart", from).with("strategyEnd", to));
    }
    if facts.contact.is_none() {
        let reason = bilingual!("ange en kontaktperson", "give a contact person");
        found.push(finding("/contact", "contact", reason).warning());
    }
    if facts.visibility != Visibility::Public && facts.withheld_reason.as_deref().is_none_or(is_blank) {
        let reason = bilingual!("ange varför projektet inte är offentligt", "say why the project is not public");
        found.push(finding("/withheldReason", "withheld-reason", reason).warning());
    }
    if project.status == Status::Completed && facts.results_use.as_deref().is_none_or(is_blank) {
        let reason = bilingual!("ange hur resultaten används", "say how the results are used");
        found.push(finding("/resultsUse", "results-use", reason).warning());
    }
    found
}

fn alignment_findings(project: &Project) -> Vec<Fault> {
    let is_claimed = project.alignments.iter().any(|claim| claim.assessment != Assessment::Suggested);
    if is_claimed {
        return share_faults(project);
    }
    let reason = bilingual!(
        "koppla projektet till minst ett delmål i strategin",
        "align the project with at least one sub-goal of the strategy"
    );
    vec![finding("/alignments", "alignment", reason)]
}

/// The strategies whose shares do not add up to 100, suggestions aside.
#[must_use]
pub fn share_faults(project: &Project) -> Vec<Fault> {
    let mut sums: BTreeMap<&str, i32> = BTreeMap::new();
    for claim in project.alignments.iter().filter(|claim| claim.assessment != Assessment::Suggested) {
        *sums.entry(&claim.strategy_id).or_default() += claim.share.unwrap_or(0);
    }
    if sums.is_empty() {
        sums.insert(&project.facts.strategy_id, 0);
    }
    sums.into_iter()
        .filter(|(_, sum)| *sum != 100)
        .map(|(strategy, sum)| {
            let reason = bilingual!(
                "andelarna i {strategy} är tillsammans {sum} procent och ska vara 100; ersätt dem på en gång",
                "the shares in {strategy} add up to {sum} per cent and must be 100; replace them all at once"
            );
            finding("/alignments", "shares", reason).with("sum", sum).with("expected", 100)
        })
        .collect()
}

fn stakeholder_findings(project: &Project) -> Vec<Fault> {
    let mut found = Vec::new();
    if project.stakeholders.iter().all(|one| !one.roles.contains(&StakeholderRole::Owner)) {
        let reason = bilingual!("ange projektägaren", "name the project owner");
        found.push(finding("/stakeholders", "owner", reason));
    }
    if project.stakeholders.iter().all(|one| one.interests.is_empty()) {
        let reason = bilingual!(
            "ange minst en intressent som ser behovet eller drar nytta av resultatet",
            "name at least one stakeholder who sees the need or benefits from the result"
        );
        found.push(finding("/stakeholders", "need-or-benefit", reason));
    }
    found
}

fn money_findings(totals: &Totals) -> Vec<Fault> {
    let mut found = Vec::new();
    let show = |ore: i64| Amount::from_hundredths(ore).to_string();
    // Without a known cost, any funding is above it only if the cost were nothing; that is not known.
    match totals.gap {
        Some(gap) if gap < 0 => {
            let above = show(-gap);
            let fault = |reason| with_sums(finding("/fundingLines", "funding-above-cost", reason), totals);
            found.push(if totals.has_unknown_costs {
                let reason = bilingual!(
                    "finansiering och intäkter är {above} kronor högre än den kostnad som är känd",
                    "funding and revenue are {above} kronor above the cost that is known"
                );
                fault(reason).warning()
            } else {
                let reason = bilingual!(
                    "finansiering och intäkter är {above} kronor högre än kostnaden",
                    "funding and revenue are {above} kronor above the cost"
                );
                fault(reason)
            });
        }
        Some(gap) if gap > 0 => {
            let missing = show(gap);
            let reason = bilingual!("{missing} kronor saknar finansiering", "{missing} kronor have no funding");
            found.push(with_sums(finding("/fundingLines", "funding-gap", reason), totals).warning());
        }
        Some(_) => {}
        None => {
            let reason = bilingual!("ange vad projektet kostar", "say what the project costs");
            found.push(finding("/costs", "cost-unknown", reason).warning());
        }
    }
    if totals.unknown_amounts > 0 {
        let count = totals.unknown_amounts;
        let reason = bilingual!(
            "{count} rader saknar känt belopp i kronor; okänt räknas inte som noll",
            "{count} lines have no known amount in kronor; unknown does not count as nothing"
        );
        found.push(finding("/totals/unknownAmounts", "unknown-amounts", reason).warning().with("lines", count));
    }
    found
}

fn with_sums(mut finding: Fault, totals: &Totals) -> Fault {
    for (name, ore) in
        [("cost", totals.cost), ("revenue", totals.revenue), ("funding", totals.funding), ("gap", totals.gap)]
    {
        if let Some(ore) = ore {
            finding = finding.with(name, Amount::from_hundredths(ore));
        }
    }
    finding
}
