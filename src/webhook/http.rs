//! Subscriptions over HTTP.

use std::collections::BTreeSet;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{EventKind, Selection, StopReason, Terms};
use super::signature::Secret;
use super::{Sender, Webhook, delivery, store};
use crate::auth::Role;
use crate::clock::Timestamp;
use crate::db::Database;
use crate::history::model::Cursor;
use crate::http::{Body, Context, Contract, Created, IfMatch, Links, Paging, Patch, Patchable, Query, reply};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::telemetry::carried;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_webhooks)
        .service(create_webhook)
        .service(get_webhook)
        .service(update_webhook)
        .service(delete_webhook)
        .service(create_webhook_secret);
    delivery::http::routes(routes);
}

/// Vilka projekt som det skickas ändringar av. / Which projects' changes are sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookFilter, example = json!({"strategyId": "norsjo-2014-2020", "subGoals": ["3.7"]}))]
struct SelectionWire {
    /// Strategin som projektet är registrerat under eller, med subGoals, som delmålen hör till. / The strategy that the
    /// project is registered under or, with subGoals, that the sub-goals are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    strategy_id: Option<String>,
    /// Något av dessa delmål. / One of these sub-goals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    sub_goals: Vec<String>,
    /// Någon av dessa finansieringskällor. / One of these funding sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    funding_sources: Vec<String>,
    /// Någon av dessa kommuner. / One of these municipalities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    municipalities: Vec<String>,
}

/// En prenumeration som den anges. / A subscription as it is given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewWebhook, example = json!({
    "address": "https://diariet.example.se/samsyn", "description": "Diariet", "kinds": ["project.statusChanged"],
    "filter": {"strategyId": "norsjo-2014-2020"}, "active": true
}))]
struct WebhookTerms {
    /// Mottagarens adress, med https. Sätt inga hemligheter i den: den står i journalen. / The receiver's address, with
    /// https. Put no secrets into it: it stands in the journal.
    #[schema(min_length = 1, max_length = 2000)]
    address: String,
    /// Vad den är till för. / What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 300)]
    description: Option<String>,
    /// Vad som skickas; tom lista är allt som flödet har. / What is sent; an empty list is all that the feed has.
    #[serde(default)]
    kinds: BTreeSet<EventKind>,
    /// Urval av projekt; då skickas bara projektens händelser. / Which projects; then nothing but projects' events is sent.
    #[serde(default)]
    filter: SelectionWire,
    /// Om något skickas. En som slås på går vidare där den stannade. / Whether anything is sent. One that is made active
    /// goes on where it stopped.
    #[serde(default = "yes")]
    #[schema(default = true)]
    active: bool,
    /// Kontot eller klienten som den är för, med vars ögon den ser; annars den som anropar. Anges av administratörer. / The
    /// account or client that it is for, with whose eyes it sees; otherwise the caller. Given by administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    owner_id: Option<Id>,
}

fn yes() -> bool {
    true
}

type WebhookTermsPatch = Patch<WebhookTerms>;

impl Patchable for WebhookTerms {
    const ELSEWHERE: &'static [&'static str] = &["ownerId"];
}

impl From<Terms> for WebhookTerms {
    fn from(Terms { address, description, kinds, selection, active }: Terms) -> Self {
        let Selection { strategy_id, sub_goals, funding_sources, municipalities } = selection;
        let filter = SelectionWire { strategy_id, sub_goals, funding_sources, municipalities };
        Self { address, description, kinds, filter, active, owner_id: None }
    }
}

impl WebhookTerms {
    fn terms(self, address: String) -> Terms {
        let SelectionWire { strategy_id, sub_goals, funding_sources, municipalities } = self.filter;
        let selection = Selection { strategy_id, sub_goals, funding_sources, municipalities };
        Terms { address, description: self.description, kinds: self.kinds, selection, active: self.active }
    }
}

/// En prenumeration. / A subscription.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a14", "ownerId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12",
    "address": "https://diariet.example.se/samsyn", "description": "Diariet", "kinds": ["project.statusChanged"],
    "filter": {"strategyId": "norsjo-2014-2020"}, "active": true, "cursor": "000000000000002a", "failures": 0, "version": 1,
    "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/webhooks/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a14",
                        "rel": "self", "method": "GET"}}
}))]
pub(super) struct WebhookView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Kontot eller klienten vars ögon den ser med. / The account or client whose eyes it sees with.
    #[schema(value_type = uuid::Uuid)]
    owner_id: Id,
    /// Mottagarens adress. / The receiver's address.
    address: String,
    /// Vad den är till för. / What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Vad som skickas; tom lista är allt. / What is sent; an empty list is everything.
    kinds: BTreeSet<EventKind>,
    filter: SelectionWire,
    /// Om något skickas. / Whether anything is sent.
    active: bool,
    /// Varför tjänsten stannade den, om den gjorde det. / Why the service stopped it, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_reason: Option<StopReason>,
    /// Hit är allt levererat, eller inget för den. / Up to here everything is delivered, or not for it.
    #[schema(value_type = String)]
    cursor: Cursor,
    /// Hur många gånger i rad nästa händelse inte har gått fram. / How often in a row the next event has failed.
    failures: i64,
    /// När den prövas igen, om den inte har gått fram. / When it is tried again, if it has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, example = "2026-01-31T12:00:00Z")]
    next_attempt_at: Option<Timestamp>,
    /// Version, för If-Match; leveranser ändrar den inte. / Version, for If-Match; deliveries do not change it.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

