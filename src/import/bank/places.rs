//! Where a project is carried out: municipalities by code, and what has no code as places.

use super::desk::Desk;
use super::layout::Column;
use super::reference::{Reference, loose_key};
use crate::text::bilingual;

/// Most places that a project has room for.
const MOST_PLACES: usize = 100;
/// Longest name of a place, in characters.
const LONGEST_PLACE: usize = 300;

/// The counties by Statistics Sweden's codes.
const COUNTIES: &[(&str, &str)] = &[
    ("01", "Stockholms län"),
    ("03", "Uppsala län"),
    ("04", "Södermanlands län"),
    ("05", "Östergötlands län"),
    ("06", "Jönköpings län"),
    ("07", "Kronobergs län"),
    ("08", "Kalmar län"),
    ("09", "Gotlands län"),
    ("10", "Blekinge län"),
    ("12", "Skåne län"),
    ("13", "Hallands län"),
    ("14", "Västra Götalands län"),
    ("17", "Värmlands län"),
    ("18", "Örebro län"),
    ("19", "Västmanlands län"),
    ("20", "Dalarnas län"),
    ("21", "Gävleborgs län"),
    ("22", "Västernorrlands län"),
    ("23", "Jämtlands län"),
    ("24", "Västerbottens län"),
    ("25", "Norrbottens län"),
];

/// Words for every municipality at once.
const WHOLE_COUNTRY: &[&str] = &["alla kommuner", "samtliga kommuner", "hela landet", "hela sverige"];

/// Where a project is carried out.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Codes of municipalities.
    pub(super) municipalities: Vec<String>,
    /// Names of what is not a Swedish municipality.
    pub(super) places: Vec<String>,
}

/// Reads municipalities, and counties and regions: a county is named only when none of its municipalities is.
pub(super) fn places<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Places {
    let mut found = Places::default();
    let names = desk.text(Column::Municipalities).unwrap_or_default();
    for name in names_in(&names) {
        municipality(desk, name, &mut found);
    }
    found.municipalities.sort_unstable();
    found.municipalities.dedup();
    let regions = desk.text(Column::Counties).unwrap_or_default();
    for name in names_in(&regions) {
        match county(name) {
            Some((code, _)) if found.municipalities.iter().any(|own| own.starts_with(code)) => {}
            Some((_, name)) => found.places.push(name.to_owned()),
            None => found.places.push(name.to_owned()),
        }
    }
    tidy(desk, &mut found.places);
    found
}

fn names_in(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ';', '\n']).map(str::trim).filter(|name| !name.is_empty())
}

fn municipality<S: AsRef<str>>(desk: &mut Desk<'_, S>, name: &str, found: &mut Places) {
    let reference: &Reference = desk.reference;
    if let Some(code) = reference.municipality(name) {
        found.municipalities.push(code.to_owned());
    } else if WHOLE_COUNTRY.contains(&name.to_lowercase().as_str()) {
        found.municipalities.extend(reference.municipalities().iter().cloned());
    } else if let Some(code) = reference.municipality_nearly(name) {
        found.municipalities.push(code.to_owned());
        let reason = bilingual!(
            "ingen kommun heter så; den enda som kan vara menad har koden {code}",
            "no municipality has this name; the only one that can be meant has the code {code}"
        );
        desk.note_on(Column::Municipalities, name, "municipality-spelling", reason);
    } else {
        found.places.push(name.to_owned());
        let reason = bilingual!(
            "ingen kommun heter så; namnet står bland platserna",
            "no municipality has this name; it stands among the places"
        );
        desk.note_on(Column::Municipalities, name, "municipality-unknown", reason);
    }
}

/// The county with this name, with or without `län`.
fn county(name: &str) -> Option<(&'static str, &'static str)> {
    let bare = |name: &str| loose_key(name.to_lowercase().trim_end_matches(" län"));
    let given = bare(name);
    let is_it = |own: &str| own == given || own.strip_suffix('s').is_some_and(|own| own == given);
    COUNTIES.iter().copied().find(|(_, own)| is_it(&bare(own)))
}

/// What does not fit is left out, and noted.
fn tidy<S: AsRef<str>>(desk: &mut Desk<'_, S>, places: &mut Vec<String>) {
    let mut kept: Vec<String> = Vec::new();
    for place in places.drain(..) {
        if kept.contains(&place) {
            continue;
        }
        if kept.len() < MOST_PLACES && place.chars().count() <= LONGEST_PLACE {
            kept.push(place);
        } else {
            let reason = bilingual!(
                "platsen utelämnas: ett projekt har högst {MOST_PLACES} platser med högst {LONGEST_PLACE} tecken",
                "the place is left out: a project has at most {MOST_PLACES} of at most {LONGEST_PLACE} characters"
            );
            desk.note_on(Column::Counties, &place, "place-left-out", reason);
        }
    }
    *places = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_is_known_with_and_without_its_ending() {
        let names = ["Västerbotten", "västerbottens län", "Dalarna", "Västra Götaland", "Örebro", "Kronoberg"];
        let codes = names.map(|name| county(name).map_or("", |(code, _)| code));
        assert_eq!(codes, ["24", "24", "20", "14", "18", "07"]);
        assert_eq!(county("Åstergötland"), county("Östergötland"));
        assert_eq!(county("Österbotten"), None);
        assert_eq!(county("län"), None);
        assert_eq!(county("Region Sjaelland"), None);
    }
}
