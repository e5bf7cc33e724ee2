//! What a binding is.

use serde::{Deserialize, Serialize};

use crate::auth::Role;
use crate::db::types::Codes;
use crate::id::Id;
use crate::problem::Fault;
use crate::text::bilingual;

/// What an account or a machine is bound to; a role that is bound and has no binding sees what is public.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// The organisation whose projects a contributor registers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<Id>,
    /// Codes of the sources that a funder answers for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funding_sources: Vec<String>,
    /// Ids of the frameworks that a funder steers by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frameworks: Vec<String>,
}

impl Binding {
    /// What stands in the columns of an account or a machine.
    #[must_use]
    pub fn of_columns(organisation_id: Option<Id>, funding_sources: &Codes, frameworks: &Codes) -> Self {
        let list = |codes: &Codes| codes.iter().map(str::to_owned).collect();
        Self { organisation_id, funding_sources: list(funding_sources), frameworks: list(frameworks) }
    }

    /// Whether it binds to nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same, in order and each once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        for codes in [&mut self.funding_sources, &mut self.frameworks] {
            codes.sort_unstable();
            codes.dedup();
        }
        self
    }

    /// What does not go with a role: contributors have an organisation, funders sources and frameworks.
    #[must_use]
    pub fn faults_of(&self, role: Role) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.organisation_id.is_some() && role != Role::Contributor {
            let reason = bilingual!("hör till rollen contributor", "belongs to the role contributor");
            faults.push(Fault::body("/binding/organisationId", "not-for-role", reason));
        }
        for (codes, name) in [(&self.funding_sources, "fundingSources"), (&self.frameworks, "frameworks")] {
            if !codes.is_empty() && role != Role::Funder {
                let reason = bilingual!("hör till rollen funder", "belongs to the role funder");
                faults.push(Fault::body(format!("/binding/{name}"), "not-for-role", reason));
            }
        }
        faults
    }
}
