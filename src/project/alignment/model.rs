//! What an alignment is.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

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

impl Assessment {
    /// Whether somebody stands behind the alignment: a person claims it or the municipality has confirmed it.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Claimed | Self::Confirmed)
    }
}

/// What shows that a claim is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it shows.
    pub text: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The municipality's word on a claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessed {
    /// Who gave it.
    pub by: Option<Id>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Whether it was given by one who made or last changed the claim.
    pub self_assessed: bool,
}

/// One project's contribution to one sub-goal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alignment {
    /// Identifier.
    pub id: Id,
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
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// On whose word.
    pub assessment: Assessment,
    /// Who made the claim; none is the program itself.
    pub made_by: Option<Id>,
    /// Who last changed it, or made it.
    pub claimed_by: Option<Id>,
    /// The municipality's word, once given.
    pub assessed: Option<Assessed>,
}

impl Alignment {
    /// What the program itself proposes, which nobody has claimed.
    #[must_use]
    pub fn suggested(strategy_id: &str, sub_goal: &str) -> Self {
        Self {
            id: Id::new(),
            strategy_id: strategy_id.to_owned(),
            sub_goal_code: sub_goal.to_owned(),
            measure_code: None,
            share: None,
            rationale: None,
            evidence: Vec::new(),
            assessment: Assessment::Suggested,
            made_by: None,
            claimed_by: None,
            assessed: None,
        }
    }

    /// Whether it is about the same sub-goal and measure as another.
    #[must_use]
    pub fn is_same_target(&self, other: &Self) -> bool {
        self.strategy_id == other.strategy_id
            && self.sub_goal_code == other.sub_goal_code
            && self.measure_code == other.measure_code
    }

    /// How much it is like another: wholly or not at all.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> u8 {
        u8::from(self.is_same_target(other))
    }

    /// Whether it says the same as another, whoever said it and whatever the municipality thinks.
    #[must_use]
    pub fn is_same_claim(&self, other: &Self) -> bool {
        self.is_same_target(other)
            && self.share == other.share
            && self.rationale == other.rationale
            && self.evidence == other.evidence
    }

    /// Whether it is this account's own: it made the claim or last changed it.
    #[must_use]
    pub fn is_of(&self, account: Id) -> bool {
        [self.made_by, self.claimed_by].contains(&Some(account))
    }

    /// The claim with the municipality's word on it.
    ///
    /// # Errors
    /// 409 for a suggestion, which nobody has claimed; 403 when the caller made or last changed the claim and may not
    /// assess such.
    pub fn assessed(
        &self,
        assessment: Assessment,
        reason: Option<String>,
        by: Option<Id>,
        may_assess_own: bool,
    ) -> Result<Self, Problem> {
        if self.assessment == Assessment::Suggested {
            return Err(Problem::new(
                Kind::StateConflict,
                bilingual!(
                    "Kopplingen är bara ett förslag. Någon behöver ange den innan den bedöms.",
                    "The alignment is only a suggestion. Somebody must claim it before it is assessed."
                ),
            ));
        }
        let self_assessed = by.is_some_and(|by| self.is_of(by));
        if self_assessed && !may_assess_own {
            return Err(Problem::new(
                Kind::Forbidden,
                bilingual!(
                    "Du angav eller ändrade själv kopplingen; någon annan bedömer den. I en avdelning med en enda person \
                     kan en administratör tillåta det med mayAssessOwn på kontot.",
                    "You made or changed this claim yourself; someone else assesses it. In a department of one person an \
                     administrator can allow it with mayAssessOwn on the account."
                ),
            ));
        }
        let assessed = Some(Assessed { by, at: Timestamp::now(), reason, self_assessed });
        Ok(Self { assessment, assessed, ..self.clone() })
    }
}
