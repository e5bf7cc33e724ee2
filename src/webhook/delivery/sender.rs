//! Requests to receivers: signed, within a time, to the very address that was checked, and no further.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use ureq::config::{AutoHeaderValue, Config as AgentConfig};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error, http};

use super::event::Event;
use super::model::{Attempt, Delivery, Outcome};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::history::model::FeedItem;
use crate::http::BASE_PATH;
use crate::id::Id;
use crate::text::bilingual;
use crate::webhook::Webhook;
use crate::webhook::address::{self, Wrong};

/// How long an attempt may take, from the look-up to the end of the answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a host may be looked up when somebody waits.
const LOOK_UP: Duration = Duration::from_secs(5);
/// How many requests may wait for somebody else's machine, since each keeps a thread waiting.
const WAITING: usize = 2;
/// How much of an answer is read, in bytes, so that the connection can be used again.
const READ: u64 = 4 * 1024;

/// Who sends.
#[derive(Debug, Clone)]
pub struct Sender {
    agent: Agent,
    allowed: Vec<String>,
    base: String,
    turns: Arc<Semaphore>,
}

impl Sender {
    /// A sender with the service's settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let allowed = config.webhook_hosts.clone();
        let resolver = Checked { allowed: allowed.clone(), inner: DefaultResolver::default() };
        let agent = Agent::with_parts(settings(PATIENCE), DefaultConnector::default(), resolver);
        let turns = Arc::new(Semaphore::new(WAITING));
        Self { agent, allowed, base: format!("{}{BASE_PATH}", config.public_url()), turns }
    }

    /// The turns of requests that wait for somebody else's machine.
    #[must_use]
    pub fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.turns)
    }

    /// An address in its one spelling, when events may be sent there now. Blocks for as long as the look-up takes.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn check(&self, text: &str) -> Result<String, Wrong> {
        let checked = address::checked(text, &self.allowed)?;
        let resolver = Checked { allowed: self.allowed.clone(), inner: DefaultResolver::default() };
        let timeout = NextTimeout { after: LOOK_UP.into(), reason: ureq::Timeout::Resolve, ..NextTimeout::default() };
        let found = checked
            .parse()
            .map_err(|error| Error::from(http::Error::from(error)))
            .and_then(|uri: http::Uri| resolver.resolve(&uri, &settings(LOOK_UP), timeout));
        match found.map_err(|error| outcome_of(&error)) {
            Ok(_) => Ok(checked),
            Err(Outcome::InternalAddress) => Err(address::internal()),
            Err(_) => Err(("unknown-host", bilingual!("värden finns inte", "there is no such host"))),
        }
    }

    /// Sends one event, and says what became of it.
    #[must_use]
    pub fn send(&self, webhook: &Webhook, item: FeedItem, number: i64) -> Delivery {
        let (cursor, kind) = (Event::place(&item), item.kind.clone());
        let message_id = match cursor {
            Some(cursor) => webhook.message_id(cursor),
            None => format!("ping_{}", Id::new().as_uuid().simple()),
        };
        let (made_at, began) = (Timestamp::now(), Instant::now());
        let (outcome, status, asked) = match self.post(webhook, &message_id, item, made_at) {
            Ok((status, asked)) => (outcome_of_status(status), Some(status), asked),
            Err(error) => {
                tracing::info!(webhook = %webhook.id, error = format!("{error:#}"), "a webhook was not delivered");
                (error.downcast_ref().map_or(Outcome::Unconnected, outcome_of), None, None)
            }
        };
        let milliseconds = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        (Attempt { id: Id::new(), message_id, cursor, kind, number, outcome, status, made_at, milliseconds }, asked)
    }

    fn post(
        &self,
        webhook: &Webhook,
        message_id: &str,
        item: FeedItem,
        now: Timestamp,
    ) -> anyhow::Result<(u16, Option<u32>)> {
        let body = serde_json::to_string(&Event::new(item, &self.base))?;
        let time = now.as_utc().timestamp();
        let signatures = webhook
            .secrets(now)
            .map(|secret| secret.sign(message_id, time, &body))
            .collect::<anyhow::Result<Vec<_>>>()?;
        // What was allowed when it was registered may not be any more.
        let address = address::checked(&webhook.terms.address, &self.allowed).map_err(|_| refused())?;
        let mut response = self
            .agent
            .post(&address)
            .header("Content-Type", "application/json")
            .header("webhook-id", message_id)
            .header("webhook-timestamp", time.to_string())
            .header("webhook-signature", signatures.join(" "))
            .send(body.as_bytes())?;
        let asked = response.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let status = response.status().as_u16();
        // What it says is of no account, and would tell the owner what stands at an address.
        drop(response.body_mut().with_config().limit(READ).read_to_vec());
        Ok((status, asked))
    }
}

