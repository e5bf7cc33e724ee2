//! The values of XLSX cells as text.

use std::borrow::Cow;

use calamine::{DataRef, ExcelDateTime};

/// The first day that no spreadsheet can show, 1 January 10000, in days of the 1900 system.
const DAYS: f64 = 2_958_466.0;

/// A value in the canonical form that the module's documentation tells, but for its white space.
pub(super) fn text<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    match value {
        DataRef::String(text) | DataRef::DurationIso(text) => text.into(),
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => self::number(*number).into(),
        DataRef::Bool(truth) => truth.to_string().into(),
        DataRef::DateTime(moment) => self::moment(moment).into(),
        DataRef::DateTimeIso(moment) => iso(moment).into(),
        DataRef::Error(error) => error.to_string().into(),
        DataRef::Empty => "".into(),
    }
}

/// A number without exponent, with the 15 significant digits that a spreadsheet shows, a whole one with all.
fn number(number: f64) -> String {
    let whole = number.fract() == 0.0;
    let shown = if whole { number } else { format!("{number:.14e}").parse().unwrap_or(number) };
    // Adding zero makes the negative zero a plain one.
    (shown + 0.0).to_string()
}

/// A date, a date with a time, a time alone, or a duration; a number where a spreadsheet shows no date either.
fn moment(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    if !(0.0..DAYS).contains(&value) {
        return number(value);
    }
    if moment.is_duration() {
        let seconds = (value * 86_400.0).round();
        let (hours, rest) = ((seconds / 3_600.0).floor(), seconds % 3_600.0);
        return format!("{hours:02}:{:02}:{:02}", (rest / 60.0).floor(), rest % 60.0);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if value < 1.0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// A date that was stored as text by ISO 8601, with a blank for its `T`, without fractions of a second and midnight.
fn iso(moment: &str) -> String {
    let (date, time) = moment.split_once('T').unwrap_or((moment, ""));
    let time = time.trim_end_matches('Z');
    let time = time.split_once('.').map_or(time, |(time, _)| time);
    if matches!(time, "" | "00:00" | "00:00:00") { date.to_owned() } else { format!("{date} {time}") }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTimeType};

    use super::*;

    fn date(value: f64, is_1904: bool) -> String {
        moment(&ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904))
    }

    #[test]
    fn numbers_have_no_exponent_and_no_needless_decimals() {
        let cases = [
            (169_287.0, "169287"),
            (1_250_000.5, "1250000.5"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1e20, "100000000000000000000"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (1.5e-7, "0.00000015"),
            (-12.25, "-12.25"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn dates_are_iso_in_both_systems() {
        assert_eq!(date(42_614.0, false), "2016-09-01");
        assert_eq!(date(41_152.0, true), "2016-09-01");
        assert_eq!(date(42_657.053_912_037, false), "2016-10-14 01:17:38");
        assert_eq!(date(0.5, false), "12:00:00");
        assert_eq!(date(61.0, false), "1900-03-01");
        assert_eq!(date(42_614.999_999_999, false), "2016-09-02");
        assert_eq!(date(-1.0, false), "-1");
        assert_eq!(date(3e6, false), "3000000");
    }

    #[test]
    fn durations_count_hours_past_a_day() {
        let duration = |value| moment(&ExcelDateTime::new(value, ExcelDateTimeType::TimeDelta, false));
        assert_eq!(duration(26.5 / 24.0), "26:30:00");
        assert_eq!(duration(0.0), "00:00:00");
    }

    #[test]
    fn other_values_are_what_a_spreadsheet_shows() {
        assert_eq!(text(&DataRef::Bool(true)), "true");
        assert_eq!(text(&DataRef::Error(CellErrorType::NA)), "#N/A");
        assert_eq!(text(&DataRef::Error(CellErrorType::Ref)), "#REF!");
        assert_eq!(text(&DataRef::Empty), "");
        assert_eq!(text(&DataRef::DateTimeIso("2016-09-01T00:00:00.000Z".into())), "2016-09-01");
        assert_eq!(text(&DataRef::DateTimeIso("2016-10-14T01:17:38.5".into())), "2016-10-14 01:17:38");
        assert_eq!(text(&DataRef::DateTimeIso("2016-09-01".into())), "2016-09-01");
    }
}
