//! Stakeholders over HTTP, and how an organisation is given and shown inside a project.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Interest, Phase, Stakeholder, StakeholderRole};
use crate::auth::Principal;
use crate::db::Database;
use crate::http::{Body, Context, Contract, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, Query};
use crate::id::Id;
use crate::organisation::http::{NewOrganisation, visible_number};
use crate::organisation::{Organisation, Sector};
use crate::problem::{Fault, Problem};
use crate::project::Project;
use crate::project::lifecycle::Act;
use crate::project::parts::{self, PartResource, part_operations};
use crate::project::references::Resolver;
use crate::text::bilingual;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list_stakeholders)
        .service(create_stakeholder)
        .service(get_stakeholder)
        .service(replace_stakeholder)
        .service(update_stakeholder)
        .service(delete_stakeholder);
}

/// En organisation: med sitt id, eller med namn. / An organisation: by its id, or by name.
///
/// Utan id söks den med organisationsnummer, annars med exakt namn, och registreras om den inte finns. / Without an id
/// it is found by number, else by exact name, and registered when it is not there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Norsjö kommun", "sector": "public"}))]
pub struct GivenOrganisation {
    /// Organisationens id. / The organisation's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    id: Option<Id>,
    /// Namn. / Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 300)]
    name: Option<String>,
    /// Sektor, för en ny organisation. / Sector, for a new organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sector: Option<Sector>,
    /// Organisationsnummer. / Organisation number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^([0-9]{2})?[0-9]{6}[- ]?[0-9]{4}$")]
    number: Option<String>,
}

impl GivenOrganisation {
    /// The organisation with this id.
    #[must_use]
    pub fn with_id(id: Id) -> Self {
        Self { id: Some(id), name: None, sector: None, number: None }
    }

    /// Finds or registers it; faults go to the resolver.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resolve(self, resolver: &mut Resolver<'_>, at: &str) -> Result<Option<Organisation>, Problem> {
        if let Some(id) = self.id {
            return resolver.organisation_by_id(at, id);
        }
        let Some(name) = self.name else {
            let reason = bilingual!("ange id eller name", "give id or name");
            resolver.fault(at, "organisation", reason);
            return Ok(None);
        };
        // Any sector will do to check name and number by.
        let new = NewOrganisation { name, sector: Sector::Public, number: self.number };
        match new.normalised(at) {
            Ok(new) => resolver.organisation_by_name(at, &new.name, new.number.as_deref(), self.sector),
            Err(faults) => {
                for fault in faults {
                    resolver.fault(fault.property, fault.code, fault.reason);
                }
                Ok(None)
            }
        }
    }
}

/// En organisation. / An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrganisationSummary, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "name": "Norsjö kommun", "sector": "public"
}))]
pub struct OrganisationSummary {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Namn. / Name.
    name: String,
    sector: Sector,
    /// Organisationsnummer. / Organisation number.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

impl OrganisationSummary {
    /// The organisation as this caller may see it.
    #[must_use]
    pub fn new(organisation: &Organisation, caller: &Principal) -> Self {
        Self {
            id: organisation.id,
            name: organisation.name.clone(),
            sector: organisation.sector,
            number: visible_number(organisation, caller).map(str::to_owned),
        }
    }
}

/// En ny intressent. / A new stakeholder.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organisation": {"name": "Norsjö kommun", "sector": "public"}, "roles": ["owner"], "interests": ["need"],
    "phases": ["idea", "planning", "implementation", "results"]
}))]
pub struct NewStakeholder {
    organisation: GivenOrganisation,
    /// Roller i projektet. / Roles in the project.
    #[schema(min_items = 1)]
    roles: Vec<StakeholderRole>,
    /// Intressen. / Interests.
    #[serde(default)]
    interests: Vec<Interest>,
    /// Faser som organisationen deltar i. / Phases that the organisation takes part in.
    #[serde(default)]
    phases: Vec<Phase>,
}

impl Patchable for NewStakeholder {}

type NewStakeholderPatch = Patch<NewStakeholder>;

