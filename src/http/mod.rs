//! What all resources share over HTTP: the edge, bodies and queries of the documented form, replies, links.

mod accept;
pub mod body;
pub mod client;
pub mod context;
pub mod contract;
mod cors;
pub mod document;
pub mod edge;
mod examples;
mod host;
pub mod idempotency;
pub mod limit;
pub mod link;
mod parameters;
pub mod precondition;
pub mod problem;
pub mod query;
pub mod reply;
mod time_limit;
pub mod trace;
mod watched;

pub use accept::acceptable;
pub use body::{Body, Patch, Patchable};
pub use context::Context;
pub use contract::Contract;
pub use idempotency::IdempotencyKey;
pub use link::Links;
pub use precondition::IfMatch;
pub use query::{Paging, Query};
pub use reply::Created;

/// The API's base path: its name and major version.
pub const BASE_PATH: &str = "/samsyn/v1";
