//! Exports over HTTP.

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Form, Row};
use super::operation::wire::OperationRow;
use super::stream::{self, Exports, Way};
use super::wire::{AlignmentRow, FundingLineRow, ProjectRow};
use super::workbook;
use crate::db::Database;
use crate::http::{Context, Query};
use crate::problem::Problem;
use crate::project::http::{Listing, Selection};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(export_projects)
        .service(export_alignments)
        .service(export_funding_lines)
        .service(export_operations)
        .service(export_workbook);
}

/// Filens form. / The form of the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct File {
    /// Om CSV ska börja med en byteordningsmarkering, så att Excel ser att det är UTF-8. / Whether CSV begins with a byte
    /// order mark, so that Excel sees that it is UTF-8.
    #[serde(default)]
    #[param(default = false, example = true)]
    bom: bool,
}

/// Sends the rows of a table that the caller may see.
async fn table<R: Row>(
    context: &Context,
    (database, exports): (Data<Database>, Data<Exports>),
    (selection, listing, file): (Query<Selection>, Query<Listing>, Query<File>),
) -> Result<HttpResponse, Problem> {
    let selected = selection.0.into_filter(context.caller());
    let form = Form::of(context.media_type(), file.0.bom);
    let database = database.get_ref().clone();
    let send = move |way: &Way| {
        database.read_now(|conn| {
            let filter = listing.0.narrow(conn, selected)?;
            stream::table::<R>(conn, &filter, form, way)
        })
    };
    let body = exports.begin(R::TABLE, send).await?;
    let name = format!("attachment; filename=\"{}.{}\"", R::TABLE, form.extension());
    Ok(HttpResponse::Ok().content_type(form.media_type()).insert_header((CONTENT_DISPOSITION, name)).body(body))
}

/// Projekt som tabell. / Projects as a table.
///
/// En rad för varje projekt som anroparen får se, äldst först, som CSV (RFC 4180, UTF-8) eller JSON Lines, efter Accept.
/// I CSV står en lista i en cell med | emellan; i värdena skrivs | som \| och \ som \\. En cell som ett kalkylprogram
/// skulle ta för en formel, eller som börjar med en apostrof, får en apostrof före sig. En fil som avbryts är inte hel. / A
/// row for each project that the caller may see, oldest first, as CSV or JSON Lines, by Accept. In CSV a list stands in one
/// cell with | between; in the values | is written \| and \ is written \\. A cell that a spreadsheet would take for a
/// formula, or that begins with an apostrophe, gets an apostrophe before it. A file that breaks off is not whole.
#[utoipa::path(params(Selection, Listing, File),
    responses((status = 200, description = "Projekten. / The projects.", content(
        (String = "text/csv", example = "id,reference,title\r\n0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10,2026-7KQF3,Godsterminal\r\n"),
        (Vec<ProjectRow> = "application/jsonl")
    ))))]
#[get("/exports/projects")]
async fn export_projects(
    context: Context,
    database: Data<Database>,
    exports: Data<Exports>,
    selection: Query<Selection>,
    listing: Query<Listing>,
    file: Query<File>,
) -> Result<HttpResponse, Problem> {
    table::<ProjectRow>(&context, (database, exports), (selection, listing, file)).await
}

/// Kopplingar som tabell. / Alignments as a table.
///
/// En rad för varje koppling i projekten som väljs, i samma form som projekten. / A row for each alignment of the projects
/// that are selected, in the same form as projects.
#[utoipa::path(params(Selection, Listing, File),
    responses((status = 200, description = "Kopplingarna. / The alignments.", content(
        (String = "text/csv", example = "projectReference,subGoal,share\r\n2026-7KQF3,4.3,70\r\n"),
        (Vec<AlignmentRow> = "application/jsonl")
    ))))]
#[get("/exports/alignments")]
async fn export_alignments(
    context: Context,
    database: Data<Database>,
    exports: Data<Exports>,
    selection: Query<Selection>,
    listing: Query<Listing>,
    file: Query<File>,
) -> Result<HttpResponse, Problem> {
    table::<AlignmentRow>(&context, (database, exports), (selection, listing, file)).await
}

/// Finansieringsrader som tabell. / Funding lines as a table.
///
/// En rad för varje finansieringsrad i projekten som väljs, även från andra källor än den som väljs, i samma form som
/// projekten. / A row for each funding line of the projects that are selected, also from other sources than the one
/// selected by, in the same form as projects.
#[utoipa::path(params(Selection, Listing, File),
    responses((status = 200, description = "Raderna. / The lines.", content(
        (String = "text/csv", example = "projectReference,source,amount,currency\r\n2026-7KQF3,norsjo-kommun,3447600.00,SEK\r\n"),
        (Vec<FundingLineRow> = "application/jsonl")
    ))))]
