//! Exports: the same projects as the lists, as files that spreadsheets and programs read, sent while they are made.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use samsyn::auth::{Binding, Role};
use samsyn::db::Conn;
use samsyn::project::wire::NewProject;
use samsyn::strategy::{Measure, SubGoal};
use samsyn::{project, strategy};
use serde_json::{Value, json};

use crate::durability::Server;
use crate::generated::NORSJO;
use crate::lists::everything;
use crate::projects::{idea, terminal};
use crate::recomputed::items;
use crate::support::{Client, Response, TestApp, TestDatabase, principal};

const TABLES: [&str; 4] = ["projects", "alignments", "funding-lines", "operations"];

pub(crate) async fn export(client: &Client<'_>, target: &str, accept: &str) -> Response {
    client.request("GET", &format!("/exports/{target}")).header("Accept", accept).send().await.expect(200)
}

/// The rows of a table, as JSON Lines.
pub(crate) async fn json_lines(client: &Client<'_>, target: &str) -> Vec<Value> {
    let file = export(client, target, "application/jsonl").await;
    assert_eq!(file.header("Content-Type"), "application/jsonl");
    file.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The header and the rows of a table, as CSV.
pub(crate) async fn csv(client: &Client<'_>, target: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let file = export(client, target, "text/csv").await;
    assert_eq!(file.header("Content-Type"), "text/csv; charset=utf-8; header=present");
    assert!(file.text().ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(file.text().as_bytes());
    let record = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
    let header = record(reader.headers().expect("a header"));
    (header, reader.records().map(|row| record(&row.expect("a row"))).collect())
}

/// What a member of JSON Lines stands as in CSV.
fn cell(member: &Value) -> String {
    let text = match member {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts = values.iter().filter_map(Value::as_str);
            texts.map(|text| text.replace('\\', "\\\\").replace('|', "\\|")).collect::<Vec<_>>().join("|")
        }
        other => other.to_string(),
    };
    let is_number = text.parse::<f64>().is_ok() && !text.starts_with('+');
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']) && !is_number { format!("'{text}") } else { text }
}

pub(crate) async fn assert_same_in_both_forms(client: &Client<'_>, target: &str) {
    let lines = json_lines(client, target).await;
    let (header, rows) = csv(client, target).await;
    assert_eq!(rows.len(), lines.len(), "{target}");
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(line.as_object().map(serde_json::Map::len), Some(header.len()), "{target}");
        let expected: Vec<String> = header.iter().map(|column| cell(&line[column])).collect();
        assert_eq!(row, &expected, "{target}");
    }
}

fn ids(rows: &[Value], member: &str) -> Vec<String> {
    let mut ids: Vec<_> = rows.iter().map(|row| row[member].as_str().unwrap_or_default().to_owned()).collect();
    ids.sort();
    ids
}

fn amount(money: &Value) -> Value {
    money["amount"].clone()
}

#[actix_web::test]
async fn the_exported_projects_are_those_of_the_list() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let listed = everything(&officer).await;
    let exported = json_lines(&officer, "projects").await;
    assert_eq!(ids(&exported, "id"), ids(&listed, "id"));
    for row in &exported {
        let project = listed.iter().find(|project| project["id"] == row["id"]).expect("a project");
        for member in [
            "reference",
            "strategyId",
            "kind",
            "title",
            "summary",
            "startDate",
            "endDate",
            "status",
            "visibility",
            "purpose",
            "municipalities",
            "places",
            "submittedAt",
            "createdAt",
            "updatedAt",
            "version",
        ] {
            assert_eq!(row[member], project[member], "{member}");
        }
        for sum in ["cost", "eligibleCost", "revenue", "funding", "gap"] {
            assert_eq!(row[sum], amount(&project["totals"][sum]), "{sum}");
        }
        let owns = |part: &&Value| part["roles"].as_array().is_some_and(|roles| roles.contains(&json!("owner")));
        let owners: Vec<_> =
            items(project, "stakeholders").filter(owns).map(|part| &part["organisation"]["name"]).collect();
        assert_eq!(row["owners"], json!(owners));
        assert!(row["statusLabel"].is_string() && row["kindLabel"].is_string() && row["currency"] == "SEK");
    }
}

