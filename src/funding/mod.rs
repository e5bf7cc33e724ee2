//! Funding: the programmes, grants and budgets that projects are paid from, their calls, and the rules they set.

pub mod call;
pub mod check;
pub mod file;
pub mod http;
pub mod model;
pub mod rule;
pub mod store;
pub mod wire;

pub use model::{FundingSource, SourceType};
