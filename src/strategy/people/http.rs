//! Goal areas' people over HTTP.

use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Area, MainStakeholder, Member, Who};
use super::store;
use crate::auth::policy::{self, PersonalData};
use crate::db::Database;
use crate::http::{Body, Context, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::organisation::Organisation;
use crate::organisation::model::{Interest, Sector};
use crate::problem::Problem;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_main_stakeholders)
        .service(create_main_stakeholder)
        .service(delete_main_stakeholder)
        .service(list_members)
        .service(create_member)
        .service(delete_member);
}

/// En organisation vid ett målområde. / An organisation of a goal area.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "name": "Norsjö kommun", "sector": "public"}))]
struct AreaOrganisation {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Namn. / Name.
    name: String,
    sector: Sector,
}

impl From<Organisation> for AreaOrganisation {
    fn from(Organisation { id, name, sector, .. }: Organisation) -> Self {
        Self { id, name, sector }
    }
}

/// En ny huvudintressent. / A new main stakeholder.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"organisationId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "interests": ["need"]}))]
struct NewMainStakeholder {
    /// Organisationens id. / The organisation's id.
    #[schema(value_type = uuid::Uuid)]
    organisation_id: Id,
    /// Ser behovet, drar nytta av resultatet, eller båda. / Sees the need, benefits from the result, or both.
    #[schema(min_items = 1, max_items = 2)]
    interests: Vec<Interest>,
}

/// En huvudintressent: en organisation som ser behovet eller drar nytta. / A main stakeholder: an organisation that sees
/// the need or benefits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MainStakeholder, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a60", "interests": ["need"],
    "organisation": {"id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "name": "Norsjö kommun", "sector": "public"},
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/strategies/norsjo-2014-2020/goal-areas/3", "rel": "up",
                      "method": "GET"}}
}))]
struct MainStakeholderView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    organisation: AreaOrganisation,
    /// Ser behovet, drar nytta av resultatet, eller båda. / Sees the need, benefits from the result, or both.
    interests: Vec<Interest>,
    #[serde(rename = "_links")]
    links: Links,
}

/// En ny medlem: en organisation, eller den ansvariga handläggaren. / A new member: an organisation, or the responsible
/// officer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"organisationId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12"}))]
struct NewMember {
    /// Organisationens id. / The organisation's id.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    organisation_id: Option<Id>,
    /// Den ansvariga handläggarens konto. / The responsible officer's account.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    officer_id: Option<Id>,
}

/// Den ansvariga handläggaren. / The responsible officer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "name": "Handläggare"}))]
struct ResponsibleOfficer {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Personens namn. / The person's name.
    name: String,
}

/// En medlem av den lokala arbetsgruppen. / A member of the local working group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkingGroupMember, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a61",
    "organisation": {"id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "name": "Norsjö kommun", "sector": "public"},
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/strategies/norsjo-2014-2020/goal-areas/3", "rel": "up",
                      "method": "GET"}}
}))]
struct MemberView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<AreaOrganisation>,
    /// Den ansvariga handläggaren; visas för handläggare. / The responsible officer; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    officer: Option<ResponsibleOfficer>,
    #[serde(rename = "_links")]
    links: Links,
}

fn links(area: &Area, base: &str, segment: &str) -> Links {
    let address = format!("{base}/strategies/{}/goal-areas/{}", area.strategy, area.code);
    Links::default().and("collection", "GET", format!("{address}/{segment}")).and("up", "GET", address)
}

fn stakeholder_view(area: &Area, one: MainStakeholder, base: &str) -> MainStakeholderView {
    let MainStakeholder { id, organisation, interests } = one;
    let links = links(area, base, "stakeholders");
    MainStakeholderView { id, organisation: organisation.into(), interests, links }
}

fn member_view(area: &Area, member: Member, base: &str) -> MemberView {
    let (organisation, officer) = match member.who {
        Who::Organisation(organisation) => (Some(organisation.into()), None),
        Who::Officer(officer) => (None, Some(ResponsibleOfficer { id: officer.id, name: officer.name })),
    };
    MemberView { id: member.id, organisation, officer, links: links(area, base, "working-group") }
}

fn area((strategy, code): (String, String)) -> Area {
    Area { strategy, code }
}

