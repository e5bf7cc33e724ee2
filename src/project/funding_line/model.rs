//! What a funding line is.

use serde::{Serialize, Serializer};

use crate::code_list::code_list;
use crate::funding::SourceType;
use crate::id::Id;
use crate::money::Money;
use crate::organisation::Organisation;

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

code_list! {
    /// How far a financier has committed itself.
    pub enum Commitment {
        /// Hoped for.
        Planned = "planned", "planerad";
        /// Applied for.
        Applied = "applied", "ansökt";
        /// A letter of intent.
        Intent = "intent", "avsiktsförklaring";
        /// A co-funding certificate.
        Certified = "certified", "medfinansieringsintyg";
        /// Granted.
        Granted = "granted", "beviljad";
        /// Paid out.
        Paid = "paid", "utbetald";
        /// Refused.
        Refused = "refused", "avslag";
        /// Taken back.
        Withdrawn = "withdrawn", "återtagen";
    }
}

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
    /// What kind of funding.
    pub kind: FundingKind,
    /// The year it is for.
    pub year: Option<i32>,
    /// How much; unknown is not nothing.
    pub amount: Option<Money>,
    /// How far it is committed.
    pub commitment: Commitment,
    /// The funder's case number.
    pub case_number: Option<String>,
    /// Anything else worth saying.
    pub note: Option<String>,
}

impl FundingLine {
    /// Whether it counts: what is refused or withdrawn does not.
    #[must_use]
    pub fn counts(&self) -> bool {
        !matches!(self.commitment, Commitment::Refused | Commitment::Withdrawn)
    }
}
