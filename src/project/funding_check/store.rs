//! Reads what the funding check of a project needs: three statements, whatever the project.

use std::collections::BTreeMap;

use super::model::{OwnPart, own_part, plan};
use crate::db::Conn;
use crate::funding;
use crate::funding::check::{Finding, check};
use crate::problem::Problem;
use crate::project::model::Project;
use crate::strategy;

/// A project's money, checked.
#[derive(Debug)]
pub struct Checked {
    /// Every rule that applies, and how it came out.
    pub findings: Vec<Finding>,
    /// What the municipality pays itself, by year.
    pub own_part: BTreeMap<Option<i32>, OwnPart>,
}

/// Checks a project's money.
///
/// # Errors
/// When the database fails.
pub fn checked(conn: &mut Conn, project: &Project) -> Result<Checked, Problem> {
    let mut codes: Vec<String> = project.funding_lines.iter().map(|line| line.source.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let calls: Vec<_> = project.funding_lines.iter().filter_map(|line| line.call).collect();
    let sources = funding::store::terms(conn, &codes)?;
    let calls = funding::call::store::rules(conn, &calls)?;
    let municipality = strategy::store::municipality_name(conn, &project.facts.strategy_id)?;
    let own_part = own_part(&project.funding_lines, &sources, &municipality);
    Ok(Checked { findings: check(&plan(project, sources, calls)), own_part })
}
