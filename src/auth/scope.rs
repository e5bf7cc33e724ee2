//! What a machine's access token is for (RFC 6749 section 3.3).

use crate::code_list::code_list;

code_list! {
    /// A part of what a role may do, which a machine's token is limited to. The public parts of the API need none.
    pub enum Scope {
        /// Read projects, and what is asked of them.
        ProjectsRead = "projects.read", "läsa projekt och det som frågas ur dem";
        /// Register projects and change them.
        ProjectsWrite = "projects.write", "registrera och ändra projekt";
        /// Record what financiers have decided and paid.
        CommitmentsWrite = "commitments.write", "registrera finansiärers beslut och utbetalningar";
        /// Assess claims, and approve values.
        AssessmentsWrite = "assessments.write", "bedöma kopplingar och godkänna värden";
        /// Issue statements and withhold them.
        StatementsWrite = "statements.write", "utfärda och dra in intyg";
        /// Read the register of organisations.
        OrganisationsRead = "organisations.read", "läsa registret över organisationer";
        /// Register organisations and change them.
        OrganisationsWrite = "organisations.write", "registrera och ändra organisationer";
        /// Keep the goal areas' people and the measures' notes.
        StrategyWrite = "strategy.write", "sköta målområdenas intressenter och åtgärdernas noteringar";
        /// Subscribe to changes.
        WebhooksWrite = "webhooks.write", "prenumerera på ändringar";
        /// Get the personal data that the role may see.
        PersonalDataRead = "personalData.read", "få de personuppgifter som rollen får se";
    }
}

/// Scopes as tokens and requests have them: in the order of the list, between spaces.
#[must_use]
pub fn in_a_line(scopes: &[Scope]) -> String {
    let known = Scope::ALL.iter().filter(|scope| scopes.contains(scope));
    known.map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// Scopes from a line.
///
/// # Errors
/// When one is unknown.
pub fn of_a_line(line: &str) -> Result<Vec<Scope>, String> {
    line.split_whitespace().map(str::parse).collect()
}
