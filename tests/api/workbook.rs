//! The workbook: the tables again, cell by cell of the right type, what their columns mean, and the coverage.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::exports::{csv, json_lines};
use crate::lists::everything;
use crate::projects::{idea, terminal};
use crate::recomputed::items;
use crate::support::{Client, TestApp, document};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const TABLES: [&str; 3] = ["projects", "alignments", "funding-lines"];
const AMOUNTS: [&str; 10] =
    ["cost", "eligibleCost", "revenue", "funding", "granted", "gap", "amount", "paid", "totalCost", "notYetGranted"];

type Book = Xlsx<Cursor<Vec<u8>>>;

async fn workbook(client: &Client<'_>, query: &str) -> Book {
    let file = client.get(&format!("/exports/workbook{query}")).await.expect(200);
    assert_eq!(file.header("Content-Type"), XLSX);
    assert_eq!(file.header("Content-Disposition"), "attachment; filename=\"samsyn.xlsx\"");
    Xlsx::new(Cursor::new(file.bytes().to_vec())).expect("a workbook")
}

/// The headings and the rows of a sheet.
fn sheet(book: &mut Book, name: &str) -> (Vec<String>, Vec<Vec<Data>>) {
    let range = book.worksheet_range(name).expect("a sheet");
    let mut rows = range.rows().map(<[Data]>::to_vec);
    let header = rows.next().expect("headings");
    (header.iter().map(ToString::to_string).collect(), rows.collect())
}

/// What a member of JSON Lines is in a cell.
fn expected(column: &str, member: &Value) -> Data {
    let text = |text: &str| if text.is_empty() { Data::Empty } else { Data::String(text.to_owned()) };
    match member {
        Value::Null => Data::Empty,
        Value::String(amount) if AMOUNTS.contains(&column) => Data::Float(amount.parse().expect("an amount")),
        Value::String(plain) => text(plain),
        Value::Array(values) => {
            let texts = values.iter().filter_map(Value::as_str);
            text(&texts.map(|text| text.replace('\\', "\\\\").replace('|', "\\|")).collect::<Vec<_>>().join("|"))
        }
        other => Data::Float(other.as_f64().expect("a number")),
    }
}

/// Fails when a sheet's cells are not what the table has in JSON.
fn assert_same(book: &mut Book, table: &str, lines: &[Value]) {
    let (header, rows) = sheet(book, table);
    assert_eq!(rows.len(), lines.len(), "{table}");
    for (row, line) in rows.iter().zip(lines) {
        assert_eq!(line.as_object().map(serde_json::Map::len), Some(header.len()));
        for (column, found) in header.iter().zip(row) {
            let member = &line[column];
            match found {
                Data::DateTime(day) => {
                    assert!(["startDate", "endDate"].contains(&column.as_str()), "{column}");
                    let (year, month, day, ..) = day.to_ymd_hms_milli();
                    assert_eq!(json!(format!("{year}-{month:02}-{day:02}")), *member);
                }
                other => assert_eq!(*other, expected(column, member), "{table} {column}"),
            }
        }
    }
}

async fn assert_same_as_tables(client: &Client<'_>, query: &str) {
    let mut book = workbook(client, query).await;
    assert_eq!(book.sheet_names(), ["projects", "alignments", "funding-lines", "coverage", "columns"]);
    for table in TABLES {
        let target = format!("{table}{query}");
        assert_eq!(sheet(&mut book, table).0, csv(client, &target).await.0);
        assert_same(&mut book, table, &json_lines(client, &target).await);
    }
}

#[actix_web::test]
async fn the_sheets_have_the_tables_cell_by_cell() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    for query in ["", "?status=completed", "?q=norsj%C3%B6&visibility=funders", "?q=finnsinte"] {
        assert_same_as_tables(&officer, query).await;
    }
    let (_, rows) = sheet(&mut workbook(&officer, "").await, "projects");
    let all = |is: fn(&Data) -> bool| rows.iter().flatten().filter(|cell| is(cell)).count();
    assert!(all(|cell| matches!(cell, Data::DateTime(_))) > 40, "days are days");
    assert!(all(|cell| matches!(cell, Data::Float(_))) > 100, "amounts are numbers");
    let is_code = |cell: &Data| matches!(cell, Data::String(code) if code == "2417");
    assert!(rows.iter().flatten().any(is_code), "codes are texts");
}

