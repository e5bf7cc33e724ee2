//! From cells to rows below a header, the same for all forms.

use std::{borrow::Cow, collections::HashSet};

use super::{CELL, COLUMNS, Error, ROWS, Refusal, Row, Sheet, TEXT, refusal};

/// Takes the cells of a file in their order, and hands on its rows.
pub(super) struct Rows<'a, E> {
    /// The sheet being read, without columns until its header is known.
    sheet: Sheet,
    /// The row being put together, number 0 before the first; its last cell is never empty.
    row: Row,
    handed_on: u32,
    text: u64,
    each: &'a mut dyn FnMut(&Sheet, Row) -> Result<(), E>,
}

impl<'a, E: From<Error>> Rows<'a, E> {
    pub(super) fn new(each: &'a mut dyn FnMut(&Sheet, Row) -> Result<(), E>) -> Self {
        let sheet = Sheet { name: String::new(), columns: Vec::new() };
        Self { sheet, row: Row { number: 0, cells: Vec::new() }, handed_on: 0, text: 0, each }
    }

    /// Begins a sheet; the one before has to have ended.
    pub(super) fn begin(&mut self, name: &str) {
        self.sheet = Sheet { name: name.to_owned(), columns: Vec::new() };
        self.row = Row { number: 0, cells: Vec::new() };
    }

    /// Takes a cell: its row's number, its column from 0, and its text as it is in the file. What is not put is empty.
    pub(super) fn put(&mut self, number: u32, column: usize, text: &str) -> Result<(), E> {
        if number > self.row.number {
            self.end()?;
            self.row.number = number;
        }
        self.place(number, column, text).map_err(|refusal| self.refused(refusal, number))
    }

    /// Hands on the row being put together, if there is one. The last of a sheet ends it.
    pub(super) fn end(&mut self) -> Result<(), E> {
        if self.row.cells.is_empty() {
            return Ok(());
        }
        let row = Row { number: self.row.number, cells: std::mem::take(&mut self.row.cells) };
        let number = row.number;
        let Some(row) = self.finish(row).map_err(|refusal| self.refused(refusal, number))? else { return Ok(()) };
        (self.each)(&self.sheet, row)
    }

    /// A refusal of a row of this sheet, as the caller's error.
    pub(super) fn refused(&self, refusal: Refusal, number: u32) -> E {
        Error::from(refusal.at(&self.sheet.name, number)).into()
    }

    /// The number of the row being put together, 0 before the first.
    pub(super) fn number(&self) -> u32 {
        self.row.number
    }

    fn place(&mut self, number: u32, column: usize, text: &str) -> Result<(), Refusal> {
        if number < self.row.number {
            return Err(refusal::rows_out_of_order());
        }
        if text.len() > CELL {
            return Err(refusal::cell_too_long());
        }
        if text.contains('\0') {
            return Err(refusal::not_text());
        }
        let text = tidy(text);
        if text.is_empty() {
            return Ok(());
        }
        if column >= COLUMNS {
            return Err(refusal::too_many_columns());
        }
        self.text += text.len() as u64;
        if self.text > TEXT {
            return Err(refusal::too_much_text());
        }
        if self.row.cells.len() <= column {
            self.row.cells.resize(column + 1, String::new());
        }
        self.row.cells[column] = text.into_owned();
        Ok(())
    }

    /// Makes the first row the header, and a later one as wide as the header.
    fn finish(&mut self, mut row: Row) -> Result<Option<Row>, Refusal> {
        let columns = &mut self.sheet.columns;
        if columns.is_empty() {
            let mut seen = HashSet::new();
            if let Some(twice) = row.cells.iter().find(|name| !name.is_empty() && !seen.insert(name.as_str())) {
                return Err(refusal::repeated_column(twice));
            }
            *columns = row.cells;
            return Ok(None);
        }
        if row.cells.len() > columns.len() {
            return Err(refusal::too_many_cells(row.cells.len(), columns.len()));
        }
        self.handed_on += 1;
        if self.handed_on > ROWS {
            return Err(refusal::too_many_rows());
        }
        row.cells.resize(columns.len(), String::new());
        Ok(Some(row))
    }
}

