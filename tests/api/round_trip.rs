//! What is exported, edited in a spreadsheet and imported again changes exactly what was edited; what a check says is what a
//! commit does; twice is once; undone is before. On projects that nobody would think of, in every state.

use proptest::prelude::{Strategy, prop};
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::generated::generated;
use crate::recomputed::items;
use crate::support::imports::{change, check, commit, counts, everything, rows};
use crate::support::{Client, Response, TestApp};

const TABLES: [&str; 3] = ["projects", "alignments", "funding-lines"];

/// A table as a spreadsheet has it.
struct Sheet {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    async fn exported(client: &Client<'_>, table: &str) -> Self {
        let path = format!("/exports/{table}");
        let file = client.request("GET", &path).header("Accept", "text/csv").send().await.expect(200);
        let mut reader = csv::Reader::from_reader(file.text().as_bytes());
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let columns = texts(reader.headers().expect("a header"));
        Self { columns, rows: reader.records().map(|row| texts(&row.expect("a row"))).collect() }
    }

    fn csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        for row in [&self.columns].into_iter().chain(&self.rows) {
            writer.write_record(row).expect("a row");
        }
        writer.into_inner().expect("a file")
    }

    fn set(&mut self, row: usize, column: &str, text: &str) {
        let place = self.columns.iter().position(|name| name == column).expect("a column");
        text.clone_into(&mut self.rows[row][place]);
    }

    fn cell(&self, row: usize, column: &str) -> &str {
        let place = self.columns.iter().position(|name| name == column).expect("a column");
        &self.rows[row][place]
    }
}

#[actix_web::test]
async fn what_is_not_edited_is_not_changed() {
    let app = generated(25).await;
    let officer = app.officer();
    let before = everything(&officer).await;
    for table in TABLES {
        let sheet = Sheet::exported(&officer, table).await;
        assert!(!sheet.rows.is_empty(), "{table}");
        let import = commit(&officer, "", &sheet.csv()).await;
        let all = i64::try_from(sheet.rows.len()).expect("a count");
        assert_eq!(counts(&import), [0, 0, all, 0], "{table}: {:?}", rows(&officer, &import).await);
    }
    assert_eq!(everything(&officer).await, before);
}

/// A column, what is written in it, the member of the API that it is, and what that is then.
type Edit = (&'static str, &'static str, &'static str, Value);

fn edits(table: &str) -> Vec<Edit> {
    match table {
        "projects" => vec![
            ("title", "Ny titel – å, ä; \"ö\"", "title", json!("Ny titel – å, ä; \"ö\"")),
            ("summary", "'=1+1", "summary", json!("=1+1")),
            ("summary", "två\nrader", "summary", json!("två\nrader")),
            ("kind", "preStudy", "kind", json!("preStudy")),
            ("municipalities", "2417|2480", "municipalities", json!(["2417", "2480"])),
            ("places", "Bastu|Norsjö by", "places", json!(["Bastu", "Norsjö by"])),
            (
                "caseNumbers",
                "Tillväxtverket: 17",
                "caseNumbers",
                json!([{"authority": "Tillväxtverket", "number": "17"}]),
            ),
            ("startDate", "1999-01-31", "startDate", json!("1999-01-31")),
        ],
        "alignments" => vec![
            ("rationale", "Annan motivering", "rationale", json!("Annan motivering")),
            ("share", "1", "share", json!(1)),
        ],
        _ => vec![
            ("caseNumber", "dnr 12-34", "caseNumber", json!("dnr 12-34")),
            ("kind", "privateCash", "kind", json!("privateCash")),
            ("year", "1999", "year", json!(1999)),
            ("amount", "1 234,50", "amount", json!("1234.50")),
        ],
    }
}

/// The project or part that a row of a table is.
fn thing<'a>(all: &'a Value, table: &str, row: &Sheet, place: usize) -> &'a Value {
    let id = |column: &str| json!(row.cell(place, column));
    let find = |list: &'a Value, id: Value| list.as_array().into_iter().flatten().find(move |one| one["id"] == id);
    let project = if table == "projects" { id("id") } else { id("projectId") };
    let project = find(&all[0], project).expect("a project");
    match table {
        "projects" => project,
        "alignments" => find(&project["alignments"], id("id")).expect("an alignment"),
        _ => find(&project["fundingLines"], id("id")).expect("a line"),
    }
}

fn told(rows: &[Value]) -> Vec<Value> {
    rows.iter().map(|row| json!([row["row"], row["outcome"], row["changes"], row["findings"]])).collect()
}

