//! The one error of the program, and the table that says what each kind of it means over HTTP (RFC 9457).
//!
//! A [`Problem`] knows nothing of requests: where it is understood it gets a kind and a text in both languages; at the
//! edge of the service ([`crate::http`]) it becomes a response in the caller's language, and is logged once.

use std::collections::BTreeMap;
use std::fmt;

use crate::text::{Bilingual, bilingual};

/// What went wrong, as far as a client needs to tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The body or a header cannot be parsed.
    Malformed,
    /// A path or query parameter is wrong.
    InvalidParameter,
    /// No credentials, or wrong ones.
    Unauthenticated,
    /// A token that is expired, forged or of another service.
    InvalidToken,
    /// The caller's role does not allow this.
    Forbidden,
    /// The machine's token is not for this.
    InsufficientScope,
    /// The one-time password has not been changed yet.
    PasswordChangeRequired,
    /// Nothing here, or nothing the caller may see.
    NotFound,
    /// The address knows other methods.
    MethodNotAllowed,
    /// None of the acceptable media types is offered.
    NotAcceptable,
    /// Something with this name or number exists already, or is used elsewhere.
    Conflict,
    /// The state of the thing does not allow this.
    StateConflict,
    /// The version in `If-Match` is not the current one.
    PreconditionFailed,
    /// The body did not come in time.
    TooSlow,
    /// The body is larger than the limit.
    TooLarge,
    /// The address is longer than the limit.
    AddressTooLong,
    /// The body's media type is not one that this operation reads.
    UnsupportedMediaType,
    /// Well-formed, but breaks a type or a rule.
    Invalid,
    /// The idempotency key came with another body before.
    IdempotencyKeyReused,
    /// A change without `If-Match`.
    PreconditionRequired,
    /// More requests, or more tries, than are let through for now.
    TooManyRequests,
    /// The request is for a host that is not ours.
    WrongHost,
    /// Our fault.
    Internal,
    /// Another writer was in the way longer than we try.
    Busy,
    /// The database cannot be reached.
    Unavailable,
}

/// A row of the table of problems.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// The kind that the row is about.
    pub kind: Kind,
    /// HTTP status.
    pub status: u16,
    /// Last segment of the problem's `type` address; never changes.
    pub slug: &'static str,
    /// Swedish title.
    pub sv: &'static str,
    /// English title.
    pub en: &'static str,
}

const fn row(kind: Kind, status: u16, slug: &'static str, sv: &'static str, en: &'static str) -> Meaning {
    Meaning { kind, status, slug, sv, en }
}

/// Every kind of problem, once.
pub const MEANINGS: [Meaning; 25] = [
    row(Kind::Malformed, 400, "malformed-request", "Begäran kan inte tolkas", "The request cannot be read"),
    row(Kind::InvalidParameter, 400, "invalid-parameter", "Ogiltig parameter", "Invalid parameter"),
    row(Kind::Unauthenticated, 401, "unauthenticated", "Inloggning krävs", "Sign-in required"),
    row(Kind::InvalidToken, 401, "invalid-token", "Ogiltig åtkomsttoken", "Invalid access token"),
    row(Kind::Forbidden, 403, "forbidden", "Otillåtet", "Not allowed"),
    row(
        Kind::PasswordChangeRequired,
        403,
        "password-change-required",
        "Lösenordet måste bytas",
        "The password must be changed",
    ),
    row(Kind::NotFound, 404, "not-found", "Finns inte", "Not found"),
    row(Kind::MethodNotAllowed, 405, "method-not-allowed", "Metoden stöds inte här", "Method not allowed here"),
    row(Kind::NotAcceptable, 406, "not-acceptable", "Formatet erbjuds inte", "Format not offered"),
    row(Kind::Conflict, 409, "conflict", "Krock med något som finns", "Conflict with what exists"),
    row(Kind::StateConflict, 409, "state-conflict", "Läget tillåter det inte", "The state does not allow this"),
    row(Kind::PreconditionFailed, 412, "precondition-failed", "Versionen är inaktuell", "The version is out of date"),
    row(Kind::TooLarge, 413, "content-too-large", "Innehållet är för stort", "Content too large"),
    row(Kind::AddressTooLong, 414, "address-too-long", "Adressen är för lång", "Address too long"),
    row(Kind::UnsupportedMediaType, 415, "unsupported-media-type", "Medietypen stöds inte", "Unsupported media type"),
    row(Kind::Invalid, 422, "validation-error", "Ogiltiga uppgifter", "Invalid values"),
    row(
        Kind::IdempotencyKeyReused,
        422,
        "idempotency-key-reused",
        "Nyckeln är redan använd",
        "Idempotency key already used",
    ),
    row(Kind::PreconditionRequired, 428, "precondition-required", "If-Match krävs", "If-Match required"),
    row(Kind::Internal, 500, "internal-error", "Internt fel", "Internal error"),
    row(Kind::Busy, 503, "busy", "Många ändrar samtidigt", "Too many changes at once"),
    row(Kind::Unavailable, 503, "unavailable", "Tillfälligt otillgänglig", "Temporarily unavailable"),
    row(Kind::InsufficientScope, 403, "insufficient-scope", "Åtkomsttoken räcker inte till", "Insufficient scope"),
    row(Kind::TooManyRequests, 429, "too-many-requests", "För många anrop", "Too many requests"),
    row(Kind::WrongHost, 400, "wrong-host", "Fel värd", "Wrong host"),
    row(Kind::TooSlow, 408, "request-timeout", "Begäran kom för långsamt", "The request came too slowly"),
];

