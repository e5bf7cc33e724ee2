//! Strategies over HTTP: read by anyone, changed by loading files.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{GoalArea, Measure, Source, Strategy, SubGoal};
use super::{municipality, note, people, store};
use crate::db::{Conn, Database};
use crate::http::{Context, Links, Paging, Query, reply};
use crate::problem::{Fault, Part, Problem};
use crate::text::{Bilingual, bilingual};

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    municipality::http::routes(routes);
    routes
        .service(list_strategies)
        .service(get_strategy)
        .service(list_goal_areas)
        .service(get_goal_area)
        .service(list_sub_goals)
        .service(get_sub_goal)
        .service(list_measures)
        .service(get_measure);
    people::http::routes(routes);
    note::http::routes(routes);
}

/// Lets a query name a strategy.
///
/// # Errors
/// 400 when there is none with this id.
pub fn check_parameter(conn: &mut Conn, id: Option<&str>) -> Result<(), Problem> {
    match id {
        Some(id) if !store::exists(conn, id)? => {
            let reason = bilingual!("strategin {id} finns inte", "the strategy {id} does not exist");
            let fault = Fault::new(Part::Query, "strategyId", "unknown-strategy", reason);
            Err(Problem::invalid_parameters(vec![fault]))
        }
        _ => Ok(()),
    }
}

/// Om formuleringen på det andra språket är officiell. / Whether the wording in the other language is official.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Translation, example = json!({"language": "en", "official": false}))]
struct TranslationView {
    /// Språkkod. / Language tag.
    language: String,
    /// Om kommunen har antagit översättningen. / Whether the municipality has adopted the translation.
    official: bool,
}

/// Varifrån texten kommer. / Where the text comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Source, example = json!({"title": "Norsjö kommun, Lokal utvecklingsstrategi 2014-2020"}))]
pub struct SourceView {
    /// Dokumentets titel. / The document's title.
    title: String,
    /// Dokumentets adress. / The document's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl From<Source> for SourceView {
    fn from(Source { title, url }: Source) -> Self {
        Self { title, url }
    }
}

/// En framgångsfaktor. / A success factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuccessFactor, example = json!({
    "name": {"sv": "Samsyn", "en": "Shared view"},
    "meaning": {"sv": "Gemensamma prioriteringar", "en": "Joint priorities"}
}))]
struct FactorView {
    name: Bilingual,
    meaning: Bilingual,
}

/// En åtgärd. / A measure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Measure, example = json!({
    "code": "4.4.2", "subGoal": "4.4",
    "title": {"sv": "Förnyad dialog lokalt och regionalt kring anpassning av buss- och tågturer samt nätet av cykelvägar.",
              "en": "Renewed local and regional dialogue on bus and train services and the network of cycle paths"},
    "translation": {"language": "en", "official": false}, "retired": false,
    "_links": {"self": {"href": "https://api.norsjo.se/samsyn/v1/strategies/norsjo-2014-2020/measures/4.4.2",
                        "rel": "self", "method": "GET"}}
}))]
struct MeasureView {
    /// Kod; dokumentet har inga, koden följer dess ordning. / Code, in the document's order.
    code: String,
    /// Delmålets kod. / The sub-goal's code.
    sub_goal: String,
    /// Officiell formulering och översättning. / Official wording and translation.
    title: Bilingual,
    translation: TranslationView,
    /// Om en senare version av strategin har tagit bort den. / Whether a later version has dropped it.
    retired: bool,
    #[serde(rename = "_links")]
    links: Links,
}

/// Ett delmål. / A sub-goal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SubGoal)]
struct SubGoalView {
    /// Kod. / Code.
    #[schema(example = "4.4")]
    code: String,
    /// Målområdets kod. / The goal area's code.
    #[schema(example = "4")]
    goal_area: String,
    /// Officiell formulering och översättning. / Official wording and translation.
    title: Bilingual,
    /// Vad det handlar om, med våra egna ord. / What it is about, in our own words.
    summary: Bilingual,
    translation: TranslationView,
    /// Om en senare version av strategin har tagit bort det. / Whether a later version has dropped it.
    #[schema(example = false)]
    retired: bool,
    /// Delmålets åtgärder. / The sub-goal's measures.
    measures: Vec<MeasureView>,
    #[serde(rename = "_links")]
    links: Links,
}

