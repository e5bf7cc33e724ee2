//! What became of events, and how they are sent again, over HTTP.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::event::PING;
use super::model::{Attempt, Outcome};
use super::{Sender, store};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::history::model::{Cursor, FeedItem};
use crate::http::{Body, Context, Links, Paging, Query, reply};
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::telemetry::carried;
use crate::text::bilingual;
use crate::webhook::http::{WebhookView, path};
use crate::webhook::store::{find, go_on_from};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_attempts).service(create_resend).service(create_ping);
}

/// Ett försök att leverera en händelse. / An attempt to deliver an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a15", "messageId": "msg_0198c5a08a3e7cc0b4ad1f6e2f7e9a14_000000000000002a",
    "cursor": "000000000000002a", "kind": "project.updated", "number": 1, "outcome": "delivered", "status": 204,
    "madeAt": "2026-01-31T12:00:00Z", "milliseconds": 84,
    "_links": {"webhook": {"href": "https://api.norsjo.se/samsyn/v1/webhooks/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a14",
                           "rel": "webhook", "method": "GET"}}
}))]
struct AttemptView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Händelsens id, detsamma vid varje försök (`webhook-id`). / The event's id, the same at every attempt.
    message_id: String,
    /// Händelsens plats i flödet; ett prov har ingen. / The event's place in the feed; a ping has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// Vad som hände. / What happened.
    kind: String,
    /// Vilket försök i ordningen. / Which attempt in order.
    number: i64,
    outcome: Outcome,
    /// Svarets status, om det kom något svar. / The answer's status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    made_at: Timestamp,
    /// Hur länge det tog. / How long it took.
    milliseconds: i64,
    #[serde(rename = "_links")]
    links: Links,
}

impl AttemptView {
    fn new(attempt: Attempt, webhook: &str) -> Self {
        let Attempt { id, message_id, cursor, kind, number, outcome, status, made_at, milliseconds } = attempt;
        let links = Links::default().and("webhook", "GET", webhook.to_owned());
        Self { id, message_id, cursor, kind, number, outcome, status, made_at, milliseconds, links }
    }
}

/// Försök att leverera. / Attempts to deliver.
///
/// Det senaste först; högst 500 och trettio dagar. Vad mottagaren svarade, utöver status, läses inte. / The latest first; at
/// most 500 and thirty days. What the receiver answered, its status apart, is not read.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Försök. / Attempts.", body = [AttemptView])))]
#[get("/webhooks/{webhookId}/attempts")]
async fn list_attempts(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let (caller, window) = (context.caller().clone(), paging.0.window());
    let address = context.address(&path(*id));
    let (attempts, total) = database
        .read(move |conn| {
            let webhook = find(conn, *id, &caller)?;
            store::attempts(conn, webhook.id, window)
        })
        .await?;
    let views: Vec<_> = attempts.into_iter().map(|attempt| AttemptView::new(attempt, &address)).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Varifrån händelser skickas. / From where events are sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "000000000000002a"}))]
struct Resend {
    /// Den första ändringen som skickas, ur ett försök eller ur flödet. / The first change that is sent, from an attempt or
    /// from the feed.
    #[schema(value_type = String, pattern = "^[0-7][0-9a-f]{15}$")]
    from: Cursor,
}

/// Skicka om, eller hoppa över. / Send again, or pass over.
///
/// Prenumerationen går vidare från den ändring som anges: en äldre skickas om med allt som kom efter, en nyare hoppar över
/// det som står i vägen. Händelser som skickas om har samma `webhook-id` som förut. / The subscription goes on from the
/// change that is given: an older one is sent again with all that came after, a newer one passes over what is in the way.
/// Events that are sent again have the same `webhook-id` as before.
#[utoipa::path(request_body = Resend,
    responses((status = 200, description = "Prenumerationen. / The subscription.", body = WebhookView)))]
#[post("/webhooks/{webhookId}/resends")]
async fn create_resend(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    body: Body<Resend>,
) -> Result<HttpResponse, Problem> {
    let (caller, from) = (context.caller().clone(), body.value.from);
    let webhook = database
        .write(move |conn| {
            let before = find(conn, *id, &caller)?;
            go_on_from(conn, &before, from)
        })
        .await?;
    reply::one(&context, Some(webhook.version), &WebhookView::new(webhook, context.base()))
}

/// Prova mottagaren. / Try the receiver.
///
/// Skickar genast en händelse av slaget webhook.ping, som inte finns i flödet, och svarar med vad som blev av den. / Sends an
/// event of the kind webhook.ping at once, which is not in the feed, and answers with what became of it.
#[utoipa::path(responses((status = 200, description = "Försöket. / The attempt.", body = AttemptView)))]
#[post("/webhooks/{webhookId}/pings")]
async fn create_ping(
    context: Context,
    database: Data<Database>,
    sender: Data<Sender>,
    id: Path<Id>,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let webhook = database.read(move |conn| find(conn, *id, &caller)).await?;
    let (key, address) = (webhook.id, context.address(&path(webhook.id)));
    let turn = sender.turns().try_acquire_owned().map_err(|_| busy())?;
    let send = move || {
        let _turn = turn;
        let (cursor, version) = (webhook.progress.place, webhook.version);
        let item =
            FeedItem { cursor, at: Timestamp::now(), kind: PING.to_owned(), id: webhook.id.to_string(), version };
        sender.send(&webhook, item, 1).0
    };
    let attempt = web::block(carried(send)).await.map_err(Problem::internal)?;
    let made = attempt.clone();
    database.write(move |conn| store::remember(conn, key, [&made].into_iter(), Timestamp::now())).await?;
    reply::one(&context, None, &AttemptView::new(attempt, &address))
}

fn busy() -> Problem {
    let detail = bilingual!(
        "Andra provar sina mottagare just nu. Försök igen strax.",
        "Others are trying their receivers just now. Try again shortly."
    );
    Problem::new(Kind::Unavailable, detail).retried_after(5)
}
