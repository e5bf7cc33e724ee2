//! Access tokens: JWTs of five minutes (RFC 9068), signed with Ed25519 by a key that all instances share.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::binding::Binding;
use super::key::SigningKey;
use super::model::{Principal, Role};
use super::scope;
use crate::clock::Timestamp;
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// How long an access token is valid, in seconds (SAK.12 of the API profile).
pub const LIFETIME: i64 = 300;

/// How long the keys are not read again, though a token names another.
const KEYS_ARE_NEW: Duration = Duration::from_secs(1);
/// How long the keys are not read again by themselves.
const KEYS_ARE_FRESH: Duration = Duration::from_mins(1);

/// The audience and client of our own tokens.
const SAMSYN: &str = "samsyn";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Id,
    client_id: String,
    iat: i64,
    exp: i64,
    jti: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<Id>,
    role: Role,
    #[serde(default, skip_serializing_if = "Binding::is_empty")]
    binding: Binding,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    must_change_password: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    may_assess_own: bool,
}

/// The service's own tokens: signs them, and checks them by the keys that this instance has read.
pub struct Tokens {
    issuer: String,
    longest_key_age: TimeDelta,
    known: RwLock<Known>,
}

struct Known {
    keys: Vec<SigningKey>,
    read_at: Option<Instant>,
}

impl Tokens {
    /// The tokens of the service with this public address, which signs with a key no longer than so.
    #[must_use]
    pub fn new(issuer: String, longest_key_age: TimeDelta) -> Self {
        Self { issuer, longest_key_age, known: RwLock::new(Known { keys: Vec::new(), read_at: None }) }
    }

    /// How old a key may be that is signed with.
    #[must_use]
    pub fn longest_key_age(&self) -> TimeDelta {
        self.longest_key_age
    }

    /// A token for an account in a session, or for a machine.
    ///
    /// # Errors
    /// 500 when there is nobody to sign for.
    pub fn issue(&self, key: &SigningKey, principal: &Principal) -> Result<String, Problem> {
        let (session, scopes) = (principal.session(), principal.scopes());
        let (Some(id), Some(role)) = (principal.id(), principal.role()) else {
            return Err(Problem::internal(anyhow::anyhow!("nobody to sign for")));
        };
        if session.is_some() == scopes.is_some() {
            return Err(Problem::internal(anyhow::anyhow!("people have sessions, machines scopes")));
        }
        let now = Timestamp::now();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: SAMSYN.to_owned(),
            sub: id,
            client_id: if scopes.is_some() { id.to_string() } else { SAMSYN.to_owned() },
            iat: now.as_utc().timestamp(),
            exp: now.plus(TimeDelta::seconds(LIFETIME)).as_utc().timestamp(),
            jti: Id::new(),
            sid: session,
            role,
            binding: principal.binding(),
            scope: scopes.map(scope::in_a_line),
            must_change_password: principal.must_change_password(),
            may_assess_own: principal.may_assess_own(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid().to_owned());
        jsonwebtoken::encode(&header, &claims, key.encoding()).map_err(Problem::internal)
    }

    /// Whether the keys should be read before this token is checked: it names one that another instance may have made,
    /// or they were read a while ago and may be out of use. Strangers name keys too, so there is a bound on how often.
    #[must_use]
    pub fn should_read_keys(&self, token: &str) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let age = known.read_at.map_or(Duration::MAX, |read_at| read_at.elapsed());
        age > KEYS_ARE_FRESH || (age > KEYS_ARE_NEW && known.key_of(token).is_none())
    }

    /// Checks tokens by these keys from now on.
    pub fn know(&self, keys: Vec<SigningKey>) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known { keys, read_at: Some(Instant::now()) };
    }

    /// Who a token speaks for.
    ///
    /// # Errors
    /// 401 when it is expired, forged, or not an access token of this service.
    pub fn principal(&self, token: &str) -> Result<Principal, Problem> {
        let refused = || {
            Problem::new(
                Kind::InvalidToken,
                bilingual!(
                    "Åtkomsttoken är utgången eller inte utfärdad här. Förnya den med POST /sessions/refresh, eller för \
                     klienter med POST /oauth/token.",
                    "The access token is expired or was not issued here. Renew it with POST /sessions/refresh, or for \
                     clients with POST /oauth/token."
                ),
            )
        };
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        if !header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt")) {
            return Err(refused());
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let key = known.key_of(token).ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[SAMSYN]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        let claims = jsonwebtoken::decode::<Claims>(token, key.decoding(), &validation).map_err(|_| refused())?.claims;
        let principal = Principal::known(claims.sub, claims.role).bound(claims.binding);
        match (claims.sid, claims.scope) {
            (Some(session), None) => Ok(principal
                .changing_password(claims.must_change_password)
                .assessing_own(claims.may_assess_own)
                .in_session(session)),
            (None, Some(line)) => Ok(principal.limited_to(scope::of_a_line(&line).map_err(|_| refused())?)),
            _ => Err(refused()),
        }
    }
}

impl Known {
    /// The key that a token names. Where else it says a key is to be found (`jku`, `x5u`, `jwk`) is not listened to.
    fn key_of(&self, token: &str) -> Option<&SigningKey> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        self.keys.iter().find(|key| key.kid() == kid)
    }
}
