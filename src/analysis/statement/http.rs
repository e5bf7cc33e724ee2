//! Statements over HTTP: issued and withheld by officers, read and verified by anyone.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, patch, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Statement, permit, seal};
use super::store;
use crate::analysis::report::store::material;
use crate::analysis::report::view::Report;
use crate::auth::{Principal, policy};
use crate::clock::Timestamp;
use crate::db::{Conn, Database};
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query, idempotency,
    reply,
};
use crate::id::Id;
use crate::problem::{Fault, Problem};
use crate::project::sight::Sight;
use crate::strategy;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_statements)
        .service(create_statement)
        .service(get_statement)
        .service(update_statement)
        .service(get_record);
}

/// Ett nytt intyg. / A new statement.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"}))]
struct NewStatement {
    /// Projektet som det gäller. / The project that it is about.
    #[schema(value_type = uuid::Uuid)]
    project_id: Id,
}

/// Om intyget hålls inne. / Whether the statement is withheld.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"withheldReason": "Innehåller en uppgift som inte är offentlig."}))]
struct Withholding {
    /// Varför det hålls inne; null visar det igen. / Why it is withheld; null shows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 10_000)]
    withheld_reason: Option<String>,
}

type WithholdingPatch = Patch<Withholding>;

impl Patchable for Withholding {}

/// Kontrollsumman av intygets exakta text. / The checksum of the statement's exact text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Digest, example = json!({
    "algorithm": "sha-256", "value": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
struct DigestView {
    /// Algoritm. / Algorithm.
    algorithm: &'static str,
    /// Hexadecimala siffror. / Hexadecimal digits.
    value: String,
}

/// Intygets exakta innehåll: projektet, dess kopplingar och bedömningar, strategins och ramverkens versioner, poängen med
/// belägg. / The statement's exact content.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = Object, example = json!({
    "format": "samsyn-alignment-statement", "formatVersion": 1, "issuedAt": "2026-01-31T12:00:00Z"
}))]
struct StatementRecord(Box<RawValue>);

/// Ett intyg om vad ett projekt bidrar till. / A statement on what a project contributes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Statement, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a80", "projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
    "issuedAt": "2026-01-31T12:00:00Z", "withheld": false, "version": 1,
    "digest": {"algorithm": "sha-256", "value": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/statements/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a80",
                        "rel": "self", "method": "GET"}}
}))]
struct StatementView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Projektet; saknas när intyget hålls inne. / The project; absent when the statement is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    project_id: Option<Id>,
    /// När det utfärdades. / When it was issued.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    issued_at: Timestamp,
    digest: DigestView,
    /// Ett senare intyg om samma projekt. / A later statement on the same project.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    superseded_by: Option<Id>,
    /// Om det hålls inne. / Whether it is withheld.
    withheld: bool,
    /// Varför; visas för handläggare. / Why; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<StatementRecord>,
    /// Version, för If-Match; innehållet ändras aldrig. / Version, for If-Match; the content never changes.
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

/// Whether the caller may see what the statement says.
fn is_shown(statement: &Statement, caller: &Principal) -> bool {
    let is_open = statement.withheld_reason.is_none() && Sight::of(caller).visibilities.contains(&statement.visibility);
    caller.is_staff() || is_open
}

impl StatementView {
    fn new(statement: &Statement, caller: &Principal, base: &str) -> Self {
        let address = format!("{base}/statements/{}", statement.id);
        let is_shown = is_shown(statement, caller);
        let later = statement.superseded_by.filter(|_| is_shown);
        let own = if is_shown { address.clone() } else { format!("{base}/statements?digest={}", statement.digest) };
        let links = Links::default()
            .and("self", "GET", own)
            .and("collection", "GET", format!("{base}/statements"))
            .and_if(is_shown, "record", "GET", || format!("{address}/record"))
            .and_if(is_shown, "project", "GET", || format!("{base}/projects/{}", statement.project_id))
            .and_if(policy::allows(caller, "updateStatement"), "edit", "PATCH", || address.clone());
        Self {
            id: statement.id,
            project_id: is_shown.then_some(statement.project_id),
            issued_at: statement.issued_at,
            digest: DigestView { algorithm: "sha-256", value: statement.digest.clone() },
            superseded_by: later,
            withheld: statement.withheld_reason.is_some()
                || !Sight::of(caller).visibilities.contains(&statement.visibility),
            withheld_reason: statement.withheld_reason.clone().filter(|_| caller.is_staff()),
            record: None,
            version: statement.version,
            links: match later {
                Some(later) => links.and("latest-version", "GET", format!("{base}/statements/{later}")),
                None => links,
            },
        }
    }

    fn with_record(statement: &Statement, caller: &Principal, base: &str) -> Result<Self, Problem> {
        let record = RawValue::from_string(statement.record.clone()).map_err(Problem::internal)?;
        Ok(Self { record: Some(StatementRecord(record)), ..Self::new(statement, caller, base) })
    }
}

/// Urval av intyg. / Which statements.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementFilter {
    /// Intyg om detta projekt. / Statements on this project.
    #[param(value_type = Option<uuid::Uuid>)]
    project: Option<Id>,
    /// Intyget med denna kontrollsumma; svarar också om ett intyg som hålls inne, utan dess innehåll, och utan
    /// hänsyn till project. / The statement with this checksum; answers for a withheld one too, without its content, and
    /// regardless of project.
    #[param(
        pattern = "^[0-9A-Fa-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    digest: Option<String>,
}

/// Intyg. / Statements.
///
/// Det senaste först. / The latest first.
#[utoipa::path(params(Paging, StatementFilter),
    responses((status = 200, description = "Intyg. / Statements.", body = [StatementView])))]