impl Kind {
    /// The kind's row in the table.
    #[must_use]
    pub fn meaning(self) -> Meaning {
        MEANINGS.into_iter().find(|row| row.kind == self).unwrap_or(MEANINGS[18])
    }
}

/// Where in a request a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// In the body; the property is a JSON Pointer (RFC 6901).
    Body,
    /// In a query parameter.
    Query,
    /// In a path parameter.
    Path,
    /// In a header field.
    Header,
    /// In the project as it stands; the property is a JSON Pointer into its representation.
    Project,
}

impl Part {
    /// The word for it in a problem.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
            Self::Project => "project",
        }
    }
}

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It stops what was asked for.
    Error,
    /// It is worth knowing.
    Warning,
}

/// One thing that is wrong in a request, or in what the request is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Which part of the request.
    pub part: Part,
    /// JSON Pointer into the body, or the parameter's name.
    pub property: String,
    /// A stable name of the rule.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub reason: Bilingual,
    /// How bad it is.
    pub severity: Severity,
    /// The numbers that the rule compared, by name.
    pub numbers: BTreeMap<&'static str, String>,
}

impl Fault {
    /// A fault in a part of the request.
    #[must_use]
    pub fn new(part: Part, property: impl Into<String>, code: &'static str, reason: Bilingual) -> Self {
        let (severity, numbers) = (Severity::Error, BTreeMap::new());
        Self { part, property: property.into(), code, reason, severity, numbers }
    }

    /// A fault in the body at a JSON Pointer.
    #[must_use]
    pub fn body(property: impl Into<String>, code: &'static str, reason: Bilingual) -> Self {
        Self::new(Part::Body, property, code, reason)
    }

    /// The same, only worth knowing.
    #[must_use]
    pub fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same with a number that the rule compared.
    #[must_use]
    pub fn with(mut self, name: &'static str, number: impl fmt::Display) -> Self {
        self.numbers.insert(name, format!("{number}"));
        self
    }
}

/// Why something could not be done.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Bilingual,
    faults: Vec<Fault>,
    allowed: Vec<String>,
    retry_after: Option<u16>,
    source: Option<anyhow::Error>,
}

impl Problem {
    /// A problem with what there is to say about it.
    #[must_use]
    pub fn new(kind: Kind, detail: Bilingual) -> Self {
        Self { kind, detail, faults: Vec::new(), allowed: Vec::new(), retry_after: None, source: None }
    }

    /// 404 for a thing named in both languages, in the definite form: "Projektet", "The project".
    #[must_use]
    pub fn not_found(sv: &str, en: &str) -> Self {
        Self::new(Kind::NotFound, bilingual!("{sv} finns inte.", "{en} does not exist."))
    }

