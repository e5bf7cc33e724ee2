//! A project as it is given: registered whole, or changed.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alignment::Alignment;
use super::alignment::http::NewAlignment;
use super::cost::http::{NewCost, NewRevenue};
use super::funding_line::http::NewFundingLine;
use super::indicator::http::NewIndicator;
use super::lifecycle::Status;
use super::model::{
    CaseNumber, Contact, Criterion, Degree, Facts, HorizontalCriterion, Project, ProjectKind, Purpose, Registration,
    RelatedProject, Relation, Visibility,
};
use super::parts::resolve_all;
use super::references::Resolver;
use super::reporting_date::http::NewReportingDate;
use super::sight::Sight;
use super::stakeholder::http::NewStakeholder;
use crate::clock::Timestamp;
use crate::http::{Patch, Patchable};
use crate::id::Id;
use crate::problem::Problem;
use crate::text::bilingual;

/// Kontaktperson; visas bara för handläggare. / Contact person; shown to officers alone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Contact, example = json!({"name": "Projektledaren", "email": "projekt@example.se"}))]
pub struct ContactWire {
    /// Namn. / Name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// E-postadress. / E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "email", max_length = 254)]
    email: Option<String>,
    /// Telefonnummer. / Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 50)]
    phone: Option<String>,
}

/// Ett diarienummer. / A case number.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseNumber, example = json!({"authority": "Tillväxtverket", "number": "156077"}))]
pub struct CaseNumberWire {
    /// Myndigheten som numret hör till. / The authority whose number it is.
    #[schema(min_length = 1, max_length = 300)]
    authority: String,
    /// Numret, som myndigheten skriver det. / The number, as the authority writes it.
    #[schema(min_length = 1, max_length = 100)]
    number: String,
}

/// Ett horisontellt kriterium. / A horizontal criterion.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HorizontalCriterion, example = json!({"criterion": "genderEquality", "degree": "partial"}))]
pub struct CriterionWire {
    pub(crate) criterion: Criterion,
    pub(crate) degree: Degree,
}

/// Ett annat projekt, och vad det är för detta. / Another project, and what it is to this one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RelatedProject, example = json!({
    "projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a20", "relation": "earlierStage"
}))]
pub struct RelatedProjectWire {
    /// Det andra projektet. / The other project.
    #[schema(value_type = uuid::Uuid)]
    project_id: Id,
    relation: Relation,
}

/// Varifrån uppgifterna kommer och varför projektet registreras i efterhand. / Where the facts come from and why the
/// project is registered afterwards.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Registration, example = json!({
    "source": "Tillväxtverkets projektbank 2007–2013", "reason": "Äldre projekt, registrerat i efterhand."
}))]
pub struct RegistrationWire {
    /// Källan. / The source.
    #[schema(min_length = 1, max_length = 10_000)]
    source: String,
    /// Skälet. / The reason.
    #[schema(min_length = 1, max_length = 10_000)]
    reason: String,
}

fn draft() -> Status {
    Status::Draft
}

fn internal() -> Visibility {
    Visibility::Internal
}

