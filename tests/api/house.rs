//! The house's order: who may know whom, and which chair may use what.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The rooms in the order in which they may know each other: a later one may use an earlier one.
const ROOMS: [&str; 19] = [
    "language",
    "db",
    "journal",
    "auth",
    "http",
    "organisation",
    "strategy",
    "framework",
    "funding",
    "project",
    "history",
    "analysis",
    "export",
    "import",
    "personal_data",
    "open_data",
    "webhook",
    "monitoring",
    "operation",
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

#[test]
fn rooms_know_only_earlier_rooms() {
    for (file, text) in all_sources() {
        for (place, room) in ROOMS.iter().enumerate() {
            if !file.contains(&format!("/src/{room}/")) {
                continue;
            }
            // Accounts have resources as every room has, while what all resources share asks who calls.
            let later = ROOMS[place + 1..].iter().filter(|later| (*room, **later) != ("auth", "http"));
            for other in later {
                assert!(!text.contains(&format!("crate::{other}::")), "{file} uses {other}");
            }
        }
    }
}

#[test]
pub(crate) fn each_chair_keeps_to_its_own() {
    for (file, text) in all_sources() {
        let name = file.rsplit('/').next().unwrap_or_default();
        let shared = ["language", "db", "http"];
        let rooms = ROOMS.iter().filter(|room| !shared.contains(room));
        let is_room = rooms.into_iter().any(|room| file.contains(&format!("/src/{room}/")));
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

#[test]
fn the_program_runs_no_others() {
    for (file, text) in all_sources() {
        assert!(!text.contains("process::Command") && !text.contains("Command::new("), "{file}");
    }
}

#[test]
fn the_security_page_names_what_there_is() {
    let (page, root) = (include_str!("../../SECURITY.md"), Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut count = 0;
    for quoted in page.split('`').skip(1).step_by(2) {
        let is_file = |text: &&str| {
            [".rs", ".toml", ".json", ".md", ".yml", ".txt", ".lock"].iter().any(|end| text.ends_with(end))
        };
        if let Some((place, name)) = quoted.split_once("::") {
            let file = if Path::new(place).extension().is_some() {
                format!("src/{place}")
            } else {
                format!("tests/api/{place}.rs")
            };
            let source = fs::read_to_string(root.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(source.contains(&format!("fn {name}()")), "{quoted}");
            count += 1;
        } else if is_file(&quoted) && !quoted.starts_with('/') {
            assert!(root.join(quoted).exists(), "{quoted}");
        }
    }
    assert!(count > 90, "{count}");

    let cells = |line: &'static str| -> Vec<&'static str> {
        let row = line.strip_prefix('|').and_then(|row| row.strip_suffix('|')).unwrap_or_default();
        row.split('|').map(str::trim).collect()
    };
    let (tables, tests) = page.split_once("## The tests").expect("the tests");
    let rows = tests.lines().filter(|line| line.starts_with("| ")).map(|line| cells(line)[0]);
    let known: BTreeSet<_> = rows.filter(|name| !name.is_empty() && *name != "name").collect();
    let (mut shown, mut is_evidence) = (BTreeSet::new(), false);
    for line in tables.lines() {
        let last = cells(line).pop().unwrap_or_default();
        is_evidence = line.starts_with('|') && (is_evidence || last == "shown by");
        if is_evidence && !["shown by", "---", "–"].contains(&last) && !last.starts_with('`') {
            shown.extend(last.split(", "));
        }
    }
    assert_eq!(shown, known, "what the tables name, and what is explained");
}
