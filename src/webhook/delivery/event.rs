//! An event as it is sent: the feed's change, and where to read more.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::history::http::ChangeView;
use crate::history::model::{Cursor, FeedItem};
use crate::http::Links;

/// The kind of a trial event, which is in no feed.
pub const PING: &str = "webhook.ping";

/// En händelse som den skickas till en mottagare. / An event as it is sent to a receiver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "cursor": "000000000000002a", "at": "2026-01-31T12:00:00Z", "kind": "project.updated",
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "version": 3,
    "_links": {"project": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                           "rel": "project", "method": "GET"}}
}))]
pub struct Event {
    #[serde(flatten)]
    change: ChangeView,
    #[serde(rename = "_links")]
    links: Links,
}

impl Event {
    /// The event of a change; `base` is the API's public address.
    #[must_use]
    pub fn new(item: FeedItem, base: &str) -> Self {
        let (thing, what) = item.kind.split_once('.').unwrap_or_default();
        let list = match thing {
            "project" => Some("projects"),
            "statement" => Some("statements"),
            "organisation" => Some("organisations"),
            _ => None,
        };
        let links = match list.filter(|_| what != "deleted") {
            Some(list) => Links::default().and(thing, "GET", format!("{base}/{list}/{}", item.id)),
            None => Links::default(),
        };
        Self { change: item.into(), links }
    }

    /// Where it stands in the feed; a ping stands nowhere.
    #[must_use]
    pub fn place(item: &FeedItem) -> Option<Cursor> {
        (item.kind != PING).then_some(item.cursor)
    }
}

/// What the service asks of receivers, as OpenAPI's `webhooks` has it.
#[must_use]
pub fn described() -> Value {
    let header = |name: &str, description: &str, example: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": description, "example": example,
            "schema": {"type": "string"}
        })
    };
    json!({"event": {"post": {
        "operationId": "receiveEvent",
        "tags": ["webhooks"],
        "summary": "En händelse. / An event.",
        "description":
            "Det som tjänsten skickar till en prenumerations adress. Det som inte besvaras med 2xx skickas igen, allt mer \
             sällan; känn igen det som redan kommit på webhook-id. / What the service sends to a subscription's address. What \
             is not answered with 2xx is sent again, less and less often; know what has come before by webhook-id.",
        "security": [],
        "parameters": [
            header("webhook-id", "Händelsens, lika var gång den skickas. / The event's, the same whenever it is sent.",
                   "msg_0198c5a08a3e7cc0b4ad1f6e2f7e9a14_000000000000002a"),
            header("webhook-timestamp", "När, i sekunder sedan 1970. / When, in seconds since 1970.", "1769860800"),
            header("webhook-signature",
                   "En för var hemlighet som gäller, enligt Standard Webhooks. / One for each secret that is valid, as Standard \
                    Webhooks has it.",
                   "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
        ],
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Event"},
        }}},
        "responses": {
            "2XX": {"description": "Mottagen. / Received."},
            "410": {"description": "Inget mer ska skickas. / No more is to be sent."},
            "4XX": {"description": "Inte mottagen; skickas igen. / Not received; it is sent again."},
            "5XX": {"description": "Inte mottagen; skickas igen. / Not received; it is sent again."},
        },
    }}})
}
