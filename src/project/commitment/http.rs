//! The steps of a funding line over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{self, Commitment, Step};
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{Body, Context, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::money::Money;
use crate::problem::{Fault, Kind, Problem};
use crate::project::change::{self, Change};
use crate::project::funding_line::FundingLine;
use crate::project::lifecycle::Act;
use crate::project::sight::Sight;
use crate::project::store;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_commitments).service(create_commitment);
}

/// Ett nytt steg: vad finansiären har gjort. / A new step: what the financier has done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "commitment": "granted", "date": "2010-09-08", "amount": {"amount": "3447600.00", "currency": "SEK"},
    "caseNumber": "156077", "document": "Beslut om stöd 2010-09-08"
}))]
struct NewCommitment {
    commitment: Commitment,
    /// Dagen då finansiären gjorde det; annars i dag. / The day the financier did it; otherwise today.
    #[serde(default)]
    #[schema(example = "2010-09-08")]
    date: Option<NaiveDate>,
    /// Beloppet; för en utbetalning just den. / The amount; for a payment, that payment alone.
    #[serde(default)]
    amount: Option<Money>,
    /// Finansiärens diarienummer. / The funder's case number.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    case_number: Option<String>,
    /// Var dokumentet finns: titel, arkivnummer eller adress. / Where the document is: title, number or address.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    document: Option<String>,
    /// Anmärkning. / Note.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    note: Option<String>,
}

/// Ett steg på vägen från planerad till utbetald. / A step on the way from planned to paid.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CommitmentStep, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a31", "commitment": "granted", "date": "2010-09-08",
    "amount": {"amount": "3447600.00", "currency": "SEK"}, "caseNumber": "156077",
    "document": "Beslut om stöd 2010-09-08", "recordedAt": "2026-01-31T12:00:00Z",
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                      "rel": "up", "method": "GET"}}
}))]
struct CommitmentView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    commitment: Commitment,
    /// Dagen då finansiären gjorde det. / The day the financier did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2010-09-08")]
    date: Option<NaiveDate>,
    /// Beloppet; för en utbetalning just den. / The amount; for a payment, that payment alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Finansiärens diarienummer. / The funder's case number.
    #[serde(skip_serializing_if = "Option::is_none")]
    case_number: Option<String>,
    /// Var dokumentet finns. / Where the document is.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// Anmärkning. / Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// När det registrerades. / When it was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    recorded_at: Timestamp,
    /// Kontot som registrerade det; visas för handläggare. / The account that recorded it; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    recorded_by: Option<Id>,
    #[serde(rename = "_links")]
    links: Links,
}

impl CommitmentView {
    fn new(step: Step, line: &str, caller: &Principal) -> Self {
        let Step { id, commitment, date, amount, case_number, document, note, recorded_at, recorded_by } = step;
        Self {
            id,
            commitment,
            date,
            amount,
            case_number,
            document,
            note,
            recorded_at,
            recorded_by: recorded_by.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            links: Links::default().and("collection", "GET", format!("{line}/commitments")).and(
                "up",
                "GET",
                line.to_owned(),
            ),
        }
    }
}

fn path(project: Id, line: Id) -> String {
    format!("/projects/{project}/funding-lines/{line}")
}

fn missing() -> Problem {
    Problem::not_found("Finansieringsraden", "The funding line")
}

/// Finansieringsradens steg. / The funding line's steps.
///
/// I den ordning de registrerades, utbetalningarna bland dem. / In the order they were recorded, payments among them.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Steg. / Steps.", body = [CommitmentView])))]
#[get("/projects/{projectId}/funding-lines/{fundingLineId}/commitments")]
async fn list_commitments(
    context: Context,
    database: Data<Database>,
    ids: Path<(Id, Id)>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let ((project, line), scope) = (ids.into_inner(), Sight::of(context.caller()));
    let found = database.read(move |conn| store::find(conn, project, scope)).await?;
    let steps = &found.funding_lines.iter().find(|known| known.id == line).ok_or_else(missing)?.commitments;
    let address = context.address(&path(project, line));
    let page = paging.0.slice(steps).iter().cloned();
    let views: Vec<_> = page.map(|step| CommitmentView::new(step, &address, context.caller())).collect();
    let total = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    reply::versioned_list(&context, Some(found.version), &paging.0, total, &views)
}

/// Registrera ett steg eller en utbetalning. / Record a step or a payment.
///
/// Steg får hoppas över framåt. Det är ingen revidering av projektet. Utbetalningarna är tillsammans högst det beviljade.
/// / Steps may be skipped forward. It is no revision of the project. Payments are together at most what is granted.
#[utoipa::path(request_body = NewCommitment,
    responses((status = 201, description = "Registrerat. / Recorded.", body = CommitmentView)))]
#[post("/projects/{projectId}/funding-lines/{fundingLineId}/commitments")]
async fn create_commitment(
    context: Context,
    database: Data<Database>,
    ids: Path<(Id, Id)>,
    version: IfMatch,
    key: IdempotencyKey,
    body: Body<NewCommitment>,
) -> Result<HttpResponse, Problem> {
    let (project, line) = ids.into_inner();
    let (caller, base, given) = (context.caller().clone(), context.base().to_owned(), body.value);
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let change = Change { caller: &caller, act: Act::Commit, kind: "project.commitmentRecorded" };
        let (step, saved) = change::make(conn, change, project, &version, |_, project| {
            let found = project.funding_lines.iter_mut().find(|known| known.id == line);
            add(found.ok_or_else(missing)?, given.clone(), &caller)
        })?;
        let path = path(project, line);
        let view = CommitmentView::new(step, &format!("{base}{path}"), &caller);
        Created::new(format!("{path}/commitments"), saved.version, &view)
    })
    .await
}

fn add(line: &mut FundingLine, given: NewCommitment, caller: &Principal) -> Result<Step, Problem> {
    permit(line, given.commitment, caller)?;
    let now = Timestamp::now();
    let today = now.as_utc().date_naive();
    let NewCommitment { commitment, date, amount, case_number, document, note } = given;
    let (id, date) = (Id::new(), Some(date.unwrap_or(today)));
    let step =
        Step { id, commitment, date, amount, case_number, document, note, recorded_at: now, recorded_by: caller.id() };
    model::check(&line.commitments, &step, today)?;
    line.commitments.push(step.clone());
    Ok(step)
}

/// Lets a caller record a step: funders what they are applied to for, decide and pay, on lines from their own sources.
fn permit(line: &FundingLine, step: Commitment, caller: &Principal) -> Result<(), Problem> {
    if !line.is_recorded_by(caller) {
        let source = &line.source;
        return Err(Problem::new(
            Kind::Forbidden,
            bilingual!(
                "Raden är från {source}, som kontot inte svarar för.",
                "The line is from {source}, which the account does not answer for."
            ),
        ));
    }
    let is_theirs = matches!(step, Commitment::Applied | Commitment::Granted | Commitment::Refused | Commitment::Paid);
    if caller.is_staff() || is_theirs {
        return Ok(());
    }
    let reason = bilingual!(
        "{step} registreras av handläggare; finansiärer registrerar applied, granted, refused och paid",
        "{step} is recorded by officers; funders record applied, granted, refused and paid"
    );
    Err(Problem::invalid(vec![Fault::body("/commitment", "for-officers", reason)]))
}
