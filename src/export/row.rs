//! How rows are declared, and what each type of member is in a cell.

use chrono::{NaiveDate, SecondsFormat};

use super::model::{Cell, Type, Value};
use crate::clock::Timestamp;
use crate::id::Id;
use crate::money::{Amount, Currency};
use crate::project::alignment::Assessment;
use crate::project::commitment::Commitment;
use crate::project::funding_line::model::FundingKind;
use crate::project::model::{ProjectKind, Purpose};
use crate::project::{Status, Visibility};

/// Makes a row of a table. Each line: documentation, `member: Type = "column";`. The documentation of a member, Swedish
/// / English, also explains the column in a workbook.
macro_rules! row {
    (
        $(#[$attr:meta])*
        $vis:vis struct $name:ident in $table:literal { $(
            $( #[doc = $doc:literal] )+
            $( #[schema($($schema:tt)*)] )?
            $member:ident: $type:ty = $column:tt;
        )+ }
    ) => {
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        $(#[$attr])*
        $vis struct $name {
            $( $( #[doc = $doc] )+ $( #[schema($($schema)*)] )? #[serde(rename = $column)] $vis $member: $type, )+
        }

        impl $crate::export::model::Table for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [$crate::export::model::Column] = &[$(
                $crate::export::model::Column {
                    name: $column,
                    type_: <$type as $crate::export::model::Cell>::TYPE,
                    documentation: concat!($($doc),+),
                }
            ),+];

            fn cells(&self) -> Vec<$crate::export::model::Value> {
                vec![$($crate::export::model::Cell::value(&self.$member)),+]
            }
        }
    };
}
pub(super) use row;

macro_rules! texts {
    ($($type:ty),+) => {
        $( impl Cell for $type {
            const TYPE: Type = Type::Text;

            fn value(&self) -> Value {
                Value::Text(self.to_string())
            }
        } )+
    };
}
texts!(String, &str, Id, Currency, ProjectKind, Purpose, Status, Visibility, Assessment, FundingKind, Commitment);

macro_rules! numbers {
    ($($type:ty),+) => {
        $( impl Cell for $type {
            const TYPE: Type = Type::Number;

            fn value(&self) -> Value {
                i64::try_from(*self).map_or_else(|_| Value::Text(self.to_string()), Value::Number)
            }
        } )+
    };
}
numbers!(i32, i64, usize);

impl Cell for Amount {
    const TYPE: Type = Type::Amount;

    fn value(&self) -> Value {
        Value::Amount(*self)
    }
}

impl Cell for NaiveDate {
    const TYPE: Type = Type::Date;

    fn value(&self) -> Value {
        Value::Date(*self)
    }
}

/// A spreadsheet's time of day has no time zone and fewer digits, so that a point in time is a text.
impl Cell for Timestamp {
    const TYPE: Type = Type::Text;

    fn value(&self) -> Value {
        Value::Text(self.as_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}
