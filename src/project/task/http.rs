//! The caller's tasks over HTTP.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Task, TaskKind};
use super::store;
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{Context, Links, Paging, Query, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::reporting_date::model::ReportKind;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_tasks);
}

/// Något att göra. / Something to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Task, example = json!({
    "kind": "assessClaim", "projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "reference": "2026-7KQF3",
    "title": "Godsterminal i Bastuträsk", "alignmentId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a11", "subGoal": "4.3",
    "overdue": false,
    "_links": {"project": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                           "rel": "project", "method": "GET"}}
}))]
struct TaskView {
    kind: TaskKind,
    #[schema(value_type = uuid::Uuid)]
    project_id: Id,
    /// Projektets beteckning. / What the project is called by.
    reference: String,
    /// Projektets titel. / The project's title.
    title: String,
    /// Till vilken dag, när det finns en. / By which day, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2016-08-31")]
    due_date: Option<NaiveDate>,
    /// Om dagen har passerat. / Whether the day has passed.
    overdue: bool,
    /// Kopplingen att bedöma. / The claim to assess.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    alignment_id: Option<Id>,
    /// Kopplingens delmål. / The claim's sub-goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_goal: Option<String>,
    /// Värdet att godkänna. / The value to approve.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    indicator_value_id: Option<Id>,
    /// Rapporttiden. / The reporting date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    reporting_date_id: Option<Id>,
    /// Vad finansiären väntar på. / What the funder waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportKind>,
    #[serde(rename = "_links")]
    links: Links,
}

impl TaskView {
    fn new(task: Task, today: NaiveDate, base: &str) -> Self {
        let project = format!("{base}/projects/{}", task.project_id);
        let subject = |kind| task.subject.filter(|_| task.kind == kind);
        let part = match task.kind {
            TaskKind::AssessClaim => task.subject.map(|id| format!("{project}/alignments/{id}")),
            TaskKind::Report => task.subject.map(|id| format!("{project}/reporting-dates/{id}")),
            TaskKind::ApproveValue => Some(format!("{project}/indicators")),
            TaskKind::Supplement => Some(format!("{project}/status-changes")),
        };
        let links = Links::default().and("project", "GET", project);
        Self {
            alignment_id: subject(TaskKind::AssessClaim),
            indicator_value_id: subject(TaskKind::ApproveValue),
            reporting_date_id: subject(TaskKind::Report),
            kind: task.kind,
            project_id: task.project_id,
            reference: task.reference,
            title: task.title,
            overdue: task.due_date.is_some_and(|day| day < today),
            due_date: task.due_date,
            sub_goal: task.sub_goal,
            report: task.report,
            links: match part {
                Some(part) => links.and("related", "GET", part),
                None => links,
            },
        }
    }
}

/// Vad som väntar på mig. / What waits for me.
///
/// Kopplingar att bedöma i mina målområden, värden att godkänna, kompletteringar, och vad finansiärer väntar på inom
/// trettio dagar. Närmaste dag först. / Claims to assess in my goal areas, values to approve, supplements, and what
/// funders wait for within thirty days. The nearest day first.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Att göra. / To do.", body = [TaskView])))]
#[get("/me/tasks")]
async fn list_tasks(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let today = Timestamp::now().as_utc().date_naive();
    let caller = context.caller().clone();
    let tasks = database.read(move |conn| store::list(conn, &caller, today)).await?;
    let total = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&tasks).iter().cloned();
    let views: Vec<_> = page.map(|task| TaskView::new(task, today, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}
