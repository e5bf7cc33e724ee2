//! The alignment report over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::view::Report;
use super::{page, store};
use crate::db::Database;
use crate::http::{Context, Links, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::sight::Sight;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(get_alignment_report);
}

/// Projektets kopplingsrapport. / The project's alignment report.
///
/// Projektet i strategins träd och i varje ramverk med belägg, vilka som står bakom det och vilka som saknas, vilka som
/// betalar, de horisontella kriterierna och strategins fyra framgångsfaktorer. Med Accept: text/html en sida att skriva ut
/// och bifoga en ansökan. / The project in the strategy's tree and in every framework with evidence, who stands behind it
/// and who is missing, who pays, the horizontal criteria and the strategy's four success factors. With Accept: text/html a
/// page to print and attach to an application.
#[utoipa::path(responses((status = 200, description = "Rapporten. / The report.", content(
    (Report = "application/json"),
    (String = "text/html", example = "<!DOCTYPE html><html lang=\"sv\"><title>Kopplingsrapport</title></html>")
))))]
#[get("/projects/{projectId}/alignment-report")]
async fn get_alignment_report(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let material = database.read(move |conn| store::material(conn, *id, scope)).await?;
    let version = Some(material.project.version);
    let mut report = Report::new(&material);
    let address = context.address(&format!("/projects/{}", material.project.id));
    let own = format!("{address}/alignment-report");
    if context.wants_page() {
        let html = page::render(&material, &report, context.language(), &own);
        return Ok(reply::text(&context, version, html, "text/html; charset=utf-8"));
    }
    report.links = Some(Links::default().and("self", "GET", own).and("up", "GET", address));
    reply::one(&context, version, &report)
}
