//! Funding rules as data: what a source or a call asks of a project's plan, each with where it is published.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::model::{Citation, FundingKind, ProjectKind, Purpose};
use crate::code_list::code_list;
use crate::money::{Currency, Money};
use crate::problem::Fault;
use crate::text::{Bilingual, bilingual};

code_list! {
    /// What a rule is about.
    pub enum RuleKind {
        /// The source's lines are together at most so many percent.
        MaxShare = "maxShare", "högsta andel";
        /// The source's lines are together at least so many percent.
        MinShare = "minShare", "lägsta andel";
        /// The source's lines are together at most this amount.
        MaxGrant = "maxGrant", "högsta belopp";
        /// The source's lines are together at least this amount.
        MinGrant = "minGrant", "lägsta belopp";
        /// The source's lines are of these kinds alone.
        AllowedKinds = "allowedKinds", "tillåtna finansieringsslag";
    }
}

impl RuleKind {
    /// The stable name that a finding about it has.
    #[must_use]
    pub fn finding(self) -> &'static str {
        match self {
            Self::MaxShare => "funding-max-share",
            Self::MinShare => "funding-min-share",
            Self::MaxGrant => "funding-max-grant",
            Self::MinGrant => "funding-min-grant",
            Self::AllowedKinds => "funding-allowed-kinds",
        }
    }
}

code_list! {
    /// What a share is a share of.
    pub enum Basis {
        /// The eligible costs; revenues do not lower them.
        EligibleCost = "eligibleCost", "stödberättigande kostnad";
        /// All costs.
        TotalCost = "totalCost", "total kostnad";
    }
}

/// A rule of a source or a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What it is about.
    pub rule: RuleKind,
    /// Whole percent, for shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<i32>,
    /// What the share is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Kronor, for grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Kinds of funding, for allowed kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<FundingKind>,
    /// The appropriation whose financiers share a highest share: every line of every source of it counts together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appropriation: Option<String>,
    /// Only for projects for such a purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Only for projects of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_kind: Option<ProjectKind>,
    /// Only for projects that begin this day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Only for projects that begin this day or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Where it is published.
    pub reference: Citation,
}

impl Rule {
    /// Whether it asks the same as another of the same projects, wherever they are published.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        Self { reference: other.reference.clone(), ..self.clone() } == *other
    }

    /// What is wrong with it, below a JSON Pointer.
    #[must_use]
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let kind = self.rule;
        let is_share = matches!(kind, RuleKind::MaxShare | RuleKind::MinShare);
        let is_grant = matches!(kind, RuleKind::MaxGrant | RuleKind::MinGrant);
        let mut faults = Vec::new();
        let mut fault = |name: &str, code, reason: Bilingual| {
            faults.push(Fault::body(format!("{at}/{name}"), code, reason));
        };
        for (name, is_needed, is_allowed, is_given) in [
            ("percent", is_share, is_share, self.percent.is_some()),
            ("basis", is_share, is_share, self.basis.is_some()),
            ("amount", is_grant, is_grant, self.amount.is_some()),
            ("kinds", kind == RuleKind::AllowedKinds, kind == RuleKind::AllowedKinds, !self.kinds.is_empty()),
            ("appropriation", false, kind == RuleKind::MaxShare, self.appropriation.is_some()),
        ] {
            if is_needed && !is_given {
                fault(name, "required", bilingual!("behövs för {kind}", "is needed for {kind}"));
            } else if is_given && !is_allowed {
                fault(name, "not-for-rule", bilingual!("hör inte till {kind}", "does not belong to {kind}"));
            }
        }
        if self.amount.is_some_and(|amount| amount.currency != Currency::Sek) {
            fault("amount", "currency", bilingual!("ska vara i SEK", "must be in SEK"));
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            fault("validTo", "period", bilingual!("ligger före validFrom {from}", "is before validFrom {from}"));
        }
        faults
    }
}

/// What is wrong with rules, each below `/rules`.
#[must_use]
pub fn faults(rules: &[Rule]) -> Vec<Fault> {
    rules.iter().enumerate().flat_map(|(index, rule)| rule.faults(&format!("/rules/{index}"))).collect()
}
