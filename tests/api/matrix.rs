//! Every caller against every operation on projects in every state and visibility: what the policy's and the lifecycle's
//! tables say is what happens. The operations come from the document; one that is in no table fails.

use samsyn::auth::policy::{self, Grant};
use samsyn::auth::{Binding, Role, Scope};
use samsyn::project::lifecycle::{Act, Standing, Who};
use samsyn::project::{Status, Visibility};
use serde_json::{Value, json};

use crate::parts::kinds;
use crate::projects::terminal;
use crate::status::towards;
use crate::support::{Client, Response, TestApp, document};
use crate::token_requests::{ask, by_secret, token};
use crate::{clients, contract};

/// A project in a state, with one part of every kind, registered afterwards.
fn registered(state: Status, visibility: Visibility) -> Value {
    let mut project = terminal();
    project["status"] = json!(state);
    project["visibility"] = json!(visibility);
    project["registration"] = json!({"source": "Arkivet", "reason": "Registrerat i efterhand."});
    // The first of each is what is tried: an owner does not give its project away.
    let partner = json!({"organisation": {"name": "Trafikverket", "sector": "public"}, "roles": ["partner"]});
    let owner = project["stakeholders"][0].clone();
    project["stakeholders"] = json!([partner, owner]);
    // An owner changes what it has applied for, not what is granted.
    project["fundingLines"][0]["commitment"] = json!("applied");
    project["revenues"] = json!([{"description": "Avgifter"}]);
    project["indicators"] = json!([{"name": "Omlastat virke", "unit": "kubikmeter"}]);
    project["reportingDates"] = json!([{"kind": "finalReport", "dueDate": "2012-03-31"}]);
    project
}

/// What an operation is to the lifecycle, and a body that it takes; a change of state is tried apart.
fn deeds(operation: &str, method: &str, path: &str) -> Vec<(Vec<Act>, Value)> {
    let parts = kinds();
    let of_part = |segment: &str| parts.iter().find(|(known, ..)| *known == segment);
    let segment = path.split('/').nth(3).unwrap_or_default();
    match operation {
        "updateProject" => {
            vec![
                (vec![Act::Upkeep], json!({"caseNumbers": []})),
                (vec![Act::Upkeep, Act::Describe], json!({"title": "En ny titel"})),
            ]
        }
        "deleteProject" => vec![(vec![Act::Delete], Value::Null)],
        "createRevision" => vec![(vec![Act::Revise], json!({"reason": "Ändrat.", "costs": []}))],
        "createCommitment" => {
            let granted = json!({"commitment": "granted", "amount": {"amount": "1.00", "currency": "SEK"}});
            vec![(vec![Act::Commit], granted)]
        }
        "replaceAssessment" => vec![(vec![Act::Assess], json!({"assessment": "confirmed"}))],
        "replaceApproval" => vec![(vec![Act::FollowUp], json!({"approval": "approved"}))],
        "createIndicatorValue" => vec![(vec![Act::FollowUp], json!({"date": "2012-01-31", "value": "1"}))],
        "replaceAlignments" => vec![(vec![Act::Plan], json!({"alignments": []}))],
        _ => {
            let Some((_, new, change, _)) = of_part(segment) else { return Vec::new() };
            let act = match segment {
                "alignments" | "costs" | "revenues" | "funding-lines" => Act::Plan,
                "stakeholders" | "indicators" | "reporting-dates" => Act::FollowUp,
                _ => return Vec::new(),
            };
            let body = match method {
                "post" | "put" => new.clone(),
                "patch" if segment == "funding-lines" => json!({"note": "Ansökan kompletterad."}),
                "patch" => change.clone(),
                _ => Value::Null,
            };
            vec![(vec![act], body)]
        }
    }
}

