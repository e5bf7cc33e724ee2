//! Stakeholders in the database.

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;

use diesel::prelude::*;

use super::model::Stakeholder;
use crate::db::schema::{organisations, stakeholders};
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::organisation::Organisation;
use crate::problem::Problem;
use crate::project::model::{Part, difference};

impl Part for Stakeholder {
    fn id(&self) -> Id {
        self.id
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = stakeholders)]
struct Row {
    id: Id,
    project_id: Id,
    organisation_id: Id,
    roles: String,
    interests: String,
    phases: String,
}

fn joined<T: Display>(codes: &[T]) -> String {
    codes.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

fn split<T: FromStr<Err = String>>(text: &str) -> Result<Vec<T>, Problem> {
    let codes: Result<_, String> = text.split_whitespace().map(str::parse).collect();
    codes.map_err(|error| Problem::internal(anyhow::anyhow!(error)))
}

/// The stakeholders of these projects, in the order they were added.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Stakeholder>>, Problem> {
    let rows: Vec<(Row, Organisation)> = stakeholders::table
        .inner_join(organisations::table)
        .filter(stakeholders::project_id.eq_any(projects.to_vec()))
        .order(stakeholders::id)
        .load(conn)?;
    let mut found: HashMap<Id, Vec<Stakeholder>> = HashMap::new();
    for (row, organisation) in rows {
        found.entry(row.project_id).or_default().push(Stakeholder {
            id: row.id,
            organisation,
            roles: split(&row.roles)?,
            interests: split(&row.interests)?,
            phases: split(&row.phases)?,
        });
    }
    Ok(found)
}

/// What the column of an owner's roles is like.
pub const OWNS: &str = "%owner%";

/// The organisations that own these projects.
///
/// # Errors
/// When the database fails.
pub fn owners(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Id>>, Problem> {
    let mut owners: HashMap<Id, Vec<Id>> = HashMap::new();
    let rows: Vec<(Id, Id)> = stakeholders::table
        .filter(stakeholders::project_id.eq_any(projects.to_vec()))
        .filter(stakeholders::roles.like(OWNS))
        .order(stakeholders::id)
        .select((stakeholders::project_id, stakeholders::organisation_id))
        .load(conn)?;
    for (project, organisation) in rows {
        owners.entry(project).or_default().push(organisation);
    }
    Ok(owners)
}

/// Saves what differs.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, project: Id, before: &[Stakeholder], after: &[Stakeholder]) -> Result<(), Problem> {
    let difference = difference(before, after);
    let row = |stakeholder: &Stakeholder| Row {
        id: stakeholder.id,
        project_id: project,
        organisation_id: stakeholder.organisation.id,
        roles: joined(&stakeholder.roles),
        interests: joined(&stakeholder.interests),
        phases: joined(&stakeholder.phases),
    };
    if !difference.gone.is_empty() {
        diesel::delete(stakeholders::table.filter(stakeholders::id.eq_any(difference.gone))).execute(conn)?;
    }
    for stakeholder in difference.changed {
        diesel::update(stakeholders::table.find(stakeholder.id)).set(row(stakeholder)).execute(conn)?;
    }
    if !difference.new.is_empty() {
        let rows: Vec<Row> = difference.new.into_iter().map(row).collect();
        let insert = diesel::insert_into(stakeholders::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}
