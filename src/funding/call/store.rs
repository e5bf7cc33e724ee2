//! Calls in the database.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Call, CallFacts};
use crate::clock::Timestamp;
use crate::db::schema::{calls, funding_lines, funding_sources};
use crate::db::types::Json;
use crate::db::{Backend, Conn};
use crate::funding::rule::Rule;
use crate::id::Id;
use crate::journal::{self, Change};
use crate::money::{Amount, Currency, Money};
use crate::problem::{Fault, Kind, Problem};
use crate::text::{Bilingual, bilingual, sort_key};

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = calls, treat_none_as_null = true)]
struct Row {
    id: Id,
    source_code: String,
    title_sv: String,
    title_en: String,
    title_key: String,
    opens_on: Option<NaiveDate>,
    closes_on: Option<NaiveDate>,
    budget: Option<i64>,
    currency: Currency,
    note_sv: Option<String>,
    note_en: Option<String>,
    rules: Json,
    citations: Json,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn of(call: &Call) -> Result<Self, Problem> {
        let Call { id, facts, version, created_at, updated_at } = call.clone();
        let (note_sv, note_en) = facts.note.map(|note| (note.sv, note.en)).unzip();
        Ok(Self {
            id,
            source_code: facts.funding_source,
            title_key: sort_key(&facts.title.sv),
            title_sv: facts.title.sv,
            title_en: facts.title.en,
            opens_on: facts.opens_on,
            closes_on: facts.closes_on,
            budget: facts.budget.map(|budget| budget.amount.hundredths()),
            currency: facts.budget.map_or(Currency::Sek, |budget| budget.currency),
            note_sv,
            note_en,
            rules: Json(serde_json::to_value(facts.rules).map_err(Problem::internal)?),
            citations: Json(serde_json::to_value(facts.references).map_err(Problem::internal)?),
            version,
            created_at,
            updated_at,
        })
    }

