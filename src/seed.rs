//! The data that comes with the program: municipalities, strategies, funding sources, and a demonstration set.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use crate::analysis::suggestion;
use crate::analysis::suggestion::measure::Aligned;
use crate::analysis::suggestion::model::Candidate;
use crate::auth::Principal;
use crate::db::Conn;
use crate::framework::Framework;
use crate::framework::file::CorrespondenceFile;
use crate::funding::call::CallFacts;
use crate::funding::model::SourceFacts;
use crate::id::Id;
use crate::problem::Problem;
use crate::project::model::Relation;
use crate::project::wire::NewProject;
use crate::strategy::{Municipality, Strategy};
use crate::{framework, funding, project, strategy};

const MUNICIPALITIES: &str = include_str!("../seeds/municipalities/sweden.csv");
const FUNDING_SOURCES: &str = include_str!("../seeds/funding-sources/sweden.yaml");
const CALLS: &str = include_str!("../seeds/funding-sources/calls.yaml");
const DEMONSTRATION: &str = include_str!("../seeds/demo/projects.yaml");

/// Files of a folder of `seeds/`, each with its name.
macro_rules! files {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../seeds/", $folder, "/", $name, ".yaml")))),+]
    };
}

const STRATEGIES: [(&str, &str); 1] = files!("strategies": "norsjo-2014-2020");
const FRAMEWORKS: [(&str, &str); 5] = files!("frameworks":
    "eruf-ovre-norrland-2007-2013", "eruf-ovre-norrland-2014-2020", "eruf-ovre-norrland-2021-2027",
    "rus-vasterbotten-2014-2020", "global-goals",
);
const CORRESPONDENCES: [(&str, &str); 5] = files!("correspondences/norsjo-2014-2020":
    "eruf-ovre-norrland-2007-2013", "eruf-ovre-norrland-2014-2020", "eruf-ovre-norrland-2021-2027",
    "rus-vasterbotten-2014-2020", "global-goals",
);

/// What loading changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Municipalities that were new or changed.
    pub municipalities: usize,
    /// Strategies that were new or changed.
    pub strategies: usize,
    /// Frameworks that were new or changed.
    pub frameworks: usize,
    /// Correspondences that were new or changed.
    pub correspondences: usize,
    /// Funding sources that were new or changed.
    pub funding_sources: usize,
    /// Calls that were new or changed.
    pub calls: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "loaded {} municipalities, {} strategies, {} frameworks, {} correspondences, {} funding sources, {} calls",
            self.municipalities,
            self.strategies,
            self.frameworks,
            self.correspondences,
            self.funding_sources,
            self.calls
        )
    }
}

/// The catalogues as their files have them.
#[derive(Debug)]
pub struct Catalogues {
    municipalities: Vec<Municipality>,
    strategies: Vec<Strategy>,
    frameworks: Vec<Framework>,
    correspondences: Vec<CorrespondenceFile>,
    funding_sources: Vec<(String, SourceFacts)>,
    calls: Vec<CallFacts>,
}

impl Catalogues {
    /// Reads the shipped catalogues, and further strategies, frameworks and correspondences from files.
    ///
    /// # Errors
    /// What is wrong with a file, and where.
    pub fn read(files: &[PathBuf]) -> anyhow::Result<Self> {
        let mut catalogues = Self {
            municipalities: strategy::file::read_municipalities(MUNICIPALITIES)?,
            strategies: Vec::new(),
            frameworks: Vec::new(),
            correspondences: Vec::new(),
            funding_sources: funding::file::read(FUNDING_SOURCES)?,
            calls: funding::file::read_calls(CALLS)?,
        };
        for (name, yaml) in STRATEGIES.iter().chain(&FRAMEWORKS).chain(&CORRESPONDENCES) {
            catalogues.add(name, yaml)?;
        }
        for file in files {
            let name = file.display().to_string();
            let yaml = std::fs::read_to_string(file).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
            catalogues.add(&name, &yaml)?;
        }
        for strategy in &catalogues.strategies {
            let (id, code) = (&strategy.id, &strategy.municipality);
            let is_known = catalogues.municipalities.iter().any(|municipality| municipality.code == *code);
            anyhow::ensure!(is_known, "{id}: municipality: {code} is no municipality code");
        }
        Ok(catalogues)
    }

