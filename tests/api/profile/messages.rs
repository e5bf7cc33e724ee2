//! AME, ARQ, ARP and FEL: what is sent and answered, and how it fails.

use std::collections::HashSet;

use serde_json::json;

use super::{
    Deviates, Held, May, Requirement, Shall, ShallNot, Should, answers, document, is_camel_case, operations,
    parameters, properties, refusals, resolved,
};
use crate::support::{PUBLIC_URL, TestApp};

pub(super) const MESSAGES: &[Requirement] = &[
    (
        "AME.01",
        Should,
        "innehåll är JSON",
        Deviates(
            "exporter är filer: CSV, JSON Lines eller XLSX (`/exports/…`); samma projekt ges som JSON av `/projects`. En fil att läsa in \
             skickas som formulär (`POST /imports`).",
            Some(test!(ame_01_all_but_files_is_json)),
        ),
    ),
    (
        "AME.02",
        Should,
        "JSON är det som ges när inget annat begärs",
        Deviates("filer, som i AME.01.", Some(test!(ame_02_json_is_what_comes_unasked))),
    ),
    ("AME.03", May, "andra format får finnas", Held(test!(crate::exports::the_caller_picks_the_form))),
    (
        "AME.04",
        Should,
        "namn i camelCase eller snake_case",
        Deviates(
            "raderna i `/exports/operations` har de kolumnnamn som EU:s förteckning över insatser har (`Operation_Name` …).",
            Some(test!(ame_04_names_are_in_camel_case_but_for_the_eus_own)),
        ),
    ),
    (
        "AME.05",
        Shall,
        "samma sätt att skriva namn i hela API:t",
        Deviates(
            "samma rader: förteckningens kolumner skrivs som den har dem, annars kan den inte lämnas vidare.",
            Some(test!(ame_04_names_are_in_camel_case_but_for_the_eus_own)),
        ),
    ),
    (
        "AME.06",
        Shall,
        "listor har namn i plural",
        Deviates(
            "några listor har ett samlande eller böjt namn: `asksFor`, `evidence`, `history`, `nearest`, `ownPart`, `workingGroup`; \
             att byta dem bryter mot VER.02.",
            Some(test!(ame_06_lists_have_plural_names_but_for_six)),
        ),
    ),
    ("AME.07", Should, "namn av bokstäver och siffror", Held(test!(ame_07_names_are_alphanumeric))),
];

pub(super) const REQUESTS: &[Requirement] = &[
    ("ARQ.01", Should, "UTF-8", Held(test!(arq_01_texts_are_utf_8_both_ways))),
    (
        "ARQ.02",
        Shall,
        "`Authorization` och `Content-Type` stöds",
        Held(test!(crate::tokens::credentials_are_one_bearer_token)),
    ),
    (
        "ARQ.03",
        Should,
        "`Accept`, `Date`, `Cache-Control`, `ETag`, `Connection` och `Cookie` stöds, med `Date` enligt RFC 3339",
        Deviates(
            "`Date` är ett HTTP-datum (RFC 9110 avsnitt 6.6.1), och kakor används inte: den som anropar har en token.",
            Some(test!(arq_03_headers_are_those_of_http)),
        ),
    ),
    ("ARQ.04", Should, "`Accept` med JSON eller XML", Held(test!(crate::contract::json_is_what_is_offered))),
    ("ARQ.05", ShallNot, "huvuden bär inte innehåll", Held(test!(arq_05_headers_are_short_texts))),
    (
        "ARQ.06",
        Shall,
        "GET, PUT, DELETE, HEAD och OPTIONS är idempotenta",
        Held(test!(arq_06_doing_it_again_changes_nothing_more)),
    ),
];

pub(super) const ANSWERS: &[Requirement] = &[
    (
        "ARP.01",
        May,
        "svarets huvuden: `Content-Type`, `Cache-Control`, `ETag` …",
        Held(test!(crate::contract::answers_say_how_they_may_be_kept)),
    ),
    (
        "ARP.02",
        Should,
        "vanliga svarskoder stöds där de är tillämpliga",
        Held(test!(arp_02_the_usual_answers_are_documented)),
    ),
    ("ARP.03", Should, "201 har `Location`", Held(test!(arp_03_what_was_created_is_where_its_answer_says))),
    ("ARP.04", Should, "202 har `Location`", Held(test!(arp_04_nothing_is_accepted_to_be_done_later_without_a_place))),
];

pub(super) const PROBLEMS: &[Requirement] = &[
    (
        "FEL.01",
        Shall,
        "fel enligt RFC 9457 med type, title, status, detail och instance",
        Held(test!(fel_01_problems_have_their_five_members)),
    ),
    ("FEL.02", Shall, "mediatypen är `application/problem+json`", Held(test!(fel_02_every_failure_is_a_problem))),
];

pub(super) const FORM: &[Requirement] =
    &[("FOR.02", ShallNot, "GET har innehåll i begäran", Held(test!(for_02_who_asks_sends_no_body)))];

