//! Tables read and written as text, whatever they hold, on either database.

use anyhow::{Context, anyhow, ensure};
use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::model::Row;
use crate::clock::Timestamp;
use crate::db::schema::changes;
use crate::db::types::Instant;
use crate::db::{self, Address, Backend, Conn};

/// Where diesel notes the migrations that have run.
const MIGRATIONS: &str = "__diesel_schema_migrations";
/// How many values a statement brings at most.
const VALUES: usize = 2_000;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The texts that a query answers, each called `line`.
///
/// # Errors
/// When the database fails.
pub fn lines(conn: &mut Conn, query: &str) -> QueryResult<Vec<String>> {
    Ok(sql_query(query).load::<Line>(conn)?.into_iter().map(|line| line.line).collect())
}

/// The one number that a query answers.
///
/// # Errors
/// When the database fails.
pub fn number(conn: &mut Conn, query: &str) -> QueryResult<i64> {
    Ok(sql_query(query).get_result::<Count>(conn)?.count)
}

/// The tables that there are, by name.
///
/// # Errors
/// When the database fails.
pub fn tables(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let query = match conn {
        Conn::Postgres(_) => {
            "SELECT CAST(table_name AS text) AS line FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
        Conn::Sqlite(_) => {
            "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
    };
    let mut tables = lines(conn, query)?;
    tables.sort();
    Ok(tables)
}

/// The tables that Samsyn has when the migration of this name is its last.
///
/// # Errors
/// When the migrations cannot be run.
pub fn tables_at(level: &str) -> anyhow::Result<Vec<String>> {
    // The databases are twins, and one of them needs no place.
    let mut twin = Address::Sqlite(":memory:".to_owned()).connect()?;
    db::migrate_to(&mut twin, Some(level)).map_err(anyhow::Error::from_boxed)?;
    let mut tables = tables(&mut twin)?;
    tables.retain(|table| table != MIGRATIONS);
    Ok(tables)
}

/// The versions of the migrations that have run, oldest first; none in a database without tables.
///
/// # Errors
/// When the database fails.
pub fn applied(conn: &mut Conn) -> QueryResult<Vec<String>> {
    if tables(conn)?.iter().any(|table| table == MIGRATIONS) {
        lines(conn, &format!("SELECT CAST(version AS text) AS line FROM {MIGRATIONS} ORDER BY version"))
    } else {
        Ok(Vec::new())
    }
}

/// The names of this program's migrations, oldest first.
///
/// # Errors
/// When a migration's name cannot be read.
pub fn levels() -> anyhow::Result<Vec<String>> {
    Ok(db::migration_names().map_err(anyhow::Error::from_boxed)?.0)
}

/// The name of the last migration that the database has.
///
/// # Errors
/// When it has none, or one that this program does not know.
pub fn level(conn: &mut Conn) -> anyhow::Result<String> {
    let (applied, levels) = (applied(conn)?, levels()?);
    ensure!(!applied.is_empty(), "the database is empty");
    let known = applied.iter().zip(&levels).take_while(|(version, name)| is_of(name, version)).count();
    ensure!(
        known == applied.len(),
        "the database has the migration {}, which this program does not know: use the newer samsyn that made it",
        applied[known]
    );
    Ok(levels[known - 1].clone())
}

/// Whether a migration's name is that of this version.
#[must_use]
pub fn is_of(name: &str, version: &str) -> bool {
    name.split('_').next() == Some(version)
}

/// A table that has rows.
///
/// # Errors
/// When the database fails.
pub fn first_in_use(conn: &mut Conn) -> QueryResult<Option<(String, i64)>> {
    for table in tables(conn)?.into_iter().filter(|table| table != MIGRATIONS) {
        let count = number(conn, &format!("SELECT COUNT(*) AS count FROM \"{table}\""))?;
        if count > 0 {
            return Ok(Some((table, count)));
        }
    }
    Ok(None)
}

/// A table's columns, each with the type that the database gives it.
#[derive(Debug)]
pub struct Table {
    name: String,
    columns: Vec<Column>,
}

#[derive(Debug, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

impl Column {
    /// The column as text: instants, days and truth as SQLite keeps them, bytes as hexadecimal digits.
    fn read(&self) -> String {
        let name = &self.name;
        match self.kind.as_str() {
            "timestamp with time zone" => {
                format!(r#"to_char("{name}" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#)
            }
            "date" => format!(r#"to_char("{name}", 'YYYY-MM-DD')"#),
            "boolean" => format!(r#"CAST(CAST("{name}" AS integer) AS text)"#),
            "bytea" => format!(r#"encode("{name}", 'hex')"#),
            "BLOB" => format!(r#"CASE WHEN "{name}" IS NOT NULL THEN lower(hex("{name}")) END"#),
            _ => format!(r#"CAST("{name}" AS text)"#),
        }
    }

    /// A value made of text.
    fn write(&self, number: usize) -> String {
        match self.kind.as_str() {
            "bytea" => format!("decode(${number}, 'hex')"),
            "BLOB" => format!("unhex(${number})"),
            "TEXT" | "INTEGER" | "text" => format!("${number}"),
            kind => format!("CAST(${number} AS {kind})"),
        }
    }
}

impl Table {
    /// A table of the database.
    ///
    /// # Errors
    /// When the database fails.
    pub fn find(conn: &mut Conn, name: &str) -> QueryResult<Self> {
        let query = match conn {
            Conn::Postgres(_) => {
                "SELECT CAST(column_name AS text) AS name, CAST(data_type AS text) AS kind \
                 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 \
                 ORDER BY ordinal_position"
            }
            Conn::Sqlite(_) => "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid",
        };
        let columns = sql_query(query).bind::<Text, _>(name).load(conn)?;
        Ok(Self { name: name.to_owned(), columns })
    }

    /// The names of its columns.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The same table with its columns in this order; nothing, when they are others.
    #[must_use]
    pub fn in_order(mut self, names: &[String]) -> Option<Self> {
        let place = |column: &Column| names.iter().position(|name| *name == column.name);
        let is_same = names.len() == self.columns.len() && self.columns.iter().all(|column| place(column).is_some());
        self.columns.sort_by_key(place);
        is_same.then_some(self)
    }

    /// The places of the columns that the database keeps as JSON rather than as text.
    #[must_use]
    pub fn documents(&self) -> Vec<usize> {
        let places = self.columns.iter().enumerate();
        places.filter(|(_, column)| column.kind == "jsonb").map(|(place, _)| place).collect()
    }

    /// Calls `each` with every row, one in memory at a time.
    ///
    /// # Errors
    /// When the database fails; what `each` answers.
    pub fn each_row(&self, conn: &mut Conn, mut each: impl FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let values: Vec<_> = self.columns.iter().map(Column::read).collect();
        let values = values.join(", ");
        let array = match conn {
            Conn::Postgres(_) => format!("CAST(json_build_array({values}) AS text)"),
            Conn::Sqlite(_) => format!("json_array({values})"),
        };
        let query = sql_query(format!("SELECT {array} AS line FROM \"{}\"", self.name));
        let mut take = |line: QueryResult<Line>| each(serde_json::from_str(&line?.line)?);
        match conn {
            Conn::Postgres(conn) => query.load_iter::<Line, PgRowByRowLoadingMode>(conn)?.try_for_each(&mut take),
            Conn::Sqlite(conn) => query.load_iter::<Line, DefaultLoadingMode>(conn)?.try_for_each(&mut take),
        }
        .with_context(|| format!("the table {}", self.name))
    }

    /// How many rows one statement may bring.
    #[must_use]
    pub fn batch(&self) -> usize {
        VALUES / self.columns.len().max(1)
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When the database refuses a value.
    pub fn insert(&self, conn: &mut Conn, rows: &[Row]) -> QueryResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let width = self.columns.len();
        let row = |number: usize| {
            let values =
                self.columns.iter().enumerate().map(|(place, column)| column.write(number * width + place + 1));
            format!("({})", values.collect::<Vec<_>>().join(", "))
        };
        // The journal's numbers are its own, and are kept.
        let overriding = if matches!(conn, Conn::Postgres(_)) { "OVERRIDING SYSTEM VALUE " } else { "" };
        let rows_of_values: Vec<_> = (0..rows.len()).map(row).collect();
        let statement = format!(
            "INSERT INTO \"{}\" ({}) {overriding}VALUES {}",
            self.name,
            names.join(", "),
            rows_of_values.join(", ")
        );
        let mut query = sql_query(statement).into_boxed::<Backend>();
        for value in rows.iter().flatten() {
            query = query.bind::<Nullable<Text>, _>(value.as_deref());
        }
        query.execute(conn).map(drop)
    }
}

/// Lets rows name others that come later, until [`require_references`].
///
/// # Errors
/// When the database fails.
pub fn defer_references(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Postgres(_) => alter_references(conn, "DEFERRABLE INITIALLY DEFERRED"),
        Conn::Sqlite(conn) => conn.batch_execute("PRAGMA defer_foreign_keys = ON"),
    }
}

/// Looks whether every row that is named is there.
///
/// # Errors
/// When one is not.
pub fn require_references(conn: &mut Conn) -> anyhow::Result<()> {
    if let Conn::Postgres(inner) = conn {
        inner.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")?;
        alter_references(conn, "NOT DEFERRABLE")?;
    } else if let Some(table) = lost_references(conn)?.first() {
        return Err(anyhow!("a row of the table {table} names one that is not there"));
    }
    Ok(())
}

/// The tables of an SQLite database with rows that name others that are not there.
///
/// # Errors
/// When the database fails.
pub fn lost_references(conn: &mut Conn) -> QueryResult<Vec<String>> {
    lines(conn, "SELECT DISTINCT \"table\" AS line FROM pragma_foreign_key_check")
}

fn alter_references(conn: &mut Conn, how: &str) -> QueryResult<()> {
    let query = format!(
        "SELECT CAST(format('ALTER TABLE %s ALTER CONSTRAINT %I {how}', CAST(conrelid AS regclass), conname) AS text) AS line \
         FROM pg_constraint WHERE contype = 'f' AND connamespace = CAST(current_schema() AS regnamespace)"
    );
    for statement in lines(conn, &query)? {
        conn.batch_execute(&statement)?;
    }
    Ok(())
}

/// Lets PostgreSQL go on counting after the highest number that a row has; SQLite does by itself.
///
/// # Errors
/// When the database fails.
pub fn go_on_counting(conn: &mut Conn) -> QueryResult<()> {
    if let Conn::Sqlite(_) = conn {
        return Ok(());
    }
    let query = "SELECT CAST(format('SELECT setval(pg_get_serial_sequence(%L, %L), COALESCE(MAX(%I), 1), \
                 COUNT(*) > 0) FROM %I', table_name, column_name, column_name, table_name) AS text) AS line \
                 FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'";
    for statement in lines(conn, query)? {
        conn.batch_execute(&statement)?;
    }
    Ok(())
}

/// Lets a transaction take as long as it takes.
///
/// # Errors
/// When the database fails.
pub fn without_time_limit(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Postgres(conn) => {
            conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        }
        Conn::Sqlite(_) => Ok(()),
    }
}

/// Which database it is.
///
/// # Errors
/// When the database fails.
pub fn server(conn: &mut Conn) -> QueryResult<String> {
    let query = match conn {
        Conn::Postgres(_) => "SELECT 'PostgreSQL ' || current_setting('server_version') AS line",
        Conn::Sqlite(_) => "SELECT 'SQLite ' || sqlite_version() AS line",
    };
    Ok(lines(conn, query)?.concat())
}

#[derive(QueryableByName)]
struct Moment {
    #[diesel(sql_type = Instant)]
    at: Timestamp,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Instant)]
    at: Timestamp,
    #[diesel(sql_type = Instant)]
    former: Timestamp,
}

/// The clock of a PostgreSQL server.
///
/// # Errors
/// When the database fails.
pub fn clock(conn: &mut Conn) -> QueryResult<Option<Timestamp>> {
    match conn {
        Conn::Postgres(_) => Ok(Some(sql_query("SELECT clock_timestamp() AS at").get_result::<Moment>(conn)?.at)),
        Conn::Sqlite(_) => Ok(None),
    }
}

/// When the latest change was made.
///
/// # Errors
/// When the database fails.
pub fn latest_change(conn: &mut Conn) -> QueryResult<Option<Timestamp>> {
    changes::table.order(changes::number.desc()).select(changes::at).first(conn).optional()
}

/// Changes that were made before the one that they come after, and when that was.
///
/// # Errors
/// When the database fails.
pub fn turned_back(conn: &mut Conn) -> QueryResult<Vec<(Timestamp, Timestamp)>> {
    let pairs: Vec<Pair> = sql_query(
        "SELECT at, former FROM (SELECT at, lag(at) OVER (ORDER BY number) AS former FROM changes) AS pairs \
         WHERE at < former",
    )
    .load(conn)?;
    Ok(pairs.into_iter().map(|pair| (pair.at, pair.former)).collect())
}

/// How many projects are not at the version that the journal gives them.
///
/// # Errors
/// When the database fails.
pub fn unrecorded_projects(conn: &mut Conn) -> QueryResult<i64> {
    number(
        conn,
        "SELECT COUNT(*) AS count FROM projects WHERE version <> COALESCE((SELECT MAX(changes.version) FROM changes \
         WHERE aggregate = 'project' AND aggregate_id = CAST(projects.id AS text)), 0)",
    )
}
