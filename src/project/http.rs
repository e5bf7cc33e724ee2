//! Projects over HTTP: registered whole, found by any of their facts, changed, moved along.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::filter::{Filter, ProjectSort};
use super::lifecycle::{self, Status};
use super::model::{Project, ProjectKind, StatusChange, Visibility, visible_to};
use super::references::Resolver;
use super::store;
use super::view::ProjectView;
use super::wire::{NewProject, NewProjectPatch};
use super::{alignment, cost, funding_line, stakeholder};
use crate::auth::Principal;
use crate::clock::Timestamp;
use crate::db::{Conn, Database};
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply,
};
use crate::id::Id;
use crate::money::Amount;
use crate::problem::{Fault, Kind, Part, Problem};
use crate::strategy;
use crate::text::{bilingual, words};

/// The operations of this room and its sub-rooms.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_projects)
        .service(create_project)
        .service(get_project)
        .service(update_project)
        .service(delete_project)
        .service(list_status_changes)
        .service(create_status_change);
    alignment::http::routes(routes);
    stakeholder::http::routes(routes);
    cost::http::routes(routes);
    funding_line::http::routes(routes);
}

/// Urval av projekt. Villkoren gäller tillsammans; inom ett villkor räcker ett av värdena. / Which projects. Conditions
/// hold together; within one, any of the values will do.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct ProjectFilter {
    /// Strategi: den som koderna i goalArea, subGoal och measure hör till (annars den nyaste); utan koder den som
    /// projektet är registrerat under. / Strategy: the one that the codes belong to (otherwise the newest); without
    /// codes, the one that the project is registered under.
    #[param(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "norsjo-2014-2020")]
    strategy_id: Option<String>,
    /// Läge. / State.
    #[param(inline)]
    status: Option<Vec<Status>>,
    /// Synlighet. / Visibility.
    #[param(inline)]
    visibility: Option<Vec<Visibility>>,
    /// Slag av projekt. / Kind of project.
    #[param(inline)]
    kind: Option<Vec<ProjectKind>>,
    /// Målområdets kod. / Code of the goal area.
    #[param(max_items = 50)]
    goal_area: Option<Vec<String>>,
    /// Delmålets kod. / Code of the sub-goal.
    #[param(max_items = 50)]
    sub_goal: Option<Vec<String>>,
    /// Åtgärdens kod. / Code of the measure.
    #[param(max_items = 50)]
    measure: Option<Vec<String>>,
    /// Finansieringskällans kod. / Code of the funding source.
    #[param(max_items = 50)]
    funding_source: Option<Vec<String>>,
    /// Organisation som intressent eller finansiär. / Organisation as stakeholder or financier.
    #[param(max_items = 50, value_type = Option<Vec<uuid::Uuid>>)]
    organisation: Option<Vec<Id>>,
    /// Kommunkod. / Municipality code.
    #[param(max_items = 50)]
    municipality: Option<Vec<String>>,
    /// Projekt som pågår denna dag eller senare. / Projects going on on this day or later.
    #[param(example = "2014-01-01")]
    period_from: Option<NaiveDate>,
    /// Projekt som har börjat före denna dag. / Projects begun before this day.
    #[param(example = "2021-01-01")]
    period_to: Option<NaiveDate>,
    /// Kostnad i kronor, lägst. / Cost in kronor, at least.
    #[param(value_type = Option<String>, pattern = r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", example = "1000000")]
    cost_from: Option<Amount>,
    /// Kostnad i kronor, under. / Cost in kronor, less than.
    #[param(value_type = Option<String>, pattern = r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", example = "5000000")]
    cost_to: Option<Amount>,
    /// Finansiering i kronor, lägst. / Funding in kronor, at least.
    #[param(value_type = Option<String>, pattern = r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", example = "1000000")]
    funding_from: Option<Amount>,
    /// Finansiering i kronor, under. / Funding in kronor, less than.
    #[param(value_type = Option<String>, pattern = r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", example = "5000000")]
    funding_to: Option<Amount>,
    /// Text: varje ord ska ingå i ett ord i projektets titel, sammanfattning, orter, diarienummer eller intressenter. /
    /// Text: each word is part of a word in the project's title, summary, places, case numbers or stakeholders.
    #[param(min_length = 1, max_length = 200, example = "terminal")]
    q: Option<String>,
    /// Ordning. Bindestreck vänder den; okända värden kommer sist. / Order. A hyphen turns it round; unknown values
    /// come last.
    #[param(inline, max_items = 3)]
    sort: Option<Vec<ProjectSort>>,
}

