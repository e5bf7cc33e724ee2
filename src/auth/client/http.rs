//! The administration of machines.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Access;
use super::{Client, PublicKey, store};
use crate::auth::binding::http::BindingWire;
use crate::auth::{Role, Scope, secret};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::id::Id;
use crate::problem::Problem;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(update_client)
        .service(create_client_secret)
        .service(delete_client_secrets);
}

/// Vad en klient får. / What a client may.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Tillväxtverkets ärendesystem", "role": "funder", "scopes": ["projects.read", "commitments.write"],
    "binding": {"fundingSources": ["eruf-ovre-norrland-2014-2020"], "frameworks": ["eruf-ovre-norrland-2014-2020"]},
    "publicKeys": [], "active": true
}))]
struct ClientAccess {
    /// Systemets namn. / The system's name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    /// Vems roll klienten har; inte administratörens. / Whose role it has; not the administrator's.
    role: Role,
    /// Vad i rollen den får göra. / What of the role it may do.
    #[schema(min_items = 1)]
    scopes: BTreeSet<Scope>,
    #[serde(default)]
    binding: BindingWire,
    /// Nycklar för `private_key_jwt`, högst fem. / Keys for `private_key_jwt`, at most five.
    #[serde(default)]
    #[schema(max_items = 5)]
    public_keys: Vec<PublicKey>,
    /// Om den får åtkomsttoken. / Whether it gets access tokens.
    #[serde(default = "yes")]
    #[schema(default = true)]
    active: bool,
}

fn yes() -> bool {
    true
}

impl From<Access> for ClientAccess {
    fn from(Access { name, role, scopes, binding, public_keys, active }: Access) -> Self {
        Self { name, role, scopes, binding: binding.into(), public_keys, active }
    }
}

impl From<ClientAccess> for Access {
    fn from(ClientAccess { name, role, scopes, binding, public_keys, active }: ClientAccess) -> Self {
        Self { name, role, scopes, binding: binding.into(), public_keys, active }
    }
}

/// En klient: en maskin som anropar med egna uppgifter. / A client: a machine that calls with credentials of its own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Client, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "name": "Tillväxtverkets ärendesystem", "role": "funder",
    "scopes": ["projects.read", "commitments.write"],
    "binding": {"fundingSources": ["eruf-ovre-norrland-2014-2020"], "frameworks": ["eruf-ovre-norrland-2014-2020"]},
    "publicKeys": [], "hasSecret": true, "active": true, "version": 2,
    "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/clients/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12",
                        "rel": "self", "method": "GET"}}
}))]
struct ClientView {
    /// Dess `client_id`. / Its `client_id`.
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Systemets namn. / The system's name.
    name: String,
    role: Role,
    scopes: BTreeSet<Scope>,
    binding: BindingWire,
    public_keys: Vec<PublicKey>,
    /// Om den har en hemlighet. / Whether it has a secret.
    has_secret: bool,
    /// Om den får åtkomsttoken. / Whether it gets access tokens.
    active: bool,
    /// Version, för If-Match. / Version, for If-Match.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

impl ClientView {
    fn new(client: Client, base: &str) -> Self {
        let Client { id, access, secret_hash, version, created_at, updated_at } = client;
        let ClientAccess { name, role, scopes, binding, public_keys, active } = access.into();
        let (own, has_secret) = (format!("{base}{}", path(id)), secret_hash.is_some());
        let secrets = format!("{own}/secrets");
        Self {
            id,
            name,
            role,
            scopes,
            binding,
            public_keys,
            has_secret,
            active,
            version,
            created_at,
            updated_at,
            links: Links::default()
                .and("self", "GET", own.clone())
                .and("edit", "PATCH", own)
                .and("add-secret", "POST", secrets.clone())
                .and_if(has_secret, "delete-secrets", "DELETE", || secrets),
        }
    }
}

fn path(id: Id) -> String {
    format!("/clients/{id}")
}

/// Urval av klienter. / Which clients.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ClientFilter {
    /// Klienter med denna roll. / Clients with this role.
    #[param(inline)]
    role: Option<Role>,
    /// Klienter som får, eller inte får, åtkomsttoken. / Clients that get, or do not get, access tokens.
    active: Option<bool>,
}

/// Klienter. / Clients.
#[utoipa::path(params(Paging, ClientFilter),
    responses((status = 200, description = "Klienter efter namn. / Clients by name.", body = [ClientView])))]
