//! The keys that tokens are signed with: shared, changed by command and by age, served to whoever checks.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use samsyn::auth::{Role, key};
use samsyn::db::Database;
use samsyn::db::schema::signing_keys;
use serde_json::{Value, json};

use crate::sessions::sign_in;
use crate::support::TestApp;

async fn served(app: &TestApp) -> Vec<String> {
    let set = app.anonymous().request_to("GET", "/.well-known/jwks.json").send().await.expect(200);
    assert_eq!(set.header("Cache-Control"), "public, max-age=300");
    let keys = set.body["keys"].as_array().cloned().unwrap_or_default();
    for key in &keys {
        assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")));
        assert!(key.get("d").is_none(), "a private key is served");
    }
    keys.iter().map(|key| key["kid"].as_str().unwrap_or_default().to_owned()).collect()
}

fn token(session: &Value) -> String {
    session["accessToken"].as_str().unwrap_or_default().to_owned()
}

fn signed_with(session: &Value) -> String {
    let token = token(session);
    let head = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap_or_default()).expect("base64");
    let head: Value = serde_json::from_slice(&head).expect("JSON");
    head["kid"].as_str().unwrap_or_default().to_owned()
}

/// Makes every key so much older than it is.
fn age(app: &TestApp, by: TimeDelta) {
    app.database
        .pool()
        .write_now(|conn| {
            let keys: Vec<(String, samsyn::clock::Timestamp)> =
                signing_keys::table.select((signing_keys::kid, signing_keys::created_at)).load(conn)?;
            for (kid, created_at) in keys {
                diesel::update(signing_keys::table.find(kid))
                    .set(signing_keys::created_at.eq(created_at.plus(-by)))
                    .execute(conn)?;
            }
            Ok(())
        })
        .expect("older keys");
}

#[actix_web::test]
async fn a_rotated_key_signs_at_once_and_the_old_one_is_accepted_until_its_tokens_are_gone() {
    let here = TestApp::new().await;
    let there = here.beside().await;
    let old = sign_in(&here, Role::Officer).await;
    assert_eq!(served(&here).await, [signed_with(&old)]);
    here.bearer(&token(&old)).get("/me").await.expect(200);

    let kid = here.database.pool().write_now(key::store::rotate).expect("a new key").kid().to_owned();
    assert_eq!(served(&there).await, [kid.clone(), signed_with(&old)]);
    // Both instances sign with it, and know each other's.
    let new = sign_in(&there, Role::Officer).await;
    assert_eq!((signed_with(&new), signed_with(&sign_in(&here, Role::Reader).await)), (kid.clone(), kid.clone()));
    there.bearer(&token(&new)).get("/me").await.expect(200);
    actix_web::rt::time::sleep(std::time::Duration::from_millis(1100)).await;
    for app in [&here, &there] {
        app.bearer(&token(&new)).get("/me").await.expect(200);
        app.bearer(&token(&old)).get("/me").await.expect(200);
    }

    age(&here, TimeDelta::minutes(11));
    assert_eq!(served(&here).await, std::slice::from_ref(&kid));
    let later = here.beside().await;
    later.bearer(&token(&old)).get("/me").await.expect_problem(401, "invalid-token");
    later.bearer(&token(&new)).get("/me").await.expect(200);
    // What nothing is accepted with is removed when somebody signs in.
    sign_in(&later, Role::Reader).await;
    let kinds: Vec<_> = here.database.journal("signing-key").into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["signing-key.created", "signing-key.created", "signing-key.deleted"]);
    let left = here.database.counts().into_iter().find(|(table, _)| table == "signing_keys");
    assert_eq!(left, Some(("signing_keys".to_owned(), 1)));
}

#[actix_web::test]
async fn a_key_that_is_too_old_is_changed_once_for_all_instances() {
    let here = TestApp::new().await;
    let old = signed_with(&sign_in(&here, Role::Officer).await);
    age(&here, TimeDelta::days(89));
    assert_eq!(signed_with(&sign_in(&here, Role::Officer).await), old);
    age(&here, TimeDelta::days(2));
    let instances: Vec<_> = (0..4)
        .map(|_| {
            let database = Database::new(here.database.address());
            std::thread::spawn(move || database.write_now(|conn| key::store::to_sign_with(conn, TimeDelta::days(90))))
        })
        .collect();
    let keys = instances.into_iter().map(|instance| instance.join().expect("an instance").expect("a key"));
    let mut kids: Vec<_> = keys.map(|key| key.kid().to_owned()).collect();
    kids.dedup();
    assert_eq!(kids, [signed_with(&sign_in(&here, Role::Officer).await)]);
    assert_eq!(served(&here).await, [kids[0].clone(), old]);
}

#[test]
fn the_command_makes_a_new_key() {
    let database = crate::support::TestDatabase::new();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_samsyn"))
        .args(["keys", "rotate"])
        .env("DATABASE_URL", database.url())
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let newest = database.pool().read_now(key::store::accepted).expect("keys").swap_remove(0);
    assert!(output.status.success() && said.contains(newest.kid()), "{said}");
    assert_eq!(database.journal("signing-key").len(), 2);
}
