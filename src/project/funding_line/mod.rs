//! Who pays for a project: one line for each financier and kind.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Financier, FundingLine};
