//! Days as people and spreadsheets write them.

use chrono::{Datelike, NaiveDate};

use super::Unreadable;
use super::placeholder::is_placeholder;

/// The first three letters of the months in Swedish and English, with what is written otherwise.
const MONTHS: &[(&str, u32)] = &[
    ("januari", 1),
    ("january", 1),
    ("februari", 2),
    ("february", 2),
    ("mars", 3),
    ("march", 3),
    ("april", 4),
    ("maj", 5),
    ("may", 5),
    ("juni", 6),
    ("june", 6),
    ("juli", 7),
    ("july", 7),
    ("augusti", 8),
    ("august", 8),
    ("september", 9),
    ("oktober", 10),
    ("october", 10),
    ("november", 11),
    ("december", 12),
];

/// Reads a day: `2016-09-01` with or without a time, `20160901`, `2016/09/01`, `1 sep 2016`, and `31/12/2016` where the
/// day can only be the day; nothing when the cell is empty.
///
/// # Errors
/// When it is not a day, or can be read in two ways: `01/09/2016`.
pub fn date(text: &str) -> Result<Option<NaiveDate>, Unreadable> {
    if is_placeholder(text) {
        return Ok(None);
    }
    let lower = text.trim().to_lowercase();
    let day = without_time(&lower)?;
    let read = if day.len() == 8 && is_number(day) {
        calendar(&day[..4], &day[4..6], &day[6..])
    } else if let Some(parts) = split_in_three(day, &['-', '/', '.']) {
        numeric(parts)
    } else if let Some([day, month, year]) = split_in_three(day, &[' ']) {
        let month = month_number(month.trim_end_matches('.')).ok_or(Unreadable::Date)?;
        match (is_number(day), is_number(year), year.len()) {
            (true, true, 4) => calendar(year, &month.to_string(), day),
            _ => Err(Unreadable::Date),
        }
    } else {
        Err(Unreadable::Date)
    };
    read.map(Some)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The day before a time of day: `2016-10-14 01:22:49`, `2016-09-01t00:00:00.000z`.
fn without_time(text: &str) -> Result<&str, Unreadable> {
    let Some((day, time)) = text.split_once([' ', 't']).filter(|(_, rest)| rest.contains(':')) else {
        return Ok(text);
    };
    let whole = time.trim_end_matches('z').split('.').next().unwrap_or_default();
    let parts: Vec<&str> = whole.split(':').collect();
    let is_time = matches!(parts.len(), 2 | 3) && parts.iter().all(|part| part.len() == 2 && is_number(part));
    if is_time { Ok(day) } else { Err(Unreadable::Date) }
}

/// Three parts with the same separator between them.
fn split_in_three<'a>(text: &'a str, separators: &[char]) -> Option<[&'a str; 3]> {
    separators.iter().find_map(|separator| text.split(*separator).collect::<Vec<_>>().try_into().ok())
}

/// Year first is read as such; year last when day and month cannot change places.
fn numeric([first, second, third]: [&str; 3]) -> Result<NaiveDate, Unreadable> {
    if ![first, second, third].into_iter().all(is_number) {
        return Err(Unreadable::Date);
    }
    match (first.len(), second.len(), third.len()) {
        (4, 1 | 2, 1 | 2) => calendar(first, second, third),
        (1 | 2, 1 | 2, 4) => {
            let is_month = |part: &str| part.parse::<u32>().is_ok_and(|number| (1..=12).contains(&number));
            match (is_month(first), is_month(second)) {
                (true, true) if first.parse::<u32>() != second.parse::<u32>() => Err(Unreadable::AmbiguousDate),
                (_, true) => calendar(third, second, first),
                (true, false) => calendar(third, first, second),
                (false, false) => Err(Unreadable::NoSuchDay),
            }
        }
        _ => Err(Unreadable::Date),
    }
}

fn month_number(name: &str) -> Option<u32> {
    // `sept` is a prefix too; two letters are too few.
    let is_name = |month: &str| name.chars().count() >= 3 && month.starts_with(name);
    MONTHS.iter().find(|(month, _)| is_name(month)).map(|(_, number)| *number)
}

fn calendar(year: &str, month: &str, day: &str) -> Result<NaiveDate, Unreadable> {
    let (year, month, day) = (year.parse().ok(), month.parse().ok(), day.parse().ok());
    let found = year.zip(month).zip(day).and_then(|((year, month), day)| NaiveDate::from_ymd_opt(year, month, day));
    found.filter(|date| (1900..=2100).contains(&date.year())).ok_or(Unreadable::NoSuchDay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_that_can_be_read_in_one_way_is_read() {
        let days = [
            "2016-09-13",
            " 2016-09-13 ",
            "2016-09-13 00:00:00",
            "2016-09-13 01:22",
            "2016-09-13T00:00:00.000Z",
            "2016/09/13",
            "2016.9.13",
            "20160913",
            "13/09/2016",
            "9/13/2016",
            "13.9.2016",
            "13-09-2016",
            "13 sep 2016",
            "13 Sept. 2016",
            "13 SEPTEMBER 2016",
        ];
        for text in days {
            assert_eq!(date(text), Ok(NaiveDate::from_ymd_opt(2016, 9, 13)), "{text}");
        }
        assert_eq!(date("1 maj 2016"), Ok(NaiveDate::from_ymd_opt(2016, 5, 1)));
        assert_eq!(date("05/05/2016"), Ok(NaiveDate::from_ymd_opt(2016, 5, 5)));
        assert_eq!(date("1 okt 2016"), Ok(NaiveDate::from_ymd_opt(2016, 10, 1)));
    }

    #[test]
    fn an_empty_cell_is_no_day() {
        for text in ["", "-", "Värde saknas"] {
            assert_eq!(date(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_day_is_refused() {
        let refused = [
            ("01/09/2016", Unreadable::AmbiguousDate),
            ("1.9.2016", Unreadable::AmbiguousDate),
            ("01/09/16", Unreadable::Date),
            ("16-09-01", Unreadable::Date),
            ("2016-09", Unreadable::Date),
            ("2016", Unreadable::Date),
            ("42614", Unreadable::Date),
            ("hösten 2016", Unreadable::Date),
            ("1 ma 2016", Unreadable::Date),
            ("1 sep 16", Unreadable::Date),
            ("2016-09-01 kl 9:00", Unreadable::Date),
            ("2016-09-01 9:00", Unreadable::Date),
            ("2016-0９-01", Unreadable::Date),
            ("å016090", Unreadable::Date),
            ("2016-02-30", Unreadable::NoSuchDay),
            ("2016-13-01", Unreadable::NoSuchDay),
            ("13/13/2016", Unreadable::NoSuchDay),
            ("20160931", Unreadable::NoSuchDay),
            ("0216-09-01", Unreadable::NoSuchDay),
            ("3016-09-01", Unreadable::NoSuchDay),
            ("0/9/2016", Unreadable::NoSuchDay),
        ];
        for (text, expected) in refused {
            assert_eq!(date(text), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_iso_day_is_read(days in 0_i32..73_000) {
            let day = NaiveDate::from_ymd_opt(1900, 1, 1).and_then(|first| first.checked_add_days(
                chrono::Days::new(u64::try_from(days).expect("positive"))));
            let text = day.expect("a day").to_string();
            prop_assert_eq!(date(&text), Ok(day));
            prop_assert_eq!(date(&text.replace('-', "")), Ok(day));
            prop_assert_eq!(date(&format!("{text} 00:00:00")), Ok(day));
        }

        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,30}") {
            let _ = date(&text);
        }
    }
}
