//! Subscriptions in the database.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::{EventKind, MOST, Progress, Selection, StopReason, Terms, Webhook};
use super::signature::Secret;
use crate::auth::{self, Principal, policy};
use crate::clock::Timestamp;
use crate::db::schema::{funding_sources, municipalities, strategies, sub_goals, webhooks};
use crate::db::types::Codes;
use crate::db::{Backend, Conn};
use crate::history::model::Cursor;
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Kind, Problem};
use crate::text::bilingual;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_null = true)]
pub(super) struct Row {
    id: Id,
    owner_id: Id,
    address: String,
    description: Option<String>,
    kinds: Codes,
    strategy_id: Option<String>,
    sub_goals: Codes,
    funding_sources: Codes,
    municipalities: Codes,
    active: bool,
    stopped_reason: Option<StopReason>,
    secret: String,
    former_secret: Option<String>,
    former_until: Option<Timestamp>,
    place: i64,
    failures: i64,
    due_at: Timestamp,
    pub(super) lease: Option<Id>,
    leased_until: Timestamp,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    /// The subscription, which nobody is delivering for.
    pub(super) fn of(webhook: &Webhook) -> Self {
        let Webhook { id, owner, terms, secret, former, progress, version, created_at, updated_at } = webhook.clone();
        let (former_secret, former_until) = former.unzip();
        let Selection { strategy_id, sub_goals, funding_sources, municipalities } = terms.selection;
        Self {
            id,
            owner_id: owner,
            address: terms.address,
            description: terms.description,
            kinds: terms.kinds.iter().collect(),
            strategy_id,
            sub_goals: sub_goals.iter().collect(),
            funding_sources: funding_sources.iter().collect(),
            municipalities: municipalities.iter().collect(),
            active: terms.active,
            stopped_reason: progress.stopped,
            secret: secret.expose().to_owned(),
            former_secret: former_secret.map(|secret: Secret| secret.expose().to_owned()),
            former_until,
            place: progress.place.0,
            failures: progress.failures,
            due_at: progress.due_at,
            lease: None,
            leased_until: created_at,
            version,
            created_at,
            updated_at,
        }
    }
}

