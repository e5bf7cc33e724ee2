//! One connection type over both databases, chosen by the address's scheme.

use std::time::Duration;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel::result::Error;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection, ConnectionError, QueryResult};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::problem::{Kind, Problem};

const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Number of the advisory lock that lets one instance migrate at a time.
const MIGRATION_LOCK: i64 = 0x5341_4d53_594e;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL, by libpq.
    Postgres(PgConnection),
    /// SQLite, bundled.
    Sqlite(SqliteConnection),
}

/// The backend of [`Conn`], for queries that are put together at run time.
pub type Backend = <Conn as Connection>::Backend;

/// Runs a statement that the two backends can express but their union cannot (batch inserts).
macro_rules! on_each {
    ($conn:ident => $run:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($conn) => $run,
            $crate::db::Conn::Sqlite($conn) => $run,
        }
    };
}
pub(crate) use on_each;

/// Where the data is: `sqlite:FILE` or `postgres://…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A libpq connection URL.
    Postgres(String),
    /// A file's path.
    Sqlite(String),
}

impl std::str::FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).to_owned()))
            }
            _ => Err("expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE".to_owned()),
        }
    }
}

impl Address {
    /// Opens a connection with the settings that every connection has.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses the settings.
    pub fn connect(&self) -> Result<Conn, ConnectionError> {
        let conn = match self {
            Self::Postgres(url) => {
                let mut conn = PgConnection::establish(&impatient(url))?;
                // A writer that waits longer than this for its turn answers 503 instead.
                conn.batch_execute("SET lock_timeout = '10s'; SET statement_timeout = '30s'; SET TIME ZONE 'UTC'")
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Conn::Postgres(conn)
            }
            Self::Sqlite(path) => {
                make_private(path);
                let mut conn = SqliteConnection::establish(path)?;
                conn.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA secure_delete = ON;",
                )
                .and_then(|()| keep_a_log(&mut conn))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Conn::Sqlite(conn)
            }
        };
        Ok(conn)
    }

    /// Whether something failed since the server at this address cannot be reached, which a file always can.
    #[must_use]
    pub fn is_away(&self, error: &anyhow::Error) -> bool {
        let is_unreachable = error.downcast_ref::<ConnectionError>().is_some()
            || error.downcast_ref::<Problem>().is_some_and(|problem| problem.kind() == Kind::Unavailable);
        matches!(self, Self::Postgres(_)) && is_unreachable
    }
}

/// The URL with limits for what it sets none for: a host that does not answer is given up after seconds, not minutes.
fn impatient(url: &str) -> String {
    let mut url = url.to_owned();
    let limits = [
        ("connect_timeout", "2"),
        ("tcp_user_timeout", "5000"),
        ("keepalives_idle", "10"),
        ("keepalives_interval", "3"),
        ("keepalives_count", "3"),
    ];
    for (name, value) in limits {
        if !url.contains(&format!("{name}=")) {
            let mark = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{mark}{name}={value}");
        }
    }
    url
}

/// Lets readers work beside the writer. A new file is turned to that by one connection that has it to itself, and SQLite
/// does not wait for that whatever its `busy_timeout` (<https://sqlite.org/c3ref/busy_handler.html>).
fn keep_a_log(conn: &mut SqliteConnection) -> QueryResult<()> {
    for _ in 0..200 {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(Error::DatabaseError(_, about)) if about.message() == "database is locked" => {
                std::thread::sleep(Duration::from_millis(50));
            }
            outcome => return outcome,
        }
    }
    conn.batch_execute("PRAGMA journal_mode = WAL")
}

