//! The catalogue in the database. A strategy is small and read whole: six statements, whatever its size.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{GoalArea, Measure, Source, Strategy, SubGoal, SuccessFactor, Translation};
use super::municipality;
use crate::db::schema::{goal_areas, measures, municipalities, strategies, sub_goals, success_factors};
use crate::db::{Backend, Conn, on_each};
use crate::journal::{self, Change};
use crate::problem::Problem;
use crate::text::Bilingual;

#[derive(Queryable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = strategies, treat_none_as_null = true)]
struct StrategyRow {
    id: String,
    municipality_code: String,
    start_date: NaiveDate,
    end_date: NaiveDate,
    title_sv: String,
    title_en: String,
    vision_sv: String,
    vision_en: String,
    translation_language: String,
    translation_official: bool,
    source_title: String,
    source_url: Option<String>,
    version: i64,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = success_factors)]
struct FactorRow {
    strategy_id: String,
    position: i32,
    name_sv: String,
    name_en: String,
    meaning_sv: String,
    meaning_en: String,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = goal_areas)]
struct AreaRow {
    strategy_id: String,
    code: String,
    position: i32,
    title_sv: String,
    title_en: String,
    summary_sv: String,
    summary_en: String,
    retired: bool,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = sub_goals)]
struct SubGoalRow {
    strategy_id: String,
    code: String,
    goal_area_code: String,
    position: i32,
    title_sv: String,
    title_en: String,
    summary_sv: String,
    summary_en: String,
    retired: bool,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = measures)]
struct MeasureRow {
    strategy_id: String,
    code: String,
    sub_goal_code: String,
    position: i32,
    title_sv: String,
    title_en: String,
    retired: bool,
}

fn text(sv: String, en: String) -> Bilingual {
    Bilingual { sv, en }
}

/// The ids of the strategies of a municipality, or all, newest period first.
///
/// # Errors
/// When the database fails.
pub fn list_ids(conn: &mut Conn, municipality: Option<&str>) -> Result<Vec<String>, Problem> {
    let mut query = strategies::table.into_boxed::<Backend>();
    if let Some(code) = municipality {
        query = query.filter(strategies::municipality_code.eq(code.to_owned()));
    }
    Ok(query.order((strategies::start_date.desc(), strategies::id)).select(strategies::id).load(conn)?)
}

/// The newest strategy's id: what a code means that comes without one.
///
/// # Errors
/// 404 when there are no strategies.
pub fn newest_id(conn: &mut Conn) -> Result<String, Problem> {
    let newest = strategies::table
        .order((strategies::start_date.desc(), strategies::id))
        .select(strategies::id)
        .first(conn)
        .optional()?;
    newest.ok_or_else(|| Problem::not_found("Någon strategi", "A strategy"))
}

/// A whole strategy.
///
/// # Errors
/// 404 when there is none with this id.
pub fn find(conn: &mut Conn, id: &str) -> Result<Strategy, Problem> {
    let row: Option<StrategyRow> = strategies::table.find(id).first(conn).optional()?;
    let row = row.ok_or_else(|| Problem::not_found("Strategin", "The strategy"))?;
    let factors: Vec<FactorRow> = success_factors::table
        .filter(success_factors::strategy_id.eq(id))
        .order(success_factors::position)
        .load(conn)?;
    let area_rows: Vec<AreaRow> =
        goal_areas::table.filter(goal_areas::strategy_id.eq(id)).order(goal_areas::position).load(conn)?;
    let goal_rows: Vec<SubGoalRow> =
        sub_goals::table.filter(sub_goals::strategy_id.eq(id)).order(sub_goals::position).load(conn)?;
    let measure_rows: Vec<MeasureRow> =
        measures::table.filter(measures::strategy_id.eq(id)).order(measures::position).load(conn)?;

    let mut measures_of: HashMap<String, Vec<Measure>> = HashMap::new();
    for row in measure_rows {
        measures_of.entry(row.sub_goal_code).or_default().push(Measure {
            code: row.code,
            title: text(row.title_sv, row.title_en),
            retired: row.retired,
        });
    }
    let mut goals_of: HashMap<String, Vec<SubGoal>> = HashMap::new();
    for row in goal_rows {
        goals_of.entry(row.goal_area_code).or_default().push(SubGoal {
            measures: measures_of.remove(&row.code).unwrap_or_default(),
            code: row.code,
            title: text(row.title_sv, row.title_en),
            summary: text(row.summary_sv, row.summary_en),
            retired: row.retired,
        });
    }
    Ok(Strategy {
        id: row.id,
        municipality: row.municipality_code,
        start_date: row.start_date,
        end_date: row.end_date,
        title: text(row.title_sv, row.title_en),
        vision: text(row.vision_sv, row.vision_en),
        translation: Translation { language: row.translation_language, official: row.translation_official },
        source: Source { title: row.source_title, url: row.source_url },
        success_factors: factors
            .into_iter()
            .map(|row| SuccessFactor {
                name: text(row.name_sv, row.name_en),
                meaning: text(row.meaning_sv, row.meaning_en),
            })
            .collect(),
        goal_areas: area_rows
            .into_iter()
            .map(|row| GoalArea {
                sub_goals: goals_of.remove(&row.code).unwrap_or_default(),
                code: row.code,
                title: text(row.title_sv, row.title_en),
                summary: text(row.summary_sv, row.summary_en),
                retired: row.retired,
            })
            .collect(),
        version: row.version,
    })
}

