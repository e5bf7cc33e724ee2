//! Organisations over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Organisation, Sector, is_personal, organisation_number};
use super::store;
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_organisations)
        .service(create_organisation)
        .service(get_organisation)
        .service(update_organisation);
}

/// En ny organisation. / A new organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Sorsele kommun", "sector": "public", "number": "212000-2585"}))]
pub struct NewOrganisation {
    /// Namn. / Name.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
    /// Samhällssektor. / Sector of society.
    pub sector: Sector,
    /// Organisationsnummer; enskilda firmors visas bara för handläggare. / Organisation number; sole traders' are
    /// shown to officers alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^([0-9]{2})?[0-9]{6}[- ]?[0-9]{4}$")]
    pub number: Option<String>,
}

type NewOrganisationPatch = Patch<NewOrganisation>;

impl Patchable for NewOrganisation {}

impl NewOrganisation {
    /// The same with its number in the usual form; `pointer` leads to it in the body.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn normalised(self, pointer: &str) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            let reason = bilingual!("ett namn har minst ett tecken", "a name has at least one character");
            faults.push(Fault::body(format!("{pointer}/name"), "blank", reason));
        }
        let number = self.number.as_deref().map(organisation_number);
        if number == Some(None) {
            let reason = bilingual!(
                "är inget organisationsnummer: tio siffror, den sista en kontrollsiffra, som 212000-2585",
                "is no organisation number: ten digits, the last a check digit, as 212000-2585"
            );
            faults.push(Fault::body(format!("{pointer}/number"), "organisation-number", reason));
        }
        if faults.is_empty() { Ok(Self { name, sector: self.sector, number: number.flatten() }) } else { Err(faults) }
    }
}

/// En organisation. / An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organisation, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "name": "Sorsele kommun", "sector": "public",
    "number": "212000-2585", "version": 1,
    "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/organisations/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                        "rel": "self", "method": "GET"}}
}))]
struct OrganisationView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Namn. / Name.
    name: String,
    sector: Sector,
    /// Organisationsnummer. / Organisation number.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// Version, för If-Match. / Version, for If-Match.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

impl OrganisationView {
    fn new(organisation: Organisation, caller: &Principal, base: &str) -> Self {
        let id = organisation.id;
        let number = visible_number(&organisation, caller).map(str::to_owned);
        let may_edit = policy::allows(caller, "updateOrganisation");
        Self {
            id,
            name: organisation.name,
            sector: organisation.sector,
            number,
            version: organisation.version,
            created_at: organisation.created_at,
            updated_at: organisation.updated_at,
            links: Links::default()
                .and("self", "GET", format!("{base}/organisations/{id}"))
                .and("collection", "GET", format!("{base}/organisations"))
                .and("projects", "GET", format!("{base}/projects?organisation={id}"))
                .and_if(may_edit, "edit", "PATCH", || format!("{base}/organisations/{id}")),
        }
    }
}

/// The number that this caller may see: a person's own is for staff alone.
#[must_use]
pub fn visible_number<'a>(organisation: &'a Organisation, caller: &Principal) -> Option<&'a str> {
    if policy::shows(caller, PersonalData::SoleTraderNumber, false) {
        organisation.number.as_deref()
    } else {
        organisation.public_number()
    }
}

/// What is wrong with a number that a caller gives: personal identity numbers are for those who may see them.
#[must_use]
pub fn number_fault(caller: &Principal, number: Option<&str>, at: &str) -> Option<Fault> {
    let is_hidden = !policy::shows(caller, PersonalData::SoleTraderNumber, false);
    number.filter(|number| is_hidden && is_personal(number)).map(|_| {
        let reason = bilingual!(
            "ett personnummer registreras av handläggare; ange id, eller namn utan nummer",
            "a personal identity number is recorded by officers; give an id, or a name without a number"
        );
        Fault::body(at, "for-officers", reason)
    })
}

/// Urval av organisationer. / Which organisations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OrganisationFilter {
    /// Organisationer i denna sektor. / Organisations of this sector.
    #[param(inline)]
    sector: Option<Sector>,
    /// Början av namnet. / Beginning of the name.
    #[param(min_length = 1, max_length = 100, example = "Norsjö")]
    q: Option<String>,
}

/// Organisationer. / Organisations.
///
/// Efter namn, i svensk ordning. / By name, in Swedish order.
#[utoipa::path(params(Paging, OrganisationFilter),
    responses((status = 200, description = "Organisationer. / Organisations.", body = [OrganisationView])))]
#[get("/organisations")]
async fn list_organisations(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<OrganisationFilter>,
) -> Result<HttpResponse, Problem> {
    let filter = store::Filter { sector: filter.0.sector, name_begins: filter.0.q };
    let window = paging.0.window();
    let (found, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let view = |found| OrganisationView::new(found, context.caller(), context.base());
    let views: Vec<_> = found.into_iter().map(view).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Registrera en organisation. / Register an organisation.
#[utoipa::path(request_body = NewOrganisation,
    responses((status = 201, description = "Registrerad. / Registered.", body = OrganisationView)))]
#[post("/organisations")]
async fn create_organisation(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<NewOrganisation>,
) -> Result<HttpResponse, Problem> {
    let new = body.value.normalised("").map_err(Problem::invalid)?;
    if let Some(fault) = number_fault(context.caller(), new.number.as_deref(), "/number") {
        return Err(Problem::invalid(vec![fault]));
    }
    let (caller, base) = (context.caller().clone(), context.base().to_owned());
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let made = store::insert(conn, caller.id(), &new.name, new.sector, new.number.as_deref())?;
        let path = format!("/organisations/{}", made.id);
        Created::new(path, made.version, &OrganisationView::new(made, &caller, &base))
    })
    .await
}

/// En organisation. / An organisation.
#[utoipa::path(responses((status = 200, description = "Organisationen. / The organisation.", body = OrganisationView)))]
#[get("/organisations/{organisationId}")]
async fn get_organisation(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let found = database.read(move |conn| store::find(conn, *id)).await?;
    reply::one(&context, Some(found.version), &OrganisationView::new(found, context.caller(), context.base()))
}

/// Ändra en organisation. / Change an organisation.
#[utoipa::path(request_body = NewOrganisationPatch,
    responses((status = 200, description = "Ändrad. / Changed.", body = OrganisationView)))]
#[patch("/organisations/{organisationId}")]
async fn update_organisation(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    id: Path<Id>,
    version: IfMatch,
    patch: NewOrganisationPatch,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let changed = database
        .write(move |conn| {
            let before = store::find(conn, *id)?;
            version.check(before.version)?;
            let current =
                NewOrganisation { name: before.name.clone(), sector: before.sector, number: before.number.clone() };
            let NewOrganisation { name, sector, number } =
                patch.apply(&contract, &current)?.normalised("").map_err(Problem::invalid)?;
            let new = number.as_deref().filter(|number| before.number.as_deref() != Some(*number));
            if let Some(fault) = number_fault(&caller, new, "/number") {
                return Err(Problem::invalid(vec![fault]));
            }
            store::update(conn, caller.id(), &before, Organisation { name, number, sector, ..before.clone() })
        })
        .await?;
    reply::one(&context, Some(changed.version), &OrganisationView::new(changed, context.caller(), context.base()))
}
