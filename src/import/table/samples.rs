//! Files for the tests.

use std::{io::Write, path::Path};

use tempfile::NamedTempFile;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Error, Form, Sheet, read};

/// A file with these bytes.
pub(super) fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    file
}

/// An archive of these parts, by name and content.
pub(super) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).expect("begun");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}

pub(super) const WORKBOOK: &str =
    r#"<workbook><sheets><sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
pub(super) const LINKS: &str = r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>"#;

/// A workbook with one sheet, whose XML and shared texts are these.
pub(super) fn workbook(sheet: &str, shared: &str) -> Vec<u8> {
    archive(&[
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", LINKS.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// The sheets of a file, by name: the header and the rows below it, cells joined with `|`, rows with their numbers.
pub(super) fn rows_of(path: &Path, form: Form) -> Result<Vec<(String, Vec<String>)>, Error> {
    let mut sheets: Vec<(String, Vec<String>)> = Vec::new();
    read(path, form, |sheet: &Sheet, row| {
        if sheets.last().is_none_or(|(name, _)| *name != sheet.name) {
            sheets.push((sheet.name.clone(), vec![sheet.columns.join("|")]));
        }
        let rows = &mut sheets.last_mut().expect("a sheet").1;
        rows.push(format!("{} {}", row.number, row.cells.join("|")));
        Ok::<_, Error>(())
    })?;
    Ok(sheets)
}

/// The code of the refusal that a result is.
pub(super) fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}
