//! A project's way through its states.

use serde_json::{Value, json};

use crate::projects::{idea, terminal};
use crate::support::{Client, Response, TestApp};

/// What a change to a state needs, as the department would say it.
pub(crate) fn towards(status: &str) -> Value {
    let decision = json!({"date": "2010-06-01", "body": "Kommunstyrelsen", "caseNumber": "KS 2010/7"});
    match status {
        "supplementRequested" => json!({
            "status": status, "asksFor": ["Medfinansieringsintyg från regionen."], "dueDate": "2999-05-01"
        }),
        "approved" | "rejected" | "dismissed" => {
            json!({"status": status, "reason": format!("Skäl för {status}."), "decision": decision})
        }
        "completed" => json!({"status": status, "resultsUse": "Terminalen drivs vidare."}),
        _ => json!({"status": status, "reason": format!("Skäl för {status}.")}),
    }
}

/// Takes a project through states; the project as it is afterwards.
pub(crate) async fn take(client: &Client<'_>, project: &str, way: &[&str]) -> Response {
    for status in way {
        let now = client.get(project).await.expect(200);
        let path = format!("{project}/status-changes");
        client.change("POST", &path, now.etag(), towards(status)).await.expect(201);
    }
    client.get(project).await.expect(200)
}

#[actix_web::test]
async fn a_project_goes_its_way_and_its_history_is_kept() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/status-changes", project.location());
    let way = ["submitted", "inReview", "supplementRequested", "inReview", "approved", "ongoing", "completed"];
    let done = take(&officer, project.location(), &way).await;
    let history = officer.get(&path).await.expect(200);
    let mut expected = vec!["draft"];
    expected.extend(way);
    assert_eq!(history.all("statusChanges", "status"), expected);
    let changes = &history.body["statusChanges"];
    assert_eq!(changes[1]["from"], "draft");
    assert_eq!(changes[1]["reason"], "Skäl för submitted.");
    assert!(changes[1]["actor"].is_string());
    assert_eq!(changes[3]["asksFor"], json!(["Medfinansieringsintyg från regionen."]));
    assert_eq!(changes[3]["dueDate"], "2999-05-01");
    assert_eq!(
        changes[5]["decision"],
        json!({"date": "2010-06-01", "body": "Kommunstyrelsen", "caseNumber": "KS 2010/7"})
    );
    assert_eq!(done.body["resultsUse"], "Terminalen drivs vidare.");
    assert!(done.body["submittedAt"].is_string());
    assert_eq!(officer.get("/projects?status=completed").await.total(), 1);
    assert!(done.body["_links"].get("change-status").is_none(), "nothing follows on completed");
}

