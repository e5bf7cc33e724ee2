//! A project's parts as resources of their own.

use serde_json::{Value, json};

use crate::projects::{idea, terminal};
use crate::support::TestApp;

/// Every kind of part: its segment, one to add, a change, and what the change leaves.
pub(crate) fn kinds() -> Vec<(&'static str, Value, Value, Value)> {
    vec![
        (
            "alignments",
            json!({"subGoal": "3.4", "measure": "3.4.3", "share": 40, "rationale": "Fler företag."}),
            json!({"share": 60}),
            json!({"subGoal": "3.4", "measure": "3.4.3", "share": 60, "rationale": "Fler företag."}),
        ),
        (
            "stakeholders",
            json!({"organisation": {"name": "Företagarna", "sector": "civilSociety"}, "roles": ["reference"]}),
            json!({"roles": ["partner", "coFunder"], "interests": ["benefit"]}),
            json!({"roles": ["partner", "coFunder"], "interests": ["benefit"], "phases": []}),
        ),
        (
            "costs",
            json!({"type": "staff", "amount": {"amount": "100.00", "currency": "SEK"}, "eligible": true, "year": 2015}),
            json!({"amount": {"amount": "250.5", "currency": "SEK"}, "year": null}),
            json!({"type": "staff", "amount": {"amount": "250.50", "currency": "SEK"}, "eligible": true}),
        ),
        (
            "revenues",
            json!({"description": "Avgifter", "amount": {"amount": "100.00", "currency": "SEK"}}),
            json!({"amount": null}),
            json!({"description": "Avgifter"}),
        ),
        (
            "funding-lines",
            json!({"source": "norsjo-kommun", "kind": "publicInKind", "commitment": "planned",
                   "amount": {"amount": "90.00", "currency": "SEK"}, "financier": "unnamedPublic"}),
            json!({"commitment": "granted", "financier": null, "caseNumber": "KS 2015/7"}),
            json!({"source": "norsjo-kommun", "kind": "publicInKind", "commitment": "granted",
                   "amount": {"amount": "90.00", "currency": "SEK"}, "caseNumber": "KS 2015/7"}),
        ),
        (
            "indicators",
            json!({"code": "RCO01", "name": "Företag som får stöd", "unit": "företag", "baseline": "0", "target": "12"}),
            json!({"target": "12.5", "code": null}),
            json!({"name": "Företag som får stöd", "unit": "företag", "baseline": "0", "target": "12.5"}),
        ),
        (
            "reporting-dates",
            json!({"kind": "progressReport", "dueDate": "2016-08-31"}),
            json!({"doneDate": "2016-08-29"}),
            json!({"kind": "progressReport", "dueDate": "2016-08-31", "doneDate": "2016-08-29"}),
        ),
    ]
}

fn contains(whole: &Value, part: &Value) -> bool {
    part.as_object().is_some_and(|members| members.iter().all(|(name, value)| whole[name] == *value))
}

#[actix_web::test]
async fn parts_are_added_changed_replaced_and_removed_under_the_projects_version() {
    for (segment, new, change, changed) in kinds() {
        let app = TestApp::new().await;
        let officer = app.officer();
        let project = officer.register(idea("Med delar")).await;
        let list = format!("{}/{segment}", project.location());

        let added = officer.change("POST", &list, project.etag(), new.clone()).await.expect(201);
        assert!(added.location().starts_with(&list), "{}", added.location());
        assert!(added.etag().starts_with("\"2-"), "{}", added.etag());
        let path = added.location();
        assert_eq!(officer.get(path).await.expect(200).body, added.body);
        assert_eq!(officer.get(&list).await.expect(200).total(), 1);

        officer.change("PATCH", path, project.etag(), change.clone()).await.expect_problem(412, "precondition-failed");
        let patched = officer.change("PATCH", path, added.etag(), change).await.expect(200);
        assert!(contains(&patched.body, &changed), "{segment}: {:#}", patched.body);
        assert_eq!(patched.body["id"], added.body["id"]);

        let replaced = officer.change("PUT", path, patched.etag(), new).await.expect(200);
        assert_eq!(replaced.body, added.body);

        let removed = officer.delete(path, replaced.etag()).await.expect(204);
        assert_eq!(removed.etag(), "\"5\"");
        officer.get(path).await.expect_problem(404, "not-found");
        let last = officer.get(project.location()).await;
        assert_eq!(last.body["version"], 5);
        assert_eq!(app.database.journal("project").len(), 5);
        officer.delete(path, last.etag()).await.expect_problem(404, "not-found");
    }
}

