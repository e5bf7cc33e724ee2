//! The program itself, over a real socket: what it answered 201 for is there after it was killed.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Response, TestDatabase, email};

/// The program, serving on a port of its own.
pub(crate) struct Server {
    child: Child,
    /// The port.
    pub port: u16,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts it on a database.
    pub(crate) fn start(database: &TestDatabase) -> Self {
        Self::logging(database, "warn,samsyn::server=info")
    }

    fn logging(database: &TestDatabase, what: &str) -> Self {
        Self::at(&database.url(), what)
    }

    /// Starts it on the database at an address, to log what a filter lets through.
    pub(crate) fn at(url: &str, what: &str) -> Self {
        Self::with(url, what, &[])
    }

    /// Starts it as one of several, which people reach by the same address.
    pub(crate) fn instance(url: &str) -> Self {
        Self::with(url, "warn,samsyn::server=info", &[("SAMSYN_PUBLIC_URL", "http://localhost")])
    }

    /// The same with settings of its own.
    pub(crate) fn with(url: &str, what: &str, settings: &[(&str, &str)]) -> Self {
        let program = std::env::var_os("SAMSYN_TEST_PROGRAM");
        let mut child = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_samsyn").into()))
            .envs(settings.iter().copied())
            .arg("serve")
            .env("DATABASE_URL", url)
            .env("SAMSYN_LISTEN", "127.0.0.1:0")
            .env("SAMSYN_RATE_LIMIT", "1000000")
            .env("SAMSYN_WEBHOOK_HOSTS", "127.0.0.1")
            .env("SAMSYN_LOG_FORMAT", "json")
            .env("SAMSYN_LOG", what)
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
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        thread::spawn(move || lines.map_while(Result::ok).for_each(|line| kept.lock().expect("the log").push(line)));
        Self { child, port, log }
    }

    /// What it answers, checked against the document.
    pub(crate) fn call(port: u16, method: &str, path: &str, token: &str, body: &Value) -> Option<(u16, Value)> {
        let (status, headers, content) = Self::exchange(port, method, path, token, body)?;
        let path = format!("/samsyn/v1{path}");
        Some((status, Response::new(method, &path, status, headers, content.as_bytes()).body))
    }

    /// The same without a look at the document.
    pub(crate) fn exchange(
        port: u16,
        method: &str,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Option<(u16, HashMap<String, String>, String)> {
        Self::exchange_with(port, method, path, token, "", body)
    }

    /// The same with further header lines, each of which ends its line.
    pub(crate) fn exchange_with(
        port: u16,
        method: &str,
        path: &str,
        token: &str,
        further: &str,
        body: &Value,
    ) -> Option<(u16, HashMap<String, String>, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} /samsyn/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             {further}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
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
        Some((status, headers, content.to_owned()))
    }

    /// What it answers a probe: the status, and in how many seconds to ask again.
    pub(crate) fn probe(&self, path: &str) -> Option<(u16, Option<u64>)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let again = answer.lines().find_map(|line| line.strip_prefix("retry-after: ")?.parse().ok());
        Some((status, again))
    }

    /// Asks it to stop; it has until its grace is over.
    pub(crate) fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    }

    /// Kills it at once.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// How it ended.
    pub(crate) fn ended(&mut self) -> std::process::ExitStatus {
        self.child.wait().expect("gone")
    }

    /// How much memory it has taken at most, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// How much memory it takes now, in KiB.
    pub(crate) fn current_memory(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let size = status.lines().find_map(|line| line.strip_prefix(figure)).expect("a figure");
        size.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// What it has logged.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.log.lock().expect("the log").clone()
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
    server.kill();
    for writer in writers {
        writer.join().expect("a writer");
    }

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
    let server = Server { child, port: port.expect("a port"), log: Arc::default() };
    let credentials = json!({"email": "admin@localhost", "password": password});
    let (status, session) = Server::call(server.port, "POST", "/sessions", "", &credentials).expect("an answer");
    assert_eq!((status, session["mustChangePassword"].as_bool()), (201, Some(true)));
    let token = session["accessToken"].as_str().unwrap_or_default();
    let (status, _) = Server::call(server.port, "GET", "/users", token, &Value::Null).expect("an answer");
    assert_eq!(status, 403);
}

