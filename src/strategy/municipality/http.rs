//! Municipalities over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Municipality, store};
use crate::db::Database;
use crate::http::{Context, Links, Paging, Query, reply};
use crate::problem::Problem;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_municipalities).service(get_municipality);
}

/// En kommun. / A municipality.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Municipality, example = json!({
    "code": "2417", "name": "Norsjö kommun", "shortName": "Norsjö", "countyCode": "24",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/municipalities/2417", "rel": "self", "method": "GET"}}
}))]
struct MunicipalityView {
    /// SCB:s kommunkod. / Statistics Sweden's code.
    code: String,
    /// Officiellt namn. / Official name.
    name: String,
    /// Namnet utan kommun. / The name alone.
    short_name: String,
    /// Länskod. / County code.
    county_code: String,
    #[serde(rename = "_links")]
    links: Links,
}

impl MunicipalityView {
    fn new(context: &Context, municipality: Municipality) -> Self {
        let Municipality { code, name, short_name, county_code } = municipality;
        let links = Links::default().and("self", "GET", context.address(&format!("/municipalities/{code}"))).and(
            "projects",
            "GET",
            context.address(&format!("/projects?municipality={code}")),
        );
        Self { code, name, short_name, county_code, links }
    }
}

/// Urval av kommuner. / Which municipalities.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct MunicipalityFilter {
    /// Kommuner i detta län. / Municipalities of this county.
    #[param(pattern = "^[0-9]{2}$", example = "24")]
    county_code: Option<String>,
}

/// Sveriges kommuner. / The municipalities of Sweden.
///
/// Efter kommunkod. / By code.
#[utoipa::path(params(Paging, MunicipalityFilter),
    responses((status = 200, description = "Kommuner. / Municipalities.", body = [MunicipalityView])))]
#[get("/municipalities")]
async fn list_municipalities(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<MunicipalityFilter>,
) -> Result<HttpResponse, Problem> {
    let (window, county) = (paging.0.window(), filter.0.county_code);
    let (found, total) = database.read(move |conn| store::list(conn, county.as_deref(), window)).await?;
    let views: Vec<_> = found.into_iter().map(|found| MunicipalityView::new(&context, found)).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// En kommun. / A municipality.
#[utoipa::path(responses((status = 200, description = "Kommunen. / The municipality.", body = MunicipalityView)))]
#[get("/municipalities/{municipalityCode}")]
async fn get_municipality(
    context: Context,
    database: Data<Database>,
    code: Path<String>,
) -> Result<HttpResponse, Problem> {
    let found = database.read(move |conn| store::find(conn, &code)).await?;
    reply::one(&context, None, &MunicipalityView::new(&context, found))
}
