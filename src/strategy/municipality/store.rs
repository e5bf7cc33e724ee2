//! Municipalities in the database.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::Municipality;
use crate::db::schema::municipalities;
use crate::db::{Backend, Conn, on_each};
use crate::problem::Problem;

/// The municipalities by code, of one county or all, and how many.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut Conn,
    county: Option<&str>,
    (offset, limit): (i64, i64),
) -> Result<(Vec<Municipality>, i64), Problem> {
    let matching = || {
        let mut query = municipalities::table.into_boxed::<Backend>();
        if let Some(county) = county {
            query = query.filter(municipalities::county_code.eq(county.to_owned()));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    Ok((matching().order(municipalities::code).offset(offset).limit(limit).load(conn)?, total))
}

/// The municipality with this code.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, code: &str) -> Result<Municipality, Problem> {
    let found = municipalities::table.find(code).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("Kommunen", "The municipality"))
}

/// Which of these municipality codes do not exist.
///
/// # Errors
/// When the database fails.
pub fn unknown(conn: &mut Conn, codes: &[String]) -> Result<Vec<String>, Problem> {
    let known: HashSet<String> = municipalities::table
        .filter(municipalities::code.eq_any(codes))
        .select(municipalities::code)
        .load(conn)?
        .into_iter()
        .collect();
    Ok(codes.iter().filter(|code| !known.contains(*code)).cloned().collect())
}

/// Loads municipalities; says how many were new or changed.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, loaded: &[Municipality]) -> Result<usize, Problem> {
    let present: Vec<Municipality> = municipalities::table.load(conn)?;
    let present: HashMap<&str, &Municipality> =
        present.iter().map(|municipality| (municipality.code.as_str(), municipality)).collect();
    let new: Vec<&Municipality> =
        loaded.iter().filter(|municipality| !present.contains_key(municipality.code.as_str())).collect();
    let changed: Vec<&Municipality> = loaded
        .iter()
        .filter(|municipality| present.get(municipality.code.as_str()).is_some_and(|known| known != municipality))
        .collect();
    if !new.is_empty() {
        let insert = diesel::insert_into(municipalities::table).values(new.clone());
        on_each!(conn => insert.execute(conn))?;
    }
    for municipality in &changed {
        diesel::update(municipalities::table.find(&municipality.code)).set(*municipality).execute(conn)?;
    }
    Ok(new.len() + changed.len())
}
