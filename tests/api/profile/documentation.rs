//! DOK and DOT: what is written about the API, and dates.

use samsyn::http::BASE_PATH;
use serde_json::Value;

use super::{Held, Requirement, Shall, Should, answers, document, operations, parameters, properties, resolved, walk};
use crate::support::{PUBLIC_URL, TestApp, contract};

pub(super) const DOCUMENTATION: &[Requirement] = &[
    (
        "DOK.01",
        Should,
        "dokumentation och specifikation är öppet åtkomliga",
        Held(test!(dok_01_the_documentation_is_open_to_everybody)),
    ),
    (
        "DOK.02",
        Should,
        "API:t går att hitta i Sveriges dataportal",
        Held(test!(dok_02_the_portals_catalogue_names_the_api)),
    ),
    (
        "DOK.03",
        Shall,
        "om API:t, villkor, datamodell, inloggning, livscykel och kontakt är beskrivna",
        Held(test!(dok_03_it_says_whose_it_is_and_on_what_terms)),
    ),
    (
        "DOK.04",
        Shall,
        "specifikationen är kontraktet",
        Held(test!(crate::contract::the_document_in_the_repository_is_the_programs)),
    ),
    ("DOK.05", Shall, "dokumentationen har API:ts version", Held(test!(dok_05_the_document_has_the_programs_version))),
    (
        "DOK.06",
        Should,
        "dokumentationen är på svenska och engelska",
        Held(test!(dok_06_everything_is_said_in_both_languages)),
    ),
    ("DOK.07", Should, "det finns allmän information", Held(test!(dok_11_what_it_is_for_and_how_it_behaves_is_told))),
    ("DOK.08", Shall, "servicenivån är beskriven", Held(test!(dok_08_the_service_level_is_told))),
    ("DOK.09", Shall, "kända begränsningar är beskrivna", Held(test!(dok_09_its_limits_are_told))),
    ("DOK.10", Shall, "ett känt datum för avveckling anges", Held(test!(dok_10_no_retirement_is_kept_quiet))),
    (
        "DOK.11",
        Shall,
        "syfte och beteende är utförligt beskrivna",
        Held(test!(dok_11_what_it_is_for_and_how_it_behaves_is_told)),
    ),
    (
        "DOK.12",
        Shall,
        "resurser och operationer är beskrivna i dokumentationen",
        Held(test!(dok_12_resources_parameters_and_schemas_are_described)),
    ),
    (
        "DOK.13",
        Shall,
        "svars- och felkoder är dokumenterade",
        Held(test!(crate::contract::every_problem_type_has_its_page)),
    ),
    ("DOK.15", Shall, "begäran och svar har fullständiga exempel", Held(test!(dok_15_every_body_has_an_example))),
    (
        "DOK.16",
        Shall,
        "det finns en specifikation som en modell kan genereras ur",
        Held(test!(dok_16_every_reference_leads_somewhere_and_every_schema_compiles)),
    ),
    ("DOK.17", Should, "OpenAPI i senaste huvudversion", Held(test!(dok_17_it_is_openapi_in_its_latest_major_version))),
    (
        "DOK.18",
        Should,
        "specifikationen finns som JSON eller YAML",
        Held(test!(crate::contract::the_document_and_its_pages_are_served)),
    ),
    (
        "DOK.19",
        Shall,
        "varje operation är utförligt beskriven",
        Held(test!(dok_19_every_operation_is_described_and_paths_have_nothing_else)),
    ),
    (
        "DOK.20",
        Shall,
        "svars- och felkoder är beskrivna i specifikationen",
        Held(test!(dok_20_every_answer_is_described)),
    ),
    ("DOK.21", Shall, "krav på inloggning framgår", Held(test!(dok_21_every_operation_says_who_may_call_it))),
    (
        "DOK.22",
        Shall,
        "varje huvudversion har sin specifikation",
        Held(test!(dok_22_the_document_is_that_of_its_major_version)),
    ),
    (
        "DOK.23",
        Shall,
        "specifikationen ligger under API:ts rot",
        Held(test!(dok_24_the_document_has_its_name_below_the_root_and_outside_the_paths)),
    ),
    (
        "DOK.24",
        Shall,
        "filen heter `openapi.json` eller `openapi.yaml`",
        Held(test!(dok_24_the_document_has_its_name_below_the_root_and_outside_the_paths)),
    ),
];

pub(super) const DATES: &[Requirement] = &[
    (
        "DOT.01",
        Shall,
        "datum och tid enligt RFC 3339; alla tidszoner tas emot, UTC lämnas",
        Held(test!(dot_01_every_offset_is_taken_and_utc_is_given)),
    ),
    ("DOT.02", Shall, "formatet är RFC 3339", Held(test!(dot_02_every_date_has_an_example_of_its_form))),
    ("DOT.03", Should, "tidszonen anges", Held(test!(dot_01_every_offset_is_taken_and_utc_is_given))),
    (
        "DOT.04",
        Should,
        "tidszonen anges som avvikelse från UTC",
        Held(test!(dot_02_every_date_has_an_example_of_its_form)),
    ),
];

