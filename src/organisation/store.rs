//! Organisations in the database.

use diesel::prelude::*;

use super::model::{Organisation, Sector, is_personal};
use crate::clock::Timestamp;
use crate::db::schema::organisations;
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Problem};
use crate::text::{bilingual, sort_key};

/// A sole trader's members that are a person's.
const PERSONAL: &[&str] = &["number", "name"];

/// Which organisations to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those of this sector.
    pub sector: Option<Sector>,
    /// Those whose name begins with this.
    pub name_begins: Option<String>,
}

/// A page of organisations by name, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    (offset, limit): (i64, i64),
) -> Result<(Vec<Organisation>, i64), Problem> {
    let matching = || {
        let mut query = organisations::table.into_boxed::<Backend>();
        if let Some(sector) = filter.sector {
            query = query.filter(organisations::sector.eq(sector));
        }
        if let Some(beginning) = &filter.name_begins {
            let from = sort_key(beginning);
            let to = format!("{from}\u{10ffff}");
            query = query.filter(organisations::name_key.ge(from)).filter(organisations::name_key.lt(to));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let page = matching().order((organisations::name_key, organisations::id)).offset(offset).limit(limit).load(conn)?;
    Ok((page, total))
}

/// The organisation with this id.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id) -> Result<Organisation, Problem> {
    let found = organisations::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("Organisationen", "The organisation"))
}

/// The organisations with these ids.
///
/// # Errors
/// When the database fails.
pub fn find_all(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Organisation>, Problem> {
    Ok(organisations::table.filter(organisations::id.eq_any(ids.to_vec())).load(conn)?)
}

/// The organisation with this number, else the oldest with exactly this name.
///
/// # Errors
/// When the database fails.
pub fn find_by_number_or_name(
    conn: &mut Conn,
    number: Option<&str>,
    name: &str,
) -> Result<Option<Organisation>, Problem> {
    if let Some(number) = number {
        let found = organisations::table.filter(organisations::number.eq(number)).first(conn).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let named: Vec<Organisation> =
        organisations::table.filter(organisations::name.eq(name)).order(organisations::id).load(conn)?;
    // One with another number is another organisation of the same name.
    Ok(named.into_iter().find(|found| number.is_none() || found.number.is_none()))
}

/// The sole trader with this number, which is a personal identity number.
///
/// # Errors
/// When the database fails.
pub fn find_sole_trader(conn: &mut Conn, number: &str) -> Result<Option<Organisation>, Problem> {
    let found: Option<Organisation> =
        organisations::table.filter(organisations::number.eq(number)).first(conn).optional()?;
    Ok(found.filter(|found| found.number.as_deref().is_some_and(is_personal)))
}

/// What an anonymised sole trader is called.
pub const NOBODY: &str = "Anonymiserad";

/// Takes a sole trader's number and name away, also from what the journal kept before it knew that they are a person's.
///
/// # Errors
/// When the database fails.
pub fn anonymise(conn: &mut Conn, actor: Option<Id>, before: &Organisation) -> Result<(), Problem> {
    let after = Organisation { name: NOBODY.to_owned(), number: None, ..before.clone() };
    update(conn, actor, before, after)?;
    journal::withhold(conn, "organisation", &before.id.to_string(), PERSONAL)
}

/// Registers an organisation.
///
/// # Errors
/// 422 when its number is another's.
pub fn insert(
    conn: &mut Conn,
    actor: Option<Id>,
    name: &str,
    sector: Sector,
    number: Option<&str>,
) -> Result<Organisation, Problem> {
    let now = Timestamp::now();
    let organisation = Organisation {
        id: Id::new(),
        name: name.to_owned(),
        name_key: sort_key(name),
        number: number.map(str::to_owned),
        sector,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    check_number(conn, &organisation)?;
    diesel::insert_into(organisations::table).values(&organisation).execute(conn)?;
    record(conn, actor, "organisation.created", None, Some(&organisation))?;
    Ok(organisation)
}

/// Changes an organisation, whose sort key, version and time of change are set here.
///
/// # Errors
/// 422 when its number is another's.
pub fn update(
    conn: &mut Conn,
    actor: Option<Id>,
    before: &Organisation,
    after: Organisation,
) -> Result<Organisation, Problem> {
    let after = Organisation {
        name_key: sort_key(&after.name),
        version: before.version + 1,
        updated_at: Timestamp::now(),
        ..after
    };
    check_number(conn, &after)?;
    diesel::update(organisations::table.find(before.id)).set(&after).execute(conn)?;
    record(conn, actor, "organisation.updated", Some(before), Some(&after))?;
    Ok(after)
}

fn check_number(conn: &mut Conn, organisation: &Organisation) -> Result<(), Problem> {
    let Some(number) = &organisation.number else { return Ok(()) };
    let other: Option<Organisation> = organisations::table
        .filter(organisations::number.eq(number))
        .filter(organisations::id.ne(organisation.id))
        .first(conn)
        .optional()?;
    match other {
        None => Ok(()),
        Some(other) => {
            let reason = match (other.public_number(), &other.name) {
                (Some(_), name) => {
                    bilingual!("numret är redan registrerat för {name}", "the number is registered for {name}")
                }
                (None, _) => bilingual!("numret är redan registrerat", "the number is registered already"),
            };
            Err(Problem::invalid(vec![Fault::body("/number", "taken", reason)]))
        }
    }
}

/// Removes an organisation that nothing names; the journal keeps what it was.
///
/// # Errors
/// When the database fails, or something names it.
pub fn remove(conn: &mut Conn, actor: Option<Id>, organisation: &Organisation) -> Result<(), Problem> {
    diesel::delete(organisations::table.find(organisation.id)).execute(conn)?;
    record(conn, actor, "organisation.deleted", Some(organisation), None)
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Organisation>,
    after: Option<&Organisation>,
) -> Result<(), Problem> {
    let Some(now) = after.or(before) else { return Ok(()) };
    let personal = [before, after]
        .into_iter()
        .flatten()
        .any(|organisation| organisation.number.as_deref().is_some_and(is_personal));
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "organisation",
            id: now.id.to_string(),
            version: now.version,
            before: serde_json::to_value(before).map_err(Problem::internal)?,
            after: serde_json::to_value(after).map_err(Problem::internal)?,
            personal: if personal { PERSONAL } else { &[] },
        },
    )
}
