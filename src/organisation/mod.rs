//! Organisations: those that have a part in projects or pay for them.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Organisation, Sector};
