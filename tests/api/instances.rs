//! Two instances of the program on one database: whoever asks is answered alike by either.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use samsyn::auth::Role;
use samsyn::db::Conn;
use samsyn::db::schema::webhooks;
use samsyn::problem::Problem;
use serde_json::{Value, json};

use crate::deliveries::until;
use crate::durability::Server;
use crate::feed::START;
use crate::projects::{idea, terminal};
use crate::support::receiver::{Mood, Receiver};
use crate::support::{PASSWORD, TestDatabase, email};

fn start(database: &TestDatabase) -> Server {
    Server::instance(&database.url())
}

fn call(server: &Server, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
    Server::call(server.port, method, path, token, body).expect("an answer")
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap_or_default().to_owned()
}

/// Registers a project, and gives its id.
fn register(port: u16, token: &str, title: &str) -> String {
    let (status, project) = Server::call(port, "POST", "/projects", token, &idea(title)).expect("an answer");
    assert_eq!(status, 201, "{project}");
    text(&project, "id")
}

#[test]
fn a_session_is_renewed_used_and_ended_at_either_instance() {
    let database = TestDatabase::new();
    let (here, there) = (start(&database), start(&database));
    let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
    let (status, session) = call(&here, "POST", "/sessions", "", &credentials);
    assert_eq!(status, 201, "{session}");
    register(there.port, &text(&session, "accessToken"), "Där");

    let renewal = json!({"refreshToken": session["refreshToken"]});
    let (status, renewed) = call(&there, "POST", "/sessions/refresh", "", &renewal);
    assert_eq!(status, 201, "{renewed}");
    let token = text(&renewed, "accessToken");
    register(here.port, &token, "Här");

    let own = format!("/sessions/{}", text(&renewed, "sessionId"));
    assert_eq!(call(&here, "DELETE", &own, &token, &Value::Null).0, 204);
    for server in [&there, &here] {
        assert_eq!(call(server, "POST", "/projects", &token, &idea("Efter")).0, 401);
        let renewal = json!({"refreshToken": renewed["refreshToken"]});
        assert_eq!(call(server, "POST", "/sessions/refresh", "", &renewal).0, 401);
    }
}

#[test]
fn a_request_that_is_sent_again_to_the_other_instance_is_done_once() {
    let database = TestDatabase::new();
    let (here, there) = (start(&database), start(&database));
    let token = here.sign_in();
    let send = |port: u16, key: &str| {
        let key = format!("Idempotency-Key: {key}\r\n");
        let (status, headers, body) =
            Server::exchange_with(port, "POST", "/projects", &token, &key, &terminal()).expect("an answer");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(status, 201, "{body}");
        (text(&body, "id"), headers["etag"].clone())
    };
    assert_eq!(send(here.port, "first"), send(there.port, "first"));
    // By a proxy, perhaps, that did not wait.
    for key in ["second", "third", "fourth"] {
        let (one, other) = thread::scope(|scope| {
            let other = scope.spawn(|| send(there.port, key));
            (send(here.port, key), other.join().expect("an answer"))
        });
        assert_eq!(one, other);
    }
    let (_, projects) = call(&there, "GET", "/projects?limit=1", &token, &Value::Null);
    assert_eq!(projects["_meta"]["totalRecords"], 4);
}

/// One who follows the feed, at the instances by turns.
struct Follower {
    ports: [u16; 2],
    asked: usize,
    cursor: String,
    /// Ids and versions in the order of the feed.
    seen: Vec<(String, i64)>,
}

impl Follower {
    /// From the end of what there is.
    fn new(ports: [u16; 2], token: &str) -> Self {
        let mut follower = Self { ports, asked: 0, cursor: START.to_owned(), seen: Vec::new() };
        while follower.read_on(token, 1000) > 0 {}
        follower.seen.clear();
        follower
    }

    /// Reads a page, and says how many changes it had.
    fn read_on(&mut self, token: &str, limit: usize) -> usize {
        let port = self.ports[self.asked % 2];
        self.asked += 1;
        let path = format!("/changes?after={}&limit={limit}", self.cursor);
        let (status, page) = Server::call(port, "GET", &path, token, &Value::Null).expect("an answer");
        assert_eq!(status, 200, "{page}");
        let changes = page["changes"].as_array().expect("changes");
        for change in changes {
            let cursor = text(change, "cursor");
            assert!(cursor > self.cursor, "in order, none twice");
            self.cursor = cursor;
            if text(change, "kind").starts_with("project.") {
                self.seen.push((text(change, "id"), change["version"].as_i64().unwrap_or_default()));
            }
        }
        let next = text(&page, "cursor");
        assert!(next >= self.cursor, "the feed goes forward");
        self.cursor = next;
        changes.len()
    }

