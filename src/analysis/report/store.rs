//! Reads what a project's report is made of.

use crate::db::Conn;
use crate::framework::{self, Correspondences, Framework};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::{self, Project, Sight};
use crate::strategy::{self, Municipality, Strategy};

/// What a report is made of.
#[derive(Debug)]
pub struct Material {
    /// The project.
    pub project: Project,
    /// The municipalities that it concerns.
    pub municipalities: Vec<Municipality>,
    /// The strategies that it is registered under or aligned with, its own first.
    pub strategies: Vec<Strategy>,
    /// Every framework, with what the strategies have to do with it.
    pub frameworks: Vec<(Framework, Correspondences)>,
}

/// Everything that the report of a project that the caller may see is made of.
///
/// # Errors
/// 404 when there is none.
pub fn material(conn: &mut Conn, id: Id, sight: Sight) -> Result<Material, Problem> {
    let project = project::store::find(conn, id, sight)?;
    let mut ids = vec![project.facts.strategy_id.clone()];
    for alignment in &project.alignments {
        if !ids.contains(&alignment.strategy_id) {
            ids.push(alignment.strategy_id.clone());
        }
    }
    let strategies = ids.iter().map(|id| strategy::store::find(conn, id)).collect::<Result<_, _>>()?;
    let codes = project.facts.municipalities.iter();
    let municipalities = codes.map(|code| strategy::municipality::store::find(conn, code)).collect::<Result<_, _>>()?;
    let mut frameworks = Vec::new();
    for id in framework::store::list_ids(conn)? {
        frameworks.push((framework::store::find(conn, &id)?, framework::correspondence::store::all(conn, &id)?));
    }
    Ok(Material { project, municipalities, strategies, frameworks })
}
