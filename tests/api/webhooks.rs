//! Webhooks: who may subscribe to what, with which secret, and where events may be sent.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use chrono::TimeDelta;
use diesel::prelude::*;
use samsyn::auth::{Binding, Role};
use samsyn::clock::Timestamp;
use samsyn::db::Conn;
use samsyn::db::schema::{users, webhook_attempts, webhooks};
use samsyn::problem::Problem;
use samsyn::webhook::Sender;
use samsyn::webhook::delivery::{courier, store};
use samsyn::webhook::model::EventKind;
use serde_json::{Value, json};

use crate::clients;
use crate::projects::idea;
use crate::support::receiver::Receiver;
use crate::support::{Client, Response, TestApp};
use crate::token_requests::{ask, by_secret, token};

/// An application that may send to this machine, and a receiver there.
pub(crate) async fn start() -> (TestApp, Receiver) {
    let app = TestApp::with(|config| config.webhook_hosts = vec!["127.0.0.1".to_owned()]).await;
    (app, Receiver::start())
}

/// Subscribes, and gives the subscription's path and secret.
pub(crate) async fn subscribe(client: &Client<'_>, receiver: &Receiver, terms: Value) -> (String, String) {
    let mut given = json!({"address": receiver.address()});
    given.as_object_mut().expect("terms").extend(terms.as_object().cloned().unwrap_or_default());
    let made = client.post("/webhooks", given).await.expect(201);
    assert_eq!(made.header("Cache-Control"), "no-store");
    (made.location().to_owned(), made.body["secret"].as_str().unwrap_or_default().to_owned())
}

/// Brings what is due, as an instance does.
pub(crate) fn deliver(app: &TestApp) {
    let sender = Sender::new(&app.config);
    courier::deliver_due(app.database.pool(), &sender, &AtomicBool::new(false)).expect("delivered");
}

/// Changes the database under the surface.
pub(crate) fn write<T: Send + 'static>(app: &TestApp, mut work: impl FnMut(&mut Conn) -> QueryResult<T>) -> T {
    app.database.pool().write_now(|conn| work(conn).map_err(Problem::from)).expect("written")
}

/// Lets the time pass that failed events wait for.
pub(crate) fn wait(app: &TestApp) {
    write(app, |conn| diesel::update(webhooks::table).set(webhooks::due_at.eq(webhooks::created_at)).execute(conn));
}

/// A project that everybody sees.
pub(crate) fn public(title: &str) -> Value {
    let mut project = idea(title);
    project["visibility"] = json!("public");
    project
}

/// What became of a subscription's attempts, the latest first.
pub(crate) async fn outcomes(client: &Client<'_>, path: &str) -> Vec<String> {
    let attempts = client.get(&format!("{path}/attempts?limit=100")).await.expect(200);
    attempts.all("attempts", "outcome")
}

#[actix_web::test]
async fn a_secret_is_shown_once_and_replaced_with_an_overlap() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, first) = subscribe(&officer, &receiver, json!({"description": "Diariet"})).await;
    assert!(first.starts_with("whsec_") && first.len() == 50);
    let secrets = format!("{path}/secrets");
    officer.request("POST", &secrets).send().await.expect_problem(428, "precondition-required");
    let made = officer.request("POST", &secrets).header("If-Match", "*").send().await.expect(201);
    assert_eq!((made.location(), made.header("Cache-Control")), (path.as_str(), "no-store"));
    let second = made.body["secret"].as_str().unwrap_or_default().to_owned();
    assert_ne!(first, second);
    officer.register(idea("Ett")).await;
    deliver(&app);
    let event = receiver.take().remove(0);
    assert!(event.is_signed_with(&first) && event.is_signed_with(&second));
    write(&app, |conn| {
        diesel::update(webhooks::table).set(webhooks::former_until.eq(Some(Timestamp::now()))).execute(conn)
    });
    officer.register(idea("Två")).await;
    deliver(&app);
    let event = receiver.take().remove(0);
    assert!(!event.is_signed_with(&first) && event.is_signed_with(&second));

    let shown = format!("{} {}", officer.get(&path).await.body, officer.get("/webhooks").await.body);
    let trail = app.administrator().get("/audit-events?limit=100").await.expect(200);
    let events: Vec<_> =
        trail.all("auditEvents", "kind").into_iter().filter(|kind| kind.starts_with("webhook")).collect();
    assert_eq!(events, ["webhook.updated", "webhook.created"]);
    assert_eq!(trail.body["auditEvents"][0]["after"], json!({"secret": "withheld"}));
    let journal = format!("{:?}", app.database.journal("webhook"));
    for secret in [first, second] {
        assert!(!shown.contains(&secret) && !journal.contains(&secret) && !trail.text().contains(&secret));
        assert_eq!(app.database.tables_with(&secret), ["webhooks"]);
    }
    officer.delete(&path, "*").await.expect(204);
    officer.get(&path).await.expect_problem(404, "not-found");
    let left: i64 = write(&app, |conn| webhook_attempts::table.count().get_result(conn));
    assert_eq!(
        (left, app.database.journal("webhook").pop().map(|row| row.kind)),
        (0, Some("webhook.deleted".to_owned()))
    );
}

