//! Coverage over HTTP: each caller's answer is made of the projects that it may see.

use std::collections::{BTreeMap, HashMap};

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Rows, StrategyCoverage, Tally, of_framework, of_strategy};
use crate::analysis::survey::{Surveyed, store::survey};
use crate::analysis::wire::MoneyByShare;
use crate::db::{Conn, Database};
use crate::framework;
use crate::framework::http::WordingView;
use crate::http::{Context, Links, Query, reply};
use crate::problem::Problem;
use crate::project::filter::Filter;
use crate::project::http::Selection;
use crate::strategy;
use crate::strategy::note::model::{Note, Standing};
use crate::strategy::{Measure, Strategy, SubGoal};
use crate::text::Bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(get_strategy_coverage).service(get_framework_coverage);
}

/// Projekt räknade var för sig. / Distinct projects.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "total": 1, "withUnknownCost": 0, "byState": {"completed": 1}, "byAssessment": {"confirmed": 1}
}))]
struct ProjectCounts {
    /// Med en koppling hit som är angiven eller bekräftad. / With an alignment here that is claimed or confirmed.
    total: usize,
    /// De av dem vars kostnad inte är känd. / Those of them whose cost is not known.
    with_unknown_cost: usize,
    /// Dem efter läge. / The same by state.
    by_state: BTreeMap<&'static str, usize>,
    /// Efter bedömning; ett projekt med flera kopplingar hit kan stå under flera. / By assessment; a project with several
    /// alignments here may stand under several.
    by_assessment: BTreeMap<&'static str, usize>,
}

impl From<&Tally> for ProjectCounts {
    fn from(tally: &Tally) -> Self {
        Self {
            total: tally.projects,
            with_unknown_cost: tally.unknown_cost,
            by_state: tally.by_state.iter().map(|(state, count)| (state.as_str(), *count)).collect(),
            by_assessment: tally.by_assessment.iter().map(|(word, count)| (word.as_str(), *count)).collect(),
        }
    }
}

/// Avdelningens senaste notering om en åtgärd. / The department's latest note on a measure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StandingNote, example = json!({"standing": "ordinaryWork", "text": "Ingår i driften.", "date": "2015-01-01"}))]
struct NoteSummary {
    standing: Standing,
    /// Vad det är att säga. / What there is to say.
    text: String,
    /// Dagen då det gäller från. / The day it holds from.
    #[schema(example = "2015-01-01")]
    date: NaiveDate,
}

/// En rad: vad som görs för ett målområde, ett delmål eller en åtgärd. / A row: what is done for a goal area, sub-goal or
/// measure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "3.7", "title": {"sv": "Ökad omsättning inom besöksnäringen", "en": "Increased turnover in the visitor industry"},
    "projects": {"total": 1, "withUnknownCost": 0, "byState": {"completed": 1}, "byAssessment": {"confirmed": 1}},
    "money": {"totalCost": {"amount": "100.00", "currency": "SEK"}, "granted": {"amount": "50.00", "currency": "SEK"},
              "notYetGranted": {"amount": "50.00", "currency": "SEK"}},
    "sectors": {"public": 1}, "years": {"2010": 1}, "gap": false
}))]
struct CoverageRow {
    /// Kod. / Code.
    code: String,
    /// Formulering. / Wording.
    title: Bilingual,
    projects: ProjectCounts,
    money: MoneyByShare,
    /// Projekten efter intressenternas sektorer. / The projects by their stakeholders' sectors.
    sectors: BTreeMap<&'static str, usize>,
    /// Projekten efter de år de pågår. / The projects by the years they go on in.
    years: BTreeMap<String, usize>,
    /// Om inget projekt arbetar med det och avdelningen inte har noterat det som ordinarie verksamhet, genomfört eller ej
    /// påbörjat; för delmål och målområden om ingenting görs. / Whether no project works with it and the department has
    /// not noted it as ordinary work, done or not started; for sub-goals and goal areas, whether nothing is done.
    gap: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<NoteSummary>,
}

