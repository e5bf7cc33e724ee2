//! Guessing passwords is slow, and slows nobody else.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use samsyn::auth::{Role, attempt};
use samsyn::clock::Timestamp;
use samsyn::db::Database;
use samsyn::db::schema::sign_in_attempts;
use serde_json::json;

use crate::support::{PASSWORD, Response, TestApp, email};

const WRONG: &str = "fel lösenord helt och hållet";

/// Tries to sign in from an address.
async fn from(app: &TestApp, address: &str, email: &str, password: &str) -> Response {
    let credentials = json!({"email": email, "password": password});
    let request = app.anonymous().request("POST", "/sessions").header("X-Forwarded-For", address);
    request.json(&credentials).send().await
}

fn wait(refused: &Response) -> u64 {
    refused.header("Retry-After").parse().expect("seconds")
}

/// Makes everything that was tried so many attempts, the last of them so many seconds ago, so that no test has to hurry or
/// to wait. Gives the counts that stood there.
pub(crate) fn remember(app: &TestApp, count: i64, seconds_ago: i64) -> Vec<i64> {
    let last_at = Timestamp::now().plus(-TimeDelta::seconds(seconds_ago));
    app.database
        .pool()
        .write_now(|conn| {
            let counts = sign_in_attempts::table.select(sign_in_attempts::attempts).load(conn)?;
            diesel::update(sign_in_attempts::table)
                .set((sign_in_attempts::attempts.eq(count), sign_in_attempts::last_at.eq(last_at)))
                .execute(conn)?;
            Ok(counts)
        })
        .expect("attempts")
}

#[actix_web::test]
async fn a_guesser_waits_longer_and_longer_and_nobody_else_does() {
    let app = TestApp::new().await;
    let (officer, reader) = (email(Role::Officer), email(Role::Reader));
    let there = app.beside().await;
    for _ in 0..5 {
        from(&app, "198.51.100.7", &officer, WRONG).await.expect_problem(401, "unauthenticated");
    }
    assert_eq!(remember(&app, 10, 0), [5]);
    let before = app.database.counts();
    let refused = from(&app, "198.51.100.7", &officer, WRONG).await.expect_problem(429, "too-many-requests");
    assert!((1..=32).contains(&wait(&refused)), "{}", wait(&refused));
    // The right password makes no difference, and every instance knows.
    from(&there, "198.51.100.7", &officer, PASSWORD).await.expect_problem(429, "too-many-requests");
    assert_eq!(app.database.counts(), before);
    // Others are not stopped: the account from elsewhere, another account from there.
    from(&app, "198.51.100.8", &officer, PASSWORD).await.expect(201);
    from(&app, "2001:db8::7", &officer, PASSWORD).await.expect(201);
    from(&app, "198.51.100.7", &reader, PASSWORD).await.expect(201);
    // What a guesser says of itself is not believed: the proxy's word stands last.
    from(&app, "203.0.113.1, 198.51.100.7", &officer, PASSWORD).await.expect(429);

    assert_eq!(remember(&app, 10, 33), [10], "what was refused is not counted");
    from(&app, "198.51.100.7", &officer, WRONG).await.expect(401);
    let refused = from(&app, "198.51.100.7", &officer, WRONG).await.expect(429);
    assert!((33..=64).contains(&wait(&refused)), "{}", wait(&refused));
    assert_eq!(remember(&app, 11, 65), [11]);
    from(&app, "198.51.100.7", &officer, PASSWORD).await.expect(201);
    // Who got in begins anew, and so does who comes back another day.
    assert!(remember(&app, 10, 0).is_empty());
    from(&app, "198.51.100.7", &officer, WRONG).await.expect(401);
    remember(&app, 50, 25 * 3600);
    from(&app, "198.51.100.7", &officer, WRONG).await.expect(401);
    assert_eq!(remember(&app, 1, 0), [1]);
}

