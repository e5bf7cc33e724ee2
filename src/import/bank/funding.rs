//! The funding lines: what the EU granted, and what public financiers pay.

use serde_json::{Value, json};

use super::desk::{Desk, cut};
use super::interpret::Programme;
use super::layout::{Column, Shape};
use super::programme::{self, OTHER_EU, says_the_same};
use crate::import::reading::Amount;
use crate::text::bilingual;

/// What the EU granted: a currency once it is known.
struct Grant {
    currency: Option<&'static str>,
    amount: Option<Amount>,
}

/// The lines, and the code of the EU line's source.
pub(super) fn lines<S: AsRef<str>>(desk: &mut Desk<'_, S>, programme: &Programme, case_id: Option<&str>) -> Vec<Value> {
    let mut note = Vec::new();
    let source = source(desk, programme, &mut note);
    let priority = priority(desk, &source, &mut note);
    let grant = grant(desk, programme);
    let mut line = json!({"source": source, "kind": "publicCash", "commitment": "granted"});
    if let Some(priority) = priority {
        line["priority"] = json!(priority);
    }
    if let (Some(amount), Some(currency)) = (&grant.amount, grant.currency) {
        line["amount"] = json!({"amount": amount.number, "currency": currency});
    }
    if let Some(case_id) = case_id {
        line["caseNumber"] = json!(case_id);
    }
    if !note.is_empty() {
        line["note"] = json!(note.join(" "));
    }
    let public = public_line(desk, &grant);
    [line].into_iter().chain(public).collect()
}

/// The likeliest source that the register has; else the catch-all, with the programme in the line's note.
fn source<S: AsRef<str>>(desk: &mut Desk<'_, S>, programme: &Programme, note: &mut Vec<String>) -> String {
    if let Some(code) = programme.candidates.iter().find(|code| desk.reference.has_source(code)) {
        return code.clone();
    }
    let name = cut(&programme.name);
    note.push(format!("Program: {name}."));
    let reason = bilingual!(
        "källan för {name} finns inte i registret; raden får {OTHER_EU} och programmet står i anmärkningen",
        "the source of {name} is not in the register; the line gets {OTHER_EU} and the programme stands in its note"
    );
    desk.note(programme::telling(programme.objective.as_deref()), "source-other-eu", reason);
    OTHER_EU.to_owned()
}

/// Kronor when there are any, else euro, else nothing is known.
fn grant<S: AsRef<str>>(desk: &mut Desk<'_, S>, programme: &Programme) -> Grant {
    let sek = desk.amount(Column::GrantSek, Some("SEK"));
    let eur = desk.amount(Column::GrantEur, Some("EUR"));
    if sek.is_some() && eur.is_some() {
        let reason = bilingual!(
            "beloppet finns i både kronor och euro; kronorna används",
            "the amount is there in both kronor and euro; the kronor are used"
        );
        desk.note(Column::GrantEur, "grant-in-two-currencies", reason);
    }
    match (sek, eur) {
        (Some(sek), _) => Grant { currency: Some("SEK"), amount: Some(sek) },
        (None, Some(eur)) => Grant { currency: Some("EUR"), amount: Some(eur) },
        (None, None) => {
            let reason = bilingual!(
                "inget belopp över noll i kronor eller euro; beloppet lämnas okänt",
                "no amount above zero in kronor or euro; the amount is left unknown"
            );
            desk.note(Column::GrantSek, "grant-unknown", reason);
            // Every known grant of Mål 2 is in kronor; Interreg's are in either.
            Grant { currency: (!programme.is_interreg).then_some("SEK"), amount: None }
        }
    }
}

/// The axis as a priority of the source's framework; else it goes into the line's note.
fn priority<S: AsRef<str>>(desk: &mut Desk<'_, S>, source: &str, note: &mut Vec<String>) -> Option<String> {
    let Some(axis) = desk.text(Column::Axis) else {
        if desk.layout.has(Column::Axis) {
            let reason = bilingual!("insatsområdet saknas", "the priority axis is missing");
            desk.note(Column::Axis, "axis-missing", reason);
        }
        return None;
    };
    let theme = desk.text(Column::Theme).filter(|theme| !says_the_same(theme, &axis));
    let found = programme::axis(desk.reference, source, &axis).map(str::to_owned);
    if found.is_none() {
        note.push(format!("Insatsområde: {}.", cut(&axis)));
        // That the whole programme is unknown has been said.
        if source != OTHER_EU {
            let reason = bilingual!(
                "ramverket {source} har inget sådant insatsområde; det står i radens anmärkning",
                "the framework {source} has no such priority axis; it stands in the line's note"
            );
            desk.note(Column::Axis, "axis-unknown", reason);
        }
        note.extend(theme.map(|theme| format!("Tematiskt mål: {}.", cut(&theme))));
    }
    found
}

/// What public financiers pay, whoever they are.
fn public_line<S: AsRef<str>>(desk: &mut Desk<'_, S>, grant: &Grant) -> Option<Value> {
    if desk.layout.shape() != Shape::Bank2007 {
        return None;
    }
    let amount = desk.amount(Column::PublicFunding, grant.currency)?;
    let mut line = json!({
        "source": "other-public", "financier": "unnamedPublic", "kind": "publicCash", "commitment": "granted",
    });
    if let Some(currency) = amount.currency.or(grant.currency) {
        line["amount"] = json!({"amount": amount.number, "currency": currency});
    } else {
        let number = amount.number;
        line["note"] = json!(format!("Projektbanken anger {number}, utan valuta."));
        let reason = bilingual!(
            "beloppets valuta är okänd, eftersom EU-stödets är det; beloppet står i radens anmärkning",
            "the amount's currency is unknown, since the EU grant's is; the amount stands in the line's note"
        );
        desk.note(Column::PublicFunding, "public-funding-currency", reason);
    }
    Some(line)
}
