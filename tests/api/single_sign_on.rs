//! People of the municipality sign in with what its identity provider says of them, and nobody else does.

use std::rc::Rc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use samsyn::auth::Role;
use samsyn::clock::Timestamp;
use samsyn::db::schema::used_tokens;
use serde_json::{Value, json};

use crate::guessing::remember;
use crate::support::issuer::{Issuer, Key, Mood};
use crate::support::{Client, PASSWORD, Response, TestApp, email};

async fn trusting(issuer: &Issuer) -> TestApp {
    TestApp::with(|config| config.issuers_file = Some(issuer.file().to_owned())).await
}

async fn sign_in(app: &TestApp, token: &str) -> Response {
    app.anonymous().post("/sessions/single-sign-on", json!({"idToken": token})).await
}

async fn sign_in_from(app: &TestApp, address: &str, token: &str) -> Response {
    let request = app.anonymous().request("POST", "/sessions/single-sign-on").header("X-Forwarded-For", address);
    request.json(&json!({"idToken": token})).send().await
}

fn person<'a>(app: &'a TestApp, session: &Response) -> Client<'a> {
    app.bearer(session.body["accessToken"].as_str().unwrap_or_default())
}

/// The path of the account that a session is of.
async fn account(app: &TestApp, session: &Response) -> String {
    format!("/users/{}", person(app, session).get("/me").await.body["id"].as_str().unwrap_or_default())
}

#[actix_web::test]
async fn an_officer_signs_in_where_the_municipality_knows_them() {
    let key = Key::new("1", Algorithm::RS256);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let issuers = app.anonymous().get("/issuers").await.expect(200);
    let known = json!({"issuer": issuer.address(), "name": "Norsjö kommun", "clientId": "samsyn"});
    assert_eq!((issuers.total(), &issuers.body["issuers"]), (1, &json!([known])));
    assert_eq!(app.anonymous().get("/issuers?page=2").await.expect(200).body["issuers"], json!([]));

    let session = sign_in(&app, &issuer.token(&key, "eva")).await.expect(201);
    assert_eq!((&session.body["mustChangePassword"], session.header("Cache-Control")), (&json!(false), "no-store"));
    let officer = person(&app, &session);
    let me = officer.get("/me").await.expect(200).body;
    assert_eq!((&me["email"], &me["name"]), (&json!("eva@norsjo.example"), &json!("Person eva")));
    assert_eq!((&me["role"], &me["binding"]), (&json!("officer"), &json!({})));
    assert_eq!(me["identity"], json!({"issuer": issuer.address(), "subject": "eva"}));
    officer.post("/projects", crate::projects::idea("Mitt första")).await.expect(201);

    let row = app.database.journal("user").pop().expect("a row");
    assert_eq!((row.kind.as_str(), row.version), ("user.created", 1));
    assert!(!format!("{:?}", row.after).contains("norsjo.example"), "{:?}", row.after);

    // The next day it is the same account, with the role that administrators have given it since.
    let path = account(&app, &session).await;
    app.administrator().change("PATCH", &path, "*", json!({"role": "reader"})).await.expect(200);
    let again = sign_in(&app, &issuer.token(&key, "eva")).await.expect(201);
    let me = person(&app, &again).get("/me").await.body;
    assert_eq!((path, &me["role"]), (account(&app, &again).await, &json!("reader")));
    assert_eq!(issuer.asked(), 2, "its configuration and its keys, once");
}

