//! Accounts and who is calling.

use unicode_normalization::UnicodeNormalization;

use super::binding::Binding;
use super::password;
use super::scope::Scope;
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::db::schema::users;
use crate::db::types::Codes;
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::text::bilingual;

code_list! {
    /// What an account may do; the policy table has a column for each.
    pub enum Role {
        /// Runs the service: accounts, funding sources, and all that officers do.
        Administrator = "administrator", "administratör";
        /// The business department: registers projects and follows them up.
        Officer = "officer", "handläggare";
        /// A project owner's person, bound to an organisation.
        Contributor = "contributor", "projektägare";
        /// A funder's person or system, bound to funding sources.
        Funder = "funder", "finansiär";
        /// Reads everything, changes nothing.
        Reader = "reader", "läsare";
    }
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal(Option<Known>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    id: Option<Id>,
    role: Role,
    binding: Binding,
    must_change_password: bool,
    may_assess_own: bool,
    session: Option<Id>,
    scopes: Option<Vec<Scope>>,
}

impl Principal {
    /// Nobody in particular.
    #[must_use]
    pub fn anonymous() -> Self {
        Self(None)
    }

    /// The program itself, which nobody signs in as.
    #[must_use]
    pub fn program() -> Self {
        Self::of(None, Role::Administrator)
    }

    /// An account, or a machine.
    #[must_use]
    pub fn known(id: Id, role: Role) -> Self {
        Self::of(Some(id), role)
    }

    fn of(id: Option<Id>, role: Role) -> Self {
        Self(Some(Known {
            id,
            role,
            binding: Binding::default(),
            must_change_password: false,
            may_assess_own: false,
            session: None,
            scopes: None,
        }))
    }

    fn with(mut self, change: impl FnOnce(&mut Known)) -> Self {
        if let Some(known) = &mut self.0 {
            change(known);
        }
        self
    }

    /// The same, bound.
    #[must_use]
    pub fn bound(self, binding: Binding) -> Self {
        self.with(|known| known.binding = binding)
    }

    /// The same account, whose one-time password is still in use or is not.
    #[must_use]
    pub fn changing_password(self, must_change_password: bool) -> Self {
        self.with(|known| known.must_change_password = must_change_password)
    }

    /// The same account, which may or may not assess claims that it made itself.
    #[must_use]
    pub fn assessing_own(self, may_assess_own: bool) -> Self {
        self.with(|known| known.may_assess_own = may_assess_own)
    }

    /// The same account, signed in by this session.
    #[must_use]
    pub fn in_session(self, session: Id) -> Self {
        self.with(|known| known.session = Some(session))
    }

    /// A machine, which does nothing but what its scopes say.
    #[must_use]
    pub fn limited_to(self, scopes: Vec<Scope>) -> Self {
        self.with(|known| known.scopes = Some(scopes))
    }

    /// The account's or machine's id.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.0.as_ref().and_then(|known| known.id)
    }

    /// The session that its token was signed for; machines have none.
    #[must_use]
    pub fn session(&self) -> Option<Id> {
        self.0.as_ref().and_then(|known| known.session)
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.0.as_ref().map(|known| known.role)
    }

    /// What it is bound to.
    #[must_use]
    pub fn binding(&self) -> Binding {
        self.0.as_ref().map(|known| known.binding.clone()).unwrap_or_default()
    }

    /// The organisation whose projects it registers.
    #[must_use]
    pub fn organisation(&self) -> Option<Id> {
        self.0.as_ref().filter(|known| known.role == Role::Contributor)?.binding.organisation_id
    }

    /// Whether it answers for a funding source.
    #[must_use]
    pub fn answers_for(&self, source: &str) -> bool {
        let funder = self.0.as_ref().filter(|known| known.role == Role::Funder);
        funder.is_some_and(|known| known.binding.funding_sources.iter().any(|own| own == source))
    }

    /// What a machine's token is for; people's are for all that their role may.
    #[must_use]
    pub fn scopes(&self) -> Option<&[Scope]> {
        self.0.as_ref().and_then(|known| known.scopes.as_deref())
    }

    /// Whether nobody is signed in.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it is one of the department's own.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        matches!(self.role(), Some(Role::Administrator | Role::Officer))
    }

    /// Whether it reads everything of every project, personal data apart.
    #[must_use]
    pub fn reads_everything(&self) -> bool {
        self.is_staff() || self.role() == Some(Role::Reader)
    }

    /// Whether it may assess claims that it made itself, as far as its token tells.
    #[must_use]
    pub fn may_assess_own(&self) -> bool {
        self.0.as_ref().is_some_and(|known| known.may_assess_own)
    }

    /// Whether the one-time password is still in use.
    #[must_use]
    pub fn must_change_password(&self) -> bool {
        self.0.as_ref().is_some_and(|known| known.must_change_password)
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, diesel::Queryable, diesel::Insertable, diesel::AsChangeset, diesel::Identifiable)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct User {
    /// Identifier.
    pub id: Id,
    /// E-mail address in lower case: what people sign in with.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// What the account may do.
    pub role: Role,
    /// Argon2id, in PHC form; empty when the account signs in elsewhere.
    pub password_hash: String,
    /// Whether the password was given by someone else and must be changed.
    pub must_change_password: bool,
    /// Whether the account can be signed in to.
    pub active: bool,
    /// Version of the account.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether it may assess claims that it made itself, as in a department of one person.
    pub may_assess_own: bool,
    /// The organisation that a contributor is bound to.
    pub organisation_id: Option<Id>,
    /// Codes of the sources that a funder is bound to.
    pub funding_sources: Codes,
    /// Ids of the frameworks that a funder is bound to.
    pub frameworks: Codes,
    /// The identity provider that knows the account's person.
    pub issuer: Option<String>,
    /// Whom it knows them as.
    pub subject: Option<String>,
}

