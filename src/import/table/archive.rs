//! The archive that an XLSX file is, unpacked with care.
//!
//! What is wanted of it is copied, unpacked, to a temporary archive of our own, and only that is given to the library
//! that reads workbooks. So every size is known by counting before any of it is interpreted, none of it is packed any
//! more, so that a [`Ration`] bounds what is read of it, and no path leads to a part that was not looked at.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use zip::{CompressionMethod, ZipArchive, ZipWriter, read::ZipFileEntry, result::ZipError, write::SimpleFileOptions};

use super::{
    Error, PARTS, UNPACKED,
    ration::{Ration, Rationed},
    refusal,
    xml::Wanted,
};

/// The most that may be read to find an archive's table of contents, in bytes.
const CONTENTS: u64 = 4 << 20;
/// Says that the workbook is where it is looked for, whatever the file says.
const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"#;

/// Refuses an archive that is no XLSX file, by name where it is known.
pub(super) fn look(path: &Path) -> Result<(), Error> {
    let (mut archive, ration) = open(path)?;
    let names: Vec<String> = archive.file_names().flatten().map(|name| plain(&name)).collect();
    let has = |name: &str| names.iter().any(|known| known.starts_with(name));
    if names.iter().any(|name| name == "xl/workbook.xml") {
        return Ok(());
    }
    ration.set(CONTENTS);
    let mut mimetype = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        // What cannot be read is no mimetype.
        entry.take(100).read_to_string(&mut mimetype).unwrap_or_default();
    }
    let (sv, en) = if mimetype.contains("opendocument.spreadsheet") {
        ("ett OpenDocument-kalkylblad (.ods)", "an OpenDocument spreadsheet (.ods)")
    } else if has("xl/workbook.bin") {
        ("en binär Excelfil (.xlsb)", "a binary Excel file (.xlsb)")
    } else if has("word/") {
        ("ett Worddokument", "a Word document")
    } else if has("index/document.iwa") || has("index.zip") {
        ("ett Numbersdokument", "a Numbers document")
    } else {
        ("ett ZIP-arkiv utan Excelarbetsbok", "a ZIP archive without an Excel workbook")
    };
    Err(refusal::other_kind(sv, en).into())
}

/// A temporary archive of the parts of a workbook that its tables are read from, looked through and not packed.
pub(super) fn unpack(path: &Path) -> Result<File, Error> {
    let (mut archive, ration) = open(path)?;
    ration.set(u64::MAX);
    let mut copy = ZipWriter::new(tempfile::tempfile()?);
    start(&mut copy, "_rels/.rels")?;
    copy.write_all(RELATIONSHIPS.as_bytes())?;
    let (mut buffer, mut left) = (vec![0; 64 << 10], UNPACKED);
    for index in 0..archive.len() {
        let name = checked_name(&archive.by_index_data(index).map_err(damaged)?)?;
        let entry = archive.by_index(index).map_err(damaged)?;
        let wanted = Wanted::of(&name);
        if wanted.is_some() {
            start(&mut copy, &name)?;
        }
        let into = wanted.map(|wanted| (wanted, &mut copy));
        let part = Part { declared: entry.size(), name: &name, left };
        left -= part.copy(entry, into, &mut buffer)?;
    }
    copy.finish().map_err(written)
}

/// Opens an archive, without reading more than a table of contents of so many parts may take.
fn open(path: &Path) -> Result<(ZipArchive<Rationed<File>>, Ration), Error> {
    let ration = Ration::default();
    ration.set(CONTENTS);
    let archive = ZipArchive::new(ration.reader(File::open(path)?)).map_err(damaged)?;
    if archive.len() > PARTS {
        return Err(refusal::too_many_parts().into());
    }
    if archive.has_duplicate_names() {
        return Err(refusal::damaged().into());
    }
    Ok((archive, ration))
}

/// The name of a part as it is looked for: names differ neither by case nor by the kind of slash.
fn plain(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// The name of a part, unless it is nothing that a workbook has.
fn checked_name(entry: &ZipFileEntry<'_>) -> Result<String, Error> {
    let name = plain(&entry.name().map_err(damaged)?);
    if entry.encrypted() {
        return Err(refusal::locked().into());
    }
    let packed = matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
    let strays = name.starts_with('/') || name.split('/').any(|step| step == "..") || name.contains([':', '\0']);
    if !packed || strays || entry.is_symlink() {
        return Err(refusal::odd_part(&name).into());
    }
    Ok(name)
}

/// Begins a part of the copy.
fn start(copy: &mut ZipWriter<File>, name: &str) -> Result<(), Error> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    copy.start_file(name, options).map_err(written)
}

/// A failure to understand an archive that was sent.
fn damaged(_: ZipError) -> Error {
    refusal::damaged().into()
}

/// A failure to write the copy: the machine's, but for a name that was there already.
fn written(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => error.into(),
        _ => refusal::damaged().into(),
    }
}

/// A part of an archive that is being unpacked.
struct Part<'a> {
    name: &'a str,
    /// The bytes that the archive says it has.
    declared: u64,
    /// The bytes that the archive may still come to.
    left: u64,
}

