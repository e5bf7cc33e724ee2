//! The sheet that explains the other sheets' columns, in the words of the API's documentation.

use rust_xlsxwriter::Worksheet;

use super::coverage::CoverageRow;
use super::sheet::Sheet;
use crate::export::model::{Column, Table};
use crate::export::row::row;
use crate::export::wire::{AlignmentRow, FundingLineRow, ProjectRow};
use crate::problem::Problem;

row! {
    /// En kolumn i arbetsboken. / A column of the workbook.
    pub(super) struct ColumnRow in "columns" {
        /// Arket. / The sheet.
        sheet: &'static str = "sheet";
        /// Kolumnen. / The column.
        column: &'static str = "column";
        /// Vad den betyder, på svenska. / What it means, in Swedish.
        swedish: String = "sv";
        /// Vad den betyder, på engelska. / What it means, in English.
        english: String = "en";
    }
}

/// Explains every sheet that has rows of the registry's.
pub(super) fn explain() -> Result<Worksheet, Problem> {
    let mut sheet = Sheet::in_memory()?;
    let rows = of::<ProjectRow>().chain(of::<AlignmentRow>()).chain(of::<FundingLineRow>()).chain(of::<CoverageRow>());
    for row in rows {
        sheet.write(&row, "")?;
    }
    sheet.end()
}

fn of<T: Table>() -> impl Iterator<Item = ColumnRow> {
    let row = |column: &Column| {
        let (swedish, english) = in_both_languages(column.documentation);
        ColumnRow { sheet: T::TABLE, column: column.name, swedish: swedish.to_owned(), english: english.to_owned() }
    };
    T::COLUMNS.iter().map(row)
}

/// A documentation's Swedish and English halves.
fn in_both_languages(documentation: &str) -> (&str, &str) {
    let (swedish, english) = documentation.split_once(" / ").unwrap_or((documentation, documentation));
    (swedish.trim(), english.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::operation::wire::OperationRow;

    #[test]
    fn every_column_is_explained_in_both_languages() {
        let columns = [ProjectRow::COLUMNS, AlignmentRow::COLUMNS, FundingLineRow::COLUMNS, OperationRow::COLUMNS];
        for column in columns.into_iter().chain([CoverageRow::COLUMNS]).flatten() {
            assert_eq!(column.documentation.matches(" / ").count(), 1, "{}", column.name);
            let (swedish, english) = in_both_languages(column.documentation);
            assert!(swedish.ends_with('.') && english.ends_with('.'), "{}", column.name);
            assert!(!column.documentation.contains("  "), "{}", column.name);
        }
    }
}