    /// Checks that what came is what was answered for, each once.
    fn hold(&self, acknowledged: &BTreeSet<(String, i64)>) {
        let seen: BTreeSet<_> = self.seen.iter().cloned().collect();
        assert_eq!(seen.len(), self.seen.len(), "none twice");
        let missed: Vec<_> = acknowledged.difference(&seen).take(3).collect();
        assert!(missed.is_empty() && seen.len() == acknowledged.len(), "{missed:?} of {}", seen.len());
    }
}

#[test]
fn a_follower_who_asks_the_instances_by_turns_gets_every_change_once_and_in_order_while_both_write() {
    let database = TestDatabase::new();
    let (here, there) = (start(&database), start(&database));
    let token = there.sign_in();
    let ports = [here.port, there.port];
    let mut follower = Follower::new(ports, &token);
    let begun = follower.asked;
    let acknowledged = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (port, token) = (ports[writer % 2], token.as_str());
                scope.spawn(move || {
                    (0..15).map(|round| register(port, token, &format!("{writer}.{round}"))).collect::<Vec<_>>()
                })
            })
            .collect();
        while writers.iter().any(|writer| !writer.is_finished()) {
            follower.read_on(&token, 3);
        }
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).map(|id| (id, 1)).collect()
    });
    assert!(follower.asked > begun + 4, "it read while they wrote");
    while follower.read_on(&token, 3) > 0 {}
    assert_eq!(follower.seen.len(), 60);
    follower.hold(&acknowledged);
}

/// A subscription of the officer's.
fn subscribe(server: &Server, token: &str, receiver: &Receiver) {
    let (status, webhook) = call(server, "POST", "/webhooks", token, &json!({"address": receiver.address()}));
    assert_eq!(status, 201, "{webhook}");
}

#[test]
fn one_of_two_instances_brings_each_event_and_once() {
    let (database, receiver) = (TestDatabase::new(), Receiver::start());
    let (here, there) = (start(&database), start(&database));
    let token = here.sign_in();
    subscribe(&here, &token, &receiver);
    let ports = [here.port, there.port];
    let registered: Vec<_> = (0..30).map(|number| register(ports[number % 2], &token, &number.to_string())).collect();
    let mut came = Vec::new();
    let began = Instant::now();
    while came.len() < registered.len() {
        assert!(began.elapsed() < Duration::from_secs(30), "{} came", came.len());
        thread::sleep(Duration::from_millis(50));
        came.extend(receiver.take());
    }
    // Both look again meanwhile.
    thread::sleep(Duration::from_millis(2500));
    came.extend(receiver.take());
    let told: Vec<_> = came.iter().map(|event| text(&event.body(), "id")).collect();
    assert_eq!(told, registered, "in order, each once");
}

#[test]
fn the_other_instance_goes_on_with_the_events_of_a_killed_one() {
    let (database, receiver) = (TestDatabase::new(), Receiver::start());
    receiver.set(Mood::Slow(Duration::from_millis(400)));
    let mut first = start(&database);
    let token = first.sign_in();
    subscribe(&first, &token, &receiver);
    let registered: BTreeSet<_> = (0..60).map(|number| register(first.port, &token, &number.to_string())).collect();
    until(|| receiver.connections() > 0);
    // It comes too late to have them.
    let _second = start(&database);
    first.kill();
    let mut came = receiver.take();
    assert!(came.len() < registered.len());
    receiver.set(Mood::Status(204, ""));
    // A minute later.
    let end = |conn: &mut Conn| {
        let lease = webhooks::leased_until.eq(webhooks::created_at);
        diesel::update(webhooks::table).set(lease).execute(conn).map_err(Problem::from)
    };
    database.pool().write_now(end).expect("the lease has ended");
    let told = |came: &[crate::support::receiver::Received]| -> BTreeSet<String> {
        came.iter().map(|event| text(&event.body(), "id")).collect()
    };
    let began = Instant::now();
    while told(&came).len() < registered.len() {
        assert!(began.elapsed() < Duration::from_secs(30), "{} came", told(&came).len());
        thread::sleep(Duration::from_millis(50));
        came.extend(receiver.take());
    }
    assert_eq!(told(&came), registered);
}

#[test]
fn two_instances_that_start_at_once_on_an_empty_database_fill_it_once() {
    let (alone, together) = (TestDatabase::empty(), TestDatabase::empty());
    drop(Server::start(&alone));
    let url = together.url();
    let servers = thread::scope(|scope| {
        let begin = || Server::instance(&url);
        let other = scope.spawn(begin);
        [begin(), other.join().expect("it is up")]
    });
    for server in &servers {
        assert_eq!(server.probe("/health/ready").expect("an answer").0, 200);
        assert_eq!(call(server, "GET", "/strategies", "", &Value::Null).0, 200);
    }
    assert_eq!(together.counts(), alone.counts());
    assert_eq!(together.journal("user").len(), 1);
}

