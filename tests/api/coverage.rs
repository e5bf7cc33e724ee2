//! Coverage, recomputed as rule 9 of the design says, on the demonstration set and on a generated one.

use std::collections::{BTreeMap, BTreeSet};

use samsyn::auth::{Principal, Role};
use samsyn::project::wire::NewProject;
use serde_json::{Value, json};

use crate::frameworks::ERUF;
use crate::generated::{MALA, NORSJO, generated};
use crate::recomputed::{
    Money, Reading, add, aligned, counts, everything, has_known_cost, in_kronor, items, money, ore, sectors, split,
    tally, text, weight, years,
};
use crate::support::{Client, TestApp};

/// A row as it ought to be.
#[derive(Default)]
struct Row {
    total: i64,
    unknown_cost: i64,
    at_work: i64,
    by_state: BTreeMap<String, i64>,
    by_assessment: BTreeMap<String, i64>,
    money: Money,
    sectors: BTreeMap<String, i64>,
    years: BTreeMap<String, i64>,
}

impl Row {
    /// Counts a project that somebody says belongs here.
    fn count(&mut self, project: &Value) {
        self.total += 1;
        self.unknown_cost += i64::from(!has_known_cost(project));
        let status = text(project, "status");
        self.at_work += i64::from(!["rejected", "dismissed", "withdrawn"].contains(&status));
        tally(&mut self.by_state, [status]);
        tally(&mut self.sectors, sectors(project));
        tally(&mut self.years, years(project));
    }

    /// The row of those alignments, with the money of each, that belong here.
    fn of<'a>(projects: &'a [Value], belonging: impl Fn(&'a Value) -> Vec<(&'a Value, Money)>) -> Self {
        let mut row = Self::default();
        for project in projects {
            let alignments = belonging(project);
            tally(&mut row.by_assessment, alignments.iter().map(|(alignment, _)| text(alignment, "assessment")));
            if alignments.iter().any(|(alignment, _)| counts(alignment)) {
                row.count(project);
            }
            for (_, part) in alignments {
                add(&mut row.money, part);
            }
        }
        row
    }

    /// Fails when an answer's row is not this.
    fn check(&self, answer: &Value, money: &str, context: &str) {
        let projects = json!({"total": self.total, "withUnknownCost": self.unknown_cost, "byState": self.by_state,
                              "byAssessment": self.by_assessment});
        assert_eq!(answer["projects"], projects, "{context}");
        assert_eq!(answer[money], in_kronor(self.money), "{context}");
        if answer.get("sectors").is_some() {
            assert_eq!(answer["sectors"], json!(self.sectors), "{context}");
            assert_eq!(answer["years"], json!(self.years), "{context}");
        }
    }
}

async fn projects(client: &Client<'_>) -> Vec<Value> {
    everything(client, "/projects?", "projects").await
}

/// The alignments of a strategy that lie below a code, with their money.
fn below<'a>(project: &'a Value, strategy: &str, code: &str) -> Vec<(&'a Value, Money)> {
    let is_below = |alignment: &Value| {
        let own = [text(alignment, "subGoal"), text(alignment, "measure")];
        own.contains(&code) || text(alignment, "subGoal").starts_with(&format!("{code}."))
    };
    split(project, strategy).parts.into_iter().filter(|(alignment, _)| is_below(alignment)).collect()
}

/// A strategy as recomputed from the projects that a client sees.
struct Recomputed<'a> {
    strategy: &'a Value,
    projects: &'a [Value],
    /// The codes of measures with a note.
    noted: BTreeSet<&'a str>,
}

