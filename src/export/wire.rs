//! The rows of the tables: their members in JSON are the columns of CSV, and every row has them all.

use chrono::NaiveDate;

use super::model::{Names, Row};
use super::row::row;
use crate::clock::Timestamp;
use crate::id::Id;
use crate::money::{Amount, Currency, Money};
use crate::project::alignment::{Alignment, Assessment};
use crate::project::commitment::Commitment;
use crate::project::commitment::model::{granted, paid};
use crate::project::funding_line::model::FundingKind;
use crate::project::funding_line::{Financier, FundingLine};
use crate::project::model::{CaseNumber, ProjectKind, Purpose};
use crate::project::stakeholder::model::StakeholderRole;
use crate::project::totals::totals;
use crate::project::{Project, Status, Visibility};
use crate::strategy::{Measure, SubGoal};

row! {
    /// Ett projekt i en tabell. / A project in a table.
    #[schema(example = json!({
        "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "reference": "2026-7KQF3", "strategyId": "norsjo-2014-2020",
        "kind": "implementation", "kindLabel": "genomförandeprojekt", "title": "Godsterminal i Bastuträsk",
        "summary": null, "startDate": "2010-09-08", "endDate": "2012-01-31", "status": "completed",
        "statusLabel": "avslutat", "visibility": "public", "visibilityLabel": "offentlig", "purpose": null,
        "purposeLabel": null, "municipalities": ["2417"], "places": ["Bastuträsk"],
        "caseNumbers": ["Tillväxtverket: 156077"], "owners": ["Norsjö kommun"], "cost": "18923500.00",
        "eligibleCost": "18923500.00", "revenue": null, "funding": "18923500.00", "granted": "18923500.00",
        "gap": "0.00", "currency": "SEK", "unknownAmounts": 0, "submittedAt": null,
        "createdAt": "2026-01-31T12:00:00Z", "updatedAt": "2026-01-31T12:00:00Z", "version": 1
    }))]
    pub struct ProjectRow in "projects" {
        /// Identifierare. / Identifier.
        #[schema(value_type = uuid::Uuid)]
        id: Id = "id";
        /// Beteckning. / Reference.
        reference: String = "reference";
        /// Strategin som det är registrerat under. / The strategy that it is registered under.
        strategy_id: String = "strategyId";
        /// Slag. / Kind.
        kind: ProjectKind = "kind";
        /// Slaget på svenska. / The kind in Swedish.
        kind_label: &'static str = "kindLabel";
        /// Titel. / Title.
        title: String = "title";
        /// Kort om vad det gör. / What it does, in short.
        summary: Option<String> = "summary";
        /// Första dagen. / First day.
        start_date: Option<NaiveDate> = "startDate";
        /// Sista dagen. / Last day.
        end_date: Option<NaiveDate> = "endDate";
        /// Läge. / State.
        status: Status = "status";
        /// Läget på svenska. / The state in Swedish.
        status_label: &'static str = "statusLabel";
        /// Vilka som ser det. / Who sees it.
        visibility: Visibility = "visibility";
        /// Synligheten på svenska. / The visibility in Swedish.
        visibility_label: &'static str = "visibilityLabel";
        /// Vem det är till för. / Whom it is for.
        purpose: Option<Purpose> = "purpose";
        /// Det på svenska. / The same in Swedish.
        purpose_label: Option<&'static str> = "purposeLabel";
        /// Kommunkoder. / Municipality codes.
        municipalities: Vec<String> = "municipalities";
        /// Orter och platser. / Places.
        places: Vec<String> = "places";
        /// Diarienummer: myndighet, kolon, nummer. / Case numbers: authority, colon, number.
        case_numbers: Vec<String> = "caseNumbers";
        /// Projektägarnas namn. / The owners' names.
        owners: Vec<String> = "owners";
        /// Kostnad. / Cost.
        #[schema(value_type = Option<String>)]
        cost: Option<Amount> = "cost";
        /// Stödberättigande kostnad. / Eligible cost.
        #[schema(value_type = Option<String>)]
        eligible_cost: Option<Amount> = "eligibleCost";
        /// Intäkter. / Revenue.
        #[schema(value_type = Option<String>)]
        revenue: Option<Amount> = "revenue";
        /// Finansiering. / Funding.
        #[schema(value_type = Option<String>)]
        funding: Option<Amount> = "funding";
        /// Vad som är beviljat av den. / What is granted of it.
        #[schema(value_type = Option<String>)]
        granted: Option<Amount> = "granted";
        /// Kostnad minus intäkter och finansiering. / Cost less revenue and funding.
        #[schema(value_type = Option<String>)]
        gap: Option<Amount> = "gap";
        /// Summornas valuta. / The sums' currency.
        currency: Currency = "currency";
        /// Hur många belopp som summorna saknar. / How many amounts the sums lack.
        unknown_amounts: usize = "unknownAmounts";
        /// När det lämnades in. / When it was handed in.
        #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
        submitted_at: Option<Timestamp> = "submittedAt";
        /// När det registrerades. / When it was registered.
        #[schema(value_type = chrono::DateTime<chrono::Utc>)]
        created_at: Timestamp = "createdAt";
        /// När det senast ändrades. / When it was last changed.
        #[schema(value_type = chrono::DateTime<chrono::Utc>)]
        updated_at: Timestamp = "updatedAt";
        /// Version. / Version.
        version: i64 = "version";
    }
}

