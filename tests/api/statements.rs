//! Statements: issued by the department, kept as they are, verified by anyone.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::projects::{idea, terminal};
use crate::status::take;
use crate::support::{Client, Response, TestApp};

async fn public_project(officer: &Client<'_>) -> Response {
    let mut new = terminal();
    new["visibility"] = json!("public");
    new["alignments"][0]["evidence"] = json!([{"text": "Prognosen.", "url": "https://example.se/prognos"}]);
    let project = officer.register(new).await;
    take(officer, project.location(), &["submitted"]).await;
    project
}

async fn issue(officer: &Client<'_>, project: &Response) -> Response {
    officer.post("/statements", json!({"projectId": project.body["id"]})).await.expect(201)
}

/// Canonical JSON as RFC 8785 has it, for the numbers and names that records have.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_by_key(|name| name.encode_utf16().collect::<Vec<_>>());
            let member = |name: &&String| format!("{}:{}", Value::from(name.as_str()), canonical(&members[*name]));
            format!("{{{}}}", names.iter().map(member).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Number(number) => number.as_f64().map(|float| format!("{float}")).unwrap_or_default(),
        other => other.to_string(),
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, own)| [vec![name.clone()], names(own)].concat()).collect()
        }
        Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

#[actix_web::test]
async fn a_statement_is_verified_by_anyone_and_survives_later_edits() {
    let app = TestApp::new().await;
    let (officer, administrator, anyone) = (app.officer(), app.administrator(), app.anonymous());
    let project = public_project(&officer).await;
    let review = take(&officer, project.location(), &["inReview"]).await;
    let claim =
        format!("{}/alignments/{}", project.location(), review.body["alignments"][0]["id"].as_str().unwrap_or(""));
    let yes = json!({"assessment": "confirmed", "reason": "Stöds av prognosen."});
    administrator.change("PUT", &format!("{claim}/assessment"), review.etag(), yes).await.expect(200);
    let issued = issue(&officer, &project).await;

    let read = anyone.get(issued.location()).await.expect(200);
    let record = &read.body["record"];
    assert_eq!(read.body["digest"]["value"], sha256(&canonical(record)));
    let exact = anyone.get(&format!("{}/record", issued.location())).await.expect(200);
    assert_eq!(exact.text(), canonical(record));
    assert_eq!(record["issuer"], "Norsjö kommun");
    assert_eq!(record["statementId"], issued.body["id"]);
    assert_eq!(record["strategies"][0]["confirmedShare"], 70);
    assert_eq!(record["strategies"][0]["version"], 1);
    let alignment = &record["strategies"][0]["goalAreas"][0]["subGoals"][0]["alignments"][0];
    assert_eq!((&alignment["assessment"], &alignment["reason"]), (&json!("confirmed"), &json!("Stöds av prognosen.")));
    assert_eq!(alignment["evidence"], json!([{"text": "Prognosen."}]));
    let scored = record["frameworks"].as_array().into_iter().flatten().find(|own| own["frameworkId"] == "global-goals");
    assert!(scored.is_some_and(|own| own["priorities"][0]["evidence"][0]["weight"].is_number()), "{record:#}");
    for name in ["url", "_links", "contact", "email", "by", "claimedBy"] {
        assert!(!names(record).contains(&name.to_owned()), "{name} in {record:#}");
    }

    // What happens to the project afterwards changes nothing.
    take(&officer, project.location(), &["approved"]).await;
    let later = issue(&officer, &project).await;
    let again = anyone.get(issued.location()).await.expect(200);
    assert_eq!(again.body["record"], *record);
    assert_eq!(again.body["digest"], read.body["digest"]);
    assert_eq!(again.body["supersededBy"], later.body["id"]);
    assert!(again.body["_links"]["latest-version"]["href"].as_str().is_some_and(|to| to.ends_with(later.location())));
    assert!(later.body.get("supersededBy").is_none());
    assert_ne!(later.body["digest"], read.body["digest"]);
    let listed = anyone.get(&format!("/statements?project={}", project.body["id"].as_str().unwrap_or(""))).await;
    assert_eq!(listed.total(), 2);
    assert_eq!(listed.body["statements"][0]["id"], later.body["id"]);

    // Tampering shows: no statement has the digest of another text.
    let mut forged = record.clone();
    forged["strategies"][0]["confirmedShare"] = json!(100);
    let forged = sha256(&canonical(&forged));
    assert_eq!(anyone.get(&format!("/statements?digest={forged}")).await.expect(200).total(), 0);
    let genuine = read.body["digest"]["value"].as_str().unwrap_or_default().to_uppercase();
    assert_eq!(anyone.get(&format!("/statements?digest={genuine}")).await.expect(200).total(), 1);
}

