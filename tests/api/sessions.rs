//! Signing out, and seeing and ending where one is signed in.

use chrono::TimeDelta;
use diesel::prelude::*;
use samsyn::auth::{self, Role, User};
use samsyn::clock::Timestamp;
use samsyn::db::schema::{sessions, sign_in_attempts};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, email};

/// A new session of the account of a role.
pub(crate) async fn sign_in(app: &TestApp, role: Role) -> Value {
    app.anonymous().post("/sessions", json!({"email": email(role), "password": PASSWORD})).await.expect(201).body
}

fn text(session: &Value, member: &str) -> String {
    session[member].as_str().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn who_signs_out_can_neither_change_nor_renew() {
    let app = TestApp::new().await;
    let session = sign_in(&app, Role::Officer).await;
    let own = format!("/sessions/{}", text(&session, "sessionId"));
    let officer = app.bearer(&text(&session, "accessToken"));
    assert!(text(&session["_links"]["delete"], "href").ends_with(&own));
    assert_eq!(officer.get(&own).await.expect(200).body["current"], true);
    officer.post("/projects", crate::projects::idea("Före")).await.expect(201);

    officer.request("DELETE", &own).send().await.expect(204);
    let refused = officer.post("/projects", crate::projects::idea("Efter")).await;
    refused.expect_problem(401, "invalid-token");
    officer.request("DELETE", &own).send().await.expect_problem(401, "invalid-token");
    let renewal = json!({"refreshToken": session["refreshToken"]});
    app.anonymous().post("/sessions/refresh", renewal).await.expect_problem(401, "unauthenticated");
    // Reading looks nobody up: the token ends by itself within its five minutes.
    officer.get("/me").await.expect(200);
    officer.get(&own).await.expect_problem(404, "not-found");
    // The officer's other session goes on.
    app.officer().post("/projects", crate::projects::idea("På annat håll")).await.expect(201);
}

#[actix_web::test]
async fn a_session_is_over_after_twelve_hours_however_it_is_used() {
    let app = TestApp::new().await;
    let session = sign_in(&app, Role::Officer).await;
    let officer = app.bearer(&text(&session, "accessToken"));
    let path = format!("/sessions/{}", text(&session, "sessionId"));
    let renew = async |session: &Value| {
        app.anonymous().post("/sessions/refresh", json!({"refreshToken": session["refreshToken"]})).await
    };
    let begun = officer.get(&path).await.expect(200).body;
    let renewed = renew(&session).await.expect(201).body;
    let now = officer.get(&path).await.expect(200).body;
    assert_eq!(now["expiresAt"], begun["expiresAt"], "renewing does not prolong it");
    let at = |member: &str| chrono::DateTime::parse_from_rfc3339(&text(&now, member)).expect("a time");
    assert_eq!(at("expiresAt") - at("createdAt"), TimeDelta::hours(12));

    let over = |conn: &mut samsyn::db::Conn| {
        let past = Timestamp::now().plus(-TimeDelta::seconds(1));
        Ok(diesel::update(sessions::table).set(sessions::expires_at.eq(past)).execute(conn)?)
    };
    app.database.pool().write_now(over).expect("time passed");
    renew(&renewed).await.expect_problem(401, "unauthenticated");
    officer.post("/projects", crate::projects::idea("Efter")).await.expect_problem(401, "invalid-token");
    officer.get(&path).await.expect_problem(404, "not-found");
}

#[actix_web::test]
async fn who_signs_in_while_the_password_changes_is_not_left_signed_in() {
    let app = TestApp::new().await;
    let (pool, address) = (app.database.pool().clone(), email(Role::Reader));
    let changer = std::thread::spawn(move || {
        // As soon as the attempt is counted its password is being looked at, which takes longer than this.
        while pool.read_now(|conn| Ok(sign_in_attempts::table.count().get_result::<i64>(conn)?)).expect("read") == 0 {
            std::thread::yield_now();
        }
        pool.write_now(|conn| {
            let before = auth::store::find_by_email(conn, &address)?.expect("an account");
            let after = User { password_hash: "another".to_owned(), ..before.clone() };
            auth::store::update(conn, None, &before, after)
        })
        .expect("changed")
    });
    let credentials = json!({"email": email(Role::Reader), "password": PASSWORD});
    app.anonymous().post("/sessions", credentials).await;
    let account = changer.join().expect("the change");
    let alive = app.administrator().get(&format!("/sessions?userId={}", account.id)).await.expect(200);
    assert_eq!(alive.total(), 0);
}

#[actix_web::test]
async fn people_see_and_end_their_own_sessions_and_administrators_anyones() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let forgotten = sign_in(&app, Role::Officer).await;
    let mine = officer.get("/sessions").await.expect(200);
    assert_eq!(mine.total(), 2);
    assert_eq!(mine.body["sessions"][0]["id"], forgotten["sessionId"], "the latest first");
    let current: Vec<_> = mine.body["sessions"].as_array().into_iter().flatten().map(|s| &s["current"]).collect();
    assert_eq!(current, [&json!(false), &json!(true)]);
    let id = text(&mine.body["sessions"][0], "userId");

    let reader = app.reader();
    let of_officer = format!("/sessions?userId={id}");
    let path = format!("/sessions/{}", text(&forgotten, "sessionId"));
    reader.get(&of_officer).await.expect_problem(403, "forbidden");
    reader.get(&path).await.expect_problem(404, "not-found");
    let before = app.database.counts();
    reader.request("DELETE", &path).send().await.expect_problem(404, "not-found");
    assert_eq!(app.database.counts(), before);
    assert_eq!(administrator.get(&of_officer).await.expect(200).total(), 2);
    assert_eq!(administrator.get("/sessions").await.total(), 1, "one's own unless another's are asked for");

    officer.request("DELETE", &path).send().await.expect(204);
    assert_eq!(administrator.get(&of_officer).await.total(), 1);
    let last = text(&administrator.get(&of_officer).await.body["sessions"][0], "id");
    administrator.request("DELETE", &format!("/sessions/{last}")).send().await.expect(204);
    assert_eq!(administrator.get(&of_officer).await.total(), 0);
    officer.post("/projects", crate::projects::idea("Efter")).await.expect_problem(401, "invalid-token");
    administrator.request("DELETE", &format!("/sessions/{last}")).send().await.expect_problem(404, "not-found");
}

