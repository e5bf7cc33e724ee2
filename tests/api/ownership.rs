//! Project owners and funders do what is theirs, and no more.

use samsyn::auth::{Binding, Role};
use serde_json::{Value, json};

use crate::feed::{START, follow};
use crate::projects::{idea, terminal};
use crate::status::take;
use crate::support::{Client, PASSWORD, Response, TestApp, email};

/// Somebody of an association, which the department has registered, and how the association is named in a project.
async fn association(app: &TestApp) -> (Client<'_>, Value) {
    let new = json!({"name": "Bygdeföreningen Framtid", "sector": "civilSociety"});
    let organisation = app.officer().post("/organisations", new).await.expect(201);
    let id = organisation.body["id"].clone();
    let organisation_id = Some(id.as_str().unwrap_or_default().parse().expect("an id"));
    let person = app.bound(Role::Contributor, &Binding { organisation_id, ..Binding::default() });
    (person, json!({"organisation": {"id": id}, "roles": ["owner"], "interests": ["need"]}))
}

/// A complete project of an owner's.
fn bathing_place(owner: &Value) -> Value {
    let mut project = terminal();
    project["title"] = json!("Ny badplats i Bastuträsk");
    project["stakeholders"] = json!([owner]);
    project["fundingLines"][0]["commitment"] = json!("applied");
    project["fundingLines"][1]["commitment"] = json!("planned");
    project
}

fn funder<'a>(app: &'a TestApp, source: &str) -> Client<'a> {
    app.bound(Role::Funder, &Binding { funding_sources: vec![source.to_owned()], ..Binding::default() })
}

#[actix_web::test]
async fn an_association_registers_its_project_hands_it_in_and_answers_what_is_asked() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let mut draft = idea("Ny badplats");
    draft["stakeholders"] = json!([owner]);
    let draft = person.register(draft).await;
    assert_eq!((&draft.body["status"], &draft.body["visibility"]), (&json!("draft"), &json!("internal")));
    assert!(draft.body["_links"].get("edit").is_some() && draft.body["_links"].get("revise").is_none());
    let contact = json!({"summary": "Brygga och ramp.", "contact": {"name": "Ordföranden", "phone": "070-1740605"}});
    let changed = person.change("PATCH", draft.location(), draft.etag(), contact).await.expect(200);
    assert_eq!(changed.body["contact"]["name"], "Ordföranden", "an owner sees whom it has named");

    let project = person.register(bathing_place(&owner)).await;
    take(&person, project.location(), &["submitted"]).await;
    let now = person.get(project.location()).await.expect(200);
    let refused = person.change("PATCH", project.location(), now.etag(), json!({"title": "Ett annat namn"})).await;
    refused.expect_problem(403, "forbidden");
    take(&app.officer(), project.location(), &["inReview", "supplementRequested"]).await;
    let waiting = person.get("/me/tasks").await.expect(200);
    assert_eq!(waiting.all("tasks", "kind"), ["supplement"]);
    assert_eq!(waiting.body["tasks"][0]["projectId"], project.body["id"]);
    let asked = person.get(project.location()).await.expect(200);
    let changed = person.change("PATCH", project.location(), asked.etag(), json!({"summary": "Med ramp."})).await;
    changed.expect(200);
    take(&person, project.location(), &["inReview"]).await;
    take(&app.officer(), project.location(), &["approved"]).await;

    let own = person.get("/projects").await.expect(200);
    assert_eq!(own.body["_meta"]["totalRecords"], 2, "its own, whatever their visibility");
    app.anonymous().get(project.location()).await.expect_problem(404, "not-found");
}

#[actix_web::test]
async fn an_owner_sees_and_changes_no_project_of_another() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let hidden = app.officer().register(terminal()).await;
    let mut shown = terminal();
    shown["visibility"] = json!("public");
    let shown = app.officer().register(shown).await;
    let mut taking_part = terminal();
    taking_part["stakeholders"][1] = owner.clone();
    taking_part["stakeholders"][1]["roles"] = json!(["partner"]);
    let taking_part = app.officer().register(taking_part).await;

    for path in [hidden.location(), taking_part.location()] {
        person.get(path).await.expect_problem(404, "not-found");
        person.change("PATCH", path, "*", json!({"title": "Mitt"})).await.expect_problem(404, "not-found");
    }
    let seen = person.get(shown.location()).await.expect(200);
    assert!(seen.body.get("contact").is_none() && seen.body["_links"].get("edit").is_none());
    let refused = person.change("PATCH", shown.location(), seen.etag(), json!({"title": "Mitt"})).await;
    refused.expect_problem(403, "forbidden");
    let costs = format!("{}/costs", shown.location());
    let cost = json!({"type": "travel", "amount": {"amount": "1.00", "currency": "SEK"}, "eligible": true});
    person
        .request("POST", &costs)
        .header("If-Match", seen.etag())
        .json(&cost)
        .send()
        .await
        .expect_problem(403, "forbidden");
    person.get("/organisations").await.expect_problem(403, "forbidden");

    // Coverage, suggestions and the feed are of what is public or its own.
    let own = person.register(bathing_place(&owner)).await;
    let coverage = person.get("/strategies/norsjo-2014-2020/coverage").await.expect(200);
    let row = coverage.body["subGoals"].as_array().into_iter().flatten().find(|row| row["code"] == "4.3").cloned();
    assert_eq!(row.map(|row| row["projects"]["total"].clone()), Some(json!(2)));
    let (changes, _) = follow(&person, START, 1000).await;
    let is_told = |project: &Response| changes.iter().any(|change| change["id"] == project.body["id"]);
    assert!(is_told(&own) && is_told(&shown) && !is_told(&hidden) && !is_told(&taking_part));
}

