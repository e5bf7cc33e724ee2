//! The feed of changes, followed by other systems.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use samsyn::auth::{Principal, Role};
use samsyn::project::Sight;
use samsyn::project::http::register;
use samsyn::project::store;
use serde_json::{Value, json};

use crate::projects::idea;
use crate::support::{Client, TestApp};

/// Reads on from a cursor until nothing is left; what came, and where to go on.
pub(crate) async fn follow(client: &Client<'_>, cursor: &str, limit: usize) -> (Vec<Value>, String) {
    let (mut seen, mut cursor) = (Vec::new(), cursor.to_owned());
    loop {
        let page = client.get(&format!("/changes?after={cursor}&limit={limit}")).await.expect(200);
        let changes = page.body["changes"].as_array().cloned().unwrap_or_default();
        assert!(changes.len() <= limit);
        let next = page.body["cursor"].as_str().unwrap_or_default().to_owned();
        assert!(next >= cursor, "the feed goes forward");
        assert!(page.body["_links"]["next"]["href"].as_str().is_some_and(|href| href.contains(&next)));
        cursor = next;
        if changes.is_empty() {
            return (seen, cursor);
        }
        seen.extend(changes);
    }
}

/// Where the feed begins.
pub(crate) const START: &str = "0000000000000000";

fn kinds(changes: &[Value]) -> Vec<&str> {
    changes.iter().map(|change| change["kind"].as_str().unwrap_or_default()).collect()
}

#[actix_web::test]
async fn a_follower_gets_every_change_of_what_it_may_see_once() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let (seeded, cursor) = follow(&app.anonymous(), START, 1000).await;
    assert!(kinds(&seeded).contains(&"strategy.created") && kinds(&seeded).contains(&"call.created"));
    assert!(!kinds(&seeded).iter().any(|kind| kind.starts_with("user.")), "accounts are the administrators' matter");
    assert!(!kinds(&follow(&officer, START, 1000).await.0).contains(&"user.created"));
    assert!(kinds(&follow(&app.administrator(), START, 7).await.0).contains(&"user.created"));

    let mut open = idea("Offentligt");
    open["visibility"] = json!("public");
    let open = officer.register(open).await;
    let hidden = officer.register(idea("Internt")).await;
    officer.post("/organisations", json!({"name": "Skolan", "sector": "public"})).await.expect(201);
    let renamed = json!({"title": "Offentligt nu"});
    let changed = officer.change("PATCH", open.location(), open.etag(), renamed).await.expect(200);

    let (seen, next) = follow(&app.anonymous(), &cursor, 1).await;
    assert_eq!(kinds(&seen), ["project.created", "project.updated"]);
    assert!(seen.iter().all(|change| change["id"] == open.body["id"]));
    assert_eq!(seen[1]["version"], 2);
    let (all, _) = follow(&app.reader(), &cursor, 100).await;
    assert_eq!(kinds(&all), ["project.created", "project.created", "organisation.created", "project.updated"]);

    // What is shown later is told of from the beginning; what is hidden is not told of any more.
    let shown = json!({"visibility": "funders"});
    officer.change("PATCH", hidden.location(), hidden.etag(), shown).await.expect(200);
    let (funders, _) = follow(&app.as_role(Role::Funder), &cursor, 100).await;
    assert_eq!(kinds(&funders), ["project.created", "project.created", "project.updated", "project.updated"]);

    // A draft that is deleted is told of to those who could see it.
    officer.delete(open.location(), changed.etag()).await.expect(204);
    assert_eq!(kinds(&follow(&app.anonymous(), &next, 100).await.0), ["project.deleted"]);
    let now = officer.get(hidden.location()).await;
    officer.delete(hidden.location(), now.etag()).await.expect(204);
    assert_eq!(kinds(&follow(&app.anonymous(), &next, 100).await.0), ["project.deleted"]);
}

#[actix_web::test]
async fn a_cursor_is_one_that_the_feed_gave() {
    let app = TestApp::new().await;
    for wrong in ["after=1", "after=ffffffffffffffff", "after=000000000000000G", "limit=0", "limit=1001", "page=1"] {
        app.anonymous().get(&format!("/changes?{wrong}")).await.expect_problem(400, "invalid-parameter");
    }
    let beyond = app.anonymous().get("/changes?after=00000000ffffffff").await.expect(200);
    assert_eq!((&beyond.body["changes"], &beyond.body["cursor"]), (&json!([]), &json!("00000000ffffffff")));
}

const WRITERS: usize = 4;
const ROUNDS: usize = 40;

/// Two followers with small pages, one a little behind the other, while four writers write.
#[actix_web::test]
async fn followers_miss_nothing_and_repeat_nothing_while_others_write() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let (_, start) = follow(&officer, START, 1000).await;
    let running = Arc::new(AtomicUsize::new(WRITERS));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (pool, running) = (app.database.pool().clone(), Arc::clone(&running));
            thread::spawn(move || {
                let program = Principal::program();
                for round in 0..ROUNDS {
                    let new = serde_json::from_value(idea(&format!("{writer} {round}"))).expect("a project");
                    let made = pool.write_now(|conn| register(conn, &program, Clone::clone(&new))).expect("registered");
                    pool.write_now(|conn| {
                        let before = store::find(conn, made.id, Sight::of(&program))?;
                        store::update(conn, None, "project.updated", &before, before.clone())
                    })
                    .expect("updated");
                }
                running.fetch_sub(1, Ordering::SeqCst);
            })
        })
        .collect();
    let mut followers = [(3_usize, start.clone(), Vec::new()), (50, start, Vec::new())];
    let mut polls = 0;
    loop {
        let is_over = running.load(Ordering::SeqCst) == 0;
        for (limit, cursor, seen) in &mut followers {
            let (changes, next) = follow(&officer, cursor, *limit).await;
            seen.extend(changes);
            *cursor = next;
            polls += 1;
        }
        if is_over {
            break;
        }
    }
    for writer in writers {
        writer.join().expect("a writer");
    }
    assert!(polls > 4, "the followers read while the writers wrote: {polls}");
    for (_, _, seen) in &followers {
        let cursors: Vec<&str> = seen.iter().map(|change| change["cursor"].as_str().unwrap_or_default()).collect();
        assert!(cursors.is_sorted_by(|a, b| a < b), "in order, none twice");
        let told: BTreeSet<(String, i64)> = seen
            .iter()
            .map(|change| {
                (change["id"].as_str().unwrap_or_default().to_owned(), change["version"].as_i64().unwrap_or(0))
            })
            .collect();
        assert_eq!((seen.len(), told.len()), (WRITERS * ROUNDS * 2, WRITERS * ROUNDS * 2), "none missed");
    }
}
