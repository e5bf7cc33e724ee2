//! The suggester: candidates, what it learns, what it answers.

use std::collections::{BTreeMap, HashMap};

use super::decided::Memory;
use super::evidence::Words;
use super::scores::Scores;
use super::tree::{Node, Tree};
use crate::language::vocabulary::Vocabulary;
use crate::language::{Term, terms, words};

/// How often a word of the title counts.
const TITLE: f64 = 2.0;

/// What a candidate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A sub-goal of a strategy.
    SubGoal,
    /// A measure of a strategy.
    Measure,
    /// A priority of a framework, at any depth.
    Priority,
}

/// Something that may be suggested.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The strategy's or framework's id.
    pub catalogue: String,
    /// What it is.
    pub kind: Kind,
    /// Its code, unique in its catalogue.
    pub code: String,
    /// The code above it. One that is no candidate itself (a goal area) does not count: its children stand at the top.
    pub parent: Option<String>,
    /// Its title, in every language that it has.
    pub titles: Vec<String>,
    /// Other wordings: summaries, in every language.
    pub texts: Vec<String>,
}

/// A decision about a project: that it serves something, or was granted under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The strategy's or framework's id.
    pub catalogue: String,
    /// The most precise code that was decided: the measure, else the sub-goal. It counts for the codes above it too.
    pub code: String,
    /// Whole percent of the project; 100 for the priority of a granted funding line.
    pub share: u8,
}

/// A word of the text, and what it adds to a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The word or phrase as it stands in the text.
    pub surface: String,
    /// Its part of the score.
    pub weight: f64,
}

/// Something that fits a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The strategy's or framework's id.
    pub catalogue: String,
    /// The code.
    pub code: String,
    /// How well it fits, 0..1; over the codes of one level of a catalogue the scores are together at most 1.
    pub score: f64,
    /// The words that made the score, the weightiest first; all words' weights together are the score.
    pub words: Vec<Word>,
    /// The keys of the decided projects that spoke for it, the most similar first.
    pub nearest: Vec<String>,
}

/// Everything that fits a text, each list best first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestions {
    /// Sub-goals, of every strategy among the candidates.
    pub sub_goals: Vec<Suggestion>,
    /// Measures, of every strategy among the candidates.
    pub measures: Vec<Suggestion>,
    /// Priorities, by framework.
    pub priorities: BTreeMap<String, Vec<Suggestion>>,
}

/// Knows the vocabulary and the decided projects.
#[derive(Debug, Clone)]
pub struct Suggester {
    tree: Tree,
    words: Words,
    memory: Memory,
}

impl Suggester {
    /// A suggester that knows no decisions yet.
    #[must_use]
    pub fn new(candidates: &[Candidate], vocabulary: &Vocabulary) -> Self {
        let tree = Tree::new(candidates);
        let words = Words::new(candidates, &tree, vocabulary);
        Self { tree, words, memory: Memory::default() }
    }

    /// Remembers a decided project, in place of what was known under its key. Labels with unknown codes are passed over; shares
    /// that add up to more than 100 in a catalogue (several lines granted in full) are parts of their sum.
    pub fn learn(&mut self, key: &str, title: &str, text: &str, labels: &[Label]) {
        let mut wholes: BTreeMap<&str, f64> = BTreeMap::new();
        for label in labels {
            *wholes.entry(&label.catalogue).or_default() += f64::from(label.share);
        }
        let mut shares: BTreeMap<Node, f64> = BTreeMap::new();
        for label in labels {
            let share = f64::from(label.share) / wholes[label.catalogue.as_str()].max(100.0);
            for node in self.tree.find(&label.catalogue, &label.code) {
                *shares.entry(node).or_default() += share;
            }
        }
        let mut counts: BTreeMap<String, f64> = BTreeMap::new();
        for (text, count) in [(title, TITLE), (text, 1.0)] {
            for (_, word) in words(text).filter(|(_, word)| self.words.is_rare(word)) {
                *counts.entry(word).or_default() += count;
            }
        }
        self.memory.learn(key, &counts, shares.into_iter().collect());
    }

    /// Forgets a decided project, if it is known.
    pub fn forget(&mut self, key: &str) {
        self.memory.forget(key);
    }

