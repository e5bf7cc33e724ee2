//! What the answers of this room have alike over HTTP: scores, their evidence, and money by share.

use serde::Serialize;
use utoipa::ToSchema;

use super::score::{Score, Term, percent};
use super::survey::Sums;
use crate::framework::CorrespondenceType;
use crate::framework::correspondence::model::Provenance;
use crate::project::alignment::{Alignment, Assessment};
use crate::project::view::Sum;
use crate::text::Bilingual;

/// Pengar efter andel, så långt de är kända i kronor. / Money by share, as far as it is known in kronor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "totalCost": {"amount": "18923500.00", "currency": "SEK"}, "granted": {"amount": "3447600.00", "currency": "SEK"},
    "notYetGranted": {"amount": "15475900.00", "currency": "SEK"}
}))]
pub struct MoneyByShare {
    /// Kostnad. / Cost.
    total_cost: Sum,
    /// Beviljat. / Granted.
    granted: Sum,
    /// Planerat eller ansökt och ännu inte beviljat. / Planned or applied for and not granted yet.
    not_yet_granted: Sum,
}

impl From<Sums> for MoneyByShare {
    fn from(sums: Sums) -> Self {
        let Sums { total_cost, granted, not_yet_granted } = sums.map(|ore| Sum::of(*ore));
        Self { total_cost, granted, not_yet_granted }
    }
}

/// Pengar som rörs, så långt de är kända i kronor; det som är okänt saknas. / Money touched, as far as it is known in
/// kronor; what is unknown is absent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "totalCost": {"amount": "7600000.00", "currency": "SEK"}, "granted": {"amount": "7600000.00", "currency": "SEK"},
    "notYetGranted": {"amount": "0.00", "currency": "SEK"}
}))]
pub struct MoneyTouched {
    /// Kostnad. / Cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_cost: Option<Sum>,
    /// Beviljat. / Granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<Sum>,
    /// Planerat eller ansökt och ännu inte beviljat. / Planned or applied for and not granted yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_yet_granted: Option<Sum>,
}

impl From<Sums<Option<i64>>> for MoneyTouched {
    fn from(sums: Sums<Option<i64>>) -> Self {
        let Sums { total_cost, granted, not_yet_granted } = sums.map(|ore| ore.map(Sum::of));
        Self { total_cost, granted, not_yet_granted }
    }
}

/// Ett belägg: en koppling och vad den ger. / Evidence: one alignment and what it gives.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ScoreTerm, example = json!({
    "strategyId": "norsjo-2014-2020", "subGoal": "3.7", "measure": null, "share": 60, "assessment": "confirmed",
    "priority": "3", "correspondence": "broad", "weight": 0.75, "points": 45.0, "provenance": "inferred",
    "correspondenceRationale": {"sv": "Besöksnäringens företag är små.", "en": "The visitor industry's firms are small."},
    "rationale": "Nya produkter ger fler gästnätter."
}))]
pub struct Evidence {
    /// Strategin som koderna hör till. / The strategy of the codes.
    pub strategy_id: String,
    /// Delmålets kod. / Code of the sub-goal.
    pub sub_goal: String,
    /// Åtgärdens kod, eller null. / Code of the measure, or null.
    pub measure: Option<String>,
    /// Andel i hela procent, eller null om den inte är angiven. / Share in whole percent, or null when it is not given.
    pub share: Option<i32>,
    /// På vems ord. / On whose word.
    pub assessment: Assessment,
    /// Prioriteringen som motsvarigheten gäller, eller null för hela ramverket. / The priority that the correspondence is
    /// to, or null for the whole framework.
    pub priority: Option<String>,
    /// Motsvarigheten. / The correspondence.
    pub correspondence: CorrespondenceType,
    /// Vikt: exact 1, broad 0,75, partial 0,5, none 0. / Weight.
    pub weight: f64,
    /// Andel × vikt; 0 för det som är föreslaget eller underkänt. / Share × weight; 0 for what is suggested or rejected.
    pub points: f64,
    /// Vem som anger motsvarigheten. / Who says so.
    pub provenance: Provenance,
    /// Varför delmålet eller åtgärden motsvarar prioriteringen. / Why the sub-goal or measure corresponds.
    pub correspondence_rationale: Bilingual,
    /// Varför projektet bidrar, enligt kopplingen. / Why the project contributes, as the alignment has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
}

impl Evidence {
    /// A term of a project's score, with the texts of the alignment that it is of.
    #[must_use]
    pub fn new(term: &Term<'_>, alignments: &[Alignment]) -> Self {
        let (claim, facts) = (term.claim, &term.correspondence.facts);
        let own = alignments.iter().find(|own| {
            own.strategy_id == claim.strategy_id
                && own.sub_goal_code == claim.sub_goal
                && own.measure_code == claim.measure
        });
        Self {
            strategy_id: claim.strategy_id.clone(),
            sub_goal: claim.sub_goal.clone(),
            measure: claim.measure.clone(),
            share: claim.share,
            assessment: claim.assessment,
            priority: facts.priority.clone(),
            correspondence: facts.type_,
            weight: percent(facts.type_.quarters() * 2),
            points: percent(term.quarters() * 2),
            provenance: facts.provenance,
            correspondence_rationale: facts.rationale.clone(),
            rationale: own.and_then(|own| own.rationale.clone()),
        }
    }
}

/// Hur starkt, och på vad det vilar. / How strongly, and what it rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Score, example = json!({"score": 45.0, "confirmedScore": 45.0, "claimedScore": 0.0}))]
pub struct Scores {
    /// Bekräftat + 0,5 × angivet, 0–100. / Confirmed + 0.5 × claimed, 0–100.
    pub score: f64,
    /// Bekräftade kopplingars poäng. / Points of the confirmed alignments.
    pub confirmed_score: f64,
    /// Angivna kopplingars poäng. / Points of the claimed alignments.
    pub claimed_score: f64,
}

impl From<Score> for Scores {
    fn from(Score { score, confirmed, claimed }: Score) -> Self {
        Self { score: percent(score), confirmed_score: percent(confirmed), claimed_score: percent(claimed) }
    }
}
