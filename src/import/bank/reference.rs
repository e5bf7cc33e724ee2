//! What the rules must know and a row does not say.

use std::collections::{BTreeMap, BTreeSet};

use crate::strategy::Municipality;

/// A priority axis of a programme: one of the first level of the framework with the source's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// Its code.
    pub code: String,
    /// Its Swedish title; empty when none is known.
    pub title: String,
}

/// Codes of funding sources, axes of frameworks and names of municipalities.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    sources: BTreeSet<String>,
    axes: BTreeMap<String, Vec<Axis>>,
    codes: BTreeSet<String>,
    exact: BTreeMap<String, String>,
    loose: BTreeMap<String, Option<String>>,
}

/// Names that a municipality has besides its own: Falu kommun is Falun's.
const OTHER_NAMES: &[(&str, &str)] = &[("falu", "falun")];

impl Reference {
    /// Gathers it: the funding sources' codes, the axes by framework code, and the municipalities.
    #[must_use]
    pub fn new(
        sources: impl IntoIterator<Item = String>,
        axes: impl IntoIterator<Item = (String, Vec<Axis>)>,
        municipalities: &[Municipality],
    ) -> Self {
        let mut reference =
            Self { sources: sources.into_iter().collect(), axes: axes.into_iter().collect(), ..Self::default() };
        for Municipality { code, name, short_name, .. } in municipalities {
            reference.codes.insert(code.clone());
            for name in [name, short_name] {
                reference.exact.insert(name_key(name), code.clone());
            }
            // Of two that look alike from afar, neither is meant.
            let is_alone = !reference.loose.contains_key(&loose_key(short_name));
            reference.loose.insert(loose_key(short_name), is_alone.then(|| code.clone()));
        }
        for (other, own) in OTHER_NAMES {
            if let Some(code) = reference.exact.get(*own).cloned() {
                reference.exact.insert((*other).to_owned(), code);
            }
        }
        reference
    }

    /// Whether there is a funding source with this code.
    #[must_use]
    pub fn has_source(&self, code: &str) -> bool {
        self.sources.contains(code)
    }

    /// The axes of the framework with this code.
    #[must_use]
    pub fn axes(&self, framework: &str) -> &[Axis] {
        self.axes.get(framework).map_or(&[], Vec::as_slice)
    }

    /// Every municipality's code.
    #[must_use]
    pub fn municipalities(&self) -> &BTreeSet<String> {
        &self.codes
    }

    /// The municipality with this name, whatever its capitals and spaces, with or without `kommun`.
    #[must_use]
    pub fn municipality(&self, name: &str) -> Option<&str> {
        self.exact.get(&name_key(name)).map(String::as_str)
    }

    /// The only municipality that this may be a slip for: a letter once or twice, or one of å, ä, ö for another.
    #[must_use]
    pub fn municipality_nearly(&self, name: &str) -> Option<&str> {
        self.loose.get(&loose_key(name)).and_then(Option::as_deref)
    }
}

/// A name as it is compared.
fn name_key(name: &str) -> String {
    let lower = name.to_lowercase();
    let is_ending = |word: &&str| matches!(*word, "kommun" | "kommuns" | "stad" | "stads" | "region");
    let words = lower.split_whitespace().filter(|word| !is_ending(word));
    words.flat_map(str::chars).filter(|letter| letter.is_alphanumeric()).collect()
}

/// A text as it is compared when slips count for nothing: å, ä and ö are one, and double letters single.
pub(super) fn loose_key(name: &str) -> String {
    let mut key = String::new();
    for letter in name_key(name).chars() {
        let letter = if matches!(letter, 'å' | 'ä' | 'ö') { '*' } else { letter };
        if !key.ends_with(letter) {
            key.push(letter);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        let municipality = |(code, short_name): (&str, &str)| Municipality {
            county_code: code[..2].to_owned(),
            code: code.to_owned(),
            name: format!("{short_name}s kommun"),
            short_name: short_name.to_owned(),
        };
        let known = [
            ("0114", "Upplands Väsby"),
            ("0305", "Håbo"),
            ("1643", "Habo"),
            ("1415", "Stenungsund"),
            ("2080", "Falun"),
            ("2518", "Övertorneå"),
            ("9901", "Åa"),
            ("9902", "Äa"),
        ];
        Reference::new([], [], &known.map(municipality))
    }

    #[test]
    fn a_municipality_is_found_by_its_names() {
        let reference = reference();
        for name in
            ["Upplands Väsby", "UpplandsVäsby", "UPPLANDS VÄSBY", "Upplands Väsbys kommun", "Upplands-Väsby kommun"]
        {
            assert_eq!(reference.municipality(name), Some("0114"), "{name}");
        }
        assert_eq!(reference.municipality("Falu kommun"), Some("2080"));
        assert_eq!(reference.municipality("Habo"), Some("1643"));
        assert_eq!(reference.municipality("Håbo"), Some("0305"));
        assert_eq!(reference.municipality("Stenungssund"), None);
        assert_eq!(reference.municipality(""), None);
    }

    #[test]
    fn a_slip_is_seen_through_when_only_one_can_be_meant() {
        let reference = reference();
        assert_eq!(reference.municipality_nearly("Stenungssund"), Some("1415"));
        assert_eq!(reference.municipality_nearly("Åvertorneå"), Some("2518"));
        assert_eq!(reference.municipality_nearly("Öa"), None);
        assert_eq!(reference.municipality_nearly("Overtornea"), None);
    }
}
