//! Projects: the aggregate of facts and parts (alignments, stakeholders, costs, revenues, funding lines with their steps,
//! indicators, reporting dates), with one version.
//!
//! Every change loads the aggregate, changes it in memory by the rules, and saves the difference with one journal row.

pub mod alignment;
pub mod change;
pub mod commitment;
pub mod contact;
pub mod cost;
mod facets;
pub mod filter;
pub mod funding_check;
pub mod funding_line;
pub mod http;
pub mod indicator;
pub mod lifecycle;
pub mod model;
pub mod parts;
pub mod query;
pub mod readiness;
pub mod references;
pub mod reporting_date;
pub mod revision;
mod search;
pub mod sight;
pub mod snapshot;
pub mod stakeholder;
pub mod status_change;
pub mod store;
pub mod task;
pub mod totals;
pub mod view;
pub mod wire;

pub use lifecycle::Status;
pub use model::{Facts, Project, Visibility};
pub use sight::Sight;
