//! Notes on measures over HTTP.

use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Note, Standing};
use super::store;
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{Body, Context, Created, IdempotencyKey, IfMatch, Links, Paging, Query, idempotency, reply};
use crate::id::Id;
use crate::problem::Problem;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_notes).service(create_note).service(delete_note);
}

/// En ny notering om en åtgärd. / A new note on a measure.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"standing": "ordinaryWork", "text": "Ingår i kommunens ordinarie verksamhet sedan 2015."}))]
struct NewNote {
    standing: Standing,
    /// Vad det är att säga. / What there is to say.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
    /// Dagen då det gäller från; annars i dag. / The day it holds from; otherwise today.
    #[serde(default)]
    #[schema(example = "2015-01-01")]
    date: Option<NaiveDate>,
}

/// Avdelningens notering om en åtgärd. / The department's note on a measure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MeasureNote, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a62", "standing": "ordinaryWork",
    "text": "Ingår i kommunens ordinarie verksamhet sedan 2015.", "date": "2015-01-01",
    "recordedAt": "2026-01-31T12:00:00Z",
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/strategies/norsjo-2014-2020/measures/3.7.2", "rel": "up",
                      "method": "GET"}}
}))]
struct NoteView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    standing: Standing,
    /// Vad det är att säga. / What there is to say.
    text: String,
    /// Dagen då det gäller från. / The day it holds from.
    #[schema(example = "2015-01-01")]
    date: NaiveDate,
    /// När den skrevs. / When it was recorded.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    recorded_at: Timestamp,
    /// Kontot som skrev den; visas för handläggare. / The account that recorded it; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    recorded_by: Option<Id>,
    #[serde(rename = "_links")]
    links: Links,
}

impl NoteView {
    fn new(note: Note, caller: &Principal, base: &str) -> Self {
        let measure = format!("{base}/strategies/{}/measures/{}", note.strategy_id, note.measure_code);
        Self {
            id: note.id,
            standing: note.standing,
            text: note.text,
            date: note.date,
            recorded_at: note.recorded_at,
            recorded_by: note.recorded_by.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            links: Links::default().and("collection", "GET", format!("{measure}/notes")).and("up", "GET", measure),
        }
    }
}

/// Avdelningens noteringar om en åtgärd. / The department's notes on a measure.
///
/// Den senaste först. / The latest first.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Noteringar. / Notes.", body = [NoteView])))]
#[get("/strategies/{strategyId}/measures/{measureCode}/notes")]
async fn list_notes(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let (strategy, measure) = path.into_inner();
    let (version, found) = database
        .read(move |conn| Ok((store::version(conn, &strategy, &measure)?, store::list(conn, &strategy, &measure)?)))
        .await?;
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let page = paging.0.slice(&found).iter().cloned();
    let views: Vec<_> = page.map(|note| NoteView::new(note, context.caller(), context.base())).collect();
    reply::versioned_list(&context, Some(version), &paging.0, total, &views)
}

/// Skriv en notering. / Add a note.
#[utoipa::path(request_body = NewNote,
    responses((status = 201, description = "Tillagd. / Added.", body = NoteView)))]
#[post("/strategies/{strategyId}/measures/{measureCode}/notes")]
async fn create_note(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
    key: IdempotencyKey,
    body: Body<NewNote>,
) -> Result<HttpResponse, Problem> {
    let (strategy_id, measure_code) = path.into_inner();
    let (caller, base, location) = (context.caller().clone(), context.base().to_owned(), context.path().to_owned());
    let NewNote { standing, text, date } = body.value;
    let recorded_at = Timestamp::now();
    let date = date.unwrap_or_else(|| recorded_at.as_utc().date_naive());
    let (id, recorded_by) = (Id::new(), caller.id());
    let note = Note { id, strategy_id, measure_code, standing, text, date, recorded_at, recorded_by };
    idempotency::create(&context, &database, key, body.fingerprint, move |conn| {
        let version = store::insert(conn, &note)?;
        Created::new(location.clone(), version, &NoteView::new(note.clone(), &caller, &base))
    })
    .await
}

/// Ta bort en notering. / Remove a note.
#[utoipa::path(responses((status = 204, description = "Borttagen. / Removed.")))]
#[delete("/strategies/{strategyId}/measures/{measureCode}/notes/{noteId}")]
async fn delete_note(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String, Id)>,
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (strategy, measure, id) = path.into_inner();
    let actor = context.caller().id();
    let version = database
        .write(move |conn| {
            version.check(store::version(conn, &strategy, &measure)?)?;
            store::remove(conn, actor, &strategy, &measure, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().insert_header((ETAG, format!("\"{version}\""))).finish())
}
