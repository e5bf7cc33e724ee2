//! External ids in the database.

use diesel::prelude::*;
use serde_json::Value;

use crate::db::Conn;
use crate::db::schema::external_ids;
use crate::db::types::Json;
use crate::id::Id;
use crate::import::model::Cells;
use crate::import::naming::replace;
use crate::problem::Problem;

/// A project that came from another registry, and what that last said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct External {
    /// The project.
    pub project: Id,
    /// The row.
    pub cells: Cells,
}

/// What a source calls by this case id.
///
/// # Errors
/// When the database fails.
pub fn find(conn: &mut Conn, source: &str, case_id: &str) -> Result<Option<External>, Problem> {
    let found: Option<(Id, Json)> = external_ids::table
        .find((source, case_id))
        .select((external_ids::project_id, external_ids::cells))
        .first(conn)
        .optional()?;
    found
        .map(|(project, cells)| {
            let cells = serde_json::from_value(cells.0).map_err(Problem::internal)?;
            Ok(External { project, cells })
        })
        .transpose()
}

/// Keeps what a source says of a project; without cells, forgets it.
///
/// # Errors
/// When the database fails.
pub fn keep(
    conn: &mut Conn,
    (source, case_id): (&str, &str),
    project: Id,
    cells: Option<Value>,
) -> Result<(), Problem> {
    diesel::delete(external_ids::table.find((source, case_id))).execute(conn)?;
    let Some(cells) = cells else { return Ok(()) };
    diesel::insert_into(external_ids::table)
        .values((
            external_ids::source.eq(source),
            external_ids::case_id.eq(case_id),
            external_ids::project_id.eq(project),
            external_ids::cells.eq(Json(cells)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Puts another text in place of a name wherever a source had it in a cell of its own.
///
/// # Errors
/// When the database fails.
pub fn rename(conn: &mut Conn, name: &str, instead: &str) -> Result<(), Problem> {
    let known: Vec<(String, String, Json)> =
        external_ids::table.select((external_ids::source, external_ids::case_id, external_ids::cells)).load(conn)?;
    for (source, case_id, mut cells) in known {
        if replace(&mut cells.0, name, instead) {
            diesel::update(external_ids::table.find((source, case_id)))
                .set(external_ids::cells.eq(cells))
                .execute(conn)?;
        }
    }
    Ok(())
}
