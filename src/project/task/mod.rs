//! Tasks: what waits for somebody now. Nothing is stored: each is found from what projects say.

pub mod http;
pub mod model;
pub mod store;
