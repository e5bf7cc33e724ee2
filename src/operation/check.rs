//! `samsyn check`: whether what the service stands on is as it should be, and what to mend.

use std::path::Path;

use anyhow::Context;
use chrono::TimeDelta;
use url::{Host, Url};

use super::backup;
use super::model::{Finding, Standing};
use super::store;
use crate::auth::key;
use crate::auth::single_sign_on::Issuers;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::db::{Address, Conn, Database};

/// Below so many bytes of room a disk is as good as full; below ten times as many it should be looked after.
const ROOM: u64 = 100 << 20;
/// By how much clocks of machines that follow the same time may differ.
const SKEW: TimeDelta = TimeDelta::seconds(2);
/// By how much they may differ before tokens are refused that are good.
const WRONG: TimeDelta = TimeDelta::seconds(60);

/// What is found, in the order of looking. Nothing is changed; what cannot be looked at fails.
#[must_use]
pub fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Findings::default();
    findings.settings(config);
    findings.disk("TMPDIR", &std::env::temp_dir());
    match config.database() {
        Ok(address) => findings.database(config, &address),
        Err(error) => findings.fail("settings", format!("{error:#}")),
    }
    findings.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, standing: Standing, subject: &'static str, words: impl Into<String>) {
        self.0.push(Finding { standing, subject, words: words.into() });
    }

    fn ok(&mut self, subject: &'static str, words: impl Into<String>) {
        self.add(Standing::Ok, subject, words);
    }

    fn warn(&mut self, subject: &'static str, words: impl Into<String>) {
        self.add(Standing::Warn, subject, words);
    }

    fn fail(&mut self, subject: &'static str, words: impl Into<String>) {
        self.add(Standing::Fail, subject, words);
    }

    fn settings(&mut self, config: &Config) {
        let config = config.clone().listening_on(config.listen);
        let url = config.public_url();
        if is_guarded(url) {
            self.ok("settings", format!("people reach the service at {url}, and it listens on {}", config.listen));
        } else {
            self.fail(
                "settings",
                format!("{url} would send passwords and tokens in the clear: set SAMSYN_PUBLIC_URL to the https address that people use"),
            );
        }
        match (&config.issuers_file, Issuers::read(config.issuers_file.as_deref())) {
            (None, _) => (),
            (Some(file), Ok(_)) => self.ok("settings", format!("{} names the identity providers", file.display())),
            (Some(_), Err(error)) => self.fail("settings", format!("SAMSYN_ISSUERS_FILE: {error:#}")),
        }
    }

    fn disk(&mut self, what: &str, folder: &Path) {
        let Some(room) = room(folder) else {
            return self.warn("disk", format!("it cannot be told how much room {} has ({what})", folder.display()));
        };
        let words = format!("{} MiB of room in {} ({what})", room >> 20, folder.display());
        match room {
            0..ROOM => self.fail("disk", format!("{words}: make room, or writes will soon fail")),
            room if room < 10 * ROOM => self.warn("disk", format!("{words}: make room")),
            _ => self.ok("disk", words),
        }
    }

    fn database(&mut self, config: &Config, address: &Address) {
        if let Err(error) = backup::require(address) {
            return self
                .fail("database", format!("{error}: samsyn migrate makes it, or set DATABASE_URL to the right one"));
        }
        if let Address::Sqlite(path) = address {
            self.file(Path::new(path));
        }
        let looked = Database::new(address.clone()).read_now(|conn| Ok(self.inside(conn, config)));
        match looked {
            Ok(Ok(())) => (),
            Ok(Err(error)) => self.fail("database", format!("{error:#}")),
            Err(problem) => self
                .fail("database", format!("it cannot be reached, so look at DATABASE_URL and its server: {problem}")),
        }
    }

    /// Where an SQLite database is.
    fn file(&mut self, path: &Path) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        self.disk("the database", folder);
        if let Some(mode) = mode(path) {
            if mode % 0o10 == 0 {
                self.ok("file", format!("{} is closed to others (mode {mode:o})", path.display()));
            } else {
                self.fail(
                    "file",
                    format!(
                        "others on this machine get at {} (mode {mode:o}), which holds signing keys: chmod o= {}*",
                        path.display(),
                        path.display()
                    ),
                );
            }
        }
    }

    fn inside(&mut self, conn: &mut Conn, config: &Config) -> anyhow::Result<()> {
        store::without_time_limit(conn)?;
        self.ok("database", store::server(conn)?);
        if !self.is_current(conn)? {
            return Ok(());
        }
        self.integrity(conn)?;
        self.journal(conn)?;
        self.keys(conn, config);
        self.clock(conn).context("the clock")
    }

    fn is_current(&mut self, conn: &mut Conn) -> anyhow::Result<bool> {
        let (applied, levels) = (store::applied(conn)?, store::levels()?);
        let pending: Vec<_> =
            levels.iter().filter(|name| !applied.iter().any(|version| store::is_of(name, version))).collect();
        let unknown = applied.iter().find(|version| !levels.iter().any(|name| store::is_of(name, version)));
        if let Some(version) = unknown {
            self.fail(
                "schema",
                format!("the migration {version} is not this program's: a newer samsyn made it, use that"),
            );
        } else if let Some(first) = pending.first() {
            let count = pending.len();
            self.fail("schema", format!("{count} migrations have not run, from {first} on: run samsyn migrate"));
        } else {
            self.ok("schema", format!("all {} migrations have run", levels.len()));
            return Ok(true);
        }
        Ok(false)
    }

    /// What SQLite can say of its file; PostgreSQL's server looks after its own.
    fn integrity(&mut self, conn: &mut Conn) -> anyhow::Result<()> {
        if let Conn::Postgres(_) = conn {
            return Ok(());
        }
        let faults = store::lines(conn, "SELECT integrity_check AS line FROM pragma_integrity_check")?;
        let lost = store::lost_references(conn)?;
        let mend = "restore the latest backup to a new file";
        match (faults.as_slice(), lost.as_slice()) {
            ([fault], []) if fault == "ok" => self.ok("integrity", "the database file is whole"),
            ([fault, ..], _) if fault != "ok" => {
                self.fail("integrity", format!("the file is damaged ({fault}): {mend}"));
            }
            (_, tables) => {
                self.fail("integrity", format!("rows in {} name others that are gone: {mend}", tables.join(", ")));
            }
        }
        Ok(())
    }

    fn journal(&mut self, conn: &mut Conn) -> anyhow::Result<()> {
        let unrecorded = store::unrecorded_projects(conn)?;
        if unrecorded > 0 {
            let words = "projects are not at the version of their latest change: somebody wrote past the service";
            self.fail("journal", format!("{unrecorded} {words}; compare with a backup"));
        }
        let turned = store::turned_back(conn)?.into_iter().filter(|(at, former)| at.plus(SKEW) < *former).count();
        if turned > 0 {
            let words = "times in the journal go backwards: a clock was set back, or two instances' clocks differ; let them follow NTP";
            self.warn("journal", format!("{turned} {words}"));
        }
        if unrecorded == 0 && turned == 0 {
            let count = store::number(conn, "SELECT COUNT(*) AS count FROM changes")?;
            self.ok("journal", format!("{count} changes in order, and every project at the version of its latest"));
        }
        Ok(())
    }

    fn keys(&mut self, conn: &mut Conn, config: &Config) {
        match key::store::accepted(conn).as_deref() {
            Err(problem) => {
                self.fail("keys", format!("a signing key cannot be read ({problem}): run samsyn keys rotate"));
            }
            Ok([]) => self.warn("keys", "there is no signing key: the service makes one when it starts"),
            Ok([newest, ..]) => {
                let made = newest.created_at().as_utc().format("%F");
                if newest.created_at().plus(config.longest_key_age()) < Timestamp::now() {
                    let words = "is changed when somebody next signs in, or by samsyn keys rotate";
                    self.warn(
                        "keys",
                        format!("the signing key is of {made}, older than {} days: it {words}", config.key_days),
                    );
                } else {
                    self.ok("keys", format!("the signing key is of {made}"));
                }
            }
        }
    }

    fn clock(&mut self, conn: &mut Conn) -> anyhow::Result<()> {
        let before = self.0.len();
        let mend = "let this machine follow NTP";
        if let Some(at) = store::clock(conn)? {
            let difference = (*Timestamp::now().as_utc() - *at.as_utc()).abs();
            let words =
                format!("this clock and the database server's differ by {} seconds: {mend}", difference.num_seconds());
            match difference {
                difference if difference > WRONG => self.fail("clock", words),
                difference if difference > SKEW => self.warn("clock", words),
                _ => (),
            }
        }
        if let Some(latest) = store::latest_change(conn)?.filter(|latest| *latest > Timestamp::now().plus(SKEW)) {
            let behind = (*latest.as_utc() - *Timestamp::now().as_utc()).num_seconds();
            self.fail(
                "clock",
                format!("this clock is {behind} seconds behind the latest change in the journal: {mend}"),
            );
        }
        if self.0.len() == before {
            self.ok("clock", format!("{} UTC", Timestamp::now().as_utc().format("%F %T")));
        }
        Ok(())
    }
}

/// Whether what is sent to an address is read by nobody on the way.
fn is_guarded(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_loopback
}

/// How many bytes may still be written in a folder.
#[cfg(unix)]
fn room(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<u64> {
    None
}

/// Who may do what with a file, where files have that.
#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(path.metadata().ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}