/// Ett målområde. / A goal area.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GoalArea)]
struct GoalAreaView {
    /// Kod. / Code.
    #[schema(example = "4")]
    code: String,
    /// Officiell formulering och översättning. / Official wording and translation.
    title: Bilingual,
    /// Vad det handlar om, med våra egna ord. / What it is about, in our own words.
    summary: Bilingual,
    translation: TranslationView,
    /// Om en senare version av strategin har tagit bort det. / Whether a later version has dropped it.
    #[schema(example = false)]
    retired: bool,
    /// Målområdets delmål. / The goal area's sub-goals.
    sub_goals: Vec<SubGoalView>,
    #[serde(rename = "_links")]
    links: Links,
}

/// En lokal utvecklingsstrategi med hela sitt träd. / A local development strategy with its whole tree.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Strategy)]
struct StrategyView {
    /// Kommun och period. / Municipality and period.
    #[schema(example = "norsjo-2014-2020")]
    id: String,
    /// Kommunkod. / Municipality code.
    #[schema(example = "2417")]
    municipality: String,
    /// Periodens första dag. / First day of the period.
    #[schema(example = "2014-01-01")]
    start_date: chrono::NaiveDate,
    /// Periodens sista dag. / Last day of the period.
    #[schema(example = "2020-12-31")]
    end_date: chrono::NaiveDate,
    /// Titel. / Title.
    title: Bilingual,
    /// Vision. / Vision.
    vision: Bilingual,
    translation: TranslationView,
    source: SourceView,
    /// Framgångsfaktorer. / Success factors.
    success_factors: Vec<FactorView>,
    /// Målområden. / Goal areas.
    goal_areas: Vec<GoalAreaView>,
    /// Katalogens version. / Version of the catalogue.
    #[schema(example = 1)]
    version: i64,
    #[serde(rename = "_links")]
    links: Links,
}

/// Makes views of one strategy's nodes.
struct Viewer<'a> {
    context: &'a Context,
    strategy: &'a Strategy,
}

