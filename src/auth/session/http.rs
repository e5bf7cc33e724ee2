//! Signing in and out, staying signed in, and seeing where one is signed in.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Session, store};
use crate::auth::key::{self, SigningKey};
use crate::auth::model::{User, folded_email};
use crate::auth::store::find_by_email;
use crate::auth::{Tokens, attempt, password, policy, secret, token};
use crate::clock::Timestamp;
use crate::db::{Conn, Database};
use crate::http::{Body, Context, Links, Paging, Query, reply};
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::telemetry::carried;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(create_session)
        .service(refresh_session)
        .service(list_sessions)
        .service(get_session)
        .service(delete_session);
}

/// Inloggningsuppgifter. / Credentials.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "handlaggare@example.se", "password": "en lång mening att minnas"}))]
struct Credentials {
    /// Kontots e-postadress. / The account's e-mail address.
    #[schema(min_length = 1, max_length = 254)]
    email: String,
    /// Lösenordet. / The password.
    #[schema(min_length = 1, max_length = 200)]
    password: String,
}

/// Förnyelse. / Renewal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"refreshToken": "3q2-7wAAAAB1c2VkIG9uY2UsIHRoZW4gZ29uZQ"}))]
struct Refresh {
    /// Den senaste förnyelsetoken; gäller en gång. / The latest refresh token; good once.
    #[schema(min_length = 1, max_length = 200)]
    refresh_token: String,
}

/// En inloggning. / A session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "accessToken": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "tokenType": "Bearer", "expiresIn": 300,
    "refreshToken": "3q2-7wAAAAB1c2VkIG9uY2UsIHRoZW4gZ29uZQ", "mustChangePassword": false,
    "sessionId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a11",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/me", "rel": "self", "method": "GET"}}
}))]
pub(in crate::auth) struct SignedIn {
    /// JWT att skicka som Authorization: Bearer. / JWT to send as Authorization: Bearer.
    access_token: String,
    /// Alltid Bearer. / Always Bearer.
    token_type: &'static str,
    /// Sekunder som åtkomsttoken gäller. / Seconds that the access token is valid.
    expires_in: i64,
    /// Byts mot nästa session med POST /sessions/refresh. / Exchanged by POST /sessions/refresh.
    refresh_token: String,
    /// Om lösenordet måste bytas innan något annat. / Whether the password must be changed before anything else.
    must_change_password: bool,
    /// Sessionens id; logga ut med DELETE /sessions/{sessionId}. / The session's id; sign out with DELETE
    /// /sessions/{sessionId}.
    #[schema(value_type = uuid::Uuid)]
    session_id: Id,
    #[serde(rename = "_links")]
    links: Links,
}

/// What every way into a session leads to.
pub(in crate::auth) struct Opened {
    user: User,
    session: Session,
    key: SigningKey,
    refresh_token: String,
}

impl Opened {
    /// A new session of an account.
    pub(in crate::auth) fn begin(conn: &mut Conn, user: User, tokens: &Tokens) -> Result<Self, Problem> {
        let (refresh_token, hash) = secret::generate()?;
        let session = store::begin(conn, user.id, &hash)?;
        let key = key::store::to_sign_with(conn, tokens.longest_key_age())?;
        Ok(Self { user, session, key, refresh_token })
    }

    pub(in crate::auth) fn answer(self, context: &Context, tokens: &Tokens) -> Result<HttpResponse, Problem> {
        let own = format!("/sessions/{}", self.session.id);
        let view = SignedIn {
            access_token: tokens.issue(&self.key, &self.user.principal().in_session(self.session.id))?,
            token_type: "Bearer",
            expires_in: token::LIFETIME,
            refresh_token: self.refresh_token,
            must_change_password: self.user.must_change_password,
            session_id: self.session.id,
            links: Links::default()
                .and("self", "GET", context.address("/me"))
                .and("edit", "PUT", context.address("/me/password"))
                .and("delete", "DELETE", context.address(&own)),
        };
        // Secrets: kept by nobody on the way.
        Ok(HttpResponse::Created()
            .insert_header(("Location", context.address("/me")))
            .insert_header(("Cache-Control", "no-store"))
            .json(view))
    }
}

