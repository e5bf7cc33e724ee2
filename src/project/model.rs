//! What a project is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::alignment::Alignment;
use super::cost::{Cost, Revenue};
use super::funding_line::FundingLine;
use super::indicator::Indicator;
use super::lifecycle::Status;
use super::reporting_date::ReportingDate;
use super::stakeholder::Stakeholder;
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::id::Id;
// Funding rules ask for these too, so they stand in that room.
pub use crate::funding::model::{ProjectKind, Purpose};

code_list! {
    /// Who may see a project.
    pub enum Visibility {
        /// The municipality alone.
        Internal = "internal", "intern";
        /// The municipality and funders.
        Funders = "funders", "finansiärer";
        /// Everybody.
        Public = "public", "offentlig";
    }
}

code_list! {
    /// Horizontal criteria that funders ask about (ERUF 2014–2020, ESF, Region Västerbotten's 1:1 money).
    pub enum Criterion {
        /// Better environment.
        Environment = "environment", "bättre miljö";
        /// Gender equality.
        GenderEquality = "genderEquality", "jämställdhet";
        /// Equal opportunities and non-discrimination, as ERUF has it.
        EqualOpportunities = "equalOpportunities", "lika möjligheter och icke-diskriminering";
        /// Non-discrimination, as ESF has it.
        NonDiscrimination = "nonDiscrimination", "icke-diskriminering";
        /// Accessibility.
        Accessibility = "accessibility", "tillgänglighet";
        /// Diversity.
        Diversity = "diversity", "mångfald";
        /// Environment and climate, as the region has it.
        Climate = "climate", "miljö och klimat";
        /// Ecologically sustainable development, as ESF 2014–2020 had it.
        EcologicalSustainability = "ecologicalSustainability", "ekologiskt hållbar utveckling";
    }
}

code_list! {
    /// How far a project uses a horizontal criterion.
    pub enum Degree {
        /// Actively.
        Active = "active", "aktivt använder";
        /// Partly.
        Partial = "partial", "delvis använder";
        /// Not.
        None = "none", "inte använder";
    }
}

code_list! {
    /// What another project is to this one.
    pub enum Relation {
        /// The pre-study that this one follows.
        PreStudy = "preStudy", "förstudie till detta";
        /// An earlier stage of the same undertaking.
        EarlierStage = "earlierStage", "tidigare etapp";
        /// The framework project that this one is part of.
        Parent = "parent", "ramprojekt för detta";
        /// Otherwise connected.
        Related = "related", "närliggande";
    }
}

/// Whom to ask about a project: personal data, for staff alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The person's name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// A case number (diarienummer) at an authority: an attribute, never an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseNumber {
    /// Whose number it is.
    pub authority: String,
    /// The number, as the authority writes it.
    pub number: String,
}

/// A horizontal criterion and how far the project uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HorizontalCriterion {
    /// The criterion.
    pub criterion: Criterion,
    /// How far.
    pub degree: Degree,
}

/// Another project and what it is to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RelatedProject {
    /// The other project.
    pub project_id: Id,
    /// What it is to this one.
    pub relation: Relation,
    /// Who may see the other project.
    #[serde(skip)]
    pub visibility: Visibility,
    /// The organisations that own the other project.
    #[serde(skip)]
    pub owners: Vec<Id>,
}

/// Where the facts of a project come from that was registered in a later state than draft, and why it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registration {
    /// The source.
    pub source: String,
    /// The reason.
    pub reason: String,
}