impl Viewer<'_> {
    fn address(&self, rest: &str) -> String {
        self.context.address(&format!("/strategies/{}{rest}", self.strategy.id))
    }

    fn translation(&self) -> TranslationView {
        let translation = &self.strategy.translation;
        TranslationView { language: translation.language.clone(), official: translation.official }
    }

    fn projects(&self, filter: &str, code: &str) -> String {
        self.context.address(&format!("/projects?strategyId={}&{filter}={code}", self.strategy.id))
    }

    fn measure(&self, goal: &SubGoal, measure: &Measure) -> MeasureView {
        MeasureView {
            code: measure.code.clone(),
            sub_goal: goal.code.clone(),
            title: measure.title.clone(),
            translation: self.translation(),
            retired: measure.retired,
            links: Links::default()
                .and("self", "GET", self.address(&format!("/measures/{}", measure.code)))
                .and("up", "GET", self.address(&format!("/sub-goals/{}", goal.code)))
                .and("notes", "GET", self.address(&format!("/measures/{}/notes", measure.code)))
                .and("projects", "GET", self.projects("measure", &measure.code)),
        }
    }

    fn sub_goal(&self, area: &GoalArea, goal: &SubGoal) -> SubGoalView {
        SubGoalView {
            code: goal.code.clone(),
            goal_area: area.code.clone(),
            title: goal.title.clone(),
            summary: goal.summary.clone(),
            translation: self.translation(),
            retired: goal.retired,
            measures: goal.measures.iter().map(|measure| self.measure(goal, measure)).collect(),
            links: Links::default()
                .and("self", "GET", self.address(&format!("/sub-goals/{}", goal.code)))
                .and("up", "GET", self.address(&format!("/goal-areas/{}", area.code)))
                .and("projects", "GET", self.projects("subGoal", &goal.code)),
        }
    }

    fn goal_area(&self, area: &GoalArea) -> GoalAreaView {
        GoalAreaView {
            code: area.code.clone(),
            title: area.title.clone(),
            summary: area.summary.clone(),
            translation: self.translation(),
            retired: area.retired,
            sub_goals: area.sub_goals.iter().map(|goal| self.sub_goal(area, goal)).collect(),
            links: Links::default()
                .and("self", "GET", self.address(&format!("/goal-areas/{}", area.code)))
                .and("up", "GET", self.address(""))
                .and("stakeholders", "GET", self.address(&format!("/goal-areas/{}/stakeholders", area.code)))
                .and("working-group", "GET", self.address(&format!("/goal-areas/{}/working-group", area.code)))
                .and("projects", "GET", self.projects("goalArea", &area.code)),
        }
    }

    fn strategy(&self) -> StrategyView {
        let strategy = self.strategy;
        StrategyView {
            id: strategy.id.clone(),
            municipality: strategy.municipality.clone(),
            start_date: strategy.start_date,
            end_date: strategy.end_date,
            title: strategy.title.clone(),
            vision: strategy.vision.clone(),
            translation: self.translation(),
            source: strategy.source.clone().into(),
            success_factors: strategy
                .success_factors
                .iter()
                .map(|factor| FactorView { name: factor.name.clone(), meaning: factor.meaning.clone() })
                .collect(),
            goal_areas: strategy.goal_areas.iter().map(|area| self.goal_area(area)).collect(),
            version: strategy.version,
            links: Links::default()
                .and("self", "GET", self.address(""))
                .and("collection", "GET", self.context.address("/strategies"))
                .and("goal-areas", "GET", self.address("/goal-areas"))
                .and("sub-goals", "GET", self.address("/sub-goals"))
                .and("measures", "GET", self.address("/measures"))
                .and("projects", "GET", self.context.address(&format!("/projects?strategyId={}", strategy.id))),
        }
    }
}

/// Urval av strategier. / Which strategies.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StrategyFilter {
    /// Kommunens strategier. / The municipality's strategies.
    #[param(pattern = "^[0-9]{4}$", example = "2417")]
    municipality: Option<String>,
}

/// Strategier. / Strategies.
///
/// Den nyaste perioden först. / The newest period first.
#[utoipa::path(params(Paging, StrategyFilter),
    responses((status = 200, description = "Strategier. / Strategies.", body = [StrategyView])))]
#[get("/strategies")]
async fn list_strategies(
    context: Context,
    database: Data<Database>,
    paging: Query<Paging>,
    filter: Query<StrategyFilter>,
) -> Result<HttpResponse, Problem> {
    let window = paging.0.clone();
    let (strategies, total) = database
        .read(move |conn| {
            let ids = store::list_ids(conn, filter.0.municipality.as_deref())?;
            let page: Result<Vec<_>, _> = window.slice(&ids).iter().map(|id| store::find(conn, id)).collect();
            Ok((page?, ids.len()))
        })
        .await?;
    let view = |strategy| Viewer { context: &context, strategy }.strategy();
    let views: Vec<_> = strategies.iter().map(view).collect();
    reply::list(&context, &paging.0, i64::try_from(total).unwrap_or(i64::MAX), &views)
}