impl Recomputed<'_> {
    fn row(&self, code: &str) -> Row {
        Row::of(self.projects, |project| below(project, text(self.strategy, "id"), code))
    }

    fn is_gap(&self, measure: &Value) -> bool {
        let code = text(measure, "code");
        self.row(code).at_work == 0 && !self.noted.contains(code)
    }

    /// Fails when an answer is not what it ought to be.
    fn check(&self, answer: &Value, context: &str) {
        let rows = |list: &str| items(answer, list).map(|row| (text(row, "code"), row)).collect::<Vec<_>>();
        let (areas, goals, measures) = (rows("goalAreas"), rows("subGoals"), rows("measures"));
        let mut next = (areas.iter(), goals.iter(), measures.iter());
        let check = |row: Option<&(&str, &Value)>, node: &Value, is_gap: bool| {
            let (code, row) = row.unwrap_or_else(|| panic!("no row of {node:#}"));
            assert_eq!((*code, &row["title"]), (text(node, "code"), &node["title"]), "{context}");
            self.row(code).check(row, "money", &format!("{code} {context}"));
            assert_eq!(row["gap"], is_gap, "gap of {code} {context}");
        };
        for area in items(self.strategy, "goalAreas") {
            let mut with_gap = 0;
            for goal in items(area, "subGoals") {
                let gaps = items(goal, "measures").filter(|measure| self.is_gap(measure)).count();
                with_gap += gaps;
                let is_idle = self.row(text(goal, "code")).at_work == 0;
                check(next.1.next(), goal, is_idle && gaps > 0);
                for measure in items(goal, "measures") {
                    check(next.2.next(), measure, self.is_gap(measure));
                }
            }
            let is_idle = self.row(text(area, "code")).at_work == 0;
            check(next.0.next(), area, is_idle && with_gap > 0);
        }
        assert_eq!((next.0.len(), next.1.len(), next.2.len()), (0, 0, 0), "rows of nothing: {context}");
        self.check_sums(answer, context);
    }

    /// Checks `unallocated` and `total`, and that the answer's own rows add up to them to the öre.
    fn check_sums(&self, answer: &Value, context: &str) {
        let id = text(self.strategy, "id");
        let (mut unallocated, mut total) = (Row::default(), Row::default());
        let is_its = |project: &&Value| project["strategyId"] == id || !aligned(project, id).is_empty();
        for project in self.projects.iter().filter(is_its) {
            let split = split(project, id);
            if split.missing > 0 {
                unallocated.count(project);
                add(&mut unallocated.money, split.unallocated);
            }
            total.count(project);
            add(&mut total.money, money(project));
        }
        unallocated.check(&answer["unallocated"], "money", context);
        total.check(&answer["total"], "money", context);
        for kind in ["totalCost", "granted", "notYetGranted"] {
            let of = |row: &Value| ore(&row["money"][kind]).expect("öre");
            let areas = items(answer, "goalAreas").map(of).sum::<i64>();
            assert_eq!(areas + of(&answer["unallocated"]), of(&answer["total"]), "{kind} {context}");
            for area in items(answer, "goalAreas") {
                let is_below = |goal: &&Value| text(goal, "code").starts_with(&format!("{}.", text(area, "code")));
                let goals = items(answer, "subGoals").filter(is_below).map(of).sum::<i64>();
                assert_eq!(goals, of(area), "{kind} {} {context}", area["code"]);
            }
        }
    }
}

async fn check_strategy(client: &Client<'_>, id: &str, query: &str, projects: &[Value], noted: &[&str]) -> Value {
    let strategy = client.get(&format!("/strategies/{id}")).await.expect(200).body;
    let answer = client.get(&format!("/strategies/{id}/coverage?{query}")).await.expect(200).body;
    let noted = noted.iter().copied().collect();
    Recomputed { strategy: &strategy, projects, noted }.check(&answer, &format!("{id} {query}"));
    answer
}

/// Checks every row of a framework's coverage, of each project's own strategy or of one.
async fn check_framework(
    client: &Client<'_>,
    id: &str,
    query: &str,
    strategy: Option<&str>,
    projects: &[Value],
) -> Value {
    let reading = Reading::of(client, id).await;
    let answer = client.get(&format!("/frameworks/{id}/coverage?{query}")).await.expect(200).body;
    let priorities = reading.priorities();
    assert_eq!(items(&answer, "priorities").count(), priorities.len());
    for (row, (code, within)) in items(&answer, "priorities").zip(priorities) {
        let expected = Row::of(projects, |project| {
            let parts = split(project, strategy.unwrap_or_else(|| text(project, "strategyId"))).parts;
            let serves = |alignment: &Value| {
                reading.strongest(alignment, &within).first().is_some_and(|entry| weight(entry) > 0.0)
            };
            parts.into_iter().filter(|(alignment, _)| serves(alignment)).collect()
        });
        let context = format!("{id} {code} {query}");
        assert_eq!(text(row, "code"), code);
        expected.check(row, "touched", &context);
        assert_eq!(row["gap"], expected.at_work == 0, "gap of {context}");
    }
    answer
}