/// Whether a goal area is retired.
///
/// # Errors
/// 404 when there is no such goal area.
pub fn is_goal_area_retired(conn: &mut Conn, strategy: &str, code: &str) -> Result<bool, Problem> {
    let found = goal_areas::table.find((strategy, code)).select(goal_areas::retired).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("Målområdet", "The goal area"))
}

/// Whether a measure is retired.
///
/// # Errors
/// 404 when there is no such measure.
pub fn is_measure_retired(conn: &mut Conn, strategy: &str, code: &str) -> Result<bool, Problem> {
    let found = measures::table.find((strategy, code)).select(measures::retired).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("Åtgärden", "The measure"))
}

/// Whether a project may be aligned with this sub-goal: it exists and is not retired.
///
/// # Errors
/// When the database fails.
pub fn has_sub_goal(conn: &mut Conn, strategy: &str, code: &str) -> Result<bool, Problem> {
    let retired: Option<bool> =
        sub_goals::table.find((strategy, code)).select(sub_goals::retired).first(conn).optional()?;
    Ok(retired == Some(false))
}

/// The sub-goal that a measure belongs to, if the measure exists and is not retired.
///
/// # Errors
/// When the database fails.
pub fn sub_goal_of(conn: &mut Conn, strategy: &str, measure: &str) -> Result<Option<String>, Problem> {
    Ok(measures::table
        .find((strategy, measure))
        .filter(measures::retired.eq(false))
        .select(measures::sub_goal_code)
        .first(conn)
        .optional()?)
}

/// First and last day of a strategy.
///
/// # Errors
/// 404 when there is none with this id.
pub fn period(conn: &mut Conn, id: &str) -> Result<(NaiveDate, NaiveDate), Problem> {
    let found = strategies::table.find(id).select((strategies::start_date, strategies::end_date)).first(conn);
    found.optional()?.ok_or_else(|| Problem::not_found("Strategin", "The strategy"))
}

/// Name of the municipality whose strategy it is.
///
/// # Errors
/// 404 when there is none with this id.
pub fn municipality_name(conn: &mut Conn, id: &str) -> Result<String, Problem> {
    let found = strategies::table
        .inner_join(municipalities::table)
        .filter(strategies::id.eq(id))
        .select(municipalities::name)
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Problem::not_found("Strategin", "The strategy"))
}

/// Whether there is a strategy with this id.
///
/// # Errors
/// When the database fails.
pub fn exists(conn: &mut Conn, id: &str) -> Result<bool, Problem> {
    Ok(strategies::table.find(id).count().get_result::<i64>(conn)? > 0)
}

/// Loads a strategy from its file; says whether that changed anything. What the file no longer has is retired, never
/// deleted.
///
/// # Errors
/// 404 when its municipality is unknown.
pub fn load(conn: &mut Conn, file: &Strategy) -> Result<bool, Problem> {
    let municipality = municipality::store::find(conn, &file.municipality)?;
    let present = list_ids(conn, None)?.contains(&file.id).then(|| find(conn, &file.id)).transpose()?;
    let wanted = with_retired(file, present.as_ref());
    if present.as_ref() == Some(&wanted) {
        return Ok(false);
    }
    let wanted = Strategy { version: wanted.version + 1, ..wanted };
    let row = StrategyRow {
        id: wanted.id.clone(),
        municipality_code: municipality.code,
        start_date: wanted.start_date,
        end_date: wanted.end_date,
        title_sv: wanted.title.sv.clone(),
        title_en: wanted.title.en.clone(),
        vision_sv: wanted.vision.sv.clone(),
        vision_en: wanted.vision.en.clone(),
        translation_language: wanted.translation.language.clone(),
        translation_official: wanted.translation.official,
        source_title: wanted.source.title.clone(),
        source_url: wanted.source.url.clone(),
        version: wanted.version,
    };
    match &present {
        None => diesel::insert_into(strategies::table).values(&row).execute(conn)?,
        Some(_) => diesel::update(strategies::table.find(&row.id)).set(&row).execute(conn)?,
    };
    write_factors(conn, &wanted)?;
    write_nodes(conn, &wanted, present.as_ref())?;
    let picture = |strategy: &Strategy| serde_json::to_value(strategy).map_err(Problem::internal);
    let before = present.as_ref().map(picture).transpose()?.unwrap_or_default();
    journal::record(
        conn,
        &Change {
            actor: None,
            kind: if present.is_some() { "strategy.updated" } else { "strategy.created" },
            aggregate: "strategy",
            id: wanted.id.clone(),
            version: wanted.version,
            before,
            after: picture(&wanted)?,
            personal: &[],
        },
    )?;
    Ok(true)
}

