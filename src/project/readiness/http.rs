//! A project's readiness over HTTP.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::code_list::code_list;
use crate::db::Database;
use crate::http::{Context, Links, reply};
use crate::id::Id;
use crate::problem::{Fault, Problem, Severity};
use crate::project::sight::Sight;
use crate::project::store;
use crate::text::Bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(get_readiness);
}

code_list! {
    /// How much a finding matters.
    pub enum FindingSeverity {
        /// It stops submission.
        Error = "error", "hindrar inlämning";
        /// It is worth knowing.
        Warning = "warning", "bra att veta";
    }
}

/// Något som projektet saknar. / Something that the project lacks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "rule": "shares", "severity": "error", "property": "/alignments", "numbers": {"sum": "70", "expected": "100"},
    "message": {"sv": "andelarna är tillsammans 70 procent och ska vara 100",
                "en": "the shares add up to 70 per cent and must be 100"}
}))]
pub struct FindingView {
    /// Regelns namn, stabilt. / The rule's name, stable.
    rule: &'static str,
    severity: FindingSeverity,
    /// JSON Pointer i projektet. / JSON Pointer into the project.
    property: String,
    /// Vad som saknas och vad som vore rätt. / What is missing and what would be right.
    message: Bilingual,
    /// Talen som regeln jämförde. / The numbers that the rule compared.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    numbers: BTreeMap<&'static str, String>,
}

impl From<Fault> for FindingView {
    fn from(fault: Fault) -> Self {
        let severity = match fault.severity {
            Severity::Error => FindingSeverity::Error,
            Severity::Warning => FindingSeverity::Warning,
        };
        let Fault { property, code: rule, reason: message, numbers, .. } = fault;
        Self { rule, severity, property, message, numbers }
    }
}

/// Vad som återstår innan projektet är komplett. / What remains before the project is complete.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    /// Om inget hindrar inlämning. / Whether nothing stops submission.
    #[schema(example = false)]
    ready: bool,
    /// Allt på en gång, felen först. / Everything at once, errors first.
    findings: Vec<FindingView>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Vad som återstår. / What remains.
///
/// Samma kontroll som vid inlämning, när som helst. / The same check as at submission, at any time.
#[utoipa::path(responses((status = 200, description = "Kontrollen. / The check.", body = Readiness)))]
#[get("/projects/{projectId}/readiness")]
async fn get_readiness(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let (project, mut found) = database
        .read(move |conn| {
            let project = store::find(conn, *id, scope)?;
            let found = super::findings(conn, &project)?;
            Ok((project, found))
        })
        .await?;
    found.sort_by_key(|finding| finding.severity == Severity::Warning);
    let address = context.address(&format!("/projects/{}", project.id));
    let readiness = Readiness {
        ready: found.iter().all(|finding| finding.severity == Severity::Warning),
        findings: found.into_iter().map(Into::into).collect(),
        links: Links::default().and("self", "GET", format!("{address}/readiness")).and("up", "GET", address),
    };
    reply::one(&context, Some(project.version), &readiness)
}
