//! The public keys, where programs look for them (RFC 7517).

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde_json::json;

use super::{SigningKey, store};
use crate::db::Database;
use crate::problem::Problem;

/// The public halves of the keys that access tokens are signed with.
///
/// # Errors
/// 503 when the database cannot be reached.
pub async fn jwks(database: Data<Database>) -> Result<HttpResponse, Problem> {
    let keys = database.read(store::accepted).await?;
    let public: Vec<_> = keys.iter().map(SigningKey::public).collect();
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "public, max-age=300"));
    Ok(response.content_type("application/jwk-set+json").body(json!({"keys": public}).to_string()))
}