#[test]
fn ame_01_all_but_files_is_json() {
    for (method, path, operation) in operations() {
        for (status, answer) in answers(operation).filter(|(status, _)| *status < "400") {
            let Some(content) = answer["content"].as_object() else { continue };
            let is_file = path.starts_with("/exports/") && method == "get";
            assert_eq!(content.contains_key("application/json"), !is_file, "{method} {path}: {status}");
        }
    }
}

#[actix_web::test]
async fn ame_02_json_is_what_comes_unasked() {
    for (method, path, operation) in operations() {
        let Some(content) = resolved(&operation["requestBody"])["content"].as_object() else { continue };
        assert_eq!(content.contains_key("application/json"), path != "/imports", "{method} {path}");
    }
    let app = TestApp::new().await;
    for path in ["/projects", "/strategies", "/api-info"] {
        assert!(app.anonymous().get(path).await.header("Content-Type").starts_with("application/json"), "{path}");
    }
}

#[test]
fn ame_04_names_are_in_camel_case_but_for_the_eus_own() {
    for (place, name, _) in properties() {
        let is_right = is_camel_case(name) || ["_links", "_meta"].contains(&name);
        assert!(is_right || place == "/components/schemas/OperationRow", "{place}: {name}");
    }
}

#[test]
fn ame_06_lists_have_plural_names_but_for_six() {
    let lists = properties().into_iter().filter(|(place, _, schema)| {
        let kinds = &schema["type"];
        let is_list =
            kinds == "array" || kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "array"));
        is_list && place != "/components/schemas/OperationRow"
    });
    let singular: HashSet<_> = lists.map(|(_, name, _)| name).filter(|name| !name.ends_with('s')).collect();
    let known = ["asksFor", "evidence", "history", "horizontalCriteria", "nearest", "ownPart", "workingGroup"];
    assert_eq!(singular, HashSet::from(known), "criteria is the plural of criterion");
}

#[test]
fn ame_07_names_are_alphanumeric() {
    for (place, name, _) in properties() {
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{place}: {name}");
    }
}

#[actix_web::test]
async fn arq_01_texts_are_utf_8_both_ways() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let title = "Åtgärd för Ön – “ä” 🚜";
    let made = officer.register(crate::projects::idea(title)).await;
    let read = officer.get(made.location()).await.expect(200);
    assert!(read.text().contains(title));
    let draft = || officer.request("POST", "/projects");
    let body = || crate::projects::idea("x").to_string().into_bytes();
    draft().bytes("application/json; charset=utf-8", body()).send().await.expect(201);
    draft().bytes("application/json; charset=iso-8859-1", body()).send().await.expect(415);
    draft().bytes("application/json", b"{\"title\": \"\xe5\"}".to_vec()).send().await.expect(400);
}

#[actix_web::test]
async fn arq_03_headers_are_those_of_http() {
    for (method, path, operation) in operations() {
        for (name, _) in parameters(operation, "header") {
            assert!(
                !["date", "cache-control", "etag", "connection", "cookie"].contains(&name.to_lowercase().as_str()),
                "{method} {path}"
            );
        }
        assert_eq!(parameters(operation, "cookie").count(), 0, "{method} {path}");
    }
    let app = TestApp::new().await;
    let request = app.anonymous().request("GET", "/strategies").header("Date", "Sat, 28 Nov 2026 12:00:00 GMT");
    let request =
        request.header("Cache-Control", "no-cache").header("Connection", "keep-alive").header("Cookie", "a=b");
    let answer = request.header("Accept", "application/json").send().await.expect(200);
    assert!(!answer.etag().is_empty() && answer.header("Set-Cookie").is_empty());
}

#[test]
fn arq_05_headers_are_short_texts() {
    for (method, path, operation) in operations() {
        for (name, parameter) in parameters(operation, "header") {
            assert_eq!(parameter["schema"]["type"], "string", "{method} {path}: {name}");
            assert!(
                parameter["schema"]["format"] != "binary" && parameter.get("content").is_none(),
                "{method} {path}: {name}"
            );
        }
    }
}

#[actix_web::test]
async fn arq_06_doing_it_again_changes_nothing_more() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(crate::projects::idea("Igen")).await;
    let cost = json!({"type": "staff", "amount": {"amount": "250.50", "currency": "SEK"}, "eligible": true});
    let path = format!("{}/costs", project.location());
    let made = officer.change("POST", &path, "*", cost.clone()).await.expect(201);
    let part = made.location().to_owned();
    let replaced = async || officer.change("PUT", &part, "*", cost.clone()).await.expect(200).body;
    assert_eq!(replaced().await, replaced().await);
    for method in ["GET", "HEAD", "OPTIONS"] {
        let before = app.database.counts();
        let once = officer.request(method, &part).send().await;
        let again = officer.request(method, &part).send().await;
        assert_eq!((once.status, once.etag(), once.text()), (again.status, again.etag(), again.text()), "{method}");
        assert_eq!(app.database.counts(), before, "{method}");
    }
    officer.delete(&part, "*").await.expect(204);
    let before = app.database.counts();
    officer.delete(&part, "*").await.expect_problem(404, "not-found");
    assert_eq!(app.database.counts(), before);
}

