//! Resolves what a project refers to (strategy, codes, organisations, sources, municipalities, other projects) inside
//! the transaction that saves it, and gathers every fault instead of stopping at the first.

use crate::auth::Principal;
use crate::db::Conn;
use crate::funding::{self, SourceType};
use crate::id::Id;
use crate::organisation::{self, Organisation, Sector};
use crate::problem::{Fault, Problem};
use crate::text::{Bilingual, bilingual};
use crate::{framework, project, strategy};

use super::model::{Project, RelatedProject, Relation};
use super::sight::Sight;

/// Looks references up and remembers what is wrong with them.
pub struct Resolver<'a> {
    conn: &'a mut Conn,
    caller: &'a Principal,
    faults: Vec<Fault>,
}

impl<'a> Resolver<'a> {
    /// A resolver for what this caller sends.
    pub fn new(conn: &'a mut Conn, caller: &'a Principal) -> Self {
        Self { conn, caller, faults: Vec::new() }
    }

    /// Remembers a fault at a JSON Pointer.
    pub fn fault(&mut self, at: impl Into<String>, code: &'static str, reason: Bilingual) {
        self.extend([Fault::body(at, code, reason)]);
    }

    /// Remembers faults, each once.
    pub fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }

    /// Who sends what is resolved.
    #[must_use]
    pub fn caller(&self) -> &'a Principal {
        self.caller
    }

    /// Whether nothing was wrong so far.
    #[must_use]
    pub fn is_content(&self) -> bool {
        self.faults.is_empty()
    }

    /// Gives back the connection, when nothing was wrong.
    ///
    /// # Errors
    /// 422 with every fault.
    pub fn finish(self) -> Result<&'a mut Conn, Problem> {
        if self.faults.is_empty() { Ok(self.conn) } else { Err(Problem::invalid(self.faults)) }
    }

    /// The strategy with this id, or the newest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn strategy(&mut self, at: &str, id: Option<String>) -> Result<String, Problem> {
        let Some(id) = id else { return strategy::store::newest_id(self.conn) };
        if !strategy::store::exists(self.conn, &id)? {
            let reason = bilingual!("strategin {id} finns inte", "the strategy {id} does not exist");
            self.fault(at, "unknown-strategy", reason);
        }
        Ok(id)
    }

    /// Checks the codes of an alignment.
    ///
    /// # Errors
    /// When the database fails.
    pub fn codes(&mut self, at: &str, strategy: &str, sub_goal: &str, measure: Option<&str>) -> Result<(), Problem> {
        if !strategy::store::has_sub_goal(self.conn, strategy, sub_goal)? {
            let reason = bilingual!(
                "delmålet {sub_goal} finns inte i {strategy}",
                "the sub-goal {sub_goal} does not exist in {strategy}"
            );
            self.fault(format!("{at}/subGoal"), "unknown-sub-goal", reason);
        }
        let Some(measure) = measure else { return Ok(()) };
        match strategy::store::sub_goal_of(self.conn, strategy, measure)? {
            Some(parent) if parent == sub_goal => {}
            Some(parent) => {
                let reason = bilingual!(
                    "åtgärden {measure} hör till delmålet {parent}, inte {sub_goal}",
                    "the measure {measure} belongs to the sub-goal {parent}, not {sub_goal}"
                );
                self.fault(format!("{at}/measure"), "measure-outside-sub-goal", reason);
            }
            None => {
                let reason = bilingual!(
                    "åtgärden {measure} finns inte i {strategy}",
                    "the measure {measure} does not exist in {strategy}"
                );
                self.fault(format!("{at}/measure"), "unknown-measure", reason);
            }
        }
        Ok(())
    }

    /// The organisation with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn organisation_by_id(&mut self, at: &str, id: Id) -> Result<Option<Organisation>, Problem> {
        let found = organisation::store::find_all(self.conn, &[id])?.pop();
        if found.is_none() {
            let reason = bilingual!("organisationen {id} finns inte", "the organisation {id} does not exist");
            self.fault(format!("{at}/id"), "unknown-organisation", reason);
        }
        Ok(found)
    }

    /// The organisation with this number, else with exactly this name, else a new one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn organisation_by_name(
        &mut self,
        at: &str,
        name: &str,
        number: Option<&str>,
        sector: Option<Sector>,
    ) -> Result<Option<Organisation>, Problem> {
        // Before it is looked for: whether it is registered would tell strangers whose it is.
        if let Some(fault) = organisation::http::number_fault(self.caller, number, &format!("{at}/number")) {
            self.extend([fault]);
            return Ok(None);
        }
        if let Some(found) = organisation::store::find_by_number_or_name(self.conn, number, name)? {
            return Ok(Some(found));
        }
        let Some(sector) = sector else {
            let reason = bilingual!(
                "behövs för en organisation som inte är registrerad",
                "is needed for an organisation that is not registered"
            );
            self.fault(format!("{at}/sector"), "required", reason);
            return Ok(None);
        };
        organisation::store::insert(self.conn, self.caller.id(), name, sector, number).map(Some)
    }

    /// The level of a funding source.
    ///
    /// # Errors
    /// When the database fails.
    pub fn source(&mut self, at: &str, code: &str) -> Result<Option<SourceType>, Problem> {
        let found = funding::store::types(self.conn, &[code.to_owned()])?.pop();
        if found.is_none() {
            let reason = bilingual!("källan {code} finns inte", "the source {code} does not exist");
            self.fault(format!("{at}/source"), "unknown-source", reason);
        }
        Ok(found.map(|(_, level)| level))
    }

    /// Checks that a call is its source's.
    ///
    /// # Errors
    /// When the database fails.
    pub fn call(&mut self, at: &str, call: Id, source: &str) -> Result<(), Problem> {
        let found = funding::call::store::source_of(self.conn, call)?;
        if found.as_deref() != Some(source) {
            let reason = bilingual!(
                "utlysningen {call} finns inte hos källan {source}",
                "the call {call} does not exist at the source {source}"
            );
            self.fault(format!("{at}/call"), "unknown-call", reason);
        }
        Ok(())
    }

    /// Checks that a priority is in its source's framework, which is the one with the source's code.
    ///
    /// # Errors
    /// When the database fails.
    pub fn priority(&mut self, at: &str, priority: &str, source: &str) -> Result<(), Problem> {
        if !framework::store::has_priority(self.conn, source, priority)? {
            let reason = bilingual!(
                "prioriteringen {priority} finns inte i något ramverk med källans kod {source}",
                "the priority {priority} does not exist in a framework with the source's code {source}"
            );
            self.fault(format!("{at}/priority"), "unknown-priority", reason);
        }
        Ok(())
    }

    /// Checks municipality codes and puts them in order.
    ///
    /// # Errors
    /// When the database fails.
    pub fn municipalities(&mut self, at: &str, mut codes: Vec<String>) -> Result<Vec<String>, Problem> {
        for unknown in strategy::municipality::store::unknown(self.conn, &codes)? {
            let index = codes.iter().position(|code| *code == unknown).unwrap_or_default();
            let reason =
                bilingual!("kommunkoden {unknown} finns inte", "the municipality code {unknown} does not exist");
            self.fault(format!("{at}/{index}"), "unknown-municipality", reason);
        }
        codes.sort_unstable();
        codes.dedup();
        Ok(codes)
    }

    /// The other projects that a project, itself perhaps registered already, refers to.
    ///
    /// # Errors
    /// When the database fails.
    pub fn related(
        &mut self,
        at: &str,
        before: Option<&Project>,
        given: Vec<(Id, Relation)>,
    ) -> Result<Vec<RelatedProject>, Problem> {
        let (own, sight) = (before.map(|project| project.id), Sight::of(self.caller));
        let ids: Vec<Id> = given.iter().map(|(id, _)| *id).collect();
        let known = project::store::known(self.conn, &ids, sight)?;
        // What the caller does not see stays as it is.
        let kept = before.into_iter().flat_map(|project| &project.facts.related_projects);
        let mut related: Vec<RelatedProject> = kept.filter(|other| !sight.reaches(other)).cloned().collect();
        for (index, (id, relation)) in given.into_iter().enumerate() {
            let at = format!("{at}/{index}/projectId");
            match known.iter().find(|(known, ..)| *known == id) {
                _ if own == Some(id) => {
                    let reason =
                        bilingual!("ett projekt hör inte till sig självt", "a project is not related to itself");
                    self.fault(at, "self", reason);
                }
                None => {
                    let reason = bilingual!("projektet {id} finns inte", "the project {id} does not exist");
                    self.fault(at, "unknown-project", reason);
                }
                Some(_) if related.iter().any(|other| other.project_id == id) => {
                    let reason = bilingual!("projektet står redan i listan", "the project is in the list already");
                    self.fault(at, "repeated", reason);
                }
                Some((_, visibility, owners)) => {
                    let (visibility, owners) = (*visibility, owners.clone());
                    related.push(RelatedProject { project_id: id, relation, visibility, owners });
                }
            }
        }
        related.sort_by_key(|other| other.project_id);
        Ok(related)
    }
}
