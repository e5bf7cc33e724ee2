//! Checks responses against the OpenAPI document, so that every test is a contract test too.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use samsyn::auth::client::token_endpoint::PATH as TOKEN_ENDPOINT;
use samsyn::http::BASE_PATH;
use samsyn::http::contract::{Contract, Match};
use serde_json::{Value, json};

use super::receiver::Received;
use super::response::Response;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let document = samsyn::routes::document().expect("a document");
    Contract::new(document).expect("a contract")
});

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The contract that the program publishes.
pub(crate) fn contract() -> &'static Contract {
    &CONTRACT
}

/// The document that the program publishes.
pub(crate) fn document() -> &'static Value {
    &CONTRACT.document
}

/// Follows a `$ref` inside the document.
fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document().pointer(pointer).expect("a component"),
        None => value,
    }
}

fn validator(key: String, schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().expect("validators");
    let compile = || {
        let mut schema = schema.clone();
        schema["components"] = json!({"schemas": document()["components"]["schemas"]});
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Arc::new(options.build(&schema).expect("a schema"))
    };
    Arc::clone(validators.entry(key).or_insert_with(compile))
}

/// Fails the test when a response is not what the document says.
pub(super) fn check(method: &str, path: &str, response: &Response) {
    let context = format!("{method} {path} answered {}: {:#}", response.status, response.body);
    assert!(response.status != 500, "{context}");
    let traceparent = response.header("traceparent");
    assert_eq!(traceparent.split('-').count(), 4, "{context}");
    let is_scrape = path == "/metrics" && response.status == 200;
    let is_counted = !path.starts_with("/health/") && !is_scrape;
    assert_eq!(response.header("RateLimit-Policy").is_empty(), !is_counted, "{context}");
    assert_eq!(response.header("RateLimit").is_empty(), !is_counted, "{context}");
    let is_problem = response.status >= 400;
    if is_problem && target(path) == TOKEN_ENDPOINT && response.header("Content-Type") == "application/json" {
        return check_refusal(response, &context);
    }
    if is_problem && method != "HEAD" {
        assert_eq!(response.header("Content-Type"), "application/problem+json", "{context}");
        let problem = json!({"$ref": "#/components/schemas/Problem"});
        assert_valid("problem".to_owned(), &problem, &response.body, &context);
        assert_eq!(response.body["status"], response.status, "{context}");
    }
    let Some(below) = target(path).strip_prefix(BASE_PATH) else { return };
    let known = if method == "HEAD" { "GET" } else { method };
    let Match::Operation(operation) = contract().find(known, below) else { return };
    let pointer = format!("/paths/{}/{}", operation.path.replace('/', "~1"), operation.method.to_lowercase());
    let described = document().pointer(&pointer).expect("an operation");
    let status = response.status.to_string();
    assert!(described["responses"].get(&status).is_some(), "undocumented: {context}");
    let documented = resolved(&described["responses"][&status]);
    for (name, _) in documented["headers"].as_object().into_iter().flatten() {
        // Some headers belong to one status among those that share a response.
        let is_occasional = is_problem && !["traceparent", "Content-Language"].contains(&name.as_str());
        assert!(is_occasional || !response.header(name).is_empty(), "no {name}: {context}");
    }
    if is_problem || method == "HEAD" {
        return;
    }
    let media_type = response.header("Content-Type").split(';').next().unwrap_or_default();
    if !media_type.is_empty() && media_type != "application/json" {
        assert!(documented["content"].get(media_type).is_some(), "undocumented {media_type}: {context}");
        return;
    }
    match documented["content"].get("application/json") {
        Some(media) => {
            assert_valid(format!("{} {status}", operation.id), &media["schema"], &response.body, &context);
        }
        None => assert!(response.body.is_null(), "{context}"),
    }
}

/// Fails the test when an event that was received is not what the document says.
pub(super) fn check_event(event: &Received) {
    let described = &document()["webhooks"]["event"]["post"];
    for parameter in described["parameters"].as_array().expect("parameters") {
        let name = parameter["name"].as_str().expect("a name");
        assert!(!event.header(name).is_empty(), "no {name}: {event:?}");
    }
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    assert_valid("event".to_owned(), schema, &event.body(), &format!("{event:?}"));
}

fn target(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// A refusal of the token endpoint is as RFC 6749 section 5.2 has it.
fn check_refusal(response: &Response, context: &str) {
    let members = response.body.as_object().expect("an object");
    assert!(members.keys().eq(["error", "error_description"]), "{context}");
    let is_plain = |text: &str| text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
    assert!(members.values().all(|text| text.as_str().is_some_and(is_plain)), "{context}");
    assert_eq!(response.header("Cache-Control"), "no-store", "{context}");
}

fn assert_valid(key: String, schema: &Value, body: &Value, context: &str) {
    let validator = validator(key, schema);
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {context}");
}
