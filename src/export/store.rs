//! What exports read.

use super::model::Names;
use super::operation::model::Facts;
use crate::db::Conn;
use crate::problem::Problem;
use crate::project::filter::Filter;
use crate::{framework, funding, strategy};

/// What codes stand for.
///
/// # Errors
/// When the database fails.
pub fn names(conn: &mut Conn, filter: &Filter) -> Result<Names, Problem> {
    let ids = strategy::store::list_ids(conn, None)?;
    let strategies = ids.iter().map(|id| strategy::store::find(conn, id)).collect::<Result<_, _>>()?;
    let (sources, _) = funding::store::list(conn, &funding::store::Filter::default(), (0, i64::MAX))?;
    let ids = framework::store::list_ids(conn)?;
    let frameworks = ids.iter().map(|id| framework::store::find(conn, id)).collect::<Result<Vec<_>, _>>()?;
    let (municipalities, _) = strategy::municipality::store::list(conn, None, (0, i64::MAX))?;
    Ok(Names {
        strategies,
        sources: sources.into_iter().map(|source| (source.code, source.facts)).collect(),
        frameworks: frameworks.into_iter().map(|framework| (framework.id.clone(), framework)).collect(),
        municipalities: municipalities.into_iter().map(|known| (known.code.clone(), known)).collect(),
        facts: Facts::read().map_err(Problem::internal)?,
        wanted_sources: filter.funding_source.clone(),
    })
}
