//! Reporting dates over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{ReportKind, ReportingDate};
use crate::auth::Principal;
use crate::db::Database;
use crate::http::{Body, Context, Contract, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::project::Project;
use crate::project::lifecycle::Act;
use crate::project::parts::{self, PartResource, part_operations};
use crate::project::references::Resolver;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_reporting_dates)
        .service(create_reporting_date)
        .service(get_reporting_date)
        .service(replace_reporting_date)
        .service(update_reporting_date)
        .service(delete_reporting_date);
}

/// En ny rapporttid. / A new reporting date.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kind": "paymentApplication", "dueDate": "2016-08-31"}))]
pub struct NewReportingDate {
    kind: ReportKind,
    /// Dagen då det ska vara inne. / The day it is due.
    #[schema(example = "2016-08-31")]
    due_date: NaiveDate,
    /// Finansieringsraden vars finansiär väntar på det. / The funding line whose funder waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    funding_line_id: Option<Id>,
    /// Dagen då det gjordes. / The day it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2016-08-29")]
    done_date: Option<NaiveDate>,
    /// Anmärkning. / Note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    note: Option<String>,
}

impl Patchable for NewReportingDate {}

type NewReportingDatePatch = Patch<NewReportingDate>;

/// En rapporttid. / A reporting date.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReportingDate, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a72", "kind": "paymentApplication", "dueDate": "2016-08-31"
}))]
pub struct ReportingDateView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    kind: ReportKind,
    /// Dagen då det ska vara inne. / The day it is due.
    #[schema(example = "2016-08-31")]
    due_date: NaiveDate,
    /// Finansieringsraden vars finansiär väntar på det. / The funding line whose funder waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    funding_line_id: Option<Id>,
    /// Dagen då det gjordes. / The day it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2016-08-29")]
    done_date: Option<NaiveDate>,
    /// Anmärkning. / Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

impl PartResource for ReportingDate {
    type Given = NewReportingDate;
    type View = ReportingDateView;
    const SEGMENT: &'static str = "reporting-dates";
    const NAME: (&'static str, &'static str) = ("Rapporttiden", "The reporting date");
    const CHANGED: &'static str = "project.reportingDatesChanged";
    const UPDATE: &'static str = "updateReportingDate";
    const DELETE: &'static str = "deleteReportingDate";
    const ACT: Act = Act::FollowUp;

    fn of(project: &Project) -> &Vec<Self> {
        &project.reporting_dates
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.reporting_dates
    }

    fn given(&self) -> NewReportingDate {
        let Self { kind, due_date, funding_line_id, done_date, note, .. } = self.clone();
        NewReportingDate { kind, due_date, funding_line_id, done_date, note }
    }

    fn resolve(
        given: NewReportingDate,
        before: Option<&Self>,
        project: &Project,
        resolver: &mut Resolver<'_>,
        at: &str,
    ) -> Result<Option<Self>, Problem> {
        let NewReportingDate { kind, due_date, funding_line_id, done_date, note } = given;
        if funding_line_id.is_some_and(|id| project.funding_lines.iter().all(|line| line.id != id)) {
            let reason =
                bilingual!("projektet har ingen sådan finansieringsrad", "the project has no such funding line");
            resolver.fault(format!("{at}/fundingLineId"), "unknown-funding-line", reason);
        }
        let id = before.map_or_else(Id::new, |before| before.id);
        Ok(Some(Self { id, project_id: project.id, kind, due_date, funding_line_id, done_date, note }))
    }

    fn faults_together(parts: &[Self], at: impl Fn(usize) -> String) -> Vec<Fault> {
        let is_repeated = |(index, part): &(usize, &Self)| parts[..*index].iter().any(|other| other.is_same_duty(part));
        let fault = |(index, _): (usize, &Self)| {
            let reason = bilingual!("står redan i listan", "is in the list already");
            Fault::body(format!("{}/dueDate", at(index)), "repeated", reason)
        };
        parts.iter().enumerate().filter(is_repeated).map(fault).collect()
    }

    fn view(&self, _: &Principal, links: Option<Links>) -> ReportingDateView {
        let Self { id, kind, due_date, funding_line_id, done_date, note, .. } = self.clone();
        ReportingDateView { id, kind, due_date, funding_line_id, done_date, note, links }
    }
}

part_operations!(
    ReportingDate, ReportingDateView, NewReportingDate, NewReportingDatePatch,
    "/projects/{projectId}/reporting-dates", "/projects/{projectId}/reporting-dates/{reportingDateId}",
    list_reporting_dates: "Projektets rapporttider. / The project's reporting dates.",
    create_reporting_date: "Lägg till en rapporttid. / Add a reporting date.",
    get_reporting_date: "En rapporttid. / A reporting date.",
    replace_reporting_date: "Ersätt en rapporttid. / Replace a reporting date.",
    update_reporting_date: "Ändra en rapporttid. / Change a reporting date.",
    delete_reporting_date: "Ta bort en rapporttid. / Remove a reporting date.",
);
