//! Where an issuer's keys are (OpenID Connect Discovery 1.0), and the keys that this instance has got from there.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use tokio::sync::Mutex;
use ureq::tls::{RootCerts, TlsConfig};

use super::id_token::{self, Unchecked, refused};
use super::model::{self, Issuer, Person, is_private};
use crate::problem::{Kind, Problem};
use crate::telemetry::carried;
use crate::text::bilingual;

/// How long keys are not fetched again by themselves.
const FRESH: Duration = Duration::from_hours(1);
/// How long an issuer is not asked again, whatever strangers name as their key.
const PAUSE: Duration = Duration::from_secs(30);
/// How long keys are good while the issuer does not answer.
const GOOD: Duration = Duration::from_hours(24);
/// How long an issuer may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer, in bytes.
const LARGEST: u64 = 256 * 1024;

/// The issuers of the file, with their keys.
#[derive(Default)]
pub struct Issuers(Vec<Arc<Known>>);

struct Known {
    issuer: Issuer,
    keys: RwLock<Keys>,
    /// Whose turn it is to ask the issuer.
    turn: Arc<Mutex<()>>,
}

impl Issuers {
    /// The issuers of a file; none without one.
    ///
    /// # Errors
    /// When the file cannot be read, or what is wrong in it.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let place = || format!("SAMSYN_ISSUERS_FILE {}", file.display());
        let text = std::fs::read_to_string(file).with_context(place)?;
        let issuers = model::read(&text).map_err(anyhow::Error::msg).with_context(place)?;
        let known = |issuer| Arc::new(Known { issuer, keys: RwLock::default(), turn: Arc::default() });
        Ok(Self(issuers.into_iter().map(known).collect()))
    }

    /// The issuers, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Issuer> {
        self.0.iter().map(|known| &known.issuer)
    }

    /// The person that a token is about.
    ///
    /// # Errors
    /// 401 with what is wrong with the token; 503 when the issuer's keys cannot be got.
    pub async fn person(&self, token: &Unchecked<'_>) -> Result<Person, Problem> {
        let known = self.0.iter().find(|known| known.issuer.issuer == token.issuer());
        let known = known.ok_or_else(|| refused("utfärdaren är okänd", "its issuer is unknown"))?;
        token.check(&known.issuer, &known.keys(token.kid()).await?)
    }
}

impl Known {
    /// The issuer's keys, fetched before if one is asked for that is not among them.
    async fn keys(self: &Arc<Self>, kid: Option<&str>) -> Result<Arc<[Jwk]>, Problem> {
        let should_fetch =
            || self.keys.read().unwrap_or_else(PoisonError::into_inner).should_fetch(Instant::now(), kid);
        if should_fetch() {
            let turn = Arc::clone(&self.turn).lock_owned().await;
            // Somebody may have fetched them in the meantime.
            if should_fetch() {
                let known = Arc::clone(self);
                // The turn is over when they are here, though nobody waits for them any more.
                let fetching = move || (known.fetch(), drop(turn));
                actix_web::web::block(carried(fetching)).await.map_err(Problem::internal)?;
            }
        }
        self.keys.read().unwrap_or_else(PoisonError::into_inner).usable(Instant::now())
    }

    fn fetch(&self) {
        let fetched = fetch(&self.issuer.issuer);
        if let Err(error) = &fetched {
            tracing::warn!(issuer = self.issuer.issuer, error = format!("{error:#}"), "no keys from the issuer");
        }
        self.keys.write().unwrap_or_else(PoisonError::into_inner).learn(Instant::now(), fetched.ok());
    }
}

/// What is known of an issuer's keys.
#[derive(Default)]
struct Keys {
    public: Arc<[Jwk]>,
    fetched_at: Option<Instant>,
    asked_at: Option<Instant>,
}

impl Keys {
    fn should_fetch(&self, now: Instant, kid: Option<&str>) -> bool {
        let is_older = |at: Option<Instant>, age: Duration| at.is_none_or(|at| now.duration_since(at) > age);
        let is_known = kid.is_none_or(|kid| self.public.iter().any(|key| key.common.key_id.as_deref() == Some(kid)));
        is_older(self.asked_at, PAUSE) && (!is_known || is_older(self.fetched_at, FRESH))
    }

