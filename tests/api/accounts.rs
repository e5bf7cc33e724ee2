//! Signing in, staying signed in, and administering accounts.

use std::io::Write;
use std::process::{Command, Stdio};

use samsyn::auth::Role;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, email};

#[actix_web::test]
async fn an_officer_signs_in_and_is_known() {
    let app = TestApp::new().await;
    let credentials = json!({"email": "Officer@Example.SE", "password": PASSWORD});
    let session = app.anonymous().post("/sessions", credentials).await.expect(201);
    assert_eq!(session.body["tokenType"], "Bearer");
    assert_eq!(session.body["expiresIn"], 300);
    assert_eq!(session.body["mustChangePassword"], false);
    assert_eq!(session.header("Cache-Control"), "no-store");
    let token = session.body["accessToken"].as_str().unwrap_or_default().to_owned();
    let me = app.bearer(&token).get("/me").await.expect(200);
    assert_eq!(me.body["email"], email(Role::Officer));
    assert_eq!(me.body["role"], "officer");
    assert!(me.body.get("passwordHash").is_none());
}

#[actix_web::test]
async fn wrong_credentials_are_refused_alike() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for (address, password) in
        [(email(Role::Officer), "fel lösenord helt och hållet"), ("nobody@example.se".to_owned(), PASSWORD)]
    {
        let refused = app.anonymous().post("/sessions", json!({"email": address, "password": password})).await;
        let mut body = refused.expect_problem(401, "unauthenticated").body;
        body["traceId"] = json!(null);
        answers.push(body);
    }
    assert_eq!(answers[0], answers[1]);
}

#[actix_web::test]
async fn a_password_is_any_text_and_no_other_will_do() {
    let app = TestApp::new().await;
    let new = |n: usize, password: &str| json!({"email": format!("ny{n}@example.se"), "name": "Ny", "role": "reader", "password": password});
    let sign_in = async |n: usize, password: &str| {
        let credentials = json!({"email": format!("ny{n}@example.se"), "password": password});
        app.anonymous().post("/sessions", credentials).await.status
    };
    let long = "kö på €𝄞 ".repeat(22);
    for (n, password) in
        ["enbartgemener", "EN MENING I VERSALER", "8302746519283746", "🐴🔋🗜🐴🔋🗜🐴🔋🗜🐴🔋🗜", long.as_str()]
            .into_iter()
            .enumerate()
    {
        app.administrator().post("/users", new(n, password)).await.expect(201);
        assert_eq!(sign_in(n, password).await, 201, "{password}");
    }
    for other in ["EnbartGemener", "enbartgemener ", " enbartgemener", "enbartgemene"] {
        assert_eq!(sign_in(0, other).await, 401, "{other}");
    }
    assert_eq!(sign_in(4, long.trim_end()).await, 401);
    for wrong in ["elva tecken", &"x y".repeat(67)] {
        app.administrator().post("/users", new(9, wrong)).await.expect(422);
    }
}

#[actix_web::test]
async fn an_account_is_added_by_the_command_and_signs_in_however_its_letters_are_typed() {
    let app = TestApp::new().await;
    // As some terminals send it: o and two dots.
    let typed = "fo\u{308}rsta dagen pa\u{30a} jobbet";
    let mut command = Command::new(env!("CARGO_BIN_EXE_samsyn"))
        .args(["user", "add", "--email", "Ny@Example.se", "--name", "Ny", "--role", "reader", "--password-stdin"])
        .env("DATABASE_URL", app.database.url())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    command.stdin.take().expect("its input").write_all(format!("{typed}\r\n").as_bytes()).expect("written");
    assert!(command.wait().expect("its end").success());
    for password in [typed, "första dagen på jobbet"] {
        let session = app.anonymous().post("/sessions", json!({"email": "ny@example.se", "password": password})).await;
        assert_eq!(session.expect(201).body["mustChangePassword"], false);
    }
}