/// How much more memory an instance may take at the end than after the first minute, in KiB.
const GROWTH: u64 = 32 * 1024;

/// Registers and changes projects at one instance until the end; what was answered for.
fn write(server: &Server, end: Instant, acknowledged: &Mutex<BTreeSet<(String, i64)>>) {
    let mut number = 0;
    while Instant::now() < end {
        // Tokens last for five minutes.
        let (token, renewal) = (server.sign_in(), Instant::now() + Duration::from_mins(4));
        while Instant::now() < end.min(renewal) {
            number += 1;
            let id = register(server.port, &token, &format!("Projekt {number}"));
            let change = json!({"summary": format!("Ändrat {number}")});
            let (path, always) = (format!("/projects/{id}"), "If-Match: *\r\n");
            let (status, _, body) =
                Server::exchange_with(server.port, "PATCH", &path, &token, always, &change).expect("an answer");
            assert_eq!(status, 200, "{body}");
            acknowledged.lock().expect("the list").extend([(id.clone(), 1), (id, 2)]);
        }
    }
}

/// Reads lists at one instance until the end, and says how many.
fn read(server: &Server, end: Instant) -> usize {
    let mut count = 0;
    while Instant::now() < end {
        for path in ["/projects?limit=20", "/projects?q=projekt&limit=5", "/strategies", "/changes?limit=100"] {
            let (status, body) = call(server, "GET", path, "", &Value::Null);
            assert_eq!(status, 200, "{body}");
            count += 1;
        }
    }
    count
}

/// Follows at both by turns until nobody writes any more.
fn follow(servers: &[Server; 2], are_done: &AtomicBool) -> Follower {
    let mut token = servers[0].sign_in();
    let mut follower = Follower::new([servers[0].port, servers[1].port], &token);
    let mut signed_in = Instant::now();
    loop {
        let is_last = are_done.load(Ordering::SeqCst);
        if signed_in.elapsed() > Duration::from_mins(4) {
            (token, signed_in) = (servers[1].sign_in(), Instant::now());
        }
        if follower.read_on(&token, 100) == 0 {
            if is_last {
                return follower;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Long, and so left out unless asked for: `SAMSYN_TEST_MINUTES` or ten.
///
/// ```sh
/// cargo build --release
/// export SAMSYN_TEST_PROGRAM=target/release/samsyn
/// tests/run --with-postgres cargo test --test api -- --ignored --nocapture instances
/// ```
#[test]
#[ignore = "takes ten minutes"]
fn two_instances_under_load_tell_every_change_once_and_take_no_more_memory() {
    let minutes = std::env::var("SAMSYN_TEST_MINUTES").map_or(10, |text| text.parse().expect("minutes"));
    let database = TestDatabase::new();
    let servers = [start(&database), start(&database)];
    let (acknowledged, are_done) = (Arc::<Mutex<_>>::default(), AtomicBool::new(false));
    let began = Instant::now();
    let end = began + Duration::from_mins(minutes);
    let mut memory = Vec::new();
    let (follower, reads) = thread::scope(|scope| {
        let follower = scope.spawn(|| follow(&servers, &are_done));
        // Who begins after the follower is followed from the beginning.
        thread::sleep(Duration::from_secs(2));
        let writers: Vec<_> =
            servers.iter().chain(&servers).map(|server| scope.spawn(|| write(server, end, &acknowledged))).collect();
        let readers: Vec<_> = servers.iter().map(|server| scope.spawn(move || read(server, end))).collect();
        while Instant::now() < end {
            thread::sleep(Duration::from_secs(30));
            let now = servers.each_ref().map(Server::current_memory);
            eprintln!("{:>4} s: {} and {} MiB", began.elapsed().as_secs(), now[0] >> 10, now[1] >> 10);
            memory.push(now);
        }
        for writer in writers {
            writer.join().expect("right answers alone");
        }
        let reads: usize = readers.into_iter().map(|reader| reader.join().expect("right answers alone")).sum();
        are_done.store(true, Ordering::SeqCst);
        (follower.join().expect("a feed in order"), reads)
    });
    let acknowledged = acknowledged.lock().expect("the list");
    eprintln!("{} changes answered for and {} told, {reads} reads", acknowledged.len(), follower.seen.len());
    follower.hold(&acknowledged);
    let (after_a_minute, last) = (memory[1.min(memory.len() - 1)], memory[memory.len() - 1]);
    for (before, after) in after_a_minute.into_iter().zip(last) {
        assert!(after < before + before / 4 + GROWTH, "{before} KiB grew to {after}");
    }
}