impl User {
    /// The account as one who calls.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::known(self.id, self.role)
            .bound(self.binding())
            .changing_password(self.must_change_password)
            .assessing_own(self.may_assess_own)
    }

    /// What the account is bound to.
    #[must_use]
    pub fn binding(&self) -> Binding {
        Binding::of_columns(self.organisation_id, &self.funding_sources, &self.frameworks)
    }

    /// The same account, bound.
    #[must_use]
    pub fn bound(self, binding: &Binding) -> Self {
        Self {
            organisation_id: binding.organisation_id,
            funding_sources: binding.funding_sources.iter().collect(),
            frameworks: binding.frameworks.iter().collect(),
            ..self
        }
    }

    /// The same account as nobody's: what it did remains, whose it was does not, and nobody signs in to it.
    #[must_use]
    pub fn anonymised(self) -> Self {
        let user = Self {
            // Not its id, which others know and could give an account of their own.
            email: format!("anonymous-{}@samsyn.invalid", Id::new()),
            name: "Anonymiserad".to_owned(),
            password_hash: String::new(),
            must_change_password: false,
            active: false,
            may_assess_own: false,
            issuer: None,
            subject: None,
            ..self
        };
        user.bound(&Binding::default())
    }

    /// The same account, whose person an issuer knows as a subject. A one-time password, which somebody else gave, is then
    /// gone: nobody has to change it first.
    #[must_use]
    pub fn identified(self, identity: Option<(String, String)>) -> Self {
        let is_replaced = identity.is_some() && self.must_change_password;
        let (issuer, subject) = identity.unzip();
        let user = Self { issuer, subject, ..self };
        if is_replaced { Self { password_hash: String::new(), must_change_password: false, ..user } } else { user }
    }

    /// A new account. Hashing the password takes tens of milliseconds.
    ///
    /// # Errors
    /// 422 when the password is too easy.
    pub fn new(
        email: &str,
        name: &str,
        role: Role,
        password: &str,
        must_change_password: bool,
    ) -> Result<Self, Problem> {
        let faults = password_faults("/password", password, email);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let password_hash = password::hash(&mut password::Turn::take()?, password)?;
        Ok(Self { password_hash, must_change_password, ..Self::without_password(email, name, role) })
    }

    /// A new account of a person who signs in elsewhere.
    #[must_use]
    pub fn without_password(email: &str, name: &str, role: Role) -> Self {
        let now = Timestamp::now();
        Self {
            id: Id::new(),
            email: folded_email(email),
            name: name.to_owned(),
            role,
            password_hash: String::new(),
            must_change_password: false,
            active: true,
            version: 1,
            created_at: now,
            updated_at: now,
            may_assess_own: false,
            organisation_id: None,
            funding_sources: Codes::default(),
            frameworks: Codes::default(),
            issuer: None,
            subject: None,
        }
    }

    /// The hash of its password, if it has one: an account that signs in elsewhere has none.
    #[must_use]
    pub fn password_hash(&self) -> Option<&str> {
        Some(self.password_hash.as_str()).filter(|hash| !hash.is_empty())
    }
}

/// The shortest password, in characters (NIST SP 800-63B-4 asks for 15 where it is the only factor; 12 with a phrase
/// that people can keep is the compromise beside single sign-on).
pub const SHORTEST_PASSWORD: usize = 12;
/// The longest password, in bytes, so that hashing has a bound.
pub const LONGEST_PASSWORD: usize = 200;

/// What is wrong with a new password.
#[must_use]
pub fn password_faults(pointer: &str, password: &str, email: &str) -> Vec<Fault> {
    let name = email.split('@').next().unwrap_or_default();
    let folded = password.to_lowercase();
    let first = folded.chars().next();
    let mut faults = Vec::new();
    if password.chars().count() < SHORTEST_PASSWORD {
        let reason = bilingual!(
            "ska ha minst {SHORTEST_PASSWORD} tecken; en mening är bra",
            "must have at least {SHORTEST_PASSWORD} characters; a sentence is good"
        );
        faults.push(Fault::body(pointer, "too-short", reason));
    } else if folded.chars().all(|letter| Some(letter) == first)
        || (name.len() > 3 && folded.contains(name))
        || is_common(&folded)
    {
        let reason = bilingual!(
            "är för lätt att gissa: ett enda tecken, ditt namn eller ett vanligt lösenord",
            "is too easy to guess: a single character, your name or a common password"
        );
        faults.push(Fault::body(pointer, "guessable", reason));
    }
    faults
}

/// Whether a password is a common one, or nothing but a common one again and again between digits and signs, as in
/// "Sommar2026!!".
fn is_common(folded: &str) -> bool {
    let letters: String = folded.chars().filter(|sign| sign.is_alphabetic()).collect();
    let repeats = |word: &str| !letters.is_empty() && letters.replace(word, "").is_empty();
    include_str!("common_passwords.txt").lines().any(|word| folded == word || repeats(word))
}

/// An address as accounts keep it: letters with their marks as one (Unicode NFC), as bodies have them, in lower case.
#[must_use]
pub fn folded_email(email: &str) -> String {
    email.trim().nfc().collect::<String>().to_lowercase()
}
