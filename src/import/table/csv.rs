//! CSV in the dialects that spreadsheets write.
//!
//! Read by hand rather than with the `csv` crate, which gathers a row however long it is, passes over empty lines
//! without counting them, and does not tell that a quotation mark was never closed.

use std::path::Path;

use super::{CELL, Error, refusal, rows::Rows, text::Text};

/// How many rows the separator is found by.
const SAMPLE: usize = 50;

/// Reads a text file, and hands its rows on.
///
/// Rows are numbered as a spreadsheet does: a quoted line break begins no row, an empty line is one, and a leading line
/// `sep=;` is none.
pub(super) fn read<E: From<Error>>(path: &Path, rows: &mut Rows<'_, E>) -> Result<(), E> {
    let mut text = Text::open(path)?;
    let mut lines = Lines {
        separator: None,
        place: Place::Start,
        cell: Vec::new(),
        column: 0,
        number: 1,
        after_return: false,
        rows,
    };
    while let Some(piece) = text.next()? {
        lines.take(piece)?;
    }
    lines.finish()
}

/// The separator that a first line `sep=;` names, and the text after that line.
fn said_separator(text: &str) -> Option<(u8, &str)> {
    let (key, rest) = text.split_at_checked(4)?;
    let separator = *rest.as_bytes().first()?;
    let fit = separator == b'\t' || separator.is_ascii_punctuation() && separator != b'"';
    let rest = rest.get(1..).filter(|_| fit && key.eq_ignore_ascii_case("sep="))?;
    let rest =
        rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).or(rest.is_empty().then_some(""))?;
    Some((separator, rest))
}

/// The separator that divides the header and most evenly the first rows: semicolon, tab or comma.
///
/// Where none is in the header, the one that is most in the rows, so that they are refused rather than taken for a
/// table of one column.
fn likely_separator(text: &str) -> u8 {
    let rows = counts(text);
    let header = rows.first().copied().unwrap_or_default();
    let evenness = |at: usize| {
        let even = rows.iter().filter(|row| row[at] == header[at]).count();
        let all: usize = rows.iter().map(|row| row[at]).sum();
        if header[at] > 0 { (true, even, header[at]) } else { (false, all, 0) }
    };
    let best = (0..SEPARATORS.len()).max_by_key(|at| evenness(*at)).unwrap_or_default();
    SEPARATORS[best]
}

/// What may separate cells; of two as likely, the later is taken.
const SEPARATORS: [u8; 3] = [b',', b'\t', b';'];

/// How often each of [`SEPARATORS`] is outside quotes in each of the first rows that are not empty.
fn counts(text: &str) -> Vec<[usize; 3]> {
    let (mut rows, mut row, mut quoted, mut before, mut empty) = (Vec::new(), [0; 3], false, b'\n', true);
    for byte in text.bytes() {
        let separator = SEPARATORS.iter().position(|separator| *separator == byte);
        if byte == b'"' && (quoted || before == b'\n' || SEPARATORS.contains(&before)) {
            quoted = !quoted;
        } else if quoted {
        } else if let Some(at) = separator {
            row[at] += 1;
        } else if matches!(byte, b'\n' | b'\r') && !empty {
            rows.push(std::mem::take(&mut row));
            if rows.len() == SAMPLE {
                return rows;
            }
        }
        empty = !quoted && matches!(byte, b'\n' | b'\r');
        // A doubled quotation mark opens the cell again that it seemed to close.
        before = match byte {
            b'\r' => b'\n',
            b'"' if !quoted => b'\n',
            byte => byte,
        };
    }
    if !empty {
        rows.push(row);
    }
    rows
}

/// Where in a cell the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Plain,
    Quoted,
    /// After a quotation mark in a quoted cell, which closes it unless another follows.
    Closing,
}

