//! A project as it is answered: what a caller may see of it, its sums, and what the caller may do with it now.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::alignment::http::AlignmentView;
use super::cost::http::{CostView, RevenueView};
use super::funding_line::http::FundingLineView;
use super::indicator::http::IndicatorView;
use super::lifecycle::{Act, Standing, Status};
use super::model::{Project, ProjectKind, Purpose, RelatedProject, Visibility};
use super::parts::{PartResource, may_all_go};
use super::reporting_date::http::ReportingDateView;
use super::sight::Sight;
use super::stakeholder::http::StakeholderView;
use super::totals;
use super::wire::{CaseNumberWire, ContactWire, CriterionWire, RegistrationWire, RelatedProjectWire};
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::http::Links;
use crate::id::Id;
use crate::money::{Amount, Currency};

/// En summa i kronor. / A sum in kronor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"amount": "18923500.00", "currency": "SEK"}))]
pub struct Sum {
    /// Decimaltal med två decimaler; kan vara negativt. / Decimal with two decimals; may be negative.
    #[schema(pattern = r"^-?(0|[1-9][0-9]{0,16})\.[0-9]{2}$")]
    amount: String,
    currency: Currency,
    #[serde(skip)]
    ore: i64,
}

impl Sum {
    /// So many öre.
    #[must_use]
    pub fn of(ore: i64) -> Self {
        Self { amount: Amount::from_hundredths(ore).to_string(), currency: Currency::Sek, ore }
    }

    /// How many öre.
    #[must_use]
    pub fn ore(&self) -> i64 {
        self.ore
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
    /// A project's sums.
    #[must_use]
    pub fn of(project: &Project) -> Self {
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
    purpose: Option<Purpose>,
    /// Hur resultaten används; av vilka framgår av intressenternas fas results. / How the results are used; by whom is
    /// told by the stakeholders' phase results.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Terminalen drivs vidare av kommunens bolag.")]
    results_use: Option<String>,
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
    /// Vad resultaten räknas med. / What its results are counted by.
    indicators: Vec<IndicatorView>,
    /// När finansiärerna väntar på något. / When its funders expect something.
    reporting_dates: Vec<ReportingDateView>,
    totals: TotalsView,
    /// Version av projektet med alla delar, för If-Match. / Version of the project with all its parts, for If-Match.
    #[schema(example = 1)]
    version: i64,
    /// När det lämnades in komplett. / When it was handed in, complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, example = "2026-01-31T12:00:00Z")]
    submitted_at: Option<Timestamp>,
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
        let (sight, is_own) = (Sight::of(caller), project.standing(caller) == Standing::Owner);
        let visible = |others: &[RelatedProject]| -> Vec<_> {
            others.iter().filter(|other| sight.reaches(other)).map(Into::into).collect()
        };
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
            registration: project.registration.clone().map(Into::into),
            visibility: facts.visibility,
            withheld_reason: facts.withheld_reason,
            state_aid: facts.state_aid,
            purpose: facts.purpose,
            results_use: facts.results_use,
            contact: facts.contact.filter(|_| policy::shows(caller, PersonalData::Contact, is_own)).map(Into::into),
            municipalities: facts.municipalities,
            places: facts.places,
            case_numbers: facts.case_numbers.into_iter().map(Into::into).collect(),
            horizontal_criteria: facts.horizontal_criteria.into_iter().map(Into::into).collect(),
            related_projects: visible(&facts.related_projects),
            referring_projects: visible(&project.referring_projects),
            alignments: views(&project.alignments, caller),
            stakeholders: views(&project.stakeholders, caller),
            costs: views(&project.costs, caller),
            revenues: views(&project.revenues, caller),
            funding_lines: views(&project.funding_lines, caller),
            indicators: views(&project.indicators, caller),
            reporting_dates: views(&project.reporting_dates, caller),
            totals: TotalsView::of(project),
            version: project.version,
            submitted_at: project.submitted_at,
            created_at: project.created_at,
            updated_at: project.updated_at,
            links: links(project, caller, base),
        }
    }
}

fn views<P: PartResource>(parts: &[P], caller: &Principal) -> Vec<P::View> {
    parts.iter().map(|part| part.view(caller, None)).collect()
}

/// What belongs to a project and what the caller may do with it now.
fn links(project: &Project, caller: &Principal, base: &str) -> Links {
    let address = format!("{base}/projects/{}", project.id);
    let own = |segment: &str| format!("{address}/{segment}");
    let may = |operation: &str| policy::allows(caller, operation);
    let standing = project.standing(caller);
    let is_allowed = |act, operation| may(operation) && project.status.allows(act, standing);
    let is_movable = may("createStatusChange") && !project.status.next_for(standing).is_empty();
    Links::default()
        .and("self", "GET", address.clone())
        .and("collection", "GET", format!("{base}/projects"))
        .and("strategy", "GET", format!("{base}/strategies/{}", project.facts.strategy_id))
        .and("alignments", "GET", own("alignments"))
        .and("stakeholders", "GET", own("stakeholders"))
        .and("costs", "GET", own("costs"))
        .and("revenues", "GET", own("revenues"))
        .and("funding-lines", "GET", own("funding-lines"))
        .and("indicators", "GET", own("indicators"))
        .and("reporting-dates", "GET", own("reporting-dates"))
        .and("status-changes", "GET", own("status-changes"))
        .and("history", "GET", own("history"))
        .and("revisions", "GET", own("revisions"))
        .and("readiness", "GET", own("readiness"))
        .and("funding-check", "GET", own("funding-check"))
        .and("alignment-report", "GET", own("alignment-report"))
        .and("statements", "GET", format!("{base}/statements?project={}", project.id))
        .and_if(is_allowed(Act::Upkeep, "updateProject"), "edit", "PATCH", || address.clone())
        .and_if(is_allowed(Act::Delete, "deleteProject") && may_all_go(project).is_ok(), "delete", "DELETE", || {
            address.clone()
        })
        .and_if(is_allowed(Act::Plan, "replaceAlignments"), "replace-alignments", "PUT", || own("alignments"))
        .and_if(is_allowed(Act::Plan, "createCost"), "add-cost", "POST", || own("costs"))
        .and_if(is_allowed(Act::Plan, "createRevenue"), "add-revenue", "POST", || own("revenues"))
        .and_if(is_allowed(Act::Plan, "createFundingLine"), "add-funding-line", "POST", || own("funding-lines"))
        .and_if(is_allowed(Act::FollowUp, "createStakeholder"), "add-stakeholder", "POST", || own("stakeholders"))
        .and_if(is_allowed(Act::FollowUp, "createIndicator"), "add-indicator", "POST", || own("indicators"))
        .and_if(is_allowed(Act::FollowUp, "createReportingDate"), "add-reporting-date", "POST", || {
            own("reporting-dates")
        })
        .and_if(is_allowed(Act::Revise, "createRevision"), "revise", "POST", || own("revisions"))
        .and_if(is_movable, "change-status", "POST", || own("status-changes"))
}
