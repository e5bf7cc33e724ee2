//! Personal data over HTTP. What a person is found by stands in the body, since addresses are logged; answers are kept by
//! nobody.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Done, Held, Person};
use super::store;
use crate::auth::attempt::model::Attempts;
use crate::auth::binding::http::BindingWire;
use crate::auth::session::Session;
use crate::auth::{Role, User};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::history::audit::http::Subject;
use crate::history::audit::model::Event;
use crate::http::{Body, Context, Links};
use crate::id::Id;
use crate::organisation::Organisation;
use crate::organisation::model::Sector;
use crate::problem::Problem;
use crate::project::model::Contact;
use crate::strategy::note::model::{Note, Standing};
use crate::strategy::people::model::Area;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(create_export).service(create_anonymisation);
}

/// Vem det gäller; minst en uppgift. / Whom it is about; at least one of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Person, example = json!({"email": "handlaggare@example.se", "name": "Handläggare"}))]
struct PersonWire {
    /// E-postadress: kontot och de kontaktpersoner som har den. / E-mail address: the account and the contacts with it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 254)]
    email: Option<String>,
    /// Namn: de kontaktpersoner utan e-postadress som heter så, för namn delas av flera. / Name: the contacts without an
    /// e-mail address that have it, since names are shared.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300)]
    name: Option<String>,
    /// Personnummer: den enskilda firman. / Personal identity number: the sole trader.
    #[serde(default)]
    #[schema(pattern = "^([0-9]{2})?[0-9]{6}[- ]?[0-9]{4}$")]
    number: Option<String>,
}

impl PersonWire {
    fn person(&self) -> Result<Person, Problem> {
        Person::new(self.email.as_deref(), self.name.as_deref(), self.number.as_deref())
    }
}

/// Ett konto. / An account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldAccount {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// E-postadress. / E-mail address.
    email: String,
    /// Namn. / Name.
    name: String,
    role: Role,
    /// Om det går att logga in. / Whether the account can be signed in to.
    active: bool,
    /// Om kontot får bedöma kopplingar som det själv har angett. / Whether it may assess claims that it made itself.
    may_assess_own: bool,
    binding: BindingWire,
    /// Identitetsutfärdaren som känner personen. / The identity provider that knows the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// Vem personen är där. / Who the person is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

impl From<User> for HeldAccount {
    fn from(user: User) -> Self {
        let binding = user.binding().into();
        let User { id, email, name, role, active, may_assess_own, issuer, subject, created_at, updated_at, .. } = user;
        Self { id, email, name, role, active, may_assess_own, binding, issuer, subject, created_at, updated_at }
    }
}

/// En pågående inloggning. / A session that is not over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldSession {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    expires_at: Timestamp,
}

impl From<Session> for HeldSession {
    fn from(Session { id, created_at, expires_at, .. }: Session) -> Self {
        Self { id, created_at, expires_at }
    }
}

/// Misslyckade försök att logga in, som bromsen minns i ett dygn. / Failed attempts to sign in, which the brake remembers
/// for a day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldAttempts {
    /// Nätverksadressen. / The network address.
    address: String,
    /// Hur många. / How many.
    count: i64,
    /// När det senaste gjordes. / When the last was made.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    last_at: Timestamp,
}

impl From<(String, Attempts)> for HeldAttempts {
    fn from((address, Attempts { count, last_at }): (String, Attempts)) -> Self {
        Self { address, count, last_at }
    }
}

/// Ett projekt som personen är kontakt för. / A project that the person is the contact of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldContact {
    #[schema(value_type = uuid::Uuid)]
    project_id: Id,
    /// Projektets beteckning. / The project's reference.
    reference: String,
    /// Namn. / Name.
    name: String,
    /// E-postadress. / E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Telefonnummer. / Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// En arbetsgrupp där personen är ansvarig handläggare. / A working group whose responsible officer the person is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldArea {
    /// Strategins id. / The strategy's id.
    strategy_id: String,
    /// Målområdets kod. / Code of the goal area.
    goal_area_code: String,
}

impl From<(Area, Id)> for HeldArea {
    fn from((Area { strategy, code }, _): (Area, Id)) -> Self {
        Self { strategy_id: strategy, goal_area_code: code }
    }
}

