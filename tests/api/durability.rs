//! The program itself, over a real socket: what it answered 201 for is there after it was killed.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Response, TestDatabase, email};

/// The program, serving on a port of its own.
pub(crate) struct Server {
    child: Child,
    /// The port.
    pub port: u16,
}

impl Server {
    /// Starts it on a database.
    pub(crate) fn start(database: &TestDatabase) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_samsyn"))
            .arg("serve")
            .env("DATABASE_URL", database.url())
            .env("SAMSYN_LISTEN", "127.0.0.1:0")
            .env("SAMSYN_RATE_LIMIT", "1000000")
            .env("SAMSYN_LOG_FORMAT", "json")
            .env("SAMSYN_LOG", "warn,samsyn::server=info")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut lines = BufReader::new(child.stderr.take().expect("standard error")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let line: Value = serde_json::from_str(&line).ok()?;
                line["fields"]["address"].as_str()?.rsplit(':').next()?.parse().ok()
            })
            .expect("a port");
        // Standard error is read on, so that the program is never stopped by a full pipe.
        thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }

    fn call(port: u16, method: &str, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} /samsyn/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let request = if token.is_empty() { request.replace("Authorization: Bearer \r\n", "") } else { request };
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let (head, content) = answer.split_once("\r\n\r\n")?;
        let field = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        let headers: HashMap<String, String> = head.lines().filter_map(field).collect();
        // A server that is killed may leave an answer half said: then it was not said.
        let is_whole = headers.get("content-length").is_none_or(|length| *length == content.len().to_string());
        if !is_whole {
            return None;
        }
        let path = format!("/samsyn/v1{path}");
        Some((status, Response::new(method, &path, status, headers, content.as_bytes()).body))
    }

    /// An officer's access token.
    pub(crate) fn sign_in(&self) -> String {
        let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
        let (status, session) = Self::call(self.port, "POST", "/sessions", "", &credentials).expect("an answer");
        assert_eq!(status, 201, "{session}");
        session["accessToken"].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_killed_server_holds_every_project_it_answered_for() {
    let database = TestDatabase::new();
    let mut server = Server::start(&database);
    let token = server.sign_in();
    let registered = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (token, registered, port) = (token.clone(), Arc::clone(&registered), server.port);
            thread::spawn(move || {
                for round in 0.. {
                    let mut project = crate::projects::terminal();
                    project["title"] = json!(format!("Projekt {writer}.{round}"));
                    match Server::call(port, "POST", "/projects", &token, &project) {
                        Some((201, body)) => registered.lock().expect("the list").push(body),
                        Some((status, body)) => panic!("{status} {body}"),
                        None => break,
                    }
                }
            })
        })
        .collect();
    while registered.lock().expect("the list").len() < 25 {
        thread::sleep(Duration::from_millis(10));
    }
    server.child.kill().expect("killed");
    for writer in writers {
        writer.join().expect("a writer");
    }
    server.child.wait().expect("gone");

    let again = Server::start(&database);
    let token = again.sign_in();
    let registered = registered.lock().expect("the list");
    assert!(registered.len() >= 25);
    for project in registered.iter() {
        let path = format!("/projects/{}", project["id"].as_str().unwrap_or_default());
        let (status, mut found) = Server::call(again.port, "GET", &path, &token, &Value::Null).expect("an answer");
        let mut expected = project.clone();
        // Links name the port.
        for body in [&mut found, &mut expected] {
            body["_links"] = Value::Null;
        }
        assert_eq!((status, &found), (200, &expected));
    }
}

#[test]
fn the_first_start_makes_an_administrator_whose_password_must_be_changed() {
    let database = TestDatabase::empty();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samsyn"));
        command.args(arguments).env("DATABASE_URL", database.url()).output().expect("the program")
    };
    assert!(run(&["migrate"]).status.success());
    let seeded = run(&["seed", "--demo"]);
    let text = String::from_utf8_lossy(&seeded.stdout).into_owned();
    assert!(seeded.status.success() && text.contains("290 municipalities"), "{text}");
    assert!(String::from_utf8_lossy(&run(&["seed", "--demo"]).stdout).contains("0 demonstration projects"));

    let mut child = Command::new(env!("CARGO_BIN_EXE_samsyn"))
        .env("DATABASE_URL", database.url())
        .args(["--listen", "127.0.0.1:0", "--log", "warn,samsyn::server=info", "--log-format", "json"])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(child.stderr.take().expect("standard error")).lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains("one-time password")).expect("a password");
    let password = line.split(' ').find(|word| word.matches('-').count() == 4).expect("five groups").to_owned();
    let port = lines.find_map(|line| {
        let line: Value = serde_json::from_str(&line).ok()?;
        line["fields"]["address"].as_str()?.rsplit(':').next()?.parse().ok()
    });
    let server = Server { child, port: port.expect("a port") };
    let credentials = json!({"email": "admin@localhost", "password": password});
    let (status, session) = Server::call(server.port, "POST", "/sessions", "", &credentials).expect("an answer");
    assert_eq!((status, session["mustChangePassword"].as_bool()), (201, Some(true)));
    let token = session["accessToken"].as_str().unwrap_or_default();
    let (status, _) = Server::call(server.port, "GET", "/users", token, &Value::Null).expect("an answer");
    assert_eq!(status, 403);
}

#[test]
fn a_wrong_strategy_file_is_named_with_its_faults_and_nothing_of_it_is_loaded() {
    let database = TestDatabase::new();
    let before = database.counts();
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("fel.yaml");
    let right =
        include_str!("../../seeds/strategies/norsjo-2014-2020.yaml").replace("norsjo-2014-2020", "ny-2014-2020");
    for (wrong, words) in [
        (right.replace("code: '3.7'", "code: '3.17'"), "3.7.1"),
        (right.replace("municipality: '2417'", "municipality: '0000'"), "0000"),
        (right.replace("endDate:", "slut:"), "slut"),
    ] {
        std::fs::write(&file, wrong).expect("written");
        let output = Command::new(env!("CARGO_BIN_EXE_samsyn"))
            .args(["seed".as_ref(), file.as_os_str()])
            .env("DATABASE_URL", database.url())
            .output()
            .expect("the program");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{said}");
    }
    assert_eq!(database.counts(), before);
}

#[test]
fn settings_that_cannot_be_are_refused_in_words() {
    let run = |arguments: &[&str], url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_samsyn"));
        let output = command.args(arguments).env("DATABASE_URL", url).output().expect("the program");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (succeeded, words) = run(&["migrate"], "mysql://localhost/samsyn");
    assert!(!succeeded && words.contains("sqlite:FILE or postgres://"), "{words}");
    let (succeeded, words) = run(&["migrate"], "sqlite:/nowhere/at/all.db");
    assert!(!succeeded && words.contains("database cannot be opened"), "{words}");
    let (succeeded, words) = run(&["migrate"], "postgres://nobody@127.0.0.1:1/none");
    assert!(!succeeded && words.contains("database cannot be opened"), "{words}");
}
