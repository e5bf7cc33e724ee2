//! A POST that is sent twice because the first answer was lost.

use serde_json::json;

use crate::projects::terminal;
use crate::support::TestApp;

#[actix_web::test]
async fn the_same_key_gives_the_same_answer_and_creates_once() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let send = |key: &str, body: serde_json::Value| {
        officer.request("POST", "/projects").header("Idempotency-Key", key).json(&body).send()
    };
    let first = send("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", terminal()).await.expect(201);
    let second = send("8e03978e-40d5-43e8-bc93-6894a57f9324", terminal()).await.expect(201);
    assert_eq!(first.body, second.body);
    assert_eq!((first.etag(), first.location()), (second.etag(), second.location()));
    assert_eq!(officer.get("/projects").await.total(), 1);

    let mut other = terminal();
    other["title"] = json!("Ett annat");
    send("8e03978e-40d5-43e8-bc93-6894a57f9324", other).await.expect_problem(422, "idempotency-key-reused");
    send("another", terminal()).await.expect(201);
    assert_eq!(officer.get("/projects").await.total(), 2);

    // Another person's key is another key.
    let administrator = app.administrator();
    let theirs = administrator.request("POST", "/projects").header("Idempotency-Key", "another").json(&terminal());
    theirs.send().await.expect(201);
    assert_eq!(officer.get("/projects").await.total(), 3);

    for wrong in ["", "with space", "å", "\"unclosed", &"x".repeat(101)] {
        send(wrong, terminal()).await.expect_problem(400, "invalid-parameter");
    }
    assert_eq!(officer.get("/projects").await.total(), 3);
}

#[actix_web::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let send = |body: serde_json::Value| {
        officer.request("POST", "/projects").header("Idempotency-Key", "once").json(&body).send()
    };
    send(json!({"kind": "other"})).await.expect(422);
    let mut unknown = terminal();
    unknown["municipalities"] = json!(["0000"]);
    send(unknown).await.expect(422);
    send(terminal()).await.expect(201);
}

#[actix_web::test]
async fn a_part_is_added_once_though_the_version_has_moved_on() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/costs", project.location());
    let cost = json!({"type": "travel", "eligible": true});
    let send = || {
        let request = officer.request("POST", &path).header("If-Match", project.etag());
        request.header("Idempotency-Key", "cost-1").json(&cost).send()
    };
    let first = send().await.expect(201);
    let again = send().await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(officer.get(&path).await.total(), 2);
}
