//! One row of a bank, understood.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::layout::{Column, Layout, Shape};
use super::places::{Places, places};
use super::{Reference, funding, programme, project};
use crate::import::told::Finding;
use crate::text::bilingual;

/// What a project is granted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Mål 2 or Interreg, as the bank of 2007–2013 says.
    pub objective: Option<String>,
    /// The area; empty when the row does not say.
    pub area: String,
    /// Both, and the period, as people write them.
    pub name: String,
    /// The codes that its funding source may have, the likeliest first; the first is one to filter by.
    pub candidates: Vec<String>,
    /// Whether it is one of Interreg.
    pub is_interreg: bool,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The project as `POST /projects` takes it; nothing when the row is refused.
    pub project: Option<Value>,
    /// What was made of cells that were not simply taken over.
    pub notes: Vec<Finding>,
    /// Why the row is refused.
    pub faults: Vec<Finding>,
    /// Tillväxtverket's case number.
    pub case_id: Option<String>,
    /// Codes of its municipalities, in order.
    pub municipalities: Vec<String>,
    /// What it is granted by.
    pub programme: Programme,
}

/// Understands a row of a file with this layout.
#[must_use]
pub fn interpret<S: AsRef<str>>(layout: &Layout, cells: &[S], reference: &Reference) -> Reading {
    let mut desk = Desk::new(layout, cells, reference);
    let case_id = project::case_id(&mut desk);
    let (title, kind) = project::title_and_kind(&mut desk).unzip();
    let summary = project::summary(&mut desk);
    let (start, end) = project::days(&mut desk);
    let loaded_on = project::loaded_on(&mut desk);
    let status = project::status(&mut desk, end, loaded_on);
    let Places { municipalities, places } = places(&mut desk);
    let owner = project::owner(&mut desk);
    let programme = read_programme(&mut desk);
    let funding_lines = funding::lines(&mut desk, &programme, case_id.as_deref());
    let mut body = Map::new();
    let mut insert = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
    insert("kind", kind.map(Into::into));
    insert("title", title.map(Into::into));
    insert("summary", summary.map(Into::into));
    insert("startDate", start.map(|day| json!(day.to_string())));
    insert("endDate", end.map(|day| json!(day.to_string())));
    insert("status", Some(status.into()));
    insert("registration", Some(registration(layout.shape(), loaded_on)));
    insert("municipalities", Some(json!(municipalities)));
    insert("places", Some(json!(places)));
    insert("caseNumbers", case_id.as_ref().map(|id| json!([{"authority": "Tillväxtverket", "number": id}])));
    insert("stakeholders", Some(owner.into_iter().collect()));
    insert("fundingLines", Some(funding_lines.into()));
    let (notes, faults) = (desk.notes, desk.faults);
    Reading {
        project: faults.is_empty().then_some(Value::Object(body)),
        notes,
        faults,
        case_id,
        municipalities,
        programme,
    }
}

fn registration(shape: Shape, loaded_on: Option<NaiveDate>) -> Value {
    let period = shape.period();
    let as_of = loaded_on.map(|day| format!(", så som den såg ut {day}")).unwrap_or_default();
    json!({
        "source": format!("Tillväxtverkets projektbank {period}"),
        "reason": format!("Projektet har beviljats EU-stöd och registreras i efterhand ur projektbanken{as_of}."),
    })
}

fn read_programme<S: AsRef<str>>(desk: &mut Desk<'_, S>) -> Programme {
    let shape = desk.layout.shape();
    let objective = desk.text(Column::Objective);
    let given = desk.text(Column::Area).unwrap_or_default();
    let known = programme::known_area(&given);
    if let Some(area) = known
        && area.to_lowercase() != given.to_lowercase()
    {
        let reason = bilingual!("stavas {area} i banken och läses så", "is spelt {area} in the bank and read as that");
        desk.note(Column::Area, "area-spelling", reason);
    }
    let area = known.map_or(given, str::to_owned);
    let candidates = programme::candidates(shape, objective.as_deref(), &area);
    let parts: Vec<&str> =
        objective.as_deref().into_iter().chain([area.as_str()]).filter(|part| !part.is_empty()).collect();
    let name = if parts.is_empty() { "okänt program".to_owned() } else { parts.join(", ") };
    let name = format!("{name} {}", shape.period());
    let is_interreg = programme::is_interreg(shape, objective.as_deref(), &area);
    Programme { objective, area, name, candidates, is_interreg }
}