#[actix_web::test]
async fn texts_come_through_whole_and_none_runs() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for text in [
        "=HYPERLINK(\"https://example.org\")",
        "+46 70 174 06 05",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "'apostrof",
        "''två",
        "-5.00",
        "0114",
        "156077",
        "1e9",
        "2012-01-31",
        "TRUE",
        "Två\nrader\r\noch\ttabb",
        "_x000D_ och _x005F_ och _x00",
        "<b>&amp;</b> ]]>",
        "Emoji 🚂, åäö och \u{fffe}\u{ffff}",
        "Ord. ".repeat(1_999).trim(),
    ] {
        let mut project = idea(&text.chars().take(300).collect::<String>());
        project["summary"] = json!(format!("{text} "));
        project["municipalities"] = json!(["0114"]);
        project["places"] = json!([text.chars().take(100).collect::<String>().trim(), "a|b\\c"]);
        officer.register(project).await;
    }
    assert_same_as_tables(&officer, "").await;
}

#[actix_web::test]
async fn days_and_sums_that_spreadsheets_do_not_hold_are_texts() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = terminal();
    project["startDate"] = json!("1899-12-31");
    project["costs"][0]["amount"]["amount"] = json!("9999999999999.99");
    project["costs"] = json!([project["costs"][0], project["costs"][0]]);
    officer.register(project).await;
    let (header, rows) = sheet(&mut workbook(&officer, "").await, "projects");
    let cell = |name: &str| rows[0][header.iter().position(|column| column == name).expect("a column")].clone();
    assert_eq!(cell("startDate"), Data::String("1899-12-31".to_owned()));
    assert_eq!(cell("cost"), Data::String("19999999999999.98".to_owned()));
    assert_eq!(cell("granted"), Data::Float(18_923_500.0));
}

#[actix_web::test]
async fn what_has_no_room_in_a_cell_is_refused_and_never_cut() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = terminal();
    let owner =
        |number| json!({"organisation": {"name": format!("{number:0300}"), "sector": "public"}, "roles": ["owner"]});
    project["stakeholders"] = (0..120).map(owner).collect();
    let reference = officer.register(project).await.body["reference"].clone();
    officer.register(idea("Liten")).await;
    let refused = officer.get("/exports/workbook").await.expect_problem(400, "invalid-parameter");
    let detail = refused.body["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(reference.as_str().unwrap_or_default()) && detail.contains("owners"), "{detail}");
    let (header, rows) = csv(&officer, "projects").await;
    let owners = header.iter().position(|column| column == "owners").expect("a column");
    assert!(rows[0][owners].len() > 32_767);
    assert_same_as_tables(&officer, "?kind=preStudy").await;
}

