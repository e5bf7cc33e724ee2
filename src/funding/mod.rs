//! Funding sources: the programmes, grants and budgets that projects are paid from.

pub mod file;
pub mod http;
pub mod model;
pub mod store;

pub use model::{FundingSource, SourceType};
