//! Reads catalogue files. What is wrong with one is said with its place, and nothing of it is loaded.

use super::{Municipality, Strategy};

/// A strategy from YAML in the form of `seeds/strategies`.
///
/// # Errors
/// What is wrong with it, all at once where the form allows.
pub fn read_strategy(name: &str, yaml: &str) -> anyhow::Result<Strategy> {
    let strategy: Strategy = yaml_serde::from_str(yaml).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
    let faults = strategy.faults();
    anyhow::ensure!(faults.is_empty(), "{name}:\n  {}", faults.join("\n  "));
    Ok(strategy)
}

/// The municipalities from CSV in the form of `seeds/municipalities`.
///
/// # Errors
/// The first line that is wrong.
pub fn read_municipalities(csv: &str) -> anyhow::Result<Vec<Municipality>> {
    Ok(csv::Reader::from_reader(csv.as_bytes()).deserialize().collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r"
id: exempel-2021-2027
municipality: '2418'
startDate: '2021-01-01'
endDate: '2027-12-31'
title: {sv: Strategi, en: Strategy}
vision: {sv: Framåt, en: Ahead}
translation: {language: en, official: false}
source: {title: Exempel}
successFactors: []
goalAreas:
- code: '1'
  title: {sv: Område, en: Area}
  summary: {sv: Om området., en: About the area.}
  subGoals:
  - code: '1.1'
    title: {sv: Delmål, en: Sub-goal}
    summary: {sv: Om delmålet., en: About the sub-goal.}
    measures:
    - {code: 1.1.1, title: {sv: Åtgärd, en: Measure}}
";

    fn refusal(yaml: &str) -> String {
        read_strategy("file.yaml", yaml).expect_err("refused").to_string()
    }

    #[test]
    fn a_right_file_is_read() {
        let strategy = read_strategy("file.yaml", SMALL).expect("read");
        assert_eq!(strategy.measures().count(), 1);
    }

    #[test]
    fn a_wrong_file_is_refused_with_every_place() {
        let wrong = SMALL
            .replace("1.1.1", "1.2.1")
            .replace("en: Ahead", "en: ''")
            .replace("endDate: '2027", "endDate: '2020")
            .replace("id: exempel-2021-2027", "id: Exempel 1");
        let refusal = refusal(&wrong);
        for words in ["file.yaml", "\"1.2.1\": expected 1.1.N", "vision", "endDate", "id:"] {
            assert!(refusal.contains(words), "{words} in {refusal}");
        }
    }

    #[test]
    fn unknown_members_and_missing_ones_are_named() {
        assert!(refusal(&SMALL.replace("vision:", "visoin:")).contains("visoin"));
        assert!(refusal(&SMALL.replace("startDate: '2021-01-01'\n", "")).contains("startDate"));
        assert!(refusal("- a list").contains("file.yaml"));
    }
}