impl Part<'_> {
    /// Unpacks it to its end, to know that it has the size it declares, and copies what is wanted. Answers its size in
    /// bytes.
    fn copy(
        &self,
        mut packed: impl Read,
        mut into: Option<(Wanted, &mut ZipWriter<File>)>,
        buffer: &mut [u8],
    ) -> Result<u64, Error> {
        let limit = into.as_ref().map_or(self.left, |(wanted, _)| wanted.limit().min(self.left));
        if self.declared > limit {
            return Err(refusal::unpacks_too_large(self.name).into());
        }
        let mut size = 0;
        loop {
            let read = packed.read(buffer).map_err(|_| refusal::damaged())?;
            if read == 0 {
                break;
            }
            let piece = &buffer[..read];
            if size == 0 && piece.starts_with(b"PK\x03\x04") {
                return Err(refusal::odd_part(self.name).into());
            }
            size += read as u64;
            if size > self.declared {
                return Err(refusal::damaged().into());
            }
            if let Some((wanted, copy)) = &mut into {
                wanted.look(piece, self.name)?;
                copy.write_all(piece)?;
            }
        }
        if size == self.declared { Ok(size) } else { Err(refusal::damaged().into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        OTHER_PART,
        samples::{archive, code, file, workbook},
    };
    use super::*;

    const SHEET: &str = "<worksheet><sheetData></sheetData></worksheet>";

    fn unpacked(bytes: &[u8]) -> Result<Vec<String>, Error> {
        let copy = ZipArchive::new(unpack(file(bytes).path())?).expect("an archive");
        Ok(copy.file_names().map(|name| name.expect("a name").into_owned()).collect())
    }

    /// The bytes with all of one number of four bytes as another.
    fn claiming(mut bytes: Vec<u8>, old: u32, new: u32) -> Vec<u8> {
        let (old, new, mut changed) = (old.to_le_bytes(), new.to_le_bytes(), 0);
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == old {
                bytes[at..at + 4].copy_from_slice(&new);
                changed += 1;
            }
        }
        assert!(changed >= 2, "a local and a central size");
        bytes
    }

    #[test]
    fn only_the_parts_that_tables_are_read_from_are_copied() {
        let bytes =
            archive(&[("xl/Workbook.xml", b"<a/>"), ("xl/media/a.png", b"\0"), ("xl/worksheets/a.xml", b"<a/>")]);
        assert_eq!(unpacked(&bytes).expect("copied"), ["_rels/.rels", "xl/workbook.xml", "xl/worksheets/a.xml"]);
    }

    #[test]
    fn sizes_are_counted_and_not_believed() {
        let large = " ".repeat(123_456);
        let honest = workbook(&large, "");
        assert!(unpacked(&honest).is_ok());
        assert_eq!(code(unpacked(&claiming(honest.clone(), 123_456, 1_024))), "damaged-file");
        assert_eq!(code(unpacked(&claiming(honest, 123_456, 2_000_000))), "damaged-file");
    }

    #[test]
    fn each_part_and_all_together_have_a_limit() {
        let spaces = |bytes: u64| vec![b' '; usize::try_from(bytes).expect("small")];
        let styles = archive(&[("xl/styles.xml", &spaces(OTHER_PART + 1))]);
        assert_eq!(code(unpacked(&styles)), "unpacks-too-large");
        let part = Part { name: "a", declared: 100, left: 99 };
        assert_eq!(code(part.copy(&[b' '; 100][..], None, &mut [0; 64])), "unpacks-too-large");
        let mut endless = std::io::repeat(b' ').take(1 << 20);
        let part = Part { name: "a", declared: 100, left: 1_000 };
        assert_eq!(code(part.copy(&mut endless, None, &mut [0; 64])), "damaged-file");
        assert_eq!(endless.limit(), (1 << 20) - 128);
        let part = Part { name: "a", declared: 100, left: 100 };
        assert_eq!(part.copy(&[b' '; 100][..], None, &mut [0; 64]).expect("fits"), 100);
    }

    #[test]
    fn parts_that_no_workbook_has_are_refused() {
        for name in ["../../etc/passwd", "/etc/passwd", "xl\\..\\a", "C:a"] {
            assert_eq!(code(unpacked(&archive(&[(name, b"x")]))), "odd-part", "{name}");
        }
        assert_eq!(code(unpacked(&archive(&[("xl/a.zip", b"PK\x03\x04")]))), "odd-part");
        assert_eq!(code(unpacked(&archive(&[("xl/workbook.xml", b"a"), ("XL/workbook.xml", b"a")]))), "damaged-file");
        let many: Vec<String> = (0..=PARTS).map(|at| format!("{at}")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(code(unpacked(&archive(&many))), "too-many-parts");
        assert!(unpacked(&archive(&many[1..])).is_ok());
    }

    #[test]
    fn an_encrypted_part_is_refused() {
        // The flag of encryption, in the local and in the central header.
        let mut bytes = archive(&[("xl/workbook.xml", b"x")]);
        let central = bytes.windows(4).position(|four| four == b"PK\x01\x02").expect("a central header");
        (bytes[6], bytes[central + 8]) = (bytes[6] | 1, bytes[central + 8] | 1);
        assert_eq!(code(unpacked(&bytes)), "locked-file");
    }

    #[test]
    fn definitions_of_entities_are_refused_wherever_a_piece_ends() {
        let laughs = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"&c;&c;\">]><a>&b;</a>";
        assert_eq!(code(unpacked(&workbook(laughs, ""))), "odd-part");
        for ahead in 0..10 {
            let late = format!("{}<!DOCTYPE a>", " ".repeat((64 << 10) - ahead));
            assert_eq!(code(unpacked(&workbook(&late, ""))), "odd-part");
        }
        assert!(unpacked(&workbook("<!-- a --><![CDATA[ <a ]]>", SHEET)).is_ok());
        assert_eq!(code(unpacked(&workbook("<\0a\0>\0", ""))), "odd-part");
    }
}
