//! Checks what bindings name.

use diesel::prelude::*;

use super::Binding;
use crate::auth::Role;
use crate::db::Conn;
use crate::db::schema::{frameworks, funding_sources, organisations};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::text::bilingual;

/// Lets a role have a binding.
///
/// # Errors
/// 422 when it does not go with the role, or names what does not exist.
pub fn check(conn: &mut Conn, role: Role, binding: &Binding) -> Result<(), Problem> {
    let mut faults = binding.faults_of(role);
    if let Some(id) = binding.organisation_id {
        let known: Option<Id> = organisations::table.find(id).select(organisations::id).first(conn).optional()?;
        if known.is_none() {
            let reason = bilingual!("organisationen {id} finns inte", "the organisation {id} does not exist");
            faults.push(Fault::body("/binding/organisationId", "unknown-organisation", reason));
        }
    }
    let sources = funding_sources::table
        .filter(funding_sources::code.eq_any(binding.funding_sources.clone()))
        .select(funding_sources::code)
        .load(conn)?;
    let known = frameworks::table
        .filter(frameworks::id.eq_any(binding.frameworks.clone()))
        .select(frameworks::id)
        .load(conn)?;
    faults.extend(unknown("fundingSources", "unknown-source", &binding.funding_sources, &sources));
    faults.extend(unknown("frameworks", "unknown-framework", &binding.frameworks, &known));
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn unknown(list: &str, code: &'static str, named: &[String], known: &[String]) -> Vec<Fault> {
    let missing = named.iter().filter(|name| !known.contains(name));
    missing
        .map(|name| {
            let reason = bilingual!("{name} finns inte", "{name} does not exist");
            Fault::body(format!("/binding/{list}"), code, reason)
        })
        .collect()
}
