//! What a person is told of a file that is not read.

use std::fmt;

use super::{CELL, COLUMNS, FILE, PARTS, ROWS, SHARED_TEXTS, TEXT, UNPACKED};

/// Why a file is not read, for the person who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable name in kebab-case, for programs.
    pub code: &'static str,
    /// The sheet's name, where one sheet is at fault; CSV has none.
    pub sheet: Option<String>,
    /// The row's number as a spreadsheet shows it, where one row is at fault.
    pub row: Option<u32>,
    /// What is wrong, where, and what would be right, in Swedish.
    pub sv: String,
    /// The same in English.
    pub en: String,
}

impl Refusal {
    /// The same, said of a row of a sheet.
    pub(super) fn at(self, sheet: &str, row: u32) -> Self {
        let (sv, en) = if sheet.is_empty() {
            (format!("Rad {row}: {}", self.sv), format!("Row {row}: {}", self.en))
        } else {
            let name = short(sheet);
            (format!("Rad {row} på bladet ”{name}”: {}", self.sv), format!("Row {row} of sheet “{name}”: {}", self.en))
        };
        Self { row: Some(row), sheet: (!sheet.is_empty()).then(|| sheet.to_owned()), sv, en, ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// A refusal of the file as a whole: its code, and its two texts with what they name.
macro_rules! refusal {
    ($code:literal, $sv:literal, $en:literal $(,)?) => {
        Refusal { code: $code, sheet: None, row: None, sv: format!($sv), en: format!($en) }
    };
}

/// A name out of a file, fit to be shown: short, and without control characters.
fn short(name: &str) -> String {
    let mut shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

const MIB: u64 = 1 << 20;

pub(super) fn empty_file() -> Refusal {
    refusal!(
        "empty-file",
        "Filen är tom. Skicka en tabell med en rubrikrad och minst en rad till.",
        "The file is empty. Send a table with a header row and at least one more row."
    )
}

pub(super) fn file_too_large() -> Refusal {
    let limit = FILE / MIB;
    refusal!(
        "file-too-large",
        "Filen är större än {limit} MiB. Dela upp den i flera filer.",
        "The file is larger than {limit} MiB. Split it into several files."
    )
}

/// The file is something else than a table: what it is, in Swedish and in English, each with its article.
pub(super) fn other_kind(sv: &str, en: &str) -> Refusal {
    refusal!(
        "wrong-kind",
        "Filen är {sv}. Öppna den i ett kalkylprogram, spara den som XLSX eller CSV och skicka den filen.",
        "The file is {en}. Open it in a spreadsheet program, save it as XLSX or CSV, and send that file."
    )
}

pub(super) fn not_text() -> Refusal {
    refusal!(
        "not-text",
        "Filen är varken text eller en XLSX-fil: den innehåller tecken som inte finns i text. \
         Spara tabellen som XLSX eller som CSV i UTF-8.",
        "The file is neither text nor an XLSX file: it holds characters that no text has. \
         Save the table as XLSX, or as CSV in UTF-8."
    )
}

pub(super) fn broken_text() -> Refusal {
    refusal!(
        "broken-text",
        "Filen säger sig vara Unicode (UTF-8 eller UTF-16) men är det inte alltigenom. Spara den på nytt i UTF-8.",
        "The file says that it is Unicode (UTF-8 or UTF-16) but is not throughout. Save it again in UTF-8."
    )
}

pub(super) fn unclosed_quote() -> Refusal {
    refusal!(
        "unclosed-quote",
        "En cell börjar med ett citattecken som aldrig stängs. Stäng det, eller ta bort det.",
        "A cell begins with a quotation mark that is never closed. Close it, or remove it."
    )
}

pub(super) fn stray_quote() -> Refusal {
    refusal!(
        "stray-quote",
        "En cell inom citattecken fortsätter efter sitt slutande citattecken, eller så saknar en tidigare cell sitt. \
         Ett citattecken inne i en sådan cell ska skrivas dubbelt (\"\").",
        "A quoted cell goes on after its closing quotation mark, or an earlier cell lacks its own. \
         A quotation mark inside such a cell has to be doubled (\"\")."
    )
}

pub(super) fn cell_too_long() -> Refusal {
    let limit = CELL >> 10;
    refusal!(
        "cell-too-long",
        "En cell har mer än {limit} KiB text. Korta texten; är den inte avsedd, se efter om ett citattecken \
         inte stängs.",
        "A cell has more than {limit} KiB of text. Shorten it; if it is not meant, look for a quotation mark that is \
         not closed."
    )
}

pub(super) fn too_many_columns() -> Refusal {
    refusal!(
        "too-many-columns",
        "Det finns text längre till höger än kolumn {COLUMNS}. En tabell får ha högst {COLUMNS} kolumner; \
         ta bort dem som inte behövs.",
        "There is text further right than column {COLUMNS}. A table may have at most {COLUMNS} columns; \
         remove those that are not needed."
    )
}

pub(super) fn too_many_cells(cells: usize, columns: usize) -> Refusal {
    refusal!(
        "too-many-cells",
        "Raden har {cells} celler, men rubrikraden bara {columns}. Den första raden ska namnge alla kolumner; \
         en cell som innehåller filens skiljetecken ska stå inom citattecken.",
        "The row has {cells} cells, but the header only {columns}. The first row has to name every column; \
         a cell that holds the file's separator has to be quoted."
    )
}

pub(super) fn repeated_column(name: &str) -> Refusal {
    let name = short(name);
    refusal!(
        "repeated-column",
        "Två kolumner heter ”{name}”. Ge varje kolumn ett eget namn.",
        "Two columns are named “{name}”. Give every column a name of its own."
    )
}

pub(super) fn too_many_rows() -> Refusal {
    refusal!(
        "too-many-rows",
        "Filen har fler än {ROWS} rader. Dela upp den i flera filer.",
        "The file has more than {ROWS} rows. Split it into several files."
    )
}

pub(super) fn too_much_text() -> Refusal {
    let limit = TEXT / MIB;
    refusal!(
        "too-much-text",
        "Filens celler har tillsammans mer än {limit} MiB text. Dela upp den i flera filer.",
        "The file's cells have more than {limit} MiB of text together. Split it into several files."
    )
}

pub(super) fn rows_out_of_order() -> Refusal {
    refusal!(
        "rows-out-of-order",
        "Raderna ligger inte i ordning i filen. Öppna den i ett kalkylprogram och spara den på nytt som XLSX.",
        "The rows are not in order in the file. Open it in a spreadsheet program and save it again as XLSX."
    )
}

pub(super) fn damaged() -> Refusal {
    refusal!(
        "damaged-file",
        "Filen är skadad eller ofullständig. Öppna den i ett kalkylprogram, spara den på nytt som XLSX och skicka den \
         filen.",
        "The file is damaged or incomplete. Open it in a spreadsheet program, save it again as XLSX, and send \
         that file."
    )
}

pub(super) fn locked() -> Refusal {
    refusal!(
        "locked-file",
        "Filen är låst med ett lösenord. Spara den utan lösenord.",
        "The file is locked with a password. Save it without one."
    )
}

pub(super) fn too_many_parts() -> Refusal {
    refusal!(
        "too-many-parts",
        "Filen består av fler än {PARTS} delar. Spara bara tabellen, utan bilder och diagram, som XLSX eller CSV.",
        "The file is made of more than {PARTS} parts. Save the table alone, without pictures and charts, as \
         XLSX or CSV."
    )
}

pub(super) fn odd_part(name: &str) -> Refusal {
    let name = short(name);
    refusal!(
        "odd-part",
        "Filen har en del, ”{name}”, som inte hör hemma i en XLSX-fil. Spara bara tabellen som XLSX eller CSV.",
        "The file has a part, “{name}”, that does not belong in an XLSX file. Save the table alone as XLSX or CSV."
    )
}

pub(super) fn unpacks_too_large(name: &str) -> Refusal {
    let (name, limit, shared) = (short(name), UNPACKED / MIB, SHARED_TEXTS / MIB);
    refusal!(
        "unpacks-too-large",
        "Filen blir för stor när delen ”{name}” packas upp: högst {limit} MiB får den bli i allt, och dess \
         olika texter \
         högst {shared} MiB. Dela upp tabellen i flera filer, eller spara den som CSV.",
        "The file becomes too large as its part “{name}” is unpacked: it may come to {limit} MiB in all, and its \
         different texts to {shared} MiB. Split the table into several files, or save it as CSV."
    )
}

pub(super) fn too_complex(name: &str) -> Refusal {
    let name = short(name);
    refusal!(
        "too-complex",
        "Filens del ”{name}” innehåller för mycket. Kopiera tabellens värden, utan formatering, till en ny arbetsbok, \
         eller spara den som CSV.",
        "The file's part “{name}” holds too much. Copy the table's values, without formatting, to a new workbook, \
         or save it as CSV."
    )
}

pub(super) fn too_sparse() -> Refusal {
    refusal!(
        "too-sparse",
        "Efter den här raden följer en mycket stor mängd tomma eller överlånga celler. \
         Kopiera tabellen till ett nytt blad och spara det som XLSX eller CSV.",
        "After this row follows a very large number of empty or overlong cells. \
         Copy the table to a new sheet and save that as XLSX or CSV."
    )
}

pub(super) fn repeated_sheet(name: &str) -> Refusal {
    let name = short(name);
    refusal!(
        "repeated-sheet",
        "Två blad heter ”{name}”. Ge varje blad ett eget namn.",
        "Two sheets are named “{name}”. Give every sheet a name of its own."
    )
}
