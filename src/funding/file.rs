//! Reads funding source files, in the form of `seeds/funding-sources`.

use serde::Deserialize;

use super::call::model::CallFacts;
use super::model::SourceFacts;

#[derive(Debug, Deserialize)]
struct Entry {
    code: String,
    #[serde(flatten)]
    facts: SourceFacts,
}

/// Codes and facts of the sources in a file.
///
/// # Errors
/// What is wrong with the file.
pub fn read(yaml: &str) -> anyhow::Result<Vec<(String, SourceFacts)>> {
    let entries: Vec<Entry> = yaml_serde::from_str(yaml)?;
    Ok(entries.into_iter().map(|entry| (entry.code, entry.facts)).collect())
}

/// The calls in a file.
///
/// # Errors
/// What is wrong with the file.
pub fn read_calls(yaml: &str) -> anyhow::Result<Vec<CallFacts>> {
    Ok(yaml_serde::from_str(yaml)?)
}