#[actix_web::test]
async fn the_demonstration_sets_coverage_can_be_recomputed() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let projects = projects(&officer).await;
    let answer = check_strategy(&officer, NORSJO, "", &projects, &[]).await;
    assert_eq!(answer["total"]["projects"]["total"], projects.len());
    let gaps = items(&answer, "measures").filter(|row| row["gap"] == true).count();
    assert!((1..136).contains(&gaps), "{gaps}");
    for framework in officer.get("/frameworks").await.all("frameworks", "id") {
        let answer = check_framework(&officer, &framework, "", None, &projects).await;
        assert!(items(&answer, "priorities").any(|row| row["gap"] == false), "{framework}");
    }
}

#[actix_web::test]
async fn a_generated_sets_coverage_can_be_recomputed() {
    let app = generated(60).await;
    let officer = app.officer();
    let projects = projects(&officer).await;
    for strategy in [NORSJO, MALA] {
        let answer = check_strategy(&officer, strategy, "", &projects, &[]).await;
        assert!(ore(&answer["unallocated"]["money"]["totalCost"]).is_some_and(|ore| ore > 0));
        let query = format!("strategyId={strategy}");
        check_framework(&officer, ERUF, &query, Some(strategy), &projects).await;
    }
    check_framework(&officer, ERUF, "", None, &projects).await;
    check_framework(&officer, "global-goals", "", None, &projects).await;
}

#[actix_web::test]
async fn coverage_is_narrowed_by_state_and_year() {
    let app = generated(60).await;
    let officer = app.officer();
    let projects = projects(&officer).await;
    let narrowed = |holds: &dyn Fn(&Value) -> bool| -> Vec<Value> {
        let found: Vec<Value> = projects.iter().filter(|project| holds(project)).cloned().collect();
        assert!(!found.is_empty() && found.len() < projects.len(), "a filter that tells projects apart");
        found
    };
    let in_state = |project: &Value| ["completed", "ongoing", "draft", "rejected"].contains(&text(project, "status"));
    let in_year = |project: &Value| years(project).contains(&2015);
    for (query, found) in [
        ("status=completed,ongoing,draft,rejected", narrowed(&in_state)),
        ("year=2015", narrowed(&in_year)),
        ("year=2015&periodFrom=2019-01-01&periodTo=2019-02-01", narrowed(&in_year)),
        ("municipality=2418", narrowed(&|project| items(project, "municipalities").any(|code| code == "2418"))),
    ] {
        check_strategy(&officer, NORSJO, query, &found, &[]).await;
        check_framework(&officer, ERUF, query, None, &found).await;
    }
    let both = narrowed(&|project| in_state(project) && in_year(project));
    let query = "year=2015&status=completed,ongoing,draft,rejected";
    check_strategy(&officer, MALA, query, &both, &[]).await;
}

#[actix_web::test]
async fn the_projects_of_a_rows_year_are_those_of_that_year() {
    let app = generated(60).await;
    let officer = app.officer();
    let path = format!("/strategies/{NORSJO}/coverage");
    let whole = officer.get(&path).await.expect(200).body;
    let counts = |coverage: &Value, year: Option<&str>| -> BTreeMap<String, Value> {
        let count = |row: &Value| match year {
            Some(year) => row["years"].get(year).cloned().unwrap_or(json!(0)),
            None => row["projects"]["total"].clone(),
        };
        items(coverage, "subGoals").map(|row| (text(row, "code").to_owned(), count(row))).collect()
    };
    let mut tried = 0;
    for year in 2010..2025 {
        let narrowed = officer.get(&format!("{path}?year={year}")).await.expect(200).body;
        let expected = counts(&whole, Some(&year.to_string()));
        tried += expected.values().filter(|count| **count != 0).count();
        assert_eq!(counts(&narrowed, None), expected, "{year}");
    }
    assert!(tried > 0);
}

