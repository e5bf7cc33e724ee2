//! What an import comes to, in a page of text for the command line.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::model::{Import, RowOutcome};
use super::rows::{self, RowFilter};
use super::told::Weight;
use crate::db::Conn;
use crate::problem::Problem;

/// How many refused rows are told one by one.
const TOLD: usize = 20;

/// How many rows are looked at at once.
const PAGE: i64 = 500;

/// Sheets, columns, rows by outcome, findings by code, and the first rows that are refused.
///
/// # Errors
/// When the database fails.
pub fn summary(conn: &mut Conn, import: &Import) -> Result<String, Problem> {
    let mut text = format!("{}: {}\n", import.file_name, import.state);
    for sheet in &import.sheets {
        let form = sheet.form.map_or("not read", super::model::Form::as_str);
        told(&mut text, &format!("sheet {:?}: {form}, {} rows", sheet.name, sheet.rows));
        for (what, columns) in [("personal, not kept", &sheet.dropped_columns), ("unknown", &sheet.unknown_columns)] {
            if !columns.is_empty() {
                told(&mut text, &format!("  columns {what}: {}", columns.join(", ")));
            }
        }
    }
    let (counts, filtered) = (import.counts, import.filtered);
    told(&mut text, &format!("created {}, changed {}", counts.created, counts.changed));
    told(&mut text, &format!("unchanged {}, refused {}, filtered {filtered}", counts.unchanged, counts.refused));
    let mut codes: BTreeMap<(Weight, String), usize> = BTreeMap::new();
    let mut refused = Vec::new();
    for offset in (0..import.rows).step_by(usize::try_from(PAGE).unwrap_or(1)) {
        let (rows, _) = rows::list(conn, import.id, &RowFilter::default(), (offset, PAGE))?;
        for row in rows {
            for finding in &row.effect.findings {
                *codes.entry((finding.severity, finding.code.clone())).or_default() += 1;
            }
            if row.result == Some(RowOutcome::Refused) && refused.len() < TOLD {
                refused.push(row);
            }
        }
    }
    for ((severity, code), count) in codes {
        told(&mut text, &format!("{severity} {code}: {count}"));
    }
    for row in refused {
        for finding in row.effect.findings.iter().filter(|finding| finding.severity == Weight::Error) {
            let (column, value) =
                (finding.column.as_deref().unwrap_or("–"), finding.value.as_deref().unwrap_or_default());
            told(&mut text, &format!("row {} {}, {column} {value:?}: {}", row.number, row.sheet, finding.reason.en));
        }
    }
    if let Some(failure) = &import.failure {
        told(&mut text, &failure.en);
    }
    Ok(text)
}

fn told(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}
