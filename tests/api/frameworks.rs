//! Frameworks: the five that come with the program, read by anyone, and further ones from files.

use std::collections::BTreeSet;

use samsyn::seed::{Catalogues, Report};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::projects::idea;
use crate::recomputed::everything;
use crate::support::{Response, TestApp};

pub(crate) const ERUF: &str = "eruf-ovre-norrland-2014-2020";

/// The frameworks, the latest period first and the one without an end among them, with how many priorities each has of
/// each level.
const SHIPPED: [(&str, &[(&str, usize)]); 5] = [
    ("eruf-ovre-norrland-2021-2027", &[("policyObjective", 3), ("specificObjective", 7)]),
    ("global-goals", &[("goal", 17)]),
    ("eruf-ovre-norrland-2014-2020", &[("axis", 6), ("investmentPriority", 21), ("specificObjective", 10)]),
    ("rus-vasterbotten-2014-2020", &[("subStrategy", 6)]),
    ("eruf-ovre-norrland-2007-2013", &[("axis", 2)]),
];

/// Writes files and loads the catalogues with them, as `samsyn seed FILE…` does.
pub(crate) fn load(app: &TestApp, files: &[&str]) -> Report {
    let folder = TempDir::new().expect("a folder");
    let write = |(index, yaml): (usize, &&str)| {
        let path = folder.path().join(format!("{index}.yaml"));
        std::fs::write(&path, yaml).expect("a file");
        path
    };
    let paths: Vec<_> = files.iter().enumerate().map(write).collect();
    let catalogues = Catalogues::read(&paths).expect("right files");
    app.database.pool().write_now(|conn| catalogues.load(conn)).expect("loaded")
}

fn titles(response: &Response, language: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let priorities = response.body["priorities"].as_array().into_iter().flatten();
    priorities.map(|priority| (text(&priority["code"]), text(&priority["title"][language]))).collect()
}

fn own(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(code, title)| ((*code).to_owned(), (*title).to_owned())).collect()
}

#[actix_web::test]
async fn the_five_frameworks_are_there_for_anyone() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let list = anyone.get("/frameworks").await.expect(200);
    assert_eq!(list.all("frameworks", "id"), SHIPPED.map(|(id, _)| id));
    let sources = anyone.get("/funding-sources?limit=100").await.all("fundingSources", "code");
    for (id, levels) in SHIPPED {
        let framework = anyone.get(&format!("/frameworks/{id}")).await.expect(200);
        let priorities = everything(&anyone, &format!("/frameworks/{id}/priorities?"), "priorities").await;
        let of_level = |level: &str| priorities.iter().filter(|priority| priority["level"] == level).count();
        assert_eq!(levels.iter().map(|(_, count)| count).sum::<usize>(), priorities.len(), "{id}");
        for (level, count) in levels {
            assert_eq!(of_level(level), *count, "{id} {level}");
            let named = framework.body["levels"].as_array().into_iter().flatten().find(|own| own["code"] == *level);
            let name = named.map(|own| own["name"].clone()).unwrap_or_default();
            assert!(name["sv"].is_string() && name["en"].is_string(), "{id} {level}");
        }
        for priority in &priorities {
            let has_source = priority["source"]["title"].as_str().is_some_and(|title| !title.is_empty());
            let has_title = ["sv", "en"].iter().any(|tag| priority["title"][tag].is_string());
            assert!(has_source && has_title && priority["retired"] == false, "{id}: {priority:#}");
        }
        assert_eq!(sources.contains(&id.to_owned()), id.starts_with("eruf"), "{id} has a source that funds by it");
    }
}

#[actix_web::test]
async fn the_programme_number_in_use_stands_first_and_its_alias_after_it() {
    let app = TestApp::new().await;
    let numbers = async |id: &str| {
        let framework = app.anonymous().get(&format!("/frameworks/{id}")).await.expect(200);
        let numbers = framework.body["programmeNumbers"].as_array().cloned().unwrap_or_default();
        assert!(numbers.iter().all(|number| number["source"]["title"].is_string()), "{numbers:#?}");
        framework.all("programmeNumbers", "number")
    };
    assert_eq!(numbers(ERUF).await, ["2014SE16RFOP008", "2014SE16RFOP007"]);
    let source = app.anonymous().get(&format!("/funding-sources/{ERUF}")).await.expect(200);
    assert_eq!(source.body["programmeNumber"], numbers(ERUF).await[0]);
    assert!(numbers("eruf-ovre-norrland-2021-2027").await.is_empty(), "what is not known stays empty");
    assert!(numbers("global-goals").await.is_empty());
}

