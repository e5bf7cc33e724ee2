//! The strategy's catalogue: exactly Norsjö's strategy, loaded once, with room for others beside it.

use samsyn::strategy::file::read_strategy;
use samsyn::{seed, strategy};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::TestApp;

/// SHA-256 over every code and official wording of the checked catalogue, in its order, one a line. Taken from the
/// catalogue itself, not from what the program serves.
const OFFICIAL_WORDING: &str = "9289b53898e518656100268dc104f4ecbe21b0c9313785f04da1d22a1996253b";

fn nodes<'a>(tree: &'a Value, list: &str) -> Vec<&'a Value> {
    tree[list].as_array().into_iter().flatten().collect()
}

#[actix_web::test]
async fn the_catalogue_is_the_strategy_to_the_letter() {
    let app = TestApp::new().await;
    let strategy = app.anonymous().get("/strategies/norsjo-2014-2020").await.expect(200).body;
    let mut wording = String::new();
    let (mut goals, mut measures) = (0, 0);
    let areas = nodes(&strategy, "goalAreas");
    let mut add = |node: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        wording.extend([text(&node["code"]), " ".to_owned(), text(&node["title"]["sv"]), "\n".to_owned()]);
        assert!(!text(&node["title"]["en"]).is_empty(), "{node}");
        assert_eq!(node["translation"]["official"], false);
    };
    for area in &areas {
        add(area);
        for goal in nodes(area, "subGoals") {
            goals += 1;
            add(goal);
            for measure in nodes(goal, "measures") {
                measures += 1;
                add(measure);
            }
        }
    }
    assert_eq!((areas.len(), goals, measures), (4, 26, 136));
    let hash = samsyn::http::body::hex(&Sha256::digest(wording.as_bytes()));
    assert_eq!(hash, OFFICIAL_WORDING);
    assert_eq!(strategy["vision"]["sv"], "en attraktiv och företagsam kommun där kropp och själ hinner med");
    let factors: Vec<_> =
        nodes(&strategy, "successFactors").iter().map(|factor| factor["name"]["sv"].clone()).collect();
    assert_eq!(factors, ["delaktighet", "samsyn", "samarbete", "samhandling"]);
}

#[actix_web::test]
async fn every_level_can_be_listed_and_read_by_its_code() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let base = "/strategies/norsjo-2014-2020";
    for (segment, key, total, code) in [
        ("goal-areas", "goalAreas", 4, "3"),
        ("sub-goals", "subGoals", 26, "3.7"),
        ("measures", "measures", 136, "3.7.2"),
    ] {
        let list = anyone.get(&format!("{base}/{segment}?limit=100&page=1")).await.expect(200);
        assert_eq!(list.total(), total);
        assert!(list.all(key, "code").contains(&code.to_owned()) || total > 100);
        let node = anyone.get(&format!("{base}/{segment}/{code}")).await.expect(200);
        assert_eq!(node.body["code"], code);
        assert_eq!(
            node.body["_links"]["self"]["href"],
            format!("https://samsyn.test/samsyn/v1{base}/{segment}/{code}")
        );
    }
    let sub_goal = anyone.get(&format!("{base}/sub-goals/3.7")).await.body;
    assert_eq!(sub_goal["title"]["sv"], "Ökad omsättning och sysselsättning inom besöksnäringen");
    assert!(sub_goal["summary"]["sv"].as_str().is_some_and(|text| text.len() > 20));
    anyone.get(&format!("{base}/sub-goals/9.9")).await.expect_problem(404, "not-found");
    anyone.get(&format!("{base}/sub-goals/3")).await.expect_problem(400, "invalid-parameter");
    anyone.get("/strategies/nowhere-2014").await.expect_problem(404, "not-found");
}

#[actix_web::test]
async fn municipalities_are_the_290_official_ones() {
    let app = TestApp::new().await;
    assert_eq!(app.anonymous().get("/municipalities").await.total(), 290);
    assert_eq!(app.anonymous().get("/municipalities?countyCode=24").await.total(), 15);
    let norsjo = app.anonymous().get("/municipalities/2417").await.expect(200).body;
    assert_eq!(norsjo["shortName"], "Norsjö");
    app.anonymous().get("/municipalities/9999").await.expect_problem(404, "not-found");
}

#[actix_web::test]
async fn loading_again_changes_nothing() {
    let app = TestApp::new().await;
    let before = app.database.counts();
    let strategy = app.anonymous().get("/strategies/norsjo-2014-2020").await;
    let report =
        app.database.pool().write_now(|conn| seed::Catalogues::read(&[]).expect("files").load(conn)).expect("loaded");
    assert_eq!(
        report,
        seed::Report {
            municipalities: 0,
            strategies: 0,
            frameworks: 0,
            correspondences: 0,
            funding_sources: 0,
            calls: 0
        }
    );
    assert_eq!(app.database.counts(), before);
    assert_eq!(app.anonymous().get("/strategies/norsjo-2014-2020").await.etag(), strategy.etag());
}

/// The strategy of another municipality.
pub(crate) const MALA: &str = r"
id: mala-2021-2030
municipality: '2418'
startDate: '2021-01-01'
endDate: '2030-12-31'
title: {sv: Exempelstrategi, en: Example strategy}
vision: {sv: Framåt, en: Ahead}
translation: {language: en, official: true}
source: {title: Exempel}
successFactors: []
goalAreas:
- code: '1'
  title: {sv: Område, en: Area}
  summary: {sv: Om området., en: About the area.}
  subGoals:
  - code: '1.1'
    title: {sv: Delmål, en: Sub-goal}
    summary: {sv: Om delmålet., en: About the sub-goal.}
    measures:
    - {code: 1.1.1, title: {sv: Åtgärd, en: Measure}}
    - {code: 1.1.2, title: {sv: Annan åtgärd, en: Other measure}}
";

#[actix_web::test]
async fn another_municipalitys_strategy_loads_beside_and_what_it_drops_is_retired() {
    let app = TestApp::new().await;
    let load = |yaml: &str| {
        let strategy = read_strategy("mala.yaml", yaml).expect("a right file");
        app.database.pool().write_now(|conn| strategy::store::load(conn, &strategy)).expect("loaded")
    };
    assert!(load(MALA));
    assert!(!load(MALA));
    let list = app.anonymous().get("/strategies").await;
    assert_eq!(list.all("strategies", "id"), ["mala-2021-2030", "norsjo-2014-2020"]);
    assert_eq!(app.anonymous().get("/strategies?municipality=2417").await.total(), 1);

    let aligned = |measure: &str| {
        serde_json::json!({"kind": "other", "title": "I Malå", "strategyId": "mala-2021-2030",
                           "alignments": [{"subGoal": "1.1", "measure": measure}]})
    };
    let officer = app.officer();
    officer.register(aligned("1.1.2")).await;
    assert!(load(&MALA.replace("    - {code: 1.1.2, title: {sv: Annan åtgärd, en: Other measure}}\n", "")));
    let dropped = app.anonymous().get("/strategies/mala-2021-2030/measures/1.1.2").await.expect(200).body;
    assert_eq!(dropped["retired"], true);
    officer
        .post("/projects", aligned("1.1.2"))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("/alignments/0/measure", "unknown-measure");
    assert_eq!(officer.get("/projects?strategyId=mala-2021-2030&measure=1.1.2").await.total(), 1);
    assert_eq!(app.database.journal("strategy").len(), 3);
}
