//! What is good once: tokens of others, remembered until they have expired anyway.

pub mod store;
