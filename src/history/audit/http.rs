//! The audit trail over HTTP.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Event, Filter};
use super::store;
use crate::clock::Timestamp;
use crate::db::Database;
use crate::history::model::Cursor;
use crate::history::words;
use crate::http::{Context, Links, Paging, Query, reply};
use crate::id::Id;
use crate::problem::Problem;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_audit_events);
}

/// Vad en händelse gällde. / What an event was about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventSubject, example = json!({"type": "user", "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"}))]
pub struct Subject {
    /// Slag: user, session, sign-in, signing-key, client, token-request, person, webhook, … / Kind of thing.
    #[serde(rename = "type")]
    pub type_: String,
    /// Id eller kod; vid sign-in kontots id, eller unknown när adressen saknar konto. / Id or code; of a sign-in the
    /// account's id, or unknown when the address has no account.
    pub id: String,
}

/// En händelse. / An event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent, example = json!({
    "id": "000000000000002a", "at": "2026-01-31T12:00:00Z", "kind": "user.updated",
    "actor": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a11", "changes": ["email", "role"],
    "subject": {"type": "user", "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"},
    "before": {"email": "withheld", "role": "reader"}, "after": {"email": "withheld", "role": "officer"},
    "_links": {"user": {"href": "https://api.norsjo.se/samsyn/v1/users/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                        "rel": "user", "method": "GET"}}
}))]
struct EventView {
    /// Händelsens plats i journalen. / The event's place in the journal.
    #[schema(value_type = String)]
    id: Cursor,
    /// När. / When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    at: Timestamp,
    /// Vad som hände, som ett fast namn. / What happened, as a fixed name.
    kind: String,
    /// Kontot eller klienten som gjorde det; saknas när det var programmet eller ingen vet. / The account or client that
    /// did it; absent when it was the program or nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    actor: Option<Id>,
    subject: Subject,
    /// De medlemmar som ändrades. / The members that changed.
    changes: Vec<String>,
    /// Det ändrade som det var, personuppgifter undantagna. / What changed as it was, without personal values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// Det ändrade som det blev, personuppgifter undantagna. / What changed as it became, without personal values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    #[serde(rename = "_links")]
    links: Links,
}

impl EventView {
    fn new(Event { cursor, aggregate, id, entry }: Event, base: &str) -> Self {
        let links = match (aggregate.as_str(), id.parse::<Id>()) {
            ("user" | "sign-in", Ok(id)) => Links::default().and("user", "GET", format!("{base}/users/{id}")),
            ("client" | "token-request", Ok(id)) => {
                Links::default().and("client", "GET", format!("{base}/clients/{id}"))
            }
            _ => Links::default(),
        };
        Self {
            id: cursor,
            changes: words::members(&entry),
            at: entry.at,
            kind: entry.kind,
            actor: entry.actor,
            subject: Subject { type_: aggregate, id },
            before: entry.before,
            after: entry.after,
            links,
        }
    }
}

/// Urval av händelser. / Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventFilter {
    /// Av detta slag. / Of this kind.
    #[param(pattern = r"^[a-z-]+\.[a-zA-Z-]+$", max_length = 100, example = "sign-in.failed")]
    kind: Option<String>,
    /// Vad detta konto eller denna klient har gjort. / What this account or client has done.
    #[param(value_type = Option<uuid::Uuid>)]
    actor: Option<Id>,
    /// Vad som har hänt detta: kontots, sessionens eller klientens id, nyckelns namn, eller unknown. / What has happened to
    /// this: an account's, session's or client's id, a key's name, or unknown.
    #[param(min_length = 1, max_length = 100)]
    subject: Option<String>,
    /// Från och med. / From.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>, example = "2026-01-01T00:00:00Z")]
    from: Option<Timestamp>,
    /// Före. / Before.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>, example = "2026-02-01T00:00:00Z")]
    to: Option<Timestamp>,
}

/// Spårningen. / The audit trail.
///
/// Det senaste först: inloggningar (session.created) och misslyckade (sign-in.failed, single-sign-on.failed,
/// password-change.failed, för maskiner token-request.failed), avslutade sessioner och varför (session.ended, med refresh-token-reused när en förnyelsetoken användes två gånger), konton och vad
/// de får göra, byten av lösenord, klienter, signeringsnycklar, och vad som gjorts med personuppgifter. Varifrån någon
/// försökte står bara i loggen. Försök som bromsen stoppar (429) prövas inte och står därför inte här. / The latest first:
/// sign-ins and failed ones, ended sessions and why, accounts and what they may do, changes of password, clients, signing
/// keys, and what was done with personal data. From where somebody tried stands in the log alone. Attempts that the brake
/// stops (429) are not tried, so they do not stand here.
#[utoipa::path(params(Paging, EventFilter),
    responses((status = 200, description = "Händelser. / Events.", body = [EventView])))]
#[get("/audit-events")]
async fn list_audit_events(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<EventFilter>,
) -> Result<HttpResponse, Problem> {
    let EventFilter { kind, actor, subject, from, to } = filter.0;
    let (filter, window) = (Filter { kind, actor, subject, from, to }, paging.0.window());
    let (events, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let views: Vec<_> = events.into_iter().map(|event| EventView::new(event, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}
