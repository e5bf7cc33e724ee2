//! What projects are found by: the stems of their words in order, in one text each.
//!
//! Both databases answer "has a word that contains this stem" and "has these stems side by side" by the same comparison.

use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::Project;
use crate::db::schema::{organisations, project_texts, projects, stakeholders};
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::language::query::Clause;
use crate::language::terms;
use crate::problem::Problem;
use crate::text::sort_key;

/// The stems of a project itself, each between spaces; organisations are found by their own names.
pub(super) fn stems(project: &Project) -> String {
    let facts = &project.facts;
    let places = facts.places.iter().map(String::as_str);
    let numbers = facts.case_numbers.iter().map(|case| case.number.as_str());
    let lines =
        project.funding_lines.iter().flat_map(|line| &line.commitments).filter_map(|step| step.case_number.as_deref());
    let own = [project.reference.as_str(), &facts.title, facts.summary.as_deref().unwrap_or_default()];
    let mut stems = String::from(" ");
    for text in own.into_iter().chain(places).chain(numbers).chain(lines) {
        for term in terms(text) {
            stems.push_str(&term.stem);
            stems.push(' ');
        }
        // Words of two texts do not stand side by side.
        stems.push_str("· ");
    }
    stems
}

/// Brings the text to what the project says.
pub(super) fn save(conn: &mut Conn, before: Option<&Project>, after: &Project) -> Result<(), Problem> {
    let stems = stems(after);
    if before.is_some_and(|before| self::stems(before) == stems) {
        return Ok(());
    }
    let row = (project_texts::project_id.eq(after.id), project_texts::stems.eq(stems.clone()));
    let changed = diesel::update(project_texts::table.find(after.id)).set(project_texts::stems.eq(&stems));
    if before.is_none() || changed.execute(conn)? == 0 {
        diesel::insert_into(project_texts::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Projects without a text, after a migration.
pub(super) fn without_text(conn: &mut Conn) -> Result<Vec<Id>, Problem> {
    let known = project_texts::table.select(project_texts::project_id);
    Ok(projects::table.filter(projects::id.ne_all(known)).select(projects::id).load(conn)?)
}

/// A condition on projects.
type Condition<'a> = Box<dyn BoxableExpression<projects::table, Backend, SqlType = Bool> + 'a>;

/// The pattern of a run of stems: one alone may be a part of a word, unless it is very short; several stand side by side.
fn pattern(run: &[String]) -> String {
    match run {
        [stem] if stem.chars().count() > 2 => format!("%{stem}%"),
        run => format!("% {} %", run.join(" ")),
    }
}

/// That a project, or the name of an organisation with a part in it, says what a clause asks for. A sole trader's name is
/// personal: nobody finds a project by it.
pub(super) fn says(clause: &Clause) -> Condition<'_> {
    let is_personal = organisations::number.like("__0%").or(organisations::number.like("__1%"));
    let named = organisations::table
        .filter(organisations::name_key.like(format!("%{}%", sort_key(&clause.surface))))
        .filter(organisations::number.is_null().or(dsl::not(is_personal)))
        .select(organisations::id);
    let with_named =
        stakeholders::table.filter(stakeholders::organisation_id.eq_any(named)).select(stakeholders::project_id);
    let mut any: Condition<'_> = Box::new(projects::id.eq_any(with_named));
    for run in &clause.alternatives {
        let saying = project_texts::table.filter(project_texts::stems.like(pattern(run)));
        any = Box::new(any.or(projects::id.eq_any(saying.select(project_texts::project_id))));
    }
    any
}
