//! How Swedish text is read: words, their stems, the parts of compounds, and what a search asks for.
//!
//! Pure and deterministic: the same text gives the same terms whatever the vocabulary holds, so that an index of stems stays
//! valid when the vocabulary changes; only compound parts and synonyms come from the vocabulary.

pub mod compound;
pub mod query;
pub mod vocabulary;

use std::sync::LazyLock;

use snowball_stemmers_rs::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;

use crate::text::without_accent;

/// Longer runs are cut, in characters: they are no words, and an index entry has a largest size.
const LONGEST: usize = 60;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word as it stands in the text.
    pub surface: String,
    /// The word as it is compared: see [`fold`].
    pub word: String,
    /// What its inflections and derivations have in common: see [`stem`].
    pub stem: String,
    /// Which word of the text it is, from 0; every word counts, stop words too.
    pub position: usize,
}

/// The words of a text in order. A word is a run of letters and digits.
#[must_use]
pub fn terms(text: &str) -> Vec<Term> {
    let terms = words(text).enumerate();
    terms.map(|(position, (surface, word))| Term { stem: stem(&word), surface, word, position }).collect()
}

/// The words of a text in order, each as it stands there and folded.
pub fn words(text: &str) -> impl Iterator<Item = (String, String)> {
    let composed: String = text.nfc().collect();
    let runs = composed.split(|letter: char| !letter.is_alphanumeric()).filter(|run| !run.is_empty());
    let cut = |run: &str| run.char_indices().nth(LONGEST).map_or(run.len(), |(byte, _)| byte);
    let words: Vec<(String, String)> =
        runs.map(|run| &run[..cut(run)]).map(|run| (run.to_owned(), run.chars().flat_map(folded).collect())).collect();
    words.into_iter()
}

/// A text in lower case and composed form (NFC), its letters without accents; å, ä and ö are letters of their own.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfc().flat_map(folded).collect()
}

fn folded(letter: char) -> impl Iterator<Item = char> {
    letter.to_lowercase().map(without_accent)
}

/// The stem of a folded word: the Snowball stemmer for Swedish (<https://snowballstem.org/algorithms/swedish/stemmer.html>),
/// and beside it common forms that it leaves or parts: definite neuters (`projektet` as `projekt`), neuter adjectives (`lokalt`
/// as `lokal`), adjectives in `-bar` (`hållbara` as `hållbar`), and the definite singular in `-an` and `-in` (`skolan` as
/// `skola`, `energin` as `energi`).
#[must_use]
pub fn stem(word: &str) -> String {
    static SWEDISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Swedish));
    const ADJECTIVES: [&str; 7] = ["alt", "ellt", "igt", "ivt", "iskt", "bart", "samt"];
    let is_adjective = word.chars().count() >= 6 && ADJECTIVES.iter().any(|ending| word.ends_with(ending));
    let common = word.strip_suffix('t').filter(|_| is_adjective);
    let indefinite = common.or_else(|| indefinite_neuter(word)).unwrap_or(word);
    let once = SWEDISH.stem(indefinite);
    // A second pass takes what the first laid bare: `marknaden`, `marknad`, `markn`.
    let stem = if once.ends_with("ad") || once.ends_with("at") { SWEDISH.stem(&once) } else { once.clone() };
    let length = stem.chars().count();
    let drop = match &*stem {
        stem if length >= 5 && stem.ends_with("an") => 2,
        stem if length >= 6 && stem.ends_with("in") => 1,
        stem if length >= 6 && stem.ends_with("bar") => 2,
        _ => 0,
    };
    stem[..stem.len() - drop].to_owned()
}

/// A noun in the definite singular, `-et` after two consonants, without its ending; Snowball takes `-et` after one only.
fn indefinite_neuter(word: &str) -> Option<&str> {
    const VOWELS: [char; 9] = ['a', 'e', 'i', 'o', 'u', 'y', 'å', 'ä', 'ö'];
    /// Nouns whose `-and` is no ending, and words whose `-et` is none.
    const NOUNS: [&str; 4] = ["band", "inland", "utland", "norrland"];
    const WHOLE: [&str; 4] = ["budget", "internet", "magnet", "konkret"];
    let definite = word.strip_suffix('s').unwrap_or(word);
    let noun = definite.strip_suffix("et").filter(|_| !WHOLE.iter().any(|whole| definite.ends_with(whole)))?;
    let is_participle = noun.ends_with("nd") && noun != "land" && !NOUNS.iter().any(|ending| noun.ends_with(ending));
    let mut last = noun.chars().rev().map(|letter| !VOWELS.contains(&letter));
    let ends_in_two_consonants = last.next()? && last.next()?;
    if is_participle { definite.strip_suffix('t') } else { ends_in_two_consonants.then_some(noun) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        terms(text).into_iter().map(|term| term.stem).collect()
    }

    #[test]
    fn inflections_and_derivations_meet_in_their_stem() {
        for family in [
            "företag företagen företagens företagande företagare",
            "energi energin energins",
            "skola skolan skolans skolor",
            "lokal lokala lokalt",
            "hållbar hållbart hållbara",
            "transport transporter transporterna",
            "samverkan samverka samverkar",
            "projekt projektet projektets projekten",
            "samhälle samhället samhällets",
            "land landet",
            "utland utlandet utlandets",
            "universitet universitetet universiteten",
            "budget budgeten",
            "boende boendet boenden",
            "företagande företagandet företagandets",
            "marknad marknaden marknader",
            "klimat klimatet klimatets",
            "bredband bredbandet bredbandets",
        ] {
            let stems = stems(family);
            assert!(stems.iter().all(|stem| *stem == stems[0]), "{family}: {stems:?}");
        }
    }

    #[test]
    fn short_words_keep_their_ending() {
        assert_eq!(stems("plan min man"), ["plan", "min", "man"]);
    }

    #[test]
    fn å_ä_ö_are_letters_and_other_accents_are_not() {
        assert_eq!(fold("ÅÄÖ Café Ångström"), "åäö cafe ångström");
        assert_eq!(fold("A\u{30a}"), "å");
    }

    #[test]
    fn every_word_has_its_place_and_its_written_form() {
        let terms = terms("E-handel ¿ för Företagen");
        let seen: Vec<_> =
            terms.iter().map(|term| (term.position, term.surface.as_str(), term.word.as_str())).collect();
        assert_eq!(seen, [(0, "E", "e"), (1, "handel", "handel"), (2, "för", "för"), (3, "Företagen", "företagen")]);
    }
}
