//! The edge of the service: every request is understood here before a handler sees it, and every response is finished
//! here: trace, language, sign-in, policy, parameters; problems, cache and security headers, one log line.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use opentelemetry::context::FutureExt;
use serde_json::Value;
use tracing::Instrument;

use super::BASE_PATH;
use super::accept::acceptable;
use super::client::{Forwarded, client_address, counted};
use super::context::{Context, Understood};
use super::contract::{Contract, Match};
use super::limit::{Counted, Limiter, Standing};
use super::problem::ProblemDocument;
use super::time_limit::Patience;
use super::trace::Trace;
use super::watched::Watched;
use super::{cors, host};
use crate::auth::{self, Principal, Tokens, policy};
use crate::config::Config;
use crate::db::Database;
use crate::problem::{Kind, Problem};
use crate::text::{Language, bilingual};

/// Where probes ask how the service is, by whatever address and as often as they like.
const HEALTH: &str = "/health/";

/// Where monitoring asks for figures, by whatever address; nothing is there for others.
pub const METRICS: &str = "/metrics";

/// What proxies add to requests.
const PROXIED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// The longest address, in bytes (UFN.05 of the API profile).
const LONGEST_ADDRESS: usize = 2048;

/// Which media types a PATCH may have (RFC 5789 section 3.1).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const PATCH_TYPES: HeaderValue = HeaderValue::from_static("application/merge-patch+json, application/json");

/// Answers the request, and has that watched: counted, logged and traced.
///
/// # Errors
/// None of ours: what fails in a handler is a response already.
pub async fn edge<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let (trace, served) = Trace::continued(traceparent);
    let below = served.context();
    // Whatever is logged meanwhile, at any level, belongs to the trace.
    let span = tracing::error_span!("request", trace_id = trace.id());
    let mut watched = Watched::begin(&request, served);
    let answered = async {
        let response = respond(request, next, &trace, &mut watched).await?;
        watched.end(&response);
        Ok(response)
    };
    answered.instrument(span).with_context(below).await
}

/// Understands the request, has it answered, and finishes the answer.
async fn respond<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
    trace: &Trace,
    watched: &mut Watched,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let head = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let language = Language::preferred(head(header::ACCEPT_LANGUAGE).unwrap_or_default());
    let tracestate = request.headers().get("tracestate").cloned();
    let method = request.method().clone();
    if method == Method::HEAD {
        // The server leaves a HEAD's body out itself.
        request.head_mut().method = Method::GET;
    }
    let caller = authenticate(&request).await;
    watched.account = caller.as_ref().ok().and_then(Principal::id);
    let standing = count(&request, caller.as_ref().ok());
    watched.is_admitted = standing.is_none_or(|standing| standing.check().is_ok());
    let understood = match admit(&request, standing).and_then(|()| understand(&request, caller)) {
        Ok(Some(context)) if !method.is_safe() => still_allowed(&request, context).await.map(Some),
        other => other,
    };
    let mut response = match understood {
        Ok(context) => {
            if let Some(context) = context {
                request.extensions_mut().insert(context);
            }
            handled(request, next).await?
        }
        Err(problem) => request.error_response(problem),
    };
    if method == Method::HEAD && response.response().body().size() == BodySize::Stream {
        // Nobody would read what is still being made.
        response = response.map_body(|_, _| BoxBody::new(body::None::new()));
    }
    let path = response.request().path().to_owned();
    finish_problem(&mut response, trace, language, &path);
    if method == Method::PATCH && response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        response.headers_mut().insert(ACCEPT_PATCH, PATCH_TYPES);
    }
    finish_headers(&mut response, trace, tracestate, language, &path);
    if let Some(standing) = standing {
        standing.tell(response.headers_mut());
    }
    cors::allow(&mut response);
    Ok(response)
}

/// Has the request handled, unless its address knows other methods alone, or its body comes too slowly.
async fn handled<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(refused) = other_methods(request.request()) {
        return Ok(request.into_response(refused));
    }
    let patience = Patience::with(&mut request);
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Err(problem) = patience.check() {
        let mut late = HttpResponse::from_error(problem);
        // What still comes is no further request.
        late.head_mut().set_connection_type(ConnectionType::Close);
        *response.response_mut() = late;
    }
    Ok(response)
}

