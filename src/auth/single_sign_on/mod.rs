//! Single sign-on: people whom an identity provider knows sign in with its ID tokens (OpenID Connect Core 1.0).
//!
//! A frontend gets the token by the authorization code flow with PKCE (RFC 9700), as a client of its own at the provider.
//! Here the token is checked and exchanged for a session like any other. The providers stand in a file.

pub mod discovery;
pub mod http;
pub mod id_token;
pub mod model;
pub mod store;

pub use discovery::Issuers;
pub use model::{Issuer, Person};
