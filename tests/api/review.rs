//! Review: the municipality's word on each claim, what financiers say, and how a decided plan is revised.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::projects::{idea, terminal};
use crate::status::{take, towards};
use crate::support::{Client, PASSWORD, Response, TestApp, email};

fn path(project: &str, part: &str, item: &Value) -> String {
    format!("{project}/{part}/{}", item["id"].as_str().unwrap_or_default())
}

#[actix_web::test]
async fn a_claim_is_confirmed_or_rejected_by_somebody_else_and_claimed_again_when_changed() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let mut new = terminal();
    new["visibility"] = json!("public");
    new["alignments"][0]["evidence"] = json!([{"text": "Prognosen.", "url": "https://example.se/prognos"}]);
    let project = officer.register(new).await;
    let claims = &project.body["alignments"];
    assert_eq!(claims[0]["evidence"], json!([{"text": "Prognosen.", "url": "https://example.se/prognos"}]));
    let first = path(project.location(), "alignments", &claims[0]);
    let second = path(project.location(), "alignments", &claims[1]);
    let word = |claim: &str| format!("{claim}/assessment");
    let yes = || json!({"assessment": "confirmed", "reason": "Stöds av prognosen."});

    administrator.change("PUT", &word(&first), project.etag(), yes()).await.expect_problem(409, "state-conflict");
    let review = take(&officer, project.location(), &["submitted", "inReview"]).await;
    let own = officer.change("PUT", &word(&first), review.etag(), yes()).await.expect_problem(403, "forbidden");
    assert!(own.body["detail"].as_str().is_some_and(|text| text.contains("mayAssessOwn")));
    administrator
        .change("PUT", &word(&second), review.etag(), json!({"assessment": "rejected", "reason": " "}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/reason", "required");
    administrator
        .change("PUT", &word(&second), review.etag(), json!({"assessment": "claimed"}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/assessment", "code");
    let confirmed = administrator.change("PUT", &word(&first), review.etag(), yes()).await.expect(200);
    assert_eq!(confirmed.body["assessment"], "confirmed");
    assert_eq!(confirmed.body["assessed"]["reason"], "Stöds av prognosen.");
    assert_eq!(confirmed.body["assessed"]["selfAssessed"], false);
    assert!(confirmed.body["assessed"]["by"].is_string());
    let no = json!({"assessment": "rejected", "reason": "Åtgärden är en annan."});
    let rejected = administrator.change("PUT", &word(&second), confirmed.etag(), no).await.expect(200);
    assert_eq!(rejected.body["assessment"], "rejected");
    let seen = app.anonymous().get(&first).await.expect(200);
    assert!(seen.body["assessed"].get("by").is_none() && seen.body["assessed"]["at"].is_string());

    // The same claim again changes nothing; another one is claimed anew, by the one who changed it.
    let same = officer.change("PATCH", &first, rejected.etag(), json!({"share": 70})).await.expect(200);
    assert_eq!(same.body["assessment"], "confirmed");
    let changed =
        officer.change("PATCH", &first, same.etag(), json!({"rationale": "Mer kapacitet."})).await.expect(200);
    assert_eq!(changed.body["assessment"], "claimed");
    assert!(changed.body.get("assessed").is_none());
    officer.change("PUT", &word(&first), changed.etag(), yes()).await.expect_problem(403, "forbidden");
    let kinds: Vec<_> = app.database.journal("project").into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "project.assessed").count(), 2);
}

#[actix_web::test]
async fn neither_the_maker_nor_the_last_to_change_a_claim_assesses_it() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let project = officer.register(terminal()).await;
    let review = take(&officer, project.location(), &["submitted", "inReview"]).await;
    let claim = path(project.location(), "alignments", &project.body["alignments"][0]);
    let (word, yes) = (format!("{claim}/assessment"), json!({"assessment": "confirmed"}));
    let other = json!({"rationale": "Annan grund."});
    let changed = administrator.change("PATCH", &claim, review.etag(), other).await.expect(200);
    for client in [&officer, &administrator] {
        client.change("PUT", &word, changed.etag(), yes.clone()).await.expect_problem(403, "forbidden");
    }
    let me = officer.get("/me").await.expect(200);
    let account = format!("/users/{}", me.body["id"].as_str().unwrap_or_default());
    administrator.change("PATCH", &account, me.etag(), json!({"mayAssessOwn": true})).await.expect(200);
    let confirmed = officer.change("PUT", &word, changed.etag(), yes).await.expect(200);
    assert_eq!(confirmed.body["assessed"]["selfAssessed"], true);
}

