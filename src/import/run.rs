//! An import's work, in batches, so that it never keeps others waiting for long: checked, committed, undone.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bank::Reference;
use super::entry::{self, Desk, Handled};
use super::model::{Form, Import, ImportState, Row, RowOutcome};
use super::{banked, rows, store, undo};
use crate::analysis::suggestion::store::Known;
use crate::auth::Principal;
use crate::clock::Timestamp;
use crate::db::{Conn, Database};
use crate::export;
use crate::export::model::Names;
use crate::http::Contract;
use crate::id::Id;
use crate::problem::Problem;
use crate::project::Visibility;
use crate::project::filter::Filter;
use crate::strategy;
use crate::text::{Bilingual, bilingual};

/// How many things rows are about that are worked on in one transaction.
pub(super) const BATCH: i64 = 25;

/// How long a pause between batches is at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How many sub-goals are suggested for a new project at most, and how well they must fit.
const SUGGESTED: usize = 3;
const FITS: f64 = 0.1;

/// What the work is done with.
#[derive(Clone)]
pub struct Work {
    /// The database.
    pub database: Database,
    /// The forms of what callers give.
    pub contract: Arc<Contract>,
    /// What suggestions come of.
    pub known: Arc<Known>,
    /// Whose work it is.
    pub caller: Principal,
}

/// What a batch is worked on with.
struct Tools {
    reference: Reference,
    names: Names,
    strategy: String,
}

/// The rows about one thing.
type Group = Vec<Row>;

impl Work {
    /// Finds out what the rows come to; nothing is changed.
    ///
    /// # Errors
    /// When the database fails; the import is failed then.
    pub fn check(&self, import: &Import, told: &mut dyn FnMut(&Import)) -> Result<Import, Problem> {
        let actor = self.caller.id();
        match self.rehearse(import.clone(), told) {
            Ok(import) => self.database.write_now(|conn| {
                let after = Import { state: ImportState::Checked, done: import.rows, ..import.clone() };
                store::update(conn, actor, &import, after)
            }),
            Err(problem) => {
                self.fail(import, problem.detail())?;
                Err(problem)
            }
        }
    }

    /// Does what the rows come to.
    ///
    /// # Errors
    /// When the database fails, or a row is refused that was not and may not be passed over: all is put back then.
    pub fn commit(&self, import: &Import, told: &mut dyn FnMut(&Import)) -> Result<Import, Problem> {
        let actor = self.caller.id();
        let failure = match self.perform(import.clone(), told) {
            Ok(ControlFlow::Continue(import)) => {
                return self.database.write_now(|conn| {
                    let after = Import { state: ImportState::Committed, done: import.rows, ..import.clone() };
                    store::update(conn, actor, &import, after)
                });
            }
            Ok(ControlFlow::Break(reason)) => reason,
            Err(problem) => {
                tracing::warn!(import = %import.id, error = %problem, "an import failed");
                problem.detail().clone()
            }
        };
        match undo::all(&self.database, actor, import, &mut |_| ()) {
            Ok(()) => self.fail(import, &failure),
            // What people have built on stays done, and can be undone when that is gone.
            Err(problem) => self.database.write_now(|conn| {
                let (first, then) = (failure.clone(), problem.detail().clone());
                let failure = Some(Bilingual {
                    sv: format!("{} {}", first.sv, then.sv),
                    en: format!("{} {}", first.en, then.en),
                });
                let after = Import { state: ImportState::Committed, failure, done: import.rows, ..import.clone() };
                store::update(conn, actor, import, after)
            }),
        }
    }

    /// Puts back what was.
    ///
    /// # Errors
    /// 409 when something has been built on what the import did; when the database fails. The import stays committed then.
    pub fn undo(&self, import: &Import, told: &mut dyn FnMut(&Import)) -> Result<Import, Problem> {
        let actor = self.caller.id();
        let undone = undo::all(&self.database, actor, import, told);
        self.database.write_now(|conn| {
            let (state, failure) = match &undone {
                Ok(()) => (ImportState::Undone, None),
                Err(problem) => (ImportState::Committed, Some(problem.detail().clone())),
            };
            let after = Import { state, failure, done: import.rows, ..import.clone() };
            store::update(conn, actor, import, after)
        })
    }

