//! Attacks on access tokens, each refused as RFC 6750 has it, and none of them changing anything.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use diesel::prelude::*;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use samsyn::auth::Role;
use samsyn::auth::key::SigningKey;
use samsyn::clock::Timestamp;
use samsyn::db::schema::signing_keys;
use serde_json::{Value, json};

use crate::sessions::sign_in;
use crate::support::{PUBLIC_URL, TestApp, principal};

/// What the answer to a token that is wrong says, and the answer to no token.
const INVALID: &str = "Bearer realm=\"samsyn\", error=\"invalid_token\", \
    resource_metadata=\"https://samsyn.test/.well-known/oauth-protected-resource/samsyn/v1\"";
const MISSING: &str = "Bearer realm=\"samsyn\", \
    resource_metadata=\"https://samsyn.test/.well-known/oauth-protected-resource/samsyn/v1\"";

/// Makes tokens as the service does, but with whatever is asked for in them.
struct Forger {
    ours: Vec<u8>,
    theirs: Vec<u8>,
    claims: Value,
}

impl Forger {
    fn new(app: &TestApp) -> Self {
        let ours = app
            .database
            .pool()
            .read_now(|conn| Ok(signing_keys::table.select(signing_keys::private_key).first(conn)?))
            .expect("the service's key");
        let officer = principal(Role::Officer);
        let now = Timestamp::now().as_utc().timestamp();
        let claims = json!({
            "iss": PUBLIC_URL, "aud": "samsyn", "sub": officer.id(), "client_id": "samsyn", "iat": now, "exp": now + 300,
            "jti": samsyn::id::Id::new(), "sid": officer.session(), "role": "officer",
        });
        Self { ours, theirs: SigningKey::generate().expect("random"), claims }
    }

    fn head(&self) -> Header {
        let mut head = Header::new(Algorithm::EdDSA);
        head.typ = Some("at+jwt".to_owned());
        head.kid = Some(public(&self.ours).kid().to_owned());
        head
    }

    /// Signed by the service's own key.
    fn ours(&self, head: &Header, claims: &Value) -> String {
        encode(head, claims, &EncodingKey::from_ed_der(&self.ours)).expect("a token")
    }

    /// Signed by a stranger's.
    fn theirs(&self, change: impl FnOnce(&mut Header)) -> String {
        let mut head = self.head();
        change(&mut head);
        encode(&head, &self.claims, &EncodingKey::from_ed_der(&self.theirs)).expect("a token")
    }

    /// With one claim that is another, or none.
    fn claiming(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(claim);
        } else {
            claims[claim] = value;
        }
        self.ours(&self.head(), &claims)
    }

    fn of_type(&self, typ: Option<&str>) -> String {
        self.ours(&Header { typ: typ.map(str::to_owned), ..self.head() }, &self.claims)
    }

    /// An HMAC whose secret is what everybody may read.
    fn confused(&self, secret: &[u8]) -> String {
        let head = Header { alg: Algorithm::HS256, ..self.head() };
        encode(&head, &self.claims, &EncodingKey::from_secret(secret)).expect("a token")
    }

    fn unsigned(&self, alg: &str) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let head = json!({"alg": alg, "typ": "at+jwt", "kid": public(&self.ours).kid()});
        format!("{}.{}.", part(&head), part(&self.claims))
    }
}

fn public(der: &[u8]) -> SigningKey {
    SigningKey::from_pkcs8(der, Timestamp::now()).expect("a key")
}

