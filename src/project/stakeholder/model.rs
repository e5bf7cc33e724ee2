//! What a stakeholder is.

use serde::{Serialize, Serializer};

use crate::code_list::code_list;
use crate::id::Id;
use crate::organisation::Organisation;
pub use crate::organisation::model::Interest;

code_list! {
    /// The part that an organisation has in a project.
    pub enum StakeholderRole {
        /// Owns the project and answers for it.
        Owner = "owner", "projektägare";
        /// Works in it and may be paid.
        Partner = "partner", "samverkanspart";
        /// Works with it, unpaid.
        Cooperator = "cooperator", "samarbetspart";
        /// Pays for a part of it.
        CoFunder = "coFunder", "medfinansiär";
        /// Sits in its reference group.
        Reference = "reference", "referensgrupp";
    }
}

code_list! {
    /// The phases of a project that an organisation takes part in.
    pub enum Phase {
        /// The idea.
        Idea = "idea", "idé";
        /// Planning and application.
        Planning = "planning", "planering";
        /// Carrying it out.
        Implementation = "implementation", "genomförande";
        /// Use of the results.
        Results = "results", "tillvaratagande av resultat";
    }
}

/// An organisation's part in a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stakeholder {
    /// Identifier.
    pub id: Id,
    /// The organisation.
    #[serde(rename = "organisationId", serialize_with = "id_alone")]
    pub organisation: Organisation,
    /// Its roles, in the order of the list.
    pub roles: Vec<StakeholderRole>,
    /// Its interests, in the order of the list.
    pub interests: Vec<Interest>,
    /// The phases it takes part in, in the order of the list.
    pub phases: Vec<Phase>,
}

fn id_alone<S: Serializer>(organisation: &Organisation, serializer: S) -> Result<S::Ok, S::Error> {
    organisation.id.serialize(serializer)
}