#[actix_web::test]
async fn in_a_department_of_one_an_administrator_may_allow_self_assessment_and_it_shows() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let project = officer.register(terminal()).await;
    let review = take(&officer, project.location(), &["submitted", "inReview"]).await;
    let me = officer.get("/me").await.expect(200);
    let account = format!("/users/{}", me.body["id"].as_str().unwrap_or_default());
    officer.change("PATCH", &account, me.etag(), json!({"mayAssessOwn": true})).await.expect_problem(403, "forbidden");
    administrator.change("PATCH", &account, me.etag(), json!({"mayAssessOwn": true})).await.expect(200);
    let claim = path(project.location(), "alignments", &project.body["alignments"][0]);
    let word = format!("{claim}/assessment");
    let yes = json!({"assessment": "confirmed"});
    let seen = officer.get(&claim).await.expect(200);
    assert!(
        seen.body["_links"].get("assess").is_none(),
        "a token knows what its account was allowed when it was issued"
    );
    let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
    let session = app.anonymous().post("/sessions", credentials).await.expect(201);
    let renewed = app.bearer(session.body["accessToken"].as_str().unwrap_or_default());
    assert!(renewed.get(&claim).await.expect(200).body["_links"].get("assess").is_some());
    let confirmed = officer.change("PUT", &word, review.etag(), yes.clone()).await.expect(200);
    assert_eq!(confirmed.body["assessed"]["selfAssessed"], true);
    app.reader().change("PUT", &word, confirmed.etag(), yes.clone()).await.expect_problem(403, "forbidden");
    app.as_role(Role::Funder).change("PUT", &word, confirmed.etag(), yes).await.expect_problem(403, "forbidden");
}

#[actix_web::test]
async fn a_financier_goes_from_planned_to_paid_and_each_step_is_kept() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut new = terminal();
    new["fundingLines"] = json!([{"source": "eruf-ovre-norrland-2014-2020", "kind": "publicCash",
        "commitment": "planned", "amount": {"amount": "9000000.00", "currency": "SEK"}}]);
    let project = officer.register(new).await;
    let line = path(project.location(), "funding-lines", &project.body["fundingLines"][0]);
    let steps = format!("{line}/commitments");
    let sek = |amount: &str| json!({"amount": amount, "currency": "SEK"});
    let ongoing = take(&officer, project.location(), &["submitted", "inReview", "approved", "ongoing"]).await;
    let mut etag = ongoing.etag().to_owned();
    for step in [
        json!({"commitment": "applied", "date": "2016-01-15", "amount": sek("9000000.00"), "caseNumber": "20200999"}),
        json!({"commitment": "granted", "date": "2016-06-01", "amount": sek("8000000.00"),
               "document": "Beslut om stöd 2016-06-01"}),
        json!({"commitment": "paid", "date": "2017-02-01", "amount": sek("5000000.00")}),
    ] {
        let recorded = officer.change("POST", &steps, &etag, step).await.expect(201);
        assert!(recorded.body["recordedBy"].is_string());
        etag = recorded.etag().to_owned();
    }
    let now = officer.get(&line).await.expect(200);
    assert_eq!(now.body["amount"], sek("8000000.00"));
    assert_eq!((&now.body["granted"], &now.body["paid"]), (&sek("8000000.00"), &sek("5000000.00")));
    assert_eq!((&now.body["commitment"], &now.body["caseNumber"]), (&json!("paid"), &json!("20200999")));
    let kept = officer.get(&steps).await.expect(200);
    assert_eq!(kept.all("commitments", "commitment"), ["planned", "applied", "granted", "paid"]);
    assert_eq!(kept.body["commitments"][2]["document"], "Beslut om stöd 2016-06-01");
    assert_eq!(officer.get(project.location()).await.body["totals"]["funding"], sek("8000000.00"));

    let post = async |body: Value| officer.change("POST", &steps, &etag, body).await;
    let above = post(json!({"commitment": "paid", "amount": sek("3000000.01")})).await.expect(422);
    let above = above.expect_fault("/amount", "above-grant");
    assert_eq!(above.body["invalidParameters"][0]["numbers"]["granted"], "8000000.00");
    let euro = json!({"commitment": "paid", "amount": {"amount": "1.00", "currency": "EUR"}});
    post(euro).await.expect(422).expect_fault("/amount", "currency");
    post(json!({"commitment": "paid"})).await.expect(422).expect_fault("/amount", "required");
    let tomorrow = json!({"commitment": "paid", "date": "2999-01-01", "amount": sek("1.00")});
    post(tomorrow).await.expect(422).expect_fault("/date", "future");
    let lower = json!({"commitment": "granted", "amount": sek("4999999.99")});
    post(lower).await.expect(422).expect_fault("/amount", "below-paid");
    let refused = post(json!({"commitment": "refused"})).await.expect_problem(409, "state-conflict");
    assert_eq!(refused.body["allowedStatuses"], json!(["granted", "paid"]));
    post(json!({"commitment": "paid", "amount": sek("3000000.00")})).await.expect(201);
}

