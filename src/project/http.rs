//! Projects over HTTP: registered whole, found by any of their facts, changed, moved along.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::change::{self, Change};
use super::filter::{Filter, ProjectSort};
use super::lifecycle::{Act, Standing, Status};
use super::model::{Project, ProjectKind, Visibility};
use super::parts::may_all_go;
use super::references::Resolver;
use super::sight::Sight;
use super::store;
use super::view::ProjectView;
use super::wire::{NewProject, NewProjectPatch};
use super::{
    alignment, commitment, cost, funding_check, funding_line, indicator, readiness, reporting_date, revision, sight,
    stakeholder, status_change, task,
};
use crate::auth::Principal;
use crate::db::{Conn, Database};
use crate::http::{Body, Context, Contract, Created, IdempotencyKey, IfMatch, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::language::query;
use crate::money::Amount;
use crate::problem::Problem;
use crate::strategy;

/// The operations of this room and its sub-rooms.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_projects)
        .service(create_project)
        .service(get_project)
        .service(update_project)
        .service(delete_project);
    alignment::http::routes(routes);
    stakeholder::http::routes(routes);
    cost::http::routes(routes);
    funding_line::http::routes(routes);
    commitment::http::routes(routes);
    indicator::http::routes(routes);
    reporting_date::http::routes(routes);
    status_change::http::routes(routes);
    revision::http::routes(routes);
    task::http::routes(routes);
    readiness::http::routes(routes);
    funding_check::http::routes(routes);
}

/// Urval av projekt efter vad de är. Villkoren gäller tillsammans; inom ett villkor räcker ett av värdena. / Which
/// projects, by what they are. Conditions hold together; within one, any of the values will do.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct Selection {
    /// Läge. / State.
    #[param(inline)]
    status: Option<Vec<Status>>,
    /// Slag av projekt. / Kind of project.
    #[param(inline)]
    kind: Option<Vec<ProjectKind>>,
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
    /// Text i projektets titel, sammanfattning, orter, diarienummer eller intressenter: varje ord, i någon böjning, som
    /// del av ett ord eller som synonym; citattecken håller ihop en fras, och en text utan ord finns ingenstans. / Text in
    /// the project's title, summary, places, case numbers or stakeholders: each word in any inflection, as part of a word
    /// or as a synonym; quotation marks hold a phrase, and a text without a word is found nowhere.
    #[param(min_length = 1, max_length = 200, example = "terminal")]
    q: Option<String>,
}

impl Selection {
    /// The selection among what the caller may see.
    pub fn into_filter(self, caller: &Principal) -> Filter {
        Filter {
            sight: Sight::of(caller),
            status: self.status,
            kind: self.kind,
            funding_source: self.funding_source,
            organisation: self.organisation,
            municipality: self.municipality,
            period_from: self.period_from,
            period_to: self.period_to,
            cost_from: self.cost_from.map(Amount::hundredths),
            cost_to: self.cost_to.map(Amount::hundredths),
            funding_from: self.funding_from.map(Amount::hundredths),
            funding_to: self.funding_to.map(Amount::hundredths),
            clauses: self.q.map(|q| query::swedish().parse_query(&q)),
            ..Filter::default()
        }
    }
}

/// Urval av projekt efter strategi och synlighet. / Which projects, by strategy and visibility.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct Listing {
    /// Strategi: den som koderna i goalArea, subGoal och measure hör till (annars den nyaste); utan koder den som
    /// projektet är registrerat under. / Strategy: the one that the codes belong to (otherwise the newest); without
    /// codes, the one that the project is registered under.
    #[param(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "norsjo-2014-2020")]
    strategy_id: Option<String>,
    /// Synlighet. / Visibility.
    #[param(inline)]
    visibility: Option<Vec<Visibility>>,
    /// Målområdets kod. / Code of the goal area.
    #[param(max_items = 50)]
    goal_area: Option<Vec<String>>,
    /// Delmålets kod. / Code of the sub-goal.
    #[param(max_items = 50)]
    sub_goal: Option<Vec<String>>,
    /// Åtgärdens kod. / Code of the measure.
    #[param(max_items = 50)]
    measure: Option<Vec<String>>,
}

