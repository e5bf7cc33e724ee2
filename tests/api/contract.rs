//! The document and the program are one thing, and what holds for every operation holds for every operation.

use samsyn::auth::{Role, policy};
use samsyn::config::Config;
use serde_json::{Value, json};

use crate::projects::terminal;
use crate::support::{TestApp, contract, document};

/// Every operation of the document: method, path, and what it says.
pub(crate) fn operations() -> Vec<(String, String, &'static Value)> {
    let mut operations = Vec::new();
    for (path, methods) in document()["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push((method.clone(), path.clone(), operation));
        }
    }
    assert!(operations.len() > 60);
    operations
}

/// A path with every parameter set to something that fits.
pub(crate) fn concrete(operation: &Value, path: &str) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "path").fold(path.to_owned(), |path, parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        path.replace(&format!("{{{name}}}"), parameter["example"].as_str().unwrap_or_default())
    })
}

#[test]
pub(crate) fn the_document_in_the_repository_is_the_programs() {
    let checked_in = include_str!("../../openapi/openapi.json");
    let made = samsyn::routes::document_json().expect("a document");
    assert!(checked_in == made, "write it anew: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn every_operation_is_described_exemplified_and_in_the_policy() {
    let mut ids = Vec::new();
    for (method, path, operation) in operations() {
        let place = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap_or_default();
        ids.push(id.to_owned());
        assert!(policy::rule(id).is_some(), "{place}: {id} has no row in the policy");
        for member in ["summary", "description"] {
            assert!(operation[member].as_str().is_some_and(|text| text.contains('/')), "{place}: {member}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{place}");
        let has_header = |name: &str| {
            operation["parameters"].as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == name))
        };
        assert!(has_header("traceparent"), "{place}");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('4')), "{place}");
        if operation.get("requestBody").is_some() {
            assert!(responses.contains_key("415") && responses.contains_key("422"), "{place}");
        }
        assert_eq!(has_header("If-Match"), responses.contains_key("428"), "{place}");
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
    let known: Vec<_> = policy::POLICY.iter().flat_map(|rule| rule.operations).collect();
    assert_eq!(known.len(), count, "the policy has rows for operations that do not exist");
}

#[test]
fn what_a_body_may_hold_is_all_said() {
    for (method, path, operation) in operations() {
        for (media_type, media) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            let mut body = media["example"].clone();
            let Some(members) = body.as_object_mut() else { continue };
            members.insert("påhittat".to_owned(), json!("något"));
            let faults = contract().faults(media["schema"].clone(), &body).expect("a schema");
            assert_eq!(faults.len(), 1, "{method} {path} {media_type}: {faults:#?}");
        }
    }
}

#[test]
pub(crate) fn every_example_has_the_form_it_is_an_example_of() {
    for (method, path, operation) in operations() {
        let mut contents = vec![&operation["requestBody"]["content"]];
        contents
            .extend(operation["responses"].as_object().into_iter().flatten().map(|(_, response)| &response["content"]));
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let faults = contract().faults(parameter["schema"].clone(), &parameter["example"]).expect("a schema");
            let name = &parameter["name"];
            assert!(parameter.get("example").is_none() || faults.is_empty(), "{method} {path} {name}: {faults:#?}");
        }
        for content in contents {
            for (media_type, media) in content.as_object().into_iter().flatten() {
                let faults = contract().faults(media["schema"].clone(), &media["example"]).expect("a schema");
                assert!(faults.is_empty(), "{method} {path} {media_type}: {faults:#?} in {:#}", media["example"]);
            }
        }
    }
}

#[actix_web::test]
pub(crate) async fn nobody_and_strangers_get_no_further_than_the_policy_says() {
    let app = TestApp::new().await;
    for (method, path, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let rule = policy::rule(id).expect("a rule");
        let target = concrete(operation, &path);
        let roles = Role::ALL.iter().copied().map(Some).chain([None]);
        for role in roles {
            let client = role.map_or_else(|| app.anonymous(), |role| app.as_role(role));
            let answer = client.request(&method.to_uppercase(), &target).send().await;
            let is_refused = rule.grant(role) == policy::Grant::No;
            let refusal = if role.is_none() { 401 } else { 403 };
            assert_eq!(answer.status == refusal, is_refused, "{id} as {role:?}: {}", answer.status);
        }
    }
}

