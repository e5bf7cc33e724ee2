//! Correspondences: every sub-goal considered against every framework, kept by administrators, and loaded from files that
//! never undo what a person has done.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::frameworks::{ERUF, load};
use crate::recomputed::{code_order, everything};
use crate::support::{Client, Response, TestApp};

const PATH: &str = "/frameworks/rus-vasterbotten-2014-2020/correspondences";
const NORSJO: &str = "norsjo-2014-2020";

async fn all(client: &Client<'_>, framework: &str) -> Vec<Value> {
    everything(client, &format!("/frameworks/{framework}/correspondences?"), "correspondences").await
}

type Condition = fn(&Value) -> bool;

/// A correspondence that the regional strategy does not have: library services and structures for innovation.
fn new() -> Value {
    json!({"strategyId": NORSJO, "subGoal": "1.2", "priority": "2", "type": "partial", "provenance": "inferred",
           "rationale": {"sv": "Biblioteket prövar nytt.", "en": "The library tries new things."}})
}

fn place(entry: &Value) -> String {
    format!("{PATH}/{}", entry["id"].as_str().unwrap_or_default())
}

#[actix_web::test]
async fn every_sub_goal_is_considered_against_every_framework() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let goals = everything(&anyone, "/strategies/norsjo-2014-2020/sub-goals?", "subGoals").await;
    let goals: BTreeSet<_> = goals.iter().map(|goal| goal["code"].to_string()).collect();
    assert_eq!(goals.len(), 26);
    let frameworks = anyone.get("/frameworks").await.all("frameworks", "id");
    assert_eq!(frameworks.len(), 5);
    for framework in frameworks {
        let entries = all(&anyone, &framework).await;
        let mut of_goal: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for entry in &entries {
            for tag in ["sv", "en"] {
                assert!(entry["rationale"][tag].as_str().is_some_and(|text| text.trim().len() > 20), "{entry:#}");
            }
            assert!(entry["type"] == "none" || entry["priority"].is_string(), "{entry:#}");
            if entry.get("measure").is_none() {
                of_goal.entry(entry["subGoal"].to_string()).or_default().push(entry);
            }
        }
        assert_eq!(of_goal.keys().cloned().collect::<BTreeSet<_>>(), goals, "{framework}");
        for (goal, entries) in of_goal {
            let in_all = entries.iter().filter(|entry| entry.get("priority").is_none()).count();
            assert!(in_all == 0 || entries.len() == 1, "{framework} {goal}: none in the whole framework, and more");
        }
    }
}

#[actix_web::test]
async fn they_stand_in_the_order_of_the_strategys_codes_and_are_narrowed() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    let entries = all(&anyone, ERUF).await;
    let codes: Vec<_> = entries
        .iter()
        .map(|entry| code_order(entry["measure"].as_str().or(entry["subGoal"].as_str()).unwrap_or_default()))
        .collect();
    assert!(codes.is_sorted(), "3.4.10 after 3.4.9");
    assert!(codes.contains(&vec![3, 4, 10]));
    let conditions: [(&str, Condition); 6] = [
        ("subGoal=3.4", |entry| entry["subGoal"] == "3.4"),
        ("subGoal=1.1,3.7", |entry| entry["subGoal"] == "1.1" || entry["subGoal"] == "3.7"),
        ("measure=3.4.10", |entry| entry["measure"] == "3.4.10"),
        ("priority=3,2c", |entry| entry["priority"] == "3" || entry["priority"] == "2c"),
        ("type=none,exact", |entry| entry["type"] == "none" || entry["type"] == "exact"),
        ("strategyId=norsjo-2014-2020&subGoal=4.3&type=none", |entry| {
            entry["subGoal"] == "4.3" && entry["type"] == "none"
        }),
    ];
    for (query, holds) in conditions {
        let path = format!("/frameworks/{ERUF}/correspondences?{query}&limit=7&");
        let found = everything(&anyone, &path, "correspondences").await;
        let expected: Vec<_> = entries.iter().filter(|entry| holds(entry)).cloned().collect();
        assert!(!expected.is_empty(), "{query} is tried on nothing");
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(anyone.get(&format!("{PATH}?strategyId=mala-2021-2030")).await.expect(200).total(), 0);
}