#[actix_web::test]
async fn a_line_with_several_steps_is_neither_rewritten_nor_removed() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let line = path(project.location(), "funding-lines", &project.body["fundingLines"][0]);
    let paid = json!({"commitment": "paid", "amount": {"amount": "100.00", "currency": "SEK"}});
    let step = officer.change("POST", &format!("{line}/commitments"), project.etag(), paid).await.expect(201);
    let amount = json!({"amount": {"amount": "1.00", "currency": "SEK"}});
    officer.change("PATCH", &line, step.etag(), amount).await.expect(422).expect_fault("/commitment", "kept");
    officer.delete(&line, step.etag()).await.expect_problem(409, "conflict");
    assert!(officer.get(&line).await.body["_links"].get("delete").is_none());
    let noted = officer.change("PATCH", &line, step.etag(), json!({"note": "Första utbetalningen."})).await.expect(200);
    assert_eq!(noted.body["paid"]["amount"], "100.00");
    let other = path(project.location(), "funding-lines", &project.body["fundingLines"][1]);
    officer.delete(&other, noted.etag()).await.expect(204);
}

#[actix_web::test]
async fn a_line_with_several_steps_stays_with_its_funder() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let line = path(project.location(), "funding-lines", &project.body["fundingLines"][0]);
    let only = officer.change("PATCH", &line, project.etag(), json!({"source": "norsjo-kommun"})).await.expect(200);
    let paid = json!({"commitment": "paid", "amount": {"amount": "100.00", "currency": "SEK"}});
    let step = officer.change("POST", &format!("{line}/commitments"), only.etag(), paid).await.expect(201);
    let moved = json!({"source": "other-public", "financier": "unnamedPublic"});
    let refused = officer.change("PATCH", &line, step.etag(), moved).await.expect(422);
    refused.expect_fault("/source", "kept").expect_fault("/financier", "kept");
    officer.change("PATCH", &line, step.etag(), json!({"year": 2011})).await.expect(200);
}

/// A project being carried out, of these funding lines.
async fn ongoing(officer: &Client<'_>, lines: Value) -> Response {
    let mut new = terminal();
    new["status"] = json!("ongoing");
    new["registration"] = json!({"source": "Arkivet", "reason": "Registrerat i efterhand."});
    new["fundingLines"] = lines;
    officer.register(new).await
}

