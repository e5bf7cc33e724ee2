//! Tokens of others that are good once: identity tokens, and the assertions of machines.

pub mod store;
