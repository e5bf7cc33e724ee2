//! RES, UFN and MOG: resources, their addresses, and how the interface hangs together.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Deviates, Held, Requirement, Shall, ShallNot, Should, ShouldNot, answers, document, is_camel_case, operations,
    parameters, properties,
};
use crate::support::TestApp;

pub(super) const RESOURCES: &[Requirement] = &[
    (
        "RES.01",
        Should,
        "beständiga, globalt unika identifierare",
        Held(test!(res_01_ids_are_globally_unique_and_no_numbers)),
    ),
    (
        "RES.02",
        ShouldNot,
        "varken primärnycklar eller personnummer i adresser",
        Held(test!(res_02_no_address_asks_for_a_personal_number)),
    ),
    (
        "RES.03",
        ShouldNot,
        "inga löpnummer som identifierare",
        Held(test!(res_01_ids_are_globally_unique_and_no_numbers)),
    ),
    (
        "RES.04",
        Shall,
        "en nästlad resurs är unik inom sin förälder",
        Held(test!(res_01_ids_are_globally_unique_and_no_numbers)),
    ),
    (
        "RES.05",
        Should,
        "identifierare är valda med tanke på säkerhet: UUID eller logiska nycklar",
        Held(test!(res_01_ids_are_globally_unique_and_no_numbers)),
    ),
    (
        "RES.06",
        Shall,
        "resurser är substantiv i plural, gemener och bindestreck",
        Deviates(
            "det som det bara finns ett av heter i singular (`/me`, `/api-info`, ett projekts `assessment`, `history` …), och en \
             arbetsgrupp är en grupp av medlemmar.",
            Some(test!(res_06_segments_are_plural_nouns_but_for_what_there_is_one_of)),
        ),
    ),
];

pub(super) const ADDRESSES: &[Requirement] = &[
    (
        "UFN.01",
        Should,
        "adressen är `protokoll://domän/api/version/resurs/id`",
        Held(test!(ufn_01_the_servers_address_is_one_segment_and_a_version)),
    ),
    ("UFN.02", Shall, "HTTPS på port 443", Held(test!(ufn_02_the_server_is_reached_by_https_on_its_usual_port))),
    ("UFN.03", ShallNot, "frågeparametrar bär inte innehåll", Held(test!(ufn_03_what_is_written_stands_in_bodies))),
    (
        "UFN.04",
        Should,
        "`fields`, `filter`, `sort` och `page` heter så där de finns",
        Held(test!(ufn_04_features_of_lists_have_their_usual_names)),
    ),
    (
        "UFN.05",
        ShouldNot,
        "adresser är högst 2048 tecken",
        Held(test!(ufn_05_addresses_are_short_and_longer_ones_are_refused)),
    ),
    (
        "UFN.07",
        Shall,
        "adresser har bara a–z, 0–9, bindestreck, punkt och tilde",
        Held(test!(ufn_07_paths_are_lower_case_words_with_hyphens)),
    ),
    ("UFN.08", Shall, "bara bindestreck skiljer ord åt", Held(test!(ufn_07_paths_are_lower_case_words_with_hyphens))),
    (
        "UFN.09",
        ShallNot,
        "varken mellanslag eller understreck utanför frågan",
        Held(test!(ufn_07_paths_are_lower_case_words_with_hyphens)),
    ),
];

pub(super) const MATURITY: &[Requirement] = &[
    (
        "MOG.01",
        Shall,
        "Richardsons nivå 2: resurser och HTTP-metoder",
        Held(test!(mog_01_resources_are_used_by_methods)),
    ),
    ("MOG.02", Should, "Richardsons nivå 3: länkar", Held(test!(mog_02_answers_lead_on))),
    (
        "MOG.03",
        Shall,
        "POST där GET vore naturligt motiveras i dokumentationen",
        Held(test!(mog_03_a_post_that_asks_says_why)),
    ),
];

/// Every segment of a path that is no parameter, with its path.
fn segments() -> impl Iterator<Item = (&'static str, &'static str)> {
    let paths = document()["paths"].as_object().expect("paths").keys();
    paths.flat_map(|path| path.split('/').skip(1).map(move |segment| (path.as_str(), segment)))
}

fn server() -> &'static str {
    assert_eq!(document()["servers"].as_array().map(Vec::len), Some(1));
    document()["servers"][0]["url"].as_str().unwrap_or_default()
}

fn ids(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own =
                members.iter().filter(|(name, _)| *name == "id").filter_map(|(_, id)| Some(id.as_str()?.to_owned()));
            own.chain(members.values().flat_map(ids)).collect()
        }
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        _ => Vec::new(),
    }
}

#[actix_web::test]
async fn res_01_ids_are_globally_unique_and_no_numbers() {
    let app = TestApp::new().await;
    let project = app.officer().register(crate::projects::terminal()).await;
    let found = ids(&project.body);
    assert!(found.len() > 5, "{found:?}");
    for id in &found {
        let id = uuid::Uuid::parse_str(id).expect("a UUID");
        assert_eq!(id.get_version_num(), 7, "{id}");
    }
    for (place, name, schema) in properties().into_iter().filter(|(_, name, _)| *name == "id" || name.ends_with("Id")) {
        assert!(!schema["type"].to_string().contains("integer"), "{place}: {name}");
    }
    for (_, path, operation) in operations() {
        for (name, parameter) in parameters(operation, "path") {
            assert_eq!(parameter["schema"]["type"], "string", "{path}: {name}");
            assert!(name.ends_with("Code") || name.ends_with("Id"), "{path}: {name}");
        }
    }
}

