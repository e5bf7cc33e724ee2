//! Backups: taken while people write, restored to either kind of database, and refused where they are not whole.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use chrono::DateTime;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use samsyn::auth::Role;
use samsyn::db::{self, Address, Conn};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::durability::Server;
use crate::projects::terminal;
use crate::schema::{column_names, table_names};
use crate::support::{PASSWORD, TestApp, TestDatabase, email};

/// Runs the program on a database; whether it succeeded, and what it said.
pub(crate) fn run(database: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_samsyn"));
    let output = command.args(arguments).env("DATABASE_URL", database).env("SAMSYN_LOG", "warn").output();
    let output = output.expect("the program");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[track_caller]
fn succeeds(database: &TestDatabase, arguments: &[&str]) -> String {
    let (succeeded, said) = run(&database.url(), arguments);
    assert!(succeeded, "{arguments:?}: {said}");
    said
}

#[track_caller]
fn is_refused(database: &TestDatabase, arguments: &[&str], words: &str) {
    let (succeeded, said) = run(&database.url(), arguments);
    assert!(!succeeded && said.contains(words), "{arguments:?}: {said}");
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn file(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

/// A value as both databases mean it: truth as a number, instants in one form, JSON by its meaning.
fn plain(value: Value) -> Value {
    match value {
        Value::Bool(truth) => json!(i64::from(truth)),
        Value::String(text) => match DateTime::parse_from_rfc3339(&text) {
            Ok(at) => json!(at.to_utc().timestamp_micros()),
            Err(_) if text.starts_with(['{', '[']) => serde_json::from_str(&text).unwrap_or(json!(text)),
            Err(_) => json!(text),
        },
        other => other,
    }
}

type Rows = BTreeMap<String, Vec<String>>;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every row of every table, in order.
fn rows(database: &TestDatabase) -> Rows {
    let mut conn = database.address().connect().expect("a connection");
    let read = |table: String| {
        let members = column_names(&mut conn, &table).into_iter().map(|name| match (&conn, name.as_str()) {
            (Conn::Sqlite(_), "private_key") => format!("'{name}', '\\x' || lower(hex(\"{name}\"))"),
            _ => format!("'{name}', \"{name}\""),
        });
        let members = members.collect::<Vec<_>>().join(", ");
        let object = match conn {
            Conn::Postgres(_) => format!("CAST(jsonb_build_object({members}) AS text)"),
            Conn::Sqlite(_) => format!("json_object({members})"),
        };
        let query = diesel::sql_query(format!("SELECT {object} AS line FROM \"{table}\""));
        let lines: Vec<Line> = query.load(&mut conn).expect("rows");
        let row = |line: Line| {
            let row: BTreeMap<String, Value> = serde_json::from_str(&line.line).expect("a row");
            json!(row.into_iter().map(|(name, value)| (name, plain(value))).collect::<BTreeMap<_, _>>()).to_string()
        };
        let mut rows: Vec<String> = lines.into_iter().map(row).collect();
        rows.sort();
        (table, rows)
    };
    let names = table_names(&mut database.address().connect().expect("a connection"));
    names.into_iter().map(read).collect()
}

#[track_caller]
fn same(one: &Rows, other: &Rows) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (table, rows) in one {
        assert_eq!(rows, &other[table], "{table}");
    }
}

fn number(database: &TestDatabase, query: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let mut conn = database.address().connect().expect("a connection");
    let rows: Vec<Count> = diesel::sql_query(query).load(&mut conn).expect("a number");
    rows[0].count
}

fn is_empty(database: &TestDatabase) -> bool {
    table_names(&mut database.address().connect().expect("a connection")).is_empty()
}

fn execute(database: &TestDatabase, statements: &str) {
    let mut conn = database.address().connect().expect("a connection");
    conn.batch_execute(statements).expect(statements);
}

/// A database of a service that has been used, and the kinds of databases that there are to restore to.
async fn used() -> TestApp {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = project.location().to_owned();
    officer.change("PATCH", &path, project.etag(), json!({"title": "Åäö — “𝔘” \\u0000 \n\t'\"\\"})).await.expect(200);
    officer.post("/organisations", json!({"name": "Sågen", "sector": "business"})).await.expect(201);
    let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
    app.anonymous().post("/sessions", credentials).await.expect(201);
    let wrong = json!({"email": email(Role::Reader), "password": "fel"});
    app.anonymous().post("/sessions", wrong).await.expect(401);
    app
}

#[actix_web::test]
async fn a_backup_restores_to_either_kind_row_by_row() {
    let (app, folder) = (used().await, Folder::new());
    let (source, archive) = (&app.database, folder.file("samsyn.zip"));
    let said = succeeds(source, &["backup", &archive]);
    let all: i64 = source.counts().iter().map(|(_, count)| count).sum();
    assert!(said.contains(&format!("{all} rows in {} tables", source.counts().len())), "{said}");
    let expected = rows(source);
    let [there, file, back] = [TestDatabase::empty(), TestDatabase::file(), TestDatabase::empty()];
    for target in [&there, &file] {
        succeeds(target, &["restore", &archive]);
        same(&rows(target), &expected);
    }
    // The archive of what was restored holds the same.
    let again = folder.file("again.zip");
    succeeds(&file, &["backup", &again]);
    succeeds(&back, &["restore", &again]);
    same(&rows(&back), &expected);
}

#[actix_web::test]
async fn a_service_moves_from_one_database_to_another_with_one_command() {
    let (app, moved, returned) = (used().await, TestDatabase::file(), Rc::new(TestDatabase::empty()));
    let officer = app.officer();
    let listed = officer.get("/projects?limit=1&sort=-createdAt").await.expect(200);
    let path = format!("/projects/{}", listed.all("projects", "id")[0]);
    let before = officer.get(&path).await.expect(200);
    let latest = number(&app.database, "SELECT MAX(number) AS count FROM changes");
    succeeds(&moved, &["restore", &app.database.url()]);
    succeeds(&returned, &["restore", &moved.url()]);
    same(&rows(&returned), &rows(&app.database));
    for database in [Rc::new(moved), returned] {
        let after = TestApp::over(Rc::clone(&database)).await;
        // Who was signed in still is, by the same key, and sees the same to the byte.
        let found = after.officer().get(&path).await.expect(200);
        assert_eq!((found.etag(), found.text()), (before.etag(), before.text()));
        let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
        let session = after.anonymous().post("/sessions", credentials).await.expect(201);
        let token = session.body["accessToken"].as_str().expect("a token").to_owned();
        let next = number(&database, "SELECT MAX(number) AS count FROM changes");
        after.bearer(&token).change("PATCH", &path, found.etag(), json!({"title": "Nytt"})).await.expect(200);
        let numbers = "SELECT COUNT(*) AS count FROM changes WHERE number > ";
        assert_eq!(number(&database, &format!("{numbers}{latest}")), next - latest + 1, "numbers go on without a gap");
        let history = after.officer().get(&format!("{path}/history")).await.expect(200);
        assert!(history.total() > 1);
    }
}

#[test]
fn a_backup_under_writes_is_of_one_moment() {
    let (database, folder) = (TestDatabase::new(), Folder::new());
    let server = Server::start(&database);
    let (token, port) = (server.sign_in(), server.port);
    let (done, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let writer = |name: usize| {
        let (token, done, acknowledged) = (token.clone(), Arc::clone(&done), Arc::clone(&acknowledged));
        thread::spawn(move || {
            for round in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let mut project = terminal();
                project["title"] = json!(format!("Projekt {name}.{round}"));
                let (status, body) = Server::call(port, "POST", "/projects", &token, &project).expect("an answer");
                assert_eq!(status, 201, "{body}");
                acknowledged.lock().expect("the list").push(body["id"].as_str().unwrap_or_default().to_owned());
            }
        })
    };
    let writers: Vec<_> = (0..3).map(writer).collect();
    let (mut before, mut archives) = (Vec::new(), Vec::new());
    for round in 0..3 {
        while acknowledged.lock().expect("the list").len() < 10 * (round + 1) {
            thread::sleep(std::time::Duration::from_millis(5));
        }
        before.push(acknowledged.lock().expect("the list").clone());
        let archive = folder.file(&format!("{round}.zip"));
        succeeds(&database, &["backup", &archive]);
        archives.push(archive);
    }
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().expect("a writer");
    }
    let wrote = acknowledged.lock().expect("the list").len();
    assert!(wrote > before[2].len(), "writes went on while it was taken");
    for (archive, before) in archives.iter().zip(before) {
        for target in [TestDatabase::empty(), TestDatabase::file()] {
            succeeds(&target, &["restore", archive]);
            for id in &before {
                assert_eq!(number(&target, &format!("SELECT COUNT(*) AS count FROM projects WHERE id = '{id}'")), 1);
            }
            let projects = number(&target, "SELECT COUNT(*) AS count FROM projects");
            for (parts, of_each) in [("alignments", 2), ("costs", 1), ("funding_lines", 2), ("project_texts", 1)] {
                let count = number(&target, &format!("SELECT COUNT(*) AS count FROM {parts}"));
                assert_eq!(count, of_each * projects, "no project without all its {parts}");
            }
            let created = "SELECT COUNT(*) AS count FROM changes WHERE kind = 'project.created'";
            assert_eq!(number(&target, created), projects, "the journal is of the same moment");
        }
    }
    drop(server);
    let (moved, archive) = (TestDatabase::file(), folder.file("last.zip"));
    succeeds(&database, &["backup", &archive]);
    succeeds(&moved, &["restore", &archive]);
    same(&rows(&moved), &rows(&database));
}

#[test]
fn every_value_comes_back_as_it_was() {
    let (source, target, back) = (TestDatabase::file(), TestDatabase::empty(), TestDatabase::file());
    succeeds(&source, &["migrate"]);
    let text = "å 漢 🏔 \u{feff}\u{2028}\u{7f}\u{1} \\u0041 %s {}".replace('\'', "''");
    execute(
        &source,
        &format!(
            "INSERT INTO changes (number, at, actor, kind, aggregate, aggregate_id, version, before, after) VALUES \
             (9000000000000000000, '0001-01-01T00:00:00.000001Z', NULL, '{text}', '', ' ', -9223372036854775808, NULL, \
              '{{\"z\": 1, \"a\": [1e16, 0.1, -0.0, 123456789012345678, 1.50, null, true, {{}}, \"å\\n\\u2028\"]}}'), \
             (9000000000000000001, '9999-12-31T23:59:59.999999Z', '01234567-89ab-cdef-0123-456789abcdef', 'x', '', '', \
              9223372036854775807, '\"text\"', 'null'); \
             INSERT INTO signing_keys VALUES ('none', x'', '2024-02-29T12:00:00.120000Z'), \
             ('bytes', x'00ff0a5c27', '2024-02-29T12:00:00.000000Z')"
        ),
    );
    succeeds(&target, &["restore", &source.url()]);
    succeeds(&back, &["restore", &target.url()]);
    let (first, last) = (rows(&source), rows(&back));
    for table in ["changes", "signing_keys"] {
        // PostgreSQL writes numbers of JSON with all their digits.
        let numbers = |rows: &[String]| rows.join("\n").replace("1e+16", "10000000000000000").replace("-0.0", "0.0");
        assert_eq!(numbers(&first[table]), numbers(&last[table]));
    }
    // The next number is the one after the highest.
    execute(
        &target,
        "INSERT INTO changes (at, kind, aggregate, aggregate_id, version) VALUES ('2024-02-29T12:00:00Z', '', '', '', 1)",
    );
    assert_eq!(number(&target, "SELECT MAX(number) AS count FROM changes"), 9_000_000_000_000_000_002);
}

#[test]
fn what_a_database_cannot_keep_is_told_and_nothing_is_left() {
    let (source, target, twin) = (TestDatabase::file(), TestDatabase::empty(), TestDatabase::file());
    succeeds(&source, &["migrate"]);
    execute(&source, "INSERT INTO municipalities VALUES ('0000', 'A' || char(0) || 'B', 'kort', '00')");
    succeeds(&twin, &["restore", &source.url()]);
    assert_eq!(number(&twin, "SELECT length(CAST(name AS BLOB)) AS count FROM municipalities"), 3);
    if let Address::Postgres(_) = target.address() {
        is_refused(&target, &["restore", &source.url()], "a row of the table municipalities");
        is_refused(&target, &["restore", &source.url()], "NUL");
        assert!(is_empty(&target));
    }
}

#[test]
fn a_backup_of_an_older_schema_is_migrated_on() {
    let (older, folder) = (TestDatabase::file(), Folder::new());
    let mut conn = older.address().connect().expect("a connection");
    db::migrate_to(&mut conn, Some("0009_funding_rules")).expect("migrations");
    drop(conn);
    let (project, line) = ("01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002");
    let at = "2024-05-06T07:08:09.123456Z";
    execute(
        &older,
        &format!(
            "INSERT INTO municipalities VALUES ('2417', 'Norsjö kommun', 'Norsjö', '24'); \
             INSERT INTO strategies VALUES ('s', '2417', '2014-01-01', '2020-12-31', 'S', 'S', 'V', 'V', 'en', 0, 'K', NULL, 1); \
             INSERT INTO funding_sources (code, name_sv, name_en, name_key, type, citations, version, created_at, updated_at, rules) \
             VALUES ('k', 'K', 'K', 'k', 'municipal', '[]', 1, '{at}', '{at}', '[{{\"rule\": \"maxShare\"}}]'); \
             INSERT INTO projects (id, reference, strategy_id, kind, title, title_key, status, visibility, version, created_at, updated_at) \
             VALUES ('{project}', '2024-AAAAA', 's', 'other', 'Gammalt', 'gammalt', 'draft', 'internal', 1, '{at}', '{at}'); \
             INSERT INTO funding_lines (id, project_id, source_code, kind, amount, currency, commitment) \
             VALUES ('{line}', '{project}', 'k', 'publicCash', 12345, 'SEK', 'granted'); \
             INSERT INTO words (word) VALUES ('gammal'); INSERT INTO project_words VALUES ('{project}', 1)"
        ),
    );
    let archive = folder.file("older.zip");
    assert!(succeeds(&older, &["backup", &archive]).contains("schema 0009_funding_rules"));
    let (fresh, there) = (TestDatabase::empty(), TestDatabase::empty());
    succeeds(&fresh, &["migrate"]);
    for target in [&there, &TestDatabase::file()] {
        succeeds(target, &["restore", &archive]);
        let count = "SELECT COUNT(*) AS count FROM commitments WHERE amount = 12345 AND commitment = 'granted'";
        assert_eq!(number(target, count), 1, "amounts have become steps");
        assert_eq!(number(target, "SELECT total_granted AS count FROM projects"), 12345);
    }
    let shape = |database: &TestDatabase| rows(database).into_keys().collect::<Vec<_>>();
    assert_eq!(shape(&there), shape(&fresh));
}

#[test]
fn only_an_empty_database_is_filled() {
    let (source, folder) = (TestDatabase::new(), Folder::new());
    let archive = folder.file("samsyn.zip");
    succeeds(&source, &["backup", &archive]);
    let used = TestDatabase::new();
    let before = rows(&used);
    is_refused(&used, &["restore", &archive], "the database is in use");
    is_refused(&used, &["restore", &used.url()], "the database is in use");
    let server = Server::start(&used);
    is_refused(&used, &["restore", &archive], "the database is in use");
    drop(server);
    assert_eq!(rows(&used)["projects"], before["projects"]);
    same(&rows(&used), &before);
    // Migrated alone it is as good as new, and to what the archive has.
    let migrated = TestDatabase::empty();
    succeeds(&migrated, &["migrate"]);
    succeeds(&migrated, &["restore", &archive]);
    same(&rows(&migrated), &rows(&source));
}

#[test]
fn a_backup_is_a_new_file_for_its_owner_alone() {
    let (source, folder) = (TestDatabase::new(), Folder::new());
    let archive = folder.file("samsyn.zip");
    succeeds(&source, &["backup", &archive]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&archive).expect("the file").permissions().mode() & 0o777, 0o600);
    }
    let bytes = std::fs::read(&archive).expect("the file");
    is_refused(&source, &["backup", &archive], "exists already");
    assert_eq!(std::fs::read(&archive).expect("the file"), bytes);
    is_refused(&source, &["backup", &folder.file("none/samsyn.zip")], "nothing can be written in");
    let missing = format!("sqlite:{}", folder.file("missing.db"));
    let (succeeded, said) = run(&missing, &["backup", &folder.file("other.zip")]);
    assert!(!succeeded && said.contains("there is no database file"), "{said}");
    is_refused(&TestDatabase::empty(), &["restore", &missing], "there is no database file");
    let empty = TestDatabase::empty();
    empty.address().connect().expect("a connection");
    is_refused(&empty, &["backup", &folder.file("other.zip")], "the database is empty");
    execute(&source, "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')");
    is_refused(&source, &["backup", &folder.file("other.zip")], "migration 9999");
    let left: Vec<_> =
        std::fs::read_dir(folder.0.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["samsyn.zip"], "nothing half done is left");
}

