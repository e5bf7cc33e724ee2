//! Projects that nobody would think of: awkward amounts, shares that are missing or too many, two strategies, every state,
//! assessment and visibility.

use diesel::prelude::*;
use proptest::prelude::{Just, Strategy, any, prop};
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use samsyn::db::schema::alignments;
use samsyn::id::Id;
use samsyn::project::alignment::Assessment;
use serde_json::{Value, json};

use crate::frameworks::load;
use crate::recomputed::items;
use crate::support::TestApp;

pub(crate) const NORSJO: &str = "norsjo-2014-2020";
pub(crate) const MALA: &str = "mala-2021-2030";

const STRATEGY: &str = r"
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
- code: '3'
  title: {sv: Område, en: Area}
  summary: {sv: Om området., en: About the area.}
  subGoals:
  - code: '3.9'
    title: {sv: Nian, en: The ninth}
    summary: {sv: Om delmålet., en: About the sub-goal.}
    measures:
    - {code: 3.9.9, title: {sv: Åtgärd, en: Measure}}
    - {code: 3.9.10, title: {sv: Annan åtgärd, en: Other measure}}
  - code: '3.10'
    title: {sv: Tian, en: The tenth}
    summary: {sv: Om delmålet., en: About the sub-goal.}
    measures:
    - {code: 3.10.1, title: {sv: Åtgärd, en: Measure}}
- code: '10'
  title: {sv: Annat område, en: Other area}
  summary: {sv: Om området., en: About the area.}
  subGoals:
  - code: '10.1'
    title: {sv: Delmål, en: Sub-goal}
    summary: {sv: Om delmålet., en: About the sub-goal.}
    measures:
    - {code: 10.1.1, title: {sv: Åtgärd, en: Measure}}
";

/// Measures that are stronger than their sub-goal, weaker, nothing at all, and of another priority.
const CORRESPONDENCES: &str = r"
strategy: mala-2021-2030
framework: eruf-ovre-norrland-2014-2020
correspondences:
- {subGoal: '3.9', priority: '3', type: partial, provenance: inferred, rationale: {sv: A., en: A.}}
- {subGoal: '3.9', priority: 3-s1, type: broad, provenance: inferred, rationale: {sv: B., en: B.}}
- {subGoal: '3.9', measure: 3.9.9, priority: '3', type: exact, provenance: stated, rationale: {sv: C., en: C.}}
- {subGoal: '3.9', measure: 3.9.10, priority: 3-s1, type: none, provenance: inferred, rationale: {sv: D., en: D.}}
- {subGoal: '3.9', measure: 3.9.10, priority: 2c, type: broad, provenance: inferred, rationale: {sv: E., en: E.}}
- {subGoal: '3.10', priority: '1', type: exact, provenance: inferred, rationale: {sv: F., en: F.}}
- {subGoal: '3.10', measure: 3.10.1, type: none, provenance: inferred, rationale: {sv: G., en: G.}}
- {subGoal: '10.1', type: none, provenance: inferred, rationale: {sv: H., en: H.}}
- {subGoal: '10.1', measure: 10.1.1, priority: 7a, type: partial, provenance: inferred, rationale: {sv: I., en: I.}}
";

const TARGETS: [(&str, &str, Option<&str>); 20] = [
    (NORSJO, "1.1", Some("1.1.2")),
    (NORSJO, "1.3", None),
    (NORSJO, "1.3", Some("1.3.6")),
    (NORSJO, "1.5", Some("1.5.5")),
    (NORSJO, "2.2", Some("2.2.1")),
    (NORSJO, "3.4", None),
    (NORSJO, "3.4", Some("3.4.9")),
    (NORSJO, "3.4", Some("3.4.10")),
    (NORSJO, "3.7", Some("3.7.2")),
    (NORSJO, "3.9", None),
    (NORSJO, "4.2", None),
    (NORSJO, "4.3", Some("4.3.1")),
    (NORSJO, "4.4", None),
    (MALA, "3.9", None),
    (MALA, "3.9", Some("3.9.9")),
    (MALA, "3.9", Some("3.9.10")),
    (MALA, "3.10", None),
    (MALA, "3.10", Some("3.10.1")),
    (MALA, "10.1", None),
    (MALA, "10.1", Some("10.1.1")),
];