    /// 422 with every fault at once.
    #[must_use]
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let count = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
        let detail = match count {
            1 => bilingual!("En uppgift följer inte reglerna.", "One value breaks the rules."),
            _ => bilingual!("{count} uppgifter följer inte reglerna.", "{count} values break the rules."),
        };
        Self { faults, ..Self::new(Kind::Invalid, detail) }
    }

    /// 400 for path, query and header faults.
    #[must_use]
    pub fn invalid_parameters(faults: Vec<Fault>) -> Self {
        let detail = bilingual!(
            "En parameter i adressen eller i ett huvud är fel.",
            "A parameter in the address or in a header is wrong."
        );
        Self { faults, ..Self::new(Kind::InvalidParameter, detail) }
    }

    /// 500: the cause is logged, never shown.
    #[must_use]
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::new(
            Kind::Internal,
            bilingual!(
                "Något gick fel hos oss. Ange traceId om du hör av dig.",
                "Something went wrong on our side. Give the traceId if you contact us."
            ),
        )
        .because(source)
    }

    /// 503: the database cannot be reached.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(
            Kind::Unavailable,
            bilingual!("Databasen svarar inte. Försök igen strax.", "The database does not answer. Try again shortly."),
        )
    }

    /// Too many ask at once.
    #[must_use]
    pub fn overloaded() -> Self {
        Self::new(
            Kind::Unavailable,
            bilingual!(
                "Tjänsten har för mycket att göra. Försök igen strax.",
                "The service has too much to do. Try again shortly."
            ),
        )
    }

    /// The same problem with its cause, for the log.
    #[must_use]
    pub fn because(self, source: impl Into<anyhow::Error>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// The same problem with its faults below a JSON Pointer.
    #[must_use]
    pub fn below(mut self, at: &str) -> Self {
        for fault in &mut self.faults {
            fault.property.insert_str(0, at);
        }
        self
    }

    /// The same problem with what would have been allowed.
    #[must_use]
    pub fn allowing(self, allowed: impl IntoIterator<Item = String>) -> Self {
        Self { allowed: allowed.into_iter().collect(), ..self }
    }

    /// The same problem with how many seconds to wait before the next try.
    #[must_use]
    pub fn retried_after(self, seconds: u16) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// How many seconds to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<u16> {
        self.retry_after
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What there is to say about it.
    #[must_use]
    pub fn detail(&self) -> &Bilingual {
        &self.detail
    }

    /// Everything that is wrong in the request.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What the state allows instead; the scope, where that is missing.
    #[must_use]
    pub fn allowed(&self) -> &[String] {
        &self.allowed
    }

    /// The cause, for the log alone.
    #[must_use]
    pub fn source(&self) -> Option<&anyhow::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.detail.en)?;
        for fault in &self.faults {
            write!(f, " {}: {}.", fault.property, fault.reason.en)?;
        }
        match &self.source {
            Some(source) => write!(f, " ({source:#})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Database, Error};
        match &error {
            Error::DatabaseError(Database::SerializationFailure, _) => Self::busy(error),
            Error::DatabaseError(Database::ClosedConnection, _) | Error::BrokenTransactionManager => {
                Self::unavailable().because(error)
            }
            Error::DatabaseError(_, information) if is_contention(information.message()) => Self::busy(error),
            Error::DatabaseError(_, information) if is_disconnection(information.message()) => {
                Self::unavailable().because(error)
            }
            _ => Self::internal(error),
        }
    }
}

impl Problem {
    fn busy(error: diesel::result::Error) -> Self {
        Self::new(
            Kind::Busy,
            bilingual!(
                "Andra ändrade samma sak samtidigt. Försök igen strax.",
                "Others were changing the same thing. Try again shortly."
            ),
        )
        .because(error)
    }
}

/// Lock waits and deadlocks, which diesel has no kind for.
fn is_contention(message: &str) -> bool {
    ["database is locked", "lock timeout", "deadlock detected", "statement timeout"]
        .iter()
        .any(|words| message.contains(words))
}

/// Connections lost in the middle of a statement, in libpq's and PostgreSQL's words.
fn is_disconnection(message: &str) -> bool {
    ["server closed the connection", "terminating connection", "connection to server", "no connection to the server"]
        .iter()
        .any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_row_and_address() {
        let mut slugs: Vec<_> = MEANINGS.iter().map(|row| row.slug).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), MEANINGS.len());
        for row in MEANINGS {
            assert_eq!(row.kind.meaning().slug, row.slug);
        }
        assert_eq!(MEANINGS[18].kind, Kind::Internal);
    }
}
