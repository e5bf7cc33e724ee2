//! `samsyn backup`.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, ensure};

use super::archive::Writer;
use super::model::{FORM, Manifest};
use super::store::{self, Table};
use crate::clock::Timestamp;
use crate::db::{Address, Conn, Database};

/// Writes everything that a database holds, as of one moment, to a new file that its owner alone may read. The file has its
/// name when it is whole and on disk.
///
/// # Errors
/// When the file exists or cannot be written, the database cannot be read, or a newer program made it.
pub fn backup(database: &Address, path: &Path) -> anyhow::Result<Manifest> {
    let exists = || format!("{} exists already, and is not written over", path.display());
    ensure!(!path.exists(), exists());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new()
        .prefix(".samsyn-backup-")
        .tempfile_in(folder)
        .with_context(|| format!("nothing can be written in {}", folder.display()))?;
    let manifest = write(database, file.as_file())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).with_context(exists)?;
    File::open(folder)?.sync_all()?;
    Ok(manifest)
}

/// Writes everything that a database holds to a file.
///
/// # Errors
/// As [`backup`].
pub(super) fn write(database: &Address, file: &File) -> anyhow::Result<Manifest> {
    require(database)?;
    Database::new(database.clone()).read_now(|conn| Ok(snapshot(conn, file)))?
}

/// Sees to it that asking for a database does not make it.
///
/// # Errors
/// When it is a file that is not there.
pub(super) fn require(database: &Address) -> anyhow::Result<()> {
    match database {
        Address::Sqlite(path) => ensure!(Path::new(path).exists(), "there is no database file {path}"),
        Address::Postgres(_) => (),
    }
    Ok(())
}

fn snapshot(conn: &mut Conn, file: &File) -> anyhow::Result<Manifest> {
    store::without_time_limit(conn)?;
    let (level, made_at) = (store::level(conn)?, Timestamp::now());
    let mut writer = Writer::new(file);
    for name in store::tables_at(&level)? {
        let table = Table::find(conn, &name)?;
        writer.table(&name, table.columns(), |each| table.each_row(conn, each))?;
    }
    let program = env!("CARGO_PKG_VERSION").to_owned();
    writer.end(|tables| Manifest { form: FORM, program, level, made_at, tables })
}