/// Rows of cells, divided by RFC 4180, with any of the three line breaks and any one separator.
struct Lines<'a, 'b, E> {
    /// Known from the first piece of text on.
    separator: Option<u8>,
    place: Place,
    /// The cell being read, at most [`CELL`] bytes.
    cell: Vec<u8>,
    column: usize,
    number: u32,
    after_return: bool,
    rows: &'a mut Rows<'b, E>,
}

impl<E: From<Error>> Lines<'_, '_, E> {
    /// Takes a piece of text.
    fn take(&mut self, text: &str) -> Result<(), E> {
        if text.is_empty() {
            return Ok(());
        }
        let (separator, text) = match self.separator {
            Some(separator) => (separator, text),
            None => said_separator(text).unwrap_or_else(|| (likely_separator(text), text)),
        };
        self.separator = Some(separator);
        text.bytes().try_for_each(|byte| self.take_byte(byte, separator))
    }

    fn take_byte(&mut self, byte: u8, separator: u8) -> Result<(), E> {
        let after_return = std::mem::take(&mut self.after_return);
        match (self.place, byte) {
            (Place::Quoted, b'"') => self.place = Place::Closing,
            (Place::Quoted, _) => self.push(byte)?,
            (Place::Closing, b'"') => {
                self.push(byte)?;
                self.place = Place::Quoted;
            }
            (_, b'\n') if after_return => {}
            (_, b'\n' | b'\r') => {
                self.end_cell()?;
                (self.column, self.number) = (0, self.number.saturating_add(1));
                self.after_return = byte == b'\r';
            }
            (_, _) if byte == separator => {
                self.end_cell()?;
                self.column += 1;
            }
            (Place::Closing, b' ') => {}
            (Place::Closing, _) => return Err(self.rows.refused(refusal::stray_quote(), self.number)),
            (Place::Start, b'"') => self.place = Place::Quoted,
            (Place::Start | Place::Plain, _) => {
                self.push(byte)?;
                self.place = Place::Plain;
            }
        }
        Ok(())
    }

    /// Takes the end of the text.
    fn finish(mut self) -> Result<(), E> {
        if self.place == Place::Quoted {
            return Err(self.rows.refused(refusal::unclosed_quote(), self.number));
        }
        self.end_cell()?;
        self.rows.end()
    }

