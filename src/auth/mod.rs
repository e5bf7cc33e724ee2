//! Who is calling and what they may do: accounts, sessions, tokens, and the policy table.

pub mod attempt;
pub mod binding;
pub mod client;
pub mod http;
pub mod key;
pub mod model;
pub mod once;
pub mod password;
pub mod policy;
pub mod scope;
pub mod secret;
pub mod session;
pub mod single_sign_on;
pub mod store;
pub mod token;

pub use binding::Binding;
pub use model::{Principal, Role, User};
pub use scope::Scope;
pub use token::Tokens;
