//! The funding check over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::OwnPart;
use super::store as checking;
use crate::code_list::code_list;
use crate::db::Database;
use crate::funding::check::{Finding, Outcome};
use crate::funding::wire::RuleWire;
use crate::http::{Context, Links, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::sight::Sight;
use crate::project::store;
use crate::project::view::{Sum, TotalsView};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(get_funding_check);
}

code_list! {
    /// How a funding rule came out.
    pub enum RuleOutcome {
        /// The plan keeps it.
        Held = "held", "följs";
        /// The plan breaks it.
        Broken = "broken", "bryts";
        /// Something that decides is not known.
        Unknown = "unknown", "kan inte prövas";
    }
}

/// En regel prövad mot planen. / A rule held against the plan.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "outcome": "held", "source": "eruf-ovre-norrland-2014-2020",
    "rule": {"rule": "maxShare", "percent": 50, "basis": "eligibleCost", "reference": {"title": "eufonder.se"}},
    "actual": {"amount": "500000.00", "currency": "SEK"}, "limit": {"amount": "500000.00", "currency": "SEK"},
    "basis": {"amount": "1000000.00", "currency": "SEK"}, "fundingLines": ["0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a16"]
}))]
struct RuleFinding {
    outcome: RuleOutcome,
    /// Källan som har regeln. / The source that has the rule.
    source: String,
    /// Utlysningen som har regeln, när det är en utlysnings. / The call that has the rule, when it is a call's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    call: Option<Id>,
    rule: RuleWire,
    /// Summan av de rader som regeln gäller, så långt den är känd. / Sum of the lines that the rule is about, as far as
    /// known.
    actual: Sum,
    /// Högsta eller lägsta tillåtna belopp. / The most or least that is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Sum>,
    /// Det som andelen räknas på. / What the share is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<Sum>,
    /// Raderna som regeln gäller. / The lines that the rule is about.
    #[schema(value_type = Vec<uuid::Uuid>)]
    funding_lines: Vec<Id>,
}

impl From<Finding> for RuleFinding {
    fn from(finding: Finding) -> Self {
        Self {
            outcome: match finding.outcome {
                Outcome::Held => RuleOutcome::Held,
                Outcome::Broken => RuleOutcome::Broken,
                Outcome::Unknown => RuleOutcome::Unknown,
            },
            source: finding.source,
            call: finding.call,
            rule: finding.rule.into(),
            actual: Sum::of(finding.actual),
            limit: finding.limit.map(Sum::of),
            basis: finding.basis.map(Sum::of),
            funding_lines: finding.lines,
        }
    }
}

/// Kommunens egen del ett år. / The municipality's own part of a year.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "year": 2016, "cash": {"amount": "250000.00", "currency": "SEK"}, "inKind": {"amount": "0.00", "currency": "SEK"},
    "unknownAmounts": 0
}))]
struct YearView {
    /// Året; saknas för det som gäller hela projektet. / The year; absent for what is for the whole project.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    /// I pengar, så långt det är känt; saknas när inget av det är känt. / In money, as far as known; absent when none of
    /// it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cash: Option<Sum>,
    /// I annat än pengar, så långt det är känt; saknas när inget av det är känt. / In kind, as far as known; absent when
    /// none of it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_kind: Option<Sum>,
    /// Rader utan känt belopp i kronor. / Lines without a known amount in kronor.
    #[schema(minimum = 0)]
    unknown_amounts: usize,
}

/// Projektets pengar prövade. / The project's money, checked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FundingCheck {
    /// Om ingen regel bryts. / Whether no rule is broken.
    #[schema(example = true)]
    held: bool,
    totals: TotalsView,
    /// Kommunens egen del, per år. / The municipality's own part, by year.
    own_part: Vec<YearView>,
    /// Varje regel som gäller, med sina tal och var den är publicerad. / Every rule that applies, with its numbers and
    /// where it is published.
    rules: Vec<RuleFinding>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Går finansieringen ihop? / Does the funding add up?
///
/// Summor per slag och nivå, kommunens egen del per år, gapet, och varje regel hos källor och utlysningar. / Sums by kind
/// and level, the municipality's own part by year, the gap, and every rule of sources and calls.
#[utoipa::path(responses((status = 200, description = "Prövningen. / The check.", body = FundingCheck)))]
#[get("/projects/{projectId}/funding-check")]
async fn get_funding_check(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let (project, checked) = database
        .read(move |conn| {
            let project = store::find(conn, *id, scope)?;
            let checked = checking::checked(conn, &project)?;
            Ok((project, checked))
        })
        .await?;
    let address = context.address(&format!("/projects/{}", project.id));
    let year = |(year, OwnPart { cash, in_kind, unknown_amounts })| YearView {
        year,
        cash: cash.map(Sum::of),
        in_kind: in_kind.map(Sum::of),
        unknown_amounts,
    };
    let check = FundingCheck {
        held: checked.findings.iter().all(|finding| finding.outcome != Outcome::Broken),
        totals: TotalsView::of(&project),
        own_part: checked.own_part.into_iter().map(year).collect(),
        rules: checked.findings.into_iter().map(Into::into).collect(),
        links: Links::default().and("self", "GET", format!("{address}/funding-check")).and("up", "GET", address),
    };
    reply::one(&context, Some(project.version), &check)
}
