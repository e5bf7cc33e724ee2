//! An operation as a row, with Kohesio's columns.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::model::{Operation, operations};
use crate::export::model::{Cell, Names, Row, Type, Value};
use crate::export::row::row;
use crate::framework::{Framework, Priority};
use crate::id::Id;
use crate::money::{Amount, Currency};
use crate::organisation::Organisation;
use crate::organisation::model::is_personal;
use crate::project::stakeholder::model::StakeholderRole;
use crate::project::{Project, Status};

/// What stands for the name of a natural person.
const NATURAL_PERSON: &str = "Fysisk person";

/// The level of a framework's priorities that the EU calls specific objectives.
const SPECIFIC_OBJECTIVE: &str = "specificObjective";

/// A day as Kohesio writes it: `31/01/2012`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(NaiveDate);

impl Day {
    fn text(self) -> String {
        self.0.format("%d/%m/%Y").to_string()
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl Cell for Day {
    const TYPE: Type = Type::Text;

    fn value(&self) -> Value {
        Value::Text(self.text())
    }
}

row! {
    /// En insats som får EU-stöd, i en tabell. / An operation that the EU supports, in a table.
    #[schema(example = json!({
        "Operation_Unique_Identifier": "2007SE162PO008_156077", "Operation_Local_Identifier": "156077",
        "Operation_Name_Programme_Language": "Godsterminal i Bastuträsk",
        "Operation_Summary_Programme_Language": "Terminal där virke lastas om till tåg.",
        "Operation_Start_Date": "08/09/2010", "Operation_Expected_End_Date": null, "Operation_End_Date": "31/01/2012",
        "Total_Cost_amount": "18923500.00", "Total_Eligible_Expenditure_amount": "18923500.00",
        "Total_Eligible_Expenditure_Currency": "SEK", "Total_Eligible_Expenditure_Exchange_Rate": null,
        "Cofinancing_Rate": "18.22", "Project_EU_Budget": "3447600.00", "Project_EU_Budget_Currency": "SEK",
        "Beneficiary_Name": ["Norsjö kommun"], "Beneficiary_Local_Identifier": [null], "Country": "Sverige",
        "CountryCode": "SE", "LAU_Codes": ["2417"], "LAU_Labels": ["Norsjö"], "Location_Indicator_NUTS_code": ["SE33"],
        "Fund_Code": "ERDF", "Fund_Name": "Europeiska regionala utvecklingsfonden", "Programme_Code": "2007SE162PO008",
        "Programme_Name": "ERUF Övre Norrland 2007–2013", "Programming_Period": "2007-2013", "ManagingAuthority": null,
        "Priority_ID": ["2"], "Priority_Label": ["Tillgänglighet"], "Specific_Objective_ID": [],
        "Specific_Objective_Label": [], "Category_Of_Intervention": null, "Date_Of_Last_Update": "31/01/2026",
        "Project_Reference": "2026-7KQF3", "Project_Identifier": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
        "Missing": ["49(3)(a) contractor", "49(3)(j) Specific_Objective_ID",
            "49(3)(n) Category_Of_Intervention", "Kohesio Total_Eligible_Expenditure_Exchange_Rate"]
    }))]
    pub struct OperationRow in "operations" {
        /// Insatsens unika kod: programnummer och ärendenummer. / The operation's unique code: the numbers of programme and
        /// case.
        unique_identifier: Option<String> = "Operation_Unique_Identifier";
        /// Finansiärens diarienummer. / The funder's case number.
        local_identifier: Option<String> = "Operation_Local_Identifier";
        /// Projektets titel. / The project's title.
        name: String = "Operation_Name_Programme_Language";
        /// Kort om vad det gör. / What it does, in short.
        summary: Option<String> = "Operation_Summary_Programme_Language";
        /// Första dagen, dd/MM/yyyy. / First day, dd/MM/yyyy.
        #[schema(value_type = Option<String>)]
        start_date: Option<Day> = "Operation_Start_Date";
        /// Väntad sista dag, dd/MM/yyyy, för det som inte är avslutat. / Expected last day, dd/MM/yyyy, of what is not completed.
        #[schema(value_type = Option<String>)]
        expected_end_date: Option<Day> = "Operation_Expected_End_Date";
        /// Sista dagen, dd/MM/yyyy, för det som är avslutat. / Last day, dd/MM/yyyy, of what is completed.
        #[schema(value_type = Option<String>)]
        end_date: Option<Day> = "Operation_End_Date";
        /// Hela kostnaden, om den är känd och projektet är en enda insats. / The whole cost, if it is known and the project is
        /// one operation.
        #[schema(value_type = Option<String>)]
        total_cost: Option<Amount> = "Total_Cost_amount";
        /// Stödberättigande kostnad, på samma villkor. / Eligible cost, on the same terms.
        #[schema(value_type = Option<String>)]
        eligible_cost: Option<Amount> = "Total_Eligible_Expenditure_amount";
        /// Kostnadernas valuta. / The costs' currency.
        cost_currency: Option<Currency> = "Total_Eligible_Expenditure_Currency";
        /// Växelkurs till euro; inte känd här. / Exchange rate to euro; not known here.
        exchange_rate: Option<String> = "Total_Eligible_Expenditure_Exchange_Rate";
        /// Vad källan har beviljat i procent av den stödberättigande kostnaden. / What the source has granted in percent of the
        /// eligible cost.
        #[schema(value_type = Option<String>)]
        rate: Option<Amount> = "Cofinancing_Rate";
        /// Vad källan har beviljat; för källor som också har nationella medel är EU:s del inte känd här. / What the source has
        /// granted; of sources that have national money too, the EU's part is not known here.
        #[schema(value_type = Option<String>)]
        budget: Option<Amount> = "Project_EU_Budget";
        /// Det beviljades valuta. / The grant's currency.
        budget_currency: Option<Currency> = "Project_EU_Budget_Currency";
        /// Projektägarnas namn; en fysisk person står som Fysisk person. / The owners' names; a natural person stands as Fysisk
        /// person.
        beneficiaries: Vec<String> = "Beneficiary_Name";
        /// Deras organisationsnummer, i samma ordning. / Their organisation numbers, in the same order.
        beneficiary_numbers: Vec<Option<String>> = "Beneficiary_Local_Identifier";
        /// Land. / Country.
        country: &'static str = "Country";
        /// Landets kod. / Code of the country.
        country_code: &'static str = "CountryCode";
        /// Kommunkoder. / Municipality codes.
        municipality_codes: Vec<String> = "LAU_Codes";
        /// Kommunernas namn. / The municipalities' names.
        municipality_names: Vec<String> = "LAU_Labels";
        /// Kommunernas NUTS 2-regioner, om de är kända för alla. / The municipalities' NUTS 2 regions, if they are known for
        /// all.
        regions: Vec<String> = "Location_Indicator_NUTS_code";
        /// Fondens kod. / Code of the fund.
        fund_code: Option<String> = "Fund_Code";
        /// Fondens namn. / Name of the fund.
        fund_name: Option<String> = "Fund_Name";
        /// Programnummer (CCI). / Programme number (CCI).
        programme_code: Option<String> = "Programme_Code";
        /// Finansieringskällans namn. / Name of the funding source.
        programme_name: Option<String> = "Programme_Name";
        /// Programperiod. / Programming period.
        period: Option<String> = "Programming_Period";
        /// Vem som förvaltar eller beslutar. / Who manages or decides.
        authority: Option<String> = "ManagingAuthority";
        /// Koder för prioriteringarna som medlen är beviljade under. / Codes of the priorities that the money is granted under.
        priority_codes: Vec<String> = "Priority_ID";
        /// Prioriteringarnas titlar. / The priorities' titles.
        priority_titles: Vec<String> = "Priority_Label";
        /// Koder för dem av dem som är särskilda mål. / Codes of those of them that are specific objectives.
        objective_codes: Vec<String> = "Specific_Objective_ID";
        /// Deras titlar. / Their titles.
        objective_titles: Vec<String> = "Specific_Objective_Label";
        /// Interventionskategori; inte känd här. / Category of intervention; not known here.
        category: Option<String> = "Category_Of_Intervention";
        /// När projektet senast ändrades, dd/MM/yyyy. / When the project was last changed, dd/MM/yyyy.
        #[schema(value_type = String)]
        updated_at: Day = "Date_Of_Last_Update";
        /// Projektets beteckning. / The project's reference.
        reference: String = "Project_Reference";
        /// Projektets identifierare. / The project's identifier.
        #[schema(value_type = uuid::Uuid)]
        project_id: Id = "Project_Identifier";
        /// Vad som krävs och inte är känt här: punkten i artikel 49.3, eller Kohesio, och kolumnen. / What is required and not
        /// known here: the point of Article 49(3), or Kohesio, and the column.
        missing: Vec<&'static str> = "Missing";
    }
}

