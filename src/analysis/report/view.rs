//! What a report says.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::analysis::wire::{Evidence, Scores};
use crate::clock::Timestamp;
use crate::framework::http::WordingView;
use crate::http::Links;
use crate::id::Id;
use crate::organisation::Sector;
use crate::organisation::model::Interest;
use crate::project::Status;
use crate::project::alignment::Assessment;
use crate::project::alignment::http::EvidenceWire;
use crate::project::model::ProjectKind;
use crate::project::stakeholder::model::Phase;
use crate::project::view::{Sum, TotalsView};
use crate::project::wire::CriterionWire;
use crate::text::Bilingual;

/// En kommun som projektet gäller. / A municipality that the project concerns.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MunicipalityName, example = json!({"code": "2417", "name": "Norsjö kommun"}))]
pub struct PlaceView {
    /// Kommunkod. / Municipality code.
    pub code: String,
    /// Namn. / Name.
    pub name: String,
}

/// Projektet i korthet. / The project in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportedProject {
    #[schema(value_type = uuid::Uuid, example = "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10")]
    pub(super) id: Id,
    /// Beteckning. / Reference.
    #[schema(example = "2026-7KQF3")]
    pub reference: String,
    /// Titel. / Title.
    #[schema(example = "Godsterminal i Bastuträsk")]
    pub title: String,
    /// Kort om vad projektet gör. / What the project does, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Terminal där virke lastas om från lastbil till tåg.")]
    pub summary: Option<String>,
    pub(super) kind: ProjectKind,
    pub(super) status: Status,
    /// Första dagen. / First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2010-09-08")]
    pub start_date: Option<NaiveDate>,
    /// Sista dagen. / Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2012-01-31")]
    pub end_date: Option<NaiveDate>,
    /// Kommuner som det gäller. / Municipalities that it concerns.
    pub municipalities: Vec<PlaceView>,
    /// Version av projektet. / Version of the project.
    #[schema(example = 1)]
    pub version: i64,
    /// När det senast ändrades. / When it was last changed.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    pub updated_at: Timestamp,
}

/// En kod med sin formulering. / A code with its wording.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"code": "4.3.1", "title": {"sv": "Godsterminal", "en": "Freight terminal"}}))]
pub struct CodedTitle {
    /// Kod. / Code.
    pub code: String,
    /// Formulering. / Wording.
    pub title: Bilingual,
}

/// En koppling i strategins träd. / An alignment in the strategy's tree.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"share": 70, "assessment": "confirmed", "selfAssessed": false, "evidence": []}))]
pub struct ReportedAlignment {
    /// Åtgärden, när kopplingen är till en. / The measure, when the alignment is with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<CodedTitle>,
    /// Andel i hela procent. / Share in whole percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<i32>,
    /// Varför projektet bidrar. / Why the project contributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// Vad som visar det. / What shows it.
    pub evidence: Vec<EvidenceWire>,
    /// På vems ord. / On whose word.
    pub assessment: Assessment,
    /// När kommunen bedömde den. / When the municipality assessed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, example = "2026-01-31T12:00:00Z")]
    pub assessed_at: Option<Timestamp>,
    /// Kommunens skäl. / The municipality's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Om bedömningen gjordes av den som angav kopplingen. / Whether it was assessed by the one who made the claim.
    pub self_assessed: bool,
}

/// Ett delmål som projektet är kopplat till. / A sub-goal that the project is aligned with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "4.3", "title": {"sv": "Förbättrad systemfunktion", "en": "Better function"}, "share": 70, "alignments": []
}))]
pub struct ReportedSubGoal {
    /// Kod. / Code.
    pub code: String,
    /// Formulering. / Wording.
    pub title: Bilingual,
    /// Andel som är angiven eller bekräftad. / Share that is claimed or confirmed.
    pub share: i32,
    /// Kopplingarna. / The alignments.
    pub alignments: Vec<ReportedAlignment>,
}

