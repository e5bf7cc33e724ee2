//! Cost and revenue lines over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Cost, CostType, Revenue};
use crate::auth::Principal;
use crate::db::Database;
use crate::http::{Body, Context, Contract, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query};
use crate::id::Id;
use crate::money::Money;
use crate::problem::Problem;
use crate::project::Project;
use crate::project::lifecycle::Act;
use crate::project::parts::{self, PartResource, part_operations};
use crate::project::references::Resolver;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_costs)
        .service(create_cost)
        .service(get_cost)
        .service(replace_cost)
        .service(update_cost)
        .service(delete_cost)
        .service(list_revenues)
        .service(create_revenue)
        .service(get_revenue)
        .service(replace_revenue)
        .service(update_revenue)
        .service(delete_revenue);
}

/// En ny kostnad. / A new cost line.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "type": "investment", "amount": {"amount": "18923500.00", "currency": "SEK"}, "eligible": true
}))]
pub struct NewCost {
    #[serde(rename = "type")]
    type_: CostType,
    /// Vad kostnaden avser. / What the cost is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    description: Option<String>,
    /// Året den faller på. / The year it falls in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1990, maximum = 2100)]
    year: Option<i32>,
    /// Belopp; utelämnas om det är okänt. / Amount; left out when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Om den är stödberättigande. / Whether it is eligible for support.
    eligible: bool,
}

impl Patchable for NewCost {}

type NewCostPatch = Patch<NewCost>;

/// En kostnad. / A cost line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cost, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a14", "type": "investment",
    "amount": {"amount": "18923500.00", "currency": "SEK"}, "eligible": true
}))]
pub struct CostView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    #[serde(rename = "type")]
    type_: CostType,
    /// Vad kostnaden avser. / What the cost is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Året den faller på. / The year it falls in.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    /// Belopp; saknas om det är okänt. / Amount; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Om den är stödberättigande. / Whether it is eligible for support.
    eligible: bool,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

impl PartResource for Cost {
    type Given = NewCost;
    type View = CostView;
    const SEGMENT: &'static str = "costs";
    const NAME: (&'static str, &'static str) = ("Kostnaden", "The cost line");
    const CHANGED: &'static str = "project.costsChanged";
    const UPDATE: &'static str = "updateCost";
    const DELETE: &'static str = "deleteCost";
    const ACT: Act = Act::Plan;

    fn of(project: &Project) -> &Vec<Self> {
        &project.costs
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.costs
    }

    fn given(&self) -> NewCost {
        let Self { type_, description, year, amount, eligible, .. } = self.clone();
        NewCost { type_, description, year, amount, eligible }
    }

    fn resolve(
        given: NewCost,
        before: Option<&Self>,
        _: &Project,
        _: &mut Resolver<'_>,
        _: &str,
    ) -> Result<Option<Self>, Problem> {
        let NewCost { type_, description, year, amount, eligible } = given;
        let id = before.map_or_else(Id::new, |before| before.id);
        Ok(Some(Self { id, type_, description, year, amount, eligible }))
    }

    fn view(&self, _: &Principal, links: Option<Links>) -> CostView {
        let Self { id, type_, description, year, amount, eligible } = self.clone();
        CostView { id, type_, description, year, amount, eligible, links }
    }
}

part_operations!(
    Cost, CostView, NewCost, NewCostPatch,
    "/projects/{projectId}/costs", "/projects/{projectId}/costs/{costId}",
    list_costs: "Projektets kostnader. / The project's cost lines.",
    create_cost: "Lägg till en kostnad. / Add a cost line.",
    get_cost: "En kostnad. / A cost line.",
    replace_cost: "Ersätt en kostnad. / Replace a cost line.",
    update_cost: "Ändra en kostnad. / Change a cost line.",
    delete_cost: "Ta bort en kostnad. / Remove a cost line.",
);

/// En ny intäkt. / A new revenue line.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"description": "Deltagaravgifter", "amount": {"amount": "25000.00", "currency": "SEK"}}))]
pub struct NewRevenue {
    /// Vad intäkten avser. / What the revenue is for.
    #[schema(min_length = 1, max_length = 10_000)]
    description: String,
    /// Året den faller på. / The year it falls in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1990, maximum = 2100)]
    year: Option<i32>,
    /// Belopp; utelämnas om det är okänt. / Amount; left out when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
}

impl Patchable for NewRevenue {}

type NewRevenuePatch = Patch<NewRevenue>;

/// En intäkt. / A revenue line.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revenue, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a15", "description": "Deltagaravgifter",
    "amount": {"amount": "25000.00", "currency": "SEK"}
}))]
pub struct RevenueView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Vad intäkten avser. / What the revenue is for.
    description: String,
    /// Året den faller på. / The year it falls in.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    /// Belopp; saknas om det är okänt. / Amount; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

impl PartResource for Revenue {
    type Given = NewRevenue;
    type View = RevenueView;
    const SEGMENT: &'static str = "revenues";
    const NAME: (&'static str, &'static str) = ("Intäkten", "The revenue line");
    const CHANGED: &'static str = "project.revenuesChanged";
    const UPDATE: &'static str = "updateRevenue";
    const DELETE: &'static str = "deleteRevenue";
    const ACT: Act = Act::Plan;

    fn of(project: &Project) -> &Vec<Self> {
        &project.revenues
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.revenues
    }

    fn given(&self) -> NewRevenue {
        let Self { description, year, amount, .. } = self.clone();
        NewRevenue { description, year, amount }
    }

    fn resolve(
        given: NewRevenue,
        before: Option<&Self>,
        _: &Project,
        _: &mut Resolver<'_>,
        _: &str,
    ) -> Result<Option<Self>, Problem> {
        let NewRevenue { description, year, amount } = given;
        Ok(Some(Self { id: before.map_or_else(Id::new, |before| before.id), description, year, amount }))
    }

    fn view(&self, _: &Principal, links: Option<Links>) -> RevenueView {
        let Self { id, description, year, amount } = self.clone();
        RevenueView { id, description, year, amount, links }
    }
}

part_operations!(
    Revenue, RevenueView, NewRevenue, NewRevenuePatch,
    "/projects/{projectId}/revenues", "/projects/{projectId}/revenues/{revenueId}",
    list_revenues: "Projektets intäkter. / The project's revenue lines.",
    create_revenue: "Lägg till en intäkt. / Add a revenue line.",
    get_revenue: "En intäkt. / A revenue line.",
    replace_revenue: "Ersätt en intäkt. / Replace a revenue line.",
    update_revenue: "Ändra en intäkt. / Change a revenue line.",
    delete_revenue: "Ta bort en intäkt. / Remove a revenue line.",
);
