//! Files that are read into the registry: what they would come to, that done, done again, and undone.

use diesel::prelude::*;
use samsyn::auth::Role;
use samsyn::db::schema::imports;
use samsyn::import::model::ImportState;
use serde_json::{Value, json};

use crate::projects::terminal;
use crate::support::TestApp;
use crate::support::imports::{BOUNDARY, change, check, commit, counts, everything, form, rest, rows, send};

/// The head of the project bank of 2014–2020, with a column of personal data as it is published.
const BANK: &str = "ärende-id,stödmottagare,beviljat_belopp_sek,beviljat_belopp_eur,projektnamn,projektbeskrivning,\
                    projekt_starttid,projekt_sluttid,projektledare,län,kommuner,uppdateringsdatum,område,insatsområde,\
                    tematiskt_mål";

const AXIS: &str = "Att öka små och medelstora företags konkurrenskraft";

fn bank(rows: &[&str]) -> Vec<u8> {
    [&[BANK], rows, &[""]].concat().join("\r\n").into_bytes()
}

fn bank_row(id: &str, name: &str, amount: &str, municipalities: &str) -> String {
    format!(
        "{id},Norsjö kommun,{amount},0,{name},Fler företag i inlandet växer.,2015-01-01,2017-12-31,En Person,Västerbotten,\
         \"{municipalities}\",2016-10-14 01:17:38,Övre Norrland,{AXIS},{AXIS}"
    )
}

#[actix_web::test]
async fn the_project_bank_is_checked_committed_and_undone() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let before = everything(&officer).await;
    let good = bank_row("20200001", "Växtkraft", "1250000", "Norsjö, Skellefteå");
    let bad = bank_row("20200002", "Fel", "mycket", "Norsjö");
    let file = bank(&[&good, &bad]);

    let import = check(&officer, "", &file).await;
    assert_eq!(counts(&import), [1, 0, 0, 1]);
    assert_eq!(import.body["sheets"][0]["droppedColumns"], json!(["projektledare"]));
    assert_eq!(everything(&officer).await, before, "a check changes nothing");
    let checked = rows(&officer, &import).await;
    assert!(!json!(checked).to_string().contains("En Person"));
    assert_eq!(checked[1]["outcome"], "refused");
    assert_eq!(checked[1]["findings"][0]["column"], "beviljat_belopp_sek");
    assert_eq!(checked[1]["findings"][0]["value"], "mycket");

    let path = format!("/imports/{}/status-changes", import.body["id"].as_str().expect("an id"));
    officer.post(&path, json!({"status": "committed"})).await.expect(409);
    assert_eq!(everything(&officer).await, before);
    let import = change(&officer, &import, json!({"status": "committed", "skipRefused": true})).await;
    assert_eq!(counts(&import), [1, 0, 0, 1]);
    let row = &rows(&officer, &import).await[0];
    let project =
        officer.get(&format!("/projects/{}", row["projectId"].as_str().expect("a project"))).await.expect(200);
    assert_eq!(project.body["title"], "Växtkraft");
    assert_eq!(project.body["municipalities"], json!(["2417", "2482"]));
    assert_eq!(project.body["visibility"], "internal");
    let line = &project.body["fundingLines"][0];
    assert_eq!(line["source"], "eruf-ovre-norrland-2014-2020");
    assert_eq!(line["priority"], "3");
    assert_eq!(line["granted"], json!({"amount": "1250000.00", "currency": "SEK"}));
    assert_eq!(line["caseNumber"], "20200001");
    let alignments = project.body["alignments"].as_array().expect("alignments");
    assert!(!alignments.is_empty() && alignments.iter().all(|own| own["assessment"] == "suggested"));

    let import = change(&officer, &import, json!({"status": "undone"})).await;
    assert_eq!(import.body["state"], "undone", "{}", import.body);
    assert_eq!(everything(&officer).await, before);
    officer.post(&path, json!({"status": "committed"})).await.expect(409);
}