#[actix_web::test]
async fn an_owner_decides_neither_who_sees_its_project_nor_that_it_was_considered_and_keeps_it() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let mut open = bathing_place(&owner);
    open["visibility"] = json!("public");
    person.post("/projects", open).await.expect(422).expect_fault("/visibility", "for-officers");
    let mut decided = bathing_place(&owner);
    decided["status"] = json!("approved");
    decided["registration"] = json!({"source": "Vi", "reason": "Det är klart."});
    let refused = person.post("/projects", decided).await.expect(422);
    refused.expect_fault("/status", "for-officers").expect_fault("/registration", "for-officers");
    person.post("/projects", terminal()).await.expect(422).expect_fault("/stakeholders", "own-organisation");

    let project = person.register(bathing_place(&owner)).await;
    let place = project.location();
    let refused = person.change("PATCH", place, project.etag(), json!({"visibility": "public"})).await.expect(422);
    refused.expect_fault("/visibility", "for-officers");
    let part = format!("{place}/stakeholders/{}", project.body["stakeholders"][0]["id"].as_str().unwrap_or_default());
    let refused = person.change("PATCH", &part, project.etag(), json!({"roles": ["partner"]})).await.expect(422);
    refused.expect_fault("/stakeholders", "own-organisation");
    person.delete(&part, project.etag()).await.expect(422);
    let stray = app.as_role(Role::Contributor);
    stray.post("/projects", bathing_place(&owner)).await.expect(422).expect_fault("/stakeholders", "own-organisation");
    let now = person.get(place).await.expect(200);
    assert_eq!(now.body["version"], 1, "nothing of it changed anything");
}

#[actix_web::test]
async fn nobody_learns_whose_a_personal_identity_number_is_by_naming_it() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let trader = json!({"name": "Lars Skog & Flis", "sector": "business", "number": "811218-9876"});
    app.officer().post("/organisations", trader).await.expect(201);
    let with = |name: &str| {
        let mut project = bathing_place(&owner);
        let organisation = json!({"name": name, "sector": "business", "number": "811218-9876"});
        project["stakeholders"] = json!([owner, {"organisation": organisation, "roles": ["partner"]}]);
        project
    };
    // Registered or not, another's or its own name: the answer is the same.
    for (name, number) in
        [("Vem är det?", "811218-9876"), ("Lars Skog & Flis", "811218-9876"), ("Vem är det?", "670919-9530")]
    {
        let mut project = with(name);
        project["stakeholders"][1]["organisation"]["number"] = json!(number);
        let refused = person.post("/projects", project).await.expect(422);
        refused.expect_fault("/stakeholders/1/organisation/number", "for-officers");
    }
    let known = app.officer().register(with("Skogs-Lars")).await;
    assert_eq!(known.body["stakeholders"][1]["organisation"]["name"], "Lars Skog & Flis");
    let taken = json!({"name": "En annan", "sector": "business", "number": "811218-9876"});
    let refused = app.officer().post("/organisations", taken).await.expect(422).expect_fault("/number", "taken");
    assert!(!refused.body.to_string().contains("Lars"));
}