fn ids(project: &Value, list: &str) -> Vec<Value> {
    project[list].as_array().into_iter().flatten().map(|part| part["id"].clone()).collect()
}

#[actix_web::test]
async fn a_revision_keeps_what_is_granted_and_paid() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let line = |source: &str, commitment: &str, amount: &str| {
        json!({"source": source, "kind": "publicCash", "commitment": commitment,
               "amount": {"amount": amount, "currency": "SEK"}})
    };
    let paid = line("eruf-ovre-norrland-2014-2020", "paid", "100.00");
    let granted = line("norsjo-kommun", "granted", "200.00");
    let planned = line("region-vasterbotten-1-1", "planned", "300.00");
    let project = ongoing(&officer, json!([paid, granted, planned])).await;
    let path = format!("{}/revisions", project.location());
    let revise = async |lines: Value| {
        let now = officer.get(project.location()).await;
        officer.change("POST", &path, now.etag(), json!({"reason": "Ändrat.", "fundingLines": lines})).await
    };
    for left_out in [json!([]), json!([granted, planned]), json!([paid, planned])] {
        revise(left_out).await.expect_problem(409, "conflict");
    }
    let back = line("norsjo-kommun", "planned", "200.00");
    revise(json!([paid, back])).await.expect(422).expect_fault("/fundingLines/1/commitment", "kept");
    let less = line("eruf-ovre-norrland-2014-2020", "paid", "99.00");
    revise(json!([less, granted])).await.expect(422).expect_fault("/fundingLines/0/commitment", "kept");
    assert_eq!(officer.get(project.location()).await.body["version"], 1);

    // What is only planned is the plan's; a changed grant is a further step.
    revise(json!([paid, line("norsjo-kommun", "granted", "150.00")])).await.expect(201);
    let now = officer.get(project.location()).await.body;
    assert_eq!(ids(&now, "fundingLines"), ids(&project.body, "fundingLines")[..2]);
    assert_eq!(now["fundingLines"][1]["granted"]["amount"], "150.00");
    let steps = |index: usize| {
        let id = now["fundingLines"][index]["id"].as_str().unwrap_or_default();
        format!("{}/funding-lines/{id}/commitments", project.location())
    };
    assert_eq!(officer.get(&steps(0)).await.all("commitments", "commitment"), ["paid"]);
    let kept = officer.get(&steps(1)).await.expect(200);
    assert_eq!(kept.all("commitments", "commitment"), ["granted", "granted"]);
    assert_eq!(kept.body["commitments"][0]["amount"]["amount"], "200.00");
}

#[actix_web::test]
async fn a_revised_line_keeps_its_steps_whatever_its_call() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let source = "eruf-ovre-norrland-2021-2027";
    let mut calls = Vec::new();
    for title in ["Första", "Andra"] {
        let call = json!({"fundingSource": source, "title": {"sv": title, "en": title}});
        calls.push(administrator.post("/calls", call).await.expect(201).body["id"].clone());
    }
    let line = |call: Option<&Value>| {
        let mut line = json!({"source": source, "kind": "publicCash", "commitment": "granted",
                              "amount": {"amount": "100.00", "currency": "SEK"}});
        if let Some(call) = call {
            line["call"] = call.clone();
        }
        line
    };
    let project = ongoing(&officer, json!([line(None), line(Some(&calls[1]))])).await;
    let before = ids(&project.body, "fundingLines");
    let path = format!("{}/revisions", project.location());
    // The second line keeps its call, so the first is the one that gets another, in whatever order they are given.
    let lines = json!([line(Some(&calls[0])), line(Some(&calls[1]))]);
    for (lines, expected) in [
        (lines, vec![before[0].clone(), before[1].clone()]),
        (json!([line(Some(&calls[1])), line(None)]), vec![before[1].clone(), before[0].clone()]),
    ] {
        let now = officer.get(project.location()).await;
        let revision = json!({"reason": "Utlysningen blev känd.", "fundingLines": lines});
        officer.change("POST", &path, now.etag(), revision).await.expect(201);
        let now = officer.get(project.location()).await.body;
        let wanted: Vec<_> = lines.as_array().into_iter().flatten().map(|line| line.get("call")).collect();
        for (id, call) in expected.iter().zip(wanted) {
            let kept = now["fundingLines"].as_array().into_iter().flatten().find(|line| line["id"] == *id);
            assert_eq!(kept.map(|line| line.get("call")), Some(call));
        }
    }
}