/// Ett nytt projekt med alla sina delar. Ett utkast får vara ofullständigt. / A new project with all its parts. A draft
/// may be incomplete.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "strategyId": "norsjo-2014-2020", "kind": "implementation", "title": "Godsterminal i Bastuträsk",
    "summary": "Terminal där virke och energived lastas om från lastbil till tåg.",
    "startDate": "2010-09-08", "endDate": "2012-01-31", "visibility": "public",
    "municipalities": ["2417"], "places": ["Bastuträsk"],
    "caseNumbers": [{"authority": "Tillväxtverket", "number": "156077"}],
    "alignments": [
        {"subGoal": "4.3", "share": 70, "rationale": "Ny kapacitet i järnvägsnätet."},
        {"subGoal": "4.4", "share": 30, "rationale": "Gods flyttar från väg till järnväg."}
    ],
    "stakeholders": [{
        "organisation": {"name": "Norsjö kommun", "sector": "public"}, "roles": ["owner"], "interests": ["need"],
        "phases": ["idea", "planning", "implementation", "results"]
    }],
    "costs": [{"type": "investment", "amount": {"amount": "18923500.00", "currency": "SEK"}, "eligible": true}],
    "fundingLines": [
        {"source": "eruf-ovre-norrland-2007-2013", "kind": "publicCash",
         "amount": {"amount": "3447600.00", "currency": "SEK"}, "commitment": "granted", "caseNumber": "156077"},
        {"source": "other-public", "financier": "unnamedPublic", "kind": "publicCash",
         "amount": {"amount": "15475900.00", "currency": "SEK"}, "commitment": "granted"}
    ]
}))]
pub struct NewProject {
    /// Strategin som projektet registreras under; annars den nyaste. / The strategy that the project is registered
    /// under; otherwise the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    strategy_id: Option<String>,
    kind: ProjectKind,
    /// Titel. / Title.
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// Kort om vad projektet gör. / What the project does, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    summary: Option<String>,
    /// Första dagen. / First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2010-09-08")]
    start_date: Option<NaiveDate>,
    /// Sista dagen. / Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2012-01-31")]
    end_date: Option<NaiveDate>,
    /// Läge vid registreringen; annat än utkast kräver registration. / State at registration; other than draft needs
    /// registration.
    #[serde(default = "draft")]
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration: Option<RegistrationWire>,
    /// Vem som får se projektet. / Who may see the project.
    #[serde(default = "internal")]
    visibility: Visibility,
    /// Varför det inte är offentligt. / Why it is not public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    withheld_reason: Option<String>,
    /// Vad som är känt om statsstöd. / What is known of state aid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    state_aid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<ContactWire>,
    /// För allmänheten eller övervägande kommersiellt; finansieringsregler frågar efter det. / For the public or mainly
    /// commercial; funding rules ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
    /// Hur resultaten används; av vilka framgår av intressenternas fas results. / How the results are used; by whom is
    /// told by the stakeholders' phase results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    results_use: Option<String>,
    /// Kommunkoder. / Municipality codes.
    #[serde(default)]
    #[schema(max_items = 290)]
    municipalities: Vec<String>,
    /// Orter och platser. / Places.
    #[serde(default)]
    #[schema(max_items = 100)]
    places: Vec<String>,
    /// Diarienummer. / Case numbers.
    #[serde(default)]
    #[schema(max_items = 50)]
    case_numbers: Vec<CaseNumberWire>,
    /// Horisontella kriterier. / Horizontal criteria.
    #[serde(default)]
    #[schema(max_items = 20)]
    horizontal_criteria: Vec<CriterionWire>,
    /// Projekt som detta följer på eller hör till. / Projects that this one follows or belongs to.
    #[serde(default)]
    #[schema(max_items = 50)]
    related_projects: Vec<RelatedProjectWire>,
    /// Vad projektet bidrar till. / What the project contributes to.
    #[serde(default)]
    #[schema(max_items = 200)]
    alignments: Vec<NewAlignment>,
    /// Vilka som har del i projektet. / Who has a part in the project.
    #[serde(default)]
    #[schema(max_items = 200)]
    stakeholders: Vec<NewStakeholder>,
    /// Vad det kostar. / What it costs.
    #[serde(default)]
    #[schema(max_items = 200)]
    costs: Vec<NewCost>,
    /// Vad det ger i intäkter. / What it earns.
    #[serde(default)]
    #[schema(max_items = 200)]
    revenues: Vec<NewRevenue>,
    /// Vilka som betalar. / Who pays.
    #[serde(default)]
    #[schema(max_items = 200)]
    funding_lines: Vec<NewFundingLine>,
    /// Vad resultaten räknas med. / What its results are counted by.
    #[serde(default)]
    #[schema(max_items = 200)]
    indicators: Vec<NewIndicator>,
    /// När finansiärerna väntar på något. / When its funders expect something.
    #[serde(default)]
    #[schema(max_items = 200)]
    reporting_dates: Vec<NewReportingDate>,
}

/// A change of a project's facts.
pub type NewProjectPatch = Patch<NewProject>;

impl Patchable for NewProject {
    const ELSEWHERE: &'static [&'static str] =
        &["status", "alignments", "stakeholders", "costs", "revenues", "fundingLines", "indicators", "reportingDates"];
}