fn amount() -> impl Strategy<Value = Value> {
    let ore = proptest::prop_oneof![
        Just(0_i64),
        Just(1),
        Just(2),
        select(&[7_919_i64, 104_729, 15_485_863, 2_147_483_647, 999_999_000_001][..]),
        0_i64..100_000_000,
        Just(999_999_999_999_999),
    ];
    (ore, 0..8).prop_map(|(ore, currency)| {
        let currency = if currency == 0 { "EUR" } else { "SEK" };
        json!({"amount": format!("{}.{:02}", ore / 100, ore % 100), "currency": currency})
    })
}

/// Shares that add up to 100 in each strategy, or whatever.
fn shares() -> impl Strategy<Value = Vec<Value>> {
    let targets = prop::sample::subsequence(TARGETS.to_vec(), 0..7);
    let loose = prop::collection::vec(prop::option::weighted(0.8, 0_i64..=70), 7);
    (targets, loose, any::<bool>()).prop_map(|(targets, mut shares, is_complete)| {
        for strategy in [NORSJO, MALA].into_iter().filter(|_| is_complete) {
            let own: Vec<usize> = (0..targets.len()).filter(|index| targets[*index].0 == strategy).collect();
            let mut left = 100;
            for (number, index) in own.iter().enumerate() {
                let is_last = number + 1 == own.len();
                let part = if is_last { left } else { shares[*index].unwrap_or(33).min(left) };
                (shares[*index], left) = (Some(part), left - part);
            }
        }
        let alignment = |((strategy, goal, measure), share): (_, Option<i64>)| {
            let mut alignment = json!({"strategyId": strategy, "subGoal": goal, "rationale": format!("Om {goal}.")});
            let optional = [("measure", json!(measure)), ("share", json!(share))];
            for (member, value) in optional.into_iter().filter(|(_, value)| !value.is_null()) {
                alignment[member] = value;
            }
            alignment
        };
        targets.into_iter().zip(shares).map(alignment).collect()
    })
}

fn lines() -> impl Strategy<Value = Value> {
    const COMMITMENTS: [&str; 8] =
        ["planned", "applied", "intent", "certified", "granted", "paid", "refused", "withdrawn"];
    const SOURCES: [&str; 4] =
        ["eruf-ovre-norrland-2014-2020", "norsjo-kommun", "other-public", "region-vasterbotten-1-1"];
    let line = (select(&SOURCES[..]), select(&COMMITMENTS[..]), prop::option::weighted(0.85, amount()));
    prop::collection::vec(line, 0..5).prop_map(|lines| {
        let with_year = |(index, (source, commitment, amount)): (usize, (&str, &str, Option<Value>))| {
            let mut line = json!({"source": source, "kind": "publicCash", "commitment": commitment});
            line["year"] = json!(2010 + index);
            if let Some(amount) = amount {
                line["amount"] = amount;
            }
            line
        };
        lines.into_iter().enumerate().map(with_year).collect()
    })
}

fn stakeholders() -> impl Strategy<Value = Value> {
    let parts = [("Skolan", "public"), ("Sågen", "business"), ("Universitetet", "academia"), ("Byn", "civilSociety")];
    prop::sample::subsequence(parts.to_vec(), 0..5).prop_map(|parts| {
        let part = |(name, sector)| json!({"organisation": {"name": name, "sector": sector}, "roles": ["partner"]});
        parts.into_iter().map(part).collect()
    })
}

