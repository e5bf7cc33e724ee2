//! Funding lines over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Financier, FundingKind, FundingLine, UnnamedFinancier};
use crate::auth::{Principal, policy};
use crate::clock::Timestamp;
use crate::db::Database;
use crate::http::{Body, Context, Contract, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query};
use crate::id::Id;
use crate::money::Money;
use crate::problem::{Kind, Problem};
use crate::project::Project;
use crate::project::commitment::{self, Commitment, Step};
use crate::project::lifecycle::{Act, Status};
use crate::project::parts::{self, PartResource, part_operations};
use crate::project::references::Resolver;
use crate::project::stakeholder::http::{GivenOrganisation, OrganisationSummary};
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_funding_lines)
        .service(create_funding_line)
        .service(get_funding_line)
        .service(replace_funding_line)
        .service(update_funding_line)
        .service(delete_funding_line);
}

/// Vem som betalar: en organisation, eller någon ej namngiven. / Who pays: an organisation, or somebody unnamed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"name": "Region Västerbotten", "sector": "public"}))]
pub enum GivenFinancier {
    /// Somebody unnamed.
    Unnamed(UnnamedFinancier),
    /// An organisation.
    Organisation(GivenOrganisation),
}

/// Vem som betalar. / Who pays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Financier, example = json!("unnamedPublic"))]
pub enum FinancierView {
    /// Somebody unnamed.
    Unnamed(UnnamedFinancier),
    /// An organisation.
    Organisation(OrganisationSummary),
}

/// En ny finansieringsrad: en finansiärs del av ett slag. / A new funding line: one financier's part of one kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "source": "eruf-ovre-norrland-2007-2013", "kind": "publicCash",
    "amount": {"amount": "3447600.00", "currency": "SEK"}, "commitment": "granted", "caseNumber": "156077"
}))]
pub struct NewFundingLine {
    /// Finansieringskällans kod. / Code of the funding source.
    #[schema(min_length = 1, max_length = 100)]
    source: String,
    /// Vem som betalar, när det inte framgår av källan. / Who pays, when it is not plain from the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    financier: Option<GivenFinancier>,
    /// Utlysningen som den söks i. / The call that it is applied for in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    call: Option<Id>,
    /// Prioriteringen den söks eller beviljas under, i ramverket med källans kod. / The priority that it is applied for
    /// or granted under, in the framework with the source's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z0-9]+([.-][a-z0-9]+)*$", max_length = 30, example = "3")]
    priority: Option<String>,
    kind: FundingKind,
    /// Året den gäller. / The year it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1990, maximum = 2100)]
    year: Option<i32>,
    /// Belopp; utelämnas om det är okänt. Belopp, läge och diarienummer är radens första steg; när fler steg har
    /// registrerats ändras de bara med nya steg. / Amount; left out when unknown. Amount, commitment and case number are
    /// the line's first step; once more steps are recorded they are changed by further steps alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    commitment: Commitment,
    /// Finansiärens diarienummer. / The funder's case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    case_number: Option<String>,
    /// Anmärkning. / Note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    note: Option<String>,
}

impl Patchable for NewFundingLine {}

type NewFundingLinePatch = Patch<NewFundingLine>;

/// En finansieringsrad. / A funding line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FundingLine, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a16", "source": "eruf-ovre-norrland-2007-2013", "kind": "publicCash",
    "amount": {"amount": "3447600.00", "currency": "SEK"}, "commitment": "granted",
    "granted": {"amount": "3447600.00", "currency": "SEK"}, "caseNumber": "156077"
}))]
pub struct FundingLineView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Finansieringskällans kod. / Code of the funding source.
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    financier: Option<FinancierView>,
    /// Utlysningen som den söks i. / The call that it is applied for in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    call: Option<Id>,
    /// Prioriteringen den söks eller beviljas under, i ramverket med källans kod. / The priority that it is applied for
    /// or granted under, in the framework with the source's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<String>,
    kind: FundingKind,
    /// Året den gäller. / The year it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    /// Beloppet som räknas: beviljat, annars ansökt, annars planerat; saknas om det är okänt. / The amount that counts:
    /// granted, else applied for, else planned; absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    commitment: Commitment,
    /// Beviljat. / Granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<Money>,
    /// Utbetalt hittills. / Paid so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid: Option<Money>,
    /// Finansiärens senaste diarienummer. / The funder's latest case number.
    #[serde(skip_serializing_if = "Option::is_none")]
    case_number: Option<String>,
    /// Anmärkning. / Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