    /// What fits a project's title and text best.
    #[must_use]
    pub fn suggest(&self, title: &str, text: &str) -> Suggestions {
        let runs = [(terms(title), TITLE), (terms(text), 1.0)];
        let spoken = self.spoken(&runs);
        let mut scores = Scores::by_vocabulary(&self.tree, &self.words.hear(&spoken, &runs));
        let words: Vec<(&str, &str, f64)> =
            spoken.iter().map(|(term, count)| (term.surface.as_str(), term.word.as_str(), *count)).collect();
        scores.mix_decisions(&self.tree, &self.memory, &words);
        self.sorted(scores)
    }

    /// The distinct telling words of runs of words, in order of appearance, each with how often it occurs.
    fn spoken(&self, runs: &[(Vec<Term>, f64)]) -> Vec<(Term, f64)> {
        let mut spoken: Vec<(Term, f64)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (run, count) in runs {
            for term in run.iter().filter(|term| self.words.is_rare(&term.word)) {
                let place = *places.entry(&term.word).or_insert(spoken.len());
                if place == spoken.len() {
                    spoken.push((term.clone(), 0.0));
                }
                spoken[place].1 += count;
            }
        }
        spoken
    }

    fn sorted(&self, scores: Scores) -> Suggestions {
        let mut answer = Suggestions::default();
        for (node, suggestion) in scores.suggestions(&self.tree) {
            match self.tree.entries[node].kind {
                Kind::SubGoal => answer.sub_goals.push(suggestion),
                Kind::Measure => answer.measures.push(suggestion),
                Kind::Priority => answer.priorities.entry(suggestion.catalogue.clone()).or_default().push(suggestion),
            }
        }
        for list in [&mut answer.sub_goals, &mut answer.measures].into_iter().chain(answer.priorities.values_mut()) {
            // Stable: equal scores stay in the catalogue's order.
            list.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::vocabulary::Theme;

    fn candidate(catalogue: &str, kind: Kind, code: &str, parent: Option<&str>, title: &str) -> Candidate {
        Candidate {
            catalogue: catalogue.to_owned(),
            kind,
            code: code.to_owned(),
            parent: parent.map(str::to_owned),
            titles: vec![title.to_owned()],
            texts: Vec::new(),
        }
    }

    fn candidates() -> Vec<Candidate> {
        vec![
            candidate("plan", Kind::SubGoal, "1.1", Some("1"), "Levande kulturliv"),
            candidate("plan", Kind::Measure, "1.1.1", Some("1.1"), "Bevara kulturarv"),
            candidate("plan", Kind::Measure, "1.1.2", Some("1.1"), "Fler fritidsområden"),
            candidate("plan", Kind::SubGoal, "4.1", Some("4"), "God uppkoppling"),
            candidate("fund", Kind::Priority, "2", None, "Informationsteknik"),
            candidate("fund", Kind::Priority, "2a", Some("2"), "Utbyggnad"),
            candidate("fund", Kind::Priority, "3", None, "Konkurrenskraft"),
        ]
    }

    fn theme(codes: &[(&str, &str)], strong: &[&str]) -> Theme {
        let mut theme = Theme { strong: strong.iter().map(|&word| word.to_owned()).collect(), ..Theme::default() };
        for (catalogue, code) in codes {
            theme.speaks_for.entry((*catalogue).to_owned()).or_default().push((*code).to_owned());
        }
        theme
    }

    fn suggester() -> Suggester {
        let themes = vec![
            theme(&[("plan", "4.1"), ("fund", "2a")], &["bredband", "fiber*", "digital delaktighet"]),
            theme(&[("plan", "1.1")], &["teater", "*museum"]),
            theme(&[("fund", "3")], &["företag"]),
        ];
        let stop_words = vec![vec!["och".to_owned(), "i".to_owned()]];
        Suggester::new(&candidates(), &Vocabulary { stop_words, themes, ..Vocabulary::default() })
    }

    fn label(catalogue: &str, code: &str, share: u8) -> Label {
        Label { catalogue: catalogue.to_owned(), code: code.to_owned(), share }
    }

    fn codes(list: &[Suggestion]) -> Vec<&str> {
        list.iter().map(|one| one.code.as_str()).collect()
    }

    fn all(answer: &Suggestions) -> impl Iterator<Item = &Suggestion> {
        answer.sub_goals.iter().chain(&answer.measures).chain(answer.priorities.values().flatten())
    }

    #[test]
    fn the_vocabulary_speaks_on_the_first_day() {
        let answer = suggester().suggest("Bredband i byarna", "Fiberutbyggnad och teater");
        assert_eq!(codes(&answer.sub_goals), ["4.1", "1.1"]);
        assert_eq!(codes(&answer.priorities["fund"]), ["2", "2a"]);
    }

    #[test]
    fn inflections_compounds_endings_and_phrases_are_heard() {
        for (text, code) in
            [("bredbandens", "4.1"), ("skogsmuseum", "1.1"), ("Digital delaktighet", "4.1"), ("sommarteater", "1.1")]
        {
            assert_eq!(codes(&suggester().suggest("", text).sub_goals), [code], "{text}");
        }
        assert!(suggester().suggest("", "delaktighet digital").sub_goals.is_empty());
    }

    #[test]
    fn a_wording_of_its_own_makes_a_measure_fit() {
        let answer = suggester().suggest("", "Teater som bevarar kulturarvet");
        assert_eq!(codes(&answer.measures), ["1.1.1"]);
        let said: Vec<&str> = answer.measures[0].words.iter().map(|word| word.surface.as_str()).collect();
        assert_eq!(said, ["Teater", "bevarar", "kulturarvet"]);
    }

    #[test]
    fn the_words_are_the_score() {
        let mut suggester = suggester();
        suggester.learn(
            "a",
            "Orgel",
            "Kyrkans orgel och företag",
            &[label("plan", "1.1.2", 60), label("plan", "4.1", 40)],
        );
        let answer = suggester.suggest("Fiber till orgeln", "Bredband och teater i företagens orgel");
        assert!(!answer.measures.is_empty());
        for one in all(&answer) {
            let sum: f64 = one.words.iter().map(|word| word.weight).sum();
            assert!((sum - one.score).abs() < 1e-9 && (0.0..=1.0).contains(&one.score), "{one:?}");
        }
    }

    #[test]
    fn a_text_about_nothing_known_gets_no_suggestions() {
        assert_eq!(suggester().suggest("Och", "i 2014 ¿"), Suggestions::default());
        assert_eq!(suggester().suggest("", ""), Suggestions::default());
    }

    #[test]
    fn decisions_teach_what_the_vocabulary_does_not_know() {
        let mut suggester = suggester();
        assert!(suggester.suggest("Orgeln", "").sub_goals.is_empty());
        suggester.learn("a", "Kyrkans orgel", "Renovering", &[label("plan", "1.1.1", 100), label("plan", "9", 50)]);
        suggester.learn("b", "Master", "Mobilmaster", &[label("plan", "4.1", 100)]);
        let answer = suggester.suggest("Orgeln", "En renovering");
        assert_eq!(codes(&answer.sub_goals), ["1.1"]);
        assert_eq!(codes(&answer.measures), ["1.1.1"]);
        assert_eq!(answer.sub_goals[0].nearest, ["a"]);
        assert_eq!(answer.sub_goals[0].words[0].surface, "renovering");
    }

    #[test]
    fn two_lines_granted_in_full_share_the_project() {
        let mut suggester = suggester();
        suggester.learn("a", "Kyrkans orgel", "", &[label("fund", "2a", 100), label("fund", "3", 100)]);
        let answer = suggester.suggest("Kyrkans orgel", "");
        assert_eq!(codes(&answer.priorities["fund"]), ["2", "2a", "3"]);
        assert!(answer.priorities["fund"][0].score <= 0.5);
    }

    #[test]
    fn what_is_forgotten_or_replaced_leaves_no_trace() {
        let mut taught = suggester();
        taught.learn("a", "Kyrkans orgel", "", &[label("plan", "4.1", 100)]);
        taught.learn("a", "Kyrkans orgel", "", &[label("plan", "1.1", 100)]);
        assert_eq!(codes(&taught.suggest("Orgel", "").sub_goals), ["1.1"]);
        taught.forget("a");
        taught.forget("unknown");
        assert_eq!(taught.suggest("Bredband", "orgel"), suggester().suggest("Bredband", "orgel"));
    }

    #[test]
    fn the_order_of_learning_does_not_matter() {
        let projects = [("a", "Kyrkans orgel"), ("b", "Orgel i kyrkan och master"), ("c", "Mobilmaster")];
        let (mut there, mut back) = (suggester(), suggester());
        for (key, title) in projects {
            there.learn(key, title, "", &[label("plan", "1.1", 100)]);
        }
        for (key, title) in projects.iter().rev() {
            back.learn(key, title, "", &[label("plan", "1.1", 100)]);
        }
        let (there, back) = (there.suggest("Orgel", "master"), back.suggest("Orgel", "master"));
        assert_eq!(there.sub_goals[0].nearest, back.sub_goals[0].nearest);
        assert!((there.sub_goals[0].score - back.sub_goals[0].score).abs() < 1e-6);
    }
}
