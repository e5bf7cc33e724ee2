//! Quantities that indicators count: whole thousandths in an `i64`, never floating point; in JSON a decimal text, `"12.5"`.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Serialize};

/// A number of units, to the thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::BigInt)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(i64);

impl Quantity {
    /// So many thousandths.
    #[must_use]
    pub fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("expected a number such as 12.5, got {text:.40}");
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_canonical = whole == "0" || !whole.starts_with('0');
        if !is_digits(whole) || !is_digits(decimals) || !is_canonical || whole.len() > 12 || decimals.len() > 3 {
            return Err(error());
        }
        let thousandths: i64 = format!("{whole}{decimals:0<3}").parse().map_err(|_| error())?;
        Ok(Self(sign * thousandths))
    }
}

impl TryFrom<String> for Quantity {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.to_string()
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let thousandths = self.0.unsigned_abs();
        let text = format!("{sign}{}.{:03}", thousandths / 1000, thousandths % 1000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::BigInt, DB> for Quantity
where
    i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB> for Quantity
where
    i64: diesel::deserialize::FromSql<diesel::sql_types::BigInt, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        i64::from_sql(raw).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_quantity_is_read_back_as_it_was_written(thousandths in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let quantity = Quantity::from_thousandths(thousandths);
            prop_assert_eq!(quantity.to_string().parse::<Quantity>(), Ok(quantity));
        }
    }

    #[test]
    fn a_quantity_is_written_as_short_as_it_is() {
        for (text, written) in [("12.500", "12.5"), ("0.0", "0"), ("100", "100"), ("-0.05", "-0.05")] {
            assert_eq!(text.parse::<Quantity>().map(|quantity| quantity.to_string()), Ok(written.to_owned()));
        }
        for wrong in ["", "1e3", "012", "1.", ".5", "1,5", "1.2345", "1234567890123"] {
            assert!(wrong.parse::<Quantity>().is_err(), "{wrong}");
        }
    }
}
