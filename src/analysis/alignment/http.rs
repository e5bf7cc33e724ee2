//! The funder's question over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Question, Ranked, rank};
use crate::analysis::score::percent;
use crate::analysis::survey::{Claim, store::survey};
use crate::analysis::wire::{Evidence, MoneyTouched};
use crate::db::Database;
use crate::framework::{self, Correspondences, Framework};
use crate::http::{Context, Links, Paging, Query, reply};
use crate::id::Id;
use crate::organisation::Sector;
use crate::problem::{Fault, Part, Problem};
use crate::project::http::Selection;
use crate::project::model::{Project, ProjectKind};
use crate::project::sight::Sight;
use crate::project::totals::totals;
use crate::project::view::Sum;
use crate::project::{self, Status};
use crate::strategy;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_framework_alignments);
}

/// Vad som frågas. / What is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct AlignmentQuestion {
    /// Prioriteringar; en prioritering omfattar allt som ligger under den. Saknas de gäller frågan hela ramverket. /
    /// Priorities; one counts all that is below it. Without any, the question is about the whole framework.
    #[param(max_items = 50, example = json!(["3"]))]
    priority: Option<Vec<String>>,
    /// Lägsta poäng, 0–100. / Least score, 0–100.
    #[param(minimum = 0, maximum = 100, example = 25)]
    min_score: Option<f64>,
    /// Räkna bara det som kommunen har bekräftat. / Count only what the municipality has confirmed.
    #[param(example = true)]
    confirmed: Option<bool>,
    /// Strategin vars kopplingar räknas; annars den som varje projekt är registrerat under. / The strategy whose
    /// alignments count; otherwise the one that each project is registered under.
    #[param(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "norsjo-2014-2020")]
    strategy_id: Option<String>,
}

/// Ett projekt som bidrar, med belägg. / A project that contributes, with evidence.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FrameworkAlignment, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "reference": "2026-7KQF3", "title": "Gold of Lapland",
    "kind": "implementation", "status": "completed", "municipalities": ["2417"], "strategyId": "norsjo-2014-2020",
    "score": 45.0, "confirmedScore": 45.0, "claimedScore": 0.0, "evidence": [], "sectors": ["public"],
    "touched": {"totalCost": {"amount": "7600000.00", "currency": "SEK"}, "granted": {"amount": "7600000.00",
                "currency": "SEK"}, "notYetGranted": {"amount": "0.00", "currency": "SEK"}},
    "fundingByLevel": {"eu": {"amount": "3800000.00", "currency": "SEK"}},
    "_links": {"project": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                           "rel": "project", "method": "GET"}}
}))]
struct AlignedProject {
    /// Projektets id. / The project's id.
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Beteckning. / Reference.
    reference: String,
    /// Titel. / Title.
    title: String,
    /// Kort om vad projektet gör. / What the project does, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    kind: ProjectKind,
    status: Status,
    /// Första dagen. / First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2010-09-08")]
    start_date: Option<NaiveDate>,
    /// Sista dagen. / Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2012-01-31")]
    end_date: Option<NaiveDate>,
    /// Kommunkoder. / Municipality codes.
    municipalities: Vec<String>,
    /// Strategin vars kopplingar räknas. / The strategy whose alignments count.
    strategy_id: String,
    /// Bekräftat + 0,5 × angivet, 0–100. / Confirmed + 0.5 × claimed, 0–100.
    score: f64,
    /// Bekräftade kopplingars poäng. / Points of the confirmed alignments.
    confirmed_score: f64,
    /// Angivna kopplingars poäng. / Points of the claimed alignments.
    claimed_score: f64,
    /// Varje term i poängen. / Every term of the score.
    evidence: Vec<Evidence>,
    /// Pengarna i de kopplingar som har med prioriteringarna att göra. Summeras inte över projekt eller prioriteringar. /
    /// The money of the alignments that have to do with the priorities. Not to be summed.
    touched: MoneyTouched,
    /// Intressenternas sektorer. / The stakeholders' sectors.
    sectors: Vec<Sector>,
    /// Projektets finansiering per nivå. / The project's funding by level.
    funding_by_level: BTreeMap<&'static str, Sum>,
    #[serde(rename = "_links")]
    links: Links,
}

/// What is asked for, ready to be asked of a project.
struct Asked {
    correspondences: Correspondences,
    within: BTreeSet<String>,
    question: Question,
}