#[actix_web::test]
async fn the_same_file_changes_nothing_and_a_newer_one_what_differs() {
    let app = TestApp::new().await;
    let officer = app.officer();
    commit(&officer, "?visibility=public", &bank(&[&bank_row("20200001", "Växtkraft", "1250000", "Norsjö")])).await;
    let first = everything(&officer).await;
    let again = commit(&officer, "", &bank(&[&bank_row("20200001", "Växtkraft", "1250000", "Norsjö")])).await;
    assert_eq!(counts(&again), [0, 0, 1, 0]);
    assert_eq!(everything(&officer).await, first);

    let id = rows(&officer, &again).await[0]["projectId"].as_str().expect("a project").to_owned();
    let project = officer.get(&format!("/projects/{id}")).await.expect(200);
    let path = format!("/projects/{id}");
    officer.change("PATCH", &path, project.header("ETag"), json!({"resultsUse": "Används."})).await.expect(200);
    let hand_made = everything(&officer).await;

    let newer = commit(&officer, "", &bank(&[&bank_row("20200001", "Växtkraft", "1300000", "Norsjö, Malå")])).await;
    assert_eq!(counts(&newer), [0, 1, 0, 0]);
    let row = &rows(&officer, &newer).await[0];
    let columns: Vec<_> = row["changes"].as_array().expect("changes").iter().map(|own| own["column"].clone()).collect();
    assert_eq!(columns, [json!("beviljat_belopp_sek"), json!("kommuner")]);
    let project = officer.get(&path).await.expect(200).body;
    assert_eq!(project["municipalities"], json!(["2417", "2418"]));
    assert_eq!(project["fundingLines"][0]["granted"]["amount"], "1300000.00");
    assert_eq!(project["resultsUse"], "Används.");
    let history = officer.get(&format!("{path}/history?limit=100")).await.expect(200).body;
    assert!(history.to_string().contains("project.imported"));

    let undone = change(&officer, &newer, json!({"status": "undone"})).await;
    assert_eq!(undone.body["state"], "undone", "{}", undone.body);
    assert_eq!(everything(&officer).await, hand_made);
    let third = check(&officer, "", &bank(&[&bank_row("20200001", "Växtkraft", "1250000", "Norsjö")])).await;
    assert_eq!(counts(&third), [0, 0, 1, 0], "what the bank said before is known again");
}

#[actix_web::test]
async fn what_has_been_built_on_is_not_undone() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let file = bank(&[&bank_row("20200001", "Ett", "1", "Norsjö"), &bank_row("20200002", "Två", "2", "Norsjö")]);
    let import = commit(&officer, "", &file).await;
    let id = rows(&officer, &import).await[1]["projectId"].as_str().expect("a project").to_owned();
    let project = officer.get(&format!("/projects/{id}")).await.expect(200);
    let path = format!("/projects/{id}");
    officer.change("PATCH", &path, project.header("ETag"), json!({"resultsUse": "Används."})).await.expect(200);
    let before = everything(&officer).await;
    let import = change(&officer, &import, json!({"status": "undone"})).await;
    assert_eq!(import.body["state"], "committed");
    let reference = project.body["reference"].as_str().expect("a reference");
    assert!(import.body["failure"]["sv"].as_str().expect("a reason").contains(reference), "{}", import.body);
    assert_eq!(everything(&officer).await, before, "all or nothing");
}

