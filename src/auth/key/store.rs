//! Signing keys in the database.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

use super::model::SigningKey;
use crate::auth::token::LIFETIME;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::signing_keys;
use crate::journal::{self, Change};
use crate::problem::Problem;

/// How long a key is accepted after the next one was made: its last tokens' life, and as much again for clocks that differ.
const AFTERLIFE: TimeDelta = TimeDelta::seconds(2 * LIFETIME);

fn all(conn: &mut Conn) -> Result<Vec<SigningKey>, Problem> {
    let stored: Vec<(Vec<u8>, Timestamp)> = signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::kid))
        .select((signing_keys::private_key, signing_keys::created_at))
        .load(conn)?;
    stored.iter().map(|(der, created_at)| SigningKey::from_pkcs8(der, *created_at)).collect()
}

/// How many of the keys, newest first, are still accepted: a key's last token was signed before the next key was made.
fn accepted_count(keys: &[SigningKey]) -> usize {
    keys.iter().take_while(|key| !key.is_older_than(AFTERLIFE)).count() + 1
}

/// The keys that tokens are accepted with, newest first.
///
/// # Errors
/// When the database fails or a key cannot be read.
pub fn accepted(conn: &mut Conn) -> Result<Vec<SigningKey>, Problem> {
    let mut keys = all(conn)?;
    keys.truncate(accepted_count(&keys));
    Ok(keys)
}

/// The key to sign with: the newest. Makes the first one, and the next one when it is older than `longest_age`; call it
/// in the transaction that begins or renews a session, so that instances never change keys at once.
///
/// # Errors
/// When the database fails or a key cannot be read.
pub fn to_sign_with(conn: &mut Conn, longest_age: TimeDelta) -> Result<SigningKey, Problem> {
    let mut keys = all(conn)?;
    if keys.first().is_none_or(|newest| newest.is_older_than(longest_age)) {
        return rotate(conn);
    }
    forget(conn, &keys[accepted_count(&keys).min(keys.len())..])?;
    Ok(keys.swap_remove(0))
}

/// Makes a new key, which signs from now on.
///
/// # Errors
/// When the database fails or a key cannot be read.
pub fn rotate(conn: &mut Conn) -> Result<SigningKey, Problem> {
    let keys = all(conn)?;
    forget(conn, &keys[accepted_count(&keys).min(keys.len())..])?;
    // Newest also when another machine's clock, which made the last one, is ahead.
    let now = keys
        .first()
        .map_or(Timestamp::now(), |newest| Timestamp::now().max(newest.created_at().plus(TimeDelta::microseconds(1))));
    let der = SigningKey::generate()?;
    let key = SigningKey::from_pkcs8(&der, now)?;
    diesel::insert_into(signing_keys::table)
        .values((signing_keys::kid.eq(key.kid()), signing_keys::private_key.eq(der), signing_keys::created_at.eq(now)))
        .execute(conn)?;
    record(conn, "signing-key.created", key.kid(), 1)?;
    Ok(key)
}

/// Removes keys that nothing is accepted with any more.
fn forget(conn: &mut Conn, keys: &[SigningKey]) -> Result<(), Problem> {
    for key in keys {
        diesel::delete(signing_keys::table.find(key.kid())).execute(conn)?;
        record(conn, "signing-key.deleted", key.kid(), 2)?;
    }
    Ok(())
}

fn record(conn: &mut Conn, kind: &str, key: &str, version: i64) -> Result<(), Problem> {
    let picture = json!({"kid": key});
    let (before, after) = if version == 1 { (json!(null), picture) } else { (picture, json!(null)) };
    let (aggregate, id) = ("signing-key", key.to_owned());
    journal::record(conn, &Change { actor: None, kind, aggregate, id, version, before, after, personal: &[] })
}
