//! Column types that both databases keep: identifiers, instants and JSON.
//!
//! diesel's own types for these exist on PostgreSQL alone; here each is a native type there and text on SQLite.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::backend::Backend as DieselBackend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, Jsonb, SqlType, Text, Timestamptz};
use diesel::sqlite::Sqlite;
use uuid::Uuid;

use super::Backend;
use crate::clock::Timestamp;
use crate::id::Id;

/// An identifier: `uuid`, or text.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Text"))]
pub struct Identifier;

/// An instant: `timestamptz`, or text that sorts as time.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Text"))]
pub struct Instant;

/// Structured data: `jsonb`, or text.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct Document;

macro_rules! multi_type {
    ($sql:ty, $rust:ty) => {
        impl HasSqlType<$sql> for Backend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }
        impl FromSql<$sql, Backend> for $rust {
            fn from_sql(raw: <Backend as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
                raw.from_sql::<Self, $sql>()
            }
        }
        impl ToSql<$sql, Backend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
                out.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }
    };
}

multi_type!(Identifier, Id);
multi_type!(Instant, Timestamp);
multi_type!(Document, Json);

impl FromSql<Identifier, Pg> for Id {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        <Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(raw).map(Self::from)
    }
}

impl ToSql<Identifier, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <Uuid as ToSql<diesel::sql_types::Uuid, Pg>>::to_sql(self.as_uuid(), out)
    }
}

impl FromSql<Identifier, Sqlite> for Id {
    fn from_sql(raw: <Sqlite as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(raw)?;
        Ok(Self::from(Uuid::parse_str(&text)?))
    }
}

impl ToSql<Identifier, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

const SORTABLE: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

impl FromSql<Instant, Pg> for Timestamp {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<Timestamptz, Pg>>::from_sql(raw).map(Self::from)
    }
}

impl ToSql<Instant, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <DateTime<Utc> as ToSql<Timestamptz, Pg>>::to_sql(self.as_utc(), out)
    }
}

impl FromSql<Instant, Sqlite> for Timestamp {
    fn from_sql(raw: <Sqlite as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(raw)?;
        Ok(Self::from(NaiveDateTime::parse_from_str(&text, SORTABLE)?.and_utc()))
    }
}

impl ToSql<Instant, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.as_utc().format(SORTABLE).to_string());
        Ok(IsNull::No)
    }
}

/// A JSON value in a column.
#[derive(Debug, Clone, PartialEq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = Document)]
pub struct Json(pub serde_json::Value);

impl FromSql<Document, Pg> for Json {
    fn from_sql(raw: PgValue<'_>) -> deserialize::Result<Self> {
        <serde_json::Value as FromSql<Jsonb, Pg>>::from_sql(raw).map(Self)
    }
}

impl ToSql<Document, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <serde_json::Value as ToSql<Jsonb, Pg>>::to_sql(&self.0, out)
    }
}

impl FromSql<Document, Sqlite> for Json {
    fn from_sql(raw: <Sqlite as DieselBackend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(raw)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl ToSql<Document, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

/// A list of codes in a column: between spaces, which no code has.
#[derive(Debug, Clone, Default, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Codes(String);

impl Codes {
    /// The codes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split_whitespace()
    }
}

impl<T: std::fmt::Display> FromIterator<T> for Codes {
    fn from_iter<I: IntoIterator<Item = T>>(codes: I) -> Self {
        Self(codes.into_iter().map(|code| code.to_string()).collect::<Vec<_>>().join(" "))
    }
}

impl<DB: DieselBackend> FromSql<Text, DB> for Codes
where
    String: FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(raw).map(Self)
    }
}

impl<DB: DieselBackend> ToSql<Text, DB> for Codes
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}