#[test]
fn the_log_tells_who_was_refused_what_and_no_secrets() {
    let database = TestDatabase::new();
    let server = Server::logging(&database, "info");
    let wrong = json!({"email": email(Role::Officer), "password": "fel lösenord\nhelt och hållet"});
    Server::call(server.port, "POST", "/sessions", "", &wrong).expect("an answer");
    let token = server.sign_in();
    for path in ["/users?role=officer", "/me%0A%0Dforged/anna@example.se"] {
        Server::call(server.port, "GET", path, &token, &Value::Null).expect("an answer");
    }
    let id = samsyn_id(&database, Role::Officer);
    let nonsense = json!({"idToken": "nonsense.of.mine"});
    Server::call(server.port, "POST", "/sessions/single-sign-on", "", &nonsense).expect("an answer");
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).expect("a connection");
    let form = format!("grant_type=client_credentials&client_id={}&client_secret=hemligheten", samsyn::id::Id::new());
    let head = "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len()).expect("sent");
    stream.read_to_end(&mut Vec::new()).expect("an answer");
    let lines = || server.log.lock().expect("the log").clone();
    while lines().iter().filter(|line| line.contains("answered")).count() < 6 {
        thread::sleep(Duration::from_millis(10));
    }
    let log: Vec<Value> =
        lines().iter().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect();
    let told = |message: &str, path: &str, status: i64| {
        let fields = log.iter().map(|line| &line["fields"]).find(|fields| {
            fields["message"] == message && (path.is_empty() || (fields["path"] == path && fields["status"] == status))
        });
        fields.unwrap_or_else(|| panic!("{message} {path}: {log:#?}"))
    };
    let of_requests = log.iter().filter(|line| !line["spans"].is_null());
    let traces: BTreeSet<_> = of_requests.map(|line| line["spans"][0]["trace_id"].as_str().expect("a trace")).collect();
    assert!(traces.len() == 6 && traces.iter().all(|trace| trace.len() == 32), "{traces:?}");
    let is_traced = |message: &str| {
        log.iter().any(|line| line["fields"]["message"] == message && line["spans"][0]["trace_id"].is_string())
    };
    for message in ["answered", "sign-in failed", "single sign-on failed", "token request failed"] {
        assert!(is_traced(message), "{message}: {log:#?}");
    }
    let refused = told("answered", "/samsyn/v1/users", 403);
    assert_eq!((&refused["account"], &refused["method"]), (&json!(id), &json!("GET")));
    assert_eq!(told("answered", "/samsyn/v1/sessions", 401).get("account"), None);
    assert!(log.iter().any(|line| line["fields"]["route"] == "unknown" && line["fields"]["status"] == 404));
    let failed = told("sign-in failed", "", 0);
    assert_eq!((&failed["account"], &failed["address"]), (&json!(id), &json!("127.0.0.1")));
    assert_eq!(told("single sign-on failed", "", 0)["address"], "127.0.0.1");
    let failed = told("token request failed", "", 0);
    assert!(form.contains(failed["client"].as_str().expect("a client")) && failed["address"] == "127.0.0.1");
    assert!(log.iter().all(|line| line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z'))));
    let text = lines().join("\n");
    for secret in
        ["fel lösenord", PASSWORD, "@example.se", "role=officer", &token, "nonsense.of.mine", "hemligheten", "forged"]
    {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
pub(crate) fn what_fails_inside_is_told_in_the_log_and_not_outside() {
    let database = TestDatabase::new();
    let server = Server::start(&database);
    let token = server.sign_in();
    let (_, project) =
        Server::call(server.port, "POST", "/projects", &token, &crate::projects::terminal()).expect("one");
    let before = database.counts();
    let rename = |from: &str, to: &str| {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        database.pool().write_now(|conn| Ok(conn.batch_execute(&statement)?)).expect("renamed");
    };
    rename("costs", "lost");
    let path = format!("/projects/{}", project["id"].as_str().unwrap_or_default());
    let (status, headers, told) = Server::exchange(server.port, "GET", &path, &token, &Value::Null).expect("an answer");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((status, headers["content-type"].as_str()), (500, "application/problem+json"));
    assert!(told["detail"].as_str().is_some_and(|detail| detail.starts_with("Något gick fel hos oss.")), "{told}");
    for inside in ["costs", "table", "relation", "sql", "src/"] {
        assert!(!told.to_string().to_lowercase().contains(inside), "{told}");
    }
    let line = loop {
        let found = server.log.lock().expect("the log").iter().find(|line| line.contains("\"failed\"")).cloned();
        if let Some(line) = found {
            break line;
        }
        thread::sleep(Duration::from_millis(10));
    };
    assert!(line.contains("costs") && line.contains(told["traceId"].as_str().unwrap_or_default()), "{line}");
    // A change that fails half way leaves nothing.
    let mut other = crate::projects::terminal();
    other["title"] = json!("Ett annat");
    let (status, ..) = Server::exchange(server.port, "POST", "/projects", &token, &other).expect("an answer");
    rename("lost", "costs");
    assert_eq!((status, database.counts()), (500, before));
    let (status, found) = Server::call(server.port, "GET", &path, &token, &Value::Null).expect("an answer");
    assert_eq!((status, &found["costs"]), (200, &project["costs"]));
}

/// The id of the account of a role.
fn samsyn_id(database: &TestDatabase, role: Role) -> String {
    let account = database.pool().read_now(|conn| samsyn::auth::store::find_by_email(conn, &email(role)));
    account.expect("read").expect("an account").id.to_string()
}

#[cfg(unix)]
#[test]
fn a_new_database_file_is_read_by_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("ny.db");
    let migrate = || {
        let url = format!("sqlite:{}", file.display());
        let output = Command::new(env!("CARGO_BIN_EXE_samsyn")).arg("migrate").env("DATABASE_URL", url).output();
        assert!(output.expect("the program").status.success());
        std::fs::metadata(&file).expect("the file").permissions().mode() & 0o777
    };
    assert_eq!(migrate(), 0o600);
    // What its owner has decided since stays.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("another mode");
    assert_eq!(migrate(), 0o640);
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