/// How the caller stands, if callers are counted here: by account, or by address where nobody is known.
fn count(request: &ServiceRequest, caller: Option<&Principal>) -> Option<Standing> {
    let limiter = request.app_data::<Data<Limiter>>().filter(|_| !is_probe(request))?;
    let config = request.app_data::<Data<Config>>()?;
    let account = caller.and_then(Principal::id).map(Counted::Account);
    Some(limiter.count(account.unwrap_or_else(|| Counted::Address(client(request.request(), config)))))
}

/// Whether this is asked for by what looks after the service.
fn is_probe(request: &ServiceRequest) -> bool {
    let config = request.app_data::<Data<Config>>();
    let is_metrics = || request.path() == METRICS && config.is_some_and(|config| is_scraper(request.request(), config));
    request.path().starts_with(HEALTH) || is_metrics()
}

/// Whether a request comes from where figures are asked for, straight and not through a proxy: whom a proxy names may be
/// anybody, and figures are each instance's own.
#[must_use]
pub fn is_scraper(request: &HttpRequest, config: &Config) -> bool {
    let is_direct = !PROXIED.iter().any(|name| request.headers().contains_key(*name));
    let sender = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let is_asked = *request.method() == Method::GET && is_direct;
    is_asked && sender.is_some_and(|sender| config.metrics_networks.iter().any(|network| network.contains(sender)))
}

/// Lets those in who call the service by its name, not too often, and with what is not packed.
fn admit(request: &ServiceRequest, standing: Option<Standing>) -> Result<(), Problem> {
    standing.map_or(Ok(()), |standing| standing.check())?;
    // Unpacked, a small body may be a large one, before anything could ask how large.
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let detail = bilingual!(
            "Innehåll tas emot opackat, utan Content-Encoding.",
            "Content is taken as it is, without Content-Encoding."
        );
        return Err(Problem::new(Kind::UnsupportedMediaType, detail));
    }
    match request.app_data::<Data<Config>>().filter(|_| !is_probe(request)) {
        Some(config) => host::check(request, config),
        None => Ok(()),
    }
}

/// What the request means, or `None` outside the API.
fn understand(request: &ServiceRequest, caller: Result<Principal, Problem>) -> Result<Option<Context>, Problem> {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > LONGEST_ADDRESS {
        let detail = bilingual!(
            "Adressen har {length} tecken; högst {LONGEST_ADDRESS} tas emot.",
            "The address has {length} characters; at most {LONGEST_ADDRESS} are accepted."
        );
        return Err(Problem::new(Kind::AddressTooLong, detail));
    }
    let (Some(contract), Some(config)) = (request.app_data::<Data<Contract>>(), request.app_data::<Data<Config>>())
    else {
        return Err(missing());
    };
    let Some(path) = request.path().strip_prefix(BASE_PATH) else { return Ok(None) };
    let Match::Operation(operation) = contract.find(request.method().as_str(), path) else { return Ok(None) };
    let media_type = acceptable(request.request(), &operation.offers)?;
    // Who signs in or renews brings credentials of another kind, and often a token that has expired.
    let is_signing_in =
        ["createSession", "createSingleSignOnSession", "refreshSession"].contains(&operation.id.as_str());
    let caller = if is_signing_in { Principal::anonymous() } else { caller? };
    policy::check(&caller, &operation.id)?;
    let mut faults = operation.path_faults(path);
    let query = operation.query(request.query_string()).unwrap_or_else(|found| {
        faults.extend(found);
        Value::Null
    });
    if !faults.is_empty() {
        return Err(Problem::invalid_parameters(faults));
    }
    let head = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let if_none_match = head(header::IF_NONE_MATCH);
    Ok(Some(Context::new(Understood {
        caller,
        client: client(request.request(), config),
        base: format!("{}{BASE_PATH}", config.public_url()),
        path: path.to_owned(),
        operation: operation.id.clone(),
        media_type,
        language: Language::preferred(head(header::ACCEPT_LANGUAGE).unwrap_or_default()),
        template: operation.path.clone(),
        query,
        query_text: request.query_string().to_owned(),
        if_none_match: if_none_match.map(str::to_owned),
    })))
}

