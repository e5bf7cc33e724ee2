//! Imports over HTTP: a file is sent and checked, looked at row by row, committed, and undone if need be.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::task::spawn_blocking;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Cells, Counts, Form, Import, ImportState, Options, Row, RowOutcome};
use super::run::{Work, start};
use super::stage::begin;
use super::told::{CellChange, Finding, Sheet};
use super::upload::Sent;
use super::{rows, store};
use crate::analysis::suggestion::store::Known;
use crate::clock::Timestamp;
use crate::code_list::code_list;
use crate::db::Database;
use crate::http::{Body, Context, Contract, Created, Links, Paging, Query, reply};
use crate::id::Id;
use crate::problem::{Kind, Problem};
use crate::project::Visibility;
use crate::telemetry::carried;
use crate::text::{Bilingual, bilingual};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_imports)
        .service(create_import)
        .service(get_import)
        .service(list_import_rows)
        .service(create_import_status_change);
}

/// The import that an instance works on, one at a time.
#[derive(Debug, Clone)]
pub struct Imports(Arc<Semaphore>);

impl Default for Imports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Imports {
    /// The place to work, which one that has just come to rest is about to leave.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        timeout(Duration::from_secs(1), Arc::clone(&self.0).acquire_owned()).await.ok().and_then(Result::ok).ok_or_else(
            || {
                let detail = bilingual!(
                    "En annan import pågår. Försök igen när den är klar.",
                    "Another import is under way. Try again when it is done."
                );
                Problem::new(Kind::StateConflict, detail).retried_after(10)
            },
        )
    }
}

/// En fil att läsa in, som CSV eller XLSX. / A file to read in, as CSV or XLSX.
#[derive(ToSchema)]
#[schema(as = ImportFile, example = json!({"file": "ärende-id,projektnamn,kommuner\r\n20200940,Ortsammanbindande nät,Arjeplog\r\n"}))]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the form is for the document; the content is read as it comes")]
struct ImportFile {
    /// Filen. / The file.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// Vilka rader i en projektbank som läses in, och hur. / Which of a project bank's rows are read in, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct ImportSelection {
    /// Kommunkod: rader som nämner någon av kommunerna. / Municipality code: rows that name one of them.
    #[param(max_items = 50)]
    municipality: Option<Vec<String>>,
    /// Program: bankens programområde. / Programme: the bank's programme area.
    #[param(max_items = 50, example = json!(["Övre Norrland"]))]
    programme: Option<Vec<String>>,
    /// Projekt som pågår denna dag eller senare. / Projects going on on this day or later.
    #[param(example = "2014-01-01")]
    period_from: Option<NaiveDate>,
    /// Projekt som har börjat före denna dag. / Projects begun before this day.
    #[param(example = "2021-01-01")]
    period_to: Option<NaiveDate>,
    /// Strategin som nya projekt registreras under; annars den nyaste. / The strategy that new projects are registered
    /// under; otherwise the newest.
    #[param(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "norsjo-2014-2020")]
    strategy_id: Option<String>,
    /// Vilka som får se en projektbanks nya projekt; annars bara kommunen. / Who may see a project bank's new projects;
    /// otherwise the municipality alone.
    #[param(inline)]
    visibility: Option<Visibility>,
}

impl From<ImportSelection> for Options {
    fn from(selection: ImportSelection) -> Self {
        let ImportSelection { municipality, programme, period_from, period_to, strategy_id, visibility } = selection;
        Self { municipality, programme, period_from, period_to, strategy_id, visibility }
    }
}

/// Hur många rader som blir vad. / How many rows come to what.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportCounts, example = json!({
    "created": 270, "changed": 4, "unchanged": 3, "refused": 2, "filtered": 0
}))]
struct CountsView {
    /// Nya projekt, kopplingar eller finansieringsrader. / New projects, alignments or funding lines.
    created: i64,
    /// Ändringar. / Changes.
    changed: i64,
    /// Rader som inte ändrar något. / Rows that change nothing.
    unchanged: i64,
    /// Rader som bryter mot en regel. / Rows that break a rule.
    refused: i64,
    /// Rader utanför urvalet. / Rows outside the selection.
    filtered: i64,
}

