//! What a funding line is.

use serde::{Serialize, Serializer};

use crate::code_list::code_list;
use crate::funding::SourceType;
pub use crate::funding::model::FundingKind;
use crate::id::Id;
use crate::money::Money;
use crate::organisation::Organisation;
use crate::project::commitment::model as commitment;
use crate::project::commitment::{Commitment, Step};

code_list! {
    /// A financier that the source does not name.
    pub enum UnnamedFinancier {
        /// Some public body.
        UnnamedPublic = "unnamedPublic", "ej namngiven offentlig finansiär";
        /// Some private party.
        UnnamedPrivate = "unnamedPrivate", "ej namngiven privat finansiär";
    }
}

/// Who pays a line, when it is not plain from the source.
#[derive(Debug, Clone, PartialEq)]
pub enum Financier {
    /// This organisation.
    Organisation(Organisation),
    /// Somebody unnamed.
    Unnamed(UnnamedFinancier),
}

impl Serialize for Financier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Organisation(organisation) => organisation.id.serialize(serializer),
            Self::Unnamed(unnamed) => unnamed.serialize(serializer),
        }
    }
}

/// One financier's part of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FundingLine {
    /// Identifier.
    pub id: Id,
    /// Code of the source.
    pub source: String,
    /// The level of the source's money.
    #[serde(skip)]
    pub level: SourceType,
    /// Who pays.
    pub financier: Option<Financier>,
    /// The call that it is applied for in.
    pub call: Option<Id>,
    /// Code of the priority that it is applied for under, in the framework with the source's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// What kind of funding.
    pub kind: FundingKind,
    /// The year it is for.
    pub year: Option<i32>,
    /// Anything else worth saying.
    pub note: Option<String>,
    /// What its financier has done, in the order it was recorded; there is always a first.
    pub commitments: Vec<Step>,
}

impl FundingLine {
    /// How far it is committed.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        commitment::commitment(&self.commitments)
    }

    /// The amount that counts: granted once granted, else applied for, else planned; unknown is not nothing.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        commitment::amount(&self.commitments)
    }

    /// The funder's latest case number.
    #[must_use]
    pub fn case_number(&self) -> Option<&str> {
        self.commitments.iter().rev().find_map(|step| step.case_number.as_deref())
    }

    /// Whether it counts: what is refused or withdrawn does not.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self.commitment(), Commitment::Refused | Commitment::Withdrawn)
    }

    /// Whether it is the same financier's same part as another.
    #[must_use]
    pub fn is_same_part(&self, other: &Self) -> bool {
        self.source == other.source
            && self.call == other.call
            && self.financier == other.financier
            && self.kind == other.kind
            && self.year == other.year
    }

    /// Its steps with this amount, commitment and case number; none when that would change a step that others have
    /// followed on.
    #[must_use]
    pub fn corrected(
        &self,
        amount: Option<Money>,
        commitment: Commitment,
        case_number: Option<&str>,
    ) -> Option<Vec<Step>> {
        if (amount, commitment, case_number) == (self.amount(), self.commitment(), self.case_number()) {
            return Some(self.commitments.clone());
        }
        let [only] = self.commitments.as_slice() else { return None };
        Some(vec![Step { amount, commitment, case_number: case_number.map(str::to_owned), ..only.clone() }])
    }
}