impl NewProject {
    /// What a caller would give to get this project's facts, as far as it sees them.
    #[must_use]
    pub fn facts_of(project: &Project, sight: Sight) -> Self {
        let Facts {
            strategy_id,
            kind,
            title,
            summary,
            start_date,
            end_date,
            visibility,
            withheld_reason,
            state_aid,
            contact,
            municipalities,
            places,
            case_numbers,
            horizontal_criteria,
            related_projects,
            purpose,
            results_use,
        } = project.facts.clone();
        Self {
            strategy_id: Some(strategy_id),
            kind,
            title,
            summary,
            start_date,
            end_date,
            status: project.status,
            registration: project.registration.clone().map(Into::into),
            visibility,
            withheld_reason,
            state_aid,
            contact: contact.map(Into::into),
            purpose,
            results_use,
            municipalities,
            places,
            case_numbers: case_numbers.into_iter().map(Into::into).collect(),
            horizontal_criteria: horizontal_criteria.into_iter().map(Into::into).collect(),
            related_projects: related_projects.iter().filter(|other| sight.reaches(other)).map(Into::into).collect(),
            alignments: Vec::new(),
            stakeholders: Vec::new(),
            costs: Vec::new(),
            revenues: Vec::new(),
            funding_lines: Vec::new(),
            indicators: Vec::new(),
            reporting_dates: Vec::new(),
        }
    }

    /// The project's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the project does.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.summary.as_deref()
    }

    /// Sub-goal, measure and share of each alignment, in whole percent.
    pub fn claims(&self) -> impl Iterator<Item = (String, Option<String>, u8)> {
        let share = |share: Option<i32>| u8::try_from(share.unwrap_or(0)).unwrap_or(0);
        self.alignments.iter().map(move |own| (own.sub_goal.clone(), own.measure.clone(), share(own.share)))
    }

    /// The same, related to further projects.
    #[must_use]
    pub fn related_to(mut self, others: impl IntoIterator<Item = (Id, Relation)>) -> Self {
        let others = others.into_iter().map(|(project_id, relation)| RelatedProjectWire { project_id, relation });
        self.related_projects.extend(others);
        self
    }

    /// The facts that are given, for a new project or in place of `before`'s; faults go to the resolver.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resolve_facts(&self, before: Option<&Project>, resolver: &mut Resolver<'_>) -> Result<Facts, Problem> {
        if let Some(before) = before {
            self.check_kept(before, resolver);
        }
        if self.title.trim().is_empty() {
            resolver.fault("/title", "blank", bilingual!("en titel har minst ett tecken", "a title is not blank"));
        }
        if let Some(registration) = &self.registration
            && (registration.source.trim().is_empty() || registration.reason.trim().is_empty())
        {
            let reason = bilingual!("source och reason ska ha text", "source and reason must have text");
            resolver.fault("/registration", "blank", reason);
        }
        if let (Some(start), Some(end)) = (self.start_date, self.end_date)
            && end < start
        {
            let reason = bilingual!("ligger före startDate {start}", "is before startDate {start}");
            resolver.fault("/endDate", "period", reason);
        }
        for (index, item) in self.horizontal_criteria.iter().enumerate() {
            if self.horizontal_criteria[..index].iter().any(|other| other.criterion == item.criterion) {
                let reason = bilingual!("kriteriet står redan i listan", "the criterion is in the list already");
                resolver.fault(format!("/horizontalCriteria/{index}/criterion"), "repeated", reason);
            }
        }
        for (index, place) in self.places.iter().enumerate() {
            let length = place.chars().count();
            if place.trim().is_empty() || length > crate::text::LINE {
                let reason = bilingual!("ska ha 1–300 tecken", "must have 1–300 characters");
                resolver.fault(format!("/places/{index}"), "length", reason);
            }
        }
        let related = self.related_projects.iter().map(|other| (other.project_id, other.relation)).collect();
        let mut horizontal_criteria: Vec<_> = self
            .horizontal_criteria
            .iter()
            .map(|item| HorizontalCriterion { criterion: item.criterion, degree: item.degree })
            .collect();
        horizontal_criteria.sort_by_key(|item| item.criterion.as_str());
        Ok(Facts {
            strategy_id: resolver.strategy("/strategyId", self.strategy_id.clone())?,
            kind: self.kind,
            title: self.title.trim().to_owned(),
            summary: self.summary.clone(),
            start_date: self.start_date,
            end_date: self.end_date,
            visibility: self.visibility,
            withheld_reason: self.withheld_reason.clone(),
            state_aid: self.state_aid.clone(),
            purpose: self.purpose,
            results_use: self.results_use.clone(),
            contact: self.contact.clone().map(Into::into),
            municipalities: resolver.municipalities("/municipalities", self.municipalities.clone())?,
            places: self.places.clone(),
            case_numbers: self.case_numbers.iter().cloned().map(Into::into).collect(),
            horizontal_criteria,
            related_projects: resolver.related("/relatedProjects", before, related)?,
        })
    }

    /// What a change may not take away: where the facts come from, which cannot be added either, and the reason for
    /// withdrawing what was public.
    fn check_kept(&self, before: &Project, resolver: &mut Resolver<'_>) {
        match (&before.registration, &self.registration) {
            (Some(_), None) => {
                let reason = bilingual!("kan ändras men inte tas bort", "can be changed but not removed");
                resolver.fault("/registration", "required", reason);
            }
            (None, Some(_)) => {
                let reason = bilingual!(
                    "hör till projekt som registrerades i efterhand; detta gjorde inte det",
                    "belongs to projects that were registered afterwards; this one was not"
                );
                resolver.fault("/registration", "not-for-project", reason);
            }
            _ => {}
        }
        let is_hidden = before.facts.visibility == Visibility::Public && self.visibility != Visibility::Public;
        if is_hidden && self.withheld_reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
            let reason = bilingual!(
                "behövs när ett offentligt projekt inte längre ska vara det",
                "is needed when a public project no longer is to be public"
            );
            resolver.fault("/withheldReason", "required", reason);
        }
    }

    /// Where the facts come from.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        self.registration.clone().map(Into::into)
    }

    /// The whole project that is given; faults go to the resolver.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resolve(self, reference: String, resolver: &mut Resolver<'_>) -> Result<Project, Problem> {
        if self.status != Status::Draft && self.registration.is_none() {
            let reason = bilingual!(
                "behövs när projektet registreras i annat läge än utkast: varifrån uppgifterna kommer och varför",
                "is needed when the project is registered in another state than draft: where the facts come from and why"
            );
            resolver.fault("/registration", "required", reason);
        }
        let now = Timestamp::now();
        let mut project = Project {
            id: Id::new(),
            reference,
            facts: self.resolve_facts(None, resolver)?,
            status: self.status,
            registration: self.registration(),
            alignments: Vec::new(),
            stakeholders: Vec::new(),
            costs: Vec::new(),
            revenues: Vec::new(),
            funding_lines: Vec::new(),
            indicators: Vec::new(),
            reporting_dates: Vec::new(),
            referring_projects: Vec::new(),
            submitted_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let never = |_: &Alignment, _: &Alignment| 0;
        project.alignments = resolve_all(self.alignments, &[], &project, resolver, "/alignments", never)?;
        project.stakeholders = resolve_all(self.stakeholders, &[], &project, resolver, "/stakeholders", |_, _| 0)?;
        project.costs = resolve_all(self.costs, &[], &project, resolver, "/costs", |_, _| 0)?;
        project.revenues = resolve_all(self.revenues, &[], &project, resolver, "/revenues", |_, _| 0)?;
        project.funding_lines = resolve_all(self.funding_lines, &[], &project, resolver, "/fundingLines", |_, _| 0)?;
        project.indicators = resolve_all(self.indicators, &[], &project, resolver, "/indicators", |_, _| 0)?;
        project.reporting_dates =
            resolve_all(self.reporting_dates, &[], &project, resolver, "/reportingDates", |_, _| 0)?;
        Ok(project)
    }
}

