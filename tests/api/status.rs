//! A project's way through its states.

use serde_json::json;

use crate::projects::terminal;
use crate::support::TestApp;

#[actix_web::test]
async fn a_project_goes_its_way_and_its_history_is_kept() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/status-changes", project.location());
    let mut etag = project.etag().to_owned();
    let way = ["submitted", "inReview", "supplementRequested", "inReview", "approved", "ongoing", "completed"];
    for status in way {
        let change = json!({"status": status, "reason": format!("Skäl för {status}.")});
        let changed = officer.change("POST", &path, &etag, change).await.expect(201);
        assert_eq!(changed.body["status"], status);
        etag = officer.get(project.location()).await.etag().to_owned();
    }
    let history = officer.get(&path).await.expect(200);
    let mut expected = vec!["draft"];
    expected.extend(way);
    assert_eq!(history.all("statusChanges", "status"), expected);
    assert_eq!(history.body["statusChanges"][1]["from"], "draft");
    assert_eq!(history.body["statusChanges"][1]["reason"], "Skäl för submitted.");
    assert!(history.body["statusChanges"][1]["actor"].is_string());
    assert_eq!(officer.get("/projects?status=completed").await.total(), 1);
    let links = officer.get(project.location()).await.body["_links"].clone();
    assert!(links.get("change-status").is_none(), "nothing follows on completed");
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
