//! What a search asks for: words, each with its synonyms, and phrases in quotation marks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::{Term, fold, terms};

/// Words that mean the same for a search, and words that say nothing.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    /// For a run of stems, every run of stems that means the same, itself first.
    same: BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
    stop_words: BTreeSet<String>,
}

/// The synonyms and stop words of the vocabulary that comes with the program.
#[must_use]
pub fn swedish() -> &'static Synonyms {
    static SWEDISH: LazyLock<Synonyms> = LazyLock::new(|| {
        let vocabulary = super::vocabulary::swedish();
        Synonyms::new(&vocabulary.synonyms, vocabulary.stop_words.iter().flatten().map(String::as_str))
    });
    &SWEDISH
}

/// One thing that a text must have to be found: any of its alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// As the user wrote it.
    pub surface: String,
    /// Runs of stems, the user's own first, then its synonyms'; a run of more than one stem must stand word by word.
    pub alternatives: Vec<Vec<String>>,
}

impl Synonyms {
    /// Of groups of words or phrases that mean the same, and of stop words.
    pub fn new<'a>(groups: &'a [Vec<String>], stop_words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut same: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
        for group in groups {
            let runs: BTreeSet<Vec<String>> = group.iter().map(|phrase| stems(&terms(phrase))).collect();
            for run in &runs {
                same.entry(run.clone()).or_default().extend(runs.iter().cloned());
            }
        }
        Self { same, stop_words: stop_words.into_iter().map(fold).collect() }
    }

    /// The clauses of a search, all of which a text must have. Quotation marks (`"…"`, `”…”`, `“…”`, `»…«`) hold a phrase, which is
    /// taken as it is; elsewhere stop words are left out, unless there is nothing else, and synonyms apply.
    #[must_use]
    pub fn parse_query(&self, query: &str) -> Vec<Clause> {
        let mut clauses = Vec::new();
        let mut stop_clauses = Vec::new();
        for (index, piece) in query.split(['"', '”', '“', '„', '»', '«']).enumerate() {
            let words = terms(piece);
            if index % 2 == 1 && !words.is_empty() {
                let surface = words.iter().map(|term| term.surface.as_str()).collect::<Vec<_>>().join(" ");
                clauses.push(Clause { surface, alternatives: vec![stems(&words)] });
                continue;
            }
            for word in words {
                let is_stop = self.stop_words.contains(&word.word);
                let clause = self.word_clause(word);
                if is_stop { stop_clauses.push(clause) } else { clauses.push(clause) }
            }
        }
        if clauses.is_empty() { stop_clauses } else { clauses }
    }

    fn word_clause(&self, word: Term) -> Clause {
        let own = vec![word.stem];
        let others = self.same.get(&own).into_iter().flatten().filter(|run| **run != own).cloned();
        Clause { surface: word.surface, alternatives: [own.clone()].into_iter().chain(others).collect() }
    }
}

fn stems(terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| term.stem.clone()).collect()
}

/// Whether a text, as its stems in order, has what every clause asks for.
#[must_use]
pub fn matches(clauses: &[Clause], stems: &[&str]) -> bool {
    let has = |run: &Vec<String>| stems.windows(run.len().max(1)).any(|window| window == run.as_slice());
    clauses.iter().all(|clause| clause.alternatives.iter().any(has))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synonyms() -> Synonyms {
        let groups = [vec!["smf".to_owned(), "små och medelstora företag".to_owned(), "sme".to_owned()]];
        Synonyms::new(&groups, ["och", "i"])
    }

    fn finds(query: &str, text: &str) -> bool {
        let text = terms(text);
        let stems: Vec<&str> = text.iter().map(|term| term.stem.as_str()).collect();
        matches(&synonyms().parse_query(query), &stems)
    }

    #[test]
    fn a_word_finds_its_inflections() {
        assert!(finds("företag", "De lokala företagens framtid"));
        assert!(finds("FÖRETAGANDE i Norsjö", "Företag i Norsjö kommun"));
        assert!(!finds("företag skola", "De lokala företagens framtid"));
    }

    #[test]
    fn quotation_marks_hold_a_phrase() {
        assert!(finds("\"lokala företag\"", "De lokala företagens framtid"));
        assert!(finds("”lokala företag” framtid", "De lokala företagens framtid"));
        assert!(!finds("\"företag lokala\"", "De lokala företagens framtid"));
    }

    #[test]
    fn synonyms_apply_to_words_and_not_to_phrases() {
        assert!(finds("SMF", "Stöd till små och medelstora företag"));
        assert!(finds("smf", "SME i norr"));
        assert!(!finds("\"smf\"", "SME i norr"));
        assert_eq!(synonyms().parse_query("smf")[0].alternatives[0], ["smf"]);
    }

    #[test]
    fn stop_words_count_only_by_themselves() {
        assert!(finds("företag och", "företag"));
        assert_eq!(synonyms().parse_query("och").len(), 1);
        assert!(synonyms().parse_query(" \"\" ¿ ").is_empty());
    }

    #[test]
    fn an_open_quotation_mark_holds_the_rest() {
        assert_eq!(synonyms().parse_query("skola \"små företag").len(), 2);
    }
}