#[actix_web::test]
async fn the_exported_parts_are_those_of_the_projects() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let listed = everything(&officer).await;
    let alignments = json_lines(&officer, "alignments").await;
    let lines = json_lines(&officer, "funding-lines").await;
    let (mut aligned, mut funded) = (0, 0);
    for project in &listed {
        for alignment in items(project, "alignments") {
            let row = alignments.iter().find(|row| row["id"] == alignment["id"]).expect("an alignment");
            for member in ["strategyId", "subGoal", "measure", "share", "rationale", "assessment"] {
                assert_eq!(row[member], alignment[member], "{member}");
            }
            assert_eq!((&row["projectId"], &row["projectTitle"]), (&project["id"], &project["title"]));
            let area = row["goalArea"].as_str().expect("a goal area");
            assert!(row["subGoal"].as_str().is_some_and(|code| code.starts_with(&format!("{area}."))));
            assert_eq!(row["measure"].is_null(), row["measureTitle"].is_null());
            assert!(row["subGoalTitle"].is_string());
            aligned += 1;
        }
        for line in items(project, "fundingLines") {
            let row = lines.iter().find(|row| row["id"] == line["id"]).expect("a line");
            for member in ["source", "priority", "year", "kind", "commitment", "caseNumber"] {
                assert_eq!(row[member], line[member], "{member}");
            }
            assert_eq!((&row["amount"], &row["currency"]), (&line["amount"]["amount"], &line["amount"]["currency"]));
            let financier = line["financier"].get("name").unwrap_or(&line["financier"]);
            assert_eq!(row["financier"], *financier);
            assert_eq!(row["projectReference"], project["reference"]);
            assert!(row["sourceName"].is_string());
            funded += 1;
        }
    }
    assert_eq!((alignments.len(), lines.len()), (aligned, funded));
}

#[actix_web::test]
async fn both_forms_of_a_file_say_the_same() {
    let app = TestApp::with_demonstration().await;
    for table in TABLES {
        assert_same_in_both_forms(&app.officer(), table).await;
    }
}

#[actix_web::test]
async fn a_table_of_more_than_a_page_has_every_row_once_in_the_order_of_registration() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for number in 0..205 {
        officer.register(idea(&format!("Nummer {number}"))).await;
    }
    let rows = json_lines(&officer, "projects").await;
    let titles: Vec<_> = rows.iter().map(|row| row["title"].clone()).collect();
    assert_eq!(titles, (0..205).map(|number| json!(format!("Nummer {number}"))).collect::<Vec<_>>());
}

#[actix_web::test]
async fn filters_select_as_in_the_list() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    for query in [
        "status=completed,ongoing",
        "fundingSource=eruf-ovre-norrland-2007-2013",
        "goalArea=4&status=completed",
        "subGoal=3.7",
        "q=norsj%C3%B6",
        "costFrom=1000000&periodFrom=2012-01-01",
        "visibility=funders",
    ] {
        let listed = officer.get(&format!("/projects?limit=100&{query}")).await.expect(200);
        let mut listed = listed.all("projects", "id");
        listed.sort();
        assert!(!listed.is_empty(), "{query} is tried on nothing");
        assert_eq!(ids(&json_lines(&officer, &format!("projects?{query}")).await, "id"), listed, "{query}");
        for table in ["alignments", "funding-lines"] {
            let rows = json_lines(&officer, &format!("{table}?{query}")).await;
            assert!(ids(&rows, "projectId").iter().all(|id| listed.contains(id)), "{table} {query}");
        }
    }
    let (header, rows) = csv(&officer, "projects?q=finnsinte").await;
    assert!(header.len() > 20 && rows.is_empty(), "nothing found is a header alone");
    assert!(export(&officer, "projects?q=finnsinte", "application/jsonl").await.text().is_empty());
}