/// The path of an operation on this project, with the project's own parts.
fn concrete(template: &str, project: &Value) -> String {
    let first = |list: &str| project[list][0]["id"].as_str().unwrap_or_default().to_owned();
    let mut path = template.replace("{projectId}", project["id"].as_str().unwrap_or_default());
    for (name, list) in [
        ("alignmentId", "alignments"),
        ("stakeholderId", "stakeholders"),
        ("costId", "costs"),
        ("revenueId", "revenues"),
        ("fundingLineId", "fundingLines"),
        ("indicatorId", "indicators"),
        ("reportingDateId", "reportingDates"),
    ] {
        path = path.replace(&format!("{{{name}}}"), &first(list));
    }
    path.replace("{valueId}", "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a99")
}

async fn call(client: &Client<'_>, method: &str, path: &str, body: &Value) -> Response {
    let request = client.request(&method.to_uppercase(), path).header("If-Match", "*");
    if body.is_null() { request.send().await } else { request.json(body).send().await }
}

/// The operations on a project: method, path, id.
fn operations() -> Vec<(String, String, String)> {
    let mut operations = Vec::new();
    for (path, methods) in document()["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if path.starts_with("/projects/{projectId}") {
                let id = operation["operationId"].as_str().unwrap_or_default();
                operations.push((method.clone(), path.clone(), id.to_owned()));
            }
        }
    }
    assert!(operations.len() > 55, "{}", operations.len());
    operations
}

/// Somebody who calls: a role, and whether the projects are its own.
struct Caller<'a> {
    role: Option<Role>,
    is_own: bool,
    client: Client<'a>,
}

impl std::fmt::Display for Caller<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}{}", self.role, if self.is_own { ", own" } else { "" })
    }
}

/// Everybody there is: each role, and the bound ones both for their own projects and for those of others.
async fn everybody(app: &TestApp) -> Vec<Caller<'_>> {
    let project = app.administrator().register(terminal()).await;
    let owner = |index: usize| {
        let id = project.body["stakeholders"][index]["organisation"]["id"].as_str().unwrap_or_default();
        Binding { organisation_id: Some(id.parse().expect("an id")), ..Binding::default() }
    };
    let funder = |source: &str| Binding { funding_sources: vec![source.to_owned()], ..Binding::default() };
    let bound = |role, is_own, binding| Caller { role: Some(role), is_own, client: app.bound(role, &binding) };
    let plain = |role: Role| Caller { role: Some(role), is_own: false, client: app.as_role(role) };
    vec![
        Caller { role: None, is_own: false, client: app.anonymous() },
        plain(Role::Reader),
        plain(Role::Contributor),
        bound(Role::Contributor, false, owner(1)),
        bound(Role::Contributor, true, owner(0)),
        plain(Role::Funder),
        bound(Role::Funder, false, funder("norsjo-kommun")),
        bound(Role::Funder, true, funder("eruf-ovre-norrland-2007-2013")),
        plain(Role::Officer),
        plain(Role::Administrator),
    ]
}

impl Caller<'_> {
    /// Whether the caller sees a project of a visibility (design, section 1).
    fn sees(&self, visibility: Visibility) -> bool {
        match self.role {
            Some(Role::Administrator | Role::Officer | Role::Reader) => true,
            Some(Role::Contributor) if self.is_own => true,
            Some(Role::Funder) => visibility != Visibility::Internal,
            Some(Role::Contributor) | None => visibility == Visibility::Public,
        }
    }

    fn standing(&self) -> Standing {
        match self.role {
            Some(Role::Administrator | Role::Officer) => Standing::Department,
            Some(Role::Contributor) if self.is_own => Standing::Owner,
            Some(Role::Funder) if self.is_own => Standing::Financier,
            _ => Standing::Stranger,
        }
    }

    /// What the caller is answered, whatever the state: refused by the policy, or blind to the project; `None` when let
    /// through.
    fn refusal(&self, operation: &str, visibility: Visibility) -> Option<u16> {
        match policy::rule(operation).map_or(Grant::No, |rule| rule.grant(self.role)) {
            Grant::No if self.role.is_none() => Some(401),
            Grant::No => Some(403),
            _ if !self.sees(visibility) => Some(404),
            _ => None,
        }
    }

    /// The same, for something that the state allows to some.
    fn refusal_in(&self, whose: impl IntoIterator<Item = Who>) -> Option<u16> {
        let refused = whose.into_iter().find(|who| !who.includes(self.standing()));
        refused.map(|who| if who == Who::Nobody { 409 } else { 403 })
    }
}

