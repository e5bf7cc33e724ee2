//! Webhooks on their way: what happens is told in order, signed, at least once, and to those who may see it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::prelude::*;
use samsyn::auth::{Binding, Role};
use samsyn::clock::Timestamp;
use samsyn::db::Conn;
use samsyn::db::schema::{webhook_attempts, webhooks};
use samsyn::problem::Problem;
use samsyn::webhook::delivery::{courier, store};
use samsyn::webhook::{Courier, Sender};
use serde_json::{Value, json};

use crate::clients;
use crate::durability::Server;
use crate::feed::follow;
use crate::projects::{idea, terminal};
use crate::support::receiver::{Mood, Received, Receiver};
use crate::support::{TestApp, TestDatabase};
use crate::webhooks::{deliver, outcomes, public, start, subscribe, wait, write};

#[actix_web::test]
pub(crate) async fn what_happens_is_told_in_order_signed_and_once() {
    let (app, receiver) = start().await;
    let (funder, officer) = (app.as_role(Role::Funder), app.officer());
    officer.register(public("Före")).await;
    let (_, cursor) = follow(&funder, crate::feed::START, 1000).await;
    let (path, secret) = subscribe(&funder, &receiver, json!({})).await;
    let project = officer.register(public("Öppet")).await;
    officer.change("PATCH", project.location(), "*", json!({"title": "Öppet nu"})).await.expect(200);
    for number in 0..70 {
        officer.register(public(&format!("{number}"))).await;
    }
    deliver(&app);

    let (events, (changes, end)) = (receiver.take(), follow(&funder, &cursor, 1000).await);
    assert_eq!((events.len(), changes.len()), (72, 72));
    for (event, change) in events.iter().zip(&changes) {
        let mut body = event.body();
        let links = body.as_object_mut().expect("an object").remove("_links").expect("links");
        assert_eq!(body, *change);
        let href = format!("https://samsyn.test/samsyn/v1/projects/{}", change["id"].as_str().unwrap_or_default());
        assert_eq!(links, json!({"project": {"href": href, "rel": "project", "method": "GET"}}));
        assert!(event.is_signed_with(&secret), "{event:?}");
        let sent_at: i64 = event.header("webhook-timestamp").parse().expect("a time");
        assert!((Timestamp::now().as_utc().timestamp() - sent_at).abs() < 60);
        assert_eq!(event.header("content-type"), "application/json");
        assert!(event.header("user-agent").starts_with("samsyn/"));
    }
    let ids: BTreeSet<_> = events.iter().map(|event| event.header("webhook-id").to_owned()).collect();
    assert!(ids.len() == 72 && ids.iter().all(|id| !id.contains('.')));
    assert_eq!(receiver.connections(), 1, "a connection is used again");

    deliver(&app);
    assert!(receiver.take().is_empty());
    let now = funder.get(&path).await.expect(200);
    assert_eq!((&now.body["cursor"], &now.body["failures"], &now.body["version"]), (&json!(end), &json!(0), &json!(1)));
    let attempts = funder.get(&format!("{path}/attempts")).await.expect(200);
    assert_eq!(attempts.total(), 72);
    let latest = &attempts.body["attempts"][0];
    assert_eq!(
        (&latest["outcome"], &latest["status"], &latest["number"]),
        (&json!("delivered"), &json!(204), &json!(1))
    );
    assert_eq!(
        (&latest["cursor"], &latest["messageId"]),
        (&changes[71]["cursor"], &json!(events[71].header("webhook-id")))
    );
}

