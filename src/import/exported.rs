//! Rows of our own tables: what has been edited in them is changed, and nothing else.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::entry::{Desk, Handled, Stop, changed, check_unmoved};
use super::model::{Cells, Effect, Form, Row, RowOutcome};
use super::told::Finding;
use super::{bank, template};
use crate::db::Conn;
use crate::export::model::{Row as Exported, Value as Shown};
use crate::export::wire::{AlignmentRow, FundingLineRow, ProjectRow};
use crate::http::IfMatch;
use crate::id::Id;
use crate::organisation::Sector;
use crate::problem::Problem;
use crate::project::alignment::Alignment;
use crate::project::change::{self, Change};
use crate::project::funding_line::FundingLine;
use crate::project::http::{describe, register};
use crate::project::lifecycle::Act;
use crate::project::parts::PartResource;
use crate::project::revision::model::PlanPart;
use crate::project::revision::{self, Revision};
use crate::project::store;
use crate::project::wire::NewProject;
use crate::project::{Project, Sight};
use crate::text::bilingual;

/// The journal's word for what a file has changed.
const KIND: &str = "project.imported";

/// A row as it would be exported now, by column.
fn present<R: Exported>(row: &R) -> BTreeMap<&'static str, String> {
    R::COLUMNS.iter().map(|column| column.name).zip(row.cells().into_iter().map(Shown::into_text)).collect()
}

/// A row of the projects' table.
///
/// # Errors
/// What the row is refused for.
pub fn project(conn: &mut Conn, desk: &Desk<'_>, row: &Row) -> Result<Handled, Stop> {
    let Some(before) = target(conn, desk, row)? else { return new_project(conn, desk, row) };
    check_unmoved(conn, desk, 0, row, &before)?;
    let rows = ProjectRow::of(&before, desk.names);
    let now: BTreeMap<_, _> = rows.first().map(present).unwrap_or_default();
    let edits = template::edits(Form::Projects, &row.cells, &now);
    let (is_older, is_stale) = (is_older(row, "version", &before), is_stale(row, "version", &before));
    let findings = without_derived(edits.findings, is_older);
    let mut effect = Effect { project: Some(before.id), version: Some(before.version), ..Effect::default() };
    if findings.is_empty() && edits.members.is_empty() {
        return Ok((RowOutcome::Unchanged, effect));
    }
    if is_stale {
        return Err(Stop::of(0, stale(row, "version", &before)));
    }
    if is_nameless(row) {
        return Err(Stop::of(0, taken(&before)));
    }
    if !findings.is_empty() {
        return Err(Stop::Refused(findings.into_iter().map(|finding| (0, finding)).collect()));
    }
    effect.changes = edits.changes;
    let change = Change { caller: desk.caller, act: Act::Upkeep, kind: KIND };
    let version = IfMatch::Versions(vec![before.version]);
    let made = change::make(conn, change, before.id, &version, |resolver, project| {
        let wanted = overlaid(&NewProject::facts_of(project, Sight::of(desk.caller)), &edits.members)?;
        describe(resolver, project, &given(desk, &wanted)?)
    });
    let ((), after) = made.map_err(|problem| Stop::at(problem, |at| (0, column(at)), &[&row.cells]))?;
    Ok(changed(&before, &after, effect))
}

/// The project that a row is about: by id, reference, case number, and at last by title.
fn target(conn: &mut Conn, desk: &Desk<'_>, row: &Row) -> Result<Option<Project>, Stop> {
    let find = |conn: &mut Conn, id| store::find(conn, id, Sight::of(desk.caller)).map_err(Stop::from);
    if let Some(id) = named(conn, row, "id", "reference")? {
        return find(conn, id).map(Some);
    }
    let said = template::new(Form::Projects, &row.cells).members;
    let numbers = said.get("caseNumbers").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for number in &numbers {
        let text = |member: &str| number[member].as_str().unwrap_or_default().to_owned();
        found.extend(store::find_by_case_number(conn, &text("authority"), &text("number"))?);
    }
    if numbers.is_empty() {
        found = store::find_by_title(conn, said.get("title").and_then(Value::as_str).unwrap_or_default())?;
    }
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [] => Ok(None),
        [only] => find(conn, *only).map(Some),
        several => {
            let count = several.len();
            let reason = bilingual!(
                "{count} projekt har samma diarienummer eller titel; ange id för det som menas",
                "{count} projects have the same case number or title; give the id of the one that is meant"
            );
            Err(Stop::of(0, Finding::error("ambiguous", reason)))
        }
    }
}

