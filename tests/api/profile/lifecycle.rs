//! VER and SPA: versions and their lives, and traces.

use samsyn::http::BASE_PATH;
use serde_json::Value;

use super::{
    Deviates, Held, Inapplicable, Made, Requirement, Shall, ShallNot, Should, answers, document, operations,
    parameters, refusals,
};
use crate::support::{Response, TestApp};

/// Why what is about an earlier major version does not apply.
const FIRST: &str = "version 1 är den första";

pub(super) const VERSIONS: &[Requirement] = &[
    (
        "VER.01",
        Should,
        "löst kopplade parter",
        Made("adresser följs ur `_links`; kodlistor är dokumenterade och kan utökas"),
    ),
    (
        "VER.02",
        Should,
        "brytande ändringar undviks",
        Made("dokumentet i `openapi/` jämförs med programmets av ett prov, så att varje ändring syns i granskningen"),
    ),
    (
        "VER.03",
        Should,
        "konsumenter tål tillägg",
        Made("dokumentets beskrivning säger att tillägg kan komma och ska bortses från"),
    ),
    ("VER.04", Shall, "semantisk versionshantering", Held(test!(ver_04_the_version_is_semantic_and_its_life_fits_it))),
    (
        "VER.05",
        Should,
        "huvudversionen står i adressen som `v` och ett tal",
        Held(test!(ver_05_the_address_has_the_major_version)),
    ),
    (
        "VER.06",
        Shall,
        "resursen `api-info` finns under API:ts rot",
        Held(test!(ver_07_api_info_says_what_it_must_to_anybody)),
    ),
    (
        "VER.07",
        Shall,
        "`api-info` ger apiName, apiVersion, apiReleased, apiDocumentation och apiStatus",
        Held(test!(ver_07_api_info_says_what_it_must_to_anybody)),
    ),
    ("VER.08", Should, "den som anropar en gammal version får veta det i svaret", Inapplicable(FIRST)),
    (
        "VER.09",
        Should,
        "`Deprecation`, `Sunset` och länkar, med datum enligt RFC 3339",
        Deviates(
            "när en version blir gammal sägs det som RFC 9745 (`@` och sekunder) och RFC 8594 (HTTP-datum) har det; datum \
             enligt RFC 3339 står då i `api-info`.",
            Some(test!(ver_09_a_version_in_use_is_not_said_to_be_going)),
        ),
    ),
    (
        "VER.10",
        Should,
        "statusvärden alpha, beta, active, deprecated, retired, decommisioned",
        Held(test!(ver_10_states_are_spelt_as_the_profile_has_them)),
    ),
    (
        "VER.11",
        Shall,
        "alpha och beta har huvudversion 0",
        Held(test!(ver_04_the_version_is_semantic_and_its_life_fits_it)),
    ),
    (
        "VER.12",
        Shall,
        "den första aktiva har huvudversion 1",
        Held(test!(ver_04_the_version_is_semantic_and_its_life_fits_it)),
    ),
    (
        "VER.13",
        Shall,
        "en mindre version ersätter den förra",
        Made("ett program svarar på `/v1` med sin egen version; den förra finns inte kvar"),
    ),
    ("VER.14", Should, "äldre huvudversioner fasas ut", Inapplicable(FIRST)),
    ("VER.15", Shall, "ingen version avråds innan dess ersättare är aktiv", Inapplicable(FIRST)),
    ("VER.16", Should, "det står hur man byter version", Inapplicable(FIRST)),
    ("VER.17", Should, "versioner överlappar länge nog", Inapplicable(FIRST)),
    ("VER.18", Should, "en version som ingen använder tas ur bruk", Inapplicable(FIRST)),
    ("VER.19", Should, "kravets text är inte återfunnen", Inapplicable("kan inte bedömas utan sin text")),
];

pub(super) const TRACING: &[Requirement] = &[
    (
        "SPA.02",
        Shall,
        "`traceparent` tas emot och förs vidare (W3C Trace Context)",
        Held(test!(spa_02_a_trace_is_taken_up_or_begun)),
    ),
    ("SPA.04", Should, "`traceparent` lämnas i svaret", Held(test!(spa_04_every_answer_has_its_trace))),
    (
        "SPA.07",
        ShallNot,
        "`x-request-id` ersätter inte `traceparent`",
        Held(test!(spa_07_nothing_stands_in_for_the_trace)),
    ),
];

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn with_state(app: &TestApp, path: &str) -> Response {
    let request = app.anonymous().request("GET", path).header("tracestate", "a=b");
    request.header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01")).send().await
}

async fn info() -> Response {
    TestApp::new().await.anonymous().get("/api-info").await.expect(200)
}