/// Text without outer white space, and with line feeds for its line breaks.
fn tidy(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts the cells, as row, column and text, in one sheet: the rows handed on, or the refusal.
    fn rows(cells: &[(u32, usize, &str)]) -> Result<(Vec<String>, Vec<Row>), Error> {
        let (mut columns, mut handed_on) = (Vec::new(), Vec::new());
        let mut each = |sheet: &Sheet, row| {
            columns.clone_from(&sheet.columns);
            handed_on.push(row);
            Ok::<_, Error>(())
        };
        let mut rows = Rows::new(&mut each);
        for (number, column, text) in cells {
            rows.put(*number, *column, text)?;
        }
        rows.end()?;
        Ok((columns, handed_on))
    }

    fn refusal(cells: &[(u32, usize, &str)]) -> (&'static str, Option<u32>) {
        match rows(cells) {
            Err(Error::Refused(refusal)) => (refusal.code, refusal.row),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn the_first_row_with_text_names_the_columns_and_later_ones_fill_them() {
        let (columns, rows) =
            rows(&[(2, 1, " "), (3, 0, "a"), (3, 2, "c"), (3, 9, ""), (5, 1, " x\r\ny\rz ")]).expect("rows");
        assert_eq!(columns, ["a", "", "c"]);
        assert_eq!(rows, [Row { number: 5, cells: vec![String::new(), "x\ny\nz".into(), String::new()] }]);
    }

    #[test]
    fn a_header_names_no_column_twice_but_may_leave_many_without_a_name() {
        assert_eq!(refusal(&[(4, 0, "a"), (4, 2, "a ")]), ("repeated-column", Some(4)));
        assert!(rows(&[(1, 3, "a"), (2, 0, "x")]).is_ok());
    }

    #[test]
    fn text_beside_the_columns_is_refused_and_white_space_is_not() {
        assert_eq!(refusal(&[(1, 0, "a"), (2, 1, "x")]), ("too-many-cells", Some(2)));
        assert!(rows(&[(1, 0, "a"), (2, 1, "\u{a0}")]).is_ok());
        assert_eq!(refusal(&[(1, COLUMNS, "a")]), ("too-many-columns", Some(1)));
        assert!(rows(&[(1, COLUMNS - 1, "a"), (2, COLUMNS, " ")]).is_ok());
    }

    #[test]
    fn a_cell_a_row_number_and_the_number_of_rows_have_limits() {
        let long = "x".repeat(CELL + 1);
        assert_eq!(refusal(&[(1, 0, "a"), (7, 0, &long)]), ("cell-too-long", Some(7)));
        assert!(rows(&[(1, 0, "a"), (7, 0, &long[1..])]).is_ok());
        assert_eq!(refusal(&[(1, 0, "a"), (3, 0, "x"), (2, 0, "y")]), ("rows-out-of-order", Some(2)));
        let many: Vec<_> = (1..=ROWS + 2).map(|number| (number, 0, "x")).collect();
        assert_eq!(refusal(&many), ("too-many-rows", Some(ROWS + 2)));
        assert_eq!(rows(&many[..=ROWS as usize]).expect("the most").1.len(), ROWS as usize);
    }

    #[test]
    fn text_repeated_at_will_has_a_limit() {
        let long = "x".repeat(CELL);
        let mut each = |_: &Sheet, _| Ok::<_, Error>(());
        let mut rows = Rows::new(&mut each);
        let refused = (1..).find_map(|number| rows.put(number, 0, &long).err());
        assert!(matches!(refused, Some(Error::Refused(Refusal { code: "too-much-text", .. }))));
        assert_eq!(u64::from(rows.number()), TEXT / CELL as u64 + 1);
    }
}
