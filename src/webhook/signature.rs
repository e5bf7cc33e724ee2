//! Secrets, and the signatures that they make (Standard Webhooks 1.0.0, symmetric).

use std::fmt;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};

use crate::problem::Problem;

/// What secrets begin with, so that they are known for what they are.
const PREFIX: &str = "whsec_";

/// A secret that is shared with a receiver, who gets it once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Secret {
    /// A new secret of 256 random bits.
    ///
    /// # Errors
    /// 500 when the machine has no randomness.
    pub fn generate() -> Result<Self, Problem> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
        Ok(Self(format!("{PREFIX}{}", BASE64_STANDARD.encode(random))))
    }

    /// The secret as it is shown and kept.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The signature of a message that is sent at a time, in seconds since 1970.
    ///
    /// # Errors
    /// When the secret is not one.
    pub fn sign(&self, id: &str, time: i64, body: &str) -> anyhow::Result<String> {
        let text = self.0.strip_prefix(PREFIX).unwrap_or(&self.0);
        let key = EncodingKey::from_secret(&BASE64_STANDARD.decode(text)?);
        let signature = crypto::sign(format!("{id}.{time}.{body}").as_bytes(), &key, Algorithm::HS256)?;
        // The library writes it as tokens have it.
        Ok(format!("v1,{}", BASE64_STANDARD.encode(BASE64_URL_SAFE_NO_PAD.decode(signature)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with another implementation: `openssl dgst -sha256 -mac HMAC`.
    #[test]
    fn a_signature_is_the_standards() {
        let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature.expect("a signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_are_long_different_and_not_shown_by_accident() {
        let [one, other] = [(); 2].map(|()| Secret::generate().expect("randomness"));
        assert_ne!(one, other);
        assert_eq!(BASE64_STANDARD.decode(&one.expose()[PREFIX.len()..]).expect("base64").len(), 32);
        assert_eq!(format!("{one:?}"), "Secret");
    }
}
