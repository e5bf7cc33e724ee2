//! Revisions over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{PlanPart, Revision};
use super::store as kept;
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::db::{Conn, Database};
use crate::http::{Body, Context, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::alignment::Alignment;
use crate::project::alignment::http::NewAlignment;
use crate::project::change::{self, Change};
use crate::project::cost::http::{NewCost, NewRevenue};
use crate::project::cost::{Cost, Revenue};
use crate::project::funding_line::FundingLine;
use crate::project::funding_line::http::NewFundingLine;
use crate::project::lifecycle::Act;
use crate::project::model::Project;
use crate::project::parts::resolve_all;
use crate::project::references::Resolver;
use crate::project::sight::Sight;
use crate::project::store;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_revisions).service(create_revision);
}

/// En revidering: de delar som anges ersätts hela, de andra lämnas som de är. / A revision: the parts that are given are
/// replaced whole, the others left as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "reason": "Regionen minskade sin del.",
    "costs": [{"type": "investment", "amount": {"amount": "17000000.00", "currency": "SEK"}, "eligible": true}]
}))]
struct NewRevision {
    /// Varför planen ändras. / Why the plan is changed.
    #[schema(min_length = 1, max_length = 10_000)]
    reason: String,
    /// Alla kopplingar. / All alignments.
    #[serde(default)]
    #[schema(max_items = 200)]
    alignments: Option<Vec<NewAlignment>>,
    /// Alla kostnader. / All costs.
    #[serde(default)]
    #[schema(max_items = 200)]
    costs: Option<Vec<NewCost>>,
    /// Alla intäkter. / All revenues.
    #[serde(default)]
    #[schema(max_items = 200)]
    revenues: Option<Vec<NewRevenue>>,
    /// Alla finansieringsrader. En rad från samma källa och finansiär, av samma slag och år, behåller sitt id och sina
    /// steg. Det som är beviljat eller utbetalt kan inte utelämnas eller bli planerat igen; ett ändrat beviljat belopp är
    /// ett nytt steg. / All funding lines. One of the same source, financier, kind and year keeps its id and its steps.
    /// What is granted or paid cannot be left out or become planned again; a changed grant is a further step.
    #[serde(default)]
    #[schema(max_items = 200)]
    funding_lines: Option<Vec<NewFundingLine>>,
}

/// En revidering av en beslutad plan. / A revision of a decided plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Revision, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a40", "reason": "Regionen minskade sin del.", "parts": ["costs"],
    "recordedAt": "2026-01-31T12:00:00Z", "version": 9,
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                      "rel": "up", "method": "GET"}}
}))]
struct RevisionView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Varför planen ändrades. / Why the plan was changed.
    reason: String,
    /// Vad som ersattes. / What was replaced.
    parts: Vec<PlanPart>,
    /// När. / When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    recorded_at: Timestamp,
    /// Kontot som registrerade den; visas för handläggare. / The account that recorded it; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    recorded_by: Option<Id>,
    /// Projektets version efter revideringen; historiken visar vad som ändrades. / The project's version after it; the
    /// history shows what changed.
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

impl RevisionView {
    fn new(revision: Revision, caller: &Principal, base: &str) -> Self {
        let project = format!("{base}/projects/{}", revision.project_id);
        Self {
            id: revision.id,
            reason: revision.reason,
            parts: revision.parts,
            recorded_at: revision.recorded_at,
            recorded_by: revision.recorded_by.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            version: revision.version,
            links: Links::default().and("collection", "GET", format!("{project}/revisions")).and("up", "GET", project),
        }
    }
}

/// Projektets revideringar. / The project's revisions.
///
/// Äldst först. / Oldest first.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Revideringar. / Revisions.", body = [RevisionView])))]
#[get("/projects/{projectId}/revisions")]
async fn list_revisions(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let (version, revisions) =
        database.read(move |conn| Ok((store::find(conn, *id, scope)?.version, kept::list(conn, *id)?))).await?;
    let total = i64::try_from(revisions.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&revisions).iter().cloned();
    let views: Vec<_> = page.map(|revision| RevisionView::new(revision, context.caller(), context.base())).collect();
    reply::versioned_list(&context, Some(version), &paging.0, total, &views)
}

/// Revidera ett beslutat projekts plan. / Revise a decided project's plan.
///
/// Före beslutet ändras delarna på sina egna adresser. En ändrad koppling är åter bara angiven, tills den bedöms igen. /
/// Before the decision the parts are changed at their own addresses. A changed alignment is only claimed again, until it
/// is assessed anew.
#[utoipa::path(request_body = NewRevision,
    responses((status = 201, description = "Reviderat. / Revised.", body = RevisionView)))]
#[post("/projects/{projectId}/revisions")]
async fn create_revision(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
    key: IdempotencyKey,
    body: Body<NewRevision>,
) -> Result<HttpResponse, Problem> {
    let (caller, base, new) = (context.caller().clone(), context.base().to_owned(), body.value);
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let revision = revise(conn, &caller, *id, &version, new.clone())?;
        let path = format!("/projects/{}/revisions", revision.project_id);
        Created::new(path, revision.version, &RevisionView::new(revision, &caller, &base))
    })
    .await
}

fn revise(
    conn: &mut Conn,
    caller: &Principal,
    project: Id,
    version: &IfMatch,
    new: NewRevision,
) -> Result<Revision, Problem> {
    let reason = new.reason.clone();
    let change = Change { caller, act: Act::Revise, kind: "project.revised" };
    let (parts, saved) = change::make(conn, change, project, version, |resolver, project| {
        let parts = replace(new, resolver, project)?;
        if parts.is_empty() {
            let reason = bilingual!(
                "ange minst en av alignments, costs, revenues och fundingLines",
                "give at least one of alignments, costs, revenues and fundingLines"
            );
            resolver.fault("", "empty", reason);
        }
        Ok(parts)
    })?;
    let revision = Revision {
        id: Id::new(),
        project_id: saved.id,
        reason,
        parts,
        recorded_at: saved.updated_at,
        recorded_by: caller.id(),
        version: saved.version,
    };
    kept::insert(conn, &revision)?;
    Ok(revision)
}

/// Replaces the parts that are given; says which.
fn replace(new: NewRevision, resolver: &mut Resolver<'_>, project: &mut Project) -> Result<Vec<PlanPart>, Problem> {
    let before = project.clone();
    let mut parts = Vec::new();
    if let Some(given) = new.alignments {
        let like = Alignment::likeness;
        project.alignments = resolve_all(given, &before.alignments, &before, resolver, "/alignments", like)?;
        parts.push(PlanPart::Alignments);
    }
    if let Some(given) = new.costs {
        let like = |a: &Cost, b: &Cost| u8::from(Cost { id: b.id, ..a.clone() } == *b);
        project.costs = resolve_all(given, &before.costs, &before, resolver, "/costs", like)?;
        parts.push(PlanPart::Costs);
    }
    if let Some(given) = new.revenues {
        let like = |a: &Revenue, b: &Revenue| u8::from(Revenue { id: b.id, ..a.clone() } == *b);
        project.revenues = resolve_all(given, &before.revenues, &before, resolver, "/revenues", like)?;
        parts.push(PlanPart::Revenues);
    }
    if let Some(given) = new.funding_lines {
        let like = FundingLine::likeness;
        project.funding_lines = resolve_all(given, &before.funding_lines, &before, resolver, "/fundingLines", like)?;
        parts.push(PlanPart::FundingLines);
    }
    Ok(parts)
}