#[actix_web::test]
async fn an_owner_tells_what_it_plans_and_applies_for_and_not_what_others_have_done() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let officer = app.officer();
    for commitment in ["intent", "certified", "granted", "paid", "refused"] {
        let mut project = bathing_place(&owner);
        project["fundingLines"][0]["commitment"] = json!(commitment);
        let refused = person.post("/projects", project).await.expect(422);
        refused.expect_fault("/fundingLines/0/commitment", "for-officers");
    }

    // A line that an officer has recorded a certificate of, and one that its funder has granted.
    let mut project = bathing_place(&owner);
    project["visibility"] = json!("funders");
    project["fundingLines"][1]["commitment"] = json!("certified");
    let project = officer.register(project).await;
    let line = |index: usize| {
        let id = project.body["fundingLines"][index]["id"].as_str().unwrap_or_default();
        format!("{}/funding-lines/{id}", project.location())
    };
    let granted = json!({"commitment": "granted", "amount": {"amount": "900.00", "currency": "SEK"}});
    let eruf = funder(&app, "eruf-ovre-norrland-2007-2013");
    let steps = format!("{}/commitments", line(0));
    eruf.request("POST", &steps).header("If-Match", "*").json(&granted).send().await.expect(201);
    let change = async |index: usize, change: Value| person.change("PATCH", &line(index), "*", change).await;
    for more in [json!({"amount": {"amount": "9000000.00", "currency": "SEK"}}), json!({"commitment": "planned"})] {
        change(1, more).await.expect(422).expect_fault("/commitment", "for-officers");
    }
    for (member, value) in [("kind", json!("privateCash")), ("year", json!(2030)), ("note", json!("Mer är lovat."))] {
        change(0, json!({member: value})).await.expect(422).expect_fault(&format!("/{member}"), "kept");
    }
    person.delete(&line(0), "*").await.expect_problem(409, "conflict");
    person.delete(project.location(), "*").await.expect_problem(409, "conflict");
    let seen = person.get(project.location()).await.expect(200);
    assert!(seen.body["_links"].get("delete").is_none(), "what cannot be done is not offered");

    // Who corrects a step is the one who says it from then on.
    officer.change("PATCH", &line(1), "*", json!({"caseNumber": "KS 2026/1"})).await.expect(200);
    let steps = officer.get(&format!("{}/commitments", line(1))).await.expect(200);
    assert_eq!(steps.body["commitments"][0]["recordedBy"], officer.get("/me").await.body["id"]);
}

#[actix_web::test]
async fn one_owner_does_not_turn_another_out_nor_let_others_in() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let other = json!({"organisation": {"name": "Norsjö IF", "sector": "civilSociety"}, "roles": ["owner"]});
    let mut project = bathing_place(&owner);
    project["stakeholders"] = json!([owner, other]);
    let project = person.register(project).await;
    let parts = format!("{}/stakeholders", project.location());
    let others = format!("{parts}/{}", project.body["stakeholders"][1]["id"].as_str().unwrap_or_default());
    person.delete(&others, "*").await.expect(422).expect_fault("/stakeholders", "for-officers");
    let third = json!({"organisation": {"name": "Tredje AB", "sector": "business"}, "roles": ["owner"]});
    let refused = person.request("POST", &parts).header("If-Match", "*").json(&third).send().await.expect(422);
    refused.expect_fault("/stakeholders", "for-officers");
    app.officer().delete(&others, "*").await.expect(204);
}

#[actix_web::test]
async fn a_kept_answer_is_for_the_rights_that_it_was_made_for() {
    let app = TestApp::new().await;
    let (administrator, officer) = (app.administrator(), app.officer());
    let id = officer.get("/me").await.body["id"].as_str().unwrap_or_default().to_owned();
    let register = async |client: &Client<'_>| {
        client.request("POST", "/projects").header("Idempotency-Key", "en-gang").json(&terminal()).send().await
    };
    let first = register(&officer).await.expect(201);
    assert_eq!(register(&officer).await.expect(201).body, first.body);
    administrator.change("PATCH", &format!("/users/{id}"), "*", json!({"role": "contributor"})).await.expect(200);
    let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
    let session = app.anonymous().post("/sessions", credentials).await.expect(201);
    let demoted = app.bearer(session.body["accessToken"].as_str().unwrap_or_default());
    register(&demoted).await.expect(422).expect_fault("/stakeholders", "own-organisation");
}

#[actix_web::test]
async fn what_an_owner_does_not_see_of_its_own_project_stays_when_it_changes_the_rest() {
    let app = TestApp::new().await;
    let (person, owner) = association(&app).await;
    let hidden = app.officer().register(idea("Kommunens egen förstudie")).await;
    let earlier = person.register(bathing_place(&owner)).await;
    let project = person.register(bathing_place(&owner)).await;
    let both = json!({"relatedProjects": [
        {"projectId": hidden.body["id"], "relation": "preStudy"}, {"projectId": earlier.body["id"], "relation": "earlierStage"}
    ]});
    let place = project.location();
    app.officer().change("PATCH", place, project.etag(), both).await.expect(200);
    let seen = person.get(place).await.expect(200);
    assert_eq!(seen.all("relatedProjects", "relation"), ["earlierStage"], "its own is seen, the municipality's is not");
    let guess = json!({"relatedProjects": [{"projectId": hidden.body["id"], "relation": "related"}]});
    let refused = person.change("PATCH", place, seen.etag(), guess).await.expect(422);
    refused.expect_fault("/relatedProjects/0/projectId", "unknown-project");
    person.change("PATCH", place, seen.etag(), json!({"relatedProjects": []})).await.expect(200);
    let now = app.officer().get(place).await.expect(200);
    assert_eq!(now.all("relatedProjects", "relation"), ["preStudy"]);
}

