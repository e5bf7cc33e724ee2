//! Machines: administrators register them, they get tokens, and do what their role and scopes say and no more.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::projects::{idea, terminal};
use crate::status::take;
use crate::support::{Response, TestApp};
use crate::token_requests::{Machine, ask, by_secret, token};

/// A funder's system, as an administrator registers it.
pub(crate) fn funders() -> Value {
    json!({
        "name": "Tillväxtverkets ärendesystem", "role": "funder", "scopes": ["projects.read", "commitments.write"],
        "binding": {"fundingSources": ["eruf-ovre-norrland-2007-2013"]},
    })
}

/// Registers a machine.
pub(crate) async fn register(app: &TestApp, client: Value) -> Response {
    app.administrator().post("/clients", client).await.expect(201)
}

/// Gives a machine a new secret, and gives its id and that.
pub(crate) async fn new_secret(app: &TestApp, client: &str) -> (String, String) {
    let made = app.administrator().request("POST", &format!("{client}/secrets")).header("If-Match", "*").send().await;
    let made = made.expect(201).body;
    let text = |member: &str| made[member].as_str().unwrap_or_default().to_owned();
    (text("clientId"), text("clientSecret"))
}

/// A machine of this form, and the access token that it gets by its secret.
async fn signed_in(app: &TestApp, client: Value) -> (Response, String) {
    let client = register(app, client).await;
    let (id, secret) = new_secret(app, client.location()).await;
    let token = token(&ask(app, &by_secret(&id, &secret)).await);
    (client, token)
}

/// A project that funders see, decided, with a line of the ERDF and one of another source.
async fn decided(app: &TestApp) -> Response {
    let officer = app.officer();
    let mut project = terminal();
    project["visibility"] = json!("funders");
    project["withheldReason"] = json!("Underhandlingar pågår.");
    let project = officer.register(project).await;
    take(&officer, project.location(), &["submitted", "inReview", "approved"]).await
}

#[actix_web::test]
pub(crate) async fn a_funders_machine_reads_and_records_what_its_source_has_paid() {
    let app = TestApp::new().await;
    let project = decided(&app).await;
    let path = format!("/projects/{}", project.body["id"].as_str().unwrap_or_default());
    let machine = Machine::new(&app, funders()).await;
    let (_, secret) = new_secret(&app, &machine.path()).await;

    let answer =
        ask(&app, &[by_secret(&machine.id, &secret), vec![("scope", "projects.read".to_owned())]].concat()).await;
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 300);
    assert_eq!(answer.body["scope"], "projects.read");
    assert_eq!(answer.header("Cache-Control"), "no-store");
    let reading = token(&answer);
    let reader = app.bearer(&reading);
    assert_eq!(app.anonymous().get("/projects").await.total(), 0);
    assert_eq!(reader.get("/projects?fundingSource=eruf-ovre-norrland-2007-2013").await.expect(200).total(), 1);
    assert!(reader.get(&path).await.expect(200).body.get("contact").is_none());
    // What everybody may needs no scope; what people do is for people.
    reader.get("/strategies").await.expect(200);
    reader.get("/me").await.expect_problem(403, "forbidden");
    reader.get("/organisations").await.expect_problem(403, "forbidden");

    let lines = project.body["fundingLines"].as_array().expect("lines");
    let steps =
        |index: usize| format!("{path}/funding-lines/{}/commitments", lines[index]["id"].as_str().unwrap_or_default());
    let paid = json!({"commitment": "paid", "amount": {"amount": "3447600.00", "currency": "SEK"}});
    let refused = reader.change("POST", &steps(0), "*", paid.clone()).await.expect_problem(403, "insufficient-scope");
    assert_eq!(
        refused.header("WWW-Authenticate"),
        "Bearer realm=\"samsyn\", error=\"insufficient_scope\", scope=\"commitments.write\", \
         resource_metadata=\"https://samsyn.test/.well-known/oauth-protected-resource/samsyn/v1\""
    );

    let writer = token(&ask(&app, &machine.by_key()).await);
    let writer = app.bearer(&writer);
    writer.change("POST", &steps(0), "*", paid.clone()).await.expect(201);
    writer.change("POST", &steps(1), "*", paid).await.expect_problem(403, "forbidden");
    writer.post("/projects", idea("Eget")).await.expect_problem(403, "forbidden");
    let actor = app.database.journal("project").pop().and_then(|row| row.actor).expect("an actor");
    assert_eq!(actor.to_string(), machine.id);
}