fn missing() -> Problem {
    Problem::internal(anyhow::anyhow!("the application's data is missing"))
}

/// The address that the request is counted by.
#[must_use]
pub fn client(request: &HttpRequest, config: &Config) -> IpAddr {
    let sender = request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
    let all = |name: HeaderName| request.headers().get_all(name).map(|value| value.to_str().unwrap_or_default());
    let (forwarded, x_forwarded) = (all(header::FORWARDED).collect(), all(header::X_FORWARDED_FOR).collect());
    counted(client_address(sender, &Forwarded { forwarded, x_forwarded }, &config.trusted_proxies))
}

/// Lets a change go on only for an account or a machine that still is what its token says.
async fn still_allowed(request: &ServiceRequest, context: Context) -> Result<Context, Problem> {
    let Some(database) = request.app_data::<Data<Database>>().filter(|_| !context.caller().is_anonymous()) else {
        return Ok(context);
    };
    let caller = context.caller().clone();
    if database.read(move |conn| auth::store::is_current(conn, &caller)).await? {
        return Ok(context);
    }
    Err(Problem::new(
        Kind::InvalidToken,
        bilingual!(
            "Sessionen är slut, eller kontot eller klienten ändrad. Logga in igen; klienter begär en ny token.",
            "The session is over, or the account or the client has changed. Sign in again; clients ask for a new token."
        ),
    ))
}

/// Who calls, by their token. The signing keys are read again when another instance may have made the one it names.
async fn authenticate(request: &ServiceRequest) -> Result<Principal, Problem> {
    let Some(token) = bearer(request)? else { return Ok(Principal::anonymous()) };
    let (Some(tokens), Some(database)) = (request.app_data::<Data<Tokens>>(), request.app_data::<Data<Database>>())
    else {
        return Err(missing());
    };
    if tokens.should_read_keys(token) {
        tokens.know(database.read(auth::key::store::accepted).await?);
    }
    tokens.principal(token)
}

/// The caller's access token, if there is one. Another scheme than Bearer is no token that could be invalid, so its
/// refusal names no error (RFC 6750 section 3.1).
fn bearer(request: &ServiceRequest) -> Result<Option<&str>, Problem> {
    let mut all = request.headers().get_all(header::AUTHORIZATION);
    let Some(credentials) = all.next() else { return Ok(None) };
    let credentials = credentials.to_str().unwrap_or_default().trim();
    let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
    let is_one = all.next().is_none();
    let kind = match (scheme.eq_ignore_ascii_case("bearer"), is_one) {
        (true, true) => return Ok(Some(token.trim())),
        (false, true) => Kind::Unauthenticated,
        (_, false) => Kind::InvalidToken,
    };
    Err(Problem::new(
        kind,
        bilingual!(
            "Authorization ska anges en gång: Bearer följt av en åtkomsttoken.",
            "Authorization must be given once: Bearer followed by an access token."
        ),
    ))
}

