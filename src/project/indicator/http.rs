//! Indicators over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Approval, Indicator};
use super::value;
use crate::auth::{Principal, policy};
use crate::db::Database;
use crate::http::{Body, Context, Contract, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query};
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::project::Project;
use crate::project::lifecycle::{Act, Status};
use crate::project::parts::{self, PartResource, part_operations};
use crate::project::references::Resolver;
use crate::quantity::Quantity;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_indicators)
        .service(create_indicator)
        .service(get_indicator)
        .service(replace_indicator)
        .service(update_indicator)
        .service(delete_indicator);
    value::routes(routes);
}

/// En ny indikator. / A new indicator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Omlastat virke", "unit": "kubikmeter", "baseline": "0", "target": "60000"}))]
pub struct NewIndicator {
    /// Programmets kod. / The programme's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    code: Option<String>,
    /// Vad som räknas. / What is counted.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// I vilken enhet. / In which unit.
    #[schema(min_length = 1, max_length = 50)]
    unit: String,
    /// Var den stod före projektet. / Where it stood before the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$")]
    baseline: Option<Quantity>,
    /// Var den ska stå. / Where it is to stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$")]
    target: Option<Quantity>,
    /// Anmärkning. / Note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    note: Option<String>,
}

impl Patchable for NewIndicator {}

type NewIndicatorPatch = Patch<NewIndicator>;

/// En indikator; bara godkända värden räknas. / An indicator; only approved values count.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Indicator, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a70", "name": "Omlastat virke", "unit": "kubikmeter",
    "baseline": "0", "target": "60000", "actual": "41250.5"
}))]
pub struct IndicatorView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Programmets kod. / The programme's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Vad som räknas. / What is counted.
    name: String,
    /// I vilken enhet. / In which unit.
    unit: String,
    /// Var den stod före projektet. / Where it stood before the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$")]
    baseline: Option<Quantity>,
    /// Var den ska stå. / Where it is to stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$")]
    target: Option<Quantity>,
    /// Var den står: det senaste godkända värdet. / Where it stands: the latest approved value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$")]
    actual: Option<Quantity>,
    /// Anmärkning. / Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

impl PartResource for Indicator {
    type Given = NewIndicator;
    type View = IndicatorView;
    const SEGMENT: &'static str = "indicators";
    const NAME: (&'static str, &'static str) = ("Indikatorn", "The indicator");
    const CHANGED: &'static str = "project.indicatorsChanged";
    const UPDATE: &'static str = "updateIndicator";
    const DELETE: &'static str = "deleteIndicator";
    const ACT: Act = Act::FollowUp;

    fn of(project: &Project) -> &Vec<Self> {
        &project.indicators
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.indicators
    }

    fn given(&self) -> NewIndicator {
        let Self { code, name, unit, baseline, target, note, .. } = self.clone();
        NewIndicator { code, name, unit, baseline, target, note }
    }

    fn resolve(
        given: NewIndicator,
        before: Option<&Self>,
        _: &Project,
        _: &mut Resolver<'_>,
        _: &str,
    ) -> Result<Option<Self>, Problem> {
        let NewIndicator { code, name, unit, baseline, target, note } = given;
        let (id, values) = before.map_or_else(|| (Id::new(), Vec::new()), |before| (before.id, before.values.clone()));
        Ok(Some(Self { id, code, name, unit, baseline, target, note, values }))
    }

    fn own_links(&self, address: &str, project: &Project, caller: &Principal) -> Links {
        let values = || format!("{address}/values");
        let may = policy::allows(caller, "createIndicatorValue");
        let is_open = may && project.status.allows(Act::FollowUp, project.standing(caller));
        Links::default().and("values", "GET", values()).and_if(is_open, "report-value", "POST", values)
    }

    fn may_go(&self, _: Status) -> Result<(), Problem> {
        if self.values.iter().all(|value| value.approval != Approval::Approved) {
            return Ok(());
        }
        let name = &self.name;
        Err(Problem::new(
            Kind::Conflict,
            bilingual!(
                "Indikatorn {name} har godkända värden, som bevaras.",
                "The indicator {name} has approved values, which are kept."
            ),
        ))
    }

    fn view(&self, _: &Principal, links: Option<Links>) -> IndicatorView {
        let actual = self.actual();
        let Self { id, code, name, unit, baseline, target, note, .. } = self.clone();
        IndicatorView { id, code, name, unit, baseline, target, actual, note, links }
    }
}

part_operations!(
    Indicator, IndicatorView, NewIndicator, NewIndicatorPatch,
    "/projects/{projectId}/indicators", "/projects/{projectId}/indicators/{indicatorId}",
    list_indicators: "Projektets indikatorer. / The project's indicators.",
    create_indicator: "Lägg till en indikator. / Add an indicator.",
    get_indicator: "En indikator. / An indicator.",
    replace_indicator: "Ersätt en indikator. / Replace an indicator.",
    update_indicator: "Ändra en indikator. / Change an indicator.",
    delete_indicator: "Ta bort en indikator. / Remove an indicator.",
);
