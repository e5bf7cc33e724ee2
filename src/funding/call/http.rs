//! Calls over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Call, CallFacts};
use super::store;
use crate::auth::{Principal, policy};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::funding::wire::{Reference, RuleWire};
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::id::Id;
use crate::money::Money;
use crate::problem::Problem;
use crate::text::Bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_calls).service(create_call).service(get_call).service(update_call);
}

/// En ny utlysning; det som inte är känt utelämnas. / A new call; what is not known is left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "fundingSource": "eruf-ovre-norrland-2021-2027",
    "title": {"sv": "Främja cirkulär ekonomi", "en": "Promote the circular economy"}, "opensOn": "2024-08-12",
    "rules": [{"rule": "maxShare", "percent": 50, "basis": "eligibleCost",
               "reference": {"title": "Tillväxtverket, utlysning: cirkulär ekonomi"}}],
    "references": [{"title": "Tillväxtverket, utlysning: cirkulär ekonomi"}]
}))]
struct NewCall {
    /// Finansieringskällans kod. / Code of the funding source.
    #[schema(min_length = 1, max_length = 100)]
    funding_source: String,
    /// Rubrik. / Title.
    title: Bilingual,
    /// Första ansökningsdagen. / First day of application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-08-12")]
    opens_on: Option<NaiveDate>,
    /// Sista ansökningsdagen. / Last day of application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-10-01")]
    closes_on: Option<NaiveDate>,
    /// Hur mycket som finns att söka. / How much there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    budget: Option<Money>,
    /// Annat att veta. / Anything else worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Bilingual>,
    /// Utlysningens egna regler; de gäller i stället för källans av samma slag. / The call's own rules; they hold instead
    /// of the source's of the same kind.
    #[serde(default)]
    #[schema(max_items = 50)]
    rules: Vec<RuleWire>,
    /// Var uppgifterna är publicerade. / Where the facts are published.
    #[serde(default)]
    #[schema(max_items = 20)]
    references: Vec<Reference>,
}

type NewCallPatch = Patch<NewCall>;

impl Patchable for NewCall {}

impl NewCall {
    fn of(call: &Call) -> Self {
        let CallFacts { funding_source, title, opens_on, closes_on, budget, note, rules, references } =
            call.facts.clone();
        Self {
            funding_source,
            title,
            opens_on,
            closes_on,
            budget,
            note,
            rules: rules.into_iter().map(Into::into).collect(),
            references: references.into_iter().map(Into::into).collect(),
        }
    }

    fn into_facts(self) -> Result<CallFacts, Problem> {
        let facts = CallFacts {
            funding_source: self.funding_source,
            title: self.title,
            opens_on: self.opens_on,
            closes_on: self.closes_on,
            budget: self.budget,
            note: self.note,
            rules: self.rules.into_iter().map(Into::into).collect(),
            references: self.references.into_iter().map(Into::into).collect(),
        };
        let faults = facts.faults();
        if faults.is_empty() { Ok(facts) } else { Err(Problem::invalid(faults)) }
    }
}

/// En utlysning. / A call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Call, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a50", "fundingSource": "eruf-ovre-norrland-2021-2027",
    "title": {"sv": "Främja cirkulär ekonomi", "en": "Promote the circular economy"}, "opensOn": "2024-08-12",
    "rules": [], "references": [{"title": "Tillväxtverket, utlysning: cirkulär ekonomi"}], "version": 1,
    "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/calls/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a50",
                        "rel": "self", "method": "GET"}}
}))]
struct CallView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Finansieringskällans kod. / Code of the funding source.
    funding_source: String,
    /// Rubrik. / Title.
    title: Bilingual,
    /// Första ansökningsdagen. / First day of application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-08-12")]
    opens_on: Option<NaiveDate>,
    /// Sista ansökningsdagen. / Last day of application.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-10-01")]
    closes_on: Option<NaiveDate>,
    /// Hur mycket som finns att söka. / How much there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Money>,
    /// Annat att veta. / Anything else worth knowing.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Bilingual>,
    /// Utlysningens egna regler. / The call's own rules.
    rules: Vec<RuleWire>,
    /// Var uppgifterna är publicerade. / Where the facts are published.
    references: Vec<Reference>,
    /// Version, för If-Match. / Version, for If-Match.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

