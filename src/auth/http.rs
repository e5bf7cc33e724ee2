//! One's own account, and the administration of accounts.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::binding::http::BindingWire;
use super::model::{Role, User, password_faults};
use super::single_sign_on::http::Identity;
use super::{attempt, client, password, secret, session, single_sign_on, store};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::id::Id;
use crate::problem::{Fault, Kind, Problem};
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    session::http::routes(routes);
    client::http::routes(routes);
    single_sign_on::http::routes(routes);
    routes
        .service(get_me)
        .service(replace_password)
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(update_user);
}

/// Ett konto. / An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "email": "handlaggare@example.se", "name": "Handläggare",
    "role": "officer", "active": true, "mustChangePassword": false, "mayAssessOwn": false, "binding": {}, "version": 1,
    "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/users/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                        "rel": "self", "method": "GET"}}
}))]
struct UserView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// E-postadress, med små bokstäver. / E-mail address in lower case.
    email: String,
    /// Personens namn. / The person's name.
    name: String,
    role: Role,
    /// Om det går att logga in. / Whether the account can be signed in to.
    active: bool,
    /// Om lösenordet måste bytas. / Whether the password must be changed.
    must_change_password: bool,
    /// Om kontot får bedöma kopplingar som det själv har angett. / Whether it may assess claims that it made itself.
    may_assess_own: bool,
    binding: BindingWire,
    /// Vem identitetsleverantören känner kontots person som. / Whom the identity provider knows the account's person as.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
    /// Version, för If-Match. / Version, for If-Match.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

impl UserView {
    fn new(user: User, base: &str, path: &str) -> Self {
        Self {
            binding: user.binding().into(),
            identity: Identity::of(&user),
            links: Links::default().and("self", "GET", format!("{base}{path}")),
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            active: user.active,
            must_change_password: user.must_change_password,
            may_assess_own: user.may_assess_own,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }

    fn listed(user: User, base: &str) -> Self {
        let path = format!("/users/{}", user.id);
        Self::new(user, base, &path)
    }
}

/// Mitt konto. / My account.
#[utoipa::path(responses((status = 200, description = "Kontot. / The account.", body = UserView)))]
#[get("/me")]
async fn get_me(context: Context, database: Data<Database>) -> Result<HttpResponse, Problem> {
    let id = context.caller().id().unwrap_or_default();
    let user = database.read(move |conn| store::find(conn, id)).await?;
    reply::one(&context, Some(user.version), &UserView::new(user, context.base(), "/me"))
}

/// Byte av lösenord. / Change of password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "currentPassword": "abcd-efgh-jkmn-pqrs-tuvw", "newPassword": "en lång mening att minnas"
}))]
struct PasswordChange {
    /// Det nuvarande lösenordet. / The current password.
    #[schema(min_length = 1, max_length = 200)]
    current_password: String,
    /// Det nya, minst tolv tecken. / The new one, at least twelve characters.
    #[schema(min_length = 12, max_length = 200)]
    new_password: String,
}

/// Byt lösenord. / Change the password.
///
/// Alla sessioner avslutas; logga in igen. If-Match behövs inte, eftersom det nuvarande lösenordet anges. / All
/// sessions end; sign in again. If-Match is not needed, since the current password is given.
#[utoipa::path(request_body = PasswordChange,
    responses((status = 204, description = "Bytt. / Changed.")))]
#[put("/me/password")]
async fn replace_password(
    context: Context,
    database: Data<Database>,
    body: Body<PasswordChange>,
) -> Result<HttpResponse, Problem> {
    let PasswordChange { current_password, new_password } = body.value;
    let id = context.caller().id().unwrap_or_default();
    let user = database.read(move |conn| store::find(conn, id)).await?;
    let mut faults = password_faults("/newPassword", &new_password, &user.email);
    if new_password == current_password {
        let reason = bilingual!("ska vara ett annat än det nuvarande", "must be another than the current one");
        faults.push(Fault::body("/newPassword", "unchanged", reason));
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let Some(kept) = user.password_hash().map(str::to_owned) else {
        let reason = bilingual!(
            "Kontot loggar in med samlad inloggning och har inget lösenord här.",
            "The account signs in by single sign-on and has no password here."
        );
        return Err(Problem::new(Kind::StateConflict, reason));
    };
    let (email, address) = (user.email.clone(), context.client().to_string());
    let wrong = || {
        let reason = bilingual!("är fel", "is wrong");
        Problem::invalid(vec![Fault::body("/currentPassword", "wrong", reason)])
    };
    let (attempts, known) = (database.clone(), kept.clone());
    let hash = actix_web::web::block(move || {
        let mut turn = password::Turn::take()?;
        attempts.write_now(|conn| attempt::store::begin(conn, &email, &address))?;
        if !password::verify(&mut turn, &current_password, Some(&known)) {
            attempts.write_now(|conn| attempt::store::fail(conn, "sign-in", "password-change.failed", Some(id)))?;
            return Err(wrong());
        }
        password::hash(&mut turn, &new_password)
    })
    .await
    .map_err(Problem::internal)??;
    let address = context.client().to_string();
    database
        .write(move |conn| {
            let before = store::find(conn, id)?;
            if before.password_hash() != Some(kept.as_str()) {
                return Err(wrong());
            }
            attempt::store::succeed(conn, &before.email, &address)?;
            let after = User { password_hash: hash.clone(), must_change_password: false, ..before.clone() };
            store::update(conn, Some(id), &before, after)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Urval av konton. / Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserFilter {
    /// Konton med denna roll. / Accounts with this role.
    #[param(inline)]
    role: Option<Role>,
    /// Konton som går, eller inte går, att logga in på. / Accounts that can, or cannot, be signed in to.
    active: Option<bool>,
}

/// Konton. / Accounts.
#[utoipa::path(params(Paging, UserFilter),
    responses((status = 200, description = "Konton efter e-postadress. / Accounts by e-mail.", body = [UserView])))]
#[get("/users")]
async fn list_users(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<UserFilter>,
) -> Result<HttpResponse, Problem> {
    let filter = store::Filter { role: filter.0.role, active: filter.0.active };
    let window = paging.0.window();
    let (users, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let views: Vec<_> = users.into_iter().map(|user| UserView::listed(user, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Ett nytt konto. / A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "email": "handlaggare@example.se", "name": "Handläggare", "role": "officer", "password": "en lång mening att byta"
}))]
struct NewUser {
    /// E-postadress att logga in med. / E-mail address to sign in with.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// Personens namn. / The person's name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    role: Role,
    #[serde(default)]
    binding: BindingWire,
    /// Ett första lösenord, som personen måste byta. / A first password, which the person must change.
    #[schema(min_length = 12, max_length = 200)]
    password: String,
}

/// Lägg upp ett konto. / Add an account.
#[utoipa::path(request_body = NewUser,
    responses((status = 201, description = "Upplagt. / Added.", body = UserView)))]
