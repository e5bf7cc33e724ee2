//! Alignments in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::Alignment;
use crate::db::schema::alignments;
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::model::{Part, difference};

impl Part for Alignment {
    fn id(&self) -> Id {
        self.id
    }
}

/// The alignments of these projects, in the order they were made.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Alignment>>, Problem> {
    let rows: Vec<Alignment> =
        alignments::table.filter(alignments::project_id.eq_any(projects.to_vec())).order(alignments::id).load(conn)?;
    let mut found: HashMap<Id, Vec<Alignment>> = HashMap::new();
    for row in rows {
        found.entry(row.project_id).or_default().push(row);
    }
    Ok(found)
}

/// Saves what differs.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, before: &[Alignment], after: &[Alignment]) -> Result<(), Problem> {
    let difference = difference(before, after);
    if !difference.gone.is_empty() {
        diesel::delete(alignments::table.filter(alignments::id.eq_any(difference.gone))).execute(conn)?;
    }
    for alignment in difference.changed {
        diesel::update(alignments::table.find(alignment.id)).set(alignment).execute(conn)?;
    }
    if !difference.new.is_empty() {
        let insert = diesel::insert_into(alignments::table).values(difference.new);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}
