//! What a project is: its name, kind, days, state and owner.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::desk::Desk;
use super::layout::{Column, Shape};
use super::sector::sector;
use crate::import::reading;
use crate::organisation::Sector;
use crate::text::bilingual;

/// Longest title and name, in characters.
const LINE: usize = 300;
/// Longest summary, in characters.
const LONGEST_SUMMARY: usize = 10_000;
/// Longest case number, in characters.
const LONGEST_NUMBER: usize = 100;

/// The case number; a sheet may have made a number of it.
pub(super) fn case_id<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Option<String> {
    let Some(text) = desk.text(Column::CaseId) else {
        desk.fault(Column::CaseId, "id-missing", bilingual!("ärendet ska ha ett id", "the case must have an id"));
        return None;
    };
    if text.chars().count() > LONGEST_NUMBER {
        let reason = bilingual!(
            "id:t ska ha högst {LONGEST_NUMBER} tecken",
            "the id must have at most {LONGEST_NUMBER} characters"
        );
        desk.fault(Column::CaseId, "id-too-long", reason);
        return None;
    }
    let whole = text.strip_suffix(".0").filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit()));
    Some(whole.unwrap_or(&text).to_owned())
}

/// The title, and the kind of project that it tells.
pub(super) fn title_and_kind<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Option<(String, &'static str)> {
    let (column, title) = title(desk)?;
    if title.chars().count() > LINE {
        let reason = bilingual!("namnet ska ha högst {LINE} tecken", "the name must have at most {LINE} characters");
        desk.fault(column, "name-too-long", reason);
        return None;
    }
    let (kind, label) = kind(&title);
    if kind != "implementation" {
        let reason = bilingual!("namnet säger att projektet är {label}", "the name says that the kind is {kind}");
        desk.note(column, "kind-from-title", reason);
    }
    Some((title, kind))
}

/// The full title; the short one, which may be cut, only when there is none.
fn title<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Option<(Column, String)> {
    let in_one_line = |title: String| title.replace('\n', " ");
    if let Some(title) = desk.text(Column::Title) {
        return Some((Column::Title, in_one_line(title)));
    }
    let Some(short) = desk.text(Column::ShortTitle) else {
        let reason = bilingual!("projektet ska ha ett namn", "the project must have a name");
        desk.fault(Column::Title, "name-missing", reason);
        return None;
    };
    let reason = bilingual!(
        "det fulla namnet saknas; det korta används och kan vara avklippt",
        "the full name is missing; the short one is used and may be cut"
    );
    desk.note(Column::ShortTitle, "title-short", reason);
    Some((Column::ShortTitle, in_one_line(short)))
}

/// The kind of project that a title tells, with its label; what tells nothing carries something out.
fn kind(title: &str) -> (&'static str, &'static str) {
    let lower = title.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    let is_frame = |word: &str| ["ramprogram", "ramprojekt"].iter().any(|frame| word.starts_with(frame));
    if lower.contains("förstudie") {
        ("preStudy", "en förstudie")
    } else if words.any(is_frame) {
        ("framework", "ett ramprojekt")
    } else {
        ("implementation", "genomförande")
    }
}

/// The description, when there is one.
pub(super) fn summary<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Option<String> {
    let text = desk.text(Column::Description)?;
    if text.chars().count() <= LONGEST_SUMMARY {
        return Some(text);
    }
    let reason = bilingual!(
        "texten har mer än {LONGEST_SUMMARY} tecken och är avklippt",
        "the text has more than {LONGEST_SUMMARY} characters and is cut"
    );
    desk.note(Column::Description, "summary-cut", reason);
    Some(text.chars().take(LONGEST_SUMMARY - 1).chain(['…']).collect())
}

/// The first and the last day.
pub(super) fn days<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let (start, end) = (desk.date(Column::Start), desk.date(Column::End));
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        let reason = bilingual!("ligger före startdagen {start}", "is before the first day, {start}");
        desk.fault(Column::End, "end-before-start", reason);
    }
    (start, end)
}

/// The day that the bank was loaded.
pub(super) fn loaded_on<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Option<NaiveDate> {
    match reading::date(desk.raw(Column::LoadedOn)) {
        Ok(day) => day,
        Err(unreadable) => {
            desk.note(Column::LoadedOn, "loaded-date-unreadable", unreadable.reason());
            None
        }
    }
}

/// The state: as the bank says, else by the last day as it was when the bank was loaded, never by today.
pub(super) fn status<S: AsRef<str>>(
    desk: &mut Desk<'_, S>,
    end: Option<NaiveDate>,
    loaded_on: Option<NaiveDate>,
) -> &'static str {
    let by_days = end.zip(loaded_on).map(|(end, loaded_on)| if end < loaded_on { "completed" } else { "ongoing" });
    if desk.layout.shape() == Shape::Bank2007 {
        let said = desk.text(Column::State).unwrap_or_default().to_lowercase();
        let begins = |words: &[&str]| words.iter().any(|word| said.starts_with(word));
        if begins(&["slut", "avslut"]) {
            return "completed";
        }
        if begins(&["pågå", "paga", "pagå"]) {
            return "ongoing";
        }
        if let Some(status) = by_days {
            let reason = bilingual!(
                "läget är okänt (SLUT eller PÅGÅR) och räknas ut av slutdagen",
                "the state is unknown (SLUT or PÅGÅR) and is worked out from the last day"
            );
            desk.note(Column::State, "status-from-dates", reason);
            return status;
        }
    }
    by_days.unwrap_or_else(|| {
        let reason = bilingual!(
            "läget framgår inte: slutdagen eller dagen då banken laddades saknas; pågående antas",
            "the state is not told: the last day or the day the bank was loaded is missing; ongoing is assumed"
        );
        desk.note(Column::End, "status-guessed", reason);
        "ongoing"
    })
}

/// What the bank of 2007–2013 has for a beneficiary when no Swedish organisation applied.
const NOBODY: &str = "ingen sökande svensk aktör";

/// The owner as a stakeholder: who got the grant.
pub(super) fn owner<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Option<Value> {
    let full = desk.text(Column::Beneficiary);
    let column = if full.is_some() { Column::Beneficiary } else { Column::ShortBeneficiary };
    let name = full.or_else(|| desk.text(Column::ShortBeneficiary)).map(|name| name.replace('\n', " "));
    let Some(name) = name.filter(|name| name.to_lowercase() != NOBODY) else {
        let reason = bilingual!(
            "ingen stödmottagare anges; projektet får ingen ägare",
            "no beneficiary is given; the project gets no owner"
        );
        desk.note(Column::Beneficiary, "owner-missing", reason);
        return None;
    };
    if name.chars().count() > LINE {
        let reason = bilingual!("namnet ska ha högst {LINE} tecken", "the name must have at most {LINE} characters");
        desk.fault(column, "owner-too-long", reason);
        return None;
    }
    let sector = sector(&name).unwrap_or_else(|| {
        let reason = bilingual!(
            "sektorn framgår inte av namnet; civilsamhälle antas, eftersom bolag och ekonomiska föreningar ska heta så",
            "the name does not tell the sector; civil society is assumed, since companies must be called so"
        );
        desk.note_on(column, &name, "sector-guessed", reason);
        Sector::CivilSociety
    });
    Some(json!({
        "organisation": {"name": name, "sector": sector.as_str()},
        "roles": ["owner"], "interests": ["need"], "phases": [],
    }))
}
