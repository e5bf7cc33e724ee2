//! Alignments over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Alignment, Assessed, Assessment, Evidence};
use crate::auth::policy::{self, PersonalData};
use crate::auth::{self, Principal};
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::db::Database;
use crate::http::{Body, Context, Contract, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, reply};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::project::Project;
use crate::project::change::{self, Change};
use crate::project::lifecycle::Act;
use crate::project::parts::{self, PartResource, part_operations};
use crate::project::references::Resolver;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_alignments)
        .service(create_alignment)
        .service(replace_alignments)
        .service(get_alignment)
        .service(replace_alignment)
        .service(update_alignment)
        .service(delete_alignment)
        .service(replace_assessment);
}

/// En ny koppling. / A new alignment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "subGoal": "4.3", "measure": "4.3.1", "share": 70, "rationale": "Terminalen flyttar virke från väg till järnväg."
}))]
pub struct NewAlignment {
    /// Strategin som koderna hör till; annars projektets. / The strategy of the codes; otherwise the project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub strategy_id: Option<String>,
    /// Delmålets kod. / Code of the sub-goal.
    #[schema(pattern = r"^[0-9]{1,3}\.[0-9]{1,3}$")]
    pub sub_goal: String,
    /// Kod för en av delmålets åtgärder. / Code of one of its measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$")]
    pub measure: Option<String>,
    /// Andel av projektet i hela procent; ett komplett projekts andelar är tillsammans 100. / Share of the project in
    /// whole percent; a complete project's shares add up to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100)]
    pub share: Option<i32>,
    /// Varför projektet bidrar. / Why the project contributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    pub rationale: Option<String>,
    /// Vad som visar det. / What shows it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Vec<EvidenceWire>,
}

/// Vad som visar att kopplingen stämmer: en text, gärna med en länk. / What shows that the claim is right.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Evidence, example = json!({
    "text": "Terminalen har lastat om 60 000 kubikmeter per år.", "url": "https://www.norsjo.se/godsterminal"
}))]
pub struct EvidenceWire {
    /// Vad det visar. / What it shows.
    #[schema(min_length = 1, max_length = 10_000)]
    pub text: String,
    /// Adress där det kan läsas. / Address where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^https?://\S+$", max_length = 2000)]
    pub url: Option<String>,
}

/// Kommunens ord om kopplingen. / The municipality's word on the claim.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Assessed, example = json!({
    "at": "2026-01-31T12:00:00Z", "reason": "Stöds av trafikprognosen.", "selfAssessed": false
}))]
struct AssessedView {
    /// Kontot som gjorde bedömningen; visas för handläggare. / The account that gave it; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    by: Option<Id>,
    /// När. / When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    at: Timestamp,
    /// Varför. / Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Om den gjordes av någon som angav eller senast ändrade kopplingen. / Whether it was given by one who made or last
    /// changed the claim.
    self_assessed: bool,
}

impl Patchable for NewAlignment {}

type NewAlignmentPatch = Patch<NewAlignment>;

/// Alla kopplingar. / All alignments.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"alignments": [{"subGoal": "4.3", "share": 70}, {"subGoal": "4.4", "share": 30}]}))]
struct AlignmentSet {
    /// Ersätter de som finns. / Replace those that are there.
    #[schema(max_items = 200)]
    alignments: Vec<NewAlignment>,
}

/// En koppling mellan projektet och ett delmål. / An alignment of the project with a sub-goal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Alignment, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a11", "strategyId": "norsjo-2014-2020", "subGoal": "4.3",
    "share": 70, "rationale": "Terminalen flyttar virke från väg till järnväg.", "evidence": [], "assessment": "claimed"
}))]
pub struct AlignmentView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Strategin som koderna hör till. / The strategy of the codes.
    strategy_id: String,
    /// Delmålets kod. / Code of the sub-goal.
    sub_goal: String,
    /// Åtgärdens kod. / Code of the measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<String>,
    /// Andel i hela procent. / Share in whole percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<i32>,
    /// Varför projektet bidrar. / Why the project contributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    rationale: Option<String>,
    /// Vad som visar det. / What shows it.
    evidence: Vec<EvidenceWire>,
    assessment: Assessment,
    #[serde(skip_serializing_if = "Option::is_none")]
    assessed: Option<AssessedView>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

