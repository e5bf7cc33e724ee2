//! Who brings which events, and what became of it, in the database.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::model::{Attempt, Delivery, Job, Outcome, REMEMBERED, next_wait};
use crate::auth::policy;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{projects, webhook_attempts as attempts, webhooks};
use crate::history;
use crate::history::model::{Cursor, FeedItem};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::filter::Filter as ProjectFilter;
use crate::project::query::matching;
use crate::project::sight::Sight;
use crate::webhook::Webhook;
use crate::webhook::model::{Progress, Selection, StopReason};
use crate::webhook::store::{Row, latest, owner, stop};

/// How many changes are looked at in a turn, and how many of them are sent.
const LOOKED_AT: i64 = 500;
const SENT: usize = 50;
/// How many subscriptions that turn out to have nothing to send are looked at in a turn.
const LOOKS: usize = 10;
/// How long an instance may take to write down what it has delivered, before another one takes over.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// How many subscriptions have changes to look at.
///
/// # Errors
/// When the database fails.
pub fn count_due(conn: &mut Conn, now: Timestamp) -> Result<i64, Problem> {
    let latest = latest(conn)?;
    Ok(due(now, latest).count().get_result(conn)?)
}

#[diesel::dsl::auto_type]
fn due(now: Timestamp, latest: Cursor) -> _ {
    let latest: i64 = latest.0;
    webhooks::table
        .filter(webhooks::active.eq(true))
        .filter(webhooks::due_at.le(now))
        .filter(webhooks::leased_until.le(now))
        .filter(webhooks::place.lt(latest))
}

/// Takes on what has waited longest. A subscription that turns out to have nothing to send goes on to where it was looked.
///
/// # Errors
/// When the database fails.
pub fn claim(conn: &mut Conn, now: Timestamp) -> Result<Option<Job>, Problem> {
    let latest = latest(conn)?;
    for _ in 0..LOOKS {
        let row: Option<Row> = due(now, latest).order((webhooks::due_at, webhooks::id)).first(conn).optional()?;
        let Some(webhook) = row.map(Webhook::from) else { break };
        if let Some(job) = prepare(conn, webhook, now)? {
            return Ok(Some(job));
        }
    }
    Ok(None)
}

fn prepare(conn: &mut Conn, webhook: Webhook, now: Timestamp) -> Result<Option<Job>, Problem> {
    let owner = owner(conn, webhook.owner)?.filter(|owner| policy::allows(owner, "listChanges"));
    let Some(owner) = owner else {
        stop(conn, &webhook, StopReason::Owner)?;
        return Ok(None);
    };
    let (mut items, mut next) = history::store::feed(conn, &owner, webhook.progress.place, LOOKED_AT)?;
    items.retain(|item| webhook.terms.wants(item));
    let mut items = selected(conn, &webhook.terms.selection, Sight::of(&owner), items)?;
    if items.len() > SENT {
        items.truncate(SENT);
        next = items.last().map_or(next, |item| item.cursor);
    }
    let row = webhooks::table.find(webhook.id);
    if items.is_empty() {
        diesel::update(row).set((webhooks::place.eq(next.0), webhooks::due_at.eq(now))).execute(conn)?;
        return Ok(None);
    }
    let lease = Id::new();
    diesel::update(row).set((webhooks::lease.eq(lease), webhooks::leased_until.eq(now.plus(LEASE)))).execute(conn)?;
    Ok(Some(Job { webhook, lease, items, next }))
}

/// The changes of projects that a selection lets through. A draft that is gone has no facts left, so all are told of those
/// that they may see.
fn selected(
    conn: &mut Conn,
    selection: &Selection,
    sight: Sight,
    mut items: Vec<FeedItem>,
) -> Result<Vec<FeedItem>, Problem> {
    if selection.is_empty() {
        return Ok(items);
    }
    let some = |codes: &[String]| (!codes.is_empty()).then(|| codes.to_vec());
    let filter = ProjectFilter {
        sight,
        strategy_id: selection.strategy_id.clone(),
        sub_goal: some(&selection.sub_goals),
        funding_source: some(&selection.funding_sources),
        municipality: some(&selection.municipalities),
        ..ProjectFilter::default()
    };
    let project = |item: &FeedItem| item.kind.strip_prefix("project.").and_then(|_| item.id.parse::<Id>().ok());
    let ids: Vec<Id> = items.iter().filter_map(project).collect();
    let known: Vec<Id> = matching(&filter).filter(projects::id.eq_any(ids)).select(projects::id).load(conn)?;
    items.retain(|item| item.kind == "project.deleted" || project(item).is_some_and(|id| known.contains(&id)));
    Ok(items)
}