/// En intressent. / A stakeholder.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stakeholder, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a13",
    "organisation": {"id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a12", "name": "Norsjö kommun", "sector": "public"},
    "roles": ["owner"], "interests": ["need"], "phases": ["idea", "planning", "implementation", "results"]
}))]
pub struct StakeholderView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    organisation: OrganisationSummary,
    /// Roller i projektet. / Roles in the project.
    roles: Vec<StakeholderRole>,
    /// Intressen. / Interests.
    interests: Vec<Interest>,
    /// Faser som organisationen deltar i. / Phases that the organisation takes part in.
    phases: Vec<Phase>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<Links>,
}

fn in_order<T: Ord>(mut codes: Vec<T>) -> Vec<T> {
    codes.sort_unstable();
    codes.dedup();
    codes
}

impl PartResource for Stakeholder {
    type Given = NewStakeholder;
    type View = StakeholderView;
    const SEGMENT: &'static str = "stakeholders";
    const NAME: (&'static str, &'static str) = ("Intressenten", "The stakeholder");
    const CHANGED: &'static str = "project.stakeholdersChanged";
    const UPDATE: &'static str = "updateStakeholder";
    const DELETE: &'static str = "deleteStakeholder";
    const ACT: Act = Act::FollowUp;

    fn of(project: &Project) -> &Vec<Self> {
        &project.stakeholders
    }

    fn of_mut(project: &mut Project) -> &mut Vec<Self> {
        &mut project.stakeholders
    }

    fn given(&self) -> NewStakeholder {
        NewStakeholder {
            organisation: GivenOrganisation::with_id(self.organisation.id),
            roles: self.roles.clone(),
            interests: self.interests.clone(),
            phases: self.phases.clone(),
        }
    }

    fn resolve(
        given: NewStakeholder,
        before: Option<&Self>,
        _: &Project,
        resolver: &mut Resolver<'_>,
        at: &str,
    ) -> Result<Option<Self>, Problem> {
        let organisation = given.organisation.resolve(resolver, &format!("{at}/organisation"))?;
        Ok(organisation.map(|organisation| Self {
            id: before.map_or_else(Id::new, |before| before.id),
            organisation,
            roles: in_order(given.roles),
            interests: in_order(given.interests),
            phases: in_order(given.phases),
        }))
    }

    fn faults_together(parts: &[Self], at: impl Fn(usize) -> String) -> Vec<Fault> {
        let is_repeated = |(index, part): &(usize, &Self)| {
            parts[..*index].iter().any(|other| other.organisation.id == part.organisation.id)
        };
        let fault = |(index, part): (usize, &Self)| {
            let name = &part.organisation.name;
            let reason = bilingual!(
                "{name} är redan intressent; ge den flera roller i stället",
                "{name} is a stakeholder already; give it several roles instead"
            );
            Fault::body(format!("{}/organisation", at(index)), "repeated", reason)
        };
        parts.iter().enumerate().filter(is_repeated).map(fault).collect()
    }

    fn view(&self, caller: &Principal, links: Option<Links>) -> StakeholderView {
        StakeholderView {
            id: self.id,
            organisation: OrganisationSummary::new(&self.organisation, caller),
            roles: self.roles.clone(),
            interests: self.interests.clone(),
            phases: self.phases.clone(),
            links,
        }
    }
}

part_operations!(
    Stakeholder, StakeholderView, NewStakeholder, NewStakeholderPatch,
    "/projects/{projectId}/stakeholders", "/projects/{projectId}/stakeholders/{stakeholderId}",
    list_stakeholders: "Projektets intressenter. / The project's stakeholders.",
    create_stakeholder: "Lägg till en intressent. / Add a stakeholder.",
    get_stakeholder: "En intressent. / A stakeholder.",
    replace_stakeholder: "Ersätt en intressent. / Replace a stakeholder.",
    update_stakeholder: "Ändra en intressent. / Change a stakeholder.",
    delete_stakeholder: "Ta bort en intressent. / Remove a stakeholder.",
);
