//! The funder's question, answered as rule 8 of the design says, on the demonstration set and on a generated one.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::frameworks::ERUF;
use crate::generated::{MALA, NORSJO, generated};
use crate::projects::idea;
use crate::recomputed::{
    Money, Reading, add, aligned, counts, everything, has_known_cost, has_known_funding, in_kronor, items, ore,
    sectors, share, split, text, weight,
};
use crate::support::{Client, TestApp};

const FRAMEWORKS: [&str; 5] = [
    ERUF,
    "eruf-ovre-norrland-2007-2013",
    "eruf-ovre-norrland-2021-2027",
    "global-goals",
    "rus-vasterbotten-2014-2020",
];

/// What is asked, beside which priorities.
#[derive(Clone, Copy, Default)]
struct Asked<'a> {
    /// The strategy whose alignments count; else each project's own.
    strategy: Option<&'a str>,
    /// Whether only confirmed alignments count.
    confirmed: bool,
}

/// What is to be answered of a project.
struct Expected<'a> {
    project: &'a Value,
    /// The terms: an alignment, and the correspondences that are strongest for it.
    terms: Vec<(&'a Value, Vec<&'a Value>)>,
    score: f64,
    confirmed: f64,
    claimed: f64,
    touched: Money,
}

fn points(alignment: &Value, correspondence: &Value) -> f64 {
    let share = f64::from(i32::try_from(share(alignment)).expect("a percentage"));
    if counts(alignment) { share * weight(correspondence) } else { 0.0 }
}

impl<'a> Expected<'a> {
    fn of(project: &'a Value, reading: &'a Reading, within: &BTreeSet<String>, asked: Asked<'_>) -> Self {
        let strategy = asked.strategy.unwrap_or_else(|| text(project, "strategyId"));
        let is_asked_for = |alignment: &&Value| !asked.confirmed || alignment["assessment"] == "confirmed";
        let terms: Vec<_> = aligned(project, strategy)
            .into_iter()
            .filter(is_asked_for)
            .map(|alignment| (alignment, reading.strongest(alignment, within)))
            .filter(|(_, strongest)| !strongest.is_empty())
            .collect();
        let sum = |word: &str| {
            let those = terms.iter().filter(|(alignment, _)| alignment["assessment"] == word);
            those
                .map(|(alignment, strongest)| points(alignment, strongest[0]))
                .fold(0.0, |sum: f64, points| (sum + points).min(100.0))
        };
        let (confirmed, claimed) = (sum("confirmed"), sum("claimed"));
        let mut touched = [0; 3];
        for (alignment, part) in split(project, strategy).parts {
            let strongest = terms.iter().find(|(own, _)| own["id"] == alignment["id"]).map(|(_, strongest)| strongest);
            if strongest.is_some_and(|strongest| points(alignment, strongest[0]) > 0.0) {
                add(&mut touched, part);
            }
        }
        Self { project, terms, score: (confirmed + claimed / 2.0).min(100.0), confirmed, claimed, touched }
    }

    /// Fails when an answer is not this.
    fn check(&self, answer: &Value, context: &str) {
        let context = format!("{context}: {answer:#} of {:#}", self.project);
        for (member, value) in
            [("score", self.score), ("confirmedScore", self.confirmed), ("claimedScore", self.claimed)]
        {
            assert_eq!(answer[member], json!(value), "{member} of {context}");
        }
        for member in ["title", "status", "kind", "reference", "municipalities", "startDate", "endDate", "summary"] {
            assert_eq!(answer[member], self.project[member], "{member} of {context}");
        }
        let mut touched = in_kronor(self.touched);
        let members = touched.as_object_mut().expect("an object");
        members.retain(|name, _| {
            if name == "totalCost" { has_known_cost(self.project) } else { has_known_funding(self.project) }
        });
        assert_eq!(answer["touched"], touched, "touched of {context}");
        assert_eq!(answer["fundingByLevel"], self.project["totals"]["fundingByLevel"], "{context}");
        let named: BTreeSet<&str> = items(answer, "sectors").filter_map(Value::as_str).collect();
        assert_eq!(named, sectors(self.project), "sectors of {context}");
        assert_eq!(items(answer, "evidence").count(), self.terms.len(), "evidence of {context}");
        for (alignment, strongest) in &self.terms {
            let is_of = |term: &&Value| {
                ["strategyId", "subGoal", "measure"].iter().all(|member| term[member] == alignment[member])
            };
            let term = items(answer, "evidence").find(is_of);
            let term = term.unwrap_or_else(|| panic!("no term of {alignment:#} in {context}"));
            for member in ["share", "assessment", "rationale"] {
                assert_eq!(term[member], alignment[member], "{member} of {context}");
            }
            assert_eq!(term["weight"], json!(weight(strongest[0])), "{context}");
            assert_eq!(term["points"], json!(points(alignment, strongest[0])), "{context}");
            let says = |entry: &&Value| {
                let pairs = [("correspondence", "type"), ("priority", "priority"), ("provenance", "provenance")];
                pairs.iter().all(|(own, other)| term[own] == entry[other])
                    && term["correspondenceRationale"] == entry["rationale"]
            };
            assert!(strongest.iter().any(says), "{term:#} is none of {strongest:#?}");
        }
    }
}

