//! A table as a sheet, a row at a time.

use std::marker::PhantomData;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{ExcelDateTime, Format, IgnoreError, Workbook, Worksheet, XlsxError};

use crate::export::model::{Table, Type, Value};
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// How many rows a sheet holds below its headings.
const ROWS: u32 = 1_048_575;

/// How long a text a cell holds, in units of UTF-16.
const LONGEST: usize = 32_767;

/// From here on a spreadsheet's numbers do not hold every digit.
const TOO_BIG: i64 = 1_000_000_000_000_000;

/// The narrowest and the widest column, in letters.
const WIDTHS: (usize, usize) = (8, 60);

/// The height of every row in points, so that none grows with its text.
const HEIGHT: f64 = 15.75;

/// A sheet that rows are written to.
pub(super) struct Sheet<T> {
    worksheet: Worksheet,
    rows: u32,
    widths: Vec<usize>,
    table: PhantomData<T>,
}

fn failed(error: XlsxError) -> Problem {
    Problem::internal(error)
}

/// How the cells of a column look, also those that are typed in later.
fn format(type_: Type) -> Format {
    Format::new().set_num_format(match type_ {
        Type::Text => "@",
        Type::Number => "0",
        Type::Amount => "#,##0.00",
        Type::Date => "yyyy-mm-dd",
    })
}

fn column(index: usize) -> Result<u16, Problem> {
    u16::try_from(index).map_err(Problem::internal)
}

impl<T: Table> Sheet<T> {
    /// A sheet whose rows go to a file.
    pub(super) fn on_disk(book: &mut Workbook) -> Result<Self, Problem> {
        Self::begin(book.new_worksheet_with_constant_memory().map_err(failed)?)
    }

    /// A sheet of few rows, which charts can be of: they hold a copy of what they show.
    pub(super) fn in_memory() -> Result<Self, Problem> {
        Self::begin(Worksheet::new())
    }

    fn begin(mut worksheet: Worksheet) -> Result<Self, Problem> {
        worksheet.set_name(T::TABLE).map_err(failed)?.set_default_row_height(HEIGHT);
        worksheet.set_freeze_panes(1, 0).map_err(failed)?;
        let heading = Format::new().set_bold().set_num_format("@");
        for (index, known) in T::COLUMNS.iter().enumerate() {
            let column = column(index)?;
            worksheet.set_column_format(column, &format(known.type_)).map_err(failed)?;
            worksheet.write_string_with_format(0, column, known.name, &heading).map_err(failed)?;
        }
        // A heading has a button beside it.
        let widths = T::COLUMNS.iter().map(|column| column.name.len() + 3).collect();
        Ok(Self { worksheet, rows: 0, widths, table: PhantomData })
    }

    /// Writes a row of the project with this reference.
    pub(super) fn write(&mut self, row: &T, reference: &str) -> Result<(), Problem> {
        if self.rows == ROWS {
            return Err(full(T::TABLE));
        }
        self.rows += 1;
        for (index, value) in row.cells().into_iter().enumerate() {
            let width = self.put(column(index)?, value).map_err(|error| match error {
                XlsxError::MaxStringLengthExceeded => too_long(T::COLUMNS[index].name, reference),
                other => failed(other),
            })?;
            self.widths[index] = self.widths[index].max(width);
        }
        Ok(())
    }

    /// Writes a cell and says how wide it is.
    fn put(&mut self, column: u16, value: Value) -> Result<usize, XlsxError> {
        let (sheet, row) = (&mut self.worksheet, self.rows);
        match value {
            Value::Nothing => Ok(0),
            Value::Number(number) if number.abs() < TOO_BIG => {
                sheet.write_number(row, column, as_float(number)).map(|_| 0)
            }
            Value::Amount(amount) if amount.hundredths().abs() < TOO_BIG => {
                sheet.write_number(row, column, as_float(amount.hundredths()) / 100.0)?;
                // Spaces between thousands.
                Ok(amount.to_string().len() * 4 / 3 + 1)
            }
            Value::Date(day) if let Some(day) = date(day) => sheet.write_datetime(row, column, &day).map(|_| 11),
            other => {
                let text = other.into_text();
                let width = text.lines().next().map_or(0, |line| line.chars().count() + 1);
                sheet.write_string(row, column, text).map(|_| width)
            }
        }
    }

    /// The sheet, whole.
    pub(super) fn end(mut self) -> Result<Worksheet, Problem> {
        let last = column(T::COLUMNS.len() - 1)?;
        for (index, width) in self.widths.iter().enumerate() {
            let width = u32::try_from((*width).clamp(WIDTHS.0, WIDTHS.1)).map_err(Problem::internal)?;
            self.worksheet.set_column_width(column(index)?, width).map_err(failed)?;
        }
        self.worksheet.autofilter(0, 0, self.rows, last).map_err(failed)?;
        // Codes that look like numbers are meant to be texts.
        self.worksheet.ignore_error_range(0, 0, self.rows, last, IgnoreError::NumberStoredAsText).map_err(failed)?;
        Ok(self.worksheet)
    }
}

/// Exact, below [`TOO_BIG`].
#[expect(clippy::cast_precision_loss)]
fn as_float(number: i64) -> f64 {
    number as f64
}

/// A day that every spreadsheet counts alike: Excel has a day more in February 1900 than there was, and ends in 9999.
fn date(day: NaiveDate) -> Option<ExcelDateTime> {
    let from = NaiveDate::from_ymd_opt(1900, 3, 1)?;
    let year = u16::try_from(day.year()).ok().filter(|_| day >= from)?;
    ExcelDateTime::from_ymd(year, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?).ok()
}

fn full(table: &str) -> Problem {
    let detail = bilingual!(
        "Arket {table} rymmer {ROWS} rader. Begränsa urvalet, eller hämta tabellen som CSV.",
        "The sheet {table} holds {ROWS} rows. Select fewer projects, or get the table as CSV."
    );
    Problem::new(Kind::InvalidParameter, detail)
}

fn too_long(column: &str, reference: &str) -> Problem {
    let detail = bilingual!(
        "En cell i ett kalkylblad rymmer {LONGEST} tecken, men {column} i projektet {reference} är längre. Hämta tabellen \
         som CSV, eller välj bort projektet.",
        "A cell of a spreadsheet holds {LONGEST} characters, but {column} of the project {reference} is longer. Get the \
         table as CSV, or select without the project."
    );
    Problem::new(Kind::InvalidParameter, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_spreadsheets_count_differently_are_texts() {
        let is_date = |text: &str| date(text.parse().expect("a day")).is_some();
        assert!(["1900-03-01", "2012-01-31", "9999-12-31"].into_iter().all(is_date));
        assert!(!["1900-02-28", "0001-01-01"].into_iter().any(is_date));
    }

    #[test]
    fn every_amount_that_is_a_number_is_told_apart_from_the_next() {
        for hundredths in [TOO_BIG - 2, 123_456_789_012_345, 1, 70] {
            let (number, next) = (as_float(hundredths) / 100.0, as_float(hundredths + 1) / 100.0);
            assert!(number < next);
            assert_eq!(format!("{number:.2}"), crate::money::Amount::from_hundredths(hundredths).to_string());
        }
    }
}
