//! Indicators and their values in the database.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Approval, Indicator, IndicatorValue};
use crate::clock::Timestamp;
use crate::db::schema::{indicator_values, indicators};
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::model::{Part, difference};
use crate::quantity::Quantity;

impl Part for Indicator {
    fn id(&self) -> Id {
        self.id
    }
}

impl Part for IndicatorValue {
    fn id(&self) -> Id {
        self.id
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = indicators, treat_none_as_null = true)]
struct Row {
    id: Id,
    project_id: Id,
    code: Option<String>,
    name: String,
    unit: String,
    baseline: Option<Quantity>,
    target: Option<Quantity>,
    note: Option<String>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = indicator_values, treat_none_as_null = true)]
struct ValueRow {
    id: Id,
    indicator_id: Id,
    date: NaiveDate,
    value: Quantity,
    note: Option<String>,
    approval: Approval,
    reason: Option<String>,
    reported_at: Timestamp,
    reported_by: Option<Id>,
    decided_at: Option<Timestamp>,
    decided_by: Option<Id>,
}

impl Row {
    fn of(project: Id, indicator: &Indicator) -> Self {
        let Indicator { id, code, name, unit, baseline, target, note, .. } = indicator.clone();
        Self { id, project_id: project, code, name, unit, baseline, target, note }
    }
}

impl ValueRow {
    fn of(indicator: Id, value: &IndicatorValue) -> Self {
        let value = value.clone();
        Self {
            id: value.id,
            indicator_id: indicator,
            date: value.date,
            value: value.value,
            note: value.note,
            approval: value.approval,
            reason: value.reason,
            reported_at: value.reported_at,
            reported_by: value.reported_by,
            decided_at: value.decided_at,
            decided_by: value.decided_by,
        }
    }

    fn into_value(self) -> IndicatorValue {
        IndicatorValue {
            id: self.id,
            date: self.date,
            value: self.value,
            note: self.note,
            approval: self.approval,
            reason: self.reason,
            reported_at: self.reported_at,
            reported_by: self.reported_by,
            decided_at: self.decided_at,
            decided_by: self.decided_by,
        }
    }
}

/// The indicators of these projects, in the order they were added: two statements.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Indicator>>, Problem> {
    let rows: Vec<Row> =
        indicators::table.filter(indicators::project_id.eq_any(projects.to_vec())).order(indicators::id).load(conn)?;
    let value_rows: Vec<ValueRow> = indicator_values::table
        .inner_join(indicators::table)
        .filter(indicators::project_id.eq_any(projects.to_vec()))
        .order(indicator_values::id)
        .select(indicator_values::all_columns)
        .load(conn)?;
    let mut values: HashMap<Id, Vec<IndicatorValue>> = HashMap::new();
    for row in value_rows {
        values.entry(row.indicator_id).or_default().push(row.into_value());
    }
    let mut found: HashMap<Id, Vec<Indicator>> = HashMap::new();
    for Row { id, project_id, code, name, unit, baseline, target, note } in rows {
        let values = values.remove(&id).unwrap_or_default();
        let indicator = Indicator { id, code, name, unit, baseline, target, note, values };
        found.entry(project_id).or_default().push(indicator);
    }
    Ok(found)
}

/// Saves what differs.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, project: Id, before: &[Indicator], after: &[Indicator]) -> Result<(), Problem> {
    let difference = difference(before, after);
    if !difference.gone.is_empty() {
        diesel::delete(indicators::table.filter(indicators::id.eq_any(difference.gone))).execute(conn)?;
    }
    for indicator in difference.changed {
        diesel::update(indicators::table.find(indicator.id)).set(Row::of(project, indicator)).execute(conn)?;
        let known = before.iter().find(|known| known.id == indicator.id).map_or(&[][..], |known| &known.values);
        save_values(conn, indicator.id, known, &indicator.values)?;
    }
    if !difference.new.is_empty() {
        let rows: Vec<Row> = difference.new.iter().map(|indicator| Row::of(project, indicator)).collect();
        let insert = diesel::insert_into(indicators::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}

/// Values are added and decided on, never removed.
fn save_values(
    conn: &mut Conn,
    indicator: Id,
    before: &[IndicatorValue],
    after: &[IndicatorValue],
) -> Result<(), Problem> {
    let difference = difference(before, after);
    for value in difference.changed {
        let row = ValueRow::of(indicator, value);
        diesel::update(indicator_values::table.find(value.id)).set(row).execute(conn)?;
    }
    for value in difference.new {
        diesel::insert_into(indicator_values::table).values(ValueRow::of(indicator, value)).execute(conn)?;
    }
    Ok(())
}