#[actix_web::test]
async fn tokens_are_signed_in_any_of_four_ways() {
    let kinds = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
    let kids = ["rs", "ps", "es", "ed"];
    let keys: Vec<Key> = kids.iter().zip(kinds).map(|(kid, kind)| Key::new(*kid, kind)).collect();
    let issuer = Issuer::with(&keys.iter().collect::<Vec<_>>());
    let app = trusting(&issuer).await;
    for (key, subject) in keys.iter().zip(kids) {
        sign_in(&app, &issuer.token(key, subject)).await.expect(201);
    }
    // A key is good for its own kind alone, whatever a token says.
    for (key, kid) in [(&keys[1], "rs"), (&keys[0], "ps"), (&keys[2], "ed"), (&keys[3], "rs")] {
        let token = key.sign(&Header { kid: Some(kid.to_owned()), ..key.head() }, &issuer.claims("eva"));
        sign_in_from(&app, kid, &token).await.expect_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn a_key_without_a_name_is_good_when_it_is_the_only_one() {
    let (key, other) = (Key::new(None, Algorithm::ES256), Key::new(None, Algorithm::EdDSA));
    let issuer = Issuer::with(&[&key]);
    sign_in(&trusting(&issuer).await, &issuer.token(&key, "eva")).await.expect(201);
    issuer.rotates_to(&[&key, &other]);
    sign_in(&trusting(&issuer).await, &issuer.token(&key, "eva")).await.expect(401);
}

/// Tokens that are wrong: what is, and what is said of it.
fn wrong(issuer: &Issuer, key: &Key) -> Vec<(&'static str, &'static str, String)> {
    let claims = issuer.claims("eva");
    let now = claims["iat"].as_i64().unwrap_or_default();
    let but = |changes: Value| {
        let mut claims = issuer.claims("eva");
        let members = claims.as_object_mut().expect("claims");
        for (claim, value) in changes.as_object().into_iter().flatten() {
            members.insert(claim.clone(), value.clone());
        }
        members.retain(|_, value| !value.is_null());
        key.sign(&key.head(), &claims)
    };
    let headed = |change: &dyn Fn(&mut Header)| {
        let mut head = key.head();
        change(&mut head);
        key.sign(&head, &claims)
    };
    let typed = |typ: &str| headed(&|head| head.typ = Some(typ.to_owned()));
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "kid": "1"})), part(&claims));
    let shared = |secret: &str| {
        let head = Header { alg: Algorithm::HS256, ..key.head() };
        encode(&head, &claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
    };
    let public = key.public();
    let stranger = Key::new("1", Algorithm::EdDSA);
    let good = issuer.token(key, "eva");
    let (signed, signature) = good.rsplit_once('.').unwrap_or_default();
    let (head, _) = signed.split_once('.').unwrap_or_default();
    vec![
        ("alg none", "den är inte en signerad", unsigned("none")),
        ("alg NONE", "den är inte en signerad", unsigned("NONE")),
        ("no signature", "signaturen är fel", format!("{signed}.")),
        ("HS256 with the public key", "nyckeln är okänd", shared(public["n"].as_str().unwrap_or_default())),
        ("HS256 with the JWK", "nyckeln är okänd", shared(&public.to_string())),
        ("RS384", "nyckeln är okänd", key.sign(&Header { alg: Algorithm::RS384, ..key.head() }, &claims)),
        ("a stranger's key", "nyckeln är okänd", stranger.sign(&stranger.head(), &claims)),
        ("an unknown key", "nyckeln är okänd", headed(&|head| head.kid = Some("2".to_owned()))),
        ("a key of its own", "nyckeln är okänd", headed(&|head| head.kid = Some("../2".to_owned()))),
        ("critical extensions", "den är inte en signerad", headed(&|head| head.crit = Some(vec!["b64".to_owned()]))),
        ("an access token", "den är inte en signerad", typed("at+jwt")),
        ("a logout token", "den är inte en signerad", typed("logout+jwt")),
        (
            "other claims",
            "signaturen är fel",
            format!("{head}.{}.{signature}", part(&json!({"iss": issuer.address(), "sub": "chef"}))),
        ),
        ("another issuer", "utfärdaren är okänd", but(json!({"iss": "https://login.example.se"}))),
        ("nearly the issuer", "utfärdaren är okänd", but(json!({"iss": format!("{}/", issuer.address())}))),
        (
            "several issuers",
            "den är inte en signerad",
            but(json!({"iss": [issuer.address(), "https://login.example.se"]})),
        ),
        ("no issuer", "den är inte en signerad", but(json!({"iss": null}))),
        ("another audience", "den är inte för Samsyn", but(json!({"aud": "portalen"}))),
        ("no audience", "aud saknas", but(json!({"aud": null}))),
        ("several audiences", "den är inte för Samsyn", but(json!({"aud": ["samsyn", "portalen"]}))),
        (
            "another's, for several",
            "den är inte för Samsyn",
            but(json!({"aud": ["samsyn", "portalen"], "azp": "portalen"})),
        ),
        ("another's", "den är inte för Samsyn", but(json!({"azp": "portalen"}))),
        ("expired", "den har gått ut", but(json!({"exp": now - 61}))),
        ("without an end", "exp saknas", but(json!({"exp": null}))),
        ("old", "den utfärdades inte nyss", but(json!({"iat": now - 601}))),
        ("of tomorrow", "den utfärdades inte nyss", but(json!({"iat": now + 90}))),
        ("of no time", "iat saknas", but(json!({"iat": null}))),
        ("of a time in words", "iat saknas", but(json!({"iat": "now"}))),
        ("not yet valid", "den gäller inte än", but(json!({"nbf": now + 90}))),
        ("of nobody", "sub saknas", but(json!({"sub": null}))),
        ("of nobody at all", "sub är ogiltig", but(json!({"sub": ""}))),
        ("of somebody unspeakable", "sub är ogiltig", but(json!({"sub": "a\u{0}b"}))),
        ("of somebody long", "sub är ogiltig", but(json!({"sub": "x".repeat(256)}))),
        ("two parts", "den är inte en signerad", signed.to_owned()),
        ("garbage", "den är inte en signerad", "nonsense".to_owned()),
        ("dots", "den är inte en signerad", "..".to_owned()),
    ]
}