/// The project that a row names by id or reference, if it names any.
fn named(conn: &mut Conn, row: &Row, id: &str, reference: &str) -> Result<Option<Id>, Stop> {
    let cell = |column: &str| row.cells.get(column).map(String::as_str).unwrap_or_default();
    let unknown = |column: &str| {
        let reason = bilingual!("inget projekt heter så här", "no project is called this");
        Stop::of(0, Finding::error("unknown-project", reason).at(column, cell(column)))
    };
    match (cell(id), cell(reference)) {
        ("", "") => Ok(None),
        ("", text) => store::find_by_reference(conn, text)?.map(Some).ok_or_else(|| unknown(reference)),
        (text, _) => text.parse().map(Some).map_err(|_| unknown(id)),
    }
}

fn new_project(conn: &mut Conn, desk: &Desk<'_>, row: &Row) -> Result<Handled, Stop> {
    let said = template::new(Form::Projects, &row.cells);
    if !said.findings.is_empty() {
        return Err(Stop::Refused(said.findings.into_iter().map(|finding| (0, finding)).collect()));
    }
    let mut members = said.members;
    let mut findings = Vec::new();
    if let Some(Value::Array(owners)) = members.remove("owners") {
        let owners: Vec<_> = owners.iter().filter_map(Value::as_str).map(|name| owner(name, &mut findings)).collect();
        members.insert("stakeholders".to_owned(), Value::Array(owners));
    }
    if members.get("status").is_some_and(|status| status != "draft") {
        let registration = json!({"source": desk.file, "reason": "Inläst ur en fil."});
        members.insert("registration".to_owned(), registration);
    }
    if let (None, Some(strategy)) = (members.get("strategyId"), &desk.options.strategy_id) {
        members.insert("strategyId".to_owned(), json!(strategy));
    }
    let place = |at: &str| (0, column(at));
    let stop = |problem| Stop::at(problem, place, &[&row.cells]);
    let new: NewProject = given(desk, &Value::Object(members)).map_err(stop)?;
    let project = register(conn, desk.caller, new).map_err(stop)?;
    let effect =
        Effect { project: Some(project.id), new_version: Some(project.version), findings, ..Effect::default() };
    Ok((RowOutcome::Created, effect))
}

/// An owner of whom only the name is known.
fn owner(name: &str, findings: &mut Vec<Finding>) -> Value {
    let sector = bank::sector(name).unwrap_or_else(|| {
        let reason = bilingual!(
            "sektorn framgår inte av namnet; civilsamhälle antas om organisationen är ny",
            "the name does not tell the sector; civil society is assumed if the organisation is new"
        );
        findings.push(Finding::error("sector-guessed", reason).at("owners", name).as_warning());
        Sector::CivilSociety
    });
    json!({"organisation": {"name": name, "sector": sector}, "roles": ["owner"]})
}

/// Rows of the alignments' table about one project.
///
/// # Errors
/// What the rows are refused for.
pub fn alignments(conn: &mut Conn, desk: &Desk<'_>, rows: &[Row]) -> Result<Vec<Handled>, Stop> {
    parts::<Alignment, AlignmentRow>(conn, desk, rows, PlanPart::Alignments)
}

/// Rows of the funding lines' table about one project.
///
/// # Errors
/// What the rows are refused for.
pub fn funding_lines(conn: &mut Conn, desk: &Desk<'_>, rows: &[Row]) -> Result<Vec<Handled>, Stop> {
    parts::<FundingLine, FundingLineRow>(conn, desk, rows, PlanPart::FundingLines)
}

/// What a row asks of a part.
struct Wanted {
    place: usize,
    part: Option<Id>,
    members: Map<String, Value>,
}

