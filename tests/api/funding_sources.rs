//! Funding sources: shipped, read by anyone, kept by administrators.

use serde_json::json;

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
    assert_eq!((eruf["type"].as_str(), eruf["maxShare"].as_i64()), (Some("eu"), Some(50)));
    assert_eq!(eruf["programmeNumber"], "2014SE16RFOP008");
    let later = app.anonymous().get("/funding-sources/eruf-ovre-norrland-2021-2027").await.body;
    assert!(later.get("maxShare").is_none(), "an unknown rate stays empty");
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
        (json!({"maxShare": 101}), "/maxShare", "too-large"),
        (json!({"maxShare": 12.5}), "/maxShare", "type"),
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