#[actix_web::test]
async fn administrators_add_change_and_remove_them_and_each_step_is_kept() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let before = app.database.journal("correspondence").len();
    let made = administrator.post(PATH, new()).await.expect(201);
    let seen = app.anonymous().get(made.location()).await.expect(200);
    assert_eq!((&seen.body["priority"], &seen.body["version"]), (&json!("2"), &json!(1)));
    assert!(seen.body["_links"].get("edit").is_none() && made.body["_links"].get("edit").is_some());
    assert_eq!(place(&made.body), made.location());

    let broader = json!({"type": "broad", "rationale": {"en": "It tries new things."}});
    let unsure = administrator.request("PATCH", made.location()).json(&broader).send().await;
    unsure.expect_problem(428, "precondition-required");
    let changed = administrator.change("PATCH", made.location(), made.etag(), broader.clone()).await.expect(200);
    assert_eq!((&changed.body["type"], &changed.body["version"]), (&json!("broad"), &json!(2)));
    assert_eq!(changed.body["rationale"]["sv"], "Biblioteket prövar nytt.", "what is not named stays");
    let late = administrator.change("PATCH", made.location(), made.etag(), broader).await;
    late.expect_problem(412, "precondition-failed");
    administrator.delete(made.location(), made.etag()).await.expect_problem(412, "precondition-failed");
    administrator.delete(made.location(), changed.etag()).await.expect(204);
    administrator.get(made.location()).await.expect_problem(404, "not-found");
    administrator.delete(made.location(), "*").await.expect_problem(404, "not-found");
    let back = administrator.post(PATH, new()).await.expect(201);
    assert_eq!((&back.body["id"], &back.body["version"]), (&made.body["id"], &json!(4)), "it comes back as itself");

    let rows = app.database.journal("correspondence");
    let steps: Vec<_> = rows[before..].iter().map(|row| (row.kind.as_str(), row.version)).collect();
    let expected = [("created", 1), ("updated", 2), ("deleted", 3), ("created", 4)];
    assert_eq!(
        steps,
        expected
            .map(|(kind, version)| (["correspondence.", kind].concat(), version))
            .each_ref()
            .map(|(kind, version)| (kind.as_str(), *version))
    );
    let me = administrator.get("/me").await.body["id"].clone();
    assert!(rows[before..].iter().all(|row| row.actor.is_some_and(|actor| me == actor.to_string())));
    let update = &rows[before + 1];
    let picture = |value: &Option<Value>| value.as_ref().map(|value| value["type"].clone()).unwrap_or_default();
    assert_eq!((picture(&update.before), picture(&update.after)), (json!("partial"), json!("broad")));
}

#[actix_web::test]
async fn a_correspondence_is_added_once_however_often_it_is_sent() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let total = administrator.get(PATH).await.total();
    let send = |body: Value| administrator.request("POST", PATH).header("Idempotency-Key", "once").json(&body).send();
    let (first, second) = (send(new()).await.expect(201), send(new()).await.expect(201));
    assert_eq!((first.location(), first.etag()), (second.location(), second.etag()));
    assert_eq!(administrator.get(PATH).await.total(), total + 1);
    let mut other = new();
    other["priority"] = json!("4");
    send(other).await.expect_problem(422, "idempotency-key-reused");
}

#[actix_web::test]
async fn nobody_else_changes_them() {
    let app = TestApp::new().await;
    let entry = app.anonymous().get(PATH).await.expect(200).body["correspondences"][0].clone();
    let (path, change) = (place(&entry), json!({"type": "exact"}));
    for role in samsyn::auth::Role::ALL.iter().filter(|role| **role != samsyn::auth::Role::Administrator) {
        let somebody = app.as_role(*role);
        somebody.post(PATH, new()).await.expect_problem(403, "forbidden");
        somebody.change("PATCH", &path, "*", change.clone()).await.expect_problem(403, "forbidden");
        somebody.delete(&path, "*").await.expect_problem(403, "forbidden");
    }
    let nobody = app.anonymous();
    nobody.post(PATH, new()).await.expect_problem(401, "unauthenticated");
    nobody.change("PATCH", &path, "*", change).await.expect_problem(401, "unauthenticated");
    nobody.delete(&path, "*").await.expect_problem(401, "unauthenticated");
    assert_eq!(nobody.get(&path).await.expect(200).body, entry);
}

