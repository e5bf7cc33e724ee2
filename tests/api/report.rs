//! The alignment report, as data and as a page.

use std::collections::BTreeMap;

use serde_json::json;

use crate::generated::generated;
use crate::projects::terminal;
use crate::recomputed::{aligned, everything, items, share, text};
use crate::status::take;
use crate::support::{Client, Response, TestApp};

async fn page(client: &Client<'_>, project: &str, accept: &str, language: &str) -> Response {
    let request = client.request("GET", &format!("{project}/alignment-report"));
    request.header("Accept", accept).header("Accept-Language", language).send().await
}

#[actix_web::test]
async fn the_report_tells_what_a_project_contributes_to_who_stands_behind_it_and_who_pays() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let project = officer.register(terminal()).await;
    let review = take(&officer, project.location(), &["submitted", "inReview"]).await;
    let claim =
        format!("{}/alignments/{}", project.location(), review.body["alignments"][0]["id"].as_str().unwrap_or(""));
    let yes = json!({"assessment": "confirmed"});
    administrator.change("PUT", &format!("{claim}/assessment"), review.etag(), yes).await.expect(200);

    let report = officer.get(&format!("{}/alignment-report", project.location())).await.expect(200).body;
    let strategy = &report["strategies"][0];
    assert_eq!((&strategy["confirmedShare"], &strategy["claimedShare"]), (&json!(70), &json!(30)));
    assert_eq!(strategy["goalAreas"][0]["code"], "4");
    assert_eq!(strategy["goalAreas"][0]["share"], 100);
    assert_eq!(strategy["goalAreas"][0]["subGoals"][1]["alignments"][0]["measure"]["code"], "4.4.4");
    assert_eq!(report["stakeholders"]["sectors"]["public"], json!(["Norsjö kommun", "Trafikverket"]));
    assert_eq!(
        report["stakeholders"]["missing"],
        json!({
            "sectors": ["business", "academia", "civilSociety"], "phases": [], "interests": ["benefit"]
        })
    );
    assert_eq!(report["funding"]["fundingByLevel"]["eu"]["amount"], "3447600.00");
    assert_eq!(report["horizontalCriteria"], json!([{"criterion": "environment", "degree": "partial"}]));
    let factors = &report["successFactors"];
    assert_eq!(factors["participation"]["sectors"], json!(["public"]));
    assert_eq!(factors["sharedView"]["confirmedShare"], 70);
    assert_eq!(factors["cooperation"], json!({"goalAreas": ["4"], "municipalities": ["2417"]}));
    assert_eq!(factors["jointAction"]["status"], "inReview");
    assert_eq!(factors["jointAction"]["implementationPartners"], json!(["Norsjö kommun"]));
    assert_eq!(factors["jointAction"]["committed"]["amount"], "18923500.00");
    let frameworks = report["frameworks"].as_array().map_or(0, Vec::len);
    assert_eq!(frameworks, 5);
    app.anonymous().get(&format!("{}/alignment-report", project.location())).await.expect_problem(404, "not-found");
}

/// Every report says what the funder's question answers, whose figures are recomputed elsewhere, and the project's shares.
async fn check_reports(app: &TestApp) {
    let officer = app.officer();
    let projects = everything(&officer, "/projects?", "projects").await;
    let mut answers = BTreeMap::new();
    for framework in everything(&officer, "/frameworks?", "frameworks").await {
        let id = text(&framework, "id");
        for priority in everything(&officer, &format!("/frameworks/{id}/priorities?"), "priorities").await {
            let code = text(&priority, "code");
            let path = format!("/frameworks/{id}/alignments?priority={code}&");
            for answer in everything(&officer, &path, "alignments").await {
                answers.insert((text(&answer, "id").to_owned(), id.to_owned(), code.to_owned()), answer);
            }
        }
    }
    let mut count = 0;
    for project in &projects {
        let id = text(project, "id");
        let report = officer.get(&format!("/projects/{id}/alignment-report")).await.expect(200).body;
        for framework in items(&report, "frameworks") {
            for priority in items(framework, "priorities") {
                let key = (id.to_owned(), text(framework, "frameworkId").to_owned(), text(priority, "code").to_owned());
                let answer = answers.remove(&key).unwrap_or_else(|| panic!("{key:?} is not answered"));
                let scores = ["score", "confirmedScore", "claimedScore"];
                assert!(scores.iter().all(|name| priority["scores"][name] == answer[name]), "{key:?}");
                assert_eq!(priority["evidence"], answer["evidence"], "{key:?}");
                count += 1;
            }
        }
        for strategy in items(&report, "strategies") {
            let own = aligned(project, text(strategy, "strategyId"));
            let sum =
                |word: &str| own.iter().filter(|own| own["assessment"] == word).map(|own| share(own)).sum::<i64>();
            assert_eq!(strategy["confirmedShare"], sum("confirmed"), "{id}");
            assert_eq!(strategy["claimedShare"], sum("claimed"), "{id}");
            let areas = items(strategy, "goalAreas").filter_map(|area| area["share"].as_i64()).sum::<i64>();
            assert_eq!(areas, sum("confirmed") + sum("claimed"), "{id}");
        }
        assert_eq!(report["funding"], project["totals"], "{id}");
    }
    assert!(answers.is_empty() && count > 50, "{count} and {} more", answers.len());
}

