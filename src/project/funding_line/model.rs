//! What a funding line is.

use serde::{Serialize, Serializer};

use crate::auth::Principal;
use crate::code_list::code_list;
use crate::funding::SourceType;
pub use crate::funding::model::FundingKind;
use crate::id::Id;
use crate::money::Money;
use crate::organisation::Organisation;
use crate::project::commitment::model as commitment;
use crate::project::commitment::{Commitment, Step};
use crate::project::lifecycle::Status;

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

    /// Whether a caller records its steps: a funder those of its own sources' lines.
    #[must_use]
    pub fn is_recorded_by(&self, caller: &Principal) -> bool {
        caller.is_staff() || caller.answers_for(&self.source)
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

    /// How much it is like another: not at all when it is not the same financier's same part, else more when it is in the
    /// same call, and when it has the same steps to show.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> u8 {
        let is_same_part = self.source == other.source
            && self.financier == other.financier
            && self.kind == other.kind
            && self.year == other.year;
        let has_same_call = self.call == other.call;
        let shows_the_same = self.shown() == other.shown();
        u8::from(is_same_part) * (1 + u8::from(shows_the_same) + 2 * u8::from(has_same_call))
    }

    /// What its steps come to.
    fn shown(&self) -> (Option<Money>, Commitment, Option<&str>) {
        (self.amount(), self.commitment(), self.case_number())
    }

    /// Whether its steps stay what they are, in a project in this state: several steps always do, and once the plan is
    /// decided so does one that is granted or paid.
    #[must_use]
    pub fn is_kept(&self, status: Status) -> bool {
        let is_settled = |step: &Step| matches!(step.commitment, Commitment::Granted | Commitment::Paid);
        self.commitments.len() > 1 || (status.is_decided() && self.commitments.iter().any(is_settled))
    }

    /// Its steps, when they are to come to what this step says; none when that would change a step that is kept. The only
    /// step is corrected; a revised grant is a further step.
    #[must_use]
    pub fn with(&self, step: Step, status: Status) -> Option<Vec<Step>> {
        let wanted = (step.amount, step.commitment, step.case_number.as_deref());
        if wanted == self.shown() {
            return Some(self.commitments.clone());
        }
        if let ([only], false) = (self.commitments.as_slice(), self.is_kept(status)) {
            let Step { id, date, document, note, .. } = only.clone();
            return Some(vec![Step { id, date, document, note, ..step }]);
        }
        let is_regrant = [self.commitment(), step.commitment] == [Commitment::Granted; 2];
        let steps = self.commitments.iter().chain([&step]).cloned().collect();
        let after = Self { commitments: steps, ..self.clone() };
        (status.is_decided() && is_regrant && after.shown() == wanted).then_some(after.commitments)
    }
}
