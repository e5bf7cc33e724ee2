//! What an import is: a file's rows, what each comes to, and how far the import has come.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::told::{CellChange, Finding, Sheet};
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::project::Visibility;
use crate::text::{Bilingual, bilingual};

code_list! {
    /// How far an import has come.
    pub enum ImportState {
        /// Finding out what the rows come to.
        Checking = "checking", "kontrolleras";
        /// What the rows come to is known; nothing is changed.
        Checked = "checked", "kontrollerad";
        /// Applying the rows.
        Committing = "committing", "genomförs";
        /// The rows are applied.
        Committed = "committed", "genomförd";
        /// Putting back what was.
        Undoing = "undoing", "ångras";
        /// All is as it was.
        Undone = "undone", "ångrad";
        /// Broken off, with nothing changed.
        Failed = "failed", "avbruten";
    }
}

code_list! {
    /// What a row comes to.
    pub enum RowOutcome {
        /// A new project.
        Created = "created", "nytt";
        /// A change of a project.
        Changed = "changed", "ändrat";
        /// Nothing: all that it says is known.
        Unchanged = "unchanged", "oförändrat";
        /// Nothing: it breaks a rule.
        Refused = "refused", "nekat";
    }
}

code_list! {
    /// The forms of tables that are read, in the order in which they are applied.
    pub enum Form {
        /// Projects, as they are exported.
        Projects = "projects", "projekt";
        /// Alignments, as they are exported.
        Alignments = "alignments", "kopplingar";
        /// Funding lines, as they are exported.
        FundingLines = "fundingLines", "finansieringsrader";
        /// Tillväxtverket's project bank of 2014–2020.
        ProjectBank2014 = "projectBank2014", "projektbanken 2014–2020";
        /// Tillväxtverket's project bank of 2007–2013.
        ProjectBank2007 = "projectBank2007", "projektbanken 2007–2013";
    }
}

/// A row's cells by column; empty ones are left out.
pub type Cells = BTreeMap<String, String>;

/// Which of a project bank's rows come in, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Rows that name one of these municipalities, by code.
    pub municipality: Option<Vec<String>>,
    /// Rows of these programmes: the bank's programme area, in any capitals.
    pub programme: Option<Vec<String>>,
    /// Rows going on on this day or later.
    pub period_from: Option<NaiveDate>,
    /// Rows begun before this day.
    pub period_to: Option<NaiveDate>,
    /// The strategy that new projects are registered under; otherwise the newest.
    pub strategy_id: Option<String>,
    /// Who sees new projects of a project bank.
    pub visibility: Option<Visibility>,
}

/// How many rows come to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New projects.
    pub created: i64,
    /// Changes.
    pub changed: i64,
    /// Rows that change nothing.
    pub unchanged: i64,
    /// Rows that break a rule.
    pub refused: i64,
}

/// A file that is read into the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Identifier.
    pub id: Id,
    /// How far it has come.
    pub state: ImportState,
    /// What the file is called.
    pub file_name: String,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// Which rows, and how.
    pub options: Options,
    /// The file's sheets.
    pub sheets: Vec<Sheet>,
    /// Rows that are read.
    pub rows: i64,
    /// Rows that the options leave out.
    pub filtered: i64,
    /// Rows that the state's work is done with.
    pub done: i64,
    /// What the rows come to.
    pub counts: Counts,
    /// Whether rows that are refused are passed over.
    pub skips_refused: bool,
    /// Why it was broken off.
    pub failure: Option<Bilingual>,
    /// Who began it; none is the program itself.
    pub created_by: Option<Id>,
    /// When it began.
    pub created_at: Timestamp,
    /// When something was last done.
    pub updated_at: Timestamp,
    /// Version.
    pub version: i64,
}

/// How long nothing is done before work is taken to be broken off, in seconds.
const SILENCE: i64 = 60;

impl Import {
    /// Lets it be committed or undone.
    ///
    /// # Errors
    /// 409 with the states that are possible.
    pub fn permit(&self, wanted: ImportState, skips_refused: bool, now: Timestamp) -> Result<(), Problem> {
        let is_idle = self.updated_at.plus(chrono::TimeDelta::seconds(SILENCE)) < now;
        let next: &[ImportState] = match self.state {
            ImportState::Checked => &[ImportState::Committed],
            ImportState::Committed => &[ImportState::Undone],
            // Sheets are told when the whole file has been read.
            ImportState::Checking if is_idle && !self.sheets.is_empty() => &[ImportState::Checked, ImportState::Undone],
            ImportState::Checking if is_idle => &[ImportState::Undone],
            ImportState::Committing | ImportState::Undoing if is_idle => &[ImportState::Undone],
            _ => &[],
        };
        if !next.contains(&wanted) {
            let (label, state) = (self.state.label(), self.state);
            let (to, code) = (wanted.label(), wanted);
            let detail = bilingual!(
                "Importen är {label} och kan inte bli {to} nu.",
                "The import is {state} and cannot become {code} now."
            );
            return Err(Problem::new(Kind::StateConflict, detail).allowing(next.iter().map(ToString::to_string)));
        }
        let refused = self.counts.refused;
        if wanted == ImportState::Committed && refused > 0 && !skips_refused {
            let detail = bilingual!(
                "Nekade rader: {refused}. Rätta filen och läs in den igen, eller ange skipRefused för att genomföra de andra.",
                "Rows refused: {refused}. Correct the file and send it again, or give skipRefused to commit the others."
            );
            return Err(Problem::new(Kind::Conflict, detail));
        }
        Ok(())
    }
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The sheet's name.
    pub sheet: String,
    /// Its number, as a spreadsheet shows it.
    pub number: i64,
    /// Which table it is of.
    pub form: Form,
    /// What rows about the same thing have alike.
    pub key: String,
    /// Its cells.
    pub cells: Cells,
    /// What it comes to, once that is known.
    pub result: Option<RowOutcome>,
    /// What more is known of that.
    pub effect: Effect,
    /// Whether that is done.
    pub applied: bool,
}

/// What a row does, or would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effect {
    /// The project that it is about, or makes.
    pub project: Option<Id>,
    /// The project's version before.
    pub version: Option<i64>,
    /// The project's version after; none when the project is left alone.
    pub new_version: Option<i64>,
    /// The cells that differ.
    pub changes: Vec<CellChange>,
    /// What there is to say.
    pub findings: Vec<Finding>,
    /// How the project was, to be put back.
    pub before: Option<Value>,
    /// What the source said of it before; none when nothing.
    pub replaced: Option<Value>,
    /// Organisations that it registered.
    pub organisations: Vec<Id>,
}
