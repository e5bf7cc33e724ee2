//! Machines: what each may do, how it proves that it is itself, and the access tokens that it gets for that (OAuth 2.0 client
//! credentials, RFC 6749 section 4.4).

use actix_web::web::{self, ServiceConfig};

pub mod assertion;
pub mod http;
pub mod metadata;
pub mod model;
pub mod public_key;
pub mod request;
pub mod store;
pub mod token_endpoint;

pub use model::Client;
pub use public_key::PublicKey;

/// What stands at the host's root, where programs look for it: the token endpoint, and what is said about it.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource(token_endpoint::PATH).route(web::post().to(token_endpoint::create_token)))
        .route("/.well-known/oauth-authorization-server", web::get().to(metadata::authorization_server))
        .route(metadata::RESOURCE, web::get().to(metadata::protected_resource))
        .route(&metadata::of_the_api(), web::get().to(metadata::protected_resource));
}