impl ProjectFilter {
    fn into_filter(self, conn: &mut Conn, caller: &Principal) -> Result<Filter, Problem> {
        let words = self.q.as_deref().map(words);
        if words.as_ref().is_some_and(Vec::is_empty) {
            let reason = bilingual!("har inget ord att söka efter", "has no word to look for");
            let property = "q".to_owned();
            return Err(Problem::invalid_parameters(vec![Fault { part: Part::Query, property, code: "word", reason }]));
        }
        let has_codes = self.goal_area.is_some() || self.sub_goal.is_some() || self.measure.is_some();
        let strategy_id = match self.strategy_id {
            None if has_codes => Some(strategy::store::newest_id(conn)?),
            given => given,
        };
        Ok(Filter {
            scope: visible_to(caller).to_vec(),
            strategy_id,
            status: self.status,
            visibility: self.visibility,
            kind: self.kind,
            goal_area: self.goal_area,
            sub_goal: self.sub_goal,
            measure: self.measure,
            funding_source: self.funding_source,
            organisation: self.organisation,
            municipality: self.municipality,
            period_from: self.period_from,
            period_to: self.period_to,
            cost_from: self.cost_from.map(Amount::hundredths),
            cost_to: self.cost_to.map(Amount::hundredths),
            funding_from: self.funding_from.map(Amount::hundredths),
            funding_to: self.funding_to.map(Amount::hundredths),
            words: words.unwrap_or_default(),
            sort: self.sort.unwrap_or_else(|| vec![ProjectSort::CreatedAtDescending]),
        })
    }
}

/// Projekt. / Projects.
///
/// De senast registrerade först, om inget annat sägs. Var och en ser de projekt som den får se. / The latest registered
/// first, unless told otherwise. Everyone sees the projects they may see.
#[utoipa::path(params(Paging, ProjectFilter),
    responses((status = 200, description = "Projekt. / Projects.", body = [ProjectView])))]
#[get("/projects")]
async fn list_projects(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<ProjectFilter>,
) -> Result<HttpResponse, Problem> {
    let (window, caller) = (paging.0.window(), context.caller().clone());
    let (projects, total) = database
        .read(move |conn| {
            let filter = filter.0.into_filter(conn, &caller)?;
            store::list(conn, &filter, window)
        })
        .await?;
    let view = |project| ProjectView::new(project, context.caller(), context.base());
    let views: Vec<_> = projects.iter().map(view).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Registers a project with all its parts inside the caller's transaction.
///
/// # Errors
/// 422 with every fault; nothing is stored then.
pub fn register(conn: &mut Conn, caller: &Principal, new: NewProject) -> Result<Project, Problem> {
    let reference = store::new_reference(conn)?;
    let mut resolver = Resolver::new(conn, caller);
    let project = new.resolve(reference, &mut resolver)?;
    let conn = resolver.finish()?;
    store::insert(conn, caller.id(), &project)?;
    Ok(project)
}

/// Registrera ett projekt. / Register a project.
///
/// Hela projektet i en begäran: antingen registreras allt, eller ingenting. / The whole project in one request: either
/// all of it is registered, or nothing.
#[utoipa::path(request_body = NewProject,
    responses((status = 201, description = "Registrerat. / Registered.", body = ProjectView)))]
#[post("/projects")]
async fn create_project(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<NewProject>,
) -> Result<HttpResponse, Problem> {
    let (caller, base, new) = (context.caller().clone(), context.base().to_owned(), body.value);
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let project = register(conn, &caller, new.clone())?;
        let view = ProjectView::new(&project, &caller, &base);
        Created::new(format!("/projects/{}", project.id), project.version, &view)
    })
    .await
}

/// Ett projekt. / A project.
#[utoipa::path(responses((status = 200, description = "Projektet. / The project.", body = ProjectView)))]
#[get("/projects/{projectId}")]
async fn get_project(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let scope = visible_to(context.caller());
    let project = database.read(move |conn| store::find(conn, *id, scope)).await?;
    let view = ProjectView::new(&project, context.caller(), context.base());
    reply::one(&context, Some(project.version), &view)
}

/// Ändra ett projekts uppgifter. / Change a project's facts.
///
/// Delarna (kopplingar, intressenter, kostnader, intäkter, finansieringsrader) och läget ändras på sina egna adresser. /
/// The parts and the state are changed at addresses of their own.
#[utoipa::path(request_body = NewProjectPatch,
    responses((status = 200, description = "Ändrat. / Changed.", body = ProjectView)))]
