//! A project's history and the feed of changes over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Cursor, Entry, FeedItem};
use super::{audit, store, words};
use crate::auth::Principal;
use crate::auth::policy::{self, PersonalData};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{Context, Links, Paging, Query, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project;
use crate::project::sight::Sight;
use crate::text::Bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    audit::http::routes(routes);
    routes.service(list_history).service(list_changes);
}

/// En händelse i projektets historia. / An event in the project's history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryEntry, example = json!({
    "at": "2026-01-31T12:00:00Z", "kind": "project.statusChanged", "version": 2, "changes": ["status"],
    "text": {"sv": "Läget ändrades från utkast till inlämnad.", "en": "The status changed from draft to submitted."},
    "_links": {"project": {"href": "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
                           "rel": "project", "method": "GET"}}
}))]
struct EntryView {
    /// När. / When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    at: Timestamp,
    /// Vad som hände, som ett fast namn. / What happened, as a fixed name.
    kind: String,
    /// Projektets version efteråt. / The project's version after it.
    version: i64,
    /// Vad som hände, i ord. / What happened, in words.
    text: Bilingual,
    /// De medlemmar som ändrades. / The members that changed.
    changes: Vec<String>,
    /// Kontot som gjorde det; visas för handläggare. / The account that did it; shown to officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    actor: Option<Id>,
    /// Det ändrade som det var; visas för den som läser allt. / What changed as it was; shown to those who read everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// Det ändrade som det blev; visas för den som läser allt. / What changed as it became; shown to those who read
    /// everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    #[serde(rename = "_links")]
    links: Links,
}

/// The members of a project and its parts that name accounts; they are shown to officers.
const ACCOUNTS: &[&str] = &["madeBy", "claimedBy", "by", "recordedBy", "reportedBy", "decidedBy"];

fn without_accounts(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let shown = members.into_iter().filter(|(name, _)| !ACCOUNTS.contains(&name.as_str()));
            Value::Object(shown.map(|(name, value)| (name, without_accounts(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(without_accounts).collect(),
        value => value,
    }
}

impl EntryView {
    fn new(entry: Entry, project: &str, caller: &Principal) -> Self {
        let seen = |value: Option<Value>| match value.filter(|_| caller.reads_everything()) {
            Some(value) if !policy::shows(caller, PersonalData::Account, false) => Some(without_accounts(value)),
            value => value,
        };
        Self {
            text: words::tell(&entry),
            changes: words::members(&entry),
            at: entry.at,
            kind: entry.kind,
            version: entry.version,
            actor: entry.actor.filter(|_| policy::shows(caller, PersonalData::Account, false)),
            before: seen(entry.before),
            after: seen(entry.after),
            links: Links::default().and("project", "GET", project.to_owned()),
        }
    }
}

/// Projektets historia i ord. / The project's history in words.
///
/// Det senaste först. Personuppgifter står aldrig i historien. / The latest first. Personal data never stand in it.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Historien. / The history.", body = [EntryView])))]
#[get("/projects/{projectId}/history")]
async fn list_history(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let (scope, window) = (Sight::of(context.caller()), paging.0.window());
    let (project, (entries, total)) = database
        .read(move |conn| Ok((project::store::find(conn, *id, scope)?, store::of_project(conn, *id, window)?)))
        .await?;
    let address = context.address(&format!("/projects/{}", project.id));
    let view = |entry| EntryView::new(entry, &address, context.caller());
    let views: Vec<_> = entries.into_iter().map(view).collect();
    reply::versioned_list(&context, Some(project.version), &paging.0, total, &views)
}

/// Från vilken ändring. / From which change.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedWindow {
    /// Ändringar efter denna markör ur ett tidigare svar; annars från början. / Changes after this cursor of an earlier
    /// answer; otherwise from the beginning.
    #[param(value_type = Option<String>, pattern = "^[0-7][0-9a-f]{15}$", example = "0000000000000000")]
    after: Option<Cursor>,
    /// Högst så många. / At most so many.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1000, default = 100, example = 100)]
    limit: i64,
}

fn hundred() -> i64 {
    100
}

/// En ändring. / A change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change, example = json!({
    "cursor": "000000000000002a", "at": "2026-01-31T12:00:00Z", "kind": "project.updated",
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "version": 3
}))]
pub struct ChangeView {
    /// Ändringens plats i flödet. / The change's place in the feed.
    #[schema(value_type = String)]
    cursor: Cursor,
    /// När. / When.
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    at: Timestamp,
    /// Vad som hände med vad: project.updated, organisation.created, … / What happened to what.
    kind: String,
    /// Id eller kod för det som ändrades. / Id or code of what changed.
    id: String,
    /// Dess version efteråt. / Its version after it.
    version: i64,
}

impl From<FeedItem> for ChangeView {
    fn from(FeedItem { cursor, at, kind, id, version }: FeedItem) -> Self {
        Self { cursor, at, kind, id, version }
    }
}

/// En del av flödet. / A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "changes": [{"cursor": "000000000000002a", "at": "2026-01-31T12:00:00Z", "kind": "project.updated",
                 "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "version": 3}],
    "cursor": "000000000000002a",
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/changes", "rel": "self", "method": "GET"}}
}))]
struct Feed {
    /// Ändringar i den ordning de gjordes. / Changes in the order they were made.
    changes: Vec<ChangeView>,
    /// Där nästa läsning går vidare, också när inget fanns. / Where the next reading goes on, also when there was nothing.
    #[schema(value_type = String)]
    cursor: Cursor,
    #[serde(rename = "_links")]
    links: Links,
}

/// Flödet av ändringar. / The feed of changes.
///
/// Följ det genom att läsa vidare från cursor (eller länken next): varje ändring kommer en gång, i ordning, också medan
/// andra skriver. Var och en ser ändringar av det den får se i dag. / Follow it by reading on from cursor (or the link
/// next): every change comes once, in order, also while others write. Everyone sees changes of what they may see today.
#[utoipa::path(params(FeedWindow),
    responses((status = 200, description = "Ändringar. / Changes.", body = Feed)))]
#[get("/changes")]
async fn list_changes(
    context: Context,
    database: Data<Database>,
    window: Query<FeedWindow>,
) -> Result<HttpResponse, Problem> {
    let FeedWindow { after, limit } = window.0;
    let (after, caller) = (after.unwrap_or_default(), context.caller().clone());
    let (items, cursor) = database.read(move |conn| store::feed(conn, &caller, after, limit)).await?;
    let page = |after: Cursor| context.address(&format!("/changes?after={after}&limit={limit}"));
    let feed = Feed {
        changes: items.into_iter().map(Into::into).collect(),
        cursor,
        links: Links::default().and("self", "GET", page(after)).and("next", "GET", page(cursor)),
    };
    reply::one(&context, None, &feed)
}
