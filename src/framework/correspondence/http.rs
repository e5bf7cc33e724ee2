//! Correspondences over HTTP: read by anyone, changed by administrators.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Correspondence, CorrespondenceFacts, CorrespondenceType, Provenance};
use super::store;
use crate::auth::{Principal, policy};
use crate::db::{Conn, Database};
use crate::framework;
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::strategy;
use crate::text::{Bilingual, bilingual};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_correspondences)
        .service(create_correspondence)
        .service(get_correspondence)
        .service(update_correspondence)
        .service(delete_correspondence);
}

/// En ny motsvarighet. / A new correspondence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "strategyId": "norsjo-2014-2020", "subGoal": "3.4", "priority": "3-s2", "type": "exact", "provenance": "inferred",
    "rationale": {"sv": "Båda vill ha fler företag som växer.", "en": "Both want more businesses that grow."}
}))]
struct NewCorrespondence {
    /// Strategin som koderna hör till; annars den nyaste. / The strategy of the codes; otherwise the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    strategy_id: Option<String>,
    /// Delmålets kod. / Code of the sub-goal.
    #[schema(pattern = r"^[0-9]{1,3}\.[0-9]{1,3}$")]
    sub_goal: String,
    /// Kod för en av delmålets åtgärder, när motsvarigheten är åtgärdens egen; den ersätter då delmålets till samma
    /// prioritering. / Code of one of its measures, when it is the measure's own; it then replaces the sub-goal's to the
    /// same priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$")]
    measure: Option<String>,
    /// Prioriteringens kod; saknas när none gäller hela ramverket. / Code of the priority; absent when none is said of
    /// the whole framework.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z0-9]+([.-][a-z0-9]+)*$", max_length = 30)]
    priority: Option<String>,
    #[serde(rename = "type")]
    type_: CorrespondenceType,
    provenance: Provenance,
    /// Varför. / Why.
    rationale: Bilingual,
}

type NewCorrespondencePatch = Patch<NewCorrespondence>;

impl Patchable for NewCorrespondence {}

impl NewCorrespondence {
    fn of(entry: &Correspondence) -> Self {
        let CorrespondenceFacts { sub_goal, measure, priority, type_, provenance, rationale } = entry.facts.clone();
        let strategy_id = Some(entry.strategy_id.clone());
        Self { strategy_id, sub_goal, measure, priority, type_, provenance, rationale }
    }

    fn into_facts(self, conn: &mut Conn) -> Result<(String, CorrespondenceFacts), Problem> {
        let Self { strategy_id, sub_goal, measure, priority, type_, provenance, rationale } = self;
        let blank =
            [("sv", &rationale.sv), ("en", &rationale.en)].into_iter().filter(|(_, text)| text.trim().is_empty());
        let faults: Vec<_> = blank
            .map(|(tag, _)| {
                Fault::body(format!("/rationale/{tag}"), "blank", bilingual!("ska ha text", "must have text"))
            })
            .collect();
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let strategy = match strategy_id {
            Some(id) => id,
            None => strategy::store::newest_id(conn)?,
        };
        Ok((strategy, CorrespondenceFacts { sub_goal, measure, priority, type_, provenance, rationale }))
    }
}

/// Vad ett delmål eller en åtgärd har att göra med en prioritering. / What a sub-goal or measure has to do with a priority.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Correspondence, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a70", "strategyId": "norsjo-2014-2020", "subGoal": "3.4", "priority": "3-s2",
    "type": "exact", "provenance": "inferred",
    "rationale": {"sv": "Båda vill ha fler företag som växer.", "en": "Both want more businesses that grow."}, "version": 1,
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/frameworks/eruf-ovre-norrland-2014-2020/correspondences/\
0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a70", "rel": "self", "method": "GET"}}
}))]
struct CorrespondenceView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Strategin som koderna hör till. / The strategy of the codes.
    strategy_id: String,
    /// Delmålets kod. / Code of the sub-goal.
    sub_goal: String,
    /// Åtgärdens kod. / Code of the measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<String>,
    /// Prioriteringens kod; saknas för hela ramverket. / Code of the priority; absent for the whole framework.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<String>,
    #[serde(rename = "type")]
    type_: CorrespondenceType,
    provenance: Provenance,
    /// Varför. / Why.
    rationale: Bilingual,
    /// Version, för If-Match. / Version, for If-Match.
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