async fn try_everything(visibility: Visibility) {
    let app = TestApp::new().await;
    let everybody = everybody(&app).await;
    // Somebody else, whose claims the others may assess.
    let registrar = app.bound(Role::Officer, &Binding::default());
    let mut tried = 0;
    for state in Status::ALL {
        let mut project = registrar.register(registered(*state, visibility)).await;
        for (method, template, id) in operations() {
            let deeds = if method == "get" { vec![(Vec::new(), Value::Null)] } else { deeds(&id, &method, &template) };
            assert!(!deeds.is_empty() || id == "createStatusChange", "{id} is not in the lifecycle's table");
            for ((acts, body), caller) in deeds.iter().flat_map(|deed| everybody.iter().map(move |who| (deed, who))) {
                let context = format!("{id} ({acts:?}) as {caller} in {state}, {visibility}");
                let whose = acts.iter().map(|act| state.grant(*act));
                let refusal = caller.refusal(&id, visibility).or_else(|| caller.refusal_in(whose));
                let answer = call(&caller.client, &method, &concrete(&template, &project.body), body).await;
                tried += 1;
                match refusal {
                    Some(status) => assert_eq!(answer.status, status, "{context}: {:#}", answer.body),
                    // Let through to a value that is not there.
                    None if id == "replaceApproval" => assert_eq!(answer.status, 404, "{context}"),
                    None => assert!((200..300).contains(&answer.status), "{context}: {:#}", answer.body),
                }
                if method != "get" && answer.status < 300 {
                    assert!(answer.status == 204 || answer.etag().starts_with("\"2"), "{context}: {}", answer.etag());
                    project = registrar.register(registered(*state, visibility)).await;
                }
            }
            let now = registrar.get(project.location()).await.expect(200);
            assert_eq!(now.body["version"], 1, "{id} in {state}, {visibility}: what is refused changes nothing");
        }
    }
    assert!(tried > 6_000, "{tried}");
}

#[actix_web::test]
async fn everybody_does_with_internal_projects_what_the_tables_say() {
    try_everything(Visibility::Internal).await;
}

#[actix_web::test]
async fn everybody_does_with_funders_projects_what_the_tables_say() {
    try_everything(Visibility::Funders).await;
}

#[actix_web::test]
async fn everybody_does_with_public_projects_what_the_tables_say() {
    try_everything(Visibility::Public).await;
}

#[actix_web::test]
async fn every_state_is_left_by_those_that_the_table_says_alone() {
    let app = TestApp::new().await;
    let everybody = everybody(&app).await;
    let mut tried = 0;
    for (from, visibility) in Status::ALL.iter().flat_map(|from| Visibility::ALL.iter().map(move |v| (*from, *v))) {
        let mut project = app.officer().register(registered(from, visibility)).await;
        for (to, caller) in Status::ALL.iter().flat_map(|to| everybody.iter().map(move |caller| (*to, caller))) {
            let context = format!("{from} to {to} as {caller}, {visibility}");
            let refusal =
                caller.refusal("createStatusChange", visibility).or_else(|| caller.refusal_in([from.leads_to(to)]));
            let path = format!("{}/status-changes", project.location());
            let answer = call(&caller.client, "post", &path, &towards(to.as_str())).await;
            tried += 1;
            assert_eq!(answer.status, refusal.unwrap_or(201), "{context}: {:#}", answer.body);
            if refusal.is_none() {
                project = app.officer().register(registered(from, visibility)).await;
            }
        }
    }
    assert!(tried > 3_000, "{tried}");
}

