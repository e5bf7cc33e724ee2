//! Suggestions for a text, and search that knows Swedish.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::projects::idea;
use crate::support::TestApp;

fn codes(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|item| item["code"].as_str()).collect()
}

#[actix_web::test]
async fn the_vocabulary_suggests_on_the_first_day_and_shows_its_words() {
    let app = TestApp::new().await;
    let question = json!({"title": "Fiber till byarna", "text": "Bredbandsnätet byggs ut så att företagen kan växa."});
    let answer = app.as_role(Role::Contributor).post("/suggestions", question).await.expect(200).body;
    assert_eq!(answer["subGoals"][0]["code"], "4.1");
    assert_eq!(codes(&answer["subGoals"]).len().min(5), codes(&answer["subGoals"]).len());
    let is_axis = |item: &&Value| item["frameworkId"] == "eruf-ovre-norrland-2014-2020" && item["level"] == "axis";
    let axis = answer["priorities"].as_array().into_iter().flatten().find(is_axis).expect("an axis");
    assert_eq!(axis["code"], "2");
    for list in ["subGoals", "measures", "priorities"] {
        let scores: Vec<f64> =
            answer[list].as_array().into_iter().flatten().filter_map(|item| item["score"].as_f64()).collect();
        assert!(!scores.is_empty() && scores.is_sorted_by(|a, b| a >= b), "{list}: {scores:?}");
        assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    }
    let words = answer["subGoals"][0]["words"].as_array().expect("words");
    assert!(words.iter().any(|word| word["word"] == "Fiber"), "{words:?}");
}

#[actix_web::test]
async fn decisions_teach_whoever_may_see_the_project() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let ask = async |client: &crate::support::Client<'_>| {
        let question = json!({"title": "Orgelpipor", "text": "Orgelpiporna klingar i kyrkan."});
        client.post("/suggestions", question).await.expect(200).body
    };
    let before = ask(&officer).await;
    assert!(!codes(&before["subGoals"]).contains(&"2.1"), "nothing speaks of organ pipes on the first day");

    let mut new = idea("Kyrkans orgelpipor");
    new["summary"] = json!("Orgelpiporna klingar igen.");
    new["alignments"] = json!([{"subGoal": "2.1", "share": 100}]);
    new["status"] = json!("inReview");
    new["registration"] = json!({"source": "Prov.", "reason": "Prov."});
    new["fundingLines"] = json!([{"source": "eruf-ovre-norrland-2014-2020", "kind": "publicCash", "priority": "5",
                                  "commitment": "granted"}]);
    let project = officer.register(new).await;
    let claim =
        format!("{}/alignments/{}", project.location(), project.body["alignments"][0]["id"].as_str().unwrap_or(""));
    let granted = ask(&officer).await;
    assert!(!codes(&granted["subGoals"]).contains(&"2.1"), "a claim is nobody's decision");
    let axis = granted["priorities"].as_array().into_iter().flatten().find(|item| item["code"] == "5");
    assert!(axis.is_some(), "a granted line names the priority that it was granted under");
    let yes = json!({"assessment": "confirmed"});
    let confirmed = administrator.change("PUT", &format!("{claim}/assessment"), project.etag(), yes).await.expect(200);
    let after = ask(&officer).await;
    assert_eq!(after["subGoals"][0]["code"], "2.1");
    assert_eq!(after["subGoals"][0]["nearest"][0]["title"], "Kyrkans orgelpipor");
    let outside = ask(&app.as_role(Role::Contributor)).await;
    assert_eq!(outside["subGoals"], before["subGoals"], "nothing comes of what the caller may not see");
    let shown = json!({"visibility": "funders"});
    let confirmed = officer.change("PATCH", project.location(), confirmed.etag(), shown).await.expect(200);
    let funder = ask(&app.as_role(Role::Funder)).await;
    assert_eq!(funder["subGoals"][0]["nearest"][0]["title"], "Kyrkans orgelpipor");
    assert_eq!(ask(&app.as_role(Role::Contributor)).await["subGoals"], before["subGoals"]);

    let no = json!({"assessment": "rejected", "reason": "Nej."});
    administrator.change("PUT", &format!("{claim}/assessment"), confirmed.etag(), no).await.expect(200);
    assert!(!codes(&ask(&officer).await["subGoals"]).contains(&"2.1"), "what is rejected is forgotten");
}

#[actix_web::test]
async fn a_question_has_a_title_a_known_strategy_and_somebody_who_asks() {
    let app = TestApp::new().await;
    let officer = app.officer();
    app.anonymous().post("/suggestions", json!({"title": "Fiber"})).await.expect_problem(401, "unauthenticated");
    officer.post("/suggestions", json!({"text": "Fiber"})).await.expect(422).expect_fault("/title", "required");
    officer
        .post("/suggestions", json!({"title": "Fiber", "limit": 51}))
        .await
        .expect(422)
        .expect_fault("/limit", "too-large");
    officer
        .post("/suggestions", json!({"title": "Fiber", "strategyId": "okand"}))
        .await
        .expect_problem(404, "not-found");
    let nothing = officer.post("/suggestions", json!({"title": "¿ 2014 och"})).await.expect(200).body;
    assert_eq!((&nothing["subGoals"], &nothing["priorities"]), (&json!([]), &json!([])));
}

#[actix_web::test]
async fn search_finds_inflections_parts_of_words_synonyms_and_phrases() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut arena = idea("Företagens arena i inlandet");
    arena["summary"] = json!("De lokala företagens framtid, med stöd till små och medelstora företag.");
    officer.register(arena).await;
    let terminal = officer.register(idea("Godsterminalen")).await;
    let find = async |query: &str| {
        let query = query.bytes().fold(String::new(), |query, byte| query + &format!("%{byte:02X}"));
        officer.get(&format!("/projects?q={query}")).await.expect(200).all("projects", "title")
    };
    for query in ["företag", "FÖRETAGANDE", "\"lokala företag\"", "arenan framtid", "smf", "inland"] {
        assert_eq!(find(query).await, ["Företagens arena i inlandet"], "{query}");
    }
    for query in ["terminal", "godsterminaler", "gods"] {
        assert_eq!(find(query).await, ["Godsterminalen"], "{query}");
    }
    for query in ["\"företag lokala\"", "\"framtid med arena\"", "skola", "företag terminal"] {
        assert!(find(query).await.is_empty(), "{query}");
    }
    officer.change("PATCH", terminal.location(), terminal.etag(), json!({"title": "Omlastning"})).await.expect(200);
    assert!(find("terminal").await.is_empty());
    assert_eq!(find("omlastningen").await, ["Omlastning"]);
    assert!(find("%C2%BF").await.is_empty());
}

#[actix_web::test]
async fn a_project_that_lost_its_search_text_is_made_findable_again() {
    use diesel::RunQueryDsl;
    let app = TestApp::new().await;
    let officer = app.officer();
    officer.register(idea("Godsterminalen")).await;
    let mut conn = app.database.address().connect().expect("a connection");
    diesel::sql_query("DELETE FROM project_texts").execute(&mut conn).expect("deleted");
    assert_eq!(officer.get("/projects?q=godsterminal").await.total(), 0);
    assert_eq!(app.database.pool().write_now(samsyn::project::store::index).expect("indexed"), 1);
    assert_eq!(officer.get("/projects?q=godsterminal").await.total(), 1);
    assert_eq!(app.database.pool().write_now(samsyn::project::store::index).expect("indexed"), 0);
}
