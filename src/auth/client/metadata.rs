//! What the service says of itself to OAuth programs, so that they need to be told nothing but its address.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde_json::{Value, json};

use super::{public_key, token_endpoint};
use crate::auth::Scope;
use crate::config::Config;
use crate::http::BASE_PATH;

/// Where the API is described, for programs that know the host alone.
pub const RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// Where the API is described, by its own path (RFC 9728 section 3.1).
#[must_use]
pub fn of_the_api() -> String {
    format!("{RESOURCE}{BASE_PATH}")
}

/// How to get tokens (RFC 8414).
pub async fn authorization_server(config: Data<Config>) -> HttpResponse {
    let host = config.public_url();
    public(&json!({
        "issuer": host,
        "token_endpoint": format!("{host}{}", token_endpoint::PATH),
        "jwks_uri": format!("{host}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": public_key::ALGORITHMS,
        "scopes_supported": Scope::ALL,
        "service_documentation": format!("{host}{BASE_PATH}/docs/"),
    }))
}

/// What tokens are for (RFC 9728).
pub async fn protected_resource(config: Data<Config>) -> HttpResponse {
    let host = config.public_url();
    public(&json!({
        "resource": format!("{host}{BASE_PATH}"),
        "authorization_servers": [host],
        "scopes_supported": Scope::ALL,
        "bearer_methods_supported": ["header"],
        "resource_documentation": format!("{host}{BASE_PATH}/docs/"),
    }))
}

fn public(metadata: &Value) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(metadata)
}
