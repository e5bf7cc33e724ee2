//! Sums over a project's lines, in öre. Lines whose kronor are not known are counted, never guessed.

use std::collections::BTreeMap;

use super::commitment::model::granted;
use super::cost::{Cost, Revenue};
use super::funding_line::FundingLine;
use super::funding_line::model::FundingKind;
use crate::funding::SourceType;
use crate::money::Money;

/// What a project costs, earns and is paid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Sum of the cost lines; none when no cost is known.
    pub cost: Option<i64>,
    /// Sum of the eligible ones: nothing when there are costs and none is eligible.
    pub eligible_cost: Option<i64>,
    /// Sum of the revenue lines; none when no revenue is known.
    pub revenue: Option<i64>,
    /// Sum of the funding lines that count; none when no funding is known.
    pub funding: Option<i64>,
    /// What is granted of it; none when no granted amount is known.
    pub granted: Option<i64>,
    /// The same by kind.
    pub funding_by_kind: BTreeMap<FundingKind, i64>,
    /// The same by level of the source.
    pub funding_by_level: BTreeMap<SourceType, i64>,
    /// Cost less revenue and funding; none when no cost is known, negative when funding is above it.
    pub gap: Option<i64>,
    /// Whether some cost is not known in kronor.
    pub has_unknown_costs: bool,
    /// How many lines that count have no known amount in kronor.
    pub unknown_amounts: usize,
}

fn ore(amount: Option<Money>) -> Option<i64> {
    amount.and_then(Money::ore)
}

fn sum(amounts: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    amounts.flatten().reduce(i64::saturating_add)
}

/// Sums a project's lines.
#[must_use]
pub fn totals(costs: &[Cost], revenues: &[Revenue], lines: &[FundingLine]) -> Totals {
    let counted: Vec<&FundingLine> = lines.iter().filter(|line| line.counts()).collect();
    let cost = sum(costs.iter().map(|cost| ore(cost.amount)));
    let revenue = sum(revenues.iter().map(|revenue| ore(revenue.amount)));
    let funding = sum(counted.iter().map(|line| ore(line.amount())));
    let mut funding_by_kind = BTreeMap::new();
    let mut funding_by_level = BTreeMap::new();
    for line in &counted {
        if let Some(ore) = ore(line.amount()) {
            *funding_by_kind.entry(line.kind).or_insert(0_i64) += ore;
            *funding_by_level.entry(line.level).or_insert(0_i64) += ore;
        }
    }
    let is_none_eligible = !costs.is_empty() && costs.iter().all(|cost| !cost.eligible);
    let eligible_cost = sum(costs.iter().filter(|cost| cost.eligible).map(|cost| ore(cost.amount)));
    let amounts = costs.iter().map(|cost| cost.amount);
    let amounts = amounts.chain(revenues.iter().map(|revenue| revenue.amount));
    let amounts = amounts.chain(counted.iter().map(|line| line.amount()));
    Totals {
        cost,
        eligible_cost: eligible_cost.or(is_none_eligible.then_some(0)),
        revenue,
        funding,
        granted: sum(counted.iter().map(|line| ore(granted(&line.commitments)))),
        funding_by_kind,
        funding_by_level,
        gap: cost.map(|cost| cost - revenue.unwrap_or(0) - funding.unwrap_or(0)),
        has_unknown_costs: costs.iter().any(|cost| ore(cost.amount).is_none()),
        unknown_amounts: amounts.filter(|amount| ore(*amount).is_none()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::id::Id;
    use crate::project::commitment::{Commitment, Step};
    use crate::project::cost::model::CostType;
    use proptest::prelude::*;

    fn cost(ore: Option<i64>, eligible: bool) -> Cost {
        let amount = ore.map(Money::sek);
        Cost { id: Id::new(), type_: CostType::Staff, description: None, year: None, amount, eligible }
    }

    fn line(ore: Option<i64>, kind: FundingKind, level: SourceType, commitment: Commitment) -> FundingLine {
        FundingLine {
            id: Id::new(),
            source: "source".to_owned(),
            level,
            financier: None,
            call: None,
            priority: None,
            kind,
            year: None,
            note: None,
            commitments: vec![Step {
                id: Id::new(),
                commitment,
                date: None,
                amount: ore.map(Money::sek),
                case_number: None,
                document: None,
                note: None,
                recorded_at: Timestamp::now(),
                recorded_by: None,
            }],
        }
    }

    proptest! {
        #[test]
        fn kinds_and_levels_add_up_to_the_funding(
            lines in prop::collection::vec(
                (prop::option::of(0_i64..1_000_000_000_000), 0_usize..4, 0_usize..6, 0_usize..8), 0..20,
            ),
        ) {
            let lines: Vec<_> = lines
                .into_iter()
                .map(|(ore, kind, level, commitment)| {
                    line(ore, FundingKind::ALL[kind], SourceType::ALL[level], Commitment::ALL[commitment])
                })
                .collect();
            let totals = totals(&[], &[], &lines);
            prop_assert_eq!(totals.funding_by_kind.values().sum::<i64>(), totals.funding.unwrap_or(0));
            prop_assert_eq!(totals.funding_by_level.values().sum::<i64>(), totals.funding.unwrap_or(0));
            prop_assert_eq!(totals.gap, None);
        }
    }

    #[test]
    fn unknown_is_not_nothing() {
        let granted = |ore| line(ore, FundingKind::PublicCash, SourceType::Eu, Commitment::Granted);
        let refused = line(Some(50), FundingKind::PublicCash, SourceType::Eu, Commitment::Refused);
        let totals = totals(
            &[cost(Some(100), true), cost(Some(20), false), cost(None, true)],
            &[],
            &[granted(Some(40)), granted(None), refused],
        );
        assert_eq!((totals.cost, totals.eligible_cost), (Some(120), Some(100)));
        assert_eq!((totals.funding, totals.revenue), (Some(40), None));
        assert_eq!((totals.gap, totals.unknown_amounts), (Some(80), 2));
    }
}
