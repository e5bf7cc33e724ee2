//! The alignment report: one project in the strategy's tree and in every framework, who stands behind it, who pays; as
//! JSON, and as a page that a person can attach to an application.

mod composition;
pub mod http;
mod page;
mod picture;
pub mod store;
pub mod view;
