//! The token endpoint: both ways to prove who one is, and everything that is no proof.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use samsyn::auth::key::SigningKey;
use samsyn::auth::secret;
use samsyn::clock::Timestamp;
use samsyn::id::Id;
use serde_json::{Value, json};

use crate::clients::{funders, new_secret, register};
use crate::guessing::remember;
use crate::support::{PUBLIC_URL, Response, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

type Parameters = Vec<(&'static str, String)>;

/// A machine with a key of its own.
pub(crate) struct Machine {
    /// Its `client_id`.
    pub id: String,
    /// Its public key, as it is registered.
    pub public: Value,
    private: EncodingKey,
    algorithm: Algorithm,
}

impl Machine {
    /// Registers a machine with a new Ed25519 key.
    pub(crate) async fn new(app: &TestApp, client: Value) -> Self {
        let der = SigningKey::generate().expect("random");
        Self::with(app, client, EncodingKey::from_ed_der(&der), Algorithm::EdDSA).await
    }

    async fn with(app: &TestApp, mut client: Value, private: EncodingKey, algorithm: Algorithm) -> Self {
        let mut jwk = Jwk::from_encoding_key(&private, algorithm).expect("a JWK");
        jwk.common.key_id = Some("2026".to_owned());
        let public = json!(jwk);
        client["publicKeys"] = json!([public]);
        let id = register(app, client).await.body["id"].as_str().unwrap_or_default().to_owned();
        Self { id, public, private, algorithm }
    }

    /// Where it is administered.
    pub(crate) fn path(&self) -> String {
        format!("/clients/{}", self.id)
    }

    fn head(&self) -> Header {
        Header { kid: Some("2026".to_owned()), ..Header::new(self.algorithm) }
    }

    fn claims(&self) -> Value {
        let now = Timestamp::now().as_utc().timestamp();
        json!({"iss": self.id, "sub": self.id, "aud": PUBLIC_URL, "iat": now, "exp": now + 60, "jti": Id::new()})
    }

    fn signed(&self, head: &Header, claims: &Value) -> String {
        encode(head, claims, &self.private).expect("an assertion")
    }

    /// What it asks for a token with.
    pub(crate) fn by_key(&self) -> Parameters {
        by_assertion(self.signed(&self.head(), &self.claims()))
    }

    /// An assertion with one claim that is another, or none.
    fn claiming(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(claim);
        } else {
            claims[claim] = value;
        }
        self.signed(&self.head(), &claims)
    }

    fn confused(&self, secret: &[u8]) -> String {
        let head = Header { alg: Algorithm::HS256, ..self.head() };
        encode(&head, &self.claims(), &EncodingKey::from_secret(secret)).expect("an assertion")
    }
}

fn by_assertion(assertion: String) -> Parameters {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_assertion_type", ASSERTION_TYPE.to_owned()),
        ("client_assertion", assertion),
    ]
}

/// What a machine with a secret asks for a token with.
pub(crate) fn by_secret(id: &str, secret: &str) -> Parameters {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", id.to_owned()),
        ("client_secret", secret.to_owned()),
    ]
}

/// The token that was given.
pub(crate) fn token(answer: &Response) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap_or_default().to_owned()
}

