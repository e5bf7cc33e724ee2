//! Putting back what was before an import, while nothing has been built on what it did.

use super::model::{Form, Import, Row, RowOutcome};
use super::run::{BATCH, pace};
use super::{banked, rows, store};
use crate::db::{Conn, Database, apart};
use crate::id::Id;
use crate::organisation;
use crate::problem::{Kind, Problem};
use crate::project::snapshot::restored;
use crate::project::{self, Project, Sight};
use crate::text::bilingual;

/// How many projects are named that something has been built on.
const NAMED: usize = 10;

/// Puts all back.
///
/// # Errors
/// 409 when something has been built on what the import did: before anything is put back, or, when that happens meanwhile,
/// after all the rest is; when the database fails.
pub fn all(
    database: &Database,
    actor: Option<Id>,
    import: &Import,
    told: &mut dyn FnMut(&Import),
) -> Result<(), Problem> {
    each_batch(database, import, |ids| database.rehearse_now(|conn| Ok(put_all_back(conn, actor, import.id, ids)?.1)))?;
    let mut progress = Import { done: 0, ..import.clone() };
    each_batch(database, import, |ids| {
        let (after, built_on) = database.write_now(|conn| {
            let (count, built_on) = put_all_back(conn, actor, import.id, ids)?;
            let done = progress.done + count;
            Ok((store::progress(conn, &Import { done, ..progress.clone() })?, built_on))
        })?;
        progress = after;
        told(&progress);
        Ok(built_on)
    })?;
    database.write_now(|conn| {
        for id in rows::registered(conn, import.id)? {
            forget_organisation(conn, actor, id)?;
        }
        Ok(())
    })
}

/// Hands on the projects that an import has touched.
///
/// # Errors
/// 409 for those that the work answers, at the end.
fn each_batch(
    database: &Database,
    import: &Import,
    mut work: impl FnMut(&[Id]) -> Result<Vec<String>, Problem>,
) -> Result<(), Problem> {
    let (mut last, mut built_on) = (None, Vec::new());
    loop {
        let ids = database.read_now(|conn| rows::touched(conn, import.id, last, BATCH))?;
        let Some(latest) = ids.last() else { break };
        last = Some(*latest);
        pace(|| work(&ids)).map(|found| built_on.extend(found))?;
    }
    if built_on.is_empty() { Ok(()) } else { Err(conflict(&built_on)) }
}

/// Puts projects back; says how many rows were about them, and which projects something has been built on.
fn put_all_back(conn: &mut Conn, actor: Option<Id>, import: Id, ids: &[Id]) -> Result<(i64, Vec<String>), Problem> {
    let (mut count, mut built_on) = (0, Vec::new());
    for id in ids {
        match apart(conn, |conn| put_back(conn, actor, import, *id)) {
            Ok(rows) => count += rows,
            Err(problem) if problem.kind() == Kind::Conflict => {
                let known = project::store::find_all(conn, &[*id], Sight::WHOLE)?;
                built_on.push(known.get(id).map_or_else(|| id.to_string(), |now| now.reference.clone()));
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok((count, built_on))
}

/// Whether a project is as an import left it, by the rows about it: in the same version, and with nothing later said of it by
/// its source.
fn is_as_left(conn: &mut Conn, rows: &[Row], now: &Project) -> Result<bool, Problem> {
    let left = rows.iter().filter_map(|row| row.effect.new_version).max();
    if left.is_some_and(|left| left != now.version) {
        return Ok(false);
    }
    for row in rows.iter().filter(|row| banked::is_bank(row.form)) {
        if !banked::is_latest(conn, row)? {
            return Ok(false);
        }
    }
    Ok(true)
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
    let rows = rows::applied_to(conn, import, id)?;
    let Some(now) = project::store::find_all(conn, &[id], Sight::WHOLE)?.remove(&id) else {
        // What is gone is gone, unless the import had done something with it.
        let is_touched = rows.iter().any(|row| row.effect.new_version.is_some());
        return if is_touched { Err(conflict(&[id.to_string()])) } else { release(conn, import, &rows) };
    };
    if !is_as_left(conn, &rows, &now)? {
        return Err(conflict(&[now.reference]));
    }
    let is_new = rows.iter().any(|row| row.result == Some(RowOutcome::Created) && makes_projects(row.form));
    if is_new {
        take_away(conn, actor, &now)?;
    } else if rows.iter().any(|row| row.effect.new_version.is_some()) {
        restore(conn, actor, &now, &rows)?;
    }
    for row in rows.iter().rev() {
        let is_gone = row.result == Some(RowOutcome::Created);
        if banked::is_bank(row.form) && !is_gone {
            // A row's key is its case id.
            banked::take_back(conn, row)?;
        }
    }
    release(conn, import, &rows)
}

/// Forgets that rows are applied; says how many.
fn release(conn: &mut Conn, import: Id, rows: &[Row]) -> Result<i64, Problem> {
    for row in rows {
        rows::save(conn, import, &Row { applied: false, ..row.clone() })?;
    }
    Ok(i64::try_from(rows.len()).unwrap_or(0))
}

fn makes_projects(form: Form) -> bool {
    !matches!(form, Form::Alignments | Form::FundingLines)
}

fn take_away(conn: &mut Conn, actor: Option<Id>, project: &Project) -> Result<(), Problem> {
    if !project.referring_projects.is_empty() {
        return Err(conflict(std::slice::from_ref(&project.reference)));
    }
    // What else still names the project, a statement, has been built on it.
    let gone = apart(conn, |conn| project::store::remove(conn, actor, project));
    gone.map_err(|problem| match problem.kind() {
        Kind::Internal => conflict(std::slice::from_ref(&project.reference)).because(problem),
        _ => problem,
    })
}

fn restore(conn: &mut Conn, actor: Option<Id>, now: &Project, rows: &[Row]) -> Result<(), Problem> {
    let found = rows.iter().find_map(|row| row.effect.before.as_ref().zip(row.effect.version));
    let Some((before, version)) = found else { return Ok(()) };
    let project = restored(conn, now, before)?;
    let after = project::store::update(conn, actor, "project.importUndone", now, project)?;
    // It is as an earlier import left it, so that one can be undone too.
    rows::leave_anew(conn, now.id, version, after.version)
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