#[actix_web::test]
async fn the_coverage_is_that_of_the_strategy() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let node = officer.get("/projects?subGoal=4.3&limit=1").await.expect(200).body["projects"][0].clone();
    let alignment = format!(
        "/projects/{}/alignments/{}",
        node["id"].as_str().unwrap_or_default(),
        node["alignments"][0]["id"].as_str().unwrap_or_default()
    );
    let assessed = json!({"assessment": "confirmed", "reason": "Stämmer."});
    let assess = app.administrator();
    assess
        .request("PUT", &format!("{alignment}/assessment"))
        .header("If-Match", "*")
        .json(&assessed)
        .send()
        .await
        .expect(200);
    for query in ["", "?status=completed"] {
        let answer = officer.get(&format!("/strategies/norsjo-2014-2020/coverage{query}")).await.expect(200);
        let (header, rows) = sheet(&mut workbook(&officer, query).await, "coverage");
        let row = |node: &Value, level: &str| {
            let confirmed = &node["projects"]["byAssessment"]["confirmed"];
            let mut row = json!({"level": level, "code": node["code"], "title": node["title"]["sv"],
                "projects": node["projects"]["total"], "confirmed": confirmed.as_i64().unwrap_or(0)});
            for sum in ["totalCost", "granted", "notYetGranted"] {
                row[sum] = node["money"][sum]["amount"].clone();
            }
            if node["code"].is_null() {
                row["confirmed"] = Value::Null;
            }
            row
        };
        let mut wanted: Vec<Value> = items(&answer.body, "goalAreas").map(|node| row(node, "goalArea")).collect();
        wanted.extend(items(&answer.body, "subGoals").map(|node| row(node, "subGoal")));
        wanted.extend(["unallocated", "total"].map(|level| row(&answer.body[level], level)));
        assert_eq!(rows.len(), wanted.len());
        assert!(wanted.iter().any(|row| row["confirmed"] == 1) || !query.is_empty());
        for (found, wanted) in rows.iter().zip(&wanted) {
            let cells: Vec<Data> = header.iter().map(|column| expected(column, &wanted[column])).collect();
            assert_eq!(*found, cells);
        }
    }
}

#[actix_web::test]
async fn every_column_is_explained_as_in_the_documentation() {
    let app = TestApp::new().await;
    let mut book = workbook(&app.officer(), "").await;
    let (header, explained) = sheet(&mut book, "columns");
    assert_eq!(header, ["sheet", "column", "sv", "en"]);
    for (table, schema) in
        [("projects", "ProjectRow"), ("alignments", "AlignmentRow"), ("funding-lines", "FundingLineRow")]
    {
        let documented = &document()["components"]["schemas"][schema]["properties"];
        for column in sheet(&mut book, table).0 {
            let row = explained.iter().find(|row| row[0] == table && row[1] == column.as_str());
            let row = row.unwrap_or_else(|| panic!("{table} {column} is not explained"));
            let description = documented[&column]["description"].as_str().unwrap_or_default().replace('\n', " ");
            if !description.is_empty() {
                assert_eq!(format!("{} / {}", row[2], row[3]), description);
            }
        }
    }
}

#[actix_web::test]
async fn everybody_gets_what_they_may_see_and_nobody_personal_data() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let mut project = terminal();
    project["contact"] = json!({"name": "Kontaktpersonen", "email": "kontakt@example.se", "phone": "070-1740605"});
    project["stakeholders"][0]["organisation"] =
        json!({"name": "Snickeriet", "sector": "business", "number": "811218-9876"});
    officer.register(project).await;
    for client in [app.anonymous(), app.as_role(Role::Funder), app.administrator()] {
        let mut book = workbook(&client, "").await;
        assert_eq!(sheet(&mut book, "projects").1.len(), everything(&client).await.len());
        for name in book.sheet_names() {
            for cell in sheet(&mut book, &name).1.iter().flatten() {
                for secret in ["Kontaktpersonen", "kontakt@", "1740605", "811218"] {
                    assert!(!cell.to_string().contains(secret), "{name}: {secret}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn the_workbook_has_one_form_and_knows_the_lists_filters() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for accept in ["*/*", "application/*", XLSX] {
        let file = officer.request("GET", "/exports/workbook").header("Accept", accept).send().await.expect(200);
        assert_eq!(file.header("Content-Type"), XLSX);
        assert_eq!(file.header("Cache-Control"), "no-store");
    }
    let refused = officer.request("GET", "/exports/workbook").header("Accept", "text/csv").send().await;
    refused.expect_problem(406, "not-acceptable");
    for (query, property, code) in
        [("page=2", "page", "unknown"), ("bom=true", "bom", "unknown"), ("status=x", "status", "code")]
    {
        let refused = officer.get(&format!("/exports/workbook?{query}")).await;
        refused.expect_problem(400, "invalid-parameter").expect_fault(property, code);
    }
}
