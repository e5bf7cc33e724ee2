//! The catalogue's address at the host's root, where the national portal looks for it.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header, IfNoneMatch,
};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use super::form::FORMS;
use super::{PATH, graph, store};
use crate::config::Config;
use crate::db::Database;
use crate::http::acceptable;
use crate::http::body::hex;
use crate::problem::Problem;

/// The catalogue's route.
pub fn routes(config: &mut ServiceConfig) {
    config.route(PATH, web::get().to(catalogue));
}

async fn catalogue(
    request: HttpRequest,
    config: Data<Config>,
    database: Data<Database>,
) -> Result<HttpResponse, Problem> {
    let chosen = acceptable(&request, &FORMS.map(|(media_type, _)| media_type.to_owned()))?;
    let catalogue = database.read(store::catalogue).await?;
    let graph = graph::describe(&catalogue, config.public_url());
    let (media_type, write) = FORMS.into_iter().find(|(media_type, _)| *media_type == chosen).unwrap_or(FORMS[0]);
    let body = write(&graph).map_err(Problem::internal)?;
    let tag = EntityTag::new_strong(hex(&Sha256::digest(&body)[..8]));
    let is_known = match IfNoneMatch::parse(&request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        // Open data, and nobody is signed in by cookies: pages of any origin may read it.
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.insert_header((CONTENT_TYPE, media_type)).body(body))
}