/// Swedish order: å, ä and ö come after z.
fn swedish(title: &str) -> String {
    title.to_lowercase().replace('å', "{").replace('ä', "|").replace('ö', "}")
}

/// The projects that serve these priorities, the strongest first.
fn ranking<'a>(
    projects: &'a [Value],
    reading: &'a Reading,
    within: &BTreeSet<String>,
    asked: Asked<'_>,
) -> Vec<Expected<'a>> {
    let mut found: Vec<_> = projects.iter().map(|project| Expected::of(project, reading, within, asked)).collect();
    found.retain(|expected| expected.score > 0.0);
    // Of shares by halves and quarters, each a whole number of eighths.
    let eighths = |score: f64| Reverse(format!("{score:09.3}"));
    found.sort_by_key(|expected| {
        let title = swedish(text(expected.project, "title"));
        (eighths(expected.score), eighths(expected.confirmed), title, text(expected.project, "id").to_owned())
    });
    found
}

async fn ask(client: &Client<'_>, framework: &str, query: &str) -> Vec<Value> {
    everything(client, &format!("/frameworks/{framework}/alignments?{query}&"), "alignments").await
}

fn check(answers: &[Value], expected: &[Expected<'_>], context: &str) {
    let found: Vec<_> =
        answers.iter().map(|one| (text(one, "id"), text(one, "title"), one["score"].as_f64())).collect();
    let wanted = expected.iter().map(|one| (text(one.project, "id"), text(one.project, "title"), Some(one.score)));
    assert_eq!(found, wanted.collect::<Vec<_>>(), "{context}");
    for (answer, expected) in answers.iter().zip(expected) {
        expected.check(answer, context);
    }
}

async fn projects(client: &Client<'_>) -> Vec<Value> {
    everything(client, "/projects?", "projects").await
}

/// Asks about every priority and the whole framework; how many projects were named.
async fn check_framework(client: &Client<'_>, id: &str, projects: &[Value], query: &str, asked: Asked<'_>) -> usize {
    let reading = Reading::of(client, id).await;
    let mut named = 0;
    for (code, within) in reading.priorities() {
        let answers = ask(client, id, &format!("priority={code}&{query}")).await;
        named += answers.len();
        check(&answers, &ranking(projects, &reading, &within, asked), &format!("{id} {code} {query}"));
    }
    let answers = ask(client, id, query).await;
    check(&answers, &ranking(projects, &reading, &reading.whole(), asked), &format!("{id} {query}"));
    named
}

#[actix_web::test]
async fn every_score_of_the_demonstration_set_can_be_recomputed() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let confirmed = confirm_some(&app).await;
    let projects = projects(&officer).await;
    for id in FRAMEWORKS {
        let named = check_framework(&officer, id, &projects, "strategyId=norsjo-2014-2020", Asked::default()).await;
        assert!(named > 20, "{id}: {named}");
    }
    let asked = Asked { confirmed: true, ..Asked::default() };
    let named = check_framework(&officer, ERUF, &projects, "confirmed=true", asked).await;
    assert!((1..projects.len() * 3).contains(&named), "{named} of {confirmed}");
}

/// Confirms every third alignment that may be and rejects every seventh; how many it confirmed.
async fn confirm_some(app: &TestApp) -> usize {
    let administrator = app.administrator();
    let (mut number, mut confirmed) = (0, 0);
    for project in projects(&administrator).await {
        if ["draft", "submitted"].contains(&text(&project, "status")) {
            continue;
        }
        for alignment in items(&project, "alignments") {
            number += 1;
            let word = if number % 7 == 0 { "rejected" } else { "confirmed" };
            if number % 7 != 0 && number % 3 != 0 {
                continue;
            }
            let (project, alignment) = (text(&project, "id"), text(alignment, "id"));
            let path = format!("/projects/{project}/alignments/{alignment}/assessment");
            let body = json!({"assessment": word, "reason": "Prövad."});
            administrator.change("PUT", &path, "*", body).await.expect(200);
            confirmed += usize::from(word == "confirmed");
        }
    }
    confirmed
}