async fn refused(administrator: &Client<'_>, change: Value) -> Response {
    let mut body = new();
    for (member, value) in change.as_object().expect("members") {
        body[member] = value.clone();
    }
    body.as_object_mut().expect("members").retain(|_, value| !value.is_null());
    administrator.post(PATH, body).await.expect_problem(422, "validation-error")
}

#[actix_web::test]
async fn what_is_wrong_with_one_is_said_at_its_place() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let total = administrator.get(PATH).await.total();
    for (change, property, code) in [
        (json!({"subGoal": "9.9"}), "/subGoal", "unknown-sub-goal"),
        (json!({"subGoal": "tre"}), "/subGoal", "pattern"),
        (json!({"measure": "1.2.99"}), "/measure", "unknown-measure"),
        (json!({"measure": "1.1.1"}), "/measure", "unknown-measure"),
        (json!({"priority": "7"}), "/priority", "unknown-priority"),
        (json!({"priority": "3-s1"}), "/priority", "unknown-priority"),
        (json!({"strategyId": "umea-2014"}), "/strategyId", "unknown-strategy"),
        (json!({"priority": "1"}), "/priority", "repeated"),
        (json!({"priority": null}), "/priority", "required"),
        (json!({"priority": null, "type": "none"}), "/priority", "contradiction"),
        (json!({"type": "perfect"}), "/type", "code"),
        (json!({"type": null}), "/type", "required"),
        (json!({"provenance": "guessed"}), "/provenance", "code"),
        (json!({"rationale": null}), "/rationale", "required"),
        (json!({"rationale": {"sv": " ", "en": "Why."}}), "/rationale/sv", "blank"),
        (json!({"rationale": {"sv": "Därför.", "en": "\t"}}), "/rationale/en", "blank"),
        (json!({"rationale": {"sv": "Därför."}}), "/rationale/en", "required"),
        (json!({"colour": "red"}), "/colour", "unknown"),
    ] {
        refused(&administrator, change).await.expect_fault(property, code);
    }
    let twice = json!({"subGoal": "9.9", "measure": "9.9.9", "priority": "99"});
    let twice = refused(&administrator, twice).await;
    let twice = twice.expect_fault("/subGoal", "unknown-sub-goal").expect_fault("/measure", "unknown-measure");
    twice.expect_fault("/priority", "unknown-priority");
    assert_eq!(administrator.get(PATH).await.total(), total);
}

#[actix_web::test]
async fn none_in_the_whole_framework_and_one_to_a_priority_contradict_each_other() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let none = json!({"strategyId": NORSJO, "subGoal": "1.2", "measure": "1.2.3", "type": "none",
        "provenance": "inferred", "rationale": {"sv": "Inget.", "en": "Nothing."}});
    let made = administrator.post(PATH, none.clone()).await.expect(201);
    administrator.post(PATH, none.clone()).await.expect(422).expect_fault("/priority", "repeated");
    let mut one = none.clone();
    (one["priority"], one["type"]) = (json!("4"), json!("partial"));
    administrator.post(PATH, one.clone()).await.expect(422).expect_fault("/priority", "contradiction");
    let change = async |body: Value| administrator.change("PATCH", made.location(), "*", body).await;
    change(json!({"type": "exact"})).await.expect(422).expect_fault("/priority", "required");
    administrator.delete(made.location(), made.etag()).await.expect(204);
    administrator.post(PATH, one).await.expect(201);
    administrator.post(PATH, none).await.expect(422).expect_fault("/priority", "contradiction");
}

