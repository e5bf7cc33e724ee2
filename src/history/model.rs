//! Rows of the journal as they are read, and where a follower of the feed goes on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::id::Id;

/// A change of a project.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who; none is the program itself.
    pub actor: Option<Id>,
    /// What happened, as `project.updated`.
    pub kind: String,
    /// The project's version after it.
    pub version: i64,
    /// The members that differ, as they were; none for what is new.
    pub before: Option<Value>,
    /// The members that differ, as they are; none for what is gone.
    pub after: Option<Value>,
}

/// A change of anything, as the feed tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedItem {
    /// Where it stands.
    pub cursor: Cursor,
    /// When.
    pub at: Timestamp,
    /// What happened, as `project.updated`.
    pub kind: String,
    /// To which thing: its id or code.
    pub id: String,
    /// Its version after it.
    pub version: i64,
}

/// A place in the feed, opaque to followers: after it come the changes that were committed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(pub i64);

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let number = digits.then(|| i64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or_else(|| "expected a cursor of the feed".to_owned())
    }
}

impl TryFrom<String> for Cursor {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