impl From<Registration> for RegistrationWire {
    fn from(Registration { source, reason }: Registration) -> Self {
        Self { source, reason }
    }
}

impl From<RegistrationWire> for Registration {
    fn from(RegistrationWire { source, reason }: RegistrationWire) -> Self {
        Self { source, reason }
    }
}

impl From<Contact> for ContactWire {
    fn from(Contact { name, email, phone }: Contact) -> Self {
        Self { name, email, phone }
    }
}

impl From<ContactWire> for Contact {
    fn from(ContactWire { name, email, phone }: ContactWire) -> Self {
        Self { name, email, phone }
    }
}

impl From<CaseNumber> for CaseNumberWire {
    fn from(CaseNumber { authority, number }: CaseNumber) -> Self {
        Self { authority, number }
    }
}

impl From<CaseNumberWire> for CaseNumber {
    fn from(CaseNumberWire { authority, number }: CaseNumberWire) -> Self {
        Self { authority, number }
    }
}

impl From<HorizontalCriterion> for CriterionWire {
    fn from(HorizontalCriterion { criterion, degree }: HorizontalCriterion) -> Self {
        Self { criterion, degree }
    }
}

impl From<&RelatedProject> for RelatedProjectWire {
    fn from(other: &RelatedProject) -> Self {
        Self { project_id: other.project_id, relation: other.relation }
    }
}
