//! Ranks projects by how strongly they serve priorities.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::analysis::allotment::Allotment;
use crate::analysis::score::{Score, Term, percent, terms};
use crate::analysis::survey::{Claim, Sums, Surveyed};
use crate::framework::Correspondences;
use crate::id::Id;
use crate::project::alignment::Assessment;

/// What is asked about the projects.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The strategy whose alignments count; otherwise each project's own.
    pub strategy_id: Option<String>,
    /// Least score, in percent.
    pub min_score: f64,
    /// Whether only confirmed alignments count.
    pub only_confirmed: bool,
}

impl Question {
    /// The terms that count of a project's claims.
    #[must_use]
    pub fn terms<'a>(
        &self,
        claims: &'a [Claim],
        strategy: &str,
        correspondences: &'a Correspondences,
        within: &BTreeSet<&str>,
    ) -> Vec<Term<'a>> {
        let mut terms = terms(claims, strategy, correspondences, within);
        terms.retain(|term| !self.only_confirmed || term.claim.assessment == Assessment::Confirmed);
        terms
    }
}

/// A project that serves the priorities.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The project.
    pub id: Id,
    /// The strategy whose alignments count.
    pub strategy_id: String,
    /// How strongly.
    pub score: Score,
    /// The money of the alignments that have to do with the priorities, as far as it is known.
    pub touched: Sums<Option<i64>>,
}

/// The projects that serve these priorities at least so strongly, the strongest first; between equals the one with more
/// confirmed, then by title. What serves them not at all is left out.
#[must_use]
pub fn rank(
    projects: &[Surveyed],
    question: &Question,
    correspondences: &Correspondences,
    within: &BTreeSet<&str>,
) -> Vec<Ranked> {
    let mut found: Vec<(&Surveyed, Ranked)> = Vec::new();
    for project in projects {
        let strategy = question.strategy_id.as_ref().unwrap_or(&project.strategy_id);
        let terms = question.terms(&project.claims, strategy, correspondences, within);
        let score = Score::of(&terms);
        if score.score == 0 || percent(score.score) < question.min_score {
            continue;
        }
        let mut touched = Sums::default();
        for (claim, part) in Allotment::of(project, strategy).parts {
            if terms.iter().any(|term| std::ptr::eq(term.claim, claim) && term.quarters() > 0) {
                touched += part;
            }
        }
        let funded = |ore: i64| project.has_known_funding.then_some(ore);
        let touched = Sums {
            total_cost: project.has_known_cost.then_some(touched.total_cost),
            granted: funded(touched.granted),
            not_yet_granted: funded(touched.not_yet_granted),
        };
        found.push((project, Ranked { id: project.id, strategy_id: strategy.clone(), score, touched }));
    }
    found.sort_by(|(a, ranked_a), (b, ranked_b)| {
        let key = |ranked: &Ranked| Reverse((ranked.score.score, ranked.score.confirmed));
        let by_score = key(ranked_a).cmp(&key(ranked_b));
        by_score.then_with(|| a.title_key.cmp(&b.title_key)).then(a.id.cmp(&b.id))
    });
    found.into_iter().map(|(_, ranked)| ranked).collect()
}
