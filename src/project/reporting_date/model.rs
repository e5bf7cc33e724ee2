//! What a reporting date is.

use chrono::NaiveDate;
use serde::Serialize;

use crate::code_list::code_list;
use crate::db::schema::reporting_dates;
use crate::id::Id;

code_list! {
    /// What is due to a funder (Tillväxtverket's handbook for EU projects).
    pub enum ReportKind {
        /// Progress, accounts and indicators, to be paid by.
        PaymentApplication = "paymentApplication", "ansökan om utbetalning";
        /// How the project is going.
        ProgressReport = "progressReport", "lägesrapport";
        /// How it went.
        FinalReport = "finalReport", "slutrapport";
    }
}

/// A day when something is due to a funder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = reporting_dates, treat_none_as_null = true)]
#[serde(rename_all = "camelCase")]
pub struct ReportingDate {
    /// Identifier.
    pub id: Id,
    /// The project.
    #[serde(skip)]
    pub project_id: Id,
    /// What is due.
    pub kind: ReportKind,
    /// When.
    pub due_date: NaiveDate,
    /// To the funder of which line.
    pub funding_line_id: Option<Id>,
    /// When it was done.
    pub done_date: Option<NaiveDate>,
    /// Anything else worth saying.
    pub note: Option<String>,
}

impl ReportingDate {
    /// Whether the same is due the same day to the same funder.
    #[must_use]
    pub fn is_same_duty(&self, other: &Self) -> bool {
        self.kind == other.kind && self.due_date == other.due_date && self.funding_line_id == other.funding_line_id
    }
}
