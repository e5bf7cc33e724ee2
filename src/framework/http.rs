//! Frameworks over HTTP: read by anyone, changed by loading files.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::correspondence;
use super::model::{Framework, Level, Priority, ProgrammeNumber, Wording};
use super::store;
use crate::db::Database;
use crate::http::{Context, Links, Paging, Query, reply};
use crate::problem::Problem;
use crate::strategy::http::SourceView;
use crate::text::{Bilingual, Language};

/// The operations of this room and its sub-room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(list_frameworks).service(get_framework).service(list_priorities).service(get_priority);
    correspondence::http::routes(routes);
}

/// En officiell formulering; ett språk där ingen är känd saknas. / An official wording; a language that none is known in
/// is absent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Wording, example = json!({"sv": "Fler växande företag i Övre Norrland"}))]
pub struct WordingView {
    /// Svenska. / Swedish.
    #[serde(skip_serializing_if = "Option::is_none")]
    sv: Option<String>,
    /// Engelska. / English.
    #[serde(skip_serializing_if = "Option::is_none")]
    en: Option<String>,
}

impl WordingView {
    /// The wording in this language, else in the other, with the language that it is in.
    #[must_use]
    pub fn best(&self, language: Language) -> (&str, Language) {
        let (sv, en) = (self.sv.as_deref(), self.en.as_deref());
        match (language, sv, en) {
            (Language::Swedish, Some(sv), _) | (_, Some(sv), None) => (sv, Language::Swedish),
            (_, _, Some(en)) => (en, Language::English),
            (_, None, None) => ("", language),
        }
    }
}

impl From<Wording> for WordingView {
    fn from(Wording { sv, en }: Wording) -> Self {
        Self { sv, en }
    }
}

/// En nivå i ramverkets träd. / A level of the framework's tree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FrameworkLevel, example = json!({"code": "axis", "name": {"sv": "insatsområde", "en": "priority axis"}}))]
struct LevelView {
    /// Vad prioriteringarna nämner den vid. / What priorities name it by.
    code: String,
    /// Ramverkets eget namn på nivån. / The framework's own name for it.
    name: Bilingual,
}

/// Ett programnummer och var det anges. / A programme number and where it is given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeNumber, example = json!({
    "number": "2014SE16RFOP008", "source": {"title": "Europeiska kommissionen, programöversikt Upper Norrland"}
}))]
struct ProgrammeNumberView {
    /// Numret (CCI). / The number (CCI).
    number: String,
    source: SourceView,
}

/// En prioritering: en nod i ramverkets träd. / A priority: a node of the framework's tree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Priority, example = json!({
    "code": "3", "level": "axis", "title": {"sv": "Att öka små och medelstora företags konkurrenskraft"},
    "source": {"title": "eufonder.se, Europeiska regionala utvecklingsfonden Övre Norrland"}, "retired": false,
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/frameworks/eruf-ovre-norrland-2014-2020/priorities/3",
                        "rel": "self", "method": "GET"}}
}))]
struct PriorityView {
    /// Kod. / Code.
    code: String,
    /// Nivåns kod. / Code of its level.
    level: String,
    /// Koden för noden ovanför. / Code of the node above.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Officiell titel. / Official title.
    title: WordingView,
    /// Officiell formulering, när den är längre än titeln. / Official wording, when it is longer than the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    wording: Option<WordingView>,
    /// Annat att veta. / What else to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Bilingual>,
    source: SourceView,
    /// Om den finns kvar bara för att projekt kan nämna den. / Whether it is kept only because projects may name it.
    retired: bool,
    /// Noderna under den. / The nodes below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    priorities: Option<Vec<PriorityView>>,
    #[serde(rename = "_links")]
    links: Links,
}

impl PriorityView {
    fn new(context: &Context, framework: &Framework, priority: &Priority, with_below: bool) -> Self {
        let own = context.address(&format!("/frameworks/{}", framework.id));
        let code = &priority.code;
        let parent = framework.all().into_iter().find(|other| other.priorities.iter().any(|below| below.code == *code));
        let address = |code: &str| format!("{own}/priorities/{code}");
        let links = Links::default()
            .and("self", "GET", address(code))
            .and("framework", "GET", own.clone())
            .and("alignments", "GET", format!("{own}/alignments?priority={code}"))
            .and("correspondences", "GET", format!("{own}/correspondences?priority={code}"));
        Self {
            code: code.clone(),
            level: priority.level.clone(),
            parent: parent.map(|parent| parent.code.clone()),
            title: priority.title.clone().into(),
            wording: priority.wording.clone().map(Into::into),
            note: priority.note.clone(),
            source: priority.source.clone().into(),
            retired: priority.retired,
            priorities: with_below
                .then(|| priority.priorities.iter().map(|below| Self::new(context, framework, below, true)).collect()),
            links: match parent {
                Some(parent) => links.and("up", "GET", address(&parent.code)),
                None => links,
            },
        }
    }
}