#[actix_web::test]
async fn a_file_of_the_whole_country_is_filtered_first() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let elsewhere = bank_row("3", "Tre", "3", "Malmö").replace("Övre Norrland", "Skåne-Blekinge");
    let file = bank(&[&bank_row("1", "Ett", "1", "Norsjö"), &bank_row("2", "Två", "2", "Umeå"), &elsewhere]);
    for (query, created, filtered) in [
        ("", 3, 0),
        ("?municipality=2417", 1, 2),
        ("?municipality=2417,2480", 2, 1),
        ("?programme=%C3%B6vre%20norrland", 2, 1),
        ("?periodFrom=2018-01-01", 0, 3),
        ("?periodTo=2015-01-01", 0, 3),
        ("?periodFrom=2017-12-31&periodTo=2015-01-02", 3, 0),
    ] {
        let import = check(&officer, query, &file).await;
        assert_eq!(counts(&import), [created, 0, 0, 0], "{query}");
        assert_eq!(import.body["counts"]["filtered"], filtered, "{query}");
    }
}

#[actix_web::test]
async fn a_project_registered_by_hand_is_known_by_its_case_number_and_gets_what_it_lacks() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = terminal();
    project["summary"] = Value::Null;
    project.as_object_mut().expect("a project").remove("summary");
    project["caseNumbers"] = json!([{"authority": "Tillväxtverket", "number": "20200001"}]);
    let registered = officer.register(project).await;
    let import = commit(&officer, "", &bank(&[&bank_row("20200001", "Annat namn", "77", "Umeå")])).await;
    assert_eq!(counts(&import), [0, 1, 0, 0]);
    let path = format!("/projects/{}", registered.body["id"].as_str().expect("an id"));
    let now = officer.get(&path).await.expect(200).body;
    assert_eq!(now["summary"], "Fler företag i inlandet växer.");
    for member in ["title", "municipalities", "fundingLines", "stakeholders", "startDate"] {
        assert_eq!(now[member], registered.body[member], "{member}");
    }
}

#[actix_web::test]
async fn imports_are_for_officers() {
    let app = TestApp::new().await;
    let file = bank(&[&bank_row("1", "Ett", "1", "Norsjö")]);
    for role in [Role::Contributor, Role::Funder, Role::Reader] {
        send(&app.as_role(role), "", &file).await.expect(403);
    }
    send(&app.anonymous(), "", &file).await.expect(401);
}

#[actix_web::test]
async fn one_import_is_worked_on_at_a_time() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let rows: Vec<_> = (0..500).map(|number| bank_row(&number.to_string(), "Ett", "1", "Norsjö")).collect();
    let file = bank(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let first = send(&officer, "", &file).await.expect(201);
    let refused = send(&officer, "", &file).await.expect_problem(409, "state-conflict");
    assert_eq!(refused.header("Retry-After"), "10");
    rest(&officer, &first).await;
}

#[actix_web::test]
async fn what_is_no_table_is_refused_and_leaves_nothing() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let wide = (0..10_000).map(|column| format!("k{column}")).collect::<Vec<_>>().join(",");
    for (content, code) in [
        (b"".to_vec(), "empty-file"),
        (b"a,b\n1,2\n".to_vec(), "no-table"),
        ("ärende-id,län\n1,Västerbotten\n".into(), "column-missing"),
        (b"title,kind\nEtt\0,other\n".to_vec(), "not-text"),
        (format!("{wide}\n1\n").into_bytes(), "too-many-columns"),
        (b"%PDF-1.7 title,kind\n".to_vec(), "wrong-kind"),
    ] {
        let refused = send(&officer, "", &content).await.expect(422);
        assert_eq!(refused.body["invalidParameters"][0]["code"], code, "{}", refused.body);
    }
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let other = form("annat", "fil.csv", b"title,kind\nEtt,other\n");
    officer.request("POST", "/imports").bytes(&kind, other).send().await.expect(422);
    officer.request("POST", "/imports").bytes(&kind, b"--nonsense".to_vec()).send().await.expect(400);
    officer.request("POST", "/imports").bytes("text/csv", b"title\nEtt\n".to_vec()).send().await.expect(415);
    assert_eq!(officer.get("/imports").await.expect(200).body["_meta"]["totalRecords"], 0);
}

