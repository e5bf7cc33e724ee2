//! The host that a request is addressed to. A page elsewhere cannot reach a service that knows its own names by making
//! a name of its own mean the service's address (DNS rebinding).

use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use actix_web::http::uri::Authority;

use crate::config::Config;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// Lets a request go on that is addressed to one of our hosts.
///
/// # Errors
/// 400, which does not say what our hosts are.
pub(super) fn check(request: &ServiceRequest, config: &Config) -> Result<(), Problem> {
    let host = host(request);
    if host.as_ref().is_some_and(|host| config.serves(host.host())) {
        return Ok(());
    }
    tracing::warn!(host = host.as_ref().map(Authority::as_str), "no host of ours: SAMSYN_ALLOWED_HOSTS");
    let detail =
        bilingual!("Begäran gäller en värd som inte finns här.", "The request is for a host that is not here.");
    Err(Problem::new(Kind::WrongHost, detail))
}

/// The authority of the request's target, or else the only Host field (RFC 9112 section 3.2).
fn host(request: &ServiceRequest) -> Option<Authority> {
    let mut named = request.headers().get_all(header::HOST);
    let named = named.next().filter(|_| named.next().is_none());
    let named = || named?.to_str().ok()?.parse().ok();
    request.uri().authority().cloned().or_else(named)
}
