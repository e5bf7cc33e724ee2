//! Funding sources: shipped, read by anyone, kept by administrators.

use serde_json::{Value, json};

use crate::support::TestApp;

#[actix_web::test]
async fn the_shipped_sources_have_type_share_and_reference() {
    let app = TestApp::new().await;
    let list = app.anonymous().get("/funding-sources?limit=100").await.expect(200);
    assert!(list.total() >= 25);
    for code in [
        "eruf-ovre-norrland-2007-2013",
        "eruf-ovre-norrland-2014-2020",
        "eruf-ovre-norrland-2021-2027",
        "norsjo-kommun",
        "other-public",
        "other-private",
    ] {
        assert!(list.all("fundingSources", "code").contains(&code.to_owned()), "{code}");
    }
    let eruf = app.anonymous().get("/funding-sources/eruf-ovre-norrland-2014-2020").await.expect(200).body;
    assert_eq!(eruf["type"], "eu");
    assert_eq!((&eruf["rules"][0]["rule"], &eruf["rules"][0]["percent"]), (&json!("maxShare"), &json!(50)));
    assert!(eruf["rules"][0]["reference"]["url"].is_string());
    assert_eq!(eruf["programmeNumber"], "2014SE16RFOP008");
    let later = app.anonymous().get("/funding-sources/eruf-ovre-norrland-2021-2027").await.body;
    assert_eq!(later["rules"], json!([]), "a rate that its calls set is the calls'");
    for source in list.body["fundingSources"].as_array().into_iter().flatten() {
        let is_catch_all = source["code"].as_str().is_some_and(|code| code.starts_with("other-"));
        let cites = source["references"].as_array().is_some_and(|references| !references.is_empty());
        assert!(is_catch_all || cites, "{source}");
    }
}

#[actix_web::test]
async fn sources_are_narrowed_by_type_and_day() {
    let app = TestApp::new().await;
    let codes = |list: crate::support::Response| list.expect(200).all("fundingSources", "code");
    let eu = codes(app.anonymous().get("/funding-sources?type=eu&onDate=2010-01-01&limit=100").await);
    assert!(eu.contains(&"eruf-ovre-norrland-2007-2013".to_owned()));
    assert!(!eu.contains(&"eruf-ovre-norrland-2014-2020".to_owned()));
    app.anonymous().get("/funding-sources?type=church").await.expect_problem(400, "invalid-parameter");
    app.anonymous().get("/funding-sources?onDate=2010-02-30").await.expect_problem(400, "invalid-parameter");
}