#[get("/clients")]
async fn list_clients(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<ClientFilter>,
) -> Result<HttpResponse, Problem> {
    let filter = store::Filter { role: filter.0.role, active: filter.0.active };
    let window = paging.0.window();
    let (clients, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let views: Vec<_> = clients.into_iter().map(|client| ClientView::new(client, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Registrera en klient. / Register a client.
///
/// Den har ingen hemlighet förrän den får en. / It has no secret until it gets one.
#[utoipa::path(request_body = ClientAccess,
    responses((status = 201, description = "Registrerad. / Registered.", body = ClientView)))]
#[post("/clients")]
async fn create_client(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<ClientAccess>,
) -> Result<HttpResponse, Problem> {
    let client = Client::new(body.value.into());
    let (actor, base) = (context.caller().id(), context.base().to_owned());
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        store::insert(conn, actor, &client)?;
        Created::new(path(client.id), client.version, &ClientView::new(client.clone(), &base))
    })
    .await
}

/// En klient. / A client.
#[utoipa::path(responses((status = 200, description = "Klienten. / The client.", body = ClientView)))]
#[get("/clients/{clientId}")]
async fn get_client(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let client = database.read(move |conn| store::find(conn, *id)).await?;
    reply::one(&context, Some(client.version), &ClientView::new(client, context.base()))
}

type ClientAccessPatch = Patch<ClientAccess>;

impl Patchable for ClientAccess {}

/// Ändra en klient. / Change a client.
///
/// En klient tas inte bort utan görs inaktiv; dess åtkomsttoken gäller då inte för ändringar, och för läsning högst de fem
/// minuter som de är utfärdade för. / A client is made inactive rather than deleted; then its access tokens are no good for
/// changes, and for reading at most for the five minutes that they were issued for.
#[utoipa::path(request_body = ClientAccessPatch,
    responses((status = 200, description = "Ändrad. / Changed.", body = ClientView)))]
#[patch("/clients/{clientId}")]
async fn update_client(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    id: Path<Id>,
    version: IfMatch,
    patch: ClientAccessPatch,
) -> Result<HttpResponse, Problem> {
    let actor = context.caller().id();
    let client = database
        .write(move |conn| {
            let before = store::find(conn, *id)?;
            version.check(before.version)?;
            let access = patch.apply(&contract, &before.access.clone().into())?.into();
            store::update(conn, actor, &before, Client { access, ..before.clone() })
        })
        .await?;
    reply::one(&context, Some(client.version), &ClientView::new(client, context.base()))
}

/// En ny hemlighet. / A new secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClientSecret, example = json!({
    "clientId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "clientSecret": "3q2-7wAAAABzaG93biBvbmNlLCB0aGVuIG5ldmVyIQ",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/clients/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12",
                        "rel": "self", "method": "GET"}}
}))]
struct SecretView {
    #[schema(value_type = uuid::Uuid)]
    client_id: Id,
    /// Hemligheten, som visas bara här. / The secret, which is shown only here.
    client_secret: String,
    #[serde(rename = "_links")]
    links: Links,
}

/// Sets the hash of a client's secret, or leaves it without one.
async fn keep_secret(
    context: &Context,
    database: &Database,
    id: Id,
    version: IfMatch,
    hash: Option<String>,
) -> Result<Client, Problem> {
    let actor = context.caller().id();
    database
        .write(move |conn| {
            let before = store::find(conn, id)?;
            version.check(before.version)?;
            store::update(conn, actor, &before, Client { secret_hash: hash.clone(), ..before.clone() })
        })
        .await
}

/// Ge klienten en ny hemlighet. / Give the client a new secret.
///
/// Den visas en gång; den förra upphör att gälla genast. Svaret upprepas inte med Idempotency-Key: gör om anropet om det kom
/// bort. / It is shown once; the former ends at once. The answer is not repeated by Idempotency-Key: call again if it was
/// lost.
#[utoipa::path(responses((status = 201, description = "Hemligheten. / The secret.", body = SecretView)))]
#[post("/clients/{clientId}/secrets")]
async fn create_client_secret(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (client_secret, hash) = secret::generate()?;
    let client = keep_secret(&context, &database, *id, version, Some(hash)).await?;
    let own = path(client.id);
    let links = Links::default().and("self", "GET", context.address(&own));
    let view = SecretView { client_id: client.id, client_secret, links };
    Ok(Created::new(own, client.version, &view)?.into_response(&context))
}

/// Låt klienten vara utan hemlighet. / Leave the client without a secret.
///
/// För den som gått över till `private_key_jwt`. / For one that has gone over to
/// `private_key_jwt`.
#[utoipa::path(responses((status = 204, description = "Hemligheten gäller inte längre. / The secret has ended.")))]
#[delete("/clients/{clientId}/secrets")]
async fn delete_client_secrets(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    keep_secret(&context, &database, *id, version, None).await?;
    Ok(HttpResponse::NoContent().finish())
}
