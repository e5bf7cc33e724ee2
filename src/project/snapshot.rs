//! A project's facts, alignments, stakeholders and funding lines as they were, to be put back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::alignment::Alignment;
use super::commitment::Step;
use super::funding_line::model::{Financier, FundingKind, FundingLine, UnnamedFinancier};
use super::model::{Facts, Project};
use super::stakeholder::Stakeholder;
use super::stakeholder::model::{Interest, Phase, StakeholderRole};
use crate::db::Conn;
use crate::id::Id;
use crate::organisation::Organisation;
use crate::problem::Problem;
use crate::{funding, organisation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    facts: Facts,
    alignments: Vec<Alignment>,
    stakeholders: Vec<KeptStakeholder>,
    funding_lines: Vec<KeptLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptStakeholder {
    id: Id,
    organisation_id: Id,
    roles: Vec<StakeholderRole>,
    interests: Vec<Interest>,
    phases: Vec<Phase>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum KeptFinancier {
    Unnamed(UnnamedFinancier),
    Organisation(Id),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptLine {
    id: Id,
    source: String,
    financier: Option<KeptFinancier>,
    call: Option<Id>,
    priority: Option<String>,
    kind: FundingKind,
    year: Option<i32>,
    note: Option<String>,
    commitments: Vec<Step>,
}

/// What [`restored`] puts back, as JSON. Contacts and related projects are not in it.
#[must_use]
pub fn snapshot(project: &Project) -> Value {
    let mut facts = json!(project.facts);
    facts["contact"] = Value::Null;
    json!({
        "facts": facts,
        "alignments": project.alignments,
        "stakeholders": project.stakeholders,
        "fundingLines": project.funding_lines,
    })
}

/// The project with what a snapshot of it holds; everything else stays as it is now.
///
/// # Errors
/// 500 when it is no snapshot, or names what is not there any more.
pub fn restored(conn: &mut Conn, now: &Project, snapshot: &Value) -> Result<Project, Problem> {
    let Kept { facts, alignments, stakeholders, funding_lines } =
        Kept::deserialize(snapshot).map_err(Problem::internal)?;
    let (contact, related_projects) = (now.facts.contact.clone(), now.facts.related_projects.clone());
    Ok(Project {
        facts: Facts { contact, related_projects, ..facts },
        alignments,
        stakeholders: stakeholders.into_iter().map(|kept| kept.restored(conn)).collect::<Result<_, _>>()?,
        funding_lines: funding_lines.into_iter().map(|kept| kept.restored(conn)).collect::<Result<_, _>>()?,
        ..now.clone()
    })
}

fn organisation(conn: &mut Conn, id: Id) -> Result<Organisation, Problem> {
    organisation::store::find(conn, id).map_err(Problem::internal)
}

impl KeptStakeholder {
    fn restored(self, conn: &mut Conn) -> Result<Stakeholder, Problem> {
        let Self { id, organisation_id, roles, interests, phases } = self;
        Ok(Stakeholder { id, organisation: organisation(conn, organisation_id)?, roles, interests, phases })
    }
}

impl KeptLine {
    fn restored(self, conn: &mut Conn) -> Result<FundingLine, Problem> {
        let Self { id, source, financier, call, priority, kind, year, note, commitments } = self;
        let known = funding::store::types(conn, std::slice::from_ref(&source))?.pop();
        let (_, level) = known.ok_or_else(|| Problem::internal(anyhow::anyhow!("the source {source} is gone")))?;
        let financier = match financier {
            None => None,
            Some(KeptFinancier::Unnamed(unnamed)) => Some(Financier::Unnamed(unnamed)),
            Some(KeptFinancier::Organisation(id)) => Some(Financier::Organisation(organisation(conn, id)?)),
        };
        Ok(FundingLine { id, source, level, financier, call, priority, kind, year, note, commitments })
    }
}