#[actix_web::test]
async fn everybody_exports_what_they_may_see() {
    let app = TestApp::with_demonstration().await;
    let new = json!({"name": "Bygdeföreningen Framtid", "sector": "civilSociety"});
    let id = app.officer().post("/organisations", new).await.expect(201).body["id"].clone();
    let mut own = idea("Ny badplats");
    own["stakeholders"] = json!([{"organisation": {"id": id}, "roles": ["owner"]}]);
    app.officer().register(own).await;
    let organisation_id = Some(id.as_str().unwrap_or_default().parse().expect("an id"));
    let owner = app.bound(Role::Contributor, &Binding { organisation_id, ..Binding::default() });
    let callers = [app.anonymous(), owner, app.as_role(Role::Funder), app.reader(), app.administrator()];
    let mut counts = Vec::new();
    for caller in callers {
        let listed = everything(&caller).await;
        let exported = json_lines(&caller, "projects").await;
        assert_eq!(ids(&exported, "id"), ids(&listed, "id"));
        for (table, parts) in [("alignments", "alignments"), ("funding-lines", "fundingLines")] {
            let count: usize = listed.iter().map(|project| items(project, parts).count()).sum();
            assert_eq!(json_lines(&caller, table).await.len(), count);
        }
        counts.push(exported.len());
    }
    assert!(counts[0] < counts[1] && counts[0] < counts[2] && counts[2] < counts[3], "{counts:?}");
}

#[actix_web::test]
async fn nobody_exports_personal_data() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = terminal();
    project["contact"] = json!({"name": "Kontaktpersonen", "email": "kontakt@example.se", "phone": "070-1740605"});
    project["stakeholders"][0]["organisation"] =
        json!({"name": "Snickeriet", "sector": "business", "number": "811218-9876"});
    officer.register(project).await;
    for table in TABLES {
        for form in ["text/csv", "application/jsonl"] {
            let file = export(&app.administrator(), table, form).await;
            for secret in ["Kontaktpersonen", "kontakt@", "1740605", "811218"] {
                assert!(!file.text().contains(secret), "{table}: {secret}");
            }
        }
    }
}

#[actix_web::test]
async fn awkward_texts_come_through_whole_and_no_cell_runs() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let awkward = [
        "Citat \"så\" och, komma; semikolon\ttabb",
        "Två\nrader",
        "Emoji 🚂 och åäö",
        "=HYPERLINK(\"https://example.org\")",
        "+46 70 174 06 05",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "'redan apostrof",
        "''två",
        "-5.00",
    ];
    for text in awkward {
        let mut project = idea(text);
        project["summary"] = json!(text);
        project["places"] = json!([text, "a|b\\c", "Bastuträsk"]);
        officer.register(project).await;
    }
    assert_same_in_both_forms(&officer, "projects").await;
    let (header, rows) = csv(&officer, "projects").await;
    let column = |name: &str| header.iter().position(|column| column == name).expect("a column");
    for (row, text) in rows.iter().zip(awkward) {
        let cell = &row[column("title")];
        assert!(cell == "-5.00" || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
        assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), text);
        assert!(row[column("places")].ends_with("|a\\|b\\\\c|Bastuträsk"));
    }
    let lines = json_lines(&officer, "projects").await;
    assert_eq!(lines.iter().map(|line| &line["title"]).collect::<Vec<_>>(), awkward);
}

#[actix_web::test]
pub(crate) async fn the_caller_picks_the_form() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    for (accept, media_type) in [
        ("*/*", "text/csv; charset=utf-8; header=present"),
        ("text/html, */*;q=0.1", "text/csv; charset=utf-8; header=present"),
        ("application/*", "application/jsonl"),
        ("text/csv;q=0.5, application/jsonl", "application/jsonl"),
    ] {
        assert_eq!(export(&officer, "projects", accept).await.header("Content-Type"), media_type, "{accept}");
    }
    let plain = export(&officer, "funding-lines", "text/csv").await;
    assert_eq!(plain.header("Content-Disposition"), "attachment; filename=\"funding-lines.csv\"");
    assert_eq!(plain.header("Cache-Control"), "no-store");
    let marked = export(&officer, "funding-lines?bom=true", "text/csv").await;
    assert_eq!(marked.text().strip_prefix('\u{feff}'), Some(plain.text()));
    let lines = export(&officer, "projects?bom=true", "application/jsonl").await;
    assert!(lines.text().starts_with('{'));
    assert_eq!(lines.header("Content-Disposition"), "attachment; filename=\"projects.jsonl\"");
    let zipped = officer.request("GET", "/exports/projects").header("Accept-Encoding", "gzip").send().await.expect(200);
    assert_eq!(zipped.header("Content-Encoding"), "gzip");
    let head = officer.request("HEAD", "/exports/projects").send().await.expect(200);
    assert!(head.header("Content-Type").starts_with("text/csv") && head.text().is_empty());
}