#[actix_web::test]
pub(crate) async fn everybody_sees_to_their_own_and_administrators_to_all() {
    let (app, receiver) = start().await;
    let funder = app.as_role(Role::Funder);
    let (path, _) = subscribe(&funder, &receiver, json!({})).await;
    let others =
        [app.officer(), app.reader(), app.as_role(Role::Contributor), app.bound(Role::Funder, &Binding::default())];
    for other in &others {
        assert_eq!(other.get("/webhooks").await.expect(200).total(), 0);
        for (method, rest, body) in [
            ("GET", "", Value::Null),
            ("PATCH", "", json!({"active": false})),
            ("DELETE", "", Value::Null),
            ("GET", "/attempts", Value::Null),
            ("POST", "/secrets", Value::Null),
            ("POST", "/pings", Value::Null),
            ("POST", "/resends", json!({"from": "0000000000000001"})),
        ] {
            let request = other.request(method, &format!("{path}{rest}")).header("If-Match", "*");
            let answer = if body.is_null() { request.send().await } else { request.json(&body).send().await };
            answer.expect_problem(404, "not-found");
        }
        let given = json!({"address": receiver.address(), "ownerId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"});
        let refused = other.post("/webhooks", given).await.expect_problem(422, "validation-error");
        refused.expect_fault("/ownerId", "for-administrators");
    }
    app.anonymous().get("/webhooks").await.expect_problem(401, "unauthenticated");
    let administrator = app.administrator();
    assert_eq!(administrator.get("/webhooks?fields=address").await.all("webhooks", "address"), [receiver.address()]);
    administrator.change("PATCH", &path, "*", json!({"active": false})).await.expect(200);
    assert_eq!(funder.get(&path).await.body["active"], false);
    let unknown = json!({"address": receiver.address(), "ownerId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"});
    administrator.post("/webhooks", unknown).await.expect(422).expect_fault("/ownerId", "unknown-owner");
    for _ in 1..20 {
        subscribe(&funder, &receiver, json!({})).await;
    }
    funder.post("/webhooks", json!({"address": receiver.address()})).await.expect_problem(409, "conflict");
    assert_eq!(administrator.get("/webhooks").await.total(), 20);
}

#[actix_web::test]
async fn a_machine_subscribes_by_its_scopes() {
    let (app, receiver) = start().await;
    let machine = |scopes: Value| {
        let app = &app;
        async move {
            let mut client = clients::funders();
            client["scopes"] = scopes;
            let client = clients::register(app, client).await;
            let (id, secret) = clients::new_secret(app, client.location()).await;
            token(&ask(app, &by_secret(&id, &secret)).await)
        }
    };
    let deaf = machine(json!(["webhooks.write"])).await;
    let given = json!({"address": receiver.address()});
    app.bearer(&deaf).post("/webhooks", given.clone()).await.expect_problem(403, "insufficient-scope");
    let mute = machine(json!(["projects.read"])).await;
    app.bearer(&mute).post("/webhooks", given).await.expect_problem(403, "insufficient-scope");
    let both = machine(json!(["projects.read", "webhooks.write"])).await;
    let (path, secret) = subscribe(&app.bearer(&both), &receiver, json!({})).await;
    app.officer().register(public("Öppet")).await;
    app.officer().register(idea("Internt")).await;
    deliver(&app);
    let events = receiver.take();
    assert!(events.len() == 1 && events[0].is_signed_with(&secret));
    app.bearer(&both).get(&path).await.expect(200);
}

#[actix_web::test]
async fn an_owner_that_is_made_inactive_or_another_is_told_no_more_than_that() {
    let (app, receiver) = start().await;
    let binding = Binding::default();
    let principal = app.database.sign_in(Role::Reader, &binding);
    let (administrator, id) = (app.administrator(), principal.id().expect("an id"));
    let (path, _) = subscribe(&administrator, &receiver, json!({"ownerId": id})).await;
    let set = |role: Role, active: bool| {
        write(&app, move |conn| {
            let account = diesel::update(users::table.find(id));
            account.set((users::role.eq(role), users::active.eq(active))).execute(conn)
        });
    };
    app.officer().register(idea("Internt")).await;
    set(Role::Funder, true);
    deliver(&app);
    assert!(receiver.take().is_empty(), "what was internal when it happened and is so today");
    app.officer().register(public("Öppet")).await;
    set(Role::Funder, false);
    deliver(&app);
    assert!(receiver.take().is_empty());
    assert_eq!(administrator.get(&path).await.body["stoppedReason"], "owner");
}

