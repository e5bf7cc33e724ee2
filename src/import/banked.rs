//! Rows of a project bank. What the bank says anew is changed; what people have changed since is left alone.

use serde_json::{Map, Value, json};

use super::bank::{self, Layout, Reference, Shape};
use super::entry::{Desk, Handled, Stop, changed, check_unmoved};
use super::exported::given;
use super::external::{self, External};
use super::model::{Cells, Effect, Form, Options, Row, RowOutcome};
use super::told::{CellChange, Finding};
use crate::db::Conn;
use crate::http::IfMatch;
use crate::problem::Problem;
use crate::project::alignment::Alignment;
use crate::project::change::{self, Change};
use crate::project::funding_line::FundingLine;
use crate::project::http::register_with;
use crate::project::lifecycle::Act;
use crate::project::parts::PartResource;
use crate::project::references::Resolver;
use crate::project::stakeholder::Stakeholder;
use crate::project::stakeholder::model::StakeholderRole;
use crate::project::wire::NewProject;
use crate::project::{self, Project, Sight, Visibility};
use crate::text::bilingual;

/// Whose case ids they are.
const SOURCE: &str = "tillvaxtverket";

/// Who gives the case numbers, as projects have it.
const AUTHORITY: &str = "Tillväxtverket";

/// Facts that a bank gives.
const FACTS: &[&str] = &["title", "summary", "startDate", "endDate", "municipalities", "places"];

/// What a row says.
#[derive(Clone)]
pub struct Reading {
    layout: Layout,
    case_id: Option<String>,
    /// The project, as a caller would give it; null when the row is refused.
    pub project: Value,
    findings: Vec<Finding>,
    is_refused: bool,
}

