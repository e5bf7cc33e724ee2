//! Statements: immutable, dated records of what a project contributes to, which anyone can verify later.

pub mod http;
pub mod model;
pub mod store;