/// Gives every failure, ours and the framework's, the form of RFC 9457. What is JSON already has the form that its own
/// standard asks for, as the token endpoint's has (RFC 6749 section 5.2).
fn finish_problem(response: &mut ServiceResponse<BoxBody>, trace: &Trace, language: Language, path: &str) {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return;
    }
    let is_finished = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == "application/json" || value.as_bytes().starts_with(b"application/problem+json"));
    if is_finished {
        return;
    }
    let framework;
    let problem = if let Some(problem) = response.response().error().and_then(actix_web::Error::as_error::<Problem>) {
        problem
    } else {
        framework = from_status(status);
        &framework
    };
    if problem.kind().meaning().status >= 500 {
        tracing::error!(error = %problem, "failed");
    }
    let base = response.request().app_data::<Data<Config>>().map(|config| config.public_url().to_owned());
    let base = base.unwrap_or_default();
    let document = ProblemDocument::new(problem, &base, path, trace.id(), language);
    let kind = problem.kind();
    let status = StatusCode::from_u16(kind.meaning().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut finished = HttpResponse::build(status).content_type("application/problem+json").body(body);
    for name in [header::ALLOW, ACCEPT_PATCH, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            finished.headers_mut().insert(name, value.clone());
        }
    }
    match kind {
        Kind::Unauthenticated => challenge(&mut finished, &base, ""),
        Kind::InvalidToken => challenge(&mut finished, &base, ", error=\"invalid_token\""),
        Kind::InsufficientScope => {
            let scope = problem.allowed().join(" ");
            challenge(&mut finished, &base, &format!(", error=\"insufficient_scope\", scope=\"{scope}\""));
        }
        Kind::Busy | Kind::Unavailable => {
            finished.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    if let Some(seconds) = problem.retry_after() {
        finished.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.response_mut() = finished;
}

/// Says how to be let in (RFC 6750 section 3), and where that is described (RFC 9728 section 5.1).
fn challenge(response: &mut HttpResponse, base: &str, error: &str) {
    let metadata = format!("{base}/.well-known/oauth-protected-resource{BASE_PATH}");
    let challenge = format!("Bearer realm=\"samsyn\"{error}, resource_metadata=\"{metadata}\"");
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
}

/// The framework's own faults, which come without a problem of ours.
fn from_status(status: StatusCode) -> Problem {
    let kind = match status.as_u16() {
        404 => Kind::NotFound,
        405 => Kind::MethodNotAllowed,
        406 => Kind::NotAcceptable,
        408 => Kind::TooSlow,
        413 => Kind::TooLarge,
        414 => Kind::AddressTooLong,
        415 => Kind::UnsupportedMediaType,
        400..=499 => Kind::Malformed,
        503 => Kind::Unavailable,
        _ => return Problem::internal(anyhow::anyhow!("the framework answered {status}")),
    };
    let meaning = kind.meaning();
    let (sv, en) = (meaning.sv, meaning.en);
    Problem::new(kind, bilingual!("{sv}.", "{en}."))
}

fn finish_headers(
    response: &mut ServiceResponse<BoxBody>,
    trace: &Trace,
    tracestate: Option<HeaderValue>,
    language: Language,
    path: &str,
) {
    let is_page = !path.starts_with(BASE_PATH) || path.starts_with(&format!("{BASE_PATH}/docs"));
    let is_secure = response.request().app_data::<Data<Config>>().is_some_and(|c| c.public_url().starts_with("https:"));
    let headers = response.headers_mut();
    let is_made_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}"))
    {
        // The bytes are others than the strong tag is of (RFC 9110 section 8.8.3).
        headers.insert(header::ETAG, weak);
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(traceparent) = HeaderValue::from_str(&trace.to_string()) {
        headers.insert(HeaderName::from_static("traceparent"), traceparent);
    }
    if let Some(tracestate) = tracestate {
        headers.insert(HeaderName::from_static("tracestate"), tracestate);
    }
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Authorization, Origin"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let policy = if is_page {
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    } else if is_made_page {
        "default-src 'none'; style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    } else {
        "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The answer at a known address to a method that it does not have: 204 with those that it has to OPTIONS, else 405.
fn other_methods(request: &HttpRequest) -> Option<HttpResponse> {
    let path = request.path().strip_prefix(BASE_PATH)?;
    let Match::OtherMethods(mut allowed) = request.app_data::<Data<Contract>>()?.find(request.method().as_str(), path)
    else {
        return None;
    };
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    allowed.push("OPTIONS");
    let mut response = match *request.method() {
        Method::OPTIONS => HttpResponse::NoContent(),
        _ => HttpResponse::MethodNotAllowed(),
    };
    if allowed.contains(&"PATCH") {
        response.insert_header((ACCEPT_PATCH, PATCH_TYPES));
    }
    Some(response.insert_header((header::ALLOW, allowed.join(", "))).finish())
}

/// Answers where nothing is.
///
/// # Errors
/// 404.
pub async fn otherwise() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found("Adressen", "The address"))
}
