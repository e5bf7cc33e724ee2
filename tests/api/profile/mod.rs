//! Sweden's REST API profile (DIGG), version 1.2.0 and the area SPA of 2.0.0, requirement by requirement: a test for each one
//! that can be tested, and `openapi/api-profile.md`, the report that is made of the same rows.
//!
//! Write the report anew: `SAMSYN_WRITE_REPORT=1 cargo test --locked --test api -- profile::the_report`.

/// Names a test in a row; one that does not exist does not compile.
macro_rules! test {
    ($name:path) => {{
        const _: fn() = $name;
        stringify!($name)
    }};
}

mod documentation;
mod hypermedia;
mod lifecycle;
mod messages;
mod resources;
mod security;

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;

use samsyn::http::BASE_PATH;
use samsyn::http::contract::Match;
use serde_json::{Value, json};

use crate::contract::operations;
use crate::support::{Client, PUBLIC_URL, Response, TestApp, contract, document};

/// How much a requirement demands, in the profile's own words.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Level {
    Shall,
    ShallNot,
    Should,
    ShouldNot,
    May,
}

use Level::{May, Shall, ShallNot, Should, ShouldNot};

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Shall => "SKALL",
            ShallNot => "SKALL INTE",
            Should => "BÖR",
            ShouldNot => "BÖR INTE",
            May => "KAN",
        }
    }
}

