//! A token request, as its form has it (RFC 6749 section 4.4.2), and how it is refused (section 5.2).

use std::collections::BTreeMap;

use super::assertion;
use crate::id::Id;

/// The type of the assertions that are accepted (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A request for an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The machine that it says it is from; `None` when that is no machine's id.
    pub client: Option<Id>,
    /// How the machine proves that.
    pub proof: Proof,
    /// What the token is to be for.
    pub scope: Option<String>,
}

/// How a machine proves that it is itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// By its secret.
    Secret(String),
    /// By an assertion that it signed.
    Assertion(String),
}

/// Why there is no token. Descriptions are in English, since the RFC keeps them to ASCII, without quotes and backslashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The code that programs go by.
    pub error: &'static str,
    /// What to do, for the people who write them.
    pub description: &'static str,
}

impl Refusal {
    /// The content is not a form.
    pub const NO_FORM: Self =
        Self::invalid_request("Send the parameters as application/x-www-form-urlencoded in UTF-8.");
    /// There is no proof where proofs are looked for.
    pub const UNPROVEN: Self = Self {
        error: "invalid_client",
        description: "Send client_id and client_secret in the form (client_secret_post), or client_assertion_type and \
                      client_assertion (private_key_jwt). The Authorization header is not read here, nor HTTP Basic accepted.",
    };
    /// The machine is not who it says, as far as can be told; the same whatever it is that does not hold.
    pub const INVALID_CLIENT: Self = Self {
        error: "invalid_client",
        description: "The client is unknown or inactive, or its proof does not hold. A secret must be the latest. An \
                      assertion must be signed by a registered key that its header names by kid, with EdDSA, ES256, RS256 \
                      or PS256 as the key's type has it; iss and sub are the client_id, aud is the issuer or the token \
                      endpoint, exp is at most 300 seconds ahead, and no jti is used twice.",
    };
    /// More is asked for than the machine may.
    pub const INVALID_SCOPE: Self = Self {
        error: "invalid_scope",
        description: "Ask for scopes that the client is registered for, or leave scope out to get them all.",
    };
    /// Too many failures.
    pub const SLOW_DOWN: Self = Self {
        error: "slow_down",
        description: "Too many requests of this client from this address have failed. Wait as Retry-After says.",
    };
    const UNSUPPORTED_GRANT: Self =
        Self { error: "unsupported_grant_type", description: "The grant_type must be client_credentials." };

    const fn invalid_request(description: &'static str) -> Self {
        Self { error: "invalid_request", description }
    }
}

impl TokenRequest {
    /// Understands the parameters of a form. Those that are unknown or empty are passed over.
    ///
    /// # Errors
    /// What is missing, repeated or of no known kind.
    pub fn of_form(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, Refusal> {
        let mut given = BTreeMap::new();
        for (name, value) in pairs {
            if given.insert(name, value).is_some() {
                return Err(Refusal::invalid_request("A parameter is given more than once."));
            }
        }
        let mut take = |name: &str| given.remove(name).filter(|value| !value.is_empty());
        match take("grant_type").as_deref() {
            Some("client_credentials") => {}
            Some(_) => return Err(Refusal::UNSUPPORTED_GRANT),
            None => return Err(Refusal::invalid_request("Give grant_type=client_credentials.")),
        }
        let (id, scope) = (take("client_id"), take("scope"));
        let proofs = (take("client_secret"), take("client_assertion_type"), take("client_assertion"));
        let (named, proof) = match proofs {
            (Some(secret), None, None) => {
                let missing = Refusal::invalid_request("Give client_id with client_secret.");
                (id.clone().ok_or(missing)?.parse().ok(), Proof::Secret(secret))
            }
            (None, Some(kind), Some(assertion)) if kind == ASSERTION_TYPE => {
                (assertion::client_named(&assertion), Proof::Assertion(assertion))
            }
            (None, None, None) => return Err(Refusal::UNPROVEN),
            (None, ..) => {
                return Err(Refusal::invalid_request(
                    "Give client_assertion with client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer.",
                ));
            }
            (Some(_), ..) => return Err(Refusal::invalid_request("Give client_secret or client_assertion, not both.")),
        };
        if id.is_some_and(|id| id.parse().ok() != named) {
            return Err(Refusal::INVALID_CLIENT);
        }
        Ok(Self { client: named, proof, scope })
    }
}