/// Asks for a token with these parameters.
pub(crate) async fn ask(app: &TestApp, parameters: &[(&'static str, String)]) -> Response {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
    send(app, FORM, &pairs.join("&"), &[]).await
}

async fn send(app: &TestApp, content_type: &str, body: &str, headers: &[(&str, &str)]) -> Response {
    let request = app.anonymous().request_to("POST", "/oauth/token");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
    request.bytes(content_type, body.as_bytes().to_vec()).send().await
}

#[track_caller]
fn expect_error(answer: &Response, status: u16, error: &str, what: &str) {
    assert_eq!((answer.status, answer.body["error"].as_str()), (status, Some(error)), "{what}: {}", answer.body);
}

#[actix_web::test]
async fn every_kind_of_key_signs_assertions() {
    let app = TestApp::new().await;
    let ed = EncodingKey::from_ed_der(&SigningKey::generate().expect("random"));
    let ec = EncodingKey::from_ec_pem(include_bytes!("keys/p256.pem")).expect("a key");
    let rsa = || EncodingKey::from_rsa_pem(include_bytes!("keys/rsa.pem")).expect("a key");
    for (private, algorithm) in
        [(ed, Algorithm::EdDSA), (ec, Algorithm::ES256), (rsa(), Algorithm::RS256), (rsa(), Algorithm::PS256)]
    {
        let machine = Machine::with(&app, funders(), private, algorithm).await;
        let answer = ask(&app, &machine.by_key()).await;
        app.bearer(&token(&answer)).get("/projects").await.expect(200);
        assert_eq!(answer.body["scope"], "projects.read commitments.write");
    }
    // An RSA key that does not say which algorithm it is for signs with either of its type, and with no other.
    let mut machine = Machine::with(&app, funders(), rsa(), Algorithm::RS256).await;
    let mut public = machine.public.clone();
    machine.algorithm = Algorithm::PS256;
    ask(&app, &machine.by_key()).await.expect(401);
    public.as_object_mut().expect("a key").remove("alg");
    app.administrator().change("PATCH", &machine.path(), "*", json!({"publicKeys": [public]})).await.expect(200);
    ask(&app, &machine.by_key()).await.expect(200);
    machine.algorithm = Algorithm::RS512;
    ask(&app, &machine.by_key()).await.expect(401);
}

/// Every assertion that is no proof.
fn attacks(machine: &Machine, other: &Machine, secret: &str) -> Vec<(&'static str, String)> {
    let now = Timestamp::now().as_utc().timestamp();
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "kid": "2026"})), part(&machine.claims()));
    let good = machine.signed(&machine.head(), &machine.claims());
    let (signed, _) = good.rsplit_once('.').expect("three parts");
    let x = machine.public["x"].as_str().unwrap_or_default();
    let raw = BASE64_URL_SAFE_NO_PAD.decode(x).expect("base64");
    let head = |change: fn(&mut Header)| {
        let mut head = machine.head();
        change(&mut head);
        machine.signed(&head, &machine.claims())
    };
    let with_own_key = Header { jwk: serde_json::from_value(other.public.clone()).expect("a JWK"), ..machine.head() };
    vec![
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("no signature", format!("{signed}.")),
        ("HS256 with the secret", machine.confused(secret.as_bytes())),
        ("HS256 with the secret's hash", machine.confused(secret::hash(secret).as_bytes())),
        ("HS256 with the public key", machine.confused(&raw)),
        ("HS256 with the public key as text", machine.confused(x.as_bytes())),
        ("HS256 with the JWK", machine.confused(machine.public.to_string().as_bytes())),
        ("another machine's key", other.signed(&other.head(), &machine.claims())),
        ("a key that comes along", other.signed(&with_own_key, &machine.claims())),
        ("an unknown kid", head(|head| head.kid = Some("2027".to_owned()))),
        ("no kid", head(|head| head.kid = None)),
        ("an extension that must be understood", head(|head| head.crit = Some(vec!["b64".to_owned()]))),
        ("for another service", machine.claiming("aud", json!("https://example.org"))),
        ("for the API", machine.claiming("aud", json!(format!("{PUBLIC_URL}/samsyn/v1")))),
        ("for several", machine.claiming("aud", json!([PUBLIC_URL, "https://example.org"]))),
        ("for nobody", machine.claiming("aud", json!(null))),
        ("expired", machine.claiming("exp", json!(now - 40))),
        ("good for too long", machine.claiming("exp", json!(now + 400))),
        ("good for ever", machine.claiming("exp", json!(i64::MAX))),
        ("without an end", machine.claiming("exp", json!(null))),
        ("from the future", machine.claiming("iat", json!(now + 60))),
        ("not yet valid", machine.claiming("nbf", json!(now + 60))),
        ("no jti", machine.claiming("jti", json!(null))),
        ("an empty jti", machine.claiming("jti", json!(""))),
        ("another's word", machine.claiming("iss", json!(other.id))),
        ("nobody's word", machine.claiming("iss", json!(null))),
        ("about another", machine.claiming("sub", json!(other.id))),
        ("about nobody", machine.claiming("sub", json!(null))),
        ("about an unknown machine", machine.claiming("sub", json!(Id::new()))),
        ("claims that were changed", {
            let (head, _) = signed.split_once('.').expect("a head");
            let (_, signature) = good.rsplit_once('.').expect("a signature");
            format!("{head}.{}.{signature}", part(&machine.claims()))
        }),
        ("garbage", "nonsense".to_owned()),
        ("dots", "..".to_owned()),
    ]
}

