//! Money: whole öre (or cents) in an `i64`, never floating point; in JSON `{"amount": "1250000.00", "currency": "SEK"}`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::code_list::code_list;

code_list! {
    /// Currencies that Swedish regional projects are granted in (ISO 4217), all with two decimals.
    pub enum Currency {
        /// Swedish kronor, which everything is summed in.
        Sek = "SEK", "svenska kronor";
        /// Euro: Interreg and the Commission's own programmes.
        Eur = "EUR", "euro";
        /// Norwegian kroner.
        Nok = "NOK", "norska kronor";
        /// Danish kroner.
        Dkk = "DKK", "danska kronor";
        /// United States dollars.
        Usd = "USD", "US-dollar";
        /// Pounds sterling.
        Gbp = "GBP", "brittiska pund";
    }
}

/// An amount that is not negative, in hundredths of the currency's unit: up to thirteen digits before the point, at most
/// two after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(i64);

impl Amount {
    /// The amount of so many hundredths.
    #[must_use]
    pub fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// How many hundredths it is.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        self.0
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = whole == "0" || !whole.starts_with('0');
        if !digits(whole) || !digits(decimals) || !canonical || whole.len() > 13 || decimals.len() > 2 {
            return Err(format!("expected an amount such as 1250000.00, got {text:.40}"));
        }
        let hundredths = format!("{whole}{decimals:0<2}").parse().map_err(|_| "amount out of range".to_owned())?;
        Ok(Self(hundredths))
    }
}

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// An amount of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": "1250000.00", "currency": "SEK"}))]
pub struct Money {
    /// Decimal text with a point and at most two decimals; a sum may be negative, a line never is.
    #[schema(value_type = String, pattern = r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$")]
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Money {
    /// So many öre.
    #[must_use]
    pub fn sek(ore: i64) -> Self {
        Self { amount: Amount(ore), currency: Currency::Sek }
    }

    /// The öre of it, when it is in kronor: no kronor are made up for other currencies.
    #[must_use]
    pub fn ore(self) -> Option<i64> {
        (self.currency == Currency::Sek).then_some(self.amount.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_amount_is_read_back_as_it_was_written(hundredths in 0_i64..1_000_000_000_000_000) {
            let amount = Amount::from_hundredths(hundredths);
            prop_assert_eq!(amount.to_string().parse::<Amount>(), Ok(amount));
        }

        #[test]
        fn only_amounts_of_the_documented_form_are_read(text in "[-0-9.,e+ ]{0,20}") {
            let form = |text: &str| {
                let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
                let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
                (1..=13).contains(&whole.len()) && (1..=2).contains(&decimals.len())
                    && digits(whole) && digits(decimals) && (whole == "0" || !whole.starts_with('0'))
            };
            prop_assert_eq!(text.parse::<Amount>().is_ok(), form(&text));
        }
    }

    #[test]
    fn one_decimal_means_tens_of_ore() {
        assert_eq!("12.5".parse(), Ok(Amount::from_hundredths(1250)));
        assert_eq!(Amount::from_hundredths(-5).to_string(), "-0.05");
    }
}