fn info() -> &'static Value {
    &document()["info"]
}

fn text(value: &'static Value) -> &'static str {
    value.as_str().unwrap_or_default()
}

#[actix_web::test]
async fn dok_01_the_documentation_is_open_to_everybody() {
    let app = TestApp::new().await;
    for page in ["openapi.json", "openapi.yaml", "docs/"] {
        app.anonymous().request_to("GET", &format!("{BASE_PATH}/{page}")).send().await.expect(200);
    }
    let beside = &document()["externalDocs"];
    assert!(text(&beside["url"]).starts_with("https://") && !text(&beside["description"]).is_empty());
}

#[actix_web::test]
async fn dok_02_the_portals_catalogue_names_the_api() {
    let app = TestApp::new().await;
    let catalogue =
        app.anonymous().request_to("GET", "/datasets/dcat").header("Accept", "text/turtle").send().await.expect(200);
    assert!(catalogue.text().contains("DataService"));
    assert!(catalogue.text().contains(&format!("{PUBLIC_URL}{BASE_PATH}/openapi.json")));
}

#[test]
fn dok_03_it_says_whose_it_is_and_on_what_terms() {
    for place in ["/version", "/title", "/description", "/termsOfService", "/contact/name", "/license/name"] {
        assert!(info().pointer(place).is_some_and(|text| !text.as_str().unwrap_or_default().is_empty()), "{place}");
    }
    for place in ["/termsOfService", "/contact/url", "/license/url"] {
        assert!(
            info().pointer(place).is_some_and(|url| url.as_str().unwrap_or_default().starts_with("https://")),
            "{place}"
        );
    }
    assert!(text(&info()["contact"]["email"]).contains('@'));
    assert!(info()["license"].get("identifier").is_none(), "exclusive with url in 3.1");
}

#[actix_web::test]
async fn dok_05_the_document_has_the_programs_version() {
    let app = TestApp::new().await;
    assert_eq!(info()["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(app.anonymous().get("/api-info").await.body["apiVersion"], info()["version"]);
}

#[test]
fn dok_06_everything_is_said_in_both_languages() {
    let words: Vec<_> = text(&info()["description"]).split_whitespace().collect();
    for word in ["och", "är", "the", "and"] {
        assert!(words.contains(&word), "{word}");
    }
    for tag in document()["tags"].as_array().expect("tags") {
        assert!(text(&tag["description"]).contains(" / ") || text(&tag["description"]).contains(". / "), "{tag}");
    }
    for (method, path, operation) in operations() {
        for member in ["summary", "description"] {
            assert!(text(&operation[member]).contains(" / "), "{method} {path}: {member}");
        }
        for (status, answer) in answers(operation) {
            assert!(text(&answer["description"]).contains(" / "), "{method} {path}: {status}");
        }
    }
}

#[test]
fn dok_08_the_service_level_is_told() {
    for member in ["availability", "responseTime", "support"] {
        assert!(!text(&info()["x-sla"][member]).is_empty(), "{member}");
    }
}

#[actix_web::test]
async fn dok_09_its_limits_are_told() {
    let description = text(&info()["description"]);
    assert!(description.contains("begränsningar") && description.contains("limitations"));
    let app = TestApp::new().await;
    for told in ["100 poster", "2048 tecken"] {
        assert!(description.contains(told), "{told}");
    }
    app.officer().get("/projects?limit=100").await.expect(200);
    app.officer().get("/projects?limit=101").await.expect(400);
}

#[actix_web::test]
async fn dok_10_no_retirement_is_kept_quiet() {
    let app = TestApp::new().await;
    let told = app.anonymous().get("/api-info").await.expect(200);
    let is_ending = ["deprecated", "retired", "decommisioned"].iter().any(|status| told.body["apiStatus"] == *status);
    assert!(!is_ending || told.body["apiSunset"].is_string(), "{}", told.body);
}

#[test]
fn dok_11_what_it_is_for_and_how_it_behaves_is_told() {
    assert!(text(&info()["description"]).chars().count() > 1000);
}

#[test]
fn dok_12_resources_parameters_and_schemas_are_described() {
    for (name, schema) in document()["components"]["schemas"].as_object().expect("schemas") {
        assert!(!text(&schema["description"]).is_empty(), "{name}");
    }
    for (method, path, operation) in operations() {
        let tag = &operation["tags"][0];
        assert!(
            document()["tags"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == *tag)),
            "{path}: {tag}"
        );
        for place in ["path", "query", "header"] {
            for (name, parameter) in parameters(operation, place) {
                assert!(!text(&parameter["description"]).is_empty(), "{method} {path}: {name}");
            }
        }
    }
}

#[test]
fn dok_15_every_body_has_an_example() {
    for (method, path, operation) in operations() {
        let asked = resolved(&operation["requestBody"]);
        let bodies = answers(operation).map(|(_, answer)| answer).chain([asked]);
        for (media_type, media) in bodies.filter_map(|body| body["content"].as_object()).flatten() {
            let is_given = media.get("example").or(media.get("examples")).is_some_and(|given| !given.is_null());
            assert!(is_given || !media_type.contains("json"), "{method} {path}: {media_type}");
        }
    }
    crate::contract::every_example_has_the_form_it_is_an_example_of();
}

#[test]
fn dok_16_every_reference_leads_somewhere_and_every_schema_compiles() {
    let text = document().to_string();
    for rest in text.split("\"$ref\":\"#").skip(1) {
        let pointer = rest.split('"').next().unwrap_or_default();
        assert!(document().pointer(pointer).is_some(), "{pointer}");
    }
    for (name, schema) in document()["components"]["schemas"].as_object().expect("schemas") {
        contract().faults(schema.clone(), &Value::Null).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
}

#[test]
fn dok_17_it_is_openapi_in_its_latest_major_version() {
    assert!(text(&document()["openapi"]).starts_with("3.") && document().get("swagger").is_none());
}

#[test]
fn dok_19_every_operation_is_described_and_paths_have_nothing_else() {
    for (method, path, operation) in operations() {
        assert!(["get", "put", "post", "patch", "delete"].contains(&method.as_str()), "{path} has {method}");
        for member in ["summary", "description"] {
            assert!(!text(&operation[member]).trim().is_empty(), "{method} {path}: {member}");
        }
        assert_ne!(operation["summary"], operation["description"], "{method} {path}");
    }
}

#[test]
fn dok_20_every_answer_is_described() {
    for (method, path, operation) in operations() {
        for (status, answer) in answers(operation) {
            assert!(!text(&answer["description"]).is_empty(), "{method} {path}: {status}");
        }
    }
}

#[test]
fn dok_21_every_operation_says_who_may_call_it() {
    assert!(document()["security"].as_array().is_some_and(|all| !all.is_empty()));
    let schemes = &document()["components"]["securitySchemes"];
    for (method, path, operation) in operations() {
        let ways = operation["security"].as_array().expect("security");
        assert!(ways.iter().any(|way| way.get("bearerAuth").is_some()), "{method} {path}");
        let named = ways.iter().flat_map(|way| way.as_object().into_iter().flatten());
        named.for_each(|(name, _)| assert!(schemes.get(name).is_some(), "{method} {path}: {name}"));
    }
}

#[actix_web::test]
async fn dok_22_the_document_is_that_of_its_major_version() {
    let major = text(&info()["version"]).split('.').next().unwrap_or_default();
    assert!(BASE_PATH.ends_with(&format!("/v{major}")));
    let app = TestApp::new().await;
    let served = app.anonymous().request_to("GET", &format!("{BASE_PATH}/openapi.json")).send().await.expect(200);
    assert_eq!(served.body["info"]["version"], info()["version"]);
}

#[actix_web::test]
async fn dok_24_the_document_has_its_name_below_the_root_and_outside_the_paths() {
    let app = TestApp::new().await;
    for (name, kind) in [("openapi.json", "application/json"), ("openapi.yaml", "application/yaml")] {
        let served = app.anonymous().request_to("GET", &format!("{BASE_PATH}/{name}")).send().await.expect(200);
        assert!(served.header("Content-Type").starts_with(kind), "{name}");
        assert!(document()["paths"].get(format!("/{name}")).is_none(), "{name}");
    }
}

#[actix_web::test]
async fn dot_01_every_offset_is_taken_and_utc_is_given() {
    let app = TestApp::with_demonstration().await;
    let administrator = app.administrator();
    crate::sessions::sign_in(&app, samsyn::auth::Role::Officer).await;
    let total = async |from: &str| administrator.get(&format!("/audit-events?from={from}")).await.expect(200).total();
    let whole = total("2020-01-01T00:00:00Z").await;
    assert!(whole > 0);
    for from in ["2020-01-01T01:00:00%2B01:00", "2019-12-31T20:30:00-03:30", "2020-01-01T00:00:00.5Z"] {
        assert_eq!(total(from).await, whole, "{from}");
    }
    for from in ["2020-01-01T00:00:00", "2020-01-01", "1577836800", "2020-13-01T00:00:00Z"] {
        administrator.get(&format!("/audit-events?from={from}")).await.expect_problem(400, "invalid-parameter");
    }
    let mut instants = 0;
    for (path, answer) in walk(&administrator).await {
        for rest in answer.text().split("At\":\"").skip(1) {
            let instant = rest.split('"').next().unwrap_or_default();
            assert!(
                instant.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(instant).is_ok(),
                "{path}: {instant}"
            );
            instants += 1;
        }
    }
    assert!(instants > 100, "{instants}");
}

#[test]
fn dot_02_every_date_has_an_example_of_its_form() {
    let dates =
        properties().into_iter().filter(|(.., schema)| ["date", "date-time"].iter().any(|it| schema["format"] == *it));
    let dates: Vec<_> = dates.collect();
    assert!(dates.len() > 50);
    for (place, name, schema) in dates {
        let example = text(&schema["example"]);
        let is_right = match text(&schema["format"]) {
            "date" => chrono::NaiveDate::parse_from_str(example, "%Y-%m-%d").is_ok(),
            _ => chrono::DateTime::parse_from_rfc3339(example).is_ok(),
        };
        assert!(is_right, "{place}: {name}: {example:?}");
    }
}
