//! How the registry stands, as figures.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::clock::Timestamp;
use crate::import::model::ImportState;

/// What the database tells. Every instance on it tells the same.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// The journal's latest number, and when it was written.
    pub journal: Option<(i64, Timestamp)>,
    /// The subscriptions.
    pub webhooks: Webhooks,
    /// How many imports there are in each state.
    pub imports: Vec<(ImportState, i64)>,
    /// Rows of imports under way that are done, and all of them.
    pub import_rows: (i64, i64),
}

/// How subscriptions stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Webhooks {
    /// That are brought what happens.
    pub active: i64,
    /// Those of them whose next event has failed.
    pub failing: i64,
    /// That their owners have paused.
    pub paused: i64,
    /// That the program has stopped.
    pub stopped: i64,
    /// How many changes the one that is furthest behind has before it, its own and others'.
    pub behind: i64,
    /// When the oldest of all those changes was made.
    pub oldest: Option<Timestamp>,
}

impl Figures {
    /// Writes them down.
    pub fn tell(&self, to: &mut Registry, now: Timestamp) {
        if let Some((number, at)) = self.journal {
            to.register("journal_number", "The journal's latest number", gauge(number));
            let about = "When the latest change was made";
            to.register_with_unit("journal_latest_timestamp", about, Unit::Seconds, float(seconds(at)));
        }
        let Webhooks { active, failing, paused, stopped, behind, oldest } = self.webhooks;
        let states = [("active", active), ("failing", failing), ("paused", paused), ("stopped", stopped)];
        to.register("webhook_subscriptions", "Subscriptions; failing ones are active too", family("state", states));
        to.register("webhook_changes_behind", "Changes before the subscription that is furthest behind", gauge(behind));
        let waited = oldest.map_or(0.0, |oldest| (seconds(now) - seconds(oldest)).max(0.0));
        to.register_with_unit(
            "webhook_oldest_waiting",
            "How long ago the oldest change was made that a subscription is not past",
            Unit::Seconds,
            float(waited),
        );
        let known = |state: ImportState| self.imports.iter().find(|(found, _)| *found == state);
        let imports =
            ImportState::ALL.iter().map(|state| (state.as_str(), known(*state).map_or(0, |(_, count)| *count)));
        to.register("imports", "Imports, by state", family("state", imports));
        let rows = [("done", self.import_rows.0), ("all", self.import_rows.1)];
        to.register("import_rows", "Rows of imports that are under way", family("rows", rows));
    }
}

/// A figure.
#[must_use]
pub fn gauge(value: i64) -> Gauge {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}

fn float(value: f64) -> Gauge<f64, AtomicU64> {
    let gauge = Gauge::default();
    gauge.set(value);
    gauge
}

/// Figures of one kind.
#[must_use]
pub fn family(
    label: &'static str,
    values: impl IntoIterator<Item = (&'static str, i64)>,
) -> Family<[(&'static str, &'static str); 1], Gauge> {
    let family = Family::<_, Gauge>::default();
    for (value, figure) in values {
        family.get_or_create(&[(label, value)]).set(figure);
    }
    family
}

/// Seconds since 1970.
fn seconds(at: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of two centuries are exact")]
    let micros = at.as_utc().timestamp_micros() as f64;
    micros / 1e6
}
