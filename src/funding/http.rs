//! Funding sources over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{FundingSource, SourceFacts, SourceType};
use super::wire::{Reference, RuleWire};
use super::{call, store};
use crate::auth::{Principal, policy};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::problem::Problem;
use crate::text::Bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_funding_sources)
        .service(create_funding_source)
        .service(get_funding_source)
        .service(update_funding_source);
    call::http::routes(routes);
}

/// En ny finansieringskälla; det som inte är känt utelämnas. / A new funding source; what is not known is left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "code": "eruf-ovre-norrland-2014-2020",
    "name": {"sv": "ERUF Övre Norrland 2014–2020", "en": "ERDF Upper Norrland 2014–2020"}, "type": "eu",
    "authority": "Tillväxtverket", "programmeNumber": "2014SE16RFOP008",
    "startDate": "2014-01-01", "endDate": "2020-12-31",
    "rules": [{"rule": "maxShare", "percent": 50, "basis": "eligibleCost",
               "reference": {"title": "eufonder.se, Övre Norrland"}}],
    "references": [{"title": "eufonder.se, Övre Norrland"}]
}))]
struct NewFundingSource {
    /// Kod: små bokstäver och siffror med bindestreck. / Code: lower-case letters and digits with hyphens.
    #[schema(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100)]
    code: String,
    /// Namn. / Name.
    name: Bilingual,
    #[serde(rename = "type")]
    type_: SourceType,
    /// Vem som förvaltar eller beslutar. / Who manages or decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 300)]
    authority: Option<String>,
    /// EU-programmets nummer (CCI). / Programme number (CCI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{4}[0-9A-Z]{6,20}$")]
    programme_number: Option<String>,
    /// Periodens första dag. / First day of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2014-01-01")]
    start_date: Option<NaiveDate>,
    /// Periodens sista dag. / Last day of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2020-12-31")]
    end_date: Option<NaiveDate>,
    /// Anslaget som pengarna kommer från, när regler frågar efter det. / The appropriation that the money comes from, when
    /// rules ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    appropriation: Option<String>,
    /// Vad källan kräver av ett projekts plan. / What the source asks of a project's plan.
    #[serde(default)]
    #[schema(max_items = 50)]
    rules: Vec<RuleWire>,
    /// Villkor för uppgifterna. / Conditions for the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Bilingual>,
    /// Var uppgifterna är publicerade. / Where the facts are published.
    #[serde(default)]
    #[schema(max_items = 20)]
    references: Vec<Reference>,
}

type NewFundingSourcePatch = Patch<NewFundingSource>;

impl Patchable for NewFundingSource {
    /// The code is the source's address.
    const ELSEWHERE: &'static [&'static str] = &["code"];
}

impl NewFundingSource {
    fn of(source: &FundingSource) -> Self {
        let FundingSource { code, facts, .. } = source.clone();
        Self {
            code,
            name: facts.name,
            type_: facts.type_,
            authority: facts.authority,
            programme_number: facts.programme_number,
            start_date: facts.start_date,
            end_date: facts.end_date,
            appropriation: facts.appropriation,
            rules: facts.rules.into_iter().map(Into::into).collect(),
            note: facts.note,
            references: facts.references.into_iter().map(Into::into).collect(),
        }
    }

    fn into_facts(self) -> Result<SourceFacts, Problem> {
        let facts = SourceFacts {
            name: self.name,
            type_: self.type_,
            authority: self.authority,
            programme_number: self.programme_number,
            start_date: self.start_date,
            end_date: self.end_date,
            appropriation: self.appropriation,
            rules: self.rules.into_iter().map(Into::into).collect(),
            note: self.note,
            references: self.references.into_iter().map(Into::into).collect(),
        };
        let faults = facts.faults();
        if faults.is_empty() { Ok(facts) } else { Err(Problem::invalid(faults)) }
    }
}

