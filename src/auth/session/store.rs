//! Sessions and refresh tokens in the database.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::{LIFETIME, Session};
use crate::auth::model::{Principal, User};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{refresh_tokens, sessions, users};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::Problem;

/// Begins a session and keeps the hash of its first refresh token.
///
/// # Errors
/// When the database fails.
pub fn begin(conn: &mut Conn, user: Id, token_hash: &str) -> Result<Session, Problem> {
    let now = Timestamp::now();
    let session =
        Session { id: Id::new(), user_id: user, created_at: now, expires_at: now.plus(LIFETIME), revoked: false };
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)?;
    diesel::insert_into(sessions::table).values(&session).execute(conn)?;
    keep_token(conn, session.id, token_hash)?;
    record(conn, Some(user), &session, None)?;
    Ok(session)
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

/// Exchanges a refresh token for the next one of its session and gives both; `None` when the token is unknown, its
/// session is over, or it was used before: that ends the session, since one of its two bearers is a thief (RFC 9700
/// section 4.14).
///
/// # Errors
/// When the database fails.
pub fn renew(conn: &mut Conn, token_hash: &str, next_hash: &str) -> Result<Option<(User, Session)>, Problem> {
    let found: Option<(Session, bool)> = refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((sessions::all_columns, refresh_tokens::used))
        .first(conn)
        .optional()?;
    let Some((session, is_used)) = found else { return Ok(None) };
    if session.revoked {
        return Ok(None);
    }
    if is_used {
        end(conn, None, &session, "refresh-token-reused")?;
        return Ok(None);
    }
    let user: User = users::table.find(session.user_id).first(conn)?;
    if session.expires_at < Timestamp::now() || !user.active {
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(token_hash)).set(refresh_tokens::used.eq(true)).execute(conn)?;
    keep_token(conn, session.id, next_hash)?;
    Ok(Some((user, session)))
}

/// A page of an account's sessions that are not over, newest first, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, user: Id, (offset, limit): (i64, i64)) -> Result<(Vec<Session>, i64), Problem> {
    let alive = || {
        sessions::table
            .filter(sessions::user_id.eq(user))
            .filter(sessions::revoked.eq(false))
            .filter(sessions::expires_at.gt(Timestamp::now()))
    };
    let total = alive().count().get_result(conn)?;
    let page = alive().order((sessions::created_at.desc(), sessions::id)).offset(offset).limit(limit).load(conn)?;
    Ok((page, total))
}

/// The session with this id, of this account unless it may be anyone's.
///
/// # Errors
/// 404 when there is none that is not over.
pub fn find(conn: &mut Conn, id: Id, owner: Option<Id>) -> Result<Session, Problem> {
    let found: Option<Session> = sessions::table.find(id).first(conn).optional()?;
    found
        .filter(|session| !session.revoked && session.expires_at > Timestamp::now())
        .filter(|session| owner.is_none_or(|owner| owner == session.user_id))
        .ok_or_else(|| Problem::not_found("Sessionen", "The session"))
}

/// Ends a session; what was signed for it is refused for changes from now on.
///
/// # Errors
/// When the database fails.
pub fn end(conn: &mut Conn, actor: Option<Id>, session: &Session, reason: &str) -> Result<(), Problem> {
    diesel::update(sessions::table.find(session.id)).set(sessions::revoked.eq(true)).execute(conn)?;
    record(conn, actor, session, Some(reason))
}

/// Ends every session of an account.
///
/// # Errors
/// When the database fails.
pub fn end_all(conn: &mut Conn, actor: Option<Id>, user: Id, reason: &str) -> Result<(), Problem> {
    let (alive, _) = list(conn, user, (0, i64::MAX))?;
    alive.iter().try_for_each(|session| end(conn, actor, session, reason))
}

/// Whether the caller's session is alive and the account still is what the token says: a token outlives both by up to
/// five minutes.
///
/// # Errors
/// When the database fails.
pub fn is_current(conn: &mut Conn, caller: &Principal) -> Result<bool, Problem> {
    let (Some(id), Some(session)) = (caller.id(), caller.session()) else { return Ok(false) };
    let account: Option<User> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(session))
        .filter(sessions::revoked.eq(false))
        .filter(sessions::expires_at.gt(Timestamp::now()))
        .filter(users::id.eq(id))
        .filter(users::active.eq(true))
        .select(users::all_columns)
        .first(conn)
        .optional()?;
    // Whether its own claims may be assessed is asked of the account itself, and in the token for links alone.
    let now = |account: User| account.principal().in_session(session).assessing_own(caller.may_assess_own());
    Ok(account.is_some_and(|account| now(account) == *caller))
}

fn record(conn: &mut Conn, actor: Option<Id>, session: &Session, ended: Option<&str>) -> Result<(), Problem> {
    let begun = json!({"userId": session.user_id, "expiresAt": session.expires_at});
    let (kind, version, before, after) = match ended {
        None => ("session.created", 1, Value::Null, begun),
        Some(reason) => ("session.ended", 2, begun, json!({"reason": reason})),
    };
    let id = session.id.to_string();
    journal::record(conn, &Change { actor, kind, aggregate: "session", id, version, before, after, personal: &[] })
}