#[test]
fn arp_02_the_usual_answers_are_documented() {
    for (method, path, operation) in operations() {
        let documented: HashSet<_> = answers(operation).map(|(status, _)| status).collect();
        let mut wanted = vec!["400", "401", "403", "404", "405", "429", "500", "503"];
        if method != "delete" {
            wanted.push("406");
        }
        if operation.get("requestBody").is_some() {
            wanted.extend(["409", "413", "415", "422"]);
        }
        if parameters(operation, "header").any(|(name, _)| name == "If-Match") {
            wanted.extend(["409", "412", "428"]);
        }
        for status in wanted {
            assert!(documented.contains(status), "{method} {path}: {status}");
        }
        let good: Vec<_> = documented.into_iter().filter(|status| *status < "300").collect();
        let usual: &[&str] = match method.as_str() {
            "get" | "patch" => &["200"],
            "post" => &["200", "201"],
            "put" => &["200", "201", "204"],
            _ => &["200", "204"],
        };
        assert!(good.iter().all(|status| usual.contains(status)) && !good.is_empty(), "{method} {path}: {good:?}");
    }
}

#[actix_web::test]
async fn arp_03_what_was_created_is_where_its_answer_says() {
    for (method, path, operation) in operations() {
        for (_, answer) in answers(operation).filter(|(status, _)| *status == "201") {
            assert!(answer["headers"].get("Location").is_some(), "{method} {path}");
        }
    }
    let app = TestApp::new().await;
    let officer = app.officer();
    let administrator = app.administrator();
    let project = officer.register(crate::projects::idea("Plats")).await;
    let mut made = vec![
        (&officer, officer.post("/organisations", json!({"name": "Ny", "sector": "public"})).await.expect(201)),
        (&administrator, crate::clients::register(&app, crate::clients::funders()).await),
    ];
    for (segment, new, ..) in crate::parts::kinds() {
        let path = format!("{}/{segment}", project.location());
        made.push((&officer, officer.change("POST", &path, "*", new).await.expect(201)));
    }
    made.push((&officer, project));
    for (client, made) in made {
        let location = made.header("Location").to_owned();
        assert!(location.starts_with(&format!("{PUBLIC_URL}/samsyn/v1/")), "{location}");
        let found = client.get(made.location()).await.expect(200);
        assert_eq!(found.body["_links"]["self"]["href"], location.as_str());
        assert_eq!(found.body["id"], made.body["id"], "{location}");
    }
}

#[test]
fn arp_04_nothing_is_accepted_to_be_done_later_without_a_place() {
    for (method, path, operation) in operations() {
        for (_, answer) in answers(operation).filter(|(status, _)| *status == "202") {
            assert!(answer["headers"].get("Location").is_some(), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn fel_01_problems_have_their_five_members() {
    let schema = &document()["components"]["schemas"]["Problem"];
    assert_eq!(schema["type"], "object");
    for member in ["type", "title", "status", "detail", "instance"] {
        assert!(schema["properties"].get(member).is_some(), "{member}");
    }
    let app = TestApp::new().await;
    for (path, answer) in refusals(&app).await {
        assert_eq!(answer.header("Content-Type"), "application/problem+json", "{path}");
        let text = |member: &str| answer.body[member].as_str().unwrap_or_default().to_owned();
        assert!(text("type").starts_with(&format!("{PUBLIC_URL}/samsyn/problems/")), "{}", answer.body);
        assert!(!text("title").is_empty() && !text("detail").is_empty(), "{}", answer.body);
        assert_eq!(answer.body["status"], answer.status);
        assert!(text("instance").starts_with("/samsyn/v1/") && text("instance").contains(path), "{}", answer.body);
    }
}

#[actix_web::test]
async fn fel_02_every_failure_is_a_problem() {
    for (method, path, operation) in operations() {
        for (status, answer) in answers(operation).filter(|(status, _)| *status >= "400") {
            let kinds: Vec<_> = answer["content"].as_object().expect("content").keys().collect();
            assert_eq!(kinds, ["application/problem+json"], "{method} {path}: {status}");
        }
    }
    let app = TestApp::new().await;
    for path in ["/", "/nowhere", "/samsyn/v1", "/samsyn/v2/projects", "/samsyn/v1/%00", "/health/nothing"] {
        let answer = app.anonymous().request_to("GET", path).send().await;
        assert!(answer.status >= 400, "{path}");
        assert_eq!(answer.header("Content-Type"), "application/problem+json", "{path}");
    }
}

#[test]
fn for_02_who_asks_sends_no_body() {
    for (method, path, operation) in operations() {
        assert!(operation.get("requestBody").is_none() || !["get", "delete"].contains(&method.as_str()), "{path}");
    }
}
