//! Amounts and whole numbers as people write them.

use super::Unreadable;
use super::placeholder::is_placeholder;

/// Digits before the decimals that money has room for.
const MOST_DIGITS: usize = 13;

/// What currencies are called in a cell, by their ISO 4217 codes; longer names before those that they begin with.
const CURRENCIES: &[(&str, &str)] = &[
    ("kronor", "SEK"),
    ("sek", "SEK"),
    ("kr.", "SEK"),
    ("kr", "SEK"),
    (":-", "SEK"),
    ("euro", "EUR"),
    ("eur", "EUR"),
    ("€", "EUR"),
];

/// An amount as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// Digits, a point and two decimals: `1250000.50`.
    pub number: String,
    /// The ISO 4217 code, when the cell names a currency.
    pub currency: Option<&'static str>,
}

impl Amount {
    /// Whether it is nothing.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.number.bytes().all(|byte| matches!(byte, b'0' | b'.'))
    }
}

/// Reads an amount: `169287`, `1 250 000,50`, `1.250.000`, `12 345 SEK`; nothing when the cell is empty.
///
/// # Errors
/// When it is not an amount, is negative, or can be read in two ways: `1,250` and `1.250`.
pub fn amount(text: &str) -> Result<Option<Amount>, Unreadable> {
    if is_placeholder(text) {
        return Ok(None);
    }
    let lower = text.trim().to_lowercase();
    let (rest, currency) = without_currency(&lower);
    if rest.starts_with(['-', '−', '–']) || (rest.starts_with('(') && rest.ends_with(')')) {
        return Err(if rest.contains(|letter: char| letter.is_ascii_digit()) {
            Unreadable::NegativeAmount
        } else {
            Unreadable::Amount
        });
    }
    let (whole, decimals) = decimals_apart(rest)?;
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    if digits.len() > MOST_DIGITS {
        return Err(Unreadable::AmountTooLarge);
    }
    let digits = if digits.is_empty() { "0" } else { digits };
    Ok(Some(Amount { number: format!("{digits}.{decimals:0<2}"), currency }))
}

fn without_currency(text: &str) -> (&str, Option<&'static str>) {
    for (name, code) in CURRENCIES {
        if let Some(rest) = text.strip_suffix(name).or_else(|| text.strip_prefix(name)) {
            return (rest.trim(), Some(code));
        }
    }
    (text, None)
}

/// The whole part and the decimals, once each separator means one thing.
fn decimals_apart(text: &str) -> Result<(&str, &str), Unreadable> {
    let points = text.matches('.').count();
    let commas = text.matches(',').count();
    let Some(last) = text.rfind(['.', ',']) else {
        return Ok((grouped(text, is_space)?, ""));
    };
    let (before, after) = (&text[..last], &text[last + 1..]);
    if after.is_empty() || !after.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Unreadable::Amount);
    }
    if points > 0 && commas > 0 {
        let thousands = if text[last..].starts_with('.') { ',' } else { '.' };
        return decided(grouped(before, |letter| letter == thousands)?, after);
    }
    if points + commas > 1 {
        let thousands = if points > 0 { '.' } else { ',' };
        return Ok((grouped(text, |letter| letter == thousands)?, ""));
    }
    let may_be_thousands = after.len() == 3 && !before.starts_with('0') && before.len() <= 3;
    if may_be_thousands && before.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(if before.is_empty() { Unreadable::Amount } else { Unreadable::AmbiguousAmount });
    }
    decided(grouped(before, is_space)?, after)
}

fn decided<'a>(whole: &'a str, decimals: &'a str) -> Result<(&'a str, &'a str), Unreadable> {
    if decimals.len() > 2 { Err(Unreadable::TooManyDecimals) } else { Ok((whole, decimals)) }
}

/// The spaces between thousands: plain, no-break (narrow or not), figure and thin.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2007}' | '\u{2009}')
}

/// The text, when it is digits alone, or groups of three after a first of one to three.
fn grouped(text: &str, separates: impl Fn(char) -> bool) -> Result<&str, Unreadable> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<&str> = text.split(separates).collect();
    let is_right = groups.iter().all(|group| is_digits(group))
        && (groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3)));
    if is_right { Ok(text) } else { Err(Unreadable::Amount) }
}

