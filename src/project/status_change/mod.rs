//! Changes of a project's state, each kept with what it needs: what is asked for and by when, a decision's date, body and
//! reason, how the results are used.

pub mod http;
pub mod model;
pub mod store;

pub use model::StatusChange;
