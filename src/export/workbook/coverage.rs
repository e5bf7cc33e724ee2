//! The sheet that tells what is done for a strategy, with charts.

use rust_xlsxwriter::{Chart, ChartFont, ChartLegendPosition, ChartType, Worksheet, XlsxError};

use super::sheet::Sheet;
use crate::analysis::coverage::model::{Tally, Tallying};
use crate::analysis::survey::Surveyed;
use crate::export::model::Table;
use crate::export::row::row;
use crate::money::Amount;
use crate::problem::Problem;
use crate::project::Project;
use crate::project::alignment::Assessment;
use crate::strategy::Strategy;
use crate::text::Bilingual;

row! {
    /// Vad som görs för ett målområde eller delmål. / What is done for a goal area or sub-goal.
    pub(super) struct CoverageRow in "coverage" {
        /// goalArea målområde, subGoal delmål, unallocated andelar utan delmål, total allt. / goalArea, subGoal, unallocated:
        /// shares without a sub-goal, total: everything.
        level: &'static str = "level";
        /// Kod. / Code.
        code: Option<String> = "code";
        /// Formulering. / Wording.
        title: Option<String> = "title";
        /// Projekt med en koppling hit som är angiven eller bekräftad. / Projects with an alignment here that is claimed or
        /// confirmed.
        projects: usize = "projects";
        /// Projekt med en koppling hit som är bekräftad. / Projects with an alignment here that is confirmed.
        confirmed: Option<usize> = "confirmed";
        /// Kostnad efter andel, kronor. / Cost by share, kronor.
        #[schema(value_type = String)]
        total_cost: Amount = "totalCost";
        /// Beviljat efter andel, kronor. / Granted by share, kronor.
        #[schema(value_type = String)]
        granted: Amount = "granted";
        /// Planerat eller ansökt och ännu inte beviljat, efter andel, kronor. / Planned or applied for and not granted yet, by
        /// share, kronor.
        #[schema(value_type = String)]
        not_yet_granted: Amount = "notYetGranted";
    }
}

impl CoverageRow {
    fn of(level: &'static str, node: Option<(&str, &Bilingual)>, tally: &Tally) -> Self {
        let sums = tally.sums.map(|ore| Amount::from_hundredths(*ore));
        let confirmed = tally.by_assessment.get(&Assessment::Confirmed).copied();
        Self {
            level,
            code: node.map(|(code, _)| code.to_owned()),
            title: node.map(|(_, title)| title.sv.clone()),
            projects: tally.projects,
            // What belongs to no node has no assessment of its own.
            confirmed: node.map(|_| confirmed.unwrap_or(0)),
            total_cost: sums.total_cost,
            granted: sums.granted,
            not_yet_granted: sums.not_yet_granted,
        }
    }
}

/// Makes the sheet, a project at a time.
pub(super) struct CoverageSheet<'a> {
    strategy: &'a Strategy,
    tallying: Tallying<'a>,
}

impl<'a> CoverageSheet<'a> {
    pub(super) fn of(strategy: &'a Strategy) -> Self {
        Self { strategy, tallying: Tallying::of(strategy) }
    }

    pub(super) fn add(&mut self, project: &Project) {
        self.tallying.add(&Surveyed::from(project));
    }

    pub(super) fn sheet(&self) -> Result<Worksheet, Problem> {
        let (areas, goals) = (self.areas(), self.goals());
        let coverage = &self.tallying.coverage;
        let others = [
            CoverageRow::of("unallocated", None, &coverage.unallocated),
            CoverageRow::of("total", None, &coverage.total),
        ];
        let mut sheet = Sheet::in_memory()?;
        for row in areas.iter().chain(&goals).chain(&others) {
            sheet.write(row, &self.strategy.id)?;
        }
        let mut worksheet = sheet.end()?;
        let charts = Charts { strategy: &self.strategy.id, areas: areas.len(), goals: goals.len() };
        charts.insert(&mut worksheet).map_err(Problem::internal)?;
        Ok(worksheet)
    }

    fn areas(&self) -> Vec<CoverageRow> {
        let areas = self.strategy.goal_areas.iter();
        areas.filter_map(|area| self.row("goalArea", &area.code, &area.title, area.retired)).collect()
    }

    fn goals(&self) -> Vec<CoverageRow> {
        let goals = self.strategy.sub_goals();
        goals.filter_map(|(_, goal)| self.row("subGoal", &goal.code, &goal.title, goal.retired)).collect()
    }

    /// A node's row, unless it is retired and unused.
    fn row(&self, level: &'static str, code: &str, title: &Bilingual, retired: bool) -> Option<CoverageRow> {
        let (none, rows) = (Tally::default(), &self.tallying.coverage.rows);
        let tally = rows.get(code).unwrap_or(&none);
        let is_used = tally.by_assessment.values().any(|count| *count > 0);
        (!retired || is_used).then(|| CoverageRow::of(level, Some((code, title)), tally))
    }
}

/// The charts beside the table: where its rows are.
struct Charts<'a> {
    strategy: &'a str,
    areas: usize,
    goals: usize,
}

impl Charts<'_> {
    fn insert(&self, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
        let areas = (1, self.areas);
        let goals = (self.areas + 1, self.areas + self.goals);
        let money = [("granted", "Beviljat / Granted"), ("notYetGranted", "Ej beviljat / Not granted yet")];
        let projects = [("projects", "Projekt / Projects"), ("confirmed", "Bekräftade / Confirmed")];
        let charts = [
            (ChartType::Bar, "Projekt per målområde / Projects by goal area", projects, areas, 0),
            (ChartType::BarStacked, "Kronor per målområde / Kronor by goal area", money, areas, 20),
            (ChartType::Bar, "Projekt per delmål / Projects by sub-goal", projects, goals, 40),
            (ChartType::BarStacked, "Kronor per delmål / Kronor by sub-goal", money, goals, 80),
        ];
        let beside = u16::try_from(CoverageRow::COLUMNS.len() + 1).unwrap_or(u16::MAX);
        for (type_, title, series, rows, top) in charts {
            if rows.0 <= rows.1 {
                worksheet.insert_chart(top, beside, &self.chart(type_, title, &series, rows))?;
            }
        }
        Ok(())
    }

    fn chart(&self, type_: ChartType, title: &str, series: &[(&str, &str)], rows: (usize, usize)) -> Chart {
        let mut chart = Chart::new(type_);
        for (column, name) in series {
            let (categories, values) = (range("code", rows), range(column, rows));
            chart.add_series().set_name(*name).set_categories(categories).set_values(values);
        }
        let heading = format!("{title}: {}", self.strategy);
        chart.title().set_name(&heading).set_font(ChartFont::new().set_size(12));
        chart.legend().set_position(ChartLegendPosition::Bottom);
        // A bar chart's categories stand along y: the first row on top, as in the table.
        chart.y_axis().set_reverse();
        chart.x_axis().set_num_format("#,##0");
        let height = 120 + 22 * u32::try_from(rows.1 - rows.0 + 1).unwrap_or(0);
        chart.set_width(720).set_height(height);
        chart
    }
}

/// Where a column's values of some rows stand.
fn range(column: &str, rows: (usize, usize)) -> (&'static str, u32, u16, u32, u16) {
    let place = CoverageRow::COLUMNS.iter().position(|known| known.name == column).unwrap_or(0);
    let place = u16::try_from(place).unwrap_or(u16::MAX);
    let row = |number| u32::try_from(number).unwrap_or(u32::MAX);
    (CoverageRow::TABLE, row(rows.0), place, row(rows.1), place)
}