/// En notering som personen har skrivit. / A note that the person has written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldNote {
    /// Strategins id. / The strategy's id.
    strategy_id: String,
    /// Åtgärdens kod. / Code of the measure.
    measure_code: String,
    standing: Standing,
    /// Noteringen. / The note.
    text: String,
    date: NaiveDate,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    recorded_at: Timestamp,
}

impl From<Note> for HeldNote {
    fn from(Note { strategy_id, measure_code, standing, text, date, recorded_at, .. }: Note) -> Self {
        Self { strategy_id, measure_code, standing, text, date, recorded_at }
    }
}

/// Personen som enskild firma. / The person as a sole trader.
#[derive(Debug, Serialize, ToSchema)]
struct HeldSoleTrader {
    /// Organisationens id. / The organisation's id.
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Namn. / Name.
    name: String,
    sector: Sector,
    /// Personnummer. / Personal identity number.
    number: Option<String>,
}

impl From<Organisation> for HeldSoleTrader {
    fn from(Organisation { id, name, sector, number, .. }: Organisation) -> Self {
        Self { id, name, sector, number }
    }
}

/// En rad i en inläst fil som nämner den enskilda firman. / A row of an imported file that names the sole trader.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldImportRow {
    #[schema(value_type = uuid::Uuid)]
    import_id: Id,
    /// Bladet; tomt i CSV. / The sheet; empty in CSV.
    sheet: String,
    /// Radens nummer, som kalkylprogram visar det. / The row's number, as spreadsheets show it.
    row: i64,
}

impl From<(Id, String, i64)> for HeldImportRow {
    fn from((import_id, sheet, row): (Id, String, i64)) -> Self {
        Self { import_id, sheet, row }
    }
}

/// Något som kontot har gjort eller som har gjorts med det. / Something that the account did, or that was done with it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldEvent {
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    at: Timestamp,
    /// Vad som hände, som ett fast namn. / What happened, as a fixed name.
    kind: String,
    subject: Subject,
    /// Om kontot gjorde det. / Whether the account did it.
    by_account: bool,
}

impl HeldEvent {
    fn new(event: Event, account: Option<Id>) -> Self {
        let by_account = event.entry.actor == account;
        let subject = Subject { type_: event.aggregate, id: event.id };
        Self { at: event.entry.at, kind: event.entry.kind, subject, by_account }
    }
}

/// Allt som finns om en person. / Everything that is held about a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PersonalDataExport, example = json!({
    "sessions": [], "signInAttempts": [], "workingGroups": [], "notes": [], "importRows": [], "events": [],
    "contacts": [{"projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "reference": "2026-7KQF3",
                  "name": "Projektledaren", "email": "ledaren@example.se"}],
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/personal-data/exports", "rel": "self", "method": "POST"}}
}))]
struct ExportView {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<HeldAccount>,
    /// Pågående inloggningar. / Sessions that are not over.
    sessions: Vec<HeldSession>,
    /// Misslyckade försök att logga in. / Failed attempts to sign in.
    sign_in_attempts: Vec<HeldAttempts>,
    /// Projekt som personen är kontakt för. / Projects that the person is the contact of.
    contacts: Vec<HeldContact>,
    /// Arbetsgrupper där personen är ansvarig handläggare. / Working groups whose responsible officer the person is.
    working_groups: Vec<HeldArea>,
    /// Noteringar som personen har skrivit. / Notes that the person has written.
    notes: Vec<HeldNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sole_trader: Option<HeldSoleTrader>,
    /// Rader i inlästa filer. / Rows of imported files.
    import_rows: Vec<HeldImportRow>,
    /// Vad kontot har gjort och vad som har gjorts med det, det senaste först. / What the account has done and what has
    /// been done with it, the latest first.
    events: Vec<HeldEvent>,
    #[serde(rename = "_links")]
    links: Links,
}

impl ExportView {
    fn new(held: Held, links: Links) -> Self {
        let account = held.account.as_ref().map(|account| account.id);
        let contact = |(project_id, reference, contact)| {
            let Contact { name, email, phone } = contact;
            HeldContact { project_id, reference, name, email, phone }
        };
        Self {
            account: held.account.map(Into::into),
            sessions: held.sessions.into_iter().map(Into::into).collect(),
            sign_in_attempts: held.attempts.into_iter().map(Into::into).collect(),
            contacts: held.contacts.into_iter().map(contact).collect(),
            working_groups: held.areas.into_iter().map(Into::into).collect(),
            notes: held.notes.into_iter().map(Into::into).collect(),
            sole_trader: held.sole_trader.map(Into::into),
            import_rows: held.import_rows.into_iter().map(Into::into).collect(),
            events: held.events.into_iter().map(|event| HeldEvent::new(event, account)).collect(),
            links,
        }
    }
}