impl From<Evidence> for EvidenceWire {
    fn from(Evidence { text, url }: Evidence) -> Self {
        Self { text, url }
    }
}

impl From<EvidenceWire> for Evidence {
    fn from(EvidenceWire { text, url }: EvidenceWire) -> Self {
        Self { text, url }
    }
}

impl PartResource for Alignment {
    type Given = NewAlignment;
    type View = AlignmentView;
    const SEGMENT: &'static str = "alignments";
    const NAME: (&'static str, &'static str) = ("Kopplingen", "The alignment");
    const CHANGED: &'static str = "project.alignmentsChanged";
    const UPDATE: &'static str = "updateAlignment";
    const DELETE: &'static str = "deleteAlignment";
    const ACT: Act = Act::Plan;

    fn of(project: &Project) -> &Vec<Self> {
        &project.alignments
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.alignments
    }

    fn given(&self) -> NewAlignment {
        NewAlignment {
            strategy_id: Some(self.strategy_id.clone()),
            sub_goal: self.sub_goal_code.clone(),
            measure: self.measure_code.clone(),
            share: self.share,
            rationale: self.rationale.clone(),
            evidence: self.evidence.iter().cloned().map(Into::into).collect(),
        }
    }

    fn resolve(
        given: NewAlignment,
        before: Option<&Self>,
        project: &Project,
        resolver: &mut Resolver<'_>,
        at: &str,
    ) -> Result<Option<Self>, Problem> {
        let strategy_id = match given.strategy_id {
            Some(id) => resolver.strategy(&format!("{at}/strategyId"), Some(id))?,
            None => project.facts.strategy_id.clone(),
        };
        resolver.codes(at, &strategy_id, &given.sub_goal, given.measure.as_deref())?;
        let caller = resolver.caller().id();
        // A suggestion is made a claim by the one who claims it.
        let known = before.filter(|before| before.assessment != Assessment::Suggested);
        let claim = Self {
            id: before.map_or_else(Id::new, |before| before.id),
            strategy_id,
            sub_goal_code: given.sub_goal,
            measure_code: given.measure,
            share: given.share,
            rationale: given.rationale,
            evidence: given.evidence.into_iter().map(Into::into).collect(),
            assessment: Assessment::Claimed,
            made_by: known.map_or(caller, |known| known.made_by),
            claimed_by: caller,
            assessed: None,
        };
        // A changed claim is to be assessed anew.
        let kept = known.filter(|known| known.is_same_claim(&claim));
        Ok(Some(kept.cloned().unwrap_or(claim)))
    }

    fn own_links(&self, address: &str, project: &Project, caller: &Principal) -> Links {
        let is_others = caller.may_assess_own() || !caller.id().is_some_and(|id| self.is_of(id));
        let is_claim = self.assessment != Assessment::Suggested;
        let may = policy::allows(caller, "replaceAssessment");
        let is_assessable =
            may && is_claim && is_others && project.status.allows(Act::Assess, project.standing(caller));
        Links::default().and_if(is_assessable, "assess", "PUT", || format!("{address}/assessment"))
    }

    fn faults_together(parts: &[Self], at: impl Fn(usize) -> String) -> Vec<Fault> {
        let is_repeated =
            |(index, part): &(usize, &Self)| parts[..*index].iter().any(|other| other.is_same_target(part));
        let fault = |(index, part): (usize, &Self)| {
            let code = part.measure_code.as_ref().unwrap_or(&part.sub_goal_code);
            let reason =
                bilingual!("projektet är redan kopplat till {code}", "the project is aligned with {code} already");
            Fault::body(format!("{}/subGoal", at(index)), "repeated", reason)
        };
        parts.iter().enumerate().filter(is_repeated).map(fault).collect()
    }

    fn view(&self, caller: &Principal, links: Option<Links>) -> AlignmentView {
        AlignmentView {
            id: self.id,
            strategy_id: self.strategy_id.clone(),
            sub_goal: self.sub_goal_code.clone(),
            measure: self.measure_code.clone(),
            share: self.share,
            rationale: self.rationale.clone(),
            evidence: self.evidence.iter().cloned().map(Into::into).collect(),
            assessment: self.assessment,
            assessed: self.assessed.clone().map(|Assessed { by, at, reason, self_assessed }| AssessedView {
                by: by.filter(|_| policy::shows(caller, PersonalData::Account, false)),
                at,
                reason,
                self_assessed,
            }),
            links,
        }
    }
}