/// Hur långt arbetet har kommit. / How far the work has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportProgress, example = json!({"done": 100, "total": 279}))]
struct ProgressView {
    /// Rader som är klara. / Rows that are done.
    done: i64,
    /// Rader i allt. / Rows in all.
    total: i64,
}

/// En import: en fil, och vad dess rader blir. / An import: a file, and what its rows come to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Import, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a60", "state": "checked", "fileName": "projektbanken.csv",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "sheets": [{"name": "", "form": "projectBank2014", "rows": 279, "droppedColumns": ["projektledare"],
                "unknownColumns": []}],
    "progress": {"done": 279, "total": 279},
    "counts": {"created": 270, "changed": 4, "unchanged": 3, "refused": 2, "filtered": 0},
    "skipRefused": false, "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z", "version": 2,
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/imports/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a60",
                        "rel": "self", "method": "GET"}}
}))]
struct ImportView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    state: ImportState,
    /// Vad filen heter. / What the file is called.
    file_name: String,
    /// Filens SHA-256. / The file's SHA-256.
    digest: String,
    sheets: Vec<Sheet>,
    progress: ProgressView,
    counts: CountsView,
    /// Om rader som nekas hoppas över. / Whether rows that are refused are passed over.
    skip_refused: bool,
    /// Varför det inte gick. / Why it did not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Bilingual>,
    /// Kontot som läste in filen. / The account that sent the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    created_by: Option<Id>,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>, example = "2026-01-31T12:00:00Z")]
    updated_at: Timestamp,
    /// Version. / Version.
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

impl ImportView {
    fn new(import: Import, base: &str) -> Self {
        let own = format!("{base}{}", path(import.id));
        let may = |wanted| import.permit(wanted, true, Timestamp::now()).is_ok();
        let is_waiting = may(ImportState::Committed) || may(ImportState::Undone);
        let Counts { created, changed, unchanged, refused } = import.counts;
        let links = Links::default()
            .and("self", "GET", own.clone())
            .and("collection", "GET", format!("{base}/imports"))
            .and("rows", "GET", format!("{own}/rows"))
            .and_if(is_waiting, "change-status", "POST", || format!("{own}/status-changes"));
        Self {
            id: import.id,
            state: import.state,
            file_name: import.file_name,
            digest: import.digest,
            sheets: import.sheets,
            progress: ProgressView { done: import.done, total: import.rows },
            counts: CountsView { created, changed, unchanged, refused, filtered: import.filtered },
            skip_refused: import.skips_refused,
            failure: import.failure,
            created_by: import.created_by,
            created_at: import.created_at,
            updated_at: import.updated_at,
            version: import.version,
            links,
        }
    }
}

fn path(id: Id) -> String {
    format!("/imports/{id}")
}

/// En rad i filen, och vad den blir. / A row of the file, and what it comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportRow, example = json!({
    "sheet": "", "row": 2, "form": "projectBank2014", "outcome": "created", "applied": false,
    "cells": {"ärende-id": "20200940", "projektnamn": "Ortsammanbindande nät"}, "changes": [], "findings": [],
    "_links": {"up": {"href": "https://api.norsjo.se/samsyn/v1/imports/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a60",
                      "rel": "up", "method": "GET"}}
}))]
struct RowView {
    /// Bladet; tomt i CSV. / The sheet; empty in CSV.
    sheet: String,
    /// Radens nummer, som kalkylprogram visar det. / The row's number, as spreadsheets show it.
    row: i64,
    form: Form,
    /// Vad den blir; saknas tills den är kontrollerad. / What it comes to; absent until it is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<RowOutcome>,
    /// Om det är gjort. / Whether that is done.
    applied: bool,
    /// Cellerna per kolumn, utan kolumner som inte läses. / The cells by column, without columns that are not read.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    cells: Cells,
    /// Celler som skiljer sig från det som gäller. / Cells that differ from what holds.
    changes: Vec<CellChange>,
    /// Vad som är fel, eller värt att veta. / What is wrong, or worth knowing.
    findings: Vec<Finding>,
    /// Projektet som den rör eller har skapat. / The project that it is about, or has made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    project_id: Option<Id>,
    /// Projektets version efter ändringen. / The project's version after the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    project_version: Option<i64>,
    #[serde(rename = "_links")]
    links: Links,
}

