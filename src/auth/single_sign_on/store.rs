//! The accounts of people who sign in elsewhere.

use super::model::Person;
use crate::auth::model::User;
use crate::auth::store::{find_by_email, find_by_identity, insert};
use crate::db::Conn;
use crate::problem::{Kind, Problem};
use crate::text::{Bilingual, bilingual};

/// The account of a person, made when they sign in for the first time. The role of one that there is stays, since
/// administrators may have changed it.
///
/// # Errors
/// 403 when the person has no role any more, or the account is inactive; 409 when another account has their address, which
/// is no proof that it is theirs.
pub fn admit(conn: &mut Conn, person: &Person) -> Result<User, Problem> {
    let known = find_by_identity(conn, &person.issuer, &person.subject)?;
    let role = person.role.ok_or_else(|| {
        forbidden(bilingual!(
            "Identitetsleverantören ger dig ingen roll i Samsyn.",
            "The identity provider gives you no role in Samsyn."
        ))
    })?;
    if let Some(user) = known {
        let inactive = || forbidden(bilingual!("Kontot är inaktivt.", "The account is inactive."));
        return Some(user).filter(|user| user.active).ok_or_else(inactive);
    }
    let user = person.account(role)?;
    if find_by_email(conn, &user.email)?.is_some() {
        return Err(Problem::new(
            Kind::Conflict,
            bilingual!(
                "E-postadressen har redan ett konto. En administratör får koppla det till dig med PATCH /users/{{userId}}.",
                "The e-mail address has an account already. An administrator must link it to you by PATCH /users/{{userId}}."
            ),
        ));
    }
    insert(conn, None, &user)?;
    Ok(user)
}

fn forbidden(detail: Bilingual) -> Problem {
    Problem::new(Kind::Forbidden, detail)
}
