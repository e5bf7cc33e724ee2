//! Signing in with an ID token, and where to get one.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::id_token::{Unchecked, refused};
use super::{Issuer, Issuers, store};
use crate::auth::model::User;
use crate::auth::session::http::{Opened, SignedIn};
use crate::auth::{Tokens, attempt, once};
use crate::db::{Conn, Database};
use crate::http::{Body, Context, Paging, Query, reply};
use crate::problem::{Kind, Problem};

/// What wrong tokens are counted under: whose they are is not known.
const ACCOUNT: &str = "single-sign-on";

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_issuers).service(create_single_sign_on_session);
}

/// Vem en identitetsleverantör känner en person som. / Whom an identity provider knows a person as.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"issuer": "https://login.example.se/realms/norsjo", "subject": "f2a1c6de"}))]
pub struct Identity {
    /// Leverantörens identifierare: iss i dess token. / The provider's identifier: the iss of its tokens.
    #[schema(min_length = 1, max_length = 500)]
    pub issuer: String,
    /// Personens: sub i token. / The person's: the sub of tokens.
    #[schema(min_length = 1, max_length = 255)]
    pub subject: String,
}

impl Identity {
    /// That of an account's person, if they sign in elsewhere.
    #[must_use]
    pub fn of(user: &User) -> Option<Self> {
        Some(Self { issuer: user.issuer.clone()?, subject: user.subject.clone()? })
    }
}

/// En identitetsleverantör. / An identity provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Issuer, example = json!({
    "issuer": "https://login.example.se/realms/norsjo", "name": "Norsjö kommun", "clientId": "samsyn"
}))]
struct IssuerView {
    /// Identifierare; inställningarna finns under /.well-known/openid-configuration. / Identifier; its configuration is below
    /// /.well-known/openid-configuration.
    issuer: String,
    /// Vad den heter för människor. / What people call it.
    name: String,
    /// Klientens id hos den, som dess ID-token ska vara för. / The client's id there, which its ID tokens must be for.
    client_id: String,
}

impl From<&Issuer> for IssuerView {
    fn from(Issuer { issuer, name, audience, .. }: &Issuer) -> Self {
        Self { issuer: issuer.clone(), name: name.clone(), client_id: audience.clone() }
    }
}

/// Identitetsleverantörer. / Identity providers.
///
/// Dem som kan ge en ID-token att logga in med. / Those that can give an ID token to sign in with.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "I den ordning de ska visas. / In the order to show them.", body = [IssuerView])))]
#[get("/issuers")]
async fn list_issuers(
    context: Context,
    issuers: Data<Issuers>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let all: Vec<IssuerView> = issuers.iter().map(IssuerView::from).collect();
    let (offset, limit) = paging.0.window();
    let (from, most) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(0));
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let page: Vec<_> = all.into_iter().skip(from).take(most).collect();
    reply::list(&context, &paging.0, total, &page)
}

/// Inloggning hos en identitetsleverantör. / A sign-in at an identity provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"idToken": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.c2ln"}))]
struct SingleSignOn {
    /// Den ID-token som leverantören just gav; gäller en gång. / The ID token that the provider gave just now; good once.
    #[schema(min_length = 1, max_length = 20_000)]
    id_token: String,
}

/// Logga in med en ID-token. / Sign in with an ID token.
///
/// Hämta den hos en av leverantörerna i GET /issuers: auktoriseringskod med PKCE, som dess klient. Den första inloggningen ger
/// ett konto med den roll som leverantören anger. Den som ofta skickar felaktiga får vänta, allt längre (429 med Retry-After).
/// / Get it at one of the providers of GET /issuers: an authorization code with PKCE, as its client. The first sign-in makes an
/// account with the role that the provider tells. Who often sends wrong ones has to wait, longer and longer (429 with
/// Retry-After).
#[utoipa::path(request_body = SingleSignOn,
    responses((status = 201, description = "Inloggad. / Signed in.", body = SignedIn)))]
#[post("/sessions/single-sign-on")]
async fn create_single_sign_on_session(
    context: Context,
    database: Data<Database>,
    tokens: Data<Tokens>,
    issuers: Data<Issuers>,
    body: Body<SingleSignOn>,
) -> Result<HttpResponse, Problem> {
    let address = context.client().to_string();
    let from = address.clone();
    database.read(move |conn| attempt::store::check(conn, ACCOUNT, &from)).await?;
    let opened = open(&database, &tokens, &issuers, &body.value.id_token, address.clone()).await;
    // An office may share an address: what is right is not counted.
    if opened.as_ref().is_err_and(|problem| problem.kind() == Kind::Unauthenticated) {
        tracing::warn!(address, "single sign-on failed");
        let failed = move |conn: &mut Conn| {
            attempt::store::fail(conn, "sign-in", "single-sign-on.failed", None)?;
            attempt::store::count(conn, ACCOUNT, &address)
        };
        database.write(failed).await?;
    }
    opened?.answer(&context, &tokens)
}

/// A session for the person that a token is about, who has not used it before.
async fn open(
    database: &Database,
    tokens: &Data<Tokens>,
    issuers: &Issuers,
    token: &str,
    address: String,
) -> Result<Opened, Problem> {
    let token = Unchecked::read(token)?;
    let person = issuers.person(&token).await?;
    let ((hash, expires_at), tokens) = (token.mark(), tokens.clone());
    database
        .write(move |conn| {
            if !once::store::use_once(conn, &hash, expires_at)? {
                return Err(refused("den är redan använd", "it was used before"));
            }
            let user = store::admit(conn, &person)?;
            attempt::store::succeed(conn, ACCOUNT, &address)?;
            Opened::begin(conn, user, &tokens)
        })
        .await
}