/// Vad som anonymiserades. / What was anonymised.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Anonymisation, example = json!({
    "accounts": 1, "sessions": 2, "contacts": 3, "workingGroups": 1, "soleTraders": 0, "keptAnswers": 1,
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/personal-data/anonymisations", "rel": "self",
                        "method": "POST"}}
}))]
struct DoneView {
    /// Konton. / Accounts.
    accounts: usize,
    /// Inloggningar som avslutades. / Sessions that ended.
    sessions: usize,
    /// Kontaktpersoner som togs bort från projekt. / Contacts that were taken away from projects.
    contacts: usize,
    /// Platser i arbetsgrupper. / Places in working groups.
    working_groups: usize,
    /// Enskilda firmor. / Sole traders.
    sole_traders: usize,
    /// Svar som hade sparats ett dygn för upprepade begäranden. / Answers that were kept for a day for repeated requests.
    kept_answers: usize,
    #[serde(rename = "_links")]
    links: Links,
}

/// An answer that nobody keeps on the way.
fn unkept<T: Serialize>(view: &T) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view)
}

/// Allt som finns om en person. / Everything that is held about a person.
///
/// GDPR artikel 15. POST, eftersom personuppgifter inte hör hemma i en adress. Fria texter söks inte igenom; sök i dem med
/// `q` på /projects. Svaret sparas inte; journalen säger att det lämnades ut, och av vem. / GDPR article 15. POST, since
/// personal data has no place in an address. Free texts are not searched; use `q` of /projects for them. The answer is not
/// kept; the journal says that it was given, and by whom.
#[utoipa::path(request_body = PersonWire,
    responses((status = 200, description = "Allt. / Everything.", body = ExportView)))]
#[post("/personal-data/exports")]
async fn create_export(
    context: Context,
    database: Data<Database>,
    body: Body<PersonWire>,
) -> Result<HttpResponse, Problem> {
    let (person, actor) = (body.value.person()?, context.caller().id());
    let held = database.write(move |conn| store::export(conn, actor, &person)).await?;
    let mut links = Links::default().and("self", "POST", context.address(context.path()));
    links = links.and("anonymise", "POST", context.address("/personal-data/anonymisations"));
    if let Some(trader) = &held.sole_trader {
        links = links.and("projects", "GET", context.address(&format!("/projects?organisation={}", trader.id)));
    }
    Ok(unkept(&ExportView::new(held, links)))
}

/// Anonymisera en person. / Anonymise a person.
///
/// GDPR artikel 17; det går inte att ångra. Kontot får varken namn, e-postadress, lösenord eller identitet och stängs, och
/// personen tas bort som kontakt och ur arbetsgrupper. Vad kontot har gjort står kvar som gjort av någon anonym, och
/// projekten är hela. En enskild firma förlorar namn och nummer; intyg som redan utfärdats ändras inte, men kan hållas
/// inne. Det egna kontot (422) och den sista administratören (409) anonymiseras inte. / GDPR article 17; it cannot be
/// undone. The account loses name, e-mail address, password and identity and is closed, and the person is no longer a
/// contact or in working groups. What the account did remains, done by somebody anonymous, and projects are whole. A sole
/// trader loses name and number; statements that were issued do not change, but can be withheld. One's own account (422)
/// and the last administrator (409) are not anonymised.
#[utoipa::path(request_body = PersonWire,
    responses((status = 200, description = "Gjort. / Done.", body = DoneView)))]
#[post("/personal-data/anonymisations")]
async fn create_anonymisation(
    context: Context,
    database: Data<Database>,
    body: Body<PersonWire>,
) -> Result<HttpResponse, Problem> {
    let (person, actor) = (body.value.person()?, context.caller().id());
    let done = database.write(move |conn| store::anonymise(conn, actor, &person)).await?;
    let Done { accounts, sessions, contacts, working_groups, sole_traders, kept_answers } = done;
    let links = Links::default().and("self", "POST", context.address(context.path()));
    Ok(unkept(&DoneView { accounts, sessions, contacts, working_groups, sole_traders, kept_answers, links }))
}
