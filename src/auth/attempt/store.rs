//! Attempts to sign in, in the database.

use diesel::prelude::*;
use serde_json::Value;

use super::model::{AT_ALL_ACCOUNTS, AT_ONE_ACCOUNT, Attempts, REMEMBERED, account_hash};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::sign_in_attempts as attempts;
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// Counts an attempt before its password is looked at, so that many at once are no way around the brake.
///
/// # Errors
/// 429 when it comes too soon; then it is not counted.
pub fn begin(conn: &mut Conn, email: &str, address: &str) -> Result<(), Problem> {
    check(conn, email, address)?;
    count(conn, email, address)
}

/// Lets an attempt at an account be made from an address. By itself where only failures count, since what is tried cannot be
/// guessed; it reads alone.
///
/// # Errors
/// 429 when it comes too soon.
pub fn check(conn: &mut Conn, account: &str, address: &str) -> Result<(), Problem> {
    let (now, account) = (Timestamp::now(), account_hash(account));
    let made: Vec<(String, i64, Timestamp)> = attempts::table
        .filter(attempts::address.eq(address))
        .filter(attempts::last_at.ge(now.plus(-REMEMBERED)))
        .select((attempts::account_hash, attempts::attempts, attempts::last_at))
        .load(conn)?;
    let here = made
        .iter()
        .find(|(at, ..)| *at == account)
        .map(|(_, count, last_at)| Attempts { count: *count, last_at: *last_at });
    let everywhere = made
        .iter()
        .map(|(_, _, last_at)| *last_at)
        .max()
        .map(|last_at| Attempts { count: made.iter().map(|(_, count, _)| count).sum(), last_at });
    let waits = [here.map(|here| here.next_at(AT_ONE_ACCOUNT)), everywhere.map(|all| all.next_at(AT_ALL_ACCOUNTS))];
    match waits.into_iter().flatten().max().filter(|next_at| *next_at > now) {
        Some(next_at) => Err(too_soon(now, next_at)),
        None => Ok(()),
    }
}

/// Counts an attempt at an account from an address.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn, account: &str, address: &str) -> Result<(), Problem> {
    let (now, account) = (Timestamp::now(), account_hash(account));
    diesel::delete(attempts::table.filter(attempts::last_at.lt(now.plus(-REMEMBERED)))).execute(conn)?;
    let counted = diesel::update(attempts::table.find((&account, address)))
        .set((attempts::attempts.eq(attempts::attempts + 1), attempts::last_at.eq(now)))
        .execute(conn)?;
    if counted == 0 {
        diesel::insert_into(attempts::table)
            .values((
                attempts::account_hash.eq(account),
                attempts::address.eq(address),
                attempts::attempts.eq(1_i64),
                attempts::last_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Forgets the attempts that led to the right password.
///
/// # Errors
/// When the database fails.
pub fn succeed(conn: &mut Conn, email: &str, address: &str) -> Result<(), Problem> {
    diesel::delete(attempts::table.find((account_hash(email), address))).execute(conn)?;
    Ok(())
}

/// Records an attempt that failed, and the account or machine that it was made at, if there is one: what was typed may be
/// somebody's password. The brake bounds how many there are, since who is stopped by it gets no further.
///
/// # Errors
/// When the database fails.
pub fn fail(conn: &mut Conn, aggregate: &str, kind: &str, account: Option<Id>) -> Result<(), Problem> {
    let id = account.map_or_else(|| "unknown".to_owned(), |account| account.to_string());
    let version = journal::version(conn, aggregate, &id)? + 1;
    let (before, after, personal) = (Value::Null, Value::Null, &[][..]);
    journal::record(conn, &Change { actor: None, kind, aggregate, id, version, before, after, personal })
}

/// The attempts at an account that are remembered, by the address that they came from.
///
/// # Errors
/// When the database fails.
pub fn at(conn: &mut Conn, email: &str) -> Result<Vec<(String, Attempts)>, Problem> {
    let made: Vec<(String, i64, Timestamp)> = attempts::table
        .filter(attempts::account_hash.eq(account_hash(email)))
        .order(attempts::address)
        .select((attempts::address, attempts::attempts, attempts::last_at))
        .load(conn)?;
    Ok(made.into_iter().map(|(address, count, last_at)| (address, Attempts { count, last_at })).collect())
}

/// Forgets every attempt at an account.
///
/// # Errors
/// When the database fails.
pub fn forget(conn: &mut Conn, email: &str) -> Result<(), Problem> {
    diesel::delete(attempts::table.filter(attempts::account_hash.eq(account_hash(email)))).execute(conn)?;
    Ok(())
}

fn too_soon(now: Timestamp, next_at: Timestamp) -> Problem {
    let seconds = u16::try_from((*next_at.as_utc() - *now.as_utc()).num_seconds() + 1).unwrap_or(u16::MAX);
    Problem::new(
        Kind::TooManyRequests,
        bilingual!(
            "För många försök att logga in härifrån. Försök igen om {seconds} sekunder.",
            "Too many attempts to sign in from here. Try again in {seconds} seconds."
        ),
    )
    .retried_after(seconds)
}
