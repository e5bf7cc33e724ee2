//! What a statement is, and the exact text that it stands for.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::http::body::hex;
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::project::{Project, Status, Visibility};
use crate::text::bilingual;

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Identifier.
    pub id: Id,
    /// The project it is about.
    pub project_id: Id,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Who issued it.
    pub issued_by: Option<Id>,
    /// Its exact text: canonical JSON (RFC 8785).
    pub record: String,
    /// SHA-256 of the text's UTF-8 bytes, in hexadecimal.
    pub digest: String,
    /// Why it is withheld, when it is.
    pub withheld_reason: Option<String>,
    /// Version; only whether it is withheld changes.
    pub version: i64,
    /// Who may see the project today.
    pub visibility: Visibility,
    /// The latest statement about the project that is not withheld, when it is a later one.
    pub superseded_by: Option<Id>,
}

/// Lets a statement be issued: the municipality has made the project public, and it is more than a draft.
///
/// # Errors
/// 409 otherwise.
pub fn permit(project: &Project) -> Result<(), Problem> {
    if project.facts.visibility == Visibility::Public && project.status != Status::Draft {
        return Ok(());
    }
    Err(Problem::new(
        Kind::StateConflict,
        bilingual!(
            "Ett intyg är offentligt: det utfärdas om projekt som är offentliga och inte längre utkast.",
            "A statement is public: it is issued on projects that are public and no longer drafts."
        ),
    ))
}

/// The text of a record and its digest: the members in canonical JSON (RFC 8785), without anything that leads elsewhere.
///
/// # Errors
/// When the members cannot be written as JSON.
pub fn seal(members: Map<String, Value>) -> Result<(String, String), Problem> {
    let mut record = Value::Object(members);
    without_hyperlinks(&mut record);
    let text = serde_json_canonicalizer::to_string(&record).map_err(Problem::internal)?;
    let digest = hex(&Sha256::digest(text.as_bytes()));
    Ok((text, digest))
}

/// A record stands for itself for as long as anybody keeps it; addresses do not.
fn without_hyperlinks(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| name != "_links" && name != "url");
            members.values_mut().for_each(without_hyperlinks);
        }
        Value::Array(items) => items.iter_mut().for_each(without_hyperlinks),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_record_is_canonical_and_without_hyperlinks() {
        let Value::Object(members) = json!({
            "b": 45.0, "a": [{"url": "https://example.se", "text": "Å\n"}], "_links": {}, "ä": null, "c": 0.75
        }) else {
            panic!("an object");
        };
        let (text, digest) = seal(members).expect("sealed");
        assert_eq!(text, "{\"a\":[{\"text\":\"Å\\n\"}],\"b\":45,\"c\":0.75,\"ä\":null}");
        assert_eq!(digest, hex(&Sha256::digest(text.as_bytes())));
    }
}
