//! Whose an account or a machine is: a project owner's organisation, a funder's sources and frameworks.

pub mod http;
pub mod model;
pub mod store;

pub use model::Binding;
