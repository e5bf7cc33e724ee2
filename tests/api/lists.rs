//! Lists: every filter finds what a plain count over the data finds, pages are whole, and the number of statements
//! does not grow.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use samsyn::project::filter::Filter;
use samsyn::project::{Sight, store};
use serde_json::{Value, json};

use crate::projects::idea;
use crate::support::{Client, TestApp};

/// Every project that somebody may see, as the API gives it.
pub(crate) async fn everything(client: &Client<'_>) -> Vec<Value> {
    let mut projects = Vec::new();
    for page in 1.. {
        let list = client.get(&format!("/projects?limit=100&page={page}")).await.expect(200);
        let items = list.body["projects"].as_array().cloned().unwrap_or_default();
        if items.is_empty() {
            break;
        }
        projects.extend(items);
    }
    projects
}

fn titles(projects: impl IntoIterator<Item = Value>) -> Vec<String> {
    let mut titles: Vec<_> = projects.into_iter().map(|project| project["title"].to_string()).collect();
    titles.sort();
    titles
}

fn any(project: &Value, list: &str, holds: impl Fn(&Value) -> bool) -> bool {
    project[list].as_array().is_some_and(|items| items.iter().any(holds))
}

fn ore(project: &Value, sum: &str) -> Option<i64> {
    project["totals"][sum]["amount"].as_str()?.replace('.', "").parse().ok()
}

type Condition = Box<dyn Fn(&Value) -> bool>;

fn conditions(organisation: &str) -> Vec<(String, Condition)> {
    let is = |member: &'static str, wanted: &'static [&'static str]| -> Condition {
        Box::new(move |project| wanted.iter().any(|wanted| project[member] == *wanted))
    };
    let aligned =
        |holds: fn(&Value) -> bool| -> Condition { Box::new(move |project| any(project, "alignments", holds)) };
    let by_organisation = organisation.to_owned();
    let has_organisation: Condition = Box::new(move |project| {
        any(project, "stakeholders", |part| part["organisation"]["id"] == *by_organisation)
            || any(project, "fundingLines", |line| line["financier"]["id"] == *by_organisation)
    });
    vec![
        ("status=completed".to_owned(), is("status", &["completed"])),
        ("status=draft,submitted".to_owned(), is("status", &["draft", "submitted"])),
        ("visibility=funders".to_owned(), is("visibility", &["funders"])),
        ("kind=preStudy,framework".to_owned(), is("kind", &["preStudy", "framework"])),
        ("strategyId=norsjo-2014-2020".to_owned(), is("strategyId", &["norsjo-2014-2020"])),
        ("subGoal=3.7".to_owned(), aligned(|alignment| alignment["subGoal"] == "3.7")),
        ("subGoal=3.7,4.3".to_owned(), aligned(|a| a["subGoal"] == "3.7" || a["subGoal"] == "4.3")),
        ("measure=3.4.3".to_owned(), aligned(|alignment| alignment["measure"] == "3.4.3")),
        (
            "goalArea=4".to_owned(),
            aligned(|alignment| alignment["subGoal"].as_str().is_some_and(|code| code.starts_with("4."))),
        ),
        (
            "fundingSource=eruf-ovre-norrland-2007-2013".to_owned(),
            Box::new(|p| any(p, "fundingLines", |line| line["source"] == "eruf-ovre-norrland-2007-2013")),
        ),
        (format!("organisation={organisation}"), has_organisation),
        ("municipality=2417".to_owned(), Box::new(|project| any(project, "municipalities", |code| code == "2417"))),
        (
            "periodFrom=2012-01-01&periodTo=2014-01-01".to_owned(),
            Box::new(|project| {
                project["endDate"].as_str().is_some_and(|end| end >= "2012-01-01")
                    && project["startDate"].as_str().is_some_and(|start| start < "2014-01-01")
            }),
        ),
        (
            "fundingFrom=5000000&fundingTo=20000000".to_owned(),
            Box::new(|p| ore(p, "funding").is_some_and(|ore| (500_000_000..2_000_000_000).contains(&ore))),
        ),
        ("costFrom=0.01".to_owned(), Box::new(|project| ore(project, "cost").is_some_and(|ore| ore >= 1))),
        (
            "q=norsj%C3%B6".to_owned(),
            Box::new(|project| {
                let mut texts = vec![&project["title"], &project["summary"]];
                texts.extend(project["places"].as_array().into_iter().flatten());
                let parts = project["stakeholders"].as_array().into_iter().flatten();
                texts.extend(parts.map(|part| &part["organisation"]["name"]));
                texts.into_iter().any(|text| text.to_string().to_lowercase().contains("norsjö"))
            }),
        ),
        ("q=156077".to_owned(), Box::new(|p| any(p, "caseNumbers", |case| case["number"] == "156077"))),
    ]
}