#[actix_web::test]
async fn ver_04_the_version_is_semantic_and_its_life_fits_it() {
    let info = info().await.body;
    let version = info["apiVersion"].as_str().unwrap_or_default();
    let numbers: Vec<u32> = version.split('.').map(|number| number.parse().expect("a number")).collect();
    assert_eq!(numbers.len(), 3, "{version}");
    let is_trial = ["alpha", "beta"].iter().any(|status| info["apiStatus"] == *status);
    assert_eq!(is_trial, numbers[0] == 0, "{info}");
}

#[test]
fn ver_05_the_address_has_the_major_version() {
    let (_, number) = BASE_PATH.rsplit_once("/v").expect("a version");
    assert!(number.parse::<u32>().is_ok());
    for server in document()["servers"].as_array().expect("servers") {
        assert!(server["url"].as_str().is_some_and(|url| url.ends_with(BASE_PATH)), "{server}");
    }
}

#[actix_web::test]
async fn ver_07_api_info_says_what_it_must_to_anybody() {
    assert!(document()["paths"].get("/api-info").is_some());
    let info = info().await.body;
    for member in ["apiName", "apiVersion", "apiDocumentation", "apiStatus"] {
        assert!(info[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
    let released = info["apiReleased"].as_str().unwrap_or_default();
    assert!(chrono::NaiveDate::parse_from_str(released, "%Y-%m-%d").is_ok(), "{released}");
}

#[actix_web::test]
async fn ver_09_a_version_in_use_is_not_said_to_be_going() {
    let info = info().await;
    assert_eq!(info.body["apiStatus"], "active");
    assert_eq!((info.header("Deprecation"), info.header("Sunset")), ("", ""));
}

#[test]
fn ver_10_states_are_spelt_as_the_profile_has_them() {
    let states: Vec<_> =
        document()["components"]["schemas"]["ApiStatus"]["enum"].as_array().expect("states").iter().collect();
    assert_eq!(states, ["alpha", "beta", "active", "deprecated", "retired", "decommisioned"]);
}

#[actix_web::test]
async fn spa_02_a_trace_is_taken_up_or_begun() {
    for (method, path, operation) in operations() {
        let traces: Vec<&Value> = parameters(operation, "header")
            .filter(|(name, _)| *name == "traceparent")
            .map(|(_, trace)| trace)
            .collect();
        assert!(traces.len() == 1 && traces[0]["required"] != true, "{method} {path}");
    }
    let app = TestApp::new().await;
    let with = |trace: &str| app.anonymous().request("GET", "/api-info").header("traceparent", trace).send();
    let taken = with(&format!("00-{TRACE}-00f067aa0ba902b7-01")).await.expect(200);
    assert!(taken.header("traceparent").starts_with(&format!("00-{TRACE}-")));
    let wrong = [
        "",
        "nonsense",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
    ];
    for trace in wrong {
        let begun = with(trace).await.expect(200);
        assert!(!begun.header("traceparent").contains(TRACE), "{trace}");
        assert_eq!(begun.header("traceparent").len(), 55, "{trace}");
    }
    for answer in [with_state(&app, "/api-info").await, with_state(&app, "/nothing").await] {
        assert_eq!(answer.header("tracestate"), "a=b");
        assert!(answer.status == 200 || answer.body["traceId"] == TRACE, "{}", answer.body);
    }
}

#[actix_web::test]
async fn spa_04_every_answer_has_its_trace() {
    for (method, path, operation) in operations() {
        for (status, answer) in answers(operation) {
            assert!(answer["headers"].get("traceparent").is_some(), "{method} {path}: {status}");
        }
    }
    let app = TestApp::new().await;
    let whole = app.anonymous().get("/strategies").await.expect(200);
    let same =
        app.anonymous().request("GET", "/strategies").header("If-None-Match", whole.etag()).send().await.expect(304);
    let options = app.anonymous().request("OPTIONS", "/strategies").send().await.expect(204);
    let head = app.anonymous().request("HEAD", "/strategies").send().await.expect(200);
    let refused = refusals(&app).await.into_iter().map(|(_, answer)| answer);
    for answer in [whole, same, options, head].into_iter().chain(refused) {
        assert_eq!(answer.header("traceparent").len(), 55, "{}", answer.status);
    }
}

#[actix_web::test]
async fn spa_07_nothing_stands_in_for_the_trace() {
    for (method, path, operation) in operations() {
        for (name, _) in parameters(operation, "header") {
            assert!(!["x-request-id", "x-correlation-id"].contains(&name.to_lowercase().as_str()), "{method} {path}");
        }
    }
    let app = TestApp::new().await;
    let answer = app.anonymous().request("GET", "/api-info").header("X-Request-Id", "7").send().await.expect(200);
    assert_eq!((answer.header("X-Request-Id"), answer.header("traceparent").len()), ("", 55));
}
