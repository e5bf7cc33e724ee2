//! Contacts in the database; each is a part of its project's facts.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::projects;
use crate::id::Id;
use crate::problem::Problem;
use crate::project::model::{Contact, Facts, Project};
use crate::project::sight::Sight;
use crate::project::store;

/// Every contact, with its project's id and reference.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn) -> Result<Vec<(Id, String, Contact)>, Problem> {
    type Row = (Id, String, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = projects::table
        .filter(projects::contact_name.is_not_null())
        .order(projects::id)
        .select((
            projects::id,
            projects::reference,
            projects::contact_name,
            projects::contact_email,
            projects::contact_phone,
        ))
        .load(conn)?;
    let contact =
        |(id, reference, name, email, phone): Row| Some((id, reference, Contact { name: name?, email, phone }));
    Ok(rows.into_iter().filter_map(contact).collect())
}

/// Takes the contact away from projects, whatever their state: the law stands above the plan.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, actor: Option<Id>, projects: &[Id]) -> Result<(), Problem> {
    let mut found = store::find_all(conn, projects, Sight::WHOLE)?;
    for before in projects.iter().filter_map(|id| found.remove(id)) {
        let after = Project { facts: Facts { contact: None, ..before.facts.clone() }, ..before.clone() };
        store::update(conn, actor, "project.contactAnonymised", &before, after)?;
    }
    Ok(())
}
