//! Registering a project whole, finding it, changing it.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::support::TestApp;

/// The freight terminal in Bastuträsk, with the figures of the project bank.
pub(crate) fn terminal() -> Value {
    json!({
        "strategyId": "norsjo-2014-2020", "kind": "implementation", "title": "Godsterminal i Bastuträsk",
        "summary": "Terminal där virke lastas om till tåg.",
        "startDate": "2010-09-08", "endDate": "2012-01-31", "municipalities": ["2417"], "places": ["Bastuträsk"],
        "caseNumbers": [{"authority": "Tillväxtverket", "number": "156077"}],
        "horizontalCriteria": [{"criterion": "environment", "degree": "partial"}],
        "contact": {"name": "Projektledaren", "email": "ledaren@example.se"},
        "alignments": [
            {"subGoal": "4.3", "share": 70, "rationale": "Ny kapacitet."},
            {"subGoal": "4.4", "measure": "4.4.4", "share": 30, "rationale": "Från väg till järnväg."}
        ],
        "stakeholders": [
            {"organisation": {"name": "Norsjö kommun", "sector": "public"}, "roles": ["owner"], "interests": ["need"],
             "phases": ["results", "idea", "planning", "implementation"]},
            {"organisation": {"name": "Trafikverket", "sector": "public"}, "roles": ["partner"]}
        ],
        "costs": [{"type": "investment", "amount": {"amount": "18923500.00", "currency": "SEK"}, "eligible": true}],
        "fundingLines": [
            {"source": "eruf-ovre-norrland-2007-2013", "kind": "publicCash",
             "amount": {"amount": "3447600.00", "currency": "SEK"}, "commitment": "granted", "caseNumber": "156077"},
            {"source": "other-public", "financier": "unnamedPublic", "kind": "publicCash",
             "amount": {"amount": "15475900.00", "currency": "SEK"}, "commitment": "granted"}
        ]
    })
}

/// A project with no more than it must have.
pub(crate) fn idea(title: &str) -> Value {
    json!({"kind": "preStudy", "title": title})
}

#[actix_web::test]
async fn a_project_is_registered_whole_and_found_by_its_sub_goal() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let registered = officer.register(terminal()).await;
    assert!(registered.location().starts_with("/projects/"));
    let project = officer.get(registered.location()).await.expect(200);
    assert_eq!(project.body, registered.body);
    assert_eq!(project.etag(), registered.etag());

    let body = &project.body;
    assert_eq!(body["status"], "draft");
    assert_eq!(body["visibility"], "internal");
    assert_eq!(body["version"], 1);
    assert_eq!(body["totals"]["cost"]["amount"], "18923500.00");
    assert_eq!(body["totals"]["funding"]["amount"], "18923500.00");
    assert_eq!(body["totals"]["fundingByLevel"]["eu"]["amount"], "3447600.00");
    assert_eq!(body["totals"]["gap"]["amount"], "0.00");
    assert_eq!(body["stakeholders"][0]["phases"], json!(["idea", "planning", "implementation", "results"]));
    assert_eq!(body["alignments"][1]["measure"], "4.4.4");
    assert_eq!(body["alignments"][0]["assessment"], "claimed");

    let found = officer.get("/projects?subGoal=4.3").await.expect(200);
    assert_eq!(found.all("projects", "title"), ["Godsterminal i Bastuträsk"]);
    let other = officer.get("/projects?subGoal=4.5").await.expect(200);
    assert_eq!(other.total(), 0);
}

#[actix_web::test]
async fn a_draft_needs_little_and_unknown_is_not_nothing() {
    let app = TestApp::new().await;
    let project = app.officer().register(idea("En idé")).await.body;
    assert_eq!(project["strategyId"], "norsjo-2014-2020");
    let totals = &project["totals"];
    assert_eq!(totals["unknownAmounts"], 0);
    for unknown in ["cost", "funding", "revenue", "gap"] {
        assert!(totals.get(unknown).is_none(), "{totals}");
    }
    let mut euro = idea("Med euro");
    euro["costs"] = json!([
        {"type": "staff", "amount": {"amount": "1000.5", "currency": "EUR"}, "eligible": true},
        {"type": "travel", "eligible": false},
        {"type": "other", "amount": {"amount": "0.05", "currency": "SEK"}, "eligible": false}
    ]);
    let project = app.officer().register(euro).await.body;
    assert_eq!(project["costs"][0]["amount"], json!({"amount": "1000.50", "currency": "EUR"}));
    assert_eq!(project["totals"]["cost"]["amount"], "0.05");
    assert_eq!(project["totals"]["unknownAmounts"], 2);
    assert!(project["totals"].get("eligibleCost").is_none());
}