/// What a project says of itself, apart from its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The strategy it is registered under.
    pub strategy_id: String,
    /// What kind it is.
    pub kind: ProjectKind,
    /// Title.
    pub title: String,
    /// What it does, in short.
    pub summary: Option<String>,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Why it is not public.
    pub withheld_reason: Option<String>,
    /// What is known of state aid, in plain words.
    pub state_aid: Option<String>,
    /// Whom to ask.
    pub contact: Option<Contact>,
    /// Codes of the municipalities it concerns, in order.
    pub municipalities: Vec<String>,
    /// Places it concerns.
    pub places: Vec<String>,
    /// Its case numbers.
    pub case_numbers: Vec<CaseNumber>,
    /// Its horizontal criteria.
    pub horizontal_criteria: Vec<HorizontalCriterion>,
    /// Other projects it follows or belongs to.
    #[serde(skip_deserializing)]
    pub related_projects: Vec<RelatedProject>,
    /// Whom it is for, as far as funding rules ask.
    pub purpose: Option<Purpose>,
    /// How its results are used; by whom, the stakeholders of the phase `results` tell.
    pub results_use: Option<String>,
}

impl Facts {
    /// Whether they describe the project alike, whatever its upkeep: visibility, contact, case numbers, related projects,
    /// use of results.
    #[must_use]
    pub fn describe_the_same(&self, other: &Self) -> bool {
        let Self { visibility, withheld_reason, contact, case_numbers, related_projects, results_use, .. } =
            other.clone();
        let kept_up =
            Self { visibility, withheld_reason, contact, case_numbers, related_projects, results_use, ..self.clone() };
        kept_up == *other
    }
}

/// A project with all its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Identifier.
    pub id: Id,
    /// What people call it by: year of registration and five letters or digits.
    pub reference: String,
    /// What it says of itself.
    #[serde(flatten)]
    pub facts: Facts,
    /// Where it stands.
    pub status: Status,
    /// Where its facts come from, when it was registered afterwards.
    pub registration: Option<Registration>,
    /// What it contributes to.
    pub alignments: Vec<Alignment>,
    /// Who has a part in it.
    pub stakeholders: Vec<Stakeholder>,
    /// What it costs.
    pub costs: Vec<Cost>,
    /// What it earns.
    pub revenues: Vec<Revenue>,
    /// Who pays.
    pub funding_lines: Vec<FundingLine>,
    /// What its results are counted by.
    pub indicators: Vec<Indicator>,
    /// When its funders expect something.
    pub reporting_dates: Vec<ReportingDate>,
    /// Other projects that name this one.
    #[serde(skip)]
    pub referring_projects: Vec<RelatedProject>,
    /// Version of the whole.
    #[serde(skip)]
    pub version: i64,
    /// When it was handed in, complete.
    pub submitted_at: Option<Timestamp>,
    /// When it was registered.
    #[serde(skip)]
    pub created_at: Timestamp,
    /// When it or a part of it was last changed.
    #[serde(skip)]
    pub updated_at: Timestamp,
}

impl Project {
    /// Lets reporting dates forget funding lines that are gone.
    pub fn forget_gone_lines(&mut self) {
        let lines = &self.funding_lines;
        for date in &mut self.reporting_dates {
            date.funding_line_id = date.funding_line_id.filter(|id| lines.iter().any(|line| line.id == *id));
        }
    }
}

/// A part of a project that has an id of its own.
pub trait Part: PartialEq {
    /// The id.
    fn id(&self) -> Id;
}

/// What differs between two versions of a project's parts.
#[derive(Debug)]
pub struct Difference<'a, P> {
    /// Ids of those that are gone.
    pub gone: Vec<Id>,
    /// Those that have changed.
    pub changed: Vec<&'a P>,
    /// Those that are new.
    pub new: Vec<&'a P>,
}

/// Compares two versions of a project's parts by their ids.
#[must_use]
pub fn difference<'a, P: Part>(before: &[P], after: &'a [P]) -> Difference<'a, P> {
    let find = |parts: &'a [P], id| parts.iter().find(|part| part.id() == id);
    let gone = before.iter().map(Part::id).filter(|id| find(after, *id).is_none()).collect();
    let (mut changed, mut new) = (Vec::new(), Vec::new());
    for part in after {
        match before.iter().find(|old| old.id() == part.id()) {
            None => new.push(part),
            Some(old) if old != part => changed.push(part),
            Some(_) => {}
        }
    }
    Difference { gone, changed, new }
}
