//! What becomes of attempts to deliver, and how patient they are.

use chrono::TimeDelta;

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::history::model::{Cursor, FeedItem};
use crate::id::Id;
use crate::webhook::Webhook;

/// How many attempts are remembered of a subscription, and for how long.
pub const REMEMBERED: (i64, TimeDelta) = (500, TimeDelta::days(30));

/// How long to wait after so many failures in a row, in seconds, as the standard suggests: three days in all.
const PATIENCE: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

code_list! {
    /// What became of an attempt to deliver.
    pub enum Outcome {
        /// It was answered with 200–299.
        Delivered = "delivered", "levererad";
        /// It was answered with 410.
        Gone = "gone", "mottagaren svarade 410 Gone";
        /// It was answered with something else; redirects are not followed.
        Refused = "refused", "mottagaren svarade något annat än 200–299";
        /// It took too long.
        Timeout = "timeout", "mottagaren svarade inte i tid";
        /// The host has no address.
        UnknownHost = "unknownHost", "värdnamnet finns inte";
        /// The host has an address that is not sent to.
        InternalAddress = "internalAddress", "värden har en intern adress";
        /// There was no connection, or it was not safe.
        Unconnected = "unconnected", "ingen säker anslutning";
    }
}

/// Events that an instance has taken on to bring.
#[derive(Debug)]
pub struct Job {
    /// Whose they are.
    pub webhook: Webhook,
    /// What the instance knows its turn by.
    pub lease: Id,
    /// The events, in order.
    pub items: Vec<FeedItem>,
    /// Where to go on when all have arrived.
    pub next: Cursor,
}

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Identifier, by time.
    pub id: Id,
    /// The event's identifier.
    pub message_id: String,
    /// Where the event stands in the feed; a ping stands nowhere.
    pub cursor: Option<Cursor>,
    /// The event's kind.
    pub kind: String,
    /// Which attempt at the event it was, from 1.
    pub number: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// The answer's status.
    pub status: Option<u16>,
    /// When it was made.
    pub made_at: Timestamp,
    /// How long it took.
    pub milliseconds: i64,
}

/// An attempt, and after how many seconds the receiver asks to be tried again.
pub type Delivery = (Attempt, Option<u32>);

impl Attempt {
    /// Whether it arrived.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.outcome == Outcome::Delivered
    }
}

/// The next attempt after so many failures in a row; `None` when there is none. `spread`, from 0 to 1, adds up to a tenth, so
/// that those who failed together do not come back together; the receiver may ask for more time.
#[must_use]
pub fn next_wait(failures: i64, spread: f64, asked: Option<u32>) -> Option<TimeDelta> {
    let index = usize::try_from(failures - 1).ok()?;
    let seconds = *PATIENCE.get(index)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds of a day are exact")]
    let spread = (seconds as f64 * 100.0 * spread.clamp(0.0, 1.0)).round();
    #[expect(clippy::cast_possible_truncation, reason = "so are their thousandths")]
    let wait = TimeDelta::milliseconds(seconds * 1_000 + spread as i64);
    let asked = asked.map(|seconds| TimeDelta::seconds(seconds.into())).unwrap_or_default();
    Some(wait.max(asked.min(TimeDelta::days(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_as_the_standard_suggests_and_ends_after_three_days() {
        let waits: Vec<_> = (1..).map_while(|failures| next_wait(failures, 0.0, None)).collect();
        assert_eq!(waits.len(), 9);
        assert!(waits.is_sorted());
        let total = waits.iter().sum::<TimeDelta>();
        assert_eq!((total.num_hours(), total.num_minutes() % 60), (75, 35));
        assert_eq!(next_wait(1, 1.0, None), Some(TimeDelta::milliseconds(5_500)));
        assert_eq!(next_wait(0, 0.0, None), None);
    }

    #[test]
    fn a_receiver_is_given_the_time_that_it_asks_for_within_a_day() {
        assert_eq!(next_wait(1, 0.0, Some(120)), Some(TimeDelta::minutes(2)));
        assert_eq!(next_wait(2, 0.0, Some(120)), Some(TimeDelta::minutes(5)));
        assert_eq!(next_wait(1, 0.0, Some(u32::MAX)), Some(TimeDelta::days(1)));
    }
}