#[actix_web::test]
async fn a_funder_records_what_it_decides_and_pays_on_its_own_lines_alone() {
    let app = TestApp::new().await;
    let mut project = terminal();
    project["visibility"] = json!("funders");
    project["fundingLines"][0]["commitment"] = json!("applied");
    let project = app.officer().register(project).await;
    let lines = project.body["fundingLines"].as_array().expect("lines");
    let steps = |index: usize| {
        format!("{}/funding-lines/{}/commitments", project.location(), lines[index]["id"].as_str().unwrap_or_default())
    };
    let eruf = funder(&app, "eruf-ovre-norrland-2007-2013");
    let granted = json!({"commitment": "granted", "amount": {"amount": "3000000.00", "currency": "SEK"},
                         "caseNumber": "156077", "date": "2010-09-08"});
    let record = async |client: &Client<'_>, index: usize, step: &Value| {
        client.request("POST", &steps(index)).header("If-Match", "*").json(step).send().await
    };
    record(&eruf, 1, &granted).await.expect_problem(403, "forbidden");
    record(&funder(&app, "norsjo-kommun"), 0, &granted).await.expect_problem(403, "forbidden");
    record(&app.as_role(Role::Funder), 0, &granted).await.expect_problem(403, "forbidden");
    let certified = json!({"commitment": "certified", "amount": {"amount": "1.00", "currency": "SEK"}});
    record(&eruf, 0, &certified).await.expect(422).expect_fault("/commitment", "for-officers");
    let step = record(&eruf, 0, &granted).await.expect(201);
    assert!(step.body.get("recordedBy").is_none());
    let paid = json!({"commitment": "paid", "amount": {"amount": "1000000.00", "currency": "SEK"}});
    record(&eruf, 0, &paid).await.expect(201);
    let too_much = json!({"commitment": "paid", "amount": {"amount": "2000000.01", "currency": "SEK"}});
    record(&eruf, 0, &too_much).await.expect(422);

    let seen = eruf.get(project.location()).await.expect(200);
    assert!(seen.body.get("contact").is_none() && seen.body["_links"].get("edit").is_none());
    let line = |index: usize| steps(index).trim_end_matches("/commitments").to_owned();
    assert!(eruf.get(&line(0)).await.body["_links"].get("add-commitment").is_some());
    assert!(eruf.get(&line(1)).await.body["_links"].get("add-commitment").is_none());
    eruf.change("PATCH", project.location(), seen.etag(), json!({"title": "Vårt"}))
        .await
        .expect_problem(403, "forbidden");
    let hidden = app.officer().register(terminal()).await;
    eruf.get(hidden.location()).await.expect_problem(404, "not-found");
}

#[actix_web::test]
async fn administrators_bind_accounts_and_a_binding_goes_with_its_role() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let account = |role: &str, binding: Value| {
        json!({"email": format!("{role}.bunden@example.se"), "name": "Bunden", "role": role,
               "password": "ett första lösenord", "binding": binding})
    };
    for (role, binding, property, code) in [
        ("reader", json!({"fundingSources": ["norsjo-kommun"]}), "/binding/fundingSources", "not-for-role"),
        ("contributor", json!({"frameworks": ["global-goals"]}), "/binding/frameworks", "not-for-role"),
        (
            "funder",
            json!({"organisationId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"}),
            "/binding/organisationId",
            "not-for-role",
        ),
        (
            "contributor",
            json!({"organisationId": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"}),
            "/binding/organisationId",
            "unknown-organisation",
        ),
        (
            "funder",
            json!({"fundingSources": ["norsjo-kommun", "ingen-kalla"]}),
            "/binding/fundingSources",
            "unknown-source",
        ),
        ("funder", json!({"frameworks": ["inget-ramverk"]}), "/binding/frameworks", "unknown-framework"),
    ] {
        let refused = administrator.post("/users", account(role, binding)).await.expect(422);
        refused.expect_fault(property, code);
    }
    let new = account("funder", json!({"fundingSources": ["other-public", "norsjo-kommun", "norsjo-kommun"]}));
    let user = administrator.post("/users", new).await.expect(201);
    assert_eq!(user.body["binding"], json!({"fundingSources": ["norsjo-kommun", "other-public"]}));
    let place = user.location();
    let refused = administrator.change("PATCH", place, user.etag(), json!({"role": "reader"})).await.expect(422);
    refused.expect_fault("/binding/fundingSources", "not-for-role");
    let freed = json!({"role": "reader", "binding": {"fundingSources": []}});
    let user = administrator.change("PATCH", place, user.etag(), freed).await.expect(200);
    assert_eq!(user.body["binding"], json!({}));
}
