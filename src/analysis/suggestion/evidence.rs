//! What a text's words say by the vocabulary and the catalogues' own wordings, before anything is decided.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::model::{Candidate, Word};
use super::number;
use super::tree::{Node, Tree};
use crate::language::compound::Lexicon;
use crate::language::vocabulary::Vocabulary;
use crate::language::{Term, fold, stem, terms};

/// A word or phrase that speaks, in the order in which they were added.
type Speaker = usize;

/// How much a wording's stem that no sibling uses says: in a title, and elsewhere.
const TITLE: f64 = 1.0;
const TEXT: f64 = 0.5;

/// How much a word counts that is only a part of the text's word.
const PART: f64 = 0.75;

/// What a word of a text says for a node.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Says {
    node: Node,
    weight: f64,
    /// The word or phrase of the lists that says it: what words say through the same one is one thing said several times.
    speaker: Speaker,
}

/// What is said for a node through one speaker.
#[derive(Default)]
struct Said<'a> {
    weight: f64,
    times: f64,
    surfaces: Vec<(&'a str, f64)>,
}

/// The words that speak for nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    stems: HashMap<String, Speaker>,
    beginnings: HashMap<String, Speaker>,
    endings: HashMap<String, Speaker>,
    /// By their first stem: the whole run of stems.
    phrases: HashMap<String, Vec<(Vec<String>, Speaker)>>,
    /// What each speaker says: for each node, how strongly.
    says: Vec<BTreeMap<Node, f64>>,
    lexicon: Lexicon,
    /// Words that say nothing, as they stand; and stems that every project has.
    unheard: HashSet<String>,
    common: HashSet<String>,
}

impl Words {
    /// The words of the vocabulary and of the candidates' own wordings.
    pub(super) fn new(candidates: &[Candidate], tree: &Tree, vocabulary: &Vocabulary) -> Self {
        let mut words = Self {
            lexicon: Lexicon::new(vocabulary.single_words()),
            unheard: vocabulary.stop_words.iter().flatten().map(|word| fold(word)).collect(),
            common: vocabulary.common_stems(),
            ..Self::default()
        };
        for theme in &vocabulary.themes {
            let nodes: Vec<Node> = theme.codes().flat_map(|(catalogue, code)| tree.find(catalogue, code)).collect();
            for (word, weight) in theme.weighted() {
                let speaker = words.speaker(word);
                words.strengthen(speaker, &nodes, weight);
            }
        }
        words.add_wordings(candidates, tree);
        words
    }

    /// Lets the candidates' own wordings speak, and for those above them as a text of theirs. A stem that n of N siblings use has `1 - ln n / ln (N + 1)` of its weight.
    fn add_wordings(&mut self, candidates: &[Candidate], tree: &Tree) {
        let own: Vec<BTreeMap<String, f64>> = candidates.iter().map(|one| self.wording(one)).collect();
        let mut stems = own.clone();
        for (node, own) in own.iter().enumerate() {
            for above in &tree.upwards(node)[1..] {
                for stem in own.keys() {
                    stems[*above].entry(stem.clone()).or_insert(TEXT);
                }
            }
        }
        for group in tree.siblings() {
            let whole = number(group.len() + 1).ln();
            for &node in &group {
                for (stem, weight) in &stems[node] {
                    let users = group.iter().filter(|other| stems[**other].contains_key(stem)).count();
                    let next = self.says.len();
                    let speaker = *self.stems.entry(stem.clone()).or_insert(next);
                    self.strengthen(speaker, &[node], weight * (1.0 - number(users).ln() / whole));
                }
            }
        }
    }

    fn wording(&self, candidate: &Candidate) -> BTreeMap<String, f64> {
        let mut stems = BTreeMap::new();
        for (texts, weight) in [(&candidate.texts, TEXT), (&candidate.titles, TITLE)] {
            for term in texts.iter().flat_map(|text| terms(text)).filter(|term| self.is_telling(term)) {
                stems.insert(term.stem, weight);
            }
        }
        stems
    }

    /// Whether a folded word is none that stands in every text.
    pub(super) fn is_rare(&self, word: &str) -> bool {
        word.chars().nth(1).is_some() && !word.bytes().all(|byte| byte.is_ascii_digit()) && !self.unheard.contains(word)
    }

    /// Whether a word may say something about a subject.
    pub(super) fn is_telling(&self, term: &Term) -> bool {
        self.is_rare(&term.word) && !self.common.contains(&term.stem)
    }

