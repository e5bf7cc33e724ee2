//! The steps of funding lines in the database. A step is added and never changed, but for a line's only one, which can be
//! corrected.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Commitment, Step};
use crate::clock::Timestamp;
use crate::db::schema::{commitments, funding_lines};
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::money::Currency;
use crate::problem::Problem;
use crate::project::cost::store::{columns, money};
use crate::project::model::{Part, difference};

impl Part for Step {
    fn id(&self) -> Id {
        self.id
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = commitments, treat_none_as_null = true)]
struct Row {
    id: Id,
    funding_line_id: Id,
    commitment: Commitment,
    date: Option<NaiveDate>,
    amount: Option<i64>,
    currency: Currency,
    case_number: Option<String>,
    document: Option<String>,
    note: Option<String>,
    recorded_at: Timestamp,
    recorded_by: Option<Id>,
}

impl Row {
    fn of(line: Id, step: &Step) -> Self {
        let (amount, currency) = columns(step.amount);
        let Step { id, commitment, date, case_number, document, note, recorded_at, recorded_by, .. } = step.clone();
        Self {
            id,
            funding_line_id: line,
            commitment,
            date,
            amount,
            currency,
            case_number,
            document,
            note,
            recorded_at,
            recorded_by,
        }
    }

    fn into_step(self) -> Step {
        Step {
            id: self.id,
            commitment: self.commitment,
            date: self.date,
            amount: money(self.amount, self.currency),
            case_number: self.case_number,
            document: self.document,
            note: self.note,
            recorded_at: self.recorded_at,
            recorded_by: self.recorded_by,
        }
    }
}

/// The steps of these projects' funding lines by line, in the order they were recorded.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Step>>, Problem> {
    let rows: Vec<Row> = commitments::table
        .inner_join(funding_lines::table)
        .filter(funding_lines::project_id.eq_any(projects.to_vec()))
        .order(commitments::id)
        .select(commitments::all_columns)
        .load(conn)?;
    let mut found: HashMap<Id, Vec<Step>> = HashMap::new();
    for row in rows {
        found.entry(row.funding_line_id).or_default().push(row.into_step());
    }
    Ok(found)
}

/// Saves what differs between two versions of a line's steps.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, line: Id, before: &[Step], after: &[Step]) -> Result<(), Problem> {
    let difference = difference(before, after);
    if !difference.gone.is_empty() {
        diesel::delete(commitments::table.filter(commitments::id.eq_any(difference.gone))).execute(conn)?;
    }
    for step in difference.changed {
        diesel::update(commitments::table.find(step.id)).set(Row::of(line, step)).execute(conn)?;
    }
    insert(conn, difference.new.into_iter().map(|step| (line, step)))
}

/// Saves the steps of new lines.
///
/// # Errors
/// When the database fails.
pub fn insert<'a>(conn: &mut Conn, steps: impl Iterator<Item = (Id, &'a Step)>) -> Result<(), Problem> {
    let rows: Vec<Row> = steps.map(|(line, step)| Row::of(line, step)).collect();
    if !rows.is_empty() {
        let insert = diesel::insert_into(commitments::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}