impl RowView {
    fn new(row: Row, import: Id, base: &str) -> Self {
        let project = row.effect.project.filter(|_| row.result != Some(RowOutcome::Created) || row.applied);
        let up = format!("{base}{}", path(import));
        let address = |id: &Id| format!("{base}/projects/{id}");
        Self {
            sheet: row.sheet,
            row: row.number,
            form: row.form,
            outcome: row.result,
            applied: row.applied,
            cells: row.cells,
            changes: row.effect.changes,
            findings: row.effect.findings,
            project_id: project,
            project_version: row.effect.new_version.filter(|_| row.applied),
            links: Links::default()
                .and("up", "GET", up)
                .and_if(project.is_some(), "project", "GET", || project.as_ref().map(address).unwrap_or_default()),
        }
    }
}

/// Importer. / Imports.
///
/// De senaste först. / The latest first.
#[utoipa::path(params(Paging), responses((status = 200, description = "Importer. / Imports.", body = [ImportView])))]
#[get("/imports")]
async fn list_imports(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let window = paging.0.window();
    let (imports, total) = database.read(move |conn| store::list(conn, window)).await?;
    let views: Vec<_> = imports.into_iter().map(|import| ImportView::new(import, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Läs in en fil. / Read a file in.
///
/// Filen är CSV eller XLSX: våra egna tabeller, som de exporteras, eller Tillväxtverkets projektbank. Ingenting ändras:
/// raderna kontrolleras, och importen visar vad de skulle bli. Personuppgifter i kända kolumner sparas inte. Samma fil en
/// gång till ändrar ingenting. / The file is CSV or XLSX: our own tables, as they are exported, or Tillväxtverket's project
/// bank. Nothing is changed: the rows are checked, and the import shows what they would come to. Known columns of personal
/// data are not kept. The same file once more changes nothing.
#[utoipa::path(params(ImportSelection), request_body(content = ImportFile, content_type = "multipart/form-data"),
    responses((status = 201, description = "Inläst; kontrolleras. / Read; being checked.", body = ImportView)))]
#[post("/imports")]
async fn create_import(
    context: Context,
    (database, contract, known, imports): (Data<Database>, Data<Contract>, Data<Known>, Data<Imports>),
    selection: Query<ImportSelection>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let sent = Sent::receive(&request, payload).await?;
    let place = imports.place().await?;
    let (caller, database) = (context.caller().clone(), database.get_ref().clone());
    let work = Work { database, contract: contract.into_inner(), known: known.into_inner(), caller };
    let options = Options::from(selection.0);
    let (import, work) = web::block(carried(move || {
        let Sent { file, name, digest } = &sent;
        begin(&work, file.path(), name.clone(), digest.clone(), options).map(|import| (import, work))
    }))
    .await
    .map_err(Problem::internal)??;
    let view = ImportView::new(import.clone(), context.base());
    spawn_blocking(carried(move || {
        let _place = place;
        finish(work.check(&import, &mut |_| ()));
    }));
    Ok(Created::new(path(view.id), view.version, &view)?.into_response(&context))
}

fn finish(outcome: Result<Import, Problem>) {
    match outcome {
        Ok(import) => tracing::info!(import = %import.id, state = %import.state, "an import came to rest"),
        Err(problem) => tracing::warn!(error = %problem, "an import failed"),
    }
}

/// En import. / An import.
#[utoipa::path(responses((status = 200, description = "Importen. / The import.", body = ImportView)))]
#[get("/imports/{importId}")]
async fn get_import(context: Context, database: Data<Database>, id: Path<Id>) -> Result<HttpResponse, Problem> {
    let import = database.read(move |conn| store::find(conn, *id)).await?;
    reply::one(&context, Some(import.version), &ImportView::new(import, context.base()))
}

/// Urval av rader. / Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowSelection {
    /// Vad de blir. / What they come to.
    #[param(inline)]
    outcome: Option<Vec<RowOutcome>>,
    /// Vilken tabell de hör till. / Which table they are of.
    #[param(inline)]
    form: Option<Vec<Form>>,
}