/// Projekt och pengar utan kod. / Projects and money without a code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "projects": {"total": 1, "withUnknownCost": 0, "byState": {"completed": 1}, "byAssessment": {}},
    "money": {"totalCost": {"amount": "100.00", "currency": "SEK"}, "granted": {"amount": "50.00", "currency": "SEK"},
              "notYetGranted": {"amount": "50.00", "currency": "SEK"}}
}))]
struct CoverageSum {
    projects: ProjectCounts,
    money: MoneyByShare,
}

impl From<&Tally> for CoverageSum {
    fn from(tally: &Tally) -> Self {
        Self { projects: tally.into(), money: tally.sums.into() }
    }
}

/// Vad som görs för en strategi. Målområdenas rader och den ofördelade summerar till totalen på öret. / What is done for a
/// strategy. The goal areas' rows and the unallocated one add up to the total, to the öre.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Coverage {
    #[schema(example = "norsjo-2014-2020")]
    strategy_id: String,
    /// Målområden. / Goal areas.
    goal_areas: Vec<CoverageRow>,
    /// Delmål. / Sub-goals.
    sub_goals: Vec<CoverageRow>,
    /// Åtgärder; en koppling till enbart ett delmål står bara på delmålets rad. / Measures; an alignment with a sub-goal
    /// alone stands in the sub-goal's row only.
    measures: Vec<CoverageRow>,
    /// Andelar som inte är angivna eller är underkända. / Shares that are not given or rejected.
    unallocated: CoverageSum,
    /// Alla projekt och alla deras pengar. / All projects and all their money.
    total: CoverageSum,
    #[serde(rename = "_links")]
    links: Links,
}

fn sectors(tally: &Tally) -> BTreeMap<&'static str, usize> {
    tally.by_sector.iter().map(|(sector, count)| (sector.as_str(), *count)).collect()
}

fn years(tally: &Tally) -> BTreeMap<String, usize> {
    tally.by_year.iter().map(|(year, count)| (year.to_string(), *count)).collect()
}

/// Puts a strategy's rows together: its nodes in their order, with their notes and gaps.
struct Table<'a> {
    tallies: &'a StrategyCoverage,
    notes: HashMap<String, Note>,
    none: Tally,
}

impl Table<'_> {
    fn tally(&self, code: &str) -> &Tally {
        self.tallies.rows.get(code).unwrap_or(&self.none)
    }

    fn is_gap(&self, measure: &Measure) -> bool {
        let is_worked_with = self.tally(&measure.code).at_work > 0;
        !measure.retired && !is_worked_with && !self.notes.contains_key(&measure.code)
    }

    /// Whether nothing is done: no project, and something that no note accounts for.
    fn is_empty(&self, code: &str, goals: &[SubGoal]) -> bool {
        self.tally(code).at_work == 0 && goals.iter().flat_map(|goal| &goal.measures).any(|own| self.is_gap(own))
    }

    /// A node's row, unless it is retired and unused.
    fn row(&self, code: &str, title: &Bilingual, retired: bool, gap: bool) -> Option<CoverageRow> {
        let tally = self.tally(code);
        let note = self.notes.get(code).cloned();
        (!retired || tally.by_assessment.values().any(|count| *count > 0)).then(|| CoverageRow {
            code: code.to_owned(),
            title: title.clone(),
            projects: tally.into(),
            money: tally.sums.into(),
            sectors: sectors(tally),
            years: years(tally),
            gap: gap && !retired,
            note: note.map(|Note { standing, text, date, .. }| NoteSummary { standing, text, date }),
        })
    }

    fn coverage(&self, strategy: &Strategy, links: Links) -> Coverage {
        let areas = strategy.goal_areas.iter();
        let area = |area: &strategy::GoalArea| {
            self.row(&area.code, &area.title, area.retired, self.is_empty(&area.code, &area.sub_goals))
        };
        let goal = |goal: &SubGoal| {
            self.row(&goal.code, &goal.title, goal.retired, self.is_empty(&goal.code, std::slice::from_ref(goal)))
        };
        let measure = |own: &Measure| self.row(&own.code, &own.title, own.retired, self.is_gap(own));
        Coverage {
            strategy_id: strategy.id.clone(),
            goal_areas: areas.filter_map(area).collect(),
            sub_goals: strategy.sub_goals().filter_map(|(_, own)| goal(own)).collect(),
            measures: strategy.measures().filter_map(|(_, own)| measure(own)).collect(),
            unallocated: (&self.tallies.unallocated).into(),
            total: (&self.tallies.total).into(),
            links,
        }
    }
}

