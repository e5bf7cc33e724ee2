//! The journal: every change to anything is one row, written in the transaction that makes the change.
//!
//! Audit, history, feed and cache validity all come from it. Personal values never stand in it, only the names of the
//! fields that held them.

pub mod model;
pub mod store;

pub use model::Change;
pub use store::{created_after, is_the_programs, latest, record, version, withhold};