#[actix_web::test]
async fn assertions_that_prove_nothing_are_refused_alike() {
    let app = TestApp::new().await;
    let (machine, other) = (Machine::new(&app, funders()).await, Machine::new(&app, funders()).await);
    let (_, secret) = new_secret(&app, &machine.path()).await;
    // What the attacks differ from is accepted, at either name of ours and with clocks that differ a little.
    let now = Timestamp::now().as_utc().timestamp();
    for (claim, value) in [
        ("aud", json!(PUBLIC_URL)),
        ("aud", json!(format!("{PUBLIC_URL}/oauth/token"))),
        ("exp", json!(now + 300)),
        ("nbf", json!(now)),
        ("iat", json!(null)),
        ("iat", json!(now + 5)),
    ] {
        ask(&app, &by_assertion(machine.claiming(claim, value))).await.expect(200);
    }
    let mut answers = Vec::new();
    for (attack, assertion) in attacks(&machine, &other, &secret) {
        let refused = ask(&app, &by_assertion(assertion)).await;
        assert_eq!(refused.header("WWW-Authenticate"), "");
        answers.push(refused.body.clone());
        expect_error(&refused, 401, "invalid_client", attack);
        remember(&app, 1, 0);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[actix_web::test]
async fn an_assertion_is_good_once_on_every_instance() {
    let app = TestApp::new().await;
    let there = app.beside().await;
    let (machine, other) = (Machine::new(&app, funders()).await, Machine::new(&app, funders()).await);
    let claims = machine.claims();
    let once = by_assertion(machine.signed(&machine.head(), &claims));
    ask(&app, &once).await.expect(200);
    for instance in [&app, &there] {
        expect_error(&ask(instance, &once).await, 401, "invalid_client", "again");
    }
    // The name is used up, not the text; and another machine has names of its own.
    let mut longer = claims.clone();
    longer["exp"] = json!(claims["exp"].as_i64().unwrap_or_default() + 1);
    ask(&app, &by_assertion(machine.signed(&machine.head(), &longer))).await.expect(401);
    ask(&app, &by_assertion(other.claiming("jti", claims["jti"].clone()))).await.expect(200);
    ask(&app, &machine.by_key()).await.expect(200);
}

#[actix_web::test]
async fn a_request_of_another_form_is_told_which_form() {
    let app = TestApp::new().await;
    let machine = Machine::new(&app, funders()).await;
    let (id, secret) = new_secret(&app, &machine.path()).await;
    let right = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let assertion = machine.signed(&machine.head(), &machine.claims());
    let asserted = format!("client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}");
    send(&app, FORM, &format!("{right}&unknown=1&resource=&scope="), &[]).await.expect(200);
    send(&app, &format!("{FORM}; charset=UTF-8"), &right, &[]).await.expect(200);

    let json = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret}).to_string();
    for (what, content_type, body, status, error) in [
        ("JSON", "application/json", json, 400, "invalid_request"),
        ("no content", FORM, String::new(), 400, "invalid_request"),
        ("a form that calls itself text", "text/plain", right.clone(), 400, "invalid_request"),
        ("no grant", FORM, right.replace("grant_type", "grant"), 400, "invalid_request"),
        ("a password", FORM, right.replace("client_credentials", "password"), 400, "unsupported_grant_type"),
        ("a refresh token", FORM, right.replace("client_credentials", "refresh_token"), 400, "unsupported_grant_type"),
        ("twice the grant", FORM, format!("{right}&grant_type=client_credentials"), 400, "invalid_request"),
        ("twice the secret", FORM, format!("{right}&client_secret=x"), 400, "invalid_request"),
        ("twice the unknown", FORM, format!("{right}&a=1&a=2"), 400, "invalid_request"),
        ("both proofs", FORM, format!("{right}&{asserted}"), 400, "invalid_request"),
        ("half the other proof", FORM, format!("{right}&client_assertion=x"), 400, "invalid_request"),
        ("a secret without a client", FORM, right.replace("client_id", "id"), 400, "invalid_request"),
        ("no proof", FORM, right.replace("client_secret", "secret"), 401, "invalid_client"),
        ("an empty secret", FORM, right.replace(&secret, ""), 401, "invalid_client"),
        (
            "another kind of assertion",
            FORM,
            format!("grant_type=client_credentials&{}", asserted.replace("jwt-bearer", "saml2-bearer")),
            400,
            "invalid_request",
        ),
        (
            "another's id with the assertion",
            FORM,
            format!("grant_type=client_credentials&client_id={}&{asserted}", Id::new()),
            401,
            "invalid_client",
        ),
        ("more than registered", FORM, format!("{right}&scope=projects.read+projects.write"), 400, "invalid_scope"),
        ("an unknown scope", FORM, format!("{right}&scope=openid"), 400, "invalid_scope"),
        ("a scope of blanks", FORM, format!("{right}&scope=+"), 400, "invalid_scope"),
    ] {
        expect_error(&send(&app, content_type, &body, &[]).await, status, error, what);
    }
    let bytes = app.anonymous().request_to("POST", "/oauth/token").bytes(FORM, b"grant_type=\xff\xfe".to_vec());
    expect_error(&bytes.send().await, 400, "invalid_request", "no UTF-8");

    let basic = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("{id}:{secret}")));
    for body in ["grant_type=client_credentials", right.as_str()] {
        let refused = send(&app, FORM, body, &[("Authorization", &basic)]).await;
        assert!(refused.body["error_description"].as_str().is_some_and(|text| text.contains("client_secret_post")));
        expect_error(&refused, 401, "invalid_client", "Basic");
    }
    for method in ["GET", "PUT", "DELETE"] {
        let query = format!("/oauth/token?{right}");
        let refused = app.anonymous().request_to(method, &query).send().await;
        let refused = refused.expect_problem(405, "method-not-allowed");
        assert_eq!(refused.header("Allow"), "POST", "{method}");
    }
    send(&app, FORM, &"a".repeat(2 * 1024 * 1024), &[]).await.expect_problem(413, "content-too-large");
}