/// Reads a whole number that is not negative, such as a share or a year: `70`, `70 %`, `70,0`; nothing when the cell is
/// empty.
///
/// # Errors
/// When it is not a whole number.
pub fn whole_number(text: &str) -> Result<Option<u32>, Unreadable> {
    if is_placeholder(text) {
        return Ok(None);
    }
    let number = text.trim().trim_end_matches('%').trim_end();
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    // A sheet keeps its numbers with decimals.
    let is_whole = whole.bytes().all(|byte| byte.is_ascii_digit()) && matches!(decimals, "0" | "00");
    let read = if is_whole { whole.parse().ok() } else { None };
    read.map(Some).ok_or(Unreadable::WholeNumber)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Result<Option<String>, Unreadable> {
        amount(text).map(|read| read.map(|amount| amount.number))
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let amounts = [
            ("169287", "169287.00"),
            ("0", "0.00"),
            ("007", "7.00"),
            ("1 250 000", "1250000.00"),
            ("1\u{a0}250\u{202f}000", "1250000.00"),
            ("1\u{2009}250\u{2009}000,50", "1250000.50"),
            ("1.250.000", "1250000.00"),
            ("1,250,000", "1250000.00"),
            ("1.250.000,5", "1250000.50"),
            ("1,250,000.50", "1250000.50"),
            ("1,250.50", "1250.50"),
            ("1250000.5", "1250000.50"),
            ("1250000.0", "1250000.00"),
            ("1.25", "1.25"),
            ("1,25", "1.25"),
            ("0,5", "0.50"),
            ("1 250 000 kr", "1250000.00"),
            ("12 345 SEK", "12345.00"),
            ("SEK 12 345", "12345.00"),
            ("500:-", "500.00"),
            ("€ 25000", "25000.00"),
            ("9999999999999", "9999999999999.00"),
        ];
        for (text, expected) in amounts {
            assert_eq!(number(text), Ok(Some(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn the_named_currency_is_told() {
        let currency = |text| amount(text).expect("read").expect("an amount").currency;
        assert_eq!(
            [currency("5 kr."), currency("5 EUR"), currency("5 Euro"), currency("5")],
            [Some("SEK"), Some("EUR"), Some("EUR"), None]
        );
    }

    #[test]
    fn an_empty_cell_is_no_amount() {
        for text in ["", " ", "-", "-0", "Värde saknas", "#N/A"] {
            assert_eq!(amount(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_amount_is_refused() {
        let refused = [
            ("1,250", Unreadable::AmbiguousAmount),
            ("1.250", Unreadable::AmbiguousAmount),
            ("125.000 kr", Unreadable::AmbiguousAmount),
            ("-5", Unreadable::NegativeAmount),
            ("−5 kr", Unreadable::NegativeAmount),
            ("(5)", Unreadable::NegativeAmount),
            ("1250.505", Unreadable::TooManyDecimals),
            ("0.125", Unreadable::TooManyDecimals),
            ("1 250,500", Unreadable::TooManyDecimals),
            ("1.250,505", Unreadable::TooManyDecimals),
            ("1.5000", Unreadable::TooManyDecimals),
            ("12345678901234", Unreadable::AmountTooLarge),
            ("1 25 000", Unreadable::Amount),
            ("1250 000", Unreadable::Amount),
            ("1  250", Unreadable::Amount),
            ("1.25.000", Unreadable::Amount),
            ("1 250.000.000", Unreadable::Amount),
            ("1,250.000,50", Unreadable::Amount),
            ("1250,", Unreadable::Amount),
            (",50", Unreadable::Amount),
            (",500", Unreadable::Amount),
            ("1.25E6", Unreadable::Amount),
            ("1,2 mkr", Unreadable::Amount),
            ("kr", Unreadable::Amount),
            ("ca 500", Unreadable::Amount),
            ("١٢٣", Unreadable::Amount),
            ("-x", Unreadable::Amount),
        ];
        for (text, expected) in refused {
            assert_eq!(number(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_whole() {
        assert_eq!(whole_number("70"), Ok(Some(70)));
        assert_eq!(whole_number("70 %"), Ok(Some(70)));
        assert_eq!(whole_number("2016.0"), Ok(Some(2016)));
        assert_eq!(whole_number("-"), Ok(None));
        for text in ["70,5", "-70", "1 000", "sjuttio", "7O", "99999999999", ".0", "+7", "%x"] {
            assert_eq!(whole_number(text), Err(Unreadable::WholeNumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn grouped_and_plain_are_the_same_amount(whole in 1_000_000_u64..9_999_999_999_999, hundredths in 0_u8..100) {
            let plain = whole.to_string();
            let grouped = |separator: &str| {
                let groups: Vec<&[u8]> = plain.as_bytes().rchunks(3).rev().collect();
                let groups: Vec<String> = groups.iter().map(|group| String::from_utf8_lossy(group).into()).collect();
                groups.join(separator)
            };
            let expected = Ok(Some(format!("{plain}.{hundredths:02}")));
            prop_assert_eq!(number(&format!("{plain}.{hundredths:02}")), expected.clone());
            prop_assert_eq!(number(&format!("{},{hundredths:02}", grouped("\u{a0}"))), expected.clone());
            prop_assert_eq!(number(&format!("{},{hundredths:02} kr", grouped("."))), expected.clone());
            prop_assert_eq!(number(&format!("{}.{hundredths:02}", grouped(","))), expected);
        }

        #[test]
        fn what_is_read_is_in_the_form_that_money_has(text in "[-0-9., kr€]{0,20}") {
            if let Ok(Some(read)) = amount(&text) {
                let (whole, decimals) = read.number.split_once('.').expect("a point");
                prop_assert_eq!(decimals.len(), 2);
                prop_assert!((1..=13).contains(&whole.len()) && (whole == "0" || !whole.starts_with('0')));
                prop_assert!(read.number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
            }
        }

        #[test]
        fn no_text_makes_it_fail(text in "\\PC{0,30}") {
            let _ = (amount(&text), whole_number(&text));
        }
    }
}
