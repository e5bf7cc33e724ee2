//! Operations: what a managing authority finds here for the EU's list, and what it is told that is missing.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::exports::{csv, export, json_lines};
use crate::lists::everything;
use crate::projects::{idea, terminal};
use crate::recomputed::items;
use crate::support::{Client, TestApp};

const ESF: &str = "esf-plus-2021-2027";
const ERUF: &str = "eruf-ovre-norrland-2021-2027";

async fn register(client: &Client<'_>, project: Value) {
    client.register(project).await;
}

fn granted(source: &str, amount: &str, case_number: Option<&str>) -> Value {
    json!({"source": source, "kind": "publicCash", "amount": {"amount": amount, "currency": "SEK"},
           "commitment": "granted", "caseNumber": case_number})
}

/// A project with a grant of each of these lines.
fn funded(lines: &[Value]) -> Value {
    let mut project = terminal();
    project["fundingLines"] = json!(lines);
    project
}

fn missing(row: &Value) -> Vec<&str> {
    row["Missing"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[actix_web::test]
async fn a_granted_project_is_an_operation_with_what_is_known_and_what_is_not() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = funded(&[granted(ERUF, "3447600.00", Some("20361234"))]);
    project["fundingLines"][0]["priority"] = json!("1.1");
    project["stakeholders"][0]["organisation"]["number"] = json!("212000-2585");
    register(&officer, project).await;
    let rows = json_lines(&officer, "operations").await;
    let [row] = rows.as_slice() else { panic!("{rows:#?}") };
    for (column, value) in [
        ("Operation_Unique_Identifier", json!(null)),
        ("Operation_Local_Identifier", json!("20361234")),
        ("Operation_Name_Programme_Language", json!("Godsterminal i Bastuträsk")),
        ("Operation_Summary_Programme_Language", json!("Terminal där virke lastas om till tåg.")),
        ("Operation_Start_Date", json!("08/09/2010")),
        ("Operation_Expected_End_Date", json!("31/01/2012")),
        ("Operation_End_Date", json!(null)),
        ("Total_Cost_amount", json!("18923500.00")),
        ("Total_Eligible_Expenditure_amount", json!("18923500.00")),
        ("Total_Eligible_Expenditure_Currency", json!("SEK")),
        ("Cofinancing_Rate", json!("18.22")),
        ("Project_EU_Budget", json!("3447600.00")),
        ("Beneficiary_Name", json!(["Norsjö kommun"])),
        ("Beneficiary_Local_Identifier", json!(["212000-2585"])),
        ("CountryCode", json!("SE")),
        ("LAU_Codes", json!(["2417"])),
        ("LAU_Labels", json!(["Norsjö"])),
        ("Location_Indicator_NUTS_code", json!(["SE33"])),
        ("Fund_Code", json!("ERDF")),
        ("Programming_Period", json!("2021-2027")),
        ("ManagingAuthority", json!("Tillväxtverket")),
        ("Specific_Objective_ID", json!(["1.1"])),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
    assert!(row["Specific_Objective_Label"][0].as_str().is_some_and(|title| title.len() > 10));
    let expected = [
        "49(3) Operation_Unique_Identifier",
        "49(3)(a) contractor",
        "49(3)(n) Category_Of_Intervention",
        "Kohesio Total_Eligible_Expenditure_Exchange_Rate",
    ];
    assert_eq!(missing(row), expected);
}

#[actix_web::test]
async fn what_is_not_known_is_left_empty_and_reported() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut bare = idea("Okänt");
    bare["fundingLines"] = json!([granted("interreg-aurora-2021-2027", "100.00", None)]);
    bare["municipalities"] = json!(["0114", "2417"]);
    register(&officer, bare).await;
    let rows = json_lines(&officer, "operations").await;
    let expected = [
        "49(3) Operation_Unique_Identifier",
        "49(3)(a) Beneficiary_Name",
        "49(3)(a) contractor",
        "49(3)(e) Operation_Summary_Programme_Language",
        "49(3)(f) Operation_Start_Date",
        "49(3)(g) Operation_End_Date",
        "49(3)(h) Total_Cost_amount",
        "49(3)(i) Fund_Code",
        "49(3)(j) Specific_Objective_ID",
        "49(3)(k) Cofinancing_Rate",
        "49(3)(m) location of the beneficiary",
        "49(3)(n) Category_Of_Intervention",
        "Kohesio Location_Indicator_NUTS_code",
        "Kohesio Total_Eligible_Expenditure_amount",
        "Kohesio Total_Eligible_Expenditure_Exchange_Rate",
    ];
    assert_eq!(missing(&rows[0]), expected);
    assert_eq!(rows[0]["Project_EU_Budget"], "100.00");
    assert_eq!(rows[0]["LAU_Codes"], json!(["0114", "2417"]));
    assert_eq!(rows[0]["Location_Indicator_NUTS_code"], json!([]));
    for column in ["Total_Cost_amount", "Total_Eligible_Expenditure_Currency", "Cofinancing_Rate", "Programme_Code"] {
        assert!(rows[0][column].is_null(), "{column}");
    }
    let (header, rows) = csv(&officer, "operations").await;
    assert_eq!(header.last().map(String::as_str), Some("Missing"));
    assert_eq!(rows[0].last(), Some(&expected.join("|")));
}

#[actix_web::test]
async fn an_operation_is_what_one_case_of_one_source_has_granted() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let (first, second) = (granted(ESF, "100.00", Some("23-051")), granted(ESF, "50.00", None));
    register(&officer, funded(&[first.clone(), second])).await;
    let rows = json_lines(&officer, "operations").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["Project_EU_Budget"], "150.00");
    assert_eq!(rows[0]["Operation_Unique_Identifier"], "2021SE05SFPR001_23-051");
    assert_eq!(rows[0]["Total_Cost_amount"], "18923500.00");

    register(&officer, funded(&[first.clone(), granted(ESF, "50.00", Some("23-052")), granted(ERUF, "7.00", None)]))
        .await;
    let rows = json_lines(&officer, "operations").await;
    let budgets: Vec<_> = rows[1..].iter().map(|row| row["Project_EU_Budget"].clone()).collect();
    assert_eq!(budgets, ["100.00", "50.00", "7.00"]);
    for row in &rows[1..] {
        assert!(row["Total_Cost_amount"].is_null(), "one project's cost is not three operations'");
        assert!(missing(row).contains(&"49(3)(h) Total_Cost_amount"));
    }
    let of_one = json_lines(&officer, &format!("operations?fundingSource={ERUF}")).await;
    assert_eq!(of_one, rows[3..], "an authority asks for its own");
    assert_eq!(json_lines(&officer, "operations?fundingSource=norsjo-kommun").await, Vec::<Value>::new());
}

