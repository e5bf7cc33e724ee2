//! Which bank a file comes from, and which of its columns is which.

use std::collections::BTreeMap;

use crate::import::reading::mend;
use crate::text::{Bilingual, bilingual};

/// The banks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Projects of the programmes 2007–2013.
    Bank2007,
    /// Projects of the programmes 2014–2020.
    Bank2014,
}

impl Shape {
    /// The programme period, as it is written in Swedish.
    #[must_use]
    pub fn period(self) -> &'static str {
        match self {
            Self::Bank2007 => "2007–2013",
            Self::Bank2014 => "2014–2020",
        }
    }

    /// The programme period, as codes end.
    #[must_use]
    pub fn period_code(self) -> &'static str {
        match self {
            Self::Bank2007 => "2007-2013",
            Self::Bank2014 => "2014-2020",
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Tillväxtverket's case number.
    CaseId,
    /// The project's name.
    Title,
    /// The same, cut at forty characters or so.
    ShortTitle,
    /// Who got the grant.
    Beneficiary,
    /// The same, cut.
    ShortBeneficiary,
    /// The first day.
    Start,
    /// The last day.
    End,
    /// The EU grant in kronor.
    GrantSek,
    /// The EU grant in euro.
    GrantEur,
    /// What the project is about.
    Description,
    /// Whether it has ended.
    State,
    /// Mål 2 or Interreg.
    Objective,
    /// The programme's area.
    Area,
    /// The priority axis.
    Axis,
    /// The thematic objective.
    Theme,
    /// What public financiers pay.
    PublicFunding,
    /// Counties, and regions of the neighbouring countries.
    Counties,
    /// Municipalities.
    Municipalities,
    /// When the bank was loaded.
    LoadedOn,
}

/// The columns as the banks call them; with the bank that alone does.
const NAMES: &[(&str, Column, Option<Shape>)] = &[
    ("ärende-id", Column::CaseId, None),
    ("projektnamn", Column::Title, None),
    ("projektnamn_short", Column::ShortTitle, Some(Shape::Bank2007)),
    ("stödmottagare", Column::Beneficiary, None),
    ("stodmottagare_short", Column::ShortBeneficiary, Some(Shape::Bank2007)),
    ("projekt_starttid", Column::Start, None),
    ("projekt_sluttid", Column::End, None),
    ("beviljat_belopp_sek", Column::GrantSek, None),
    ("beviljat_belopp_euro", Column::GrantEur, Some(Shape::Bank2007)),
    ("beviljat_belopp_eur", Column::GrantEur, Some(Shape::Bank2014)),
    ("projektbeskrivning", Column::Description, None),
    ("pagar_slut", Column::State, Some(Shape::Bank2007)),
    ("malprogram", Column::Objective, Some(Shape::Bank2007)),
    ("område", Column::Area, None),
    ("insatsområde", Column::Axis, None),
    ("tematiskt_mål", Column::Theme, Some(Shape::Bank2014)),
    ("offentlig_finansiar", Column::PublicFunding, Some(Shape::Bank2007)),
    ("lan_fordelning", Column::Counties, Some(Shape::Bank2007)),
    ("län", Column::Counties, Some(Shape::Bank2014)),
    ("kommun_fordelning", Column::Municipalities, Some(Shape::Bank2007)),
    ("kommuner", Column::Municipalities, Some(Shape::Bank2014)),
    ("laddningsdatum", Column::LoadedOn, Some(Shape::Bank2007)),
    ("uppdateringsdatum", Column::LoadedOn, Some(Shape::Bank2014)),
];

/// Why a file is not read as a bank's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayoutFault {
    /// Its columns are no bank's, or as much the one's as the other's.
    Unknown,
    /// Nothing says what the projects are called, or what their case numbers are.
    Missing(&'static str),
    /// Two columns say the same.
    Twice(String, String),
}

impl LayoutFault {
    /// A stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "columns-unknown",
            Self::Missing(_) => "column-missing",
            Self::Twice(..) => "column-twice",
        }
    }

    /// What would be right.
    #[must_use]
    pub fn reason(&self) -> Bilingual {
        match self {
            Self::Unknown => bilingual!(
                "kolumnerna hör inte till Tillväxtverkets projektbank 2007–2013 eller 2014–2020",
                "the columns are not those of Tillväxtverket’s project bank 2007–2013 or 2014–2020"
            ),
            Self::Missing(name) => bilingual!("kolumnen {name} behövs", "the column {name} is needed"),
            Self::Twice(first, second) => bilingual!(
                "kolumnerna {first} och {second} betyder samma sak; ta bort den ena",
                "the columns {first} and {second} mean the same; remove one of them"
            ),
        }
    }
}

/// A file's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    shape: Shape,
    columns: BTreeMap<Column, (usize, String)>,
}