#[actix_web::test]
async fn an_exported_workbook_comes_back_and_changes_nothing() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let before = everything(&officer).await;
    let accept = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let workbook = officer.request("GET", "/exports/workbook").header("Accept", accept).send().await.expect(200);
    let import = commit(&officer, "", workbook.bytes()).await;
    let sheets = import.body["sheets"].as_array().expect("sheets");
    let forms: Vec<_> = sheets.iter().map(|sheet| &sheet["form"]).filter(|form| form.is_string()).collect();
    assert_eq!(forms, [&json!("projects"), &json!("alignments"), &json!("fundingLines")]);
    let [created, changed, unchanged, refused] = counts(&import);
    assert_eq!((created, changed, refused), (0, 0, 0), "{:?}", rows(&officer, &import).await);
    assert!(unchanged > 100);
    assert_eq!(everything(&officer).await, before);
}

#[actix_web::test]
async fn files_are_read_as_people_have_them() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let table = "title;kind;startDate;municipalities;owners\r\nÅkern;förstudie;2016-09-01;2417|0114;Norsjö kommun\r\n";
    let (windows, _, is_lossy) = encoding_rs::WINDOWS_1252.encode(table);
    assert!(!is_lossy);
    let import = commit(&officer, "", &windows).await;
    assert_eq!(counts(&import), [1, 0, 0, 0], "{:?}", rows(&officer, &import).await);
    for same in [format!("\u{feff}{table}"), table.replace(';', ","), table.replace(';', "\t")] {
        let again = commit(&officer, "", same.as_bytes()).await;
        assert_eq!(counts(&again), [0, 0, 1, 0], "{:?}", rows(&officer, &again).await);
    }
    let project = &officer.get("/projects").await.expect(200).body["projects"][0];
    assert_eq!(project["title"], "Åkern");
    assert_eq!(project["kind"], "preStudy");
    assert_eq!(project["municipalities"], json!(["0114", "2417"]));
}

#[actix_web::test]
async fn work_that_was_broken_off_is_taken_back() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let before = everything(&officer).await;
    let import = commit(&officer, "", &bank(&[&bank_row("1", "Ett", "1", "Norsjö")])).await;
    let id: samsyn::id::Id = import.body["id"].as_str().expect("an id").parse().expect("an id");
    let leave = |minutes: i64| {
        let at = samsyn::clock::Timestamp::now().plus(chrono::TimeDelta::minutes(-minutes));
        let set = (imports::state.eq(ImportState::Committing), imports::updated_at.eq(at));
        let update = |conn: &mut samsyn::db::Conn| {
            diesel::update(imports::table.find(id)).set(set).execute(conn)?;
            Ok::<_, samsyn::problem::Problem>(())
        };
        app.database.pool().write_now(update).expect("left");
    };
    leave(0);
    let path = format!("/imports/{id}/status-changes");
    officer.post(&path, json!({"status": "undone"})).await.expect(409);
    leave(2);
    let undone = change(&officer, &import, json!({"status": "undone"})).await;
    assert_eq!(undone.body["state"], "undone");
    assert_eq!(everything(&officer).await, before);
}

#[actix_web::test]
async fn imports_of_the_same_projects_are_undone_the_latest_first() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let before = everything(&officer).await;
    let first = commit(&officer, "", &bank(&[&bank_row("1", "Ett", "1", "Norsjö")])).await;
    let later = bank_row("1", "Ett", "1", "Norsjö").replace("2016-10-14", "2017-10-14");
    let second = commit(&officer, "", &bank(&[&later])).await;
    assert_eq!(counts(&second), [0, 0, 1, 0]);
    let third = commit(&officer, "", &bank(&[&later.replace("Ett", "Två")])).await;
    assert_eq!(counts(&third), [0, 1, 0, 0]);
    for import in [&first, &second] {
        let refused = change(&officer, import, json!({"status": "undone"})).await;
        assert_eq!(refused.body["state"], "committed");
    }
    for import in [&third, &second, &first] {
        let undone = change(&officer, import, json!({"status": "undone"})).await;
        assert_eq!(undone.body["state"], "undone", "{}", undone.body);
    }
    assert_eq!(everything(&officer).await, before);
}