fn parts<P: PartResource, R: Exported>(
    conn: &mut Conn,
    desk: &Desk<'_>,
    rows: &[Row],
    plan_part: PlanPart,
) -> Result<Vec<Handled>, Stop> {
    let Some(id) = named(conn, &rows[0], "projectId", "projectReference")? else {
        let reason = bilingual!("ange projectId eller projectReference", "give projectId or projectReference");
        return Err(Stop::of(0, Finding::error("required", reason).at("projectId", "")));
    };
    let before = store::find(conn, id, Sight::of(desk.caller))?;
    check_unmoved(conn, desk, 0, &rows[0], &before)?;
    let now: BTreeMap<Id, _> =
        P::of(&before).iter().map(P::id).zip(R::of(&before, desk.names).iter().map(present)).collect();
    let (mut wanted, mut findings, mut effects) = (Vec::new(), Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        let mut effect = Effect { project: Some(id), version: Some(before.version), ..Effect::default() };
        match edited(row, place, &now) {
            Ok((asked, changes, own)) => {
                let own = without_derived(own, is_older(row, "projectVersion", &before));
                let is_asked = !asked.members.is_empty() || !own.is_empty();
                if is_asked && is_stale(row, "projectVersion", &before) {
                    findings.push((place, stale(row, "projectVersion", &before)));
                }
                findings.extend(own.into_iter().map(|finding| (place, finding)));
                effect.changes = changes;
                wanted.extend(Some(asked).filter(|asked| !asked.members.is_empty()));
            }
            Err(finding) => findings.push((place, *finding)),
        }
        effects.push(effect);
    }
    if !findings.is_empty() {
        return Err(Stop::Refused(findings));
    }
    if wanted.is_empty() {
        return Ok(effects.into_iter().map(|effect| (RowOutcome::Unchanged, effect)).collect());
    }
    let after = change_parts::<P>(conn, desk, &before, &wanted, plan_part).map_err(|problem| {
        let cells: Vec<_> = rows.iter().map(|row| &row.cells).collect();
        Stop::at(problem, |at| (row_of(at), column_of_part(at)), &cells)
    })?;
    let touched = |place| wanted.iter().find(|asked| asked.place == place);
    Ok(effects
        .into_iter()
        .enumerate()
        .map(|(place, effect)| match touched(place) {
            None => (RowOutcome::Unchanged, effect),
            Some(asked) => {
                let (outcome, effect) = changed(&before, &after, effect);
                (if asked.part.is_none() { RowOutcome::Created } else { outcome }, effect)
            }
        })
        .collect())
}

type Edited = (Wanted, Vec<super::told::CellChange>, Vec<Finding>);

/// What a row of a part asks for.
fn edited(row: &Row, place: usize, now: &BTreeMap<Id, BTreeMap<&'static str, String>>) -> Result<Edited, Box<Finding>> {
    let text = row.cells.get("id").map(String::as_str).unwrap_or_default();
    if text.is_empty() {
        let said = template::new(row.form, &row.cells);
        return Ok((Wanted { place, part: None, members: said.members }, said.changes, said.findings));
    }
    let known = text.parse().ok().and_then(|id| now.get_key_value(&id));
    let Some((id, now)) = known else {
        let reason = bilingual!(
            "projektet har ingen rad med detta id; lämna det tomt för en ny rad",
            "the project has no row with this id; leave it empty for a new one"
        );
        return Err(Box::new(Finding::error("unknown-row", reason).at("id", text)));
    };
    let said = template::edits(row.form, &row.cells, now);
    Ok((Wanted { place, part: Some(*id), members: said.members }, said.changes, said.findings))
}

fn change_parts<P: PartResource>(
    conn: &mut Conn,
    desk: &Desk<'_>,
    before: &Project,
    wanted: &[Wanted],
    plan_part: PlanPart,
) -> Result<Project, Problem> {
    let is_decided = before.status.is_decided();
    let act = if is_decided { Act::Revise } else { P::ACT };
    let version = IfMatch::Versions(vec![before.version]);
    let change = Change { caller: desk.caller, act, kind: KIND };
    let ((), after) = change::make(conn, change, before.id, &version, |resolver, project| {
        for Wanted { place, part, members } in wanted {
            let at = format!("/{place}");
            let index = P::of(project).iter().position(|known| Some(known.id()) == *part);
            let old = index.map(|index| P::of(project)[index].clone());
            let wanted = old.as_ref().map_or(Ok(Value::Object(members.clone())), |old| overlaid(&old.given(), members));
            let given = given(desk, &wanted?).map_err(|problem| problem.below(&at))?;
            let Some(resolved) = P::resolve(given, old.as_ref(), project, resolver, &at)? else { continue };
            match index {
                Some(index) => P::of_mut(project)[index] = resolved,
                None => P::of_mut(project).push(resolved),
            }
        }
        if resolver.is_content() {
            resolver.extend(P::faults_together(P::of(project), |_| "/0".to_owned()));
        }
        Ok(())
    })?;
    if is_decided {
        let (id, reason) = (Id::new(), "Ändrat i en inläst fil.".to_owned());
        let (recorded_at, recorded_by, version) = (after.updated_at, desk.caller.id(), after.version);
        let parts = vec![plan_part];
        revision::store::insert(
            conn,
            &Revision { id, project_id: after.id, reason, parts, recorded_at, recorded_by, version },
        )?;
    }
    Ok(after)
}