fn first_step(amount: Option<Money>, commitment: Commitment, case_number: Option<String>, by: Option<Id>) -> Step {
    let (id, recorded_at) = (Id::new(), Timestamp::now());
    let (date, document, note) = (None, None, None);
    Step { id, commitment, date, amount, case_number, document, note, recorded_at, recorded_by: by }
}

impl PartResource for FundingLine {
    type Given = NewFundingLine;
    type View = FundingLineView;
    const SEGMENT: &'static str = "funding-lines";
    const NAME: (&'static str, &'static str) = ("Finansieringsraden", "The funding line");
    const CHANGED: &'static str = "project.fundingLinesChanged";
    const UPDATE: &'static str = "updateFundingLine";
    const DELETE: &'static str = "deleteFundingLine";
    const ACT: Act = Act::Plan;

    fn of(project: &Project) -> &Vec<Self> {
        &project.funding_lines
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.funding_lines
    }

    fn given(&self) -> NewFundingLine {
        let (amount, commitment) = (self.amount(), self.commitment());
        let case_number = self.case_number().map(str::to_owned);
        let Self { source, financier, call, priority, kind, year, note, .. } = self.clone();
        let financier = financier.map(|financier| match financier {
            Financier::Unnamed(unnamed) => GivenFinancier::Unnamed(unnamed),
            Financier::Organisation(organisation) => {
                GivenFinancier::Organisation(GivenOrganisation::with_id(organisation.id))
            }
        });
        NewFundingLine { source, financier, call, priority, kind, year, amount, commitment, case_number, note }
    }

    fn resolve(
        given: NewFundingLine,
        before: Option<&Self>,
        project: &Project,
        resolver: &mut Resolver<'_>,
        at: &str,
    ) -> Result<Option<Self>, Problem> {
        let NewFundingLine { source, financier, call, priority, kind, year, amount, commitment, case_number, note } =
            given;
        let level = resolver.source(at, &source)?;
        if let Some(call) = call {
            resolver.call(at, call, &source)?;
        }
        if let Some(priority) = &priority {
            resolver.priority(at, priority, &source)?;
        }
        let financier = match financier {
            None => None,
            Some(GivenFinancier::Unnamed(unnamed)) => Some(Financier::Unnamed(unnamed)),
            Some(GivenFinancier::Organisation(organisation)) => {
                organisation.resolve(resolver, &format!("{at}/financier"))?.map(Financier::Organisation)
            }
        };
        let step = first_step(amount, commitment, case_number, resolver.caller().id());
        let (id, commitments) = match before {
            None => (Id::new(), vec![step]),
            Some(before) => {
                let commitments = before.with(step, project.status);
                let has_several = before.commitments.len() > 1;
                // What a financier has acted on is not its owner's to describe anew.
                let is_theirs = has_several && !resolver.caller().is_staff();
                let kept = [
                    ("commitment", commitments.is_none()),
                    ("source", has_several && before.source != source),
                    ("financier", has_several && before.financier != financier),
                    ("call", is_theirs && before.call != call),
                    ("priority", is_theirs && before.priority != priority),
                    ("kind", is_theirs && before.kind != kind),
                    ("year", is_theirs && before.year != year),
                    ("note", is_theirs && before.note != note),
                ];
                for (member, _) in kept.into_iter().filter(|(_, is_changed)| *is_changed) {
                    let reason = bilingual!(
                        "radens steg bevaras, hos den som tog dem; lägg till ett steg på radens commitments",
                        "the line's steps are kept, with the one who took them; add a step to the line's commitments"
                    );
                    resolver.fault(format!("{at}/{member}"), "kept", reason);
                }
                (before.id, commitments.unwrap_or_default())
            }
        };
        let known = before.map(|before| before.commitments.as_slice()).unwrap_or_default();
        let is_new = commitments.iter().any(|step| !known.contains(step));
        let is_owners =
            |steps: &[Step]| matches!(commitment::model::commitment(steps), Commitment::Planned | Commitment::Applied);
        let is_allowed = is_owners(&commitments) && is_owners(known);
        if is_new && !is_allowed && !resolver.caller().is_staff() {
            let reason = bilingual!(
                "registreras av handläggare och finansiärer; ange planned eller applied",
                "is recorded by officers and financiers; give planned or applied"
            );
            resolver.fault(format!("{at}/commitment"), "for-officers", reason);
        }
        Ok(level.map(|level| Self { id, source, level, financier, call, priority, kind, year, note, commitments }))
    }

