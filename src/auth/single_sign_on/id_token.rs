//! What makes an ID token good (OpenID Connect Core section 3.1.3.7, RFC 8725).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use jsonwebtoken::dangerous::insecure_decode;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, TokenData, Validation};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::model::{Issuer, Person};
use crate::clock::Timestamp;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// How much clocks may differ, in seconds.
const LEEWAY: i64 = 60;
/// How old a token may be, in seconds.
const LONGEST_AGE: i64 = 600;

/// A token of which nothing is believed yet but who is to be asked.
pub struct Unchecked<'a> {
    token: &'a str,
    header: Header,
    issuer: String,
}

impl<'a> Unchecked<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// 401 when it is no signed token, or one for something else than to tell who somebody is.
    pub fn read(token: &'a str) -> Result<Self, Problem> {
        let TokenData { header, claims } = insecure_decode::<Value>(token).map_err(|_| unreadable())?;
        let is_id_token = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
        let Some(issuer) = claims["iss"].as_str().filter(|_| is_id_token && header.crit.is_none()) else {
            return Err(unreadable());
        };
        Ok(Self { token, header, issuer: issuer.to_owned() })
    }

    /// Who is said to have issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key that it is said to be signed with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// What the token's use is remembered by, and until when. A signature can be written in several ways, what it is of
    /// only in one.
    #[must_use]
    pub fn mark(&self) -> (String, Timestamp) {
        let signed = self.token.rsplit_once('.').map_or(self.token, |(signed, _)| signed);
        let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(signed.as_bytes()));
        (hash, Timestamp::now().plus(TimeDelta::seconds(LONGEST_AGE + 2 * LEEWAY)))
    }

    /// The person that the token is about, when one of the issuer's keys has signed it and it is for us, now.
    ///
    /// # Errors
    /// 401 with what is wrong.
    pub fn check(&self, issuer: &Issuer, keys: &[Jwk]) -> Result<Person, Problem> {
        let key = self.key(keys).ok_or_else(|| refused("nyckeln är okänd", "its key is unknown"))?;
        let key = DecodingKey::from_jwk(key).map_err(|_| refused("nyckeln är okänd", "its key is unknown"))?;
        let mut validation = Validation::new(self.header.alg);
        validation.set_audience(&[&issuer.audience]);
        validation.set_issuer(&[&issuer.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY.unsigned_abs();
        let decoded = jsonwebtoken::decode::<Value>(self.token, &key, &validation);
        let claims = decoded.map_err(|error| explained(error.kind()))?.claims;
        let is_for_several = claims["aud"].as_array().is_some_and(|audiences| audiences.len() > 1);
        if (is_for_several || !claims["azp"].is_null()) && claims["azp"] != *issuer.audience {
            return Err(explained(&ErrorKind::InvalidAudience));
        }
        let issued_at = claims["iat"].as_i64().ok_or_else(|| refused("iat saknas", "iat is missing"))?;
        let age = Timestamp::now().as_utc().timestamp().saturating_sub(issued_at);
        if !(-LEEWAY..=LONGEST_AGE).contains(&age) {
            return Err(refused("den utfärdades inte nyss", "it was not issued just now"));
        }
        Person::of_claims(issuer, &claims).ok_or_else(|| refused("sub är ogiltig", "sub is invalid"))
    }

    /// The key that the token names, or the only one when it names none, if it is for the token's algorithm.
    fn key<'k>(&self, keys: &'k [Jwk]) -> Option<&'k Jwk> {
        let is_meant = |key: &&Jwk| match self.kid() {
            Some(kid) => key.common.key_id.as_deref() == Some(kid),
            None => keys.len() == 1,
        };
        keys.iter().filter(is_meant).find(|key| algorithms(key).contains(&self.header.alg))
    }
}

/// Whether tokens can be checked with a key.
#[must_use]
pub fn is_usable(key: &Jwk) -> bool {
    let is_for_signatures = key.common.public_key_use.as_ref().is_none_or(|own| *own == PublicKeyUse::Signature);
    is_for_signatures && !algorithms(key).is_empty()
}

/// The algorithms that tokens are accepted in with a key: by its kind, and by what it says itself. A secret shared by both
/// sides is none of them.
fn algorithms(key: &Jwk) -> Vec<Algorithm> {
    let by_kind: &[Algorithm] = match &key.algorithm {
        AlgorithmParameters::RSA(_) => &[Algorithm::RS256, Algorithm::PS256],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &[Algorithm::ES256],
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        _ => &[],
    };
    let only = key.common.key_algorithm;
    by_kind.iter().copied().filter(|algorithm| only.is_none_or(|only| only == (*algorithm).into())).collect()
}

fn explained(error: &ErrorKind) -> Problem {
    match error {
        ErrorKind::ExpiredSignature => refused("den har gått ut", "it has expired"),
        ErrorKind::ImmatureSignature => refused("den gäller inte än", "it is not valid yet"),
        ErrorKind::InvalidAudience => refused("den är inte för Samsyn", "it is not for Samsyn"),
        ErrorKind::InvalidSignature => refused("signaturen är fel", "its signature is wrong"),
        ErrorKind::MissingRequiredClaim(claim) => refused(&format!("{claim} saknas"), &format!("{claim} is missing")),
        _ => unreadable(),
    }
}

fn unreadable() -> Problem {
    refused("den är inte en signerad ID-token", "it is no signed ID token")
}

/// 401 for a token, and why.
#[must_use]
pub fn refused(sv: &str, en: &str) -> Problem {
    Problem::new(
        Kind::Unauthenticated,
        bilingual!("ID-token godtas inte: {sv}.", "The ID token is not accepted: {en}."),
    )
}
