//! Calls: when a source takes applications, for what, and on which terms.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Call, CallFacts};