    fn fail(&self, import: &Import, failure: &Bilingual) -> Result<Import, Problem> {
        self.database.write_now(|conn| {
            let after = Import { state: ImportState::Failed, failure: Some(failure.clone()), ..import.clone() };
            store::update(conn, self.caller.id(), import, after)
        })
    }

    fn tools(&self, import: &Import) -> Result<Tools, Problem> {
        self.database.read_now(|conn| {
            let strategy = match &import.options.strategy_id {
                Some(id) => strategy::store::find(conn, id)?.id,
                None => strategy::store::newest_id(conn)?,
            };
            Ok(Tools {
                reference: super::reference(conn)?,
                names: export::store::names(conn, &Filter::default())?,
                strategy,
            })
        })
    }

    fn desk<'a>(&'a self, import: &'a Import, tools: &'a Tools, suggested: HashMap<String, Vec<String>>) -> Desk<'a> {
        Desk {
            import: import.id,
            file: &import.file_name,
            caller: &self.caller,
            contract: &self.contract,
            options: &import.options,
            reference: &tools.reference,
            names: &tools.names,
            suggested,
            strategy: &tools.strategy,
        }
    }

    fn rehearse(&self, mut import: Import, told: &mut dyn FnMut(&Import)) -> Result<Import, Problem> {
        let tools = self.tools(&import)?;
        import.done = 0;
        self.each_batch(import.id, |groups| {
            let count = groups.iter().map(Vec::len).sum::<usize>();
            let open: Vec<Group> =
                groups.into_iter().filter(|rows| rows.iter().any(|row| row.result.is_none())).collect();
            let desk = self.desk(&import, &tools, self.suggest(&import, &tools, &open)?);
            let handled = self.database.rehearse_now(|conn| {
                open.iter().map(|rows| entry::rehearse(conn, &desk, rows)).collect::<Result<Vec<_>, _>>()
            })?;
            import.done += i64::try_from(count).unwrap_or(0);
            import = self.database.write_now(|conn| {
                for (rows, handled) in open.iter().zip(&handled) {
                    keep(conn, import.id, rows, handled, false)?;
                }
                store::progress(conn, &import)
            })?;
            told(&import);
            Ok(ControlFlow::<()>::Continue(()))
        })
        .map(drop)?;
        import.counts = self.database.read_now(|conn| rows::counts(conn, import.id))?;
        Ok(import)
    }

    /// What stops an import that may pass over nothing is its reason to break off.
    fn perform(
        &self,
        mut import: Import,
        told: &mut dyn FnMut(&Import),
    ) -> Result<ControlFlow<Bilingual, Import>, Problem> {
        let tools = self.tools(&import)?;
        import.done = 0;
        let end = self.each_batch(import.id, |groups| {
            let count = groups.iter().map(Vec::len).sum::<usize>();
            let is_open = |row: &Row| !row.applied && row.result != Some(RowOutcome::Refused);
            let open: Vec<Group> = groups
                .into_iter()
                .map(|rows| rows.into_iter().filter(is_open).collect::<Group>())
                .filter(|rows| !rows.is_empty())
                .collect();
            let desk = self.desk(&import, &tools, self.suggest(&import, &tools, &open)?);
            let done = import.done + i64::try_from(count).unwrap_or(0);
            let done = self.database.write_now(|conn| {
                for rows in &open {
                    let handled = entry::apply(conn, &desk, rows)?;
                    if let Some(reason) = broken_off(&import, rows, &handled) {
                        return Ok(ControlFlow::Break(reason));
                    }
                    keep(conn, import.id, rows, &handled, true)?;
                }
                store::progress(conn, &Import { done, ..import.clone() }).map(ControlFlow::Continue)
            })?;
            Ok(match done {
                ControlFlow::Continue(after) => {
                    import = after;
                    told(&import);
                    ControlFlow::Continue(())
                }
                ControlFlow::Break(reason) => ControlFlow::Break(reason),
            })
        })?;
        if let ControlFlow::Break(reason) = end {
            return Ok(ControlFlow::Break(reason));
        }
        import.counts = self.database.read_now(|conn| rows::counts(conn, import.id))?;
        Ok(ControlFlow::Continue(import))
    }

    /// Hands on an import's rows, in the order of their forms, those about one thing together.
    fn each_batch<B>(
        &self,
        import: Id,
        mut work: impl FnMut(Vec<Group>) -> Result<ControlFlow<B>, Problem>,
    ) -> Result<ControlFlow<B>, Problem> {
        for form in Form::ALL {
            let mut last = String::new();
            loop {
                let groups = self.database.read_now(|conn| {
                    let keys = rows::keys(conn, import, *form, &last, BATCH)?;
                    rows::by_key(conn, import, *form, &keys)
                })?;
                let Some((key, _)) = groups.last_key_value() else { break };
                last.clone_from(key);
                if let ControlFlow::Break(end) = pace(|| work(groups.into_values().collect()))? {
                    return Ok(ControlFlow::Break(end));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The sub-goals that fit what a project bank says of projects that are not known yet, by key. Read outside the
    /// transaction that makes them: what that writes may be taken back, and nothing is to be learned of it.
    fn suggest(
        &self,
        import: &Import,
        tools: &Tools,
        groups: &[Group],
    ) -> Result<HashMap<String, Vec<String>>, Problem> {
        let mut suggested = HashMap::new();
        self.database.read_now(|conn| {
            for row in groups.iter().filter_map(|rows| rows.first()).filter(|row| banked::is_bank(row.form)) {
                if banked::is_known(conn, row)? {
                    continue;
                }
                let project = banked::read(&row.cells, &tools.reference)?.project;
                let text = |member: &str| project[member].as_str().unwrap_or_default().to_owned();
                let found = self.known.suggest(conn, Visibility::ALL, &text("title"), &text("summary"))?;
                let fits =
                    found.sub_goals.into_iter().filter(|goal| goal.catalogue == tools.strategy && goal.score >= FITS);
                suggested.insert(row.key.clone(), fits.take(SUGGESTED).map(|goal| goal.code).collect());
            }
            tracing::debug!(import = %import.id, count = suggested.len(), "suggested");
            Ok(suggested)
        })
    }
}

/// Takes an import to the state in which what is wanted is worked on.
///
/// # Errors
/// 404; 409 when that is not possible now.
pub fn start(
    conn: &mut Conn,
    actor: Option<Id>,
    id: Id,
    wanted: ImportState,
    skip_refused: bool,
) -> Result<Import, Problem> {
    let before = store::find(conn, id)?;
    before.permit(wanted, skip_refused, Timestamp::now())?;
    let state = match wanted {
        ImportState::Committed => ImportState::Committing,
        ImportState::Undone => ImportState::Undoing,
        _ => ImportState::Checking,
    };
    let after = Import { state, done: 0, failure: None, ..before.clone() };
    store::update(conn, actor, &before, Import { skips_refused: before.skips_refused || skip_refused, ..after })
}

/// Does a batch, and then leaves the writer's turn to others for as long as it took, a quarter of a second at most.
pub(super) fn pace<T>(work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let done = work();
    std::thread::sleep(begin.elapsed().min(LONGEST_PAUSE));
    done
}

/// Keeps what became of rows.
fn keep(conn: &mut Conn, import: Id, rows: &[Row], handled: &[Handled], is_done: bool) -> Result<(), Problem> {
    for (row, (outcome, effect)) in rows.iter().zip(handled) {
        let applied = is_done && *outcome != RowOutcome::Refused;
        let row = Row { result: Some(*outcome), effect: effect.clone(), applied, ..row.clone() };
        rows::save(conn, import, &row)?;
    }
    Ok(())
}

/// Why an import that may pass over nothing goes no further.
fn broken_off(import: &Import, rows: &[Row], handled: &[Handled]) -> Option<Bilingual> {
    let (row, (_, effect)) = rows.iter().zip(handled).find(|(_, (outcome, _))| *outcome == RowOutcome::Refused)?;
    if import.skips_refused {
        return None;
    }
    let (sheet, number) = (&row.sheet, row.number);
    let Bilingual { sv, en } = effect.findings.first()?.reason.clone();
    let place = if sheet.is_empty() {
        bilingual!("Rad {number}", "Row {number}")
    } else {
        bilingual!("Rad {number} på bladet ”{sheet}”", "Row {number} of sheet “{sheet}”")
    };
    let (rad, row) = (place.sv, place.en);
    Some(bilingual!("{rad}: {sv}. Allt är som det var.", "{row}: {en}. All is as it was."))
}
