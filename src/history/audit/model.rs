//! What the audit trail tells.

use crate::clock::Timestamp;
use crate::history::model::{Cursor, Entry};
use crate::id::Id;

/// The kinds of things whose changes make the trail.
pub const AUDITED: [&str; 8] =
    ["user", "session", "sign-in", "signing-key", "client", "token-request", "person", "webhook"];

/// An event of the trail.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the journal.
    pub cursor: Cursor,
    /// Which kind of thing it happened to.
    pub aggregate: String,
    /// To which one: its id or code.
    pub id: String,
    /// What happened.
    pub entry: Entry,
}

/// Which events to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those of this kind.
    pub kind: Option<String>,
    /// What this account or client did.
    pub actor: Option<Id>,
    /// What happened to this.
    pub subject: Option<String>,
    /// Those from this instant on.
    pub from: Option<Timestamp>,
    /// Those before this instant.
    pub to: Option<Timestamp>,
}
