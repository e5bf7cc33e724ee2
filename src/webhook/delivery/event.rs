//! An event as it is sent: the feed's change, and where to read more.

use serde::Serialize;

use crate::history::http::ChangeView;
use crate::history::model::{Cursor, FeedItem};
use crate::http::Links;

/// The kind of a trial event, which is in no feed.
pub const PING: &str = "webhook.ping";

/// The body of a request to a receiver.
#[derive(Debug, Serialize)]
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