impl Row for OperationRow {
    fn of(project: &Project, names: &Names) -> Vec<Self> {
        let is_wanted = |operation: &Operation<'_>| {
            names.wanted_sources.as_ref().is_none_or(|wanted| wanted.iter().any(|code| code == operation.source))
        };
        let rows = operations(project).into_iter().filter(is_wanted);
        rows.map(|operation| Self::new(&operation, names).reporting(&operation)).collect()
    }
}

impl OperationRow {
    fn new(operation: &Operation<'_>, names: &Names) -> Self {
        let project = operation.project;
        let Programme { number, name, period, authority, framework } = Programme::of(operation.source, names);
        let (ended, expected) = (project.status == Status::Completed, project.facts.end_date.map(Day));
        let (grant, total_cost, eligible_cost) = (operation.grant(), operation.total_cost(), operation.eligible_cost());
        let fund = names.facts.funds.get(operation.source);
        let priorities = priorities(operation, framework);
        let objectives =
            priorities.iter().filter(|(_, found)| found.is_some_and(|own| own.level == SPECIFIC_OBJECTIVE));
        let (objective_codes, objective_titles) = objectives.map(labelled).unzip();
        let (priority_codes, priority_titles) = priorities.iter().map(labelled).unzip();
        let (beneficiaries, beneficiary_numbers) = owners(project).map(named).unzip();
        let unique = number.as_ref().zip(operation.case_number).map(|(number, case)| format!("{number}_{case}"));
        Self {
            unique_identifier: unique,
            local_identifier: operation.case_number.map(str::to_owned),
            name: project.facts.title.clone(),
            summary: project.facts.summary.clone(),
            start_date: project.facts.start_date.map(Day),
            expected_end_date: expected.filter(|_| !ended),
            end_date: expected.filter(|_| ended),
            total_cost,
            eligible_cost,
            cost_currency: total_cost.or(eligible_cost).map(|_| Currency::Sek),
            exchange_rate: None,
            rate: operation.rate(),
            budget: grant.map(|money| money.amount),
            budget_currency: grant.map(|money| money.currency),
            beneficiaries,
            beneficiary_numbers,
            country: "Sverige",
            country_code: "SE",
            municipality_codes: project.facts.municipalities.clone(),
            municipality_names: municipality_names(project, names),
            regions: regions(project, names).unwrap_or_default(),
            fund_code: fund.map(|fund| fund.code.clone()),
            fund_name: fund.map(|fund| fund.name.clone()),
            programme_code: number,
            programme_name: name,
            period,
            authority,
            priority_codes,
            priority_titles,
            objective_codes,
            objective_titles,
            category: None,
            updated_at: Day(project.updated_at.as_utc().date_naive()),
            reference: project.reference.clone(),
            project_id: project.id,
            missing: Vec::new(),
        }
    }

