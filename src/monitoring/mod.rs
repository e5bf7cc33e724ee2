//! What monitoring is told: what the instance has counted, and how the registry stands at the moment.

pub mod http;
pub mod model;
pub mod store;

pub use http::Watch;
