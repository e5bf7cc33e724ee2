//! Imports: spreadsheets that people have, and the project bank, read into the registry. First it is told what would come of
//! each row; then that is done, as one import that can be looked up and undone.

pub mod bank;
pub mod banked;
pub mod entry;
pub mod exported;
pub mod external;
pub mod http;
pub mod model;
pub mod naming;
pub mod reading;
pub mod rows;
pub mod run;
pub mod stage;
pub mod store;
pub mod summary;
pub mod table;
pub mod template;
pub mod told;
pub mod undo;
pub mod upload;

pub use http::Imports;
pub use run::{Work, start};
pub use stage::begin;

use bank::{Axis, Reference};

use crate::db::Conn;
use crate::problem::Problem;
use crate::{framework, funding, strategy};

/// What the project bank's words stand for here.
///
/// # Errors
/// When the database fails.
fn reference(conn: &mut Conn) -> Result<Reference, Problem> {
    let (sources, _) = funding::store::list(conn, &funding::store::Filter::default(), (0, i64::MAX))?;
    let mut known_axes = Vec::new();
    for id in framework::store::list_ids(conn)? {
        let first = framework::store::find(conn, &id)?.priorities.into_iter();
        let axis = |node: framework::Priority| Axis { code: node.code, title: node.title.sv.unwrap_or_default() };
        known_axes.push((id, first.map(axis).collect()));
    }
    let (municipalities, _) = strategy::municipality::store::list(conn, None, (0, i64::MAX))?;
    Ok(Reference::new(sources.into_iter().map(|source| source.code), known_axes, &municipalities))
}
