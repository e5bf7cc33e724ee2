//! Splits a project's money by the shares of its alignments, so that nothing is lost and nothing counted twice.

use super::survey::{Claim, Sums, Surveyed};
use crate::strategy::model::code_key;

/// Splits an amount by weights, so that the parts add up to it: each gets its part rounded down, and what is left goes öre
/// by öre to the largest remainders, between equals to the first. Nothing is split when no weight is above 0.
#[must_use]
pub fn allot(amount: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    if whole <= 0 {
        return vec![0; weights.len()];
    }
    let quotas: Vec<i128> = weights.iter().map(|weight| i128::from(amount) * i128::from(*weight)).collect();
    let mut parts: Vec<i64> =
        quotas.iter().map(|quota| i64::try_from(quota.div_euclid(whole)).unwrap_or(i64::MAX)).collect();
    let left = amount - parts.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(quotas[*index].rem_euclid(whole)));
    for index in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts
}

/// A project's money by the alignments that it has in one strategy.
#[derive(Debug)]
pub struct Allotment<'a> {
    /// What each alignment that counts gets, by code: those that are claimed or confirmed and have a share.
    pub parts: Vec<(&'a Claim, Sums)>,
    /// What no such alignment gets: shares that are not given or rejected.
    pub unallocated: Sums,
    /// Whether there are such shares, with or without money.
    pub is_partial: bool,
}

impl<'a> Allotment<'a> {
    /// Splits the money. Shares of a draft that add up to more than 100 are parts of their sum.
    #[must_use]
    pub fn of(project: &'a Surveyed, strategy: &str) -> Self {
        let share = |claim: &Claim| i64::from(claim.share.unwrap_or(0));
        let counts = |claim: &&Claim| claim.strategy_id == strategy && claim.assessment.counts() && share(claim) > 0;
        let mut claims: Vec<&Claim> = project.claims.iter().filter(counts).collect();
        claims.sort_by_cached_key(|claim| code_key(claim.measure.as_ref().unwrap_or(&claim.sub_goal)));
        let given: i64 = claims.iter().map(|claim| share(claim)).sum();
        let missing = (100 - given).max(0);
        let weights: Vec<i64> = claims.iter().map(|claim| share(claim)).chain([missing]).collect();
        let split = project.sums.map(|amount| allot(*amount, &weights));
        let part = |index: usize| split.map(|parts| parts[index]);
        Self {
            parts: claims.iter().enumerate().map(|(index, claim)| (*claim, part(index))).collect(),
            unallocated: part(claims.len()),
            is_partial: missing > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_and_none_is_off_by_an_ore(
            amount in 0_i64..1_000_000_000_000_000, weights in prop::collection::vec(0_i64..101, 1..12),
        ) {
            let whole: i64 = weights.iter().sum();
            let parts = allot(amount, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), if whole > 0 { amount } else { 0 });
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = i128::from(amount) * i128::from(*weight);
                let off = i128::from(*part) * i128::from(whole) - exact;
                prop_assert!(off.abs() < i128::from(whole.max(1)), "{part} of {amount} by {weight}/{whole}");
            }
        }
    }

    #[test]
    fn what_is_left_goes_to_the_largest_remainders_and_then_to_the_first() {
        assert_eq!(allot(100, &[33, 33, 34]), [33, 33, 34]);
        assert_eq!(allot(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(allot(11, &[1, 1, 1]), [4, 4, 3]);
        assert_eq!(allot(1, &[30, 60, 10]), [0, 1, 0]);
        assert_eq!(allot(5, &[0, 0]), [0, 0]);
    }
}
