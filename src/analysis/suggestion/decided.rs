//! The decided projects, and which of them a text is most like.

use std::collections::{BTreeMap, HashMap};

use super::number;
use super::tree::Node;
use crate::language::stem;

/// How many letters a word's beginning and end have as features of their own.
const AFFIX: usize = 6;

/// A text's features, each with how often it occurs; sorted by feature.
type Counts = Vec<(u32, f32)>;

/// A decided project.
#[derive(Debug, Clone)]
struct Decided {
    counts: Counts,
    /// The nodes it was decided to serve, each with its share of the whole (0..1); sorted by node.
    shares: Vec<(Node, f64)>,
}

/// A decided project that a text is like.
#[derive(Debug, Clone)]
pub(super) struct Neighbour<'a> {
    pub(super) key: &'a str,
    /// Cosine of the angle between the two texts, 0..1.
    pub(super) similarity: f64,
    project: &'a Decided,
    /// By the product of the two lengths.
    scale: f64,
}

/// All decided projects.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    features: HashMap<String, u32>,
    /// The features of every word met, by the folded word.
    words: HashMap<String, Vec<u32>>,
    /// In how many projects each feature occurs.
    spread: Vec<u32>,
    projects: BTreeMap<String, Decided>,
}

/// A text as it is compared: its features' weights, by feature.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    /// Each feature's rarity, and its weight in the text.
    features: Vec<(f32, f32)>,
    length: f64,
}

impl Memory {
    /// The names of a word's features: its stem, and of a long one how it begins and how it ends, so that compounds meet.
    fn names(word: &str) -> impl Iterator<Item = String> {
        let stem = stem(word);
        let letters: Vec<char> = stem.chars().collect();
        let piece = |mark: char, letters: &[char]| [mark].iter().chain(letters).collect::<String>();
        let beginning = (letters.len() > AFFIX).then(|| piece('^', &letters[..AFFIX]));
        let end = (letters.len() > AFFIX + 3).then(|| piece('$', &letters[letters.len() - AFFIX..]));
        [Some(stem), beginning, end].into_iter().flatten()
    }

    /// The features of a word that any decided project has had.
    pub(super) fn known(&self, word: &str) -> Vec<u32> {
        let known = self.words.get(word).cloned();
        known.unwrap_or_else(|| Self::names(word).filter_map(|name| self.features.get(&name).copied()).collect())
    }

    fn met(&mut self, word: &str) -> Vec<u32> {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        let mut features = Vec::new();
        for name in Self::names(word) {
            let next = u32::try_from(self.spread.len()).unwrap_or(u32::MAX);
            let feature = *self.features.entry(name).or_insert(next);
            if feature == next {
                self.spread.push(0);
            }
            features.push(feature);
        }
        self.words.insert(word.to_owned(), features.clone());
        features
    }

    /// Remembers a project, given its folded words with how often each occurs, in place of what was known under its key.
    pub(super) fn learn(&mut self, key: &str, words: &BTreeMap<String, f64>, shares: Vec<(Node, f64)>) {
        self.forget(key);
        let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
        for (word, count) in words {
            for feature in self.met(word) {
                *counts.entry(feature).or_default() += count;
            }
        }
        for feature in counts.keys() {
            self.spread[*feature as usize] += 1;
        }
        let counts = counts.into_iter().map(|(feature, count)| (feature, narrow(damped(count)))).collect();
        self.projects.insert(key.to_owned(), Decided { counts, shares });
    }

    /// Forgets a project, if it is known.
    pub(super) fn forget(&mut self, key: &str) {
        for (feature, _) in self.projects.remove(key).into_iter().flat_map(|project| project.counts) {
            self.spread[feature as usize] -= 1;
        }
    }

    /// A text ready to be compared, given its folded words with how often each occurs.
    ///
    /// A feature's weight is `(1 + ln count) × ln((N + 2) / (n + 1))`, where N projects are known and n of them have it.
    pub(super) fn probe<'a>(&self, words: impl Iterator<Item = (&'a str, f64)>) -> Probe {
        let mut counts: BTreeMap<u32, f64> = BTreeMap::new();
        for (word, count) in words {
            for feature in self.known(word) {
                *counts.entry(feature).or_default() += count;
            }
        }
        let all = number(self.projects.len() + 2).ln();
        let rarity = |n: &u32| if *n == 0 { 0.0 } else { narrow(all - f64::from(n + 1).ln()) };
        let mut features: Vec<(f32, f32)> = self.spread.iter().map(|n| (rarity(n), 0.0)).collect();
        let mut square = 0.0;
        for (feature, count) in counts {
            let (rarity, weight) = &mut features[feature as usize];
            *weight = narrow(damped(count)) * *rarity;
            square += f64::from(*weight).powi(2);
        }
        Probe { features, length: square.sqrt() }
    }

    /// The projects that share a feature with the text, most like it first, ties by key.
    pub(super) fn neighbours(&self, probe: &Probe) -> Vec<Neighbour<'_>> {
        let mut found = Vec::new();
        for (key, project) in &self.projects {
            let (mut common, mut square) = (0.0, 0.0);
            for (feature, count) in &project.counts {
                let (rarity, weight) = probe.features[*feature as usize];
                let own = count * rarity;
                common += own * weight;
                square += own * own;
            }
            if common > 0.0 {
                let scale = 1.0 / (f64::from(square).sqrt() * probe.length);
                found.push(Neighbour { key, similarity: f64::from(common) * scale, project, scale });
            }
        }
        found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.key.cmp(b.key)));
        found
    }
}

impl Neighbour<'_> {
    /// The nodes it was decided to serve, each with its share of the whole.
    pub(super) fn shares(&self) -> &[(Node, f64)] {
        &self.project.shares
    }

    /// What each feature that it has in common with the text adds to the similarity; together they are it.
    pub(super) fn terms<'a>(&'a self, probe: &'a Probe) -> impl Iterator<Item = (u32, f64)> + 'a {
        let terms = self.project.counts.iter().map(|(feature, count)| {
            let (rarity, weight) = probe.features[*feature as usize];
            (*feature, f64::from(count * rarity * weight) * self.scale)
        });
        terms.filter(|(_, term)| *term > 0.0)
    }
}

/// A count so that what is said often does not drown what is said once.
fn damped(count: f64) -> f64 {
    1.0 + count.ln()
}

/// A number in half the room: there are millions of them.
#[expect(clippy::cast_possible_truncation, reason = "a count or a logarithm, far from the ends of the range")]
fn narrow(number: f64) -> f32 {
    number as f32
}