fn project() -> impl Strategy<Value = Value> {
    let statuses: Vec<&str> = samsyn::project::Status::ALL.iter().map(|status| status.as_str()).collect();
    let titles = select(&["Ängen", "ålen", "Zebran", "Öringen", "aspen", "Björken"][..]);
    let kinds = select(&["other", "preStudy", "implementation"][..]);
    let costs = prop::collection::vec(prop::option::weighted(0.85, amount()), 0..4);
    let municipalities = prop::sample::subsequence(vec!["2417", "2418", "2482"], 0..4);
    let dates = (prop::option::weighted(0.8, 2010..2022), prop::option::weighted(0.7, 0..4));
    (
        (titles, 0..100, select(statuses), select(&["public", "funders", "internal"][..]), kinds),
        (shares(), costs, lines(), stakeholders()),
        (municipalities, dates, select(&[NORSJO, NORSJO, MALA][..])),
    )
        .prop_map(|(facts, parts, (municipalities, (start, length), strategy))| {
            let ((title, number, status, visibility, kind), (shares, costs, lines, stakeholders)) = (facts, parts);
            let cost = |amount: Option<Value>| match amount {
                Some(amount) => json!({"type": "other", "eligible": true, "amount": amount}),
                None => json!({"type": "other", "eligible": true}),
            };
            let mut project = json!({
                "title": format!("{title} {number}"), "kind": kind, "status": status, "strategyId": strategy,
                "visibility": visibility, "municipalities": municipalities, "alignments": shares,
                "costs": costs.into_iter().map(cost).collect::<Vec<_>>(), "fundingLines": lines,
                "stakeholders": stakeholders, "registration": {"source": "Slumpen", "reason": "Prov."},
            });
            if visibility != "public" {
                project["withheldReason"] = json!("Prov.");
            }
            if let Some(start) = start {
                project["startDate"] = json!(format!("{start}-05-17"));
                if let Some(length) = length {
                    project["endDate"] = json!(format!("{}-06-30", start + length));
                }
            }
            project
        })
}

/// An application with a second strategy and so many generated projects, whose alignments are claimed, confirmed, rejected
/// and suggested.
pub(crate) async fn generated(count: usize) -> TestApp {
    let app = TestApp::new().await;
    load(&app, &[STRATEGY, CORRESPONDENCES]);
    let (officer, administrator) = (app.officer(), app.administrator());
    let (mut runner, mut suggested) = (TestRunner::deterministic(), Vec::new());
    let words = prop::collection::vec(0..8, 7);
    for _ in 0..count {
        let new = project().new_tree(&mut runner).expect("a project").current();
        let words = words.new_tree(&mut runner).expect("words").current();
        let is_open = !["draft", "submitted", "rejected", "dismissed", "withdrawn"]
            .contains(&new["status"].as_str().unwrap_or_default());
        let made = officer.register(new).await;
        for (alignment, word) in items(&made.body, "alignments").zip(words) {
            let id = alignment["id"].as_str().unwrap_or_default();
            let assessment = match word {
                0..=2 => "confirmed",
                3 | 4 => "rejected",
                5 => {
                    suggested.push(serde_json::from_value(alignment["id"].clone()).expect("an id"));
                    continue;
                }
                _ => continue,
            };
            if is_open {
                let path = format!("{}/alignments/{id}/assessment", made.location());
                let word = json!({"assessment": assessment, "reason": "Prov."});
                administrator.change("PUT", &path, "*", word).await.expect(200);
            }
        }
    }
    suggest(&app, &suggested);
    app
}

/// Makes suggestions of alignments, as only the machine does.
fn suggest(app: &TestApp, ids: &[Id]) {
    let update = |conn: &mut samsyn::db::Conn| {
        let those = alignments::table.filter(alignments::id.eq_any(ids.to_vec()));
        diesel::update(those).set(alignments::assessment.eq(Assessment::Suggested)).execute(conn)?;
        Ok::<_, samsyn::problem::Problem>(())
    };
    app.database.pool().write_now(update).expect("suggestions");
}