    /// What a text's words and phrases say for each node, given its distinct telling words with how often each occurs, and its
    /// runs of words with how often each counts. What is said through the same word of the lists, n times in all, is said with
    /// `1 + ln n` of its weight, of which each of the text's words has its part.
    pub(super) fn hear(&self, spoken: &[(Term, f64)], runs: &[(Vec<Term>, f64)]) -> Vec<Vec<Word>> {
        let telling = spoken.iter().filter(|(term, _)| self.is_telling(term));
        let words = telling.map(|(term, count)| (term.surface.clone(), *count, self.of_word(term)));
        let mut mentions: Vec<(String, f64, Vec<Says>)> = words.collect();
        for (run, count) in runs {
            for index in 0..run.len() {
                for (length, says) in self.phrases_at(&run[index..]) {
                    let words: Vec<&str> =
                        run[index..index + length].iter().map(|term| term.surface.as_str()).collect();
                    mentions.push((words.join(" "), *count, says));
                }
            }
        }
        let mut said: BTreeMap<(Node, Speaker), Said> = BTreeMap::new();
        for (surface, count, says) in &mentions {
            for one in says {
                let said = said.entry((one.node, one.speaker)).or_default();
                said.weight = said.weight.max(one.weight);
                said.times += count;
                said.surfaces.push((surface, *count));
            }
        }
        let mut heard = Vec::new();
        for ((node, _), said) in said {
            let each = said.weight * (1.0 + said.times.ln()) / said.times;
            heard.resize(heard.len().max(node + 1), Vec::new());
            let words = said
                .surfaces
                .into_iter()
                .map(|(surface, count)| Word { surface: surface.to_owned(), weight: each * count });
            heard[node].extend(words);
        }
        heard
    }

    fn strengthen(&mut self, speaker: Speaker, nodes: &[Node], weight: f64) {
        if speaker == self.says.len() {
            self.says.push(BTreeMap::new());
        }
        for node in nodes {
            let strongest = self.says[speaker].entry(*node).or_insert(weight);
            *strongest = weight.max(*strongest);
        }
    }

    /// The speaker of a word as the vocabulary writes it: the known one, or the next.
    fn speaker(&mut self, word: &str) -> Speaker {
        let next = self.says.len();
        if let Some(beginning) = word.strip_suffix('*') {
            return *self.beginnings.entry(fold(beginning)).or_insert(next);
        }
        if let Some(ending) = word.strip_prefix('*') {
            return *self.endings.entry(stem(&fold(ending))).or_insert(next);
        }
        let run: Vec<String> = terms(word).into_iter().map(|term| term.stem).collect();
        let first = run.first().cloned().unwrap_or_default();
        if run.len() < 2 {
            return *self.stems.entry(first).or_insert(next);
        }
        let runs = self.phrases.entry(first).or_default();
        if let Some((_, speaker)) = runs.iter().find(|(known, _)| *known == run) {
            return *speaker;
        }
        runs.push((run, next));
        next
    }

    /// What a word says: for each node the strongest of what matches. Sorted by node.
    fn of_word(&self, term: &Term) -> Vec<Says> {
        let mut strongest: BTreeMap<Node, Says> = BTreeMap::new();
        let mut hear = |speaker: Option<&Speaker>, factor: f64| {
            let Some(&speaker) = speaker else { return };
            for (&node, weight) in &self.says[speaker] {
                let says = Says { node, weight: weight * factor, speaker };
                let known = strongest.entry(node).or_insert(says);
                if says.weight > known.weight {
                    *known = says;
                }
            }
        };
        hear(self.stems.get(&term.stem), 1.0);
        for part in self.lexicon.parts(&term.word) {
            hear(self.stems.get(&part), PART);
            for beginning in beginnings(&part) {
                hear(self.beginnings.get(beginning), PART);
            }
        }
        for beginning in beginnings(&term.word) {
            hear(self.beginnings.get(beginning), 1.0);
        }
        for (byte, _) in term.stem.char_indices() {
            hear(self.endings.get(&term.stem[byte..]), 1.0);
        }
        strongest.into_values().collect()
    }

    /// The phrases that a run of words begins with: how many words each has, and what it says.
    fn phrases_at<'a>(&'a self, run: &'a [Term]) -> impl Iterator<Item = (usize, Vec<Says>)> + 'a {
        let known = run.first().and_then(|term| self.phrases.get(&term.stem)).into_iter().flatten();
        let stands = move |stems: &[String]| {
            stems.len() <= run.len() && stems.iter().zip(run).all(|(stem, term)| *stem == term.stem)
        };
        known.filter(move |(stems, _)| stands(stems)).map(|(stems, speaker)| {
            let says = self.says[*speaker].iter().map(|(&node, &weight)| Says { node, weight, speaker: *speaker });
            (stems.len(), says.collect())
        })
    }
}

/// Every beginning of a word, the whole included.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    word.char_indices().map(|(byte, letter)| &word[..byte + letter.len_utf8()])
}
