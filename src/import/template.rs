//! The exported tables, read back: which cells have been edited, and what they say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::model::{Cells, Form};
use super::reading;
use super::told::{CellChange, Finding};
use crate::export::model::{Column, SEPARATOR, Table};
use crate::export::wire::{AlignmentRow, FundingLineRow, ProjectRow};
use crate::money::{Amount, Currency};
use crate::project::Visibility;
use crate::project::commitment::Commitment;
use crate::project::funding_line::model::{FundingKind, UnnamedFinancier};
use crate::project::lifecycle::Status;
use crate::project::model::{ProjectKind, Purpose};
use crate::text::{Bilingual, bilingual};

/// How a column is read.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// Follows from other things, and is not changed here.
    Derived,
    /// As the former, but new projects are given it.
    First(First),
    /// Text.
    Text,
    /// A code of the strategy, which spreadsheets take for a number.
    Numbering,
    /// A day.
    Day,
    /// A code of a list, or its Swedish label.
    Code(fn(&str) -> Option<&'static str>),
    /// A whole number.
    Whole,
    /// An amount.
    Money,
    /// Texts.
    List,
    /// Municipality codes, of which spreadsheets drop the first zero.
    Municipalities,
    /// Case numbers: authority, colon, number.
    CaseNumbers,
    /// A name, `unnamedPublic` or `unnamedPrivate`.
    Financier,
}

/// What only new projects are given.
#[derive(Debug, Clone, Copy)]
enum First {
    /// The state.
    Status,
    /// The owners' names.
    Owners,
}

/// The code that is written so, or has this Swedish label.
macro_rules! code {
    ($list:ty) => {
        Reading::Code(|text| {
            let said = |code: &&$list| code.as_str() == text || code.label() == text.to_lowercase();
            <$list>::ALL.iter().find(said).map(|code| code.as_str())
        })
    };
}

/// What changes nothing but is read: whose row it is.
const ADDRESS: &[&str] = &["id", "reference", "version", "projectId", "projectReference", "projectVersion"];

const PROJECTS: &[(&str, Reading)] = &[
    ("strategyId", Reading::Text),
    ("kind", code!(ProjectKind)),
    ("title", Reading::Text),
    ("summary", Reading::Text),
    ("startDate", Reading::Day),
    ("endDate", Reading::Day),
    ("status", Reading::First(First::Status)),
    ("visibility", code!(Visibility)),
    ("purpose", code!(Purpose)),
    ("municipalities", Reading::Municipalities),
    ("places", Reading::List),
    ("caseNumbers", Reading::CaseNumbers),
    ("owners", Reading::First(First::Owners)),
];

const ALIGNMENTS: &[(&str, Reading)] = &[
    ("strategyId", Reading::Text),
    ("subGoal", Reading::Numbering),
    ("measure", Reading::Numbering),
    ("share", Reading::Whole),
    ("rationale", Reading::Text),
];

const FUNDING_LINES: &[(&str, Reading)] = &[
    ("source", Reading::Text),
    ("financier", Reading::Financier),
    ("call", Reading::Text),
    ("priority", Reading::Numbering),
    ("year", Reading::Whole),
    ("kind", code!(FundingKind)),
    ("commitment", code!(Commitment)),
    ("amount", Reading::Money),
    ("currency", code!(Currency)),
    ("caseNumber", Reading::Text),
];

