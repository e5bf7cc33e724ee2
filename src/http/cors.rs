//! Calls from pages of other origins (the Fetch standard's CORS protocol): browsers let those in the settings read answers.
//! Nobody is signed in by cookies, so credentials are never allowed.

use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Data;

use crate::config::Config;

/// What a page may send beside what it always may.
const SENT: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, traceparent, tracestate",
);

/// What a page may read beside what it always may.
const READ: HeaderValue = HeaderValue::from_static(
    "Accept-Patch, Allow, Content-Disposition, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, traceparent, \
     tracestate, WWW-Authenticate",
);

/// For how many seconds a browser may remember what an address takes.
const REMEMBERED: HeaderValue = HeaderValue::from_static("7200");

/// Lets a page of an allowed origin read the answer. One that asks before it calls is told what the address takes: the
/// methods that OPTIONS tells anyone.
pub(super) fn allow<B>(response: &mut ServiceResponse<B>) {
    let request = response.request();
    let config = request.app_data::<Data<Config>>();
    let origin = request.headers().get(header::ORIGIN);
    let Some(origin) = origin.filter(|origin| config.is_some_and(|config| config.allows(origin.as_bytes()))) else {
        return;
    };
    let asks =
        *request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut told: Vec<(HeaderName, HeaderValue)> = vec![(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone())];
    match response.headers().get(header::ALLOW).filter(|_| asks) {
        Some(methods) => told.extend([
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods.clone()),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
            (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
        ]),
        None => told.push((header::ACCESS_CONTROL_EXPOSE_HEADERS, READ)),
    }
    for (name, value) in told {
        response.headers_mut().insert(name, value);
    }
}