#[actix_web::test]
async fn a_decided_plan_changes_only_by_a_revision_with_its_reason() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let project = officer.register(terminal()).await;
    let review = take(&officer, project.location(), &["submitted", "inReview"]).await;
    let claim = path(project.location(), "alignments", &project.body["alignments"][0]);
    let yes = json!({"assessment": "confirmed"});
    administrator.change("PUT", &format!("{claim}/assessment"), review.etag(), yes).await.expect(200);
    let approved = take(&officer, project.location(), &["approved"]).await;
    let links = &approved.body["_links"];
    assert!(links.get("revise").is_some() && links.get("add-cost").is_none(), "{links:#}");

    let cost = json!({"type": "staff", "amount": {"amount": "1.00", "currency": "SEK"}, "eligible": true});
    let refused = officer.change("POST", &format!("{}/costs", project.location()), approved.etag(), cost).await;
    let refused = refused.expect_problem(409, "state-conflict");
    assert!(refused.body["detail"].as_str().is_some_and(|text| text.contains("revisions")));
    let set = json!({"alignments": []});
    officer
        .change("PUT", &format!("{}/alignments", project.location()), approved.etag(), set)
        .await
        .expect_problem(409, "state-conflict");

    let revisions = format!("{}/revisions", project.location());
    let post = async |body: Value| officer.change("POST", &revisions, approved.etag(), body).await;
    post(json!({"reason": "Utan innehåll."})).await.expect(422).expect_fault("", "empty");
    post(json!({"reason": " ", "costs": []})).await.expect(422).expect_fault("/reason", "blank");
    let uneven = json!({"reason": "Fel.", "alignments": [{"subGoal": "4.3", "share": 99}]});
    post(uneven).await.expect(422).expect_fault("/alignments", "shares");
    let unknown = json!({"reason": "Fel.", "alignments": [{"subGoal": "9.9", "share": 100}],
                         "fundingLines": [{"source": "okand", "kind": "publicCash", "commitment": "planned"}]});
    post(unknown)
        .await
        .expect(422)
        .expect_fault("/alignments/0/subGoal", "unknown-sub-goal")
        .expect_fault("/fundingLines/0/source", "unknown-source");

    let mut lines = terminal()["fundingLines"].clone();
    lines[1]["amount"]["amount"] = json!("13552400.00");
    let revision = json!({
        "reason": "Entreprenaden blev billigare.",
        "alignments": [
            {"subGoal": "4.3", "share": 70, "rationale": "Ny kapacitet."}, {"subGoal": "1.1", "share": 30}
        ],
        "costs": [{"type": "investment", "amount": {"amount": "17000000.00", "currency": "SEK"}, "eligible": true}],
        "fundingLines": lines
    });
    let recorded = post(revision).await.expect(201);
    assert_eq!(recorded.body["parts"], json!(["alignments", "costs", "fundingLines"]));
    let now = officer.get(project.location()).await;
    assert_eq!(now.body["version"], recorded.body["version"]);
    assert_eq!(now.body["totals"]["gap"]["amount"], "0.00");
    assert_eq!(now.body["alignments"][0]["assessment"], "confirmed", "what is not changed stays confirmed");
    assert_eq!(now.body["alignments"][0]["id"], project.body["alignments"][0]["id"]);
    assert_eq!(now.body["alignments"][1]["assessment"], "claimed");
    for index in [0, 1] {
        assert_eq!(now.body["fundingLines"][index]["id"], project.body["fundingLines"][index]["id"]);
    }
    let listed = officer.get(&revisions).await.expect(200);
    assert_eq!(listed.all("revisions", "reason"), ["Entreprenaden blev billigare."]);
}