#[actix_web::test]
async fn a_subscription_sees_with_its_owners_eyes_as_they_are_today() {
    let (app, receiver) = start().await;
    let (administrator, officer) = (app.administrator(), app.officer());
    let hidden = officer.register(terminal()).await;
    let owner: Value = hidden.body["stakeholders"][0]["organisation"]["id"].clone();
    let binding = Binding { organisation_id: serde_json::from_value(owner).expect("an id"), ..Binding::default() };
    let (contributor, stranger) = (app.bound(Role::Contributor, &binding), app.as_role(Role::Contributor));
    let funder = app.as_role(Role::Funder);
    let mut sees = Vec::new();
    for (client, kinds) in [
        (&funder, vec!["project.created"]),
        (&stranger, vec![]),
        (&contributor, vec![]),
        (&app.reader(), vec!["project.created", "organisation.created", "project.created"]),
    ] {
        let receiver = Receiver::start();
        subscribe(client, &receiver, json!({})).await;
        sees.push((receiver, kinds));
    }
    let mut shown = idea("För finansiärer");
    (shown["visibility"], shown["withheldReason"]) = (json!("funders"), json!("Underhandlingar."));
    officer.register(shown).await;
    officer.post("/organisations", json!({"name": "Skolan", "sector": "public"})).await.expect(201);
    let internal = officer.register(idea("Internt")).await;
    deliver(&app);
    for (receiver, kinds) in &sees {
        assert_eq!(receiver.kinds(), *kinds);
    }

    // What is shown later is told of from then on.
    let shown = json!({"visibility": "public"});
    officer.change("PATCH", internal.location(), "*", shown).await.expect(200);
    officer
        .change("PATCH", hidden.location(), "*", json!({"visibility": "internal", "withheldReason": "X."}))
        .await
        .expect(200);
    deliver(&app);
    for ((receiver, _), kinds) in sees.iter().zip([1, 1, 2, 2]) {
        assert_eq!(receiver.kinds(), vec!["project.updated"; kinds]);
    }

    // Administrators make them for others, machines among them, and the others see to them.
    let client = clients::register(&app, clients::funders()).await;
    let (path, _) = subscribe(&administrator, &receiver, json!({"ownerId": client.body["id"]})).await;
    officer.register(idea("Också internt")).await;
    officer.register(public("Offentligt")).await;
    deliver(&app);
    assert_eq!(receiver.kinds(), ["project.created"]);
    administrator.change("PATCH", client.location(), "*", json!({"active": false})).await.expect(200);
    officer.register(public("Offentligt också")).await;
    deliver(&app);
    assert!(receiver.take().is_empty());
    let now = administrator.get(&path).await.expect(200);
    assert_eq!((&now.body["active"], &now.body["stoppedReason"]), (&json!(false), &json!("owner")));
    let journal = app.database.journal("webhook").pop().expect("a row");
    assert_eq!((journal.kind.as_str(), journal.actor), ("webhook.stopped", None));
}

#[actix_web::test]
pub(crate) async fn kinds_and_filter_choose_what_is_told() {
    let (app, receiver) = start().await;
    let (officer, norsjo) = (app.officer(), "norsjo-2014-2020");
    let filters = [
        (json!({"kinds": ["project.statusChanged"]}), vec![]),
        (
            json!({"kinds": ["project.updated", "organisation.created"]}),
            vec!["organisation.created", "organisation.created", "organisation.created", "project.updated"],
        ),
        (json!({"filter": {"fundingSources": ["eruf-ovre-norrland-2007-2013"]}}), vec!["project.created"]),
        (json!({"filter": {"strategyId": norsjo, "subGoals": ["4.3"]}}), vec!["project.created"]),
        (json!({"filter": {"strategyId": norsjo, "subGoals": ["1.1"]}}), vec![]),
        (json!({"filter": {"municipalities": ["2417", "2418"]}}), vec!["project.created"]),
        (json!({"filter": {"municipalities": ["0180"]}}), vec![]),
        (
            json!({"filter": {"strategyId": norsjo}, "kinds": ["project.created"]}),
            vec!["project.created", "project.created"],
        ),
    ];
    let mut receivers = Vec::new();
    for (terms, kinds) in filters {
        let receiver = Receiver::start();
        subscribe(&officer, &receiver, terms.clone()).await;
        receivers.push((receiver, terms, kinds));
    }
    officer.post("/organisations", json!({"name": "Skolan", "sector": "public"})).await.expect(201);
    let draft = officer.register(idea("Utkast")).await;
    officer.register(terminal()).await;
    officer.change("PATCH", draft.location(), "*", json!({"title": "Utkastet"})).await.expect(200);
    deliver(&app);
    for (receiver, terms, kinds) in &receivers {
        let came = receiver.kinds();
        let came: Vec<_> =
            came.iter().filter(|kind| terms.get("kinds").is_some() || *kind != "organisation.created").collect();
        assert_eq!(came, *kinds, "{terms}");
    }
    // What is gone has nothing left to choose by.
    officer.delete(draft.location(), "*").await.expect(204);
    deliver(&app);
    for (receiver, terms, _) in &receivers {
        let told = terms.get("kinds").is_none();
        assert_eq!(receiver.kinds(), vec!["project.deleted"; usize::from(told)], "{terms}");
    }
    assert!(receiver.take().is_empty());
}

