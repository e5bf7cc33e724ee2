//! What a subscription is, and what it lets through.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::signature::Secret;
use crate::auth::{Principal, Role};
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::history::model::{Cursor, FeedItem};
use crate::id::Id;
use crate::problem::Fault;
use crate::text::bilingual;

/// How many subscriptions an owner may have.
pub const MOST: i64 = 20;

/// How long a secret that has been replaced is signed with too.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

code_list! {
    /// What a change can be, as the feed names it.
    pub enum EventKind {
        /// A project was registered.
        ProjectCreated = "project.created", "projekt registrerat";
        /// Its facts changed.
        ProjectUpdated = "project.updated", "projektets uppgifter ändrade";
        /// A draft was deleted.
        ProjectDeleted = "project.deleted", "utkast borttaget";
        /// It came to another state.
        ProjectStatusChanged = "project.statusChanged", "projektets läge ändrat";
        /// Its decided plan changed.
        ProjectRevised = "project.revised", "beslutad plan reviderad";
        /// What it claims to contribute to changed.
        ProjectAlignmentsChanged = "project.alignmentsChanged", "kopplingar ändrade";
        /// A claim was assessed.
        ProjectAssessed = "project.assessed", "koppling bedömd";
        /// Its stakeholders changed.
        ProjectStakeholdersChanged = "project.stakeholdersChanged", "intressenter ändrade";
        /// Its costs changed.
        ProjectCostsChanged = "project.costsChanged", "kostnader ändrade";
        /// Its revenues changed.
        ProjectRevenuesChanged = "project.revenuesChanged", "intäkter ändrade";
        /// Its funding changed.
        ProjectFundingLinesChanged = "project.fundingLinesChanged", "finansiering ändrad";
        /// A financier granted, refused or paid.
        ProjectCommitmentRecorded = "project.commitmentRecorded", "finansiärs beslut eller utbetalning registrerad";
        /// Its indicators changed.
        ProjectIndicatorsChanged = "project.indicatorsChanged", "indikatorer ändrade";
        /// A value was reported.
        ProjectIndicatorValueReported = "project.indicatorValueReported", "indikatorvärde rapporterat";
        /// A value was approved or not.
        ProjectIndicatorValueDecided = "project.indicatorValueDecided", "indikatorvärde godkänt eller underkänt";
        /// Its reporting dates changed.
        ProjectReportingDatesChanged = "project.reportingDatesChanged", "rapporteringsdatum ändrade";
        /// Its contact was anonymised.
        ProjectContactAnonymised = "project.contactAnonymised", "kontaktperson anonymiserad";
        /// A file changed it.
        ProjectImported = "project.imported", "projekt ändrat ur en fil";
        /// What a file changed was put back.
        ProjectImportUndone = "project.importUndone", "import ångrad";
        /// A statement was issued.
        StatementIssued = "statement.issued", "intyg utfärdat";
        /// A statement was withheld.
        StatementWithheld = "statement.withheld", "intyg indraget";
        /// A statement is shown again.
        StatementShown = "statement.shown", "intyg visat igen";
        /// An organisation was registered.
        OrganisationCreated = "organisation.created", "organisation registrerad";
        /// An organisation changed.
        OrganisationUpdated = "organisation.updated", "organisation ändrad";
        /// An organisation that an undone import had registered was deleted.
        OrganisationDeleted = "organisation.deleted", "organisation borttagen";
        /// A strategy was loaded.
        StrategyCreated = "strategy.created", "strategi inläst";
        /// A strategy changed.
        StrategyUpdated = "strategy.updated", "strategi ändrad";
        /// A goal area has another main stakeholder.
        GoalAreaStakeholderAdded = "goalArea.stakeholderAdded", "huvudintressent tillagd";
        /// A goal area has a main stakeholder less.
        GoalAreaStakeholderRemoved = "goalArea.stakeholderRemoved", "huvudintressent borttagen";
        /// A working group has another member.
        GoalAreaMemberAdded = "goalArea.memberAdded", "medlem i arbetsgrupp tillagd";
        /// A working group has a member less.
        GoalAreaMemberRemoved = "goalArea.memberRemoved", "medlem i arbetsgrupp borttagen";
        /// A measure has a note.
        MeasureNoteAdded = "measure.noteAdded", "notering om åtgärd tillagd";
        /// A measure's note is gone.
        MeasureNoteRemoved = "measure.noteRemoved", "notering om åtgärd borttagen";
        /// A framework was loaded.
        FrameworkCreated = "framework.created", "ramverk inläst";
        /// A framework changed.
        FrameworkUpdated = "framework.updated", "ramverk ändrat";
        /// A correspondence is new.
        CorrespondenceCreated = "correspondence.created", "motsvarighet tillagd";
        /// A correspondence changed.
        CorrespondenceUpdated = "correspondence.updated", "motsvarighet ändrad";
        /// A correspondence is gone.
        CorrespondenceDeleted = "correspondence.deleted", "motsvarighet borttagen";
        /// A funding source is new.
        FundingSourceCreated = "fundingSource.created", "finansieringskälla registrerad";
        /// A funding source changed.
        FundingSourceUpdated = "fundingSource.updated", "finansieringskälla ändrad";
        /// A call is new.
        CallCreated = "call.created", "utlysning registrerad";
        /// A call changed.
        CallUpdated = "call.updated", "utlysning ändrad";
        /// An account is new.
        UserCreated = "user.created", "konto skapat";
        /// An account changed.
        UserUpdated = "user.updated", "konto ändrat";
    }
}

