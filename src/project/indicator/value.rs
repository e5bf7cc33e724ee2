//! Indicators' values over HTTP: reported, and approved or returned by an officer.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post, put};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Approval, Indicator, IndicatorValue};
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::db::Database;
use crate::http::{Body, Context, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::change::{self, Change};
use crate::project::lifecycle::{Act, Standing};
use crate::project::model::Project;
use crate::project::sight::Sight;
use crate::project::store;
use crate::quantity::Quantity;
use crate::text::bilingual;

/// The operations on values.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_indicator_values).service(create_indicator_value).service(replace_approval);
}

/// Ett utfall en viss dag. / An actual value on a day.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"date": "2016-06-30", "value": "41250.5"}))]
struct NewIndicatorValue {
    /// Dagen som värdet gäller. / The day that the value is of.
    #[schema(example = "2016-06-30")]
    date: NaiveDate,
    /// Värdet. / The value.
    #[schema(value_type = String, pattern = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$")]
    value: Quantity,
    /// Anmärkning. / Note.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    note: Option<String>,
}

code_list! {
    /// What an officer says of a value.
    pub enum ApprovalVerdict {
        /// It counts.
        Approved = "approved", "godkänd";
        /// It does not.
        Returned = "returned", "återsänd";
    }
}

/// En handläggares ord om ett värde. / An officer's word on a value.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"approval": "approved"}))]
struct NewApproval {
    approval: ApprovalVerdict,
    /// Skäl; krävs när värdet sänds åter. / Reason; needed when the value is returned.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    reason: Option<String>,
}

/// Ett utfall; bara godkända räknas. / An actual value; only approved ones count.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IndicatorValue, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a71", "date": "2016-06-30", "value": "41250.5", "approval": "reported",
    "reportedAt": "2026-01-31T12:00:00Z",
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10/indicators/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a70",
                      "rel": "up", "method": "GET"}}
}))]
struct IndicatorValueView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Dagen som värdet gäller. / The day that the value is of.
    #[schema(example = "2016-06-30")]
    date: NaiveDate,
    /// Värdet. / The value.
    #[schema(value_type = String)]
    value: Quantity,
    /// Anmärkning. / Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    approval: Approval,
    /// Varför det godkändes eller sändes åter. / Why it was approved or returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// När det rapporterades. / When it was reported.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    reported_at: Timestamp,
    /// Kontot som rapporterade; visas för handläggare. / The account that reported it; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    reported_by: Option<Id>,
    /// När det prövades. / When it was decided on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>, example = "2026-01-31T12:00:00Z")]
    decided_at: Option<Timestamp>,
    /// Kontot som prövade; visas för handläggare. / The account that decided; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    decided_by: Option<Id>,
    #[serde(rename = "_links")]
    links: Links,
}

impl IndicatorValueView {
    fn new(value: IndicatorValue, indicator: &str, project: &Project, caller: &Principal) -> Self {
        let is_open = project.status.allows(Act::FollowUp, project.standing(caller));
        let may_approve = is_open && policy::allows(caller, "replaceApproval");
        let values = format!("{indicator}/values");
        let links = Links::default()
            .and("collection", "GET", values.clone())
            .and("up", "GET", indicator.to_owned())
            .and_if(may_approve, "approve", "PUT", || format!("{values}/{}/approval", value.id));
        Self {
            id: value.id,
            date: value.date,
            value: value.value,
            note: value.note,
            approval: value.approval,
            reason: value.reason,
            reported_at: value.reported_at,
            reported_by: value.reported_by.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            decided_at: value.decided_at,
            decided_by: value.decided_by.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            links,
        }
    }
}

fn path(project: Id, indicator: Id) -> String {
    format!("/projects/{project}/indicators/{indicator}")
}

fn missing() -> Problem {
    Problem::not_found("Indikatorn", "The indicator")
}

fn found(project: &mut Project, indicator: Id) -> Result<&mut Indicator, Problem> {
    project.indicators.iter_mut().find(|known| known.id == indicator).ok_or_else(missing)
}