/// Edits one cell, and follows it through.
async fn follow(app: &TestApp, table: &str, place: usize, edit: Edit) -> bool {
    let officer = app.officer();
    let before = everything(&officer).await;
    let mut sheet = Sheet::exported(&officer, table).await;
    let place = place % sheet.rows.len();
    let (column, text, member, expected) = edit;
    sheet.set(place, column, text);
    let checked = check(&officer, "", &sheet.csv()).await;
    assert_eq!(everything(&officer).await, before, "a check changes nothing");
    let said = told(&rows(&officer, &checked).await);
    let committed = change(&officer, &checked, json!({"status": "committed", "skipRefused": true})).await;
    assert_eq!(committed.body["state"], "committed", "{}", committed.body);
    assert_eq!(told(&rows(&officer, &committed).await), said, "{table}.{column}: a commit does what the check said");
    let after = everything(&officer).await;
    let [_, changed, _, refused] = counts(&committed);
    if changed == 0 {
        assert_eq!(after, before, "{table}.{column}: what is refused changes nothing");
        return false;
    }
    assert_eq!((changed, refused), (1, 0), "{table}.{column}");
    let now = thing(&after, table, &sheet, place);
    let shown = if member == "amount" { &now["amount"]["amount"] } else { &now[member] };
    assert_eq!(*shown, expected, "{table}.{column}");
    only_differs(&before, &after, thing(&before, table, &sheet, place)["id"].as_str().unwrap_or_default());

    let again = commit(&officer, "", &sheet.csv()).await;
    assert_eq!(counts(&again)[1], 0, "{table}.{column}: twice is once");
    assert_eq!(everything(&officer).await, after);
    let undone = change(&officer, &again, json!({"status": "undone"})).await;
    assert_eq!(undone.body["state"], "undone");
    let undone: Response = change(&officer, &committed, json!({"status": "undone"})).await;
    assert_eq!(undone.body["state"], "undone", "{table}.{column}: {}", undone.body);
    assert_eq!(everything(&officer).await, before, "{table}.{column}: undone is before");
    true
}

/// All projects but the one that has this id, or a part with it, are as they were.
fn only_differs(before: &Value, after: &Value, id: &str) {
    let is_touched = |project: &Value| {
        project["id"] == id
            || ["alignments", "fundingLines"].iter().any(|parts| items(project, parts).any(|part| part["id"] == id))
    };
    let others = |all: &Value| -> Vec<Value> {
        all[0].as_array().into_iter().flatten().filter(|project| !is_touched(project)).cloned().collect()
    };
    assert_eq!(others(before), others(after));
}

#[actix_web::test]
async fn an_edit_is_all_that_changes_and_can_be_taken_back() {
    let app = generated(15).await;
    let mut runner = TestRunner::deterministic();
    let mut made = 0;
    for table in TABLES {
        for edit in edits(table) {
            let place = (0_usize..1000).new_tree(&mut runner).expect("a place").current();
            made += i32::from(follow(&app, table, place, edit).await);
        }
    }
    assert!(made >= 5, "{made}");
}

/// Rows of a project bank, right and wrong.
fn bank_rows() -> impl Strategy<Value = Vec<[&'static str; 6]>> {
    let ids = select(&["1", "2", "3", "4", "", "2020 0001"][..]);
    let names = select(&["Ett", "Två", "Förstudie tre", "", "Värde saknas", "B¿ta", "'=1+1", "=1+1"][..]);
    let days = select(&["2015-01-01", "2015-13-01", "", "2016-02-29", "01/02/03"][..]);
    let amounts = select(&["0", "1", "1 250 000", "mycket", "1.250", "-3"][..]);
    let municipalities = select(&["Norsjö", "Norsjö, Malå", "LillaEdet", "Ingenstans", ""][..]);
    let owners = select(&["Norsjö kommun", "Bolaget AB", "Information saknas", "X"][..]);
    let row = (ids, names, days, amounts, municipalities, owners);
    prop::collection::vec(row.prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f]), 1..8)
}

fn bank(rows: &[[&str; 6]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["ärende-id", "projektnamn", "projekt_starttid", "beviljat_belopp_sek", "kommuner", "stödmottagare"];
    for row in [&head].into_iter().chain(rows) {
        writer.write_record(row).expect("a row");
    }
    writer.into_inner().expect("a file")
}

#[actix_web::test]
async fn whatever_a_bank_says_is_done_as_it_was_checked_once_and_can_be_taken_back() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut runner = TestRunner::deterministic();
    for _ in 0..12 {
        let before = everything(&officer).await;
        let file = bank(&bank_rows().new_tree(&mut runner).expect("rows").current());
        let checked = check(&officer, "", &file).await;
        let said = told(&rows(&officer, &checked).await);
        assert_eq!(everything(&officer).await, before);
        let committed = change(&officer, &checked, json!({"status": "committed", "skipRefused": true})).await;
        assert_eq!(told(&rows(&officer, &committed).await), said);
        let after = everything(&officer).await;
        let again = commit(&officer, "", &file).await;
        assert_eq!((counts(&again)[0], counts(&again)[1]), (0, 0));
        assert_eq!(everything(&officer).await, after);
        let is_kept = (0_i32..2).new_tree(&mut runner).expect("a choice").current() == 0;
        if !is_kept {
            change(&officer, &again, json!({"status": "undone"})).await;
            let undone = change(&officer, &committed, json!({"status": "undone"})).await;
            assert_eq!(undone.body["state"], "undone", "{}", undone.body);
            assert_eq!(everything(&officer).await, before);
        }
    }
}