/// What is given, with some members otherwise; null takes one away.
fn overlaid<T: serde::Serialize>(current: &T, members: &Map<String, Value>) -> Result<Value, Problem> {
    let mut value = serde_json::to_value(current).map_err(Problem::internal)?;
    for (name, member) in members {
        let Some(object) = value.as_object_mut() else { continue };
        if member.is_null() {
            object.remove(name)
        } else {
            object.insert(name.clone(), member.clone())
        };
    }
    Ok(value)
}

/// What callers give, of the documented form.
///
/// # Errors
/// 422 with every fault.
pub fn given<T: ToSchema + DeserializeOwned>(desk: &Desk<'_>, value: &Value) -> Result<T, Problem> {
    let faults = desk.contract.body_faults(&T::name(), value);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    T::deserialize(value).map_err(Problem::internal)
}

fn is_older(row: &Row, column: &str, project: &Project) -> bool {
    let version = row.cells.get(column).and_then(|text| text.parse::<i64>().ok());
    version.is_some_and(|version| version != project.version)
}

/// What is checked already is held against the version that it was checked at.
fn is_stale(row: &Row, column: &str, project: &Project) -> bool {
    row.result.is_none() && is_older(row, column, project)
}

/// What was derived from an older version is old, not edited.
fn without_derived(findings: Vec<Finding>, is_older: bool) -> Vec<Finding> {
    findings.into_iter().filter(|finding| !(is_older && finding.code == "derived")).collect()
}

/// Whether a row says by its title alone whose it is.
fn is_nameless(row: &Row) -> bool {
    ["id", "reference", "caseNumbers"].iter().all(|column| row.cells.get(*column).is_none_or(String::is_empty))
}

fn taken(project: &Project) -> Finding {
    let (title, reference) = (&project.facts.title, &project.reference);
    let reason = bilingual!(
        "projektet {reference} heter redan så; ange dess id för att ändra det, eller en annan titel för ett nytt",
        "the project {reference} is called that already; give its id to change it, or another title for a new one"
    );
    Finding::error("title-taken", reason).at("title", title)
}

fn stale(row: &Row, column: &str, project: &Project) -> Finding {
    let (version, text) = (project.version, row.cells.get(column).cloned().unwrap_or_default());
    let reason = bilingual!(
        "projektet har ändrats sedan det exporterades; det har nu version {version}. Exportera igen och gör om ändringen",
        "the project has changed since it was exported; it is version {version} now. Export again and make the edit anew"
    );
    Finding::error("stale", reason).at(column, &text)
}

/// The column of a member of a project: the last place in a list is the list's.
fn column(at: &str) -> Option<String> {
    let first = at.trim_start_matches('/').split('/').next().filter(|name| !name.is_empty())?;
    Some(if first == "stakeholders" { "owners".to_owned() } else { first.to_owned() })
}

fn row_of(at: &str) -> usize {
    at.trim_start_matches('/').split('/').next().and_then(|place| place.parse().ok()).unwrap_or(0)
}

fn column_of_part(at: &str) -> Option<String> {
    at.trim_start_matches('/').split('/').nth(1).map(str::to_owned)
}

/// The cells of a row that say whose it is, for the key that rows about the same thing have alike.
#[must_use]
pub fn key(form: Form, cells: &Cells, number: u32) -> String {
    let columns: &[&str] = match form {
        Form::Projects => &["id", "reference", "caseNumbers", "title"],
        _ => &["projectId", "projectReference"],
    };
    let said = columns.iter().filter_map(|column| cells.get(*column)).find(|text| !text.is_empty());
    // A row that names nothing is refused alone.
    said.map_or_else(|| format!("row {number}"), |text| text.chars().take(200).collect())
}
