//! The survey: of many projects, only what figures are made of, read in three statements.

pub mod model;
pub mod store;

pub use model::{Claim, Sums, Surveyed};
