//! A long run of its own: exports of more projects than memory holds.
//!
//!   cargo test --release --test api -- --ignored --nocapture million

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use samsyn::auth::Role;
use samsyn::db::{Address, Conn};
use samsyn::project;
use samsyn::project::wire::NewProject;

use crate::durability::Server;
use crate::projects::terminal;
use crate::schema::column_names;
use crate::support::{TestDatabase, principal};

/// How much memory an export may take, in KiB.
const LIMIT: u64 = 256 * 1024;

/// A project of the terminal's kind, so many times, copied by the database: ids begin with the copy's number.
fn fill(database: &TestDatabase, count: u32) {
    let new: NewProject = serde_json::from_value(terminal()).expect("a project");
    let register = |conn: &mut Conn| project::http::register(conn, &principal(Role::Officer), new.clone()).map(drop);
    database.pool().write_now(register).expect("a project");
    let mut conn = database.address().connect().expect("a connection");
    let settings = "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA secure_delete = OFF; BEGIN";
    conn.batch_execute(settings).expect("settings");
    for table in [
        "projects",
        "project_texts",
        "project_municipalities",
        "alignments",
        "stakeholders",
        "costs",
        "funding_lines",
        "commitments",
    ] {
        let value = |column: &String| match column.as_str() {
            "id" | "project_id" | "funding_line_id" => format!("printf('%08x', number) || substr({column}, 9)"),
            "reference" => "'M' || number".to_owned(),
            other => other.to_owned(),
        };
        let columns = column_names(&mut conn, table);
        let (names, values) = (columns.join(", "), columns.iter().map(value).collect::<Vec<_>>().join(", "));
        let copy = format!(
            "WITH RECURSIVE copies (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM copies WHERE number < {count} + 1) \
             INSERT INTO {table} ({names}) SELECT {values} FROM copies, (SELECT * FROM {table})"
        );
        conn.batch_execute(&copy).expect("copies");
    }
    conn.batch_execute("COMMIT").expect("copies");
}

fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

/// Takes an export to its end, and says how many lines and bytes it has. Half a file fails.
fn take(server: &Server, token: &str, target: &str) -> (u64, u64) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_mins(10))).expect("a time limit");
    let request = format!(
        "GET /samsyn/v1/exports/{target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut reader = BufReader::new(stream);
    assert!(line(&mut reader).contains(" 200 "));
    while !line(&mut reader).is_empty() {}
    let (mut lines, mut bytes, mut chunk) = (0, 0, Vec::new());
    loop {
        let size = usize::from_str_radix(&line(&mut reader), 16).expect("the size of a chunk");
        if size == 0 {
            return (lines, bytes);
        }
        // Two more end the chunk.
        chunk.resize(size + 2, 0);
        reader.read_exact(&mut chunk).expect("a chunk");
        lines += chunk[..size].split(|byte| *byte == b'\n').count() as u64 - 1;
        bytes += size as u64;
    }
}

fn export(count: u32, target: &str) -> (u64, u64) {
    let database = TestDatabase::new();
    assert!(matches!(database.address(), Address::Sqlite(_)), "run it on SQLite");
    let began = Instant::now();
    fill(&database, count);
    let filled = began.elapsed();
    let server = Server::start(&database);
    let token = server.sign_in();
    let (before, began) = (server.peak_memory(), Instant::now());
    let (lines, bytes) = take(&server, &token, target);
    let (after, took) = (server.peak_memory(), began.elapsed());
    eprintln!(
        "{target}: {} projects, filled in {:.0} s; {lines} lines, {} MiB in {:.0} s; VmHWM {} MiB, {} MiB before",
        count + 1,
        filled.as_secs_f64(),
        bytes >> 20,
        took.as_secs_f64(),
        after >> 10,
        before >> 10
    );
    (lines, after)
}

#[test]
#[ignore = "fills a database of several GiB and takes some minutes"]
fn a_million_projects_are_exported_in_little_memory() {
    let (lines, memory) = export(1_000_000, "projects");
    assert_eq!(lines, 1 + 1_000_001, "a row each below the header");
    assert!(memory < LIMIT, "{memory} KiB");
}

#[test]
#[ignore = "takes a minute"]
fn a_workbook_of_twenty_thousand_projects_is_made_in_little_memory() {
    let (_, memory) = export(20_000, "workbook");
    assert!(memory < LIMIT, "{memory} KiB");
}