#[actix_web::test]
async fn parts_cannot_be_changed_without_a_version_or_by_a_reader() {
    let app = TestApp::new().await;
    let project = app.officer().register(terminal()).await;
    for (segment, new, ..) in kinds() {
        let list = format!("{}/{segment}", project.location());
        app.officer().post(&list, new.clone()).await.expect_problem(428, "precondition-required");
        app.reader().change("POST", &list, project.etag(), new.clone()).await.expect_problem(403, "forbidden");
        app.anonymous().change("POST", &list, project.etag(), new).await.expect_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn the_whole_set_of_alignments_is_replaced_and_known_ones_keep_their_ids() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/alignments", project.location());
    let set = json!({"alignments": [{"subGoal": "4.3", "share": 50}, {"subGoal": "1.1", "share": 50}]});
    let replaced = officer.change("PUT", &path, project.etag(), set).await.expect(200);
    assert_eq!(replaced.all("alignments", "subGoal"), ["4.3", "1.1"]);
    assert_eq!(replaced.body["alignments"][0]["id"], project.body["alignments"][0]["id"]);
    let now = officer.get(project.location()).await;
    assert_eq!(now.body["alignments"].as_array().map(Vec::len), Some(2));

    let twice = json!({"alignments": [{"subGoal": "1.1"}, {"subGoal": "1.1"}, {"subGoal": "1.1", "measure": "1.1.1"}]});
    officer
        .change("PUT", &path, now.etag(), twice)
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/alignments/1/subGoal", "repeated");
    officer.change("PUT", &path, now.etag(), json!({"alignments": []})).await.expect(200);
    assert_eq!(officer.get(&path).await.total(), 0);
}

#[actix_web::test]
async fn a_project_is_aligned_once_with_each_target_and_has_each_organisation_once() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let again = json!({"subGoal": "4.3", "share": 10});
    officer
        .change("POST", &format!("{}/alignments", project.location()), project.etag(), again)
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/subGoal", "repeated");
    let again = json!({"organisation": {"name": "Norsjö kommun"}, "roles": ["coFunder"]});
    officer
        .change("POST", &format!("{}/stakeholders", project.location()), project.etag(), again)
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/organisation", "repeated");
}

#[actix_web::test]
async fn a_project_has_at_most_two_hundred_parts_of_a_kind_however_they_come() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut new = idea("Många kostnader");
    new["costs"] = vec![json!({"type": "staff", "eligible": true}); 199].into();
    let project = officer.register(new).await;
    let path = format!("{}/costs", project.location());
    let cost = json!({"type": "travel", "eligible": true});
    let last = officer.change("POST", &path, project.etag(), cost.clone()).await.expect(201);
    officer.change("POST", &path, last.etag(), cost).await.expect(422).expect_fault("", "too-many");
    officer.delete(last.location(), last.etag()).await.expect(204);
}

#[actix_web::test]
async fn a_text_that_must_be_given_says_something() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let revenues = format!("{}/revenues", project.location());
    let post = async |body: Value| officer.change("POST", &revenues, project.etag(), body).await;
    post(json!({"description": " \n "})).await.expect(422).expect_fault("/description", "blank");
    post(json!({"description": ""})).await.expect(422).expect_fault("/description", "too-short");
    post(json!({"description": "a\u{1}"})).await.expect(422).expect_fault("/description", "control-character");
    let added = post(json!({"description": " Avgifter "})).await.expect(201);
    let blank = json!({"description": "\t"});
    let refused = officer.change("PATCH", added.location(), added.etag(), blank).await.expect(422);
    refused.expect_fault("/description", "blank");
    let mut new = terminal();
    new["caseNumbers"][0]["authority"] = json!(" ");
    new["alignments"][0]["evidence"] = json!([{"text": " "}]);
    let refused = officer.post("/projects", new).await.expect(422);
    refused.expect_fault("/caseNumbers/0/authority", "blank").expect_fault("/alignments/0/evidence/0/text", "blank");
}

#[actix_web::test]
async fn sums_follow_the_lines() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let line = project.body["fundingLines"][1]["id"].as_str().unwrap_or_default().to_owned();
    let path = format!("{}/funding-lines/{line}", project.location());
    let refused = officer.change("PATCH", &path, project.etag(), json!({"commitment": "refused"})).await.expect(200);
    let now = officer.get(project.location()).await;
    assert_eq!(now.body["totals"]["funding"]["amount"], "3447600.00");
    assert_eq!(now.body["totals"]["gap"]["amount"], "15475900.00");
    assert_eq!(officer.get("/projects?fundingTo=3447600.01").await.total(), 1);
    let cost = json!({"type": "services", "amount": {"amount": "0.10", "currency": "SEK"}, "eligible": false});
    officer.change("POST", &format!("{}/costs", project.location()), refused.etag(), cost).await.expect(201);
    let totals = officer.get(project.location()).await.body["totals"].clone();
    assert_eq!(totals["cost"]["amount"], "18923500.10");
    assert_eq!(totals["eligibleCost"]["amount"], "18923500.00");
}

#[actix_web::test]
async fn a_sole_traders_number_is_shown_to_staff_alone() {
    let app = TestApp::new().await;
    let mut project = idea("Enskild firma");
    project["visibility"] = json!("public");
    project["stakeholders"] = json!([{
        "organisation": {"name": "Exempel Snickeri", "sector": "business", "number": "811218-9876"}, "roles": ["owner"],
    }]);
    let project = app.officer().register(project).await;
    assert_eq!(project.body["stakeholders"][0]["organisation"]["number"], "811218-9876");
    for (client, paths) in [
        (app.anonymous(), vec![project.location(), "/projects"]),
        (app.reader(), vec![project.location(), "/projects", "/organisations"]),
    ] {
        for path in paths {
            let seen = client.get(path).await.expect(200).body.to_string();
            assert!(seen.contains("Exempel Snickeri") && !seen.contains("811218"), "{path}");
        }
    }
    let journal = app.database.journal("organisation");
    assert_eq!(journal[0].after.as_ref().expect("after")["number"], "withheld");
}
