//! What an archive says of itself, and when two tables hold the same.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

use crate::clock::Timestamp;

/// How archives of this program are written.
pub const FORM: u32 = 1;

/// A row: its values in the order of the table's columns, each text or nothing.
pub type Row = Vec<Option<String>>;

/// What an archive holds. It is the archive's last file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// How the archive is written: [`FORM`].
    pub form: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// The last migration that the database had.
    pub level: String,
    /// When the snapshot was taken.
    pub made_at: Timestamp,
    /// Every table.
    pub tables: Vec<Contents>,
}

/// What an archive holds of one table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Contents {
    /// The table's name.
    pub name: String,
    /// Its columns, in the order of a row's values.
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of the table's file, in hexadecimal digits.
    pub sha256: String,
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: u64 = self.tables.iter().map(|table| table.rows).sum();
        let at = self.made_at.as_utc().format("%F %T");
        write!(f, "{rows} rows in {} tables as of {at} UTC, schema {}", self.tables.len(), self.level)
    }
}

/// How a thing stands that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As it should be.
    Ok,
    /// The service runs, but somebody should look.
    Warn,
    /// To be mended.
    Fail,
}

/// What a check has found.
#[derive(Debug)]
pub struct Finding {
    /// How it stands.
    pub standing: Standing,
    /// What was looked at, in a word.
    pub subject: &'static str,
    /// How it is, and what to mend.
    pub words: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = match self.standing {
            Standing::Ok => "ok",
            Standing::Warn => "warn",
            Standing::Fail => "fail",
        };
        write!(f, "{standing:<5}{:<10}{}", self.subject, self.words)
    }
}

/// Which rows a table holds, in whatever order: a sum over their digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally(u128);

impl Tally {
    /// Counts a row. The values at these places are JSON, which one database keeps as it was written and the other by its
    /// meaning.
    ///
    /// # Errors
    /// When a value that should be JSON is not.
    pub fn add(&mut self, row: &Row, documents: &[usize]) -> serde_json::Result<()> {
        let mut digest = Sha256::new();
        for (place, value) in row.iter().enumerate() {
            let value = match value {
                Some(text) if documents.contains(&place) => Some(plain(serde_json::from_str(text)?).to_string()),
                other => other.clone(),
            };
            // No text holds the byte that ends a value.
            digest.update(value.as_deref().unwrap_or("\u{1}null"));
            digest.update([0xff]);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let half = digest.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
        self.0 = self.0.wrapping_add(half);
        Ok(())
    }
}

/// The same JSON with every number in one form: PostgreSQL writes 1e16 with its digits.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) if !number.is_i64() => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0).map(|float| format!("{float:.0}"));
            whole
                .and_then(|digits| digits.parse().ok())
                .map(|whole: i64| Value::Number(Number::from(whole)))
                .unwrap_or(Value::Number(number))
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[[Option<&str>; 2]]) -> Tally {
        let mut tally = Tally::default();
        for row in rows {
            let row: Row = row.iter().map(|value| value.map(str::to_owned)).collect();
            tally.add(&row, &[1]).expect("JSON");
        }
        tally
    }

    #[test]
    fn rows_are_the_same_in_any_order_and_json_by_its_meaning() {
        let first = tally(&[[Some("a"), Some(r#"{"x":1e16,"y":[1.0,0.1,-0.0]}"#)], [None, None]]);
        let same = tally(&[[None, None], [Some("a"), Some(r#"{"y": [1, 0.10, 0], "x": 10000000000000000}"#)]]);
        assert_eq!(first, same);
        for other in [
            &[[Some("a"), Some(r#"{"x":1e16,"y":[1.0,0.1,0]}"#)], [Some(""), None]],
            &[[Some("a"), Some(r#"{"x":1e16,"y":[1.0,0.2,0]}"#)], [None, None]],
            &[[Some("a"), Some(r#"{"x":1e16,"y":["1.0",0.1,0]}"#)], [None, None]],
            &[[Some("a "), Some(r#"{"x":1e16,"y":[1.0,0.1,0]}"#)], [None, None]],
        ] {
            assert_ne!(tally(other), first);
        }
        assert_ne!(tally(&[[Some("1"), None]]), tally(&[[None, Some("1")]]));
        assert!(Tally::default().add(&vec![Some("no JSON".to_owned())], &[0]).is_err());
    }
}
