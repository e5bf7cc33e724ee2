//! Migrations of databases that are in use: there and back with their data, and under an older program that still serves.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use samsyn::db::{self, Conn};
use serde_json::Value;

use crate::durability::Server;
use crate::personal_data::{employ, work};
use crate::projects::{idea, terminal};
use crate::schema::{column_names, table_names};
use crate::support::{TestApp, TestDatabase};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// The values of every column, in an order of their own, by table and column.
fn values(conn: &mut Conn) -> BTreeMap<(String, String), Vec<String>> {
    let mut values = BTreeMap::<_, Vec<_>>::new();
    for table in table_names(conn) {
        let columns = column_names(conn, &table);
        let object = match conn {
            Conn::Postgres(_) => format!("to_jsonb(\"{table}\")::text"),
            Conn::Sqlite(_) => {
                let members: Vec<_> = columns.iter().map(|name| format!("'{name}', quote(\"{name}\")")).collect();
                format!("json_object({})", members.join(", "))
            }
        };
        let query = diesel::sql_query(format!("SELECT {object} AS row FROM \"{table}\""));
        let rows: Vec<Row> = query.load(conn).expect("rows");
        for column in &columns {
            values.insert((table.clone(), column.clone()), Vec::new());
        }
        for row in rows {
            let row: BTreeMap<String, Value> = serde_json::from_str(&row.row).expect("a row");
            for (column, value) in row {
                values.entry((table.clone(), column)).or_default().push(value.to_string());
            }
        }
    }
    for values in values.values_mut() {
        values.sort();
    }
    values
}

/// Checks that what is in both is the same.
fn agree(
    before: &BTreeMap<(String, String), Vec<String>>,
    after: &BTreeMap<(String, String), Vec<String>>,
    step: &str,
) {
    for (column, values) in before {
        assert!(after.get(column).is_none_or(|now| now == values), "{step}: {column:?}");
    }
}

#[actix_web::test]
async fn a_used_database_goes_back_by_any_number_of_migrations_and_forth_again_and_keeps_the_rest() {
    let app = TestApp::new().await;
    app.database.pool().write_now(samsyn::seed::demonstration).expect("demonstration projects");
    let (id, session) = employ(&app).await;
    work(&app, &id, &session).await;
    let filled = app.database.counts().iter().filter(|(_, count)| *count > 0).count();
    assert!(filled > 30, "{filled} tables have rows");

    let mut conn = app.database.address().connect().expect("a connection");
    let (names, _) = db::migration_names().expect("names");
    for back in 1..=names.len() {
        let step = &names[names.len() - back];
        let before = values(&mut conn);
        for _ in 0..back {
            db::revert_last(&mut conn).unwrap_or_else(|error| panic!("back to before {step}: {error}"));
        }
        let without = values(&mut conn);
        agree(&without, &before, &format!("back to before {step}"));
        let count = db::migrate(&mut conn).unwrap_or_else(|error| panic!("forth from before {step}: {error}"));
        assert_eq!(count, back);
        let after = values(&mut conn);
        agree(&without, &after, &format!("forth from before {step}"));
        assert!(before.keys().eq(after.keys()), "{step}");
    }
}

/// What a later version may do to a database that this one serves from.
const LATER: [&str; 5] = [
    "CREATE TABLE later_things (id INTEGER PRIMARY KEY, title TEXT NOT NULL)",
    "ALTER TABLE projects ADD COLUMN later TEXT",
    "CREATE INDEX projects_by_later ON projects (later)",
    "ALTER TABLE users ADD COLUMN later INTEGER NOT NULL DEFAULT 0",
    "INSERT INTO __diesel_schema_migrations (version) VALUES ('9001')",
];

/// Lets some time pass in which requests are answered.
fn wait(answered: &AtomicUsize) {
    let enough = answered.load(Ordering::SeqCst) + 8;
    let began = Instant::now();
    while answered.load(Ordering::SeqCst) < enough && began.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_later_version_migrates_while_this_one_serves_and_no_request_fails() {
    let database = TestDatabase::new();
    let server = Server::start(&database);
    let token = server.sign_in();
    let call = |method, path: &str, body: &Value| Server::call(server.port, method, path, &token, body).expect("told");
    let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for client in 0..4 {
            let (call, is_over, answered) = (&call, &is_over, &answered);
            scope.spawn(move || {
                for round in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    let ((status, body), expected) = match client % 2 {
                        0 => (call("POST", "/projects", &idea(&format!("{client}.{round}"))), 201),
                        _ => (call("GET", "/projects?limit=20", &Value::Null), 200),
                    };
                    assert_eq!(status, expected, "{body}");
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let mut conn = database.address().connect().expect("a connection");
        wait(&answered);
        let outcome = LATER.iter().try_for_each(|statement| {
            conn.batch_execute(statement)?;
            wait(&answered);
            Ok::<_, diesel::result::Error>(())
        });
        is_over.store(true, Ordering::SeqCst);
        outcome.expect("migrated");
    });

    // It starts there too, and says so.
    let output = Command::new(env!("CARGO_BIN_EXE_samsyn"))
        .arg("migrate")
        .env("DATABASE_URL", database.url())
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("newer samsyn") && said.contains("9001"), "{said}");
    let again = Server::start(&database);
    let token = again.sign_in();
    let (status, body) = Server::call(again.port, "POST", "/projects", &token, &terminal()).expect("an answer");
    assert_eq!(status, 201, "{body}");
}
