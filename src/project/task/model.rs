//! What a task is, and whose.

use chrono::{Days, NaiveDate};

use crate::code_list::code_list;
use crate::id::Id;
use crate::project::reporting_date::model::ReportKind;

/// How long before its day a reporting date begins to wait for somebody.
pub const NOTICE: Days = Days::new(30);

code_list! {
    /// What there is to do.
    pub enum TaskKind {
        /// A claim waits for the municipality's word.
        AssessClaim = "assessClaim", "bedöm en koppling";
        /// A value waits for approval.
        ApproveValue = "approveValue", "godkänn ett värde";
        /// A supplement has been asked for.
        Supplement = "supplement", "komplettering";
        /// Something is due to a funder.
        Report = "report", "rapportera till finansiär";
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What.
    pub kind: TaskKind,
    /// The project's id.
    pub project_id: Id,
    /// What the project is called by.
    pub reference: String,
    /// The project's title.
    pub title: String,
    /// By when, where there is a day.
    pub due_date: Option<NaiveDate>,
    /// Which claim, indicator value or reporting date.
    pub subject: Option<Id>,
    /// The claim's sub-goal.
    pub sub_goal: Option<String>,
    /// What is due to the funder.
    pub report: Option<ReportKind>,
}

/// Puts tasks in order: those with a day first, the nearest first.
pub fn sort(tasks: &mut [Task]) {
    tasks.sort_by(|a, b| {
        let key =
            |task: &Task| (task.due_date.is_none(), task.due_date, task.kind, task.reference.clone(), task.subject);
        key(a).cmp(&key(b))
    });
}