/// The files of an archive.
fn unpack(archive: &str) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(std::fs::File::open(archive).expect("the file")).expect("an archive");
    let names: Vec<String> = zip.file_names().flatten().map(|name| name.to_string()).collect();
    let read = |name: String| {
        let mut content = Vec::new();
        zip.by_name(&name).expect("a part").read_to_end(&mut content).expect("its content");
        (name, content)
    };
    names.into_iter().map(read).collect()
}

fn pack(files: &BTreeMap<String, Vec<u8>>, path: &Path) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).expect("a file"));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(content).expect("its content");
    }
    zip.finish().expect("an archive");
}

/// What somebody does to an archive's files.
type Change = Box<dyn Fn(&mut BTreeMap<String, Vec<u8>>)>;

const MANIFEST: &str = "samsyn-backup.json";

/// Changes a table's file and the manifest with it, as somebody would who knows how.
fn forge(files: &mut BTreeMap<String, Vec<u8>>, table: &str, change: impl FnOnce(String) -> String) {
    let file = files.get_mut(&format!("tables/{table}.jsonl")).expect("a table");
    let text = change(String::from_utf8(file.clone()).expect("text"));
    *file = text.clone().into_bytes();
    manifest(files, |manifest| {
        let tables = manifest["tables"].as_array_mut().expect("tables");
        let own = tables.iter_mut().find(|own| own["name"] == table).expect("the table");
        own["rows"] = json!(text.lines().count());
        own["sha256"] = json!(samsyn::http::body::hex(&Sha256::digest(text.as_bytes())));
    });
}