#[actix_web::test]
async fn what_describes_a_project_is_fixed_when_it_is_over_but_its_upkeep_goes_on() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let withdrawn = take(&officer, project.location(), &["submitted", "withdrawn"]).await;
    officer
        .change("PATCH", project.location(), withdrawn.etag(), json!({"title": "Ny titel"}))
        .await
        .expect_problem(409, "state-conflict");
    let kept = json!({"visibility": "public", "caseNumbers": [{"authority": "Norsjö kommun", "number": "KS 2010/1"}]});
    let public = officer.change("PATCH", project.location(), withdrawn.etag(), kept).await.expect(200);
    officer
        .change("PATCH", project.location(), public.etag(), json!({"visibility": "internal"}))
        .await
        .expect(422)
        .expect_fault("/withheldReason", "required");
    let hidden = json!({"visibility": "internal", "withheldReason": "Affärssekretess."});
    officer.change("PATCH", project.location(), public.etag(), hidden).await.expect(200);
}

/// No sequence of calls reaches a state that does not follow by the table, and a submitted project's shares are 100.
#[actix_web::test]
async fn no_sequence_of_calls_leaves_the_lifecycle_or_the_hundred_per_cent() {
    let app = TestApp::new().await;
    let mut runner = TestRunner::default();
    let call = prop_oneof![
        3 => (0..samsyn::project::Status::ALL.len()).prop_map(|index| (0_usize, index)),
        2 => (1_usize..5, 0_usize..101),
    ];
    let walks = prop::collection::vec(call, 1..25);
    for _ in 0..60 {
        let calls = walks.new_tree(&mut runner).expect("a walk").current();
        walk(&app, &calls).await;
    }
}

async fn walk(app: &TestApp, calls: &[(usize, usize)]) {
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let place = project.location();
    for (what, number) in calls {
        let before = officer.get(place).await.expect(200);
        let claim = path(place, "alignments", &before.body["alignments"][0]);
        let answer = match what {
            0 => {
                let wanted = samsyn::project::Status::ALL[*number].as_str();
                officer.change("POST", &format!("{place}/status-changes"), before.etag(), towards(wanted)).await
            }
            1 => officer.change("PATCH", &claim, before.etag(), json!({"share": number})).await,
            2 => officer.delete(&claim, before.etag()).await,
            3 => {
                let set = json!({"alignments": [{"subGoal": "4.3", "share": number},
                                                {"subGoal": "2.1", "share": 100 - number}]});
                officer.change("PUT", &format!("{place}/alignments"), before.etag(), set).await
            }
            _ => {
                let revision = json!({"reason": "Ändrat.", "alignments": [{"subGoal": "3.1", "share": number}]});
                officer.change("POST", &format!("{place}/revisions"), before.etag(), revision).await
            }
        };
        let after = officer.get(place).await.expect(200).body;
        let status = |body: &Value| -> samsyn::project::Status {
            body["status"].as_str().and_then(|text| text.parse().ok()).expect("a status")
        };
        let (was, is) = (status(&before.body), status(&after));
        assert!(was == is || was.next().any(|next| next == is), "{was} became {is} in {calls:?}");
        if answer.status >= 400 {
            assert_eq!(after, before.body, "what is refused changes nothing");
        }
        if after.get("submittedAt").is_some() {
            let shares = after["alignments"].as_array().into_iter().flatten();
            assert_eq!(shares.map(|claim| claim["share"].as_i64().unwrap_or(0)).sum::<i64>(), 100);
        }
    }
}

#[actix_web::test]
async fn a_draft_without_anything_still_has_its_readiness() {
    let app = TestApp::new().await;
    let project = app.officer().register(idea("Tom")).await;
    let readiness = app.officer().get(&format!("{}/readiness", project.location())).await.expect(200);
    assert!(readiness.all("findings", "rule").contains(&"alignment".to_owned()));
    app.anonymous().get(&format!("{}/readiness", project.location())).await.expect_problem(404, "not-found");
}
