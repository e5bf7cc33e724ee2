//! Following a project to the use of its results: indicators, reporting dates, and what waits for whom.

use chrono::{Days, Utc};
use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::projects::{idea, terminal};
use crate::status::take;
use crate::support::{Response, TestApp};

fn day(offset: i64) -> String {
    let today = Utc::now().date_naive();
    let days = Days::new(offset.unsigned_abs());
    let day = if offset < 0 { today.checked_sub_days(days) } else { today.checked_add_days(days) };
    day.expect("a day").to_string()
}

#[actix_web::test]
async fn only_approved_values_count() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut new = terminal();
    new["visibility"] = json!("public");
    new["indicators"] = json!([{"name": "Omlastat virke", "unit": "kubikmeter", "baseline": "0", "target": "60000"}]);
    let project = officer.register(new).await;
    let indicator = project.body["indicators"][0]["id"].as_str().unwrap_or_default();
    let path = format!("{}/indicators/{indicator}", project.location());
    let values = format!("{path}/values");
    let post = async |etag: &str, body: Value| officer.change("POST", &values, etag, body).await;
    let first = post(project.etag(), json!({"date": "2011-06-30", "value": "41250.5"})).await.expect(201);
    assert_eq!((&first.body["approval"], &first.body["value"]), (&json!("reported"), &json!("41250.5")));
    let approve = first.body["_links"]["approve"]["href"].as_str().unwrap_or_default();
    assert!(approve.ends_with(&format!("{}/approval", first.body["id"].as_str().unwrap_or_default())), "{approve}");
    let second = post(first.etag(), json!({"date": "2011-12-31", "value": "70000", "note": "Uppskattat."})).await;
    let second = second.expect(201);
    assert!(officer.get(&path).await.body.get("actual").is_none(), "nothing is approved yet");
    let tasks = app.administrator().get("/me/tasks").await.expect(200);
    assert_eq!(tasks.all("tasks", "kind"), ["approveValue", "approveValue"]);

    let decide = async |value: &Response, etag: &str, body: Value| {
        let id = value.body["id"].as_str().unwrap_or_default();
        officer.change("PUT", &format!("{values}/{id}/approval"), etag, body).await
    };
    let approved = decide(&first, second.etag(), json!({"approval": "approved"})).await.expect(200);
    decide(&second, approved.etag(), json!({"approval": "returned"}))
        .await
        .expect(422)
        .expect_fault("/reason", "required");
    decide(&second, approved.etag(), json!({"approval": "reported"}))
        .await
        .expect(422)
        .expect_fault("/approval", "code");
    let back = json!({"approval": "returned", "reason": "Ange mätt värde."});
    let returned = decide(&second, approved.etag(), back).await.expect(200);
    assert_eq!(returned.body["reason"], "Ange mätt värde.");
    assert_eq!(officer.get(&path).await.body["actual"], "41250.5");
    let third = post(returned.etag(), json!({"date": "2011-12-31", "value": "61000"})).await.expect(201);
    decide(&third, third.etag(), json!({"approval": "approved"})).await.expect(200);
    let now = officer.get(&path).await.expect(200);
    assert_eq!(now.body["actual"], "61000");
    assert_eq!(officer.get(&values).await.all("values", "approval"), ["approved", "returned", "approved"]);
    for (client, count) in [(app.anonymous(), 2), (app.as_role(Role::Funder), 2), (app.reader(), 3)] {
        let seen = client.get(&values).await.expect(200);
        assert_eq!(seen.all("values", "approval").len(), count);
        assert_eq!(seen.body.to_string().contains("Ange mätt värde."), count == 3);
        assert!(!seen.body.to_string().contains("/approval"));
    }
    let seen = app.anonymous().get(&values).await.expect(200).body.to_string();
    assert!(!seen.contains("reportedBy") && !seen.contains("decidedBy"));

    post(now.etag(), json!({"date": day(1), "value": "1"})).await.expect(422).expect_fault("/date", "future");
    post(now.etag(), json!({"date": "2011-12-31", "value": 1})).await.expect(422).expect_fault("/value", "type");
    post(now.etag(), json!({"date": "2011-12-31", "value": "1,5"})).await.expect(422).expect_fault("/value", "pattern");
    officer.delete(&path, now.etag()).await.expect_problem(409, "conflict");
    app.as_role(Role::Funder)
        .change("PUT", &format!("{values}/{indicator}/approval"), now.etag(), json!({"approval": "approved"}))
        .await
        .expect_problem(403, "forbidden");
    officer
        .get(&format!("{}/indicators/{}/values", project.location(), "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a99"))
        .await
        .expect_problem(404, "not-found");
}