impl Layout {
    /// Knows a file by the names of its columns; names that no bank has are left alone.
    ///
    /// # Errors
    /// When they are no bank's, when case number or project name is not there, or when two mean the same.
    pub fn of<S: AsRef<str>>(header: &[S]) -> Result<Self, LayoutFault> {
        let mut columns: BTreeMap<Column, (usize, String)> = BTreeMap::new();
        let mut balance = 0_i32;
        for (index, name) in header.iter().enumerate() {
            let name = mend(name.as_ref()).text;
            let plain = plain(&name);
            let known = NAMES.iter().find(|(known, ..)| self::plain(known) == plain);
            let Some((_, column, only)) = known else { continue };
            balance += match only {
                Some(Shape::Bank2007) => -1,
                Some(Shape::Bank2014) => 1,
                None => 0,
            };
            if let Some((_, first)) = columns.insert(*column, (index, name.clone())) {
                return Err(LayoutFault::Twice(first, name));
            }
        }
        let shape = match balance {
            0 => return Err(LayoutFault::Unknown),
            1.. => Shape::Bank2014,
            _ => Shape::Bank2007,
        };
        if !columns.contains_key(&Column::CaseId) {
            return Err(LayoutFault::Missing("ärende-id"));
        }
        if !columns.contains_key(&Column::Title) && !columns.contains_key(&Column::ShortTitle) {
            return Err(LayoutFault::Missing("projektnamn"));
        }
        Ok(Self { shape, columns })
    }

    /// The bank.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether the file has a column.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains_key(&column)
    }

    /// Whether a column of the file, by its name, is one of the bank's.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        let name = mend(name).text;
        self.columns.values().any(|(_, own)| *own == name)
    }

    /// What the file calls a column; what its bank does, when the file has none.
    #[must_use]
    pub fn name(&self, column: Column) -> &str {
        let own = |(_, known, only): &&(&str, Column, Option<Shape>)| {
            *known == column && only.is_none_or(|only| only == self.shape)
        };
        let usual = NAMES.iter().find(own).map_or("", |(name, ..)| name);
        self.columns.get(&column).map_or(usual, |(_, name)| name)
    }

    /// A row's cell; empty when the file has no such column or the row ends before it.
    pub(super) fn cell<'a, S: AsRef<str>>(&self, cells: &'a [S], column: Column) -> &'a str {
        self.columns.get(&column).and_then(|(index, _)| cells.get(*index)).map_or("", |cell| cell.as_ref().trim())
    }
}

/// A name as it is compared: `Ärende-ID`, `arende_id` and `arende id` are one.
fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'å' | 'ä' => Some('a'),
        'ö' => Some('o'),
        other => other.is_alphanumeric().then_some(other),
    };
    name.to_lowercase().chars().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bank_is_known_by_its_columns_however_they_are_spelt() {
        let new = Layout::of(&["\u{feff}Ärende-ID", "PROJEKTNAMN", "Län", "kommuner", "något annat"]).expect("a bank");
        assert_eq!((new.shape(), new.name(Column::CaseId)), (Shape::Bank2014, "Ärende-ID"));
        let old = Layout::of(&["arende id", "projektnamn-short", "lån_fördelning"]).expect("a bank");
        assert_eq!(old.shape(), Shape::Bank2007);
        assert!(old.has(Column::Counties) && !old.has(Column::Title));
        assert_eq!(
            (old.name(Column::Counties), old.name(Column::GrantEur)),
            ("lån_fördelning", "beviljat_belopp_euro")
        );
        let misread = Layout::of(&["Ã¤rende-id", "projektnamn", "tematiskt_mÃ¥l"]).expect("a bank");
        assert!(misread.has(Column::Theme));
    }

    #[test]
    fn what_is_no_bank_is_refused() {
        assert_eq!(Layout::of(&["ärende-id", "projektnamn"]), Err(LayoutFault::Unknown));
        assert_eq!(Layout::of(&["titel", "start"]), Err(LayoutFault::Unknown));
        assert_eq!(Layout::of::<&str>(&[]), Err(LayoutFault::Unknown));
        assert_eq!(Layout::of(&["ärende-id", "projektnamn", "län", "malprogram"]), Err(LayoutFault::Unknown));
        assert_eq!(Layout::of(&["projektnamn", "län"]), Err(LayoutFault::Missing("ärende-id")));
        assert_eq!(Layout::of(&["ärende-id", "län"]), Err(LayoutFault::Missing("projektnamn")));
        let twice = LayoutFault::Twice("län".to_owned(), "LAN".to_owned());
        assert_eq!(Layout::of(&["ärende-id", "län", "LAN", "projektnamn"]), Err(twice));
    }

    #[test]
    fn a_short_row_has_empty_cells() {
        let layout = Layout::of(&["ärende-id", "projektnamn", "län"]).expect("a bank");
        assert_eq!(layout.cell(&["1", " två "], Column::Title), "två");
        assert_eq!(layout.cell(&["1"], Column::Counties), "");
        assert_eq!(layout.cell(&["1"], Column::Axis), "");
    }
}
