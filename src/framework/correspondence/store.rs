//! Correspondences in the database.

use diesel::prelude::*;

use super::model::{Correspondence, CorrespondenceFacts, CorrespondenceType, Correspondences, Provenance};
use crate::db::schema::{correspondences, priorities};
use crate::db::{Backend, Conn};
use crate::framework::file::CorrespondenceFile;
use crate::framework::store::has_priority;
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Problem};
use crate::strategy;
use crate::text::{Bilingual, bilingual};

const AGGREGATE: &str = "correspondence";

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = correspondences, treat_none_as_null = true)]
struct Row {
    id: Id,
    strategy_id: String,
    sub_goal_code: String,
    measure_code: Option<String>,
    framework_id: String,
    priority_code: Option<String>,
    type_: CorrespondenceType,
    provenance: Provenance,
    rationale_sv: String,
    rationale_en: String,
    removed: bool,
    version: i64,
}

impl Row {
    fn of(correspondence: &Correspondence) -> Self {
        let Correspondence { id, strategy_id, framework_id, facts, removed, version } = correspondence.clone();
        Self {
            id,
            strategy_id,
            sub_goal_code: facts.sub_goal,
            measure_code: facts.measure,
            framework_id,
            priority_code: facts.priority,
            type_: facts.type_,
            provenance: facts.provenance,
            rationale_sv: facts.rationale.sv,
            rationale_en: facts.rationale.en,
            removed,
            version,
        }
    }

    fn into_correspondence(self) -> Correspondence {
        Correspondence {
            id: self.id,
            strategy_id: self.strategy_id,
            framework_id: self.framework_id,
            facts: CorrespondenceFacts {
                sub_goal: self.sub_goal_code,
                measure: self.measure_code,
                priority: self.priority_code,
                type_: self.type_,
                provenance: self.provenance,
                rationale: Bilingual { sv: self.rationale_sv, en: self.rationale_en },
            },
            removed: self.removed,
            version: self.version,
        }
    }
}

/// Which correspondences of a framework to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those of this strategy.
    pub strategy: Option<String>,
    /// Those of these sub-goals, their measures' included.
    pub sub_goal: Option<Vec<String>>,
    /// Those of these measures.
    pub measure: Option<Vec<String>>,
    /// Those to these priorities.
    pub priority: Option<Vec<String>>,
    /// Those of these types.
    pub types: Option<Vec<CorrespondenceType>>,
}

/// A framework's correspondences that a filter lets through, in the order of the strategy's codes and the framework's
/// tree.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, framework: &str, filter: &Filter) -> Result<Vec<Correspondence>, Problem> {
    let mut query = correspondences::table
        .left_join(
            priorities::table.on(priorities::framework_id
                .eq(correspondences::framework_id)
                .and(priorities::code.nullable().eq(correspondences::priority_code))),
        )
        .filter(correspondences::framework_id.eq(framework.to_owned()))
        .filter(correspondences::removed.eq(false))
        .select((correspondences::all_columns, priorities::position.nullable()))
        .into_boxed::<Backend>();
    if let Some(strategy) = &filter.strategy {
        query = query.filter(correspondences::strategy_id.eq(strategy));
    }
    if let Some(codes) = &filter.sub_goal {
        query = query.filter(correspondences::sub_goal_code.eq_any(codes));
    }
    if let Some(codes) = &filter.measure {
        query = query.filter(correspondences::measure_code.eq_any(codes.iter().map(Some).collect::<Vec<_>>()));
    }
    if let Some(codes) = &filter.priority {
        query = query.filter(correspondences::priority_code.eq_any(codes.iter().map(Some).collect::<Vec<_>>()));
    }
    if let Some(types) = &filter.types {
        query = query.filter(correspondences::type_.eq_any(types));
    }
    let rows: Vec<(Row, Option<i32>)> = query.load(conn)?;
    let mut found: Vec<(Correspondence, Option<i32>)> =
        rows.into_iter().map(|(row, position)| (row.into_correspondence(), position)).collect();
    found.sort_by_cached_key(|(entry, position)| {
        let facts = &entry.facts;
        let node = strategy::model::code_key(facts.measure.as_ref().unwrap_or(&facts.sub_goal));
        (entry.strategy_id.clone(), node, *position)
    });
    Ok(found.into_iter().map(|(entry, _)| entry).collect())
}

