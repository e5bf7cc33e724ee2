//! What a funding source is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::problem::Fault;
use crate::text::{Bilingual, bilingual};

code_list! {
    /// The level that a source's money comes from.
    pub enum SourceType {
        /// The European Union's funds.
        Eu = "eu", "EU";
        /// State grants.
        National = "national", "nationell";
        /// The region, or state money that the region decides on.
        Regional = "regional", "regional";
        /// Municipalities.
        Municipal = "municipal", "kommunal";
        /// Public money whose level is not known.
        Public = "public", "offentlig, nivå okänd";
        /// Companies, associations, foundations.
        Private = "private", "privat";
    }
}

/// Where a fact about a source is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// What is cited.
    pub title: String,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A funding source. What is not known stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceFacts {
    /// Name.
    pub name: Bilingual,
    /// Level of the money.
    #[serde(rename = "type")]
    pub type_: SourceType,
    /// Who manages or decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// Programme number (CCI) of an EU programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme_number: Option<String>,
    /// First day of the programme's period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// Last day of the programme's period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<NaiveDate>,
    /// Highest published share of eligible cost, whole percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_share: Option<i32>,
    /// Conditions that the figures need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
    /// Where the facts are published.
    #[serde(default)]
    pub references: Vec<Citation>,
}

/// A funding source in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundingSource {
    /// Slug: `eruf-ovre-norrland-2014-2020`.
    pub code: String,
    /// What is known about it.
    pub facts: SourceFacts,
    /// Version.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl SourceFacts {
    /// What is wrong with it beyond its form.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let (Some(start), Some(end)) = (self.start_date, self.end_date)
            && end < start
        {
            let reason = bilingual!("ligger före startDate {start}", "is before startDate {start}");
            faults.push(Fault::body("/endDate", "period", reason));
        }
        faults
    }
}
