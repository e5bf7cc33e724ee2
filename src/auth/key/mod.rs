//! The keys that access tokens are signed with: in the database, shared by all instances, changed by age and by command.

pub mod http;
pub mod model;
pub mod store;

pub use model::SigningKey;
