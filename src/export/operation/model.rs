//! What an operation is: what one case of a source of the EU's has granted a project, with what can be said of it.

use std::collections::HashMap;

use serde::Deserialize;

use crate::funding::SourceType;
use crate::money::{Amount, Money};
use crate::project::Project;
use crate::project::commitment::model::granted;
use crate::project::funding_line::FundingLine;
use crate::project::totals::totals;

const FACTS: &str = include_str!("../../../seeds/open-data/operations.yaml");

/// What the EU's list asks for and the catalogues do not say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// NUTS 2 regions by the codes of counties.
    pub regions: HashMap<String, String>,
    /// The funds of sources, by the sources' codes.
    pub funds: HashMap<String, Fund>,
}

/// A fund of the EU.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    /// What Kohesio calls it by.
    pub code: String,
    /// Its name in Swedish.
    pub name: String,
}

impl Facts {
    /// Reads the file that comes with the program.
    ///
    /// # Errors
    /// When the file is wrong.
    pub fn read() -> anyhow::Result<Self> {
        Ok(yaml_serde::from_str(FACTS)?)
    }
}

/// An operation.
#[derive(Debug)]
pub struct Operation<'a> {
    /// The project.
    pub project: &'a Project,
    /// Code of the source.
    pub source: &'a str,
    /// The source's case number.
    pub case_number: Option<&'a str>,
    /// The lines that it has granted.
    pub lines: Vec<&'a FundingLine>,
    /// Whether it is the project's only operation: costs are the project's, not its operations'.
    pub is_whole: bool,
}

/// The operations of a project. What a source has granted is one, or one for each of its case numbers if it has several.
#[must_use]
pub fn operations(project: &Project) -> Vec<Operation<'_>> {
    let is_granted = |line: &&FundingLine| line.level == SourceType::Eu && granted(&line.commitments).is_some();
    let mut found: Vec<Operation<'_>> = Vec::new();
    for line in project.funding_lines.iter().filter(is_granted) {
        let same = found.iter_mut().find(|known| known.source == line.source && known.has_case(line.case_number()));
        match same {
            Some(operation) => {
                operation.case_number = operation.case_number.or(line.case_number());
                operation.lines.push(line);
            }
            None => found.push(Operation {
                project,
                source: &line.source,
                case_number: line.case_number(),
                lines: vec![line],
                is_whole: true,
            }),
        }
    }
    let is_whole = found.len() == 1;
    for operation in &mut found {
        operation.is_whole = is_whole;
    }
    found
}

impl Operation<'_> {
    /// Whether a line with this case number is of the same case; one without a number is, as far as anybody knows.
    fn has_case(&self, number: Option<&str>) -> bool {
        self.case_number.is_none() || number.is_none() || self.case_number == number
    }

    /// What the source has granted, when all of it is in one currency.
    #[must_use]
    pub fn grant(&self) -> Option<Money> {
        let mut grants = self.lines.iter().map(|line| granted(&line.commitments));
        let first = grants.next()??;
        grants.try_fold(first, |sum, next| {
            let next = next.filter(|next| next.currency == sum.currency)?;
            let amount = Amount::from_hundredths(sum.amount.hundredths().saturating_add(next.amount.hundredths()));
            Some(Money { amount, ..sum })
        })
    }

    /// What it costs in kronor, when every cost is known and is this operation's.
    #[must_use]
    pub fn total_cost(&self) -> Option<Amount> {
        let totals = totals(&self.project.costs, &[], &[]);
        totals.cost.filter(|_| self.is_whole && !totals.has_unknown_costs).map(Amount::from_hundredths)
    }

    /// What of it is eligible, on the same terms.
    #[must_use]
    pub fn eligible_cost(&self) -> Option<Amount> {
        let costs = &self.project.costs;
        let is_unknown = costs.iter().any(|cost| cost.eligible && cost.amount.and_then(Money::ore).is_none());
        let eligible = totals(costs, &[], &[]).eligible_cost;
        eligible.filter(|_| self.is_whole && !is_unknown).map(Amount::from_hundredths)
    }

    /// The grant's share of the eligible cost, in hundredths of a percent, when it is a share.
    #[must_use]
    pub fn rate(&self) -> Option<Amount> {
        share(self.grant()?.ore()?, self.eligible_cost()?.hundredths()).map(Amount::from_hundredths)
    }
}

/// A part's share of a whole in hundredths of a percent, rounded half up.
fn share(part: i64, whole: i64) -> Option<i64> {
    let (part, whole) = (i128::from(part), i128::from(whole));
    let is_share = whole > 0 && (0..=whole).contains(&part);
    i64::try_from((is_share.then_some(part * 20_000)? + whole) / (2 * whole)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_half_up_and_never_more_than_the_whole() {
        assert_eq!(share(3_447_600, 18_923_500), Some(1822));
        assert_eq!(share(1, 20_000), Some(1));
        assert_eq!(share(1, 20_001), Some(0));
        assert_eq!(share(i64::MAX, i64::MAX), Some(10_000));
        assert_eq!((share(2, 1), share(0, 0), share(1, 0)), (None, None, None));
    }

    #[test]
    fn the_facts_are_read() {
        let facts = Facts::read().expect("facts");
        assert_eq!(facts.regions.get("24").map(String::as_str), Some("SE33"));
        assert!(facts.funds.values().all(|fund| !fund.code.is_empty() && !fund.name.is_empty()));
    }
}