#[actix_web::test]
async fn every_score_of_a_generated_set_can_be_recomputed() {
    let app = generated(40).await;
    let officer = app.officer();
    let projects = projects(&officer).await;
    let mut total = 0;
    for (query, strategy, confirmed) in [
        ("limit=100", None, false),
        ("strategyId=norsjo-2014-2020", Some(NORSJO), false),
        ("strategyId=mala-2021-2030", Some(MALA), false),
        ("confirmed=true", None, true),
        ("confirmed=true&strategyId=mala-2021-2030", Some(MALA), true),
    ] {
        let named = check_framework(&officer, ERUF, &projects, query, Asked { strategy, confirmed }).await;
        total += named;
    }
    assert!(total > 50, "{total}");
    check_framework(&officer, "global-goals", &projects, "limit=100", Asked::default()).await;
}

#[actix_web::test]
async fn a_worked_example_comes_out_as_worked() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let sek = |amount: &str| json!({"amount": amount, "currency": "SEK"});
    let mut project = idea("Räkneexempel");
    project["status"] = json!("completed");
    project["registration"] = json!({"source": "Prov", "reason": "Prov."});
    project["alignments"] = json!([
        {"subGoal": "3.4", "share": 60}, {"subGoal": "4.3", "share": 30}, {"subGoal": "1.2", "share": 10}
    ]);
    project["costs"] = json!([{"type": "other", "eligible": true, "amount": sek("0.01")}]);
    project["fundingLines"] = json!([
        {"source": "other-public", "kind": "publicCash", "commitment": "applied", "amount": sek("10.00")}
    ]);
    let made = officer.register(project).await;
    let path = format!("{}/alignments/{}/assessment", made.location(), text(&made.body["alignments"][1], "id"));
    administrator.change("PUT", &path, "*", json!({"assessment": "confirmed"})).await.expect(200);
    // As seeds/correspondences has it: 3.4 to sub-strategy 5 and 4.3 to sub-strategy 6, both broad.
    for (priority, score, confirmed, claimed, cost, not_yet) in
        [("5", 22.5, 0.0, 45.0, "0.01", "6.00"), ("6", 22.5, 22.5, 0.0, "0.00", "3.00")]
    {
        let query = format!("priority={priority}");
        let answer = ask(&officer, "rus-vasterbotten-2014-2020", &query).await.remove(0);
        let scores = (&answer["score"], &answer["confirmedScore"], &answer["claimedScore"]);
        assert_eq!(scores, (&json!(score), &json!(confirmed), &json!(claimed)), "{answer:#}");
        let touched = json!({"totalCost": sek(cost), "granted": sek("0.00"), "notYetGranted": sek(not_yet)});
        assert_eq!(answer["touched"], touched);
    }
    assert_eq!(ask(&officer, "rus-vasterbotten-2014-2020", "priority=2").await, Vec::<Value>::new());
}

#[actix_web::test]
async fn pages_hold_the_ranking_once_and_asking_again_answers_the_same() {
    let app = generated(40).await;
    let officer = app.officer();
    let whole = ask(&officer, ERUF, "limit=100").await;
    assert!(whole.len() > 7, "{}", whole.len());
    for limit in [1, 7, 100] {
        let again = ask(&officer, ERUF, &format!("limit={limit}")).await;
        assert_eq!(again, whole, "{limit}");
    }
    let beyond = officer.get(&format!("/frameworks/{ERUF}/alignments?page=1000")).await.expect(200);
    assert_eq!(beyond.total(), i64::try_from(whole.len()).unwrap_or(-1));
    assert_eq!(beyond.body["alignments"], json!([]));
    let few = officer.get(&format!("/frameworks/{ERUF}/alignments?fields=title,score&limit=1")).await.expect(200);
    let members = few.body["alignments"][0].as_object().cloned().unwrap_or_default();
    assert_eq!(members.keys().collect::<Vec<_>>(), ["_links", "id", "score", "title"]);
}

type Condition = fn(&Value) -> bool;