part_operations!(
    Alignment, AlignmentView, NewAlignment, NewAlignmentPatch,
    "/projects/{projectId}/alignments", "/projects/{projectId}/alignments/{alignmentId}",
    list_alignments: "Projektets kopplingar. / The project's alignments.",
    create_alignment: "Lägg till en koppling. / Add an alignment.",
    get_alignment: "En koppling. / An alignment.",
    replace_alignment: "Ersätt en koppling. / Replace an alignment.",
    update_alignment: "Ändra en koppling. / Change an alignment.",
    delete_alignment: "Ta bort en koppling. / Remove an alignment.",
);

/// Ersätt alla kopplingar. / Replace all alignments.
///
/// En koppling till samma delmål och åtgärd behåller sitt id. / One to the same sub-goal and measure keeps its id.
#[utoipa::path(request_body = AlignmentSet,
    responses((status = 200, description = "Alla kopplingar. / All alignments.", body = [AlignmentView])))]
#[put("/projects/{projectId}/alignments")]
async fn replace_alignments(
    context: Context,
    database: Data<Database>,
    project: Path<Id>,
    version: IfMatch,
    body: Body<AlignmentSet>,
) -> Result<HttpResponse, Problem> {
    let given = body.value.alignments;
    parts::replace_all::<Alignment>(context, &database, *project, version, given, Alignment::likeness).await
}

code_list! {
    /// What the municipality says of a claim.
    pub enum Verdict {
        /// It agrees.
        Confirmed = "confirmed", "bekräftad";
        /// It does not.
        Rejected = "rejected", "underkänd";
    }
}

/// Kommunens bedömning av en koppling. / The municipality's assessment of a claim.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"assessment": "confirmed", "reason": "Stöds av trafikprognosen."}))]
struct NewAssessment {
    assessment: Verdict,
    /// Skäl; krävs när kopplingen underkänns. / Reason; needed when the claim is rejected.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    reason: Option<String>,
}

/// Bedöm en koppling. / Assess a claim.
///
/// Den som angav eller senast ändrade kopplingen bedömer den inte själv. Ändras kopplingen sedan är den åter bara
/// angiven. / Not by the one who made or last changed it. When the claim is changed afterwards it is only claimed again.
#[utoipa::path(request_body = NewAssessment,
    responses((status = 200, description = "Bedömd. / Assessed.", body = AlignmentView)))]
#[put("/projects/{projectId}/alignments/{alignmentId}/assessment")]
async fn replace_assessment(
    context: Context,
    database: Data<Database>,
    path: Path<(Id, Id)>,
    version: IfMatch,
    body: Body<NewAssessment>,
) -> Result<HttpResponse, Problem> {
    let (caller, given) = (context.caller().clone(), body.value);
    let (project, id) = path.into_inner();
    let (alignment, project) = database
        .write(move |conn| {
            let may_assess_own = match caller.id() {
                Some(id) if caller.scopes().is_none() => auth::store::find(conn, id)?.may_assess_own,
                _ => false,
            };
            let change = Change { caller: &caller, act: Act::Assess, kind: "project.assessed" };
            change::make(conn, change, project, &version, |resolver, project| {
                let reason = given.reason.clone().filter(|reason| !reason.trim().is_empty());
                let assessment = match given.assessment {
                    Verdict::Confirmed => Assessment::Confirmed,
                    Verdict::Rejected => Assessment::Rejected,
                };
                if assessment == Assessment::Rejected && reason.is_none() {
                    let reason = bilingual!("behövs när kopplingen underkänns", "is needed to reject a claim");
                    resolver.fault("/reason", "required", reason);
                }
                let claim = project.alignments.iter_mut().find(|claim| claim.id == id);
                let claim = claim.ok_or_else(|| Problem::not_found(Alignment::NAME.0, Alignment::NAME.1))?;
                *claim = claim.assessed(assessment, reason, caller.id(), may_assess_own)?;
                Ok(claim.clone())
            })
        })
        .await?;
    reply::one(&context, Some(project.version), &parts::viewed(&alignment, &project, context.caller(), context.base()))
}