#[get("/statements")]
async fn list_statements(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<StatementFilter>,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller();
    let scope = (!caller.is_staff()).then(|| Sight::of(caller).visibilities.to_vec());
    let filter = store::Filter { project: filter.0.project, digest: filter.0.digest, scope };
    let window = paging.0.window();
    let (found, total) = database.read(move |conn| store::list(conn, &filter, window)).await?;
    let views: Vec<_> = found.iter().map(|own| StatementView::new(own, caller, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Issues a statement on a project as it stands, with what anyone may see of it.
fn issue(conn: &mut Conn, caller: &Principal, project: Id) -> Result<Statement, Problem> {
    let material = material(conn, project, Sight::of(caller))?;
    permit(&material.project)?;
    let (id, issued_at) = (Id::new(), Timestamp::now());
    let issuer = strategy::store::municipality_name(conn, &material.project.facts.strategy_id)?;
    let report = serde_json::to_value(Report::new(&material)).map_err(Problem::internal)?;
    let Value::Object(mut members) = report else { return Err(Problem::internal(anyhow::anyhow!("no object"))) };
    members.insert("format".to_owned(), "samsyn-alignment-statement".into());
    members.insert("formatVersion".to_owned(), 1.into());
    members.insert("statementId".to_owned(), id.to_string().into());
    members.insert("issuedAt".to_owned(), serde_json::to_value(issued_at).map_err(Problem::internal)?);
    members.insert("issuer".to_owned(), issuer.into());
    let (record, digest) = seal(members)?;
    let statement = Statement {
        id,
        project_id: project,
        issued_at,
        issued_by: caller.id(),
        record,
        digest,
        withheld_reason: None,
        version: 1,
        visibility: material.project.facts.visibility,
        superseded_by: None,
    };
    store::insert(conn, &statement)?;
    Ok(statement)
}

/// Utfärda ett intyg. / Issue a statement.
///
/// Ett daterat intyg om projektet som det står, med offentliga uppgifter och utan länkar. Det ändras aldrig; ett senare
/// intyg ersätter det synligt. / A dated statement on the project as it stands, with public facts and without hyperlinks.
/// It never changes; a later statement supersedes it visibly.
#[utoipa::path(request_body = NewStatement,
    responses((status = 201, description = "Utfärdat. / Issued.", body = StatementView)))]
#[post("/statements")]
async fn create_statement(
    context: Context,
    database: Data<Database>,
    key: IdempotencyKey,
    body: Body<NewStatement>,
) -> Result<HttpResponse, Problem> {
    let (caller, base, project) = (context.caller().clone(), context.base().to_owned(), body.value.project_id);
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let statement = issue(conn, &caller, project)?;
        let view = StatementView::with_record(&statement, &caller, &base)?;
        Created::new(format!("/statements/{}", statement.id), statement.version, &view)
    })
    .await
}

/// Ett intyg. / A statement.
///
/// record är det exakta innehållet; kontrollsumman är SHA-256 över dess kanoniska JSON (RFC 8785), som också fås byte för
/// byte på intygets record. Ett intyg som hålls inne svarar 404. / record is the exact content; the checksum is SHA-256 of
/// its canonical JSON (RFC 8785), which the statement's record gives byte by byte. A withheld statement answers 404.
#[utoipa::path(responses((status = 200, description = "Intyget. / The statement.", body = StatementView)))]
#[get("/statements/{statementId}")]
async fn get_statement(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let statement = shown(&context, &database, *id).await?;
    let view = StatementView::with_record(&statement, context.caller(), context.base())?;
    reply::one(&context, Some(statement.version), &view)
}

async fn shown(context: &Context, database: &Database, id: Id) -> Result<Statement, Problem> {
    let statement = database.read(move |conn| store::find(conn, id)).await?;
    if is_shown(&statement, context.caller()) { Ok(statement) } else { Err(store::missing()) }
}

/// Intygets exakta text. / The statement's exact text.
///
/// De byte som kontrollsumman är räknad på. / The bytes that the checksum is of.
#[utoipa::path(responses((status = 200, description = "Texten. / The text.", body = StatementRecord)))]
#[get("/statements/{statementId}/record")]
async fn get_record(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let statement = shown(&context, &database, *id).await?;
    Ok(reply::text(&context, None, statement.record, "application/json"))
}

/// Håll inne ett intyg, eller visa det igen. / Withhold a statement, or show it again.
#[utoipa::path(request_body = WithholdingPatch,
    responses((status = 200, description = "Ändrat. / Changed.", body = StatementView)))]
#[patch("/statements/{statementId}")]
async fn update_statement(
    context: Context,
    database: Data<Database>,
    contract: Data<Contract>,
    id: Path<Id>,
    version: IfMatch,
    patch: WithholdingPatch,
) -> Result<HttpResponse, Problem> {
    let actor = context.caller().id();
    let statement = database
        .write(move |conn| {
            let before = store::find(conn, *id)?;
            version.check(before.version)?;
            let current = Withholding { withheld_reason: before.withheld_reason.clone() };
            let wanted = patch.apply(&contract, &current)?.withheld_reason;
            if wanted.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
                let reason = bilingual!("ska ha text", "must have text");
                return Err(Problem::invalid(vec![Fault::body("/withheldReason", "blank", reason)]));
            }
            store::withhold(conn, actor, &before, wanted)
        })
        .await?;
    let view = StatementView::with_record(&statement, context.caller(), context.base())?;
    reply::one(&context, Some(statement.version), &view)
}