#[actix_web::test]
async fn filters_leave_out_projects_but_change_no_score() {
    let app = generated(60).await;
    let officer = app.officer();
    let whole = ask(&officer, ERUF, "limit=100").await;
    let projects = projects(&officer).await;
    let cost = |project: &Value| items(project, "costs").filter_map(|cost| ore(&cost["amount"])).reduce(|a, b| a + b);
    let conditions: [(&str, Condition); 6] = [
        ("status=completed,ongoing,draft,withdrawn", |project| {
            ["completed", "ongoing", "draft", "withdrawn"].contains(&text(project, "status"))
        }),
        ("municipality=2418", |project| items(project, "municipalities").any(|code| code == "2418")),
        ("periodFrom=2014-06-01", |project| text(project, "endDate") >= "2014-06-01"),
        ("periodTo=2016-01-01", |project| project["startDate"].as_str().is_some_and(|day| day < "2016-01-01")),
        ("kind=other,preStudy", |project| ["other", "preStudy"].contains(&text(project, "kind"))),
        ("fundingSource=norsjo-kommun", |project| {
            items(project, "fundingLines").any(|line| line["source"] == "norsjo-kommun")
        }),
    ];
    let holds_for = |answer: &Value, holds: &dyn Fn(&Value) -> bool| {
        projects.iter().any(|project| project["id"] == answer["id"] && holds(project))
    };
    for (query, holds) in conditions {
        let expected: Vec<Value> = whole.iter().filter(|answer| holds_for(answer, &holds)).cloned().collect();
        assert_eq!(ask(&officer, ERUF, query).await, expected, "{query}");
    }
    for (query, from, to) in
        [("costFrom=0.02", 2, i64::MAX), ("costTo=1000000", 0, 100_000_000), ("costFrom=0.01&costTo=99.99", 1, 9_999)]
    {
        let holds = |project: &Value| cost(project).is_some_and(|cost| (from..to).contains(&cost));
        let expected: Vec<Value> = whole.iter().filter(|answer| holds_for(answer, &holds)).cloned().collect();
        assert_eq!(ask(&officer, ERUF, query).await, expected, "{query}");
    }
    for least in [0.5, 12.375, 12.5, 50.0, 100.0] {
        let is_enough = |answer: &&Value| answer["score"].as_f64().is_some_and(|score| score >= least);
        let expected: Vec<Value> = whole.iter().filter(is_enough).cloned().collect();
        assert_eq!(ask(&officer, ERUF, &format!("minScore={least}")).await, expected, "{least}");
    }
}

#[actix_web::test]
async fn several_priorities_are_asked_for_at_once_without_counting_twice() {
    let app = generated(40).await;
    let officer = app.officer();
    let (reading, projects) = (Reading::of(&officer, ERUF).await, projects(&officer).await);
    let priorities = reading.priorities();
    let within = priorities.iter().filter(|(code, _)| code == "3" || code == "5" || code == "3-s1");
    let within: BTreeSet<String> = within.flat_map(|(_, codes)| codes.clone()).collect();
    let expected = ranking(&projects, &reading, &within, Asked::default());
    assert!(!expected.is_empty());
    check(&ask(&officer, ERUF, "priority=3,5,3-s1").await, &expected, "3,5,3-s1");
}

#[actix_web::test]
async fn everyone_is_answered_from_what_they_may_see() {
    let app = generated(60).await;
    let officer = app.officer();
    let all = ask(&officer, ERUF, "limit=100").await;
    let visibility: Vec<(Value, Value)> = projects(&officer)
        .await
        .into_iter()
        .map(|project| (project["id"].clone(), project["visibility"].clone()))
        .collect();
    let seen = |allowed: &[&str]| -> Vec<Value> {
        let may = |answer: &&Value| {
            let is_allowed = |(id, visibility): &(Value, Value)| {
                *id == answer["id"] && allowed.iter().any(|allowed| visibility == allowed)
            };
            visibility.iter().any(is_allowed)
        };
        all.iter().filter(may).cloned().collect()
    };
    let (public, for_funders) = (seen(&["public"]), seen(&["public", "funders"]));
    assert!(public.len() < for_funders.len() && for_funders.len() < all.len(), "the set tells them apart");
    assert_eq!(ask(&app.anonymous(), ERUF, "limit=100").await, public);
    assert_eq!(ask(&app.as_role(Role::Contributor), ERUF, "limit=100").await, public);
    assert_eq!(ask(&app.as_role(Role::Funder), ERUF, "limit=100").await, for_funders);
    assert_eq!(ask(&app.reader(), ERUF, "limit=100").await, all);
}

#[actix_web::test]
async fn what_cannot_be_asked_is_refused() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    anyone.get("/frameworks/leader/alignments").await.expect_problem(404, "not-found");
    let ask = async |query: &str| {
        let refused = anyone.get(&format!("/frameworks/{ERUF}/alignments?{query}")).await;
        refused.expect_problem(400, "invalid-parameter")
    };
    ask("priority=9").await.expect_fault("priority", "unknown-priority");
    ask("priority=3,17").await.expect_fault("priority", "unknown-priority");
    for query in
        ["minScore=101", "minScore=-1", "minScore=much", "confirmed=perhaps", "status=lost", "periodFrom=2014", "x=1"]
    {
        ask(query).await;
    }
    ask("strategyId=umea-2014").await.expect_fault("strategyId", "unknown-strategy");
}
