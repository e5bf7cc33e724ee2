//! Scores, and the words that make them.

use std::collections::{BTreeMap, HashMap};

use super::decided::{Memory, Neighbour, Probe};
use super::model::{Suggestion, Word};
use super::number;
use super::tree::{Node, Tree};

/// How sharply the vocabulary tells siblings apart, and how much must be said before it does.
const SHARPNESS: f64 = 6.0;
const RESERVE: f64 = 3.0;
/// How many decided projects vote.
const VOTERS: usize = 20;
/// The votes at which decisions would count as much as the vocabulary, were there many decided projects.
const EVEN_VOTES: f64 = 0.005;
/// The number of decided projects at which they count half of what they would if there were many: among few, what is rare is
/// not known yet.
const FEW: f64 = 100.0;

/// What each word adds to each node's score, and which decided projects spoke for the node.
pub(super) struct Scores {
    words: Vec<BTreeMap<String, f64>>,
    nearest: Vec<Vec<String>>,
}

impl Scores {
    /// The first day's scores, of what the words say for each node. Among siblings, `e` being the sum of what is said for a
    /// node and `m` the largest of them, each has the part `softmax(6 e / (3 + m))`; a node's score is that part of its
    /// parent's. A word's part of the score is its part of what is said for the node and those above it.
    pub(super) fn by_vocabulary(tree: &Tree, heard: &[Vec<Word>]) -> Self {
        let nodes = tree.entries.len();
        let said = |node: Node| heard.get(node).map_or(&[][..], Vec::as_slice);
        let sums: Vec<f64> = (0..nodes).map(|node| said(node).iter().map(|word| word.weight).sum()).collect();
        let mut parts = vec![0.0; nodes];
        let mut groups: Vec<(Vec<Node>, f64)> = tree.roots().into_values().map(|roots| (roots, 1.0)).collect();
        while let Some((group, whole)) = groups.pop() {
            let most = group.iter().map(|node| sums[*node]).fold(0.0, f64::max);
            let raw = |node: &Node| (SHARPNESS * sums[*node] / (RESERVE + most)).exp();
            let all: f64 = group.iter().map(raw).sum();
            for node in group.iter().filter(|_| most > 0.0) {
                parts[*node] = whole * raw(node) / all;
                groups.push((tree.children(*node).to_vec(), parts[*node]));
            }
        }
        let mut scores = Self { words: vec![BTreeMap::new(); nodes], nearest: vec![Vec::new(); nodes] };
        for (node, part) in parts.into_iter().enumerate().filter(|(node, _)| sums[*node] > 0.0) {
            let lineage = tree.upwards(node);
            let whole: f64 = lineage.iter().map(|above| sums[*above]).sum();
            for word in lineage.iter().flat_map(|above| said(*above)) {
                scores.add(node, &word.surface, part * word.weight / whole);
            }
        }
        scores
    }

    /// Mixes in what the decided projects say, given the text's words with how often each occurs. In each catalogue the 20 most
    /// similar of those with a decision vote with the cube of their similarity, each for its nodes by their shares. `v` being
    /// the sum of the votes and `n` the number of decided projects, decisions make `v / (v + 0.005) × n / (n + 100)` of a score,
    /// and the vocabulary the rest.
    pub(super) fn mix_decisions(&mut self, tree: &Tree, memory: &Memory, spoken: &[(&str, &str, f64)]) {
        let probe = memory.probe(spoken.iter().map(|(_, word, count)| (*word, *count)));
        let neighbours = memory.neighbours(&probe);
        let mut speakers: HashMap<u32, Vec<&str>> = HashMap::new();
        for (surface, word, _) in spoken {
            for feature in memory.known(word) {
                speakers.entry(feature).or_default().push(surface);
            }
        }
        for catalogue in tree.roots().into_keys() {
            let own = |node: Node| tree.entries[node].catalogue == catalogue;
            let decided: Vec<&Neighbour> =
                neighbours.iter().filter(|one| one.shares().iter().any(|(node, _)| own(*node))).collect();
            let voters = &decided[..decided.len().min(VOTERS)];
            let sum: f64 = voters.iter().map(|one| one.similarity.powi(3)).sum();
            if sum == 0.0 {
                continue;
            }
            let trust = sum / (sum + EVEN_VOTES) * number(decided.len()) / (number(decided.len()) + FEW);
            self.scale(own, 1.0 - trust);
            for voter in voters {
                self.vote(voter, trust * voter.similarity.powi(3) / sum, own, &voter.words(&probe, &speakers));
            }
        }
    }

    fn vote(&mut self, voter: &Neighbour, vote: f64, own: impl Fn(Node) -> bool, words: &BTreeMap<&str, f64>) {
        for &(node, share) in voter.shares().iter().filter(|(node, _)| own(*node)) {
            for (surface, part) in words {
                self.add(node, surface, vote * share * part);
            }
            self.nearest[node].push(voter.key.to_owned());
        }
    }

    fn add(&mut self, node: Node, surface: &str, weight: f64) {
        match self.words[node].get_mut(surface) {
            Some(known) => *known += weight,
            None => _ = self.words[node].insert(surface.to_owned(), weight),
        }
    }

    fn scale(&mut self, which: impl Fn(Node) -> bool, factor: f64) {
        for (_, words) in self.words.iter_mut().enumerate().filter(|(node, _)| which(*node)) {
            for weight in words.values_mut() {
                *weight *= factor;
            }
        }
    }

    /// Each node that anything speaks for, as a suggestion.
    pub(super) fn suggestions(self, tree: &Tree) -> impl Iterator<Item = (Node, Suggestion)> {
        let nodes = self.words.into_iter().zip(self.nearest).enumerate();
        nodes.filter(|(_, (words, _))| !words.is_empty()).map(|(node, (words, nearest))| {
            let entry = &tree.entries[node];
            let score = words.values().sum();
            let mut words: Vec<Word> = words.into_iter().map(|(surface, weight)| Word { surface, weight }).collect();
            // Stable: words of the same weight stay in the order of the alphabet.
            words.sort_by(|a, b| b.weight.total_cmp(&a.weight));
            (node, Suggestion { catalogue: entry.catalogue.clone(), code: entry.code.clone(), score, words, nearest })
        })
    }
}

impl Neighbour<'_> {
    /// What each of the text's words adds to the similarity, as a part of it; a feature of several words in equal parts.
    fn words<'a>(&self, probe: &Probe, speakers: &HashMap<u32, Vec<&'a str>>) -> BTreeMap<&'a str, f64> {
        let mut words: BTreeMap<&str, f64> = BTreeMap::new();
        for (feature, part) in self.terms(probe) {
            let speakers = speakers.get(&feature).map_or(&[][..], Vec::as_slice);
            for surface in speakers {
                *words.entry(surface).or_default() += part / self.similarity / number(speakers.len());
            }
        }
        words
    }
}
