//! The workbook (XLSX): the tables, what their columns mean, and the coverage with its charts, each on its sheet.
//!
//! Rows go to temporary files as they are read, so that memory does not grow with them; the workbook is sent while these
//! are packed, when the snapshot that they were read in is gone already.

mod coverage;
mod explanation;
mod sheet;

use std::io::{self, Write};

use rust_xlsxwriter::Workbook;

use self::coverage::CoverageSheet;
use self::explanation::explain;
use self::sheet::Sheet;
use super::model::{Names, Row};
use super::store;
use super::stream::{Gone, Outcome, Pieces, Way, walk};
use super::wire::{AlignmentRow, FundingLineRow, ProjectRow};
use crate::db::Conn;
use crate::problem::Problem;
use crate::project::Project;
use crate::project::filter::Filter;

/// The media type of the workbook.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The sheets of what projects have.
struct Sheets {
    projects: Sheet<ProjectRow>,
    alignments: Sheet<AlignmentRow>,
    funding_lines: Sheet<FundingLineRow>,
}

impl Sheets {
    fn write(&mut self, project: &Project, names: &Names) -> Result<(), Problem> {
        fn all<R: Row>(sheet: &mut Sheet<R>, project: &Project, names: &Names) -> Result<(), Problem> {
            R::of(project, names).iter().try_for_each(|row| sheet.write(row, &project.reference))
        }
        all(&mut self.projects, project, names)?;
        all(&mut self.alignments, project, names)?;
        all(&mut self.funding_lines, project, names)
    }
}

/// Makes the workbook of the projects that a filter lets through, unless whoever asked has gone away.
///
/// # Errors
/// 400 when a sheet cannot hold it; when the database fails or there is no room for temporary files.
pub fn make(conn: &mut Conn, filter: &Filter, way: &Way) -> Result<Result<Workbook, Gone>, Problem> {
    let names = store::names(conn, filter)?;
    let mut book = Workbook::new();
    let mut sheets = Sheets {
        projects: Sheet::on_disk(&mut book)?,
        alignments: Sheet::on_disk(&mut book)?,
        funding_lines: Sheet::on_disk(&mut book)?,
    };
    let wanted = filter.strategy_id.as_ref();
    // The newest comes first.
    let strategy = names.strategies.iter().find(|strategy| wanted.is_none_or(|wanted| strategy.id == *wanted));
    let mut coverage = strategy.map(CoverageSheet::of);
    let outcome = walk(conn, filter, |project| {
        sheets.write(project, &names)?;
        if let Some(coverage) = &mut coverage {
            coverage.add(project);
        }
        Ok(if way.is_closed() { Err(Gone) } else { Ok(()) })
    })?;
    if outcome.is_err() {
        return Ok(Err(Gone));
    }
    book.push_worksheet(sheets.projects.end()?);
    book.push_worksheet(sheets.alignments.end()?);
    book.push_worksheet(sheets.funding_lines.end()?);
    if let Some(coverage) = coverage {
        book.push_worksheet(coverage.sheet()?);
    }
    book.push_worksheet(explain()?);
    Ok(Ok(book))
}

/// Sends the workbook.
///
/// # Errors
/// When a temporary file cannot be read.
pub fn send(mut book: Workbook, way: &Way) -> Result<Outcome, Problem> {
    let mut pieces = Pieces::on(way);
    let saved = book.save_to_writer(Writer(&mut pieces));
    if pieces.is_stopped() {
        return Ok(Err(Gone));
    }
    saved.map_err(Problem::internal)?;
    Ok(pieces.end())
}

/// Writes into pieces.
struct Writer<'a, 'b>(&'a mut Pieces<'b>);

impl Write for Writer<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.add(bytes).map_err(|Gone| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