#[actix_web::test]
async fn what_a_statement_stands_on_is_not_undone_and_nothing_else_is_either() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let all: Vec<_> = (10..50).map(|id| bank_row(&id.to_string(), &format!("Nr {id}"), "1", "Norsjö")).collect();
    let file = bank(&all.iter().map(String::as_str).collect::<Vec<_>>());
    let import = commit(&officer, "?visibility=public", &file).await;
    let last = rows(&officer, &import).await.pop().expect("a row");
    officer.post("/statements", json!({"projectId": last["projectId"]})).await.expect(201);
    let before = everything(&officer).await;
    let refused = change(&officer, &import, json!({"status": "undone"})).await;
    assert_eq!(refused.body["state"], "committed");
    assert_eq!(everything(&officer).await, before);
}

#[actix_web::test]
async fn a_column_that_is_not_there_says_nothing_and_what_people_changed_is_theirs() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let file = bank(&[&bank_row("1", "Ett", "1", "Norsjö")]);
    let first = commit(&officer, "", &file).await;
    let again = commit(&officer, "", &file).await;
    change(&officer, &again, json!({"status": "undone"})).await;
    let id = rows(&officer, &first).await[0]["projectId"].as_str().expect("a project").to_owned();
    let path = format!("/projects/{id}");
    let before = officer.get(&path).await.expect(200);
    let narrow = "ärende-id,projektnamn,tematiskt_mål,beviljat_belopp_sek\r\n1,Ett,x,2\r\n";
    let narrow = commit(&officer, "", narrow.as_bytes()).await;
    assert_eq!(counts(&narrow), [0, 1, 0, 0]);
    let now = officer.get(&path).await.expect(200);
    assert_eq!(now.body["fundingLines"][0]["granted"]["amount"], "2.00");
    for member in ["summary", "municipalities", "endDate", "stakeholders", "places"] {
        assert_eq!(now.body[member], before.body[member], "{member}");
    }
    // People name the projects of a registration as they like: the database is told so.
    let rename = |conn: &mut samsyn::db::Conn| {
        use samsyn::project::{Sight, store};
        let project = store::find(conn, id.parse().expect("an id"), Sight::WHOLE)?;
        let mut after = project.clone();
        after.facts.title = "Folkets titel".to_owned();
        store::update(conn, None, "project.updated", &project, after).map(drop)
    };
    app.database.pool().write_now(rename).expect("renamed");
    commit(&officer, "", &bank(&[&bank_row("1", "Ett nytt", "2", "Norsjö")])).await;
    assert_eq!(officer.get(&path).await.expect(200).body["title"], "Folkets titel");
}

#[actix_web::test]
async fn an_export_with_one_edit_is_undone_though_other_projects_are_referred_to() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    officer.register(json!({"kind": "other", "title": "Utkast"})).await;
    let before = everything(&officer).await;
    let csv = officer.request("GET", "/exports/projects").header("Accept", "text/csv").send().await.expect(200);
    let edited = csv.text().replace(",Utkast,", ",Annat utkast,");
    let import = commit(&officer, "", edited.as_bytes()).await;
    assert_eq!((counts(&import)[1], counts(&import)[3]), (1, 0));
    let undone = change(&officer, &import, json!({"status": "undone"})).await;
    assert_eq!(undone.body["state"], "undone", "{}", undone.body);
    assert_eq!(everything(&officer).await, before);
    let taken = check(&officer, "", b"title,kind,summary\nUtkast,other,Nytt\n").await;
    assert_eq!(rows(&officer, &taken).await[0]["findings"][0]["code"], "title-taken");
}