/// Indikatorns värden. / The indicator's values.
///
/// I den ordning de rapporterades. Den som inte läser allt, och inte äger projektet, ser de godkända. / In the order they
/// were reported. Those who neither read everything nor own the project see the approved ones.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Värden. / Values.", body = [IndicatorValueView])))]
#[get("/projects/{projectId}/indicators/{indicatorId}/values")]
async fn list_indicator_values(
    context: Context,
    database: Data<Database>,
    ids: Path<(Id, Id)>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let ((project, indicator), scope) = (ids.into_inner(), Sight::of(context.caller()));
    let mut project = database.read(move |conn| store::find(conn, project, scope)).await?;
    let is_own = project.standing(context.caller()) == Standing::Owner;
    let mut values = found(&mut project, indicator)?.values.clone();
    values.retain(|value| is_own || context.caller().reads_everything() || value.approval == Approval::Approved);
    let address = context.address(&path(project.id, indicator));
    let page = paging.0.slice(&values).iter().cloned();
    let view = |value| IndicatorValueView::new(value, &address, &project, context.caller());
    let views: Vec<_> = page.map(view).collect();
    let total = i64::try_from(values.len()).unwrap_or(i64::MAX);
    reply::versioned_list(&context, Some(project.version), &paging.0, total, &views)
}

/// Rapportera ett värde. / Report a value.
///
/// Det räknas när en handläggare har godkänt det. Ett felaktigt värde ändras inte utan sänds åter, och ett nytt
/// rapporteras. / It counts once an officer has approved it. A wrong value is not changed but returned, and another
/// reported.
#[utoipa::path(request_body = NewIndicatorValue,
    responses((status = 201, description = "Rapporterat. / Reported.", body = IndicatorValueView)))]
#[post("/projects/{projectId}/indicators/{indicatorId}/values")]
async fn create_indicator_value(
    context: Context,
    database: Data<Database>,
    ids: Path<(Id, Id)>,
    version: IfMatch,
    key: IdempotencyKey,
    body: Body<NewIndicatorValue>,
) -> Result<HttpResponse, Problem> {
    let (project, indicator) = ids.into_inner();
    let (caller, base, given) = (context.caller().clone(), context.base().to_owned(), body.value);
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let change = Change { caller: &caller, act: Act::FollowUp, kind: "project.indicatorValueReported" };
        let (value, saved) = change::make(conn, change, project, &version, |resolver, project| {
            let indicator = found(project, indicator)?;
            let now = Timestamp::now();
            let NewIndicatorValue { date, value, note } = given.clone();
            if date > now.as_utc().date_naive() {
                resolver.fault("/date", "future", bilingual!("ligger i framtiden", "is in the future"));
            }
            let value = IndicatorValue {
                id: Id::new(),
                date,
                value,
                note,
                approval: Approval::Reported,
                reason: None,
                reported_at: now,
                reported_by: caller.id(),
                decided_at: None,
                decided_by: None,
            };
            indicator.values.push(value.clone());
            Ok(value)
        })?;
        let path = path(project, indicator);
        let view = IndicatorValueView::new(value, &format!("{base}{path}"), &saved, &caller);
        Created::new(format!("{path}/values"), saved.version, &view)
    })
    .await
}

/// Godkänn ett värde eller sänd det åter. / Approve a value or return it.
#[utoipa::path(request_body = NewApproval,
    responses((status = 200, description = "Prövat. / Decided.", body = IndicatorValueView)))]
#[put("/projects/{projectId}/indicators/{indicatorId}/values/{valueId}/approval")]
async fn replace_approval(
    context: Context,
    database: Data<Database>,
    ids: Path<(Id, Id, Id)>,
    version: IfMatch,
    body: Body<NewApproval>,
) -> Result<HttpResponse, Problem> {
    let (project, indicator, id) = ids.into_inner();
    let (caller, given) = (context.caller().clone(), body.value);
    let (value, saved) = database
        .write(move |conn| {
            let change = Change { caller: &caller, act: Act::FollowUp, kind: "project.indicatorValueDecided" };
            change::make(conn, change, project, &version, |resolver, project| {
                let value = found(project, indicator)?.values.iter_mut().find(|value| value.id == id);
                let value = value.ok_or_else(|| Problem::not_found("Värdet", "The value"))?;
                value.reason = given.reason.clone().filter(|reason| !reason.trim().is_empty());
                value.approval = match given.approval {
                    ApprovalVerdict::Approved => Approval::Approved,
                    ApprovalVerdict::Returned => Approval::Returned,
                };
                if value.approval == Approval::Returned && value.reason.is_none() {
                    let reason = bilingual!("behövs när värdet sänds åter", "is needed to return a value");
                    resolver.fault("/reason", "required", reason);
                }
                value.decided_at = Some(Timestamp::now());
                value.decided_by = caller.id();
                Ok(value.clone())
            })
        })
        .await?;
    let address = context.address(&path(project, indicator));
    reply::one(&context, Some(saved.version), &IndicatorValueView::new(value, &address, &saved, context.caller()))
}