/// Writes down what became of a job: the place is moved on past what has arrived, and what has not is tried again later, or
/// stops the subscription. Whoever has lost the turn meanwhile moves nothing.
///
/// # Errors
/// When the database fails.
pub fn settle(conn: &mut Conn, job: &Job, deliveries: &[Delivery], now: Timestamp, spread: f64) -> Result<(), Problem> {
    let known: Option<Row> = webhooks::table.find(job.webhook.id).first(conn).optional()?;
    let Some(row) = known else { return Ok(()) };
    remember(conn, job.webhook.id, deliveries.iter().map(|(attempt, _)| attempt), now)?;
    if row.lease != Some(job.lease) {
        return Ok(());
    }
    let delivered = deliveries.iter().filter(|(attempt, _)| attempt.is_delivered()).count();
    let place = match delivered.checked_sub(1) {
        _ if delivered == job.items.len() => job.next,
        Some(last) => job.items[last].cursor,
        None => job.webhook.progress.place,
    };
    let mut webhook = Webhook::from(row);
    // Who was stopped before the first attempt knows no more than before.
    let failures = if deliveries.is_empty() { webhook.progress.failures } else { 0 };
    webhook.progress = Progress { place, failures, due_at: now, stopped: None };
    let failed = deliveries.last().filter(|(attempt, _)| !attempt.is_delivered());
    let mut reason = None;
    if let Some((attempt, asked)) = failed {
        webhook.progress.failures = attempt.number;
        match next_wait(attempt.number, spread, *asked) {
            _ if attempt.outcome == Outcome::Gone => reason = Some(StopReason::Gone),
            Some(wait) => webhook.progress.due_at = now.plus(wait),
            None => reason = Some(StopReason::Unreachable),
        }
    }
    diesel::update(webhooks::table.find(webhook.id)).set(Row::of(&webhook)).execute(conn)?;
    reason.map_or(Ok(()), |reason| stop(conn, &webhook, reason))
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = attempts)]
struct AttemptRow {
    id: Id,
    webhook_id: Id,
    message_id: String,
    cursor: Option<i64>,
    kind: String,
    number: i64,
    outcome: Outcome,
    status: Option<i64>,
    made_at: Timestamp,
    milliseconds: i64,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            message_id: row.message_id,
            cursor: row.cursor.map(Cursor),
            kind: row.kind,
            number: row.number,
            outcome: row.outcome,
            status: row.status.and_then(|status| status.try_into().ok()),
            made_at: row.made_at,
            milliseconds: row.milliseconds,
        }
    }
}

/// Keeps attempts, and forgets those that are too old or too many.
///
/// # Errors
/// When the database fails.
pub fn remember<'a>(
    conn: &mut Conn,
    webhook: Id,
    made: impl Iterator<Item = &'a Attempt>,
    now: Timestamp,
) -> Result<(), Problem> {
    for attempt in made.cloned() {
        let Attempt { id, message_id, cursor, kind, number, outcome, status, made_at, milliseconds } = attempt;
        let (webhook_id, cursor, status) = (webhook, cursor.map(|cursor| cursor.0), status.map(i64::from));
        let row =
            AttemptRow { id, webhook_id, message_id, cursor, kind, number, outcome, status, made_at, milliseconds };
        diesel::insert_into(attempts::table).values(row).execute(conn)?;
    }
    let (most, age) = REMEMBERED;
    let own = || attempts::table.filter(attempts::webhook_id.eq(webhook));
    let oldest: Option<Id> =
        own().order(attempts::id.desc()).offset(most).limit(1).select(attempts::id).first(conn).optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(own().filter(attempts::id.le(oldest))).execute(conn)?;
    }
    diesel::delete(own().filter(attempts::made_at.lt(now.plus(-age)))).execute(conn)?;
    Ok(())
}

/// A page of a subscription's attempts, the latest first, and how many are remembered.
///
/// # Errors
/// When the database fails.
pub fn attempts(conn: &mut Conn, webhook: Id, (offset, limit): (i64, i64)) -> Result<(Vec<Attempt>, i64), Problem> {
    let own = || attempts::table.filter(attempts::webhook_id.eq(webhook));
    let total = own().count().get_result(conn)?;
    let page: Vec<AttemptRow> = own().order(attempts::id.desc()).offset(offset).limit(limit).load(conn)?;
    Ok((page.into_iter().map(Into::into).collect(), total))
}
