//! The API's table of contents, and the document made of it.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{App, HttpResponse, get};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::security::{ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig as ApiConfig;
use utoipa_swagger_ui::SwaggerUi;

use crate::auth::Scope;
use crate::code_list::code_list;
use crate::db::Database;
use crate::http::problem::ProblemDocument;
use crate::http::reply::PageMeta;
use crate::http::{BASE_PATH, Context, Contract, Links, document as finishing, reply};
use crate::problem::{MEANINGS, Problem};
use crate::webhook::delivery::event::{self, Event};
use crate::{
    analysis, auth, export, framework, funding, history, import, monitoring, open_data, organisation, personal_data,
    project, strategy, webhook,
};

/// Every resource of the API.
pub fn resources(routes: &mut ApiConfig<'_>) {
    routes.service(get_api_info);
    auth::http::routes(routes);
    strategy::http::routes(routes);
    framework::http::routes(routes);
    organisation::http::routes(routes);
    funding::http::routes(routes);
    project::http::routes(routes);
    history::http::routes(routes);
    analysis::routes(routes);
    export::http::routes(routes);
    import::http::routes(routes);
    personal_data::http::routes(routes);
    webhook::http::routes(routes);
}

/// What stands beside the resources: the document, its pages, health.
pub fn pages(config: &mut ServiceConfig) {
    let document = format!("{BASE_PATH}/openapi.json");
    config
        .route(&document, web::get().to(openapi_json))
        .route(&format!("{BASE_PATH}/openapi.yaml"), web::get().to(openapi_yaml))
        .service(web::redirect(format!("{BASE_PATH}/docs"), format!("{BASE_PATH}/docs/")))
        .service(
            SwaggerUi::new(format!("{BASE_PATH}/docs/{{_:.*}}"))
                .config(utoipa_swagger_ui::Config::from(document).validator_url("none")),
        )
        .route("/samsyn/problems/{slug}", web::get().to(problem_page))
        .route("/.well-known/jwks.json", web::get().to(auth::key::http::jwks))
        .configure(auth::client::routes)
        .configure(open_data::http::routes)
        .configure(monitoring::http::routes)
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready));
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Samsyn",
        description = "Samsyn är registret över en kommuns utvecklingsprojekt: vad de bidrar till i strategin, vilka som \
står bakom, vem som betalar och hur långt de har kommit.\n\nSamsyn is the registry of a municipality's development \
projects: what they contribute to in its strategy, who stands behind them, who pays, and how far they have come.\n\n\
## Kända begränsningar / Known limitations\n\n\
Högst 100 poster per sida, 1 MiB per innehåll och 2048 tecken per adress. / At most 100 items a page, 1 MiB of content \
and 2048 characters of address. Engelska formuleringar av strategin är inofficiella. / English wordings of the strategy \
are unofficial. Summor räknas i svenska kronor; rader i annan valuta redovisas utan omräkning. / Sums are in Swedish \
kronor; lines in other currencies are given without conversion.\n\n\
## Länkar / Links\n\n`_links` har relationerna `self`, `collection`, `edit`, `first`, `last`, `next` och `prev` ur IANA:s \
register, och för ett projekt namnen på dess delar och på det som anroparen får göra nu (`add-cost`, `assess`, `revise`, \
`change-status` …). / `_links` has IANA's relations, and for a project the names of its parts and of what the caller may \
do now.\n\n\
## Tillägg / Additions\n\nNya operationer, medlemmar, koder och relationer kan tillkomma inom en huvudversion; bortse från \
dem du inte känner. / New operations, members, codes and relations may be added within a major version; ignore those that \
you do not know.",
        terms_of_service = "https://www.norsjo.se/samsyn/villkor",
        contact(name = "Norsjö kommun, näringslivsavdelningen", url = "https://www.norsjo.se", email = "kommun@norsjo.se"),
        license(name = "EUPL-1.2", url = "https://joinup.ec.europa.eu/licence/european-union-public-licence-version-12-eupl"),
    ),
    external_docs(url = "https://www.norsjo.se/samsyn", description = "Handbok och servicenivå (SLA) / Handbook and SLA"),
    servers((url = "https://api.norsjo.se/samsyn/v1", description = "Norsjö kommun")),
    components(schemas(ProblemDocument, PageMeta, Links, Event)),
    modifiers(&Bearer),
)]
struct Api;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("Åtkomsttoken från POST /sessions. / Access token from POST /sessions."))
            .build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("bearerAuth", SecurityScheme::Http(scheme));
            let scopes: Scopes = Scope::ALL.iter().map(|scope| (scope.as_str(), scope.label())).collect();
            let flow = ClientCredentials::new("https://api.norsjo.se/oauth/token", scopes);
            let about = "Maskiner hämtar sin åtkomsttoken vid /oauth/token. / Machines get their access token there.";
            let oauth2 = OAuth2::with_description([Flow::ClientCredentials(flow)], about);
            components.add_security_scheme("oauth2", SecurityScheme::OAuth2(oauth2));
        }
    }
}