/// What is wrong with the address, by this client's word.
async fn address_fault(client: &Client<'_>, path: &str, address: &str) -> String {
    let terms = json!({"address": address});
    let answer = if path.is_empty() {
        client.post("/webhooks", terms).await
    } else {
        client.change("PATCH", path, "*", terms).await
    };
    let answer = answer.expect_problem(422, "validation-error");
    assert_eq!(answer.body["invalidParameters"][0]["property"], "/address", "{address}");
    answer.body["invalidParameters"][0]["code"].as_str().unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn internal_addresses_are_refused_however_they_are_spelt() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    let before = app.database.counts();
    for (address, code) in [
        ("https://localhost/", "internal-address"),
        ("https://LOCALHOST:8080/", "internal-address"),
        ("https://127.2:8443/", "internal-address"),
        ("https://2130706434/", "internal-address"),
        ("https://0x7f.2/", "internal-address"),
        ("https://0177.0.0.2/", "internal-address"),
        ("https://127.0.0.2%2F@example.se/", "has-credentials"),
        ("https://①②⑦.0.0.2/", "internal-address"),
        ("https://[::1]/", "internal-address"),
        ("https://[::ffff:127.0.0.1]/", "internal-address"),
        ("https://[64:ff9b::a9fe:a9fe]/", "internal-address"),
        ("https://169.254.169.254/latest/meta-data/", "internal-address"),
        ("https://10.0.0.8/", "internal-address"),
        ("https://192.168.0.1:8443/", "internal-address"),
        ("https://0.0.0.0/", "internal-address"),
        ("http://localhost/", "not-https"),
        ("http://example.se/", "not-https"),
        ("HTTP://127.0.0.2/", "not-https"),
        ("https://user:word@127.0.0.1/", "has-credentials"),
        ("https://127.0.0.1:25/", "wrong-port"),
        ("https://127.0.0.1/#x", "has-fragment"),
        ("javascript:alert(1)", "unreadable-address"),
        ("//127.0.0.1/", "unreadable-address"),
        ("https://no-such-host.invalid/", "unknown-host"),
    ] {
        for path in ["", path.as_str()] {
            assert_eq!(address_fault(&officer, path, address).await, code, "{address}");
        }
    }
    assert_eq!(app.database.counts(), before);

    // What was allowed is not any more, and names may come to mean something else: asked again at every delivery.
    officer.register(idea("Ett")).await;
    let mut strict = app.config.clone();
    strict.webhook_hosts.clear();
    let strict = Sender::new(&strict);
    courier::deliver_due(app.database.pool(), &strict, &AtomicBool::new(false)).expect("tried");
    write(&app, |conn| {
        diesel::update(webhooks::table).set(webhooks::address.eq("https://localhost:9999/")).execute(conn)
    });
    wait(&app);
    deliver(&app);
    assert_eq!(outcomes(&officer, &path).await, ["internalAddress", "internalAddress"]);
    write(&app, |conn| {
        diesel::update(webhooks::table).set(webhooks::address.eq("https://no-such-host.invalid/")).execute(conn)
    });
    wait(&app);
    deliver(&app);
    assert_eq!(outcomes(&officer, &path).await[0], "unknownHost");
    assert!(receiver.take().is_empty() && receiver.connections() == 0);
}

