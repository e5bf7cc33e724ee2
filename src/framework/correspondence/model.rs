//! What a correspondence is, and which one counts for an alignment.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::code_list::code_list;
use crate::id::Id;
use crate::problem::Fault;
use crate::text::{Bilingual, bilingual};

code_list! {
    /// How far a sub-goal or measure and a priority want the same.
    pub enum CorrespondenceType {
        /// The same thing.
        Exact = "exact", "samma sak";
        /// It lies inside the priority, which is wider.
        Broad = "broad", "ryms i något bredare";
        /// A part of it serves a part of the priority.
        Partial = "partial", "delvis";
        /// Considered: nothing.
        None = "none", "prövat, ingen";
    }
}

impl CorrespondenceType {
    /// How much of a share counts, in quarters: exact 1, broad 0.75, partial 0.5, none 0 (the project's own scale).
    #[must_use]
    pub fn quarters(self) -> i64 {
        match self {
            Self::Exact => 4,
            Self::Broad => 3,
            Self::Partial => 2,
            Self::None => 0,
        }
    }
}

code_list! {
    /// Who says so.
    pub enum Provenance {
        /// The framework or the strategy itself.
        Stated = "stated", "angiven i källan";
        /// Samsyn's or the municipality's own reading.
        Inferred = "inferred", "egen läsning";
    }
}

/// What a sub-goal or measure has to do with a priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CorrespondenceFacts {
    /// Code of the sub-goal.
    pub sub_goal: String,
    /// Code of one of its measures, when it is the measure's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Code of the priority; none is the framework as a whole, which only `none` is said of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// How far they want the same.
    #[serde(rename = "type")]
    pub type_: CorrespondenceType,
    /// Who says so.
    pub provenance: Provenance,
    /// Why.
    pub rationale: Bilingual,
}

impl CorrespondenceFacts {
    /// Whether it is about the same sub-goal and measure as another.
    #[must_use]
    pub fn is_same_node(&self, other: &Self) -> bool {
        self.sub_goal == other.sub_goal && self.measure == other.measure
    }

    /// Whether one of the two says that there is none in the whole framework, and the other names a priority.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        self.is_same_node(other) && self.priority.is_none() != other.priority.is_none()
    }

    /// What is wrong with it beside the others of its strategy and framework.
    #[must_use]
    pub fn faults(&self, others: &[&Self]) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.priority.is_none() && self.type_ != CorrespondenceType::None {
            let reason = bilingual!(
                "behövs; bara none sägs om ramverket som helhet",
                "is needed; only none is said of the framework as a whole"
            );
            faults.push(Fault::body("/priority", "required", reason));
        }
        if others.iter().any(|other| other.is_same_node(self) && other.priority == self.priority) {
            let reason = bilingual!("finns redan; ändra den i stället", "exists already; change that one instead");
            faults.push(Fault::body("/priority", "repeated", reason));
        } else if others.iter().any(|other| other.contradicts(self)) {
            let reason = bilingual!(
                "samma delmål eller åtgärd kan inte både sakna motsvarighet i hela ramverket och ha en till en prioritering",
                "the same sub-goal or measure cannot both have none in the whole framework and one to a priority"
            );
            faults.push(Fault::body("/priority", "contradiction", reason));
        }
        faults
    }
}

/// A correspondence in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondence {
    /// Identifier.
    pub id: Id,
    /// The strategy of the codes.
    pub strategy_id: String,
    /// The framework of the priority.
    pub framework_id: String,
    /// What it says.
    pub facts: CorrespondenceFacts,
    /// Whether it has been removed; kept so that loading the file does not bring it back.
    pub removed: bool,
    /// Version.
    pub version: i64,
}

/// A framework's correspondences, ready to be asked which one counts.
#[derive(Debug, Default)]
pub struct Correspondences {
    of_strategy: HashMap<String, HashMap<String, Vec<Correspondence>>>,
}

