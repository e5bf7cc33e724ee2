//! Projects in the database: listed, loaded whole in a constant number of statements, saved by what differs.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use diesel::dsl::exists;
use diesel::prelude::*;

use super::facets::{self, Facets};
use super::filter::Filter;
use super::lifecycle::Status;
use super::model::{Contact, Facts, Project, ProjectKind, Purpose, Registration, Visibility};
use super::query::{matching, seen, sorted};
use super::sight::Sight;
use super::status_change::{self, StatusChange};
use super::totals::totals;
use super::{alignment, cost, funding_line, indicator, reporting_date, search, stakeholder};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{project_case_numbers, projects};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::Problem;
use crate::text::sort_key;

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = projects, treat_none_as_null = true)]
struct Row {
    id: Id,
    reference: String,
    strategy_id: String,
    kind: ProjectKind,
    title: String,
    title_key: String,
    summary: Option<String>,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    status: Status,
    visibility: Visibility,
    withheld_reason: Option<String>,
    state_aid: Option<String>,
    registration_source: Option<String>,
    registration_reason: Option<String>,
    contact_name: Option<String>,
    contact_email: Option<String>,
    contact_phone: Option<String>,
    total_cost: Option<i64>,
    total_funding: Option<i64>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    purpose: Option<Purpose>,
    results_use: Option<String>,
    submitted_at: Option<Timestamp>,
    total_granted: Option<i64>,
}

impl Row {
    fn of(project: &Project) -> Self {
        let Project { facts, registration, .. } = project;
        let contact = facts.contact.as_ref();
        let totals = totals(&project.costs, &project.revenues, &project.funding_lines);
        Self {
            id: project.id,
            reference: project.reference.clone(),
            strategy_id: facts.strategy_id.clone(),
            kind: facts.kind,
            title: facts.title.clone(),
            title_key: sort_key(&facts.title),
            summary: facts.summary.clone(),
            start_date: facts.start_date,
            end_date: facts.end_date,
            status: project.status,
            visibility: facts.visibility,
            withheld_reason: facts.withheld_reason.clone(),
            state_aid: facts.state_aid.clone(),
            registration_source: registration.as_ref().map(|registration| registration.source.clone()),
            registration_reason: registration.as_ref().map(|registration| registration.reason.clone()),
            contact_name: contact.map(|contact| contact.name.clone()),
            contact_email: contact.and_then(|contact| contact.email.clone()),
            contact_phone: contact.and_then(|contact| contact.phone.clone()),
            total_cost: totals.cost,
            total_funding: totals.funding,
            version: project.version,
            created_at: project.created_at,
            updated_at: project.updated_at,
            purpose: facts.purpose,
            results_use: facts.results_use.clone(),
            submitted_at: project.submitted_at,
            total_granted: totals.granted,
        }
    }
}

/// A page of the projects that a filter lets through, and how many it lets through.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<Project>, i64), Problem> {
    let total = matching(filter).count().get_result(conn)?;
    let rows: Vec<Row> = sorted(matching(filter), &filter.sort).offset(offset).limit(limit).load(conn)?;
    Ok((assemble(conn, rows)?, total))
}

/// The next projects that a filter lets through, whole, by id; its order is not asked for.
///
/// # Errors
/// When the database fails.
pub fn after(conn: &mut Conn, filter: &Filter, last: Option<Id>, limit: i64) -> Result<Vec<Project>, Problem> {
    let mut query = matching(filter).order(projects::id).limit(limit);
    if let Some(last) = last {
        query = query.filter(projects::id.gt(last));
    }
    let rows: Vec<Row> = query.load(conn)?;
    assemble(conn, rows)
}

/// The project with this id, whole.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(conn: &mut Conn, id: Id, sight: Sight) -> Result<Project, Problem> {
    let rows: Vec<Row> = projects::table.filter(projects::id.eq(id)).filter(seen(sight)).load(conn)?;
    assemble(conn, rows)?.pop().ok_or_else(|| Problem::not_found("Projektet", "The project"))
}

/// Those of these projects that the caller may see, whole, by id.
///
/// # Errors
/// When the database fails.
pub fn find_all(conn: &mut Conn, ids: &[Id], sight: Sight) -> Result<HashMap<Id, Project>, Problem> {
    let rows: Vec<Row> = projects::table.filter(projects::id.eq_any(ids.to_vec())).filter(seen(sight)).load(conn)?;
    Ok(assemble(conn, rows)?.into_iter().map(|project| (project.id, project)).collect())
}