/// Ett målområde som projektet är kopplat till. / A goal area that the project is aligned with.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "code": "4", "title": {"sv": "En öppen kommun", "en": "An open municipality"}, "share": 100, "subGoals": []
}))]
pub struct ReportedGoalArea {
    /// Kod. / Code.
    pub code: String,
    /// Formulering. / Wording.
    pub title: Bilingual,
    /// Andel som är angiven eller bekräftad. / Share that is claimed or confirmed.
    pub share: i32,
    /// Delmålen. / The sub-goals.
    pub sub_goals: Vec<ReportedSubGoal>,
}

/// Projektet i en strategis träd. / The project in a strategy's tree.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "strategyId": "norsjo-2014-2020", "title": {"sv": "Lokal utvecklingsstrategi", "en": "Local development strategy"},
    "version": 1, "confirmedShare": 100, "claimedShare": 0, "unallocatedShare": 0, "goalAreas": []
}))]
pub struct ReportedStrategy {
    pub(super) strategy_id: String,
    /// Vad strategin kallar sig. / What the strategy calls itself.
    pub title: Bilingual,
    /// Katalogens version. / Version of the catalogue.
    pub version: i64,
    /// Andel som kommunen har bekräftat. / Share that the municipality has confirmed.
    pub confirmed_share: i32,
    /// Andel som är angiven. / Share that is claimed.
    pub claimed_share: i32,
    /// Andel som inte är angiven eller är underkänd. / Share that is not given or rejected.
    pub unallocated_share: i32,
    /// Målområden som projektet är kopplat till. / Goal areas that the project is aligned with.
    pub goal_areas: Vec<ReportedGoalArea>,
}

/// En prioritering som projektet bidrar till. / A priority that the project serves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "3", "level": "axis", "title": {"sv": "Att öka små och medelstora företags konkurrenskraft"},
    "scores": {"score": 45.0, "confirmedScore": 45.0, "claimedScore": 0.0}, "evidence": []
}))]
pub struct ReportedPriority {
    /// Kod. / Code.
    pub code: String,
    /// Nivåns kod. / Code of its level.
    pub level: String,
    /// Officiell titel. / Official title.
    pub title: WordingView,
    /// Djup i trädet, 0 ytterst. / Depth in the tree, 0 outermost.
    #[serde(skip)]
    pub depth: usize,
    pub(super) scores: Scores,
    /// Varje term i poängen. / Every term of the score.
    pub evidence: Vec<Evidence>,
}

/// Projektet i ett ramverk. / The project in a framework.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "frameworkId": "global-goals", "title": {"sv": "Globala målen", "en": "Global goals"}, "version": 1,
    "scores": {"score": 45.0, "confirmedScore": 45.0, "claimedScore": 0.0}, "priorities": []
}))]
pub struct ReportedFramework {
    pub(super) framework_id: String,
    /// Titel. / Title.
    pub title: Bilingual,
    /// Katalogens version. / Version of the catalogue.
    pub version: i64,
    /// Mot ramverket som helhet: varje koppling räknas en gång, med sin starkaste motsvarighet. / Towards the framework as
    /// a whole: each alignment counts once, with its strongest correspondence.
    pub scores: Scores,
    /// Prioriteringar som projektet bidrar till, i trädets ordning. / Priorities that the project serves, in the order of
    /// the tree.
    pub priorities: Vec<ReportedPriority>,
}

/// Vilka som står bakom, och vilka som saknas. / Who stands behind it, and who is missing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "sectors": {"public": ["Norsjö kommun"], "business": [], "academia": [], "civilSociety": []},
    "phases": {"idea": ["Norsjö kommun"], "planning": [], "implementation": [], "results": []},
    "interests": {"need": ["Norsjö kommun"], "benefit": []},
    "missing": {"sectors": ["business", "academia", "civilSociety"], "phases": ["planning"], "interests": ["benefit"]}
}))]
pub struct StakeholderProfile {
    /// Organisationer per samhällssektor. / Organisations by sector of society.
    pub sectors: BTreeMap<Sector, Vec<String>>,
    /// Organisationer per fas. / Organisations by phase.
    pub phases: BTreeMap<Phase, Vec<String>>,
    /// Vilka som ser behovet och vilka som drar nytta. / Who sees the need and who benefits.
    pub interests: BTreeMap<Interest, Vec<String>>,
    pub(super) missing: Missing,
}

