//! Webhooks: changes that are told to other systems when they have happened, so that nobody need ask.
//!
//! A subscription has a place in the journal. What its owner may see after that place, by the feed's own rule, is sent in the
//! journal's order (Standard Webhooks 1.0.0), and the place is moved on when it has arrived. So everything arrives at least
//! once, also when an instance dies in the middle of it.

pub mod address;
pub mod delivery;
pub mod http;
pub mod model;
pub mod signature;
pub mod store;

pub use delivery::{Courier, Sender};
pub use model::Webhook;
