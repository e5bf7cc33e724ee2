//! What cost and revenue lines are.

use serde::Serialize;

use crate::code_list::code_list;
use crate::id::Id;
use crate::money::Money;

code_list! {
    /// Cost types that Swedish funders ask for.
    pub enum CostType {
        /// Salaries.
        Staff = "staff", "löner";
        /// External services.
        Services = "services", "externa tjänster";
        /// Travel and lodging.
        Travel = "travel", "resor och logi";
        /// Investments and material.
        Investment = "investment", "investeringar och materiel";
        /// Premises.
        Premises = "premises", "lokaler";
        /// A percentage on other costs.
        FlatRate = "flatRate", "schablon";
        /// One sum for the whole.
        LumpSum = "lumpSum", "klumpsumma";
        /// Unpaid work, valued.
        OwnWork = "ownWork", "eget arbete";
        /// Anything else.
        Other = "other", "övrigt";
    }
}

/// A line of cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Identifier.
    pub id: Id,
    /// What type of cost.
    #[serde(rename = "type")]
    pub type_: CostType,
    /// What for.
    pub description: Option<String>,
    /// The year it falls in.
    pub year: Option<i32>,
    /// How much; unknown is not nothing.
    pub amount: Option<Money>,
    /// Whether it is eligible for support (stödberättigande).
    pub eligible: bool,
}

/// A line of revenue, which lowers what needs funding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revenue {
    /// Identifier.
    pub id: Id,
    /// What for.
    pub description: String,
    /// The year it falls in.
    pub year: Option<i32>,
    /// How much; unknown is not nothing.
    pub amount: Option<Money>,
}
