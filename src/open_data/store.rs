//! What the database knows of the catalogue.

use diesel::prelude::*;

use super::model::{Catalogue, publisher};
use crate::auth::Principal;
use crate::db::Conn;
use crate::db::schema::{municipalities, projects, strategies};
use crate::problem::Problem;
use crate::project::query::seen;
use crate::project::sight::Sight;
use crate::strategy::Municipality;

/// The catalogue of the municipality whose strategy is the newest.
///
/// # Errors
/// 404 when there are no strategies.
pub fn catalogue(conn: &mut Conn) -> Result<Catalogue, Problem> {
    let municipality: Option<Municipality> = strategies::table
        .inner_join(municipalities::table)
        .order((strategies::start_date.desc(), strategies::id))
        .select(municipalities::all_columns)
        .first(conn)
        .optional()?;
    let municipality = municipality.ok_or_else(|| Problem::not_found("Någon strategi", "A strategy"))?;
    let modified = projects::table
        .filter(seen(Sight::of(&Principal::anonymous())))
        .order(projects::updated_at.desc())
        .select(projects::updated_at)
        .first(conn)
        .optional()?;
    let publisher = publisher(&municipality.code).map_err(Problem::internal)?;
    Ok(Catalogue { municipality, publisher, modified })
}