impl CorrespondenceView {
    fn new(entry: &Correspondence, caller: &Principal, base: &str) -> Self {
        let NewCorrespondence { sub_goal, measure, priority, type_, provenance, rationale, .. } =
            NewCorrespondence::of(entry);
        let framework = format!("{base}/frameworks/{}", entry.framework_id);
        let address = format!("{framework}/correspondences/{}", entry.id);
        let strategy = format!("{base}/strategies/{}", entry.strategy_id);
        let links = Links::default()
            .and("self", "GET", address.clone())
            .and("collection", "GET", format!("{framework}/correspondences"))
            .and("sub-goal", "GET", format!("{strategy}/sub-goals/{sub_goal}"))
            .and_if(policy::allows(caller, "updateCorrespondence"), "edit", "PATCH", || address.clone())
            .and_if(policy::allows(caller, "deleteCorrespondence"), "delete", "DELETE", || address.clone());
        let links = match &priority {
            Some(code) => links.and("priority", "GET", format!("{framework}/priorities/{code}")),
            None => links.and("framework", "GET", framework),
        };
        Self {
            id: entry.id,
            strategy_id: entry.strategy_id.clone(),
            sub_goal,
            measure,
            priority,
            type_,
            provenance,
            rationale,
            version: entry.version,
            links,
        }
    }
}

/// Urval av motsvarigheter. / Which correspondences.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct CorrespondenceFilter {
    /// Strategi som koderna hör till. / The strategy of the codes.
    #[param(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "norsjo-2014-2020")]
    strategy_id: Option<String>,
    /// Delmålets kod; dess åtgärders egna ingår. / Code of the sub-goal; its measures' own are among them.
    #[param(max_items = 50)]
    sub_goal: Option<Vec<String>>,
    /// Åtgärdens kod. / Code of the measure.
    #[param(max_items = 50)]
    measure: Option<Vec<String>>,
    /// Prioriteringens kod. / Code of the priority.
    #[param(max_items = 50)]
    priority: Option<Vec<String>>,
    /// Slag av motsvarighet. / Type of correspondence.
    #[param(inline)]
    #[serde(rename = "type")]
    #[param(rename = "type")]
    types: Option<Vec<CorrespondenceType>>,
}

/// Strategiernas motsvarigheter i ramverket. / What strategies' sub-goals and measures have to do with the framework.
///
/// I ordning efter strategins koder. / In the order of the strategy's codes.
#[utoipa::path(params(Paging, CorrespondenceFilter),
    responses((status = 200, description = "Motsvarigheter. / Correspondences.", body = [CorrespondenceView])))]
#[get("/frameworks/{frameworkId}/correspondences")]
async fn list_correspondences(
    context: Context,
    database: Data<Database>,
    framework: Path<String>,
    paging: Query<Paging>,
    filter: Query<CorrespondenceFilter>,
) -> Result<HttpResponse, Problem> {
    let CorrespondenceFilter { strategy_id, sub_goal, measure, priority, types } = filter.0;
    let filter = store::Filter { strategy: strategy_id, sub_goal, measure, priority, types };
    let found = database
        .read(move |conn| {
            require(conn, &framework)?;
            store::list(conn, &framework, &filter)
        })
        .await?;
    let page = paging.0.slice(&found).iter();
    let views: Vec<_> = page.map(|entry| CorrespondenceView::new(entry, context.caller(), context.base())).collect();
    reply::list(&context, &paging.0, i64::try_from(found.len()).unwrap_or(i64::MAX), &views)
}

fn require(conn: &mut Conn, framework: &str) -> Result<(), Problem> {
    if framework::store::exists(conn, framework)? {
        return Ok(());
    }
    Err(Problem::not_found("Ramverket", "The framework"))
}