/// When the only subscription is tried next, in seconds from now.
fn due_in(app: &TestApp) -> i64 {
    let due: Timestamp = write(app, |conn| webhooks::table.select(webhooks::due_at).first(conn));
    (*due.as_utc() - *Timestamp::now().as_utc()).num_seconds()
}

#[actix_web::test]
pub(crate) async fn what_does_not_arrive_is_tried_later_and_later_in_order_until_the_subscription_stops() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, secret) = subscribe(&officer, &receiver, json!({})).await;
    for title in ["Ett", "Två", "Tre"] {
        officer.register(idea(title)).await;
    }
    receiver.set(Mood::Status(500, ""));
    deliver(&app);
    deliver(&app);
    let first = receiver.take();
    assert_eq!(first.len(), 1, "what comes after waits, and so does it");
    assert!((3..=5).contains(&due_in(&app)), "{}", due_in(&app));
    let now = officer.get(&path).await.expect(200);
    assert_eq!((&now.body["failures"], now.body["nextAttemptAt"].is_string()), (&json!(1), true));

    receiver.set(Mood::Status(503, "Retry-After: 1000\r\n"));
    wait(&app);
    deliver(&app);
    assert!((990..=1000).contains(&due_in(&app)), "{}", due_in(&app));
    let again = receiver.take();
    assert_eq!(again[0].header("webhook-id"), first[0].header("webhook-id"));
    assert!(again[0].is_signed_with(&secret));

    receiver.set(Mood::Status(200, ""));
    wait(&app);
    deliver(&app);
    assert_eq!(receiver.take().len(), 3);
    let numbers = officer.get(&format!("{path}/attempts?fields=number,outcome")).await.expect(200);
    let numbers: Vec<_> =
        numbers.body["attempts"].as_array().into_iter().flatten().map(|one| one["number"].clone()).collect();
    assert_eq!(json!(numbers), json!([1, 1, 3, 2, 1]));

    // Nobody takes it for three days.
    officer.register(idea("Fyra")).await;
    receiver.set(Mood::HangingUp);
    let mut waits = Vec::new();
    for _ in 0..10 {
        wait(&app);
        deliver(&app);
        waits.push(due_in(&app));
    }
    assert_eq!(receiver.take().len(), 10);
    assert!(waits[..9].is_sorted() && waits[8] >= 86_000, "{waits:?}");
    let now = officer.get(&path).await.expect(200);
    assert_eq!((&now.body["active"], &now.body["stoppedReason"]), (&json!(false), &json!("unreachable")));
    officer.register(idea("Fem")).await;
    wait(&app);
    deliver(&app);
    assert!(receiver.take().is_empty());

    // Nothing is lost when it is made active again.
    receiver.set(Mood::Status(202, ""));
    let restarted = officer.change("PATCH", &path, now.etag(), json!({"active": true})).await.expect(200);
    assert_eq!((restarted.body.get("stoppedReason"), &restarted.body["failures"]), (None, &json!(0)));
    deliver(&app);
    assert_eq!(receiver.kinds(), ["project.created", "project.created"]);
    let kinds: Vec<_> = app.database.journal("webhook").into_iter().map(|row| (row.kind, row.version)).collect();
    let expected = [("webhook.created", 1), ("webhook.stopped", 2), ("webhook.updated", 3)];
    assert_eq!(kinds, expected.map(|(kind, version)| (kind.to_owned(), version)));
}

