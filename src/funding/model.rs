//! What a funding source is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::rule::{self, Rule};
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

code_list! {
    /// The four kinds of funding that Swedish funders ask for (Tillväxtverket's handbook for EU projects 2021–2027).
    pub enum FundingKind {
        /// Public money.
        PublicCash = "publicCash", "offentlig kontant medfinansiering";
        /// Private money.
        PrivateCash = "privateCash", "privat kontant medfinansiering";
        /// Public work or things.
        PublicInKind = "publicInKind", "offentliga bidrag i annat än pengar";
        /// Private work or things.
        PrivateInKind = "privateInKind", "privata bidrag i annat än pengar";
    }
}

impl FundingKind {
    /// Whether it is money, not work or things.
    #[must_use]
    pub fn is_cash(self) -> bool {
        matches!(self, Self::PublicCash | Self::PrivateCash)
    }
}

code_list! {
    /// What kind of project it is.
    pub enum ProjectKind {
        /// Finds out whether and how.
        PreStudy = "preStudy", "förstudie";
        /// Does it.
        Implementation = "implementation", "genomförande";
        /// Holds money that smaller efforts share.
        Framework = "framework", "ramprojekt";
        /// None of these.
        Other = "other", "annat";
    }
}

code_list! {
    /// Whom a project is for, as far as funding rules ask.
    pub enum Purpose {
        /// The public.
        PublicBenefit = "publicBenefit", "allmännyttigt";
        /// Mainly those who sell.
        MainlyCommercial = "mainlyCommercial", "övervägande kommersiellt";
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
    /// The appropriation that its money comes from, when rules ask: "1:1".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appropriation: Option<String>,
    /// What it asks of a project's plan.
    #[serde(default)]
    pub rules: Vec<Rule>,
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
        faults.extend(rule::faults(&self.rules));
        faults
    }
}
