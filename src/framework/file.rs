//! Reads framework files and correspondence files. What is wrong with one is said with its place, and nothing of it is
//! loaded.

use serde::Deserialize;

use super::correspondence::model::CorrespondenceFacts;
use super::model::Framework;

/// A framework from YAML in the form of `seeds/frameworks`.
///
/// # Errors
/// What is wrong with it, all at once where the form allows.
pub fn read(name: &str, yaml: &str) -> anyhow::Result<Framework> {
    let framework: Framework = yaml_serde::from_str(yaml).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    let faults = framework.faults();
    anyhow::ensure!(faults.is_empty(), "{name}:\n  {}", faults.join("\n  "));
    Ok(framework)
}

/// What a strategy's sub-goals and measures have to do with a framework, as a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrespondenceFile {
    /// The strategy's id.
    pub strategy: String,
    /// The framework's id.
    pub framework: String,
    /// The correspondences.
    pub correspondences: Vec<CorrespondenceFacts>,
}

/// Correspondences from YAML in the form of `seeds/correspondences`.
///
/// # Errors
/// What is wrong with it, all at once where the form allows.
pub fn read_correspondences(name: &str, yaml: &str) -> anyhow::Result<CorrespondenceFile> {
    let file: CorrespondenceFile = yaml_serde::from_str(yaml).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    let mut faults = Vec::new();
    for (index, facts) in file.correspondences.iter().enumerate() {
        let earlier: Vec<_> = file.correspondences[..index].iter().collect();
        let node = facts.measure.as_ref().unwrap_or(&facts.sub_goal);
        let at = format!("{node} to {}", facts.priority.as_deref().unwrap_or("the framework"));
        faults.extend(facts.faults(&earlier).iter().map(|fault| format!("{at}: {}", fault.reason.en)));
        if facts.rationale.sv.trim().is_empty() || facts.rationale.en.trim().is_empty() {
            faults.push(format!("{at}: rationale: both sv and en must have text"));
        }
    }
    anyhow::ensure!(faults.is_empty(), "{name}:\n  {}", faults.join("\n  "));
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r"
id: exempel-2021
title: {sv: Exempel, en: Example}
levels:
- {code: axis, name: {sv: område, en: area}}
priorities:
- {code: '1', level: axis, title: {sv: Ett}, source: {title: Exempel}}
- {code: '2', level: axis, title: {en: Two}, source: {title: Exempel}}
";

    fn refusal(yaml: &str) -> String {
        read("file.yaml", yaml).expect_err("refused").to_string()
    }

    #[test]
    fn a_wrong_framework_is_refused_with_every_place() {
        assert_eq!(read("file.yaml", SMALL).expect("read").all().len(), 2);
        let wrong = SMALL
            .replace("code: '2', level: axis", "code: '1', level: axel")
            .replace("{en: Two}", "{}")
            .replace("exempel-2021", "Exempel");
        let refusal = refusal(&wrong);
        for words in ["file.yaml", "id:", "\"1\" stands twice", "\"axel\"", "title must have text"] {
            assert!(refusal.contains(words), "{words} in {refusal}");
        }
    }

    #[test]
    fn wrong_correspondences_are_refused_with_every_place() {
        let file = r"
strategy: exempel
framework: exempel-2021
correspondences:
- {subGoal: '1.1', priority: '1', type: exact, provenance: stated, rationale: {sv: S, en: E}}
- {subGoal: '1.1', priority: '1', type: broad, provenance: stated, rationale: {sv: S, en: E}}
- {subGoal: '1.1', type: none, provenance: stated, rationale: {sv: S, en: E}}
- {subGoal: '1.2', type: exact, provenance: stated, rationale: {sv: S, en: ' '}}
";
        let refusal = read_correspondences("file.yaml", file).expect_err("refused").to_string();
        for words in ["exists already", "cannot both", "1.2 to the framework: is needed", "both sv and en"] {
            assert!(refusal.contains(words), "{words} in {refusal}");
        }
        assert!(read_correspondences("file.yaml", &file.replace("broad", "wide")).is_err());
    }
}