#[get("/exports/funding-lines")]
async fn export_funding_lines(
    context: Context,
    database: Data<Database>,
    exports: Data<Exports>,
    selection: Query<Selection>,
    listing: Query<Listing>,
    file: Query<File>,
) -> Result<HttpResponse, Problem> {
    table::<FundingLineRow>(&context, (database, exports), (selection, listing, file)).await
}

/// Insatser som får EU-stöd, som tabell. / Operations that the EU supports, as a table.
///
/// Underlag för förvaltande myndigheters lista över insatser (förordning (EU) 2021/1060 artikel 49.3), med Kohesios kolumner
/// och datum. En rad för varje projekt och ärende där en källa av typen eu har beviljat ett belopp. Med fundingSource
/// kommer bara de källornas insatser. Vad som krävs och inte är känt här räknas upp i Missing, efter artikelns punkter, och
/// lämnas tomt. Stödmottagare som är fysiska personer namnges inte. / A basis for managing authorities' list of operations
/// (Regulation (EU) 2021/1060 Article 49(3)), with Kohesio's columns and dates. A row for each project and case in which a
/// source of type eu has granted an amount. With fundingSource only those sources' operations come. What is required and
/// not known here is listed in Missing, by the article's points, and left empty. Beneficiaries who are natural persons are
/// not named.
#[utoipa::path(params(Selection, Listing, File),
    responses((status = 200, description = "Insatserna. / The operations.", content(
        (String = "text/csv", example = "Operation_Local_Identifier,Project_EU_Budget\r\n156077,3447600.00\r\n"),
        (Vec<OperationRow> = "application/jsonl")
    ))))]
#[get("/exports/operations")]
async fn export_operations(
    context: Context,
    database: Data<Database>,
    exports: Data<Exports>,
    selection: Query<Selection>,
    listing: Query<Listing>,
    file: Query<File>,
) -> Result<HttpResponse, Problem> {
    table::<OperationRow>(&context, (database, exports), (selection, listing, file)).await
}

/// Arbetsboken, som en fil. / The workbook, as a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
struct Workbook(#[expect(dead_code)] Vec<u8>);

/// Allt som en arbetsbok. / Everything as one workbook.
///
/// XLSX för Excel och LibreOffice. Arken projects, alignments och funding-lines har samma kolumner och rader som tabellerna
/// ovan, med dagar, belopp och antal som sådana och allt annat som text; inget är en formel, och ingen cell får en apostrof
/// före sig. En dag före mars 1900 och ett tal med fler än 15 siffror står som text, liksom tidpunkter. Arket coverage visar
/// täckningen av den valda strategin, annars den senaste, med diagram; arket columns förklarar kolumnerna. Ett ark rymmer
/// 1 048 575 rader och en cell 32 767 tecken: vad som inte får plats ger 400 och ingen fil. / XLSX for Excel and
/// LibreOffice. The sheets projects, alignments and funding-lines have the same columns and rows as the tables, with days,
/// amounts and counts as such and everything else as text; nothing is a formula, and no cell gets an apostrophe before it. A
/// day before March 1900 and a number of more than 15 digits stand as text, as points in time do. The sheet coverage shows
/// the coverage of the selected strategy, else the newest, with charts; the sheet columns explains the columns. A sheet
/// holds 1,048,575 rows and a cell 32,767 characters: what has no room gives 400 and no file.
#[utoipa::path(params(Selection, Listing), responses((status = 200, description = "Arbetsboken. / The workbook.", content(
    (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = "PK")
))))]
#[get("/exports/workbook")]
async fn export_workbook(
    context: Context,
    database: Data<Database>,
    exports: Data<Exports>,
    selection: Query<Selection>,
    listing: Query<Listing>,
) -> Result<HttpResponse, Problem> {
    let selected = selection.0.into_filter(context.caller());
    let database = database.get_ref().clone();
    let send = move |way: &Way| {
        let made = database.read_now(|conn| {
            let filter = listing.0.narrow(conn, selected)?;
            workbook::make(conn, &filter, way)
        })?;
        made.map_or_else(|gone| Ok(Err(gone)), |book| workbook::send(book, way))
    };
    let body = exports.begin("workbook", send).await?;
    let name = "attachment; filename=\"samsyn.xlsx\"";
    Ok(HttpResponse::Ok().content_type(workbook::MEDIA_TYPE).insert_header((CONTENT_DISPOSITION, name)).body(body))
}
