//! The candidates in their trees.

use std::collections::{BTreeMap, HashMap};

use super::model::{Candidate, Kind};

/// A place in the list of candidates.
pub(super) type Node = usize;

/// A candidate in its tree.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) catalogue: String,
    pub(super) code: String,
    pub(super) kind: Kind,
    parent: Option<Node>,
    children: Vec<Node>,
}

/// All candidates, of every catalogue.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) entries: Vec<Entry>,
    find: HashMap<(String, String), Node>,
}

impl Tree {
    pub(super) fn new(candidates: &[Candidate]) -> Self {
        let place = |(node, one): (Node, &Candidate)| ((one.catalogue.clone(), one.code.clone()), node);
        let find: HashMap<(String, String), Node> = candidates.iter().enumerate().map(place).collect();
        let parent = |one: &Candidate| find.get(&(one.catalogue.clone(), one.parent.clone()?)).copied();
        let entry = |one: &Candidate| Entry {
            catalogue: one.catalogue.clone(),
            code: one.code.clone(),
            kind: one.kind,
            parent: parent(one),
            children: Vec::new(),
        };
        let mut entries: Vec<Entry> = candidates.iter().map(entry).collect();
        for node in 0..entries.len() {
            if let Some(parent) = entries[node].parent {
                entries[parent].children.push(node);
            }
        }
        Self { entries, find }
    }

    /// A code's node and those above it, itself first; nothing for an unknown code.
    pub(super) fn find(&self, catalogue: &str, code: &str) -> Vec<Node> {
        let node = self.find.get(&(catalogue.to_owned(), code.to_owned()));
        node.map_or_else(Vec::new, |node| self.upwards(*node))
    }

    /// A node and those above it, itself first.
    pub(super) fn upwards(&self, node: Node) -> Vec<Node> {
        std::iter::successors(Some(node), |node| self.entries[*node].parent).collect()
    }

    /// The nodes directly below one.
    pub(super) fn children(&self, node: Node) -> &[Node] {
        &self.entries[node].children
    }

    /// The nodes at the top of each catalogue.
    pub(super) fn roots(&self) -> BTreeMap<&str, Vec<Node>> {
        let mut roots: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
        for (node, entry) in self.entries.iter().enumerate().filter(|(_, entry)| entry.parent.is_none()) {
            roots.entry(&entry.catalogue).or_default().push(node);
        }
        roots
    }

    /// Every group of siblings.
    pub(super) fn siblings(&self) -> impl Iterator<Item = Vec<Node>> {
        let below = self.entries.iter().map(|entry| entry.children.clone()).filter(|children| !children.is_empty());
        self.roots().into_values().chain(below)
    }
}