#[patch("/projects/{projectId}")]
async fn update_project(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    id: Path<Id>,
    version: IfMatch,
    patch: NewProjectPatch,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let project = database
        .write(move |conn| {
            let before = store::find(conn, *id, visible_to(&caller))?;
            version.check(before.version)?;
            let wanted = patch.apply(&contract, &NewProject::facts_of(&before))?;
            let mut resolver = Resolver::new(conn, &caller);
            let facts = wanted.resolve_facts(Some(before.id), &mut resolver)?;
            if before.registration.is_some() && wanted.registration().is_none() {
                let reason = bilingual!("kan ändras men inte tas bort", "can be changed but not removed");
                resolver.fault("/registration", "required", reason);
            }
            let conn = resolver.finish()?;
            let after = Project { facts, registration: wanted.registration(), ..before.clone() };
            store::update(conn, caller.id(), "project.updated", &before, after)
        })
        .await?;
    let view = ProjectView::new(&project, context.caller(), context.base());
    reply::one(&context, Some(project.version), &view)
}

/// Ta bort ett utkast. / Delete a draft.
///
/// Bara utkast tas bort; andra projekt återtas eller avbryts. / Only drafts are deleted; other projects are withdrawn or
/// discontinued.
#[utoipa::path(responses((status = 204, description = "Borttaget. / Deleted."),
    (status = 409, description = "Inte ett utkast. / Not a draft.")))]
#[delete("/projects/{projectId}")]
async fn delete_project(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    database
        .write(move |conn| {
            let project = store::find(conn, *id, visible_to(&caller))?;
            version.check(project.version)?;
            if project.status != Status::Draft {
                let label = project.status.label();
                let status = project.status;
                let detail = bilingual!(
                    "Bara utkast tas bort; projektet är i läget {label}.",
                    "Only drafts are deleted; the project is {status}."
                );
                let next = project.status.next().iter().map(|status| status.as_str().to_owned());
                return Err(Problem::new(Kind::StateConflict, detail).allowing(next));
            }
            if !project.referring_projects.is_empty() {
                let count = project.referring_projects.len();
                return Err(Problem::new(
                    Kind::Conflict,
                    bilingual!(
                        "{count} andra projekt hänvisar hit. Ta bort de hänvisningarna först.",
                        "{count} other projects refer here. Remove those references first."
                    ),
                ));
            }
            store::remove(conn, caller.id(), &project)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// En önskad ändring av läge. / A change of state that is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "submitted", "reason": "Ansökan är komplett."}))]
struct NewStatusChange {
    status: Status,
    /// Skäl; krävs vid komplettering, avstyrkan, avvisning, återtagande och avbrott. / Reason; needed for
    /// supplementRequested, rejected, dismissed, withdrawn and discontinued.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    reason: Option<String>,
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
        Self {
            id: change.id,
            from: change.from_status,
            status: change.status,
            reason: change.reason,
            changed_at: change.at,
            actor: change.actor.filter(|_| caller.is_staff()),
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
    let scope = visible_to(context.caller());
    let (version, changes) = database
        .read(move |conn| {
            let project = store::find(conn, *id, scope)?;
            Ok((project.version, store::status_changes(conn, project.id)?))
        })
        .await?;
    let total = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&changes).iter().cloned();
    let views: Vec<_> = page.map(|change| StatusChangeView::new(change, context.caller(), context.base())).collect();
    reply::versioned_list(&context, Some(version), &paging.0, total, &views)
}

/// Flytta projektet till nästa läge. / Move the project to its next state.
///
/// Ett läge som inte följer på det nuvarande ger 409 med de möjliga. / A state that does not follow on the present one
/// gives 409 with the possible ones.
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
    let (caller, base, wanted) = (context.caller().clone(), context.base().to_owned(), body.value);
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let before = store::find(conn, *id, visible_to(&caller))?;
        version.check(before.version)?;
        lifecycle::check(before.status, wanted.status, wanted.reason.as_deref())?;
        let change = store::change_status(conn, caller.id(), &before, wanted.status, wanted.reason.as_deref())?;
        let path = format!("/projects/{}/status-changes", before.id);
        Created::new(path, change.version, &StatusChangeView::new(change, &caller, &base))
    })
    .await
}
