//! What is known of a municipality.

use serde::Deserialize;

use crate::db::schema::municipalities;

/// A municipality, with Statistics Sweden's code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = municipalities)]
pub struct Municipality {
    /// Four digits, the first two of which are the county's.
    pub code: String,
    /// Official name: "Norsjö kommun".
    pub name: String,
    /// Name alone: "Norsjö".
    pub short_name: String,
    /// Two digits.
    pub county_code: String,
}
