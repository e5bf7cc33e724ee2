//! Correspondences: what a sub-goal or measure of a strategy has to do with a priority of a framework, and why.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Correspondence, CorrespondenceType, Correspondences};