/// Ordning i listan av projekt. / The order of the list of projects.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sorting {
    /// Ordning. Bindestreck vänder den; okända värden kommer sist. / Order. A hyphen turns it round; unknown values
    /// come last.
    #[param(inline, max_items = 3)]
    sort: Option<Vec<ProjectSort>>,
}

impl Listing {
    /// What these conditions leave of a selection.
    ///
    /// # Errors
    /// 404 when codes are given and there is no strategy.
    pub fn narrow(self, conn: &mut Conn, selected: Filter) -> Result<Filter, Problem> {
        let has_codes = self.goal_area.is_some() || self.sub_goal.is_some() || self.measure.is_some();
        let strategy_id = match self.strategy_id {
            None if has_codes => Some(strategy::store::newest_id(conn)?),
            given => given,
        };
        Ok(Filter {
            strategy_id,
            visibility: self.visibility,
            goal_area: self.goal_area,
            sub_goal: self.sub_goal,
            measure: self.measure,
            ..selected
        })
    }
}

/// Projekt. / Projects.
///
/// De senast registrerade först, om inget annat sägs. Var och en ser de projekt som den får se. / The latest registered
/// first, unless told otherwise. Everyone sees the projects they may see.
#[utoipa::path(params(Paging, Selection, Listing, Sorting),
    responses((status = 200, description = "Projekt. / Projects.", body = [ProjectView])))]
#[get("/projects")]
async fn list_projects(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    selection: Query<Selection>,
    listing: Query<Listing>,
    sorting: Query<Sorting>,
) -> Result<HttpResponse, Problem> {
    let window = paging.0.window();
    let sort = sorting.0.sort.unwrap_or_else(|| vec![ProjectSort::CreatedAtDescending]);
    let selected = Filter { sort, ..selection.0.into_filter(context.caller()) };
    let (projects, total) = database
        .read(move |conn| {
            let filter = listing.0.narrow(conn, selected)?;
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
    register_with(conn, caller, new, |_| ())
}

/// The same, with what the program itself adds.
///
/// # Errors
/// As [`register`].
pub fn register_with(
    conn: &mut Conn,
    caller: &Principal,
    new: NewProject,
    add: impl FnOnce(&mut Project),
) -> Result<Project, Problem> {
    let reference = store::new_reference(conn)?;
    let mut resolver = Resolver::new(conn, caller);
    let mut project = new.resolve(reference, &mut resolver)?;
    add(&mut project);
    resolver.extend(sight::faults(caller, Standing::registering(caller), None, &project));
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
    let scope = Sight::of(context.caller());
    let project = database.read(move |conn| store::find(conn, *id, scope)).await?;
    let view = ProjectView::new(&project, context.caller(), context.base());
    reply::one(&context, Some(project.version), &view)
}

/// Gives a project the facts that are wanted; faults go to the resolver.
///
/// # Errors
/// 409 and 403 when its state does not allow that.
pub fn describe(resolver: &mut Resolver<'_>, project: &mut Project, wanted: &NewProject) -> Result<(), Problem> {
    let facts = wanted.resolve_facts(Some(project), resolver)?;
    if !facts.describe_the_same(&project.facts) {
        project.status.permit(Act::Describe, project.standing(resolver.caller()))?;
    }
    project.facts = facts;
    project.registration = wanted.registration();
    Ok(())
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
            let change = Change { caller: &caller, act: Act::Upkeep, kind: "project.updated" };
            let ((), project) = change::make(conn, change, *id, &version, |resolver, project| {
                let wanted = patch.apply(&contract, &NewProject::facts_of(project, Sight::of(&caller)))?;
                describe(resolver, project, &wanted)
            })?;
            Ok(project)
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
            let project = store::find(conn, *id, Sight::of(&caller))?;
            version.check(project.version)?;
            project.status.permit(Act::Delete, project.standing(&caller))?;
            may_all_go(&project)?;
            store::remove(conn, caller.id(), &project)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