#[actix_web::test]
async fn an_account_with_a_one_time_password_can_only_change_it() {
    let app = TestApp::new().await;
    let new =
        json!({"email": "ny@example.se", "name": "Ny", "role": "administrator", "password": "ett första lösenord"});
    app.administrator().post("/users", new).await.expect(201);
    let credentials = json!({"email": "ny@example.se", "password": "ett första lösenord"});
    let session = app.anonymous().post("/sessions", credentials).await.expect(201);
    let person = app.bearer(session.body["accessToken"].as_str().unwrap_or_default());
    for (method, path, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let answer = person.request(&method.to_uppercase(), &concrete(operation, &path)).send().await;
        let may = [
            "getApiInfo",
            "listIssuers",
            "createSession",
            "createSingleSignOnSession",
            "refreshSession",
            "deleteSession",
            "getMe",
            "replacePassword",
        ];
        let may = may.contains(&id);
        assert_eq!(answer.status == 403, !may, "{id}: {}", answer.status);
    }
}

#[actix_web::test]
async fn a_trace_is_continued_on_every_answer() {
    let app = TestApp::new().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for path in ["/samsyn/v1/projects", "/samsyn/v1/users", "/samsyn/v1/nothing", "/health/live", "/nowhere"] {
        let request = app.anonymous().request_to("GET", path);
        let request = request.header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"));
        let answer = request.header("tracestate", "a=b").send().await;
        assert!(answer.header("traceparent").starts_with(&format!("00-{trace}-")), "{path}");
        assert!(!answer.header("traceparent").contains("00f067aa0ba902b7"), "{path}");
        assert_eq!(answer.header("tracestate"), "a=b");
        if answer.status >= 400 {
            assert_eq!(answer.body["traceId"], trace);
        }
    }
}

#[actix_web::test]
async fn addresses_know_their_methods() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    anyone.get("/nothing").await.expect_problem(404, "not-found");
    anyone.get("/projects/").await.expect_problem(404, "not-found");
    anyone.request_to("GET", "/").send().await.expect_problem(404, "not-found");
    for encoded in ["/samsyn/v1/%70rojects", "/s%61msyn/v1/users", "/samsyn/v1/%75sers/1", "/samsyn/v1//projects"] {
        app.administrator().request_to("GET", encoded).send().await.expect_problem(404, "not-found");
    }
    let refused = anyone.request("DELETE", "/projects").send().await.expect_problem(405, "method-not-allowed");
    assert_eq!(refused.header("Allow"), "GET, POST, HEAD, OPTIONS");
    let options = anyone.request("OPTIONS", "/strategies").send().await.expect(204);
    assert_eq!(options.header("Allow"), "GET, HEAD, OPTIONS");
    let options = app.officer().request("OPTIONS", "/organisations/x").send().await.expect(204);
    assert!(options.header("Accept-Patch").contains("merge-patch"));
    // A name in an address is no id.
    let refused = app.officer().get("/sessions/refresh").await.expect_problem(405, "method-not-allowed");
    assert_eq!(refused.header("Allow"), "POST, OPTIONS");
    let options = anyone.request("OPTIONS", "/sessions/single-sign-on").send().await.expect(204);
    assert_eq!(options.header("Allow"), "POST, OPTIONS");
    for method in ["BREW", "TRACE"] {
        anyone.request(method, "/projects").send().await.expect_problem(405, "method-not-allowed");
    }
    let whole = anyone.get("/strategies").await.expect(200);
    let head = anyone.request("HEAD", "/strategies").send().await.expect(200);
    assert_eq!(head.etag(), whole.etag());
}

#[actix_web::test]
pub(crate) async fn json_is_what_is_offered() {
    let app = TestApp::new().await;
    let accepting = |accept: &'static str| app.anonymous().request("GET", "/projects").header("Accept", accept).send();
    for accept in ["*/*", "application/json", "text/html, application/*;q=0.1", "application/json;q=0.5, text/csv"] {
        accepting(accept).await.expect(200);
    }
    for accept in ["text/html", "application/xml", "application/json;q=0"] {
        accepting(accept).await.expect_problem(406, "not-acceptable");
    }
}

