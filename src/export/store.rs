//! What exports read.

use super::model::Names;
use crate::db::Conn;
use crate::funding;
use crate::problem::Problem;
use crate::strategy;

/// What codes stand for.
///
/// # Errors
/// When the database fails.
pub fn names(conn: &mut Conn) -> Result<Names, Problem> {
    let ids = strategy::store::list_ids(conn, None)?;
    let strategies = ids.iter().map(|id| strategy::store::find(conn, id)).collect::<Result<_, _>>()?;
    let (sources, _) = funding::store::list(conn, &funding::store::Filter::default(), (0, i64::MAX))?;
    Ok(Names { strategies, sources: sources.into_iter().map(|source| (source.code, source.facts.name.sv)).collect() })
}