/// Makes a file that is not there yet so that nobody else on the machine reads it, since it will hold signing keys. SQLite
/// gives the files beside it the same permissions. What cannot be made is told by opening it.
fn make_private(path: &str) {
    if path.starts_with(':') || path.starts_with("file:") {
        return;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    Write,
    /// To fill or rebuild the database, however long it takes.
    Alone,
}

/// Begins a snapshot to read, the one turn to write, or both that turn and the one to migrate.
pub(super) fn begin(conn: &mut Conn, mode: Mode) -> QueryResult<()> {
    use diesel::connection::AnsiTransactionManager as Manager;
    match (conn, mode) {
        (Conn::Postgres(conn), Mode::Read) => {
            Manager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
        (Conn::Postgres(conn), Mode::Write) => {
            Manager::begin_transaction_sql(conn, "BEGIN ISOLATION LEVEL SERIALIZABLE")?;
            // Before the first query, so that the snapshot is taken when the turn has come.
            let turn = conn.batch_execute("LOCK TABLE write_turns IN EXCLUSIVE MODE");
            if turn.is_err() {
                let _ = Manager::rollback_transaction(conn);
            }
            turn
        }
        (Conn::Postgres(conn), Mode::Alone) => {
            Manager::begin_transaction_sql(conn, "BEGIN")?;
            let turn = conn.batch_execute(&format!(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
                 SELECT pg_advisory_xact_lock({MIGRATION_LOCK}); \
                 DO $$ BEGIN LOCK TABLE write_turns IN EXCLUSIVE MODE; EXCEPTION WHEN undefined_table THEN END $$"
            ));
            if turn.is_err() {
                let _ = Manager::rollback_transaction(conn);
            }
            turn
        }
        (Conn::Sqlite(conn), Mode::Read) => Manager::begin_transaction_sql(conn, "BEGIN"),
        (Conn::Sqlite(conn), Mode::Write | Mode::Alone) => Manager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
    }
}

/// Begins a part of a transaction that can be taken back alone.
pub(super) fn save(conn: &mut Conn) -> QueryResult<()> {
    <Conn as Connection>::TransactionManager::begin_transaction(conn)
}

pub(super) fn commit(conn: &mut Conn) -> QueryResult<()> {
    <Conn as Connection>::TransactionManager::commit_transaction(conn)
}

pub(super) fn rollback(conn: &mut Conn) -> QueryResult<()> {
    <Conn as Connection>::TransactionManager::rollback_transaction(conn)
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Brings the database to this program's schema, one program at a time; says how many migrations that took.
///
/// # Errors
/// When a migration fails; on PostgreSQL what came before it stays.
pub fn migrate(conn: &mut Conn) -> Result<usize, Failure> {
    match conn {
        Conn::Postgres(own) => {
            own.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")?;
            own.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
            let done = migrate_to(conn, None);
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            done
        }
        Conn::Sqlite(own) => {
            own.batch_execute("PRAGMA busy_timeout = 600000")?;
            begin(conn, Mode::Write)?;
            let done = migrate_to(conn, None);
            if done.is_ok() {
                commit(conn)?;
            } else {
                rollback(conn)?;
            }
            done
        }
    }
}

/// Runs the migrations that the database lacks, until the one of this name has run; for who has the database alone.
///
/// # Errors
/// When a migration fails; what came before it stays.
pub fn migrate_to(conn: &mut Conn, last: Option<&str>) -> Result<usize, Failure> {
    match conn {
        Conn::Postgres(conn) => run(conn, POSTGRES_MIGRATIONS, last),
        Conn::Sqlite(conn) => run(conn, SQLITE_MIGRATIONS, last),
    }
}

fn run<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    source: EmbeddedMigrations,
    last: Option<&str>,
) -> Result<usize, Failure>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    // Names begin with their number, so they are in order.
    let mut pending = conn.pending_migrations(source)?;
    pending.retain(|migration| last.is_none_or(|last| migration.name().to_string().as_str() <= last));
    for migration in &pending {
        conn.run_migration(migration)?;
    }
    Ok(pending.len())
}

/// Takes every migration back, newest first.
///
/// # Errors
/// When a migration cannot be taken back.
pub fn revert(conn: &mut Conn) -> Result<(), Failure> {
    match conn {
        Conn::Postgres(conn) => conn.revert_all_migrations(POSTGRES_MIGRATIONS).map(drop),
        Conn::Sqlite(conn) => conn.revert_all_migrations(SQLITE_MIGRATIONS).map(drop),
    }
}

/// Takes the newest migration back.
///
/// # Errors
/// When it cannot be taken back, or none is left.
pub fn revert_last(conn: &mut Conn) -> Result<(), Failure> {
    match conn {
        Conn::Postgres(conn) => conn.revert_last_migration(POSTGRES_MIGRATIONS).map(drop),
        Conn::Sqlite(conn) => conn.revert_last_migration(SQLITE_MIGRATIONS).map(drop),
    }
}

/// The versions of the migrations that the database has and this program does not know, oldest first.
///
/// # Errors
/// When the database fails.
pub fn newer_migrations(conn: &mut Conn) -> Result<Vec<String>, Failure> {
    let (applied, known) = match conn {
        Conn::Postgres(conn) => (conn.applied_migrations()?, versions::<Pg>(&POSTGRES_MIGRATIONS)?),
        Conn::Sqlite(conn) => (conn.applied_migrations()?, versions::<Sqlite>(&SQLITE_MIGRATIONS)?),
    };
    let mut newer: Vec<String> = applied.iter().map(ToString::to_string).collect();
    newer.retain(|version| !known.contains(version));
    newer.sort();
    Ok(newer)
}

fn versions<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Result<Vec<String>, Failure>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let migrations = MigrationSource::<DB>::migrations(source)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// The names of the two databases' migrations, which are twins.
///
/// # Errors
/// When a migration's name cannot be read.
pub fn migration_names() -> Result<(Vec<String>, Vec<String>), Failure> {
    let postgres = MigrationSource::<Pg>::migrations(&POSTGRES_MIGRATIONS)?;
    let sqlite = MigrationSource::<Sqlite>::migrations(&SQLITE_MIGRATIONS)?;
    Ok((
        postgres.iter().map(|migration| migration.name().to_string()).collect(),
        sqlite.iter().map(|migration| migration.name().to_string()).collect(),
    ))
}