#[actix_web::test]
async fn tokens_that_are_wrong_are_refused_and_leave_nothing() {
    let key = Key::new("1", Algorithm::RS256);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let counts = || {
        let mut counts = app.database.counts();
        counts.retain(|(table, _)| !["sign_in_attempts", "changes"].contains(&table.as_str()));
        counts
    };
    let before = counts();
    for (number, (what, why, token)) in wrong(&issuer, &key).into_iter().enumerate() {
        let answer = sign_in_from(&app, &format!("198.51.100.{number}"), &token).await;
        let said = answer.expect_problem(401, "unauthenticated").body["detail"].clone();
        assert!(said.as_str().is_some_and(|said| said.contains(why)), "{what}: {said}");
    }
    assert_eq!((counts(), issuer.asked()), (before, 2), "strangers' keys are not looked for again and again");
    let told = app.administrator().get("/audit-events?kind=single-sign-on.failed").await.expect(200).total();
    assert!(told > 30, "each is in the audit trail: {told}");
    for (body, place, code) in [
        (json!({}), "/idToken", "required"),
        (json!({"idToken": ""}), "/idToken", "too-short"),
        (json!({"idToken": "x".repeat(20_001)}), "/idToken", "too-long"),
        (json!({"idToken": "x", "role": "administrator"}), "/role", "unknown"),
    ] {
        let answer = app.anonymous().post("/sessions/single-sign-on", body).await;
        answer.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    // What they differ from is accepted, with several audiences too and by a clock that is a little ahead.
    let mut claims = issuer.claims("eva");
    let later = claims["iat"].as_i64().map(|now| now + 30);
    (claims["aud"], claims["azp"], claims["iat"]) = (json!(["portalen", "samsyn"]), json!("samsyn"), json!(later));
    sign_in(&app, &key.sign(&key.head(), &claims)).await.expect(201);
    // Nobody signs in so at a service that trusts no issuer.
    sign_in(&TestApp::new().await, &issuer.token(&key, "eva")).await.expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_token_is_good_once_at_all_instances() {
    let key = Key::new("1", Algorithm::ES256);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let token = issuer.token(&key, "eva");
    sign_in(&app, &token).await.expect(201);
    for app in [&app, &app.beside().await] {
        let refused = sign_in(app, &token).await.expect_problem(401, "unauthenticated");
        assert!(refused.body["detail"].as_str().is_some_and(|why| why.contains("redan använd")), "{}", refused.body);
    }
    // Another signature of the same words, which anyone can make of one by ECDSA (s for n - s), is the same token.
    let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
    let other = negated(&BASE64_URL_SAFE_NO_PAD.decode(signature).expect("a signature"));
    let refused = sign_in(&app, &format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(other))).await.expect(401);
    assert!(refused.body["detail"].as_str().is_some_and(|why| why.contains("redan använd")), "{}", refused.body);

    // It is forgotten when it is of no use any more.
    let long_ago = Timestamp::now().plus(-chrono::TimeDelta::seconds(1));
    let kept = |conn: &mut samsyn::db::Conn| Ok(used_tokens::table.count().get_result::<i64>(conn)?);
    let expire = |conn: &mut samsyn::db::Conn| {
        diesel::update(used_tokens::table).set(used_tokens::expires_at.eq(long_ago)).execute(conn)?;
        kept(conn)
    };
    assert_eq!(app.database.pool().write_now(expire).expect("a count"), 1);
    sign_in(&app, &issuer.token(&key, "eva")).await.expect(201);
    assert_eq!(app.database.pool().read_now(kept).expect("a count"), 1);
}

#[actix_web::test]
async fn of_those_who_send_a_token_at_once_one_gets_in() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = Rc::new(trusting(&issuer).await);
    let token = issuer.token(&key, "eva");
    let racing: Vec<_> = (0..5)
        .map(|_| {
            let (app, token) = (Rc::clone(&app), token.clone());
            actix_web::rt::spawn(async move { sign_in(&app, &token).await.status })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racing {
        answers.push(racer.await.expect("an answer"));
    }
    answers.sort_unstable();
    assert_eq!(answers, [201, 401, 401, 401, 401]);
}

/// The other ECDSA signature over P-256 that is as good.
fn negated(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let mut other = signature.to_vec();
    let mut borrow = 0;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(signature[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        other[32 + index] = u8::try_from(difference.rem_euclid(256)).expect("a byte");
    }
    other
}

#[actix_web::test]
async fn wrong_tokens_are_braked_and_an_office_with_one_address_is_not() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    for number in 0..7 {
        sign_in_from(&app, "198.51.100.7", &issuer.token(&key, &format!("p{number}"))).await.expect(201);
    }
    for _ in 0..5 {
        sign_in_from(&app, "198.51.100.7", "nonsense").await.expect(401);
    }
    assert_eq!(remember(&app, 10, 0), [5]);
    let (asked, token) = (issuer.asked(), issuer.token(&key, "eva"));
    let refused = sign_in_from(&app, "198.51.100.7", &token).await.expect_problem(429, "too-many-requests");
    assert!(refused.header("Retry-After").parse::<u64>().is_ok_and(|seconds| (1..=33).contains(&seconds)));
    assert_eq!(issuer.asked(), asked);
    sign_in_from(&app, "198.51.100.8", &token).await.expect(201);
    // A password is another matter.
    let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
    let password = app.anonymous().request("POST", "/sessions").header("X-Forwarded-For", "198.51.100.7");
    password.json(&credentials).send().await.expect(201);
    remember(&app, 10, 33);
    sign_in_from(&app, "198.51.100.7", &issuer.token(&key, "eva")).await.expect(201);
    assert!(remember(&app, 10, 0).is_empty());
}

#[actix_web::test]
async fn who_has_no_role_or_no_address_gets_no_account() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let signed = |change: Value| {
        let mut claims = issuer.claims("eva");
        change.as_object().into_iter().flatten().for_each(|(claim, value)| claims[claim] = value.clone());
        key.sign(&key.head(), &claims)
    };
    let before = app.database.counts();
    for change in [
        json!({"roles": []}),
        json!({"roles": ["samsyn"]}),
        json!({"roles": null}),
        json!({"email": null}),
        json!({"email": "eva"}),
    ] {
        sign_in(&app, &signed(change)).await.expect_problem(403, "forbidden");
    }
    assert_eq!(app.database.counts(), before);
    let without_name = json!({"name": "", "email": null, "upn": "Eva@Norsjo.example", "roles": "samsyn-lasare"});
    let session = sign_in(&app, &signed(without_name)).await.expect(201);
    let me = person(&app, &session).get("/me").await.body;
    assert_eq!((&me["name"], &me["role"]), (&json!("eva@norsjo.example"), &json!("reader")));

    // Who leaves the department gets in no more, nor does an account that was made inactive.
    sign_in(&app, &signed(json!({"roles": ["annat"]}))).await.expect_problem(403, "forbidden");
    let path = account(&app, &session).await;
    app.administrator().change("PATCH", &path, "*", json!({"active": false})).await.expect(200);
    sign_in(&app, &signed(json!({}))).await.expect_problem(403, "forbidden");
    app.administrator().change("PATCH", &path, "*", json!({"active": true})).await.expect(200);
    sign_in(&app, &signed(json!({}))).await.expect(201);
}

#[actix_web::test]
async fn an_address_links_nobody_but_an_administrator_does() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let administrator = app.administrator();
    let token = || {
        let mut claims = issuer.claims("eva");
        claims["email"] = json!(email(Role::Officer).to_uppercase());
        key.sign(&key.head(), &claims)
    };
    sign_in(&app, &token()).await.expect_problem(409, "conflict");
    let officers = administrator.get("/users?role=officer").await.body;
    let path = format!("/users/{}", officers["users"][0]["id"].as_str().unwrap_or_default());
    assert!(administrator.get(&path).await.body.get("identity").is_none());
    let identity = json!({"issuer": issuer.address(), "subject": "eva"});
    for (wrong, place, code) in [
        (json!({"issuer": issuer.address()}), "/identity/subject", "required"),
        (json!({"issuer": issuer.address(), "subject": "x".repeat(256)}), "/identity/subject", "too-long"),
        (json!({"issuer": "", "subject": "eva"}), "/identity/issuer", "too-short"),
        (json!("eva"), "/identity", "type"),
    ] {
        let refused = administrator.change("PATCH", &path, "*", json!({"identity": wrong})).await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    let linked = administrator.change("PATCH", &path, "*", json!({"identity": identity})).await.expect(200);
    assert_eq!(linked.body["identity"], identity);
    let session = sign_in(&app, &token()).await.expect(201);
    assert_eq!(account(&app, &session).await, path);
    // The password still is one, and one identity is one account's.
    app.anonymous().post("/sessions", json!({"email": email(Role::Officer), "password": PASSWORD})).await.expect(201);
    let readers = administrator.get("/users?role=reader").await.body;
    let other = format!("/users/{}", readers["users"][0]["id"].as_str().unwrap_or_default());
    let refused = administrator.change("PATCH", &other, "*", json!({"identity": identity})).await;
    refused.expect_problem(422, "validation-error").expect_fault("/identity", "taken");
    administrator.change("PATCH", &path, "*", json!({"name": "Eva"})).await.expect(200);
    let unlinked = administrator.change("PATCH", &path, "*", json!({"identity": null})).await.expect(200);
    assert!(unlinked.body.get("identity").is_none());
    sign_in(&app, &token()).await.expect_problem(409, "conflict");
    administrator.change("PATCH", &other, "*", json!({"identity": identity})).await.expect(200);
}

#[actix_web::test]
async fn who_is_no_longer_the_accounts_person_is_signed_out() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let other = json!({"issuer": issuer.address(), "subject": "per"});
    for identity in [json!(null), other] {
        let session = sign_in(&app, &issuer.token(&key, "eva")).await.expect(201);
        person(&app, &session).post("/projects", crate::projects::idea("Före")).await.expect(201);
        let path = account(&app, &session).await;
        let administrator = app.administrator();
        administrator.change("PATCH", &path, "*", json!({"name": "Eva"})).await.expect(200);
        person(&app, &session).post("/projects", crate::projects::idea("Ännu")).await.expect(201);
        administrator.change("PATCH", &path, "*", json!({"identity": identity})).await.expect(200);
        let refused = person(&app, &session).post("/projects", crate::projects::idea("Efter")).await;
        refused.expect_problem(401, "invalid-token");
        let renewal = json!({"refreshToken": session.body["refreshToken"]});
        app.anonymous().post("/sessions/refresh", renewal).await.expect_problem(401, "unauthenticated");
        let back = json!({"identity": {"issuer": issuer.address(), "subject": "eva"}});
        administrator.change("PATCH", &path, "*", back).await.expect(200);
    }
}

