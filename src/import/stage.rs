//! A file's rows, read into the database before anything is done with them.

use std::path::Path;

use super::bank::{Layout, Reference};
use super::model::{Cells, Counts, Effect, Form, Import, ImportState, Options, Row};
use super::run::Work;
use super::told::Sheet;
use super::{banked, exported, rows, store, table, template};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::text::{Bilingual, bilingual};

/// How many rows are kept at once.
const BATCH: usize = 500;

/// Reads a file's rows into an import that is begun already; what the file is refused for leaves nothing.
///
/// # Errors
/// 422 with what is wrong with the file; when the database fails.
pub fn stage(database: &Database, import: Import, path: &Path, reference: &Reference) -> Result<Import, Problem> {
    let id = import.id;
    let mut staging = Staging { database, reference, import, columns: Vec::new(), batch: Vec::new() };
    let outcome = staging.read(path);
    match outcome {
        Ok(()) => database.write_now(|conn| store::progress(conn, &staging.import)),
        Err(problem) => {
            database.write_now(|conn| store::remove(conn, id))?;
            Err(problem)
        }
    }
}

/// Begins an import: its rows are read, and nothing more.
///
/// # Errors
/// 404 for an unknown strategy, 422 with what is wrong with the file.
pub fn begin(work: &Work, file: &Path, file_name: String, digest: String, options: Options) -> Result<Import, Problem> {
    let now = Timestamp::now();
    let import = Import {
        id: Id::new(),
        state: ImportState::Checking,
        file_name,
        digest,
        options,
        sheets: Vec::new(),
        rows: 0,
        filtered: 0,
        done: 0,
        counts: Counts::default(),
        skips_refused: false,
        failure: None,
        created_by: work.caller.id(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let reference = work.database.write_now(|conn| {
        if let Some(strategy) = &import.options.strategy_id {
            crate::strategy::store::find(conn, strategy)?;
        }
        store::insert(conn, &import)?;
        super::reference(conn)
    })?;
    stage(&work.database, import, file, &reference)
}

struct Staging<'a> {
    database: &'a Database,
    reference: &'a Reference,
    import: Import,
    /// Of the present sheet: the place of each column that is read, and what it is called here.
    columns: Vec<(usize, String)>,
    batch: Vec<Row>,
}

impl Staging<'_> {
    fn read(&mut self, path: &Path) -> Result<(), Problem> {
        let form = table::sniff(path)?;
        table::read(path, form, |sheet, row| self.row(sheet, &row))?;
        self.flush()?;
        if self.import.sheets.iter().all(|sheet| sheet.form.is_none()) {
            let reason = bilingual!(
                "har ingen tabell som känns igen: varken våra egna (projects, alignments, funding-lines, med deras kolumnnamn) \
                 eller projektbankens (ärende-id, projektnamn …) har rader i den",
                "has no table that is known: neither our own (projects, alignments, funding-lines, by their columns' names) \
                 nor the project bank's (ärende-id, projektnamn …) has rows in it"
            );
            return Err(unreadable("no-table", reason));
        }
        Ok(())
    }

    fn row(&mut self, sheet: &table::Sheet, row: &table::Row) -> Result<(), Problem> {
        if self.import.sheets.last().is_none_or(|last| last.name != sheet.name) {
            self.begin(sheet)?;
        }
        let Some(Sheet { form: Some(form), rows, .. }) = self.import.sheets.last_mut() else { return Ok(()) };
        let (form, number) = (*form, row.number);
        let cells: Cells = self.columns.iter().map(|(place, name)| (name.clone(), row.cells[*place].clone())).collect();
        let key = match form {
            Form::ProjectBank2014 | Form::ProjectBank2007 => {
                if !banked::is_wanted(&cells, self.reference, &self.import.options) {
                    self.import.filtered += 1;
                    return Ok(());
                }
                banked::case_id(&cells, self.reference).unwrap_or_else(|| format!("row {number}"))
            }
            _ => exported::key(form, &cells, number),
        };
        *rows += 1;
        self.import.rows += 1;
        let (sheet, number) = (sheet.name.clone(), i64::from(number));
        self.batch.push(Row {
            sheet,
            number,
            form,
            key,
            cells,
            result: None,
            effect: Effect::default(),
            applied: false,
        });
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Finds out which table a sheet is.
    fn begin(&mut self, sheet: &table::Sheet) -> Result<(), Problem> {
        let bank = banked::form(&sheet.columns).map_err(|fault| unreadable(fault.code(), fault.reason()))?;
        let form = bank.as_ref().map(|(form, _)| *form).or_else(|| template::form(&sheet.columns));
        let layout: Option<Layout> = bank.map(|(_, layout)| layout);
        let (mut dropped, mut unknown) = (Vec::new(), Vec::new());
        self.columns.clear();
        for (place, name) in sheet.columns.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let is_read = match (form, &layout) {
                (_, Some(layout)) => layout.reads(name),
                (Some(form), None) => template::is_known(form, name),
                (None, None) => false,
            };
            if is_read {
                self.columns.push((place, name.clone()));
            } else if is_personal(name) {
                dropped.push(name.clone());
            } else {
                unknown.push(name.clone());
            }
        }
        let name = sheet.name.clone();
        self.import.sheets.push(Sheet { name, form, rows: 0, dropped_columns: dropped, unknown_columns: unknown });
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Problem> {
        let (id, batch) = (self.import.id, std::mem::take(&mut self.batch));
        if batch.is_empty() { Ok(()) } else { self.database.write_now(|conn| rows::stage(conn, id, &batch)) }
    }
}

impl From<table::Error> for Problem {
    fn from(error: table::Error) -> Self {
        match error {
            table::Error::Refused(refusal) => unreadable(refusal.code, Bilingual { sv: refusal.sv, en: refusal.en }),
            table::Error::Io(error) => Self::internal(error),
        }
    }
}

/// What a file is refused for.
fn unreadable(code: &'static str, reason: Bilingual) -> Problem {
    Problem::invalid(vec![Fault::body("/file", code, reason)])
}

/// Names of columns that hold what is about a person, as they are compared: small letters alone.
const PERSONAL: &[&str] = &[
    "projektledare",
    "telnr",
    "telefon",
    "telefonnummer",
    "tel",
    "mobil",
    "epost",
    "epostadress",
    "mejl",
    "mail",
    "email",
    "kontakt",
    "kontaktperson",
    "kontaktpersoner",
    "personnummer",
    "phone",
    "contact",
    "contactname",
    "contactemail",
    "contactphone",
    "handläggare",
    "firmatecknare",
];

fn is_personal(column: &str) -> bool {
    let plain: String = column.to_lowercase().chars().filter(|sign| sign.is_alphanumeric()).collect();
    PERSONAL.contains(&plain.as_str())
}
