//! The audit trail that administrators read.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::sessions::sign_in;
use crate::support::{PASSWORD, Response, TestApp, email};

const WRONG: &str = "fel lösenord helt och hållet";

fn events(trail: &Response) -> Vec<Value> {
    trail.body["auditEvents"].as_array().cloned().expect("a list")
}

async fn account(app: &TestApp, role: Role) -> String {
    app.as_role(role).get("/me").await.body["id"].as_str().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn a_day_of_sign_ins_is_told_the_latest_first() {
    let app = TestApp::new().await;
    let (officer, administrator) = (account(&app, Role::Officer).await, app.administrator());
    let known = administrator.get("/audit-events").await.expect(200).total();
    let session = sign_in(&app, Role::Officer).await;
    for address in [email(Role::Officer), "hemligt ord i fel fält".to_owned()] {
        app.anonymous().post("/sessions", json!({"email": address, "password": WRONG})).await.expect(401);
    }
    let renewal = json!({"refreshToken": session["refreshToken"]});
    app.anonymous().post("/sessions/refresh", renewal.clone()).await.expect(201);
    app.anonymous().post("/sessions/refresh", renewal).await.expect(401);
    let change = |current: &str| json!({"currentPassword": current, "newPassword": "en ny mening att minnas"});
    let person = app.officer();
    person.request("PUT", "/me/password").json(&change(WRONG)).send().await.expect(422);
    person.request("PUT", "/me/password").json(&change(PASSWORD)).send().await.expect(204);

    let trail = administrator.get("/audit-events").await.expect(200);
    assert_eq!(trail.total(), known + 7);
    let told: Vec<_> = events(&trail)
        .iter()
        .take(7)
        .map(|event| (event["kind"].clone(), event["subject"]["type"].clone(), event["actor"] == officer.as_str()))
        .collect();
    let expected = [
        ("user.updated", "user", true),
        ("session.ended", "session", true),
        ("password-change.failed", "sign-in", false),
        ("session.ended", "session", false),
        ("sign-in.failed", "sign-in", false),
        ("sign-in.failed", "sign-in", false),
        ("session.created", "session", true),
    ];
    assert_eq!(told, expected.map(|(kind, of, by_officer)| (json!(kind), json!(of), by_officer)));
    let trail = events(&trail);
    assert_eq!(trail[0]["changes"], json!(["password"]));
    assert_eq!(trail[0]["after"], json!({"password": "withheld"}));
    assert_eq!(trail[1]["after"], json!({"reason": "account-changed"}));
    assert_eq!(trail[3]["after"], json!({"reason": "refresh-token-reused"}));
    assert_eq!((&trail[4]["subject"]["id"], &trail[5]["subject"]["id"]), (&json!("unknown"), &json!(officer)));
    let href = trail[5]["_links"]["user"]["href"].as_str().unwrap_or_default();
    administrator.get(href.rsplit_once("/v1").map_or("", |(_, path)| path)).await.expect(200);
    // What was typed, and from where, is nowhere in the database.
    for typed in ["hemligt ord", WRONG] {
        assert_eq!(app.database.tables_with(typed), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn grants_keys_and_machines_are_in_the_trail_and_projects_are_not() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    app.officer().register(crate::projects::idea("Något annat")).await;
    let reader = account(&app, Role::Reader).await;
    let path = format!("/users/{reader}");
    administrator.change("PATCH", &path, "*", json!({"role": "officer"})).await.expect(200);
    app.database.pool().write_now(samsyn::auth::key::store::rotate).expect("a key");

    let trail = events(&administrator.get("/audit-events?limit=100").await);
    assert_eq!((&trail[0]["kind"], trail[0].get("actor")), (&json!("signing-key.created"), None));
    assert_eq!((&trail[1]["before"], &trail[1]["after"]), (&json!({"role": "reader"}), &json!({"role": "officer"})));
    let types: Vec<_> = trail.iter().map(|event| event["subject"]["type"].as_str().unwrap_or_default()).collect();
    assert!(types.contains(&"session") && !types.contains(&"project") && !types.contains(&"strategy"), "{types:?}");
}

#[actix_web::test]
async fn the_trail_is_narrowed_and_paged() {
    let app = TestApp::new().await;
    let (administrator, officer) = (app.administrator(), account(&app, Role::Officer).await);
    let wrong = json!({"email": email(Role::Officer), "password": WRONG});
    app.anonymous().post("/sessions", wrong).await.expect(401);
    sign_in(&app, Role::Reader).await;
    let all = administrator.get("/audit-events?limit=100").await;
    let total = all.total();
    let at = events(&all)[1]["at"].as_str().unwrap_or_default().to_owned();
    for (query, expected) in [
        ("kind=sign-in.failed".to_owned(), 1),
        ("kind=sign-in.forgotten".to_owned(), 0),
        (format!("kind=user.created&subject={officer}"), 1),
        (format!("subject={officer}"), 2),
        (format!("actor={officer}"), 1),
        (format!("actor={officer}&kind=sign-in.failed"), 0),
        (format!("from={at}"), 2),
        (format!("to={at}"), total - 2),
        ("from=2001-01-01T00:00:00Z".to_owned(), total),
        ("to=2001-01-01t00:00:00z".to_owned(), 0),
        ("from=9999-12-31T23:59:59Z".to_owned(), 0),
        ("to=0000-01-01T00:00:00%2B14:00".to_owned(), 0),
    ] {
        assert_eq!(administrator.get(&format!("/audit-events?{query}")).await.expect(200).total(), expected, "{query}");
    }
    let mut ids = Vec::new();
    for page in 1..=total / 3 + 1 {
        let page = administrator.get(&format!("/audit-events?page={page}&limit=3&fields=kind")).await.expect(200);
        assert!(events(&page).iter().all(|event| event.get("at").is_none()));
        ids.extend(page.all("auditEvents", "id"));
    }
    assert!(ids.is_sorted_by(|a, b| a > b), "the latest first, each once");
    assert_eq!(ids, all.all("auditEvents", "id"));
    for (query, place) in [
        ("kind=DROP%20TABLE", "kind"),
        ("actor=somebody", "actor"),
        ("from=yesterday", "from"),
        ("to=2026-02-30T00:00:00Z", "to"),
        ("subject=", "subject"),
        ("colour=blue", "colour"),
    ] {
        let refused = administrator.get(&format!("/audit-events?{query}")).await;
        let refused = refused.expect_problem(400, "invalid-parameter");
        assert_eq!(refused.body["invalidParameters"][0]["property"], place, "{query}");
    }
}

#[actix_web::test]
async fn administrators_alone_read_it() {
    let app = TestApp::new().await;
    for role in [Role::Officer, Role::Contributor, Role::Funder, Role::Reader] {
        app.as_role(role).get("/audit-events").await.expect_problem(403, "forbidden");
    }
    app.anonymous().get("/audit-events").await.expect_problem(401, "unauthenticated");
    app.administrator().post("/audit-events", json!({})).await.expect_problem(405, "method-not-allowed");
}