/// En finansieringskälla. / A funding source.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FundingSource, example = json!({
    "code": "eruf-ovre-norrland-2014-2020",
    "name": {"sv": "ERUF Övre Norrland 2014–2020", "en": "ERDF Upper Norrland 2014–2020"}, "type": "eu",
    "authority": "Tillväxtverket", "programmeNumber": "2014SE16RFOP008",
    "startDate": "2014-01-01", "endDate": "2020-12-31",
    "rules": [{"rule": "maxShare", "percent": 50, "basis": "eligibleCost",
               "reference": {"title": "eufonder.se, Övre Norrland"}}],
    "references": [{"title": "eufonder.se, Övre Norrland"}], "version": 1,
    "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/funding-sources/eruf-ovre-norrland-2014-2020",
                        "rel": "self", "method": "GET"}}
}))]
struct FundingSourceView {
    /// Kod. / Code.
    code: String,
    /// Namn. / Name.
    name: Bilingual,
    #[serde(rename = "type")]
    type_: SourceType,
    /// Vem som förvaltar eller beslutar. / Who manages or decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    /// EU-programmets nummer (CCI). / Programme number (CCI).
    #[serde(skip_serializing_if = "Option::is_none")]
    programme_number: Option<String>,
    /// Periodens första dag. / First day of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2014-01-01")]
    start_date: Option<NaiveDate>,
    /// Periodens sista dag. / Last day of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2020-12-31")]
    end_date: Option<NaiveDate>,
    /// Anslaget som pengarna kommer från. / The appropriation that the money comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    appropriation: Option<String>,
    /// Vad källan kräver av ett projekts plan. / What the source asks of a project's plan.
    rules: Vec<RuleWire>,
    /// Villkor för uppgifterna. / Conditions for the figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Bilingual>,
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

impl FundingSourceView {
    fn new(source: &FundingSource, caller: &Principal, base: &str) -> Self {
        let NewFundingSource {
            code,
            name,
            type_,
            authority,
            programme_number,
            start_date,
            end_date,
            appropriation,
            rules,
            note,
            references,
        } = NewFundingSource::of(source);
        let address = format!("{base}/funding-sources/{code}");
        let links = Links::default()
            .and("self", "GET", address.clone())
            .and("collection", "GET", format!("{base}/funding-sources"))
            .and("calls", "GET", format!("{base}/calls?fundingSource={code}"))
            .and("projects", "GET", format!("{base}/projects?fundingSource={code}"))
            .and_if(policy::allows(caller, "updateFundingSource"), "edit", "PATCH", || address);
        Self {
            code,
            name,
            type_,
            authority,
            programme_number,
            start_date,
            end_date,
            appropriation,
            rules,
            note,
            references,
            version: source.version,
            created_at: source.created_at,
            updated_at: source.updated_at,
            links,
        }
    }
}

/// Urval av finansieringskällor. / Which funding sources.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct SourceFilter {
    /// Källor på denna nivå. / Sources of this level.
    #[serde(rename = "type")]
    #[param(inline)]
    type_: Option<SourceType>,
    /// Källor vars period, så långt den är känd, omfattar dagen. / Sources whose period, as far as it is known, includes
    /// the day.
    #[param(example = "2016-10-14")]
    on_date: Option<NaiveDate>,
}

/// Finansieringskällor. / Funding sources.
///
/// Efter namn, i svensk ordning. / By name, in Swedish order.
#[utoipa::path(params(Paging, SourceFilter),
    responses((status = 200, description = "Finansieringskällor. / Funding sources.", body = [FundingSourceView])))]
#[get("/funding-sources")]
async fn list_funding_sources(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<SourceFilter>,
) -> Result<HttpResponse, Problem> {
    let filter = store::Filter { type_: filter.0.type_, on: filter.0.on_date };
    let window = paging.0.window();
    let (sources, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let view = |source| FundingSourceView::new(source, context.caller(), context.base());
    let views: Vec<_> = sources.iter().map(view).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Registrera en finansieringskälla. / Register a funding source.
#[utoipa::path(request_body = NewFundingSource,
    responses((status = 201, description = "Registrerad. / Registered.", body = FundingSourceView)))]
#[post("/funding-sources")]
async fn create_funding_source(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<NewFundingSource>,
) -> Result<HttpResponse, Problem> {
    let code = body.value.code.clone();
    let facts = body.value.into_facts()?;
    let (caller, base) = (context.caller().clone(), context.base().to_owned());
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let source = store::insert(conn, caller.id(), &code, &facts)?;
        let view = FundingSourceView::new(&source, &caller, &base);
        Created::new(format!("/funding-sources/{code}"), source.version, &view)
    })
    .await
}

/// En finansieringskälla. / A funding source.
#[utoipa::path(responses((status = 200, description = "Källan. / The source.", body = FundingSourceView)))]
#[get("/funding-sources/{fundingSourceCode}")]
async fn get_funding_source(
    context: Context,
    database: Data<Database>,
    code: Path<String>,
) -> Result<HttpResponse, Problem> {
    let source = database.read(move |conn| store::find(conn, &code)).await?;
    reply::one(&context, Some(source.version), &FundingSourceView::new(&source, context.caller(), context.base()))
}

/// Ändra en finansieringskälla. / Change a funding source.
#[utoipa::path(request_body = NewFundingSourcePatch,
    responses((status = 200, description = "Ändrad. / Changed.", body = FundingSourceView)))]
#[patch("/funding-sources/{fundingSourceCode}")]
async fn update_funding_source(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    code: Path<String>,
    version: IfMatch,
    patch: NewFundingSourcePatch,
) -> Result<HttpResponse, Problem> {
    let actor = context.caller().id();
    let source = database
        .write(move |conn| {
            let before = store::find(conn, &code)?;
            version.check(before.version)?;
            let facts = patch.apply(&contract, &NewFundingSource::of(&before))?.into_facts()?;
            store::update(conn, actor, &before, facts)
        })
        .await?;
    reply::one(&context, Some(source.version), &FundingSourceView::new(&source, context.caller(), context.base()))
}
