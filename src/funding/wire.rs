//! What sources and calls have alike over HTTP: rules, and where facts are published.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Citation, FundingKind, ProjectKind, Purpose};
use super::rule::{Basis, Rule, RuleKind};
use crate::money::Money;

/// Var en uppgift är publicerad. / Where a fact is published.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Tillväxtverket, Övre Norrland", "url": "https://tillvaxtverket.se"}))]
pub struct Reference {
    /// Vad som åberopas. / What is cited.
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// Adress. / Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^https?://\S+$", max_length = 2000)]
    url: Option<String>,
}

impl From<Citation> for Reference {
    fn from(Citation { title, url }: Citation) -> Self {
        Self { title, url }
    }
}

impl From<Reference> for Citation {
    fn from(Reference { title, url }: Reference) -> Self {
        Self { title, url }
    }
}

/// En finansieringsregel, med var den är publicerad. / A funding rule, with where it is published.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = FundingRule, example = json!({
    "rule": "maxShare", "percent": 50, "basis": "eligibleCost", "reference": {"title": "eufonder.se, Övre Norrland"}
}))]
pub struct RuleWire {
    rule: RuleKind,
    /// Hela procent; för andelar. / Whole percent; for shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    percent: Option<i32>,
    /// Vad andelen räknas på; för andelar. / What the share is of; for shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis: Option<Basis>,
    /// Kronor; för belopp. / Kronor; for grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Tillåtna slag. / Allowed kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 4, required = false)]
    kinds: Vec<FundingKind>,
    /// Anslag vars alla finansiärer delar den högsta andelen. / Appropriation whose financiers all share the highest share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    appropriation: Option<String>,
    /// Bara för projekt med detta syfte. / Only for projects for this purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
    /// Bara för projekt av detta slag. / Only for projects of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project_kind: Option<ProjectKind>,
    /// Bara för projekt som börjar denna dag eller senare. / Only for projects that begin this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2023-01-01")]
    valid_from: Option<NaiveDate>,
    /// Bara för projekt som börjar denna dag eller tidigare. / Only for projects that begin this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-12-31")]
    valid_to: Option<NaiveDate>,
    reference: Reference,
}

macro_rules! same_members {
    ($from:ty => $to:ident) => {
        impl From<$from> for $to {
            fn from(rule: $from) -> Self {
                Self {
                    rule: rule.rule,
                    percent: rule.percent,
                    basis: rule.basis,
                    amount: rule.amount,
                    kinds: rule.kinds,
                    appropriation: rule.appropriation,
                    purpose: rule.purpose,
                    project_kind: rule.project_kind,
                    valid_from: rule.valid_from,
                    valid_to: rule.valid_to,
                    reference: rule.reference.into(),
                }
            }
        }
    };
}

same_members!(Rule => RuleWire);
same_members!(RuleWire => Rule);