#[actix_web::test]
async fn what_is_not_understood_is_refused_before_the_file_begins() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for (query, property, code) in [
        ("page=2", "page", "unknown"),
        ("sort=title", "sort", "unknown"),
        ("fields=title", "fields", "unknown"),
        ("bom=ja", "bom", "type"),
        ("status=colour", "status", "code"),
        ("subGoal=x", "subGoal", "pattern"),
        ("q=%20", "q", "blank"),
    ] {
        for table in TABLES {
            let refused = officer.get(&format!("/exports/{table}?{query}")).await;
            refused.expect_problem(400, "invalid-parameter").expect_fault(property, code);
        }
    }
    for accept in ["application/json", "application/xml", "text/csv;q=0"] {
        let refused = officer.request("GET", "/exports/projects").header("Accept", accept).send().await;
        refused.expect_problem(406, "not-acceptable");
    }
    officer.request("POST", "/exports/projects").send().await.expect_problem(405, "method-not-allowed");
    officer.get("/exports/people").await.expect_problem(404, "not-found");
}

/// Registers more than sockets hold between those who ask and those who answer.
fn register_much(database: &TestDatabase) {
    let register = |conn: &mut Conn| {
        let strategy = strategy::store::find(conn, NORSJO)?;
        let mut project = idea("Stort");
        let claim = |(goal, measure): (&SubGoal, &Measure)| json!({"subGoal": goal.code, "measure": measure.code, "rationale": "Ord. ".repeat(1_900)});
        project["alignments"] = strategy.measures().map(claim).collect();
        let new: NewProject = serde_json::from_value(project).expect("a project");
        (0..16).try_for_each(|_| project::http::register(conn, &principal(Role::Officer), new.clone()).map(drop))
    };
    database.pool().write_now(register).expect("projects");
}

/// Asks for an export over a socket, and reads no further than the beginning of the answer.
fn begin(port: u16, token: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    let request = format!(
        "GET /samsyn/v1/exports/alignments HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut beginning = [0; 12];
    stream.read_exact(&mut beginning).expect("an answer");
    (stream, String::from_utf8_lossy(&beginning[9..]).into_owned())
}

#[test]
fn two_at_once_are_enough_and_who_goes_away_makes_room() {
    let database = TestDatabase::new();
    let server = Server::start(&database);
    let token = server.sign_in();
    register_much(&database);
    let (first, status) = begin(server.port, &token);
    assert_eq!(status, "200");
    let (second, status) = begin(server.port, &token);
    assert_eq!(status, "200");
    let (mut third, status) = begin(server.port, &token);
    assert_eq!(status, "503");
    let mut refusal = String::new();
    third.read_to_string(&mut refusal).expect("a refusal");
    assert!(refusal.to_lowercase().contains("retry-after: 10"), "{refusal}");
    first.shutdown(Shutdown::Both).expect("gone");
    drop(first);
    let room = (0..100).find_map(|_| {
        let (stream, status) = begin(server.port, &token);
        std::thread::sleep(Duration::from_millis(50));
        (status == "200").then_some(stream)
    });
    drop(second);
    let mut whole = String::new();
    room.expect("room").read_to_string(&mut whole).expect("the file");
    assert!(whole.ends_with("\r\n0\r\n\r\n") && whole.matches("Ord. Ord.").count() > 0);
}