fn manifest(files: &mut BTreeMap<String, Vec<u8>>, change: impl FnOnce(&mut Value)) {
    let mut manifest = serde_json::from_slice(&files[MANIFEST]).expect("JSON");
    change(&mut manifest);
    files.insert(MANIFEST.to_owned(), manifest.to_string().into_bytes());
}

#[test]
fn an_archive_that_is_not_whole_or_not_true_changes_nothing() {
    let (source, folder) = (TestDatabase::new(), Folder::new());
    let archive = folder.file("samsyn.zip");
    succeeds(&source, &["backup", &archive]);
    let (bytes, wrong) = (std::fs::read(&archive).expect("the file"), PathBuf::from(folder.file("wrong.zip")));
    let targets = [TestDatabase::empty(), TestDatabase::file()];
    let refused = |words: &str| {
        for target in &targets {
            is_refused(target, &["restore", &wrong.display().to_string()], words);
            assert!(is_empty(target), "{words}");
        }
    };
    for length in [0, 1, 1000, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&wrong, &bytes[..length]).expect("written");
        refused("no whole archive");
    }
    std::fs::write(&wrong, "text").expect("written");
    refused("no whole archive");
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 3] ^= 0x10;
    std::fs::write(&wrong, flipped).expect("written");
    refused("damaged");
    let files = unpack(&archive);
    let cases: Vec<(&str, Change)> = vec![
        ("no whole archive", Box::new(|files| drop(files.remove(MANIFEST)))),
        ("manifest cannot be read", Box::new(|files| drop(files.insert(MANIFEST.to_owned(), b"{}".to_vec())))),
        ("its manifest names", Box::new(|files| drop(files.insert("more".to_owned(), Vec::new())))),
        ("its manifest names", Box::new(|files| drop(files.remove("tables/users.jsonl")))),
        ("newer: restore it with that", Box::new(|files| manifest(files, |own| own["form"] = json!(2)))),
        ("restore it with the newer one", Box::new(|files| manifest(files, |own| own["level"] = json!("0999_later")))),
        ("tables of the schema", Box::new(|files| manifest(files, |own| own["level"] = json!("0017_imports")))),
        (
            "users is not as it was",
            Box::new(|files| {
                manifest(files, |own| {
                    let tables = own["tables"].as_array_mut().expect("tables");
                    let users = tables.iter_mut().find(|table| table["name"] == "users").expect("users");
                    users["rows"] = json!(4);
                });
            }),
        ),
        (
            "users is not as it was",
            Box::new(|files| {
                let users = files.get_mut("tables/users.jsonl").expect("users");
                let text = String::from_utf8(users.clone()).expect("text").replace("reader", "officer");
                *users = text.into_bytes();
            }),
        ),
        (
            "users is not as it was",
            Box::new(|files| {
                let users = files.get_mut("tables/users.jsonl").expect("users");
                users.truncate(users.len() / 2);
            }),
        ),
        // From here on everything fits the manifest, and only the database can tell.
        ("sessions", Box::new(|files| forge(files, "users", |_| String::new()))),
        ("users", Box::new(|files| forge(files, "users", |text| text.replace("\"reader\"", "\"ruler\"")))),
        ("users", Box::new(|files| forge(files, "users", |text| text.clone() + &text))),
        ("users", Box::new(|files| forge(files, "users", |text| text.replacen('"', "1", 1)))),
        ("damaged", Box::new(|files| forge(files, "users", |text| text.replacen('[', "[null,", 1)))),
        (
            "columns of the table users",
            Box::new(|files| {
                manifest(files, |own| {
                    let tables = own["tables"].as_array_mut().expect("tables");
                    let users = tables.iter_mut().find(|table| table["name"] == "users").expect("users");
                    users["columns"][0] = json!("id\" = 1; DROP TABLE users; --");
                });
            }),
        ),
    ];
    for (words, change) in cases {
        let mut files = files.clone();
        change(&mut files);
        pack(&files, &wrong);
        refused(words);
    }
    // It was none of the targets' fault.
    pack(&files, &wrong);
    for target in &targets {
        succeeds(target, &["restore", &wrong.display().to_string()]);
        same(&rows(target), &rows(&source));
    }
}