fn settings(patience: Duration) -> AgentConfig {
    AgentConfig::builder()
        .timeout_global(Some(patience))
        .http_status_as_error(false)
        .max_redirects(0)
        // A proxy would look the host up again, where nobody checks it.
        .proxy(None)
        .user_agent(AutoHeaderValue::from(concat!("samsyn/", env!("CARGO_PKG_VERSION"))))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build()
}

fn outcome_of_status(status: u16) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered,
        410 => Outcome::Gone,
        _ => Outcome::Refused,
    }
}

fn outcome_of(error: &Error) -> Outcome {
    match error {
        Error::Timeout(_) => Outcome::Timeout,
        Error::HostNotFound => Outcome::UnknownHost,
        Error::Other(cause) if cause.is::<Internal>() => Outcome::InternalAddress,
        _ => Outcome::Unconnected,
    }
}

/// That a host is not to be sent to.
#[derive(Debug)]
struct Internal;

impl fmt::Display for Internal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an internal address")
    }
}

impl std::error::Error for Internal {}

fn refused() -> Error {
    Error::Other(Box::new(Internal))
}

/// Looks hosts up once, and gives none of their addresses if one of them is internal. The connection is made to what it
/// gives, so that no second look-up can say something else.
#[derive(Debug)]
struct Checked<R> {
    allowed: Vec<String>,
    inner: R,
}

impl<R: Resolver> Resolver for Checked<R> {
    fn resolve(
        &self,
        uri: &http::Uri,
        config: &AgentConfig,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout).map_err(|error| match error {
            Error::Io(_) => Error::HostNotFound,
            error => error,
        })?;
        let is_allowed = uri.host().is_some_and(|host| address::is_among(&self.allowed, host));
        let is_fit = is_allowed || found.iter().all(|address| address::is_public(address.ip()));
        if is_fit { Ok(found) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A name server that says something else every time.
    #[derive(Debug)]
    struct Names(Vec<&'static [[u8; 4]]>, AtomicUsize);

    impl Resolver for Names {
        fn resolve(&self, _: &http::Uri, _: &AgentConfig, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            let mut found = self.empty();
            for ip in self.0[self.1.fetch_add(1, Ordering::Relaxed)] {
                found.push(SocketAddr::from((Ipv4Addr::from(*ip), 443)));
            }
            Ok(found)
        }
    }

    #[test]
    fn a_name_is_looked_up_once_and_none_of_its_addresses_may_be_internal() {
        let (inside, outside) = ([10, 0, 0, 8], [8, 8, 8, 8]);
        let answers: [&'static [[u8; 4]]; 4] =
            [&[[8, 8, 8, 8]], &[[10, 0, 0, 8]], &[[8, 8, 8, 8], [10, 0, 0, 8]], &[[169, 254, 169, 254]]];
        for (allowed, expected) in [
            (vec![], [Some(vec![outside]), None, None, None]),
            (
                vec!["example.se".to_owned()],
                [
                    Some(vec![outside]),
                    Some(vec![inside]),
                    Some(vec![outside, inside]),
                    Some(vec![[169, 254, 169, 254]]),
                ],
            ),
        ] {
            let resolver = Checked { allowed, inner: Names(answers.to_vec(), AtomicUsize::new(0)) };
            for addresses in expected {
                let uri = http::Uri::from_static("https://example.se/");
                let found = resolver.resolve(&uri, &settings(LOOK_UP), NextTimeout::default());
                let found = found.map(|found| found.iter().map(SocketAddr::ip).collect::<Vec<_>>());
                match addresses {
                    Some(addresses) => assert_eq!(
                        found.expect("addresses"),
                        addresses.into_iter().map(IpAddr::from).collect::<Vec<_>>()
                    ),
                    None => assert_eq!(outcome_of(&found.expect_err("refused")), Outcome::InternalAddress),
                }
            }
            assert_eq!(resolver.inner.1.load(Ordering::Relaxed), 4);
        }
    }
}
