//! The house's order: who may know whom, and which chair may use what.

use std::fs;
use std::path::Path;

const ROOMS: [&str; 12] = [
    "language",
    "db",
    "http",
    "journal",
    "organisation",
    "auth",
    "strategy",
    "framework",
    "funding",
    "project",
    "history",
    "analysis",
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else {
            let text = fs::read_to_string(&entry).expect("a source");
            // Tests inside a file may use what they like.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            found.push((entry.display().to_string(), text));
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 40);
    found
}

/// `http` knows who calls and what is allowed, so it stands after `auth` in this order though it serves all rooms.
const ORDER: [(&str, &[&str]); 12] = [
    (
        "language",
        &[
            "db",
            "http",
            "journal",
            "organisation",
            "auth",
            "strategy",
            "framework",
            "funding",
            "project",
            "history",
            "analysis",
        ],
    ),
    (
        "db",
        &[
            "http",
            "journal",
            "organisation",
            "auth",
            "strategy",
            "framework",
            "funding",
            "project",
            "history",
            "analysis",
        ],
    ),
    (
        "journal",
        &["http", "organisation", "auth", "strategy", "framework", "funding", "project", "history", "analysis"],
    ),
    ("organisation", &["strategy", "framework", "funding", "project", "history", "analysis"]),
    ("auth", &["organisation", "strategy", "framework", "funding", "project", "history", "analysis"]),
    ("http", &["organisation", "strategy", "framework", "funding", "project", "history", "analysis"]),
    ("strategy", &["framework", "funding", "project", "history", "analysis"]),
    ("framework", &["funding", "project", "history", "analysis"]),
    ("funding", &["strategy", "project", "history", "analysis"]),
    ("project", &["history", "analysis"]),
    ("history", &["analysis"]),
    ("analysis", &[]),
];

#[test]
fn rooms_know_only_earlier_rooms() {
    assert_eq!(ORDER.len(), ROOMS.len());
    for (file, text) in all_sources() {
        for (room, forbidden) in ORDER {
            if !file.contains(&format!("/src/{room}/")) {
                continue;
            }
            for other in forbidden {
                assert!(!text.contains(&format!("crate::{other}::")), "{file} uses {other}");
            }
        }
    }
}

#[test]
fn each_chair_keeps_to_its_own() {
    for (file, text) in all_sources() {
        let name = file.rsplit('/').next().unwrap_or_default();
        let is_room = ROOMS[3..].iter().any(|room| file.contains(&format!("/src/{room}/")));
        let forbidden: &[&str] = match name {
            "model.rs" | "lifecycle.rs" | "totals.rs" | "rule.rs" | "check.rs" => {
                &["actix_web", "utoipa::", "RunQueryDsl", "diesel::prelude"]
            }
            "store.rs" | "search.rs" | "facets.rs" | "change.rs" => &["actix_web", "utoipa"],
            "http.rs" | "wire.rs" | "view.rs" | "parts.rs" | "value.rs" => &["diesel", "db::schema"],
            _ => &[],
        };
        for words in forbidden {
            assert!(!is_room || !text.contains(words), "{file} uses {words}");
        }
    }
}

#[test]
fn every_handler_takes_the_context_that_only_the_edge_gives() {
    let mut handlers = 0;
    for (file, text) in all_sources() {
        for attribute in ["#[get(", "#[post(", "#[put(", "#[patch(", "#[delete("] {
            for after in text.split(attribute).skip(1) {
                let signature = after.split('{').find(|part| part.contains("async fn")).unwrap_or(after);
                let signature = signature.split("->").next().unwrap_or_default();
                assert!(after.contains("async fn") && signature.len() < 900, "{file}");
                assert!(
                    after.split("->").next().is_some_and(|head| head.contains("context: Context")),
                    "{file}: {signature}"
                );
                handlers += 1;
            }
        }
    }
    assert!(handlers > 35, "{handlers}");
}

#[test]
fn the_raw_transaction_is_used_nowhere_but_in_the_database_room() {
    for (file, text) in all_sources() {
        assert!(file.contains("/src/db/") || !text.contains(".transaction("), "{file}");
    }
}