/// What is wrong with a cell.
type Fault = (&'static str, Bilingual);

/// What has been edited in a row.
#[derive(Debug, Default)]
pub struct Edits {
    /// The members that are to be otherwise; null is unknown.
    pub members: Map<String, Value>,
    /// The cells that differ.
    pub changes: Vec<CellChange>,
    /// What cannot be done.
    pub findings: Vec<Finding>,
}

/// The form of a table with these columns, if it is one that is exported.
#[must_use]
pub fn form(columns: &[String]) -> Option<Form> {
    let has = |names: &[&str]| names.iter().all(|name| columns.iter().any(|column| column == name));
    let of_project = has(&["projectId"]) || has(&["projectReference"]);
    match () {
        () if of_project && has(&["subGoal"]) => Some(Form::Alignments),
        () if of_project && has(&["source", "kind", "commitment"]) => Some(Form::FundingLines),
        () if !of_project && has(&["title"]) && (has(&["id"]) || has(&["kind"])) => Some(Form::Projects),
        () => None,
    }
}

fn readings(form: Form) -> &'static [(&'static str, Reading)] {
    match form {
        Form::Projects => PROJECTS,
        Form::Alignments => ALIGNMENTS,
        Form::FundingLines => FUNDING_LINES,
        Form::ProjectBank2014 | Form::ProjectBank2007 => &[],
    }
}

/// Whether a table has a column, to be changed or not.
#[must_use]
pub fn is_known(form: Form, column: &str) -> bool {
    let exported: &[Column] = match form {
        Form::Projects => ProjectRow::COLUMNS,
        Form::Alignments => AlignmentRow::COLUMNS,
        Form::FundingLines => FundingLineRow::COLUMNS,
        Form::ProjectBank2014 | Form::ProjectBank2007 => &[],
    };
    exported.iter().any(|known| known.name == column)
}

/// What is different in a row from the thing's present row; columns that the file lacks are left alone.
#[must_use]
pub fn edits(form: Form, cells: &Cells, present: &BTreeMap<&'static str, String>) -> Edits {
    let mut edits = Edits::default();
    for (column, now) in present {
        let Some(text) = cells.get(*column).filter(|_| !ADDRESS.contains(column)) else { continue };
        let reading = readings(form).iter().find(|(name, _)| name == column).map_or(Reading::Derived, |(_, how)| *how);
        if is_same(reading, text, now) {
            continue;
        }
        match value(reading, unguarded(text), now) {
            Ok(value) => {
                edits.changes.push(CellChange { column: (*column).to_owned(), from: now.clone(), to: text.clone() });
                edits.set(column, value);
            }
            Err((code, reason)) => edits.findings.push(Finding::error(code, reason).at(column, text)),
        }
    }
    edits.join_amount(cells, present);
    edits
}

/// What a row says of something new.
#[must_use]
pub fn new(form: Form, cells: &Cells) -> Edits {
    let mut edits = Edits::default();
    for (column, reading) in readings(form) {
        let Some(text) = cells.get(*column).filter(|text| !text.is_empty()) else { continue };
        let reading = match reading {
            Reading::First(First::Status) => code!(Status),
            Reading::First(First::Owners) => Reading::List,
            other => *other,
        };
        match value(reading, unguarded(text), "") {
            Ok(value) => edits.set(column, value),
            Err((code, reason)) => edits.findings.push(Finding::error(code, reason).at(column, text)),
        }
    }
    edits.join_amount(cells, &BTreeMap::new());
    edits
}

impl Edits {
    fn set(&mut self, column: &str, value: Value) {
        self.members.insert(column.to_owned(), value);
    }

    /// An amount and its currency are one member.
    fn join_amount(&mut self, cells: &Cells, present: &BTreeMap<&'static str, String>) {
        let (amount, currency) = (self.members.remove("amount"), self.members.remove("currency"));
        if amount.is_none() && currency.is_none() {
            return;
        }
        let known = |column: &str| {
            let text = cells.get(column).map(|text| unguarded(text)).or(present.get(column).map(String::as_str));
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let now = || known("amount").and_then(|text| money(&text).ok()).unwrap_or(Value::Null);
        let amount = amount.unwrap_or_else(now);
        let currency = currency
            .filter(|code| !code.is_null())
            .unwrap_or_else(|| known("currency").map_or_else(|| json!(Currency::Sek), Value::String));
        let value = if amount.is_null() { amount } else { json!({"amount": amount, "currency": currency}) };
        self.set("amount", value);
    }
}

/// A cell without the apostrophe that keeps spreadsheets from running it.
fn unguarded(text: &str) -> &str {
    let bare = text.strip_prefix('\'');
    bare.filter(|bare| bare.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\''])).unwrap_or(text)
}

