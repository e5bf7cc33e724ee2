//! How many requests each caller may make: a quota that fills again evenly, counted by each instance for itself.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// The quota's headers, as draft-ietf-httpapi-ratelimit-headers has them.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

/// In how many seconds an empty quota is whole again.
const WINDOW: u64 = 60;

/// After how many requests callers are forgotten whose quota is whole, so that their number has a bound.
const FORGETTING: u32 = 10_000;

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Whoever is signed in, wherever.
    Account(Id),
    /// Everybody else at an address.
    Address(IpAddr),
}

/// Counts requests.
pub struct Limiter {
    quota: NonZeroU32,
    callers: RateLimiter<Counted, DefaultKeyedStateStore<Counted>, DefaultClock, StateInformationMiddleware>,
    requests: AtomicU32,
}

impl Limiter {
    /// Lets each caller make so many requests a minute.
    #[must_use]
    pub fn new(quota: NonZeroU32) -> Self {
        let callers = RateLimiter::keyed(Quota::per_minute(quota)).with_middleware();
        Self { quota, callers, requests: AtomicU32::new(0) }
    }

    /// Counts a request, and gives how its caller stands after it.
    #[must_use]
    pub fn count(&self, who: Counted) -> Standing {
        if self.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGETTING) {
            self.callers.retain_recent();
        }
        let (remaining, wait) = match self.callers.check_key(&who) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(self.callers.clock().now()))),
        };
        Standing { quota: self.quota, remaining, wait }
    }
}

/// How a caller stands after a request.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    quota: NonZeroU32,
    remaining: u32,
    wait: Option<Duration>,
}

impl Standing {
    /// Lets the request go on if the quota had room for it.
    ///
    /// # Errors
    /// 429 with the seconds until there is room.
    pub fn check(&self) -> Result<(), Problem> {
        let Some(wait) = self.wait else { return Ok(()) };
        let seconds = u16::try_from(wait.as_millis().div_ceil(1000).max(1)).unwrap_or(u16::MAX);
        let quota = self.quota;
        let detail = bilingual!(
            "Högst {quota} anrop i minuten tas emot. Försök igen om {seconds} s.",
            "At most {quota} requests a minute are accepted. Try again in {seconds} s."
        );
        Err(Problem::new(Kind::TooManyRequests, detail).retried_after(seconds))
    }

    /// Tells the caller the quota, what remains of it, and in how many seconds it is whole again.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let (quota, remaining) = (self.quota, self.remaining);
        let used = u64::from(quota.get().saturating_sub(remaining));
        let whole = (used * WINDOW).div_ceil(quota.get().into());
        for (name, value) in [
            (POLICY, format!("\"default\";q={quota};w={WINDOW}")),
            (STANDING, format!("\"default\";r={remaining};t={whole}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Counted {
        Counted::Account(Id::new())
    }

    #[test]
    fn a_quota_runs_out_and_fills_again() {
        let limiter = Limiter::new(NonZeroU32::new(600).expect("a quota"));
        let (one, other) = (account(), account());
        assert_eq!(limiter.count(one).remaining, 599);
        let refused = (0..700).map(|_| limiter.count(one)).find(|standing| standing.wait.is_some());
        let problem = refused.expect("a refusal").check().expect_err("a problem");
        assert_eq!((problem.kind(), problem.retry_after()), (Kind::TooManyRequests, Some(1)));
        assert!(limiter.count(other).check().is_ok());
        std::thread::sleep(Duration::from_millis(100));
        assert!(limiter.count(one).check().is_ok());
    }

    #[test]
    fn callers_whose_quota_is_whole_are_forgotten() {
        let limiter = Limiter::new(NonZeroU32::MAX);
        for _ in 0..5 * FORGETTING {
            assert!(limiter.count(account()).check().is_ok());
        }
        assert!(limiter.callers.len() <= FORGETTING as usize + 1, "{}", limiter.callers.len());
    }
}
