//! Who has a part in a project: organisations with roles, interests and phases.

pub mod http;
pub mod model;
pub mod store;

pub use model::Stakeholder;
