//! `/metrics`, for Prometheus.

use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;

use super::model::{Figures, family, gauge};
use super::store;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::db::{Database, UseOfConnections};
use crate::export::Exports;
use crate::http::edge::{METRICS, is_scraper};
use crate::metrics::{OPEN_METRICS, PREFIX};
use crate::problem::Problem;

/// How long what the database has told is told again.
const FRESH: Duration = Duration::from_secs(5);
/// How long the database is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The one address of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.route(METRICS, web::to(metrics));
}

/// What the database told last, if it answered, and when.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Option<(Instant, Option<Figures>)>>);

impl Watch {
    /// How the registry stands, or nothing while the database is away.
    async fn figures(&self, database: &Database) -> Option<Figures> {
        // Who scrapes at the same time waits for the one who asks.
        let mut known = self.0.lock().await;
        if let Some((at, figures)) = known.as_ref()
            && at.elapsed() < FRESH
        {
            return figures.clone();
        }
        let told = timeout(PATIENCE, database.read(store::figures)).await;
        let figures = told.ok().and_then(Result::ok);
        *known = Some((Instant::now(), figures.clone()));
        figures
    }
}

/// Answers with what this instance counts and how the registry stands; to strangers as if there were nothing here.
async fn metrics(
    request: HttpRequest,
    (config, database, exports, watch): (Data<Config>, Data<Database>, Data<Exports>, Data<Watch>),
) -> Result<HttpResponse, Problem> {
    if !is_scraper(&request, &config) {
        return Err(Problem::not_found("Adressen", "The address"));
    }
    let figures = watch.figures(&database).await;
    let mut moment = Registry::with_prefix(PREFIX);
    moment.register("database_up", "Whether the database answers", gauge(figures.is_some().into()));
    let UseOfConnections { busy, idle, most, places } = database.use_of_connections();
    let connections = [("busy", busy.into()), ("idle", idle.into())];
    moment.register("database_connections", "Connections to the database", family("state", connections));
    moment.register("database_connections_max", "How many connections there may be", gauge(most.into()));
    let about = "Requests that work with the database or wait to";
    moment.register("database_requests_under_way", about, gauge(count(places)));
    moment.register("exports_under_way", "Exports that are being sent", gauge(count(exports.under_way())));
    if let Some(figures) = figures {
        figures.tell(&mut moment, Timestamp::now());
    }
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_open_metrics = accept.is_some_and(|accept| accept.contains(OPEN_METRICS));
    let text = database.metrics().text(&moment, is_open_metrics).map_err(Problem::internal)?;
    let kind =
        if is_open_metrics { "application/openmetrics-text; version=1.0.0" } else { "text/plain; version=0.0.4" };
    Ok(HttpResponse::Ok().content_type(format!("{kind}; charset=utf-8")).body(text))
}

fn count(things: usize) -> i64 {
    i64::try_from(things).unwrap_or(i64::MAX)
}
