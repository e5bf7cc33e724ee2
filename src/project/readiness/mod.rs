//! Readiness: what a project still lacks before it can be handed in, found at any time, all at once.

pub mod http;
pub mod model;
pub mod store;

pub use store::findings;
