//! What bad input gets: a clear 4xx that names the place, and nothing stored.

use serde_json::{Value, json};

use crate::projects::terminal;
use crate::support::TestApp;

/// A terminal with one member set by its JSON Pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut project = terminal();
    let (parent, member) = pointer.rsplit_once('/').unwrap_or_default();
    match project.pointer_mut(parent) {
        Some(Value::Object(members)) => drop(members.insert(member.to_owned(), value)),
        Some(Value::Array(items)) => items.push(value),
        _ => panic!("{pointer}"),
    }
    project
}

#[actix_web::test]
pub(crate) async fn every_fault_of_a_body_is_named_and_nothing_is_stored() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let before = app.database.counts();
    let amount = "/costs/0/amount/amount";
    let cases = [
        ("/colour", json!("blue"), "/colour", "unknown"),
        ("/alignments/0/weight", json!(1), "/alignments/0/weight", "unknown"),
        ("/title", json!(7), "/title", "type"),
        ("/title", json!(""), "/title", "too-short"),
        ("/title", json!("   "), "/title", "blank"),
        ("/title", json!("x".repeat(301)), "/title", "too-long"),
        ("/summary", json!("x".repeat(10_001)), "/summary", "too-long"),
        ("/title", json!("a\u{0}b"), "/title", "control-character"),
        ("/kind", json!("miracle"), "/kind", "code"),
        ("/startDate", json!("2012-02-01"), "/endDate", "period"),
        ("/startDate", json!("2012-02-30"), "/startDate", "format"),
        ("/startDate", json!("2012-02-01T00:00:00Z"), "/startDate", "format"),
        ("/strategyId", json!("atlantis"), "/strategyId", "unknown-strategy"),
        ("/municipalities", json!(["2417", "0000"]), "/municipalities/1", "unknown-municipality"),
        ("/municipalities", json!("2417"), "/municipalities", "type"),
        ("/alignments/0/share", json!(101), "/alignments/0/share", "too-large"),
        ("/alignments/0/share", json!(-1), "/alignments/0/share", "too-small"),
        ("/alignments/0/share", json!(12.5), "/alignments/0/share", "type"),
        ("/alignments/0/share", json!("70"), "/alignments/0/share", "type"),
        ("/alignments/0/subGoal", json!("9.9"), "/alignments/0/subGoal", "unknown-sub-goal"),
        ("/alignments/0/subGoal", json!("four"), "/alignments/0/subGoal", "pattern"),
        ("/alignments/0/measure", json!("4.4.1"), "/alignments/0/measure", "measure-outside-sub-goal"),
        ("/alignments/0/measure", json!("4.3.99"), "/alignments/0/measure", "unknown-measure"),
        ("/alignments/1", json!({"subGoal": "4.3"}), "/alignments/2/subGoal", "repeated"),
        ("/stakeholders/0/roles", json!([]), "/stakeholders/0/roles", "too-few"),
        ("/stakeholders/0/roles", json!(["king"]), "/stakeholders/0/roles/0", "code"),
        ("/stakeholders/0/organisation", json!({}), "/stakeholders/0/organisation", "organisation"),
        ("/stakeholders/0/organisation/number", json!("123"), "/stakeholders/0/organisation/number", "pattern"),
        ("/fundingLines/0/source", json!("the-moon"), "/fundingLines/0/source", "unknown-source"),
        ("/fundingLines/0/financier", json!("somebody"), "/fundingLines/0/financier", "code"),
        ("/fundingLines/0/financier", json!({"name": 7}), "/fundingLines/0/financier/name", "type"),
        (amount, json!("-1.00"), amount, "pattern"),
        (amount, json!("1.001"), amount, "pattern"),
        (amount, json!("1e3"), amount, "pattern"),
        (amount, json!("01.00"), amount, "pattern"),
        (amount, json!("1".repeat(40)), amount, "pattern"),
        (amount, json!(100), amount, "type"),
        ("/costs/0/amount", json!("100.00"), "/costs/0/amount", "type"),
        ("/costs/0/amount/currency", json!("XXX"), "/costs/0/amount/currency", "code"),
        ("/costs/0/year", json!(20_155), "/costs/0/year", "too-large"),
        ("/costs/0/year", json!(2015.5), "/costs/0/year", "type"),
        ("/costs/0/type", json!(null), "/costs/0/type", "type"),
        ("/contact", json!({"name": "N", "email": "not an address"}), "/contact/email", "format"),
        ("/visibility", json!("secret"), "/visibility", "code"),
        (
            "/relatedProjects",
            json!([{"projectId": "x", "relation": "related"}]),
            "/relatedProjects/0/projectId",
            "format",
        ),
        (
            "/relatedProjects",
            json!([{"projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "relation": "related"}]),
            "/relatedProjects/0/projectId",
            "unknown-project",
        ),
        ("/places", json!([" "]), "/places/0", "length"),
    ];
    for (pointer, value, place, code) in cases {
        let refused = officer.post("/projects", with(pointer, value)).await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    assert_eq!(app.database.counts(), before);
}

#[actix_web::test]
async fn all_faults_come_at_once_in_the_callers_language() {
    let app = TestApp::new().await;
    let mut project = with("/kind", json!("miracle"));
    project["colour"] = json!("blue");
    project["costs"][0]["amount"]["amount"] = json!("-5");
    project["alignments"][0]["share"] = json!(170);
    let send = |language: &'static str| {
        app.officer().request("POST", "/projects").header("Accept-Language", language).json(&project).send()
    };
    let swedish = send("sv").await.expect(422);
    assert_eq!(swedish.body["invalidParameters"].as_array().map(Vec::len), Some(4), "{:#}", swedish.body);
    assert_eq!(swedish.header("Content-Language"), "sv");
    let english = send("en-GB, sv;q=0.5").await.expect(422);
    assert_eq!(english.header("Content-Language"), "en");
    assert_eq!(english.body["title"], "Invalid values");
    assert_ne!(swedish.body["title"], english.body["title"]);

    let mut project = with("/municipalities", json!(["0000", "9999"]));
    project["alignments"][0]["subGoal"] = json!("9.9");
    project["fundingLines"][0]["source"] = json!("the-moon");
    project["endDate"] = json!("2001-01-01");
    let refused = app.officer().post("/projects", project).await.expect(422);
    assert_eq!(refused.body["invalidParameters"].as_array().map(Vec::len), Some(5), "{:#}", refused.body);
}

#[actix_web::test]
async fn a_whole_number_may_be_written_with_a_point() {
    let app = TestApp::new().await;
    let mut project = terminal();
    project["alignments"][0]["share"] = json!(70.0);
    let made = app.officer().register(project).await;
    assert_eq!(made.body["alignments"][0]["share"], 70);
}

#[actix_web::test]
async fn what_cannot_be_parsed_is_malformed() {
    let app = TestApp::new().await;
    let before = app.database.counts();
    let whole = terminal().to_string();
    let deep = "[".repeat(200_000);
    for bytes in [
        Vec::new(),
        b"{".to_vec(),
        whole.as_bytes()[..whole.len() / 2].to_vec(),
        b"{\"title\": \"\xff\xfe\"}".to_vec(),
        deep.into_bytes(),
        b"nonsense".to_vec(),
        b"{\"title\": \"x\"} {\"title\": \"y\"}".to_vec(),
    ] {
        let request = app.officer().request("POST", "/projects").bytes("application/json", bytes);
        request.send().await.expect_problem(400, "malformed-request");
    }
    for body in ["null", "[]", "\"text\"", "7"] {
        let request = app.officer().request("POST", "/projects").bytes("application/json", body.as_bytes().to_vec());
        request.send().await.expect_problem(422, "validation-error").expect_fault("", "type");
    }
    assert_eq!(app.database.counts(), before);
}

#[actix_web::test]
pub(crate) async fn a_body_over_the_limit_or_of_another_type_is_refused() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1024 * 1024));
    let request = officer.request("POST", "/projects").bytes("application/json", large.into_bytes());
    request.send().await.expect_problem(413, "content-too-large");
    for content_type in
        ["text/plain", "application/xml", "application/merge-patch+json", "application/json; charset=utf-16"]
    {
        let request = officer.request("POST", "/projects").bytes(content_type, terminal().to_string().into_bytes());
        request.send().await.expect_problem(415, "unsupported-media-type");
    }
    for (path, kind) in
        [("/samsyn/v1/sessions", "application/json"), ("/oauth/token", "application/x-www-form-urlencoded")]
    {
        let packed = app.anonymous().request_to("POST", path).bytes(kind, b"\x1f\x8b".to_vec());
        let refused = packed.header("Content-Encoding", "gzip").send().await;
        refused.expect_problem(415, "unsupported-media-type");
    }
    officer.request("POST", "/projects").send().await.expect_problem(415, "unsupported-media-type");
    let shouted = officer.request("POST", "/projects").bytes("Application/JSON", terminal().to_string().into_bytes());
    shouted.send().await.expect(201);
}