#[actix_web::test]
async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session() {
    let app = TestApp::new().await;
    let nobody = app.anonymous();
    let credentials = json!({"email": email(Role::Reader), "password": PASSWORD});
    let first = nobody.post("/sessions", credentials).await.expect(201).body["refreshToken"].clone();
    let second = nobody.post("/sessions/refresh", json!({"refreshToken": first})).await.expect(201);
    let second_token = second.body["refreshToken"].clone();
    assert_ne!(first, second_token);
    let access = second.body["accessToken"].as_str().unwrap_or_default().to_owned();
    app.bearer(&access).get("/me").await.expect(200);
    let third = nobody.post("/sessions/refresh", json!({"refreshToken": second_token})).await.expect(201);
    nobody.post("/sessions/refresh", json!({"refreshToken": first})).await.expect_problem(401, "unauthenticated");
    let expired = app.bearer("a token that has expired");
    let credentials = json!({"email": email(Role::Reader), "password": PASSWORD});
    expired.post("/sessions", credentials).await.expect(201);
    let stolen = json!({"refreshToken": third.body["refreshToken"]});
    nobody.post("/sessions/refresh", stolen).await.expect_problem(401, "unauthenticated");
    nobody.post("/sessions/refresh", json!({"refreshToken": "unknown"})).await.expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_new_account_must_change_its_password_first() {
    let app = TestApp::new().await;
    let new =
        json!({"email": "ny@example.se", "name": "Ny Person", "role": "officer", "password": "ett första lösenord"});
    let account = app.administrator().post("/users", new).await.expect(201);
    assert_eq!(account.body["mustChangePassword"], true);
    let sign_in = |password: &str| json!({"email": "ny@example.se", "password": password});
    let session = app.anonymous().post("/sessions", sign_in("ett första lösenord")).await.expect(201);
    assert_eq!(session.body["mustChangePassword"], true);
    let person = app.bearer(session.body["accessToken"].as_str().unwrap_or_default());
    person.get("/projects").await.expect_problem(403, "password-change-required");
    person.get("/me").await.expect(200);

    let change = |current: &str, new: &str| json!({"currentPassword": current, "newPassword": new});
    for (body, place, code) in [
        (change("fel lösenord", "en mening att minnas"), "/currentPassword", "wrong"),
        (change("ett första lösenord", "kort"), "/newPassword", "too-short"),
        (change("ett första lösenord", "aaaaaaaaaaaaaaaa"), "/newPassword", "guessable"),
        (change("ett första lösenord", "ett första lösenord"), "/newPassword", "unchanged"),
    ] {
        let refused = person.request("PUT", "/me/password").json(&body).send().await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    let changed = change("ett första lösenord", "en mening att minnas");
    person.request("PUT", "/me/password").json(&changed).send().await.expect(204);

    app.anonymous()
        .post("/sessions/refresh", json!({"refreshToken": session.body["refreshToken"]}))
        .await
        .expect_problem(401, "unauthenticated");
    app.anonymous().post("/sessions", sign_in("ett första lösenord")).await.expect(401);
    let session = app.anonymous().post("/sessions", sign_in("en mening att minnas")).await.expect(201);
    let person = app.bearer(session.body["accessToken"].as_str().unwrap_or_default());
    person.get("/projects").await.expect(200);

    let journal = app.database.journal("user");
    let text = format!("{journal:?}");
    assert!(text.contains("withheld") && !text.contains("argon2id") && !text.contains("ny@example.se"));
}

#[actix_web::test]
async fn administrators_keep_the_accounts() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    assert_eq!(administrator.get("/users").await.expect(200).total(), 5);
    let readers = administrator.get("/users?role=reader&active=true").await;
    assert_eq!(readers.all("users", "email"), [email(Role::Reader)]);
    let path = format!("/users/{}", readers.body["users"][0]["id"].as_str().unwrap_or_default());
    let reader = administrator.get(&path).await.expect(200);

    let credentials = json!({"email": email(Role::Reader), "password": PASSWORD});
    let session = app.anonymous().post("/sessions", credentials.clone()).await.expect(201).body;
    let changed = administrator.change("PATCH", &path, reader.etag(), json!({"active": false})).await.expect(200);
    assert_eq!(changed.body["active"], false);
    app.anonymous().post("/sessions", credentials).await.expect_problem(401, "unauthenticated");
    app.anonymous().post("/sessions/refresh", json!({"refreshToken": session["refreshToken"]})).await.expect(401);
    assert_eq!(administrator.get("/users?active=false").await.total(), 1);

    // A token is good for five minutes, but not for changes once the account has changed.
    let officers = administrator.get("/users?role=officer").await.body;
    let officer = format!("/users/{}", officers["users"][0]["id"].as_str().unwrap_or_default());
    app.officer().post("/projects", crate::projects::idea("Före")).await.expect(201);
    administrator.change("PATCH", &officer, "*", json!({"role": "reader"})).await.expect(200);
    app.officer().post("/projects", crate::projects::idea("Efter")).await.expect_problem(401, "invalid-token");

    administrator.change("PATCH", &path, reader.etag(), json!({"active": true})).await.expect(412);
    administrator.change("PATCH", &path, changed.etag(), json!({"email": "x@example.se"})).await.expect(422);
    let own = format!("/users/{}", administrator.get("/me").await.body["id"].as_str().unwrap_or_default());
    let me = administrator.get(&own).await;
    administrator
        .change("PATCH", &own, me.etag(), json!({"role": "reader"}))
        .await
        .expect_problem(422, "validation-error")
        .expect_fault("", "own-account");
    let taken =
        json!({"email": email(Role::Officer), "name": "X", "role": "reader", "password": "ett första lösenord"});
    administrator.post("/users", taken).await.expect_problem(422, "validation-error").expect_fault("/email", "taken");
}