impl Row for ProjectRow {
    fn of(project: &Project, _: &Names) -> Vec<Self> {
        let facts = project.facts.clone();
        let totals = totals(&project.costs, &project.revenues, &project.funding_lines);
        let kronor = |ore: Option<i64>| ore.map(Amount::from_hundredths);
        vec![Self {
            id: project.id,
            reference: project.reference.clone(),
            strategy_id: facts.strategy_id,
            kind: facts.kind,
            kind_label: facts.kind.label(),
            title: facts.title,
            summary: facts.summary,
            start_date: facts.start_date,
            end_date: facts.end_date,
            status: project.status,
            status_label: project.status.label(),
            visibility: facts.visibility,
            visibility_label: facts.visibility.label(),
            purpose: facts.purpose,
            purpose_label: facts.purpose.map(Purpose::label),
            municipalities: facts.municipalities,
            places: facts.places,
            case_numbers: facts.case_numbers.iter().map(case_number).collect(),
            owners: owner_names(project),
            cost: kronor(totals.cost),
            eligible_cost: kronor(totals.eligible_cost),
            revenue: kronor(totals.revenue),
            funding: kronor(totals.funding),
            granted: kronor(totals.granted),
            gap: kronor(totals.gap),
            currency: Currency::Sek,
            unknown_amounts: totals.unknown_amounts,
            submitted_at: project.submitted_at,
            created_at: project.created_at,
            updated_at: project.updated_at,
            version: project.version,
        }]
    }
}

fn case_number(CaseNumber { authority, number }: &CaseNumber) -> String {
    format!("{authority}: {number}")
}

fn owner_names(project: &Project) -> Vec<String> {
    let owners = project.stakeholders.iter().filter(|part| part.roles.contains(&StakeholderRole::Owner));
    owners.map(|part| part.organisation.name.clone()).collect()
}

