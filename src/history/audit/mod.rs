//! The audit trail: who signed in or failed to, what became of accounts, clients, sessions and signing keys, and what was
//! done with personal data. All of it is rows of the journal, which hold no personal value; from which network address
//! something was tried stands in the log alone.

pub mod http;
pub mod model;
pub mod store;