/// Ett år, i stället för en period. / A year, instead of a period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InYear {
    /// Projekt som pågår det året; går före periodFrom och periodTo. / Projects going on in that year; comes before
    /// periodFrom and periodTo.
    #[param(minimum = 1900, maximum = 2200, example = 2016)]
    year: Option<i32>,
}

impl InYear {
    /// The projects that a filter lets through, of a year those that rows count in it.
    fn survey(&self, conn: &mut Conn, filter: Filter) -> Result<Vec<Surveyed>, Problem> {
        let Some(year) = self.year else { return survey(conn, &filter) };
        let mut found = survey(conn, &Filter { period_from: None, period_to: None, ..filter })?;
        found.retain(|project| project.years().contains(&year));
        Ok(found)
    }
}

/// Vad görs för strategin, och var görs inget? / What is done for the strategy, and where is nothing done?
///
/// Projekt, pengar, sektorer och år för varje målområde, delmål och åtgärd, avdelningens noteringar, och luckorna. Svaret
/// är gjort av de projekt som den som frågar får se. / Projects, money, sectors and years for each goal area, sub-goal and
/// measure, the department's notes, and the gaps. The answer is made of the projects that the caller may see.
#[utoipa::path(params(InYear, Selection),
    responses((status = 200, description = "Täckningen. / The coverage.", body = Coverage)))]
#[get("/strategies/{strategyId}/coverage")]
async fn get_strategy_coverage(
    context: Context,
    database: Data<Database>,
    id: Path<String>,
    year: Query<InYear>,
    selection: Query<Selection>,
) -> Result<HttpResponse, Problem> {
    let filter = selection.0.into_filter(context.caller());
    let (strategy, notes, tallies) = database
        .read(move |conn| {
            let strategy = strategy::store::find(conn, &id)?;
            let notes = strategy::note::store::latest(conn, &strategy.id)?;
            let tallies = of_strategy(&year.0.survey(conn, filter)?, &strategy);
            Ok((strategy, notes, tallies))
        })
        .await?;
    let address = context.address(&format!("/strategies/{}", strategy.id));
    let links = Links::default().and("self", "GET", format!("{address}/coverage")).and("strategy", "GET", address);
    let table = Table { tallies: &tallies, notes, none: Tally::default() };
    reply::one(&context, None, &table.coverage(&strategy, links))
}

/// En rad: vilka projekt som rör en prioritering. / A row: which projects have to do with a priority.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "3", "level": "axis", "title": {"sv": "Att öka små och medelstora företags konkurrenskraft"},
    "projects": {"total": 1, "withUnknownCost": 0, "byState": {"completed": 1}, "byAssessment": {"confirmed": 1}},
    "touched": {"totalCost": {"amount": "100.00", "currency": "SEK"}, "granted": {"amount": "50.00", "currency": "SEK"},
                "notYetGranted": {"amount": "50.00", "currency": "SEK"}},
    "sectors": {"public": 1}, "years": {"2010": 1}, "gap": false
}))]
struct PriorityCoverageRow {
    /// Kod. / Code.
    code: String,
    /// Nivåns kod. / Code of its level.
    level: String,
    /// Officiell titel. / Official title.
    title: WordingView,
    projects: ProjectCounts,
    /// Pengarna i de kopplingar som rör prioriteringen eller det under den. Samma krona kan röra flera prioriteringar, så
    /// raderna summeras inte. / The money of the alignments that have to do with it or what is below it. The same krona
    /// may touch several priorities, so rows are not to be summed.
    touched: MoneyByShare,
    /// Projekten efter intressenternas sektorer. / The projects by their stakeholders' sectors.
    sectors: BTreeMap<&'static str, usize>,
    /// Projekten efter de år de pågår. / The projects by the years they go on in.
    years: BTreeMap<String, usize>,
    /// Om inget projekt arbetar med något som rör den. / Whether no project works with anything that has to do with it.
    gap: bool,
}