#[actix_web::test]
async fn a_state_refuses_what_does_not_follow_on_it() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/status-changes", project.location());
    let refused = officer.change("POST", &path, project.etag(), json!({"status": "approved"})).await;
    let refused = refused.expect_problem(409, "state-conflict");
    assert_eq!(refused.body["allowedStatuses"], json!(["submitted", "withdrawn"]));
    officer
        .change("POST", &path, project.etag(), json!({"status": "withdrawn"}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/reason", "required");
    officer
        .change("POST", &path, project.etag(), json!({"status": "lost"}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/status", "code");
    officer.post(&path, json!({"status": "submitted"})).await.expect_problem(428, "precondition-required");
    app.reader()
        .change("POST", &path, project.etag(), json!({"status": "submitted"}))
        .await
        .expect_problem(403, "forbidden");
    assert_eq!(officer.get(&path).await.total(), 1);
    assert_eq!(officer.get(project.location()).await.body["version"], 1);
}

#[actix_web::test]
async fn every_state_gets_what_it_needs_and_nothing_else() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/status-changes", project.location());
    let review = take(&officer, project.location(), &["submitted", "inReview"]).await;
    let try_it = async |body: Value| officer.change("POST", &path, review.etag(), body).await.expect(422);
    let request = try_it(json!({"status": "supplementRequested", "reason": "Mer behövs."})).await;
    request.expect_fault("/asksFor", "required").expect_fault("/dueDate", "required");
    try_it(json!({"status": "approved"}))
        .await
        .expect_fault("/decision", "required")
        .expect_fault("/reason", "required");
    let mut early = towards("approved");
    early["decision"] = json!({"date": "2999-01-01", "body": " "});
    try_it(early.clone()).await.expect_fault("/decision/body", "blank");
    early["decision"]["body"] = json!("Kommunstyrelsen");
    try_it(early).await.expect_fault("/decision/date", "future");
    let mut late = towards("supplementRequested");
    late["dueDate"] = json!("2010-05-01");
    try_it(late).await.expect_fault("/dueDate", "past");
    let mut mixed = towards("rejected");
    mixed["resultsUse"] = json!("Används.");
    mixed["asksFor"] = json!(["Mer."]);
    try_it(mixed).await.expect_fault("/resultsUse", "not-for-status").expect_fault("/asksFor", "not-for-status");
    try_it(json!({"status": "supplementRequested", "asksFor": [""], "dueDate": "när som helst"}))
        .await
        .expect_fault("/asksFor/0", "too-short");

    try_it(json!({"status": "supplementRequested", "asksFor": [" "], "dueDate": "2010-05-01"}))
        .await
        .expect_fault("/asksFor/0", "blank");

    let ongoing = take(&officer, project.location(), &["approved", "ongoing"]).await;
    let owner = ongoing.body["stakeholders"][0]["id"].as_str().unwrap_or_default();
    let stakeholder = format!("{}/stakeholders/{owner}", project.location());
    let changed = officer.change("PATCH", &stakeholder, ongoing.etag(), json!({"phases": ["idea"]})).await.expect(200);
    officer
        .change("POST", &path, changed.etag(), json!({"status": "completed"}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/resultsUse", "required")
        .expect_fault("/stakeholders", "results-users");
    let blank = json!({"status": "completed", "resultsUse": " "});
    let refused = officer.change("POST", &path, changed.etag(), blank).await.expect(422);
    refused.expect_fault("/resultsUse", "blank");
}

#[actix_web::test]
async fn an_incomplete_project_is_told_everything_at_once_before_and_at_submission() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut new = idea("Halvt");
    new["alignments"] = json!([{"subGoal": "3.4", "share": 60}]);
    new["costs"] = json!([{"type": "staff", "amount": {"amount": "100.00", "currency": "SEK"}, "eligible": true}]);
    new["fundingLines"] = json!([
        {"source": "norsjo-kommun", "kind": "publicCash", "commitment": "planned",
         "amount": {"amount": "100.01", "currency": "SEK"}},
        {"source": "other-private", "kind": "privateInKind", "commitment": "planned"}
    ]);
    let project = officer.register(new).await;
    let readiness = officer.get(&format!("{}/readiness", project.location())).await.expect(200);
    assert_eq!(readiness.body["ready"], false);
    let rules = readiness.all("findings", "rule");
    let errors = ["summary", "period", "period", "shares", "owner", "need-or-benefit", "funding-above-cost"];
    let warnings = ["contact", "withheld-reason", "unknown-amounts"];
    assert_eq!(rules, [&errors[..], &warnings[..]].concat());
    let shares = &readiness.body["findings"][3];
    assert_eq!(shares["numbers"], json!({"sum": "60", "expected": "100"}));
    assert_eq!(shares["property"], "/alignments");

    let path = format!("{}/status-changes", project.location());
    let refused = officer.change("POST", &path, project.etag(), json!({"status": "submitted"})).await;
    let refused = refused.expect_problem(422, "validation-error").expect_fault("/alignments", "shares");
    let faults = refused.body["invalidParameters"].as_array().expect("faults");
    assert_eq!(faults.len(), rules.len());
    let count = |severity: &str| faults.iter().filter(|fault| fault["severity"] == severity).count();
    assert_eq!(count("warning"), warnings.len());
    assert!(faults.iter().all(|fault| fault["in"] == "project"));
    assert_eq!(officer.get(project.location()).await.body["status"], "draft");

    // Mended step by step, the same check says yes, and submission agrees.
    let facts = json!({"summary": "Helt.", "startDate": "2015-01-01", "endDate": "2015-12-31"});
    let step = officer.change("PATCH", project.location(), project.etag(), facts).await.expect(200);
    let set = json!({"alignments": [{"subGoal": "3.4", "share": 60}, {"subGoal": "1.1", "share": 40}]});
    let alignments = format!("{}/alignments", project.location());
    let step = officer.change("PUT", &alignments, step.etag(), set).await.expect(200);
    let owner = json!({"organisation": {"name": "Norsjö kommun", "sector": "public"}, "roles": ["owner"],
                       "interests": ["benefit"]});
    let stakeholders = format!("{}/stakeholders", project.location());
    let step = officer.change("POST", &stakeholders, step.etag(), owner).await.expect(201);
    let line = project.body["fundingLines"][0]["id"].as_str().unwrap_or_default();
    let line = format!("{}/funding-lines/{line}", project.location());
    let less = json!({"amount": {"amount": "100.00", "currency": "SEK"}});
    officer.change("PATCH", &line, step.etag(), less).await.expect(200);
    let readiness = officer.get(&format!("{}/readiness", project.location())).await;
    assert_eq!(readiness.body["ready"], true, "{:#}", readiness.body);
    take(&officer, project.location(), &["submitted"]).await;
}

#[actix_web::test]
async fn funding_above_a_cost_that_is_not_wholly_known_is_a_warning() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let sek = |amount: &str| json!({"amount": amount, "currency": "SEK"});
    for (travel, status) in [(json!([{"type": "travel", "eligible": true}]), 201), (json!([]), 422)] {
        let mut new = terminal();
        new["costs"] = travel;
        if let Some(costs) = new["costs"].as_array_mut() {
            costs.push(json!({"type": "staff", "amount": sek("1000.00"), "eligible": true}));
        }
        new["fundingLines"] = json!([{"source": "norsjo-kommun", "kind": "publicCash", "commitment": "planned",
                                      "amount": sek("1500.00")}]);
        let project = officer.register(new).await;
        let readiness = officer.get(&format!("{}/readiness", project.location())).await.expect(200);
        let findings = readiness.body["findings"].as_array().cloned().unwrap_or_default();
        let above = findings.iter().find(|finding| finding["rule"] == "funding-above-cost").expect("a finding");
        assert_eq!(above["severity"], if status == 201 { "warning" } else { "error" });
        assert_eq!(above["numbers"]["gap"], "-500.00");
        let path = format!("{}/status-changes", project.location());
        officer.change("POST", &path, project.etag(), json!({"status": "submitted"})).await.expect(status);
    }
}

#[actix_web::test]
async fn a_project_registered_afterwards_is_shown_what_it_lacks_but_not_stopped() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut older = idea("Äldre");
    older["status"] = json!("inReview");
    older["registration"] = json!({"source": "Arkivet", "reason": "Registrerat i efterhand."});
    older["startDate"] = json!("2003-01-01");
    older["endDate"] = json!("2004-01-01");
    let project = officer.register(older).await;
    let readiness = officer.get(&format!("{}/readiness", project.location())).await.expect(200);
    assert!(readiness.all("findings", "rule").contains(&"outside-strategy-period".to_owned()));
    assert_eq!(readiness.body["ready"], false);
    take(&officer, project.location(), &["approved", "ongoing"]).await;
}