#[actix_web::test]
async fn official_titles_stand_as_published() {
    let app = TestApp::new().await;
    let list = async |id: &str, level: &str| {
        app.anonymous().get(&format!("/frameworks/{id}/priorities?level={level}&limit=100")).await.expect(200)
    };
    let axes = list(ERUF, "axis").await;
    let swedish = [
        ("1", "Att stärka forskning, teknisk utveckling och innovation"),
        ("2", "Att öka tillgången till, användningen av och kvaliteten på informations- och kommunikationsteknik"),
        ("3", "Att öka små och medelstora företags konkurrenskraft"),
        ("4", "Att stödja övergången till en koldioxidsnål ekonomi i alla sektorer"),
        ("5", "Att främja hållbara transporter och få bort flaskhalsar i viktig nätinfrastruktur"),
        ("6", "Tekniskt stöd"),
    ];
    assert_eq!(titles(&axes, "sv"), own(&swedish));
    assert_eq!(titles(&axes, "en")[2].1, "Enhancing the competitiveness of SMEs");
    let older = list("eruf-ovre-norrland-2007-2013", "axis").await;
    assert_eq!(titles(&older, "sv"), own(&[("1", "Innovation och förnyelse"), ("2", "Tillgänglighet")]));
    assert!(older.body["priorities"][0]["title"].get("en").is_none(), "no official English wording is known");
    let regional = list("rus-vasterbotten-2014-2020", "subStrategy").await;
    let swedish = [
        ("1", "Samhällen som inkluderar och utvecklar människor"),
        ("2", "Strukturer för innovation"),
        ("3", "Miljödriven utveckling"),
        ("4", "Investeringar i utbildning och kompetens"),
        ("5", "Platsbaserad näringslivsutveckling"),
        ("6", "En tillgänglig och utåtriktad region"),
    ];
    assert_eq!(titles(&regional, "sv"), own(&swedish));
    let goals = list("global-goals", "goal").await;
    let codes: Vec<String> = (1..=17).map(|number: i32| number.to_string()).collect();
    assert_eq!(goals.all("priorities", "code"), codes);
    assert_eq!(titles(&goals, "en")[12].1, "Climate action");
}

/// The codes of a tree, each with that of the node above it.
fn walk<'a>(node: &'a Value, parent: Option<&'a str>, found: &mut Vec<(&'a str, Option<&'a str>)>) {
    for priority in node["priorities"].as_array().into_iter().flatten() {
        let code = priority["code"].as_str().unwrap_or_default();
        found.push((code, parent));
        walk(priority, Some(code), found);
    }
}

#[actix_web::test]
async fn the_tree_holds_what_the_list_holds_in_the_same_order() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    for (id, _) in SHIPPED {
        let framework = anyone.get(&format!("/frameworks/{id}")).await.expect(200).body;
        let mut tree = Vec::new();
        walk(&framework, None, &mut tree);
        let codes: BTreeSet<_> = tree.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), tree.len(), "{id}: a code stands twice");
        for limit in [3, 100] {
            let path = format!("/frameworks/{id}/priorities?limit={limit}&");
            let listed = everything(&anyone, &path, "priorities").await;
            let listed: Vec<_> = listed.iter().map(|one| (one["code"].as_str(), one["parent"].as_str())).collect();
            let expected: Vec<_> = tree.iter().map(|(code, parent)| (Some(*code), *parent)).collect();
            assert_eq!(listed, expected, "{id}");
        }
        let one = anyone.get("/frameworks?limit=1&page=2").await.expect(200);
        assert_eq!((one.all("frameworks", "id"), one.total()), (vec![SHIPPED[1].0.to_owned()], 5));
    }
    let narrowed = anyone.get(&format!("/frameworks/{ERUF}/priorities?level=axis,specificObjective&limit=100")).await;
    assert_eq!(narrowed.expect(200).total(), 16);
    assert_eq!(anyone.get(&format!("/frameworks/{ERUF}/priorities?level=goal")).await.expect(200).total(), 0);
}

