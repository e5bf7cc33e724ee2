//! Alignments in the database.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{Alignment, Assessed, Assessment};
use crate::clock::Timestamp;
use crate::db::schema::alignments;
use crate::db::types::Json;
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::model::{Part, difference};

impl Part for Alignment {
    fn id(&self) -> Id {
        self.id
    }
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = alignments, treat_none_as_null = true)]
struct Row {
    id: Id,
    project_id: Id,
    strategy_id: String,
    sub_goal_code: String,
    measure_code: Option<String>,
    share: Option<i32>,
    rationale: Option<String>,
    assessment: Assessment,
    evidence: Json,
    claimed_by: Option<Id>,
    assessed_by: Option<Id>,
    assessed_at: Option<Timestamp>,
    assessment_reason: Option<String>,
    self_assessed: bool,
    made_by: Option<Id>,
}

impl Row {
    fn of(project: Id, alignment: &Alignment) -> Result<Self, Problem> {
        let Alignment { id, strategy_id, sub_goal_code, measure_code, share, rationale, .. } = alignment.clone();
        let assessed = alignment.assessed.as_ref();
        Ok(Self {
            id,
            project_id: project,
            strategy_id,
            sub_goal_code,
            measure_code,
            share,
            rationale,
            assessment: alignment.assessment,
            evidence: Json(serde_json::to_value(&alignment.evidence).map_err(Problem::internal)?),
            claimed_by: alignment.claimed_by,
            assessed_by: assessed.and_then(|assessed| assessed.by),
            assessed_at: assessed.map(|assessed| assessed.at),
            assessment_reason: assessed.and_then(|assessed| assessed.reason.clone()),
            self_assessed: assessed.is_some_and(|assessed| assessed.self_assessed),
            made_by: alignment.made_by,
        })
    }

    fn into_alignment(self) -> Result<Alignment, Problem> {
        let (by, reason, self_assessed) = (self.assessed_by, self.assessment_reason, self.self_assessed);
        Ok(Alignment {
            id: self.id,
            strategy_id: self.strategy_id,
            sub_goal_code: self.sub_goal_code,
            measure_code: self.measure_code,
            share: self.share,
            rationale: self.rationale,
            evidence: serde_json::from_value(self.evidence.0).map_err(Problem::internal)?,
            assessment: self.assessment,
            made_by: self.made_by,
            claimed_by: self.claimed_by,
            assessed: self.assessed_at.map(|at| Assessed { by, at, reason, self_assessed }),
        })
    }
}

/// The alignments of these projects, in the order they were made.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, projects: &[Id]) -> Result<HashMap<Id, Vec<Alignment>>, Problem> {
    let rows: Vec<Row> =
        alignments::table.filter(alignments::project_id.eq_any(projects.to_vec())).order(alignments::id).load(conn)?;
    let mut found: HashMap<Id, Vec<Alignment>> = HashMap::new();
    for row in rows {
        found.entry(row.project_id).or_default().push(row.into_alignment()?);
    }
    Ok(found)
}

/// Saves what differs.
///
/// # Errors
/// When the database fails.
pub fn save(conn: &mut Conn, project: Id, before: &[Alignment], after: &[Alignment]) -> Result<(), Problem> {
    let difference = difference(before, after);
    if !difference.gone.is_empty() {
        diesel::delete(alignments::table.filter(alignments::id.eq_any(difference.gone))).execute(conn)?;
    }
    for alignment in difference.changed {
        diesel::update(alignments::table.find(alignment.id)).set(Row::of(project, alignment)?).execute(conn)?;
    }
    if !difference.new.is_empty() {
        let rows: Vec<Row> =
            difference.new.into_iter().map(|alignment| Row::of(project, alignment)).collect::<Result<_, _>>()?;
        let insert = diesel::insert_into(alignments::table).values(rows);
        on_each!(conn => insert.execute(conn))?;
    }
    Ok(())
}
