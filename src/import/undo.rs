//! Putting back what was before an import, while nothing has been built on what it did.

use super::model::{Form, Import, Row, RowOutcome};
use super::{banked, store};
use crate::db::{Conn, Database, apart};
use crate::id::Id;
use crate::organisation;
use crate::problem::{Kind, Problem};
use crate::project::snapshot::restored;
use crate::project::{self, Project, Sight};
use crate::text::bilingual;

/// How many projects are put back in one transaction.
const BATCH: i64 = 25;

/// How many projects are named that something has been built on.
const NAMED: usize = 10;

/// Puts all back.
///
/// # Errors
/// 409 when something has been built on what the import did, before anything is put back; when the database fails.
pub fn all(
    database: &Database,
    actor: Option<Id>,
    import: &Import,
    told: &mut dyn FnMut(&Import),
) -> Result<(), Problem> {
    check(database, import)?;
    let (mut last, mut progress) = (None, Import { done: 0, ..import.clone() });
    loop {
        let ids = database.read_now(|conn| store::touched(conn, import.id, last, BATCH))?;
        let Some(latest) = ids.last() else { break };
        last = Some(*latest);
        progress = database.write_now(|conn| {
            let mut done = progress.done;
            for id in &ids {
                done += put_back(conn, actor, import.id, *id)?;
            }
            store::progress(conn, &Import { done, ..progress.clone() })
        })?;
        told(&progress);
    }
    database.write_now(|conn| {
        for id in store::registered(conn, import.id)? {
            forget_organisation(conn, actor, id)?;
        }
        Ok(())
    })
}

/// Finds out whether anything has been built on what an import did.
fn check(database: &Database, import: &Import) -> Result<(), Problem> {
    let mut last = None;
    let mut built_on = Vec::new();
    loop {
        let ids = database.read_now(|conn| store::touched(conn, import.id, last, 200))?;
        let Some(latest) = ids.last() else { break };
        last = Some(*latest);
        database.read_now(|conn| {
            let projects = project::store::find_all(conn, &ids, Sight::WHOLE)?;
            for id in &ids {
                let left = store::left_at(conn, import.id, *id)?;
                let now = projects.get(id);
                let is_as_left = left.is_none() || now.is_some_and(|now| Some(now.version) == left);
                let is_referred_to = now.is_some_and(|now| !now.referring_projects.is_empty());
                if !is_as_left || is_referred_to {
                    built_on.push(now.map_or_else(|| id.to_string(), |now| now.reference.clone()));
                }
            }
            Ok(())
        })?;
    }
    if built_on.is_empty() { Ok(()) } else { Err(conflict(&built_on)) }
}

fn conflict(built_on: &[String]) -> Problem {
    let (count, named) = (built_on.len(), built_on[..built_on.len().min(NAMED)].join(", "));
    Problem::new(
        Kind::Conflict,
        bilingual!(
            "Importen kan inte ångras: {count} projekt har ändrats eller byggts vidare på sedan dess, bland dem {named}.",
            "The import cannot be undone: {count} projects have been changed or built on since, among them {named}."
        ),
    )
}

/// Puts a project back; says how many rows were about it.
fn put_back(conn: &mut Conn, actor: Option<Id>, import: Id, id: Id) -> Result<i64, Problem> {
    let rows = store::applied_to(conn, import, id)?;
    if let Some(left) = rows.iter().filter_map(|row| row.effect.new_version).max() {
        let now = project::store::find(conn, id, Sight::WHOLE)?;
        if now.version != left {
            return Err(conflict(&[now.reference]));
        }
        let is_new = rows.iter().any(|row| row.result == Some(RowOutcome::Created) && makes_projects(row.form));
        if is_new { take_away(conn, actor, &now)? } else { restore(conn, actor, &now, &rows)? }
    }
    for row in rows.iter().rev() {
        let is_gone = row.result == Some(RowOutcome::Created);
        if banked::is_bank(row.form) && !is_gone {
            // A row's key is its case id.
            banked::take_back(conn, row)?;
        }
        store::save(conn, import, &Row { applied: false, ..row.clone() })?;
    }
    Ok(i64::try_from(rows.len()).unwrap_or(0))
}

fn makes_projects(form: Form) -> bool {
    !matches!(form, Form::Alignments | Form::FundingLines)
}

fn take_away(conn: &mut Conn, actor: Option<Id>, project: &Project) -> Result<(), Problem> {
    // What still names the project has been built on it.
    let gone = apart(conn, |conn| project::store::remove(conn, actor, project));
    gone.map_err(|problem| match problem.kind() {
        Kind::Internal => conflict(std::slice::from_ref(&project.reference)).because(problem),
        _ => problem,
    })
}

fn restore(conn: &mut Conn, actor: Option<Id>, now: &Project, rows: &[Row]) -> Result<(), Problem> {
    let Some(before) = rows.iter().find_map(|row| row.effect.before.as_ref()) else { return Ok(()) };
    let project = restored(conn, now, before)?;
    project::store::update(conn, actor, "project.importUndone", now, project).map(drop)
}

/// Takes away an organisation that the import registered, unless others have come to name it.
fn forget_organisation(conn: &mut Conn, actor: Option<Id>, id: Id) -> Result<(), Problem> {
    let Some(organisation) = organisation::store::find_all(conn, &[id])?.pop().filter(|known| known.version == 1)
    else {
        return Ok(());
    };
    match apart(conn, |conn| organisation::store::remove(conn, actor, &organisation)) {
        Err(problem) if problem.kind() != Kind::Internal => Err(problem),
        _ => Ok(()),
    }
}