#[actix_web::test]
async fn what_one_is_between_does_not_change() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let made = administrator.post(PATH, new()).await.expect(201);
    for (member, value) in [
        ("strategyId", json!("mala-2021-2030")),
        ("subGoal", json!("1.1")),
        ("measure", json!("1.2.1")),
        ("priority", json!("4")),
        ("priority", Value::Null),
    ] {
        let refused = administrator.change("PATCH", made.location(), made.etag(), json!({member: value})).await;
        refused.expect(422).expect_fault(&format!("/{member}"), "kept");
    }
    let same = json!({"subGoal": "1.2", "priority": "2", "provenance": "stated"});
    let changed = administrator.change("PATCH", made.location(), made.etag(), same).await.expect(200);
    assert_eq!(changed.body["provenance"], "stated");
}

#[actix_web::test]
async fn loading_again_brings_nothing_back_and_keeps_what_a_person_changed() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let entries = all(&administrator, "rus-vasterbotten-2014-2020").await;
    let (removed, changed) = (&entries[0], &entries[1]);
    administrator.delete(&place(removed), "*").await.expect(204);
    let sharper = json!({"type": "partial", "rationale": {"sv": "Kommunens läsning."}});
    let kept = administrator.change("PATCH", &place(changed), "*", sharper).await.expect(200);
    let added = administrator.post(PATH, new()).await.expect(201);
    let (before, rows) = (all(&administrator, "rus-vasterbotten-2014-2020").await, app.database.counts());
    let report = load(&app, &[]);
    assert_eq!((report.frameworks, report.correspondences), (0, 0));
    assert_eq!(app.database.counts(), rows);
    assert_eq!(all(&administrator, "rus-vasterbotten-2014-2020").await, before);
    administrator.get(&place(removed)).await.expect_problem(404, "not-found");
    assert_eq!(administrator.get(&place(changed)).await.body["type"], kept.body["type"]);
    administrator.get(added.location()).await.expect(200);
}

/// A file for a measure that the shipped files say nothing of.
fn file(entry: &str) -> String {
    let rationale = "rationale: {sv: Därför., en: Because.}";
    let entry = format!("- {{subGoal: '1.2', measure: 1.2.3, provenance: inferred, {rationale}, {entry}}}");
    format!("strategy: {NORSJO}\nframework: rus-vasterbotten-2014-2020\ncorrespondences:\n{entry}\n")
}

#[actix_web::test]
async fn a_later_file_replaces_what_it_contradicts_unless_a_person_said_it() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let (none, one, other) =
        (file("type: none"), file("priority: '4', type: partial"), file("priority: '4', type: broad"));
    let now = async || {
        let found = administrator.get(&format!("{PATH}?measure=1.2.3")).await.expect(200);
        (found.all("correspondences", "type"), found.all("correspondences", "priority"))
    };
    let said = |type_: &str, priority: &str| (vec![type_.to_owned()], vec![priority.to_owned()]);
    assert_eq!(load(&app, &[&none]).correspondences, 1);
    assert_eq!(now().await, said("none", ""));
    assert_eq!(load(&app, &[&one]).correspondences, 1);
    assert_eq!(now().await, said("partial", "4"));
    assert_eq!(load(&app, &[&other]).correspondences, 1);
    assert_eq!((load(&app, &[&other]).correspondences, now().await), (0, said("broad", "4")));

    let found = administrator.get(&format!("{PATH}?measure=1.2.3")).await.body["correspondences"][0].clone();
    administrator.change("PATCH", &place(&found), "*", json!({"type": "exact"})).await.expect(200);
    assert_eq!((load(&app, &[&other]).correspondences, now().await), (0, said("exact", "4")));
    assert_eq!((load(&app, &[&none]).correspondences, now().await), (0, said("exact", "4")));
    administrator.delete(&place(&found), "*").await.expect(204);
    assert_eq!((load(&app, &[&one]).correspondences, now().await), (0, (vec![], vec![])));

    let mine = json!({"strategyId": NORSJO, "subGoal": "1.2", "measure": "1.2.3", "type": "none",
        "provenance": "inferred", "rationale": {"sv": "Inget.", "en": "Nothing."}});
    administrator.post(PATH, mine).await.expect(201);
    let fifth = file("priority: '5', type: partial");
    assert_eq!((load(&app, &[&fifth]).correspondences, now().await), (0, said("none", "")));
}