row! {
    /// En koppling i en tabell. / An alignment in a table.
    #[schema(example = json!({
        "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a20", "projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
        "projectReference": "2026-7KQF3", "projectTitle": "Godsterminal i Bastuträsk", "projectVersion": 1,
        "projectStatus": "completed",
        "projectStatusLabel": "avslutat", "strategyId": "norsjo-2014-2020", "goalArea": "4", "subGoal": "4.3",
        "subGoalTitle": "Effektiva godstransporter", "measure": null, "measureTitle": null, "share": 70,
        "rationale": "Virket går på järnväg.", "assessment": "confirmed", "assessmentLabel": "bekräftad"
    }))]
    pub struct AlignmentRow in "alignments" {
        /// Kopplingens identifierare. / The alignment's identifier.
        #[schema(value_type = uuid::Uuid)]
        id: Id = "id";
        /// Projektets identifierare. / The project's identifier.
        #[schema(value_type = uuid::Uuid)]
        project_id: Id = "projectId";
        /// Projektets beteckning. / The project's reference.
        project_reference: String = "projectReference";
        /// Projektets titel. / The project's title.
        project_title: String = "projectTitle";
        /// Projektets version. / The project's version.
        project_version: i64 = "projectVersion";
        /// Projektets läge. / The project's state.
        project_status: Status = "projectStatus";
        /// Läget på svenska. / The state in Swedish.
        project_status_label: &'static str = "projectStatusLabel";
        /// Kodernas strategi. / The strategy of the codes.
        strategy_id: String = "strategyId";
        /// Målområdets kod. / Code of the goal area.
        goal_area: Option<String> = "goalArea";
        /// Delmålets kod. / Code of the sub-goal.
        sub_goal: String = "subGoal";
        /// Delmålet på svenska. / The sub-goal in Swedish.
        sub_goal_title: Option<String> = "subGoalTitle";
        /// Åtgärdens kod. / Code of the measure.
        measure: Option<String> = "measure";
        /// Åtgärden på svenska. / The measure in Swedish.
        measure_title: Option<String> = "measureTitle";
        /// Andel av projektet i procent. / Share of the project in percent.
        share: Option<i32> = "share";
        /// Hur projektet bidrar. / How the project contributes.
        rationale: Option<String> = "rationale";
        /// På vems ord. / On whose word.
        assessment: Assessment = "assessment";
        /// Det på svenska. / The same in Swedish.
        assessment_label: &'static str = "assessmentLabel";
    }
}

impl Row for AlignmentRow {
    fn of(project: &Project, names: &Names) -> Vec<Self> {
        let row = |alignment: &Alignment| {
            let Alignment { id, strategy_id, sub_goal_code, measure_code, share, rationale, assessment, .. } =
                alignment.clone();
            let strategy = names.strategies.iter().find(|strategy| strategy.id == strategy_id);
            let is_goal = |goal: &SubGoal| goal.code == sub_goal_code;
            let (area, goal) = strategy.and_then(|known| known.sub_goals().find(|(_, goal)| is_goal(goal))).unzip();
            let is_measure = |measure: &&Measure| Some(&measure.code) == measure_code.as_ref();
            let measure = goal.and_then(|goal| goal.measures.iter().find(is_measure));
            Self {
                id,
                project_id: project.id,
                project_reference: project.reference.clone(),
                project_title: project.facts.title.clone(),
                project_version: project.version,
                project_status: project.status,
                project_status_label: project.status.label(),
                goal_area: area.map(|area| area.code.clone()),
                sub_goal_title: goal.map(|goal| goal.title.sv.clone()),
                measure_title: measure.map(|measure| measure.title.sv.clone()),
                strategy_id,
                sub_goal: sub_goal_code,
                measure: measure_code,
                share,
                rationale,
                assessment,
                assessment_label: assessment.label(),
            }
        };
        project.alignments.iter().map(row).collect()
    }
}

