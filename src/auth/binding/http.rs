//! Bindings as they are given and got.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Binding;
use crate::id::Id;

/// Vad ett konto eller en klient hör till. / What an account or a client is bound to.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Binding, example = json!({
    "fundingSources": ["eruf-ovre-norrland-2014-2020"], "frameworks": ["eruf-ovre-norrland-2014-2020"]
}))]
pub struct BindingWire {
    /// Organisationen vars projekt en projektägare registrerar. / The organisation whose projects a contributor registers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    organisation_id: Option<Id>,
    /// Finansieringskällor som en finansiär svarar för. / Funding sources that a funder answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    funding_sources: Vec<String>,
    /// Ramverk som en finansiär styr efter. / Frameworks that a funder steers by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    frameworks: Vec<String>,
}

impl From<Binding> for BindingWire {
    fn from(Binding { organisation_id, funding_sources, frameworks }: Binding) -> Self {
        Self { organisation_id, funding_sources, frameworks }
    }
}

impl From<BindingWire> for Binding {
    fn from(BindingWire { organisation_id, funding_sources, frameworks }: BindingWire) -> Self {
        Self { organisation_id, funding_sources, frameworks }.sorted()
    }
}
