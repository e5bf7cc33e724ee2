//! What a revision is.

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::id::Id;

code_list! {
    /// The parts of a plan that a revision replaces.
    pub enum PlanPart {
        /// What the project contributes to.
        Alignments = "alignments", "kopplingar";
        /// What it costs.
        Costs = "costs", "kostnader";
        /// What it earns.
        Revenues = "revenues", "intäkter";
        /// Who pays.
        FundingLines = "fundingLines", "finansieringsrader";
    }
}

/// A recorded change of a decided plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Identifier.
    pub id: Id,
    /// The project.
    pub project_id: Id,
    /// Why.
    pub reason: String,
    /// What was replaced.
    pub parts: Vec<PlanPart>,
    /// When.
    pub recorded_at: Timestamp,
    /// Who; none is the program itself.
    pub recorded_by: Option<Id>,
    /// The project's version after it.
    pub version: i64,
}
