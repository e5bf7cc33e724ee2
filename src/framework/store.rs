//! Frameworks in the database. A framework is small and read whole: two statements, whatever its size.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::{Framework, Priority};
use crate::db::Conn;
use crate::db::schema::{frameworks, priorities};
use crate::db::types::Json;
use crate::journal::{self, Change};
use crate::problem::Problem;
use crate::text::Bilingual;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = frameworks, treat_none_as_null = true)]
struct FrameworkRow {
    id: String,
    title_sv: String,
    title_en: String,
    owner: Option<String>,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    programme_numbers: Json,
    levels: Json,
    note: Option<Json>,
    version: i64,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = priorities, treat_none_as_null = true)]
struct PriorityRow {
    framework_id: String,
    code: String,
    parent_code: Option<String>,
    position: i32,
    level: String,
    title: Json,
    wording: Option<Json>,
    note: Option<Json>,
    source: Json,
    retired: bool,
}

fn json(value: &impl Serialize) -> Result<Json, Problem> {
    serde_json::to_value(value).map(Json).map_err(Problem::internal)
}

fn read<T: DeserializeOwned>(json: Json) -> Result<T, Problem> {
    serde_json::from_value(json.0).map_err(Problem::internal)
}

/// The ids of all frameworks, the latest period first and those without one last.
///
/// # Errors
/// When the database fails.
pub fn list_ids(conn: &mut Conn) -> Result<Vec<String>, Problem> {
    let order = (frameworks::start_date.is_null(), frameworks::start_date.desc(), frameworks::id);
    Ok(frameworks::table.order(order).select(frameworks::id).load(conn)?)
}

/// Whether there is a framework with this id.
///
/// # Errors
/// When the database fails.
pub fn exists(conn: &mut Conn, id: &str) -> Result<bool, Problem> {
    Ok(frameworks::table.find(id).count().get_result::<i64>(conn)? > 0)
}

/// Whether the framework has this priority and has not retired it.
///
/// # Errors
/// When the database fails.
pub fn has_priority(conn: &mut Conn, framework: &str, code: &str) -> Result<bool, Problem> {
    let retired: Option<bool> =
        priorities::table.find((framework, code)).select(priorities::retired).first(conn).optional()?;
    Ok(retired == Some(false))
}

/// A whole framework.
///
/// # Errors
/// 404 when there is none with this id.
pub fn find(conn: &mut Conn, id: &str) -> Result<Framework, Problem> {
    let row: Option<FrameworkRow> = frameworks::table.find(id).first(conn).optional()?;
    let row = row.ok_or_else(|| Problem::not_found("Ramverket", "The framework"))?;
    let nodes: Vec<PriorityRow> =
        priorities::table.filter(priorities::framework_id.eq(id)).order(priorities::position).load(conn)?;
    let mut below: HashMap<Option<String>, Vec<Priority>> = HashMap::new();
    // From the last: by then a node's own children are together.
    for node in nodes.into_iter().rev() {
        let mut own = below.remove(&Some(node.code.clone())).unwrap_or_default();
        own.reverse();
        below.entry(node.parent_code).or_default().push(Priority {
            code: node.code,
            level: node.level,
            title: read(node.title)?,
            wording: node.wording.map(read).transpose()?,
            source: read(node.source)?,
            note: node.note.map(read).transpose()?,
            retired: node.retired,
            priorities: own,
        });
    }
    let mut outermost = below.remove(&None).unwrap_or_default();
    outermost.reverse();
    Ok(Framework {
        id: row.id,
        title: Bilingual { sv: row.title_sv, en: row.title_en },
        owner: row.owner,
        start_date: row.start_date,
        end_date: row.end_date,
        programme_numbers: read(row.programme_numbers)?,
        note: row.note.map(read).transpose()?,
        levels: read(row.levels)?,
        priorities: outermost,
        version: row.version,
    })
}

