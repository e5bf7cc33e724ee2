//! Where machines get their access tokens (RFC 6749 section 4.4). It stands beside the API and has forms of its own: a form
//! in, and failures as section 5.2 has them.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, RETRY_AFTER};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde_json::json;

use super::request::{Proof, Refusal, TokenRequest};
use super::{Client, assertion, store};
use crate::auth::key::SigningKey;
use crate::auth::scope::in_a_line;
use crate::auth::{Tokens, attempt, key, once, token};
use crate::config::Config;
use crate::db::{Conn, Database};
use crate::http::contract::form_pairs;
use crate::http::edge::client as client_address;
use crate::problem::{Kind, Problem};

/// Its path at the host.
pub const PATH: &str = "/oauth/token";

/// Gives a machine that proves to be itself an access token.
///
/// # Errors
/// Only what is not the request's fault, as everywhere.
pub async fn create_token(
    request: HttpRequest,
    database: Data<Database>,
    tokens: Data<Tokens>,
    config: Data<Config>,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    let asked = match understand(&request, &body) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refused(refusal)),
    };
    let issuer = config.public_url().to_owned();
    let audiences = vec![format!("{issuer}{PATH}"), issuer];
    let attempt = Attempt { asked, address: client_address(&request, &config).to_string(), audiences };
    let proven = match attempt.prove(&database).await {
        Err(problem) if problem.kind() == Kind::TooManyRequests => return Ok(slowed_down(&problem)),
        proven => proven?,
    };
    let Some((client, held)) = proven else { return Ok(refused(Refusal::INVALID_CLIENT)) };
    let Some(scopes) = client.granted(attempt.asked.scope.as_deref()) else {
        return Ok(refused(Refusal::INVALID_SCOPE));
    };
    let Some(key) = attempt.succeed(&database, held, &tokens).await? else {
        return Ok(refused(Refusal::INVALID_CLIENT));
    };
    let token = tokens.issue(&key, &client.principal(scopes.clone()))?;
    tracing::info!(client = %client.id, scope = in_a_line(&scopes), "token issued");
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({
        "access_token": token, "token_type": "Bearer", "expires_in": token::LIFETIME, "scope": in_a_line(&scopes),
    })))
}

fn understand(request: &HttpRequest, body: &Bytes) -> Result<TokenRequest, Refusal> {
    if request.headers().contains_key(AUTHORIZATION) {
        return Err(Refusal::UNPROVEN);
    }
    if !request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::NO_FORM);
    }
    let form = std::str::from_utf8(body).map_err(|_| Refusal::NO_FORM)?;
    TokenRequest::of_form(form_pairs(form))
}

/// A request that is understood, and where it comes from. Failures are counted, successes not: a machine may ask often, and
/// nobody guesses a secret of 256 bits.
#[derive(Clone)]
struct Attempt {
    asked: TokenRequest,
    address: String,
    audiences: Vec<String>,
}

impl Attempt {
    /// The machine, when it is itself, and its assertion if it came with one. A failure is counted.
    async fn prove(&self, database: &Database) -> Result<Option<(Client, Option<assertion::Held>)>, Problem> {
        let (this, that) = (self.clone(), self.clone());
        let proven = database
            .read(move |conn| {
                attempt::store::check(conn, &this.account(), &this.address)?;
                let Some(id) = this.asked.client else { return Ok(None) };
                Ok(store::known(conn, id)?.and_then(|client| this.proof_of(client)))
            })
            .await?;
        if proven.is_none() {
            database.write(move |conn| that.fail(conn)).await?;
        }
        Ok(proven)
    }

    fn proof_of(&self, client: Client) -> Option<(Client, Option<assertion::Held>)> {
        let held = match &self.asked.proof {
            Proof::Secret(secret) => client.has_secret(secret).then_some(None),
            Proof::Assertion(assertion) => assertion::verify(&client, assertion, &self.audiences).map(Some),
        };
        held.filter(|_| client.access.active).map(|held| (client, held))
    }

    /// The key to sign with, unless the assertion was used before.
    async fn succeed(
        &self,
        database: &Database,
        held: Option<assertion::Held>,
        tokens: &Tokens,
    ) -> Result<Option<SigningKey>, Problem> {
        let (this, longest_age) = (self.clone(), tokens.longest_key_age());
        database
            .write(move |conn| {
                if let Some(held) = &held
                    && !once::store::use_once(conn, &held.token_hash, held.expires_at)?
                {
                    this.fail(conn)?;
                    return Ok(None);
                }
                attempt::store::succeed(conn, &this.account(), &this.address)?;
                key::store::to_sign_with(conn, longest_age).map(Some)
            })
            .await
    }

    fn fail(&self, conn: &mut Conn) -> Result<(), Problem> {
        tracing::warn!(
            address = self.address,
            client = self.asked.client.map(tracing::field::display),
            "token request failed"
        );
        let known = self.asked.client.map(|id| store::known(conn, id)).transpose()?.flatten();
        attempt::store::fail(conn, "token-request", "token-request.failed", known.map(|client| client.id))?;
        attempt::store::count(conn, &self.account(), &self.address)
    }

    /// What failures are counted under: what is no id may be anything, secrets among it.
    fn account(&self) -> String {
        self.asked.client.map(|id| id.to_string()).unwrap_or_default()
    }
}

/// A refusal as RFC 6749 section 5.2 has it. No scheme of HTTP authentication is accepted here, so that a 401 has none to
/// challenge with.
fn refused(refusal: Refusal) -> HttpResponse {
    let status = match refusal.error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        "slow_down" => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::BAD_REQUEST,
    };
    let Refusal { error, description } = refusal;
    HttpResponse::build(status).json(json!({"error": error, "error_description": description}))
}

fn slowed_down(problem: &Problem) -> HttpResponse {
    let mut response = refused(Refusal::SLOW_DOWN);
    response.headers_mut().insert(RETRY_AFTER, problem.retry_after().unwrap_or(1).into());
    response
}
