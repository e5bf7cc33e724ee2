//! Sessions: a sign-in and the tokens that follow from it, until it ends.

pub mod http;
pub mod model;
pub mod store;

pub use model::Session;