/// Every attack by the token alone.
fn attacks(forger: &Forger, session: &Value) -> Vec<(&'static str, String)> {
    let now = forger.claims["iat"].as_i64().unwrap_or_default();
    let jwk = public(&forger.ours).public().clone();
    let x = serde_json::to_value(&jwk).expect("JSON")["x"].as_str().unwrap_or_default().to_owned();
    let raw = BASE64_URL_SAFE_NO_PAD.decode(&x).expect("base64");
    let own_jwk: Jwk = public(&forger.theirs).public().clone();
    let own_kid = public(&forger.theirs).kid().to_owned();
    let good = forger.ours(&forger.head(), &forger.claims);
    let (head, rest) = good.split_once('.').expect("three parts");
    let (claims, signature) = rest.split_once('.').expect("three parts");
    let promoted = forger.claims.to_string().replace("\"officer\"", "\"administrator\"");
    let kid = |kid: &str| forger.theirs(|head| head.kid = Some(kid.to_owned()));
    vec![
        ("alg none", forger.unsigned("none")),
        ("alg None", forger.unsigned("None")),
        ("no signature", format!("{head}.{claims}.")),
        ("HS256 with the public key", forger.confused(&raw)),
        ("HS256 with the public key as text", forger.confused(x.as_bytes())),
        ("HS256 with the JWK", forger.confused(serde_json::to_string(&jwk).expect("JSON").as_bytes())),
        ("another key under our kid", forger.theirs(|_| ())),
        ("an unknown kid", kid(&own_kid)),
        ("no kid", forger.theirs(|head| head.kid = None)),
        ("kid with a path", kid("../../../../dev/null")),
        ("kid with SQL", kid("x' UNION SELECT private_key FROM signing_keys --")),
        ("jku", forger.theirs(|head| head.jku = Some("https://example.org/jwks.json".to_owned()))),
        ("x5u", forger.theirs(|head| head.x5u = Some("https://example.org/x5u.pem".to_owned()))),
        ("jwk under our kid", forger.theirs(|head| head.jwk = Some(own_jwk.clone()))),
        (
            "jwk under its own kid",
            forger.theirs(|head| (head.jwk, head.kid) = (Some(own_jwk.clone()), Some(own_kid.clone()))),
        ),
        ("expired", forger.claiming("exp", json!(now - 10))),
        ("without an end", forger.claiming("exp", json!(null))),
        ("not yet valid", forger.claiming("nbf", json!(now + 60))),
        ("another issuer", forger.claiming("iss", json!("https://example.org"))),
        ("no issuer", forger.claiming("iss", json!(null))),
        ("another audience", forger.claiming("aud", json!("another"))),
        ("no audience", forger.claiming("aud", json!(null))),
        ("no session", forger.claiming("sid", json!(null))),
        ("no such role", forger.claiming("role", json!("superuser"))),
        ("no account", forger.claiming("sub", json!("root"))),
        ("type JWT", forger.of_type(Some("JWT"))),
        ("type of an id token", forger.of_type(Some("id+jwt"))),
        ("no type", forger.of_type(None)),
        ("a refresh token", session["refreshToken"].as_str().unwrap_or_default().to_owned()),
        ("claims that were changed", format!("{head}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(promoted))),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("prolonged", format!("{good}A")),
        ("two parts", format!("{head}.{claims}")),
        ("four parts", format!("{good}.{signature}")),
        ("garbage", "nonsense".to_owned()),
        ("dots", "..".to_owned()),
        ("nothing", String::new()),
        ("long", "a".repeat(6000)),
    ]
}

#[actix_web::test]
async fn tokens_that_are_not_the_services_are_refused_everywhere() {
    let app = TestApp::new().await;
    let forger = Forger::new(&app);
    let session = sign_in(&app, Role::Officer).await;
    // What the attacks differ from is accepted.
    let good = app.bearer(&forger.ours(&forger.head(), &forger.claims));
    good.post("/projects", crate::projects::idea("Äkta")).await.expect(201);
    let before = app.database.counts();
    for (attack, token) in attacks(&forger, &session) {
        let attacker = app.bearer(&token);
        for answer in [
            attacker.get("/me").await,
            attacker.get("/projects").await,
            attacker.post("/projects", crate::projects::idea("Falsk")).await,
        ] {
            assert_eq!((answer.status, answer.header("WWW-Authenticate")), (401, INVALID), "{attack}");
        }
    }
    assert_eq!(app.database.counts(), before);
}

#[actix_web::test]
pub(crate) async fn credentials_are_one_bearer_token() {
    let app = TestApp::new().await;
    let session = sign_in(&app, Role::Officer).await;
    let token = format!("Bearer {}", session["accessToken"].as_str().unwrap_or_default());
    let nobody = app.anonymous();
    let with = |credentials: &[&str]| {
        let draft = nobody.request("GET", "/me");
        credentials.iter().fold(draft, |draft, credentials| draft.header("Authorization", credentials)).send()
    };
    with(&[&token]).await.expect(200);
    with(&[&token.replace("Bearer", "bearer")]).await.expect(200);
    for credentials in [&[token.as_str(), token.as_str()][..], &[token.as_str(), "Basic YTpi"], &["Bearer"]] {
        let refused = with(credentials).await.expect_problem(401, "invalid-token");
        assert_eq!(refused.header("WWW-Authenticate"), INVALID, "{credentials:?}");
    }
    // Where there is no token, none is invalid (RFC 6750 section 3.1).
    for credentials in [&[][..], &["Basic YTpi"], &["DPoP abc"], &[token.trim_start_matches("Bearer ")]] {
        let refused = with(credentials).await.expect_problem(401, "unauthenticated");
        assert_eq!(refused.header("WWW-Authenticate"), MISSING, "{credentials:?}");
    }
}

#[actix_web::test]
async fn a_token_is_no_better_than_its_session_and_its_account() {
    for (what, change) in [
        ("a session that has ended", None),
        ("a demoted account", Some(json!({"role": "reader"}))),
        ("an account that was made inactive", Some(json!({"active": false}))),
    ] {
        let app = TestApp::new().await;
        let session = sign_in(&app, Role::Officer).await;
        let person = app.bearer(session["accessToken"].as_str().unwrap_or_default());
        person.post("/projects", crate::projects::idea("Före")).await.expect(201);
        let account = format!("/users/{}", person.get("/me").await.body["id"].as_str().unwrap_or_default());
        match change {
            None => {
                let own = format!("/sessions/{}", session["sessionId"].as_str().unwrap_or_default());
                person.request("DELETE", &own).send().await.expect(204);
            }
            Some(change) => {
                app.administrator().change("PATCH", &account, "*", change).await.expect(200);
            }
        }
        let before = app.database.counts();
        let refused = person.post("/projects", crate::projects::idea("Efter")).await;
        let refused = refused.expect_problem(401, "invalid-token");
        assert_eq!(refused.header("WWW-Authenticate"), INVALID, "{what}");
        assert_eq!(app.database.counts(), before, "{what}");
    }
}