#[actix_web::test]
async fn every_report_of_the_demonstration_set_agrees_with_the_funders_question() {
    check_reports(&TestApp::with_demonstration().await).await;
}

#[actix_web::test]
async fn every_report_of_a_generated_set_agrees_with_the_funders_question() {
    check_reports(&generated(30).await).await;
}

#[actix_web::test]
async fn what_is_unknown_is_not_nothing_and_every_strategy_has_its_picture() {
    let app = generated(1).await;
    let officer = app.officer();
    let mut new = terminal();
    new["costs"] = json!([]);
    new["fundingLines"] = json!([{"source": "eruf-ovre-norrland-2007-2013", "kind": "publicCash", "commitment": "granted",
                                  "amount": {"amount": "500.00", "currency": "EUR"}}]);
    new["alignments"] = json!([{"subGoal": "4.3", "share": 100},
                               {"strategyId": "mala-2021-2030", "subGoal": "3.9", "share": 100}]);
    let project = officer.register(new).await;
    let report = officer.get(&format!("{}/alignment-report", project.location())).await.expect(200).body;
    assert!(report["successFactors"]["jointAction"].get("committed").is_none());
    let path = "/frameworks/eruf-ovre-norrland-2007-2013/alignments?q=godsterminal";
    assert_eq!(officer.get(path).await.expect(200).body["alignments"][0]["touched"], json!({}));
    let html = page(&officer, project.location(), "text/html", "sv").await.expect(200);
    assert_eq!(html.text().matches("<svg").count(), 2);
    assert!(html.text().contains("Utfäst: okänt"));
    for wrong in ["alignments?strategyId=nope", "coverage?strategyId=nope"] {
        officer.get(&format!("/frameworks/global-goals/{wrong}")).await.expect_problem(400, "invalid-parameter");
    }
}

#[actix_web::test]
async fn the_page_is_in_the_readers_language_and_takes_texts_for_texts() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut new = terminal();
    new["title"] = json!("<script>alert(1)</script> & \"Terminal\"");
    let project = officer.register(new).await;
    let swedish = page(&officer, project.location(), "text/html", "sv").await.expect(200);
    assert_eq!(swedish.header("Content-Type"), "text/html; charset=utf-8");
    assert!(swedish.header("Content-Security-Policy").contains("default-src 'none'"));
    let text = swedish.text();
    assert!(text.starts_with("<!DOCTYPE html><html lang=\"sv\">"));
    assert!(!text.contains("<script>") && text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp;"));
    for words in [
        "Kopplingsrapport",
        "4.3 ",
        "70 %",
        "18\u{a0}923\u{a0}500,00\u{a0}kr",
        "Samhällssektorer",
        "<svg",
        "role=\"img\"",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(!text.contains("Projektledaren"), "contact persons are no part of it");
    let english = page(&officer, project.location(), "text/html", "en").await.expect(200);
    assert!(english.text().contains("<html lang=\"en\">") && english.text().contains("Alignment report"));
    assert_ne!(english.etag(), swedish.etag());
    let request = officer.request("GET", &format!("{}/alignment-report", project.location()));
    request.header("Accept", "text/html").header("If-None-Match", swedish.etag()).send().await.expect(304);
}

#[actix_web::test]
async fn a_caller_gets_the_form_that_it_likes_best() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(terminal()).await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, kind) in [
        ("*/*", "application/json"),
        (browser, "text/html"),
        ("text/html;q=0.4, application/json;q=0.5", "application/json"),
        ("text/*", "text/html"),
        ("application/json;q=0, */*", "text/html"),
    ] {
        let answer = page(&officer, project.location(), accept, "sv").await.expect(200);
        assert!(answer.header("Content-Type").starts_with(kind), "{accept}");
    }
    page(&officer, project.location(), "image/png", "sv").await.expect_problem(406, "not-acceptable");
    let list = officer.request("GET", "/projects").header("Accept", "text/html").send().await;
    list.expect_problem(406, "not-acceptable");
    officer.request("GET", "/projects").header("Accept", browser).send().await.expect(200);
}
