//! A request as operations see it: counted by its route, and told in one log line that names nobody but the account.

use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::BASE_PATH;
use super::context::Context;
use super::contract::{Contract, Match};
use crate::db::Database;
use crate::id::Id;
use crate::metrics::{Metrics, UnderWay, WAYS_IN};
use crate::telemetry::Served;

/// A request that is being answered.
pub(super) struct Watched {
    began: Instant,
    method: &'static str,
    counted: Option<(Arc<Metrics>, UnderWay)>,
    served: Served,
    /// Who calls, as far as is known.
    pub(super) account: Option<Id>,
    /// Whether it was let in, and not sent away as one too many.
    pub(super) is_admitted: bool,
}

impl Watched {
    pub(super) fn begin(request: &ServiceRequest, served: Served) -> Self {
        let metrics = request.app_data::<Data<Database>>().map(|database| Arc::clone(database.metrics()));
        let counted = metrics.map(|metrics| (Arc::clone(&metrics), metrics.begin()));
        let method = name(request.method());
        Self { began: Instant::now(), method, counted, served, account: None, is_admitted: false }
    }

    /// Counts the answer, and tells of it. The route is the one that the service knows, so made-up ones are all alike.
    pub(super) fn end<B>(self, response: &ServiceResponse<B>) {
        let request = response.request();
        let (took, status) = (self.began.elapsed(), response.status().as_u16());
        let (route, path) = (request.match_pattern(), known_path(request));
        self.served.end(self.method, route.as_deref(), path, status);
        let route = route.as_deref().unwrap_or("unknown");
        if let Some((metrics, _)) = &self.counted {
            metrics.answered(self.method, route, status, took);
            let way_in = WAYS_IN.iter().find(|(way, _)| self.is_admitted && self.method == "POST" && *way == route);
            if let Some((_, way)) = way_in {
                metrics.signed_in(way, status);
            }
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let account = self.account.map(tracing::field::display);
        tracing::info!(method = self.method, route, path, status, micros, account, "answered");
    }
}

/// A path that is of a documented form. Others may be anything, somebody's address among it.
fn known_path(request: &HttpRequest) -> Option<&str> {
    if request.extensions().contains::<Context>() {
        return Some(request.path());
    }
    let contract = request.app_data::<Data<Contract>>()?;
    let path = request.path().strip_prefix(BASE_PATH)?;
    let Match::Operation(operation) = contract.find(request.method().as_str(), path) else { return None };
    operation.path_faults(path).is_empty().then(|| request.path())
}

/// A method by a name that is known.
fn name(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}