#[actix_web::test]
async fn an_address_that_tries_many_accounts_waits_too() {
    let app = TestApp::new().await;
    for (address, same, other) in [
        ("198.51.100.7", "198.51.100.7", "198.51.100.8"),
        // An IPv6 guesser has as many addresses as it likes.
        ("2001:db8::", "2001:db8::1:2:3", "2001:db8:0:1::3"),
    ] {
        let spray = |conn: &mut samsyn::db::Conn| {
            (0..100).try_for_each(|n| attempt::store::begin(conn, &format!("{n}@example.se"), address))
        };
        app.database.pool().write_now(spray).expect("a hundred attempts");
        remember(&app, 2, 0);
        from(&app, same, &email(Role::Officer), PASSWORD).await.expect_problem(429, "too-many-requests");
        from(&app, other, &email(Role::Officer), PASSWORD).await.expect(201);
    }
}

#[actix_web::test]
async fn guesses_at_once_are_counted_before_they_are_looked_at() {
    let app = TestApp::new().await;
    let began = Instant::now();
    let guessers: Vec<_> = (0..4)
        .map(|_| {
            let database = Database::new(app.database.address());
            std::thread::spawn(move || {
                let guess = || database.write_now(|conn| attempt::store::begin(conn, "a@example.se", "192.0.2.1"));
                (0..4).filter(|_| guess().is_ok()).count()
            })
        })
        .collect();
    let let_through: usize = guessers.into_iter().map(|guesser| guesser.join().expect("a guesser")).sum();
    let later = usize::try_from(began.elapsed().as_secs()).expect("a number");
    assert!((5..=5 + later).contains(&let_through), "{let_through}");
}

#[actix_web::test]
async fn the_current_password_cannot_be_guessed_with_a_stolen_token() {
    let app = TestApp::new().await;
    let thief = app.officer();
    let change = |current: &str| json!({"currentPassword": current, "newPassword": "en mening att minnas"});
    for _ in 0..5 {
        let guess = thief.request("PUT", "/me/password").json(&change(WRONG)).send().await;
        guess.expect_problem(422, "validation-error").expect_fault("/currentPassword", "wrong");
    }
    assert_eq!(remember(&app, 10, 0), [5]);
    let guess = thief.request("PUT", "/me/password").json(&change(PASSWORD)).send().await;
    guess.expect_problem(429, "too-many-requests");
    let owner = thief.request("PUT", "/me/password").header("X-Forwarded-For", "198.51.100.9");
    owner.json(&change(PASSWORD)).send().await.expect(204);
}

#[actix_web::test]
async fn neither_the_time_nor_the_traces_tell_whether_an_account_is_known() {
    let app = TestApp::new().await;
    let mut fastest = Vec::new();
    for account in [email(Role::Officer), "ingen@example.se".to_owned()] {
        let mut fastest_try = Duration::MAX;
        for round in 0..8 {
            let address = format!("198.51.100.{round}");
            let began = Instant::now();
            from(&app, &address, &account, WRONG).await.expect_problem(401, "unauthenticated");
            fastest_try = fastest_try.min(began.elapsed());
        }
        fastest.push(fastest_try);
    }
    assert!(fastest[0] < 3 * fastest[1] && fastest[1] < 3 * fastest[0], "{fastest:?}");

    let kept: Vec<(String, String)> = app
        .database
        .pool()
        .read_now(|conn| {
            Ok(sign_in_attempts::table
                .select((sign_in_attempts::account_hash, sign_in_attempts::address))
                .load(conn)?)
        })
        .expect("attempts");
    assert_eq!(kept.len(), 16);
    let traces = format!("{kept:?} {:?}", app.database.journal("session"));
    assert!(!traces.contains("example.se") && !traces.contains(WRONG), "{traces}");
}

#[actix_web::test]
async fn common_passwords_are_refused_however_they_are_dressed() {
    let app = TestApp::new().await;
    let account =
        |password: &str| json!({"email": "ny@example.se", "name": "Ny", "role": "reader", "password": password});
    let before = app.database.counts();
    for common in [
        "123456789012",
        "Password2026!",
        "lösenordlösenord",
        "Sommar-2026-Sommar",
        "1q2w3e4r5t6y",
        "NORSJÖ KOMMUN 1",
        "samsyn samsyn",
        "qwertyuiop123",
    ] {
        let refused = app.administrator().post("/users", account(common)).await;
        refused.expect_problem(422, "validation-error").expect_fault("/password", "guessable");
    }
    assert_eq!(app.database.counts(), before);
    app.administrator().post("/users", account("sommar vid sjön i skogen")).await.expect(201);
}
