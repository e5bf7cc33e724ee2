//! What a framework consists of, and what makes a framework file right.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::strategy::model::{Source, is_slug};
use crate::text::Bilingual;

/// An official wording: a language that none is known in stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Swedish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sv: Option<String>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Wording {
    fn is_empty(&self) -> bool {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        blank(&self.sv) && blank(&self.en)
    }
}

/// A level of the tree, with the framework's own name for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// What priorities name it by: `axis`.
    pub code: String,
    /// Its name: insatsområde, priority axis.
    pub name: Bilingual,
}

/// A programme number (CCI) and who gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeNumber {
    /// The number.
    pub number: String,
    /// Where it is given.
    pub source: Source,
}

/// A node of a framework's tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// Code, unique in the framework: `2c`.
    pub code: String,
    /// Code of its level.
    pub level: String,
    /// Official title.
    pub title: Wording,
    /// Official wording, when it is longer than the title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<Wording>,
    /// Where it is published.
    pub source: Source,
    /// What else to know, in Samsyn's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
    /// Whether a later version of the file has dropped it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The nodes below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priorities: Vec<Priority>,
}

impl Priority {
    /// It and every node below it, each before those below it.
    #[must_use]
    pub fn subtree(&self) -> Vec<&Self> {
        let below = self.priorities.iter().flat_map(Self::subtree);
        std::iter::once(self).chain(below).collect()
    }
}

/// A programme or strategy that funders steer by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Framework {
    /// Slug: `eruf-ovre-norrland-2014-2020`. A funding source with the same code funds by it.
    pub id: String,
    /// Title.
    pub title: Bilingual,
    /// Who steers by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// First day of its period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// Last day of its period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<NaiveDate>,
    /// Its programme numbers: the one to use, then known aliases.
    #[serde(default)]
    pub programme_numbers: Vec<ProgrammeNumber>,
    /// What else to know, in Samsyn's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
    /// Its levels, outermost first.
    pub levels: Vec<Level>,
    /// The outermost nodes.
    pub priorities: Vec<Priority>,
    /// Version of the catalogue, counted by the registry.
    #[serde(default, skip_serializing)]
    pub version: i64,
}

impl Framework {
    /// Every node, each before those below it.
    #[must_use]
    pub fn all(&self) -> Vec<&Priority> {
        self.priorities.iter().flat_map(Priority::subtree).collect()
    }

    /// The node with this code.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Priority> {
        self.all().into_iter().find(|priority| priority.code == code)
    }

    /// Everything that is wrong with it as a file, each with the place: an empty list means that it can be loaded.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !is_slug(&self.id) {
            faults.push(format!("id: {:?} must be lower-case words and numbers joined by hyphens", self.id));
        }
        if let (Some(start), Some(end)) = (self.start_date, self.end_date)
            && end < start
        {
            faults.push(format!("endDate: {end} is before startDate {start}"));
        }
        if self.priorities.is_empty() {
            faults.push("priorities: a framework has at least one".to_owned());
        }
        let mut seen = HashSet::new();
        for priority in self.all() {
            let code = &priority.code;
            let is_code = code.split(['.', '-']).all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
            if !is_code || code.len() > 30 {
                faults.push(format!("code {code:?}: expected lower-case letters and digits joined by . or -"));
            }
            if !seen.insert(code) {
                faults.push(format!("code {code:?} stands twice"));
            }
            if !self.levels.iter().any(|level| level.code == priority.level) {
                faults.push(format!("{code}: level {:?} is not among the levels", priority.level));
            }
            if priority.title.is_empty() {
                faults.push(format!("{code}: title must have text in sv or en"));
            }
        }
        faults
    }
}
