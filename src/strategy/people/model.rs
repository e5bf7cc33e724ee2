//! Who stands behind a goal area.

use crate::id::Id;
use crate::organisation::Organisation;
use crate::organisation::model::Interest;

/// A goal area, by its strategy and code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The strategy's id.
    pub strategy: String,
    /// The goal area's code.
    pub code: String,
}

impl Area {
    /// What the journal knows its people by.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.strategy, self.code)
    }
}

/// A main stakeholder of a goal area.
#[derive(Debug, Clone, PartialEq)]
pub struct MainStakeholder {
    /// Identifier.
    pub id: Id,
    /// The organisation.
    pub organisation: Organisation,
    /// What it has to do with the goal area, in the order of the list.
    pub interests: Vec<Interest>,
}

/// An officer of the department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The account.
    pub id: Id,
    /// The person's name.
    pub name: String,
}

/// Who a member of a working group is.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    /// An organisation.
    Organisation(Organisation),
    /// The responsible officer.
    Officer(Officer),
}

/// A member of a goal area's local working group.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Identifier.
    pub id: Id,
    /// Who it is.
    pub who: Who,
}