#[actix_web::test]
async fn a_machine_does_what_its_role_and_its_scopes_say_and_no_more() {
    let app = TestApp::new().await;
    let mut tried = 0;
    for role in [Role::Officer, Role::Contributor, Role::Funder, Role::Reader] {
        let client = clients::register(&app, json!({"name": "Maskin", "role": role, "scopes": Scope::ALL})).await;
        let (id, secret) = clients::new_secret(&app, client.location()).await;
        for scope in Scope::ALL {
            let request = [by_secret(&id, &secret), vec![("scope", scope.to_string())]].concat();
            let machine = app.bearer(&token(&ask(&app, &request).await));
            for (method, path, operation) in contract::operations() {
                let id = operation["operationId"].as_str().unwrap_or_default();
                let rule = policy::rule(id).expect("a rule");
                let path = contract::concrete(operation, &path);
                let answer = machine.request(&method.to_uppercase(), &path).send().await;
                let expected = match rule.scope {
                    _ if rule.grant(Some(role)) == Grant::No => Some("forbidden"),
                    None if rule.grant(None) == Grant::No => Some("forbidden"),
                    Some(needed) if needed != *scope => Some("insufficient-scope"),
                    _ => None,
                };
                let refusal = answer.body["type"].as_str().and_then(|kind| kind.rsplit('/').next());
                let refusal = refusal.filter(|_| [401, 403].contains(&answer.status));
                assert_eq!(refusal, expected, "{id} as {role} with {scope}: {:#}", answer.body);
                tried += 1;
            }
        }
    }
    assert!(tried > 4_500, "{tried}");
}

#[actix_web::test]
async fn links_show_what_the_caller_may_do_now_and_nothing_else() {
    let app = TestApp::new().await;
    for state in Status::ALL {
        let project = app.officer().register(registered(*state, Visibility::Public)).await;
        for (relation, act) in [
            ("edit", Act::Upkeep),
            ("delete", Act::Delete),
            ("add-cost", Act::Plan),
            ("add-stakeholder", Act::FollowUp),
            ("revise", Act::Revise),
        ] {
            let may = state.grant(act) != Who::Nobody;
            assert_eq!(project.body["_links"].get(relation).is_some(), may, "{relation} in {state}");
            for client in [app.anonymous(), app.reader(), app.as_role(Role::Funder)] {
                let seen = client.get(project.location()).await.expect(200);
                assert!(seen.body["_links"].get(relation).is_none(), "{relation} in {state}");
            }
        }
        let part = |list: &str, relation: &str| {
            let id = project.body[list][0]["id"].as_str().unwrap_or_default();
            let segment = if list == "fundingLines" { "funding-lines" } else { list };
            (format!("{}/{segment}/{id}", project.location()), relation.to_owned())
        };
        for ((path, relation), act) in [
            (part("costs", "edit"), Act::Plan),
            (part("costs", "delete"), Act::Plan),
            (part("stakeholders", "delete"), Act::FollowUp),
            (part("alignments", "assess"), Act::Assess),
            (part("fundingLines", "add-commitment"), Act::Commit),
            (part("indicators", "report-value"), Act::FollowUp),
        ] {
            let may = state.grant(act) != Who::Nobody;
            // The officer's own claims are the administrator's to assess.
            let seen = app.administrator().get(&path).await.expect(200);
            assert_eq!(seen.body["_links"].get(&relation).is_some(), may, "{relation} in {state}");
            let seen = app.officer().get(&path).await.expect(200);
            assert_eq!(
                seen.body["_links"].get(&relation).is_some(),
                may && relation != "assess",
                "{relation} in {state}"
            );
            let seen = app.anonymous().get(&path).await.expect(200);
            assert!(seen.body["_links"].get(&relation).is_none(), "{relation} in {state}");
        }
    }
}