/// Loads a framework from its file; says whether that changed anything. What the file no longer has is retired, never
/// deleted.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, file: &Framework) -> Result<bool, Problem> {
    let present = exists(conn, &file.id)?.then(|| find(conn, &file.id)).transpose()?;
    let wanted = with_retired(file, present.as_ref());
    if present.as_ref() == Some(&wanted) {
        return Ok(false);
    }
    let wanted = Framework { version: wanted.version + 1, ..wanted };
    let row = FrameworkRow {
        id: wanted.id.clone(),
        title_sv: wanted.title.sv.clone(),
        title_en: wanted.title.en.clone(),
        owner: wanted.owner.clone(),
        start_date: wanted.start_date,
        end_date: wanted.end_date,
        programme_numbers: json(&wanted.programme_numbers)?,
        levels: json(&wanted.levels)?,
        note: wanted.note.as_ref().map(json).transpose()?,
        version: wanted.version,
    };
    match &present {
        None => diesel::insert_into(frameworks::table).values(&row).execute(conn)?,
        Some(_) => diesel::update(frameworks::table.find(&row.id)).set(&row).execute(conn)?,
    };
    let all = present.iter().flat_map(Framework::all);
    let known: HashSet<&str> = all.map(|priority| priority.code.as_str()).collect();
    let mut position = 0;
    for priority in &wanted.priorities {
        write(conn, &wanted.id, priority, None, &mut position, &known)?;
    }
    let picture = |framework: &Framework| serde_json::to_value(framework).map_err(Problem::internal);
    journal::record(
        conn,
        &Change {
            actor: None,
            kind: if present.is_some() { "framework.updated" } else { "framework.created" },
            aggregate: "framework",
            id: wanted.id.clone(),
            version: wanted.version,
            before: present.as_ref().map_or(Ok(Value::Null), picture)?,
            after: picture(&wanted)?,
            personal: &[],
        },
    )?;
    Ok(true)
}

/// The file's framework with what only the database has, retired, below the parent that it had.
fn with_retired(file: &Framework, present: Option<&Framework>) -> Framework {
    let mut wanted = file.clone();
    let Some(present) = present else { return wanted };
    wanted.version = present.version;
    let gone = |priority: &&Priority| file.find(&priority.code).is_none();
    for priority in present.all().into_iter().filter(gone) {
        let parent =
            present.all().into_iter().find(|other| other.priorities.iter().any(|own| own.code == priority.code));
        let kept = Priority { retired: true, priorities: Vec::new(), ..priority.clone() };
        match parent.and_then(|parent| find_mut(&mut wanted.priorities, &parent.code)) {
            Some(parent) => parent.priorities.push(kept),
            None => wanted.priorities.push(kept),
        }
    }
    wanted
}

fn find_mut<'a>(nodes: &'a mut [Priority], code: &str) -> Option<&'a mut Priority> {
    nodes.iter_mut().find_map(|node| if node.code == code { Some(node) } else { find_mut(&mut node.priorities, code) })
}

/// Writes a node and those below it, each after the one above, since each refers to that.
fn write(
    conn: &mut Conn,
    framework: &str,
    priority: &Priority,
    parent: Option<&str>,
    position: &mut i32,
    known: &HashSet<&str>,
) -> Result<(), Problem> {
    let row = PriorityRow {
        framework_id: framework.to_owned(),
        code: priority.code.clone(),
        parent_code: parent.map(str::to_owned),
        position: *position,
        level: priority.level.clone(),
        title: json(&priority.title)?,
        wording: priority.wording.as_ref().map(json).transpose()?,
        note: priority.note.as_ref().map(json).transpose()?,
        source: json(&priority.source)?,
        retired: priority.retired,
    };
    *position += 1;
    if known.contains(priority.code.as_str()) {
        diesel::update(priorities::table.find((framework, &priority.code))).set(&row).execute(conn)?;
    } else {
        diesel::insert_into(priorities::table).values(&row).execute(conn)?;
    }
    for below in &priority.priorities {
        write(conn, framework, below, Some(&priority.code), position, known)?;
    }
    Ok(())
}
