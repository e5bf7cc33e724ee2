//! Analysis: what the registry's projects say about strategies and frameworks, each answer with what it rests on.
//!
//! Nothing here is kept but statements: every figure is computed anew from the projects that the caller may see.

pub mod alignment;
pub mod allotment;
pub mod coverage;
pub mod report;
pub mod score;
pub mod statement;
pub mod suggestion;
pub mod survey;
pub mod wire;

/// The operations of this room.
pub fn routes(routes: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    alignment::http::routes(routes);
    coverage::http::routes(routes);
    report::http::routes(routes);
    statement::http::routes(routes);
    suggestion::http::routes(routes);
}