/// Vad som görs som rör ett ramverk. / What is done that has to do with a framework.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FrameworkCoverage {
    #[schema(example = "eruf-ovre-norrland-2014-2020")]
    framework_id: String,
    /// Prioriteringarna i trädets ordning. / The priorities in the order of the tree.
    priorities: Vec<PriorityCoverageRow>,
    #[serde(rename = "_links")]
    links: Links,
}

impl FrameworkCoverage {
    fn new(context: &Context, framework: &framework::Framework, rows: &Rows) -> Self {
        let none = Tally::default();
        let row = |priority: &framework::Priority| {
            let tally = rows.get(&priority.code).unwrap_or(&none);
            PriorityCoverageRow {
                code: priority.code.clone(),
                level: priority.level.clone(),
                title: priority.title.clone().into(),
                projects: tally.into(),
                touched: tally.sums.into(),
                sectors: sectors(tally),
                years: years(tally),
                gap: tally.at_work == 0 && !priority.retired,
            }
        };
        let address = context.address(&format!("/frameworks/{}", framework.id));
        Self {
            framework_id: framework.id.clone(),
            priorities: framework.all().into_iter().map(row).collect(),
            links: Links::default()
                .and("self", "GET", format!("{address}/coverage"))
                .and("alignments", "GET", format!("{address}/alignments"))
                .and("framework", "GET", address),
        }
    }
}

/// Vilken strategis kopplingar. / Which strategy's alignments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct OfStrategy {
    /// Strategin vars kopplingar räknas; annars den som varje projekt är registrerat under. / The strategy whose
    /// alignments count; otherwise the one that each project is registered under.
    #[param(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 100, example = "norsjo-2014-2020")]
    strategy_id: Option<String>,
}

/// Vad görs som rör ramverket, och var görs inget? / What is done that has to do with the framework?
///
/// Projekt, berörda pengar, sektorer och år för varje prioritering med det som ligger under den. Svaret är gjort av de
/// projekt som den som frågar får se. / Projects, money touched, sectors and years for each priority with what is below
/// it. The answer is made of the projects that the caller may see.
#[utoipa::path(params(OfStrategy, InYear, Selection),
    responses((status = 200, description = "Täckningen. / The coverage.", body = FrameworkCoverage)))]
#[get("/frameworks/{frameworkId}/coverage")]
async fn get_framework_coverage(
    context: Context,
    database: Data<Database>,
    id: Path<String>,
    strategy: Query<OfStrategy>,
    year: Query<InYear>,
    selection: Query<Selection>,
) -> Result<HttpResponse, Problem> {
    let filter = selection.0.into_filter(context.caller());
    let (framework, rows) = database
        .read(move |conn| {
            let framework = framework::store::find(conn, &id)?;
            strategy::http::check_parameter(conn, strategy.0.strategy_id.as_deref())?;
            let correspondences = framework::correspondence::store::all(conn, &framework.id)?;
            let projects = year.0.survey(conn, filter)?;
            let rows = of_framework(&projects, strategy.0.strategy_id.as_deref(), &framework, &correspondences);
            Ok((framework, rows))
        })
        .await?;
    reply::one(&context, None, &FrameworkCoverage::new(&context, &framework, &rows))
}
