//! What a change of state is, and what it needs.

use chrono::NaiveDate;

use crate::auth::Principal;
use crate::clock::Timestamp;
use crate::id::Id;
use crate::problem::{Fault, Part, Problem};
use crate::project::lifecycle::{self, Status};
use crate::project::model::Project;
use crate::project::stakeholder::model::Phase;
use crate::text::bilingual;

/// The municipality's decision on a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The day it was taken.
    pub date: NaiveDate,
    /// Who took it: a board, or somebody by delegation, by office and not by name.
    pub body: String,
    /// Its case number.
    pub case_number: Option<String>,
}

/// A change of state.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusChange {
    /// Identifier.
    pub id: Id,
    /// The project.
    pub project_id: Id,
    /// The state before; none at registration.
    pub from_status: Option<Status>,
    /// The state after.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Who; none is the program itself.
    pub actor: Option<Id>,
    /// The project's version after the change.
    pub version: i64,
    /// What a supplement request asks for.
    pub asks_for: Vec<String>,
    /// By when.
    pub due_date: Option<NaiveDate>,
    /// The decision that the state stands for.
    pub decision: Option<Decision>,
}

impl StatusChange {
    /// The state that a project is registered in.
    #[must_use]
    pub fn first(project: &Project, actor: Option<Id>, reason: Option<&str>) -> Self {
        Self {
            id: Id::new(),
            project_id: project.id,
            from_status: None,
            status: project.status,
            reason: reason.map(str::to_owned),
            at: project.updated_at,
            actor,
            version: project.version,
            asks_for: Vec::new(),
            due_date: None,
            decision: None,
        }
    }
}

/// A change of state that is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The state to come.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
    /// What a supplement request asks for.
    pub asks_for: Vec<String>,
    /// By when.
    pub due_date: Option<NaiveDate>,
    /// The decision that the state stands for.
    pub decision: Option<Decision>,
    /// How the results are used.
    pub results_use: Option<String>,
}

impl Wanted {
    /// Lets the caller take the project to the wanted state.
    ///
    /// # Errors
    /// 409 and 403 by the lifecycle's table; 422 with everything that the state needs and is not given, or is given and
    /// does not belong to it.
    pub fn check(&self, project: &Project, caller: &Principal, today: NaiveDate) -> Result<(), Problem> {
        lifecycle::check(project.status, self.status, project.standing(caller))?;
        let faults = self.faults(project, today);
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    /// Whether the project must be ready: handed in, answered or approved, unless it was registered afterwards.
    #[must_use]
    pub fn needs_readiness(&self, project: &Project) -> bool {
        match self.status {
            Status::Submitted => true,
            Status::Approved => project.submitted_at.is_some(),
            Status::InReview => project.submitted_at.is_some() && project.status == Status::SupplementRequested,
            _ => false,
        }
    }

    fn faults(&self, project: &Project, today: NaiveDate) -> Vec<Fault> {
        let is_request = self.status == Status::SupplementRequested;
        let is_decision = matches!(self.status, Status::Approved | Status::Rejected | Status::Dismissed);
        let is_end = matches!(self.status, Status::Withdrawn | Status::Discontinued);
        let is_completion = self.status == Status::Completed;
        let mut faults = Vec::new();
        let mut require = |is_needed: bool, is_allowed: bool, is_given: bool, property: &str| {
            let (status, label) = (self.status, self.status.label());
            if is_needed && !is_given {
                let reason = bilingual!("behövs för läget {label}", "is needed for the state {status}");
                faults.push(Fault::body(property, "required", reason));
            } else if is_given && !is_allowed {
                let reason = bilingual!("hör inte till läget {label}", "does not belong to the state {status}");
                faults.push(Fault::body(property, "not-for-status", reason));
            }
        };
        let has_reason = self.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty());
        require(is_decision || is_end, true, has_reason, "/reason");
        require(is_request, is_request, !self.asks_for.is_empty(), "/asksFor");
        require(is_request, is_request, self.due_date.is_some(), "/dueDate");
        require(is_decision, is_decision, self.decision.is_some(), "/decision");
        let is_used = self.results_use.is_some();
        require(is_completion && project.facts.results_use.is_none(), is_completion, is_used, "/resultsUse");
        if self.decision.as_ref().is_some_and(|decision| decision.date > today) {
            let reason = bilingual!("ligger i framtiden", "is in the future");
            faults.push(Fault::body("/decision/date", "future", reason));
        }
        if self.due_date.is_some_and(|day| day < today) {
            let reason = bilingual!("har redan varit", "has been already");
            faults.push(Fault::body("/dueDate", "past", reason));
        }
        if is_completion && project.stakeholders.iter().all(|one| !one.phases.contains(&Phase::Results)) {
            let reason = bilingual!(
                "ange vilka intressenter som tar till vara resultaten, med fasen results",
                "say which stakeholders use the results, by the phase results"
            );
            faults.push(Fault::new(Part::Project, "/stakeholders", "results-users", reason));
        }
        faults
    }
}
