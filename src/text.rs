//! Texts in two languages, and the way Swedish text is sorted and searched.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest text in a single line (titles, names), in characters.
pub const LINE: usize = 300;

/// The languages Samsyn speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Swedish, which is what a caller gets who asks for nothing else.
    #[default]
    Swedish,
    /// English.
    English,
}

impl Language {
    /// The language tag of RFC 5646.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Swedish => "sv",
            Self::English => "en",
        }
    }

    /// The better of the two by an `Accept-Language` header (RFC 9110 section 12.5.4); Swedish on a tie.
    #[must_use]
    pub fn preferred(header: &str) -> Self {
        let weight = |tag: &str| {
            header
                .split(',')
                .filter_map(|range| {
                    let (name, rest) = range.trim().split_once(';').unwrap_or((range.trim(), ""));
                    let quality = rest.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
                    let primary = name.split('-').next().unwrap_or(name);
                    (primary.eq_ignore_ascii_case(tag) || name == "*").then_some(quality)
                })
                .fold(0.0, f32::max)
        };
        if weight("en") > weight("sv") { Self::English } else { Self::Swedish }
    }
}

/// A text in Swedish and in English.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"sv": "Fler och växande företag", "en": "More and growing businesses"}))]
pub struct Bilingual {
    /// Swedish.
    #[schema(min_length = 1, max_length = 10_000)]
    pub sv: String,
    /// English.
    #[schema(min_length = 1, max_length = 10_000)]
    pub en: String,
}

impl Bilingual {
    /// The text in one of its languages.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Swedish => &self.sv,
            Language::English => &self.en,
        }
    }
}

/// Makes a [`Bilingual`] of a Swedish and an English format string, which may name variables.
macro_rules! bilingual {
    ($sv:literal, $en:literal $(,)?) => {
        $crate::text::Bilingual { sv: format!($sv), en: format!($en) }
    };
}
pub(crate) use bilingual;

/// A key that sorts as Swedish does whatever the database's collation: å, ä, ö last, capitals and accents like their
/// letters.
#[must_use]
pub fn sort_key(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match without_accent(letter) {
            'å' => '{',
            'ä' => '|',
            'ö' => '}',
            other => other,
        })
        .collect()
}

/// The Swedish letter that a small letter counts as: accents are none, å, ä and ö are letters of their own.
#[must_use]
pub fn without_accent(letter: char) -> char {
    match letter {
        'æ' => 'ä',
        'ø' => 'ö',
        'à' | 'á' | 'â' | 'ã' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'õ' => 'o',
        'ù' | 'ú' | 'û' => 'u',
        'ü' | 'ý' => 'y',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_language_is_weighed() {
        assert_eq!(Language::preferred(""), Language::Swedish);
        assert_eq!(Language::preferred("en-GB,en;q=0.9,sv;q=0.8"), Language::English);
        assert_eq!(Language::preferred("sv-SE, en;q=0.9"), Language::Swedish);
        assert_eq!(Language::preferred("de, en;q=0.5"), Language::English);
        assert_eq!(Language::preferred("*"), Language::Swedish);
        assert_eq!(Language::preferred("en;q=nonsense"), Language::Swedish);
    }

    #[test]
    fn swedish_letters_sort_after_z() {
        let mut names = ["Östersund", "Zinkgruvan", "Ånäset", "Älvsbyn", "Arjeplog", "arvidsjaur"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["Arjeplog", "arvidsjaur", "Zinkgruvan", "Ånäset", "Älvsbyn", "Östersund"]);
    }
}
