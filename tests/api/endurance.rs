//! Long runs, left out unless asked for: the program killed again and again while it writes, and its database stopped and
//! started under load.
//!
//! ```sh
//! cargo build --release
//! SAMSYN_TEST_PROGRAM=target/release/samsyn tests/run --test api -- --ignored --nocapture endurance
//! ```

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use samsyn::db::Address;
use serde_json::{Value, json};

use crate::durability::Server;
use crate::projects::terminal;
use crate::support::TestDatabase;

const KILLS: u64 = 50;
const STOPS: usize = 10;
const WRITERS: usize = 4;

/// The runs' turn: what one does to the database the other must not see.
static TURN: Mutex<()> = Mutex::new(());

/// What was answered for: projects by id, as they were told.
type Acknowledged = Arc<Mutex<BTreeMap<String, Value>>>;

/// Registers projects and changes them until told to stop, or until nobody answers if that is to be.
fn write(port: u16, token: &str, writer: usize, acknowledged: &Acknowledged, is_over: &AtomicBool) -> [usize; 2] {
    let mut answers = [0, 0];
    for round in 0.. {
        if is_over.load(Ordering::SeqCst) {
            break;
        }
        let mut project = terminal();
        project["title"] = json!(format!("Projekt {writer}.{round}"));
        match Server::call(port, "POST", "/projects", token, &project) {
            Some((201, body)) => {
                answers[0] += 1;
                let id = body["id"].as_str().unwrap_or_default().to_owned();
                acknowledged.lock().expect("the list").insert(id, body);
            }
            Some((503, _)) => answers[1] += 1,
            Some((status, body)) => panic!("{status} {body}"),
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
    answers
}

/// Every project that there is, by id, without links, which name the port.
fn all(server: &Server, token: &str) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for page in 1.. {
        let path = format!("/projects?limit=100&fields=title&page={page}");
        let (status, body) = Server::call(server.port, "GET", &path, token, &Value::Null).expect("an answer");
        assert_eq!(status, 200, "{body}");
        let projects = body["projects"].as_array().expect("projects");
        if projects.is_empty() {
            break;
        }
        for project in projects {
            let id = project["id"].as_str().unwrap_or_default();
            let path = format!("/projects/{id}");
            let (status, body) = Server::call(server.port, "GET", &path, token, &Value::Null).expect("an answer");
            assert_eq!(status, 200, "{body}");
            all.insert(id.to_owned(), without_links(body));
        }
    }
    all
}

fn without_links(mut project: Value) -> Value {
    project["_links"] = Value::Null;
    project
}

/// Checks that all that was answered for is there as it was told, and that what nobody was told of is whole: with all of
/// its parts, and one row in the journal.
fn hold(server: &Server, token: &str, acknowledged: &Acknowledged) -> usize {
    let all = all(server, token);
    let acknowledged = acknowledged.lock().expect("the list");
    for (id, told) in acknowledged.iter() {
        assert_eq!(all.get(id), Some(&without_links(told.clone())), "{id}");
    }
    for (id, project) in &all {
        for part in ["alignments", "stakeholders", "costs", "fundingLines"] {
            let count = |project: &Value| project[part].as_array().map(Vec::len);
            assert_eq!(count(project), count(&terminal()), "{part} of {id}");
        }
        let path = format!("/projects/{id}/history");
        let (_, history) = Server::call(server.port, "GET", &path, token, &Value::Null).expect("an answer");
        assert_eq!(history["_meta"]["totalRecords"], 1, "{id}");
    }
    all.len()
}

fn writers(
    port: u16,
    token: &str,
    acknowledged: &Acknowledged,
    is_over: &Arc<AtomicBool>,
) -> Vec<thread::JoinHandle<[usize; 2]>> {
    (0..WRITERS)
        .map(|writer| {
            let (token, acknowledged, is_over) = (token.to_owned(), Arc::clone(acknowledged), Arc::clone(is_over));
            thread::spawn(move || write(port, &token, writer, &acknowledged, &is_over))
        })
        .collect()
}

#[test]
#[ignore = "takes minutes"]
fn killed_fifty_times_while_it_writes_it_has_all_that_it_answered_for() {
    let _turn = TURN.lock();
    let database = TestDatabase::new();
    let acknowledged = Acknowledged::default();
    for kill in 0..KILLS {
        let mut server = Server::start(&database);
        let token = server.sign_in();
        let is_over = Arc::default();
        let writers = writers(server.port, &token, &acknowledged, &is_over);
        thread::sleep(Duration::from_millis(50 + kill * 37 % 400));
        server.kill();
        is_over.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.join().expect("right answers alone");
        }
    }
    let server = Server::start(&database);
    let there = hold(&server, &server.sign_in(), &acknowledged);
    let told = acknowledged.lock().expect("the list").len();
    eprintln!("{KILLS} kills: {told} projects answered for, {there} there, all whole");
}

/// Stops or starts the throwaway PostgreSQL.
fn control(arguments: &[&str]) {
    let program = std::env::var("SAMSYN_TEST_POSTGRES_CONTROL").expect("tests/run --with-postgres");
    let output = Command::new(program).args(arguments).output().expect("the control");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "takes a minute, and stops the database of all tests"]
fn the_database_stopped_ten_times_under_load_loses_nothing_that_was_answered_for() {
    let _turn = TURN.lock();
    let database = TestDatabase::new();
    let Address::Postgres(url) = database.address() else { return };
    // The throwaway server need not keep what it says; here it must.
    let url = format!("{url}?options=-c%20synchronous_commit%3Don");
    let server = Server::at(&url, "error,samsyn::server=info");
    let token = server.sign_in();
    let acknowledged = Acknowledged::default();
    let is_over = Arc::default();
    let writers = writers(server.port, &token, &acknowledged, &is_over);
    let mut recoveries = Vec::new();
    for stop in 0..STOPS {
        thread::sleep(Duration::from_secs(1));
        control(&["-m", if stop % 2 == 0 { "fast" } else { "immediate" }, "stop"]);
        let began = Instant::now();
        assert_eq!(server.probe("/health/ready").expect("an answer").0, 503);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        thread::sleep(Duration::from_secs(1));
        control(&["start"]);
        let began = Instant::now();
        while server.probe("/health/ready").expect("an answer").0 != 200 {
            thread::sleep(Duration::from_millis(5));
        }
        recoveries.push(began.elapsed());
    }
    thread::sleep(Duration::from_secs(1));
    is_over.store(true, Ordering::SeqCst);
    let answers = writers.into_iter().map(|writer| writer.join().expect("right answers alone"));
    let [registered, refused] = answers.fold([0, 0], |sum, own| [sum[0] + own[0], sum[1] + own[1]]);
    let there = hold(&server, &token, &acknowledged);
    let longest = recoveries.iter().max().expect("some");
    eprintln!("{STOPS} stops: {registered} projects answered for, {refused} answers of 503, {there} there, all whole");
    eprintln!("ready again after {recoveries:?}");
    assert!(*longest < Duration::from_secs(1), "{longest:?}");
}