#[actix_web::test]
async fn a_priority_is_read_with_what_is_below_it_and_leads_on() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let axis = anyone.get(&format!("/frameworks/{ERUF}/priorities/3")).await.expect(200);
    let whole = anyone.get(&format!("/frameworks/{ERUF}")).await.expect(200).body;
    let in_tree = whole["priorities"].as_array().into_iter().flatten().find(|priority| priority["code"] == "3");
    assert_eq!(in_tree, Some(&axis.body));
    assert!(axis.body.get("parent").is_none() && axis.body["_links"].get("up").is_none());
    let below = axis.body["priorities"][0]["code"].as_str().unwrap_or_default();
    let below = anyone.get(&format!("/frameworks/{ERUF}/priorities/{below}")).await.expect(200);
    assert_eq!(below.body["parent"], "3");
    assert_eq!(below.body["_links"]["up"]["href"], axis.body["_links"]["self"]["href"]);
    let href = axis.body["_links"]["correspondences"]["href"].as_str().unwrap_or_default();
    let path = href.split_once("/samsyn/v1").map(|(_, path)| path).unwrap_or_default();
    let found = anyone.get(path).await.expect(200);
    assert!(found.total() > 0 && found.all("correspondences", "priority").iter().all(|code| code == "3"));
}

#[actix_web::test]
async fn what_is_not_there_is_404_and_what_cannot_be_is_400() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let nobody = "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a99";
    for path in [
        "/frameworks/leader".to_owned(),
        "/frameworks/leader/priorities".to_owned(),
        "/frameworks/leader/priorities/1".to_owned(),
        "/frameworks/leader/correspondences".to_owned(),
        format!("/frameworks/{ERUF}/priorities/9"),
        format!("/frameworks/{ERUF}/correspondences/{nobody}"),
    ] {
        anyone.get(&path).await.expect_problem(404, "not-found");
    }
    for path in [
        "/frameworks?limit=101".to_owned(),
        "/frameworks?colour=red".to_owned(),
        format!("/frameworks/{ERUF}/priorities?page=-1"),
        format!("/frameworks/{ERUF}/priorities?level=axis&colour=red"),
        format!("/frameworks/{ERUF}/correspondences?type=perfect"),
        format!("/frameworks/{ERUF}/correspondences/not-an-id"),
    ] {
        anyone.get(&path).await.expect_problem(400, "invalid-parameter");
    }
}

#[actix_web::test]
async fn a_funding_line_names_the_priority_that_it_is_under() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let with = |source: &str, priority: &str| {
        let mut project = idea("Sökt under en prioritering");
        project["fundingLines"] =
            json!([{"source": source, "kind": "publicCash", "commitment": "applied", "priority": priority}]);
        project
    };
    let made = officer.register(with(ERUF, "3-s1")).await;
    assert_eq!(made.body["fundingLines"][0]["priority"], "3-s1");
    let lines = format!("{}/funding-lines", made.location());
    assert_eq!(officer.get(&lines).await.expect(200).all("fundingLines", "priority"), ["3-s1"]);
    let unknown = async |source: &str, priority: &str| {
        let refused = officer.post("/projects", with(source, priority)).await;
        refused.expect_problem(422, "validation-error").expect_fault("/fundingLines/0/priority", "unknown-priority");
    };
    unknown(ERUF, "9").await;
    unknown("eruf-ovre-norrland-2007-2013", "3-s1").await;
    unknown("norsjo-kommun", "3").await;
    let line = made.body["fundingLines"][0]["id"].as_str().unwrap_or_default();
    let change = async |body: Value| officer.change("PATCH", &format!("{lines}/{line}"), "*", body).await;
    change(json!({"priority": "2c"})).await.expect(200);
    change(json!({"priority": "2z"})).await.expect(422).expect_fault("/priority", "unknown-priority");
    change(json!({"source": "other-public"})).await.expect(422).expect_fault("/priority", "unknown-priority");
    assert!(change(json!({"priority": null})).await.expect(200).body.get("priority").is_none());
}

const LEADER: &str = r"
id: leader-exempel
title: {sv: Leader Exempel, en: Leader Example}
startDate: '2023-01-01'
levels:
- {code: area, name: {sv: insatsområde, en: area}}
- {code: action, name: {sv: insats, en: action}}
priorities:
- code: '1'
  level: area
  title: {sv: Landsbygd, en: Countryside}
  source: {title: Exempel}
  priorities:
  - {code: 1-a, level: action, title: {sv: Service}, source: {title: Exempel}}
