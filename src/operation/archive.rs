//! The archive's form: a ZIP file with one JSON Lines file per table, `tables/NAME.jsonl`, a row an array of texts, and
//! [`Manifest`] as `samsyn-backup.json`. Tables are written and read as streams.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, Write};

use anyhow::{Context, anyhow, ensure};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::model::{Contents, FORM, Manifest, Row};
use crate::http::body::hex;

const MANIFEST: &str = "samsyn-backup.json";
/// The largest manifest, in bytes.
const LARGEST: u64 = 1 << 20;

fn place(table: &str) -> String {
    format!("tables/{table}.jsonl")
}

/// An archive that is being written.
pub(super) struct Writer<'a> {
    zip: ZipWriter<BufWriter<&'a File>>,
    tables: Vec<Contents>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(file: &'a File) -> Self {
        Self { zip: ZipWriter::new(BufWriter::new(file)), tables: Vec::new() }
    }

    fn start(&mut self, name: String) -> anyhow::Result<()> {
        Ok(self.zip.start_file(name, SimpleFileOptions::default().large_file(true))?)
    }

    /// Writes a table: `rows` gives each row to what it is called with.
    pub(super) fn table(
        &mut self,
        name: &str,
        columns: Vec<String>,
        rows: impl FnOnce(&mut dyn FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.start(place(name))?;
        let (mut count, mut digest) = (0, Sha256::new());
        rows(&mut |row| {
            let mut line = serde_json::to_vec(&row)?;
            line.push(b'\n');
            digest.update(&line);
            count += 1;
            Ok(self.zip.write_all(&line)?)
        })?;
        self.tables.push(Contents { name: name.to_owned(), columns, rows: count, sha256: hex(&digest.finalize()) });
        Ok(())
    }

    /// Writes what the archive holds, which ends it.
    pub(super) fn end(mut self, head: impl FnOnce(Vec<Contents>) -> Manifest) -> anyhow::Result<Manifest> {
        let manifest = head(std::mem::take(&mut self.tables));
        self.start(MANIFEST.to_owned())?;
        serde_json::to_writer_pretty(&mut self.zip, &manifest)?;
        self.zip.finish()?.flush()?;
        Ok(manifest)
    }
}

/// An archive that is read.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// What it says that it holds.
    pub(super) manifest: Manifest,
}

impl Archive {
    /// An archive whose manifest can be read; its tables are not looked at yet.
    pub(super) fn open(mut file: File) -> anyhow::Result<Self> {
        file.rewind()?;
        let no_archive = "this is no whole archive of samsyn backup";
        let mut zip = ZipArchive::new(BufReader::new(file)).context(no_archive)?;
        let mut text = String::new();
        zip.by_name(MANIFEST).context(no_archive)?.take(LARGEST).read_to_string(&mut text).context(no_archive)?;
        let form: Form = serde_json::from_str(&text).context("the archive's manifest cannot be read")?;
        ensure!(
            form.form <= FORM,
            "the archive was made by samsyn {}, which is newer: restore it with that",
            form.program
        );
        let manifest: Manifest = serde_json::from_str(&text).context("the archive's manifest cannot be read")?;
        let known = manifest.tables.len() + 1;
        ensure!(zip.len() == known, "the archive holds {} files, and its manifest names {known}", zip.len());
        Ok(Self { zip, manifest })
    }

    /// Calls `each` with every row of a table, one in memory at a time; at the end they must be those that were written.
    pub(super) fn each_row(
        &mut self,
        table: &Contents,
        mut each: impl FnMut(Row) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let damaged = || format!("the archive is damaged: the table {} is not as it was written", table.name);
        let mut lines = BufReader::new(self.zip.by_name(&place(&table.name)).with_context(damaged)?);
        let (mut line, mut count, mut digest) = (Vec::new(), 0, Sha256::new());
        while lines.read_until(b'\n', &mut line).with_context(damaged)? > 0 {
            digest.update(&line);
            let row: Row = serde_json::from_slice(&line).with_context(damaged)?;
            ensure!(row.len() == table.columns.len(), damaged());
            each(row)?;
            count += 1;
            line.clear();
        }
        if (count, hex(&digest.finalize())) == (table.rows, table.sha256.clone()) {
            Ok(())
        } else {
            Err(anyhow!(damaged()))
        }
    }

    /// Reads every table to its end.
    pub(super) fn verify(&mut self) -> anyhow::Result<()> {
        for table in self.manifest.tables.clone() {
            self.each_row(&table, |_| Ok(()))?;
        }
        Ok(())
    }
}

/// What every form of the manifest says.
#[derive(serde::Deserialize)]
struct Form {
    form: u32,
    program: String,
}
