//! Who a person is, what is held about them, and what becomes of it.

use crate::auth::User;
use crate::auth::attempt::model::Attempts;
use crate::auth::session::Session;
use crate::history::audit::model::Event;
use crate::id::Id;
use crate::organisation::Organisation;
use crate::organisation::model::{is_personal, organisation_number};
use crate::problem::{Fault, Problem};
use crate::project::model::Contact;
use crate::strategy::note::model::Note;
use crate::strategy::people::model::Area;
use crate::text::bilingual;

/// What a person is found by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// E-mail address, in lower case.
    pub email: Option<String>,
    /// Name, in lower case.
    pub name: Option<String>,
    /// Personal identity number, as organisation numbers are written.
    pub number: Option<String>,
}

impl Person {
    /// A person, by at least one of the three.
    ///
    /// # Errors
    /// 422 for none of them, and for a number that is not a person's.
    pub fn new(email: Option<&str>, name: Option<&str>, number: Option<&str>) -> Result<Self, Problem> {
        if email.or(name).or(number).is_none() {
            let reason = bilingual!("ange email, name eller number", "give email, name or number");
            return Err(Problem::invalid(vec![Fault::body("", "required", reason)]));
        }
        let known = number.and_then(organisation_number).filter(|number| is_personal(number));
        if number.is_some() && known.is_none() {
            let reason = bilingual!("är inget personnummer", "is no personal identity number");
            return Err(Problem::invalid(vec![Fault::body("/number", "personal-number", reason)]));
        }
        Ok(Self { email: email.map(folded), name: name.map(folded), number: known })
    }

    /// What it is found by.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        [&self.email, &self.name, &self.number].into_iter().flatten().cloned()
    }

    /// Whether a contact is this person: by its address, or by its name when it has none.
    #[must_use]
    pub fn is(&self, contact: &Contact) -> bool {
        match &contact.email {
            Some(email) => self.email == Some(folded(email)),
            None => self.name == Some(folded(&contact.name)),
        }
    }
}

/// A text to compare by, whatever its capitals and blanks.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What is held about a person.
#[derive(Debug, Default)]
pub struct Held {
    /// The account.
    pub account: Option<User>,
    /// Where it is signed in.
    pub sessions: Vec<Session>,
    /// Attempts to sign in to it that failed lately, and the network addresses that they came from.
    pub attempts: Vec<(String, Attempts)>,
    /// The goal areas that it answers for, and the id of the member that says so.
    pub areas: Vec<(Area, Id)>,
    /// What it has noted on measures.
    pub notes: Vec<Note>,
    /// What it has done, and what has been done with it.
    pub events: Vec<Event>,
    /// The projects that the person is the contact of: id, reference, and what they say.
    pub contacts: Vec<(Id, String, Contact)>,
    /// The person as a sole trader.
    pub sole_trader: Option<Organisation>,
    /// The rows of imported files that name the sole trader: import, sheet and number.
    pub import_rows: Vec<(Id, String, i64)>,
}

impl Held {
    /// Whether it is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.account.is_none() && self.contacts.is_empty() && self.sole_trader.is_none()
    }

    /// The texts that are the person's, as they stand.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let account = self.account.iter().flat_map(|user| [Some(user.email.clone()), Some(user.name.clone())]);
        let contacts = self.contacts.iter().flat_map(|(_, _, contact)| {
            let Contact { name, email, phone } = contact.clone();
            [Some(name), email, phone]
        });
        let trader = self.sole_trader.iter().flat_map(|trader| [Some(trader.name.clone()), trader.number.clone()]);
        account.chain(contacts).chain(trader).flatten().collect()
    }
}

/// What was anonymised, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Accounts.
    pub accounts: usize,
    /// Sessions that ended.
    pub sessions: usize,
    /// Contacts of projects.
    pub contacts: usize,
    /// Places in working groups.
    pub working_groups: usize,
    /// Sole traders.
    pub sole_traders: usize,
    /// Answers that were kept for requests sent again.
    pub kept_answers: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_finds_no_contact_that_has_an_address() {
        let contact = |email: Option<&str>| Contact {
            name: "Åsa  Öberg".to_owned(),
            email: email.map(str::to_owned),
            phone: None,
        };
        let named = Person::new(None, Some(" åsa öberg "), None).expect("a person");
        assert!(named.is(&contact(None)) && !named.is(&contact(Some("asa@example.se"))));
        let addressed = Person::new(Some("ASA@example.se"), None, None).expect("a person");
        assert!(addressed.is(&contact(Some("Asa@Example.se"))) && !addressed.is(&contact(None)));
    }
}
