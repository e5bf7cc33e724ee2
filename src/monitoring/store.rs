//! The figures that the database tells, in few and short statements.

use diesel::dsl;
use diesel::prelude::*;

use super::model::{Figures, Webhooks};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{changes, imports, webhooks};
use crate::import::model::ImportState;
use crate::problem::Problem;

/// How the registry stands.
///
/// # Errors
/// When the database fails.
pub fn figures(conn: &mut Conn) -> Result<Figures, Problem> {
    let journal = changes::table
        .order(changes::number.desc())
        .select((changes::number, changes::at))
        .first::<(i64, Timestamp)>(conn)
        .optional()?;
    let webhooks = subscriptions(conn, journal.map_or(0, |(number, _)| number))?;
    let by_state: Vec<(ImportState, i64)> =
        imports::table.group_by(imports::state).select((imports::state, dsl::count_star())).load(conn)?;
    let working = [ImportState::Checking, ImportState::Committing, ImportState::Undoing];
    let under_way: Vec<(i64, i64)> =
        imports::table.filter(imports::state.eq_any(working)).select((imports::done, imports::row_count)).load(conn)?;
    let import_rows = under_way.iter().fold((0, 0), |(done, all), (more, of)| (done + more, all + of));
    Ok(Figures { journal, webhooks, imports: by_state, import_rows })
}

fn subscriptions(conn: &mut Conn, latest: i64) -> Result<Webhooks, Problem> {
    let all: Vec<(bool, bool, i64, i64)> = webhooks::table
        .select((webhooks::active, webhooks::stopped_reason.is_not_null(), webhooks::failures, webhooks::place))
        .load(conn)?;
    let mut told = Webhooks::default();
    let mut furthest = latest;
    for (is_active, is_stopped, failures, place) in all {
        match (is_active, is_stopped) {
            (true, _) => {
                told.active += 1;
                told.failing += i64::from(failures > 0);
                furthest = furthest.min(place);
            }
            (false, true) => told.stopped += 1,
            (false, false) => told.paused += 1,
        }
    }
    told.behind = latest - furthest;
    if told.behind > 0 {
        let waiting = changes::table.filter(changes::number.gt(furthest)).order(changes::number);
        told.oldest = waiting.select(changes::at).first(conn).optional()?;
    }
    Ok(told)
}