#[actix_web::test]
async fn every_filter_finds_what_a_plain_count_finds_alone_and_with_each_other() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let all = everything(&officer).await;
    assert!(all.len() >= 25, "{}", all.len());
    let norsjo = officer.get("/organisations?q=Norsj%C3%B6%20kommun").await.body;
    let conditions = conditions(norsjo["organisations"][0]["id"].as_str().unwrap_or_default());
    for (query, holds) in &conditions {
        let list = officer.get(&format!("/projects?limit=100&{query}")).await.expect(200);
        let expected: Vec<Value> = all.iter().filter(|project| holds(project)).cloned().collect();
        assert!(!expected.is_empty(), "{query} is tried on nothing");
        assert_eq!(list.total(), i64::try_from(expected.len()).unwrap_or(-1), "{query}");
        assert_eq!(titles(list.body["projects"].as_array().cloned().unwrap_or_default()), titles(expected), "{query}");
    }
    for (index, (first, holds_first)) in conditions.iter().enumerate() {
        for (second, holds_second) in &conditions[index + 1..] {
            if first.split('=').next() == second.split('=').next() {
                continue;
            }
            let list = officer.get(&format!("/projects?limit=100&{first}&{second}")).await.expect(200);
            let expected = all.iter().filter(|project| holds_first(project) && holds_second(project)).count();
            assert_eq!(list.total(), i64::try_from(expected).unwrap_or(-1), "{first} and {second}");
        }
    }
}

#[actix_web::test]
async fn every_order_is_kept_and_unknown_values_come_last() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    for (key, pointer) in [
        ("startDate", "/startDate"),
        ("endDate", "/endDate"),
        ("createdAt", "/createdAt"),
        ("updatedAt", "/updatedAt"),
        ("reference", "/reference"),
        ("totalCost", "/totals/cost/amount"),
        ("totalFunding", "/totals/funding/amount"),
    ] {
        for sign in ["", "-"] {
            let list = officer.get(&format!("/projects?limit=100&sort={sign}{key}")).await.expect(200);
            let projects = list.body["projects"].as_array().cloned().unwrap_or_default();
            let values: Vec<String> = projects
                .iter()
                .map(|project| {
                    let text = project.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                    if text.contains('.') && key.starts_with("total") { format!("{text:0>20}") } else { text }
                })
                .collect();
            let known: Vec<_> = values.iter().take_while(|value| !value.is_empty()).collect();
            assert!(values[known.len()..].iter().all(String::is_empty), "{sign}{key}: unknown last");
            let mut sorted = known.clone();
            sorted.sort();
            if sign == "-" {
                sorted.reverse();
            }
            assert_eq!(known, sorted, "{sign}{key}");
        }
    }
    let by_kind = officer.get("/projects?limit=100&sort=-totalFunding,title").await.expect(200);
    assert_eq!(by_kind.body["_meta"]["count"], by_kind.body["_meta"]["totalRecords"]);
    officer.get("/projects?sort=colour").await.expect_problem(400, "invalid-parameter").expect_fault("sort", "code");
}

#[actix_web::test]
async fn pages_hold_every_project_once_and_lead_to_each_other() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let total = officer.get("/projects").await.total();
    let mut seen = HashSet::new();
    let mut path = "/projects?sort=title&limit=7&status=completed,draft,ongoing,approved,submitted,inReview".to_owned();
    loop {
        let page = officer.get(&path).await.expect(200);
        for id in page.all("projects", "id") {
            assert!(seen.insert(id), "twice");
        }
        let Some(next) = page.body["_links"]["next"]["href"].as_str() else { break };
        assert!(page.header("Link").contains(&format!("<{next}>; rel=\"next\"")), "{}", page.header("Link"));
        assert!(next.contains("status=completed,draft"), "{next}");
        path = next.split_once("/samsyn/v1").map(|(_, path)| path.to_owned()).unwrap_or_default();
    }
    assert_eq!(i64::try_from(seen.len()).unwrap_or(-1), total);
    for empty in ["page=0", "page=1000", "page=1000000&limit=100"] {
        let page = officer.get(&format!("/projects?{empty}")).await.expect(200);
        assert_eq!((page.total(), page.body["_meta"]["count"].as_i64()), (total, Some(0)));
    }
    let first = officer.get("/projects?limit=5").await;
    assert!(first.body["_links"].get("prev").is_none());
    assert_eq!(first.body["_meta"]["totalPages"], (total + 4) / 5);
}