#[actix_web::test]
async fn everyones_coverage_is_made_of_what_they_may_see() {
    let app = generated(40).await;
    let all = projects(&app.officer()).await;
    let mut totals = Vec::new();
    for (client, allowed) in [
        (app.anonymous(), &["public"][..]),
        (app.as_role(Role::Contributor), &["public"]),
        (app.as_role(Role::Funder), &["public", "funders"]),
        (app.reader(), &["public", "funders", "internal"]),
        (app.administrator(), &["public", "funders", "internal"]),
    ] {
        let is_seen = |project: &&Value| allowed.contains(&text(project, "visibility"));
        let seen: Vec<Value> = all.iter().filter(is_seen).cloned().collect();
        check_strategy(&client, NORSJO, "", &seen, &[]).await;
        check_framework(&client, ERUF, "", None, &seen).await;
        totals.push(seen.len());
    }
    assert!(totals[0] < totals[2] && totals[2] < totals[3], "the set tells them apart: {totals:?}");
}

/// A project of one öre or any other cost, by these alignments.
fn costing(amount: &str, alignments: &Value) -> Value {
    json!({"kind": "other", "title": amount, "strategyId": MALA, "alignments": alignments,
           "costs": [{"type": "other", "eligible": true, "amount": {"amount": amount, "currency": "SEK"}}]})
}

#[actix_web::test]
async fn what_is_left_goes_to_the_largest_remainder_and_between_equals_to_the_lower_code() {
    let to_ninth = json!({"subGoal": "3.9", "share": 50});
    let to_tenth = json!({"subGoal": "3.10", "share": 50});
    let to_area = json!({"subGoal": "10.1", "share": 50});
    for (amount, alignments, expected) in [
        ("0.01", json!([to_tenth, to_ninth]), [("3.9", "0.01"), ("3.10", "0.00"), ("10.1", "0.00"), ("", "0.00")]),
        ("0.01", json!([to_area, to_tenth]), [("3.9", "0.00"), ("3.10", "0.01"), ("10.1", "0.00"), ("", "0.00")]),
        ("0.01", json!([to_area]), [("3.9", "0.00"), ("3.10", "0.00"), ("10.1", "0.01"), ("", "0.00")]),
        (
            "0.01",
            json!([{"subGoal": "10.1", "share": 34}, {"subGoal": "3.9", "share": 33}, {"subGoal": "3.10"}]),
            [("3.9", "0.00"), ("3.10", "0.00"), ("10.1", "0.01"), ("", "0.00")],
        ),
        (
            "9999999999999.99",
            json!([{"subGoal": "10.1", "share": 7}, {"subGoal": "3.9", "share": 13}, {"subGoal": "3.10", "share": 3}]),
            // 699 999 999 999.9993, 1 299 999 999 999.9987, 299 999 999 999.9997 and 7 699 999 999 999.9923.
            [
                ("3.9", "1300000000000.00"),
                ("3.10", "300000000000.00"),
                ("10.1", "700000000000.00"),
                ("", "7699999999999.99"),
            ],
        ),
    ] {
        let app = generated(0).await;
        let officer = app.officer();
        officer.register(costing(amount, &alignments)).await;
        let answer = officer.get(&format!("/strategies/{MALA}/coverage")).await.expect(200).body;
        for (code, sum) in expected {
            let goal = items(&answer, "subGoals").find(|row| row["code"] == code);
            let row = goal.unwrap_or(&answer["unallocated"]);
            assert_eq!(row["money"]["totalCost"]["amount"], sum, "{code} of {amount} by {alignments}");
        }
    }
}

