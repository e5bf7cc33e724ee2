//! Issuers of ID tokens as their file has them, and the people whom they know.

use serde::Deserialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::auth::Role;
use crate::auth::model::{User, folded_email};
use crate::problem::{Kind, Problem};
use crate::text::{LINE, bilingual};

/// The longest identifier of an issuer, in characters.
pub const LONGEST_ISSUER: usize = 500;
/// The longest subject, in characters (OpenID Connect Core section 2).
pub const LONGEST_SUBJECT: usize = 255;
/// The longest e-mail address, in characters.
const LONGEST_EMAIL: usize = 254;

/// An identity provider whose people may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its identifier: the address below which its configuration is found, and the `iss` of its tokens.
    pub issuer: String,
    /// What people call it.
    pub name: String,
    /// The `aud` of its tokens for Samsyn: the frontend's client id there.
    pub audience: String,
    /// The claim that tells what a person may do: a name, or a JSON Pointer (RFC 6901).
    pub claim: String,
    /// What the claim's values mean; a person has the first role whose value is theirs.
    pub roles: Vec<Mapping>,
}

/// What a value of an issuer's claim means here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The value.
    pub value: String,
    /// The role that it gives a new account.
    pub role: Role,
}

/// Issuers from JSON.
///
/// # Errors
/// The first thing that is wrong with them, and where.
pub fn read(json: &str) -> Result<Vec<Issuer>, String> {
    let issuers: Vec<Issuer> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    for (index, issuer) in issuers.iter().enumerate() {
        issuer.check().map_err(|fault| format!("{}: {fault}", issuer.issuer))?;
        if issuers[..index].iter().any(|other| other.issuer == issuer.issuer) {
            return Err(format!("{} stands there twice", issuer.issuer));
        }
    }
    Ok(issuers)
}

impl Issuer {
    fn check(&self) -> Result<(), &'static str> {
        let values = self.roles.iter().map(|mapping| &mapping.value);
        let is_blank = |text: &String| text.trim().is_empty();
        if !is_private(&self.issuer) || self.issuer.contains(['?', '#']) || self.issuer.len() > LONGEST_ISSUER {
            return Err("issuer must be an https address without query, or an http one of this machine");
        }
        if [&self.name, &self.audience, &self.claim].into_iter().chain(values).any(is_blank) {
            return Err("name, audience, claim and each value must say something");
        }
        if self.roles.is_empty() {
            return Err("roles must have a value for at least one role");
        }
        Ok(())
    }

    /// The role of who has these claims, if they give any.
    #[must_use]
    pub fn role_of(&self, claims: &Value) -> Option<Role> {
        let claim = if self.claim.starts_with('/') { claims.pointer(&self.claim) } else { claims.get(&self.claim) }?;
        let has = |value: &str| match claim {
            Value::Array(own) => own.iter().any(|own| own == value),
            own => own == value,
        };
        self.roles.iter().find(|mapping| has(&mapping.value)).map(|mapping| mapping.role)
    }
}

/// Whether what is got from an address is not read or changed on the way: https, or http on this machine alone.
#[must_use]
pub fn is_private(address: &str) -> bool {
    let Ok(uri) = address.parse::<ureq::http::Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => ["127.0.0.1", "[::1]", "localhost"].contains(&host),
        _ => false,
    }
}

/// What an ID token tells about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who knows them.
    pub issuer: String,
    /// Whom it knows them as.
    pub subject: String,
    /// Their e-mail address in lower case, if the issuer tells one.
    pub email: Option<String>,
    /// Their name, if the issuer tells it.
    pub name: Option<String>,
    /// The role that their claims give, if any.
    pub role: Option<Role>,
}

impl Person {
    /// The person of these claims; `None` when they have no subject.
    #[must_use]
    pub fn of_claims(issuer: &Issuer, claims: &Value) -> Option<Self> {
        let subject = claims["sub"].as_str().filter(|subject| is_text(subject, LONGEST_SUBJECT))?;
        let emails = ["email", "preferred_username", "upn"].into_iter().filter_map(|claim| claims[claim].as_str());
        let name = claims["name"].as_str().map(str::trim).filter(|name| is_text(name, LINE));
        Some(Self {
            issuer: issuer.issuer.clone(),
            subject: subject.to_owned(),
            email: emails.map(folded_email).find(|email| is_email(email)),
            name: name.map(|name| name.nfc().collect()),
            role: issuer.role_of(claims),
        })
    }