#[actix_web::test]
async fn an_officers_machine_gets_personal_data_when_it_is_registered_for_it() {
    let app = TestApp::new().await;
    let project = app.officer().register(terminal()).await;
    let client = |scopes: Value| json!({"name": "Ärendehantering", "role": "officer", "scopes": scopes});
    let (_, plain) = signed_in(&app, client(json!(["projects.read"]))).await;
    let (_, trusted) = signed_in(&app, client(json!(["projects.read", "personalData.read"]))).await;
    let contact = |token: String| {
        let app = &app;
        let path = project.location();
        async move { app.bearer(&token).get(path).await.expect(200).body["contact"].clone() }
    };
    assert_eq!(contact(plain).await, json!(null));
    assert_eq!(contact(trusted).await["name"], "Projektledaren");
}

#[actix_web::test]
async fn a_machine_that_has_changed_can_change_nothing_with_its_old_token() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let registrar = json!({"name": "Registrator", "role": "officer", "scopes": ["projects.read", "projects.write"]});
    for change in [
        json!({"active": false}),
        json!({"role": "reader"}),
        json!({"scopes": ["projects.read"]}),
        json!({"role": "funder", "binding": {"fundingSources": ["eruf-ovre-norrland-2007-2013"]}}),
    ] {
        let (client, token) = signed_in(&app, registrar.clone()).await;
        let machine = app.bearer(&token);
        machine.post("/projects", idea("Före")).await.expect(201);
        administrator.change("PATCH", client.location(), "*", change.clone()).await.expect(200);
        let before = app.database.counts();
        let refused = machine.post("/projects", idea("Efter")).await.expect_problem(401, "invalid-token");
        assert!(refused.header("WWW-Authenticate").contains("error=\"invalid_token\""), "{change}");
        assert_eq!(app.database.counts(), before, "{change}");
    }
    // Other changes do not disturb it.
    let (client, token) = signed_in(&app, registrar).await;
    administrator.change("PATCH", client.location(), "*", json!({"name": "Diariet"})).await.expect(200);
    app.bearer(&token).post("/projects", idea("Ändå")).await.expect(201);
}

#[actix_web::test]
async fn a_machine_that_was_made_inactive_gets_no_tokens() {
    let app = TestApp::new().await;
    let machine = Machine::new(&app, funders()).await;
    let (_, secret) = new_secret(&app, &machine.path()).await;
    let set = |active: bool| {
        let (app, path) = (&app, machine.path());
        async move { app.administrator().change("PATCH", &path, "*", json!({"active": active})).await.expect(200) }
    };
    assert_eq!(set(false).await.body["active"], false);
    for proof in [by_secret(&machine.id, &secret), machine.by_key()] {
        assert_eq!(ask(&app, &proof).await.expect(401).body["error"], "invalid_client");
    }
    assert_eq!(app.administrator().get("/clients?active=false&role=funder").await.total(), 1);
    set(true).await;
    ask(&app, &by_secret(&machine.id, &secret)).await.expect(200);
    app.administrator().request("DELETE", &machine.path()).send().await.expect_problem(405, "method-not-allowed");
}