#[actix_web::test]
async fn sessions_are_in_the_journal_without_their_secrets() {
    let app = TestApp::new().await;
    let known = app.database.journal("session").len();
    let session = sign_in(&app, Role::Reader).await;
    let renewal = json!({"refreshToken": session["refreshToken"]});
    let renewed = app.anonymous().post("/sessions/refresh", renewal.clone()).await.expect(201).body;
    assert_eq!(renewed["sessionId"], session["sessionId"]);
    app.anonymous().post("/sessions/refresh", renewal).await.expect(401);
    // The thief's use of the old token ended what the latest one could have renewed, and what was signed for both.
    let person = app.bearer(&text(&renewed, "accessToken"));
    let change = json!({"currentPassword": PASSWORD, "newPassword": "en ny mening att minnas"});
    person.request("PUT", "/me/password").json(&change).send().await.expect_problem(401, "invalid-token");

    let rows = app.database.journal("session").split_off(known);
    let kinds: Vec<_> = rows.iter().map(|row| (row.kind.as_str(), row.version)).collect();
    assert_eq!(kinds, [("session.created", 1), ("session.ended", 2)]);
    assert_eq!(rows[1].after, Some(json!({"reason": "refresh-token-reused"})));
    let written = format!("{rows:?}");
    for secret in ["refreshToken", "accessToken"] {
        assert!(!written.contains(&text(&session, secret)), "{written}");
    }
}
