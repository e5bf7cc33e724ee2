//! The funder's question: which projects serve these priorities, how strongly, on whose word, with what money.

pub mod http;
pub mod model;