/// The whole document.
///
/// # Errors
/// When the collected document cannot be written as JSON.
pub fn document() -> anyhow::Result<Value> {
    let (_, collected) = App::new().into_utoipa_app().openapi(Api::openapi()).configure(resources).split_for_parts();
    let mut document = serde_json::to_value(collected)?;
    document["info"]["x-sla"] = serde_json::json!({
        "availability": "99 %", "responseTime": "300 ms", "support": "vardagar 8–16 / weekdays 8–16",
    });
    document["webhooks"] = event::described();
    document["info"]["x-problem-types"] = serde_json::json!(finishing::problem_types());
    Ok(finishing::finish(document))
}

/// The document as JSON, as it is checked in.
///
/// # Errors
/// As [`document`].
pub fn document_json() -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&document()?)? + "\n")
}

/// The document as YAML.
///
/// # Errors
/// As [`document`].
pub fn document_yaml() -> anyhow::Result<String> {
    Ok(yaml_serde::to_string(&document()?)?)
}

code_list! {
    /// Where a version of the API stands in its life, as the Swedish API profile spells it (VER.10).
    pub enum ApiStatus {
        /// First trials.
        Alpha = "alpha", "alfa";
        /// Open trials.
        Beta = "beta", "beta";
        /// In use.
        Active = "active", "aktiv";
        /// In use, but a later version is recommended.
        Deprecated = "deprecated", "avrådd";
        /// No longer in use.
        Retired = "retired", "pensionerad";
        /// Gone.
        Decommissioned = "decommisioned", "avvecklad";
    }
}

/// Om API:t. / About the API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "apiName": "samsyn", "apiVersion": "1.0.0", "apiReleased": "2026-11-23",
    "apiDocumentation": "https://api.norsjo.se/samsyn/v1/docs", "apiStatus": "active",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/api-info", "rel": "self", "method": "GET"}}
}))]
struct ApiInfo {
    /// API:ts namn. / The API's name.
    api_name: &'static str,
    /// Version, semantiskt numrerad. / Semantic version.
    api_version: &'static str,
    /// Dag då versionen släpptes. / Day of release.
    #[schema(format = "date", example = "2026-11-23")]
    api_released: &'static str,
    /// Dokumentationens adress. / Address of the documentation.
    api_documentation: String,
    api_status: ApiStatus,
    #[serde(rename = "_links")]
    links: Links,
}

/// Om API:t. / About the API.
///
/// Version, status och dokumentation enligt den svenska API-profilen (VER.06). / As the Swedish API profile has it.
#[utoipa::path(responses((status = 200, description = "Om API:t. / About the API.", body = ApiInfo)))]
#[get("/api-info")]
async fn get_api_info(context: Context) -> Result<HttpResponse, Problem> {
    let info = ApiInfo {
        api_name: "samsyn",
        api_version: env!("CARGO_PKG_VERSION"),
        api_released: "2026-11-23",
        api_documentation: context.address("/docs"),
        api_status: ApiStatus::Active,
        links: Links::default()
            .and("self", "GET", context.address("/api-info"))
            .and("service-desc", "GET", context.address("/openapi.json"))
            .and("service-doc", "GET", context.address("/docs")),
    };
    let mut response = reply::one(&context, None, &info)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// The document as this service serves it, with its own addresses.
fn served(contract: &Contract, config: &crate::config::Config) -> Value {
    let mut document = contract.document.clone();
    let host = config.public_url();
    document["servers"][0]["url"] = Value::from(format!("{host}{BASE_PATH}"));
    document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] =
        Value::from(format!("{host}/oauth/token"));
    document
}

async fn openapi_json(contract: Data<Contract>, config: Data<crate::config::Config>) -> HttpResponse {
    HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=300")).json(served(&contract, &config))
}

async fn openapi_yaml(contract: Data<Contract>, config: Data<crate::config::Config>) -> Result<HttpResponse, Problem> {
    let text = yaml_serde::to_string(&served(&contract, &config)).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .content_type("application/yaml")
        .body(text))
}

/// The page that a problem's `type` leads to.
async fn problem_page(slug: Path<String>) -> Result<HttpResponse, Problem> {
    let row = MEANINGS.iter().find(|row| row.slug == *slug);
    let row = row.ok_or_else(|| Problem::not_found("Feltypen", "The problem type"))?;
    let page = format!(
        "<!doctype html><html lang=\"sv\"><meta charset=\"utf-8\"><title>{sv}</title>\
         <h1>{sv}</h1><p>HTTP {status} · <code>{slug}</code></p><p lang=\"en\">{en}</p></html>",
        sv = row.sv,
        en = row.en,
        status = row.status,
        slug = row.slug,
    );
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=86400"))
        .content_type("text/html; charset=utf-8")
        .body(page))
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "live"}))
}

async fn ready(database: Data<Database>) -> Result<HttpResponse, Problem> {
    database.read(|conn| auth::store::has_administrator(conn).map(drop)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"status": "ready"})))
}
