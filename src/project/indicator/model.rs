//! What an indicator is.

use chrono::NaiveDate;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::id::Id;
use crate::quantity::Quantity;

code_list! {
    /// Whether a value counts.
    pub enum Approval {
        /// Reported, and not looked at yet.
        Reported = "reported", "inrapporterad";
        /// Approved: it counts.
        Approved = "approved", "godkänd";
        /// Sent back with a reason.
        Returned = "returned", "återsänd";
    }
}

/// An actual value on a day. It is never changed; a wrong one is returned, and another reported.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndicatorValue {
    /// Identifier.
    pub id: Id,
    /// The day it is of.
    pub date: NaiveDate,
    /// How much.
    pub value: Quantity,
    /// Anything else worth saying.
    pub note: Option<String>,
    /// Whether it counts.
    pub approval: Approval,
    /// Why it was approved or returned.
    pub reason: Option<String>,
    /// When it was reported.
    #[serde(skip)]
    pub reported_at: Timestamp,
    /// Who reported it.
    pub reported_by: Option<Id>,
    /// When it was decided on.
    #[serde(skip)]
    pub decided_at: Option<Timestamp>,
    /// Who decided.
    pub decided_by: Option<Id>,
}

/// Something that a project's results are counted by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Indicator {
    /// Identifier.
    pub id: Id,
    /// The programme's code for it.
    pub code: Option<String>,
    /// What is counted.
    pub name: String,
    /// In which unit.
    pub unit: String,
    /// Where it stood before the project.
    pub baseline: Option<Quantity>,
    /// Where it is to stand.
    pub target: Option<Quantity>,
    /// Anything else worth saying.
    pub note: Option<String>,
    /// Its values, in the order they were reported.
    pub values: Vec<IndicatorValue>,
}

impl Indicator {
    /// Where it stands: the approved value of the latest day, the last reported of that day.
    #[must_use]
    pub fn actual(&self) -> Option<Quantity> {
        let approved = self.values.iter().filter(|value| value.approval == Approval::Approved);
        approved.max_by_key(|value| value.date).map(|value| value.value)
    }
}