/// How a requirement stands.
#[derive(Debug)]
enum Standing {
    /// This test shows that it is held.
    Held(&'static str),
    /// It is held but for this, with the reason; the test shows that it is for nothing else.
    Deviates(&'static str, Option<&'static str>),
    /// It is held by how the thing is made; there is nothing to run.
    Made(&'static str),
    /// Who runs the service holds it, there.
    Operated(&'static str),
    /// There is nothing here that it is about.
    Inapplicable(&'static str),
}

use Standing::{Deviates, Held, Inapplicable, Made, Operated};

/// A row of the profile: its number, its level, what it asks for in our words, and how it stands.
type Requirement = (&'static str, Level, &'static str, Standing);

/// The profile's areas in its order.
const AREAS: [(&str, &[Requirement]); 17] = [
    ("DOK: dokumentation", documentation::DOCUMENTATION),
    ("DOT: datum och tid", documentation::DATES),
    ("RES: resurser", resources::RESOURCES),
    ("UFN: adresser", resources::ADDRESSES),
    ("MOG: mognad", resources::MATURITY),
    ("SAK: säkerhet", security::SECURITY),
    ("AME: meddelanden", messages::MESSAGES),
    ("ARQ: begäran", messages::REQUESTS),
    ("ARP: svar", messages::ANSWERS),
    ("FEL: fel", messages::PROBLEMS),
    ("VER: versioner", lifecycle::VERSIONS),
    ("SPA: spårning (2.0.0)", lifecycle::TRACING),
    ("HYP: hypermedia", hypermedia::HYPERMEDIA),
    ("FNS: filtrering, sidor och sortering", hypermedia::LISTS),
    ("CAC: cachning", hypermedia::CACHING),
    ("WEB: webhooks", hypermedia::WEBHOOKS),
    ("FOR: granskningsverktygets eget", messages::FORM),
];

/// The numbers of the profile, as its areas count: those that version 1.2.0 does not have are left out.
const NUMBERS: [(&str, u32, &[u32]); 17] = [
    ("DOK", 24, &[14]),
    ("DOT", 4, &[]),
    ("RES", 6, &[]),
    ("UFN", 9, &[6]),
    ("MOG", 3, &[]),
    ("SAK", 37, &[4, 7, 33, 34]),
    ("AME", 7, &[]),
    ("ARQ", 6, &[]),
    ("ARP", 4, &[]),
    ("FEL", 2, &[]),
    ("VER", 19, &[]),
    ("SPA", 7, &[1, 3, 5, 6]),
    ("HYP", 19, &[]),
    ("FNS", 14, &[4]),
    ("CAC", 1, &[]),
    ("WEB", 6, &[]),
    ("FOR", 2, &[1]),
];

fn requirements() -> impl Iterator<Item = &'static Requirement> {
    AREAS.iter().flat_map(|(_, rows)| rows.iter())
}

fn tests_of(standing: &Standing) -> Option<&'static str> {
    match standing {
        Held(test) | Deviates(_, Some(test)) => Some(test),
        _ => None,
    }
}

fn named(test: &str) -> String {
    format!("`{}`", test.trim_start_matches("crate::"))
}

fn report() -> String {
    let count = |holds: fn(&Standing) -> bool| requirements().filter(|row| holds(&row.3)).count();
    let demanded = requirements().filter(|row| matches!(row.1, Shall | ShallNot) && matches!(row.3, Deviates(..)));
    let demanded: Vec<_> = demanded.map(|row| row.0).collect();
    let mut text = format!(
        "# Samsyn och Sveriges REST API-profil\n\nSamsyn uppfyller alla SKALL i version 1.2.0 och området SPA i version \
         2.0.0, med de avvikelser som står här. / Samsyn meets all SKALL of 1.2.0 and the SPA area of 2.0.0, with the \
         deviations recorded here. De som rör ett SKALL eller SKALL INTE / Those from a SKALL: {}.\n\nKraven är återgivna \
         med våra ord; profilens egna gäller. Proven ligger i `tests/api/` och körs med `tests/run`; ett prov vid en avvikelse \
         visar att den inte är större än den som står. Nummer som saknas finns inte i version 1.2.0, av SPA de som inte har \
         återfunnits (01, 03, 05, 06). Sidan skrivs av programmet: `SAMSYN_WRITE_REPORT=1 cargo test --locked --test api -- \
         profile::the_report`.\n\n{} krav: {} hålls och provas, {} hålls av hur tjänsten är gjord, {} hålls av driften, {} \
         avvikelser, {} gäller inget som finns här.\n",
        demanded.join(", "),
        requirements().count(),
        count(|standing| matches!(standing, Held(_))),
        count(|standing| matches!(standing, Made(_))),
        count(|standing| matches!(standing, Operated(_))),
        count(|standing| matches!(standing, Deviates(..))),
        count(|standing| matches!(standing, Inapplicable(_))),
    );
    for (area, rows) in AREAS {
        let _ = write!(text, "\n## {area}\n\n| krav | nivå | vad det begär | hur det hålls |\n|---|---|---|---|\n");
        for (number, level, asks, standing) in rows {
            let how = match standing {
                Held(proof) => format!("hålls: {}", named(proof)),
                Deviates(reason, None) => format!("**avvikelse**: {reason}"),
                Deviates(reason, Some(proof)) => {
                    format!("**avvikelse**: {reason} Provas: {}", named(proof))
                }
                Made(how) => format!("hålls: {how}"),
                Operated(place) => format!("hålls av driften: {place}"),
                Inapplicable(reason) => format!("gäller inget här: {reason}"),
            };
            let _ = writeln!(text, "| {number} | {} | {asks} | {how} |", level.as_str());
        }
    }
    text
}

#[test]
fn the_report_in_the_repository_is_what_the_tests_are_of() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/api-profile.md");
    if std::env::var_os("SAMSYN_WRITE_REPORT").is_some() {
        std::fs::write(&place, report()).expect("the report is written");
    }
    let checked_in = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(checked_in == report(), "write it anew, as this module says at its top");
}

#[test]
fn every_requirement_has_its_row_and_every_test_its_requirement() {
    let expected = NUMBERS.iter().flat_map(|(area, last, missing)| {
        (1..=*last).filter(|number| !missing.contains(number)).map(move |number| format!("{area}.{number:02}"))
    });
    let numbers: Vec<_> = requirements().map(|row| row.0.to_owned()).collect();
    assert_eq!(numbers, expected.collect::<Vec<_>>());
    let shown = || requirements().filter_map(|row| Some((row.0.to_lowercase().replace('.', "_"), tests_of(&row.3)?)));
    let rows: HashSet<_> = shown().map(|(_, test)| test).collect();
    for test in rows.iter().filter(|test| !test.starts_with("crate::")) {
        assert!(
            shown().any(|(number, shown)| shown == *test && test.starts_with(&number)),
            "{test} is named after another"
        );
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/profile");
    for file in std::fs::read_dir(folder).expect("a folder") {
        let file = file.expect("a file").path();
        let text = std::fs::read_to_string(&file).expect("a text");
        let tests = text.split("test]\n").skip(1).filter_map(|rest| rest.split("fn ").nth(1)?.split('(').next());
        for test in tests.filter(|_| !file.ends_with("mod.rs")) {
            assert!(rows.contains(test), "{test} is in no row");
        }
    }
}

/// Follows a `$ref` of the document, as far as it goes.
fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => resolved(document().pointer(pointer).expect("a component")),
        None => value,
    }
}

/// The answers that an operation documents, by status.
fn answers(operation: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let answers = operation["responses"].as_object().into_iter().flatten();
    answers.map(|(status, answer)| (status.as_str(), resolved(answer)))
}

/// The parameters of an operation in one place (`query`, `header`, `path`).
fn parameters(operation: &'static Value, place: &'static str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let all = operation["parameters"].as_array().into_iter().flatten().filter(move |it| it["in"] == place);
    all.map(|parameter| (parameter["name"].as_str().unwrap_or_default(), parameter))
}

