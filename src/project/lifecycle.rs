//! The lifecycle of a project: one table of which state leads to which and allows what, for whom.
//!
//! The decision here is the municipality's word, whether it stands behind the project; the funder's own decision lives
//! on the funding line.

use crate::code_list::code_list;
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

code_list! {
    /// Where a project stands.
    pub enum Status {
        /// Being written; may be incomplete.
        Draft = "draft", "utkast";
        /// Handed in to the municipality.
        Submitted = "submitted", "inlämnad";
        /// Being considered.
        InReview = "inReview", "under beredning";
        /// Sent back for more.
        SupplementRequested = "supplementRequested", "komplettering begärd";
        /// The municipality stands behind it.
        Approved = "approved", "tillstyrkt";
        /// The municipality does not.
        Rejected = "rejected", "avstyrkt";
        /// Not considered: it was not for the municipality to consider.
        Dismissed = "dismissed", "avvisad";
        /// Taken back by its owner before the decision.
        Withdrawn = "withdrawn", "återtagen";
        /// Being carried out.
        Ongoing = "ongoing", "pågående";
        /// Carried out.
        Completed = "completed", "avslutad";
        /// Ended before it was carried out.
        Discontinued = "discontinued", "avbruten";
    }
}

/// Something that is done with a project, apart from moving it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Changing what it says of itself, and its members of the project's upkeep too.
    Describe,
    /// Changing its alignments, costs, revenues and funding lines.
    Plan,
    /// Changing its stakeholders, indicators and reporting dates.
    FollowUp,
    /// Recording what a financier has decided or paid.
    Commit,
    /// Keeping visibility, contact, case numbers, related projects and the use of results up to date.
    Upkeep,
    /// Confirming or rejecting its claims.
    Assess,
    /// Changing a decided plan, with a reason.
    Revise,
    /// Deleting it.
    Delete,
}

/// Whose doing something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody's.
    Nobody,
    /// The business department's: officers and administrators.
    Department,
    /// The project owner's, and the department's for it.
    Owner,
    /// Its financiers', each for its own lines, and the department's for them.
    Financier,
}

/// What a caller is to a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Of the business department.
    Department,
    /// Of an organisation that owns it.
    Owner,
    /// Of a source that pays for it.
    Financier,
    /// None of these.
    Stranger,
}

use Act::{Assess, Commit, Delete, Describe, FollowUp, Plan, Revise, Upkeep};
use Who::{Department, Financier, Nobody, Owner};

/// What a state allows, and whom.
#[derive(Debug)]
struct Rule {
    status: Status,
    next: &'static [(Status, Who)],
    grants: [Who; 8],
}

const fn row(status: Status, grants: [Who; 8], next: &'static [(Status, Who)]) -> Rule {
    Rule { status, next, grants }
}

const ACTS: [Act; 8] = [Describe, Plan, FollowUp, Commit, Upkeep, Assess, Revise, Delete];

/// The table: which state allows what, for whom. What it does not say is refused.
#[rustfmt::skip]
const TABLE: &[Rule] = &[
    //                               describe    plan        follow up   commit      upkeep      assess      revise      delete
    row(Status::Draft,               [Owner,      Owner,      Owner,      Financier,  Owner,      Nobody,     Nobody,     Owner],
        &[(Status::Submitted, Owner), (Status::Withdrawn, Owner)]),
    row(Status::Submitted,           [Nobody,     Nobody,     Nobody,     Financier,  Department, Nobody,     Nobody,     Nobody],
        &[(Status::InReview, Department), (Status::Withdrawn, Owner)]),
    row(Status::InReview,            [Department, Department, Department, Financier,  Department, Department, Nobody,     Nobody],
        &[(Status::SupplementRequested, Department), (Status::Approved, Department), (Status::Rejected, Department),
          (Status::Dismissed, Department), (Status::Withdrawn, Owner)]),
    row(Status::SupplementRequested, [Owner,      Owner,      Owner,      Financier,  Owner,      Department, Nobody,     Nobody],
        &[(Status::InReview, Owner), (Status::Withdrawn, Owner)]),
    row(Status::Approved,            [Department, Nobody,     Department, Financier,  Department, Department, Department, Nobody],
        &[(Status::Ongoing, Department)]),
    row(Status::Ongoing,             [Department, Nobody,     Department, Financier,  Department, Department, Department, Nobody],
        &[(Status::Completed, Department), (Status::Discontinued, Department)]),
    row(Status::Completed,           [Nobody,     Nobody,     Department, Financier,  Department, Department, Department, Nobody], &[]),
    row(Status::Discontinued,        [Nobody,     Nobody,     Department, Financier,  Department, Department, Department, Nobody], &[]),
    row(Status::Rejected,            [Nobody,     Nobody,     Nobody,     Nobody,     Department, Nobody,     Nobody,     Nobody], &[]),
    row(Status::Dismissed,           [Nobody,     Nobody,     Nobody,     Nobody,     Department, Nobody,     Nobody,     Nobody], &[]),
    row(Status::Withdrawn,           [Nobody,     Nobody,     Nobody,     Nobody,     Department, Nobody,     Nobody,     Nobody], &[]),
];