#[actix_web::test]
async fn who_is_anonymised_is_in_no_import() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let trader = json!({"name": "Anna Exempel", "sector": "business", "number": "811218-9876"});
    administrator.post("/organisations", trader).await.expect(201);
    let row = bank_row("1", "Ett", "1", "Norsjö").replace("Norsjö kommun", "Anna Exempel");
    let import = commit(&administrator, "", &bank(&[&row])).await;
    assert!(json!(rows(&administrator, &import).await).to_string().contains("Anna Exempel"));
    let held = administrator.post("/personal-data/exports", json!({"number": "811218-9876"})).await.expect(200);
    let row = &rows(&administrator, &import).await[0];
    assert_eq!(
        held.body["importRows"],
        json!([{"importId": import.body["id"], "sheet": row["sheet"], "row": row["row"]}])
    );
    administrator.post("/personal-data/anonymisations", json!({"number": "811218-9876"})).await.expect(200);
    let rows = json!(rows(&administrator, &import).await).to_string();
    assert!(rows.contains("Anonymiserad") && !rows.contains("Anna"), "{rows}");
    let undone = change(&administrator, &import, json!({"status": "undone"})).await;
    assert_eq!(undone.body["state"], "undone", "{}", undone.body);
}

#[actix_web::test]
async fn what_was_read_in_half_is_never_committed() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let import = check(&officer, "", &bank(&[&bank_row("1", "Ett", "1", "Norsjö")])).await;
    let id: samsyn::id::Id = import.body["id"].as_str().expect("an id").parse().expect("an id");
    let leave = |conn: &mut samsyn::db::Conn| {
        let long_ago = samsyn::clock::Timestamp::now().plus(chrono::TimeDelta::minutes(-2));
        let nothing = samsyn::db::types::Json(json!([]));
        let set =
            (imports::state.eq(ImportState::Checking), imports::updated_at.eq(long_ago), imports::sheets.eq(nothing));
        diesel::update(imports::table.find(id)).set(set).execute(conn)?;
        Ok::<_, samsyn::problem::Problem>(())
    };
    app.database.pool().write_now(leave).expect("left");
    let path = format!("/imports/{id}/status-changes");
    for status in ["checked", "committed"] {
        officer.post(&path, json!({"status": status})).await.expect(409);
    }
    assert_eq!(change(&officer, &import, json!({"status": "undone"})).await.body["state"], "undone");
}

#[actix_web::test]
async fn a_workbook_with_edits_in_several_sheets_is_committed_as_it_was_checked() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = terminal();
    for member in ["status", "registration"] {
        project.as_object_mut().expect("a project").remove(member);
    }
    let registered = officer.register(project).await;
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for table in ["projects", "alignments"] {
        let path = format!("/exports/{table}");
        let csv = officer.request("GET", &path).header("Accept", "text/csv").send().await.expect(200);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.text().as_bytes());
        let sheet = workbook.add_worksheet().set_name(table).expect("a sheet");
        let records: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        for (row, record) in (0_u32..).zip(&records) {
            for (column, text) in (0_u16..).zip(record) {
                let name = &records[0][usize::from(column)];
                let text = match (table, name, row, text) {
                    ("projects", "title", 1, _) => "Ny titel",
                    ("alignments", "share", 1, _) => "60",
                    ("alignments", "share", 2, _) => "40",
                    _ => text,
                };
                sheet.write_string(row, column, text).expect("a cell");
            }
        }
    }
    let import = commit(&officer, "", &workbook.save_to_buffer().expect("a workbook")).await;
    assert_eq!(counts(&import), [0, 3, 0, 0], "{:?}", rows(&officer, &import).await);
    let now = officer.get(registered.location()).await.expect(200).body;
    assert_eq!(now["title"], "Ny titel");
    let shares: Vec<_> = now["alignments"].as_array().expect("alignments").iter().map(|own| &own["share"]).collect();
    assert_eq!(shares, [&json!(60), &json!(40)]);
}
