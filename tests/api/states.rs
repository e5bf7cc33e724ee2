//! Every role against every operation and every state: what the policy and the lifecycle's table say is what happens. An
//! operation on projects that has no row here fails.

use samsyn::auth::{Role, policy};
use samsyn::project::Status;
use samsyn::project::lifecycle::Act;
use serde_json::{Value, json};

use crate::parts::kinds;
use crate::projects::terminal;
use crate::status::towards;
use crate::support::{Client, Response, TestApp, document};

/// A project in a state, with one part of every kind, registered afterwards.
fn registered(state: Status) -> Value {
    let mut project = terminal();
    project["status"] = json!(state);
    project["registration"] = json!({"source": "Arkivet", "reason": "Registrerat i efterhand."});
    project["revenues"] = json!([{"description": "Avgifter"}]);
    project["indicators"] = json!([{"name": "Omlastat virke", "unit": "kubikmeter"}]);
    project["reportingDates"] = json!([{"kind": "finalReport", "dueDate": "2012-03-31"}]);
    project
}

/// What an operation is to the lifecycle, and a body that it takes; a change of state is tried apart.
fn deed(operation: &str, method: &str, path: &str) -> Vec<(Act, Value)> {
    let parts = kinds();
    let of_part = |segment: &str| parts.iter().find(|(known, ..)| *known == segment);
    let segment = path.split('/').nth(3).unwrap_or_default();
    match operation {
        "updateProject" => {
            vec![(Act::Upkeep, json!({"caseNumbers": []})), (Act::Describe, json!({"title": "En ny titel"}))]
        }
        "deleteProject" => vec![(Act::Delete, Value::Null)],
        "createRevision" => vec![(Act::Revise, json!({"reason": "Ändrat.", "costs": []}))],
        "createCommitment" => {
            let paid = json!({"commitment": "paid", "amount": {"amount": "1.00", "currency": "SEK"}});
            vec![(Act::Commit, paid)]
        }
        "replaceAssessment" => vec![(Act::Assess, json!({"assessment": "confirmed"}))],
        "replaceApproval" => vec![(Act::FollowUp, json!({"approval": "approved"}))],
        "createIndicatorValue" => vec![(Act::FollowUp, json!({"date": "2012-01-31", "value": "1"}))],
        "replaceAlignments" => vec![(Act::Plan, json!({"alignments": []}))],
        _ => {
            let Some((_, new, change, _)) = of_part(segment) else { return Vec::new() };
            let act = match segment {
                "alignments" | "costs" | "revenues" | "funding-lines" => Act::Plan,
                "stakeholders" | "indicators" | "reporting-dates" => Act::FollowUp,
                _ => return Vec::new(),
            };
            let body = match method {
                "post" | "put" => new.clone(),
                "patch" => change.clone(),
                _ => Value::Null,
            };
            vec![(act, body)]
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

const STRANGERS: [Option<Role>; 4] = [Some(Role::Contributor), Some(Role::Funder), Some(Role::Reader), None];

#[actix_web::test]
async fn every_change_is_allowed_in_the_states_that_the_table_says_and_to_the_department_alone() {
    let app = TestApp::new().await;
    let mut tried = 0;
    for (method, template, id) in operations() {
        if method == "get" || id == "createStatusChange" {
            continue;
        }
        let deeds = deed(&id, &method, &template);
        assert!(!deeds.is_empty(), "{id} is not in the lifecycle's table");
        for state in Status::ALL {
            for (act, body) in &deeds {
                let mut project = app.administrator().register(registered(*state)).await;
                for role in STRANGERS {
                    let is_refused = policy::rule(&id).is_none_or(|rule| rule.grant(role) == policy::Grant::No);
                    let client = role.map_or_else(|| app.anonymous(), |role| app.as_role(role));
                    let answer = call(&client, &method, &concrete(&template, &project.body), body).await;
                    let refusal = match role {
                        None => 401,
                        Some(_) if is_refused => 403,
                        Some(_) => 404,
                    };
                    assert_eq!(answer.status, refusal, "{id} as {role:?} in {state}");
                    tried += 1;
                }
                for role in [Role::Officer, Role::Administrator] {
                    if role == Role::Administrator {
                        // Somebody else's claim, so that it may be assessed.
                        project = app.officer().register(registered(*state)).await;
                    }
                    let client = app.as_role(role);
                    let answer = call(&client, &method, &concrete(&template, &project.body), body).await;
                    let context = format!("{id} ({act:?}) as {role} in {state}: {:#}", answer.body);
                    tried += 1;
                    if state.grant(*act) == samsyn::project::lifecycle::Who::Nobody {
                        assert_eq!(answer.status, 409, "{context}");
                        assert!(answer.body["type"].as_str().is_some_and(|kind| kind.ends_with("/state-conflict")));
                        let now = client.get(project.location()).await.expect(200);
                        assert_eq!(now.body["version"], 1, "{context}");
                    } else if id == "replaceApproval" {
                        assert_eq!(answer.status, 404, "let through to a value that is not there: {context}");
                    } else {
                        assert!((200..300).contains(&answer.status), "{context}");
                    }
                }
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
}

#[actix_web::test]
async fn every_state_is_left_for_those_that_the_table_says_alone() {
    let app = TestApp::new().await;
    for from in Status::ALL {
        let mut project = app.administrator().register(registered(*from)).await;
        let links = project.body["_links"].clone();
        assert_eq!(links.get("change-status").is_some(), from.next().next().is_some(), "{from}");
        for to in Status::ALL {
            let path = format!("{}/status-changes", project.location());
            for role in STRANGERS {
                let client = role.map_or_else(|| app.anonymous(), |role| app.as_role(role));
                let answer = call(&client, "post", &path, &towards(to.as_str())).await;
                let refusal = match role {
                    None => 401,
                    Some(Role::Contributor) => 404,
                    Some(_) => 403,
                };
                assert_eq!(answer.status, refusal, "{from} to {to} as {role:?}");
            }
            let answer = call(&app.officer(), "post", &path, &towards(to.as_str())).await;
            if from.next().any(|next| next == *to) {
                assert_eq!(answer.status, 201, "{from} to {to}: {:#}", answer.body);
                project = app.administrator().register(registered(*from)).await;
            } else {
                answer.expect_problem(409, "state-conflict");
            }
        }
    }
}

#[actix_web::test]
async fn everything_of_a_project_is_read_in_every_state_by_those_who_see_it() {
    let app = TestApp::new().await;
    for state in Status::ALL {
        let hidden = app.officer().register(registered(*state)).await;
        let mut open = registered(*state);
        open["visibility"] = json!("public");
        let open = app.officer().register(open).await;
        for (method, template, id) in operations() {
            if method != "get" {
                continue;
            }
            for role in Role::ALL.iter().copied().map(Some).chain([None]) {
                let client = role.map_or_else(|| app.anonymous(), |role| app.as_role(role));
                let sees_all = policy::rule(&id).map(|rule| rule.grant(role)) == Some(policy::Grant::Yes);
                let seen = call(&client, "get", &concrete(&template, &hidden.body), &Value::Null).await;
                assert_eq!(seen.status, if sees_all { 200 } else { 404 }, "{id} as {role:?} in {state}");
                call(&client, "get", &concrete(&template, &open.body), &Value::Null).await.expect(200);
            }
        }
    }
}

#[actix_web::test]
async fn links_show_what_the_caller_may_do_now_and_nothing_else() {
    let app = TestApp::new().await;
    for state in Status::ALL {
        let mut open = registered(*state);
        open["visibility"] = json!("public");
        let project = app.officer().register(open).await;
        for (relation, act) in [
            ("edit", Act::Upkeep),
            ("delete", Act::Delete),
            ("add-cost", Act::Plan),
            ("add-stakeholder", Act::FollowUp),
            ("revise", Act::Revise),
        ] {
            let may = state.grant(act) != samsyn::project::lifecycle::Who::Nobody;
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
            let may = state.grant(act) != samsyn::project::lifecycle::Who::Nobody;
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
