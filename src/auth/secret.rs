//! Secrets that the service gives out, of which it keeps nothing but the hash. They have 256 random bits, which nobody
//! guesses, so that a fast hash will do.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::http::body::hex;
use crate::problem::Problem;

/// A new secret, in the letters of base64url, and its hash.
///
/// # Errors
/// 500 when the machine has no randomness.
pub fn generate() -> Result<(String, String), Problem> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
    let secret = BASE64_URL_SAFE_NO_PAD.encode(random);
    let hash = hash(&secret);
    Ok((secret, hash))
}

/// The hash that is kept of a secret: SHA-256, in hexadecimal digits.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}
