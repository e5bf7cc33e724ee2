//! Compound words, split into parts that are words by themselves.

use std::collections::BTreeSet;

use super::{fold, stem};

/// The shortest part of a compound, in letters.
const SHORTEST_PART: usize = 3;
/// The shortest part that is taken when the rest of the word is unknown, in letters.
const SHORTEST_LONE_PART: usize = 5;
/// The longest ending of a part that is taken when the rest of the word is unknown, in letters.
const LONGEST_ENDING: usize = 4;

const VOWELS: [char; 9] = ['a', 'e', 'i', 'o', 'u', 'y', 'å', 'ä', 'ö'];

/// The words that a compound may consist of.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    stems: BTreeSet<String>,
}

impl Lexicon {
    /// A lexicon of the stems of some words, in any inflection; too short ones are left out.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let stems = words.into_iter().map(|word| stem(&fold(word)));
        Self { stems: stems.filter(|stem| stem.chars().count() >= SHORTEST_PART).collect() }
    }

    /// The stems of the parts of a folded compound, in order: `posttransporter` gives `post` and `transport`. When only its
    /// beginning or its end is known, that alone; nothing for a word that is no compound of known words.
    #[must_use]
    pub fn parts(&self, word: &str) -> Vec<String> {
        if word.chars().count() < 2 * SHORTEST_PART {
            return Vec::new();
        }
        self.split(word, 3).filter(|parts| parts.len() > 1).unwrap_or_else(|| self.lone_parts(word))
    }

    /// The split into the fewest known parts, at most `most`, with the longest first part.
    fn split(&self, word: &str, most: usize) -> Option<Vec<String>> {
        let mut best: Option<Vec<String>> = None;
        if most > 1 {
            for (left, right) in splits(word) {
                let Some(first) = self.beginning(left) else { continue };
                let Some(rest) = self.split(right, most - 1) else { continue };
                if best.as_ref().is_none_or(|best| best.len() > rest.len() + 1) {
                    best = Some([vec![first], rest].concat());
                }
            }
        }
        best.or_else(|| self.known(stem(word)).map(|stem| vec![stem]))
    }

    /// A part that begins a compound: as it stands, or without the linking sound (`besöks-`, `kvinno-`, `rese-`).
    fn beginning(&self, part: &str) -> Option<String> {
        let bare = || part.strip_suffix(['s', 'o', 'e', 'u', '-']).filter(|bare| bare.chars().count() >= SHORTEST_PART);
        self.known(stem(part)).or_else(|| self.known(part.to_owned())).or_else(|| self.known(bare()?.to_owned()))
    }

    fn known(&self, stem: String) -> Option<String> {
        self.stems.contains(&stem).then_some(stem)
    }

    /// The longest known beginning and the longest known end. What follows a beginning starts with a consonant: endings and
    /// derivations (`-ionell`, `-erad`) mostly do not.
    fn lone_parts(&self, word: &str) -> Vec<String> {
        let own = stem(word);
        let goes_on = |rest: &str| rest.chars().nth(SHORTEST_PART).is_some() && !rest.starts_with(VOWELS);
        let mut ends: Vec<&str> = splits(word).map(|(_, right)| right).collect();
        ends.reverse();
        let mut beginnings =
            splits(word).filter(|(_, right)| goes_on(right)).filter_map(|(left, _)| self.beginning(left));
        let beginning = beginnings.find(|part| part.chars().count() >= SHORTEST_LONE_PART && *part != own);
        // An end that is mostly ending (`-arenheter` as `aren`) is none.
        let is_whole = |end: &str, stem: &str| {
            let length = end.chars().count();
            length >= SHORTEST_LONE_PART && length <= stem.chars().count() + LONGEST_ENDING
        };
        let end = ends.into_iter().filter_map(|end| self.known(stem(end)).filter(|stem| is_whole(end, stem)));
        beginning.into_iter().chain(end.filter(|part| *part != own).take(1)).collect()
    }
}

/// Every way to cut a word in two, the longest left part first.
fn splits(word: &str) -> impl Iterator<Item = (&str, &str)> {
    let count = word.chars().count();
    let cuts = word.char_indices().enumerate().filter_map(move |(index, (byte, _))| {
        (index >= SHORTEST_PART && index + SHORTEST_PART <= count).then_some(byte)
    });
    let cuts: Vec<usize> = cuts.collect();
    cuts.into_iter().rev().map(|byte| word.split_at(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        Lexicon::new([
            "post",
            "transport",
            "besök",
            "näring",
            "kvinna",
            "företag",
            "bredband",
            "utbyggnad",
            "skola",
            "bok",
            "hus",
        ])
    }

    #[test]
    fn compounds_fall_into_known_parts() {
        let lexicon = lexicon();
        for (word, parts) in [
            ("posttransporterna", vec!["post", "transport"]),
            ("besöksnäringens", vec!["besök", "näring"]),
            ("kvinnoföretagande", vec!["kvinn", "företag"]),
            ("bredbandsutbyggnaden", vec!["bredband", "utbyggn"]),
            ("skolhus", vec!["skol", "hus"]),
        ] {
            assert_eq!(lexicon.parts(word), parts, "{word}");
        }
    }

    #[test]
    fn a_compound_with_one_known_end_gives_that_end() {
        assert_eq!(lexicon().parts("rymdföretag"), ["företag"]);
        assert_eq!(lexicon().parts("bredbandskommitté"), ["bredband"]);
    }

    #[test]
    fn a_word_that_is_no_compound_gives_nothing() {
        for word in ["företagens", "transporterad", "xyz", "å", "kultur"] {
            assert!(lexicon().parts(word).is_empty(), "{word}: {:?}", lexicon().parts(word));
        }
    }
}