#[actix_web::test]
async fn only_the_members_that_are_asked_for_are_sent() {
    let app = TestApp::with_demonstration().await;
    let list = app.anonymous().get("/projects?fields=title,status&limit=1").await.expect(200);
    let members = list.body["projects"][0].as_object().cloned().unwrap_or_default();
    assert_eq!(members.keys().collect::<Vec<_>>(), ["_links", "id", "status", "title"]);
    let municipality = app.anonymous().get("/municipalities?fields=name&limit=1").await.expect(200);
    assert_eq!(municipality.body["municipalities"][0]["code"], "0114");
    let refused = app.anonymous().get("/projects?fields=colour").await;
    refused.expect_problem(400, "invalid-parameter").expect_fault("fields", "code");
}

#[actix_web::test]
async fn a_list_takes_the_same_number_of_statements_however_long_it_is() {
    let app = TestApp::with_demonstration().await;
    for number in 0..10 {
        app.officer().register(idea(&format!("Nummer {number}"))).await;
    }
    let mut conn = app.database.address().connect().expect("a connection");
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let filter = Filter { sight: Sight::WHOLE, ..Filter::default() };
    let mut statements = Vec::new();
    for limit in [1, 50] {
        count.store(0, Ordering::Relaxed);
        let (projects, _) = store::list(&mut conn, &filter, (0, limit)).expect("projects");
        assert_eq!(i64::try_from(projects.len()).unwrap_or(-1), limit);
        statements.push(count.load(Ordering::Relaxed));
    }
    assert_eq!(statements[0], statements[1]);
    assert!(statements[1] <= 18, "{statements:?}");
}

#[actix_web::test]
async fn a_project_is_found_by_what_its_organisations_are_called_now_but_never_by_a_person() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = idea("Samarbete");
    project["stakeholders"] =
        json!([{"organisation": {"name": "Zebrafirman", "sector": "business"}, "roles": ["owner"]}]);
    officer.register(project).await;
    let total = async |query: &str| officer.get(&format!("/projects?q={query}")).await.expect(200).total();
    assert_eq!(total("zebra%20samarbete").await, 1);
    let firm = officer.get("/organisations").await.body["organisations"][0].clone();
    let path = format!("/organisations/{}", firm["id"].as_str().unwrap_or_default());
    officer.change("PATCH", &path, "*", json!({"name": "Kvastbolaget"})).await.expect(200);
    assert_eq!((total("zebra").await, total("kvast").await), (0, 1));
    officer.change("PATCH", &path, "*", json!({"number": "811218-9876"})).await.expect(200);
    assert_eq!(total("kvast").await, 0);
}

#[actix_web::test]
async fn text_is_found_inside_words_and_all_words_must_be_found() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for title in ["Godsterminal i Bastuträsk", "Terminologi för omsorg", "100 % förnybart_el"] {
        officer.register(idea(title)).await;
    }
    for (query, total) in [
        ("terminal", 1),
        ("TERMIN", 2),
        ("godsterminal%20bastu", 1),
        ("terminal%20omsorg", 0),
        ("100%20%25", 1),
        ("f%C3%B6rnybart", 1),
    ] {
        let list = officer.get(&format!("/projects?q={query}")).await.expect(200);
        assert_eq!(list.total(), total, "{query}");
    }
    for signs in ["%25", "_", "!!!", "%F0%9F%98%8D%25"] {
        assert_eq!(officer.get(&format!("/projects?q={signs}")).await.expect(200).total(), 0, "{signs}");
    }
    for (signs, code) in [("%20", "blank"), ("a%00", "control-character"), ("%FF", "control-character")] {
        let refused = officer.get(&format!("/projects?q={signs}")).await;
        refused.expect_problem(400, "invalid-parameter").expect_fault("q", code);
    }
    let made = officer.register(json!({"kind": "other", "title": "Unik"})).await;
    let reference = made.body["reference"].as_str().unwrap_or_default().to_owned();
    assert_eq!(officer.get(&format!("/projects?q={reference}")).await.total(), 1);
}