    fn learn(&mut self, now: Instant, keys: Option<Vec<Jwk>>) {
        self.asked_at = Some(now);
        if let Some(keys) = keys {
            (self.public, self.fetched_at) = (keys.into(), Some(now));
        }
    }

    fn usable(&self, now: Instant) -> Result<Arc<[Jwk]>, Problem> {
        if self.fetched_at.is_some_and(|at| now.duration_since(at) <= GOOD) {
            return Ok(Arc::clone(&self.public));
        }
        Err(Problem::new(
            Kind::Unavailable,
            bilingual!(
                "Identitetsleverantören svarar inte. Försök igen strax.",
                "The identity provider does not answer. Try again shortly."
            ),
        )
        .retried_after(u16::try_from(PAUSE.as_secs()).unwrap_or(u16::MAX)))
    }
}

/// An issuer's keys, from where its configuration says they are. Blocks for as long as that takes.
fn fetch(issuer: &str) -> anyhow::Result<Vec<Jwk>> {
    let configuration = get(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
    anyhow::ensure!(configuration["issuer"] == issuer, "the configuration is of {}", configuration["issuer"]);
    let address = configuration["jwks_uri"].as_str().unwrap_or_default();
    let is_as_private = is_private(address) && (address.starts_with("https:") || issuer.starts_with("http:"));
    anyhow::ensure!(is_as_private, "its jwks_uri is {address:?}");
    let found = get(address)?;
    // Keys of a kind that we do not know are for others.
    let keys = found["keys"].as_array().into_iter().flatten();
    let keys: Vec<Jwk> =
        keys.filter_map(|key| serde_json::from_value(key.clone()).ok()).filter(id_token::is_usable).collect();
    anyhow::ensure!(!keys.is_empty(), "{address} has no key to check tokens with");
    Ok(keys)
}

fn get(address: &str) -> anyhow::Result<Value> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        // The machine's own certificates, among which a municipality's may be.
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
    // No proxy leads to this machine.
    let config = if address.starts_with("https:") { config } else { config.proxy(None) };
    let mut response = config
        .build()
        .new_agent()
        .get(address)
        .header("Accept", "application/json")
        .call()
        .context(address.to_owned())?;
    anyhow::ensure!(response.status() == 200, "{address} answers {}", response.status());
    let bytes = response.body_mut().with_config().limit(LARGEST).read_to_vec().context(address.to_owned())?;
    serde_json::from_slice(&bytes).context(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str) -> Jwk {
        let key = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": "", "kid": kid});
        serde_json::from_value(key).expect("a key")
    }

    #[test]
    fn keys_are_fetched_when_they_are_old_or_one_is_unknown_but_not_for_every_stranger() {
        let (mut keys, began) = (Keys::default(), Instant::now());
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        assert!(keys.should_fetch(at(0), Some("a")) && keys.should_fetch(at(0), None));
        keys.learn(at(0), Some(vec![key("a")]));
        let asks =
            |keys: &Keys| [1, 30, 31, 3600, 3601].map(|s| ["a", "b"].map(|kid| keys.should_fetch(at(s), Some(kid))));
        let (neither, stranger, both) = ([false, false], [false, true], [true, true]);
        assert_eq!(asks(&keys), [neither, neither, stranger, stranger, both]);
        assert_eq!([3600, 3601].map(|s| keys.should_fetch(at(s), None)), [false, true]);
        keys.learn(at(40), Some(vec![key("b")]));
        assert!(!keys.should_fetch(at(71), Some("b")) && keys.should_fetch(at(71), Some("a")));
    }

    #[test]
    fn old_keys_are_good_for_a_day_while_the_issuer_does_not_answer() {
        let (mut keys, began) = (Keys::default(), Instant::now());
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        keys.learn(at(0), None);
        let refused = keys.usable(at(1)).expect_err("no keys");
        assert_eq!((refused.kind(), refused.retry_after()), (Kind::Unavailable, Some(30)));
        keys.learn(at(31), Some(vec![key("a")]));
        for seconds in [3700, 40_000, 86_400] {
            assert!(keys.should_fetch(at(seconds), Some("a")));
            keys.learn(at(seconds), None);
            assert!(!keys.should_fetch(at(seconds + 30), Some("a")));
            assert_eq!(keys.usable(at(seconds)).expect("keys").len(), 1);
        }
        assert!(keys.usable(at(86_432)).is_err());
    }
}