/// Vad som ingen organisation står för. / What no organisation stands for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissingStakeholders, example = json!({"sectors": ["academia"], "phases": [], "interests": ["benefit"]}))]
pub struct Missing {
    /// Samhällssektorer. / Sectors of society.
    pub sectors: Vec<Sector>,
    /// Faser. / Phases.
    pub phases: Vec<Phase>,
    /// Intressen. / Interests.
    pub interests: Vec<Interest>,
}

/// Strategins fyra framgångsfaktorer som fakta om projektet. / The strategy's four success factors as facts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "participation": {"sectors": ["public"], "phases": ["idea", "planning"]}, "sharedView": {"confirmedShare": 70},
    "cooperation": {"goalAreas": ["4"], "municipalities": ["2417"]},
    "jointAction": {"status": "completed", "implementationPartners": ["Trafikverket"],
                    "committed": {"amount": "3447600.00", "currency": "SEK"}}
}))]
pub struct SuccessFactors {
    /// Delaktighet: sektorer och faser som deltar. / Participation: sectors and phases taking part.
    pub participation: Participation,
    /// Samsyn: andel som kommunen har bekräftat. / Shared view: share that the municipality has confirmed.
    pub shared_view: SharedView,
    /// Samarbete: målområden och kommuner som projektet spänner över. / Cooperation: goal areas and municipalities spanned.
    pub cooperation: Cooperation,
    /// Samhandling: läge, parter i genomförandet, pengar som är utfästa. / Joint action: state reached, partners in
    /// implementation, money committed.
    pub joint_action: JointAction,
}

/// Delaktighet. / Participation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"sectors": ["public"], "phases": ["idea", "planning"]}))]
pub struct Participation {
    /// Samhällssektorer. / Sectors of society.
    pub sectors: Vec<Sector>,
    /// Faser. / Phases.
    pub phases: Vec<Phase>,
}

/// Samsyn. / Shared view.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"confirmedShare": 70}))]
pub struct SharedView {
    /// Hela procent av projektet. / Whole percent of the project.
    pub confirmed_share: i32,
}

/// Samarbete. / Cooperation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"goalAreas": ["4"], "municipalities": ["2417"]}))]
pub struct Cooperation {
    /// Målområdenas koder. / Codes of the goal areas.
    pub goal_areas: Vec<String>,
    /// Kommunkoder. / Municipality codes.
    pub municipalities: Vec<String>,
}

/// Samhandling. / Joint action.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "status": "completed", "implementationPartners": ["Trafikverket"],
    "committed": {"amount": "3447600.00", "currency": "SEK"}
}))]
pub struct JointAction {
    pub(super) status: Status,
    /// Organisationer som deltar i genomförandet. / Organisations that take part in implementation.
    pub implementation_partners: Vec<String>,
    /// Rader med medfinansieringsintyg, beslut eller utbetalning, så långt de är kända i kronor; saknas om inget av dem är
    /// det. / Lines that are certified, granted or paid, as far as known in kronor; absent when none of them is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<Sum>,
}

/// Vad ett projekt bidrar till, vilka som står bakom det och vilka som betalar. / What a project contributes to, who stands
/// behind it and who pays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AlignmentReport)]
pub struct Report {
    pub(super) project: ReportedProject,
    /// Projektet i strategiernas träd, den som det är registrerat under först. / In the strategies' trees, the one it is
    /// registered under first.
    pub strategies: Vec<ReportedStrategy>,
    /// Projektet i varje ramverk. / In every framework.
    pub frameworks: Vec<ReportedFramework>,
    pub(super) stakeholders: StakeholderProfile,
    /// Finansieringen. / The funding.
    pub funding: TotalsView,
    /// Horisontella kriterier. / Horizontal criteria.
    pub horizontal_criteria: Vec<CriterionWire>,
    pub(super) success_factors: SuccessFactors,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    pub(super) links: Option<Links>,
}
