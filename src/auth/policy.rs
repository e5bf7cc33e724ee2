//! Who may do what: one table. A row is something people do, the operations of the API that do it, and one column for
//! each role. An operation without a row is refused to everybody.

use super::model::{Principal, Role};
use super::scope::Scope;
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
    /// For what is its own: projects that a contributor's organisation owns, lines from a funder's sources, subscriptions.
    Own,
}

use Grant::{No, Own, Seen, Yes};

/// A row of the table.
#[derive(Debug)]
pub struct Rule {
    /// What people do, in English.
    pub what: &'static str,
    /// What a machine's token must be for; without one, machines do it only where everybody does.
    pub scope: Option<Scope>,
    /// The operations that do it.
    pub operations: &'static [&'static str],
    grants: [Grant; 6],
}

/// The table. The register of organisations also holds those of projects that are not public; the others are seen in the
/// projects. What a project's state allows its owner and its financiers stands in `project/lifecycle.rs`.
#[rustfmt::skip]
pub const POLICY: &[Rule] = &[
    //                                                          administrator  officer  contributor  funder  reader  anonymous
    row("Read about the service and sign in",                  [Yes,          Yes,     Yes,         Yes,    Yes,    Yes],    None,
        &["getApiInfo", "listIssuers", "createSession", "createSingleSignOnSession", "refreshSession"]),
    row("Read the catalogue: strategies, municipalities, frameworks, funding sources, calls",
                                                                [Yes,          Yes,     Yes,         Yes,    Yes,    Yes],    None,
        &["listStrategies", "getStrategy", "listGoalAreas", "getGoalArea", "listSubGoals", "getSubGoal",
          "listMeasures", "getMeasure", "listMunicipalities", "getMunicipality", "listFundingSources",
          "getFundingSource", "listCalls", "getCall", "listMainStakeholders", "listMembers", "listNotes",
          "listFrameworks", "getFramework", "listPriorities", "getPriority", "listCorrespondences", "getCorrespondence"]),
    row("Follow the feed of changes",                          [Yes,          Yes,     Seen,        Seen,   Yes,    Seen],   Some(Scope::ProjectsRead),
        &["listChanges"]),
    row("Read organisations",                                  [Yes,          Yes,     No,          No,     Yes,    No],     Some(Scope::OrganisationsRead),
        &["listOrganisations", "getOrganisation"]),
    row("Read projects",                                       [Yes,          Yes,     Seen,        Seen,   Yes,    Seen],   Some(Scope::ProjectsRead),
        &["listProjects", "getProject", "listStatusChanges", "listCommitments", "listRevisions", "getReadiness",
          "getFundingCheck", "listAlignments", "getAlignment", "listStakeholders", "getStakeholder",
          "listCosts", "getCost", "listRevenues", "getRevenue", "listFundingLines",
          "getFundingLine", "listIndicators", "getIndicator", "listIndicatorValues", "listReportingDates",
          "getReportingDate", "listHistory", "exportProjects", "exportAlignments", "exportFundingLines",
          "exportOperations", "exportWorkbook"]),
    row("Ask what projects say about strategies and frameworks",[Yes,         Yes,     Seen,        Seen,   Yes,    Seen],   Some(Scope::ProjectsRead),
        &["listFrameworkAlignments", "getStrategyCoverage", "getFrameworkCoverage", "getAlignmentReport"]),
    row("Read and verify statements",                          [Yes,          Yes,     Seen,        Seen,   Yes,    Seen],   Some(Scope::ProjectsRead),
        &["listStatements", "getStatement", "getRecord"]),
    row("Issue statements and withhold them",                  [Yes,          Yes,     No,          No,     No,     No],     Some(Scope::StatementsWrite),
        &["createStatement", "updateStatement"]),
    row("Register projects and change them",                   [Yes,          Yes,     Own,         No,     No,     No],     Some(Scope::ProjectsWrite),
        &["createProject", "updateProject", "deleteProject", "createStatusChange",
          "createAlignment", "replaceAlignments", "replaceAlignment", "updateAlignment", "deleteAlignment",
          "createStakeholder", "replaceStakeholder", "updateStakeholder", "deleteStakeholder",
          "createCost", "replaceCost", "updateCost", "deleteCost",
          "createRevenue", "replaceRevenue", "updateRevenue", "deleteRevenue",
          "createFundingLine", "replaceFundingLine", "updateFundingLine", "deleteFundingLine",
          "createIndicator", "replaceIndicator", "updateIndicator", "deleteIndicator", "createIndicatorValue",
          "createReportingDate", "replaceReportingDate", "updateReportingDate", "deleteReportingDate"]),
    row("Change plans that are decided",                       [Yes,          Yes,     No,          No,     No,     No],     Some(Scope::ProjectsWrite),
        &["createRevision"]),
    row("Read files into the registry, and undo that",          [Yes,          Yes,     No,          No,     No,     No],     Some(Scope::ProjectsWrite),
        &["listImports", "createImport", "getImport", "listImportRows", "createImportStatusChange"]),
    row("Record what financiers have decided and paid",        [Yes,          Yes,     No,          Own,    No,     No],     Some(Scope::CommitmentsWrite),
        &["createCommitment"]),
    row("Assess what projects claim, and approve their values",[Yes,          Yes,     No,          No,     No,     No],     Some(Scope::AssessmentsWrite),
        &["replaceAssessment", "replaceApproval"]),
    row("Register organisations and change them",              [Yes,          Yes,     No,          No,     No,     No],     Some(Scope::OrganisationsWrite),
        &["createOrganisation", "updateOrganisation"]),
    row("Keep the goal areas' people and the measures' notes", [Yes,          Yes,     No,          No,     No,     No],     Some(Scope::StrategyWrite),
        &["createMainStakeholder", "deleteMainStakeholder", "createMember", "deleteMember", "createNote",
          "deleteNote"]),
    row("Register funding sources and calls and change them",  [Yes,          No,      No,          No,     No,     No],     None,
        &["createFundingSource", "updateFundingSource", "createCall", "updateCall"]),
    row("Say what the strategy has to do with frameworks",     [Yes,          No,      No,          No,     No,     No],     None,
        &["createCorrespondence", "updateCorrespondence", "deleteCorrespondence"]),
    row("Ask what a text seems to contribute to",              [Yes,          Yes,     Seen,        Seen,   Yes,    No],     Some(Scope::ProjectsRead),
        &["createSuggestions"]),
    row("Read and change one's own account",                   [Yes,          Yes,     Yes,         Yes,    Yes,    No],     None,
        &["getMe", "replacePassword", "listTasks"]),
    row("See and end one's sessions; administrators, anyone's",[Yes,          Yes,     Yes,         Yes,    Yes,    No],     None,
        &["listSessions", "getSession", "deleteSession"]),
    row("Administer accounts",                                 [Yes,          No,      No,          No,     No,     No],     None,
        &["listUsers", "createUser", "getUser", "updateUser"]),
    row("Read the audit trail",                                [Yes,          No,      No,          No,     No,     No],     None,
        &["listAuditEvents"]),
    row("Export and anonymise what is held about a person",    [Yes,          No,      No,          No,     No,     No],     None,
        &["createExport", "createAnonymisation"]),
    row("Subscribe to changes; administrators, for all",       [Yes,          Own,     Own,         Own,    Own,    No],     Some(Scope::WebhooksWrite),
        &["listWebhooks", "createWebhook", "getWebhook", "updateWebhook", "deleteWebhook", "createWebhookSecret",
          "listAttempts", "createResend", "createPing"]),
    row("Administer machines",                                 [Yes,          No,      No,          No,     No,     No],     None,
        &["listClients", "createClient", "getClient", "updateClient", "createClientSecret", "deleteClientSecrets"]),
];

