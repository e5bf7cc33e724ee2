//! Spans for a collector of OpenTelemetry: of the right trace, named by route, and telling nothing of anybody.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::durability::Server;
use crate::projects::idea;
use crate::support::receiver::{Mood, Receiver};
use crate::support::{PASSWORD, TestDatabase, email};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A server that exports, and the collector that it exports to.
struct Exporting {
    server: Server,
    collector: Receiver,
    spans: RefCell<Vec<Value>>,
}

impl Exporting {
    fn start(database: &TestDatabase, delay: &str) -> Self {
        let collector = Receiver::start();
        collector.set(Mood::Status(200, ""));
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.address()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20av%20samlaren"),
            ("OTEL_BSP_SCHEDULE_DELAY", delay),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prov"),
        ];
        let server = Server::with(&database.url(), "info", &settings);
        Self { server, collector, spans: RefCell::default() }
    }

    /// What has come; what it came with is checked.
    fn come(&self) -> Vec<Value> {
        for received in self.collector.take() {
            assert_eq!(received.header("authorization"), "Bearer av samlaren");
            assert_eq!(received.header("content-type"), "application/json");
            let body = received.body();
            for resource in body["resourceSpans"].as_array().expect("resources") {
                let about = resource["resource"]["attributes"].to_string();
                assert!(about.contains(r#"{"key":"service.name","value":{"stringValue":"samsyn"}}"#), "{about}");
                assert!(about.contains("deployment.environment.name") && about.contains("service.version"), "{about}");
                let scopes = resource["scopeSpans"].as_array().expect("scopes");
                let spans = scopes.iter().flat_map(|scope| scope["spans"].as_array().expect("spans").clone());
                self.spans.borrow_mut().extend(spans);
            }
        }
        self.spans.borrow().clone()
    }

    /// A span, when it has come.
    fn span(&self, what: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..1000 {
            if let Some(span) = self.come().into_iter().find(&what) {
                return span;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{:#?}", self.come())
    }

    /// A request: its status and its `traceparent`.
    fn ask(&self, line: &str, headers: &str, body: &Value) -> (u16, Vec<String>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.server.port)).expect("a connection");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/json";
        write!(stream, "{line} HTTP/1.1\r\n{head}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
            .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let trace = answer.lines().find_map(|line| line.strip_prefix("traceparent: ")).expect("a trace");
        (status, trace.split('-').map(str::to_owned).collect())
    }
}

fn attribute(span: &Value, key: &str) -> Value {
    let mut attributes = span["attributes"].as_array().expect("attributes").iter();
    let value = attributes.find(|attribute| attribute["key"] == key).map(|attribute| attribute["value"].clone());
    value.and_then(|value| value.as_object()?.values().next().cloned()).unwrap_or_default()
}

#[test]
fn a_request_is_a_span_below_its_callers_with_its_transactions_below_it() {
    let database = TestDatabase::new();
    let exporting = Exporting::start(&database, "50");
    let token = exporting.server.sign_in();
    let headers = format!("traceparent: 00-{TRACE}-{CALLER}-01\r\nAuthorization: Bearer {token}\r\n");
    let (status, answered) = exporting.ask("POST /samsyn/v1/projects", &headers, &idea("Ett hemligt namn"));
    assert_eq!((status, &*answered[1], &*answered[3]), (201, TRACE, "01"));
    let of_trace = |span: &Value| span["traceId"] == TRACE;
    let served = exporting.span(|span| of_trace(span) && span["name"] == "POST /samsyn/v1/projects");
    assert_eq!((&served["spanId"], &served["parentSpanId"]), (&json!(answered[2]), &json!(CALLER)));
    assert_eq!(served["kind"], 2);
    assert_eq!(attribute(&served, "http.request.method"), "POST");
    assert_eq!(attribute(&served, "http.route"), "/samsyn/v1/projects");
    assert_eq!(attribute(&served, "url.path"), "/samsyn/v1/projects");
    assert_eq!(attribute(&served, "http.response.status_code").to_string().trim_matches('"'), "201");
    for kind in ["read", "write"] {
        let below = exporting.span(|span| of_trace(span) && span["name"] == kind);
        assert_eq!((&below["parentSpanId"], &below["kind"]), (&served["spanId"], &json!(3)));
        assert_eq!(attribute(&below, "db.operation.name"), kind);
        assert!(["sqlite", "postgresql"].contains(&attribute(&below, "db.system.name").as_str().expect("one")));
    }

    // Nobody's trace begins here.
    let (status, answered) = exporting.ask("GET /samsyn/v1/projects?q=Ett%20hemligt", "", &Value::Null);
    let begun = exporting.span(|span| span["traceId"] == answered[1]);
    let begun = if begun["name"] == "read" { exporting.span(|span| span["spanId"] == answered[2]) } else { begun };
    assert_eq!(
        (status, &begun["spanId"], &begun["name"]),
        (200, &json!(answered[2]), &json!("GET /samsyn/v1/projects"))
    );
    assert!(["", "null"].contains(&begun["parentSpanId"].to_string().trim_matches('"')), "{begun}");
    // What the caller does not keep is not kept here.
    let headers = format!("traceparent: 00-{}-{CALLER}-00\r\n", TRACE.replace('4', "5"));
    let (_, answered) = exporting.ask("GET /samsyn/v1/api-info", &headers, &Value::Null);
    assert_eq!((answered[1].clone(), &*answered[3]), (TRACE.replace('4', "5"), "00"));
    let (status, answered) =
        exporting.ask("GET /samsyn/v1/users/anna.andersson@example.se?q=19121212-1212", "", &Value::Null);
    let unknown = exporting.span(|span| span["spanId"] == answered[2]);
    assert_eq!((status, &unknown["name"]), (401, &json!("GET /samsyn/v1/users/{userId}")));
    let (_, answered) = exporting.ask("BREW /anna.andersson@example.se", "", &Value::Null);
    assert_eq!(exporting.span(|span| span["spanId"] == answered[2])["name"], "_OTHER");

    let all = exporting.come();
    assert!(all.iter().all(|span| span["traceId"] != TRACE.replace('4', "5")));
    let text = Value::from(all).to_string();
    let officer = email(Role::Officer);
    for personal in ["@", &*officer, PASSWORD, &token, "hemlig", "andersson", "1212", "127.0.0.1"] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[test]
fn a_collector_that_is_away_keeps_nobody_waiting_and_is_told_of_once() {
    let database = TestDatabase::new();
    let exporting = Exporting::start(&database, "20");
    let told = |message: &str| exporting.server.lines().iter().filter(|line| line.contains(message)).count();
    let ask = || assert_eq!(exporting.ask("GET /samsyn/v1/api-info", "", &Value::Null).0, 200);
    for mood in [Mood::HangingUp, Mood::Status(503, ""), Mood::Nonsense] {
        exporting.collector.set(mood);
        let before = exporting.collector.connections();
        while exporting.collector.connections() < before + 3 && exporting.come().len() < 1000 {
            ask();
            thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(told("the collector takes no spans"), 1, "{:#?}", exporting.server.lines());
    exporting.collector.set(Mood::Status(200, ""));
    while told("the collector takes spans again") == 0 {
        ask();
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(told("the collector takes no spans"), 1);
}

#[test]
fn what_waits_is_sent_when_the_service_stops() {
    let database = TestDatabase::new();
    let mut exporting = Exporting::start(&database, "600000");
    let (_, answered) = exporting.ask("GET /samsyn/v1/api-info", "", &Value::Null);
    assert!(exporting.come().is_empty());
    exporting.server.ask_to_stop();
    assert!(exporting.server.ended().success());
    assert_eq!(exporting.come().iter().filter(|span| span["spanId"] == answered[2]).count(), 1);
}

#[test]
fn a_collectors_address_that_is_none_is_refused_at_the_start() {
    let database = TestDatabase::new();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_samsyn"))
        .env("DATABASE_URL", database.url())
        .env("SAMSYN_LISTEN", "127.0.0.1:0")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "ingen adress")
        .output()
        .expect("the program");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("OTEL_EXPORTER_OTLP_"), "{told}");
}
