//! What a note on a measure is.

use chrono::NaiveDate;

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::db::schema::measure_notes;
use crate::id::Id;

code_list! {
    /// How a measure stands, projects aside.
    pub enum Standing {
        /// Carried by ordinary work.
        OrdinaryWork = "ordinaryWork", "ordinarie verksamhet";
        /// Done.
        Done = "done", "genomförd";
        /// Not begun.
        NotStarted = "notStarted", "ej påbörjad";
    }
}

/// A note on a measure.
#[derive(Debug, Clone, PartialEq, diesel::Queryable, diesel::Insertable)]
#[diesel(table_name = measure_notes)]
pub struct Note {
    /// Identifier.
    pub id: Id,
    /// The measure's strategy.
    pub strategy_id: String,
    /// The measure's code.
    pub measure_code: String,
    /// How the measure stands.
    pub standing: Standing,
    /// What there is to say.
    pub text: String,
    /// The day it holds from.
    pub date: NaiveDate,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who recorded it.
    pub recorded_by: Option<Id>,
}

impl Note {
    /// What the journal knows the measure by.
    #[must_use]
    pub fn key(strategy: &str, measure: &str) -> String {
        format!("{strategy}/{measure}")
    }
}