#[post("/users")]
async fn create_user(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<NewUser>,
) -> Result<HttpResponse, Problem> {
    let NewUser { email, name, role, binding, password } = body.value;
    // Without the password, which whoever has the kept answers could otherwise guess at.
    let fingerprint = secret::hash(&serde_json::json!([email, name, role, binding]).to_string());
    let user = actix_web::web::block(move || User::new(&email, &name, role, &password, true))
        .await
        .map_err(Problem::internal)??
        .bound(&binding.into());
    let (actor, base) = (context.caller().id(), context.base().to_owned());
    idempotency::create(&context, &database, key, fingerprint, move |conn| {
        store::insert(conn, actor, &user)?;
        Created::new(format!("/users/{}", user.id), user.version, &UserView::listed(user.clone(), &base))
    })
    .await
}

/// Ett konto. / An account.
#[utoipa::path(responses((status = 200, description = "Kontot. / The account.", body = UserView)))]
#[get("/users/{userId}")]
async fn get_user(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let user = database.read(move |conn| store::find(conn, *id)).await?;
    reply::one(&context, Some(user.version), &UserView::listed(user, context.base()))
}

/// Vad en administratör ändrar på ett konto. / What an administrator changes of an account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Finansiär", "role": "funder", "active": true, "mayAssessOwn": false,
    "binding": {"fundingSources": ["eruf-ovre-norrland-2014-2020"], "frameworks": ["eruf-ovre-norrland-2014-2020"]}
}))]
struct UserAccess {
    /// Personens namn. / The person's name.
    #[schema(min_length = 1, max_length = 300)]
    name: String,
    role: Role,
    /// Om det ska gå att logga in. / Whether the account can be signed in to.
    active: bool,
    /// Om kontot får bedöma kopplingar som det själv har angett, som när avdelningen är en enda person. / Whether it may
    /// assess claims that it made itself, as in a department of one person.
    may_assess_own: bool,
    #[serde(default)]
    binding: BindingWire,
    /// Personen som får logga in på kontot med samlad inloggning; null för ingen. / The person who may sign in to the
    /// account by single sign-on; null for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<Identity>,
}

type UserAccessPatch = Patch<UserAccess>;

impl Patchable for UserAccess {}

/// Ändra ett konto. / Change an account.
///
/// Ett konto tas inte bort utan görs inaktivt; då avslutas dess sessioner. / An account is made inactive rather than
/// deleted; its sessions end.
#[utoipa::path(request_body = UserAccessPatch,
    responses((status = 200, description = "Ändrat. / Changed.", body = UserView)))]
#[patch("/users/{userId}")]
async fn update_user(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    id: Path<Id>,
    version: IfMatch,
    patch: UserAccessPatch,
) -> Result<HttpResponse, Problem> {
    let actor = context.caller().id();
    let user = database
        .write(move |conn| {
            let before = store::find(conn, *id)?;
            version.check(before.version)?;
            let User { name, role, active, may_assess_own, .. } = before.clone();
            let (binding, identity) = (before.binding().into(), Identity::of(&before));
            let access = UserAccess { name, role, active, may_assess_own, binding, identity };
            let UserAccess { name, role, active, may_assess_own, binding, identity } =
                patch.apply(&contract, &access)?;
            if actor == Some(before.id) && (!active || role != before.role) {
                let reason =
                    bilingual!("det egna kontot ändras av någon annan", "one's own is changed by someone else");
                return Err(Problem::invalid(vec![Fault::body("", "own-account", reason)]));
            }
            let after = User { name, role, active, may_assess_own, ..before.clone() };
            let identity = identity.map(|identity| (identity.issuer, identity.subject));
            store::update(conn, actor, &before, after.bound(&binding.into()).identified(identity))
        })
        .await?;
    reply::one(&context, Some(user.version), &UserView::listed(user, context.base()))
}