#[actix_web::test]
async fn a_measure_is_a_gap_until_a_project_works_with_it_or_the_department_has_noted_it() {
    let app = generated(0).await;
    let officer = app.officer();
    let gaps = async |projects: &[Value], noted: &[&str]| {
        let answer = check_strategy(&officer, MALA, "", projects, noted).await;
        let rows = ["goalAreas", "subGoals", "measures"].into_iter().flat_map(|list| items(&answer, list));
        rows.filter(|row| row["gap"] == true).map(|row| text(row, "code").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(gaps(&[], &[]).await, ["3", "10", "3.9", "3.10", "10.1", "3.9.9", "3.9.10", "3.10.1", "10.1.1"]);
    let mut withdrawn = costing("1.00", &json!([{"subGoal": "10.1", "measure": "10.1.1", "share": 100}]));
    withdrawn["status"] = json!("withdrawn");
    withdrawn["registration"] = json!({"source": "Prov", "reason": "Prov."});
    officer.register(withdrawn).await;
    officer.register(costing("2.00", &json!([{"subGoal": "3.9", "measure": "3.9.10", "share": 100}]))).await;
    let projects = projects(&officer).await;
    assert_eq!(gaps(&projects, &[]).await, ["10", "3.10", "10.1", "3.9.9", "3.10.1", "10.1.1"]);

    let note = async |measure: &str, standing: &str, date: &str| {
        let note = json!({"standing": standing, "text": format!("Noterat {date}."), "date": date});
        officer.post(&format!("/strategies/{MALA}/measures/{measure}/notes"), note).await.expect(201)
    };
    note("3.9.9", "ordinaryWork", "2022-01-01").await;
    note("10.1.1", "notStarted", "2023-01-01").await;
    note("10.1.1", "done", "2022-06-01").await;
    assert_eq!(gaps(&projects, &["3.9.9", "10.1.1"]).await, ["3.10", "3.10.1"]);
    let answer = app.anonymous().get(&format!("/strategies/{MALA}/coverage")).await.expect(200).body;
    let note = |code: &str| items(&answer, "measures").find(|row| row["code"] == code).map(|row| row["note"].clone());
    let latest = json!({"standing": "notStarted", "text": "Noterat 2023-01-01.", "date": "2023-01-01"});
    assert_eq!((note("10.1.1"), note("3.10.1")), (Some(latest), Some(Value::Null)));
}

#[actix_web::test]
async fn more_projects_than_are_looked_up_one_by_one_change_nothing_but_their_number() {
    let app = generated(30).await;
    let before = app.anonymous().get(&format!("/frameworks/{ERUF}/coverage")).await.expect(200).body;
    let rows = app.anonymous().get(&format!("/strategies/{NORSJO}/coverage")).await.expect(200).body;
    let many = |conn: &mut samsyn::db::Conn| {
        for number in 0..520 {
            let project = json!({"kind": "other", "title": format!("Nummer {number}"), "strategyId": NORSJO,
                                 "visibility": "public"});
            let project: NewProject = serde_json::from_value(project).expect("a project");
            samsyn::project::http::register(conn, &Principal::program(), project)?;
        }
        Ok::<_, samsyn::problem::Problem>(())
    };
    app.database.pool().write_now(many).expect("projects");
    assert_eq!(app.anonymous().get(&format!("/frameworks/{ERUF}/coverage")).await.expect(200).body, before);
    let after = app.anonymous().get(&format!("/strategies/{NORSJO}/coverage")).await.expect(200).body;
    for list in ["goalAreas", "subGoals", "measures"] {
        assert_eq!(after[list], rows[list], "{list}");
    }
    let total = |coverage: &Value, row: &str| coverage[row]["projects"]["total"].as_i64().unwrap_or(-1);
    assert_eq!(total(&after, "total"), total(&rows, "total") + 520);
    assert_eq!(total(&after, "unallocated"), total(&rows, "unallocated") + 520);
    assert_eq!(after["total"]["money"], rows["total"]["money"]);
}

#[actix_web::test]
async fn coverage_of_what_is_not_there_is_404_and_bad_filters_are_400() {
    let app = TestApp::new().await;
    let anyone = app.anonymous();
    anyone.get("/strategies/umea-2014/coverage").await.expect_problem(404, "not-found");
    anyone.get("/frameworks/leader/coverage").await.expect_problem(404, "not-found");
    for query in ["year=1066", "year=nu", "status=lost", "colour=red", "periodFrom=2014-13-01"] {
        for resource in [format!("strategies/{NORSJO}"), format!("frameworks/{ERUF}")] {
            let refused = anyone.get(&format!("/{resource}/coverage?{query}")).await;
            refused.expect_problem(400, "invalid-parameter");
        }
    }
}
