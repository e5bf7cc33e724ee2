//! What is held about a person: everything of it in one document (GDPR article 15), and taken away for good (article 17).
//! What the person did in projects stays, as the deeds of an account that is nobody's.
//!
//! A person is found by what is theirs alone: an e-mail address finds the account and the contacts that have it, a personal
//! identity number the sole trader. A name is shared with namesakes, so it finds nothing but contacts without an address.

pub mod http;
pub mod model;
pub mod store;
