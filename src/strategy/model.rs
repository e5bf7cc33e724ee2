//! What a strategy consists of, and what makes a strategy file right.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::problem::{Kind, Problem};
use crate::text::{Bilingual, bilingual};

/// Which language the wordings beside the official ones are in, and whether they are official too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Language tag.
    pub language: String,
    /// Whether the municipality has adopted the translation.
    pub official: bool,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title of the document.
    pub title: String,
    /// Where it can be read.
    #[serde(default)]
    pub url: Option<String>,
}

/// A factor that the strategy counts on to succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessFactor {
    /// Its name.
    pub name: Bilingual,
    /// What it means in practice.
    pub meaning: Bilingual,
}

/// A measure (åtgärd), the third level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Measure {
    /// As `3.7.2`.
    pub code: String,
    /// Official wording, and its translation.
    pub title: Bilingual,
    /// Whether a later version of the strategy has dropped it.
    #[serde(default)]
    pub retired: bool,
}

/// A sub-goal (delmål), the second level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubGoal {
    /// As `3.7`.
    pub code: String,
    /// Official wording, and its translation.
    pub title: Bilingual,
    /// What it is about, in Samsyn's own words.
    pub summary: Bilingual,
    /// Whether a later version of the strategy has dropped it.
    #[serde(default)]
    pub retired: bool,
    /// Its measures in the document's order.
    pub measures: Vec<Measure>,
}

/// A goal area (målområde), the first level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GoalArea {
    /// As `3`.
    pub code: String,
    /// Official wording, and its translation.
    pub title: Bilingual,
    /// What it is about, in Samsyn's own words.
    pub summary: Bilingual,
    /// Whether a later version of the strategy has dropped it.
    #[serde(default)]
    pub retired: bool,
    /// Its sub-goals in the document's order.
    pub sub_goals: Vec<SubGoal>,
}

/// A municipality's local development strategy for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Strategy {
    /// Slug of municipality and period: `norsjo-2014-2020`.
    pub id: String,
    /// The municipality's code.
    pub municipality: String,
    /// First day of the period.
    pub start_date: NaiveDate,
    /// Last day of the period.
    pub end_date: NaiveDate,
    /// What the document calls itself.
    pub title: Bilingual,
    /// Where the municipality wants to be.
    pub vision: Bilingual,
    /// The wordings beside the official Swedish ones.
    pub translation: Translation,
    /// The document.
    pub source: Source,
    /// What it counts on to succeed.
    pub success_factors: Vec<SuccessFactor>,
    /// Its goal areas in the document's order.
    pub goal_areas: Vec<GoalArea>,
    /// Version of the catalogue, counted by the registry.
    #[serde(default, skip_serializing)]
    pub version: i64,
}

impl Strategy {
    /// Every sub-goal with its goal area.
    pub fn sub_goals(&self) -> impl Iterator<Item = (&GoalArea, &SubGoal)> {
        self.goal_areas.iter().flat_map(|area| area.sub_goals.iter().map(move |goal| (area, goal)))
    }

    /// Every measure with its sub-goal.
    pub fn measures(&self) -> impl Iterator<Item = (&SubGoal, &Measure)> {
        self.sub_goals().flat_map(|(_, goal)| goal.measures.iter().map(move |measure| (goal, measure)))
    }

    /// Everything that is wrong with it as a file, each with the place: an empty list means that it can be loaded.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !is_slug(&self.id) {
            faults.push(format!("id: {:?} must be lower-case words and numbers joined by hyphens", self.id));
        }
        if self.start_date > self.end_date {
            faults.push(format!("endDate: {} is before startDate {}", self.end_date, self.start_date));
        }
        if self.goal_areas.is_empty() {
            faults.push("goalAreas: a strategy has at least one".to_owned());
        }
        let mut texts = vec![("title".to_owned(), &self.title), ("vision".to_owned(), &self.vision)];
        for (index, factor) in self.success_factors.iter().enumerate() {
            texts.push((format!("successFactors {}: name", index + 1), &factor.name));
            texts.push((format!("successFactors {}: meaning", index + 1), &factor.meaning));
        }
        let mut seen = HashSet::new();
        let mut check_code = |code: &str, parent: Option<&str>| {
            let own = match parent {
                Some(parent) => code.strip_prefix(parent).and_then(|rest| rest.strip_prefix('.')),
                None => Some(code),
            };
            if !own.is_some_and(|own| (1..=3).contains(&own.len()) && own.bytes().all(|b| b.is_ascii_digit())) {
                let expected = parent.map_or_else(|| "a number".to_owned(), |parent| format!("{parent}.N"));
                faults.push(format!("code {code:?}: expected {expected}"));
            }
            if !seen.insert(code.to_owned()) {
                faults.push(format!("code {code:?} stands twice"));
            }
        };
        for area in &self.goal_areas {
            check_code(&area.code, None);
            texts.push((format!("{}: title", area.code), &area.title));
            texts.push((format!("{}: summary", area.code), &area.summary));
            for goal in &area.sub_goals {
                check_code(&goal.code, Some(&area.code));
                texts.push((format!("{}: title", goal.code), &goal.title));
                texts.push((format!("{}: summary", goal.code), &goal.summary));
                for measure in &goal.measures {
                    check_code(&measure.code, Some(&goal.code));
                    texts.push((format!("{}: title", measure.code), &measure.title));
                }
            }
        }
        for (place, text) in texts {
            if text.sv.trim().is_empty() || text.en.trim().is_empty() {
                faults.push(format!("{place}: both sv and en must have text"));
            }
        }
        faults
    }
}

/// Whether a text is a slug: lower-case words and numbers joined by hyphens.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(is_word)
}

/// What codes are sorted by: their numbers, so that 3.10 comes after 3.9.
#[must_use]
pub fn code_key(code: &str) -> Vec<u32> {
    code.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

/// The refusal to add to what the strategy no longer has.
#[must_use]
pub fn retired() -> Problem {
    Problem::new(
        Kind::StateConflict,
        bilingual!(
            "Strategin har inte längre detta; det som finns kan läsas men inget läggas till.",
            "The strategy no longer has this; what there is can be read, but nothing added."
        ),
    )
}
