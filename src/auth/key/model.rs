//! A key to sign and to check tokens with.

use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use crate::clock::Timestamp;
use crate::problem::Problem;

/// An Ed25519 key.
#[derive(Clone)]
pub struct SigningKey {
    jwk: Jwk,
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    created_at: Timestamp,
}

impl SigningKey {
    /// A key from its PKCS #8 form.
    ///
    /// # Errors
    /// 500 when these bytes are no Ed25519 key.
    pub fn from_pkcs8(der: &[u8], created_at: Timestamp) -> Result<Self, Problem> {
        let encoding = EncodingKey::from_ed_der(der);
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::EdDSA).map_err(Problem::internal)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(Problem::internal)?;
        let decoding = DecodingKey::from_jwk(&jwk).map_err(Problem::internal)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { jwk, kid, encoding, decoding, created_at })
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

    /// When it was made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// Its public half, for others to check tokens with.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.jwk
    }

    pub(super) fn is_older_than(&self, age: chrono::TimeDelta) -> bool {
        self.created_at.plus(age) < Timestamp::now()
    }

    pub(in crate::auth) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(in crate::auth) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}