    /// The same, saying what it lacks.
    fn reporting(mut self, operation: &Operation<'_>) -> Self {
        let has_person = owners(operation.project).any(is_person);
        let has_end = self.end_date.or(self.expected_end_date).is_some();
        let is_euro = self.cost_currency == Some(Currency::Eur);
        let required = [
            ("49(3) Operation_Unique_Identifier", self.unique_identifier.is_some()),
            ("49(3)(a) Beneficiary_Name", !self.beneficiaries.is_empty()),
            ("49(3)(a) contractor", false),
            ("49(3)(b) Beneficiary_Name", !has_person),
            ("49(3)(e) Operation_Summary_Programme_Language", self.summary.is_some()),
            ("49(3)(f) Operation_Start_Date", self.start_date.is_some()),
            ("49(3)(g) Operation_End_Date", has_end),
            ("49(3)(h) Total_Cost_amount", self.total_cost.is_some()),
            ("49(3)(i) Fund_Code", self.fund_code.is_some()),
            ("49(3)(j) Specific_Objective_ID", !self.objective_codes.is_empty()),
            ("49(3)(k) Cofinancing_Rate", self.rate.is_some()),
            ("49(3)(l) LAU_Codes", !self.municipality_codes.is_empty()),
            ("49(3)(m) location of the beneficiary", self.municipality_codes.len() < 2),
            ("49(3)(n) Category_Of_Intervention", self.category.is_some()),
            ("Kohesio Location_Indicator_NUTS_code", !self.regions.is_empty()),
            ("Kohesio Total_Eligible_Expenditure_amount", self.eligible_cost.is_some()),
            ("Kohesio Total_Eligible_Expenditure_Exchange_Rate", is_euro || self.exchange_rate.is_some()),
            ("Kohesio Project_EU_Budget", self.budget.is_some()),
        ];
        self.missing = required.iter().filter(|(_, is_known)| !is_known).map(|(item, _)| *item).collect();
        self
    }
}

