//! The goal areas' people and the measures' notes.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const AREA: &str = "/strategies/norsjo-2014-2020/goal-areas/3";
const MEASURE: &str = "/strategies/norsjo-2014-2020/measures/3.7.2";
const NOBODY: &str = "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a99";

async fn organisation(officer: &Client<'_>, name: &str, sector: &str) -> Value {
    officer.post("/organisations", json!({"name": name, "sector": sector})).await.expect(201).body["id"].clone()
}

#[actix_web::test]
async fn a_goal_area_has_its_main_stakeholders() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let path = format!("{AREA}/stakeholders");
    let area = app.anonymous().get(AREA).await.expect(200);
    assert!(area.body["_links"]["stakeholders"]["href"].as_str().is_some_and(|href| href.ends_with(&path)));
    let firms = organisation(&officer, "Företagarna Norsjö", "civilSociety").await;
    let college = organisation(&officer, "Umeå universitet", "academia").await;
    let new = json!({"organisationId": firms, "interests": ["benefit", "need"]});
    let added = officer.post(&path, new.clone()).await.expect(201);
    assert_eq!(added.body["interests"], json!(["need", "benefit"]));
    officer.post(&path, json!({"organisationId": college, "interests": ["need"]})).await.expect(201);
    let seen = app.anonymous().get(&path).await.expect(200);
    let names = seen.body["stakeholders"].as_array().into_iter().flatten();
    let names: Vec<_> = names.map(|one| one["organisation"]["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["Företagarna Norsjö", "Umeå universitet"]);

    officer.post(&path, new.clone()).await.expect(422).expect_fault("/organisationId", "repeated");
    let unknown = json!({"organisationId": NOBODY, "interests": ["need"]});
    officer.post(&path, unknown).await.expect(422).expect_fault("/organisationId", "unknown-organisation");
    let empty = json!({"organisationId": firms, "interests": []});
    officer.post(&path, empty).await.expect(422).expect_fault("/interests", "too-few");
    let elsewhere = "/strategies/norsjo-2014-2020/goal-areas/9/stakeholders";
    officer.post(elsewhere, new.clone()).await.expect_problem(404, "not-found");
    app.anonymous().get(elsewhere).await.expect_problem(404, "not-found");
    app.reader().post(&path, new).await.expect_problem(403, "forbidden");

    let item = format!("{path}/{}", added.body["id"].as_str().unwrap_or_default());
    officer.delete(&item, added.etag()).await.expect_problem(412, "precondition-failed");
    let removed = officer.delete(&item, seen.etag()).await.expect(204);
    assert_eq!(removed.etag(), "\"3\"");
    officer.delete(&item, removed.etag()).await.expect_problem(404, "not-found");
    assert_eq!(officer.get(&path).await.total(), 1);
    let kinds: Vec<_> = app.database.journal("goalArea").into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["goalArea.stakeholderAdded", "goalArea.stakeholderAdded", "goalArea.stakeholderRemoved"]);
}

#[actix_web::test]
async fn a_working_group_has_organisations_and_one_responsible_officer_whom_staff_alone_see() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let path = format!("{AREA}/working-group");
    let school = organisation(&officer, "Skolan", "public").await;
    officer.post(&path, json!({"organisationId": school})).await.expect(201);
    let me = officer.get("/me").await.body["id"].clone();
    let responsible = officer.post(&path, json!({"officerId": me})).await.expect(201);
    assert_eq!(responsible.body["officer"]["name"], "Test officer");
    let seen = officer.get(&path).await.expect(200);
    assert_eq!(seen.total(), 2);
    assert!(seen.body["workingGroup"][0].get("officer").is_some(), "the responsible officer comes first");
    for client in [app.anonymous(), app.reader(), app.as_role(Role::Funder)] {
        let seen = client.get(&path).await.expect(200);
        assert_eq!(seen.total(), 1);
        assert!(!seen.body.to_string().contains("Test officer"));
    }
    let other = administrator.get("/me").await.body["id"].clone();
    let second = officer.post(&path, json!({"officerId": other})).await.expect(422);
    second.expect_fault("/officerId", "responsible-officer");
    let reader = app.reader().get("/me").await.body["id"].clone();
    officer.post(&path, json!({"officerId": reader})).await.expect(422).expect_fault("/officerId", "unknown-officer");
    officer.post(&path, json!({})).await.expect(422).expect_fault("", "one-of");
    let both = json!({"officerId": other, "organisationId": school});
    officer.post(&path, both).await.expect(422).expect_fault("", "one-of");
    let item = format!("{path}/{}", responsible.body["id"].as_str().unwrap_or_default());
    let removed = officer.delete(&item, responsible.etag()).await.expect(204);
    assert!(removed.etag().starts_with('"'));
    officer.post(&path, json!({"officerId": other})).await.expect(201);
    let journal = format!("{:?}", app.database.journal("goalArea"));
    assert!(!journal.contains("Test "), "the journal keeps ids, not names");
}

#[actix_web::test]
async fn the_department_notes_how_a_measure_stands() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let path = format!("{MEASURE}/notes");
    let note = json!({"standing": "ordinaryWork", "text": "Ingår i biblioteket.", "date": "2015-01-01"});
    let first = officer.post(&path, note.clone()).await.expect(201);
    officer.post(&path, json!({"standing": "done", "text": "Klart."})).await.expect(201);
    let seen = app.anonymous().get(&path).await.expect(200);
    assert_eq!(seen.all("notes", "standing"), ["done", "ordinaryWork"], "the latest first");
    assert!(seen.body["notes"][0].get("recordedBy").is_none());
    assert!(officer.get(&path).await.body["notes"][0].get("recordedBy").is_some());
    officer.post(&path, json!({"standing": "lost", "text": "?"})).await.expect(422).expect_fault("/standing", "code");
    officer.post(&path, json!({"standing": "done", "text": " "})).await.expect(422).expect_fault("/text", "blank");
    app.anonymous().post(&path, note.clone()).await.expect_problem(401, "unauthenticated");
    let elsewhere = "/strategies/norsjo-2014-2020/measures/3.7.99/notes";
    officer.post(elsewhere, note.clone()).await.expect_problem(404, "not-found");
    let item = format!("{path}/{}", first.body["id"].as_str().unwrap_or_default());
    officer.delete(&item, first.etag()).await.expect_problem(412, "precondition-failed");
    officer.delete(&item, seen.etag()).await.expect(204);
    let repeated = || officer.request("POST", &path).header("Idempotency-Key", "note-1").json(&note).send();
    assert_eq!(repeated().await.expect(201).body["id"], repeated().await.expect(201).body["id"]);
    assert_eq!(officer.get(&path).await.total(), 2);
}
