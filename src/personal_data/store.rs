//! Gathers what the rooms hold about a person, and lets each of them take its own part away.

use serde_json::Value;

use super::model::{Done, Held, Person};
use crate::auth::{self, User, attempt, session};
use crate::db::Conn;
use crate::history::audit;
use crate::http::idempotency;
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Kind, Problem};
use crate::strategy::{note, people};
use crate::text::bilingual;
use crate::{import, organisation, project};

/// Everything that is held about a person; the journal tells that it was asked for.
///
/// # Errors
/// When the database fails.
pub fn export(conn: &mut Conn, actor: Option<Id>, person: &Person) -> Result<Held, Problem> {
    let held = gather(conn, person)?;
    record(conn, actor, "person.exported", &held)?;
    Ok(held)
}

/// Takes away what is held about a person.
///
/// # Errors
/// 422 for the caller's own account, 409 for the last administrator who can sign in; nothing is changed then.
pub fn anonymise(conn: &mut Conn, actor: Option<Id>, person: &Person) -> Result<Done, Problem> {
    let held = gather(conn, person)?;
    if let Some(account) = &held.account {
        close(conn, actor, account)?;
    }
    for (area, member) in &held.areas {
        people::store::remove_member(conn, actor, area, *member)?;
    }
    let projects: Vec<Id> = held.contacts.iter().map(|(project, ..)| *project).collect();
    project::contact::store::remove(conn, actor, &projects)?;
    if let Some(trader) = &held.sole_trader {
        organisation::store::anonymise(conn, actor, trader)?;
        import::naming::rename(conn, &trader.name, organisation::store::NOBODY)?;
    }
    if let Some(email) = &person.email {
        attempt::store::forget(conn, email)?;
    }
    let texts: Vec<String> = held.texts().into_iter().chain(person.texts()).collect();
    let kept_answers = idempotency::forget(conn, &texts)?;
    record(conn, actor, "person.anonymised", &held)?;
    Ok(Done {
        accounts: held.account.iter().count(),
        sessions: held.sessions.len(),
        contacts: projects.len(),
        working_groups: held.areas.len(),
        sole_traders: held.sole_trader.iter().count(),
        kept_answers,
    })
}

fn gather(conn: &mut Conn, person: &Person) -> Result<Held, Problem> {
    let mut held = Held::default();
    if let Some(email) = &person.email {
        held.account = auth::store::find_by_email(conn, email)?;
        held.attempts = attempt::store::at(conn, email)?;
    }
    if let Some(account) = held.account.as_ref().map(|account| account.id) {
        (held.sessions, _) = session::store::list(conn, account, (0, i64::MAX))?;
        held.areas = people::store::areas_of(conn, account)?;
        held.notes = note::store::by(conn, account)?;
        held.events = audit::store::of_account(conn, account)?;
    }
    held.contacts = project::contact::store::all(conn)?;
    held.contacts.retain(|(_, _, contact)| person.is(contact));
    if let Some(number) = &person.number {
        held.sole_trader = organisation::store::find_sole_trader(conn, number)?;
    }
    if let Some(trader) = &held.sole_trader {
        held.import_rows = import::naming::find(conn, &trader.name)?;
    }
    Ok(held)
}

/// Makes an account nobody's; its sessions end.
fn close(conn: &mut Conn, actor: Option<Id>, account: &User) -> Result<(), Problem> {
    if actor == Some(account.id) {
        let reason =
            bilingual!("det egna kontot anonymiseras av någon annan", "one's own is anonymised by someone else");
        return Err(Problem::invalid(vec![Fault::body("/email", "own-account", reason)]));
    }
    auth::store::update(conn, actor, account, account.clone().anonymised())?;
    if auth::store::has_administrator(conn)? {
        return Ok(());
    }
    Err(Problem::new(
        Kind::StateConflict,
        bilingual!(
            "Kontot är den sista administratören som kan logga in. Lägg upp en annan först.",
            "The account is the last administrator who can sign in. Add another one first."
        ),
    ))
}

/// That something was done with what is held about somebody: an account, or nobody who could be told from others.
fn record(conn: &mut Conn, actor: Option<Id>, kind: &str, held: &Held) -> Result<(), Problem> {
    if held.is_nothing() {
        return Ok(());
    }
    let id = held.account.as_ref().map_or_else(Id::new, |account| account.id).to_string();
    let (aggregate, version) = ("person", journal::version(conn, "person", &id)? + 1);
    let (before, after, personal) = (Value::Null, Value::Null, &[][..]);
    journal::record(conn, &Change { actor, kind, aggregate, id, version, before, after, personal })
}
