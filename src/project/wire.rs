//! A project as it goes over the wire: what a caller gives and what a caller gets.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alignment::Alignment;
use super::alignment::http::{AlignmentView, NewAlignment};
use super::cost::http::{CostView, NewCost, NewRevenue, RevenueView};
use super::funding_line::http::{FundingLineView, NewFundingLine};
use super::lifecycle::Status;
use super::model::{
    CaseNumber, Contact, Criterion, Degree, Facts, HorizontalCriterion, Project, ProjectKind, Registration,
    RelatedProject, Relation, Visibility, visible_to,
};
use super::parts::{PartResource, resolve_all};
use super::references::Resolver;
use super::stakeholder::http::{NewStakeholder, StakeholderView};
use super::totals;
use crate::auth::{Principal, policy};
use crate::clock::Timestamp;
use crate::http::{Links, Patch, Patchable};
use crate::id::Id;
use crate::money::{Amount, Currency};
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
    criterion: Criterion,
    degree: Degree,
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
}

/// A change of a project's facts.
pub type NewProjectPatch = Patch<NewProject>;

impl Patchable for NewProject {
    const ELSEWHERE: &'static [&'static str] =
        &["status", "alignments", "stakeholders", "costs", "revenues", "fundingLines"];
}

impl NewProject {
    /// What a caller would give to get this project's facts.
    #[must_use]
    pub fn facts_of(project: &Project) -> Self {
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
        } = project.facts.clone();
        Self {
            strategy_id: Some(strategy_id),
            kind,
            title,
            summary,
            start_date,
            end_date,
            status: project.status,
            registration: project.registration.clone().map(registration_wire),
            visibility,
            withheld_reason,
            state_aid,
            contact: contact.map(contact_wire),
            municipalities,
            places,
            case_numbers: case_numbers.into_iter().map(case_number_wire).collect(),
            horizontal_criteria: horizontal_criteria.into_iter().map(criterion_wire).collect(),
            related_projects: related_projects.iter().map(related_wire).collect(),
            alignments: Vec::new(),
            stakeholders: Vec::new(),
            costs: Vec::new(),
            revenues: Vec::new(),
            funding_lines: Vec::new(),
        }
    }

    /// The project's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The same, related to further projects.
    #[must_use]
    pub fn related_to(mut self, others: impl IntoIterator<Item = (Id, Relation)>) -> Self {
        let others = others.into_iter().map(|(project_id, relation)| RelatedProjectWire { project_id, relation });
        self.related_projects.extend(others);
        self
    }

    /// The facts that are given, for a project that may be registered already; faults go to the resolver.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resolve_facts(&self, own: Option<Id>, resolver: &mut Resolver<'_>) -> Result<Facts, Problem> {
        if self.title.trim().is_empty() {
            resolver.fault("/title", "blank", bilingual!("en titel har minst ett tecken", "a title is not blank"));
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
            contact: self.contact.clone().map(|ContactWire { name, email, phone }| Contact { name, email, phone }),
            municipalities: resolver.municipalities("/municipalities", self.municipalities.clone())?,
            places: self.places.clone(),
            case_numbers: self
                .case_numbers
                .iter()
                .cloned()
                .map(|CaseNumberWire { authority, number }| CaseNumber { authority, number })
                .collect(),
            horizontal_criteria,
            related_projects: resolver.related("/relatedProjects", own, related)?,
        })
    }

    /// Where the facts come from.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        self.registration.clone().map(|RegistrationWire { source, reason }| Registration { source, reason })
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
            referring_projects: Vec::new(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let never = |_: &Alignment, _: &Alignment| false;
        project.alignments = resolve_all(self.alignments, &[], &project, resolver, "/alignments", never)?;
        project.stakeholders = resolve_all(self.stakeholders, &[], &project, resolver, "/stakeholders", |_, _| false)?;
        project.costs = resolve_all(self.costs, &[], &project, resolver, "/costs", |_, _| false)?;
        project.revenues = resolve_all(self.revenues, &[], &project, resolver, "/revenues", |_, _| false)?;
        project.funding_lines =
            resolve_all(self.funding_lines, &[], &project, resolver, "/fundingLines", |_, _| false)?;
        Ok(project)
    }
}

fn registration_wire(Registration { source, reason }: Registration) -> RegistrationWire {
    RegistrationWire { source, reason }
}

fn contact_wire(Contact { name, email, phone }: Contact) -> ContactWire {
    ContactWire { name, email, phone }
}

fn case_number_wire(CaseNumber { authority, number }: CaseNumber) -> CaseNumberWire {
    CaseNumberWire { authority, number }
}

