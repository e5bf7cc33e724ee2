//! Connections that are kept open, and what happens while there are none to be had.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::connection::{Connection, TransactionManager};
use diesel::r2d2::{Error, ManageConnection, NopErrorHandler, Pool, PooledConnection, State};

use super::connection::{Address, Conn};
use crate::problem::Problem;

/// How long a caller waits for a connection that others use.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often who waits looks whether the database has gone away.
const LOOK: Duration = Duration::from_millis(100);

/// Twice the longest pause between attempts to reach a database that is away.
const RECONNECT: Duration = Duration::from_millis(800);

/// Where connections come from.
pub(super) struct Source {
    address: Address,
    is_away: Arc<AtomicBool>,
}

impl ManageConnection for Source {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn, Error> {
        let outcome = self.address.connect();
        let was_away = self.is_away.swap(outcome.is_err(), Ordering::Relaxed);
        match &outcome {
            Err(error) if !was_away => tracing::warn!(%error, "the database does not answer"),
            Ok(_) if was_away => tracing::info!("the database answers again"),
            _ => {}
        }
        outcome.map_err(Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Error> {
        match conn {
            Conn::Postgres(conn) => diesel::sql_query("SELECT 1").execute(conn).map(drop).map_err(Error::QueryError),
            Conn::Sqlite(_) => Ok(()),
        }
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || <Conn as Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

/// The connections to one database. While it is away nobody waits: who asks is told so at once, and connections are there
/// again less than half a second after its return.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool<Source>,
    is_away: Arc<AtomicBool>,
}

/// How the connections to a database are used.
#[derive(Debug, Clone, Copy)]
pub struct UseOfConnections {
    /// That somebody works with.
    pub busy: u32,
    /// That wait for somebody.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
    /// Requests that work with the database or wait to.
    pub places: usize,
}

/// A connection on loan.
pub(super) type Loan = PooledConnection<Source>;

impl Connections {
    /// Connections are opened when they are first needed.
    pub(super) fn to(address: Address) -> Self {
        let size = match address {
            Address::Postgres(_) => 8,
            Address::Sqlite(_) => 4,
        };
        let is_away = Arc::new(AtomicBool::new(false));
        let source = Source { address, is_away: Arc::clone(&is_away) };
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .connection_timeout(RECONNECT)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(source);
        Self { pool, is_away }
    }

    /// How they are used.
    pub(super) fn used(&self) -> UseOfConnections {
        let State { connections, idle_connections: idle, .. } = self.pool.state();
        UseOfConnections { busy: connections.saturating_sub(idle), idle, most: self.pool.max_size(), places: 0 }
    }

    /// A connection that works.
    ///
    /// # Errors
    /// 503 when the database is away, or others use all connections for too long.
    pub(super) fn borrow(&self) -> Result<Loan, Problem> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.is_away.load(Ordering::Relaxed) {
                // What has failed to connect tries again by itself.
                return self.pool.try_get().ok_or_else(Problem::unavailable);
            }
            match self.pool.get_timeout(LOOK) {
                Ok(conn) => return Ok(conn),
                Err(error) if Instant::now() >= deadline => return Err(Problem::unavailable().because(error)),
                Err(_) => {}
            }
        }
    }
}