- {code: '2', level: area, title: {en: Youth}, source: {title: Exempel}}
";

const TO_LEADER: &str = r"
strategy: norsjo-2014-2020
framework: leader-exempel
correspondences:
- {subGoal: '1.1', priority: 1-a, type: exact, provenance: stated, rationale: {sv: Båda vill ha service., en: Services.}}
- {subGoal: '2.1', measure: 2.1.1, type: none, provenance: inferred, rationale: {sv: Inget., en: Nothing.}}
";

#[actix_web::test]
async fn a_further_framework_loads_from_a_file_and_what_it_drops_is_retired() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let first = load(&app, &[LEADER, TO_LEADER]);
    assert_eq!((first.frameworks, first.correspondences, first.strategies), (1, 2, 0));
    let rows = app.database.counts();
    let again = load(&app, &[LEADER, TO_LEADER]);
    assert_eq!((again.frameworks, again.correspondences), (0, 0));
    assert_eq!(app.database.counts(), rows);
    assert_eq!(anyone.get("/frameworks").await.all("frameworks", "id")[0], "leader-exempel", "the latest period first");
    let corresponding = anyone.get("/frameworks/leader-exempel/correspondences").await.expect(200);
    assert_eq!(corresponding.all("correspondences", "type"), ["exact", "none"]);

    let without =
        LEADER.replace("  - {code: 1-a, level: action, title: {sv: Service}, source: {title: Exempel}}\n", "");
    let without = without.replace("  source: {title: Exempel}\n  priorities:\n", "  source: {title: Exempel}\n");
    assert_eq!(load(&app, &[&without]).frameworks, 1);
    let dropped = anyone.get("/frameworks/leader-exempel/priorities/1-a").await.expect(200).body;
    assert_eq!((&dropped["retired"], &dropped["parent"]), (&json!(true), &json!("1")));
    let to_dropped = json!({"strategyId": "norsjo-2014-2020", "subGoal": "1.2", "priority": "1-a", "type": "broad",
        "provenance": "inferred", "rationale": {"sv": "Service.", "en": "Services."}});
    let refused = app.administrator().post("/frameworks/leader-exempel/correspondences", to_dropped).await;
    refused.expect(422).expect_fault("/priority", "unknown-priority");
    assert_eq!(load(&app, &[&without]).frameworks, 0);
    assert_eq!(load(&app, &[LEADER]).frameworks, 1);
    assert_eq!(anyone.get("/frameworks/leader-exempel/priorities/1-a").await.body["retired"], false);
    let kinds: Vec<_> = app.database.journal("framework").into_iter().map(|row| (row.kind, row.version)).collect();
    let of_ours: Vec<_> = kinds[5..].iter().map(|(kind, version)| (kind.as_str(), *version)).collect();
    assert_eq!(of_ours, [("framework.created", 1), ("framework.updated", 2), ("framework.updated", 3)]);
}

#[actix_web::test]
async fn a_file_that_is_wrong_loads_nothing() {
    let app = TestApp::new().await;
    let rows = app.database.counts();
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("fel.yaml");
    std::fs::write(&path, LEADER.replace("level: action", "level: deed")).expect("a file");
    let refused = Catalogues::read(std::slice::from_ref(&path)).expect_err("refused").to_string();
    assert!(refused.contains("fel.yaml") && refused.contains("\"deed\""), "{refused}");
    for (right, wrong) in [("1-a", "1-b"), ("'1.1'", "'9.9'"), ("2.1.1", "3.7.1"), ("norsjo-2014", "norsjo-2041")] {
        let (other, wrong) = (folder.path().join("till.yaml"), TO_LEADER.replace(right, wrong));
        std::fs::write(&path, LEADER).expect("a file");
        std::fs::write(&other, wrong).expect("a file");
        let catalogues = Catalogues::read(&[path.clone(), other]).expect("readable files");
        let refused = app.database.pool().write_now(|conn| catalogues.load(conn));
        assert!(refused.is_err(), "{right}");
        assert_eq!(app.database.counts(), rows, "{right}");
    }
}