fn criterion_wire(HorizontalCriterion { criterion, degree }: HorizontalCriterion) -> CriterionWire {
    CriterionWire { criterion, degree }
}

fn related_wire(other: &RelatedProject) -> RelatedProjectWire {
    RelatedProjectWire { project_id: other.project_id, relation: other.relation }
}

/// En summa i kronor. / A sum in kronor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"amount": "18923500.00", "currency": "SEK"}))]
pub struct Sum {
    /// Decimaltal med två decimaler; kan vara negativt. / Decimal with two decimals; may be negative.
    #[schema(pattern = r"^-?(0|[1-9][0-9]{0,16})\.[0-9]{2}$")]
    amount: String,
    currency: Currency,
}

impl Sum {
    fn of(ore: i64) -> Self {
        Self { amount: Amount::from_hundredths(ore).to_string(), currency: Currency::Sek }
    }
}

/// Summor över de rader vars belopp är kända i kronor. / Sums over the lines whose amounts are known in kronor.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "cost": {"amount": "18923500.00", "currency": "SEK"}, "eligibleCost": {"amount": "18923500.00", "currency": "SEK"},
    "funding": {"amount": "18923500.00", "currency": "SEK"},
    "fundingByKind": {"publicCash": {"amount": "18923500.00", "currency": "SEK"}},
    "fundingByLevel": {"eu": {"amount": "3447600.00", "currency": "SEK"},
                       "public": {"amount": "15475900.00", "currency": "SEK"}},
    "gap": {"amount": "0.00", "currency": "SEK"}, "unknownAmounts": 0
}))]
pub struct TotalsView {
    /// Kostnad; saknas om ingen är känd. / Cost; absent when none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Sum>,
    /// Stödberättigande kostnad. / Eligible cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    eligible_cost: Option<Sum>,
    /// Intäkter. / Revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    revenue: Option<Sum>,
    /// Finansiering, utan det som är avslaget eller återtaget. / Funding, without what is refused or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    funding: Option<Sum>,
    /// Finansiering per slag. / Funding by kind.
    funding_by_kind: BTreeMap<&'static str, Sum>,
    /// Finansiering per nivå. / Funding by level.
    funding_by_level: BTreeMap<&'static str, Sum>,
    /// Kostnad minus intäkter och finansiering; negativ vid överfinansiering. / Cost less revenue and funding; negative
    /// when funding is above cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<Sum>,
    /// Rader utan känt belopp i kronor. / Lines without a known amount in kronor.
    #[schema(minimum = 0)]
    unknown_amounts: usize,
}

impl TotalsView {
    fn of(project: &Project) -> Self {
        let totals = totals::totals(&project.costs, &project.revenues, &project.funding_lines);
        Self {
            cost: totals.cost.map(Sum::of),
            eligible_cost: totals.eligible_cost.map(Sum::of),
            revenue: totals.revenue.map(Sum::of),
            funding: totals.funding.map(Sum::of),
            funding_by_kind: totals.funding_by_kind.iter().map(|(kind, ore)| (kind.as_str(), Sum::of(*ore))).collect(),
            funding_by_level: totals
                .funding_by_level
                .iter()
                .map(|(level, ore)| (level.as_str(), Sum::of(*ore)))
                .collect(),
            gap: totals.gap.map(Sum::of),
            unknown_amounts: totals.unknown_amounts,
        }
    }
}

