//! Who is calling and what they may do: accounts, sessions, tokens, and the policy table.

pub mod attempt;
pub mod http;
pub mod key;
pub mod model;
pub mod password;
pub mod policy;
pub mod session;
pub mod store;
pub mod token;

pub use model::{Principal, Role, User};
pub use token::Tokens;