    fn own_links(&self, address: &str, project: &Project, caller: &Principal) -> Links {
        let may = self.is_recorded_by(caller) && policy::allows(caller, "createCommitment");
        let is_allowed = may && project.status.allows(Act::Commit, project.standing(caller));
        let is_open = is_allowed && !self.commitment().next().is_empty();
        let steps = || format!("{address}/commitments");
        Links::default().and("commitments", "GET", steps()).and_if(is_open, "add-commitment", "POST", steps)
    }

    fn may_go(&self, status: Status) -> Result<(), Problem> {
        if !self.is_kept(status) {
            return Ok(());
        }
        let source = &self.source;
        Err(Problem::new(
            Kind::Conflict,
            bilingual!(
                "Finansieringsraden från {source} har steg som bevaras. Behåll den; vad finansiären gör härnäst, också ett \
                 avslag eller återtagande, registreras på radens commitments.",
                "The funding line from {source} has steps that are kept. Keep it; what its financier does next, a refusal or \
                 a withdrawal too, is recorded on the line's commitments."
            ),
        ))
    }

    fn view(&self, caller: &Principal, links: Option<Links>) -> FundingLineView {
        let (amount, commitment) = (self.amount(), self.commitment());
        let (granted, paid) =
            (commitment::model::granted(&self.commitments), commitment::model::paid(&self.commitments));
        let case_number = self.case_number().map(str::to_owned);
        let Self { id, source, financier, call, priority, kind, year, note, .. } = self.clone();
        let financier = financier.map(|financier| match financier {
            Financier::Unnamed(unnamed) => FinancierView::Unnamed(unnamed),
            Financier::Organisation(organisation) => {
                FinancierView::Organisation(OrganisationSummary::new(&organisation, caller))
            }
        });
        FundingLineView {
            id,
            source,
            financier,
            call,
            priority,
            kind,
            year,
            amount,
            commitment,
            granted,
            paid,
            case_number,
            note,
            links,
        }
    }
}

part_operations!(
    FundingLine, FundingLineView, NewFundingLine, NewFundingLinePatch,
    "/projects/{projectId}/funding-lines", "/projects/{projectId}/funding-lines/{fundingLineId}",
    list_funding_lines: "Projektets finansieringsrader. / The project's funding lines.",
    create_funding_line: "Lägg till en finansieringsrad. / Add a funding line.",
    get_funding_line: "En finansieringsrad. / A funding line.",
    replace_funding_line: "Ersätt en finansieringsrad. / Replace a funding line.",
    update_funding_line: "Ändra en finansieringsrad. / Change a funding line.",
    delete_funding_line: "Ta bort en finansieringsrad. / Remove a funding line.",
);
