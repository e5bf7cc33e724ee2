//! A change of a project in words that a person can read, in both languages. The words are for everybody who may see the
//! project: they name what changed by its place in the strategy and by the field, and hold no free text, amount or name.

use serde_json::{Map, Value};

use super::model::Entry;
use crate::project::Status;
use crate::project::Visibility;
use crate::project::alignment::model::Assessment;
use crate::project::commitment::Commitment;
use crate::text::{Bilingual, bilingual};

/// Members of a project whose change is told by name: what they are called, in the definite form.
const FIELDS: &[(&str, &str, &str)] = &[
    ("strategyId", "strategin", "the strategy"),
    ("kind", "slaget", "the kind"),
    ("title", "titeln", "the title"),
    ("summary", "sammanfattningen", "the summary"),
    ("startDate", "startdagen", "the start date"),
    ("endDate", "slutdagen", "the end date"),
    ("withheldReason", "skälet till att projektet inte är offentligt", "the reason for withholding"),
    ("stateAid", "uppgiften om statsstöd", "the statement on state aid"),
    ("purpose", "syftet", "the purpose"),
    ("resultsUse", "uppgiften om hur resultaten används", "the use of the results"),
    ("contact", "kontaktpersonen", "the contact"),
    ("municipalities", "kommunerna", "the municipalities"),
    ("places", "orterna", "the places"),
    ("caseNumbers", "diarienumren", "the case numbers"),
    ("horizontalCriteria", "de horisontella kriterierna", "the horizontal criteria"),
    ("relatedProjects", "hänvisningarna till andra projekt", "the related projects"),
    ("registration", "uppgiften om registreringen", "the registration"),
    ("submittedAt", "tidpunkten för inlämningen", "the time of submission"),
];

/// Parts of a project whose change is told by number.
const PARTS: &[(&str, &str, &str)] = &[
    ("stakeholders", "intressenter", "stakeholders"),
    ("costs", "kostnader", "costs"),
    ("revenues", "intäkter", "revenues"),
    ("indicators", "indikatorer", "indicators"),
    ("reportingDates", "rapporttider", "reporting dates"),
];

/// What happened, in a few sentences.
#[must_use]
pub fn tell(entry: &Entry) -> Bilingual {
    let (Some(before), Some(after)) = (object(entry.before.as_ref()), object(entry.after.as_ref())) else {
        return if entry.after.is_some() {
            bilingual!("Projektet registrerades.", "The project was registered.")
        } else {
            bilingual!("Utkastet togs bort.", "The draft was deleted.")
        };
    };
    let mut sentences = Vec::new();
    if entry.kind == "project.revised" {
        sentences.push(bilingual!("Den beslutade planen reviderades.", "The decided plan was revised."));
    }
    if entry.kind == "project.imported" {
        sentences.push(bilingual!("Ändrat i en inläst fil.", "Changed in a file that was read in."));
    }
    if entry.kind == "project.importUndone" {
        sentences.push(bilingual!("En inläsning ångrades.", "An import was undone."));
    }
    sentences.extend(steps(before, after));
    sentences.extend(fields(before, after));
    sentences.extend(alignments(before, after));
    sentences.extend(lines(before, after));
    sentences.extend(parts(before, after));
    if sentences.is_empty() {
        sentences.push(bilingual!("Projektet sparades utan ändringar.", "The project was saved without changes."));
    }
    let sv: Vec<&str> = sentences.iter().map(|sentence| sentence.sv.as_str()).collect();
    let en: Vec<&str> = sentences.iter().map(|sentence| sentence.en.as_str()).collect();
    Bilingual { sv: sv.join(" "), en: en.join(" ") }
}