#[actix_web::test]
async fn a_secret_is_shown_once_and_ends_the_former() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let client = register(&app, funders()).await;
    assert_eq!(client.body["hasSecret"], false);
    let path = format!("{}/secrets", client.location());
    let ask_for = |etag: String| {
        let request = administrator.request("POST", &path).header("If-Match", &etag);
        request.header("Idempotency-Key", "once").send()
    };
    administrator.request("POST", &path).send().await.expect_problem(428, "precondition-required");
    let first = ask_for(client.etag().to_owned()).await.expect(201);
    assert_eq!(first.header("Cache-Control"), "no-store");
    assert_eq!(first.location(), client.location());
    ask_for(client.etag().to_owned()).await.expect_problem(412, "precondition-failed");
    let second = ask_for(first.etag().to_owned()).await.expect(201);
    let secret = |response: &Response| response.body["clientSecret"].as_str().unwrap_or_default().to_owned();
    assert_eq!(secret(&first).len(), 43);
    assert_ne!(secret(&first), secret(&second));
    let id = client.body["id"].as_str().unwrap_or_default();
    ask(&app, &by_secret(id, &secret(&first))).await.expect(401);
    ask(&app, &by_secret(id, &secret(&second))).await.expect(200);

    administrator.request("DELETE", &path).send().await.expect_problem(428, "precondition-required");
    administrator.delete(&path, second.etag()).await.expect(204);
    ask(&app, &by_secret(id, &secret(&second))).await.expect(401);
    let now = administrator.get(client.location()).await.expect(200);
    assert_eq!((now.body["hasSecret"].as_bool(), now.body["version"].as_i64()), (Some(false), Some(4)));

    let journal = app.database.journal("client");
    let kinds: Vec<_> = journal.iter().map(|row| (row.kind.as_str(), row.version)).collect();
    assert_eq!(kinds, [("client.created", 1), ("client.updated", 2), ("client.updated", 3), ("client.updated", 4)]);
    assert_eq!(journal[2].after, Some(json!({"secret": "withheld"})));
    let everything = format!("{journal:?} {} {}", now.body, administrator.get("/clients").await.body);
    for known in [secret(&first), secret(&second)] {
        assert!(!everything.contains(&known) && !everything.contains(&samsyn::auth::secret::hash(&known)));
    }
}

