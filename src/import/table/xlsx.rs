//! XLSX workbooks, one cell at a time.

use std::{
    collections::HashSet,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{
    Error, OTHER_PART, Refusal, SHARED_TEXTS, archive, cell,
    ration::{Ration, Rationed},
    refusal,
    rows::Rows,
};

/// The most that is read of a sheet from one cell to the next, in bytes: some hundred thousand rows without cells.
const GAP: u64 = 16 << 20;

type Workbook = Xlsx<Rationed<File>>;

/// Reads a workbook, and hands the rows of its visible sheets on.
pub(super) fn read<E: From<Error>>(path: &Path, rows: &mut Rows<'_, E>) -> Result<(), E> {
    let ration = Ration::default();
    ration.set(SHARED_TEXTS + 4 * OTHER_PART);
    let file = ration.reader(archive::unpack(path)?);
    let mut workbook: Workbook = guarded(&ration, || Xlsx::new(file)).map_err(Error::from)?;
    for name in visible(&workbook).map_err(Error::from)? {
        rows.begin(&name);
        read_sheet(&mut workbook, &name, &ration, rows)?;
    }
    Ok(())
}

/// The names of the sheets with cells that a person sees, in their order.
fn visible(workbook: &Workbook) -> Result<Vec<String>, Refusal> {
    if workbook.sheets_metadata().is_empty() {
        return Err(refusal::damaged());
    }
    let mut seen = HashSet::new();
    if let Some(twice) = workbook.sheets_metadata().iter().find(|sheet| !seen.insert(&sheet.name)) {
        return Err(refusal::repeated_sheet(&twice.name));
    }
    let sheets = workbook.sheets_metadata().iter();
    let visible = sheets.filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet);
    Ok(visible.map(|sheet| sheet.name.clone()).collect())
}

fn read_sheet<E: From<Error>>(
    workbook: &mut Workbook,
    name: &str,
    ration: &Ration,
    rows: &mut Rows<'_, E>,
) -> Result<(), E> {
    ration.set(GAP);
    let mut cells = guarded(ration, || workbook.worksheet_cells_reader(name)).map_err(|why| rows.refused(why, 1))?;
    loop {
        ration.set(GAP);
        let next = guarded(ration, || cells.next_cell()).map_err(|why| rows.refused(why, rows.number().max(1)))?;
        let Some(next) = next else { return rows.end() };
        let (row, column) = next.get_position();
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        rows.put(row.saturating_add(1), column, &cell::text(next.get_value()))?;
    }
}

