//! The two databases' schemas: twins, and migrated forth and back.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use diesel::connection::{Connection, SimpleConnection};
use diesel::sql_types::{Bool, Text};
use diesel::{RunQueryDsl, SqliteConnection};
use samsyn::db::{self, Address, Conn};

use crate::support::TestDatabase;

#[derive(diesel::QueryableByName, Debug)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The tables that Samsyn made.
pub(crate) fn table_names(conn: &mut Conn) -> Vec<String> {
    let query = match conn {
        Conn::Postgres(_) => {
            "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
        }
        Conn::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        }
    };
    let names: Vec<Name> = diesel::sql_query(query).load(conn).expect("names");
    names.into_iter().map(|row| row.name).filter(|name| !name.starts_with("__diesel")).collect()
}

fn index_names(conn: &mut Conn) -> BTreeSet<String> {
    let query = match conn {
        Conn::Postgres(_) => {
            "SELECT indexname::text AS name FROM pg_indexes WHERE schemaname = 'public' \
             AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'"
        }
        Conn::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'",
    };
    let names: Vec<Name> = diesel::sql_query(query).load(conn).expect("names");
    names.into_iter().map(|row| row.name).collect()
}

#[derive(diesel::QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

fn columns(conn: &mut Conn, table: &str) -> BTreeSet<Column> {
    let query = match conn {
        Conn::Postgres(_) => format!(
            "SELECT column_name::text AS name, is_nullable = 'YES' AS nullable \
             FROM information_schema.columns WHERE table_name = '{table}'"
        ),
        Conn::Sqlite(_) => {
            format!("SELECT name, \"notnull\" = 0 AND pk = 0 AS nullable FROM pragma_table_info('{table}')")
        }
    };
    diesel::sql_query(query).load(conn).expect("columns").into_iter().collect()
}

/// The names of a table's columns.
pub(crate) fn column_names(conn: &mut Conn, table: &str) -> Vec<String> {
    columns(conn, table).into_iter().map(|column| column.name).collect()
}

type Schema = (Vec<String>, BTreeSet<String>, Vec<BTreeSet<Column>>);

fn schema(conn: &mut Conn) -> Schema {
    let tables = table_names(conn);
    let columns = tables.iter().map(|table| columns(conn, table)).collect();
    (tables, index_names(conn), columns)
}

#[test]
fn migrations_go_forth_and_back_and_forth_to_the_same_schema() {
    let database = TestDatabase::empty();
    let mut conn = database.address().connect().expect("a connection");
    assert!(db::migrate(&mut conn).expect("forth") > 0);
    let first = schema(&mut conn);
    db::revert(&mut conn).expect("back");
    assert_eq!(table_names(&mut conn), Vec::<String>::new());
    db::migrate(&mut conn).expect("forth again");
    assert_eq!(schema(&mut conn), first);
    assert_eq!(db::migrate(&mut conn).expect("nothing left"), 0);
}

#[test]
fn a_new_file_that_another_program_has_just_begun_is_waited_for() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("new.db").display().to_string();
    let mut other = SqliteConnection::establish(&file).expect("a connection");
    other.batch_execute("BEGIN IMMEDIATE").expect("the turn to write");
    thread::scope(|scope| {
        let opened = scope.spawn(|| Address::Sqlite(file).connect().map(drop));
        thread::sleep(Duration::from_millis(300));
        other.batch_execute("COMMIT").expect("the turn is over");
        opened.join().expect("an answer").expect("a connection");
    });
}

#[test]
fn the_databases_are_twins() {
    let (postgres, sqlite) = db::migration_names().expect("names");
    assert_eq!(postgres, sqlite);
    // The other side of the comparison comes from SQLite, which is always at hand.
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("twin.db").display().to_string();
    let mut twin = Address::Sqlite(file).connect().expect("a connection");
    db::migrate(&mut twin).expect("migrations");
    let database = TestDatabase::new();
    let mut conn = database.address().connect().expect("a connection");
    assert_eq!(schema(&mut conn), schema(&mut twin));
}
