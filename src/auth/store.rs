//! Accounts, sessions, refresh tokens and signing keys in the database.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

use super::model::{Principal, Role, User};
use super::token::SigningKey;
use crate::clock::Timestamp;
use crate::db::schema::{refresh_tokens, sessions, signing_keys, users};
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Problem};
use crate::text::bilingual;

/// How long a session can be renewed.
const SESSION: TimeDelta = TimeDelta::hours(12);

/// Which accounts to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those that can or cannot be signed in to.
    pub active: Option<bool>,
}

/// A page of accounts by e-mail address, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<User>, i64), Problem> {
    let matching = || {
        let mut query = users::table.into_boxed::<Backend>();
        if let Some(role) = filter.role {
            query = query.filter(users::role.eq(role));
        }
        if let Some(active) = filter.active {
            query = query.filter(users::active.eq(active));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let page = matching().order(users::email).offset(offset).limit(limit).load(conn)?;
    Ok((page, total))
}

/// The account with this id.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id) -> Result<User, Problem> {
    let user = users::table.find(id).first(conn).optional()?;
    user.ok_or_else(|| Problem::not_found("Kontot", "The account"))
}

/// The account with this address, if any.
///
/// # Errors
/// When the database fails.
pub fn find_by_email(conn: &mut Conn, email: &str) -> Result<Option<User>, Problem> {
    Ok(users::table.filter(users::email.eq(email)).first(conn).optional()?)
}

/// Whether the caller's account still is what the token says: a token outlives a change by up to five minutes.
///
/// # Errors
/// When the database fails.
pub fn is_current(conn: &mut Conn, caller: &Principal) -> Result<bool, Problem> {
    let (Some(id), Some(role)) = (caller.id(), caller.role()) else { return Ok(true) };
    let current: Option<(bool, Role, bool)> = users::table
        .find(id)
        .select((users::active, users::role, users::must_change_password))
        .first(conn)
        .optional()?;
    Ok(current == Some((true, role, caller.must_change_password())))
}

/// The accounts that may assess claims that they made themselves.
///
/// # Errors
/// When the database fails.
pub fn self_assessors(conn: &mut Conn) -> Result<Vec<Id>, Problem> {
    Ok(users::table.filter(users::may_assess_own.eq(true)).select(users::id).load(conn)?)
}

/// Whether there is an administrator who can sign in.
///
/// # Errors
/// When the database fails.
pub fn has_administrator(conn: &mut Conn) -> Result<bool, Problem> {
    let administrators = users::table.filter(users::role.eq(Role::Administrator)).filter(users::active.eq(true));
    Ok(administrators.count().get_result::<i64>(conn)? > 0)
}

/// Adds an account.
///
/// # Errors
/// 422 when the address has an account.
pub fn insert(conn: &mut Conn, actor: Option<Id>, user: &User) -> Result<(), Problem> {
    if find_by_email(conn, &user.email)?.is_some() {
        let reason = bilingual!("har redan ett konto", "has an account already");
        return Err(Problem::invalid(vec![Fault::body("/email", "taken", reason)]));
    }
    diesel::insert_into(users::table).values(user).execute(conn)?;
    record(conn, actor, "user.created", None, Some(user))
}

/// Changes an account, whose version and time of change are set here. Sessions end when it is made inactive or its
/// password changes.
///
/// # Errors
/// When the database fails.
pub fn update(conn: &mut Conn, actor: Option<Id>, before: &User, after: User) -> Result<User, Problem> {
    let after = User { version: before.version + 1, updated_at: Timestamp::now(), ..after };
    diesel::update(users::table.find(before.id)).set(&after).execute(conn)?;
    if !after.active || after.password_hash != before.password_hash {
        diesel::update(sessions::table.filter(sessions::user_id.eq(after.id)))
            .set(sessions::revoked.eq(true))
            .execute(conn)?;
    }
    record(conn, actor, "user.updated", Some(before), Some(&after))?;
    Ok(after)
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&User>,
    after: Option<&User>,
) -> Result<(), Problem> {
    let Some(now) = after.or(before) else { return Ok(()) };
    let picture = |user: Option<&User>| {
        user.map_or(serde_json::Value::Null, |user| {
            json!({
                "email": user.email, "name": user.name, "role": user.role, "active": user.active,
                "password": user.password_hash, "mustChangePassword": user.must_change_password,
                "mayAssessOwn": user.may_assess_own,
            })
        })
    };
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "user",
            id: now.id.to_string(),
            version: now.version,
            before: picture(before),
            after: picture(after),
            personal: &["email", "name", "password"],
        },
    )
}

/// Begins a session and keeps the hash of its first refresh token.
///
/// # Errors
/// When the database fails.
pub fn begin_session(conn: &mut Conn, user: Id, token_hash: &str) -> Result<(), Problem> {
    let now = Timestamp::now();
    let session = Id::new();
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session),
            sessions::user_id.eq(user),
            sessions::created_at.eq(now),
            sessions::expires_at.eq(now.plus(SESSION)),
            sessions::revoked.eq(false),
        ))
        .execute(conn)?;
    keep_token(conn, session, token_hash)
}

fn keep_token(conn: &mut Conn, session: Id, token_hash: &str) -> Result<(), Problem> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token_hash),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::created_at.eq(Timestamp::now()),
            refresh_tokens::used.eq(false),
        ))
        .execute(conn)?;
    Ok(())
}

/// Exchanges a refresh token for the next one of its session and gives the account; `None` when the token is unknown,
/// its session is over, or it was used before: that ends the session, since one of its two bearers is a thief
/// (RFC 9700 section 4.14).
///
/// # Errors
/// When the database fails.
pub fn renew_session(conn: &mut Conn, token_hash: &str, next_hash: &str) -> Result<Option<User>, Problem> {
    let found: Option<(Id, bool, Id, Timestamp, bool)> = refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((sessions::id, refresh_tokens::used, sessions::user_id, sessions::expires_at, sessions::revoked))
        .first(conn)
        .optional()?;
    let Some((session, is_used, user_id, expires_at, is_revoked)) = found else { return Ok(None) };
    if is_used {
        diesel::update(sessions::table.find(session)).set(sessions::revoked.eq(true)).execute(conn)?;
        return Ok(None);
    }
    let user = find(conn, user_id)?;
    if is_revoked || expires_at < Timestamp::now() || !user.active {
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(token_hash)).set(refresh_tokens::used.eq(true)).execute(conn)?;
    keep_token(conn, session, next_hash)?;
    Ok(Some(user))
}

/// The signing keys, newest first; makes the first one.
///
/// # Errors
/// When the database fails or a key cannot be read.
pub fn signing_keys(conn: &mut Conn) -> Result<Vec<SigningKey>, Problem> {
    let stored: Vec<Vec<u8>> = signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::kid))
        .select(signing_keys::private_key)
        .load(conn)?;
    if !stored.is_empty() {
        return stored.iter().map(|der| SigningKey::from_pkcs8(der)).collect();
    }
    let der = SigningKey::generate()?;
    let key = SigningKey::from_pkcs8(&der)?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(key.kid()),
            signing_keys::private_key.eq(der),
            signing_keys::created_at.eq(Timestamp::now()),
        ))
        .execute(conn)?;
    Ok(vec![key])
}