/// A subscription's path below the base path.
pub(super) fn path(id: Id) -> String {
    format!("/webhooks/{id}")
}

impl WebhookView {
    pub(super) fn new(webhook: Webhook, base: &str) -> Self {
        let Webhook { id, owner, terms, progress, version, created_at, updated_at, .. } = webhook;
        let WebhookTerms { address, description, kinds, filter, active, .. } = terms.into();
        let own = format!("{base}{}", path(id));
        Self {
            id,
            owner_id: owner,
            address,
            description,
            kinds,
            filter,
            active,
            stopped_reason: progress.stopped,
            cursor: progress.place,
            failures: progress.failures,
            next_attempt_at: Some(progress.due_at).filter(|_| active && progress.failures > 0),
            version,
            created_at,
            updated_at,
            links: Links::default()
                .and("self", "GET", own.clone())
                .and("edit", "PATCH", own.clone())
                .and("delete", "DELETE", own.clone())
                .and("attempts", "GET", format!("{own}/attempts"))
                .and("add-secret", "POST", format!("{own}/secrets"))
                .and("resend", "POST", format!("{own}/resends"))
                .and("ping", "POST", format!("{own}/pings")),
        }
    }
}

/// Urval av prenumerationer. / Which subscriptions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WebhookFilter {
    /// De som något skickas för, eller inte. / Those that anything is sent for, or not.
    active: Option<bool>,
}

/// Prenumerationer på ändringar. / Subscriptions to changes.
///
/// Den som anropar ser sina egna, administratörer allas. / The caller sees its own, administrators everybody's.
#[utoipa::path(params(Paging, WebhookFilter),
    responses((status = 200, description = "Den äldsta först. / The oldest first.", body = [WebhookView])))]
#[get("/webhooks")]
async fn list_webhooks(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<WebhookFilter>,
) -> Result<HttpResponse, Problem> {
    let owner = context.caller().id().filter(|_| context.caller().role() != Some(Role::Administrator));
    let (filter, window) = (store::Filter { owner, active: filter.0.active }, paging.0.window());
    let (webhooks, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let views: Vec<_> = webhooks.into_iter().map(|webhook| WebhookView::new(webhook, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// An address in its one spelling, when events may be sent there.
async fn checked(sender: Data<Sender>, address: String) -> Result<String, Problem> {
    let turn = sender.turns().acquire_owned().await;
    let look_up = move || {
        let _turn = turn;
        sender.check(&address)
    };
    let found = web::block(carried(look_up)).await.map_err(Problem::internal)?;
    found.map_err(|(code, reason)| Problem::invalid(vec![Fault::body("/address", code, reason)]))
}

/// En ny prenumeration med sin hemlighet. / A new subscription with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookSecret, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a14", "secret": "whsec_c2hvd24gb25jZSwgdGhlbiBuZXZlciBhZ2Fpbi4uLi4uLi4=",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/webhooks/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a14",
                        "rel": "self", "method": "GET"}}
}))]
struct SecretView {
    /// Prenumerationens id. / The subscription's id.
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Hemligheten, som visas bara här. / The secret, which is shown only here.
    secret: String,
    #[serde(rename = "_links")]
    links: Links,
}

fn shown(context: &Context, webhook: &Webhook) -> Result<HttpResponse, Problem> {
    let own = path(webhook.id);
    let links = Links::default().and("self", "GET", context.address(&own));
    let view = SecretView { id: webhook.id, secret: webhook.secret.expose().to_owned(), links };
    Ok(Created::new(own, webhook.version, &view)?.into_response(context))
}