/// Importens rader. / The import's rows.
///
/// I filens ordning: vad varje rad blir, cell för cell, och varför. / In the file's order: what each row comes to, cell by
/// cell, and why.
#[utoipa::path(params(Paging, RowSelection),
    responses((status = 200, description = "Rader. / Rows.", body = [RowView])))]
#[get("/imports/{importId}/rows")]
async fn list_import_rows(
    context: Context,
    database: Data<Database>,
    id: Path<Id>,
    paging: Query<Paging>,
    selection: Query<RowSelection>,
) -> Result<HttpResponse, Problem> {
    let (id, window) = (*id, paging.0.window());
    let filter = rows::RowFilter { outcome: selection.0.outcome, form: selection.0.form };
    let (rows, total) = database
        .read(move |conn| {
            store::find(conn, id)?;
            rows::list(conn, id, &filter, window)
        })
        .await?;
    let views: Vec<_> = rows.into_iter().map(|row| RowView::new(row, id, context.base())).collect();
    reply::list(&context, &paging.0, total, &views)
}

code_list! {
    /// What can be done with an import.
    pub enum Wanted {
        /// Check it, when that was broken off.
        Checked = "checked", "kontrollerad";
        /// Do what its rows come to.
        Committed = "committed", "genomförd";
        /// Put back what was.
        Undone = "undone", "ångrad";
    }
}

/// Vad som ska göras med en import. / What is to be done with an import.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewImportStatusChange, example = json!({"status": "committed", "skipRefused": true}))]
struct NewImportStatusChange {
    status: Wanted,
    /// Om rader som nekas hoppas över; annars genomförs allt eller ingenting. / Whether rows that are refused are passed
    /// over; otherwise it is all or nothing.
    #[serde(default)]
    skip_refused: bool,
}

/// Genomför eller ångra en import. / Commit or undo an import.
///
/// Arbetet pågår efter svaret; importen visar hur långt det har kommit. En import ångras så länge ingenting har byggts
/// vidare på den. Ett arbete som har avbrutits (ingenting har hänt på en minut) kan göras om eller ångras. / The work goes on
/// after the answer; the import shows how far it has come. An import is undone as long as nothing has been built on it. Work
/// that was broken off (nothing has happened for a minute) can be done again or undone.
#[utoipa::path(request_body = NewImportStatusChange,
    responses((status = 201, description = "Påbörjat. / Begun.", body = ImportView)))]
#[post("/imports/{importId}/status-changes")]
async fn create_import_status_change(
    context: Context,
    (database, contract, known, imports): (Data<Database>, Data<Contract>, Data<Known>, Data<Imports>),
    id: Path<Id>,
    body: Body<NewImportStatusChange>,
) -> Result<HttpResponse, Problem> {
    let place = imports.place().await?;
    let (caller, actor) = (context.caller().clone(), context.caller().id());
    let NewImportStatusChange { status, skip_refused } = body.value;
    let wanted = match status {
        Wanted::Checked => ImportState::Checked,
        Wanted::Committed => ImportState::Committed,
        Wanted::Undone => ImportState::Undone,
    };
    let import = database.write(move |conn| start(conn, actor, *id, wanted, skip_refused)).await?;
    let view = ImportView::new(import.clone(), context.base());
    let database = database.get_ref().clone();
    let work = Work { database, contract: contract.into_inner(), known: known.into_inner(), caller };
    spawn_blocking(carried(move || {
        let _place = place;
        finish(match wanted {
            ImportState::Committed => work.commit(&import, &mut |_| ()),
            ImportState::Undone => work.undo(&import, &mut |_| ()),
            _ => work.check(&import, &mut |_| ()),
        });
    }));
    Ok(Created::new(path(view.id), view.version, &view)?.into_response(&context))
}
