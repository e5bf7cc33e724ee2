//! Tells the program its version and the commit that it is built from: `SAMSYN_COMMIT` if it is given, otherwise what Git
//! says, otherwise none.

use std::path::Path;
use std::process::Command;

/// What the program is made of: a change of anything else makes it no other program.
const SOURCES: [&str; 6] = ["Cargo.lock", "Cargo.toml", "build.rs", "migrations", "seeds", "src"];

fn main() {
    println!("cargo::rerun-if-env-changed=SAMSYN_COMMIT");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let given = std::env::var("SAMSYN_COMMIT").ok().filter(|commit| !commit.is_empty());
    let mut version = env!("CARGO_PKG_VERSION").to_owned();
    if let Some(commit) = given.or_else(commit) {
        println!("cargo::rustc-env=SAMSYN_COMMIT={commit}");
        version = format!("{version} ({commit})");
    }
    println!("cargo::rustc-env=SAMSYN_VERSION={version}");
}

/// The commit that is checked out, and whether the sources differ from it. A folder that is merely inside another's
/// repository has none.
fn commit() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    // Grows whenever HEAD moves. One that is not there would let this run every time.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let differs = !git(&[["status", "--porcelain", "--"].as_slice(), &SOURCES].concat())?.is_empty();
    Some(if differs { format!("{commit}-dirty") } else { commit })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
