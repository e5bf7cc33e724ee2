//! What an instance counts while it works, as Prometheus reads it. Labels are few and of known values (a route is a template,
//! never a path), so that nobody can make them grow, and none tells of a person.

use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::problem::Problem;

/// What every name begins with.
pub const PREFIX: &str = "samsyn";

/// The media type of `OpenMetrics`, for those who ask for it.
pub const OPEN_METRICS: &str = "application/openmetrics-text";

/// Bounds of durations, in seconds; answers are promised within 0.3.
const SECONDS: [f64; 9] = [0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    kind: &'static str,
    outcome: &'static str,
}

/// The ways in by route, whose attempts are counted by themselves.
pub const WAYS_IN: [(&str, &str); 4] = [
    ("/samsyn/v1/sessions", "password"),
    ("/samsyn/v1/sessions/single-sign-on", "single-sign-on"),
    ("/samsyn/v1/sessions/refresh", "refresh"),
    ("/oauth/token", "client"),
];

type Durations<L> = Family<L, Histogram, Timing>;

#[derive(Debug, Clone)]
struct Timing;

impl MetricConstructor<Histogram> for Timing {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

/// What an instance counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    request_durations: Durations<Route>,
    under_way: Gauge,
    sign_ins: Family<Outcome, Counter>,
    transactions: Family<Outcome, Counter>,
    transaction_durations: Durations<[(&'static str, &'static str); 1]>,
    retries: Counter,
    waiting: Gauge,
    timeouts: Counter,
    deliveries: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix(PREFIX),
            requests: Family::default(),
            request_durations: Family::new_with_constructor(Timing),
            under_way: Gauge::default(),
            sign_ins: Family::default(),
            transactions: Family::default(),
            transaction_durations: Family::new_with_constructor(Timing),
            retries: Counter::default(),
            waiting: Gauge::default(),
            timeouts: Counter::default(),
            deliveries: Family::default(),
        };
        metrics.register();
        // From the start, so that the first of them are an increase.
        for (_, kind) in WAYS_IN {
            for outcome in ["done", "refused", "braked", "failed"] {
                metrics.sign_ins.get_or_create(&Outcome { kind, outcome }).inc_by(0);
            }
        }
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let all = &mut self.registry;
        let commit = option_env!("SAMSYN_COMMIT").unwrap_or("unknown");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION")), ("commit", commit)]);
        all.register("build", "What is running", build);
        all.register("http_requests", "Requests that were answered, by route template", self.requests.clone());
        all.register_with_unit(
            "http_request_duration",
            "How long until the answer began, by route template",
            Unit::Seconds,
            self.request_durations.clone(),
        );
        all.register("http_requests_under_way", "Requests that are not answered yet", self.under_way.clone());
        all.register("sign_ins", "Sign-ins and token requests: done, refused, or braked", self.sign_ins.clone());
        all.register("database_transactions", "Transactions, by how they ended", self.transactions.clone());
        all.register_with_unit(
            "database_transaction_duration",
            "How long transactions took, the wait for a connection and for the writer's turn included",
            Unit::Seconds,
            self.transaction_durations.clone(),
        );
        all.register("database_retries", "Writes that were tried again after a conflict", self.retries.clone());
        all.register("database_waiting", "Threads that wait for a connection", self.waiting.clone());
        all.register("database_timeouts", "Connections that were asked for in vain", self.timeouts.clone());
        all.register("webhook_deliveries", "Attempts to deliver an event, by outcome", self.deliveries.clone());
    }

    /// Counts a request as under way for as long as what is given back lives.
    #[must_use]
    pub fn begin(self: &Arc<Self>) -> UnderWay {
        self.under_way.inc();
        UnderWay(Arc::clone(self))
    }

    /// Counts an answer. The route is a template.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.request_durations.get_or_create(&Route { method, route: route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answer { method, route, status }).inc();
    }

    /// Counts an attempt to sign in, by its way and the answer's status.
    pub fn signed_in(&self, kind: &'static str, status: u16) {
        let outcome = match status {
            200..=299 => "done",
            429 => "braked",
            500.. => "failed",
            _ => "refused",
        };
        self.sign_ins.get_or_create(&Outcome { kind, outcome }).inc();
    }

    /// Runs a transaction, and counts how it ended.
    ///
    /// # Errors
    /// What the transaction answers.
    pub fn transaction<T>(&self, kind: &'static str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        let began = Instant::now();
        let ended = work();
        let outcome = match ended.as_ref().err().map(|problem| problem.kind().meaning().status) {
            None => "done",
            Some(503) => "unavailable",
            Some(500..) => "failed",
            Some(_) => "refused",
        };
        self.transaction_durations.get_or_create(&[("kind", kind)]).observe(began.elapsed().as_secs_f64());
        self.transactions.get_or_create(&Outcome { kind, outcome }).inc();
        ended
    }

    /// Counts a write that is tried again.
    pub fn retried(&self) {
        self.retries.inc();
    }

    /// Takes a connection, and counts who waits for one and who gives up.
    ///
    /// # Errors
    /// What `get` answers.
    pub fn waiting<T, E>(&self, get: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.waiting.inc();
        let got = get();
        self.waiting.dec();
        self.timeouts.inc_by(u64::from(got.is_err()));
        got
    }

    /// Counts an attempt to deliver an event.
    pub fn delivered(&self, outcome: &'static str) {
        self.deliveries.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// All that is counted, and what else is known at the moment, as text of Prometheus or `OpenMetrics`.
    ///
    /// # Errors
    /// When it cannot be written, which is not known to happen.
    pub fn text(&self, moment: &Registry, is_open_metrics: bool) -> Result<String, std::fmt::Error> {
        let mut written = String::new();
        if is_open_metrics {
            text::encode_registry(&mut written, &self.registry)?;
            text::encode(&mut written, moment)?;
        } else {
            prometheus_text::encode(&mut written, &self.registry)?;
            prometheus_text::encode(&mut written, moment)?;
        }
        Ok(written)
    }
}

/// A request that is under way.
#[derive(Debug)]
pub struct UnderWay(Arc<Metrics>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.dec();
    }
}