/// The form of a bank's table with these columns.
///
/// # Errors
/// When it is a bank's, but lacks what every row must have.
pub fn form(columns: &[String]) -> Result<Option<(Form, Layout)>, bank::LayoutFault> {
    match Layout::of(columns) {
        Ok(layout) => Ok(Some((form_of(layout.shape()), layout))),
        Err(bank::LayoutFault::Unknown) => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn form_of(shape: Shape) -> Form {
    match shape {
        Shape::Bank2007 => Form::ProjectBank2007,
        Shape::Bank2014 => Form::ProjectBank2014,
    }
}

/// Whether rows are a project bank's.
#[must_use]
pub fn is_bank(form: Form) -> bool {
    matches!(form, Form::ProjectBank2007 | Form::ProjectBank2014)
}

fn interpret(cells: &Cells, reference: &Reference) -> Option<(Layout, bank::Reading)> {
    let (columns, texts): (Vec<_>, Vec<_>) = cells.iter().unzip();
    let layout = Layout::of(&columns).ok()?;
    let reading = bank::interpret(&layout, &texts, reference);
    Some((layout, reading))
}

/// What a row says.
///
/// # Errors
/// 500 for cells that are no bank's.
pub fn read(cells: &Cells, reference: &Reference) -> Result<Reading, Problem> {
    let no_bank = || Problem::internal(anyhow::anyhow!("the columns are no project bank's"));
    let (layout, reading) = interpret(cells, reference).ok_or_else(no_bank)?;
    let is_refused = reading.project.is_none();
    let findings = [reading.faults, reading.notes].concat();
    Ok(Reading { layout, case_id: reading.case_id, project: reading.project.into(), findings, is_refused })
}

/// Whether a row is among those that come in.
#[must_use]
pub fn is_wanted(cells: &Cells, reference: &Reference, options: &Options) -> bool {
    let Options { municipality, programme, period_from, period_to, .. } = options;
    if municipality.is_none() && programme.is_none() && period_from.is_none() && period_to.is_none() {
        return true;
    }
    let Some((_, reading)) = interpret(cells, reference) else { return true };
    let day = |member: &str| {
        let text = reading.project.as_ref().and_then(|project| project[member].as_str());
        text.and_then(|text| text.parse::<chrono::NaiveDate>().ok())
    };
    let is_of = |wanted: &String| {
        let wanted = wanted.trim().to_lowercase();
        reading.programme.area.to_lowercase() == wanted || reading.programme.candidates.contains(&wanted)
    };
    municipality.as_ref().is_none_or(|codes| codes.iter().any(|code| reading.municipalities.contains(code)))
        && programme.as_ref().is_none_or(|wanted| wanted.iter().any(is_of))
        // A row that cannot be read is refused rather than passed over.
        && (reading.project.is_none()
            || period_from.is_none_or(|from| day("endDate").is_some_and(|end| end >= from))
                && period_to.is_none_or(|to| day("startDate").is_some_and(|start| start < to)))
}

impl Reading {
    /// The column of the bank that a member of the project comes from.
    fn column(&self, at: &str) -> Option<String> {
        use bank::Column as C;
        let first = at.trim_start_matches('/').split('/').next().unwrap_or_default();
        let column = match first {
            "title" | "kind" => C::Title,
            "summary" => C::Description,
            "startDate" => C::Start,
            "endDate" => C::End,
            "municipalities" => C::Municipalities,
            "places" => C::Counties,
            "stakeholders" => C::Beneficiary,
            "fundingLines" => C::GrantSek,
            "caseNumbers" => C::CaseId,
            _ => return None,
        };
        Some(self.layout.name(column).to_owned())
    }
}

/// A row of a project bank.
///
/// # Errors
/// What the row is refused for.
pub fn project(conn: &mut Conn, desk: &Desk<'_>, row: &Row) -> Result<Handled, Stop> {
    let reading = read(&row.cells, desk.reference)?;
    let case_id = reading.case_id.clone().unwrap_or_default();
    if reading.is_refused {
        return Err(Stop::Refused(reading.findings.into_iter().map(|finding| (0, finding)).collect()));
    }
    let known = external::store::find(conn, SOURCE, &case_id)?;
    let cells = known.as_ref().map_or_else(|| row.cells.clone(), |known| completed(&row.cells, &known.cells));
    let handled = match known {
        Some(known) => {
            let (outcome, effect) = if known.cells == cells {
                let version = project::store::find(conn, known.project, Sight::WHOLE)?.version;
                (RowOutcome::Unchanged, known_at(&known, version, reading.findings))
            } else {
                renew(conn, desk, &Row { cells: cells.clone(), ..row.clone() }, &read(&cells, desk.reference)?, &known)?
            };
            (outcome, Effect { replaced: Some(json!(known.cells)), ..effect })
        }
        None => match project::store::find_by_case_number(conn, AUTHORITY, &case_id)?.as_slice() {
            [] => register(conn, desk, row, &reading)?,
            [only] => {
                let known = External { project: *only, cells: Cells::new() };
                renew(conn, desk, row, &reading, &known)?
            }
            _ => {
                let reason = bilingual!(
                    "flera projekt har detta diarienummer; ta bort det från dem som inte menas",
                    "several projects have this case number; take it from those that are not meant"
                );
                return Err(Stop::of(0, Finding::error("ambiguous", reason)));
            }
        },
    };
    if let Some(project) = handled.1.project {
        external::store::keep(conn, (SOURCE, &case_id), project, Some(json!(cells)))?;
    }
    Ok(handled)
}

/// A row with what was said before in the columns that its file lacks: a column that is not there says nothing.
fn completed(cells: &Cells, known: &Cells) -> Cells {
    let mut all = known.clone();
    all.extend(cells.clone());
    // Columns that are spelt otherwise now are the same ones.
    if Layout::of(&all.keys().collect::<Vec<_>>()).is_ok() { all } else { cells.clone() }
}

fn known_at(known: &External, version: i64, findings: Vec<Finding>) -> Effect {
    Effect { project: Some(known.project), version: Some(version), findings, ..Effect::default() }
}

/// Whether nothing has been read of a row's project since.
///
/// # Errors
/// When the database fails.
pub fn is_latest(conn: &mut Conn, row: &Row) -> Result<bool, Problem> {
    // A row's key is its case id.
    let known = external::store::find(conn, SOURCE, &row.key)?;
    Ok(known.is_some_and(|known| row.cells.iter().all(|(column, text)| known.cells.get(column) == Some(text))))
}

/// Whether a row's project is known by its case id.
///
/// # Errors
/// When the database fails.
pub fn is_known(conn: &mut Conn, row: &Row) -> Result<bool, Problem> {
    Ok(external::store::find(conn, SOURCE, &row.key)?.is_some())
}

/// Puts back what a bank said before an import, or forgets it.
///
/// # Errors
/// When the database fails.
pub fn take_back(conn: &mut Conn, row: &Row) -> Result<(), Problem> {
    match row.effect.project {
        Some(project) => external::store::keep(conn, (SOURCE, &row.key), project, row.effect.replaced.clone()),
        None => Ok(()),
    }
}

fn register(conn: &mut Conn, desk: &Desk<'_>, row: &Row, reading: &Reading) -> Result<Handled, Stop> {
    let mut wanted = reading.project.clone();
    if let Some(strategy) = &desk.options.strategy_id {
        wanted["strategyId"] = json!(strategy);
    }
    wanted["visibility"] = json!(desk.options.visibility.unwrap_or(Visibility::Internal));
    let stop = |problem| Stop::at(problem, |at| (0, reading.column(at)), &[&row.cells]);
    let new: NewProject = given(desk, &wanted).map_err(stop)?;
    let suggested = desk.suggested.get(&row.key).map(Vec::as_slice).unwrap_or_default();
    let suggest = |project: &mut Project| {
        project.alignments.extend(suggested.iter().map(|code| Alignment::suggested(desk.strategy, code)));
    };
    let project = register_with(conn, desk.caller, new, suggest).map_err(stop)?;
    let findings = reading.findings.clone();
    let effect =
        Effect { project: Some(project.id), new_version: Some(project.version), findings, ..Effect::default() };
    Ok((RowOutcome::Created, effect))
}

/// Gives a known project what the bank says otherwise than when it was last read. A project that was registered by hand
/// gets what it lacks.
fn renew(conn: &mut Conn, desk: &Desk<'_>, row: &Row, reading: &Reading, known: &External) -> Result<Handled, Stop> {
    let before = project::store::find(conn, known.project, Sight::WHOLE)?;
    check_unmoved(conn, desk, 0, row, &before)?;
    let is_known = !known.cells.is_empty();
    let earlier = is_known.then(|| read(&known.cells, desk.reference)).transpose()?.map(|earlier| earlier.project);
    let differs = |column: &&String| known.cells.get(*column) != row.cells.get(*column);
    let change = |column: &String| {
        let text = |cells: &Cells| cells.get(column).cloned().unwrap_or_default();
        CellChange { column: column.clone(), from: text(&known.cells), to: text(&row.cells) }
    };
    let effect = Effect {
        project: Some(before.id),
        version: Some(before.version),
        changes: if earlier.is_some() { row.cells.keys().filter(differs).map(change).collect() } else { Vec::new() },
        findings: reading.findings.clone(),
        ..Effect::default()
    };
    let wanted = Renewal { desk, earlier: earlier.as_ref(), now: &reading.project };
    let version = IfMatch::Versions(vec![before.version]);
    let change = Change { caller: desk.caller, act: Act::Upkeep, kind: "project.imported" };
    if wanted.is_none_for(&before)? {
        return Ok((RowOutcome::Unchanged, effect));
    }
    let made = change::make(conn, change, before.id, &version, |resolver, project| wanted.apply(resolver, project));
    let ((), after) = made.map_err(|problem| Stop::at(problem, |at| (0, reading.column(at)), &[&row.cells]))?;
    Ok(changed(&before, &after, effect))
}

/// What a bank says now, and what it said before.
struct Renewal<'a> {
    desk: &'a Desk<'a>,
    earlier: Option<&'a Value>,
    now: &'a Value,
}

impl Renewal<'_> {
    /// The facts that are to be otherwise.
    fn facts(&self, project: &Project) -> Result<Map<String, Value>, Problem> {
        let current = serde_json::to_value(NewProject::facts_of(project, Sight::WHOLE)).map_err(Problem::internal)?;
        let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let is_same = |one: &Value, other: &Value| one == other || (is_empty(one) && is_empty(other));
        let is_wanted = |name: &str| match self.earlier {
            // What people have changed since is theirs.
            Some(earlier) => earlier[name] != self.now[name] && is_same(&current[name], &earlier[name]),
            None => is_empty(&current[name]) && !is_empty(&self.now[name]),
        };
        let wanted = FACTS.iter().filter(|name| is_wanted(name));
        Ok(wanted.map(|name| ((*name).to_owned(), self.now[*name].clone())).collect())
    }

    /// The parts of a kind that the bank gives otherwise than before: what it said, if anything, and what it says.
    fn parts(&self, kind: &str, is_lacking: bool) -> Vec<(Option<&Value>, &Value)> {
        let list = |value: &'_ Value| value[kind].as_array().map_or(0, Vec::len);
        let said = |place: usize| self.earlier.and_then(|earlier| earlier[kind].get(place));
        let now = (0..list(self.now)).map(|place| (said(place), &self.now[kind][place]));
        match self.earlier {
            Some(_) => now.filter(|(said, now)| *said != Some(*now)).collect(),
            None if is_lacking => now.collect(),
            None => Vec::new(),
        }
    }

    fn stakeholders(&self, project: &Project) -> Vec<(Option<&Value>, &Value)> {
        self.parts("stakeholders", project.owners().next().is_none())
    }

    fn lines(&self, project: &Project) -> Vec<(Option<&Value>, &Value)> {
        self.parts("fundingLines", project.funding_lines.is_empty())
    }

    fn is_none_for(&self, project: &Project) -> Result<bool, Problem> {
        let has_parts = !self.stakeholders(project).is_empty() || !self.lines(project).is_empty();
        Ok(!has_parts && self.facts(project)?.is_empty())
    }

    fn apply(&self, resolver: &mut Resolver<'_>, project: &mut Project) -> Result<(), Problem> {
        let facts = self.facts(project)?;
        let (stakeholders, lines) = (self.stakeholders(project), self.lines(project));
        if !facts.is_empty() {
            let mut wanted =
                serde_json::to_value(NewProject::facts_of(project, Sight::WHOLE)).map_err(Problem::internal)?;
            for (name, value) in facts {
                if value.is_null() {
                    wanted.as_object_mut().map(|members| members.remove(&name));
                } else {
                    wanted[name] = value;
                }
            }
            let wanted: NewProject = given(self.desk, &wanted)?;
            // The facts are the source's own: they are put right in any state.
            project.facts = wanted.resolve_facts(Some(project), resolver)?;
        }
        for (said, now) in stakeholders {
            self.owner(resolver, project, said, now)?;
        }
        for (said, now) in lines {
            self.line(resolver, project, said, now)?;
        }
        Ok(())
    }

    /// An owner that people have exchanged since stays.
    fn owner(
        &self,
        resolver: &mut Resolver<'_>,
        project: &mut Project,
        said: Option<&Value>,
        now: &Value,
    ) -> Result<(), Problem> {
        let name = said.and_then(|said| said["organisation"]["name"].as_str());
        let is_it = |part: &Stakeholder| {
            part.roles.contains(&StakeholderRole::Owner) && Some(part.organisation.name.as_str()) == name
        };
        let place = project.stakeholders.iter().position(is_it);
        if said.is_some() && place.is_none() {
            return Ok(());
        }
        let before = place.map(|place| project.stakeholders[place].clone());
        let mut wanted = match &before {
            None => now.clone(),
            Some(before) => serde_json::to_value(before.given()).map_err(Problem::internal)?,
        };
        wanted["organisation"] = now["organisation"].clone();
        let given = given(self.desk, &wanted).map_err(|problem| problem.below("/stakeholders/0"))?;
        let Some(new) = Stakeholder::resolve(given, before.as_ref(), project, resolver, "/stakeholders/0")? else {
            return Ok(());
        };
        match place {
            Some(place) => project.stakeholders[place] = new,
            None => project.stakeholders.push(new),
        }
        Ok(())
    }

    /// A line that people have taken away since is not brought back.
    fn line(
        &self,
        resolver: &mut Resolver<'_>,
        project: &mut Project,
        said: Option<&Value>,
        now: &Value,
    ) -> Result<(), Problem> {
        let at = "/fundingLines/0";
        let is_it = |line: &FundingLine, said: &Value| {
            Some(line.source.as_str()) == said["source"].as_str() && line.case_number() == said["caseNumber"].as_str()
        };
        let place = said.and_then(|said| project.funding_lines.iter().position(|line| is_it(line, said)));
        if said.is_some() && place.is_none() {
            return Ok(());
        }
        let before = place.map(|place| project.funding_lines[place].clone());
        let mut wanted = match &before {
            None => now.clone(),
            Some(before) => serde_json::to_value(before.given()).map_err(Problem::internal)?,
        };
        for (name, value) in now.as_object().into_iter().flatten() {
            if said.is_none_or(|said| said.get(name) != Some(value)) {
                wanted[name] = value.clone();
            }
        }
        let given = given(self.desk, &wanted).map_err(|problem| problem.below(at))?;
        let Some(new) = FundingLine::resolve(given, before.as_ref(), project, resolver, at)? else { return Ok(()) };
        match place {
            Some(place) => project.funding_lines[place] = new,
            None => project.funding_lines.push(new),
        }
        Ok(())
    }
}

/// The case id of a row.
#[must_use]
pub fn case_id(cells: &Cells, reference: &Reference) -> Option<String> {
    interpret(cells, reference).and_then(|(_, reading)| reading.case_id)
}