#[actix_web::test]
async fn a_withheld_statement_answers_nothing_but_that_its_digest_is_genuine() {
    let app = TestApp::new().await;
    let (officer, anyone) = (app.officer(), app.anonymous());
    let project = public_project(&officer).await;
    let issued = issue(&officer, &project).await;
    let digest = format!("/statements?digest={}", issued.body["digest"]["value"].as_str().unwrap_or_default());
    let hide = || json!({"withheldReason": "En uppgift är inte offentlig."});

    app.reader().change("PATCH", issued.location(), issued.etag(), hide()).await.expect_problem(403, "forbidden");
    let blank = json!({"withheldReason": " "});
    officer.change("PATCH", issued.location(), issued.etag(), blank).await.expect(422);
    let hidden = officer.change("PATCH", issued.location(), issued.etag(), hide()).await.expect(200);
    officer.change("PATCH", issued.location(), issued.etag(), hide()).await.expect_problem(412, "precondition-failed");
    assert_eq!(hidden.body["withheldReason"], "En uppgift är inte offentlig.");
    anyone.get(issued.location()).await.expect_problem(404, "not-found");
    anyone.get(&format!("{}/record", issued.location())).await.expect_problem(404, "not-found");
    assert_eq!(anyone.get("/statements").await.expect(200).total(), 0);
    let checked = anyone.get(&digest).await.expect(200);
    let item = &checked.body["statements"][0];
    assert_eq!((&item["withheld"], &item["digest"]), (&json!(true), &issued.body["digest"]));
    assert!(item.get("projectId").is_none() && item.get("withheldReason").is_none() && item.get("record").is_none());

    let self_link = item["_links"]["self"]["href"].as_str().and_then(|link| link.split_once("/v1")).expect("a link").1;
    assert_eq!(anyone.get(self_link).await.expect(200).total(), 1);
    let other = "&project=0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10";
    assert_eq!(anyone.get(&format!("{digest}{other}")).await.expect(200).total(), 1, "a digest alone decides");
    let followed = async |client: &Client<'_>| client.get("/changes?limit=1000").await.expect(200).body.to_string();
    assert!(!followed(&anyone).await.contains("statement."), "the feed is silent about what is withheld");
    assert!(followed(&officer).await.contains("statement.withheld"));

    let shown =
        officer.change("PATCH", issued.location(), hidden.etag(), json!({"withheldReason": null})).await.expect(200);
    assert_eq!(anyone.get(issued.location()).await.expect(200).body["record"], shown.body["record"]);

    // A withheld statement supersedes nothing that can be read.
    assert!(followed(&anyone).await.contains("statement.shown"));
    let later = issue(&officer, &project).await;
    officer.change("PATCH", later.location(), later.etag(), hide()).await.expect(200);
    assert!(anyone.get(issued.location()).await.expect(200).body.get("supersededBy").is_none());

    // A project that is made public no longer takes its statements along.
    let now = officer.get(project.location()).await;
    let internal = json!({"visibility": "internal", "withheldReason": "Affärssekretess."});
    officer.change("PATCH", project.location(), now.etag(), internal).await.expect(200);
    anyone.get(issued.location()).await.expect_problem(404, "not-found");
    assert_eq!(anyone.get(&digest).await.expect(200).body["statements"][0]["withheld"], true);
    officer.get(issued.location()).await.expect(200);
    let kinds: Vec<_> = app.database.journal("statement").into_iter().map(|row| row.kind).collect();
    assert_eq!(
        kinds,
        ["statement.issued", "statement.withheld", "statement.shown", "statement.issued", "statement.withheld"]
    );
}

#[actix_web::test]
async fn statements_are_issued_by_officers_on_public_projects_alone() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let internal = officer.register(terminal()).await;
    let about = |project: &Response| json!({"projectId": project.body["id"]});
    officer.post("/statements", about(&internal)).await.expect_problem(409, "state-conflict");
    let mut draft = idea("Offentligt utkast");
    draft["visibility"] = json!("public");
    let draft = officer.register(draft).await;
    officer.post("/statements", about(&draft)).await.expect_problem(409, "state-conflict");
    let public = public_project(&officer).await;
    app.reader().post("/statements", about(&public)).await.expect_problem(403, "forbidden");
    app.anonymous().post("/statements", about(&public)).await.expect_problem(401, "unauthenticated");
    let nobody = json!({"projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"});
    officer.post("/statements", nobody).await.expect_problem(404, "not-found");
    officer.get("/statements?digest=abc").await.expect_problem(400, "invalid-parameter");
    officer.get("/statements/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10").await.expect_problem(404, "not-found");
}