#[actix_web::test]
pub(crate) async fn answers_say_how_they_may_be_kept() {
    let app = TestApp::new().await;
    let public = app.anonymous().get("/strategies").await;
    assert!(public.header("Cache-Control").starts_with("public"));
    assert!(app.officer().get("/projects").await.header("Cache-Control").starts_with("private"));
    for name in ["X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Vary"] {
        assert!(!public.header(name).is_empty(), "{name}");
    }
}

#[actix_web::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let app = TestApp::new().await;
    let open = TestApp::with(|config| {
        let (database, rate_limit) = (config.database().expect("a database"), config.rate_limit);
        *config = Config::of(database, "http://localhost".parse().expect("an origin"));
        config.rate_limit = rate_limit;
    })
    .await;
    for path in [
        "/samsyn/v1/strategies",
        "/samsyn/v1/users",
        "/samsyn/v1/projects?colour=blue",
        "/samsyn/v1/nothing",
        "/samsyn/v1/docs/",
        "/samsyn/v1/openapi.json",
        "/samsyn/problems/not-found",
        "/.well-known/jwks.json",
        "/health/live",
        "/nowhere",
    ] {
        let answer = app.anonymous().request_to("GET", path).send().await;
        let policy = answer.header("Content-Security-Policy");
        for directive in ["default-src ", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|own| own.starts_with(directive)), "{path}: {policy}");
        }
        assert!(!policy.contains("script-src 'unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff", "{path}");
        assert_eq!(answer.header("Referrer-Policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("Strict-Transport-Security"), "max-age=31536000", "{path}");
        assert_eq!((answer.header("Server"), answer.header("Set-Cookie")), ("", ""), "{path}");
        // Without TLS browsers would not listen, and who tries the service out has none.
        let answer = open.anonymous().request_to("GET", path).header("Host", "localhost").send().await;
        assert_eq!(answer.header("Strict-Transport-Security"), "", "{path}");
    }
}

#[actix_web::test]
pub(crate) async fn the_document_and_its_pages_are_served() {
    let app = TestApp::new().await;
    let get = |path: &'static str| app.anonymous().request_to("GET", path).send();
    let served = get("/samsyn/v1/openapi.json").await.expect(200);
    assert_eq!(served.body["openapi"], "3.1.0");
    assert_eq!(served.body["servers"][0]["url"], "https://samsyn.test/samsyn/v1");
    let yaml = get("/samsyn/v1/openapi.yaml").await.expect(200);
    let text = yaml.body.as_str().unwrap_or_default();
    assert_eq!(yaml_serde::from_str::<Value>(text).expect("YAML"), served.body);
    let page = get("/samsyn/v1/docs/").await.expect(200);
    assert!(page.body.as_str().is_some_and(|text| text.contains("swagger-ui") && !text.contains("//cdn")));
    let info = app.anonymous().get("/api-info").await.expect(200).body;
    assert_eq!((info["apiName"].as_str(), info["apiStatus"].as_str()), (Some("samsyn"), Some("active")));
    get("/health/live").await.expect(200);
    get("/health/ready").await.expect(200);
}

#[actix_web::test]
pub(crate) async fn every_problem_type_has_its_page() {
    let app = TestApp::new().await;
    for row in samsyn::problem::MEANINGS {
        let page =
            app.anonymous().request_to("GET", &format!("/samsyn/problems/{}", row.slug)).send().await.expect(200);
        assert!(page.body.as_str().is_some_and(|text| text.contains(row.sv) && text.contains(row.en)));
    }
    let refused = app.officer().post("/projects", json!({"kind": "other"})).await.expect(422);
    let type_ = refused.body["type"].as_str().unwrap_or_default();
    let path = type_.strip_prefix("https://samsyn.test").unwrap_or_default().to_owned();
    app.anonymous().request_to("GET", &path).send().await.expect(200);
}

#[actix_web::test]
async fn large_answers_are_compressed_when_asked() {
    let app = TestApp::new().await;
    app.officer().register(terminal()).await;
    let plain = app.anonymous().get("/strategies/norsjo-2014-2020").await;
    assert_eq!(plain.header("Content-Encoding"), "");
    let request = app.anonymous().request_to("GET", "/samsyn/v1/openapi.json").header("Accept-Encoding", "gzip");
    assert_eq!(request.send().await.header("Content-Encoding"), "gzip");
}
