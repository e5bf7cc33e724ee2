//! The vocabulary: which words speak for which sub-goals, measures and priorities, which words mean the same, and which say
//! nothing. A file that anyone can read and edit.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::language::{fold, stem};

/// A language's vocabulary.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vocabulary {
    /// Words that say nothing about a subject, in rows as one likes.
    pub stop_words: Vec<Vec<String>>,
    /// Words that every project has, in any inflection: a search heeds them, suggestions do not.
    #[serde(default)]
    pub common_words: Vec<Vec<String>>,
    /// Common parts of compounds that stand in no other list.
    #[serde(default)]
    pub compound_parts: Vec<String>,
    /// Groups of words or phrases that mean the same for a search.
    #[serde(default)]
    pub synonyms: Vec<Vec<String>>,
    /// What the words are about.
    pub themes: Vec<Theme>,
}

/// The vocabulary that comes with the program.
#[must_use]
pub fn swedish() -> &'static Vocabulary {
    static SWEDISH: LazyLock<Vocabulary> = LazyLock::new(|| {
        // That it can be read is tested below.
        yaml_serde::from_str(include_str!("../../seeds/vocabulary/sv.yaml")).unwrap_or_default()
    });
    &SWEDISH
}

/// Words that speak for the same codes.
///
/// A word stands for its inflections and for compounds that it is a part of; `turis*` for every word that begins so, `*skog` for
/// every word that ends so; several words for a phrase.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Theme {
    /// What they are about, for the reader.
    pub name: String,
    /// The codes that they speak for, by strategy or framework. A code's word counts for the codes above it too.
    pub speaks_for: BTreeMap<String, Vec<String>>,
    /// Words that alone nearly settle the matter.
    #[serde(default)]
    pub strong: Vec<String>,
    /// Words that speak clearly for it.
    #[serde(default)]
    pub words: Vec<String>,
    /// Words that tip the scale.
    #[serde(default)]
    pub weak: Vec<String>,
}

impl Theme {
    /// Every code that it speaks for, with its catalogue.
    pub fn codes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.speaks_for
            .iter()
            .flat_map(|(catalogue, codes)| codes.iter().map(move |code| (catalogue.as_str(), code.as_str())))
    }

    /// Every word or phrase with its weight.
    pub fn weighted(&self) -> impl Iterator<Item = (&str, f64)> {
        [(&self.strong, 3.0), (&self.words, 1.5), (&self.weak, 0.5)]
            .into_iter()
            .flat_map(move |(words, weight)| words.iter().map(move |word| (word.as_str(), weight)))
    }
}

impl Vocabulary {
    /// Everything that is wrong with it as a file; `is_known` tells whether a strategy or framework has a code.
    pub fn faults(&self, is_known: impl Fn(&str, &str) -> bool) -> Vec<String> {
        let mut faults = Vec::new();
        for theme in &self.themes {
            let name = &theme.name;
            for (catalogue, codes) in &theme.speaks_for {
                let unknown = codes.iter().filter(|code| !is_known(catalogue, code));
                faults.extend(unknown.map(|code| format!("theme {name:?}: {catalogue} has no {code:?}")));
            }
            let mut seen = HashSet::new();
            for (word, _) in theme.weighted() {
                if word.trim_matches('*').trim().is_empty() {
                    faults.push(format!("theme {name:?}: an empty word"));
                } else if !seen.insert(word) {
                    faults.push(format!("theme {name:?}: {word:?} stands twice"));
                }
            }
        }
        faults
    }

    /// The stems of the words that every project has.
    #[must_use]
    pub fn common_stems(&self) -> HashSet<String> {
        self.common_words.iter().flatten().map(|word| stem(&fold(word))).collect()
    }

    /// Every single word in it, for the lexicon of compound parts.
    pub fn single_words(&self) -> impl Iterator<Item = &str> {
        let themes = self.themes.iter().flat_map(Theme::weighted).map(|(word, _)| word);
        let singles = themes.map(|word| word.trim_matches('*')).filter(|word| !word.contains([' ', '-']));
        singles.chain(self.compound_parts.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme() -> Theme {
        Theme {
            name: "Bredband".to_owned(),
            speaks_for: [("plan".to_owned(), vec!["4.1".to_owned(), "9".to_owned()])].into(),
            strong: vec!["bredband".to_owned()],
            words: vec!["bredband".to_owned(), "*".to_owned()],
            ..Theme::default()
        }
    }

    #[test]
    fn unknown_codes_and_doubled_or_empty_words_are_faults() {
        let vocabulary = Vocabulary { themes: vec![theme()], ..Vocabulary::default() };
        let faults = vocabulary.faults(|catalogue, code| catalogue == "plan" && code == "4.1");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].contains("\"9\""));
    }

    #[test]
    fn the_swedish_vocabulary_can_be_read_and_says_nothing_twice() {
        let vocabulary = swedish();
        assert!(vocabulary.themes.len() > 50, "it cannot be read");
        assert_eq!(vocabulary.faults(|_, _| true), Vec::<String>::new());
    }
}
