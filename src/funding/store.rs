//! Funding sources in the database.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::check::SourceTerms;
use super::model::{Citation, FundingSource, SourceFacts, SourceType};
use crate::clock::Timestamp;
use crate::db::schema::funding_sources;
use crate::db::types::Json;
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::{Fault, Problem};
use crate::text::{Bilingual, bilingual, sort_key};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = funding_sources, treat_none_as_null = true, primary_key(code))]
struct Row {
    code: String,
    name_sv: String,
    name_en: String,
    name_key: String,
    type_: SourceType,
    authority: Option<String>,
    programme_number: Option<String>,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    note_sv: Option<String>,
    note_en: Option<String>,
    citations: Json,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    appropriation: Option<String>,
    rules: Json,
}

impl Row {
    fn of(source: &FundingSource) -> Result<Self, Problem> {
        let FundingSource { code, facts, version, created_at, updated_at } = source.clone();
        let (note_sv, note_en) = facts.note.map(|note| (note.sv, note.en)).unzip();
        Ok(Self {
            code,
            name_key: sort_key(&facts.name.sv),
            name_sv: facts.name.sv,
            name_en: facts.name.en,
            type_: facts.type_,
            authority: facts.authority,
            programme_number: facts.programme_number,
            start_date: facts.start_date,
            end_date: facts.end_date,
            note_sv,
            note_en,
            citations: Json(serde_json::to_value(facts.references).map_err(Problem::internal)?),
            version,
            created_at,
            updated_at,
            appropriation: facts.appropriation,
            rules: Json(serde_json::to_value(facts.rules).map_err(Problem::internal)?),
        })
    }

    fn into_source(self) -> Result<FundingSource, Problem> {
        let references: Vec<Citation> = serde_json::from_value(self.citations.0).map_err(Problem::internal)?;
        Ok(FundingSource {
            code: self.code,
            facts: SourceFacts {
                name: Bilingual { sv: self.name_sv, en: self.name_en },
                type_: self.type_,
                authority: self.authority,
                programme_number: self.programme_number,
                start_date: self.start_date,
                end_date: self.end_date,
                note: self.note_sv.zip(self.note_en).map(|(sv, en)| Bilingual { sv, en }),
                references,
                appropriation: self.appropriation,
                rules: serde_json::from_value(self.rules.0).map_err(Problem::internal)?,
            },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Which sources to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those of this type.
    pub type_: Option<SourceType>,
    /// Those whose period, as far as it is known, includes this day.
    pub on: Option<NaiveDate>,
}

/// A page of sources by name, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(
    conn: &mut Conn,
    filter: &Filter,
    (offset, limit): (i64, i64),
) -> Result<(Vec<FundingSource>, i64), Problem> {
    let matching = || {
        let mut query = funding_sources::table.into_boxed::<Backend>();
        if let Some(type_) = filter.type_ {
            query = query.filter(funding_sources::type_.eq(type_));
        }
        if let Some(day) = filter.on {
            query = query
                .filter(funding_sources::start_date.is_null().or(funding_sources::start_date.le(day)))
                .filter(funding_sources::end_date.is_null().or(funding_sources::end_date.ge(day)));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let rows: Vec<Row> =
        matching().order((funding_sources::name_key, funding_sources::code)).offset(offset).limit(limit).load(conn)?;
    Ok((rows.into_iter().map(Row::into_source).collect::<Result<_, _>>()?, total))
}

/// The source with this code.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, code: &str) -> Result<FundingSource, Problem> {
    find_if_any(conn, code)?.ok_or_else(|| Problem::not_found("Finansieringskällan", "The funding source"))
}

fn find_if_any(conn: &mut Conn, code: &str) -> Result<Option<FundingSource>, Problem> {
    let row: Option<Row> = funding_sources::table.find(code).first(conn).optional()?;
    row.map(Row::into_source).transpose()
}

/// Code and type of each of these sources that exists.
///
/// # Errors
/// When the database fails.
pub fn types(conn: &mut Conn, codes: &[String]) -> Result<Vec<(String, SourceType)>, Problem> {
    Ok(funding_sources::table
        .filter(funding_sources::code.eq_any(codes))
        .select((funding_sources::code, funding_sources::type_))
        .load(conn)?)
}

/// Registers a source.
///
/// # Errors
/// 422 when the code is taken.
pub fn insert(conn: &mut Conn, actor: Option<Id>, code: &str, facts: &SourceFacts) -> Result<FundingSource, Problem> {
    if find_if_any(conn, code)?.is_some() {
        let reason = bilingual!("koden används redan", "the code is used already");
        return Err(Problem::invalid(vec![Fault::body("/code", "taken", reason)]));
    }
    let now = Timestamp::now();
    let source =
        FundingSource { code: code.to_owned(), facts: facts.clone(), version: 1, created_at: now, updated_at: now };
    diesel::insert_into(funding_sources::table).values(&Row::of(&source)?).execute(conn)?;
    record(conn, actor, "fundingSource.created", None, &source)?;
    Ok(source)
}

/// Changes a source, whose version and time of change are set here.
///
/// # Errors
/// When the database fails.
pub fn update(
    conn: &mut Conn,
    actor: Option<Id>,
    before: &FundingSource,
    facts: SourceFacts,
) -> Result<FundingSource, Problem> {
    let after = FundingSource { facts, version: before.version + 1, updated_at: Timestamp::now(), ..before.clone() };
    diesel::update(funding_sources::table.find(&before.code)).set(&Row::of(&after)?).execute(conn)?;
    record(conn, actor, "fundingSource.updated", Some(before), &after)?;
    Ok(after)
}

/// Loads sources from a file; says how many were new or changed. One that a person has changed is left as it is:
/// administrators keep it over HTTP.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, sources: &[(String, SourceFacts)]) -> Result<usize, Problem> {
    let mut count = 0;
    for (code, facts) in sources {
        match find_if_any(conn, code)? {
            None => drop(insert(conn, None, code, facts)?),
            Some(known) if known.facts != *facts && journal::is_the_programs(conn, "fundingSource", code)? => {
                update(conn, None, &known, facts.clone())?;
            }
            Some(_) => continue,
        }
        count += 1;
    }
    Ok(count)
}

/// The terms of these sources, by code.
///
/// # Errors
/// When the database fails.
pub fn terms(conn: &mut Conn, codes: &[String]) -> Result<BTreeMap<String, SourceTerms>, Problem> {
    let rows: Vec<(String, Option<String>, Option<String>, Json)> = funding_sources::table
        .filter(funding_sources::code.eq_any(codes))
        .select((
            funding_sources::code,
            funding_sources::appropriation,
            funding_sources::authority,
            funding_sources::rules,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(code, appropriation, authority, rules)| {
            let rules = serde_json::from_value(rules.0).map_err(Problem::internal)?;
            Ok((code, SourceTerms { appropriation, authority, rules }))
        })
        .collect()
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&FundingSource>,
    after: &FundingSource,
) -> Result<(), Problem> {
    let picture = |source: &FundingSource| serde_json::to_value(&source.facts).map_err(Problem::internal);
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "fundingSource",
            id: after.code.clone(),
            version: after.version,
            before: before.map(picture).transpose()?.unwrap_or_default(),
            after: picture(after)?,
            personal: &[],
        },
    )
}
