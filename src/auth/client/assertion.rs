//! The assertions by which machines with keys prove that they are themselves (`private_key_jwt`, RFC 7523 section 3).

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Validation, dangerous};
use serde::Deserialize;

use super::Client;
use crate::auth::secret;
use crate::clock::Timestamp;
use crate::id::Id;

/// How long an assertion may be good, in seconds.
pub const LONGEST: i64 = 300;
/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 30;

#[derive(Deserialize)]
struct Claims {
    iss: Id,
    sub: Id,
    // One, as a text: what is also for somebody else could be theirs to use.
    #[serde(rename = "aud")]
    _audience: String,
    exp: i64,
    #[serde(default)]
    iat: i64,
    jti: String,
}

/// An assertion that holds, which is good once.
#[derive(Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is known by when it comes again.
    pub token_hash: String,
    /// When it is refused anyway.
    pub expires_at: Timestamp,
}

/// The machine that an assertion names. Nothing of it is believed yet.
#[must_use]
pub fn client_named(assertion: &str) -> Option<Id> {
    #[derive(Deserialize)]
    struct Named {
        sub: Id,
    }
    dangerous::insecure_decode_claims::<Named>(assertion).ok().map(|named| named.sub)
}

/// What makes an assertion good: signed by a key of the machine that it names by an algorithm of that key, made for one of
/// these audiences, not yet over and soon to be, and with a name of its own.
#[must_use]
pub fn verify(client: &Client, assertion: &str, audiences: &[String]) -> Option<Held> {
    // An extension that must be understood is none that is known here (RFC 7515 section 4.1.11).
    let header = jsonwebtoken::decode_header(assertion).ok().filter(|header| header.crit.is_none())?;
    let key = client.access.public_keys.iter().find(|key| header.kid.as_ref() == Some(&key.kid))?;
    let (algorithms, leeway) = (key.algorithms(), LEEWAY.unsigned_abs());
    let mut validation = Validation { algorithms, leeway, validate_nbf: true, ..Validation::default() };
    validation.set_audience(audiences);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims = jsonwebtoken::decode::<Claims>(assertion, &key.decoding()?, &validation).ok()?.claims;
    let latest = Timestamp::now().as_utc().timestamp() + LEEWAY;
    let is_its_own = claims.iss == client.id && claims.sub == client.id;
    let is_timely = claims.iat <= latest && claims.exp <= latest + LONGEST;
    (is_its_own && is_timely && !claims.jti.is_empty()).then_some(())?;
    let over = Timestamp::from(DateTime::from_timestamp(claims.exp, 0)?);
    Some(Held {
        token_hash: secret::hash(&format!("{} {}", client.id, claims.jti)),
        expires_at: over.plus(TimeDelta::seconds(LEEWAY + 1)),
    })
}