    fn into_call(self) -> Result<Call, Problem> {
        let currency = self.currency;
        Ok(Call {
            id: self.id,
            facts: CallFacts {
                funding_source: self.source_code,
                title: Bilingual { sv: self.title_sv, en: self.title_en },
                opens_on: self.opens_on,
                closes_on: self.closes_on,
                budget: self.budget.map(|budget| Money { amount: Amount::from_hundredths(budget), currency }),
                note: self.note_sv.zip(self.note_en).map(|(sv, en)| Bilingual { sv, en }),
                rules: serde_json::from_value(self.rules.0).map_err(Problem::internal)?,
                references: serde_json::from_value(self.citations.0).map_err(Problem::internal)?,
            },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Which calls to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those of these sources.
    pub sources: Option<Vec<String>>,
    /// Those that take applications on this day, as far as is known: one without any date is not known to.
    pub open_on: Option<NaiveDate>,
}

/// A page of calls, the latest opened first and those whose opening is unknown last, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<Call>, i64), Problem> {
    let matching = || {
        let mut query = calls::table.into_boxed::<Backend>();
        if let Some(sources) = &filter.sources {
            query = query.filter(calls::source_code.eq_any(sources));
        }
        if let Some(day) = filter.open_on {
            query = query
                .filter(calls::opens_on.is_not_null().or(calls::closes_on.is_not_null()))
                .filter(calls::opens_on.is_null().or(calls::opens_on.le(day)))
                .filter(calls::closes_on.is_null().or(calls::closes_on.ge(day)));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let rows: Vec<Row> = matching()
        .order((calls::opens_on.is_null(), calls::opens_on.desc(), calls::title_key, calls::id))
        .offset(offset)
        .limit(limit)
        .load(conn)?;
    Ok((rows.into_iter().map(Row::into_call).collect::<Result<_, _>>()?, total))
}

/// The call with this id.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id) -> Result<Call, Problem> {
    let row: Option<Row> = calls::table.find(id).first(conn).optional()?;
    row.map(Row::into_call).transpose()?.ok_or_else(|| Problem::not_found("Utlysningen", "The call"))
}

/// Code of the source whose call it is.
///
/// # Errors
/// When the database fails.
pub fn source_of(conn: &mut Conn, id: Id) -> Result<Option<String>, Problem> {
    Ok(calls::table.find(id).select(calls::source_code).first(conn).optional()?)
}

/// The rules of these calls, by id.
///
/// # Errors
/// When the database fails.
pub fn rules(conn: &mut Conn, ids: &[Id]) -> Result<BTreeMap<Id, Vec<Rule>>, Problem> {
    let rows: Vec<(Id, Json)> =
        calls::table.filter(calls::id.eq_any(ids.to_vec())).select((calls::id, calls::rules)).load(conn)?;
    rows.into_iter().map(|(id, rules)| Ok((id, serde_json::from_value(rules.0).map_err(Problem::internal)?))).collect()
}

/// Registers a call.
///
/// # Errors
/// 422 when there is no such source.
pub fn insert(conn: &mut Conn, actor: Option<Id>, facts: &CallFacts) -> Result<Call, Problem> {
    check_source(conn, facts)?;
    let now = Timestamp::now();
    let call = Call { id: Id::new(), facts: facts.clone(), version: 1, created_at: now, updated_at: now };
    diesel::insert_into(calls::table).values(&Row::of(&call)?).execute(conn)?;
    record(conn, actor, "call.created", None, &call)?;
    Ok(call)
}

/// Changes a call, whose version and time of change are set here.
///
/// # Errors
/// 422 when there is no such source, 409 when it is to be another's while funding lines are applied for in it.
pub fn update(conn: &mut Conn, actor: Option<Id>, before: &Call, facts: CallFacts) -> Result<Call, Problem> {
    check_source(conn, &facts)?;
    if facts.funding_source != before.facts.funding_source {
        check_unused(conn, before.id)?;
    }
    let after = Call { facts, version: before.version + 1, updated_at: Timestamp::now(), ..before.clone() };
    diesel::update(calls::table.find(before.id)).set(&Row::of(&after)?).execute(conn)?;
    record(conn, actor, "call.updated", Some(before), &after)?;
    Ok(after)
}

/// Loads calls from a file, each known by its source and Swedish title; says how many were new or changed. One that a
/// person has changed is left as it is.
///
/// # Errors
/// When the database fails.
pub fn load(conn: &mut Conn, file: &[CallFacts]) -> Result<usize, Problem> {
    let mut count = 0;
    for facts in file {
        let known: Option<Row> = calls::table
            .filter(calls::source_code.eq(&facts.funding_source))
            .filter(calls::title_sv.eq(&facts.title.sv))
            .first(conn)
            .optional()?;
        match known.map(Row::into_call).transpose()? {
            None => drop(insert(conn, None, facts)?),
            Some(known) if known.facts != *facts && journal::is_the_programs(conn, "call", &known.id.to_string())? => {
                update(conn, None, &known, facts.clone())?;
            }
            Some(_) => continue,
        }
        count += 1;
    }
    Ok(count)
}

fn check_source(conn: &mut Conn, facts: &CallFacts) -> Result<(), Problem> {
    let code = &facts.funding_source;
    if funding_sources::table.find(code).count().get_result::<i64>(conn)? > 0 {
        return Ok(());
    }
    let reason = bilingual!("källan {code} finns inte", "the source {code} does not exist");
    Err(Problem::invalid(vec![Fault::body("/fundingSource", "unknown-source", reason)]))
}

fn check_unused(conn: &mut Conn, call: Id) -> Result<(), Problem> {
    let count: i64 = funding_lines::table.filter(funding_lines::call_id.eq(call)).count().get_result(conn)?;
    if count == 0 {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Conflict,
        bilingual!(
            "{count} finansieringsrader söks i utlysningen; den stannar hos sin källa.",
            "{count} funding lines are applied for in the call; it stays with its source."
        ),
    ))
}

fn record(conn: &mut Conn, actor: Option<Id>, kind: &str, before: Option<&Call>, after: &Call) -> Result<(), Problem> {
    let picture = |call: &Call| serde_json::to_value(&call.facts).map_err(Problem::internal);
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "call",
            id: after.id.to_string(),
            version: after.version,
            before: before.map(picture).transpose()?.unwrap_or_default(),
            after: picture(after)?,
            personal: &[],
        },
    )
}