#[actix_web::test]
async fn an_account_can_wait_for_its_person() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let password = "ett första lösenord";
    let new = json!({"email": "per@norsjo.example", "name": "Per", "role": "reader", "password": password});
    let path = app.administrator().post("/users", new).await.expect(201).location().to_owned();
    let identity = json!({"identity": {"issuer": issuer.address(), "subject": "per"}});
    let linked = app.administrator().change("PATCH", &path, "*", identity).await.expect(200);
    assert_eq!(linked.body["mustChangePassword"], false);
    let session = sign_in(&app, &issuer.token(&key, "per")).await.expect(201);
    assert_eq!(person(&app, &session).get("/me").await.expect(200).body["role"], "reader");
    person(&app, &session).get("/projects").await.expect(200);
    let credentials = json!({"email": "per@norsjo.example", "password": password});
    app.anonymous().post("/sessions", credentials).await.expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn an_account_without_a_password_tells_nobody_so_but_its_owner() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let session = sign_in(&app, &issuer.token(&key, "eva")).await.expect(201);
    let change = json!({"currentPassword": "x", "newPassword": "en mening att minnas"});
    let refused = person(&app, &session).request("PUT", "/me/password").json(&change).send().await;
    let refused = refused.expect_problem(409, "state-conflict");
    assert!(refused.body["detail"].as_str().is_some_and(|why| why.contains("samlad inloggning")), "{}", refused.body);
    let mut fastest = [Duration::MAX; 2];
    for round in 0..8 {
        for (account, fastest) in ["eva@norsjo.example", "ingen@norsjo.example"].iter().zip(&mut fastest) {
            let request = app.anonymous().request("POST", "/sessions");
            let request = request.header("X-Forwarded-For", &format!("198.51.100.{round}"));
            let began = Instant::now();
            let credentials = json!({"email": account, "password": PASSWORD});
            request.json(&credentials).send().await.expect_problem(401, "unauthenticated");
            *fastest = began.elapsed().min(*fastest);
        }
    }
    assert!(fastest[0] < 3 * fastest[1] && fastest[1] < 3 * fastest[0], "{fastest:?}");
}