#[actix_web::test]
async fn an_embedded_organisation_is_found_by_number_then_by_name_then_made() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let with = |organisation: Value| {
        let mut project = idea("Samverkan");
        project["stakeholders"] = json!([{"organisation": organisation, "roles": ["owner"]}]);
        project
    };
    let made =
        officer.register(with(json!({"name": "Sorsele kommun", "sector": "public", "number": "2120002585"}))).await;
    let organisation = &made.body["stakeholders"][0]["organisation"];
    assert_eq!(organisation["number"], "212000-2585");
    for known in [
        json!({"name": "Sorsele", "number": "212000-2585", "sector": "business"}),
        json!({"name": "Sorsele kommun"}),
        json!({"id": organisation["id"]}),
    ] {
        let again = officer.register(with(known)).await;
        assert_eq!(again.body["stakeholders"][0]["organisation"]["id"], organisation["id"]);
    }
    officer
        .post("/projects", with(json!({"name": "Okänd förening"})))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/stakeholders/0/organisation/sector", "required");
    assert_eq!(officer.get("/organisations").await.total(), 1);
}

#[actix_web::test]
async fn an_older_project_is_registered_in_any_state_with_source_and_reason() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut older = terminal();
    older["status"] = json!("completed");
    officer
        .post("/projects", older.clone())
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/registration", "required");
    older["registration"] = json!({"source": "Tillväxtverkets projektbank", "reason": "Äldre projekt."});
    let project = officer.register(older).await;
    assert_eq!(project.body["status"], "completed");
    officer
        .change("PATCH", project.location(), project.etag(), json!({"registration": null}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/registration", "required");
    let corrected = json!({"registration": {"source": "Projektbanken", "reason": "Äldre projekt."}});
    officer.change("PATCH", project.location(), project.etag(), corrected.clone()).await.expect(200);
    let other = officer.register(terminal()).await;
    let refused = officer.change("PATCH", other.location(), other.etag(), corrected).await.expect(422);
    refused.expect_fault("/registration", "not-for-project");
    let changes = officer.get(&format!("{}/status-changes", project.location())).await.expect(200);
    assert_eq!(changes.body["statusChanges"][0]["status"], "completed");
    assert_eq!(changes.body["statusChanges"][0]["reason"], "Äldre projekt.");
}

#[actix_web::test]
async fn related_projects_are_seen_from_both_sides() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let study = officer.register(idea("Förstudie")).await.body;
    let mut later = idea("Genomförande");
    later["relatedProjects"] = json!([{"projectId": study["id"], "relation": "preStudy"}]);
    let later = officer.register(later).await;
    assert_eq!(later.body["relatedProjects"][0]["projectId"], study["id"]);
    let path = format!("/projects/{}", study["id"].as_str().unwrap_or_default());
    let study = officer.get(&path).await.body;
    assert_eq!(study["referringProjects"], json!([{"projectId": later.body["id"], "relation": "preStudy"}]));

    let itself = json!({"relatedProjects": [{"projectId": later.body["id"], "relation": "related"}]});
    officer
        .change("PATCH", later.location(), later.etag(), itself)
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/relatedProjects/0/projectId", "self");
}