/// What the library answers, with its failures as refusals. It also fails by a panic, where numbers that a file claims
/// overflow and overflow is checked.
fn guarded<T>(ration: &Ration, work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) if ration.is_spent() => Err(refusal::too_sparse()),
        Ok(Err(_)) | Err(_) => Err(refusal::damaged()),
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer, XlsxError as WriteError};

    use super::super::{
        CELL, Form,
        samples::{LINKS, WORKBOOK, archive, code, file, rows_of, workbook},
    };
    use super::*;

    type Sheets = Vec<(String, Vec<String>)>;

    fn read_bytes(bytes: &[u8]) -> Result<Sheets, Error> {
        rows_of(file(bytes).path(), Form::Xlsx)
    }

    /// Reads a workbook of one sheet with these rows in its XML.
    fn read_rows(rows: &str) -> Result<Sheets, Error> {
        read_bytes(&workbook(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"), "<sst/>"))
    }

    fn one_sheet(rows: &[&str]) -> Sheets {
        vec![("Blad1".into(), rows.iter().map(|row| (*row).into()).collect())]
    }

    fn written() -> Result<Vec<u8>, WriteError> {
        let mut book = Writer::new();
        let (date, time) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("d/m yyyy hh:mm"));
        let sheet = book.add_worksheet().set_name("Projekt")?;
        sheet.write_row(1, 0, ["Id", "Belopp", "Start", "Ändrad", "Aktiv"])?;
        sheet.write(3, 0, " rad 1\r\nrad 2 ")?.write(3, 1, 169_287)?;
        sheet.write_with_format(3, 2, ExcelDateTime::from_ymd(2016, 9, 1)?, &date)?;
        sheet.write_with_format(3, 3, ExcelDateTime::parse_from_str("2016-10-14 01:17:38")?, &time)?;
        sheet.write(3, 4, true)?;
        sheet.write(4, 1, Formula::new("=1000000+250000.5").set_result("1250000.5"))?;
        sheet.write(4, 4, Formula::new("=NA()").set_result("#N/A"))?;
        sheet.write_blank(1_048_575, 16_383, &date)?;
        book.add_worksheet().set_name("Dold")?.set_hidden(true).write_row(0, 0, ["a"])?.write(1, 0, "x")?;
        book.add_worksheet().set_name("Tomt")?;
        book.add_worksheet().set_name("Sist")?.write(0, 0, "a")?.write(1, 0, 1e20)?;
        book.save_to_buffer()
    }

    #[test]
    fn values_are_canonical_and_hidden_and_empty_sheets_passed_over() {
        let read = read_bytes(&written().expect("written")).expect("read");
        let projects = [
            "Id|Belopp|Start|Ändrad|Aktiv",
            "4 rad 1\nrad 2|169287|2016-09-01|2016-10-14 01:17:38|true",
            "5 |1250000.5|||#N/A",
        ];
        let last = ["a", "2 100000000000000000000"];
        assert_eq!(
            read,
            [("Projekt".into(), projects.map(String::from).to_vec()), ("Sist".into(), last.map(String::from).to_vec()),]
        );
    }

    #[test]
    fn cells_without_places_and_texts_of_all_kinds_are_read() {
        let rows = r#"<row><c t="inlineStr"><is><t>a</t></is></c><c t="str"><v>b</v></c></row>
            <row><c t="inlineStr"><is><r><t>x </t></r><r><t>&amp;_x000D_</t></r></is></c><c t="b"><v>0</v></c></row>
            <row r="7"><c r="B7" t="d"><v>2016-09-01T00:00:00</v></c></row>"#;
        assert_eq!(read_rows(rows).expect("read"), one_sheet(&["a|b", "2 x&|false", "7 |2016-09-01"]));
    }

    #[test]
    fn dates_count_from_1904_where_the_workbook_says_so() {
        let links = LINKS.as_bytes();
        let book = WORKBOOK.replace("<sheets>", r#"<workbookPr date1904="1"/><sheets>"#);
        let styles = br#"<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
        let sheet = br#"<worksheet><sheetData><row><c t="str"><v>a</v></c></row><row><c s="1"><v>41152</v></c></row>
            </sheetData></worksheet>"#;
        let bytes = archive(&[
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", links),
            ("xl/styles.xml", styles),
            ("xl/worksheets/sheet1.xml", sheet),
        ]);
        assert_eq!(read_bytes(&bytes).expect("read"), one_sheet(&["a", "2 2016-09-01"]));
    }

    #[test]
    fn claimed_places_and_counts_cost_nothing() {
        let far =
            r#"<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>"#;
        let sheet = format!(r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{far}</sheetData></worksheet>"#);
        let shared = r#"<sst uniqueCount="2000000"><si><t>x</t></si></sst>"#;
        assert_eq!(read_bytes(&workbook(&sheet, shared)).expect("read"), one_sheet(&["a", "1048576 1"]));
        let wide = r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>"#;
        assert_eq!(code(read_rows(wide)), "too-many-columns");
    }

    #[test]
    fn what_no_spreadsheet_writes_is_refused() {
        let backwards = r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#;
        assert_eq!(code(read_rows(backwards)), "rows-out-of-order");
        assert_eq!(code(read_rows(r#"<row><c t="s"><v>7</v></c></row>"#)), "damaged-file");
        assert_eq!(code(read_rows(r#"<row><c r="AAAAAAAAAA99999999999"><v>7</v></c></row>"#)), "damaged-file");
        assert_eq!(code(read_bytes(&workbook("<worksheet><sheetData><row>", "<sst/>"))), "damaged-file");
        assert_eq!(code(read_bytes(&workbook("<worksheet/>", "<sst/>"))), "damaged-file");
        assert_eq!(code(read_bytes(&archive(&[("xl/a.xml", b"")]))), "damaged-file");
    }

    #[test]
    fn a_long_cell_is_refused_and_an_endless_one_not_gathered() {
        let cell = |text: &str| format!("<row><c><v>1</v></c></row><row><c t=\"inlineStr\"><is>{text}</is></c></row>");
        assert_eq!(code(read_rows(&cell(&format!("<t>{}</t>", "x".repeat(CELL + 1))))), "cell-too-long");
        let runs = "<r><t>xxxxxxxx</t></r>".repeat(900_000);
        assert_eq!(code(read_rows(&cell(&runs))), "too-sparse");
    }
}
