//! Funding lines in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{Financier, FundingKind, FundingLine, UnnamedFinancier};
use crate::db::schema::{funding_lines, funding_sources, organisations};
use crate::db::{Conn, on_each};
use crate::funding::SourceType;
use crate::id::Id;
use crate::organisation::Organisation;
use crate::problem::Problem;
use crate::project::commitment;
use crate::project::model::{Part, difference};

impl Part for FundingLine {
    fn id(&self) -> Id {
        self.id
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = funding_lines, treat_none_as_null = true)]
struct Row {
    id: Id,
    project_id: Id,
    source_code: String,
    organisation_id: Option<Id>,
    unnamed: Option<UnnamedFinancier>,
    kind: FundingKind,
    year: Option<i32>,
    note: Option<String>,
    call_id: Option<Id>,
    priority_code: Option<String>,
}

/// The funding lines of these projects, in the order they were added.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<FundingLine>>, Problem> {
    let rows: Vec<(Row, SourceType, Option<Organisation>)> = funding_lines::table
        .inner_join(funding_sources::table)
        .left_join(organisations::table)
        .filter(funding_lines::project_id.eq_any(projects.to_vec()))
        .order(funding_lines::id)
        .select((funding_lines::all_columns, funding_sources::type_, organisations::all_columns.nullable()))
        .load(conn)?;
    let mut steps = commitment::store::load(conn, projects)?;
    let mut found: HashMap<Id, Vec<FundingLine>> = HashMap::new();
    for (row, level, organisation) in rows {
        found.entry(row.project_id).or_default().push(FundingLine {
            commitments: steps.remove(&row.id).unwrap_or_default(),
            id: row.id,
            source: row.source_code,
            level,
            financier: organisation.map(Financier::Organisation).or(row.unnamed.map(Financier::Unnamed)),
            call: row.call_id,
            priority: row.priority_code,
            kind: row.kind,
            year: row.year,
            note: row.note,
        });
    }
    Ok(found)
}

/// Saves what differs.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, project: Id, before: &[FundingLine], after: &[FundingLine]) -> Result<(), Problem> {
    let difference = difference(before, after);
    let row = |line: &FundingLine| {
        let (organisation_id, unnamed) = match &line.financier {
            Some(Financier::Organisation(organisation)) => (Some(organisation.id), None),
            Some(Financier::Unnamed(unnamed)) => (None, Some(*unnamed)),
            None => (None, None),
        };
        Row {
            id: line.id,
            project_id: project,
            source_code: line.source.clone(),
            organisation_id,
            unnamed,
            kind: line.kind,
            year: line.year,
            note: line.note.clone(),
            call_id: line.call,
            priority_code: line.priority.clone(),
        }
    };
    if !difference.gone.is_empty() {
        diesel::delete(funding_lines::table.filter(funding_lines::id.eq_any(difference.gone))).execute(conn)?;
    }
    for line in difference.changed {
        diesel::update(funding_lines::table.find(line.id)).set(row(line)).execute(conn)?;
        let known = before.iter().find(|known| known.id == line.id).map_or(&[][..], |known| &known.commitments);
        commitment::store::save(conn, line.id, known, &line.commitments)?;
    }
    if difference.new.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = difference.new.iter().copied().map(row).collect();
    let insert = diesel::insert_into(funding_lines::table).values(rows);
    on_each!(conn => insert.execute(conn))?;
    let steps = difference.new.iter().flat_map(|line| line.commitments.iter().map(|step| (line.id, step)));
    commitment::store::insert(conn, steps)
}
