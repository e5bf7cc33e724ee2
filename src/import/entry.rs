//! What the rows of a file about one thing come to, and doing it: whole, or not at all.

use std::collections::HashMap;

use super::bank::Reference;
use super::model::{Cells, Effect, Form, Options, Row, RowOutcome};
use super::told::Finding;
use super::{banked, exported, rows};
use crate::auth::Principal;
use crate::db::{Conn, apart};
use crate::export::model::Names;
use crate::http::Contract;
use crate::id::Id;
use crate::journal;
use crate::problem::{Kind, Problem, Severity};
use crate::project::Project;
use crate::text::bilingual;

/// What is at hand when rows are worked on.
pub struct Desk<'a> {
    /// The import.
    pub import: Id,
    /// What its file is called.
    pub file: &'a str,
    /// Whose it is.
    pub caller: &'a Principal,
    /// The forms of what callers give.
    pub contract: &'a Contract,
    /// Which rows, and how.
    pub options: &'a Options,
    /// What the project bank's words stand for here.
    pub reference: &'a Reference,
    /// What codes stand for.
    pub names: &'a Names,
    /// The sub-goals that are suggested for the new projects of a project bank, by the row's key.
    pub suggested: HashMap<String, Vec<String>>,
    /// The strategy of the suggestions.
    pub strategy: &'a str,
}

/// What a row comes to.
pub type Handled = (RowOutcome, Effect);

/// Why nothing is done.
pub enum Stop {
    /// These rows, by place, break rules.
    Refused(Vec<(usize, Finding)>),
    /// Something that is nobody's fault.
    Problem(Problem),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Problem(error.into())
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::at(problem, |_| (0, None), &[])
    }
}

impl Stop {
    /// A row, by place, that breaks a rule.
    #[must_use]
    pub fn of(place: usize, finding: Finding) -> Self {
        Self::Refused(vec![(place, finding)])
    }

    /// A problem, whose faults stand in the rows and columns that their pointers lead to.
    pub fn at(problem: Problem, place: impl Fn(&str) -> (usize, Option<String>), cells: &[&Cells]) -> Self {
        if matches!(problem.kind(), Kind::Internal | Kind::Busy | Kind::Unavailable) {
            return Self::Problem(problem);
        }
        if problem.faults().is_empty() {
            return Self::of(0, Finding::error(problem.kind().meaning().slug, problem.detail().clone()));
        }
        let errors = problem.faults().iter().filter(|fault| fault.severity == Severity::Error);
        let findings = errors.map(|fault| {
            let (row, column) = place(&fault.property);
            let finding = Finding::error(fault.code, fault.reason.clone());
            let value = |column: &String| cells.get(row).and_then(|cells| cells.get(column)).cloned();
            match column {
                None => (row, finding),
                Some(column) => (row, finding.at(&column, &value(&column).unwrap_or_default())),
            }
        });
        Self::Refused(findings.collect())
    }
}

/// Does what the rows say, if all of them may be done.
///
/// # Errors
/// When the database fails.
pub fn apply(conn: &mut Conn, desk: &Desk<'_>, rows: &[Row]) -> Result<Vec<Handled>, Problem> {
    let latest = journal::latest(conn)?;
    let handled = apart(conn, |conn| {
        let mut handled = match rows[0].form {
            Form::Projects => alone(rows, |row| exported::project(conn, desk, row))?,
            Form::Alignments => exported::alignments(conn, desk, rows)?,
            Form::FundingLines => exported::funding_lines(conn, desk, rows)?,
            Form::ProjectBank2014 | Form::ProjectBank2007 => alone(rows, |row| banked::project(conn, desk, row))?,
        };
        for (place, (row, (outcome, _))) in rows.iter().zip(&handled).enumerate() {
            if row.result.is_some_and(|expected| expected != *outcome) {
                return Err(Stop::of(place, moved()));
            }
        }
        if let Some((_, effect)) = handled.first_mut() {
            let created = journal::created_after(conn, latest, "organisation")?;
            effect.organisations = created.iter().filter_map(|id| id.parse().ok()).collect();
        }
        Ok(handled)
    });
    match handled {
        Ok(handled) => Ok(handled),
        Err(Stop::Problem(problem)) => Err(problem),
        Err(Stop::Refused(findings)) => Ok(refused(rows, &findings)),
    }
}