#[actix_web::test]
async fn an_issuer_that_does_not_answer_stops_nobody_who_is_signed_in() {
    let (key, next) = (Key::new("1", Algorithm::EdDSA), Key::new("2", Algorithm::EdDSA));
    let issuer = Issuer::with(&[&key]);
    let app = trusting(&issuer).await;
    let session = sign_in(&app, &issuer.token(&key, "eva")).await.expect(201);
    let bad = [
        Mood::Down,
        Mood::Failing,
        Mood::Nonsense,
        Mood::Endless,
        Mood::Redirecting,
        Mood::Pretending,
        Mood::KeysInTheOpen,
        Mood::Keyless,
    ];
    for mood in bad {
        issuer.becomes(mood);
        let newly_started = app.beside().await;
        let token = issuer.token(&key, "eva");
        let refused = sign_in(&newly_started, &token).await;
        assert_eq!((refused.status, refused.header("Retry-After")), (503, "30"), "{mood:?}");
        refused.expect_problem(503, "unavailable");
        let asked = issuer.asked();
        sign_in(&newly_started, &token).await.expect(503);
        assert_eq!(issuer.asked(), asked, "{mood:?}: it is left in peace for a while");
        // Who is signed in goes on, and so do those whose instance knows the keys.
        person(&newly_started, &session).post("/projects", crate::projects::idea("Ändå")).await.expect(201);
        sign_in(&app, &token).await.expect(201);
    }
    let renewal = json!({"refreshToken": session.body["refreshToken"]});
    app.anonymous().post("/sessions/refresh", renewal).await.expect(201);
    // It is back with another key, which an instance that has just asked does not look for yet.
    issuer.becomes(Mood::Well);
    issuer.rotates_to(&[&next]);
    let newly_started = app.beside().await;
    sign_in(&newly_started, &issuer.token(&next, "eva")).await.expect(201);
    sign_in(&newly_started, &issuer.token(&key, "eva")).await.expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_slow_issuer_is_asked_once_and_slows_nobody_else() {
    let key = Key::new("1", Algorithm::EdDSA);
    let issuer = Issuer::with(&[&key]);
    let app = Rc::new(trusting(&issuer).await);
    issuer.becomes(Mood::Slow);
    let began = Instant::now();
    let waiting: Vec<_> = (0..12)
        .map(|number| {
            let (app, token) = (Rc::clone(&app), issuer.token(&key, &format!("p{number}")));
            actix_web::rt::spawn(async move { sign_in(&app, &token).await.status })
        })
        .collect();
    app.officer().post("/projects", crate::projects::idea("Under tiden")).await.expect(201);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    for waiting in waiting {
        assert_eq!(waiting.await.expect("an answer"), 503);
    }
    assert_eq!(issuer.asked(), 1);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
