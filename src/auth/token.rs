//! Access tokens: JWTs of five minutes (RFC 9068), signed with Ed25519 by a key that all instances share.

use chrono::TimeDelta;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::model::{Principal, Role};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// How long an access token is valid, in seconds (SAK.12 of the API profile).
pub const LIFETIME: i64 = 300;

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
    role: Role,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    must_change_password: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    may_assess_own: bool,
}

/// A key to sign and to check tokens with.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl SigningKey {
    /// A key from its PKCS #8 form.
    ///
    /// # Errors
    /// 500 when these bytes are no Ed25519 key.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, Problem> {
        let encoding = EncodingKey::from_ed_der(der);
        let jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).map_err(Problem::internal)?;
        let kid = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).map_err(Problem::internal)?;
        let decoding = DecodingKey::from_jwk(&jwk).map_err(Problem::internal)?;
        Ok(Self { kid, encoding, decoding })
    }

    /// The PKCS #8 form of a new random key (RFC 8410 section 7: a fixed head and 32 random bytes).
    ///
    /// # Errors
    /// 500 when the machine has no randomness.
    pub fn generate() -> Result<Vec<u8>, Problem> {
        const HEAD: [u8; 16] =
            [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
        Ok([HEAD.as_slice(), seed.as_slice()].concat())
    }

    /// The key's name: its thumbprint (RFC 7638).
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

/// The keys of the service: the newest signs, all check.
pub struct Tokens {
    issuer: String,
    keys: Vec<SigningKey>,
}

impl Tokens {
    /// The keys, newest first, of the service with this public address.
    #[must_use]
    pub fn new(issuer: String, keys: Vec<SigningKey>) -> Self {
        Self { issuer, keys }
    }

    /// A token for an account.
    ///
    /// # Errors
    /// 500 when there is no key to sign with, or no account to sign for.
    pub fn issue(&self, principal: &Principal) -> Result<String, Problem> {
        let account = principal.id().zip(principal.role());
        let (user, role) = account.ok_or_else(|| Problem::internal(anyhow::anyhow!("no account")))?;
        let key = self.keys.first().ok_or_else(|| Problem::internal(anyhow::anyhow!("no signing key")))?;
        let now = Timestamp::now();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: SAMSYN.to_owned(),
            sub: user,
            client_id: SAMSYN.to_owned(),
            iat: now.as_utc().timestamp(),
            exp: now.plus(TimeDelta::seconds(LIFETIME)).as_utc().timestamp(),
            jti: Id::new(),
            role,
            must_change_password: principal.must_change_password(),
            may_assess_own: principal.may_assess_own(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, &claims, &key.encoding).map_err(Problem::internal)
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
                    "Åtkomsttoken är utgången eller inte utfärdad här. Förnya den med POST /sessions/refresh.",
                    "The access token is expired or was not issued here. Renew it with POST /sessions/refresh."
                ),
            )
        };
        let header = jsonwebtoken::decode_header(token).map_err(|_| refused())?;
        if !header.typ.as_deref().is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt")) {
            return Err(refused());
        }
        let key = self.keys.iter().find(|key| Some(&key.kid) == header.kid.as_ref()).ok_or_else(refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[SAMSYN]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).map_err(|_| refused())?.claims;
        let principal = Principal::known(claims.sub, claims.role, claims.must_change_password);
        Ok(principal.assessing_own(claims.may_assess_own))
    }
}
