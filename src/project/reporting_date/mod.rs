//! Reporting dates: when a project owes its funders an application for payment, a progress report or a final report.

pub mod http;
pub mod model;
pub mod store;

pub use model::ReportingDate;
