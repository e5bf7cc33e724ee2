//! How long who has guessed wrong must wait.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;

/// How many attempts at one account an address has before it must wait.
pub const AT_ONE_ACCOUNT: i64 = 5;
/// How many at all accounts together: an office may share an address.
pub const AT_ALL_ACCOUNTS: i64 = 100;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 900;
/// How long an attempt is remembered.
pub const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Attempts that have not succeeded, and when the last of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub count: i64,
    /// When the last was made.
    pub last_at: Timestamp,
}

impl Attempts {
    /// When the next may be made: at once while there are free ones left, then a second after the last, then two, four, …
    #[must_use]
    pub fn next_at(self, free: i64) -> Timestamp {
        let seconds = match self.count - free {
            ..0 => 0,
            more => 1_i64 << more.min(20),
        };
        self.last_at.plus(TimeDelta::seconds(seconds.min(LONGEST_WAIT)))
    }
}

/// What an account's attempts are counted under: what people type as an address may be their password.
#[must_use]
pub fn account_hash(email: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(email.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_to_a_quarter_of_an_hour() {
        let last_at = Timestamp::now();
        let wait = |count| {
            let next_at = Attempts { count, last_at }.next_at(5);
            (*next_at.as_utc() - *last_at.as_utc()).num_seconds()
        };
        assert_eq!([0, 4, 5, 6, 7, 8, 14, 15, 1000].map(wait), [0, 0, 1, 2, 4, 8, 512, 900, 900]);
    }
}
