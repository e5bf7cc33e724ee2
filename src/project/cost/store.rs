//! Cost and revenue lines in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{Cost, CostType, Revenue};
use crate::db::schema::{costs, revenues};
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::money::{Amount, Currency, Money};
use crate::problem::Problem;
use crate::project::model::{Part, difference};

impl Part for Cost {
    fn id(&self) -> Id {
        self.id
    }
}

impl Part for Revenue {
    fn id(&self) -> Id {
        self.id
    }
}

/// Money from its two columns.
pub(in crate::project) fn money(amount: Option<i64>, currency: Currency) -> Option<Money> {
    amount.map(|hundredths| Money { amount: Amount::from_hundredths(hundredths), currency })
}

/// Money to its two columns; what is not known has the currency of the country.
pub(in crate::project) fn columns(money: Option<Money>) -> (Option<i64>, Currency) {
    money.map_or((None, Currency::Sek), |money| (Some(money.amount.hundredths()), money.currency))
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = costs, treat_none_as_null = true)]
struct CostRow {
    id: Id,
    project_id: Id,
    type_: CostType,
    description: Option<String>,
    year: Option<i32>,
    amount: Option<i64>,
    currency: Currency,
    eligible: bool,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = revenues, treat_none_as_null = true)]
struct RevenueRow {
    id: Id,
    project_id: Id,
    description: String,
    year: Option<i32>,
    amount: Option<i64>,
    currency: Currency,
}

/// The cost lines of these projects, in the order they were added.
///
/// # Errors
/// When the database fails.
pub fn load_costs(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Cost>>, Problem> {
    let rows: Vec<CostRow> =
        costs::table.filter(costs::project_id.eq_any(projects.to_vec())).order(costs::id).load(conn)?;
    let mut found: HashMap<Id, Vec<Cost>> = HashMap::new();
    for row in rows {
        found.entry(row.project_id).or_default().push(Cost {
            id: row.id,
            type_: row.type_,
            description: row.description,
            year: row.year,
            amount: money(row.amount, row.currency),
            eligible: row.eligible,
        });
    }
    Ok(found)
}

/// The revenue lines of these projects, in the order they were added.
///
/// # Errors
/// When the database fails.
pub fn load_revenues(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Revenue>>, Problem> {
    let rows: Vec<RevenueRow> =
        revenues::table.filter(revenues::project_id.eq_any(projects.to_vec())).order(revenues::id).load(conn)?;
    let mut found: HashMap<Id, Vec<Revenue>> = HashMap::new();
    for row in rows {
        found.entry(row.project_id).or_default().push(Revenue {
            id: row.id,
            description: row.description,
            year: row.year,
            amount: money(row.amount, row.currency),
        });
    }
    Ok(found)
}

/// Saves the cost lines that differ.
///
/// # Errors
/// When the database fails.
pub fn save_costs(conn: &mut Conn, project: Id, before: &[Cost], after: &[Cost]) -> Result<(), Problem> {
    let difference = difference(before, after);
    let row = |cost: &Cost| {
        let (amount, currency) = columns(cost.amount);
        CostRow {
            id: cost.id,
            project_id: project,
            type_: cost.type_,
            description: cost.description.clone(),
            year: cost.year,
            amount,
            currency,
            eligible: cost.eligible,
        }
    };
    if !difference.gone.is_empty() {
        diesel::delete(costs::table.filter(costs::id.eq_any(difference.gone))).execute(conn)?;
    }
    for cost in difference.changed {
        diesel::update(costs::table.find(cost.id)).set(row(cost)).execute(conn)?;
    }
    if !difference.new.is_empty() {
        let rows: Vec<CostRow> = difference.new.into_iter().map(row).collect();
        let insert = diesel::insert_into(costs::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}

/// Saves the revenue lines that differ.
///
/// # Errors
/// When the database fails.
pub fn save_revenues(conn: &mut Conn, project: Id, before: &[Revenue], after: &[Revenue]) -> Result<(), Problem> {
    let difference = difference(before, after);
    let row = |revenue: &Revenue| {
        let (amount, currency) = columns(revenue.amount);
        RevenueRow {
            id: revenue.id,
            project_id: project,
            description: revenue.description.clone(),
            year: revenue.year,
            amount,
            currency,
        }
    };
    if !difference.gone.is_empty() {
        diesel::delete(revenues::table.filter(revenues::id.eq_any(difference.gone))).execute(conn)?;
    }
    for revenue in difference.changed {
        diesel::update(revenues::table.find(revenue.id)).set(row(revenue)).execute(conn)?;
    }
    if !difference.new.is_empty() {
        let rows: Vec<RevenueRow> = difference.new.into_iter().map(row).collect();
        let insert = diesel::insert_into(revenues::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}
