//! What a machine is.

use std::collections::BTreeSet;

use subtle::ConstantTimeEq;

use super::public_key::PublicKey;
use crate::auth::model::{Principal, Role};
use crate::auth::{Binding, Scope, scope, secret};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::problem::Fault;
use crate::text::bilingual;

/// A machine that calls with credentials of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Identifier: its `client_id`.
    pub id: Id,
    /// What is registered of it.
    pub access: Access,
    /// The hash of its secret, if it has one.
    pub secret_hash: Option<String>,
    /// Version of the machine.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What administrators say of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Its name.
    pub name: String,
    /// Whose part it takes.
    pub role: Role,
    /// What of that it may do.
    pub scopes: BTreeSet<Scope>,
    /// Whose it is.
    pub binding: Binding,
    /// The keys that it signs its assertions with.
    pub public_keys: Vec<PublicKey>,
    /// Whether it gets tokens.
    pub active: bool,
}

impl Client {
    /// A new machine, which has no secret yet.
    #[must_use]
    pub fn new(access: Access) -> Self {
        let now = Timestamp::now();
        Self { id: Id::new(), access, secret_hash: None, version: 1, created_at: now, updated_at: now }
    }

    /// The machine as one who calls with a token for these scopes.
    #[must_use]
    pub fn principal(&self, scopes: Vec<Scope>) -> Principal {
        Principal::known(self.id, self.access.role).bound(self.access.binding.clone()).limited_to(scopes)
    }

    /// Whether a token with these claims would be signed for it now.
    #[must_use]
    pub fn is_still(&self, caller: &Principal) -> bool {
        let scopes = caller.scopes().unwrap_or_default();
        self.access.active && self.has(scopes) && self.principal(scopes.to_vec()) == *caller
    }

    /// The scopes of a token: those asked for, or all; `None` when more is asked for than is registered.
    #[must_use]
    pub fn granted(&self, asked: Option<&str>) -> Option<Vec<Scope>> {
        let Some(line) = asked else { return Some(self.access.scopes.iter().copied().collect()) };
        let scopes = scope::of_a_line(line).ok()?;
        (!scopes.is_empty() && self.has(&scopes)).then_some(scopes)
    }

    fn has(&self, scopes: &[Scope]) -> bool {
        scopes.iter().all(|scope| self.access.scopes.contains(scope))
    }

    /// Whether this is its secret, compared in a time that does not tell how much of it is right.
    #[must_use]
    pub fn has_secret(&self, given: &str) -> bool {
        let hash = secret::hash(given);
        self.secret_hash.as_ref().is_some_and(|kept| kept.as_bytes().ct_eq(hash.as_bytes()).into())
    }
}

impl Access {
    /// What is wrong with it, its binding apart.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.role == Role::Administrator {
            let reason = bilingual!("administratörer är människor", "administrators are people");
            faults.push(Fault::body("/role", "for-people", reason));
        }
        for (index, key) in self.public_keys.iter().enumerate() {
            let place = format!("/publicKeys/{index}");
            if self.public_keys[..index].iter().any(|other| other.kid == key.kid) {
                let reason = bilingual!("en annan av nycklarna heter så", "another of the keys has this name");
                faults.push(Fault::body(format!("{place}/kid"), "repeated", reason));
            }
            faults.extend(key.check().err().map(|(code, reason)| Fault::body(place, code, reason)));
        }
        faults
    }
}
