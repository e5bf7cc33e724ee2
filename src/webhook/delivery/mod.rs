//! Events on their way: who brings them, how they are sent, and what became of each attempt.

pub mod courier;
pub mod event;
pub mod http;
pub mod model;
pub mod sender;
pub mod store;

pub use courier::Courier;
pub use sender::Sender;
