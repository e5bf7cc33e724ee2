//! What an organisation is, and which numbers are organisation numbers.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::db::schema::organisations;
use crate::id::Id;

code_list! {
    /// Sectors of society (Quad Helix).
    pub enum Sector {
        /// Municipalities, regions, state authorities.
        Public = "public", "offentlig sektor";
        /// Companies and economic associations.
        Business = "business", "näringsliv";
        /// Universities and research institutes.
        Academia = "academia", "akademi";
        /// Associations, foundations, congregations.
        CivilSociety = "civilSociety", "civilsamhälle";
    }
}

code_list! {
    /// What an organisation has to do with the matter.
    pub enum Interest {
        /// Sees the need.
        Need = "need", "ser behovet";
        /// Benefits from the result.
        Benefit = "benefit", "drar nytta av resultatet";
    }
}

/// An organisation.
#[derive(
    Debug, Clone, PartialEq, Serialize, diesel::Queryable, diesel::Insertable, diesel::AsChangeset, diesel::Identifiable,
)]
#[diesel(table_name = organisations, treat_none_as_null = true)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// Identifier.
    pub id: Id,
    /// Name, as it calls itself.
    pub name: String,
    /// What lists are sorted by.
    #[serde(skip)]
    pub name_key: String,
    /// Swedish organisation number, `212000-2585`.
    pub number: Option<String>,
    /// Sector of society.
    pub sector: Sector,
    /// Version.
    pub version: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// An organisation number in its usual form, `NNNNNN-NNNN`, if the text is one: ten digits, with or without hyphen and
/// century, whose last is the Luhn check digit.
#[must_use]
pub fn organisation_number(text: &str) -> Option<String> {
    let compact: String = text.trim().chars().filter(|letter| !matches!(letter, '-' | ' ')).collect();
    if !compact.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = match (compact.len(), compact.get(..2)) {
        (10, _) => compact.as_str(),
        (12, Some("16" | "19" | "20")) => &compact[2..],
        _ => return None,
    };
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0') * if index % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10).then(|| format!("{}-{}", &digits[..6], &digits[6..]))
}

/// Whether a number is a sole trader's, and so a personal identity number: the third and fourth digits are a month,
/// while an organisation's third digit is at least 2 (lagen 1974:174 om identitetsbeteckning för juridiska personer).
#[must_use]
pub fn is_personal(number: &str) -> bool {
    number.as_bytes().get(2).is_some_and(|digit| *digit < b'2')
}

impl Organisation {
    /// The number, when it is not a person's.
    #[must_use]
    pub fn public_number(&self) -> Option<&str> {
        self.number.as_deref().filter(|number| !is_personal(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_by_form_and_check_digit() {
        for text in ["212000-2585", "2120002585", " 16212000 2585", "212000 2585"] {
            assert_eq!(organisation_number(text).as_deref(), Some("212000-2585"), "{text}");
        }
        for text in ["", "212000-2586", "212000-258", "21200O-2585", "99212000-2585", "212000–2585"] {
            assert_eq!(organisation_number(text), None, "{text}");
        }
    }

    #[test]
    fn a_sole_traders_number_is_personal() {
        assert!(is_personal("811218-9876"));
        assert!(!is_personal("212000-2585"));
        assert!(!is_personal("802003-2960"));
    }
}
