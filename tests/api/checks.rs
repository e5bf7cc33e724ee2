//! `samsyn check`: what it says of a service that is well, and of one that is not.

use std::process::Command;

use diesel::connection::SimpleConnection;
use samsyn::db::Address;

use crate::support::TestDatabase;

/// Whether the check succeeded, and its lines.
fn check(database: &str, settings: &[&str]) -> (bool, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samsyn"));
    let output = command.arg("check").args(settings).env("DATABASE_URL", database).output().expect("the program");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

#[track_caller]
fn says(database: &str, settings: &[&str], start: &str, words: &str) {
    let (succeeded, lines) = check(database, settings);
    let line = lines.iter().find(|line| line.starts_with(start) && line.contains(words));
    assert!(line.is_some(), "{start} … {words}: {lines:#?}");
    assert_eq!(succeeded, !lines.iter().any(|line| line.starts_with("fail")), "{lines:#?}");
}

fn execute(database: &TestDatabase, statements: &str) {
    let mut conn = database.address().connect().expect("a connection");
    conn.batch_execute(statements).expect(statements);
}

#[test]
fn an_address_that_is_none_is_refused_without_its_password() {
    for command in ["check", "migrate", "serve"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_samsyn"));
        let output = program.arg(command).env("DATABASE_URL", "postgress://samsyn:hemligt@db/samsyn").output();
        let output = output.expect("the program");
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(!output.status.success() && said.contains("DATABASE_URL") && !said.contains("hemligt"), "{said}");
    }
}

#[test]
fn a_service_that_is_well_passes_every_check() {
    let database = TestDatabase::new();
    database.pool().write_now(samsyn::seed::demonstration).expect("demonstration");
    let before = database.counts();
    let (succeeded, lines) = check(&database.url(), &["--public-url", "https://samsyn.example.se"]);
    assert!(succeeded, "{lines:#?}");
    let subjects: Vec<_> = lines.iter().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let expected: &[&str] = match database.address() {
        Address::Sqlite(_) => {
            &["settings", "disk", "disk", "file", "database", "schema", "integrity", "journal", "keys", "clock"]
        }
        Address::Postgres(_) => &["settings", "disk", "database", "schema", "journal", "keys", "clock"],
    };
    assert_eq!(subjects, expected);
    assert!(lines.iter().all(|line| line.starts_with("ok ") || line.contains("disk")), "{lines:#?}");
    assert_eq!(database.counts(), before, "nothing is changed");
}

#[test]
fn a_check_says_what_is_wrong_with_the_settings() {
    let (database, folder) = (TestDatabase::new(), tempfile::TempDir::new().expect("a folder"));
    let url = database.url();
    says(&url, &["--public-url", "http://samsyn.example.se"], "fail settings", "SAMSYN_PUBLIC_URL");
    says(&url, &["--listen", "0.0.0.0:8080"], "fail settings", "https");
    says(&url, &["--listen", "127.0.0.1:8080"], "ok   settings", "http://127.0.0.1:8080");
    says(&url, &["--public-url", "http://localhost:8080"], "ok   settings", "http://localhost:8080");
    let file = folder.path().join("issuers.json").display().to_string();
    says(&url, &["--issuers-file", &file], "fail settings", "issuers.json");
    std::fs::write(&file, r#"[{"issuer": 1}]"#).expect("written");
    says(&url, &["--issuers-file", &file], "fail settings", "issuers.json");
    std::fs::write(&file, "[]").expect("written");
    says(&url, &["--issuers-file", &file], "ok   settings", "issuers.json");
}

#[test]
fn a_check_says_what_is_wrong_with_the_database() {
    let missing = tempfile::TempDir::new().expect("a folder").path().join("none.db").display().to_string();
    says(&format!("sqlite:{missing}"), &[], "fail database", "there is no database file");
    assert!(!std::path::Path::new(&missing).exists(), "asking does not make it");
    says("postgres://nobody@127.0.0.1:1/none", &[], "fail database", "DATABASE_URL");
    let empty = TestDatabase::empty();
    empty.address().connect().expect("a connection");
    says(&empty.url(), &[], "fail schema", "run samsyn migrate");

    let database = TestDatabase::new();
    let url = database.url();
    execute(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    says(&url, &[], "fail schema", "9999");
    execute(&database, "DELETE FROM __diesel_schema_migrations WHERE version IN ('9999', '0018')");
    says(&url, &[], "fail schema", "0018_webhooks");
    execute(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('0018')");

    execute(&database, "UPDATE signing_keys SET created_at = '2020-01-02T00:00:00.000000Z'");
    says(&url, &[], "warn keys", "2020-01-02");
    execute(&database, "DELETE FROM signing_keys");
    says(&url, &[], "warn keys", "no signing key");
    execute(
        &database,
        "INSERT INTO signing_keys VALUES ('x', '\\x00', '2020-01-02T00:00:00.000000Z')"
            .replace("'\\x00'", if matches!(database.address(), Address::Sqlite(_)) { "x'00'" } else { "'\\x00'" })
            .as_str(),
    );
    says(&url, &[], "fail keys", "samsyn keys rotate");
    execute(&database, "DELETE FROM signing_keys");
}

#[test]
fn a_check_reads_the_journal_and_the_clock() {
    let database = TestDatabase::new();
    database.pool().write_now(samsyn::seed::demonstration).expect("demonstration");
    let url = database.url();
    says(&url, &[], "ok   journal", "every project");
    execute(
        &database,
        "UPDATE projects SET version = version + 1 WHERE title_key = (SELECT MIN(title_key) FROM projects)",
    );
    says(&url, &[], "fail journal", "1 projects");
    execute(
        &database,
        "UPDATE projects SET version = version - 1 WHERE title_key = (SELECT MIN(title_key) FROM projects)",
    );
    let change = |at: &str| {
        let columns = "INSERT INTO changes (at, kind, aggregate, aggregate_id, version)";
        execute(&database, &format!("{columns} VALUES ('{at}', 'test.made', 'test', 'x', 1)"));
    };
    change("2020-01-01T00:00:00.000000Z");
    says(&url, &[], "warn journal", "1 times");
    change("2999-01-01T00:00:00.000000Z");
    says(&url, &[], "fail clock", "behind the latest change");
}

#[cfg(unix)]
#[test]
fn a_check_says_who_reads_the_database_file_and_whether_it_is_whole() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::file();
    let Address::Sqlite(path) = database.address() else { panic!("a file") };
    let mut conn = database.address().connect().expect("a connection");
    samsyn::db::migrate(&mut conn).expect("migrations");
    for (mode, start) in [(0o600, "ok   file"), (0o640, "ok   file"), (0o644, "fail file"), (0o602, "fail file")] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("another mode");
        says(&database.url(), &[], start, &format!("{mode:o}"));
    }
    conn.batch_execute("PRAGMA foreign_keys = OFF; INSERT INTO project_texts VALUES ('none', '')").expect("a row");
    says(&database.url(), &[], "fail integrity", "project_texts");
    conn.batch_execute("DELETE FROM project_texts; PRAGMA wal_checkpoint(TRUNCATE)").expect("whole again");
    drop(conn);
    says(&database.url(), &[], "ok   integrity", "whole");
    // A page in the middle of the file, as a disk may lose it.
    let mut bytes = std::fs::read(&path).expect("the file");
    let half = bytes.len() / 2 / 4096 * 4096;
    bytes[half..half + 4096].fill(0xa5);
    std::fs::write(&path, bytes).expect("written");
    let (succeeded, lines) = check(&database.url(), &[]);
    assert!(!succeeded && lines.iter().any(|line| line.starts_with("fail integrity")), "{lines:#?}");
}
