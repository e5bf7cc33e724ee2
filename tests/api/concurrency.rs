//! Many writers at once, on one project and on many: nothing is lost, and nobody gets a 500.

use std::sync::Arc;
use std::thread;

use samsyn::auth::Principal;
use samsyn::db::Database;
use samsyn::problem::Kind;
use samsyn::project::{Project, Sight};
use samsyn::project::{http::register, store};
use serde_json::json;

use crate::support::TestDatabase;

const WRITERS: usize = 12;
const ROUNDS: usize = 8;

fn new_project(title: &str) -> samsyn::project::wire::NewProject {
    let organisation = json!({"name": "Norsjö kommun", "sector": "public"});
    let mut project = crate::projects::idea(title);
    project["stakeholders"] = json!([{"organisation": organisation, "roles": ["owner"]}]);
    serde_json::from_value(project).expect("a project")
}

/// Writers that register projects at once.
fn registering(pool: &Database) -> Vec<thread::JoinHandle<()>> {
    let write = |writer| {
        let pool = pool.clone();
        move || {
            for round in 0..ROUNDS {
                let title = format!("Projekt {writer} {round}");
                pool.write_now(|conn| register(conn, &Principal::program(), new_project(&title))).expect("registered");
            }
        }
    };
    (0..WRITERS).map(|writer| thread::spawn(write(writer))).collect()
}

fn retitled(database: &Database, id: samsyn::id::Id, expected: Option<i64>, title: &str) -> Result<i64, Kind> {
    let program = Principal::program();
    let outcome = database.write_now(|conn| {
        let before = store::find(conn, id, Sight::of(&program))?;
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(samsyn::problem::Problem::new(
                Kind::PreconditionFailed,
                samsyn::text::Bilingual { sv: String::new(), en: String::new() },
            ));
        }
        let mut facts = before.facts.clone();
        facts.title = format!("{} {title}", before.facts.title);
        store::update(conn, None, "project.updated", &before, Project { facts, ..before.clone() })
    });
    outcome.map(|project| project.version).map_err(|problem| problem.kind())
}

#[test]
fn writers_of_one_project_lose_nothing() {
    let database = TestDatabase::new();
    let pool = database.pool().clone();
    let made = pool.write_now(|conn| register(conn, &Principal::program(), new_project("Start"))).expect("registered");
    let threads: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (pool, id) = (pool.clone(), made.id);
            thread::spawn(move || {
                (0..ROUNDS).map(|round| retitled(&pool, id, None, &format!("w{writer}r{round}"))).collect::<Vec<_>>()
            })
        })
        .collect();
    let outcomes: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().expect("a writer")).collect();
    let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(Kind::Busy))), "{outcomes:?}");
    let project = pool.read_now(|conn| store::find(conn, made.id, Sight::of(&Principal::program()))).expect("found");
    assert_eq!(project.version, 1 + i64::try_from(written).unwrap_or(-1));
    assert_eq!(project.facts.title.split(' ').count(), 1 + written, "every write is in the title");
    assert_eq!(written, WRITERS * ROUNDS, "turns are short enough for all");
}

#[test]
fn of_those_who_start_from_one_version_one_succeeds() {
    let database = TestDatabase::new();
    let pool = database.pool().clone();
    let made = pool.write_now(|conn| register(conn, &Principal::program(), new_project("Start"))).expect("registered");
    let threads: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (pool, id) = (pool.clone(), made.id);
            thread::spawn(move || retitled(&pool, id, Some(1), &format!("w{writer}")))
        })
        .collect();
    let outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("a writer")).collect();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(2) | Err(Kind::PreconditionFailed))), "{outcomes:?}");
}

#[test]
fn writers_of_many_projects_share_one_organisation_and_the_journal_keeps_order() {
    let database = TestDatabase::new();
    let pool = database.pool().clone();
    for writer in registering(&pool) {
        writer.join().expect("a writer");
    }
    let count = |table: &str| database.counts().into_iter().find(|(name, _)| name == table).map(|(_, count)| count);
    assert_eq!(count("projects"), Some(i64::try_from(WRITERS * ROUNDS).unwrap_or(-1)));
    assert_eq!(count("organisations"), Some(1));
    assert_eq!(database.journal("project").len(), WRITERS * ROUNDS);
}

#[test]
fn a_reader_of_the_journal_never_misses_a_row_that_commits_late() {
    use diesel::prelude::*;
    use samsyn::db::schema::changes;
    let database = TestDatabase::new();
    let pool = database.pool().clone();
    let writers = registering(&pool);
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let reader = {
        let (database, done) = (pool.clone(), Arc::clone(&done));
        thread::spawn(move || {
            let (mut last, mut seen) = (0_i64, 0_usize);
            loop {
                let is_last_round = done.load(std::sync::atomic::Ordering::SeqCst);
                let new: Vec<i64> = database
                    .read_now(|conn| {
                        let newer = changes::table.filter(changes::number.gt(last)).order(changes::number);
                        Ok(newer.select(changes::number).load(conn)?)
                    })
                    .expect("the journal");
                seen += new.len();
                last = new.last().copied().unwrap_or(last);
                if is_last_round {
                    return seen;
                }
            }
        })
    };
    for thread in writers {
        thread.join().expect("a writer");
    }
    done.store(true, std::sync::atomic::Ordering::SeqCst);
    let seen = reader.join().expect("the reader");
    let all = database.counts().into_iter().find(|(name, _)| name == "changes").map(|(_, count)| count);
    assert_eq!(Some(i64::try_from(seen).unwrap_or(-1)), all);
}

#[actix_web::test]
async fn requests_at_once_are_answered_with_created_or_stale() {
    let app = crate::support::TestApp::new().await;
    let officer = app.officer();
    let project = officer.register(crate::projects::idea("Samtidigt")).await;
    let path = format!("{}/costs", project.location());
    let cost = json!({"type": "travel", "eligible": true});
    let requests = (0..WRITERS).map(|_| officer.change("POST", &path, project.etag(), cost.clone()));
    let answers = futures_join(requests).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 412].contains(status)), "{statuses:?}");
}

/// Polls all futures until each is done.
async fn futures_join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_done = true;
        for (future, outcome) in &mut pending {
            if outcome.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *outcome = Some(value),
                    std::task::Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    pending.into_iter().filter_map(|(_, outcome)| outcome).collect()
}
