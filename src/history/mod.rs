//! History: what the journal tells, as words that a person can read about one project, and as a feed of changes that
//! another system can follow.

pub mod http;
pub mod model;
pub mod store;
pub mod words;