/// Personal data that answers may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalData {
    /// Whom to ask about a project.
    Contact,
    /// The organisation number of a sole trader, which is a personal identity number.
    SoleTraderNumber,
    /// The account that did something.
    Account,
    /// Officers and other people in a goal area's working group.
    Member,
}

/// Who gets personal data; machines must have the scope for it too. The others get answers without it.
#[rustfmt::skip]
const PERSONAL_DATA: &[(PersonalData, [Grant; 6])] = &[
    //                               administrator  officer  contributor  funder  reader  anonymous
    (PersonalData::Contact,          [Yes,          Yes,     Own,         No,     No,     No]),
    (PersonalData::SoleTraderNumber, [Yes,          Yes,     No,          No,     No,     No]),
    (PersonalData::Account,          [Yes,          Yes,     No,          No,     No,     No]),
    (PersonalData::Member,           [Yes,          Yes,     No,          No,     No,     No]),
];

/// What an account may do whose one-time password has not been changed.
const BEFORE_PASSWORD_CHANGE: &[&str] = &[
    "getApiInfo",
    "listIssuers",
    "createSession",
    "createSingleSignOnSession",
    "refreshSession",
    "deleteSession",
    "getMe",
    "replacePassword",
];

const fn row(
    what: &'static str,
    grants: [Grant; 6],
    scope: Option<Scope>,
    operations: &'static [&'static str],
) -> Rule {
    Rule { what, scope, operations, grants }
}