/// The file's strategy with what only the database has, retired.
fn with_retired(file: &Strategy, present: Option<&Strategy>) -> Strategy {
    let mut wanted = file.clone();
    let Some(present) = present else { return wanted };
    wanted.version = present.version;
    for area in &present.goal_areas {
        let Some(kept) = wanted.goal_areas.iter_mut().find(|kept| kept.code == area.code) else {
            let mut gone = area.clone();
            retire(&mut gone);
            wanted.goal_areas.push(gone);
            continue;
        };
        for goal in &area.sub_goals {
            let Some(kept) = kept.sub_goals.iter_mut().find(|kept| kept.code == goal.code) else {
                let mut gone = goal.clone();
                retire_goal(&mut gone);
                kept.sub_goals.push(gone);
                continue;
            };
            for measure in &goal.measures {
                if !kept.measures.iter().any(|kept| kept.code == measure.code) {
                    kept.measures.push(Measure { retired: true, ..measure.clone() });
                }
            }
        }
    }
    wanted
}

fn retire(area: &mut GoalArea) {
    area.retired = true;
    area.sub_goals.iter_mut().for_each(retire_goal);
}

fn retire_goal(goal: &mut SubGoal) {
    goal.retired = true;
    goal.measures.iter_mut().for_each(|measure| measure.retired = true);
}

fn write_factors(conn: &mut Conn, strategy: &Strategy) -> Result<(), Problem> {
    diesel::delete(success_factors::table.filter(success_factors::strategy_id.eq(&strategy.id))).execute(conn)?;
    let rows: Vec<FactorRow> = (0..)
        .zip(&strategy.success_factors)
        .map(|(position, factor)| FactorRow {
            strategy_id: strategy.id.clone(),
            position,
            name_sv: factor.name.sv.clone(),
            name_en: factor.name.en.clone(),
            meaning_sv: factor.meaning.sv.clone(),
            meaning_en: factor.meaning.en.clone(),
        })
        .collect();
    let insert = diesel::insert_into(success_factors::table).values(rows);
    on_each!(conn => insert.execute(conn))?;
    Ok(())
}

/// Inserts the nodes that are new and updates the others, level by level, since each level refers to the one above.
fn write_nodes(conn: &mut Conn, strategy: &Strategy, present: Option<&Strategy>) -> Result<(), Problem> {
    let known: HashSet<&str> = present
        .into_iter()
        .flat_map(|present| {
            let areas = present.goal_areas.iter().map(|area| area.code.as_str());
            let goals = present.sub_goals().map(|(_, goal)| goal.code.as_str());
            let measures = present.measures().map(|(_, measure)| measure.code.as_str());
            areas.chain(goals).chain(measures)
        })
        .collect();
    for (position, area) in (0..).zip(&strategy.goal_areas) {
        let row = AreaRow {
            strategy_id: strategy.id.clone(),
            code: area.code.clone(),
            position,
            title_sv: area.title.sv.clone(),
            title_en: area.title.en.clone(),
            summary_sv: area.summary.sv.clone(),
            summary_en: area.summary.en.clone(),
            retired: area.retired,
        };
        if known.contains(area.code.as_str()) {
            diesel::update(goal_areas::table.find((&strategy.id, &area.code))).set(&row).execute(conn)?;
        } else {
            diesel::insert_into(goal_areas::table).values(&row).execute(conn)?;
        }
    }
    for (position, (area, goal)) in (0..).zip(strategy.sub_goals()) {
        let row = SubGoalRow {
            strategy_id: strategy.id.clone(),
            code: goal.code.clone(),
            goal_area_code: area.code.clone(),
            position,
            title_sv: goal.title.sv.clone(),
            title_en: goal.title.en.clone(),
            summary_sv: goal.summary.sv.clone(),
            summary_en: goal.summary.en.clone(),
            retired: goal.retired,
        };
        if known.contains(goal.code.as_str()) {
            diesel::update(sub_goals::table.find((&strategy.id, &goal.code))).set(&row).execute(conn)?;
        } else {
            diesel::insert_into(sub_goals::table).values(&row).execute(conn)?;
        }
    }
    for (position, (goal, measure)) in (0..).zip(strategy.measures()) {
        let row = MeasureRow {
            strategy_id: strategy.id.clone(),
            code: measure.code.clone(),
            sub_goal_code: goal.code.clone(),
            position,
            title_sv: measure.title.sv.clone(),
            title_en: measure.title.en.clone(),
            retired: measure.retired,
        };
        if known.contains(measure.code.as_str()) {
            diesel::update(measures::table.find((&strategy.id, &measure.code))).set(&row).execute(conn)?;
        } else {
            diesel::insert_into(measures::table).values(&row).execute(conn)?;
        }
    }
    Ok(())
}
