//! Spreadsheets from strangers as tables of text: CSV in its many dialects, and XLSX.
//!
//! [`sniff`] tells by its content what a file is, and [`read`] hands its rows on, one at a time. Neither believes
//! what a file says of itself (its name, its sizes, its dimensions, its counts), and both work in memory bounded by
//! the limits below, whatever the file holds. A file that is not read is answered with a [`Refusal`], which tells a
//! person in Swedish and in English what is wrong, where, and what would be right.
//!
//! A cell is text in one canonical form, whichever the file's form:
//!
//! - text is trimmed of outer white space, with line feeds for its inner line breaks; an apostrophe that guards a
//!   formula stays;
//! - a number has neither exponent nor needless decimals (`169287`, `1250000.5`). It has the 15 significant digits of
//!   a spreadsheet, but a whole number all that were stored;
//! - a date is `2016-09-01`; with a time that is not midnight `2016-10-14 01:17:38`, whose fractions of a second are
//!   dropped; a time alone `01:17:38`; a duration `26:30:00`;
//! - a truth value is `true` or `false`, an error the text that the spreadsheet shows (`#N/A`);
//! - a formula is the value that was saved with it, never evaluated.
//!
//! In CSV all cells are text already: nothing there is taken for a number or a date.

mod archive;
mod cell;
mod csv;
mod form;
mod ration;
mod refusal;
mod rows;
#[cfg(test)]
mod samples;
mod text;
mod xlsx;
mod xml;

use std::{fs, io, path::Path};

pub use form::{Form, sniff};
pub use refusal::Refusal;

/// The largest file that is read, in bytes.
pub const FILE: u64 = 256 << 20;
/// The most that all parts of an XLSX file may come to when unpacked, in bytes.
pub const UNPACKED: u64 = 768 << 20;
/// The most that an XLSX file's table of shared texts may come to when unpacked, in bytes.
pub const SHARED_TEXTS: u64 = 128 << 20;
/// The most that any other part of an XLSX file that is no sheet may come to when unpacked, in bytes.
pub const OTHER_PART: u64 = 16 << 20;
/// The most parts an XLSX file may have.
pub const PARTS: usize = 2_000;
/// The most columns a sheet may have.
pub const COLUMNS: usize = 200;
/// The most rows that are handed on from all sheets of a file, their headers not counted.
pub const ROWS: u32 = 200_000;
/// The longest text of a cell, in bytes of UTF-8.
pub const CELL: usize = 64 << 10;
/// The most text that is handed on from all sheets of a file, in bytes: an XLSX file can repeat one long text at will.
pub const TEXT: u64 = 768 << 20;

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name, empty for CSV.
    pub name: String,
    /// The cells of its first row that is not empty, up to the last with a text. No two names are equal; a column in
    /// between may have none.
    pub columns: Vec<String>,
}

/// A row below the header that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1; the header's usually is 1.
    pub number: u32,
    /// Its cells, as many as the sheet has columns.
    pub cells: Vec<String>,
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is at fault, and its sender can be told so.
    #[error("{0}")]
    Refused(Refusal),
    /// The machine is at fault: the file, or a temporary one, cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Reads the visible sheets of a file in their order, each from its start to its end, and hands each row on.
///
/// A sheet without any text is passed over, and so are empty rows. Hidden sheets are passed over, hidden rows and
/// columns are not. Rows may have been handed on before a later one is refused.
///
/// # Errors
///
/// [`Error`] as the caller's own where the file is refused or cannot be read; and what `each` answers with an error,
/// which stops the reading.
pub fn read<E: From<Error>>(
    path: &Path,
    form: Form,
    mut each: impl FnMut(&Sheet, Row) -> Result<(), E>,
) -> Result<(), E> {
    weigh(path)?;
    let mut rows = rows::Rows::new(&mut each);
    match form {
        Form::Csv => csv::read(path, &mut rows),
        Form::Xlsx => xlsx::read(path, &mut rows),
    }
}

/// Refuses a file that is larger than [`FILE`], or empty.
fn weigh(path: &Path) -> Result<(), Error> {
    match fs::metadata(path)?.len() {
        0 => Err(refusal::empty_file().into()),
        bytes if bytes > FILE => Err(refusal::file_too_large().into()),
        _ => Ok(()),
    }
}