    /// Adds what a file holds, which its members tell: goal areas make a strategy, priorities a framework.
    fn add(&mut self, name: &str, yaml: &str) -> anyhow::Result<()> {
        let members: yaml_serde::Mapping =
            yaml_serde::from_str(yaml).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        if members.contains_key("correspondences") {
            self.correspondences.push(framework::file::read_correspondences(name, yaml)?);
        } else if members.contains_key("priorities") {
            self.frameworks.push(framework::file::read(name, yaml)?);
        } else {
            self.strategies.push(strategy::file::read_strategy(name, yaml)?);
        }
        Ok(())
    }

    /// Everything that may be suggested.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        let strategies = self.strategies.iter().flat_map(suggestion::store::of_strategy);
        strategies.chain(self.frameworks.iter().flat_map(suggestion::store::of_framework)).collect()
    }

    /// Loads them. Loading again changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(&self, conn: &mut Conn) -> Result<Report, Problem> {
        let municipalities = strategy::municipality::store::load(conn, &self.municipalities)?;
        let mut strategies = 0;
        for strategy in &self.strategies {
            strategies += usize::from(strategy::store::load(conn, strategy)?);
        }
        let mut frameworks = 0;
        for framework in &self.frameworks {
            frameworks += usize::from(framework::store::load(conn, framework)?);
        }
        let mut correspondences = 0;
        for file in &self.correspondences {
            correspondences += framework::correspondence::store::load(conn, file)?;
        }
        let funding_sources = funding::store::load(conn, &self.funding_sources)?;
        let calls = funding::call::store::load(conn, &self.calls)?;
        Ok(Report { municipalities, strategies, frameworks, correspondences, funding_sources, calls })
    }
}

/// Whether no project is registered.
///
/// # Errors
/// When the database fails.
pub fn is_without_projects(conn: &mut Conn) -> Result<bool, Problem> {
    Ok(project::store::count(conn)? == 0)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Demonstration {
    key: String,
    #[serde(default)]
    related: Vec<DemonstrationRelation>,
    project: NewProject,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemonstrationRelation {
    to: String,
    relation: Relation,
}

/// The demonstration projects with their alignments, to measure suggestions by.
///
/// # Errors
/// When one of them has not the form of a project.
pub fn demonstration_alignments() -> anyhow::Result<Vec<Aligned>> {
    let entries: Vec<Demonstration> = yaml_serde::from_str(DEMONSTRATION)?;
    let aligned = |entry: Demonstration| Aligned {
        key: entry.key,
        title: entry.project.title().to_owned(),
        text: entry.project.summary().unwrap_or_default().to_owned(),
        alignments: entry.project.claims().collect(),
    };
    Ok(entries.into_iter().map(aligned).collect())
}

/// Loads the demonstration projects through the same rules as any other; says how many. One whose title is registered
/// already is left out, so that loading again changes nothing.
///
/// # Errors
/// What is wrong with one of them; none is loaded then.
pub fn demonstration(conn: &mut Conn) -> Result<usize, Problem> {
    let entries: Vec<Demonstration> = yaml_serde::from_str(DEMONSTRATION).map_err(Problem::internal)?;
    let mut count = 0;
    let mut ids = HashMap::new();
    for entry in entries {
        if let Some(known) = project::store::find_by_title(conn, entry.project.title())?.first().copied() {
            ids.insert(entry.key, known);
            continue;
        }
        let related: Vec<(Id, Relation)> =
            entry.related.iter().filter_map(|other| Some((*ids.get(&other.to)?, other.relation))).collect();
        // The program itself registers them.
        let registered = project::http::register(conn, &Principal::program(), entry.project.related_to(related))?;
        ids.insert(entry.key, registered.id);
        count += 1;
    }
    Ok(count)
}
