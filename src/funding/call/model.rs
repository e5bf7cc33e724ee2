//! What a call is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::funding::model::Citation;
use crate::funding::rule::{self, Rule};
use crate::id::Id;
use crate::money::Money;
use crate::problem::Fault;
use crate::text::{Bilingual, bilingual};

/// A call (utlysning) of a funding source. What is not known stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallFacts {
    /// Code of the source.
    pub funding_source: String,
    /// Title.
    pub title: Bilingual,
    /// First day that applications are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_on: Option<NaiveDate>,
    /// Last day that applications are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_on: Option<NaiveDate>,
    /// How much there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
    /// Anything else worth knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
    /// What it asks of a project's plan; they override the source's of the same kind.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Where the facts are published.
    #[serde(default)]
    pub references: Vec<Citation>,
}

/// A call in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Identifier.
    pub id: Id,
    /// What is known about it.
    pub facts: CallFacts,
    /// Version.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl CallFacts {
    /// What is wrong with it beyond its form.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let (Some(opens), Some(closes)) = (self.opens_on, self.closes_on)
            && closes < opens
        {
            let reason = bilingual!("ligger före opensOn {opens}", "is before opensOn {opens}");
            faults.push(Fault::body("/closesOn", "period", reason));
        }
        faults.extend(rule::faults(&self.rules));
        faults
    }
}
