//! The public keys of machines (RFC 7517), and what each may sign with.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::text::{Bilingual, bilingual};

/// The algorithms that assertions may be signed with, as they are named in metadata.
pub const ALGORITHMS: [&str; 4] = ["EdDSA", "ES256", "RS256", "PS256"];

/// The members that only private and symmetric keys have (RFC 7518 section 6, RFC 8037).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The bits that an RSA key may have: fewer are weak, more are slow.
const RSA_BITS: std::ops::RangeInclusive<u64> = 2048..=4096;

/// En publik nyckel (RFC 7517): Ed25519, P-256 eller RSA om minst 2048 bitar. Andra medlemmar än dessa sparas inte. / A public
/// key: Ed25519, P-256, or RSA of at least 2048 bits. Other members than these are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "kid": "2026-01", "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
}))]
pub struct PublicKey {
    /// Nyckelns namn, som står i huvudet på det som den signerar. / The key's name, which the header of what it signs has.
    #[schema(min_length = 1, max_length = 100)]
    pub kid: String,
    /// OKP, EC eller RSA. / OKP, EC or RSA.
    #[schema(max_length = 10, example = "OKP")]
    pub kty: String,
    /// Kurvan: Ed25519 för OKP, P-256 för EC. / The curve: Ed25519 for OKP, P-256 for EC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20, nullable = false)]
    pub crv: Option<String>,
    /// Punkten på kurvan, i base64url som de följande. / The point of the curve, in base64url as the following.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, nullable = false)]
    pub x: Option<String>,
    /// Dess andra koordinat, för EC. / Its other coordinate, for EC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, nullable = false)]
    pub y: Option<String>,
    /// Modulen, för RSA. / The modulus, for RSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000, nullable = false)]
    pub n: Option<String>,
    /// Exponenten, för RSA: AQAB. / The exponent, for RSA: AQAB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, nullable = false)]
    pub e: Option<String>,
    /// Den enda algoritm som den signerar med: `EdDSA`, `ES256`, `RS256` eller `PS256`; annars någon av dem som hör till dess slag. / The only algorithm that it signs with; otherwise any of those of its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, nullable = false)]
    pub alg: Option<String>,
    /// What else was given, which is looked at once and not kept.
    #[serde(flatten, skip_serializing)]
    #[schema(ignore)]
    others: BTreeMap<String, Value>,
}

type Finding = (&'static str, Bilingual);

impl PublicKey {
    /// Whether it is a public key of an accepted type.
    ///
    /// # Errors
    /// A stable code and what is wrong.
    pub fn check(&self) -> Result<(), Finding> {
        if let Some(name) = PRIVATE.iter().find(|name| self.others.contains_key(**name)) {
            return Err((
                "private-key",
                bilingual!(
                    "{name} hör till den privata nyckeln, som ingen annan ska ha; gör ett nytt nyckelpar och ge det publika",
                    "{name} is of the private key, which nobody else is to have; make a new pair and give the public one"
                ),
            ));
        }
        let algorithms = self.algorithms();
        let Some(algorithm) = algorithms.first() else {
            return Err((
                "unsupported-key",
                bilingual!(
                    "ska vara OKP med Ed25519, EC med P-256 eller RSA, med en alg som hör till",
                    "must be OKP with Ed25519, EC with P-256 or RSA, with an alg that goes with it"
                ),
            ));
        };
        // Looking at an empty signature tells whether the point is one of the curve.
        let is_sound = self.has_sound_numbers()
            && self.decoding().is_some_and(|key| crypto::verify("", b"", &key, *algorithm).is_ok());
        if is_sound {
            return Ok(());
        }
        Err((
            "unreadable-key",
            bilingual!(
                "talen är ingen sådan nyckel: x och y har 32 byte i base64url, n 2048–4096 bitar, e är AQAB",
                "the numbers are no such key: x and y have 32 bytes in base64url, n 2048–4096 bits, e is AQAB"
            ),
        ))
    }

    /// What it may sign with; nothing when it is of another type. What a token says of itself has no part in this.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let of_its_type: &[Algorithm] = match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => &[Algorithm::EdDSA],
            ("EC", Some("P-256")) => &[Algorithm::ES256],
            ("RSA", None) => &[Algorithm::RS256, Algorithm::PS256],
            _ => &[],
        };
        let is_meant = |algorithm: &&Algorithm| self.alg.as_ref().is_none_or(|alg| json!(algorithm) == json!(alg));
        of_its_type.iter().filter(is_meant).copied().collect()
    }

    /// The key to check signatures with.
    #[must_use]
    pub fn decoding(&self) -> Option<DecodingKey> {
        match self.kty.as_str() {
            "OKP" => DecodingKey::from_ed_components(self.x.as_deref()?),
            "EC" => DecodingKey::from_ec_components(self.x.as_deref()?, self.y.as_deref()?),
            _ => DecodingKey::from_rsa_components(self.n.as_deref()?, self.e.as_deref()?),
        }
        .ok()
    }

    fn has_sound_numbers(&self) -> bool {
        let number = |text: &Option<String>| {
            text.as_ref().and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default()
        };
        if self.kty != "RSA" {
            return number(&self.x).len() == 32 && (self.kty == "OKP" || number(&self.y).len() == 32);
        }
        let modulus = number(&self.n);
        let bits = modulus.first().map_or(0, |first| modulus.len() as u64 * 8 - u64::from(first.leading_zeros()));
        let is_odd = modulus.last().is_some_and(|last| last % 2 == 1);
        RSA_BITS.contains(&bits) && is_odd && number(&self.e) == [1, 0, 1]
    }
}