/// The names of the members that differ.
#[must_use]
pub fn members(entry: &Entry) -> Vec<String> {
    let both = [entry.before.as_ref(), entry.after.as_ref()];
    let mut names: Vec<String> =
        both.into_iter().filter_map(object).flat_map(|members| members.keys().cloned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn code<T: std::str::FromStr>(members: &Map<String, Value>, name: &str) -> Option<T> {
    members.get(name)?.as_str()?.parse().ok()
}

/// The status and the visibility, from what to what.
fn steps(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Bilingual> {
    let mut sentences = Vec::new();
    if let (Some(from), Some(to)) = (code::<Status>(before, "status"), code::<Status>(after, "status")) {
        let (was, is) = (from.label(), to.label());
        sentences.push(bilingual!("Läget ändrades från {was} till {is}.", "The status changed from {from} to {to}."));
    }
    if let (Some(from), Some(to)) = (code::<Visibility>(before, "visibility"), code::<Visibility>(after, "visibility"))
    {
        let (was, is) = (from.label(), to.label());
        sentences.push(bilingual!(
            "Synligheten ändrades från {was} till {is}.",
            "The visibility changed from {from} to {to}."
        ));
    }
    sentences
}

fn fields(before: &Map<String, Value>, after: &Map<String, Value>) -> Option<Bilingual> {
    let told = FIELDS.iter().filter(|(name, ..)| before.contains_key(*name) || after.contains_key(*name));
    // When the project was handed in is told by its status.
    let told: Vec<_> = told.filter(|(name, ..)| *name != "submittedAt").collect();
    let sv = listed(told.iter().map(|(_, sv, _)| *sv), "och")?;
    let en = listed(told.iter().map(|(_, _, en)| *en), "and")?;
    let (sv, en) = (capitalised(&sv), capitalised(&en));
    Some(bilingual!("{sv} ändrades.", "{en} changed."))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>, and: &str) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let (last, first) = names.split_last()?;
    Some(if first.is_empty() { (*last).to_owned() } else { format!("{} {and} {last}", first.join(", ")) })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The items of a list before and after, paired by their ids.
fn pairs<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
    name: &str,
) -> Vec<(Option<&'a Value>, Option<&'a Value>)> {
    let items =
        |members: &'a Map<String, Value>| members.get(name).and_then(Value::as_array).map_or(&[][..], |all| all);
    let (old, new) = (items(before), items(after));
    let find = |all: &'a [Value], item: &Value| all.iter().find(|other| other["id"] == item["id"]);
    let kept = new.iter().map(|item| (find(old, item), Some(item)));
    let gone = old.iter().filter(|item| find(new, item).is_none()).map(|item| (Some(item), None));
    kept.chain(gone).filter(|(old, new)| old != new).collect()
}

fn target(alignment: &Value) -> String {
    let code = alignment["measureCode"].as_str().or_else(|| alignment["subGoalCode"].as_str());
    code.unwrap_or_default().to_owned()
}

fn share(alignment: &Value) -> String {
    alignment["share"].as_i64().map_or_else(|| "–".to_owned(), |share| format!("{share} %"))
}

fn alignments(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Bilingual> {
    let mut sentences = Vec::new();
    for (old, new) in pairs(before, after, "alignments") {
        sentences.extend(match (old, new) {
            (None, Some(new)) => {
                let (code, share) = (target(new), share(new));
                Some(bilingual!(
                    "Kopplingen till {code} lades till ({share}).",
                    "The alignment with {code} was added ({share})."
                ))
            }
            (Some(old), None) => {
                let code = target(old);
                Some(bilingual!("Kopplingen till {code} togs bort.", "The alignment with {code} was removed."))
            }
            (Some(old), Some(new)) => Some(alignment(old, new)),
            (None, None) => None,
        });
    }
    sentences
}

fn alignment(old: &Value, new: &Value) -> Bilingual {
    let assessment = |value: &Value| value["assessment"].as_str().and_then(|code| code.parse::<Assessment>().ok());
    let (code, was, is) = (target(new), share(old), share(new));
    let (sv, en) = if was == is {
        ("ändrades".to_owned(), "changed".to_owned())
    } else {
        (format!("ändrades från {was} till {is}"), format!("changed from {was} to {is}"))
    };
    match (assessment(old), assessment(new)) {
        (from, Some(Assessment::Confirmed))
            if from != Some(Assessment::Confirmed) || old["assessed"] != new["assessed"] =>
        {
            bilingual!("Kopplingen till {code} bekräftades.", "The alignment with {code} was confirmed.")
        }
        (_, Some(Assessment::Rejected)) => {
            bilingual!("Kopplingen till {code} underkändes.", "The alignment with {code} was rejected.")
        }
        (Some(from @ (Assessment::Confirmed | Assessment::Rejected)), Some(Assessment::Claimed)) => {
            let label = from.label();
            bilingual!(
                "Kopplingen till {code} {sv} och är därför åter angiven, inte {label}.",
                "The alignment with {code} {en} and is therefore claimed again, not {from}."
            )
        }
        (Some(Assessment::Suggested), Some(Assessment::Claimed)) => {
            bilingual!(
                "Den föreslagna kopplingen till {code} angavs.",
                "The suggested alignment with {code} was claimed."
            )
        }
        _ => bilingual!("Kopplingen till {code} {sv}.", "The alignment with {code} {en}."),
    }
}

/// Funding lines: those that are added and removed, and the steps of the others.
fn lines(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Bilingual> {
    let mut sentences = Vec::new();
    for (old, new) in pairs(before, after, "fundingLines") {
        let source = new.or(old).and_then(|line| line["source"].as_str()).unwrap_or_default();
        let step = |line: Option<&Value>| {
            let last = line?["commitments"].as_array()?.last()?;
            last["commitment"].as_str()?.parse::<Commitment>().ok()
        };
        let count = |line: Option<&Value>| line.and_then(|line| line["commitments"].as_array()).map_or(0, Vec::len);
        sentences.push(match (old, new) {
            (None, _) => {
                bilingual!("En finansieringsrad från {source} lades till.", "A funding line from {source} was added.")
            }
            (_, None) => {
                bilingual!("En finansieringsrad från {source} togs bort.", "A funding line from {source} was removed.")
            }
            _ => match step(new).filter(|_| count(new) > count(old) || step(old) != step(new)) {
                Some(to) => {
                    let label = to.label();
                    bilingual!(
                        "Nytt besked om finansieringsraden från {source}: {label}.",
                        "News of the funding line from {source}: {to}."
                    )
                }
                None => {
                    bilingual!("Finansieringsraden från {source} ändrades.", "The funding line from {source} changed.")
                }
            },
        });
    }
    sentences
}

/// Other parts: how many were added, changed and removed.
fn parts(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Bilingual> {
    let mut sentences = Vec::new();
    for (name, sv, en) in PARTS {
        let pairs = pairs(before, after, name);
        let count =
            |wanted: (bool, bool)| pairs.iter().filter(|(old, new)| (old.is_some(), new.is_some()) == wanted).count();
        let (added, changed, removed) = (count((false, true)), count((true, true)), count((true, false)));
        for (number, done, verb) in
            [(added, "tillagda", "added"), (changed, "ändrade", "changed"), (removed, "borttagna", "removed")]
        {
            if number > 0 {
                let sv = capitalised(sv);
                let en = capitalised(en);
                sentences.push(bilingual!("{sv} {done}: {number}.", "{en} {verb}: {number}."));
            }
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use serde_json::json;

    fn told(before: Value, after: Value) -> String {
        let (at, actor, kind, version) = (Timestamp::now(), None, "project.updated".to_owned(), 2);
        tell(&Entry { at, actor, kind, version, before: Some(before), after: Some(after) }).sv
    }

    #[test]
    fn fields_are_named_and_free_texts_left_out() {
        let text = told(
            json!({"title": "Hemligt A", "summary": "S", "visibility": "internal"}),
            json!({"title": "Hemligt B", "visibility": "public", "contact": "withheld"}),
        );
        assert_eq!(
            text,
            "Synligheten ändrades från intern till offentlig. Titeln, sammanfattningen och kontaktpersonen ändrades."
        );
    }

    #[test]
    fn a_changed_confirmed_claim_is_said_to_be_claimed_again() {
        let claim =
            |share, assessment| json!([{"id": 1, "subGoalCode": "4.3", "share": share, "assessment": assessment}]);
        let text = told(json!({"alignments": claim(70, "confirmed")}), json!({"alignments": claim(60, "claimed")}));
        assert_eq!(
            text,
            "Kopplingen till 4.3 ändrades från 70 % till 60 % och är därför åter angiven, inte bekräftad."
        );
    }
}