#[actix_web::test]
pub(crate) async fn answers_that_are_none_are_told_apart_and_none_is_followed_or_kept() {
    let (app, receiver) = start().await;
    let (officer, elsewhere) = (app.officer(), Receiver::start());
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    officer.register(idea("Ett")).await;
    let location: &'static str = Box::leak(format!("Location: {}\r\n", elsewhere.address()).into_boxed_str());
    for (mood, outcome) in [
        (Mood::Status(301, location), "refused"),
        (Mood::Status(307, location), "refused"),
        (Mood::Status(304, ""), "refused"),
        (Mood::Status(400, ""), "refused"),
        (Mood::Status(429, "Retry-After: never\r\n"), "refused"),
        (Mood::Nonsense, "unconnected"),
        (Mood::HangingUp, "unconnected"),
        (Mood::Silent, "timeout"),
    ] {
        receiver.set(mood.clone());
        wait(&app);
        deliver(&app);
        assert_eq!(outcomes(&officer, &path).await[0], outcome, "{mood:?}");
    }
    receiver.set(Mood::Endless);
    wait(&app);
    deliver(&app);
    assert_eq!(outcomes(&officer, &path).await[0], "delivered");
    assert!(elsewhere.take().is_empty());
    let longest: Option<i64> = write(&app, |conn| {
        webhook_attempts::table.select(diesel::dsl::max(webhook_attempts::milliseconds)).first(conn)
    });
    assert!((15_000..17_000).contains(&longest.unwrap_or(0)), "{longest:?}");

    receiver.set(Mood::Status(410, ""));
    officer.register(idea("Två")).await;
    deliver(&app);
    let now = officer.get(&path).await.expect(200);
    assert_eq!((&now.body["active"], &now.body["stoppedReason"]), (&json!(false), &json!("gone")));
    assert_eq!(outcomes(&officer, &path).await[0], "gone");
    assert_eq!(officer.get("/webhooks?active=false").await.total(), 1);
}

#[actix_web::test]
async fn events_are_sent_again_from_where_the_owner_says_or_passed_over() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    for title in ["Ett", "Två", "Tre"] {
        officer.register(idea(title)).await;
    }
    deliver(&app);
    let first = receiver.take();
    let place = |index: usize| first[index].body()["cursor"].clone();
    let resends = format!("{path}/resends");
    let moved = officer.post(&resends, json!({"from": place(1)})).await.expect(200);
    assert_eq!(moved.body["version"], 1);
    deliver(&app);
    let ids = |events: &[Received]| -> Vec<String> {
        events.iter().map(|event| event.header("webhook-id").to_owned()).collect()
    };
    assert_eq!(ids(&receiver.take()), ids(&first[1..]));

    // What is in the way is passed over.
    receiver.set(Mood::Status(500, ""));
    officer.post(&resends, json!({"from": place(0)})).await.expect(200);
    deliver(&app);
    receiver.set(Mood::Status(200, ""));
    receiver.take();
    officer.post(&resends, json!({"from": place(2)})).await.expect(200);
    deliver(&app);
    assert_eq!(ids(&receiver.take()), ids(&first[2..]));

    let ping = officer.request("POST", &format!("{path}/pings")).send().await.expect(200);
    assert_eq!((&ping.body["outcome"], &ping.body["kind"]), (&json!("delivered"), &json!("webhook.ping")));
    assert_eq!((receiver.kinds(), ping.body.get("cursor")), (vec!["webhook.ping".to_owned()], None));
    assert_eq!(officer.get(&format!("{path}/attempts")).await.total(), 8);
    deliver(&app);
    assert!(receiver.take().is_empty());

    for (from, code) in
        [("0000000000000000", "unknown-change"), ("00000000ffffffff", "unknown-change"), ("1", "pattern")]
    {
        let refused = officer.post(&resends, json!({"from": from})).await;
        refused.expect_problem(422, "validation-error").expect_fault("/from", code);
    }
}

#[actix_web::test]
async fn two_instances_do_not_bring_the_same_and_one_that_dies_is_followed_by_the_other() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    for title in ["Ett", "Två"] {
        officer.register(idea(title)).await;
    }
    // One takes it on and says no more.
    let pool = app.database.pool();
    let claim = || pool.write_now(|conn| store::claim(conn, Timestamp::now())).expect("a claim");
    let job = claim().expect("a job");
    assert_eq!(job.items.len(), 2);
    assert!(claim().is_none());
    deliver(&app);
    assert!(receiver.take().is_empty());
    // Its lease ends, and the other one brings it.
    let later = Timestamp::now().plus(TimeDelta::seconds(61));
    let taken = pool.write_now(|conn| store::claim(conn, later)).expect("a claim").expect("the same job");
    assert_eq!(taken.items, job.items);
    let sender = Sender::new(&app.config);
    let deliveries: Vec<_> = taken.items.iter().map(|item| sender.send(&taken.webhook, item.clone(), 1)).collect();
    let cursor = officer.get(&path).await.body["cursor"].clone();
    // The first one wakes up: what it brought is remembered, and moves nothing.
    let settle = |job, made: &[_]| {
        pool.write_now(|conn| store::settle(conn, job, made, Timestamp::now(), 0.5)).expect("settled");
    };
    settle(&job, &[sender.send(&job.webhook, job.items[0].clone(), 1)]);
    assert_eq!(officer.get(&path).await.body["cursor"], cursor);
    settle(&taken, &deliveries);
    let events = receiver.take();
    assert_eq!((events.len(), events[0].header("webhook-id")), (3, events[2].header("webhook-id")));
    assert_eq!(officer.get(&path).await.body["cursor"], events[1].body()["cursor"]);
    assert_eq!(outcomes(&officer, &path).await.len(), 3);
    deliver(&app);
    assert!(receiver.take().is_empty());
}

