//! Indicators: what a project's results are counted by, with dated values of which only approved ones count.

pub mod http;
pub mod model;
pub mod store;
pub mod value;

pub use model::Indicator;
