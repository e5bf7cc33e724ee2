//! History: what the journal tells, as words that a person can read about one project, as a feed of changes that another
//! system can follow, and as the audit trail.

pub mod audit;
pub mod http;
pub mod model;
pub mod store;
pub mod words;