#[actix_web::test]
async fn only_what_the_eu_has_granted_is_listed() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let sources = officer.get("/funding-sources?type=eu&limit=100").await.expect(200).all("fundingSources", "code");
    let is_listed = |line: &&Value| {
        let commitment = line["commitment"].as_str().unwrap_or_default();
        let source = line["source"].as_str().unwrap_or_default().to_owned();
        ["granted", "paid"].contains(&commitment) && line["amount"].is_object() && sources.contains(&source)
    };
    let expected =
        everything(&officer).await.iter().filter(|own| items(own, "fundingLines").any(|line| is_listed(&line))).count();
    let rows = json_lines(&officer, "operations").await;
    let mut projects: Vec<_> = rows.iter().map(|row| row["Project_Identifier"].to_string()).collect();
    projects.dedup();
    assert!(expected > 10);
    assert_eq!(projects.len(), expected);
    for row in &rows {
        let end =
            if row["Operation_End_Date"].is_null() { "Operation_Expected_End_Date" } else { "Operation_End_Date" };
        for column in ["Operation_Start_Date", end, "Date_Of_Last_Update"] {
            let is_day = |text: &str| chrono::NaiveDate::parse_from_str(text, "%d/%m/%Y").is_ok() && text.len() == 10;
            assert!(row[column].as_str().is_none_or(is_day), "{row:#}");
        }
    }
    officer.register(funded(&[granted(ESF, "1.00", None)])).await;
    let (all, anonymous) = (json_lines(&officer, "operations").await, json_lines(&app.anonymous(), "operations").await);
    let listed = everything(&app.anonymous()).await;
    assert!(!anonymous.is_empty() && anonymous.len() < all.len(), "what is internal is not for everybody");
    assert!(anonymous.iter().all(|row| listed.iter().any(|own| own["id"] == row["Project_Identifier"])));
}

#[actix_web::test]
async fn natural_persons_are_never_named() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = funded(&[granted(ERUF, "100.00", Some("1"))]);
    project["stakeholders"][0]["organisation"] =
        json!({"name": "Anders Andersson Snickeri", "sector": "business", "number": "811218-9876"});
    project["stakeholders"][1]["roles"] = json!(["owner"]);
    register(&officer, project).await;
    for client in [app.administrator(), app.as_role(Role::Officer)] {
        let rows = json_lines(&client, "operations").await;
        assert_eq!(rows[0]["Beneficiary_Name"], json!(["Fysisk person", "Trafikverket"]));
        assert_eq!(rows[0]["Beneficiary_Local_Identifier"], json!([null, null]));
        assert!(missing(&rows[0]).contains(&"49(3)(b) Beneficiary_Name"));
        let file = export(&client, "operations", "text/csv").await;
        for secret in ["Anders", "811218", "Projektledaren", "ledaren@"] {
            assert!(!file.text().contains(secret), "{secret}");
        }
        assert!(file.text().contains(",Fysisk person|Trafikverket,|,"));
    }
}