row! {
    /// En finansieringsrad i en tabell. / A funding line in a table.
    #[schema(example = json!({
        "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a50", "projectId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
        "projectReference": "2026-7KQF3", "projectTitle": "Godsterminal i Bastuträsk", "projectVersion": 1,
        "projectStatus": "completed",
        "projectStatusLabel": "avslutat", "source": "eruf-ovre-norrland-2007-2013",
        "sourceName": "Regionalfonden i Övre Norrland 2007–2013", "financier": null, "call": null, "priority": null,
        "year": null, "kind": "publicCash", "kindLabel": "offentlig kontant", "commitment": "granted",
        "commitmentLabel": "beviljad", "amount": "3447600.00", "granted": "3447600.00", "paid": null,
        "currency": "SEK", "caseNumber": "156077"
    }))]
    pub struct FundingLineRow in "funding-lines" {
        /// Radens identifierare. / The line's identifier.
        #[schema(value_type = uuid::Uuid)]
        id: Id = "id";
        /// Projektets identifierare. / The project's identifier.
        #[schema(value_type = uuid::Uuid)]
        project_id: Id = "projectId";
        /// Projektets beteckning. / The project's reference.
        project_reference: String = "projectReference";
        /// Projektets titel. / The project's title.
        project_title: String = "projectTitle";
        /// Projektets version. / The project's version.
        project_version: i64 = "projectVersion";
        /// Projektets läge. / The project's state.
        project_status: Status = "projectStatus";
        /// Läget på svenska. / The state in Swedish.
        project_status_label: &'static str = "projectStatusLabel";
        /// Finansieringskällans kod. / Code of the funding source.
        source: String = "source";
        /// Källan på svenska. / The source in Swedish.
        source_name: Option<String> = "sourceName";
        /// Finansiärens namn, unnamedPublic eller unnamedPrivate. / The financier's name, unnamedPublic or unnamedPrivate.
        financier: Option<String> = "financier";
        /// Utlysningens identifierare. / The call's identifier.
        #[schema(value_type = Option<uuid::Uuid>)]
        call: Option<Id> = "call";
        /// Prioriteringens kod. / Code of the priority.
        priority: Option<String> = "priority";
        /// År. / Year.
        year: Option<i32> = "year";
        /// Slag av finansiering. / Kind of funding.
        kind: FundingKind = "kind";
        /// Slaget på svenska. / The kind in Swedish.
        kind_label: &'static str = "kindLabel";
        /// Hur långt den har kommit. / How far it has come.
        commitment: Commitment = "commitment";
        /// Det på svenska. / The same in Swedish.
        commitment_label: &'static str = "commitmentLabel";
        /// Beloppet som räknas: beviljat, annars sökt, annars planerat. / The amount that counts: granted, else applied for,
        /// else planned.
        #[schema(value_type = Option<String>)]
        amount: Option<Amount> = "amount";
        /// Beviljat. / Granted.
        #[schema(value_type = Option<String>)]
        granted: Option<Amount> = "granted";
        /// Utbetalt. / Paid.
        #[schema(value_type = Option<String>)]
        paid: Option<Amount> = "paid";
        /// Beloppens valuta. / The amounts' currency.
        currency: Option<Currency> = "currency";
        /// Finansiärens diarienummer. / The financier's case number.
        case_number: Option<String> = "caseNumber";
    }
}

impl Row for FundingLineRow {
    fn of(project: &Project, names: &Names) -> Vec<Self> {
        let row = |line: &FundingLine| {
            let (amount, commitment) = (line.amount(), line.commitment());
            let alone = |money: Option<Money>| money.map(|money| money.amount);
            Self {
                id: line.id,
                project_id: project.id,
                project_reference: project.reference.clone(),
                project_title: project.facts.title.clone(),
                project_version: project.version,
                project_status: project.status,
                project_status_label: project.status.label(),
                source: line.source.clone(),
                source_name: names.sources.get(&line.source).map(|source| source.name.sv.clone()),
                financier: line.financier.as_ref().map(financier),
                call: line.call,
                priority: line.priority.clone(),
                year: line.year,
                kind: line.kind,
                kind_label: line.kind.label(),
                commitment,
                commitment_label: commitment.label(),
                amount: alone(amount),
                granted: alone(granted(&line.commitments)),
                paid: alone(paid(&line.commitments)),
                currency: amount.map(|money| money.currency),
                case_number: line.case_number().map(str::to_owned),
            }
        };
        project.funding_lines.iter().map(row).collect()
    }
}

fn financier(financier: &Financier) -> String {
    match financier {
        Financier::Organisation(organisation) => organisation.name.clone(),
        Financier::Unnamed(unnamed) => unnamed.to_string(),
    }
}
