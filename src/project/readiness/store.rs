//! Reads what the check of a project needs besides the project.

use super::model;
use crate::db::Conn;
use crate::problem::{Fault, Problem};
use crate::project::funding_check;
use crate::project::model::Project;
use crate::strategy;

/// Everything that a project lacks.
///
/// # Errors
/// When the database fails.
pub fn findings(conn: &mut Conn, project: &Project) -> Result<Vec<Fault>, Problem> {
    let period = strategy::store::period(conn, &project.facts.strategy_id)?;
    let checked = funding_check::store::checked(conn, project)?;
    let mut findings = model::findings(project, period);
    findings.extend(checked.findings.iter().filter_map(funding_check::model::fault));
    Ok(findings)
}