/// Lägg till en motsvarighet. / Add a correspondence.
#[utoipa::path(request_body = NewCorrespondence,
    responses((status = 201, description = "Tillagd. / Added.", body = CorrespondenceView)))]
#[post("/frameworks/{frameworkId}/correspondences")]
async fn create_correspondence(
    context: Context,
    database: Data<Database>,
    framework: Path<String>,
    key: IdempotencyKey,
    body: Body<NewCorrespondence>,
) -> Result<HttpResponse, Problem> {
    let (caller, base, location) = (context.caller().clone(), context.base().to_owned(), context.path().to_owned());
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        require(conn, &framework)?;
        let (strategy, facts) = body.value.clone().into_facts(conn)?;
        let entry = store::insert(conn, caller.id(), (&strategy, &framework), &facts)?;
        let view = CorrespondenceView::new(&entry, &caller, &base);
        Created::new(format!("{location}/{}", entry.id), entry.version, &view)
    })
    .await
}

/// En motsvarighet. / A correspondence.
#[utoipa::path(responses((status = 200, description = "Motsvarigheten. / The correspondence.", body = CorrespondenceView)))]
#[get("/frameworks/{frameworkId}/correspondences/{correspondenceId}")]
async fn get_correspondence(
    context: Context,
    database: Data<Database>,
    path: Path<(String, Id)>,
) -> Result<HttpResponse, Problem> {
    let (framework, id) = path.into_inner();
    let entry = database.read(move |conn| store::find(conn, &framework, id)).await?;
    reply::one(&context, Some(entry.version), &CorrespondenceView::new(&entry, context.caller(), context.base()))
}

/// Refuses a change of what a correspondence is between: its file would bring the former one back.
fn kept(before: &Correspondence, strategy: &str, facts: &CorrespondenceFacts) -> Result<(), Problem> {
    let places = [
        ("/strategyId", strategy == before.strategy_id),
        ("/subGoal", facts.sub_goal == before.facts.sub_goal),
        ("/measure", facts.measure == before.facts.measure),
        ("/priority", facts.priority == before.facts.priority),
    ];
    let changed = places.into_iter().filter(|(_, is_same)| !is_same);
    let reason = || bilingual!("ändras inte; lägg till en ny", "does not change; add another one");
    let faults: Vec<_> = changed.map(|(place, _)| Fault::body(place, "kept", reason())).collect();
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// Ändra en motsvarighet. / Change a correspondence.
///
/// Vad den är mellan ändras inte: strategin, delmålet, åtgärden och prioriteringen. / What it is between does not change:
/// the strategy, the sub-goal, the measure and the priority.
#[utoipa::path(request_body = NewCorrespondencePatch,
    responses((status = 200, description = "Ändrad. / Changed.", body = CorrespondenceView)))]
#[patch("/frameworks/{frameworkId}/correspondences/{correspondenceId}")]
async fn update_correspondence(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    place: Path<(String, Id)>,
    version: IfMatch,
    patch: NewCorrespondencePatch,
) -> Result<HttpResponse, Problem> {
    let ((framework, id), actor) = (place.into_inner(), context.caller().id());
    let entry = database
        .write(move |conn| {
            let before = store::find(conn, &framework, id)?;
            version.check(before.version)?;
            let (strategy, facts) = patch.apply(&contract, &NewCorrespondence::of(&before))?.into_facts(conn)?;
            kept(&before, &strategy, &facts)?;
            store::update(conn, actor, &before, facts)
        })
        .await?;
    reply::one(&context, Some(entry.version), &CorrespondenceView::new(&entry, context.caller(), context.base()))
}

/// Ta bort en motsvarighet. / Remove a correspondence.
#[utoipa::path(responses((status = 204, description = "Borttagen. / Removed.")))]
#[delete("/frameworks/{frameworkId}/correspondences/{correspondenceId}")]
async fn delete_correspondence(
    context: Context,
    database: Data<Database>,
    path: Path<(String, Id)>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let ((framework, id), actor) = (path.into_inner(), context.caller().id());
    database
        .write(move |conn| {
            let entry = store::find(conn, &framework, id)?;
            version.check(entry.version)?;
            store::remove(conn, actor, &entry)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