/// Whether a cell says what holds now, however a spreadsheet has written it.
fn is_same(reading: Reading, text: &str, now: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    if plain(text) == plain(now) || plain(unguarded(text)) == plain(now) {
        return true;
    }
    match reading {
        Reading::Derived | Reading::First(_) => money(text).is_ok_and(|value| money(now).is_ok_and(|now| now == value)),
        _ => value(reading, text, now).is_ok_and(|said| value(reading, now, now).is_ok_and(|known| known == said)),
    }
}

/// What a cell says; unknown is null.
fn value(reading: Reading, text: &str, now: &str) -> Result<Value, Fault> {
    if text.is_empty() && !matches!(reading, Reading::Derived | Reading::First(_)) {
        let is_list = matches!(reading, Reading::List | Reading::Municipalities | Reading::CaseNumbers);
        return Ok(if is_list { json!([]) } else { Value::Null });
    }
    match reading {
        Reading::Derived => Err(("derived", derived())),
        Reading::First(First::Status) => Err(("derived", elsewhere("status-changes"))),
        Reading::First(First::Owners) => Err(("derived", elsewhere("stakeholders"))),
        Reading::Text => Ok(json!(text)),
        Reading::Numbering => numbering(text, now),
        Reading::Day => match reading::date(text) {
            Ok(day) => Ok(json!(day)),
            Err(unreadable) => Err((unreadable.code(), unreadable.reason())),
        },
        Reading::Code(find) => find(text).map(Value::from).ok_or_else(|| ("enum", unknown_code())),
        Reading::Whole => match reading::whole_number(text) {
            Ok(number) => Ok(json!(number)),
            Err(unreadable) => Err((unreadable.code(), unreadable.reason())),
        },
        Reading::Money => money(text),
        Reading::List => Ok(json!(list(text))),
        Reading::Municipalities => {
            let codes: BTreeSet<_> = list(text).iter().map(|code| format!("{code:0>4}")).collect();
            Ok(json!(codes))
        }
        Reading::CaseNumbers => case_numbers(text),
        Reading::Financier if text.parse::<UnnamedFinancier>().is_ok() => Ok(json!(text)),
        Reading::Financier => Ok(json!({"name": text})),
    }
}

fn money(text: &str) -> Result<Value, Fault> {
    // What is exported is never ambiguous.
    if let Ok(amount) = text.parse::<Amount>() {
        return Ok(json!(amount));
    }
    match reading::amount(text) {
        Ok(Some(amount)) if amount.currency.is_some() => {
            let reason = bilingual!(
                "ska vara ett tal; valutan står i kolumnen currency",
                "must be a number; the currency stands in the column currency"
            );
            Err(("amount-currency", reason))
        }
        Ok(amount) => Ok(amount.map_or(Value::Null, |amount| json!(amount.number))),
        Err(unreadable) => Err((unreadable.code(), unreadable.reason())),
    }
}

/// `4.10` is `4.1` to a spreadsheet, and both may be codes.
fn numbering(text: &str, now: &str) -> Result<Value, Fault> {
    if now.contains('.') && now != text && now.trim_end_matches('0') == text {
        let reason = bilingual!(
            "är {now} utan sista nollan, som kalkylprogram tar bort; skriv koden som text",
            "is {now} without its last zero, which spreadsheets drop; write the code as text"
        );
        return Err(("dropped-zero", reason));
    }
    Ok(json!(text))
}

/// The values of a list's cell.
fn list(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => values.last_mut().into_iter().for_each(|value| value.extend(signs.next())),
            sign if SEPARATOR.starts_with(sign) => values.push(String::new()),
            sign => values.last_mut().into_iter().for_each(|value| value.push(sign)),
        }
    }
    values.iter().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