/// A framework's correspondences, ready to be asked which one counts.
///
/// # Errors
/// When the database fails.
pub fn all(conn: &mut Conn, framework: &str) -> Result<Correspondences, Problem> {
    Ok(Correspondences::new(list(conn, framework, &Filter::default())?))
}

/// The correspondence with this id.
///
/// # Errors
/// 404 when the framework has none such.
pub fn find(conn: &mut Conn, framework: &str, id: Id) -> Result<Correspondence, Problem> {
    let row: Option<Row> = correspondences::table
        .find(id)
        .filter(correspondences::framework_id.eq(framework))
        .filter(correspondences::removed.eq(false))
        .first(conn)
        .optional()?;
    row.map(Row::into_correspondence).ok_or_else(|| Problem::not_found("Motsvarigheten", "The correspondence"))
}

fn of_node(conn: &mut Conn, strategy: &str, framework: &str, facts: &CorrespondenceFacts) -> Result<Vec<Row>, Problem> {
    let rows: Vec<Row> = correspondences::table
        .filter(correspondences::strategy_id.eq(strategy))
        .filter(correspondences::framework_id.eq(framework))
        .filter(correspondences::sub_goal_code.eq(&facts.sub_goal))
        .load(conn)?;
    Ok(rows.into_iter().filter(|row| row.measure_code == facts.measure).collect())
}

/// Adds a correspondence; one that was removed comes back under its old id.
///
/// # Errors
/// 422 with what is wrong with it.
pub fn insert(
    conn: &mut Conn,
    actor: Option<Id>,
    (strategy, framework): (&str, &str),
    facts: &CorrespondenceFacts,
) -> Result<Correspondence, Problem> {
    check(conn, (strategy, framework), facts, None)?;
    let others = of_node(conn, strategy, framework, facts)?;
    let removed = others.into_iter().find(|row| row.removed && row.priority_code == facts.priority);
    let removed = removed.map(Row::into_correspondence);
    let entry = Correspondence {
        id: removed.as_ref().map_or_else(Id::new, |removed| removed.id),
        strategy_id: strategy.to_owned(),
        framework_id: framework.to_owned(),
        facts: facts.clone(),
        removed: false,
        version: removed.as_ref().map_or(0, |removed| removed.version) + 1,
    };
    let row = Row::of(&entry);
    match removed {
        None => diesel::insert_into(correspondences::table).values(&row).execute(conn)?,
        Some(_) => diesel::update(correspondences::table.find(entry.id)).set(&row).execute(conn)?,
    };
    record(conn, actor, "correspondence.created", None, Some(&entry))?;
    Ok(entry)
}

/// Changes what a correspondence says, one version on; what it is between stays.
///
/// # Errors
/// 422 with what is wrong with it.
pub fn update(
    conn: &mut Conn,
    actor: Option<Id>,
    before: &Correspondence,
    facts: CorrespondenceFacts,
) -> Result<Correspondence, Problem> {
    check(conn, (&before.strategy_id, &before.framework_id), &facts, Some(before.id))?;
    let after = Correspondence { facts, version: before.version + 1, ..before.clone() };
    diesel::update(correspondences::table.find(before.id)).set(&Row::of(&after)).execute(conn)?;
    record(conn, actor, "correspondence.updated", Some(before), Some(&after))?;
    Ok(after)
}

/// Removes a correspondence; it is kept aside, so that loading its file does not bring it back.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, actor: Option<Id>, before: &Correspondence) -> Result<(), Problem> {
    let after = Correspondence { removed: true, version: before.version + 1, ..before.clone() };
    diesel::update(correspondences::table.find(before.id)).set(&Row::of(&after)).execute(conn)?;
    record(conn, actor, "correspondence.deleted", Some(before), None)
}

