//! `samsyn restore`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::{Context, anyhow, ensure};

use super::archive::Archive;
use super::backup;
use super::model::{Contents, Manifest, Row, Tally};
use super::store::{self, Table};
use crate::db::{self, Address, Conn};

/// How many bytes of values are in memory at once, but for what a single row has.
const BATCH: usize = 1 << 20;

/// What a database is filled from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file that `samsyn backup` made.
    Archive(PathBuf),
    /// Another database, of either kind.
    Database(Address),
}

impl std::str::FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Archive(text.into()), Self::Database))
    }
}

impl Source {
    fn open(&self) -> anyhow::Result<Archive> {
        match self {
            Self::Archive(path) => {
                let file = File::open(path).with_context(|| path.display().to_string())?;
                Archive::open(file).with_context(|| path.display().to_string())
            }
            Self::Database(address) => {
                // Without a name, so that nothing is left of it.
                let file = tempfile::tempfile().context("no temporary file can be made")?;
                backup::write(address, &file).context("the database to restore from")?;
                Archive::open(file)
            }
        }
    }
}

/// Fills an empty database with everything that an archive, or another database, holds, and brings it to this program's
/// schema. It is one transaction: every row is read back before it ends, and where anything is not right nothing is left.
///
/// # Errors
/// When the source is not whole, or newer than this program; when the database is in use or refuses a row.
pub fn restore(source: &Source, target: &Address) -> anyhow::Result<Manifest> {
    let mut archive = source.open()?;
    let (level, levels) = (archive.manifest.level.clone(), store::levels()?);
    ensure!(
        levels.contains(&level),
        "the archive has the schema {level} of samsyn {}, and this program knows those until {}: restore it with the newer one",
        archive.manifest.program,
        levels.last().map_or("none", String::as_str)
    );
    let names: Vec<_> = archive.manifest.tables.iter().map(|table| table.name.clone()).collect();
    ensure!(names == store::tables_at(&level)?, "the archive does not have the tables of the schema {level}");
    archive.verify()?;
    let mut conn = target.connect().context("the database cannot be opened")?;
    db::alone(&mut conn, |conn| fill(conn, &mut archive))?;
    Ok(archive.manifest)
}

fn fill(conn: &mut Conn, archive: &mut Archive) -> anyhow::Result<()> {
    if let Some((table, count)) = store::first_in_use(conn)? {
        return Err(anyhow!(
            "the database is in use, with {count} rows in its table {table}: restore fills an empty database alone"
        ));
    }
    if !store::applied(conn)?.is_empty() {
        store::level(conn)?;
        db::revert(conn).map_err(anyhow::Error::from_boxed)?;
    }
    let migrated = |outcome: Result<usize, _>| outcome.map(drop).map_err(anyhow::Error::from_boxed);
    migrated(db::migrate_to(conn, Some(&archive.manifest.level)))?;
    store::defer_references(conn)?;
    for contents in archive.manifest.tables.clone() {
        fill_table(conn, archive, &contents)?;
    }
    store::require_references(conn)?;
    store::go_on_counting(conn)?;
    migrated(db::migrate_to(conn, None))
}

fn fill_table(conn: &mut Conn, archive: &mut Archive, contents: &Contents) -> anyhow::Result<()> {
    let name = &contents.name;
    let table = Table::find(conn, name)?.in_order(&contents.columns);
    let table = table.ok_or_else(|| anyhow!("the archive does not have the columns of the table {name}"))?;
    let (documents, mut written, mut kept) = (table.documents(), Tally::default(), Tally::default());
    let is_file = matches!(conn, Conn::Sqlite(_));
    let (mut rows, mut bytes, mut count) = (Vec::<Row>::new(), 0, 0);
    let mut insert = |rows: &mut Vec<Row>| {
        table.insert(conn, rows).with_context(|| {
            format!("the database refuses one of the {} rows of the table {name} after its row {count}", rows.len())
        })?;
        count += rows.len();
        rows.clear();
        anyhow::Ok(())
    };
    archive.each_row(contents, |row| {
        ensure!(
            is_file || row.iter().flatten().all(|value| !value.contains('\0')),
            "a row of the table {name} has a text with the character NUL, which PostgreSQL does not keep: {}",
            row.first().and_then(Option::as_deref).unwrap_or_default()
        );
        written.add(&row, &documents)?;
        bytes += row.iter().flatten().map(String::len).sum::<usize>();
        rows.push(row);
        if rows.len() < table.batch() && bytes < BATCH {
            return Ok(());
        }
        bytes = 0;
        insert(&mut rows)
    })?;
    insert(&mut rows)?;
    table.each_row(conn, |row| Ok(kept.add(&row, &documents)?))?;
    ensure!(kept == written, "the database does not give back the rows of the table {name} as they were written");
    Ok(())
}
