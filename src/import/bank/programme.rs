//! The programme that a project is granted by: its area, the funding source it is, and its priority axis.

use super::layout::{Column, Shape};
use super::reference::{Reference, loose_key};

/// The areas that the two banks name, as they spell them.
const AREAS: &[&str] = &[
    "Övre Norrland",
    "Mellersta Norrland",
    "Norra Mellansverige",
    "Östra Mellansverige",
    "Stockholm",
    "Västsverige",
    "Småland och Öarna",
    "Småland med öarna",
    "Skåne-Blekinge",
    "Nationellt regionalfondsprogram",
];

/// The areas of Interreg IVA that the bank of 2007–2013 names. (It spells Kattegatt with one t.)
const INTERREG_AREAS: &[&str] = &["Sverige-Norge", "Öresund-Kategat-Skagerrak", "Botnia-Atlantica", "Nord"];

/// The catch-all for EU money whose own source is not known.
pub(super) const OTHER_EU: &str = "other-eu";

/// An area as the banks spell it, also when a letter of it was lost on the way: `Åvre Norrland`.
pub(super) fn known_area(text: &str) -> Option<&'static str> {
    let key = loose_key(text);
    AREAS.iter().chain(INTERREG_AREAS).copied().find(|area| loose_key(area) == key)
}

/// Whether the programme is one of Interreg: as the row says, else by its area.
pub(super) fn is_interreg(shape: Shape, objective: Option<&str>, area: &str) -> bool {
    let says_so = |objective: &str| objective.to_lowercase().contains("interreg");
    shape == Shape::Bank2007 && objective.map_or_else(|| INTERREG_AREAS.contains(&area), says_so)
}

/// The codes that the programme's funding source may have, the likeliest first; none without an area.
pub(super) fn candidates(shape: Shape, objective: Option<&str>, area: &str) -> Vec<String> {
    let (period, slug) = (shape.period_code(), slug(area));
    if slug.is_empty() {
        return Vec::new();
    }
    if slug.starts_with("nationell") {
        return vec![format!("nationella-regionalfondsprogrammet-{period}")];
    }
    if is_interreg(shape, objective, area) {
        // As the programme spells itself in Swedish, too.
        let own = slug.replace("kategat-", "kattegatt-");
        return distinct([slug, own].map(|slug| format!("interreg-{slug}-{period}")));
    }
    // The two periods name the area of Småland differently.
    let other = if slug.contains("-med-") { slug.replace("-med-", "-och-") } else { slug.replace("-och-", "-med-") };
    distinct([slug, other].map(|slug| format!("eruf-{slug}-{period}")))
}

fn distinct(codes: [String; 2]) -> Vec<String> {
    let [first, second] = codes;
    if first == second { vec![first] } else { vec![first, second] }
}

/// A name as a code: small letters without accents, hyphens between words.
fn slug(name: &str) -> String {
    let letter = |letter: char| match letter {
        'å' | 'ä' | 'æ' | 'á' | 'à' => 'a',
        'ö' | 'ø' | 'ó' => 'o',
        'é' | 'è' => 'e',
        'ü' => 'u',
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => ' ',
    };
    let plain: String = name.to_lowercase().chars().map(letter).collect();
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

/// The code of the axis that a cell names, among those of a framework: by its leading number, its title, or both.
pub(super) fn axis<'a>(reference: &'a Reference, framework: &str, text: &str) -> Option<&'a str> {
    let (number, title) = numbered(text);
    let is_it = |code: &str, own: &str| {
        number.is_none_or(|number| number == code) && (title.is_empty() || is_same_title(title, own))
    };
    let mut found = reference.axes(framework).iter().filter(|axis| is_it(&axis.code, &axis.title));
    let (first, second) = (found.next()?, found.next());
    second.is_none().then_some(first.code.as_str())
}

/// `1 Innovation och förnyelse` apart.
fn numbered(text: &str) -> (Option<&str>, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, title) = text.split_at(end);
    let title = title.trim_start_matches(|letter: char| letter.is_whitespace() || ".:-–".contains(letter));
    ((!number.is_empty()).then_some(number), title)
}

/// The length that the bank of 2007–2013 cuts its axes at is 53 characters; what is shorter than this was not cut.
const CUT: usize = 40;

fn is_same_title(given: &str, own: &str) -> bool {
    let is_cut = given.chars().count() >= CUT && own.to_lowercase().starts_with(&given.to_lowercase());
    is_cut || says_the_same(given, own)
}

/// Wordings that the programmes use for one another, in the order they are replaced.
const SAME: &[(&str, &str)] = &[
    ("informations och kommunikationstekniken", "ikt"),
    ("informations och kommunikationsteknik", "ikt"),
    ("smf", "små och medelstora företag"),
    ("företags", "företag"),
    ("konkurrenskraften", "konkurrenskraft"),
    ("teknisk assistens", "tekniskt stöd"),
    ("technical assistance", "tekniskt stöd"),
];