#[actix_web::test]
async fn administrators_add_and_change_sources_and_loading_respects_them() {
    let app = TestApp::new().await;
    let new = json!({"code": "sparbanken", "name": {"sv": "Sparbanken", "en": "Savings bank"}, "type": "private"});
    app.officer().post("/funding-sources", new.clone()).await.expect_problem(403, "forbidden");
    let administrator = app.administrator();
    let made = administrator.post("/funding-sources", new.clone()).await.expect(201);
    assert_eq!(made.location(), "/funding-sources/sparbanken");
    administrator.post("/funding-sources", new).await.expect(422).expect_fault("/code", "taken");

    let path = "/funding-sources/norsjo-kommun";
    let source = administrator.get(path).await;
    let name = json!({"name": {"sv": "Norsjö kommuns budget"}, "startDate": "2020-01-01"});
    let changed = administrator.change("PATCH", path, source.etag(), name).await.expect(200);
    assert_eq!(changed.body["name"]["sv"], "Norsjö kommuns budget");
    assert_eq!(changed.body["name"]["en"], source.body["name"]["en"]);
    for (change, place, code) in [
        (json!({"endDate": "2019-12-31"}), "/endDate", "period"),
        (json!({"rules": [rule("maxShare", json!({"percent": 101}))]}), "/rules/0/percent", "too-large"),
        (json!({"rules": [rule("maxShare", json!({"percent": 12.5}))]}), "/rules/0/percent", "type"),
        (json!({"rules": [rule("maxShare", json!({"percent": 50}))]}), "/rules/0/basis", "required"),
        (json!({"rules": [rule("maxGrant", json!({"percent": 50}))]}), "/rules/0/percent", "not-for-rule"),
        (
            json!({"rules": [rule("maxGrant", json!({"amount": {"amount": "1", "currency": "EUR"}}))]}),
            "/rules/0/amount",
            "currency",
        ),
        (
            json!({"rules": [rule("allowedKinds", json!({"appropriation": "1:1"}))]}),
            "/rules/0/appropriation",
            "not-for-rule",
        ),
        (json!({"rules": [{"rule": "minGrant"}]}), "/rules/0/reference", "required"),
        (json!({"code": "other"}), "/code", "unknown"),
        (json!({"name": {"sv": ""}}), "/name/sv", "too-short"),
        (json!({"startDate": "2020-13-01"}), "/startDate", "format"),
        (json!({}), "", "schema"),
    ] {
        let refused = administrator.change("PATCH", path, changed.etag(), change).await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    app.database
        .pool()
        .write_now(|conn| samsyn::seed::Catalogues::read(&[]).expect("files").load(conn))
        .expect("loaded");
    assert_eq!(administrator.get(path).await.body["name"]["sv"], "Norsjö kommuns budget");
}

fn rule(kind: &str, members: Value) -> Value {
    let mut rule = members;
    rule["rule"] = json!(kind);
    rule["reference"] = json!({"title": "Källans webbplats"});
    rule
}

#[actix_web::test]
async fn calls_are_open_on_days_and_keep_their_own_rules() {
    let app = TestApp::new().await;
    let (anyone, administrator) = (app.anonymous(), app.administrator());
    let seeded = anyone.get("/calls?fundingSource=eruf-ovre-norrland-2021-2027&limit=100").await.expect(200);
    assert_eq!(seeded.total(), 7);
    let circular = &seeded.body["calls"][0];
    assert_eq!((&circular["opensOn"], &circular["rules"][0]["percent"]), (&json!("2024-08-12"), &json!(50)));
    let open = async |day: &str| anyone.get(&format!("/calls?openOn={day}")).await.expect(200).total();
    assert_eq!(open("2024-08-11").await, 0, "what has no known day is not known to be open");
    assert_eq!(open("2024-08-12").await, 1);

    let new = json!({
        "fundingSource": "region-vasterbotten-1-1", "title": {"sv": "Vårens utlysning", "en": "The spring call"},
        "opensOn": "2026-02-01", "closesOn": "2026-03-31", "budget": {"amount": "5000000.00", "currency": "SEK"},
        "rules": [rule("maxGrant", json!({"amount": {"amount": "1200000.00", "currency": "SEK"}}))],
    });
    app.officer().post("/calls", new.clone()).await.expect_problem(403, "forbidden");
    let made = administrator.post("/calls", new.clone()).await.expect(201);
    assert_eq!(anyone.get(made.location()).await.expect(200).body["title"]["sv"], "Vårens utlysning");
    assert_eq!((open("2026-02-01").await, open("2026-03-31").await, open("2026-04-01").await), (2, 2, 1));
    let change = async |body: Value| administrator.change("PATCH", made.location(), made.etag(), body).await;
    change(json!({"closesOn": "2026-01-31"})).await.expect(422).expect_fault("/closesOn", "period");
    change(json!({"fundingSource": "okand"})).await.expect(422).expect_fault("/fundingSource", "unknown-source");
    change(json!({"rules": [{"rule": "tur"}]})).await.expect(422).expect_fault("/rules/0/rule", "code");
    change(json!({"closesOn": "2026-04-15"})).await.expect(200);
    assert_eq!(open("2026-04-01").await, 2);
    anyone.get("/calls/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a50").await.expect_problem(404, "not-found");
    anyone.get("/calls?openOn=idag").await.expect_problem(400, "invalid-parameter");
}