/// The account whose password this is. Nothing tells an unknown account from a wrong password, not even the time.
async fn authenticated(
    database: Data<Database>,
    email: String,
    address: String,
    password: String,
) -> Result<Option<User>, Problem> {
    actix_web::web::block(carried(move || {
        // First, so that nobody's attempt is counted who is turned away because others are many.
        let mut turn = password::Turn::take()?;
        let found = database.write_now(|conn| {
            attempt::store::begin(conn, &email, &address)?;
            find_by_email(conn, &email)
        })?;
        let hash = found.as_ref().filter(|user| user.active).and_then(User::password_hash);
        if password::verify(&mut turn, &password, hash) {
            return Ok(found);
        }
        let account = found.map(|user| user.id);
        // From where is personal: it stands in the log, which is kept for a while, not in the journal, which is for good.
        tracing::warn!(address, account = account.map(tracing::field::display), "sign-in failed");
        database.write_now(|conn| attempt::store::fail(conn, "sign-in", "sign-in.failed", account))?;
        Ok(None)
    }))
    .await
    .map_err(Problem::internal)?
}

/// Logga in. / Sign in.
///
/// Ger en åtkomsttoken för fem minuter och en förnyelsetoken. Efter fem misslyckade försök från en adress får nästa vänta,
/// allt längre (429 med Retry-After). / Gives an access token for five minutes and a refresh token. After five failures from
/// an address the next has to wait, longer and longer (429 with Retry-After).
#[utoipa::path(request_body = Credentials,
    responses((status = 201, description = "Inloggad. / Signed in.", body = SignedIn)))]
#[post("/sessions")]
async fn create_session(
    context: Context,
    database: Data<Database>,
    tokens: Data<Tokens>,
    body: Body<Credentials>,
) -> Result<HttpResponse, Problem> {
    let Credentials { email, password } = body.value;
    let (email, address) = (folded_email(&email), context.client().to_string());
    let wrong = || {
        Problem::new(
            Kind::Unauthenticated,
            bilingual!("Fel e-postadress eller lösenord.", "Wrong e-mail address or password."),
        )
    };
    let known = authenticated(database.clone(), email.clone(), address.clone(), password).await?.ok_or_else(wrong)?;
    let signing = tokens.clone();
    let opened = database
        .write(move |conn| {
            // While the password was looked at the account may have been closed or got another.
            let is_still = |now: &User| now.active && now.password_hash == known.password_hash;
            let Some(user) = find_by_email(conn, &email)?.filter(is_still) else { return Ok(None) };
            attempt::store::succeed(conn, &email, &address)?;
            Opened::begin(conn, user, &signing).map(Some)
        })
        .await?;
    opened.ok_or_else(wrong)?.answer(&context, &tokens)
}

/// Förnya inloggningen. / Renew the session.
///
/// Byter förnyelsetoken mot en ny session. En token som används två gånger avslutar sessionen. / Exchanges the refresh
/// token for a new session. A token that is used twice ends the session.
#[utoipa::path(request_body = Refresh,
    responses((status = 201, description = "Förnyad. / Renewed.", body = SignedIn)))]
#[post("/sessions/refresh")]
async fn refresh_session(
    context: Context,
    database: Data<Database>,
    tokens: Data<Tokens>,
    body: Body<Refresh>,
) -> Result<HttpResponse, Problem> {
    let hash = secret::hash(&body.value.refresh_token);
    let (refresh_token, next) = secret::generate()?;
    let longest_age = tokens.longest_key_age();
    let renewed = database
        .write(move |conn| {
            let renewed = store::renew(conn, &hash, &next)?;
            Ok(renewed.zip(Some(key::store::to_sign_with(conn, longest_age)?)))
        })
        .await?;
    let ((user, session), key) = renewed.ok_or_else(|| {
        Problem::new(
            Kind::Unauthenticated,
            bilingual!("Sessionen är slut. Logga in igen.", "The session is over. Sign in again."),
        )
    })?;
    Opened { user, session, key, refresh_token }.answer(&context, &tokens)
}

