//! Organisations: registered, found, changed.

use samsyn::auth::Role;
use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn an_organisation_is_registered_found_and_changed() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let new = json!({"name": "  O\u{308}gonblickets   förening ", "sector": "civilSociety", "number": "8020032960"});
    let made = officer.post("/organisations", new).await.expect(201);
    assert_eq!(made.body["name"], "Ögonblickets förening");
    assert_eq!(made.body["number"], "802003-2960");
    officer.post("/organisations", json!({"name": "Akademi Norr", "sector": "academia"})).await.expect(201);
    officer.post("/organisations", json!({"name": "Zinkbolaget", "sector": "business"})).await.expect(201);

    let list = app.reader().get("/organisations").await.expect(200);
    assert_eq!(list.all("organisations", "name"), ["Akademi Norr", "Zinkbolaget", "Ögonblickets förening"]);
    // Some are known from projects that are not public.
    app.anonymous().get("/organisations").await.expect_problem(401, "unauthenticated");
    app.as_role(Role::Funder).get(made.location()).await.expect_problem(403, "forbidden");
}

#[actix_web::test]
async fn lists_are_narrowed_by_sector_and_name() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for (name, sector) in
        [("Norsjö kommun", "public"), ("Norrbotten", "public"), ("Norsjöbygdens Företag", "civilSociety")]
    {
        officer.post("/organisations", json!({"name": name, "sector": sector})).await.expect(201);
    }
    for (query, expected) in [
        ("sector=public", vec!["Norrbotten", "Norsjö kommun"]),
        ("q=norsj%C3%B6", vec!["Norsjö kommun", "Norsjöbygdens Företag"]),
        ("q=NORSJ%C3%96&sector=public", vec!["Norsjö kommun"]),
        ("q=kommun", vec![]),
        ("limit=1&page=2", vec!["Norsjö kommun"]),
    ] {
        let list = app.reader().get(&format!("/organisations?{query}")).await.expect(200);
        assert_eq!(list.all("organisations", "name"), expected, "{query}");
    }
}

#[actix_web::test]
async fn an_organisation_is_changed_by_version_and_its_number_is_its_own() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let sorsele = json!({"name": "Sorsele kommun", "sector": "public", "number": "212000-2585"});
    officer.post("/organisations", sorsele.clone()).await.expect(201);
    officer
        .post("/organisations", sorsele)
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/number", "taken");
    let made = officer.post("/organisations", json!({"name": "Fel namn", "sector": "public"})).await.expect(201);
    let path = made.location();
    for (change, place, code) in [
        (json!({"number": "212000-2585"}), "/number", "taken"),
        (json!({"number": "212000-2586"}), "/number", "organisation-number"),
        (json!({"name": " "}), "/name", "blank"),
        (json!({"sector": null}), "/sector", "type"),
        (json!({"sector": "church"}), "/sector", "code"),
        (json!({"colour": "blue"}), "/colour", "unknown"),
    ] {
        let refused = officer.change("PATCH", path, made.etag(), change).await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    let changed = officer.change("PATCH", path, made.etag(), json!({"name": "Rätt namn"})).await.expect(200);
    assert_eq!((changed.body["name"].as_str(), changed.body["version"].as_i64()), (Some("Rätt namn"), Some(2)));
    officer
        .change("PATCH", path, made.etag(), json!({"name": "Igen"}))
        .await
        .expect_problem(412, "precondition-failed");
    app.reader().change("PATCH", path, changed.etag(), json!({"name": "Igen"})).await.expect_problem(403, "forbidden");
    assert_eq!(app.reader().get(path).await.expect(200).body["name"], "Rätt namn");
}