/// Loads correspondences from a file; says how many were new or changed. One that a person has changed or removed is left
/// as it is; one that contradicts an earlier file's takes its place, but not a person's.
///
/// # Errors
/// 422 with what is wrong with one of them.
pub fn load(conn: &mut Conn, file: &CorrespondenceFile) -> Result<usize, Problem> {
    let mut count = 0;
    let pair = (file.strategy.as_str(), file.framework.as_str());
    for facts in &file.correspondences {
        let others: Vec<_> = of_node(conn, pair.0, pair.1, facts)?.into_iter().map(Row::into_correspondence).collect();
        match others.iter().find(|other| other.facts.priority == facts.priority) {
            None if make_room(conn, facts, &others)? => drop(insert(conn, None, pair, facts)?),
            Some(known) if !known.removed && known.facts != *facts && is_the_programs(conn, known)? => {
                update(conn, None, known, facts.clone())?;
            }
            _ => continue,
        }
        count += 1;
    }
    Ok(count)
}

/// Removes what contradicts a correspondence of a file; says no when a person has said it.
fn make_room(conn: &mut Conn, facts: &CorrespondenceFacts, others: &[Correspondence]) -> Result<bool, Problem> {
    let contradicts = |other: &&Correspondence| !other.removed && other.facts.contradicts(facts);
    let contradicting: Vec<_> = others.iter().filter(contradicts).collect();
    for other in &contradicting {
        if !is_the_programs(conn, other)? {
            return Ok(false);
        }
    }
    for other in contradicting {
        remove(conn, None, other)?;
    }
    Ok(true)
}

fn is_the_programs(conn: &mut Conn, entry: &Correspondence) -> Result<bool, Problem> {
    journal::is_the_programs(conn, AGGREGATE, &entry.id.to_string())
}

fn check(
    conn: &mut Conn,
    (strategy, framework): (&str, &str),
    facts: &CorrespondenceFacts,
    own: Option<Id>,
) -> Result<(), Problem> {
    let mut faults = Vec::new();
    let CorrespondenceFacts { sub_goal, measure, priority, .. } = facts;
    if !strategy::store::exists(conn, strategy)? {
        let reason = bilingual!("strategin {strategy} finns inte", "the strategy {strategy} does not exist");
        return Err(Problem::invalid(vec![Fault::body("/strategyId", "unknown-strategy", reason)]));
    }
    if !strategy::store::has_sub_goal(conn, strategy, sub_goal)? {
        let reason = bilingual!(
            "delmålet {sub_goal} finns inte i {strategy}",
            "the sub-goal {sub_goal} does not exist in {strategy}"
        );
        faults.push(Fault::body("/subGoal", "unknown-sub-goal", reason));
    }
    if let Some(measure) = measure
        && strategy::store::sub_goal_of(conn, strategy, measure)?.as_ref() != Some(sub_goal)
    {
        let reason = bilingual!(
            "åtgärden {measure} finns inte i delmålet {sub_goal}",
            "the measure {measure} does not exist in the sub-goal {sub_goal}"
        );
        faults.push(Fault::body("/measure", "unknown-measure", reason));
    }
    if let Some(priority) = priority
        && !has_priority(conn, framework, priority)?
    {
        let reason = bilingual!(
            "prioriteringen {priority} finns inte i {framework}",
            "the priority {priority} does not exist in {framework}"
        );
        faults.push(Fault::body("/priority", "unknown-priority", reason));
    }
    let others = of_node(conn, strategy, framework, facts)?;
    let others = others.into_iter().filter(|row| !row.removed && Some(row.id) != own);
    let others: Vec<_> = others.map(|row| row.into_correspondence().facts).collect();
    faults.extend(facts.faults(&others.iter().collect::<Vec<_>>()));
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Correspondence>,
    after: Option<&Correspondence>,
) -> Result<(), Problem> {
    let Some(now) = after.or(before) else { return Ok(()) };
    let version = if after.is_some() { now.version } else { now.version + 1 };
    let picture = |entry: &Correspondence| {
        let mut picture = serde_json::to_value(&entry.facts).map_err(Problem::internal)?;
        picture["strategyId"] = entry.strategy_id.clone().into();
        picture["frameworkId"] = entry.framework_id.clone().into();
        Ok::<_, Problem>(picture)
    };
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: AGGREGATE,
            id: now.id.to_string(),
            version,
            before: before.map(picture).transpose()?.unwrap_or_default(),
            after: after.map(picture).transpose()?.unwrap_or_default(),
            personal: &[],
        },
    )
}