#[actix_web::test]
async fn a_reporting_date_is_to_a_line_of_the_project_and_forgets_one_that_is_gone() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let line = project.body["fundingLines"][1]["id"].clone();
    let path = format!("{}/reporting-dates", project.location());
    let due = json!({"kind": "finalReport", "dueDate": "2012-03-31", "fundingLineId": line});
    let added = officer.change("POST", &path, project.etag(), due.clone()).await.expect(201);
    officer.change("POST", &path, added.etag(), due).await.expect(422).expect_fault("/dueDate", "repeated");
    let elsewhere = json!({"kind": "finalReport", "dueDate": "2012-03-31", "fundingLineId": project.body["id"]});
    let refused = officer.change("POST", &path, added.etag(), elsewhere).await.expect(422);
    refused.expect_fault("/fundingLineId", "unknown-funding-line");
    let line = format!("{}/funding-lines/{}", project.location(), line.as_str().unwrap_or_default());
    officer.delete(&line, added.etag()).await.expect(204);
    let kept = officer.get(&path).await.expect(200);
    assert_eq!(kept.total(), 1);
    assert!(kept.body["reportingDates"][0].get("fundingLineId").is_none());
    let mut new = idea("Med rad");
    new["reportingDates"] =
        json!([{"kind": "finalReport", "dueDate": "2012-03-31", "fundingLineId": project.body["id"]}]);
    let refused = officer.post("/projects", new).await.expect(422);
    refused.expect_fault("/reportingDates/0/fundingLineId", "unknown-funding-line");
}

#[actix_web::test]
async fn everyone_of_the_department_sees_what_waits_for_them() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let mut new = terminal();
    new["reportingDates"] = json!([
        {"kind": "paymentApplication", "dueDate": day(-1)}, {"kind": "progressReport", "dueDate": day(30)},
        {"kind": "finalReport", "dueDate": day(31)}, {"kind": "finalReport", "dueDate": day(5), "doneDate": day(-2)}
    ]);
    let project = officer.register(new).await;
    let kinds =
        async |client: &crate::support::Client<'_>| client.get("/me/tasks").await.expect(200).all("tasks", "kind");
    assert!(kinds(&administrator).await.is_empty(), "a draft waits for nobody");
    take(&officer, project.location(), &["submitted", "inReview"]).await;
    assert_eq!(kinds(&administrator).await, ["assessClaim", "assessClaim"]);
    assert!(kinds(&officer).await.is_empty(), "not one's own claims");

    // Goal area 4 gets a responsible officer, who made the claims: they wait for the others, until that one may assess.
    let me = officer.get("/me").await.body["id"].clone();
    let group = "/strategies/norsjo-2014-2020/goal-areas/4/working-group";
    officer.post(group, json!({"officerId": me})).await.expect(201);
    assert_eq!(kinds(&administrator).await, ["assessClaim", "assessClaim"]);
    assert!(kinds(&officer).await.is_empty());
    let account = officer.get("/me").await;
    let place = format!("/users/{}", me.as_str().unwrap_or_default());
    administrator.change("PATCH", &place, account.etag(), json!({"mayAssessOwn": true})).await.expect(200);
    assert!(kinds(&administrator).await.is_empty());
    let mine = officer.get("/me/tasks").await.expect(200);
    assert_eq!(mine.all("tasks", "subGoal"), ["4.3", "4.4"]);
    assert_eq!(mine.body["tasks"][0]["alignmentId"], project.body["alignments"][0]["id"]);

    // One who has left answers for nothing: the claims wait for everybody again.
    let account = administrator.get(&place).await;
    administrator.change("PATCH", &place, account.etag(), json!({"role": "reader"})).await.expect(200);
    assert_eq!(kinds(&administrator).await, ["assessClaim", "assessClaim"]);
    let account = administrator.get(&place).await;
    administrator.change("PATCH", &place, account.etag(), json!({"role": "officer"})).await.expect(200);

    take(&officer, project.location(), &["supplementRequested"]).await;
    let waiting = administrator.get("/me/tasks").await.expect(200);
    assert_eq!(waiting.all("tasks", "kind"), ["supplement"]);
    assert_eq!(
        (&waiting.body["tasks"][0]["dueDate"], &waiting.body["tasks"][0]["overdue"]),
        (&json!("2999-05-01"), &json!(false))
    );
    take(&officer, project.location(), &["inReview", "approved"]).await;
    let reports = administrator.get("/me/tasks").await.expect(200);
    assert_eq!(reports.all("tasks", "report"), ["paymentApplication", "progressReport"]);
    assert_eq!(reports.body["tasks"][1]["overdue"], false);
    for client in [app.reader(), app.as_role(Role::Funder), app.as_role(Role::Contributor)] {
        assert!(kinds(&client).await.is_empty());
    }
    app.anonymous().get("/me/tasks").await.expect_problem(401, "unauthenticated");
}
