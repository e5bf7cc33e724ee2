//! A project's history, in words.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::projects::terminal;
use crate::status::take;
use crate::support::TestApp;

/// The members that name accounts.
const ACCOUNTS: [&str; 4] = ["\"madeBy\"", "\"claimedBy\"", "\"by\"", "\"recordedBy\""];

fn texts(history: &Value, language: &str) -> Vec<String> {
    let entries = history["history"].as_array().into_iter().flatten();
    entries.map(|entry| entry["text"][language].as_str().unwrap_or_default().to_owned()).collect()
}

#[actix_web::test]
async fn a_projects_history_is_told_in_words() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let mut new = terminal();
    new["visibility"] = json!("public");
    let project = officer.register(new).await;
    let place = project.location();
    let review = take(&officer, place, &["submitted", "inReview"]).await;
    let claim = format!("{place}/alignments/{}", project.body["alignments"][0]["id"].as_str().unwrap_or_default());
    let word = json!({"assessment": "confirmed", "reason": "Hemligt skäl."});
    let step = administrator.change("PUT", &format!("{claim}/assessment"), review.etag(), word).await.expect(200);
    let step = officer.change("PATCH", &claim, step.etag(), json!({"rationale": "Annan grund."})).await.expect(200);
    let other = format!("{place}/alignments/{}", project.body["alignments"][1]["id"].as_str().unwrap_or_default());
    let word = json!({"assessment": "rejected", "reason": "Hemligt skäl."});
    let step = administrator.change("PUT", &format!("{other}/assessment"), step.etag(), word).await.expect(200);
    let line = project.body["fundingLines"][0]["id"].as_str().unwrap_or_default();
    let paid = json!({"commitment": "paid", "amount": {"amount": "77777.00", "currency": "SEK"}});
    let steps = format!("{place}/funding-lines/{line}/commitments");
    let step = officer.change("POST", &steps, step.etag(), paid).await.expect(201);
    let facts = json!({"title": "Hemlig titel", "contact": {"name": "Någon Annan"}});
    let step = officer.change("PATCH", place, step.etag(), facts).await.expect(200);
    let cost = json!({"type": "staff", "amount": {"amount": "88888.00", "currency": "SEK"}, "eligible": true});
    officer.change("POST", &format!("{place}/costs"), step.etag(), cost).await.expect(201);

    let history = officer.get(&format!("{place}/history")).await.expect(200);
    assert_eq!(
        texts(&history.body, "sv"),
        [
            "Kostnader tillagda: 1.",
            "Titeln och kontaktpersonen ändrades.",
            "Nytt besked om finansieringsraden från eruf-ovre-norrland-2007-2013: utbetald.",
            "Kopplingen till 4.4.4 underkändes.",
            "Kopplingen till 4.3 ändrades och är därför åter angiven, inte bekräftad.",
            "Kopplingen till 4.3 bekräftades.",
            "Läget ändrades från inlämnad till under beredning.",
            "Läget ändrades från utkast till inlämnad.",
            "Projektet registrerades.",
        ]
    );
    let english = texts(&history.body, "en");
    assert_eq!(english[4], "The alignment with 4.3 changed and is therefore claimed again, not confirmed.");
    assert_eq!(english[7], "The status changed from draft to submitted.");
    let newest = &history.body["history"][0];
    assert_eq!((&newest["version"], &newest["changes"]), (&json!(9), &json!(["costs"])));
    assert!(newest["actor"].is_string() && newest["after"]["costs"].is_array());
    assert_eq!(officer.get(&format!("{place}/history?page=2&limit=4")).await.total(), 9);

    let text = history.body.to_string();
    assert!(ACCOUNTS.iter().all(|account| text.contains(account)), "officers see who did what");
    for (client, sees_values) in [(app.anonymous(), false), (app.as_role(Role::Funder), false), (app.reader(), true)] {
        let seen = client.get(&format!("{place}/history")).await.expect(200);
        assert_eq!(texts(&seen.body, "sv"), texts(&history.body, "sv"));
        let text = seen.body.to_string();
        assert!(!text.contains("actor") && !text.contains("Någon Annan") && !text.contains("Projektledaren"));
        assert_eq!(text.contains("Hemlig titel"), sees_values);
        for account in ACCOUNTS {
            assert!(!text.contains(account), "{account}");
        }
        assert_eq!(text.contains("77777") || text.contains("Hemligt"), sees_values && text.contains("77777"));
    }
}

#[actix_web::test]
async fn a_history_is_seen_by_those_who_see_the_project() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let path = format!("{}/history", project.location());
    app.anonymous().get(&path).await.expect_problem(404, "not-found");
    app.as_role(Role::Funder).get(&path).await.expect_problem(404, "not-found");
    let shown = json!({"visibility": "funders"});
    officer.change("PATCH", project.location(), project.etag(), shown).await.expect(200);
    let seen = app.as_role(Role::Funder).get(&path).await.expect(200);
    assert_eq!(texts(&seen.body, "sv")[0], "Synligheten ändrades från intern till finansiärer.");
    take(&officer, project.location(), &["submitted", "inReview", "approved"]).await;
    let now = officer.get(project.location()).await;
    let revision = json!({"reason": "Ändrat.", "costs": [], "revenues": [{"description": "Avgifter"}],
                          "alignments": [{"subGoal": "4.3", "share": 100, "rationale": "Allt."}]});
    officer.change("POST", &format!("{}/revisions", project.location()), now.etag(), revision).await.expect(201);
    let told = texts(&officer.get(&path).await.body, "sv")[0].clone();
    assert_eq!(
        told,
        "Den beslutade planen reviderades. Kopplingen till 4.3 ändrades från 70 % till 100 %. \
         Kopplingen till 4.4.4 togs bort. Kostnader borttagna: 1. Intäkter tillagda: 1."
    );
}