impl CallView {
    fn new(call: &Call, caller: &Principal, base: &str) -> Self {
        let NewCall { funding_source, title, opens_on, closes_on, budget, note, rules, references } = NewCall::of(call);
        let address = format!("{base}/calls/{}", call.id);
        let links = Links::default()
            .and("self", "GET", address.clone())
            .and("collection", "GET", format!("{base}/calls"))
            .and("funding-source", "GET", format!("{base}/funding-sources/{funding_source}"))
            .and_if(policy::allows(caller, "updateCall"), "edit", "PATCH", || address);
        Self {
            id: call.id,
            funding_source,
            title,
            opens_on,
            closes_on,
            budget,
            note,
            rules,
            references,
            version: call.version,
            created_at: call.created_at,
            updated_at: call.updated_at,
            links,
        }
    }
}

/// Urval av utlysningar. / Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct CallFilter {
    /// Utlysningar från dessa källor. / Calls of these sources.
    #[param(min_items = 1, example = json!(["eruf-ovre-norrland-2021-2027"]))]
    funding_source: Option<Vec<String>>,
    /// Utlysningar som, så långt det är känt, tar emot ansökningar denna dag. / Calls that, as far as is known, take
    /// applications on this day.
    #[param(example = "2024-09-01")]
    open_on: Option<NaiveDate>,
}

/// Utlysningar. / Calls.
///
/// Den senast öppnade först. / The latest opened first.
#[utoipa::path(params(Paging, CallFilter),
    responses((status = 200, description = "Utlysningar. / Calls.", body = [CallView])))]
#[get("/calls")]
async fn list_calls(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<CallFilter>,
) -> Result<HttpResponse, Problem> {
    let filter = store::Filter { sources: filter.0.funding_source, open_on: filter.0.open_on };
    let window = paging.0.window();
    let (calls, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let views: Vec<_> = calls.iter().map(|call| CallView::new(call, context.caller(), context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Registrera en utlysning. / Register a call.
#[utoipa::path(request_body = NewCall,
    responses((status = 201, description = "Registrerad. / Registered.", body = CallView)))]
#[post("/calls")]
async fn create_call(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<NewCall>,
) -> Result<HttpResponse, Problem> {
    let facts = body.value.into_facts()?;
    let (caller, base) = (context.caller().clone(), context.base().to_owned());
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let call = store::insert(conn, caller.id(), &facts)?;
        Created::new(format!("/calls/{}", call.id), call.version, &CallView::new(&call, &caller, &base))
    })
    .await
}

/// En utlysning. / A call.
#[utoipa::path(responses((status = 200, description = "Utlysningen. / The call.", body = CallView)))]
#[get("/calls/{callId}")]
async fn get_call(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let call = database.read(move |conn| store::find(conn, *id)).await?;
    reply::one(&context, Some(call.version), &CallView::new(&call, context.caller(), context.base()))
}

/// Ändra en utlysning. / Change a call.
#[utoipa::path(request_body = NewCallPatch,
    responses((status = 200, description = "Ändrad. / Changed.", body = CallView)))]
#[patch("/calls/{callId}")]
async fn update_call(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    id: Path<Id>,
    version: IfMatch,
    patch: NewCallPatch,
) -> Result<HttpResponse, Problem> {
    let actor = context.caller().id();
    let call = database
        .write(move |conn| {
            let before = store::find(conn, *id)?;
            version.check(before.version)?;
            let facts = patch.apply(&contract, &NewCall::of(&before))?.into_facts()?;
            store::update(conn, actor, &before, facts)
        })
        .await?;
    reply::one(&context, Some(call.version), &CallView::new(&call, context.caller(), context.base()))
}
