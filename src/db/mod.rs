//! The database: one program over SQLite and PostgreSQL.
//!
//! [`Database::read`] is one read-only snapshot, so that a body, its total and its ETag belong together.
//! [`Database::write`] is the only way to change anything: one transaction, one writer at a time on either database.
//! Writers taking turns is what keeps the journal's numbers in the order of their commits, and what makes a check
//! followed by an insert safe.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use actix_web::web;
use tokio::sync::Semaphore;

mod connection;
mod pool;
pub mod schema;
pub mod types;

pub(crate) use connection::on_each;
pub use connection::{
    Address, Backend, Conn, migrate, migrate_to, migration_names, newer_migrations, revert, revert_last,
};

use crate::metrics::Metrics;
use crate::problem::{Kind, Problem};
use crate::telemetry::{self, carried};
use connection::Mode;
pub use pool::UseOfConnections;
use pool::{Connections, Loan};

/// How often a write that met a conflict is tried before it answers 503.
const TRIES: u32 = 8;

/// How long it is tried again: who has waited for a turn in vain has waited long enough.
const AGAIN: Duration = Duration::from_secs(5);

/// How many requests work with the database or wait to; more are turned away, so that those who wait are served.
const PLACES: usize = 256;

/// How long a request waits for its work with the database, in seconds.
const LONGEST: Duration = Duration::from_secs(45);

/// A pool of connections to one database.
#[derive(Clone)]
pub struct Database {
    connections: Connections,
    places: Arc<Semaphore>,
    writes: Arc<AtomicU64>,
    metrics: Arc<Metrics>,
    system: &'static str,
    is_closed: Arc<AtomicBool>,
}

impl Database {
    /// Makes the pool; connections are opened when they are first needed.
    #[must_use]
    pub fn new(address: Address) -> Self {
        let system = match address {
            Address::Postgres(_) => "postgresql",
            Address::Sqlite(_) => "sqlite",
        };
        Self {
            connections: Connections::to(address),
            places: Arc::new(Semaphore::new(PLACES)),
            writes: Arc::default(),
            metrics: Arc::default(),
            system,
            is_closed: Arc::default(),
        }
    }

    /// The same, for now closed to everybody as if it were away, until [`Self::open`].
    #[must_use]
    pub fn closed(self) -> Self {
        self.is_closed.store(true, Ordering::Release);
        self
    }

    /// Lets in those who were kept out.
    pub fn open(&self) {
        self.is_closed.store(false, Ordering::Release);
    }

    /// Runs `work` on one read-only snapshot, away from the threads that serve requests.
    ///
    /// # Errors
    /// What `work` answers; 503 when the database cannot be reached or too many wait for it.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.away_from_here(move |database| database.read_now(work)).await
    }

    /// Runs `work` in one transaction, away from the threads that serve requests. It is run again when it met a
    /// conflict, so it must have no other effects.
    ///
    /// # Errors
    /// What `work` answers, with nothing changed; 503 when the database cannot be reached or conflicts do not end.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.away_from_here(move |database| database.write_now(work)).await
    }

    /// [`Self::read`] on this thread.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_now<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
        self.observed("read", || self.snapshot(work))
    }

    fn snapshot<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
        let mut conn = self.connection()?;
        connection::begin(&mut conn, Mode::Read)?;
        let outcome = work(&mut conn);
        // Nothing was written, so how the snapshot ends changes nothing.
        connection::rollback(&mut conn)?;
        outcome
    }

    /// [`Self::write`] on this thread.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_now<T>(&self, work: impl FnMut(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
        self.observed("write", || self.turn(work))
    }

    fn turn<T>(&self, mut work: impl FnMut(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
        let mut conn = self.connection()?;
        let (mut tried, began) = (0, Instant::now());
        loop {
            tried += 1;
            match attempt(&mut conn, &mut work) {
                Err(problem) if problem.kind() == Kind::Busy && tried < TRIES && began.elapsed() < AGAIN => {
                    self.metrics.retried();
                    std::thread::sleep(back_off(tried));
                }
                outcome => {
                    self.writes.fetch_add(u64::from(outcome.is_ok()), Ordering::Relaxed);
                    return outcome;
                }
            }
        }
    }

    /// [`Self::write_now`], but nothing of it stays: to see what a change would come to.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn rehearse_now<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
        self.observed("rehearsal", || self.rehearsal(work))
    }

    fn rehearsal<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
        let mut conn = self.connection()?;
        connection::begin(&mut conn, Mode::Write)?;
        let outcome = work(&mut conn);
        connection::rollback(&mut conn)?;
        outcome
    }

    /// How often this instance has written, for those who look again when it has.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// What this instance counts.
    #[must_use]
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// How its connections are used.
    #[must_use]
    pub fn use_of_connections(&self) -> UseOfConnections {
        UseOfConnections { places: PLACES - self.places.available_permits(), ..self.connections.used() }
    }

    /// Runs a transaction, counted and as a span.
    fn observed<T>(&self, kind: &'static str, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        self.metrics.transaction(kind, || telemetry::transaction(self.system, kind, work))
    }

    /// Works on one of the threads that may wait.
    async fn away_from_here<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Problem::overloaded())?;
        let database = self.clone();
        let working = web::block(carried(move || {
            let _place = place;
            work(&database)
        }));
        let outcome = timeout(LONGEST, working).await.map_err(|_| Problem::overloaded())?;
        outcome.map_err(Problem::internal)?
    }

    fn connection(&self) -> Result<Loan, Problem> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(Problem::unavailable());
        }
        self.metrics.waiting(|| self.connections.borrow())
    }
}

/// Runs `work` as a part of the caller's transaction; when it fails, nothing of it stays.
///
/// # Errors
/// What `work` answers.
pub fn apart<T, E: From<diesel::result::Error>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    connection::save(conn)?;
    let outcome = work(conn);
    // To end a savepoint is to end the innermost transaction.
    if outcome.is_ok() {
        connection::commit(conn)?;
    } else {
        connection::rollback(conn)?;
    }
    outcome
}

/// Runs `work` in one transaction beside which nobody migrates and nobody writes, without a limit of time; when it fails,
/// nothing of it stays. Migrations may be a part of it.
///
/// # Errors
/// What `work` answers; when somebody else is at it.
pub fn alone<T, E: From<diesel::result::Error>>(
    conn: &mut Conn,
    work: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    connection::begin(conn, Mode::Alone)?;
    let outcome = work(conn);
    if outcome.is_ok() {
        connection::commit(conn)?;
    } else {
        connection::rollback(conn)?;
    }
    outcome
}

fn attempt<T>(conn: &mut Conn, work: &mut impl FnMut(&mut Conn) -> Result<T, Problem>) -> Result<T, Problem> {
    connection::begin(conn, Mode::Write)?;
    match work(conn) {
        Ok(value) => {
            connection::commit(conn)?;
            Ok(value)
        }
        Err(problem) => {
            connection::rollback(conn)?;
            Err(problem)
        }
    }
}

/// 5 ms doubled at each try, of which a random half to whole.
fn back_off(tried: u32) -> Duration {
    let longest = 5_u64 << tried;
    let random = getrandom::u32().map_or(0, u64::from);
    Duration::from_millis(longest / 2 + random % (longest / 2 + 1))
}
