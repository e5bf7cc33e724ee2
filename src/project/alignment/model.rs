//! What an alignment is.

use serde::Serialize;

use crate::code_list::code_list;
use crate::db::schema::alignments;
use crate::id::Id;

code_list! {
    /// On whose word an alignment stands.
    pub enum Assessment {
        /// Proposed by the machine.
        Suggested = "suggested", "föreslagen";
        /// Said by a person.
        Claimed = "claimed", "angiven";
        /// Agreed by the municipality.
        Confirmed = "confirmed", "bekräftad";
        /// Not agreed by the municipality.
        Rejected = "rejected", "underkänd";
    }
}

/// One project's contribution to one sub-goal.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    diesel::Queryable,
    diesel::Insertable,
    diesel::AsChangeset,
    diesel::Identifiable,
)]
#[diesel(table_name = alignments, treat_none_as_null = true)]
#[serde(rename_all = "camelCase")]
pub struct Alignment {
    /// Identifier.
    pub id: Id,
    /// The project.
    #[serde(skip)]
    pub project_id: Id,
    /// The strategy of the codes.
    pub strategy_id: String,
    /// Code of the sub-goal.
    pub sub_goal_code: String,
    /// Code of one of its measures.
    pub measure_code: Option<String>,
    /// Whole percent of the project; per strategy a complete project's shares add up to 100.
    pub share: Option<i32>,
    /// Why the project contributes.
    pub rationale: Option<String>,
    /// On whose word.
    pub assessment: Assessment,
}

impl Alignment {
    /// Whether it is about the same sub-goal and measure as another.
    #[must_use]
    pub fn is_same_target(&self, other: &Self) -> bool {
        self.strategy_id == other.strategy_id
            && self.sub_goal_code == other.sub_goal_code
            && self.measure_code == other.measure_code
    }
}
