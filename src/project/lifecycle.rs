//! The lifecycle of a project: which state leads to which, and what a change needs.
//!
//! The decision here is the municipality's word, whether it stands behind the project; the funder's own decision lives
//! on the funding line.

use crate::code_list::code_list;
use crate::problem::{Fault, Kind, Problem};
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

impl Status {
    /// The states that this one leads to; every state refuses what is not listed.
    #[must_use]
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Submitted, Self::Withdrawn],
            Self::Submitted => &[Self::InReview, Self::Withdrawn],
            Self::InReview => {
                &[Self::SupplementRequested, Self::Approved, Self::Rejected, Self::Dismissed, Self::Withdrawn]
            }
            Self::SupplementRequested => &[Self::InReview, Self::Withdrawn],
            Self::Approved => &[Self::Ongoing],
            Self::Ongoing => &[Self::Completed, Self::Discontinued],
            Self::Rejected | Self::Dismissed | Self::Withdrawn | Self::Completed | Self::Discontinued => &[],
        }
    }

    /// Whether the change to this state must say why.
    #[must_use]
    pub fn needs_reason(self) -> bool {
        matches!(
            self,
            Self::SupplementRequested | Self::Rejected | Self::Dismissed | Self::Withdrawn | Self::Discontinued
        )
    }
}

/// Lets a project go from one state to another.
///
/// # Errors
/// 409 with the allowed next states; 422 when the reason is missing.
pub fn check(from: Status, to: Status, reason: Option<&str>) -> Result<(), Problem> {
    let allowed = from.next();
    if !allowed.contains(&to) {
        let (label, wanted) = (from.label(), to.label());
        let next: Vec<&str> = allowed.iter().map(|status| status.as_str()).collect();
        let next = if next.is_empty() { "–".to_owned() } else { next.join(", ") };
        return Err(Problem::new(
            Kind::StateConflict,
            bilingual!(
                "Projektet är i läget {label} och kan inte bli {wanted}. Möjliga lägen: {next}.",
                "The project is {from} and cannot become {to}. Possible states: {next}."
            ),
        )
        .allowing(allowed.iter().map(|status| status.as_str().to_owned())));
    }
    if to.needs_reason() && reason.is_none_or(|reason| reason.trim().is_empty()) {
        let label = to.label();
        let reason = bilingual!("behövs för läget {label}", "is needed for the state {to}");
        return Err(Problem::invalid(vec![Fault::body("/reason", "required", reason)]));
    }
    Ok(())
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
                let outcome = check(state, wanted, Some("skäl"));
                prop_assert_eq!(outcome.is_ok(), state.next().contains(&wanted));
                if outcome.is_ok() {
                    prop_assert_ne!(wanted, Status::Draft);
                    state = wanted;
                }
            }
        }
    }

    #[test]
    fn a_project_can_be_withdrawn_only_before_the_decision() {
        let withdrawable: Vec<_> =
            Status::ALL.iter().filter(|status| status.next().contains(&Status::Withdrawn)).collect();
        let expected = [Status::Draft, Status::Submitted, Status::InReview, Status::SupplementRequested];
        assert_eq!(withdrawable, expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_refusal_says_what_is_possible() {
        let refusal = check(Status::Submitted, Status::Approved, None).expect_err("refused");
        assert_eq!(refusal.allowed(), ["inReview", "withdrawn"]);
        assert!(check(Status::InReview, Status::Rejected, Some("  ")).is_err());
    }
}