/// Every property of every object schema in the document, those inside answers included: where it stands, its name, it.
fn properties() -> Vec<(String, &'static str, &'static Value)> {
    fn collect(place: &str, value: &'static Value, found: &mut Vec<(String, &'static str, &'static Value)>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter().filter(|(name, _)| !name.starts_with("example")) {
                    if name == "properties" {
                        let own = member.as_object().into_iter().flatten();
                        found.extend(own.map(|(name, schema)| (place.to_owned(), name.as_str(), schema)));
                    }
                    collect(&format!("{place}/{name}"), member, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(place, item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect("", document(), &mut found);
    assert!(found.len() > 500);
    found
}

/// Whether a name is words in camel case, of letters alone.
fn is_camel_case(name: &str) -> bool {
    let is_capital = |pair: &[u8]| pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase();
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !name.as_bytes().windows(2).any(is_capital)
        && !name.ends_with(|last: char| last.is_ascii_uppercase())
}

/// What was read on the way through the registry.
struct Visit {
    /// The path below the base path, with its query.
    path: String,
    answer: Response,
    /// The status of the same request with the answer's ETag.
    again: u16,
}

/// What an administrator comes to from the lists by the links, in the demonstration's registry: two of each kind of path at
/// most. It is walked through once for all tests; what tables counted before and after comes with it.
static WALKED: LazyLock<(Vec<Visit>, [Counts; 2])> = LazyLock::new(|| {
    let walking = std::thread::spawn(|| {
        actix_web::rt::System::new().block_on(async {
            let app = TestApp::with_demonstration().await;
            let before = app.database.counts();
            let visits = walk(&app.administrator()).await;
            (visits, [before, app.database.counts()])
        })
    });
    walking.join().expect("a walk")
});

type Counts = Vec<(String, i64)>;

fn visits() -> &'static [Visit] {
    &WALKED.0
}

async fn walk(client: &Client<'_>) -> Vec<Visit> {
    let is_start = |method: &str, path: &str| method == "get" && !path.contains('{') && !path.starts_with("/exports/");
    let all = operations().into_iter().filter(|(method, path, _)| is_start(method, path));
    let mut waiting: VecDeque<String> = all.map(|(_, path, _)| path).collect();
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let target = path.split('?').next().unwrap_or_default();
        let Match::Operation(operation) = contract().find("GET", target) else { continue };
        let count = counts.entry(operation.path.clone()).or_default();
        if *count == 2 || operation.path.starts_with("/exports/") || !seen.insert(path.clone()) {
            continue;
        }
        *count += 1;
        let answer = client.get(&path).await;
        let again = client.request("GET", &path).header("If-None-Match", answer.etag()).send().await.status;
        waiting.extend(links(&answer.body).iter().filter(|link| link["method"] == "GET").filter_map(|link| {
            link["href"].as_str()?.strip_prefix(PUBLIC_URL)?.strip_prefix(BASE_PATH).map(str::to_owned)
        }));
        found.push(Visit { path, answer, again });
    }
    assert!(counts.len() > 40, "{counts:#?}");
    found
}

/// Every link in an answer, those of what stands inside it too.
fn links(body: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match body {
        Value::Object(members) => {
            for (name, member) in members {
                if name == "_links" {
                    found.extend(member.as_object().into_iter().flatten().map(|(_, link)| link.clone()));
                } else {
                    found.extend(links(member));
                }
            }
        }
        Value::Array(items) => found.extend(items.iter().flat_map(links)),
        _ => {}
    }
    found
}

/// A refusal of each status that a caller can provoke, by path.
async fn refusals(app: &TestApp) -> Vec<(&'static str, Response)> {
    let officer = app.officer();
    let project = officer.register(crate::projects::idea("Hinder")).await;
    let change = || officer.request("PATCH", project.location());
    let long: &'static str = Box::leak(format!("/projects?q={}", "x".repeat(2048)).into_boxed_str());
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1024 * 1024)).into_bytes();
    let title = json!({"title": "En ny titel"});
    let state = json!({"status": "completed"});
    let on = format!("{}/status-changes", project.location());
    let found = vec![
        ("/projects", officer.get("/projects?colour=blue").await),
        ("/users", app.anonymous().get("/users").await),
        ("/users", app.reader().get("/users").await),
        ("/nothing", officer.get("/nothing").await),
        ("/projects", officer.request("DELETE", "/projects").send().await),
        ("/projects", officer.request("GET", "/projects").header("Accept", "text/html").send().await),
        ("", officer.change("POST", &on, "*", state).await),
        ("", change().header("If-Match", "\"99-00\"").json(&title).send().await),
        ("/projects", officer.request("POST", "/projects").bytes("application/json", large).send().await),
        ("/projects", officer.get(long).await),
        ("/projects", officer.request("POST", "/projects").bytes("text/plain", b"x".to_vec()).send().await),
        ("/projects", officer.post("/projects", json!({"kind": "other"})).await),
        ("", change().json(&title).send().await),
    ];
    let statuses: Vec<_> = found.iter().map(|(_, answer)| answer.status).collect();
    assert_eq!(statuses, [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428]);
    found
}
