//! The department's notes on measures: much of a strategy is carried by ordinary work, and is no gap for want of a project.

pub mod http;
pub mod model;
pub mod store;
