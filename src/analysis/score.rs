//! How strongly a project serves a priority (rule 8 of the domain): share × the correspondence's weight, summed over its
//! alignments, and never without the terms that it is the sum of.
//!
//! Weights: exact 1, broad 0.75, partial 0.5, none 0. `confirmedScore` sums the confirmed alignments, `claimedScore` the
//! claimed ones, `score` = confirmed + 0.5 × claimed; suggested and rejected alignments give no points. All are 0–100,
//! since a complete project's shares add up to 100 per strategy.

use std::collections::BTreeSet;

use super::survey::Claim;
use crate::framework::{Correspondence, Correspondences};
use crate::project::alignment::Assessment;

/// One term of a score.
#[derive(Debug, Clone, Copy)]
pub struct Term<'a> {
    /// The alignment.
    pub claim: &'a Claim,
    /// The correspondence that counts for it.
    pub correspondence: &'a Correspondence,
}

impl Term<'_> {
    /// What it gives, in quarters of a percent: share × weight when somebody stands behind the alignment.
    #[must_use]
    pub fn quarters(&self) -> i64 {
        let share = i64::from(self.claim.share.unwrap_or(0));
        if self.claim.assessment.counts() { share * self.correspondence.facts.type_.quarters() } else { 0 }
    }
}

/// A project's alignments of one strategy that have a correspondence to these priorities, `none` included.
#[must_use]
pub fn terms<'a>(
    claims: &'a [Claim],
    strategy: &str,
    correspondences: &'a Correspondences,
    within: &BTreeSet<&str>,
) -> Vec<Term<'a>> {
    let of_strategy = claims.iter().filter(|claim| claim.strategy_id == strategy);
    of_strategy
        .filter_map(|claim| {
            let found = correspondences.strongest(strategy, &claim.sub_goal, claim.measure.as_deref(), within);
            found.map(|correspondence| Term { claim, correspondence })
        })
        .collect()
}

/// A score, in eighths of a percent, which every score is a whole number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Score {
    /// Confirmed + half of claimed.
    pub score: i64,
    /// Confirmed alignments' points.
    pub confirmed: i64,
    /// Claimed alignments' points.
    pub claimed: i64,
}

/// 100 percent.
const WHOLE: i64 = 800;

impl Score {
    /// The sum of terms. Shares of a draft may add up to more than 100; its score does not.
    #[must_use]
    pub fn of(terms: &[Term<'_>]) -> Self {
        let sum = |wanted| {
            let wanted = terms.iter().filter(|term| term.claim.assessment == wanted);
            (wanted.map(|term| term.quarters() * 2).sum::<i64>()).min(WHOLE)
        };
        let (confirmed, claimed) = (sum(Assessment::Confirmed), sum(Assessment::Claimed));
        Self { score: (confirmed + claimed / 2).min(WHOLE), confirmed, claimed }
    }
}

/// Eighths of a percent as a number, exactly.
#[must_use]
pub fn percent(eighths: i64) -> f64 {
    // At most 800, which a f64 holds exactly.
    f64::from(i32::try_from(eighths).unwrap_or(i32::MAX)) / 8.0
}
