//! Who may do what: one table. A row is something people do, the operations of the API that do it, and one column for
//! each role. An operation without a row is refused to everybody.

use super::model::{Principal, Role};
use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// What a role may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Nothing.
    No,
    /// Everything that the row says.
    Yes,
    /// For the projects that the role may see.
    Seen,
}

use Grant::{No, Seen, Yes};

/// A row of the table.
#[derive(Debug)]
pub struct Rule {
    /// What people do, in English.
    pub what: &'static str,
    /// The operations that do it.
    pub operations: &'static [&'static str],
    grants: [Grant; 6],
}

/// The table. Contributors are bound to an organisation and funders to their sources; until those bindings exist they
/// see what their column says and change nothing. The register of organisations also holds those of projects that are
/// not public; the others are seen in the projects.
#[rustfmt::skip]
pub const POLICY: &[Rule] = &[
    //                                                          administrator  officer  contributor  funder  reader  anonymous
    row("Read about the service and sign in",                  [Yes,          Yes,     Yes,         Yes,    Yes,    Yes],
        &["getApiInfo", "createSession", "refreshSession"]),
    row("Read the catalogue: strategies, municipalities, frameworks, funding sources, calls",
                                                                [Yes,          Yes,     Yes,         Yes,    Yes,    Yes],
        &["listStrategies", "getStrategy", "listGoalAreas", "getGoalArea", "listSubGoals", "getSubGoal",
          "listMeasures", "getMeasure", "listMunicipalities", "getMunicipality", "listFundingSources",
          "getFundingSource", "listCalls", "getCall", "listMainStakeholders", "listMembers", "listNotes",
          "listFrameworks", "getFramework", "listPriorities", "getPriority", "listCorrespondences", "getCorrespondence"]),
    row("Follow the feed of changes",                          [Yes,          Yes,     Seen,        Seen,   Yes,    Seen],
        &["listChanges"]),
    row("Read organisations",                                  [Yes,          Yes,     No,          No,     Yes,    No],
        &["listOrganisations", "getOrganisation"]),
    row("Read projects",                                       [Yes,          Yes,     Seen,        Seen,   Yes,    Seen],
        &["listProjects", "getProject", "listStatusChanges", "listCommitments", "listRevisions", "getReadiness",
          "getFundingCheck", "listAlignments", "getAlignment", "listStakeholders", "getStakeholder",
          "listCosts", "getCost", "listRevenues", "getRevenue", "listFundingLines",
          "getFundingLine", "listIndicators", "getIndicator", "listIndicatorValues", "listReportingDates",
          "getReportingDate", "listHistory"]),
    row("Ask what projects say about strategies and frameworks",[Yes,         Yes,     Seen,        Seen,   Yes,    Seen],
        &["listFrameworkAlignments", "getStrategyCoverage", "getFrameworkCoverage", "getAlignmentReport"]),
    row("Read and verify statements",                          [Yes,          Yes,     Seen,        Seen,   Yes,    Seen],
        &["listStatements", "getStatement", "getRecord"]),
    row("Issue statements and withhold them",                  [Yes,          Yes,     No,          No,     No,     No],
        &["createStatement", "updateStatement"]),
    row("Register projects and change them",                   [Yes,          Yes,     No,          No,     No,     No],
        &["createProject", "updateProject", "deleteProject", "createStatusChange", "createCommitment", "createRevision",
          "createAlignment", "replaceAlignments", "replaceAlignment", "updateAlignment", "deleteAlignment",
          "createStakeholder", "replaceStakeholder", "updateStakeholder", "deleteStakeholder",
          "createCost", "replaceCost", "updateCost", "deleteCost",
          "createRevenue", "replaceRevenue", "updateRevenue", "deleteRevenue",
          "createFundingLine", "replaceFundingLine", "updateFundingLine", "deleteFundingLine",
          "createIndicator", "replaceIndicator", "updateIndicator", "deleteIndicator", "createIndicatorValue",
          "createReportingDate", "replaceReportingDate", "updateReportingDate", "deleteReportingDate"]),
    row("Assess what projects claim, and approve their values",[Yes,          Yes,     No,          No,     No,     No],
        &["replaceAssessment", "replaceApproval"]),
    row("Register organisations and change them",              [Yes,          Yes,     No,          No,     No,     No],
        &["createOrganisation", "updateOrganisation"]),
    row("Keep the goal areas' people and the measures' notes", [Yes,          Yes,     No,          No,     No,     No],
        &["createMainStakeholder", "deleteMainStakeholder", "createMember", "deleteMember", "createNote",
          "deleteNote"]),
    row("Register funding sources and calls and change them",  [Yes,          No,      No,          No,     No,     No],
        &["createFundingSource", "updateFundingSource", "createCall", "updateCall"]),
    row("Say what the strategy has to do with frameworks",     [Yes,          No,      No,          No,     No,     No],
        &["createCorrespondence", "updateCorrespondence", "deleteCorrespondence"]),
    row("Ask what a text seems to contribute to",              [Yes,          Yes,     Seen,        Seen,   Yes,    No],
        &["createSuggestions"]),
    row("Read and change one's own account",                   [Yes,          Yes,     Yes,         Yes,    Yes,    No],
        &["getMe", "replacePassword", "listTasks"]),
    row("See and end one's sessions; administrators, anyone's",[Yes,          Yes,     Yes,         Yes,    Yes,    No],
        &["listSessions", "getSession", "deleteSession"]),
    row("Administer accounts",                                 [Yes,          No,      No,          No,     No,     No],
        &["listUsers", "createUser", "getUser", "updateUser"]),
];