#[actix_web::test]
pub(crate) async fn bad_addresses_and_parameters_name_the_parameter() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for (path, parameter, code) in [
        ("/projects/not-a-uuid", "projectId", "format"),
        ("/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10/costs/7", "costId", "format"),
        ("/projects?page=-1", "page", "too-small"),
        ("/projects?page=one", "page", "type"),
        ("/projects?limit=0", "limit", "too-small"),
        ("/projects?limit=101", "limit", "too-large"),
        ("/projects?limit=99999999999999999999", "limit", "type"),
        ("/projects?colour=blue", "colour", "unknown"),
        ("/projects?page=1&page=2", "page", "repeated"),
        ("/projects?sort=colour", "sort", "code"),
        ("/projects?status=done", "status", "code"),
        ("/projects?periodFrom=yesterday", "periodFrom", "format"),
        ("/projects?costFrom=-1", "costFrom", "pattern"),
        ("/projects?organisation=7", "organisation", "format"),
        ("/projects?q=", "q", "too-short"),
        ("/projects?q=a%00b", "q", "control-character"),
        ("/projects?q=%ff", "q", "control-character"),
        ("/strategies/Norsj%C3%B6", "strategyId", "pattern"),
        ("/api-info?x=1", "x", "unknown"),
    ] {
        officer.get(path).await.expect_problem(400, "invalid-parameter").expect_fault(parameter, code);
    }
    officer.get("/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10").await.expect_problem(404, "not-found");
    officer.get(&format!("/projects?q={}", "x".repeat(2048))).await.expect_problem(414, "address-too-long");
}

#[actix_web::test]
async fn an_unknown_parameters_name_comes_back_as_text() {
    let app = TestApp::new().await;
    let refused = app.anonymous().get("/projects?a%00b%1F=1").await.expect_problem(400, "invalid-parameter");
    refused.expect_fault("a?b?", "unknown");
}