code_list! {
    /// Why the program stopped a subscription.
    pub enum StopReason {
        /// The receiver answered 410.
        Gone = "gone", "mottagaren svarade 410 Gone";
        /// The receiver did not take an event in three days.
        Unreachable = "unreachable", "mottagaren tog inte emot en händelse på tre dygn";
        /// The owner may not follow changes any more.
        Owner = "owner", "ägaren får inte längre följa ändringar";
    }
}

/// Which projects' changes are sent; empty lists let all through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those of this strategy: registered under it, or aligned with its sub-goals.
    pub strategy_id: Option<String>,
    /// Those aligned with one of these sub-goals of the strategy.
    pub sub_goals: Vec<String>,
    /// Those with a funding line from one of these sources.
    pub funding_sources: Vec<String>,
    /// Those that concern one of these municipalities.
    pub municipalities: Vec<String>,
}

/// What its owner says of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Where events are sent.
    pub address: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which kinds are sent; none named lets all through.
    pub kinds: BTreeSet<EventKind>,
    /// Which projects' changes are sent.
    pub selection: Selection,
    /// Whether anything is sent.
    pub active: bool,
}

/// How far a subscription has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Up to where everything is delivered, or not for it.
    pub place: Cursor,
    /// How often the next event has failed.
    pub failures: i64,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// Why the program stopped it, if it did.
    pub stopped: Option<StopReason>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Identifier.
    pub id: Id,
    /// The account or machine whose eyes it sees with.
    pub owner: Id,
    /// What its owner says of it.
    pub terms: Terms,
    /// What is signed with.
    pub secret: Secret,
    /// What is signed with too, until then.
    pub former: Option<(Secret, Timestamp)>,
    /// How far it has come.
    pub progress: Progress,
    /// Version of the subscription; deliveries do not change it.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// Whether a caller sees to it: its owner, and an administrator.
    #[must_use]
    pub fn is_for(&self, caller: &Principal) -> bool {
        caller.role() == Some(Role::Administrator) || caller.id() == Some(self.owner)
    }

    /// A new subscription, to what comes after this place.
    #[must_use]
    pub fn new(owner: Id, terms: Terms, secret: Secret, place: Cursor) -> Self {
        let now = Timestamp::now();
        let progress = Progress { place, failures: 0, due_at: now, stopped: None };
        Self {
            id: Id::new(),
            owner,
            terms,
            secret,
            former: None,
            progress,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same on other terms, which are tried at once.
    #[must_use]
    pub fn on(self, terms: Terms) -> Self {
        let stopped = self.progress.stopped.filter(|_| !terms.active);
        let progress = Progress { failures: 0, due_at: Timestamp::now(), stopped, ..self.progress };
        Self { terms, progress, ..self }
    }

    /// The same with another secret; the former is good for a while yet.
    #[must_use]
    pub fn with_secret(self, secret: Secret) -> Self {
        let former = Some((self.secret, Timestamp::now().plus(OVERLAP)));
        Self { secret, former, ..self }
    }

    /// The same, stopped.
    #[must_use]
    pub fn stopped(self, reason: StopReason) -> Self {
        let progress = Progress { stopped: Some(reason), ..self.progress };
        Self { terms: Terms { active: false, ..self.terms }, progress, ..self }
    }

    /// The secrets to sign with, the present one first.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let former = self.former.iter().filter(move |(_, until)| *until > now);
        std::iter::once(&self.secret).chain(former.map(|(secret, _)| secret))
    }

    /// The event's identifier, the same at every attempt.
    #[must_use]
    pub fn message_id(&self, cursor: Cursor) -> String {
        format!("msg_{}_{cursor}", self.id.as_uuid().simple())
    }
}

impl Terms {
    /// Whether a change is of a kind that is sent.
    #[must_use]
    pub fn wants(&self, item: &FeedItem) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kind| kind.as_str() == item.kind)
    }

    /// What is wrong with them in themselves, the address apart.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !self.selection.sub_goals.is_empty() && self.selection.strategy_id.is_none() {
            let reason =
                bilingual!("ange vilken strategi delmålen hör till", "say which strategy the sub-goals are of");
            faults.push(Fault::body("/filter/strategyId", "required", reason));
        }
        faults
    }
}

impl Selection {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