impl Who {
    /// Whether it is a caller's doing.
    #[must_use]
    pub fn includes(self, caller: Standing) -> bool {
        match self {
            Nobody => false,
            Department => caller == Standing::Department,
            Owner => matches!(caller, Standing::Department | Standing::Owner),
            Financier => matches!(caller, Standing::Department | Standing::Financier),
        }
    }
}

impl Act {
    /// Doing it, in words that a sentence goes on with: an infinitive, a gerund.
    fn label(self) -> (&'static str, &'static str) {
        match self {
            Describe => ("ändra projektets uppgifter", "changing its description"),
            Plan => ("ändra kopplingar, kostnader, intäkter och finansiering", "changing its plan"),
            FollowUp => ("ändra intressenter, indikatorer och rapporttider", "changing its follow-up"),
            Commit => ("registrera finansiärers besked", "recording commitments"),
            Upkeep => ("sköta projektets uppgifter", "keeping it up to date"),
            Assess => ("bedöma kopplingar", "assessing its claims"),
            Revise => ("revidera projektet", "revising its plan"),
            Delete => ("ta bort projektet", "deleting it"),
        }
    }
}

impl Status {
    fn rule(self) -> Option<&'static Rule> {
        TABLE.iter().find(|rule| rule.status == self)
    }

    /// Whose doing something is in this state.
    #[must_use]
    pub fn grant(self, act: Act) -> Who {
        let index = ACTS.iter().position(|known| *known == act);
        self.rule().zip(index).map_or(Nobody, |(rule, index)| rule.grants[index])
    }

    /// Whether its plan is decided: it is changed by a revision alone.
    #[must_use]
    pub fn is_decided(self) -> bool {
        self.grant(Revise) != Nobody
    }

    /// Whether the caller may do something in this state.
    #[must_use]
    pub fn allows(self, act: Act, caller: Standing) -> bool {
        self.grant(act).includes(caller)
    }

    /// The states that this one leads to, whoever asks.
    pub fn next(self) -> impl Iterator<Item = Self> {
        self.rule().into_iter().flat_map(|rule| rule.next).map(|(status, _)| *status)
    }

    /// Whose doing it is to take a project from this state to another.
    #[must_use]
    pub fn leads_to(self, to: Self) -> Who {
        let next = self.rule().into_iter().flat_map(|rule| rule.next);
        next.copied().find(|(status, _)| *status == to).map_or(Nobody, |(_, who)| who)
    }

    /// The states that the caller may take a project to from this one.
    #[must_use]
    pub fn next_for(self, caller: Standing) -> Vec<Self> {
        let next = self.rule().into_iter().flat_map(|rule| rule.next);
        next.filter(|(_, who)| who.includes(caller)).map(|(status, _)| *status).collect()
    }

    /// Lets the caller do something with a project in this state.
    ///
    /// # Errors
    /// 409 with the allowed next states when nobody may, 403 when another may.
    pub fn permit(self, act: Act, caller: Standing) -> Result<(), Problem> {
        let who = self.grant(act);
        if who.includes(caller) {
            return Ok(());
        }
        let (label, (sv, en)) = (self.label(), act.label());
        if who != Nobody {
            let (by, whom) = match who {
                Owner => ("projektägaren och handläggare", "its owner and officers"),
                Financier => ("finansiären själv och handläggare", "the financier itself and officers"),
                Department | Nobody => ("handläggare", "officers"),
            };
            return Err(Problem::new(
                Kind::Forbidden,
                bilingual!(
                    "I läget {label} får bara {by} {sv}.",
                    "While the project is {self}, {en} is for {whom} alone."
                ),
            ));
        }
        let detail = if act == Plan && self.is_decided() {
            bilingual!(
                "Ett beslutat projekts kopplingar, kostnader, intäkter och finansiering ändras genom en revidering med \
                 skäl: POST till projektets revisions.",
                "A decided project's alignments, costs, revenues and funding are changed by a revision with its reason: \
                 POST to the project's revisions."
            )
        } else {
            bilingual!("I läget {label} går det inte att {sv}.", "While the project is {self}, {en} is not possible.")
        };
        Err(Problem::new(Kind::StateConflict, detail).allowing(self.next_for(caller).iter().map(ToString::to_string)))
    }
}