/// What an account may do whose one-time password has not been changed.
const BEFORE_PASSWORD_CHANGE: &[&str] =
    &["getApiInfo", "createSession", "refreshSession", "deleteSession", "getMe", "replacePassword"];

const fn row(what: &'static str, grants: [Grant; 6], operations: &'static [&'static str]) -> Rule {
    Rule { what, operations, grants }
}

impl Rule {
    /// What the row gives a role; `None` is the anonymous caller.
    #[must_use]
    pub fn grant(&self, role: Option<Role>) -> Grant {
        self.grants[match role {
            Some(Role::Administrator) => 0,
            Some(Role::Officer) => 1,
            Some(Role::Contributor) => 2,
            Some(Role::Funder) => 3,
            Some(Role::Reader) => 4,
            None => 5,
        }]
    }

    /// The row as a sentence, for the documentation.
    #[must_use]
    pub fn in_words(&self) -> String {
        let who = |wanted: Grant| {
            let roles = Role::ALL.iter().copied().map(Some).chain([None]);
            let names = roles.filter(|role| self.grant(*role) == wanted);
            names.map(|role| role.map_or("anonymous", Role::as_str)).collect::<Vec<_>>().join(", ")
        };
        let all = who(Yes);
        let seen = match who(Seen).as_str() {
            "" => String::new(),
            roles => format!("; de projekt de får se / the projects they may see: {roles}"),
        };
        format!("Behörighet / Who may: {all}{seen}.")
    }
}

/// The row that an operation stands in.
#[must_use]
pub fn rule(operation: &str) -> Option<&'static Rule> {
    POLICY.iter().find(|rule| rule.operations.contains(&operation))
}

/// Whether anyone may call the operation.
#[must_use]
pub fn is_open(operation: &str) -> bool {
    rule(operation).is_some_and(|rule| rule.grant(None) != No)
}

/// Whether the caller may call the operation, for links that show only what is possible.
#[must_use]
pub fn allows(principal: &Principal, operation: &str) -> bool {
    let is_granted = rule(operation).is_some_and(|rule| rule.grant(principal.role()) != No);
    is_granted && (!principal.must_change_password() || BEFORE_PASSWORD_CHANGE.contains(&operation))
}

/// Lets the caller call the operation.
///
/// # Errors
/// 401 for an anonymous caller, 403 for one whose role or password does not allow it.
pub fn check(principal: &Principal, operation: &str) -> Result<(), Problem> {
    if allows(principal, operation) {
        return Ok(());
    }
    let is_granted = rule(operation).is_some_and(|rule| rule.grant(principal.role()) != No);
    Err(match principal.role() {
        None => Problem::new(
            Kind::Unauthenticated,
            bilingual!(
                "Logga in med POST /sessions och skicka Authorization: Bearer.",
                "Sign in with POST /sessions and send Authorization: Bearer."
            ),
        ),
        Some(_) if is_granted => Problem::new(
            Kind::PasswordChangeRequired,
            bilingual!(
                "Byt engångslösenordet med PUT /me/password och logga in igen.",
                "Change the one-time password with PUT /me/password and sign in again."
            ),
        ),
        Some(role) => {
            let label = role.label();
            Problem::new(
                Kind::Forbidden,
                bilingual!("Rollen {label} får inte göra detta.", "The role {role} may not do this."),
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_operation_stands_in_two_rows() {
        let mut operations: Vec<_> = POLICY.iter().flat_map(|rule| rule.operations).collect();
        let count = operations.len();
        operations.sort_unstable();
        operations.dedup();
        assert_eq!(operations.len(), count);
    }

    #[test]
    fn what_has_no_row_is_refused_to_everybody() {
        assert!(check(&Principal::anonymous(), "dropEverything").is_err());
    }
}