/// Those of these projects that the caller may see, their visibility and their owners.
///
/// # Errors
/// When the database fails.
pub fn known(conn: &mut Conn, ids: &[Id], sight: Sight) -> Result<Vec<(Id, Visibility, Vec<Id>)>, Problem> {
    let known = projects::table.filter(projects::id.eq_any(ids.to_vec())).filter(seen(sight));
    let rows: Vec<(Id, Visibility)> = known.select((projects::id, projects::visibility)).load(conn)?;
    let mut owners = stakeholder::store::owners(conn, ids)?;
    Ok(rows.into_iter().map(|(id, visibility)| (id, visibility, owners.remove(&id).unwrap_or_default())).collect())
}

/// The projects with this case number at an authority, oldest first.
///
/// # Errors
/// When the database fails.
pub fn find_by_case_number(conn: &mut Conn, authority: &str, number: &str) -> Result<Vec<Id>, Problem> {
    Ok(project_case_numbers::table
        .filter(project_case_numbers::number.eq(number))
        .filter(project_case_numbers::authority.eq(authority))
        .order(project_case_numbers::project_id)
        .select(project_case_numbers::project_id)
        .load(conn)?)
}

/// The project that people call this.
///
/// # Errors
/// When the database fails.
pub fn find_by_reference(conn: &mut Conn, reference: &str) -> Result<Option<Id>, Problem> {
    let found = projects::table.filter(projects::reference.eq(reference)).select(projects::id);
    Ok(found.first(conn).optional()?)
}

/// The projects with exactly this title, oldest first.
///
/// # Errors
/// When the database fails.
pub fn find_by_title(conn: &mut Conn, title: &str) -> Result<Vec<Id>, Problem> {
    Ok(projects::table
        .filter(projects::title_key.eq(sort_key(title)))
        .filter(projects::title.eq(title))
        .order(projects::id)
        .select(projects::id)
        .load(conn)?)
}

/// How many projects there are.
///
/// # Errors
/// When the database fails.
pub fn count(conn: &mut Conn) -> Result<i64, Problem> {
    Ok(projects::table.count().get_result(conn)?)
}

/// Gives rows their parts, fifteen statements for any number of rows.
fn assemble(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Project>, Problem> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut facets = Facets::load(conn, &ids)?;
    let mut alignments = alignment::store::load(conn, &ids)?;
    let mut stakeholders = stakeholder::store::load(conn, &ids)?;
    let mut costs = cost::store::load_costs(conn, &ids)?;
    let mut revenues = cost::store::load_revenues(conn, &ids)?;
    let mut lines = funding_line::store::load(conn, &ids)?;
    let mut indicators = indicator::store::load(conn, &ids)?;
    let mut reporting_dates = reporting_date::store::load(conn, &ids)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            Project {
                alignments: alignments.remove(&id).unwrap_or_default(),
                stakeholders: stakeholders.remove(&id).unwrap_or_default(),
                costs: costs.remove(&id).unwrap_or_default(),
                revenues: revenues.remove(&id).unwrap_or_default(),
                funding_lines: lines.remove(&id).unwrap_or_default(),
                indicators: indicators.remove(&id).unwrap_or_default(),
                reporting_dates: reporting_dates.remove(&id).unwrap_or_default(),
                referring_projects: facets.referring.remove(&id).unwrap_or_default(),
                id,
                reference: row.reference,
                status: row.status,
                registration: row
                    .registration_source
                    .zip(row.registration_reason)
                    .map(|(source, reason)| Registration { source, reason }),
                version: row.version,
                created_at: row.created_at,
                updated_at: row.updated_at,
                submitted_at: row.submitted_at,
                facts: Facts {
                    strategy_id: row.strategy_id,
                    kind: row.kind,
                    title: row.title,
                    summary: row.summary,
                    start_date: row.start_date,
                    end_date: row.end_date,
                    visibility: row.visibility,
                    withheld_reason: row.withheld_reason,
                    state_aid: row.state_aid,
                    contact: row.contact_name.map(|name| Contact {
                        name,
                        email: row.contact_email,
                        phone: row.contact_phone,
                    }),
                    municipalities: facets.municipalities.remove(&id).unwrap_or_default(),
                    places: facets.places.remove(&id).unwrap_or_default(),
                    case_numbers: facets.case_numbers.remove(&id).unwrap_or_default(),
                    horizontal_criteria: facets.criteria.remove(&id).unwrap_or_default(),
                    related_projects: facets.related.remove(&id).unwrap_or_default(),
                    purpose: row.purpose,
                    results_use: row.results_use,
                },
            }
        })
        .collect())
}