#[actix_web::test]
async fn administrators_keep_the_machines() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let made = register(&app, funders()).await;
    let read = administrator.get(made.location()).await.expect(200);
    assert_eq!((read.body.clone(), read.etag()), (made.body.clone(), made.etag()));
    assert_eq!(read.body["scopes"], json!(["projects.read", "commitments.write"]));
    register(&app, json!({"name": "Arkivet", "role": "reader", "scopes": ["projects.read"]})).await;
    let all = administrator.get("/clients?fields=name").await.expect(200);
    assert_eq!(all.all("clients", "name"), ["Arkivet", "Tillväxtverkets ärendesystem"]);
    assert_eq!(administrator.get("/clients?role=reader").await.all("clients", "name"), ["Arkivet"]);
    assert_eq!(administrator.get("/clients?active=false").await.total(), 0);

    let path = made.location();
    administrator.request("PATCH", path).json(&json!({"name": "X"})).send().await.expect(428);
    let sources = json!({"binding": {"fundingSources": ["norsjo-kommun"]}, "scopes": ["projects.read"]});
    let changed = administrator.change("PATCH", path, made.etag(), sources).await.expect(200);
    assert_eq!(changed.body["binding"], json!({"fundingSources": ["norsjo-kommun"]}));
    assert_eq!(changed.body["name"], made.body["name"]);
    administrator.change("PATCH", path, made.etag(), json!({"active": false})).await.expect(412);
    administrator.get("/clients/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10").await.expect_problem(404, "not-found");
    for role in Role::ALL.iter().filter(|role| **role != Role::Administrator) {
        app.as_role(*role).get("/clients").await.expect_problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn what_no_machine_may_be_is_refused_by_name() {
    let app = TestApp::new().await;
    let machine = Machine::new(&app, funders()).await;
    let key = machine.public.clone();
    let with = |member: &str, value: Value| {
        let mut key = key.clone();
        key[member] = value;
        json!([key])
    };
    let rsa = |n: Vec<u8>, e: &str| {
        use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
        json!([{"kid": "r", "kty": "RSA", "n": BASE64_URL_SAFE_NO_PAD.encode(n), "e": e}])
    };
    let point = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let before = app.database.counts();
    for (member, value, place, code) in [
        ("name", json!(" "), "/name", "blank"),
        ("role", json!("administrator"), "/role", "for-people"),
        ("role", json!("reader"), "/binding/fundingSources", "not-for-role"),
        ("role", json!("machine"), "/role", "code"),
        ("scopes", json!([]), "/scopes", "too-few"),
        ("scopes", json!(["projects.read", "projects.read"]), "/scopes", "repeated"),
        ("scopes", json!(["users.write"]), "/scopes/0", "code"),
        ("binding", json!({"fundingSources": ["nobody"]}), "/binding/fundingSources", "unknown-source"),
        ("secret", json!("chosen"), "/secret", "unknown"),
        ("publicKeys", with("d", json!("c2VjcmV0")), "/publicKeys/0", "private-key"),
        ("publicKeys", json!([{"kid": "s", "kty": "oct", "k": "c2VjcmV0"}]), "/publicKeys/0", "private-key"),
        ("publicKeys", with("kty", json!("oct")), "/publicKeys/0", "unsupported-key"),
        ("publicKeys", with("crv", json!("Ed448")), "/publicKeys/0", "unsupported-key"),
        ("publicKeys", with("crv", json!("X25519")), "/publicKeys/0", "unsupported-key"),
        ("publicKeys", with("alg", json!("HS256")), "/publicKeys/0", "unsupported-key"),
        ("publicKeys", with("alg", json!("ES256")), "/publicKeys/0", "unsupported-key"),
        ("publicKeys", with("x", json!("AAAA")), "/publicKeys/0", "unreadable-key"),
        ("publicKeys", with("x", json!("no base64")), "/publicKeys/0", "unreadable-key"),
        (
            "publicKeys",
            json!([{"kid": "e", "kty": "EC", "crv": "P-256", "x": point, "y": point}]),
            "/publicKeys/0",
            "unreadable-key",
        ),
        ("publicKeys", rsa(vec![0xff; 128], "AQAB"), "/publicKeys/0", "unreadable-key"),
        ("publicKeys", rsa(vec![0x7f; 256], "AQAB"), "/publicKeys/0", "unreadable-key"),
        ("publicKeys", rsa(vec![0xff; 513], "AQAB"), "/publicKeys/0", "unreadable-key"),
        ("publicKeys", rsa(vec![0xff; 256], "Aw"), "/publicKeys/0", "unreadable-key"),
        ("publicKeys", with("kid", json!(null)), "/publicKeys/0/kid", "type"),
        ("publicKeys", with("kid", json!("")), "/publicKeys/0/kid", "too-short"),
        ("publicKeys", json!([key, key]), "/publicKeys/1/kid", "repeated"),
        ("publicKeys", json!(vec![key.clone(); 6]), "/publicKeys", "too-many"),
    ] {
        let mut client = funders();
        client[member] = value.clone();
        let refused = app.administrator().post("/clients", client).await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
        if member != "name" {
            let refused = app.administrator().change("PATCH", &machine.path(), "*", json!({member: value})).await;
            refused.expect_problem(422, "validation-error").expect_fault(place, code);
        }
    }
    assert_eq!(app.database.counts(), before);
    // What else a public key says of itself is not kept.
    let changed = json!({"publicKeys": with("use", json!("sig"))});
    let changed = app.administrator().change("PATCH", &machine.path(), "*", changed).await.expect(200);
    assert!(changed.body["publicKeys"][0].get("use").is_none());
}
