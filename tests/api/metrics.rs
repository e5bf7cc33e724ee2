//! What monitoring is told, who is told, and that what operations look at is there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::durability::Server;
use crate::projects::{idea, terminal};
use crate::support::receiver::{Mood, Receiver};
use crate::support::{PASSWORD, Response, TestApp, TestDatabase, email};
use crate::webhooks::{deliver, subscribe};

/// Figures by name and labels, as they are written.
struct Figures(BTreeMap<String, String>);

impl Figures {
    fn of(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let figure = |line: &str| line.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(lines.map(|line| figure(line).expect("a figure")).collect())
    }

    /// How many; what has not been counted yet is none.
    fn count(&self, name: &str) -> i64 {
        self.0.get(name).map_or(0, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}")))
    }

    /// How long.
    fn seconds(&self, name: &str) -> f64 {
        self.0.get(name).map_or(0.0, |value| value.parse().unwrap_or_else(|_| panic!("{name} {value}")))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The values of a label.
    fn values(&self, label: &str) -> BTreeSet<&str> {
        let value = |name: &'_ String| -> Option<usize> { name.find(&format!("{label}=\"")) };
        let found = self.0.keys().filter_map(|name| Some(&name[value(name)? + label.len() + 2..]));
        found.filter_map(|rest| rest.split('"').next()).collect()
    }
}

async fn scraped(app: &TestApp) -> Figures {
    Figures::of(app.anonymous().request_to("GET", "/metrics").send().await.expect(200).text())
}

/// As an instance that has not been asked yet tells it.
async fn told_anew(app: &TestApp) -> Figures {
    scraped(&app.beside().await).await
}

fn requests(method: &str, route: &str, status: u16) -> String {
    format!("samsyn_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
}

#[actix_web::test]
async fn figures_are_told_in_either_form() {
    let app = TestApp::new().await;
    app.anonymous().get("/api-info").await.expect(200);
    let plain = app.anonymous().request_to("GET", "/metrics").send().await.expect(200);
    assert_eq!(plain.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(plain.header("Cache-Control"), "no-store");
    assert!(plain.text().contains("\n# TYPE samsyn_http_requests_total counter\n"), "{}", plain.text());
    let asked = app.anonymous().request_to("GET", "/metrics").header("Accept", "application/openmetrics-text;q=0.9");
    let open = asked.send().await.expect(200);
    assert_eq!(open.header("Content-Type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(open.text().ends_with("\n# EOF\n") && open.text().contains("# TYPE samsyn_http_requests counter\n"));
    for text in [plain.text(), open.text()] {
        let figures = Figures::of(text);
        assert_eq!(figures.count(&requests("GET", "/samsyn/v1/api-info", 200)), 1);
        assert_eq!(figures.count("samsyn_database_up"), 1);
        assert_eq!(figures.count("samsyn_http_requests_under_way"), 1);
        assert!(figures.count("samsyn_journal_number") > 0);
        assert!(figures.seconds("samsyn_journal_latest_timestamp_seconds") > 1.7e9);
        let version = format!("samsyn_build_info{{version=\"{}\",commit=", env!("CARGO_PKG_VERSION"));
        assert!(text.contains(&version), "{text}");
    }
    app.anonymous().request_to("HEAD", "/metrics").send().await.expect(200);
}

#[actix_web::test]
async fn a_stranger_finds_nothing_there() {
    let app = TestApp::new().await;
    let from = |name: &'static str, value: &'static str| {
        app.anonymous().request_to("GET", "/metrics").header("X-Forwarded-For", "198.51.100.7").header(name, value)
    };
    let nothing = app.anonymous().request_to("GET", "/nothing").send().await.expect_problem(404, "not-found");
    let detail = |response: &Response| response.body["detail"].clone();
    // Whom a proxy names, whoever that is, and whatever the caller has made up.
    for (name, value) in [
        ("Accept", "text/plain"),
        ("Forwarded", "for=127.0.0.1"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Forwarded", "for=unknown"),
    ] {
        let refused = from(name, value).send().await.expect_problem(404, "not-found");
        assert_eq!(detail(&refused), detail(&nothing));
    }
    let direct = |path: &str| app.administrator().request_to("GET", path);
    for (name, value) in [("Forwarded", "for=_hidden"), ("X-Real-IP", "127.0.0.1"), ("Via", "1.1 proxy")] {
        direct("/metrics").header(name, value).send().await.expect(404);
        direct("/%6detrics").header(name, value).send().await.expect(404);
    }
    app.administrator().request_to("POST", "/metrics").send().await.expect(404);

    let elsewhere = TestApp::with(|config| config.metrics_networks = vec!["10.0.0.0/8".parse().expect("one")]).await;
    for client in [elsewhere.anonymous(), elsewhere.administrator()] {
        client.request_to("GET", "/metrics").send().await.expect_problem(404, "not-found");
    }
    assert!(!crate::support::document()["paths"].to_string().contains("/metrics"));
}

#[actix_web::test]
async fn routes_are_templates_and_made_up_ones_are_all_alike() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let call = async |number: usize| {
        for (method, path) in [
            ("GET", format!("/samsyn/v1/projects/{}", samsyn::id::Id::new())),
            ("GET", format!("/samsyn/v1/projects/anna.{number}@example.se")),
            ("GET", format!("/samsyn/v1/anna.{number}@example.se")),
            ("GET", format!("/{number}/../{number}?q={number}")),
            ("DELETE", format!("/samsyn/v1/api-info?{number}")),
            ("GET", format!("/samsyn/problems/{number}")),
            ("GET", format!("/samsyn/v1/docs/{number}")),
            (["BREW", "PROPFIND", "GÖR", "X"][number % 4], "/samsyn/v1/projects".to_owned()),
        ] {
            let method = if method.is_ascii() { method } else { "TRACE" };
            officer.request_to(method, &path).send().await;
        }
    };
    call(0).await;
    scraped(&app).await;
    let before = scraped(&app).await;
    for number in 1..20 {
        call(number).await;
    }
    let after = scraped(&app).await;
    let names = |figures: &Figures| figures.0.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&before), names(&after));
    assert_eq!(after.count(&requests("GET", "/samsyn/v1/projects/{projectId}", 404)), 20);
    assert_eq!(after.count(&requests("GET", "/samsyn/v1/projects/{projectId}", 400)), 20);
    assert_eq!(after.count(&requests("GET", "unknown", 404)), 40);
    assert_eq!(after.count(&requests("other", "/samsyn/v1/projects", 405)), 20);
    let of_duration = |what: &str| {
        let labels = "{method=\"GET\",route=\"/samsyn/v1/projects/{projectId}\"}";
        format!("samsyn_http_request_duration_seconds_{what}{labels}")
    };
    assert_eq!(after.count(&of_duration("count")), 40);
    assert!(after.seconds(&of_duration("sum")) > before.seconds(&of_duration("sum")));
    assert!(after.values("route").iter().all(|route| !route.contains('@')), "{:?}", after.values("route"));
}

#[actix_web::test]
async fn refusals_and_sign_ins_are_counted() {
    let app = TestApp::with(|config| config.rate_limit = std::num::NonZeroU32::new(30).expect("a limit")).await;
    let sign_in = async |password: &str| {
        let credentials = json!({"email": email(Role::Officer), "password": password});
        app.anonymous().post("/sessions", credentials).await.status
    };
    // Told before there are any, since the first are an increase too.
    assert!(scraped(&app).await.has("samsyn_sign_ins_total{kind=\"password\",outcome=\"braked\"}"));
    assert_eq!(sign_in(PASSWORD).await, 201);
    for _ in 0..5 {
        assert_eq!(sign_in("fel lösenord, helt och hållet").await, 401);
    }
    assert_eq!(sign_in(PASSWORD).await, 429);
    app.reader().get("/users").await.expect(403);
    app.anonymous().get("/users").await.expect(401);
    app.officer().post("/organisations", json!({})).await.expect(422);
    while app.anonymous().get("/strategies").await.status == 200 {}
    assert_eq!(sign_in(PASSWORD).await, 429);

    let figures = scraped(&app).await;
    let sign_ins =
        |outcome: &str| figures.count(&format!("samsyn_sign_ins_total{{kind=\"password\",outcome=\"{outcome}\"}}"));
    // Who is one too many has not tried to sign in.
    assert_eq!([sign_ins("done"), sign_ins("refused"), sign_ins("braked")], [1, 5, 1]);
    assert_eq!(figures.count(&requests("POST", "/samsyn/v1/sessions", 429)), 2);
    assert_eq!(figures.count(&requests("GET", "/samsyn/v1/users", 403)), 1);
    assert_eq!(figures.count(&requests("GET", "/samsyn/v1/users", 401)), 1);
    assert_eq!(figures.count(&requests("POST", "/samsyn/v1/organisations", 422)), 1);
    assert_eq!(figures.count(&requests("GET", "/samsyn/v1/strategies", 429)), 1);
}

#[actix_web::test]
async fn figures_of_the_database_move() {
    let app = TestApp::new().await;
    let before = scraped(&app).await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    for _ in 0..3 {
        officer.get(project.location()).await.expect(200);
    }
    officer.change("PATCH", project.location(), "\"99-x\"", json!({"title": "För sent"})).await.expect(412);
    let after = scraped(&app).await;
    let moved = |name: &str| after.count(name) - before.count(name);
    let transactions = |kind: &str, outcome: &str| {
        moved(&format!("samsyn_database_transactions_total{{kind=\"{kind}\",outcome=\"{outcome}\"}}"))
    };
    assert_eq!([transactions("write", "done"), transactions("write", "refused")], [1, 1]);
    assert!(transactions("read", "done") >= 3);
    assert_eq!(moved("samsyn_database_transaction_duration_seconds_count{kind=\"write\"}"), 2);
    assert_eq!(after.count("samsyn_database_connections{state=\"busy\"}"), 0);
    assert!(after.count("samsyn_database_connections{state=\"idle\"}") >= 1);
    assert!(after.count("samsyn_database_connections_max") >= 4);
    for name in ["samsyn_database_waiting", "samsyn_database_timeouts_total", "samsyn_database_retries_total"] {
        assert!(after.has(name) && after.count(name) == 0, "{name}");
    }
    // Within seconds the database is not asked again; another instance asks for itself.
    assert_eq!(moved("samsyn_journal_number"), 0);
    assert!(told_anew(&app).await.count("samsyn_journal_number") > after.count("samsyn_journal_number"));
}

#[actix_web::test]
async fn figures_come_when_the_database_does_not_answer() {
    let app = TestApp::new().await;
    let set = |statement: &str| {
        app.database.address().connect().expect("a connection").batch_execute(statement).expect("renamed");
    };
    set("ALTER TABLE changes RENAME TO gone");
    let figures = told_anew(&app).await;
    assert_eq!(figures.count("samsyn_database_up"), 0);
    assert!(figures.has("samsyn_database_connections_max") && figures.has("samsyn_http_requests_under_way"));
    assert!(!figures.has("samsyn_journal_number") && !figures.has("samsyn_webhook_oldest_waiting_seconds"));
    set("ALTER TABLE gone RENAME TO changes");
    assert_eq!(told_anew(&app).await.count("samsyn_database_up"), 1);
}

#[actix_web::test]
async fn a_subscription_that_falls_behind_is_seen() {
    let (app, receiver) = crate::webhooks::start().await;
    let state =
        |figures: &Figures, state: &str| figures.count(&format!("samsyn_webhook_subscriptions{{state=\"{state}\"}}"));
    let waited = |figures: &Figures| figures.seconds("samsyn_webhook_oldest_waiting_seconds");
    let is_waiting = |figures: &Figures| waited(figures) > 0.0;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    deliver(&app);
    let idle = told_anew(&app).await;
    assert_eq!((state(&idle, "active"), is_waiting(&idle), idle.count("samsyn_webhook_changes_behind")), (1, false, 0));

    receiver.set(Mood::Status(500, ""));
    officer.register(idea("Kommer fram så småningom")).await;
    deliver(&app);
    thread::sleep(Duration::from_millis(20));
    let behind = told_anew(&app).await;
    assert!(waited(&behind) >= 0.02 && waited(&behind) < 60.0, "{}", waited(&behind));
    assert!(behind.count("samsyn_webhook_changes_behind") >= 1);
    assert_eq!((state(&behind, "active"), state(&behind, "failing"), state(&behind, "stopped")), (1, 1, 0));

    receiver.set(Mood::Status(410, ""));
    crate::webhooks::wait(&app);
    deliver(&app);
    let stopped = told_anew(&app).await;
    assert_eq!((state(&stopped, "active"), state(&stopped, "stopped"), is_waiting(&stopped)), (0, 1, false));
    let subscription = officer.get(&path).await.expect(200);
    officer.delete(&path, subscription.etag()).await.expect(204);
    assert_eq!(state(&told_anew(&app).await, "stopped"), 0);
}

#[actix_web::test]
async fn imports_are_told_by_state() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let state = |figures: &Figures, state: &str| figures.count(&format!("samsyn_imports{{state=\"{state}\"}}"));
    officer.register(idea("Exporteras")).await;
    let exported = crate::exports::export(&officer, "projects", "text/csv").await.expect(200);
    crate::support::imports::check(&officer, "", exported.bytes()).await;
    let checked = told_anew(&app).await;
    assert_eq!((state(&checked, "checked"), state(&checked, "failed")), (1, 0));
    assert_eq!(checked.count("samsyn_import_rows{rows=\"all\"}"), 0);
    assert_eq!(checked.count("samsyn_exports_under_way"), 0);
}

/// `/metrics` of a program that runs.
fn scrape(port: u16) -> Figures {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: whatever\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, text) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    Figures::of(text)
}

#[test]
fn what_is_delivered_is_counted() {
    let (database, receiver) = (TestDatabase::new(), Receiver::start());
    let server = Server::start(&database);
    let token = server.sign_in();
    let call = |path, body: &Value| Server::call(server.port, "POST", path, &token, body).expect("an answer").0;
    assert_eq!(call("/webhooks", &json!({"address": receiver.address()})), 201);
    let delivered =
        |outcome: &str| scrape(server.port).count(&format!("samsyn_webhook_deliveries_total{{outcome=\"{outcome}\"}}"));
    let until = |outcome: &str, least: i64| {
        let found = (0..1000).find(|_| {
            thread::sleep(Duration::from_millis(10));
            delivered(outcome) >= least
        });
        assert!(found.is_some(), "{outcome}");
    };
    assert_eq!(call("/projects", &idea("Kommer fram")), 201);
    until("delivered", 1);
    receiver.set(Mood::Status(503, ""));
    assert_eq!(call("/projects", &idea("Kommer inte fram")), 201);
    until("refused", 1);
}

/// The names of figures in a text.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    text.split(|sign: char| !is_part(sign)).filter(|word| word.starts_with("samsyn_")).map(str::to_owned).collect()
}