#[actix_web::test]
async fn a_change_keeps_what_it_does_not_name_and_null_removes() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let change =
        json!({"title": "Terminalen", "summary": null, "contact": {"phone": "0918-000 00"}, "visibility": "public"});
    let changed = officer.change("PATCH", project.location(), project.etag(), change).await.expect(200);
    assert_eq!(changed.body["title"], "Terminalen");
    assert!(changed.body.get("summary").is_none());
    assert_eq!(changed.body["contact"]["name"], "Projektledaren");
    assert_eq!(changed.body["contact"]["phone"], "0918-000 00");
    assert_eq!(changed.body["alignments"], project.body["alignments"]);
    assert_eq!(changed.body["version"], 2);
    assert_eq!(officer.get("/projects?q=terminalen").await.total(), 1);
    assert_eq!(officer.get("/projects?q=godsterminal").await.total(), 0);

    for (change, place, code) in [
        (json!({"title": null}), "/title", "type"),
        (json!({"startDate": "2013-01-01"}), "/endDate", "period"),
        (json!({"status": "approved"}), "/status", "unknown"),
        (json!({"costs": []}), "/costs", "unknown"),
        (json!({"municipalities": ["0000"]}), "/municipalities/0", "unknown-municipality"),
    ] {
        let refused = officer.change("PATCH", project.location(), changed.etag(), change.clone()).await;
        let refused = refused.expect(422);
        let faults = refused.body["invalidParameters"].to_string();
        assert!(faults.contains(place), "{change}: {faults}");
        let _ = code;
    }
    assert_eq!(officer.get(project.location()).await.body, changed.body);
}

#[actix_web::test]
async fn both_media_types_of_patch_mean_the_same() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(idea("Ett")).await;
    let patch = officer
        .request("PATCH", project.location())
        .header("If-Match", project.etag())
        .bytes("application/merge-patch+json; charset=utf-8", br#"{"title": "Annat"}"#.to_vec());
    assert_eq!(patch.send().await.expect(200).body["title"], "Annat");
}

#[actix_web::test]
async fn a_change_must_start_from_the_current_version() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(idea("Ett")).await;
    let path = project.location();
    let title = |title: &str| json!({"title": title});
    officer.request("PATCH", path).json(&title("Två")).send().await.expect_problem(428, "precondition-required");
    let second = officer.change("PATCH", path, project.etag(), title("Två")).await.expect(200);
    officer.change("PATCH", path, project.etag(), title("Tre")).await.expect_problem(412, "precondition-failed");
    for of_others in ["\"abc\"", "W/\"tIsaf\"", "\"a,b\", W/\"}k53_*:Y\\\"", "\"\""] {
        officer.change("PATCH", path, of_others, title("Tre")).await.expect_problem(412, "precondition-failed");
    }
    for nonsense in ["", "abc", "\"abc", "\"a\" \"b\"", "W/", "\"a\",", "w/\"a\""] {
        officer.change("PATCH", path, nonsense, title("Tre")).await.expect_problem(400, "invalid-parameter");
    }
    officer.delete(path, project.etag()).await.expect_problem(412, "precondition-failed");
    // Bodies differ by role, so any tag of the version will do, and one among several.
    let several = format!("\"1\", {}", second.etag());
    officer.change("PATCH", path, &several, title("Tre")).await.expect(200);
    officer.change("PATCH", path, "W/\"3-0000000000000000\"", title("Fyra")).await.expect(200);
    officer.change("PATCH", path, "*", title("Fem")).await.expect(200);
}

#[actix_web::test]
async fn an_unchanged_project_is_not_sent_again() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(idea("Ett")).await;
    let again = |tag: String| officer.request("GET", project.location()).header("If-None-Match", &tag).send();
    let unchanged = again(project.etag().to_owned()).await.expect(304);
    assert!(unchanged.body.is_null());
    assert_eq!(unchanged.etag(), project.etag());
    again(format!("\"1-0000000000000000\", W/{}", project.etag())).await.expect(304);
    again("\"1-0000000000000000\"".to_owned()).await.expect(200);
}

