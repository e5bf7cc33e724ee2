//! Reporting dates in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::ReportingDate;
use crate::db::schema::reporting_dates;
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::model::{Part, difference};

impl Part for ReportingDate {
    fn id(&self) -> Id {
        self.id
    }
}

/// The reporting dates of these projects, in the order they were added.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<ReportingDate>>, Problem> {
    let rows: Vec<ReportingDate> = reporting_dates::table
        .filter(reporting_dates::project_id.eq_any(projects.to_vec()))
        .order(reporting_dates::id)
        .load(conn)?;
    let mut found: HashMap<Id, Vec<ReportingDate>> = HashMap::new();
    for row in rows {
        found.entry(row.project_id).or_default().push(row);
    }
    Ok(found)
}

/// Saves what differs.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, before: &[ReportingDate], after: &[ReportingDate]) -> Result<(), Problem> {
    let difference = difference(before, after);
    if !difference.gone.is_empty() {
        diesel::delete(reporting_dates::table.filter(reporting_dates::id.eq_any(difference.gone))).execute(conn)?;
    }
    for date in difference.changed {
        diesel::update(reporting_dates::table.find(date.id)).set(date).execute(conn)?;
    }
    if !difference.new.is_empty() {
        let insert = diesel::insert_into(reporting_dates::table).values(difference.new);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}
