//! What a file is, by its content.

use std::{fs::File, io::Read, path::Path};

use super::{Error, Refusal, archive, refusal, weigh};

/// How much of a file's beginning is looked at, in bytes.
const BEGINNING: u64 = 8 << 10;
/// How many control characters the beginning of a text may hold, besides white space.
const CONTROLS: usize = 4;

/// The form of a file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text with a separator between cells.
    Csv,
    /// An Office Open XML workbook, with or without macros, which are never run.
    Xlsx,
}

/// How files begin that people take for tables, and what they are in Swedish and in English.
const KINDS: [(&[u8], &str, &str); 15] = [
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "en äldre Excelfil (.xls), eller en fil som är låst med lösenord",
        "an old Excel file (.xls), or a file that is locked with a password",
    ),
    (b"\x09\x08", "en mycket gammal Excelfil (.xls)", "a very old Excel file (.xls)"),
    (b"%PDF", "en PDF-fil", "a PDF file"),
    (b"\x1f\x8b", "en packad fil (gzip)", "a packed file (gzip)"),
    (b"BZh", "en packad fil (bzip2)", "a packed file (bzip2)"),
    (b"\xfd7zXZ", "en packad fil (xz)", "a packed file (xz)"),
    (b"7z\xbc\xaf\x27\x1c", "en packad fil (7z)", "a packed file (7z)"),
    (b"Rar!", "en packad fil (RAR)", "a packed file (RAR)"),
    (b"\x89PNG", "en bild (PNG)", "a picture (PNG)"),
    (b"\xff\xd8\xff", "en bild (JPEG)", "a picture (JPEG)"),
    (b"GIF8", "en bild (GIF)", "a picture (GIF)"),
    (b"SQLite format 3", "en databas (SQLite)", "a database (SQLite)"),
    (b"{\\rtf", "ett textdokument (RTF)", "a text document (RTF)"),
    (b"{", "en JSON-fil", "a JSON file"),
    (b"<", "en webbsida eller en XML-fil", "a web page or an XML file"),
];

/// Tells what a file is by its content, never by its name or what its sender says it is.
///
/// # Errors
///
/// [`Error::Refused`] where the file is no table that [`read`](super::read) reads: by name what is often sent in its
/// stead, such as an old Excel file; [`Error::Io`] where it cannot be looked at.
pub fn sniff(path: &Path) -> Result<Form, Error> {
    weigh(path)?;
    let mut start = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut start)?;
    if start.starts_with(b"PK") && matches!(start.get(2..4), Some(b"\x03\x04" | b"\x05\x06")) {
        return archive::look(path).map(|()| Form::Xlsx);
    }
    text(&start)?;
    Ok(Form::Csv)
}

/// Refuses the beginning of what is no text of a table.
fn text(start: &[u8]) -> Result<(), Refusal> {
    if matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Ok(());
    }
    let seen = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let kind = KINDS.iter().find(|(magic, ..)| start.starts_with(magic) || seen.starts_with(magic));
    if let Some((_, sv, en)) = kind {
        return Err(refusal::other_kind(sv, en));
    }
    let controls = start.iter().filter(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    if start.contains(&0) || controls.count() > CONTROLS {
        return Err(refusal::not_text());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{archive, code, file, workbook};
    use super::*;

    fn sniffed(bytes: &[u8]) -> Result<Form, Error> {
        sniff(file(bytes).path())
    }

    /// What a file is refused as, in English.
    fn kind(bytes: &[u8]) -> String {
        match sniffed(bytes) {
            Err(Error::Refused(refusal)) if refusal.code == "wrong-kind" => refusal.en,
            other => panic!("not refused by name: {other:?}"),
        }
    }

    #[test]
    fn tables_are_known_by_their_content() {
        assert_eq!(sniffed("Ärende;År\n1;2\n".as_bytes()).expect("UTF-8"), Form::Csv);
        assert_eq!(sniffed(b"\xc4rende;\xc5r\n1;2\n").expect("Windows-1252"), Form::Csv);
        assert_eq!(sniffed(b"\xff\xfea\0;\0b\0").expect("UTF-16"), Form::Csv);
        assert_eq!(sniffed(&workbook("", "")).expect("a workbook"), Form::Xlsx);
        assert_eq!(sniffed(&archive(&[("XL\\Workbook.xml", b"")])).expect("a workbook"), Form::Xlsx);
    }

    #[test]
    fn what_is_sent_in_stead_of_a_table_is_named() {
        assert!(kind(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0").contains("old Excel file"));
        assert!(kind(b"%PDF-1.7\n1;2").contains("a PDF file"));
        assert!(kind(b"\x1f\x8b\x08\0").contains("gzip"));
        assert!(kind(b"\x89PNG\r\n\x1a\n\0").contains("a picture"));
        assert!(kind(b"\xef\xbb\xbf \n<?xml version=\"1.0\"?>").contains("XML"));
        assert!(kind(&archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")])).contains(".ods"));
        assert!(kind(&archive(&[("xl/workbook.bin", b"x")])).contains(".xlsb"));
        assert!(kind(&archive(&[("word/document.xml", b"x")])).contains("Word"));
        assert!(kind(&archive(&[("a.csv", b"a;b")])).contains("a ZIP archive without"));
        assert!(kind(&archive(&[])).contains("a ZIP archive without"));
    }

    #[test]
    fn what_is_no_table_at_all_is_refused() {
        assert_eq!(code(sniffed(b"")), "empty-file");
        assert_eq!(code(sniffed(b"a;b\n\0")), "not-text");
        assert_eq!(code(sniffed(b"a\x01\x02\x03\x04\x05")), "not-text");
        assert_eq!(sniffed(b"a\x01;b\x1b").expect("a few are borne"), Form::Csv);
        assert_eq!(code(sniffed(&workbook("", "")[..400])), "damaged-file");
    }
}
