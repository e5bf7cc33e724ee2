//! Who brings the events: a thread of each instance looks whether there is something to bring, when the instance has written
//! and else every other second, and others bring it, so that a slow receiver keeps nobody waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::model::{Delivery, Job};
use super::{Sender, store};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::problem::Problem;

/// How long to wait before looking again, for what other instances have written and for what is due.
const PAUSE: Duration = Duration::from_secs(2);
/// How long to wait before looking whether this instance has written, which asks nobody.
const GLANCE: Duration = Duration::from_millis(100);
/// How many receivers are sent to at once.
const AT_ONCE: usize = 8;
/// After how long what was delivered is written down, whatever is left: well before the lease ends.
const WRITTEN_AFTER: Duration = Duration::from_secs(10);

/// The one of an instance.
pub struct Courier {
    stopping: Arc<AtomicBool>,
    wake: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Courier {
    /// Begins to bring events.
    #[must_use]
    pub fn start(database: Database, sender: Arc<Sender>) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let (wake, told) = mpsc::channel();
        let round = Round { database, sender, stopping: Arc::clone(&stopping) };
        let thread = thread::spawn(move || round.run(&told));
        Self { stopping, wake, thread }
    }

    /// Ends it: what is on its way arrives first.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("the courier had fallen");
        }
    }
}

/// Brings everything that is due, one subscription after the other.
///
/// # Errors
/// When the database fails; what was not written down is brought again.
pub fn deliver_due(database: &Database, sender: &Sender, stopping: &AtomicBool) -> Result<(), Problem> {
    while !stopping.load(Ordering::Relaxed) {
        if database.read_now(|conn| store::count_due(conn, Timestamp::now()))? == 0 {
            return Ok(());
        }
        if let Some(job) = database.write_now(|conn| store::claim(conn, Timestamp::now()))? {
            let deliveries = send_all(&job, sender, stopping);
            for (attempt, _) in &deliveries {
                database.metrics().delivered(attempt.outcome.as_str());
            }
            database.write_now(|conn| store::settle(conn, &job, &deliveries, Timestamp::now(), spread()))?;
        }
    }
    Ok(())
}

/// Sends a job's events in order, until one does not arrive.
fn send_all(job: &Job, sender: &Sender, stopping: &AtomicBool) -> Vec<Delivery> {
    let (began, mut deliveries) = (Instant::now(), Vec::new());
    let mut number = job.webhook.progress.failures + 1;
    for item in &job.items {
        if stopping.load(Ordering::Relaxed) || began.elapsed() > WRITTEN_AFTER {
            break;
        }
        let delivery = sender.send(&job.webhook, item.clone(), number);
        let is_delivered = delivery.0.is_delivered();
        deliveries.push(delivery);
        if !is_delivered {
            break;
        }
        number = 1;
    }
    deliveries
}

/// A number from 0 to 1, by chance.
fn spread() -> f64 {
    let mut random = [0_u8];
    // Without chance all come back at the same time, which is no worse than that.
    let _ = getrandom::fill(&mut random);
    f64::from(random[0]) / 255.0
}

struct Round {
    database: Database,
    sender: Arc<Sender>,
    stopping: Arc<AtomicBool>,
}

impl Round {
    fn run(&self, told: &mpsc::Receiver<()>) {
        let mut under_way: Vec<JoinHandle<()>> = Vec::new();
        let (mut looked_at, mut written) = (Instant::now(), self.database.writes());
        while told.recv_timeout(GLANCE) == Err(RecvTimeoutError::Timeout) {
            let writes = self.database.writes();
            if writes == written && looked_at.elapsed() < PAUSE {
                continue;
            }
            (looked_at, written) = (Instant::now(), writes);
            under_way.retain(|thread| !thread.is_finished());
            let free = AT_ONCE - under_way.len();
            under_way.extend((0..self.count_due().min(free)).map(|_| self.send_out()));
        }
        for thread in under_way {
            let _ = thread.join();
        }
    }

    fn count_due(&self) -> usize {
        let due = self.database.read_now(|conn| store::count_due(conn, Timestamp::now()));
        match due {
            Ok(due) => usize::try_from(due).unwrap_or(usize::MAX),
            Err(problem) => {
                tracing::warn!(error = %problem, "webhooks wait");
                0
            }
        }
    }

    fn send_out(&self) -> JoinHandle<()> {
        let (database, sender, stopping) =
            (self.database.clone(), Arc::clone(&self.sender), Arc::clone(&self.stopping));
        thread::spawn(move || {
            if let Err(problem) = deliver_due(&database, &sender, &stopping) {
                tracing::warn!(error = %problem, "webhooks wait");
            }
        })
    }
}
