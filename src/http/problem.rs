//! Problems as they look over HTTP (RFC 9457), one flat object.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Kind, Problem, Severity};
use crate::text::Language;

/// Ett fel: vad som är fel, var, och vad som hade varit rätt. / A problem: what is wrong, where, what would be right.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem, example = json!({
    "type": "https://api.norsjo.se/samsyn/problems/validation-error", "title": "Ogiltiga uppgifter", "status": 422,
    "detail": "En uppgift följer inte reglerna.", "instance": "/samsyn/v1/projects",
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
    "invalidParameters": [
        {"in": "body", "property": "/costs/0/amount/amount", "code": "pattern", "reason": "följer inte mönstret"}
    ]
}))]
pub struct ProblemDocument {
    /// Adress till felets beskrivning; ändras aldrig. / Address of the problem's description; never changes.
    #[serde(rename = "type")]
    type_: String,
    /// Felets rubrik. / The problem's title.
    title: String,
    /// HTTP-status. / HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Vad som hände den här gången. / What happened this time.
    detail: String,
    /// Den sökväg som begärdes. / The path that was requested.
    instance: String,
    /// Spårningens id, att ange vid frågor. / The trace's id, to give when asking.
    trace_id: String,
    /// Allt som är fel i begäran. / Everything that is wrong in the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    invalid_parameters: Vec<InvalidParameter>,
    /// Vad läget tillåter i stället. / What the state allows instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    allowed_statuses: Vec<String>,
}

/// En uppgift som är fel. / A value that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!(
    {"in": "body", "property": "/costs/0/amount/amount", "code": "pattern", "reason": "följer inte mönstret"}
))]
struct InvalidParameter {
    /// Del av begäran: body, query, path eller header; project är projektet som det står. / Part of the request; project
    /// is the project as it stands.
    #[serde(rename = "in")]
    in_: &'static str,
    /// JSON Pointer i innehållet, eller parameterns namn. / JSON Pointer into the body, or the parameter's name.
    property: String,
    /// Regelns namn, stabilt. / The rule's name, stable.
    code: &'static str,
    /// Vad som är fel och vad som är rätt. / What is wrong and what is right.
    reason: String,
    /// warning när det inte hindrar. / warning when it does not stop anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "warning")]
    severity: Option<&'static str>,
    /// Talen som regeln jämförde. / The numbers that the rule compared.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false, value_type = std::collections::HashMap<String, String>)]
    numbers: BTreeMap<&'static str, String>,
}

impl ProblemDocument {
    pub(super) fn new(problem: &Problem, base: &str, path: &str, trace_id: &str, language: Language) -> Self {
        let meaning = problem.kind().meaning();
        Self {
            type_: format!("{base}/samsyn/problems/{}", meaning.slug),
            title: match language {
                Language::Swedish => meaning.sv.to_owned(),
                Language::English => meaning.en.to_owned(),
            },
            status: meaning.status,
            detail: problem.detail().in_language(language).to_owned(),
            instance: path.to_owned(),
            trace_id: trace_id.to_owned(),
            invalid_parameters: problem
                .faults()
                .iter()
                .map(|fault| InvalidParameter {
                    in_: fault.part.as_str(),
                    property: printable(&fault.property),
                    code: fault.code,
                    reason: fault.reason.in_language(language).to_owned(),
                    severity: (fault.severity == Severity::Warning).then_some("warning"),
                    numbers: fault.numbers.clone(),
                })
                .collect(),
            allowed_statuses: match problem.kind() {
                Kind::InsufficientScope => Vec::new(),
                _ => problem.allowed().to_vec(),
            },
        }
    }
}

/// The name of a parameter that nobody knows is the caller's own text: signs that no text of ours has are shown as "?".
fn printable(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() || sign == '\u{fffd}' { '?' } else { sign }).collect()
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().meaning().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The edge writes the body: it knows the caller's language and the trace.
        HttpResponse::new(self.status_code())
    }
}
