//! Revisions: how a decided project's alignments, costs, revenues and funding plan are changed, with a reason that is kept.

pub mod http;
pub mod model;
pub mod store;

pub use model::Revision;