/// The column of a role; `None` is the anonymous caller.
fn column(grants: [Grant; 6], role: Option<Role>) -> Grant {
    grants[match role {
        Some(Role::Administrator) => 0,
        Some(Role::Officer) => 1,
        Some(Role::Contributor) => 2,
        Some(Role::Funder) => 3,
        Some(Role::Reader) => 4,
        None => 5,
    }]
}

impl Rule {
    /// What the row gives a role; `None` is the anonymous caller.
    #[must_use]
    pub fn grant(&self, role: Option<Role>) -> Grant {
        column(self.grants, role)
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
        let some = [(Seen, "de projekt de får se / the projects they may see"), (Own, "sina egna / their own")];
        let some = some.map(|(grant, words)| match who(grant).as_str() {
            "" => String::new(),
            roles => format!("; {words}: {roles}"),
        });
        format!("Behörighet / Who may: {all}{}.", some.concat())
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
    check(principal, operation).is_ok()
}

/// Whether the caller gets personal data; `is_own` tells that it is of a project that is the caller's own.
#[must_use]
pub fn shows(principal: &Principal, data: PersonalData, is_own: bool) -> bool {
    let grants = PERSONAL_DATA.iter().find(|(known, _)| *known == data).map(|(_, grants)| *grants);
    let grant = grants.map_or(No, |grants| column(grants, principal.role()));
    let is_for_it = principal.scopes().is_none_or(|scopes| scopes.contains(&Scope::PersonalDataRead));
    is_for_it && (grant == Yes || (grant == Own && is_own))
}

/// Lets the caller call the operation.
///
/// # Errors
/// 401 for an anonymous caller, 403 for one whose role, token or password does not allow it.
pub fn check(principal: &Principal, operation: &str) -> Result<(), Problem> {
    let rule = rule(operation);
    let grant = rule.map_or(No, |rule| rule.grant(principal.role()));
    let Some(rule) = rule.filter(|_| grant != No) else { return Err(refusal(principal.role())) };
    if let Some(scopes) = principal.scopes() {
        return check_scope(rule, scopes);
    }
    if principal.must_change_password() && !BEFORE_PASSWORD_CHANGE.contains(&operation) {
        return Err(Problem::new(
            Kind::PasswordChangeRequired,
            bilingual!(
                "Byt engångslösenordet med PUT /me/password och logga in igen.",
                "Change the one-time password with PUT /me/password and sign in again."
            ),
        ));
    }
    Ok(())
}

fn refusal(role: Option<Role>) -> Problem {
    let Some(role) = role else {
        return Problem::new(
            Kind::Unauthenticated,
            bilingual!(
                "Logga in med POST /sessions och skicka Authorization: Bearer.",
                "Sign in with POST /sessions and send Authorization: Bearer."
            ),
        );
    };
    let label = role.label();
    Problem::new(Kind::Forbidden, bilingual!("Rollen {label} får inte göra detta.", "The role {role} may not do this."))
}

/// A machine does what its token is for, and what everybody may.
fn check_scope(rule: &Rule, scopes: &[Scope]) -> Result<(), Problem> {
    match rule.scope {
        Some(scope) if scopes.contains(&scope) => Ok(()),
        Some(scope) => Err(Problem::new(
            Kind::InsufficientScope,
            bilingual!(
                "Åtkomsttoken saknar {scope}. Begär den med det, om klienten är registrerad för det.",
                "The access token lacks {scope}. Ask for it with that, if the client is registered for it."
            ),
        )
        .allowing([scope.to_string()])),
        None if rule.grant(None) != No => Ok(()),
        None => Err(Problem::new(
            Kind::Forbidden,
            bilingual!("Detta görs av människor, inte av klienter.", "This is done by people, not by clients."),
        )),
    }
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