/// Målområdets huvudintressenter. / The goal area's main stakeholders.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Efter namn. / By name.", body = [MainStakeholderView])))]
#[get("/strategies/{strategyId}/goal-areas/{goalAreaCode}/stakeholders")]
async fn list_main_stakeholders(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let area = area(path.into_inner());
    let wanted = area.clone();
    let (version, found) =
        database.read(move |conn| Ok((store::version(conn, &wanted)?, store::stakeholders(conn, &wanted)?))).await?;
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&found).iter().cloned();
    let views: Vec<_> = page.map(|one| stakeholder_view(&area, one, context.base())).collect();
    reply::versioned_list(&context, Some(version), &paging.0, total, &views)
}

/// Lägg till en huvudintressent. / Add a main stakeholder.
#[utoipa::path(request_body = NewMainStakeholder,
    responses((status = 201, description = "Tillagd. / Added.", body = MainStakeholderView)))]
#[post("/strategies/{strategyId}/goal-areas/{goalAreaCode}/stakeholders")]
async fn create_main_stakeholder(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
    key: IdempotencyKey,
    body: Body<NewMainStakeholder>,
) -> Result<HttpResponse, Problem> {
    let (area, actor, base) = (area(path.into_inner()), context.caller().id(), context.base().to_owned());
    let NewMainStakeholder { organisation_id, interests } = body.value;
    let location = context.path().to_owned();
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let (made, version) = store::add_stakeholder(conn, actor, &area, organisation_id, &interests)?;
        Created::new(location.clone(), version, &stakeholder_view(&area, made, &base))
    })
    .await
}

/// Ta bort en huvudintressent. / Remove a main stakeholder.
#[utoipa::path(responses((status = 204, description = "Borttagen. / Removed.")))]
#[delete("/strategies/{strategyId}/goal-areas/{goalAreaCode}/stakeholders/{stakeholderId}")]
async fn delete_main_stakeholder(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String, Id)>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (strategy, code, id) = path.into_inner();
    let (area, actor) = (area((strategy, code)), context.caller().id());
    let version = database
        .write(move |conn| {
            version.check(store::version(conn, &area)?)?;
            store::remove_stakeholder(conn, actor, &area, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().insert_header((ETAG, format!("\"{version}\""))).finish())
}

/// Målområdets lokala arbetsgrupp. / The goal area's local working group.
///
/// Den ansvariga handläggaren visas för handläggare. / The responsible officer is shown to officers.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Organisationer efter namn. / Organisations by name.", body = [MemberView])))]
#[get("/strategies/{strategyId}/goal-areas/{goalAreaCode}/working-group")]
async fn list_members(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let area = area(path.into_inner());
    let wanted = area.clone();
    let (version, mut found) =
        database.read(move |conn| Ok((store::version(conn, &wanted)?, store::members(conn, &wanted)?))).await?;
    let shows_people = policy::shows(context.caller(), PersonalData::Member, false);
    found.retain(|member| shows_people || matches!(member.who, Who::Organisation(_)));
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&found).iter().cloned();
    let views: Vec<_> = page.map(|member| member_view(&area, member, context.base())).collect();
    reply::versioned_list(&context, Some(version), &paging.0, total, &views)
}

/// Lägg till i arbetsgruppen. / Add to the working group.
///
/// En organisation, eller den enda ansvariga handläggaren. / An organisation, or the one responsible officer.
#[utoipa::path(request_body = NewMember,
    responses((status = 201, description = "Tillagd. / Added.", body = MemberView)))]
#[post("/strategies/{strategyId}/goal-areas/{goalAreaCode}/working-group")]
async fn create_member(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
    key: IdempotencyKey,
    body: Body<NewMember>,
) -> Result<HttpResponse, Problem> {
    let (area, actor, base) = (area(path.into_inner()), context.caller().id(), context.base().to_owned());
    let NewMember { organisation_id, officer_id } = body.value;
    let location = context.path().to_owned();
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let (made, version) = store::add_member(conn, actor, &area, organisation_id, officer_id)?;
        Created::new(location.clone(), version, &member_view(&area, made, &base))
    })
    .await
}

/// Ta bort ur arbetsgruppen. / Remove from the working group.
#[utoipa::path(responses((status = 204, description = "Borttagen. / Removed.")))]
#[delete("/strategies/{strategyId}/goal-areas/{goalAreaCode}/working-group/{memberId}")]
async fn delete_member(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String, Id)>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (strategy, code, id) = path.into_inner();
    let (area, actor) = (area((strategy, code)), context.caller().id());
    let version = database
        .write(move |conn| {
            version.check(store::version(conn, &area)?)?;
            store::remove_member(conn, actor, &area, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().insert_header((ETAG, format!("\"{version}\""))).finish())
}