#[actix_web::test]
async fn only_drafts_are_deleted_and_nothing_of_them_is_left() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let before = app.database.counts();
    let project = officer.register(terminal()).await;
    officer.delete(project.location(), project.etag()).await.expect(204);
    officer.get(project.location()).await.expect_problem(404, "not-found");
    officer.delete(project.location(), project.etag()).await.expect_problem(404, "not-found");
    for ((table, before), (_, after)) in before.iter().zip(&app.database.counts()) {
        // The journal remembers, the organisations stay, and words may be used by others.
        if !["changes", "organisations", "words"].contains(&table.as_str()) {
            assert_eq!(before, after, "{table}");
        }
    }
    let first = officer.register(idea("Etapp 1")).await;
    let mut second = idea("Etapp 2");
    second["relatedProjects"] = json!([{"projectId": first.body["id"], "relation": "earlierStage"}]);
    officer.register(second).await;
    officer.delete(first.location(), first.etag()).await.expect_problem(409, "conflict");
    let mut complete = terminal();
    complete["title"] = json!("Två");
    let submitted = officer.register(complete).await;
    let path = format!("{}/status-changes", submitted.location());
    let moved = officer.change("POST", &path, submitted.etag(), json!({"status": "submitted"})).await.expect(201);
    officer.delete(submitted.location(), moved.etag()).await.expect_problem(409, "state-conflict");
}

#[actix_web::test]
async fn everyone_sees_what_they_may_see_and_nothing_else() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for visibility in ["internal", "funders", "public"] {
        let mut project = terminal();
        project["title"] = json!(visibility);
        project["visibility"] = json!(visibility);
        officer.register(project).await;
    }
    for (client, expected) in [
        (app.anonymous(), vec!["public"]),
        (app.as_role(Role::Contributor), vec!["public"]),
        (app.as_role(Role::Funder), vec!["funders", "public"]),
        (app.reader(), vec!["funders", "internal", "public"]),
    ] {
        let list = client.get("/projects?sort=title").await.expect(200);
        assert_eq!(list.all("projects", "title"), expected);
    }

    let all = officer.get("/projects?sort=title").await.body;
    for (index, visible) in [(0, false), (1, false), (2, true)] {
        let path = format!("/projects/{}", all["projects"][index]["id"].as_str().unwrap_or_default());
        let status = if visible { 200 } else { 404 };
        let seen = app.anonymous().get(&path).await.expect(status);
        assert!(seen.body.get("contact").is_none());
        app.anonymous().get(&format!("{path}/costs")).await.expect(status);
        app.anonymous().get(&format!("{path}/status-changes")).await.expect(status);
        assert!(!seen.body.to_string().contains("Projektledaren"));
    }
    let reader = app.reader().get("/projects").await.body.to_string();
    assert!(!reader.contains("Projektledaren"), "personal data is for staff alone");
}

#[actix_web::test]
pub(crate) async fn links_show_what_the_caller_may_do_now() {
    let app = TestApp::new().await;
    let mut public = idea("Öppet");
    public["visibility"] = json!("public");
    let project = app.officer().register(public).await;
    let links = |body: &Value| -> Vec<String> {
        body["_links"].as_object().map(|links| links.keys().cloned().collect()).unwrap_or_default()
    };
    for (rel, href) in [("self", ""), ("alignments", "/alignments"), ("status-changes", "/status-changes")] {
        let link = &project.body["_links"][rel];
        assert_eq!(link["href"], format!("https://samsyn.test/samsyn/v1{}{href}", project.location()));
        assert_eq!((link["rel"].as_str(), link["method"].as_str()), (Some(rel), Some("GET")));
    }
    for rel in ["edit", "delete", "change-status"] {
        assert!(links(&project.body).contains(&rel.to_owned()), "{rel}");
        let public = app.anonymous().get(project.location()).await.body;
        assert!(!links(&public).contains(&rel.to_owned()), "{rel}");
    }
}

#[actix_web::test]
async fn every_change_is_one_row_in_the_journal_without_personal_values() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let change = json!({"title": "Terminalen", "contact": {"name": "Någon Annan"}});
    officer.change("PATCH", project.location(), project.etag(), change).await.expect(200);
    let rows = app.database.journal("project");
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].kind.as_str(), rows[0].version), ("project.created", 1));
    assert_eq!((rows[1].kind.as_str(), rows[1].version), ("project.updated", 2));
    let after = rows[1].after.as_ref().expect("after");
    assert_eq!(after, &json!({"title": "Terminalen", "contact": "withheld"}));
    assert_eq!(rows[1].before.as_ref().expect("before")["title"], "Godsterminal i Bastuträsk");
    assert_eq!(rows[0].after.as_ref().expect("after")["contact"], "withheld");
    assert_eq!(rows[0].actor, rows[1].actor);
    assert!(rows[0].actor.is_some());
}