/// What the rows would come to; nothing of it stays.
///
/// # Errors
/// When the database fails.
pub fn rehearse(conn: &mut Conn, desk: &Desk<'_>, rows: &[Row]) -> Result<Vec<Handled>, Problem> {
    /// Why a rehearsal is taken back.
    enum End {
        Known(Vec<Handled>),
        Problem(Problem),
    }
    impl From<diesel::result::Error> for End {
        fn from(error: diesel::result::Error) -> Self {
            Self::Problem(error.into())
        }
    }
    let end = apart(conn, |conn| Err::<(), End>(apply(conn, desk, rows).map_or_else(End::Problem, End::Known)));
    match end {
        Err(End::Known(handled)) => Ok(handled.into_iter().map(unreal).collect()),
        Err(End::Problem(problem)) => Err(problem),
        Ok(()) => Ok(Vec::new()),
    }
}

/// What stays true of an outcome when it is taken back.
fn unreal((outcome, effect): Handled) -> Handled {
    let Effect { project, version, changes, findings, .. } = effect;
    let is_real = version.is_some();
    (outcome, Effect { project: project.filter(|_| is_real), version, changes, findings, ..Effect::default() })
}

/// Does the first row; further rows about the same thing are refused.
fn alone(rows: &[Row], work: impl FnOnce(&Row) -> Result<Handled, Stop>) -> Result<Vec<Handled>, Stop> {
    let first = &rows[0];
    let mut handled = vec![work(first)?];
    let (sheet, number) = (&first.sheet, first.number);
    for row in &rows[1..] {
        let reason = bilingual!(
            "samma projekt står redan på rad {number} {sheet}",
            "the same project is on row {number} {sheet} already"
        );
        let findings = vec![Finding::error("repeated", reason)];
        handled.push((RowOutcome::Refused, Effect { findings, ..row.effect.clone() }));
    }
    Ok(handled)
}

fn refused(rows: &[Row], findings: &[(usize, Finding)]) -> Vec<Handled> {
    let of = |place: usize| {
        let own: Vec<_> =
            findings.iter().filter(|(row, _)| *row == place).map(|(_, finding)| finding.clone()).collect();
        let findings = if own.iter().any(|finding| finding.severity == super::told::Weight::Error) {
            own
        } else {
            let reason = bilingual!(
                "en annan rad om samma projekt nekas, och de genomförs bara tillsammans",
                "another row about the same project is refused, and they are done only together"
            );
            vec![Finding::error("together", reason)]
        };
        (RowOutcome::Refused, Effect { findings, ..Effect::default() })
    };
    (0..rows.len()).map(of).collect()
}

fn moved() -> Finding {
    let reason = bilingual!(
        "registret har ändrats sedan raden kontrollerades; läs in filen igen",
        "the registry has changed since the row was checked; send the file again"
    );
    Finding::error("moved", reason)
}

/// Lets a row go on that was checked when the project was as it is now, but for what the import itself has done.
///
/// # Errors
/// When the project has changed.
pub fn check_unmoved(conn: &mut Conn, desk: &Desk<'_>, place: usize, row: &Row, project: &Project) -> Result<(), Stop> {
    let Some(_) = row.result else { return Ok(()) };
    let is_known = row.effect.project == Some(project.id) && row.effect.version == Some(project.version);
    if is_known || rows::left_at(conn, desk.import, project.id)? == Some(project.version) {
        return Ok(());
    }
    Err(Stop::of(place, moved()))
}

/// What a change of a project comes to.
#[must_use]
pub fn changed(before: &Project, after: &Project, effect: Effect) -> Handled {
    let project = Some(before.id);
    let snapshot = crate::project::snapshot::snapshot(before);
    let (version, new_version) = (Some(before.version), Some(after.version));
    (RowOutcome::Changed, Effect { project, version, new_version, before: Some(snapshot), ..effect })
}
