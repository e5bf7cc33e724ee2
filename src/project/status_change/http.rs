//! Changes of state over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Decision, StatusChange, Wanted};
use super::store as kept;
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::db::{Conn, Database};
use crate::http::{Body, Context, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::problem::{Problem, Severity};
use crate::project::lifecycle::Status;
use crate::project::model::Project;
use crate::project::sight::Sight;
use crate::project::{readiness, store};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_status_changes).service(create_status_change);
}

/// Kommunens beslut. / The municipality's decision.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Decision, example = json!({
    "date": "2026-01-31", "body": "Kommunstyrelsen", "caseNumber": "KS 2026/17"
}))]
struct DecisionWire {
    /// Beslutsdag. / Day of the decision.
    #[schema(example = "2026-01-31")]
    date: NaiveDate,
    /// Vem som beslutade: nämnd eller befattning, inte namn. / Who decided: board or office, not a name.
    #[schema(min_length = 1, max_length = 300)]
    body: String,
    /// Kommunens diarienummer. / The municipality's case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    case_number: Option<String>,
}

/// En önskad ändring av läge. / A change of state that is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"status": "submitted", "reason": "Ansökan är komplett."}))]
struct NewStatusChange {
    status: Status,
    /// Skäl; krävs för beslut, återtagande och avbrott. / Reason; needed for decisions, withdrawn and discontinued.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    reason: Option<String>,
    /// Vad som behöver kompletteras; krävs för supplementRequested. / What must be supplemented; needed for
    /// supplementRequested.
    #[serde(default)]
    #[schema(max_items = 50)]
    asks_for: Vec<Request>,
    /// Till vilken dag, i dag eller senare; krävs för supplementRequested. / By which day, today or later; needed for
    /// supplementRequested.
    #[serde(default)]
    #[schema(example = "2026-02-28")]
    due_date: Option<NaiveDate>,
    /// Beslutet; krävs för approved, rejected och dismissed. / The decision; needed for approved, rejected and dismissed.
    #[serde(default)]
    decision: Option<DecisionWire>,
    /// Hur resultaten används; krävs för completed. / How the results are used; needed for completed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000)]
    results_use: Option<String>,
}

/// Något som behöver kompletteras. / Something that must be supplemented.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 2000, example = "Medfinansieringsintyg från regionen.")]
struct Request(String);

impl From<NewStatusChange> for Wanted {
    fn from(new: NewStatusChange) -> Self {
        let NewStatusChange { status, reason, asks_for, due_date, decision, results_use } = new;
        let decision = decision.map(|DecisionWire { date, body, case_number }| Decision { date, body, case_number });
        let asks_for = asks_for.into_iter().map(|Request(text)| text).collect();
        Self { status, reason, asks_for, due_date, decision, results_use }
    }
}

/// En ändring av läge. / A change of state.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatusChange, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a30", "from": "draft", "status": "submitted",
    "reason": "Ansökan är komplett.", "changedAt": "2026-01-31T12:00:00Z", "version": 2,
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                      "rel": "up", "method": "GET"}}
}))]
struct StatusChangeView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Läget före; saknas vid registreringen. / The state before; absent at registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Status>,
    status: Status,
    /// Skälet. / The reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Vad som behöver kompletteras. / What must be supplemented.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    asks_for: Vec<String>,
    /// Till vilken dag. / By which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-02-28")]
    due_date: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionWire>,
    /// När. / When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    changed_at: Timestamp,
    /// Kontot som gjorde ändringen; visas för handläggare. / The account that made the change; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    actor: Option<Id>,
    /// Projektets version efter ändringen. / The project's version after the change.
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

impl StatusChangeView {
    fn new(change: StatusChange, caller: &Principal, base: &str) -> Self {
        let project = format!("{base}/projects/{}", change.project_id);
        let wire = |Decision { date, body, case_number }| DecisionWire { date, body, case_number };
        Self {
            id: change.id,
            from: change.from_status,
            status: change.status,
            reason: change.reason,
            asks_for: change.asks_for,
            due_date: change.due_date,
            decision: change.decision.map(wire),
            changed_at: change.at,
            actor: change.actor.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            version: change.version,
            links: Links::default()
                .and("collection", "GET", format!("{project}/status-changes"))
                .and("up", "GET", project),
        }
    }
}

/// Projektets lägen genom tiden. / The project's states through time.
///
/// Äldst först; registreringen är den första. / Oldest first; registration is the first.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Ändringar av läge. / Changes of state.", body = [StatusChangeView])))]
#[get("/projects/{projectId}/status-changes")]
async fn list_status_changes(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let (version, changes) = database
        .read(move |conn| {
            let project = store::find(conn, *id, scope)?;
            Ok((project.version, kept::list(conn, project.id)?))
        })
        .await?;
    let total = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&changes).iter().cloned();
    let views: Vec<_> = page.map(|change| StatusChangeView::new(change, context.caller(), context.base())).collect();
    reply::versioned_list(&context, Some(version), &paging.0, total, &views)
}

/// Flytta projektet till nästa läge. / Move the project to its next state.
///
/// Ett läge som inte följer på det nuvarande ger 409 med de möjliga. Inlämning av ett projekt som inte är komplett ger
/// 422 med allt som återstår. / A state that does not follow on the present one gives 409 with the possible ones.
/// Submitting a project that is not complete gives 422 with all that remains.
#[utoipa::path(request_body = NewStatusChange,
    responses((status = 201, description = "Ändrat. / Changed.", body = StatusChangeView)))]
#[post("/projects/{projectId}/status-changes")]
async fn create_status_change(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
    key: IdempotencyKey,
    body: Body<NewStatusChange>,
) -> Result<HttpResponse, Problem> {
    let (caller, base, wanted) = (context.caller().clone(), context.base().to_owned(), Wanted::from(body.value));
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let before = store::find(conn, *id, Sight::of(&caller))?;
        version.check(before.version)?;
        let change = make(conn, &caller, &before, wanted.clone())?;
        let path = format!("/projects/{}/status-changes", change.project_id);
        Created::new(path, change.version, &StatusChangeView::new(change, &caller, &base))
    })
    .await
}

fn make(conn: &mut Conn, caller: &Principal, before: &Project, wanted: Wanted) -> Result<StatusChange, Problem> {
    let now = Timestamp::now();
    wanted.check(before, caller, now.as_utc().date_naive())?;
    if wanted.needs_readiness(before) {
        let findings = readiness::findings(conn, before)?;
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(Problem::invalid(findings));
        }
    }
    let Wanted { status, reason, asks_for, due_date, decision, results_use } = wanted;
    let mut after = Project { status, ..before.clone() };
    if status == Status::Submitted {
        after.submitted_at = Some(now);
    }
    after.facts.results_use = results_use.or(after.facts.results_use);
    let after = store::update(conn, caller.id(), "project.statusChanged", before, after)?;
    let from_status = Some(before.status);
    let first = StatusChange::first(&after, caller.id(), reason.as_deref());
    let change = StatusChange { from_status, asks_for, due_date, decision, ..first };
    kept::insert(conn, &change)?;
    Ok(change)
}
