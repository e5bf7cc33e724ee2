//! What the suggester knows: the catalogues, and the registry's own decisions. It is derived from the database and brought
//! up to date by the journal before each answer, so that every instance answers alike.

use std::collections::{BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use diesel::prelude::*;

use super::model::{Candidate, Kind, Label, Suggester, Suggestions};
use crate::db::Conn;
use crate::db::schema::{alignments, changes, commitments, funding_lines, projects};
use crate::framework::model::Wording;
use crate::framework::{self, Framework, Priority};
use crate::id::Id;
use crate::journal;
use crate::language::vocabulary;
use crate::problem::Problem;
use crate::project::Visibility;
use crate::project::alignment::Assessment;
use crate::project::commitment::Commitment;
use crate::strategy::{self, Strategy};
use crate::text::Bilingual;

/// How many projects are looked up at once.
const CHUNK: usize = 500;

/// A suggester and how far in the journal it has read.
type Taught = Option<(i64, Suggester)>;

/// One suggester for each scope of visibility, so that nobody's suggestions come of what they may not see.
#[derive(Default)]
pub struct Known {
    of_scope: [RwLock<Taught>; Visibility::ALL.len()],
}

impl Known {
    /// What fits a title and text best, by everything that is decided now of the projects in a scope.
    ///
    /// # Errors
    /// When the database fails.
    pub fn suggest(
        &self,
        conn: &mut Conn,
        scope: &[Visibility],
        title: &str,
        text: &str,
    ) -> Result<Suggestions, Problem> {
        // Each scope holds the smaller ones, so its size tells which it is.
        let taught = &self.of_scope[scope.len().clamp(1, Visibility::ALL.len()) - 1];
        let latest = journal::latest(conn)?;
        let answer = |known: &Taught| match known {
            Some((read, suggester)) if *read >= latest => Some(suggester.suggest(title, text)),
            _ => None,
        };
        if let Some(found) = answer(&taught.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let mut known = taught.write().unwrap_or_else(PoisonError::into_inner);
        // What fails on the way leaves nothing half known.
        let suggester = match known.take() {
            Some((read, suggester)) if read >= latest => suggester,
            Some((read, mut suggester)) if !catalogue_changed(conn, read)? => {
                let changed = changed_projects(conn, read)?;
                teach(conn, &mut suggester, &changed, scope)?;
                suggester
            }
            _ => begin(conn, scope)?,
        };
        let found = suggester.suggest(title, text);
        *known = Some((latest, suggester));
        Ok(found)
    }
}

/// A suggester that knows the catalogues and every decided project in a scope.
fn begin(conn: &mut Conn, scope: &[Visibility]) -> Result<Suggester, Problem> {
    let mut all = Vec::new();
    for id in strategy::store::list_ids(conn, None)? {
        all.extend(of_strategy(&strategy::store::find(conn, &id)?));
    }
    for id in framework::store::list_ids(conn)? {
        all.extend(of_framework(&framework::store::find(conn, &id)?));
    }
    let mut suggester = Suggester::new(&all, vocabulary::swedish());
    let confirmed: Vec<Id> = alignments::table
        .filter(alignments::assessment.eq(Assessment::Confirmed))
        .select(alignments::project_id)
        .distinct()
        .load(conn)?;
    let granted: Vec<Id> = funding_lines::table
        .filter(funding_lines::priority_code.is_not_null())
        .select(funding_lines::project_id)
        .distinct()
        .load(conn)?;
    let ids: BTreeSet<Id> = confirmed.into_iter().chain(granted).collect();
    teach(conn, &mut suggester, &ids.into_iter().collect::<Vec<_>>(), scope)?;
    Ok(suggester)
}

fn both(text: &Bilingual) -> Vec<String> {
    vec![text.sv.clone(), text.en.clone()]
}

fn either(wording: &Wording) -> Vec<String> {
    wording.sv.iter().chain(&wording.en).cloned().collect()
}

/// The sub-goals and measures of a strategy that may still be suggested.
#[must_use]
pub fn of_strategy(strategy: &Strategy) -> Vec<Candidate> {
    let candidate = |kind, code: &str, parent: &str, title: &Bilingual, texts| Candidate {
        catalogue: strategy.id.clone(),
        kind,
        code: code.to_owned(),
        parent: Some(parent.to_owned()),
        titles: both(title),
        texts,
    };
    let goals = strategy
        .sub_goals()
        .filter(|(_, goal)| !goal.retired)
        .map(|(area, goal)| candidate(Kind::SubGoal, &goal.code, &area.code, &goal.title, both(&goal.summary)));
    let measures = strategy.measures().filter(|(_, measure)| !measure.retired);
    let measures =
        measures.map(|(goal, measure)| candidate(Kind::Measure, &measure.code, &goal.code, &measure.title, Vec::new()));
    goals.chain(measures).collect()
}

/// The priorities of a framework that may still be suggested.
#[must_use]
pub fn of_framework(framework: &Framework) -> Vec<Candidate> {
    fn add(id: &str, node: &Priority, parent: Option<&str>, all: &mut Vec<Candidate>) {
        if !node.retired {
            all.push(Candidate {
                catalogue: id.to_owned(),
                kind: Kind::Priority,
                code: node.code.clone(),
                parent: parent.map(str::to_owned),
                titles: either(&node.title),
                texts: node.wording.as_ref().map(either).unwrap_or_default(),
            });
        }
        for below in &node.priorities {
            add(id, below, Some(&node.code), all);
        }
    }
    let mut all = Vec::new();
    for node in &framework.priorities {
        add(&framework.id, node, None, &mut all);
    }
    all
}

fn catalogue_changed(conn: &mut Conn, read: i64) -> Result<bool, Problem> {
    let count: i64 = changes::table
        .filter(changes::number.gt(read))
        .filter(changes::aggregate.eq_any(["strategy", "framework"]))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

fn changed_projects(conn: &mut Conn, read: i64) -> Result<Vec<Id>, Problem> {
    let ids: Vec<String> = changes::table
        .filter(changes::number.gt(read))
        .filter(changes::aggregate.eq("project"))
        .select(changes::aggregate_id)
        .distinct()
        .load(conn)?;
    ids.iter().map(|id| id.parse().map_err(|_| Problem::internal(anyhow::anyhow!("{id} is no identifier")))).collect()
}

/// Lets the suggester know these projects as they are now; one without decisions or outside the scope is forgotten.
fn teach(conn: &mut Conn, suggester: &mut Suggester, ids: &[Id], scope: &[Visibility]) -> Result<(), Problem> {
    for ids in ids.chunks(CHUNK) {
        let texts: Vec<(Id, String, Option<String>)> = projects::table
            .filter(projects::id.eq_any(ids.to_vec()))
            .filter(projects::visibility.eq_any(scope.to_vec()))
            .select((projects::id, projects::title, projects::summary))
            .load(conn)?;
        let labels = labels(conn, ids)?;
        let mut texts: HashMap<Id, (String, Option<String>)> =
            texts.into_iter().map(|(id, title, summary)| (id, (title, summary))).collect();
        for id in ids {
            match (texts.remove(id), labels.get(id)) {
                (Some((title, summary)), Some(labels)) => {
                    suggester.learn(&id.to_string(), &title, summary.as_deref().unwrap_or_default(), labels);
                }
                _ => suggester.forget(&id.to_string()),
            }
        }
    }
    Ok(())
}

/// What is decided about these projects: confirmed alignments, and the priorities of lines that are granted or paid.
fn labels(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Vec<Label>>, Problem> {
    type Confirmed = (Id, String, String, Option<String>, Option<i32>);
    let confirmed: Vec<Confirmed> = alignments::table
        .filter(alignments::project_id.eq_any(ids.to_vec()))
        .filter(alignments::assessment.eq(Assessment::Confirmed))
        .order(alignments::id)
        .select((
            alignments::project_id,
            alignments::strategy_id,
            alignments::sub_goal_code,
            alignments::measure_code,
            alignments::share,
        ))
        .load(conn)?;
    let lines: Vec<(Id, Id, String, Option<String>)> = funding_lines::table
        .filter(funding_lines::project_id.eq_any(ids.to_vec()))
        .filter(funding_lines::priority_code.is_not_null())
        .order(funding_lines::id)
        .select((
            funding_lines::project_id,
            funding_lines::id,
            funding_lines::source_code,
            funding_lines::priority_code,
        ))
        .load(conn)?;
    let line_ids: Vec<Id> = lines.iter().map(|line| line.1).collect();
    let steps: Vec<(Id, Commitment)> = commitments::table
        .filter(commitments::funding_line_id.eq_any(line_ids))
        .order(commitments::id)
        .select((commitments::funding_line_id, commitments::commitment))
        .load(conn)?;
    let is_granted = |line: Id| {
        let mut own = steps.iter().filter(|(of, _)| *of == line).map(|(_, step)| *step);
        own.clone().any(|step| step == Commitment::Paid) || own.next_back() == Some(Commitment::Granted)
    };
    let mut labels: HashMap<Id, Vec<Label>> = HashMap::new();
    for (project, catalogue, goal, measure, share) in confirmed {
        let share = u8::try_from(share.unwrap_or(0)).unwrap_or(0);
        labels.entry(project).or_default().push(Label { catalogue, code: measure.unwrap_or(goal), share });
    }
    for (project, line, catalogue, code) in lines {
        if let Some(code) = code.filter(|_| is_granted(line)) {
            labels.entry(project).or_default().push(Label { catalogue, code, share: 100 });
        }
    }
    Ok(labels)
}

/// Title of each of these projects that the caller may see.
///
/// # Errors
/// When the database fails.
pub fn titles(conn: &mut Conn, ids: &[Id], scope: &[Visibility]) -> Result<HashMap<Id, String>, Problem> {
    let rows: Vec<(Id, String)> = projects::table
        .filter(projects::id.eq_any(ids.to_vec()))
        .filter(projects::visibility.eq_any(scope.to_vec()))
        .select((projects::id, projects::title))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