#[test]
fn res_02_no_address_asks_for_a_personal_number() {
    for (method, path, operation) in operations() {
        for place in ["path", "query"] {
            for (name, _) in parameters(operation, place) {
                let name = name.to_lowercase();
                for personal in ["pnr", "ssn", "personal", "person", "socialsecurity", "email"] {
                    assert!(!name.contains(personal), "{method} {path}: {name}");
                }
            }
        }
    }
}

#[test]
fn res_06_segments_are_plural_nouns_but_for_what_there_is_one_of() {
    let nouns = segments().filter(|(_, segment)| !segment.starts_with('{'));
    let singular: HashSet<_> = nouns.map(|(_, segment)| segment).filter(|segment| !segment.ends_with('s')).collect();
    let of_which_there_is_one = [
        "alignment-report",
        "api-info",
        "approval",
        "assessment",
        "coverage",
        "funding-check",
        "history",
        "me",
        "password",
        "personal-data",
        "record",
        "refresh",
        "single-sign-on",
        "workbook",
        "working-group",
    ];
    assert_eq!(singular, HashSet::from(of_which_there_is_one));
    for (path, segment) in segments() {
        for verb in ["get", "post", "put", "delete", "patch", "create", "update", "list"] {
            assert!(!segment.starts_with(&format!("{verb}-")), "{path}");
        }
    }
}

#[test]
fn ufn_01_the_servers_address_is_one_segment_and_a_version() {
    let (_, path) = server().trim_start_matches("https://").split_once('/').expect("a path");
    let (api, version) = path.split_once('/').expect("two segments");
    assert!(
        !api.is_empty() && version.starts_with('v') && version[1..].bytes().all(|byte| byte.is_ascii_digit()),
        "{path}"
    );
}

#[test]
fn ufn_02_the_server_is_reached_by_https_on_its_usual_port() {
    let rest = server().strip_prefix("https://").expect("https");
    assert!(!rest.contains(':'), "{rest}");
}

#[test]
fn ufn_03_what_is_written_stands_in_bodies() {
    for (method, path, operation) in operations() {
        let names: Vec<_> = parameters(operation, "query").map(|(name, _)| name).collect();
        // A file's query says how it is to be read; what is read is the body.
        assert!(
            method == "get" || names.is_empty() || (path == "/imports" && method == "post"),
            "{method} {path}: {names:?}"
        );
        for (name, parameter) in parameters(operation, "query") {
            assert_ne!(parameter["schema"]["type"], "object", "{method} {path}: {name}");
        }
    }
}

#[test]
fn ufn_04_features_of_lists_have_their_usual_names() {
    for (method, path, operation) in operations() {
        for (name, _) in parameters(operation, "query") {
            let other = [
                "select",
                "field",
                "filters",
                "order",
                "orderBy",
                "sortBy",
                "pageNumber",
                "pageSize",
                "size",
                "offset",
            ];
            assert!(!other.contains(&name), "{method} {path}: {name}");
        }
    }
}

#[actix_web::test]
async fn ufn_05_addresses_are_short_and_longer_ones_are_refused() {
    for (path, _) in segments() {
        // An id or a code is 100 characters at most.
        assert!(server().len() + path.len() + 100 * path.matches('{').count() < 2048, "{path}");
    }
    let app = TestApp::new().await;
    let long = "x".repeat(2048);
    app.anonymous().get(&format!("/projects?q={long}")).await.expect_problem(414, "address-too-long");
}

#[test]
fn ufn_07_paths_are_lower_case_words_with_hyphens() {
    for (path, segment) in segments() {
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            assert!(is_camel_case(name), "{path}");
            continue;
        }
        for word in segment.split('-') {
            assert!(
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
                "{path}"
            );
        }
    }
    assert!(
        server().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b":/.-~".contains(&byte))
    );
}

#[test]
fn mog_01_resources_are_used_by_methods() {
    let methods: HashSet<_> = operations().into_iter().map(|(method, ..)| method).collect();
    assert!(["get", "post", "put", "patch", "delete"].iter().all(|method| methods.contains(*method)));
}

#[test]
fn mog_02_answers_lead_on() {
    let linked =
        operations().iter().flat_map(|row| answers(row.2)).filter(|(_, answer)| answer.get("links").is_some()).count();
    assert!(linked > 10, "{linked}");
    assert!(properties().iter().filter(|(_, name, _)| *name == "_links").count() > 10);
}

#[test]
fn mog_03_a_post_that_asks_says_why() {
    let created = |operation: &'static Value| answers(operation).any(|(status, _)| status == "201");
    let asking = operations().into_iter().filter(|(method, _, operation)| method == "post" && !created(operation));
    let mut paths = Vec::new();
    for (_, path, operation) in asking {
        let description = operation["description"].as_str().unwrap_or_default();
        let acts = ["/personal-data/anonymisations", "/webhooks/{webhookId}/pings", "/webhooks/{webhookId}/resends"];
        assert!(description.contains("POST") || acts.contains(&path.as_str()), "{path}: {description}");
        paths.push(path);
    }
    for asking in ["/suggestions", "/personal-data/exports"] {
        assert!(paths.iter().any(|path| path == asking), "{asking}");
    }
}