/// A reference that no project has: the year and five letters or digits that are not mistaken for each other. They are
/// random, since a running number would say how many cases there are and make writers wait for it.
///
/// # Errors
/// When the database fails or the machine has no randomness.
pub fn new_reference(conn: &mut Conn) -> Result<String, Problem> {
    const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let year = Timestamp::now().as_utc().year();
    loop {
        let mut random = [0_u8; 5];
        getrandom::fill(&mut random).map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))?;
        let signs: String = random.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
        let reference = format!("{year}-{signs}");
        let taken = diesel::select(exists(projects::table.filter(projects::reference.eq(&reference))));
        if !taken.get_result::<bool>(conn)? {
            return Ok(reference);
        }
    }
}

/// Makes projects that a migration left without a search text findable again; says how many.
///
/// # Errors
/// When the database fails.
pub fn index(conn: &mut Conn) -> Result<usize, Problem> {
    let ids = search::without_text(conn)?;
    for project in find_all(conn, &ids, Sight::WHOLE)?.values() {
        search::save(conn, None, project)?;
    }
    Ok(ids.len())
}

/// Registers a project with all its parts, and its first state.
///
/// # Errors
/// When the database fails.
pub fn insert(conn: &mut Conn, actor: Option<Id>, project: &Project) -> Result<(), Problem> {
    diesel::insert_into(projects::table).values(&Row::of(project)).execute(conn)?;
    let nothing = Project {
        facts: Facts {
            municipalities: Vec::new(),
            places: Vec::new(),
            case_numbers: Vec::new(),
            horizontal_criteria: Vec::new(),
            related_projects: Vec::new(),
            ..project.facts.clone()
        },
        alignments: Vec::new(),
        stakeholders: Vec::new(),
        costs: Vec::new(),
        revenues: Vec::new(),
        funding_lines: Vec::new(),
        indicators: Vec::new(),
        reporting_dates: Vec::new(),
        ..project.clone()
    };
    save_parts(conn, &nothing, project)?;
    search::save(conn, None, project)?;
    let reason = project.registration.as_ref().map(|registration| registration.reason.as_str());
    status_change::store::insert(conn, &StatusChange::first(project, actor, reason))?;
    record(conn, actor, "project.created", None, Some(project))
}

/// Saves a changed project: what differs, one version on, one row in the journal.
///
/// # Errors
/// When the database fails.
pub fn update(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: &Project,
    after: Project,
) -> Result<Project, Problem> {
    let after = Project { version: before.version + 1, updated_at: Timestamp::now(), ..after };
    diesel::update(projects::table.find(before.id)).set(&Row::of(&after)).execute(conn)?;
    save_parts(conn, before, &after)?;
    search::save(conn, Some(before), &after)?;
    record(conn, actor, kind, Some(before), Some(&after))?;
    Ok(after)
}

/// Removes a project with all its parts; the journal keeps what it was.
///
/// # Errors
/// When the database fails.
pub fn remove(conn: &mut Conn, actor: Option<Id>, project: &Project) -> Result<(), Problem> {
    diesel::delete(projects::table.find(project.id)).execute(conn)?;
    record(conn, actor, "project.deleted", Some(project), None)
}

fn save_parts(conn: &mut Conn, before: &Project, after: &Project) -> Result<(), Problem> {
    facets::save(conn, after.id, &before.facts, &after.facts)?;
    alignment::store::save(conn, after.id, &before.alignments, &after.alignments)?;
    stakeholder::store::save(conn, after.id, &before.stakeholders, &after.stakeholders)?;
    cost::store::save_costs(conn, after.id, &before.costs, &after.costs)?;
    cost::store::save_revenues(conn, after.id, &before.revenues, &after.revenues)?;
    funding_line::store::save(conn, after.id, &before.funding_lines, &after.funding_lines)?;
    indicator::store::save(conn, after.id, &before.indicators, &after.indicators)?;
    reporting_date::store::save(conn, &before.reporting_dates, &after.reporting_dates)
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Project>,
    after: Option<&Project>,
) -> Result<(), Problem> {
    let Some(now) = after.or(before) else { return Ok(()) };
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "project",
            id: now.id.to_string(),
            version: now.version,
            before: serde_json::to_value(before).map_err(Problem::internal)?,
            after: serde_json::to_value(after).map_err(Problem::internal)?,
            personal: &["contact"],
        },
    )
}