/// Words that titles have or leave out, and mean the same.
const SMALL: &[&str] = &["att", "av", "den", "för", "hos", "i", "inom", "och"];

/// Whether two titles have the same words, small ones and their order aside.
pub(super) fn says_the_same(one: &str, other: &str) -> bool {
    let words = words(one);
    !words.is_empty() && words == self::words(other)
}

fn words(title: &str) -> Vec<String> {
    let lower = title.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut text = format!(" {} ", words.join(" "));
    for (long, short) in SAME {
        text = text.replace(&format!(" {long} "), &format!(" {short} "));
    }
    let mut words: Vec<String> =
        text.split_whitespace().filter(|word| !SMALL.contains(word)).map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// The column that tells the programme, for a note about it.
pub(super) fn telling(objective: Option<&str>) -> Column {
    if objective.is_some() { Column::Objective } else { Column::Area }
}

#[cfg(test)]
mod tests {
    use super::super::reference::Axis;
    use super::*;

    #[test]
    fn a_programme_has_the_codes_that_its_source_may_have() {
        let mal = Some("Mål 2 Regional konkurrenskraft och sysselsättning");
        let interreg = Some("Interreg IVA Gränsöverskridande samarbete");
        let (old, new) = (Shape::Bank2007, Shape::Bank2014);
        assert_eq!(candidates(old, mal, "Övre Norrland"), ["eruf-ovre-norrland-2007-2013"]);
        assert_eq!(candidates(old, interreg, "Botnia-Atlantica"), ["interreg-botnia-atlantica-2007-2013"]);
        assert_eq!(candidates(old, None, "Sverige-Norge"), ["interreg-sverige-norge-2007-2013"]);
        assert_eq!(
            candidates(old, interreg, "Öresund-Kategat-Skagerrak"),
            ["interreg-oresund-kategat-skagerrak-2007-2013", "interreg-oresund-kattegatt-skagerrak-2007-2013"]
        );
        assert!(candidates(old, mal, "").is_empty());
        assert!(is_interreg(old, interreg, "") && !is_interreg(old, mal, "Nord") && !is_interreg(new, None, "Nord"));
        let national = ["nationella-regionalfondsprogrammet-2014-2020"];
        assert_eq!(candidates(new, None, "Nationellt regionalfondsprogram"), national);
        let smaland = ["eruf-smaland-med-oarna-2014-2020", "eruf-smaland-och-oarna-2014-2020"];
        assert_eq!(candidates(new, None, "Småland med öarna"), smaland);
    }

    #[test]
    fn an_area_is_known_though_a_letter_was_lost() {
        assert_eq!(known_area("Åvre  norrland"), Some("Övre Norrland"));
        assert_eq!(known_area("SKÅNE-BLEKINGE"), Some("Skåne-Blekinge"));
        assert_eq!(known_area("Nedre Norrland"), None);
        assert_eq!(known_area(""), None);
    }

    #[test]
    fn an_axis_is_known_by_number_title_or_both() {
        let of = |code: &str, title: &str| Axis { code: code.to_owned(), title: title.to_owned() };
        let axes = vec![
            of("1", "Att stärka forskning, teknisk utveckling och innovation"),
            of(
                "2",
                "Att öka tillgången till, användningen av och kvaliteten på informations- och kommunikationsteknik",
            ),
            of("3", "Att öka små och medelstora företags konkurrenskraft"),
            of("4", "Att stödja övergången till en koldioxidsnål ekonomi i alla sektorer"),
            of("6", "Tekniskt stöd"),
        ];
        let reference = Reference::new([], [("p".to_owned(), axes)], &[]);
        let found = |text| super::axis(&reference, "p", text);
        assert_eq!(found("1"), Some("1"));
        assert_eq!(found("1 Stärka forskning, teknisk utveckling och innovation"), Some("1"));
        assert_eq!(found("1. Att stärka forskning, teknisk utveckling och inno"), Some("1"));
        assert_eq!(found("Att öka tillgången till, användningen av och kvaliteten på IKT"), Some("2"));
        assert_eq!(found("ÖKA KONKURRENSKRAFTEN FÖR SMÅ OCH MEDELSTORA FÖRETAG"), Some("3"));
        assert_eq!(found("Att öka konkurrenskraften hos SMF"), Some("3"));
        assert_eq!(found("Stödja övergången till en koldioxidsnål ekonomi inom alla sektorer"), Some("4"));
        assert_eq!(found("Teknisk assistens"), Some("6"));
        assert_eq!(found("2 Tekniskt stöd"), None);
        assert_eq!(found("5"), None);
        assert_eq!(found("Konkurrenskraftiga små och medelstora företag"), None);
        assert_eq!(found("Att stärka"), None);
        assert_eq!(found(""), None);
        assert_eq!(super::axis(&reference, "other", "1"), None);
    }
}