#[actix_web::test]
async fn an_unknown_client_and_a_wrong_secret_get_the_same_answer() {
    let app = TestApp::new().await;
    let machine = Machine::new(&app, funders()).await;
    let (id, secret) = new_secret(&app, &machine.path()).await;
    let without = register(&app, funders()).await.body["id"].as_str().unwrap_or_default().to_owned();
    let unknown = Id::new().to_string();
    let mut answers = Vec::new();
    for (id, secret) in [
        (id.as_str(), "wrong"),
        (unknown.as_str(), secret.as_str()),
        ("tillvaxtverket", secret.as_str()),
        (without.as_str(), secret.as_str()),
        (id.as_str(), samsyn::auth::secret::hash(&secret).as_str()),
    ] {
        let refused = ask(&app, &by_secret(id, secret)).await;
        answers.push(refused.body.clone());
        expect_error(&refused, 401, "invalid_client", id);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[actix_web::test]
async fn failures_are_slowed_down_by_address_and_successes_never() {
    let app = TestApp::new().await;
    let there = app.beside().await;
    let machine = Machine::new(&app, funders()).await;
    let (id, secret) = new_secret(&app, &machine.path()).await;
    for _ in 0..8 {
        ask(&app, &by_secret(&id, &secret)).await.expect(200);
    }
    for _ in 0..5 {
        expect_error(&ask(&app, &by_secret(&id, "wrong")).await, 401, "invalid_client", "wrong");
    }
    assert_eq!(remember(&app, 10, 0), [5]);
    let failed = app.administrator().get(&format!("/audit-events?kind=token-request.failed&subject={id}")).await;
    assert_eq!(failed.expect(200).total(), 5);
    let before = app.database.counts();
    for instance in [&app, &there] {
        for proof in [by_secret(&id, &secret), machine.by_key()] {
            let refused = ask(instance, &proof).await;
            let wait: i64 = refused.header("Retry-After").parse().expect("seconds");
            assert!((1..=32).contains(&wait), "{wait}");
            expect_error(&refused, 429, "slow_down", "braked");
        }
    }
    assert_eq!(app.database.counts(), before);
    // Nobody else is stopped, and the machine itself only from there.
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    send(&app, FORM, &form, &[("X-Forwarded-For", "198.51.100.7")]).await.expect(200);
    ask(&app, &Machine::new(&app, funders()).await.by_key()).await.expect(200);
    assert_eq!(remember(&app, 10, 33), [10], "what was refused is not counted");
    ask(&app, &by_secret(&id, &secret)).await.expect(200);
    assert!(remember(&app, 10, 0).is_empty(), "who got in begins anew");
}

#[actix_web::test]
async fn programs_find_the_token_endpoint_and_what_tokens_are_for() {
    let app = TestApp::new().await;
    let get = |path: &'static str| app.anonymous().request_to("GET", path).send();
    let server = get("/.well-known/oauth-authorization-server").await.expect(200);
    assert_eq!(server.header("Cache-Control"), "public, max-age=300");
    assert_eq!(server.body["issuer"], PUBLIC_URL);
    assert_eq!(server.body["token_endpoint"], format!("{PUBLIC_URL}/oauth/token"));
    assert_eq!(server.body["response_types_supported"], json!([]));
    assert_eq!(server.body["token_endpoint_auth_methods_supported"], json!(["private_key_jwt", "client_secret_post"]));
    let keys = server.body["jwks_uri"].as_str().and_then(|address| address.strip_prefix(PUBLIC_URL)).expect("ours");
    app.anonymous().request_to("GET", keys).send().await.expect(200);

    let challenge = app.anonymous().get("/users").await.expect(401);
    let (_, address) = challenge.header("WWW-Authenticate").split_once("resource_metadata=\"").expect("an address");
    let path = address.trim_end_matches('"').strip_prefix(PUBLIC_URL).expect("ours").to_owned();
    let resource = app.anonymous().request_to("GET", &path).send().await.expect(200);
    assert_eq!(resource.header("Cache-Control"), "public, max-age=300");
    assert_eq!(resource.body["resource"], format!("{PUBLIC_URL}/samsyn/v1"));
    assert_eq!(resource.body["authorization_servers"], json!([server.body["issuer"]]));
    assert_eq!(resource.body["scopes_supported"], server.body["scopes_supported"]);
    assert_eq!(get("/.well-known/oauth-protected-resource").await.expect(200).body, resource.body);
}
