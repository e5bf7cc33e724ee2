//! The funding check: whether a project's money adds up, and holds the rules of those who pay.

pub mod http;
pub mod model;
pub mod store;