impl From<Row> for Webhook {
    fn from(row: Row) -> Self {
        let list = |codes: &Codes| codes.iter().map(str::to_owned).collect();
        let selection = Selection {
            strategy_id: row.strategy_id,
            sub_goals: list(&row.sub_goals),
            funding_sources: list(&row.funding_sources),
            municipalities: list(&row.municipalities),
        };
        // A kind that the program no longer knows does not come any more.
        let kinds = row.kinds.iter().filter_map(|kind| kind.parse::<EventKind>().ok()).collect();
        let (address, description, active) = (row.address, row.description, row.active);
        Self {
            id: row.id,
            owner: row.owner_id,
            terms: Terms { address, description, kinds, selection, active },
            secret: row.secret.into(),
            former: row.former_secret.map(Into::into).zip(row.former_until),
            progress: Progress {
                place: Cursor(row.place),
                failures: row.failures,
                due_at: row.due_at,
                stopped: row.stopped_reason,
            },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Which subscriptions to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those of this owner.
    pub owner: Option<Id>,
    /// Those that are active or not.
    pub active: Option<bool>,
}

/// A page of subscriptions, the oldest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<Webhook>, i64), Problem> {
    let matching = || {
        let mut query = webhooks::table.into_boxed::<Backend>();
        if let Some(owner) = filter.owner {
            query = query.filter(webhooks::owner_id.eq(owner));
        }
        if let Some(active) = filter.active {
            query = query.filter(webhooks::active.eq(active));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let page: Vec<Row> = matching().order(webhooks::id).offset(offset).limit(limit).load(conn)?;
    Ok((page.into_iter().map(Into::into).collect(), total))
}

/// A subscription that a caller may see to: its own, and an administrator anybody's.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id, caller: &Principal) -> Result<Webhook, Problem> {
    let row: Option<Row> = webhooks::table.find(id).first(conn).optional()?;
    let webhook = row.map(Webhook::from).filter(|webhook| webhook.is_for(caller));
    webhook.ok_or_else(|| Problem::not_found("Prenumerationen", "The subscription"))
}

/// Who an account or a machine is today; nobody when it is unknown or inactive. A machine may do all that it is registered
/// for, and a password that is to be changed is nothing to a subscription.
///
/// # Errors
/// When the database fails.
pub fn owner(conn: &mut Conn, id: Id) -> Result<Option<Principal>, Problem> {
    if let Some(client) = auth::client::store::known(conn, id)? {
        let scopes = client.access.scopes.iter().copied().collect();
        return Ok(client.access.active.then(|| client.principal(scopes)));
    }
    match auth::store::find(conn, id) {
        Ok(user) => Ok(user.active.then(|| user.principal().changing_password(false))),
        Err(problem) if problem.kind() == Kind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// The end of the journal, from which a new subscription goes on.
///
/// # Errors
/// When the database fails.
pub fn latest(conn: &mut Conn) -> Result<Cursor, Problem> {
    Ok(Cursor(journal::latest(conn)?))
}

/// Adds a subscription.
///
/// # Errors
/// 409 when its owner has too many; 403 when its owner may not follow changes; 422 by what it names.
pub fn insert(conn: &mut Conn, actor: Option<Id>, webhook: &Webhook) -> Result<(), Problem> {
    let Some(owner) = owner(conn, webhook.owner)? else {
        let reason = bilingual!("finns inte eller är inaktiv", "does not exist or is inactive");
        return Err(Problem::invalid(vec![Fault::body("/ownerId", "unknown-owner", reason)]));
    };
    policy::check(&owner, "listChanges")?;
    check(conn, &webhook.terms)?;
    let count: i64 = webhooks::table.filter(webhooks::owner_id.eq(webhook.owner)).count().get_result(conn)?;
    if count >= MOST {
        let detail = bilingual!(
            "En ägare har högst {MOST} prenumerationer. Ta bort en först.",
            "An owner has at most {MOST} subscriptions. Delete one first."
        );
        return Err(Problem::new(Kind::Conflict, detail));
    }
    diesel::insert_into(webhooks::table).values(Row::of(webhook)).execute(conn)?;
    record(conn, actor, "webhook.created", None, Some(webhook))
}

/// Changes a subscription, whose version and time of change are set here. Who is delivering for it does so no more: what
/// is not written down is sent again.
///
/// # Errors
/// 422 by what it names.
pub fn update(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: &Webhook,
    after: Webhook,
) -> Result<Webhook, Problem> {
    if after.terms != before.terms {
        check(conn, &after.terms)?;
    }
    let after = Webhook { version: before.version + 1, updated_at: Timestamp::now(), ..after };
    diesel::update(webhooks::table.find(before.id)).set(Row::of(&after)).execute(conn)?;
    record(conn, actor, kind, Some(before), Some(&after))?;
    Ok(after)
}

/// Lets a subscription go on from before a change, which is the first that is sent.
///
/// # Errors
/// 422 when there is no such change yet.
pub fn go_on_from(conn: &mut Conn, before: &Webhook, from: Cursor) -> Result<Webhook, Problem> {
    if from.0 < 1 || from > latest(conn)? {
        let reason = bilingual!("det finns ingen ändring där", "there is no change there");
        return Err(Problem::invalid(vec![Fault::body("/from", "unknown-change", reason)]));
    }
    let place = Cursor(from.0 - 1);
    let progress = Progress { place, failures: 0, due_at: Timestamp::now(), ..before.progress };
    let after = Webhook { progress, ..before.clone() };
    diesel::update(webhooks::table.find(before.id)).set(Row::of(&after)).execute(conn)?;
    Ok(after)
}

/// Deletes a subscription and what is remembered of it.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, actor: Option<Id>, webhook: &Webhook) -> Result<(), Problem> {
    diesel::delete(webhooks::table.find(webhook.id)).execute(conn)?;
    record(conn, actor, "webhook.deleted", Some(webhook), None)
}

fn check(conn: &mut Conn, terms: &Terms) -> Result<(), Problem> {
    let (mut faults, selection) = (terms.faults(), &terms.selection);
    let strategy: Vec<String> = selection.strategy_id.iter().cloned().collect();
    let known = strategies::table.filter(strategies::id.eq_any(&strategy)).select(strategies::id).load(conn)?;
    faults.extend(unknown("strategyId", &strategy, &known));
    let goals = sub_goals::table.filter(sub_goals::strategy_id.eq_any(&strategy));
    let known = goals.filter(sub_goals::code.eq_any(&selection.sub_goals)).select(sub_goals::code).load(conn)?;
    faults.extend(unknown("subGoals", &selection.sub_goals, &known));
    let sources = funding_sources::table.filter(funding_sources::code.eq_any(&selection.funding_sources));
    faults.extend(unknown(
        "fundingSources",
        &selection.funding_sources,
        &sources.select(funding_sources::code).load(conn)?,
    ));
    let places = municipalities::table.filter(municipalities::code.eq_any(&selection.municipalities));
    faults.extend(unknown(
        "municipalities",
        &selection.municipalities,
        &places.select(municipalities::code).load(conn)?,
    ));
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn unknown(member: &str, named: &[String], known: &[String]) -> Vec<Fault> {
    let missing = named.iter().filter(|name| !known.contains(name));
    missing
        .map(|name| {
            let reason = bilingual!("{name} finns inte", "{name} does not exist");
            Fault::body(format!("/filter/{member}"), "unknown-code", reason)
        })
        .collect()
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Webhook>,
    after: Option<&Webhook>,
) -> Result<(), Problem> {
    let Some(now) = after.or(before) else { return Ok(()) };
    let picture = |webhook: Option<&Webhook>| {
        webhook.map_or(Value::Null, |webhook| {
            let Terms { address, description, kinds, selection, active } = &webhook.terms;
            json!({
                "owner": webhook.owner, "address": address, "description": description, "kinds": kinds, "active": active,
                "strategyId": selection.strategy_id, "subGoals": selection.sub_goals,
                "fundingSources": selection.funding_sources, "municipalities": selection.municipalities,
                "stopped": webhook.progress.stopped,
                // It is withheld: it stands here to tell that there is another one.
                "secret": webhook.secret.expose(),
            })
        })
    };
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "webhook",
            id: now.id.to_string(),
            version: now.version + i64::from(after.is_none()),
            before: picture(before),
            after: picture(after),
            personal: &["secret"],
        },
    )
}

/// Stops a subscription for a reason that its owner reads.
///
/// # Errors
/// When the database fails.
pub(super) fn stop(conn: &mut Conn, webhook: &Webhook, reason: StopReason) -> Result<(), Problem> {
    tracing::warn!(webhook = %webhook.id, %reason, "a webhook is stopped");
    update(conn, None, "webhook.stopped", webhook, webhook.clone().stopped(reason)).map(drop)
}