/// Ett projekt med alla sina delar. / A project with all its parts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Project)]
pub struct ProjectView {
    #[schema(value_type = uuid::Uuid, example = "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10")]
    id: Id,
    /// Beteckning att tala om projektet med. / What people call the project by.
    #[schema(pattern = "^[0-9]{4}-[2-9A-HJ-NP-Z]{5}$", example = "2026-7KQF3")]
    reference: String,
    /// Strategin som projektet är registrerat under. / The strategy that the project is registered under.
    #[schema(example = "norsjo-2014-2020")]
    strategy_id: String,
    kind: ProjectKind,
    /// Titel. / Title.
    #[schema(example = "Godsterminal i Bastuträsk")]
    title: String,
    /// Kort om vad projektet gör. / What the project does, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Terminal där virke lastas om från lastbil till tåg.")]
    summary: Option<String>,
    /// Första dagen. / First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2010-09-08")]
    start_date: Option<NaiveDate>,
    /// Sista dagen. / Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2012-01-31")]
    end_date: Option<NaiveDate>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<RegistrationWire>,
    visibility: Visibility,
    /// Varför det inte är offentligt. / Why it is not public.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Under arbete.")]
    withheld_reason: Option<String>,
    /// Vad som är känt om statsstöd. / What is known of state aid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Inget statsstöd enligt sökanden.")]
    state_aid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactWire>,
    /// Kommunkoder. / Municipality codes.
    #[schema(example = json!(["2417"]))]
    municipalities: Vec<String>,
    /// Orter och platser. / Places.
    #[schema(example = json!(["Bastuträsk"]))]
    places: Vec<String>,
    /// Diarienummer. / Case numbers.
    case_numbers: Vec<CaseNumberWire>,
    /// Horisontella kriterier. / Horizontal criteria.
    horizontal_criteria: Vec<CriterionWire>,
    /// Projekt som detta följer på eller hör till. / Projects that this one follows or belongs to.
    related_projects: Vec<RelatedProjectWire>,
    /// Projekt som hänvisar till detta; relationen är vad detta är för dem. / Projects that refer to this one; the
    /// relation is what this one is to them.
    referring_projects: Vec<RelatedProjectWire>,
    /// Vad projektet bidrar till. / What the project contributes to.
    alignments: Vec<AlignmentView>,
    /// Vilka som har del i projektet. / Who has a part in the project.
    stakeholders: Vec<StakeholderView>,
    /// Vad det kostar. / What it costs.
    costs: Vec<CostView>,
    /// Vad det ger i intäkter. / What it earns.
    revenues: Vec<RevenueView>,
    /// Vilka som betalar. / Who pays.
    funding_lines: Vec<FundingLineView>,
    totals: TotalsView,
    /// Version av projektet med alla delar, för If-Match. / Version of the project with all its parts, for If-Match.
    #[schema(example = 1)]
    version: i64,
    /// När det registrerades. / When it was registered.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    /// När det eller en del av det senast ändrades. / When it or a part of it was last changed.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

impl ProjectView {
    /// The project as this caller may see it.
    #[must_use]
    pub fn new(project: &Project, caller: &Principal, base: &str) -> Self {
        let facts = project.facts.clone();
        let scope = visible_to(caller);
        let visible = |others: &[RelatedProject]| -> Vec<_> {
            others.iter().filter(|other| scope.contains(&other.visibility)).map(related_wire).collect()
        };
        fn views<P: PartResource>(parts: &[P], caller: &Principal) -> Vec<P::View> {
            parts.iter().map(|part| part.view(caller, None)).collect()
        }
        Self {
            id: project.id,
            reference: project.reference.clone(),
            strategy_id: facts.strategy_id,
            kind: facts.kind,
            title: facts.title,
            summary: facts.summary,
            start_date: facts.start_date,
            end_date: facts.end_date,
            status: project.status,
            registration: project.registration.clone().map(registration_wire),
            visibility: facts.visibility,
            withheld_reason: facts.withheld_reason,
            state_aid: facts.state_aid,
            contact: facts.contact.filter(|_| caller.is_staff()).map(contact_wire),
            municipalities: facts.municipalities,
            places: facts.places,
            case_numbers: facts.case_numbers.into_iter().map(case_number_wire).collect(),
            horizontal_criteria: facts.horizontal_criteria.into_iter().map(criterion_wire).collect(),
            related_projects: visible(&facts.related_projects),
            referring_projects: visible(&project.referring_projects),
            alignments: views(&project.alignments, caller),
            stakeholders: views(&project.stakeholders, caller),
            costs: views(&project.costs, caller),
            revenues: views(&project.revenues, caller),
            funding_lines: views(&project.funding_lines, caller),
            totals: TotalsView::of(project),
            version: project.version,
            created_at: project.created_at,
            updated_at: project.updated_at,
            links: links(project, caller, base),
        }
    }
}

/// What belongs to a project and what the caller may do with it now.
fn links(project: &Project, caller: &Principal, base: &str) -> Links {
    let address = format!("{base}/projects/{}", project.id);
    let own = |segment: &str| format!("{address}/{segment}");
    let may = |operation: &str| policy::allows(caller, operation);
    let is_movable = may("createStatusChange") && !project.status.next().is_empty();
    let is_deletable = may("deleteProject") && project.status == Status::Draft;
    Links::default()
        .and("self", "GET", address.clone())
        .and("collection", "GET", format!("{base}/projects"))
        .and("strategy", "GET", format!("{base}/strategies/{}", project.facts.strategy_id))
        .and("alignments", "GET", own("alignments"))
        .and("stakeholders", "GET", own("stakeholders"))
        .and("costs", "GET", own("costs"))
        .and("revenues", "GET", own("revenues"))
        .and("funding-lines", "GET", own("funding-lines"))
        .and("status-changes", "GET", own("status-changes"))
        .and_if(may("updateProject"), "edit", "PATCH", || address.clone())
        .and_if(is_deletable, "delete", "DELETE", || address.clone())
        .and_if(is_movable, "change-status", "POST", || own("status-changes"))
}