#[actix_web::test]
async fn instances_that_look_at_once_bring_everything_once() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    for _ in 0..3 {
        subscribe(&officer, &receiver, json!({})).await;
    }
    for number in 0..20 {
        officer.register(idea(&format!("{number}"))).await;
    }
    let (pool, config) = (app.database.pool().clone(), app.config.clone());
    let work = |_| {
        let (pool, config) = (pool.clone(), config.clone());
        std::thread::spawn(move || courier::deliver_due(&pool, &Sender::new(&config), &AtomicBool::new(false)))
    };
    let instances: Vec<_> = (0..4).map(work).collect();
    for instance in instances {
        instance.join().expect("a thread").expect("delivered");
    }
    // Whoever found all taken went home, and what was left is brought by the others.
    let ids: Vec<_> = receiver.take().iter().map(|event| event.header("webhook-id").to_owned()).collect();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}

/// Waits until something holds, for half a minute at most.
fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never came");
        thread::sleep(Duration::from_millis(50));
    }
}

#[actix_web::test]
async fn a_courier_brings_by_itself_and_what_is_on_its_way_arrives_before_it_ends() {
    let (app, receiver) = start().await;
    let officer = app.officer();
    let (path, _) = subscribe(&officer, &receiver, json!({})).await;
    receiver.set(Mood::Slow(Duration::from_millis(300)));
    let courier = Courier::start(app.database.pool().clone(), Arc::new(Sender::new(&app.config)));
    for title in ["Ett", "Två", "Tre", "Fyra"] {
        officer.register(idea(title)).await;
    }
    until(|| receiver.connections() > 0);
    courier.stop();
    let events = receiver.take();
    assert!((1..4).contains(&events.len()), "{}", events.len());
    let now = officer.get(&path).await.expect(200);
    assert_eq!(Some(&now.body["cursor"]), events.last().map(|event| event.body()["cursor"].clone()).as_ref());
    deliver(&app);
    assert_eq!(receiver.take().len(), 4 - events.len());
}

#[test]
fn a_killed_server_brings_every_change_when_it_is_started_again() {
    let (database, receiver) = (TestDatabase::new(), Receiver::start());
    receiver.set(Mood::Slow(Duration::from_millis(50)));
    let server = Server::start(&database);
    let token = server.sign_in();
    let call = |port, path, body: &Value| Server::call(port, "POST", path, &token, body).expect("an answer");
    assert_eq!(call(server.port, "/webhooks", &json!({"address": receiver.address()})).0, 201);
    let register = |number: i32| {
        let (status, project) = call(server.port, "/projects", &idea(&format!("{number}")));
        assert_eq!(status, 201);
        project["id"].as_str().unwrap_or_default().to_owned()
    };
    let registered: BTreeSet<_> = (0..25).map(register).collect();
    until(|| receiver.connections() > 0);
    thread::sleep(Duration::from_millis(300));
    drop(server);
    let told = || -> Vec<String> {
        let ids = receiver.take().into_iter().map(|event| event.body()["id"].as_str().unwrap_or_default().to_owned());
        ids.collect()
    };
    let came = RefCell::new(BTreeSet::from_iter(told()));
    assert!((1..25).contains(&came.borrow().len()), "{}", came.borrow().len());

    let _server = Server::start(&database);
    // A minute later.
    let end = |conn: &mut Conn| {
        let lease = webhooks::leased_until.eq(webhooks::created_at);
        diesel::update(webhooks::table).set(lease).execute(conn).map_err(Problem::from)
    };
    database.pool().write_now(end).expect("the lease has ended");
    until(|| {
        came.borrow_mut().extend(told());
        came.borrow().len() == registered.len()
    });
    assert_eq!(*came.borrow(), registered);
}