    /// A new account for the person, with the role that their claims give and no more.
    ///
    /// # Errors
    /// 403 when the issuer tells no e-mail address.
    pub fn account(&self, role: Role) -> Result<User, Problem> {
        let email = self.email.as_deref().ok_or_else(|| {
            Problem::new(
                Kind::Forbidden,
                bilingual!(
                    "Identitetsleverantören anger ingen e-postadress för dig, och den behövs för ett konto.",
                    "The identity provider tells no e-mail address of yours, which an account needs."
                ),
            )
        })?;
        let user = User::without_password(email, self.name.as_deref().unwrap_or(email), role);
        Ok(user.identified(Some((self.issuer.clone(), self.subject.clone()))))
    }
}

fn is_text(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest && !text.contains(char::is_control)
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    is_text(text, LONGEST_EMAIL)
        && !text.contains(char::is_whitespace)
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn example() -> Value {
        json!({
            "issuer": "https://login.example.se/realms/norsjo", "name": "Norsjö kommun", "audience": "samsyn",
            "claim": "roles",
            "roles": [{"value": "chef", "role": "administrator"}, {"value": "handläggare", "role": "officer"}],
        })
    }

    #[test]
    fn a_file_of_issuers_is_right_or_says_what_is_wrong() {
        assert_eq!(read("[]"), Ok(Vec::new()));
        assert_eq!(read(&json!([example()]).to_string()).map(|issuers| issuers.len()), Ok(1));
        let but = |member: &str, value: Value| {
            let mut issuer = example();
            issuer[member] = value;
            json!([issuer])
        };
        for (file, fault) in [
            (json!([example(), example()]), "https://login.example.se/realms/norsjo stands there twice"),
            (example(), "invalid type: map, expected a sequence"),
            (but("colour", json!("blue")), "unknown field `colour`"),
            (but("name", json!(" ")), "must say something"),
            (but("claim", json!("")), "must say something"),
            (but("roles", json!([])), "at least one role"),
            (but("roles", json!([{"value": "x", "role": "king"}])), "unknown variant `king`"),
            (but("roles", json!([{"value": "", "role": "reader"}])), "must say something"),
            (but("issuer", json!("http://login.example.se")), "must be an https address"),
            (but("issuer", json!("http://127.0.0.1.example.se")), "must be an https address"),
            (but("issuer", json!("https://login.example.se/?a=b")), "must be an https address"),
            (but("issuer", json!("login.example.se")), "must be an https address"),
            (but("issuer", json!("file:///etc/passwd")), "must be an https address"),
        ] {
            let said = read(&file.to_string()).expect_err(fault);
            assert!(said.contains(fault), "{said}");
        }
        for address in ["http://127.0.0.1:8080", "http://[::1]/x", "http://localhost", "https://10.0.0.1"] {
            assert!(read(&but("issuer", json!(address)).to_string()).is_ok(), "{address}");
        }
    }

    #[test]
    fn the_first_role_that_a_person_has_is_theirs() {
        let issuer =
            |claim: &str| Issuer { claim: claim.to_owned(), ..serde_json::from_value(example()).expect("an issuer") };
        let (flat, deep) = (issuer("roles"), issuer("/realm_access/roles"));
        for (claims, role) in [
            (json!({"roles": "handläggare"}), Some(Role::Officer)),
            (json!({"roles": ["annat", "handläggare", "chef"]}), Some(Role::Administrator)),
            (json!({"roles": ["annat", 7, null]}), None),
            (json!({"roles": {"chef": true}}), None),
            (json!({"roles": "chef handläggare"}), None),
            (json!({}), None),
        ] {
            assert_eq!(flat.role_of(&claims), role, "{claims}");
            assert_eq!(deep.role_of(&json!({"realm_access": claims})), role, "{claims}");
        }
    }

    #[test]
    fn a_person_is_called_by_what_the_issuer_tells() {
        let issuer: Issuer = serde_json::from_value(example()).expect("an issuer");
        let email = |claims: Value| Person::of_claims(&issuer, &claims).expect("a person").email;
        assert_eq!(email(json!({"sub": "1", "email": "Eva@Example.SE"})).as_deref(), Some("eva@example.se"));
        assert_eq!(email(json!({"sub": "1", "email": "eva", "upn": "e@x"})).as_deref(), Some("e@x"));
        assert_eq!(email(json!({"sub": "1", "preferred_username": "a@b@c", "upn": "a b@c"})), None);
        for subject in [json!(null), json!(7), json!(""), json!(" "), json!("a\u{0}b"), json!("x".repeat(256))] {
            assert_eq!(Person::of_claims(&issuer, &json!({"sub": subject})), None, "{subject}");
        }
    }
}