#[actix_web::test]
async fn what_operations_look_at_is_told() {
    let app = TestApp::new().await;
    app.anonymous().post("/sessions", json!({"email": "a@b.se", "password": "x"})).await;
    app.officer().register(terminal()).await;
    scraped(&app).await;
    let text = app.anonymous().request_to("GET", "/metrics").send().await.expect(200).text().to_owned();
    let mut told = names(&text);
    // Counted when something is delivered, which another story shows.
    told.insert("samsyn_webhook_deliveries_total".to_owned());
    let dashboard = include_str!("../../operations/grafana-dashboard.json");
    let parsed: Value = serde_json::from_str(dashboard).expect("JSON");
    assert_eq!(parsed["templating"]["list"][0]["type"], "datasource");
    let alerts = include_str!("../../operations/alerts.yml");
    for (file, text) in [("alerts.yml", alerts), ("grafana-dashboard.json", dashboard)] {
        let used = names(text);
        let missing: Vec<_> = used.difference(&told).collect();
        assert!(used.len() > 8 && missing.is_empty(), "{file}: {missing:?}");
    }
    // And what is told is looked at.
    let figures: BTreeSet<_> =
        told.iter().map(|name| name.trim_end_matches("_count").trim_end_matches("_sum")).collect();
    let shown = names(dashboard);
    let unseen: Vec<_> = figures.iter().filter(|name| !shown.iter().any(|shown| shown.starts_with(**name))).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