#[actix_web::test]
async fn what_no_subscription_may_be_is_refused_by_name() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    let before = app.database.counts();
    let many: Vec<_> = (0..51).map(|number| format!("{number}.1")).collect();
    for (member, value, place, code) in [
        ("address", json!(null), "/address", "type"),
        ("address", json!(""), "/address", "too-short"),
        ("address", json!("x".repeat(2001)), "/address", "too-long"),
        ("description", json!(" "), "/description", "blank"),
        ("kinds", json!(["project.exploded"]), "/kinds/0", "code"),
        ("kinds", json!(["project.created", "project.created"]), "/kinds", "repeated"),
        ("kinds", json!("project.created"), "/kinds", "type"),
        ("active", json!("yes"), "/active", "type"),
        ("secret", json!("whsec_chosen"), "/secret", "unknown"),
        ("filter", json!({"status": ["draft"]}), "/filter/status", "unknown"),
        ("filter", json!({"subGoals": ["4.3"]}), "/filter/strategyId", "required"),
        ("filter", json!({"strategyId": "nowhere"}), "/filter/strategyId", "unknown-code"),
        ("filter", json!({"strategyId": "norsjo-2014-2020", "subGoals": ["99.9"]}), "/filter/subGoals", "unknown-code"),
        ("filter", json!({"strategyId": "norsjo-2014-2020", "subGoals": many}), "/filter/subGoals", "too-many"),
        ("filter", json!({"fundingSources": ["nobody"]}), "/filter/fundingSources", "unknown-code"),
        ("filter", json!({"municipalities": ["9999"]}), "/filter/municipalities", "unknown-code"),
    ] {
        let mut terms = json!({"address": receiver.address()});
        terms[member] = value.clone();
        let refused = officer.post("/webhooks", terms).await.expect_problem(422, "validation-error");
        refused.expect_fault(place, code);
        let refused = officer.change("PATCH", &path, "*", json!({member: value})).await;
        refused.expect_problem(422, "validation-error").expect_fault(place, code);
    }
    let other = json!({"ownerId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"});
    app.administrator().change("PATCH", &path, "*", other).await.expect(422).expect_fault("/ownerId", "unknown");
    officer.post("/webhooks", json!({})).await.expect(422).expect_fault("/address", "required");
    officer.request("PATCH", &path).json(&json!({"active": false})).send().await.expect(428);
    officer.request("DELETE", &path).send().await.expect(428);
    officer.delete(&path, "\"7-0\"").await.expect(412);
    officer.change("PATCH", &path, "\"7-0\"", json!({"active": false})).await.expect(412);
    assert_eq!(app.database.counts(), before);
    let cleared = officer.change(
        "PATCH",
        &path,
        "*",
        json!({"kinds": ["project.created"], "filter": {"municipalities": ["2417"]}}),
    );
    assert_eq!(cleared.await.expect(200).body["filter"], json!({"municipalities": ["2417"]}));
    let cleared: Response =
        officer.change("PATCH", &path, "*", json!({"kinds": null, "filter": null})).await.expect(200);
    assert_eq!((&cleared.body["kinds"], &cleared.body["filter"]), (&json!([]), &json!({})));
}

#[actix_web::test]
async fn attempts_are_forgotten_in_time_and_in_number() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    let ping = || async { officer.request("POST", &format!("{path}/pings")).send().await.expect(200) };
    for _ in 0..3 {
        ping().await;
    }
    write(&app, |conn| {
        let long_ago = Timestamp::now().plus(TimeDelta::days(-31));
        diesel::update(webhook_attempts::table).set(webhook_attempts::made_at.eq(long_ago)).execute(conn)
    });
    let last = ping().await;
    assert_eq!(outcomes(&officer, &path).await.len(), 1);
    let attempt = {
        let webhook = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let read = |conn: &mut Conn| store::attempts(conn, webhook, (0, 1));
        (webhook, app.database.pool().read_now(read).expect("attempts").0.remove(0))
    };
    let many: Vec<_> = (0..600)
        .map(|_| samsyn::webhook::delivery::model::Attempt { id: samsyn::id::Id::new(), ..attempt.1.clone() })
        .collect();
    let remember = |conn: &mut Conn| store::remember(conn, attempt.0, many.iter(), Timestamp::now());
    app.database.pool().write_now(remember).expect("remembered");
    let left = officer.get(&format!("{path}/attempts")).await.expect(200);
    assert_eq!((left.total(), left.text().contains(last.body["id"].as_str().unwrap_or("?"))), (500, false));
}

#[test]
fn the_kinds_are_those_that_the_feed_has() {
    fn literals(folder: &Path, found: &mut BTreeSet<String>) {
        const THINGS: [&str; 9] = [
            "project",
            "statement",
            "organisation",
            "strategy",
            "goalArea",
            "measure",
            "framework",
            "correspondence",
            "user",
        ];
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() && !entry.ends_with("webhook") {
                literals(&entry, found);
            } else if entry.extension().is_some_and(|end| end == "rs") && !entry.ends_with("scope.rs") {
                let text = std::fs::read_to_string(&entry).expect("a source");
                let quoted = text.split('"');
                let things = THINGS.into_iter().chain(["fundingSource", "call"]);
                let kinds: Vec<_> = things.map(|thing| format!("{thing}.")).collect();
                let is_kind = |text: &&str| {
                    kinds.iter().any(|kind| {
                        text.strip_prefix(kind.as_str())
                            .is_some_and(|what| !what.is_empty() && what.bytes().all(|byte| byte.is_ascii_alphabetic()))
                    })
                };
                found.extend(quoted.filter(is_kind).map(str::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    literals(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let known: BTreeSet<_> = EventKind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(found, known);
}