    fn push(&mut self, byte: u8) -> Result<(), E> {
        if self.cell.len() == CELL {
            return Err(self.rows.refused(refusal::cell_too_long(), self.number));
        }
        self.cell.push(byte);
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), E> {
        if !self.cell.is_empty() {
            self.rows.put(self.number, self.column, &String::from_utf8_lossy(&self.cell))?;
            self.cell.clear();
        }
        self.place = Place::Start;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;
    use proptest::{collection::vec, prelude::*};

    use super::super::{
        Form, Refusal,
        samples::{file, rows_of},
    };
    use super::*;

    /// The header and the rows of a CSV text, joined with `|`, each with its number.
    fn rows(text: &str) -> Vec<String> {
        rows_of(file(text.as_bytes()).path(), Form::Csv).expect("read").remove(0).1
    }

    fn refusal(text: &str) -> (&'static str, Option<u32>) {
        match rows_of(file(text.as_bytes()).path(), Form::Csv) {
            Err(Error::Refused(Refusal { code, row, .. })) => (code, row),
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn the_separator_is_the_one_that_divides_the_header_and_most_evenly_the_rows() {
        let cases = [
            ("a;b\n1,5;2,5\n", "a|b", "2 1,5|2,5"),
            ("a, kort;b;c\n1,5;2,5;3\n", "a, kort|b|c", "2 1,5|2,5|3"),
            ("a\tb;c\n1\t2\n", "a|b;c", "2 1|2"),
            ("\"a;b;c;d\",e\n1,2\n", "a;b;c;d|e", "2 1|2"),
            ("a,b\n\"x;\"\"y;\"\";z\",2\n", "a|b", "2 x;\"y;\";z|2"),
            ("a,b;c\n\"x;\"\"y;\",2\n", "a|b;c", "2 x;\"y;|2"),
            ("sep=,\r\na,b;c\r\n1,2\r\n", "a|b;c", "2 1|2"),
            ("SEP=|\na|b,c\n1|2", "a|b,c", "2 1|2"),
            ("a\nx y\n", "a", "2 x y"),
        ];
        for (text, header, row) in cases {
            assert_eq!(rows(text), [header, row], "{text}");
        }
    }

    #[test]
    fn a_title_above_the_header_is_refused_whatever_separates_the_cells() {
        assert_eq!(refusal("Projekt 2024\n\na;b\n1;2\n"), ("too-many-cells", Some(3)));
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does_with_any_line_break() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a;b", "\"x", "y\";1", "", ";;", "'=z;2;;", "last"].join(end);
            assert_eq!(rows(&text), ["a|b", "2 x\ny|1", "5 '=z|2", "6 last|"], "{end:?}");
        }
    }

    #[test]
    fn quotes_are_those_of_rfc_4180_and_others_are_text() {
        assert_eq!(rows("a;b\n\"\"\"x\"\";\" ; 5\" r\u{f6}r \n")[1], "2 \"x\";|5\" rör");
        assert_eq!(rows("a;b\n\"\";\"\"\"\"\n")[1], "2 |\"");
        assert_eq!(refusal("a;b\n1;2\n\"x\"y;2\n"), ("stray-quote", Some(3)));
    }

    #[test]
    fn an_unclosed_quote_is_noticed_where_it_is() {
        assert_eq!(refusal("a;b\n1;2\n\"x;2\n3;4\n"), ("unclosed-quote", Some(3)));
        assert_eq!(refusal("a;b\n1;2\n\"x;2\n3;\"y\"\n"), ("stray-quote", Some(3)));
        assert_eq!(refusal(&format!("a;b\n\"x;2\n{}", "3;4\n".repeat(50_000))), ("cell-too-long", Some(2)));
    }

    #[test]
    fn rows_of_any_length_are_read_but_not_gathered() {
        assert_eq!(refusal(&format!("a{}", ";b".repeat(10_000))), ("too-many-columns", Some(1)));
        assert_eq!(refusal(&format!("a;b\n1{}", ";2".repeat(10_000))), ("too-many-columns", Some(2)));
        assert_eq!(rows(&format!("a;b\n1;2{}\n", ";".repeat(10_000)))[1], "2 1|2");
        assert_eq!(refusal(&format!("a;b\n{}", "x".repeat(CELL + 1))), ("cell-too-long", Some(2)));
    }

    fn quoted(cells: &[String], separator: char) -> String {
        let quoted = |cell: &String| {
            let special = cell.contains([separator, '"', '\n', '\r']) || cell.starts_with("sep=");
            if special { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
        };
        cells.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string())
    }

    proptest! {
        #[test]
        fn any_table_is_read_back(
            separator in prop::sample::select(vec![',', ';', '\t']),
            legacy: bool,
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            rows in vec(vec("([!-~åäöÅÄÖ€§\u{a0} ,;\t\n\"]{0,12}[!-~åäö;,\"])?", 1..6), 0..8),
        ) {
            let header: Vec<String> = (0..6).map(|at| format!("kolumn {at}")).collect();
            let lines = std::iter::once(&header).chain(&rows).map(|cells| quoted(cells, separator));
            let text = lines.collect::<Vec<_>>().join(end);
            let bytes = if legacy { WINDOWS_1252.encode(&text).0.into_owned() } else { text.into_bytes() };
            let kept = rows.iter().enumerate().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
            let expected: Vec<String> = kept.map(|(at, cells)| {
                let cells = (0..6).map(|at| cells.get(at).map_or("", |cell| cell.trim()));
                format!("{} {}", at + 2, cells.collect::<Vec<_>>().join("|"))
            }).collect();
            let read = rows_of(file(&bytes).path(), Form::Csv).expect("read");
            prop_assert_eq!(read.first().map_or(&[][..], |(_, rows)| &rows[1..]), expected);
        }
    }
}
