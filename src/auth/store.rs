//! Accounts in the database.

use diesel::prelude::*;
use serde_json::json;

use super::model::{Principal, Role, User};
use super::{binding, client, session};
use crate::clock::Timestamp;
use crate::db::schema::users;
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Problem};
use crate::text::bilingual;

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

/// The account of the person whom an issuer knows as this subject, if any.
///
/// # Errors
/// When the database fails.
pub fn find_by_identity(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<User>, Problem> {
    Ok(users::table.filter(users::issuer.eq(issuer)).filter(users::subject.eq(subject)).first(conn).optional()?)
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
/// 422 when the address has an account, or by the binding.
pub fn insert(conn: &mut Conn, actor: Option<Id>, user: &User) -> Result<(), Problem> {
    if find_by_email(conn, &user.email)?.is_some() {
        let reason = bilingual!("har redan ett konto", "has an account already");
        return Err(Problem::invalid(vec![Fault::body("/email", "taken", reason)]));
    }
    binding::store::check(conn, user.role, &user.binding())?;
    diesel::insert_into(users::table).values(user).execute(conn)?;
    record(conn, actor, "user.created", None, Some(user))
}

/// Changes an account, whose version and time of change are set here. Sessions end when it is made inactive, or
/// its password or the person who signs in to it elsewhere changes.
///
/// # Errors
/// 422 by the binding, or when another account has the identity.
pub fn update(conn: &mut Conn, actor: Option<Id>, before: &User, after: User) -> Result<User, Problem> {
    if let (Some(issuer), Some(subject)) = (&after.issuer, &after.subject)
        && find_by_identity(conn, issuer, subject)?.is_some_and(|other| other.id != before.id)
    {
        let reason = bilingual!("hör redan till ett annat konto", "belongs to another account already");
        return Err(Problem::invalid(vec![Fault::body("/identity", "taken", reason)]));
    }
    binding::store::check(conn, after.role, &after.binding())?;
    let after = User { version: before.version + 1, updated_at: Timestamp::now(), ..after };
    diesel::update(users::table.find(before.id)).set(&after).execute(conn)?;
    let is_another_person =
        before.issuer.is_some() && (&before.issuer, &before.subject) != (&after.issuer, &after.subject);
    if !after.active || after.password_hash != before.password_hash || is_another_person {
        session::store::end_all(conn, actor, after.id, "account-changed")?;
    }
    record(conn, actor, "user.updated", Some(before), Some(&after))?;
    Ok(after)
}

/// Whether the caller still is what its token says, which outlives sessions, accounts and machines by up to five minutes.
///
/// # Errors
/// When the database fails.
pub fn is_current(conn: &mut Conn, caller: &Principal) -> Result<bool, Problem> {
    match caller.scopes() {
        None => session::store::is_current(conn, caller),
        Some(_) => client::store::is_current(conn, caller),
    }
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
                "mayAssessOwn": user.may_assess_own, "binding": user.binding(), "issuer": user.issuer,
                "subject": user.subject,
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
            personal: &["email", "name", "password", "subject"],
        },
    )
}