/// What is known of a source as a programme.
struct Programme<'a> {
    number: Option<String>,
    name: Option<String>,
    period: Option<String>,
    authority: Option<String>,
    framework: Option<&'a Framework>,
}

impl<'a> Programme<'a> {
    fn of(code: &str, names: &'a Names) -> Self {
        let (source, framework) = (names.sources.get(code), names.frameworks.get(code));
        let stated = framework.and_then(|known| known.programme_numbers.first());
        let number = source.and_then(|known| known.programme_number.clone());
        let period = source.and_then(|known| known.start_date.zip(known.end_date));
        Self {
            number: number.or_else(|| stated.map(|known| known.number.clone())),
            name: source.map(|known| known.name.sv.clone()),
            period: period.map(|(start, end)| format!("{}-{}", start.format("%Y"), end.format("%Y"))),
            authority: source.and_then(|known| known.authority.clone()),
            framework,
        }
    }
}

fn owners(project: &Project) -> impl Iterator<Item = &Organisation> {
    let owners = project.stakeholders.iter().filter(|part| part.roles.contains(&StakeholderRole::Owner));
    owners.map(|part| &part.organisation)
}

fn is_person(organisation: &Organisation) -> bool {
    organisation.number.as_deref().is_some_and(is_personal)
}

fn named(organisation: &Organisation) -> (String, Option<String>) {
    let name = if is_person(organisation) { NATURAL_PERSON } else { &organisation.name };
    (name.to_owned(), organisation.public_number().map(str::to_owned))
}

/// The priorities that the operation's money is granted under, each once.
fn priorities<'a>(operation: &Operation<'a>, framework: Option<&'a Framework>) -> Vec<(&'a str, Option<&'a Priority>)> {
    let mut codes: Vec<&str> = operation.lines.iter().filter_map(|line| line.priority.as_deref()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(|code| (code, framework.and_then(|known| known.find(code)))).collect()
}

fn labelled((code, priority): &(&str, Option<&Priority>)) -> (String, String) {
    let title = priority.and_then(|known| known.title.sv.clone().or_else(|| known.title.en.clone()));
    ((*code).to_owned(), title.unwrap_or_default())
}

fn municipality_names(project: &Project, names: &Names) -> Vec<String> {
    let name = |code| names.municipalities.get(code).map(|known| known.short_name.clone()).unwrap_or_default();
    project.facts.municipalities.iter().map(name).collect()
}

/// The regions of the project's municipalities, each once; none when one of them is not known.
fn regions(project: &Project, names: &Names) -> Option<Vec<String>> {
    let region = |code| names.facts.regions.get(&names.municipalities.get(code)?.county_code).cloned();
    let mut regions = project.facts.municipalities.iter().map(region).collect::<Option<Vec<_>>>()?;
    regions.sort();
    regions.dedup();
    Some(regions)
}