fn case_numbers(text: &str) -> Result<Value, Fault> {
    let read = |value: &String| {
        let (authority, number) = value.split_once(':')?;
        Some(json!({"authority": authority.trim(), "number": number.trim()}))
    };
    list(text).iter().map(read).collect::<Option<Value>>().ok_or_else(|| {
        let reason = bilingual!(
            "skrivs myndighet, kolon, nummer: Tillväxtverket: 156077",
            "is written authority, colon, number: Tillväxtverket: 156077"
        );
        ("case-number", reason)
    })
}

fn derived() -> Bilingual {
    bilingual!(
        "följer av andra uppgifter och ändras inte här; lämna cellen som den är",
        "follows from other facts and is not changed here; leave the cell as it is"
    )
}

fn elsewhere(segment: &str) -> Bilingual {
    bilingual!(
        "ändras inte här utan på projektets {segment}; lämna cellen som den är",
        "is not changed here but at the project's {segment}; leave the cell as it is"
    )
}

fn unknown_code() -> Bilingual {
    bilingual!("är ingen av kolumnens koder", "is none of the column's codes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn present(pairs: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
        pairs.iter().map(|(column, text)| (*column, (*text).to_owned())).collect()
    }

    fn cells(pairs: &[(&str, &str)]) -> Cells {
        pairs.iter().map(|(column, text)| ((*column).to_owned(), (*text).to_owned())).collect()
    }

    proptest! {
        #[test]
        fn a_list_is_read_as_it_was_written(values in prop::collection::vec(r"[a-zå|\\]{1,6}", 0..5)) {
            let written: Vec<_> = values.iter().map(|value| value.replace('\\', "\\\\").replace('|', "\\|")).collect();
            prop_assert_eq!(list(&written.join(SEPARATOR)), values);
        }
    }

    #[test]
    fn what_a_spreadsheet_writes_otherwise_is_no_edit() {
        let now = present(&[
            ("title", "=Ett"),
            ("cost", "18923500.00"),
            ("startDate", "2010-09-08"),
            ("municipalities", "0114|2417"),
            ("summary", "a\nb"),
            ("version", "3"),
        ]);
        let file = cells(&[
            ("title", "'=Ett"),
            ("cost", "18923500"),
            ("startDate", "2010-09-08 00:00:00"),
            ("municipalities", "114|2417"),
            ("summary", "a\r\nb"),
            ("version", "1"),
        ]);
        let edits = edits(Form::Projects, &file, &now);
        assert!(edits.changes.is_empty() && edits.findings.is_empty(), "{edits:?}");
    }

    #[test]
    fn an_edit_is_what_was_edited_and_a_sum_is_not_for_editing() {
        let now = present(&[("title", "Ett"), ("cost", "10.00"), ("endDate", "2012-01-31")]);
        let edits = edits(Form::Projects, &cells(&[("title", "Två"), ("cost", "11"), ("endDate", "")]), &now);
        assert_eq!(Value::Object(edits.members), json!({"title": "Två", "endDate": null}));
        assert_eq!(edits.findings.len(), 1);
        assert_eq!(edits.findings[0].code, "derived");
    }

    #[test]
    fn a_dropped_zero_is_not_taken_for_another_code() {
        let now = present(&[("subGoal", "4.10"), ("share", "50")]);
        let edits = edits(Form::Alignments, &cells(&[("subGoal", "4.1"), ("share", "60")]), &now);
        assert_eq!(edits.findings[0].code, "dropped-zero");
        assert_eq!(edits.members["share"], 60);
    }

    #[test]
    fn an_amount_goes_with_its_currency() {
        let now = present(&[("amount", "10.00"), ("currency", "EUR")]);
        let edits = edits(Form::FundingLines, &cells(&[("amount", "1 250,50")]), &now);
        assert_eq!(edits.members["amount"], json!({"amount": "1250.50", "currency": "EUR"}));
    }
}