/// En pågående inloggning. / A session that is not over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a11", "userId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "current": true,
    "createdAt": "2026-01-31T08:00:00Z", "expiresAt": "2026-01-31T20:00:00Z",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/sessions/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a11",
                        "rel": "self", "method": "GET"}}
}))]
struct SessionView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Kontot som är inloggat. / The account that is signed in.
    #[schema(value_type = uuid::Uuid)]
    user_id: Id,
    /// Om det är den som begäran hör till. / Whether it is the one that the request belongs to.
    current: bool,
    /// När kontot loggade in. / When the account signed in.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T08:00:00Z")]
    created_at: Timestamp,
    /// När den tar slut. / When it is over.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T20:00:00Z")]
    expires_at: Timestamp,
    #[serde(rename = "_links")]
    links: Links,
}

impl SessionView {
    fn new(session: &Session, context: &Context) -> Self {
        let address = context.address(&format!("/sessions/{}", session.id));
        Self {
            id: session.id,
            user_id: session.user_id,
            current: context.caller().session() == Some(session.id),
            created_at: session.created_at,
            expires_at: session.expires_at,
            links: Links::default().and("self", "GET", address.clone()).and("delete", "DELETE", address),
        }
    }
}

/// Whose sessions the caller may see: anyone's for who administers accounts, otherwise their own.
fn owner(context: &Context) -> Option<Id> {
    let is_anyone = policy::allows(context.caller(), "updateUser");
    if is_anyone { None } else { context.caller().id() }
}

/// Urval av inloggningar. / Which sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct SessionFilter {
    /// Ett annat kontos inloggningar, för administratörer. / Another account's sessions, for administrators.
    #[param(value_type = Option<uuid::Uuid>)]
    user_id: Option<Id>,
}

/// Pågående inloggningar. / Sessions that are not over.
///
/// De egna, eller för administratörer ett annat kontos. / One's own, or another account's for administrators.
#[utoipa::path(params(Paging, SessionFilter),
    responses((status = 200, description = "De senaste först. / The latest first.", body = [SessionView])))]
#[get("/sessions")]
async fn list_sessions(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<SessionFilter>,
) -> Result<HttpResponse, Problem> {
    let own = context.caller().id().unwrap_or_default();
    let user = filter.0.user_id.unwrap_or(own);
    if owner(&context).is_some_and(|owner| owner != user) {
        return Err(Problem::new(
            Kind::Forbidden,
            bilingual!("Bara administratörer ser andras.", "Only administrators see those of others."),
        ));
    }
    let window = paging.0.window();
    let (sessions, total) = database.read(move |conn| store::list(conn, user, window)).await?;
    let views: Vec<_> = sessions.iter().map(|session| SessionView::new(session, &context)).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// En pågående inloggning. / A session that is not over.
#[utoipa::path(responses((status = 200, description = "Inloggningen. / The session.", body = SessionView)))]
#[get("/sessions/{sessionId}")]
async fn get_session(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let owner = owner(&context);
    let session = database.read(move |conn| store::find(conn, *id, owner)).await?;
    reply::one(&context, None, &SessionView::new(&session, &context))
}

/// Logga ut. / Sign out.
///
/// Avslutar den egna inloggningen, eller för administratörer någon annans. Dess åtkomsttoken gäller inte längre för
/// ändringar, och för läsning högst de fem minuter som den är utfärdad för. If-Match behövs inte: en inloggning har bara
/// en version. / Ends one's own session, or anyone's for administrators. Its access token no longer is good for changes,
/// and for reading at most for the five minutes that it was issued for. If-Match is not needed: a session has but one
/// version.
#[utoipa::path(responses((status = 204, description = "Avslutad. / Ended.")))]
#[delete("/sessions/{sessionId}")]
async fn delete_session(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let (owner, actor) = (owner(&context), context.caller().id());
    database
        .write(move |conn| {
            let session = store::find(conn, *id, owner)?;
            store::end(conn, actor, &session, "signed-out")
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
