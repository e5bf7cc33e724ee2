//! Which projects a caller may see, and what the caller is to each: the only place that says so.

use super::lifecycle::{Standing, Status};
use super::model::{Facts, Project, RelatedProject, Visibility};
use super::stakeholder::model::StakeholderRole;
use crate::auth::{Principal, Role};
use crate::id::Id;
use crate::problem::Fault;
use crate::text::bilingual;

/// Which projects a caller may see: those of some visibilities, and those that the caller's organisation owns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sight {
    /// The visibilities.
    pub visibilities: &'static [Visibility],
    /// The organisation.
    pub owner: Option<Id>,
}

impl Sight {
    /// Of everything.
    pub const WHOLE: Self = Self { visibilities: Visibility::ALL, owner: None };

    /// What a caller may see.
    #[must_use]
    pub fn of(caller: &Principal) -> Self {
        let visibilities: &[Visibility] = match caller.role() {
            Some(Role::Administrator | Role::Officer | Role::Reader) => Visibility::ALL,
            Some(Role::Funder) => &[Visibility::Funders, Visibility::Public],
            Some(Role::Contributor) | None => &[Visibility::Public],
        };
        Self { visibilities, owner: caller.organisation() }
    }

    /// Whether it is of every project.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.visibilities.len() == Visibility::ALL.len()
    }

    /// Whether another project, named by one that is seen, is seen too.
    #[must_use]
    pub fn reaches(self, other: &RelatedProject) -> bool {
        self.visibilities.contains(&other.visibility) || self.owner.is_some_and(|own| other.owners.contains(&own))
    }
}

impl Standing {
    /// What a caller is to a project that it registers.
    #[must_use]
    pub fn registering(caller: &Principal) -> Self {
        if caller.is_staff() { Self::Department } else { Self::Owner }
    }
}

impl Project {
    /// The organisations that own it.
    pub fn owners(&self) -> impl Iterator<Item = Id> {
        let owners = self.stakeholders.iter().filter(|part| part.roles.contains(&StakeholderRole::Owner));
        owners.map(|part| part.organisation.id)
    }

    /// What a caller is to it.
    #[must_use]
    pub fn standing(&self, caller: &Principal) -> Standing {
        if caller.is_staff() {
            Standing::Department
        } else if caller.organisation().is_some_and(|own| self.owners().any(|owner| owner == own)) {
            Standing::Owner
        } else if self.funding_lines.iter().any(|line| caller.answers_for(&line.source)) {
            Standing::Financier
        } else {
            Standing::Stranger
        }
    }
}

/// What an owner may not do with its project: hand it to others, register it as if it had been considered already, or
/// decide who sees it. That is for the department.
#[must_use]
pub fn faults(caller: &Principal, standing: Standing, before: Option<&Project>, after: &Project) -> Vec<Fault> {
    let mut faults = Vec::new();
    if standing != Standing::Owner {
        return faults;
    }
    if caller.organisation().is_none_or(|own| after.owners().all(|owner| owner != own)) {
        let reason = bilingual!(
            "din organisation ska stå bland intressenterna med rollen owner",
            "your organisation must be among the stakeholders with the role owner"
        );
        faults.push(Fault::body("/stakeholders", "own-organisation", reason));
    } else if before.is_some_and(|before| !before.owners().eq(after.owners())) {
        let reason = bilingual!("vilka som äger projektet ändras av handläggare", "its owners are changed by officers");
        faults.push(Fault::body("/stakeholders", "for-officers", reason));
    }
    let kept = |project: &Project| {
        let Facts { visibility, withheld_reason, .. } = project.facts.clone();
        (project.registration.clone(), visibility, withheld_reason)
    };
    let (registration, visibility, withheld_reason) = before.map_or((None, Visibility::Internal, None), kept);
    for (is_kept, property) in [
        (before.is_some() || after.status == Status::Draft, "/status"),
        (after.registration == registration, "/registration"),
        (after.facts.visibility == visibility, "/visibility"),
        (after.facts.withheld_reason == withheld_reason, "/withheldReason"),
    ] {
        if !is_kept {
            let reason = bilingual!("sätts av handläggare", "is set by officers");
            faults.push(Fault::body(property, "for-officers", reason));
        }
    }
    faults
}