impl AlignedProject {
    fn new(context: &Context, ranked: &Ranked, project: Project, asked: &Asked) -> Self {
        let claims: Vec<Claim> = project.alignments.iter().map(Into::into).collect();
        let within = asked.within.iter().map(String::as_str).collect();
        let terms = asked.question.terms(&claims, &ranked.strategy_id, &asked.correspondences, &within);
        let evidence = terms.iter().map(|term| Evidence::new(term, &project.alignments)).collect();
        let sectors: BTreeSet<Sector> =
            project.stakeholders.iter().map(|stakeholder| stakeholder.organisation.sector).collect();
        let levels = totals(&project.costs, &project.revenues, &project.funding_lines).funding_by_level;
        let address = context.address(&format!("/projects/{}", project.id));
        Self {
            id: project.id,
            reference: project.reference,
            title: project.facts.title,
            summary: project.facts.summary,
            kind: project.facts.kind,
            status: project.status,
            start_date: project.facts.start_date,
            end_date: project.facts.end_date,
            municipalities: project.facts.municipalities,
            strategy_id: ranked.strategy_id.clone(),
            score: percent(ranked.score.score),
            confirmed_score: percent(ranked.score.confirmed),
            claimed_score: percent(ranked.score.claimed),
            evidence,
            touched: ranked.touched.into(),
            sectors: sectors.into_iter().collect(),
            funding_by_level: levels.into_iter().map(|(level, ore)| (level.as_str(), Sum::of(ore))).collect(),
            links: Links::default()
                .and("alignment-report", "GET", format!("{address}/alignment-report"))
                .and("statements", "GET", context.address(&format!("/statements?project={}", project.id)))
                .and("project", "GET", address),
        }
    }
}

/// The codes of these priorities and everything below them, or of the whole framework.
fn within(framework: &Framework, codes: Option<&Vec<String>>) -> Result<BTreeSet<String>, Problem> {
    let own = |code: &String| code.clone();
    let Some(codes) = codes else { return Ok(framework.all().iter().map(|priority| own(&priority.code)).collect()) };
    let mut found = BTreeSet::new();
    for code in codes {
        let Some(priority) = framework.find(code) else {
            let id = &framework.id;
            let reason = bilingual!("{code} finns inte i {id}", "{code} does not exist in {id}");
            let fault = Fault::new(Part::Query, "priority", "unknown-priority", reason);
            return Err(Problem::invalid_parameters(vec![fault]));
        };
        found.extend(priority.subtree().iter().map(|priority| own(&priority.code)));
    }
    Ok(found)
}

/// Vilka projekt bidrar till ramverkets prioriteringar? / Which projects serve the framework's priorities?
///
/// De starkaste först, var och en med de tre poängen, varje term de är summan av och på vems ord, pengarna de rör,
/// intressenternas sektorer och finansieringens nivåer. Det som inte bidrar alls är inte med. / The strongest first, each
/// with the three scores, every term they are the sum of and on whose word, the money touched, the stakeholders' sectors
/// and the levels of the funding. What does not contribute at all is left out.
#[utoipa::path(params(Paging, AlignmentQuestion, Selection),
    responses((status = 200, description = "Projekten. / The projects.", body = [AlignedProject])))]
#[get("/frameworks/{frameworkId}/alignments")]
async fn list_framework_alignments(
    context: Context,
    database: Data<Database>,
    framework: Path<String>,
    paging: Query<Paging>,
    asking: Query<AlignmentQuestion>,
    selection: Query<Selection>,
) -> Result<HttpResponse, Problem> {
    let filter = selection.0.into_filter(context.caller());
    let (scope, page) = (Sight::of(context.caller()), paging.0.clone());
    let AlignmentQuestion { priority, min_score, confirmed, strategy_id } = asking.0;
    let (min_score, only_confirmed) = (min_score.unwrap_or(0.0), confirmed.unwrap_or(false));
    let question = Question { strategy_id, min_score, only_confirmed };
    let (found, total, asked) = database
        .read(move |conn| {
            let framework = framework::store::find(conn, &framework)?;
            strategy::http::check_parameter(conn, question.strategy_id.as_deref())?;
            let within = within(&framework, priority.as_ref())?;
            let correspondences = framework::correspondence::store::all(conn, &framework.id)?;
            let asked = Asked { correspondences, within, question };
            let codes = asked.within.iter().map(String::as_str).collect();
            let ranked = rank(&survey(conn, &filter)?, &asked.question, &asked.correspondences, &codes);
            let wanted = page.slice(&ranked).to_vec();
            let ids: Vec<Id> = wanted.iter().map(|ranked| ranked.id).collect();
            let mut projects = project::store::find_all(conn, &ids, scope)?;
            let found: Vec<(Ranked, Project)> =
                wanted.into_iter().filter_map(|ranked| projects.remove(&ranked.id).map(|own| (ranked, own))).collect();
            Ok((found, ranked.len(), asked))
        })
        .await?;
    let view = |(ranked, own): (Ranked, Project)| AlignedProject::new(&context, &ranked, own, &asked);
    let views: Vec<_> = found.into_iter().map(view).collect();
    reply::list(&context, &paging.0, i64::try_from(total).unwrap_or(i64::MAX), &views)
}