impl Correspondences {
    /// Those of one framework, in the order of their priorities in its tree.
    #[must_use]
    pub fn new(all: Vec<Correspondence>) -> Self {
        let mut of_strategy: HashMap<String, HashMap<String, Vec<Correspondence>>> = HashMap::new();
        for entry in all {
            let node = entry.facts.measure.clone().unwrap_or_else(|| entry.facts.sub_goal.clone());
            of_strategy.entry(entry.strategy_id.clone()).or_default().entry(node).or_default().push(entry);
        }
        Self { of_strategy }
    }

    /// The correspondence that counts for an alignment towards these priorities: the strongest; between equals a measure's
    /// own before its sub-goal's, then the first. A measure's entry to a priority, `none` included, replaces its sub-goal's
    /// to the same priority; its `none` to the whole framework replaces all of them.
    #[must_use]
    pub fn strongest(
        &self,
        strategy: &str,
        sub_goal: &str,
        measure: Option<&str>,
        within: &BTreeSet<&str>,
    ) -> Option<&Correspondence> {
        let of_node = self.of_strategy.get(strategy);
        let entries = |code: &str| of_node.and_then(|nodes| nodes.get(code)).map(Vec::as_slice).unwrap_or_default();
        let own = measure.map(entries).unwrap_or_default();
        let is_replaced = |entry: &&Correspondence| {
            own.iter().any(|own| own.facts.priority.is_none() || own.facts.priority == entry.facts.priority)
        };
        let inherited = entries(sub_goal).iter().filter(|entry| !is_replaced(entry));
        let is_within =
            |entry: &&Correspondence| entry.facts.priority.as_deref().is_none_or(|code| within.contains(code));
        let mut strongest: Option<&Correspondence> = None;
        for entry in own.iter().chain(inherited).filter(is_within) {
            if strongest.is_none_or(|best| entry.facts.type_.quarters() > best.facts.type_.quarters()) {
                strongest = Some(entry);
            }
        }
        strongest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(
        sub_goal: &str,
        measure: Option<&str>,
        priority: Option<&str>,
        type_: CorrespondenceType,
    ) -> Correspondence {
        Correspondence {
            id: Id::new(),
            strategy_id: "s".to_owned(),
            framework_id: "f".to_owned(),
            facts: CorrespondenceFacts {
                sub_goal: sub_goal.to_owned(),
                measure: measure.map(str::to_owned),
                priority: priority.map(str::to_owned),
                type_,
                provenance: Provenance::Inferred,
                rationale: bilingual!("därför", "because"),
            },
            removed: false,
            version: 1,
        }
    }

    #[test]
    fn a_measures_own_entry_replaces_its_sub_goals_to_the_same_priority() {
        use CorrespondenceType::{Broad, Exact, None as Nothing, Partial};
        let all = Correspondences::new(vec![
            entry("1.1", None, Some("a"), Broad),
            entry("1.1", None, Some("b"), Partial),
            entry("1.1", Some("1.1.1"), Some("a"), Nothing),
            entry("1.1", Some("1.1.2"), Some("b"), Exact),
            entry("1.1", Some("1.1.3"), None, Nothing),
        ]);
        let (both, a, b) = (BTreeSet::from(["a", "b"]), BTreeSet::from(["a"]), BTreeSet::from(["b"]));
        let found = |measure, within| {
            all.strongest("s", "1.1", measure, within).map(|entry| (entry.facts.type_, entry.facts.priority.as_deref()))
        };
        assert_eq!(found(None, &both), Some((Broad, Some("a"))));
        assert_eq!(found(Some("1.1.1"), &a), Some((Nothing, Some("a"))));
        assert_eq!(found(Some("1.1.1"), &both), Some((Partial, Some("b"))));
        assert_eq!(found(Some("1.1.2"), &a), Some((Broad, Some("a"))));
        assert_eq!(found(Some("1.1.2"), &b), Some((Exact, Some("b"))));
        assert_eq!(found(Some("1.1.3"), &both), Some((Nothing, None)));
        assert_eq!(found(Some("1.1.4"), &b), Some((Partial, Some("b"))));
        assert!(all.strongest("s", "1.2", None, &both).is_none());
        assert!(all.strongest("other", "1.1", None, &both).is_none());
    }
}
