//! What a project costs and what it earns.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Cost, Revenue};