/// Ett ramverk som finansiärer styr efter. / A framework that funders steer by.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Framework, example = json!({
    "id": "eruf-ovre-norrland-2014-2020", "title": {"sv": "ERUF Övre Norrland 2014–2020", "en": "ERDF Upper Norrland 2014–2020"},
    "startDate": "2014-01-01", "endDate": "2020-12-31", "programmeNumbers": [],
    "levels": [{"code": "axis", "name": {"sv": "insatsområde", "en": "priority axis"}}], "priorities": [], "version": 1,
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/frameworks/eruf-ovre-norrland-2014-2020", "rel": "self",
                        "method": "GET"}}
}))]
struct FrameworkView {
    id: String,
    /// Titel. / Title.
    title: Bilingual,
    /// Vem som styr efter det. / Who steers by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Periodens första dag. / First day of its period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2014-01-01")]
    start_date: Option<NaiveDate>,
    /// Periodens sista dag. / Last day of its period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2020-12-31")]
    end_date: Option<NaiveDate>,
    /// Programnummer: det som används, sedan kända alias. / Programme numbers: the one to use, then known aliases.
    programme_numbers: Vec<ProgrammeNumberView>,
    /// Annat att veta. / What else to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Bilingual>,
    /// Trädets nivåer, den yttersta först. / The tree's levels, outermost first.
    levels: Vec<LevelView>,
    /// Trädet. / The tree.
    priorities: Vec<PriorityView>,
    /// Katalogens version. / Version of the catalogue.
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

impl FrameworkView {
    fn new(context: &Context, framework: &Framework) -> Self {
        let own = context.address(&format!("/frameworks/{}", framework.id));
        let level = |Level { code, name }: Level| LevelView { code, name };
        let number = |ProgrammeNumber { number, source }: ProgrammeNumber| {
            let source = source.into();
            ProgrammeNumberView { number, source }
        };
        let below = |priority| PriorityView::new(context, framework, priority, true);
        Self {
            id: framework.id.clone(),
            title: framework.title.clone(),
            owner: framework.owner.clone(),
            start_date: framework.start_date,
            end_date: framework.end_date,
            programme_numbers: framework.programme_numbers.iter().cloned().map(number).collect(),
            note: framework.note.clone(),
            levels: framework.levels.iter().cloned().map(level).collect(),
            priorities: framework.priorities.iter().map(below).collect(),
            version: framework.version,
            links: Links::default()
                .and("self", "GET", own.clone())
                .and("collection", "GET", context.address("/frameworks"))
                .and("priorities", "GET", format!("{own}/priorities"))
                .and("correspondences", "GET", format!("{own}/correspondences"))
                .and("alignments", "GET", format!("{own}/alignments"))
                .and("coverage", "GET", format!("{own}/coverage")),
        }
    }
}

/// Ramverk. / Frameworks.
///
/// Den senaste perioden först. / The latest period first.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Ramverk. / Frameworks.", body = [FrameworkView])))]
#[get("/frameworks")]
async fn list_frameworks(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let page = paging.0.clone();
    let (found, total) = database
        .read(move |conn| {
            let ids = store::list_ids(conn)?;
            let found = page.slice(&ids).iter().map(|id| store::find(conn, id)).collect::<Result<Vec<_>, _>>()?;
            Ok((found, i64::try_from(ids.len()).unwrap_or(i64::MAX)))
        })
        .await?;
    let views: Vec<_> = found.iter().map(|framework| FrameworkView::new(&context, framework)).collect();
    reply::list(&context, &paging.0, total, &views)
}

/// Ett ramverk med hela sitt träd. / A framework with its whole tree.
#[utoipa::path(responses((status = 200, description = "Ramverket. / The framework.", body = FrameworkView)))]
#[get("/frameworks/{frameworkId}")]
async fn get_framework(context: Context, database: Data<Database>, id: Path<String>) -> Result<HttpResponse, Problem> {
    let framework = database.read(move |conn| store::find(conn, &id)).await?;
    reply::one(&context, Some(framework.version), &FrameworkView::new(&context, &framework))
}

/// Urval av prioriteringar. / Which priorities.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PriorityFilter {
    /// Prioriteringar på dessa nivåer. / Priorities of these levels.
    #[param(min_items = 1, example = json!(["axis"]))]
    level: Option<Vec<String>>,
}

/// Ett ramverks prioriteringar. / A framework's priorities.
///
/// I trädets ordning. / In the order of the tree.
#[utoipa::path(params(Paging, PriorityFilter),
    responses((status = 200, description = "Prioriteringar. / Priorities.", body = [PriorityView])))]
#[get("/frameworks/{frameworkId}/priorities")]
async fn list_priorities(
    context: Context,
    database: Data<Database>,
    id: Path<String>,
    paging: Query<Paging>,
    filter: Query<PriorityFilter>,
) -> Result<HttpResponse, Problem> {
    let framework = database.read(move |conn| store::find(conn, &id)).await?;
    let is_wanted = |priority: &&Priority| filter.0.level.as_ref().is_none_or(|codes| codes.contains(&priority.level));
    let found: Vec<_> = framework.all().into_iter().filter(is_wanted).collect();
    let page = paging.0.slice(&found).iter();
    let views: Vec<_> = page.map(|priority| PriorityView::new(&context, &framework, priority, false)).collect();
    reply::list(&context, &paging.0, i64::try_from(found.len()).unwrap_or(i64::MAX), &views)
}

/// En prioritering med det som ligger under den. / A priority with what is below it.
#[utoipa::path(responses((status = 200, description = "Prioriteringen. / The priority.", body = PriorityView)))]
#[get("/frameworks/{frameworkId}/priorities/{priorityCode}")]
async fn get_priority(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, code) = path.into_inner();
    let framework = database.read(move |conn| store::find(conn, &id)).await?;
    let priority = framework.find(&code).ok_or_else(no_priority)?;
    reply::one(&context, Some(framework.version), &PriorityView::new(&context, &framework, priority, true))
}

/// The refusal of a priority that the framework does not have.
#[must_use]
pub fn no_priority() -> Problem {
    Problem::not_found("Prioriteringen", "The priority")
}
