//! The small lists of a project's facts in the database: municipalities, places, case numbers, horizontal criteria and
//! related projects.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{CaseNumber, Criterion, Degree, Facts, HorizontalCriterion, RelatedProject, Relation, Visibility};
use super::stakeholder;
use crate::db::schema::{
    project_case_numbers, project_criteria, project_municipalities, project_places, project_relations, projects,
};
use crate::db::{Conn, on_each};
use crate::id::Id;
use crate::problem::Problem;

/// A project and another: id, what it is, who may see it.
type RelationRow = (Id, (Id, Relation, Visibility));

/// The lists of several projects.
pub(super) struct Facets {
    pub(super) municipalities: HashMap<Id, Vec<String>>,
    pub(super) places: HashMap<Id, Vec<String>>,
    pub(super) case_numbers: HashMap<Id, Vec<CaseNumber>>,
    pub(super) criteria: HashMap<Id, Vec<HorizontalCriterion>>,
    pub(super) related: HashMap<Id, Vec<RelatedProject>>,
    pub(super) referring: HashMap<Id, Vec<RelatedProject>>,
}

impl Facets {
    /// The lists of these projects, one statement for each kind.
    pub(super) fn load(conn: &mut Conn, ids: &[Id]) -> Result<Self, Problem> {
        let municipalities = project_municipalities::table
            .filter(project_municipalities::project_id.eq_any(ids.to_vec()))
            .order((project_municipalities::project_id, project_municipalities::municipality_code))
            .load(conn)?;
        let places = project_places::table
            .filter(project_places::project_id.eq_any(ids.to_vec()))
            .order((project_places::project_id, project_places::position))
            .select((project_places::project_id, project_places::name))
            .load(conn)?;
        let case_numbers = project_case_numbers::table
            .filter(project_case_numbers::project_id.eq_any(ids.to_vec()))
            .order((project_case_numbers::project_id, project_case_numbers::position))
            .select((project_case_numbers::project_id, (project_case_numbers::authority, project_case_numbers::number)))
            .load(conn)?;
        let criteria = project_criteria::table
            .filter(project_criteria::project_id.eq_any(ids.to_vec()))
            .order((project_criteria::project_id, project_criteria::criterion))
            .select((project_criteria::project_id, (project_criteria::criterion, project_criteria::degree)))
            .load(conn)?;
        let related: Vec<RelationRow> = project_relations::table
            .inner_join(projects::table.on(projects::id.eq(project_relations::related_id)))
            .filter(project_relations::project_id.eq_any(ids.to_vec()))
            .order((project_relations::project_id, project_relations::related_id))
            .select((project_relations::project_id, (projects::id, project_relations::relation, projects::visibility)))
            .load(conn)?;
        let referring: Vec<RelationRow> = project_relations::table
            .inner_join(projects::table.on(projects::id.eq(project_relations::project_id)))
            .filter(project_relations::related_id.eq_any(ids.to_vec()))
            .order((project_relations::related_id, project_relations::project_id))
            .select((project_relations::related_id, (projects::id, project_relations::relation, projects::visibility)))
            .load(conn)?;
        let others: Vec<Id> = related.iter().chain(&referring).map(|(_, (id, ..))| *id).collect();
        let owners = stakeholder::store::owners(conn, &others)?;
        let other = |(project_id, relation, visibility)| RelatedProject {
            project_id,
            relation,
            visibility,
            owners: owners.get(&project_id).cloned().unwrap_or_default(),
        };
        Ok(Self {
            municipalities: grouped(municipalities, |code: String| code),
            places: grouped(places, |name: String| name),
            case_numbers: grouped(case_numbers, |(authority, number): (String, String)| CaseNumber {
                authority,
                number,
            }),
            criteria: grouped(criteria, |(criterion, degree): (Criterion, Degree)| HorizontalCriterion {
                criterion,
                degree,
            }),
            related: grouped(related, other),
            referring: grouped(referring, other),
        })
    }
}

fn grouped<R, T>(rows: Vec<(Id, R)>, item: impl Fn(R) -> T) -> HashMap<Id, Vec<T>> {
    let mut groups: HashMap<Id, Vec<T>> = HashMap::new();
    for (id, row) in rows {
        groups.entry(id).or_default().push(item(row));
    }
    groups
}

/// Replaces each list that differs.
pub(super) fn save(conn: &mut Conn, id: Id, before: &Facts, after: &Facts) -> Result<(), Problem> {
    macro_rules! replace {
        ($table:ident, $member:ident, $row:expr) => {
            if before.$member != after.$member {
                diesel::delete($table::table.filter($table::project_id.eq(id))).execute(conn)?;
                let rows: Vec<_> = (0_i32..).zip(&after.$member).map($row).collect();
                if !rows.is_empty() {
                    let insert = diesel::insert_into($table::table).values(rows);
                    on_each!(conn => insert.execute(conn))?;
                }
            }
        };
    }
    replace!(project_municipalities, municipalities, |(_, code)| (
        project_municipalities::project_id.eq(id),
        project_municipalities::municipality_code.eq(code),
    ));
    replace!(project_places, places, |(position, name)| (
        project_places::project_id.eq(id),
        project_places::position.eq(position),
        project_places::name.eq(name),
    ));
    replace!(project_case_numbers, case_numbers, |(position, case)| (
        project_case_numbers::project_id.eq(id),
        project_case_numbers::position.eq(position),
        project_case_numbers::authority.eq(&case.authority),
        project_case_numbers::number.eq(&case.number),
    ));
    replace!(project_criteria, horizontal_criteria, |(_, item)| (
        project_criteria::project_id.eq(id),
        project_criteria::criterion.eq(item.criterion),
        project_criteria::degree.eq(item.degree),
    ));
    replace!(project_relations, related_projects, |(_, other)| (
        project_relations::project_id.eq(id),
        project_relations::related_id.eq(other.project_id),
        project_relations::relation.eq(other.relation),
    ));
    Ok(())
}