/// Lets the caller take a project from one state to another.
///
/// # Errors
/// 409 with the allowed next states, 403 when the step is the department's.
pub fn check(from: Status, to: Status, caller: Standing) -> Result<(), Problem> {
    let allowed = from.next_for(caller);
    if allowed.contains(&to) {
        return Ok(());
    }
    let (label, wanted) = (from.label(), to.label());
    if from.next().any(|status| status == to) {
        let detail = bilingual!(
            "Det är inte du som flyttar ett projekt från {label} till {wanted}: det gör handläggare, och ägaren sitt eget.",
            "It is not for you to move a project from {from} to {to}: officers do, and owners their own."
        );
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let next = if allowed.is_empty() { "–".to_owned() } else { allowed.join(", ") };
    let detail = bilingual!(
        "Projektet är i läget {label} och kan inte bli {wanted}. Möjliga lägen: {next}.",
        "The project is {from} and cannot become {to}. Possible states: {next}."
    );
    Err(Problem::new(Kind::StateConflict, detail).allowing(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is tried, the states that a project goes through are linked, and ends are ends.
        #[test]
        fn no_walk_leaves_the_lifecycle(tries in prop::collection::vec(0_usize..11, 0..60)) {
            let mut state = Status::Draft;
            for index in tries {
                let wanted = Status::ALL[index];
                let outcome = check(state, wanted, Standing::Department);
                prop_assert_eq!(outcome.is_ok(), state.next().any(|status| status == wanted));
                if outcome.is_ok() {
                    prop_assert_ne!(wanted, Status::Draft);
                    state = wanted;
                }
            }
        }
    }

    #[test]
    fn every_state_has_one_row() {
        for status in Status::ALL {
            assert_eq!(TABLE.iter().filter(|rule| rule.status == *status).count(), 1, "{status}");
        }
    }

    #[test]
    fn a_project_can_be_withdrawn_only_before_the_decision() {
        let withdrawable: Vec<_> =
            Status::ALL.iter().filter(|status| status.next().any(|next| next == Status::Withdrawn)).collect();
        let expected = [Status::Draft, Status::Submitted, Status::InReview, Status::SupplementRequested];
        assert_eq!(withdrawable, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let refusal = check(Status::Submitted, Status::Approved, Standing::Department).expect_err("refused");
        assert_eq!(refusal.allowed(), ["inReview", "withdrawn"]);
    }

    #[test]
    fn what_is_the_departments_is_not_the_owners() {
        let owner = Standing::Owner;
        assert_eq!(Status::InReview.next_for(owner), [Status::Withdrawn]);
        let refusal = check(Status::InReview, Status::Approved, owner).expect_err("refused");
        assert_eq!(refusal.kind(), Kind::Forbidden);
        assert!(Status::Draft.allows(Plan, owner) && !Status::InReview.allows(Plan, owner));
        assert!(!Status::Draft.allows(Plan, Standing::Stranger));
        assert!(Status::Approved.allows(Commit, Standing::Financier) && !Status::Approved.allows(Commit, owner));
    }
}
