//! How a table is written: CSV (RFC 4180) for spreadsheets, JSON Lines for programs.
//!
//! A cell of CSV never runs: one that a spreadsheet would take for a formula gets an apostrophe before it. Whoever reads
//! the file takes one apostrophe away from every cell that begins with one, and has the text as it was.

use std::collections::HashMap;

use chrono::NaiveDate;
use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use super::operation::model::Facts;
use crate::framework::Framework;
use crate::funding::model::SourceFacts;
use crate::money::Amount;
use crate::project::Project;
use crate::strategy::{Municipality, Strategy};

/// What stands between the values of a list in a cell. In a value it is written `\|`, and a backslash `\\`.
pub const SEPARATOR: &str = "|";

/// What tells spreadsheets that a file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A table: rows with the same columns.
pub trait Table: Serialize + Send + 'static {
    /// The table's name, as in its address.
    const TABLE: &'static str;
    /// Its columns.
    const COLUMNS: &'static [Column];

    /// The row's cells, in the order of the columns.
    fn cells(&self) -> Vec<Value>;
}

/// A table of what projects have.
pub trait Row: Table {
    /// The rows that a project has in the table.
    fn of(project: &Project, names: &Names) -> Vec<Self>
    where
        Self: Sized;
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// What the member is called in JSON.
    pub name: &'static str,
    /// What stands in it.
    pub type_: Type,
    /// What it means, Swedish / English, as in the API's documentation.
    pub documentation: &'static str,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Texts, codes and references, also those that look like numbers.
    Text,
    /// Whole numbers.
    Number,
    /// Numbers with two decimals.
    Amount,
    /// Days.
    Date,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: it is unknown.
    Nothing,
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with two decimals.
    Amount(Amount),
    /// A day.
    Date(NaiveDate),
}

impl Value {
    /// As text; nothing when it is unknown.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Amount(amount) => amount.to_string(),
            Self::Date(day) => day.to_string(),
        }
    }
}

/// What the codes in a project stand for.
#[derive(Debug, Default)]
pub struct Names {
    /// The strategies.
    pub strategies: Vec<Strategy>,
    /// The funding sources, by code.
    pub sources: HashMap<String, SourceFacts>,
    /// The frameworks, by id.
    pub frameworks: HashMap<String, Framework>,
    /// The municipalities, by code.
    pub municipalities: HashMap<String, Municipality>,
    /// What the EU's list asks for and the catalogues do not say.
    pub facts: Facts,
    /// The funding sources that are asked for; all of them when none is named.
    pub wanted_sources: Option<Vec<String>>,
}

/// A form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values with a header row.
    Csv {
        /// Whether the file begins with a byte order mark.
        bom: bool,
    },
    /// One JSON object a line.
    JsonLines,
}

impl Form {
    /// The form of this media type.
    #[must_use]
    pub fn of(media_type: &str, bom: bool) -> Self {
        if media_type == "text/csv" { Self::Csv { bom } } else { Self::JsonLines }
    }

    /// The media type with its parameters (RFC 4180 section 3).
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv { .. } => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// What the file's name ends with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// What comes before the first row.
    ///
    /// # Errors
    /// None in practice: memory takes what is written.
    pub fn head<T: Table>(self) -> anyhow::Result<Vec<u8>> {
        let Self::Csv { bom } = self else { return Ok(Vec::new()) };
        let mut text = if bom { BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
        csv_writer(&mut text).write_record(T::COLUMNS.iter().map(|column| column.name))?;
        Ok(text)
    }

    /// Rows.
    ///
    /// # Errors
    /// When a row cannot be written as JSON.
    pub fn rows<T: Table>(self, rows: &[T]) -> anyhow::Result<Vec<u8>> {
        let mut text = Vec::new();
        match self {
            Self::Csv { .. } => {
                let mut writer = csv_writer(&mut text);
                for row in rows {
                    writer.write_record(row.cells().into_iter().map(Value::into_text).map(inert))?;
                }
                writer.flush()?;
            }
            Self::JsonLines => {
                for row in rows {
                    serde_json::to_writer(&mut text, row)?;
                    text.push(b'\n');
                }
            }
        }
        Ok(text)
    }
}

fn csv_writer(text: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(text)
}

/// A cell that no spreadsheet runs; plain numbers, also negative ones, stay numbers.
fn inert(cell: String) -> String {
    let would_run = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(&cell);
    if would_run || cell.starts_with('\'') { format!("'{cell}") } else { cell }
}

fn is_number(cell: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    digits(whole) && digits(decimals)
}

/// What can be a member of a row.
pub trait Cell {
    /// What stands in its column.
    const TYPE: Type;

    /// What stands in its cell.
    fn value(&self) -> Value;
}

impl<T: Cell> Cell for Option<T> {
    const TYPE: Type = T::TYPE;

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Nothing, Cell::value)
    }
}

impl<T: Cell> Cell for Vec<T> {
    const TYPE: Type = Type::Text;

    fn value(&self) -> Value {
        let texts = self.iter().map(|member| member.value().into_text());
        let values = texts.map(|text| text.replace('\\', "\\\\").replace(SEPARATOR, "\\|"));
        Value::Text(values.collect::<Vec<_>>().join(SEPARATOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_cell_runs_and_every_cell_is_read_back(text in r"[-=+@'\t\r\n0-9.a]{0,6}") {
            let cell = inert(text.clone());
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) || is_number(&cell));
            prop_assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), &text);
        }
    }

    #[test]
    fn numbers_stay_numbers() {
        for number in ["-5.00", "-12", "0"] {
            assert_eq!(inert(number.to_owned()), number);
        }
        for formula in ["-5+3", "+46", "-", "-.5", "-5.", "--5", "-1e9"] {
            assert_eq!(inert(formula.to_owned()), format!("'{formula}"));
        }
    }
}