/// Prenumerera på ändringar. / Subscribe to changes.
///
/// Från och med nu skickas det som kommer i flödet, med POST enligt Standard Webhooks 1.0.0: `webhook-id`,
/// `webhook-timestamp` och `webhook-signature` (HMAC-SHA256 med hemligheten, som visas bara i detta svar). Innehållet är
/// flödets ändring och länkar. Svara med 200–299 inom 15 sekunder; annars kommer händelsen igen efter 5 sekunder, 5 och 30
/// minuter, 2, 5, 10, 14, 20 och 24 timmar, och det som kommer efter väntar. Samma händelse kan komma mer än en gång: känn
/// igen den på `webhook-id`. Efter 410, eller tre dygn, stannar prenumerationen. / From now on what comes in the feed is sent
/// by POST as Standard Webhooks 1.0.0 has it, signed with the secret, which is shown in this answer alone. Answer with
/// 200–299 within 15 seconds; otherwise the event comes again, later and later for three days, and what comes after it waits.
/// The same event may come more than once: know it by `webhook-id`. The answer is not repeated by Idempotency-Key.
#[utoipa::path(request_body = WebhookTerms,
    responses((status = 201, description = "Prenumerationens hemlighet. / The subscription's secret.", body = SecretView)))]
#[post("/webhooks")]
async fn create_webhook(
    context: Context,
    database: Data<Database>,
    sender: Data<Sender>,
    body: Body<WebhookTerms>,
) -> Result<HttpResponse, Problem> {
    let (caller, given) = (context.caller(), body.value);
    let owner = given.owner_id.or(caller.id()).ok_or_else(|| Problem::not_found("Ägaren", "The owner"))?;
    if caller.id() != Some(owner) && caller.role() != Some(Role::Administrator) {
        let reason = bilingual!("anges av administratörer", "is given by administrators");
        return Err(Problem::invalid(vec![Fault::body("/ownerId", "for-administrators", reason)]));
    }
    let address = checked(sender, given.address.clone()).await?;
    let (actor, terms, secret) = (caller.id(), given.terms(address), Secret::generate()?);
    let webhook = database
        .write(move |conn| {
            let webhook = Webhook::new(owner, terms.clone(), secret.clone(), store::latest(conn)?);
            store::insert(conn, actor, &webhook)?;
            Ok(webhook)
        })
        .await?;
    shown(&context, &webhook)
}

/// En prenumeration. / A subscription.
#[utoipa::path(responses((status = 200, description = "Prenumerationen. / The subscription.", body = WebhookView)))]
#[get("/webhooks/{webhookId}")]
async fn get_webhook(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let webhook = database.read(move |conn| store::find(conn, *id, &caller)).await?;
    reply::one(&context, Some(webhook.version), &WebhookView::new(webhook, context.base()))
}

/// Ändra en prenumeration. / Change a subscription.
///
/// Det som inte har gått fram prövas genast igen. / What has not arrived is tried again at once.
#[utoipa::path(request_body = WebhookTermsPatch,
    responses((status = 200, description = "Ändrad. / Changed.", body = WebhookView)))]
#[patch("/webhooks/{webhookId}")]
async fn update_webhook(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    sender: Data<Sender>,
    id: Path<Id>,
    version: IfMatch,
    patch: WebhookTermsPatch,
) -> Result<HttpResponse, Problem> {
    let (caller, key) = (context.caller().clone(), *id);
    let before = database.read(move |conn| store::find(conn, key, &caller)).await?;
    version.check(before.version)?;
    let given = patch.apply(&contract, &before.terms.clone().into())?;
    let is_moved = given.address != before.terms.address;
    let address = if is_moved { checked(sender, given.address.clone()).await? } else { given.address.clone() };
    let (caller, terms, known) = (context.caller().clone(), given.terms(address), before.version);
    let webhook = database
        .write(move |conn| {
            let before = store::find(conn, key, &caller)?;
            // The look-up took its time.
            IfMatch::Versions(vec![known]).check(before.version)?;
            store::update(conn, caller.id(), "webhook.updated", &before, before.clone().on(terms.clone()))
        })
        .await?;
    reply::one(&context, Some(webhook.version), &WebhookView::new(webhook, context.base()))
}

/// Ta bort en prenumeration. / Delete a subscription.
#[utoipa::path(responses((status = 204, description = "Borttagen. / Deleted.")))]
#[delete("/webhooks/{webhookId}")]
async fn delete_webhook(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    database
        .write(move |conn| {
            let webhook = store::find(conn, *id, &caller)?;
            version.check(webhook.version)?;
            store::remove(conn, caller.id(), &webhook)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ge prenumerationen en ny hemlighet. / Give the subscription a new secret.
///
/// Den visas en gång. I ett dygn signeras det också med den förra, så att mottagaren hinner byta. / It is shown once. For a
/// day what is sent is signed with the former one too, so that the receiver has time to change.
#[utoipa::path(responses((status = 201, description = "Hemligheten. / The secret.", body = SecretView)))]
#[post("/webhooks/{webhookId}/secrets")]
async fn create_webhook_secret(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (caller, secret) = (context.caller().clone(), Secret::generate()?);
    let webhook = database
        .write(move |conn| {
            let before = store::find(conn, *id, &caller)?;
            version.check(before.version)?;
            let after = before.clone().with_secret(secret.clone());
            store::update(conn, caller.id(), "webhook.updated", &before, after)
        })
        .await?;
    shown(&context, &webhook)
}