/// Reads a strategy and answers with one thing that the viewer makes of it.
async fn one<V: Serialize>(
    context: &Context,
    database: &Database,
    id: String,
    view: impl FnOnce(&Viewer<'_>) -> Option<V>,
) -> Result<HttpResponse, Problem> {
    let strategy = database.read(move |conn| store::find(conn, &id)).await?;
    let view = view(&Viewer { context, strategy: &strategy });
    let view = view.ok_or_else(|| Problem::not_found("Koden i strategin", "The code in the strategy"))?;
    reply::one(context, Some(strategy.version), &view)
}

/// Reads a strategy and answers with a page of what the viewer makes of it.
async fn many<V: Serialize>(
    context: &Context,
    database: &Database,
    id: String,
    paging: &Paging,
    views: impl FnOnce(&Viewer<'_>) -> Vec<V>,
) -> Result<HttpResponse, Problem> {
    let strategy = database.read(move |conn| store::find(conn, &id)).await?;
    let views = views(&Viewer { context, strategy: &strategy });
    reply::list(context, paging, i64::try_from(views.len()).unwrap_or(i64::MAX), paging.slice(&views))
}

/// En strategi. / A strategy.
///
/// Med vision, framgångsfaktorer och hela trädet av målområden, delmål och åtgärder. / With vision, success factors and
/// the whole tree.
#[utoipa::path(responses((status = 200, description = "Strategin. / The strategy.", body = StrategyView)))]
#[get("/strategies/{strategyId}")]
async fn get_strategy(context: Context, database: Data<Database>, id: Path<String>) -> Result<HttpResponse, Problem> {
    one(&context, &database, id.into_inner(), |viewer| Some(viewer.strategy())).await
}

/// Målområden. / Goal areas.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Målområden. / Goal areas.", body = [GoalAreaView])))]
#[get("/strategies/{strategyId}/goal-areas")]
async fn list_goal_areas(
    context: Context,
    database: Data<Database>,
    id: Path<String>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let views = |viewer: &Viewer<'_>| viewer.strategy.goal_areas.iter().map(|area| viewer.goal_area(area)).collect();
    many(&context, &database, id.into_inner(), &paging.0, views).await
}

/// Ett målområde. / A goal area.
#[utoipa::path(responses((status = 200, description = "Målområdet. / The goal area.", body = GoalAreaView)))]
#[get("/strategies/{strategyId}/goal-areas/{goalAreaCode}")]
async fn get_goal_area(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, code) = path.into_inner();
    one(&context, &database, id, |viewer| {
        let area = viewer.strategy.goal_areas.iter().find(|area| area.code == code)?;
        Some(viewer.goal_area(area))
    })
    .await
}

/// Delmål. / Sub-goals.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Delmål. / Sub-goals.", body = [SubGoalView])))]
#[get("/strategies/{strategyId}/sub-goals")]
async fn list_sub_goals(
    context: Context,
    database: Data<Database>,
    id: Path<String>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let views =
        |viewer: &Viewer<'_>| viewer.strategy.sub_goals().map(|(area, goal)| viewer.sub_goal(area, goal)).collect();
    many(&context, &database, id.into_inner(), &paging.0, views).await
}

/// Ett delmål. / A sub-goal.
#[utoipa::path(responses((status = 200, description = "Delmålet. / The sub-goal.", body = SubGoalView)))]
#[get("/strategies/{strategyId}/sub-goals/{subGoalCode}")]
async fn get_sub_goal(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, code) = path.into_inner();
    one(&context, &database, id, |viewer| {
        let (area, goal) = viewer.strategy.sub_goals().find(|(_, goal)| goal.code == code)?;
        Some(viewer.sub_goal(area, goal))
    })
    .await
}

/// Åtgärder. / Measures.
#[utoipa::path(params(Paging),
    responses((status = 200, description = "Åtgärder. / Measures.", body = [MeasureView])))]
#[get("/strategies/{strategyId}/measures")]
async fn list_measures(
    context: Context,
    database: Data<Database>,
    id: Path<String>,
    paging: Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let views =
        |viewer: &Viewer<'_>| viewer.strategy.measures().map(|(goal, measure)| viewer.measure(goal, measure)).collect();
    many(&context, &database, id.into_inner(), &paging.0, views).await
}

/// En åtgärd. / A measure.
#[utoipa::path(responses((status = 200, description = "Åtgärden. / The measure.", body = MeasureView)))]
#[get("/strategies/{strategyId}/measures/{measureCode}")]
async fn get_measure(
    context: Context,
    database: Data<Database>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, code) = path.into_inner();
    one(&context, &database, id, |viewer| {
        let (goal, measure) = viewer.strategy.measures().find(|(_, measure)| measure.code == code)?;
        Some(viewer.measure(goal, measure))
    })
    .await
}
