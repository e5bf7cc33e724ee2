//! A person asks what is held about them, and to have it taken away.

use samsyn::auth::Role;
use serde_json::{Value, json};

use crate::projects::{idea, terminal};
use crate::status::take;
use crate::support::{PASSWORD, TestApp, email};

const EXPORTS: &str = "/personal-data/exports";
const ANONYMISATIONS: &str = "/personal-data/anonymisations";
const AREA: &str = "/strategies/norsjo-2014-2020/goal-areas/3/working-group";
const EMAIL: &str = "elsa.angstrom@norsjo.example";
const NAME: &str = "Elsa \"Ella\" Ångström";
const PHONE: &str = "0918-140 99";
const PASSPHRASE: &str = "en mening att minnas";

fn by_email() -> Value {
    json!({"email": "  Elsa.Angstrom@Norsjo.example"})
}

fn token(session: &Value) -> String {
    session["accessToken"].as_str().unwrap_or_default().to_owned()
}

/// A project whose contact is somebody.
fn asking(title: &str, contact: Value) -> Value {
    let mut project = idea(title);
    project["contact"] = contact;
    project
}

/// Makes Elsa an officer; her account's id, and a session of hers.
pub(crate) async fn employ(app: &TestApp) -> (String, Value) {
    let new = json!({"email": EMAIL, "name": NAME, "role": "officer", "password": "ett första lösenord"});
    let request = app.administrator().request("POST", "/users").header("Idempotency-Key", "elsa").json(&new);
    let id = request.send().await.expect(201).body["id"].as_str().unwrap_or_default().to_owned();
    let credentials = |password: &str| json!({"email": EMAIL, "password": password});
    let first = app.anonymous().post("/sessions", credentials("ett första lösenord")).await.expect(201);
    let change = json!({"currentPassword": "ett första lösenord", "newPassword": PASSPHRASE});
    app.bearer(&token(&first.body)).request("PUT", "/me/password").json(&change).send().await.expect(204);
    app.anonymous().post("/sessions", credentials("fel lösenord helt")).await.expect(401);
    let session = app.anonymous().post("/sessions", credentials(PASSPHRASE)).await.expect(201).body;
    (id, session)
}

/// Lets Elsa work: a project that she is the contact of is approved, a goal area is hers, she notes something.
pub(crate) async fn work(app: &TestApp, id: &str, session: &Value) -> String {
    let elsa = app.bearer(&token(session));
    let mut new = terminal();
    new["contact"] = json!({"name": NAME, "email": "Elsa.Angstrom@norsjo.example", "phone": PHONE});
    new["visibility"] = json!("public");
    let project = elsa.request("POST", "/projects").header("Idempotency-Key", "terminal").json(&new);
    let project = project.send().await.expect(201).location().to_owned();
    take(&elsa, &project, &["submitted", "inReview", "approved"]).await;
    app.officer().post(AREA, json!({"officerId": id})).await.expect(201);
    let note = json!({"standing": "done", "text": "Klart sedan i våras."});
    elsa.post("/strategies/norsjo-2014-2020/measures/3.7.2/notes", note).await.expect(201);
    let statement = json!({"projectId": project.rsplit('/').next()});
    elsa.post("/statements", statement).await.expect(201);
    project
}

#[actix_web::test]
async fn a_person_gets_everything_that_is_held() {
    let app = TestApp::new().await;
    let (id, session) = employ(&app).await;
    let project = work(&app, &id, &session).await;
    let administrator = app.administrator();
    let held = administrator.post(EXPORTS, by_email()).await.expect(200);
    assert_eq!(held.header("Cache-Control"), "no-store");
    let body = &held.body;
    assert_eq!((&body["account"]["id"], &body["account"]["name"]), (&json!(id), &json!(NAME)));
    assert_eq!((&body["account"]["email"], &body["account"]["role"]), (&json!(EMAIL), &json!("officer")));
    assert_eq!(body["sessions"].as_array().map(Vec::len), Some(1), "the one before the change of password is over");
    assert_eq!(body["sessions"][0]["id"], session["sessionId"]);
    assert_eq!(body["contacts"].as_array().map(Vec::len), Some(1));
    assert!(project.ends_with(body["contacts"][0]["projectId"].as_str().unwrap_or_default()));
    assert_eq!(body["contacts"][0]["phone"], PHONE);
    assert_eq!(body["workingGroups"], json!([{"strategyId": "norsjo-2014-2020", "goalAreaCode": "3"}]));
    assert_eq!(body["notes"][0]["text"], "Klart sedan i våras.");
    let kinds = |by_account: bool| -> Vec<&str> {
        let events = body["events"].as_array().into_iter().flatten();
        events.filter(|event| event["byAccount"] == by_account).filter_map(|event| event["kind"].as_str()).collect()
    };
    assert_eq!(kinds(false), ["sign-in.failed", "user.created"]);
    for did in ["statement.issued", "measure.noteAdded", "project.created", "session.created", "user.updated"] {
        assert!(kinds(true).contains(&did), "{did}: {:?}", kinds(true));
    }
    assert!(!held.text().contains("argon2"));

    // Signing in made her own attempt forgotten; somebody else's, from elsewhere, is not.
    assert_eq!(body["signInAttempts"], json!([]));
    let wrong = json!({"email": EMAIL, "password": "fel lösenord helt"});
    let elsewhere = app.anonymous().request("POST", "/sessions").header("X-Forwarded-For", "198.51.100.7").json(&wrong);
    elsewhere.send().await.expect(401);
    let attempts = administrator.post(EXPORTS, by_email()).await.body["signInAttempts"].clone();
    assert_eq!((&attempts[0]["address"], &attempts[0]["count"]), (&json!("198.51.100.7"), &json!(1)));

    // That it was given is in the trail; what was given is not.
    let trail = administrator.get("/audit-events?kind=person.exported").await;
    assert_eq!((trail.total(), &trail.body["auditEvents"][0]["subject"]["id"]), (2, &json!(id)));
    assert_eq!(trail.body["auditEvents"][0]["changes"], json!([]));
    let nobody = administrator.post(EXPORTS, json!({"email": "nobody@example.se", "name": "Ingen"})).await.expect(200);
    assert!(nobody.body.get("account").is_none() && nobody.body["contacts"] == json!([]));
    assert_eq!(administrator.get("/audit-events?kind=person.exported").await.total(), 2);
}

#[actix_web::test]
async fn who_is_anonymised_is_nowhere_and_the_projects_are_whole() {
    let app = TestApp::new().await;
    let (id, session) = employ(&app).await;
    let project = work(&app, &id, &session).await;
    let (administrator, officer) = (app.administrator(), app.officer());
    let before = officer.get(&project).await.body;
    let wrong = json!({"email": EMAIL, "password": "fel lösenord helt"});
    app.anonymous().request("POST", "/sessions").header("X-Forwarded-For", "198.51.100.7").json(&wrong).send().await;
    for said in [EMAIL, "Ångström", PHONE, "198.51.100.7"] {
        assert!(!app.database.tables_with(said).is_empty(), "{said}");
    }

    let done = administrator.post(ANONYMISATIONS, by_email()).await.expect(200);
    assert_eq!(done.header("Cache-Control"), "no-store");
    let counted = json!({"accounts": 1, "sessions": 1, "contacts": 1, "workingGroups": 1, "soleTraders": 0,
                         "keptAnswers": 2, "_links": done.body["_links"]});
    assert_eq!(done.body, counted);
    for said in [EMAIL, "angstrom", "Ångström", PHONE, "198.51.100.7"] {
        assert_eq!(app.database.tables_with(said), Vec::<String>::new(), "{said}");
    }

    // Nothing more is found.
    let gone = administrator.post(EXPORTS, by_email()).await.expect(200).body;
    let lists = ["sessions", "signInAttempts", "contacts", "workingGroups", "notes", "events"];
    assert!(gone.get("account").is_none() && lists.iter().all(|list| gone[list] == json!([])), "{gone:#}");

    // The account is nobody's, and nobody signs in to it.
    let account = administrator.get(&format!("/users/{id}")).await.expect(200).body;
    let address = account["email"].as_str().unwrap_or_default().to_owned();
    assert!(address.starts_with("anonymous-") && !address.contains(&id), "nobody could have it first: {address}");
    assert_eq!(account["name"], "Anonymiserad");
    assert_eq!((&account["active"], &account["role"]), (&json!(false), &json!("officer")));
    for (email, password) in [(EMAIL, PASSPHRASE), (&address, PASSPHRASE), (&address, "Anonymiserad")] {
        app.anonymous().post("/sessions", json!({"email": email, "password": password})).await.expect(401);
    }
    app.bearer(&token(&session)).post("/projects", idea("Efter")).await.expect_problem(401, "invalid-token");
    let renewal = json!({"refreshToken": session["refreshToken"]});
    app.anonymous().post("/sessions/refresh", renewal).await.expect(401);

    // The project lacks its contact and nothing else, and its history stays.
    let mut after = officer.get(&project).await.expect(200).body;
    assert!(after.get("contact").is_none());
    assert_eq!(after["version"].as_i64(), before["version"].as_i64().map(|version| version + 1));
    for member in ["contact", "version", "updatedAt"] {
        after[member] = before[member].clone();
    }
    assert_eq!(after, before);
    let history = officer.get(&format!("{project}/history")).await.expect(200);
    assert_eq!(history.body["history"][0]["kind"], "project.contactAnonymised");
    assert_eq!(history.body["history"][0]["text"]["sv"], "Kontaktpersonen ändrades.");
    assert_eq!(history.body["history"][4]["actor"], json!(id), "what was done was done by somebody");
    assert_eq!(officer.get(AREA).await.total(), 0);
    assert_eq!(officer.get("/statements").await.total(), 1);

    // What the anonymous account did is found under its own address.
    let left = administrator.post(EXPORTS, json!({"email": address})).await.expect(200).body;
    assert!(left["events"].as_array().is_some_and(|events| !events.is_empty()) && left["sessions"] == json!([]));
    let again = administrator.post(ANONYMISATIONS, by_email()).await.expect(200).body;
    assert_eq!((&again["accounts"], &again["contacts"]), (&json!(0), &json!(0)));
    let rows = app.database.journal("person");
    assert_eq!(rows.last().map(|row| row.kind.as_str()), Some("person.exported"));
    assert!(rows.iter().all(|row| row.before.is_none() && row.after.is_none() && row.actor.is_some()));
}

#[actix_web::test]
async fn a_name_alone_touches_contacts_without_an_address_and_no_namesake() {
    let app = TestApp::new().await;
    let (administrator, officer) = (app.administrator(), app.officer());
    employ(&app).await;
    let theirs =
        officer.register(asking("Med telefon", json!({"name": "elsa \"ella\"  ångström", "phone": PHONE}))).await;
    let other = json!({"name": NAME, "email": "en.annan@example.se"});
    let namesake = officer.register(asking("En annan", other)).await;
    let longer = officer.register(asking("Längre namn", json!({"name": format!("{NAME} Berg")}))).await;

    let held = administrator.post(EXPORTS, json!({"name": NAME})).await.expect(200).body;
    assert_eq!(held["contacts"].as_array().map(Vec::len), Some(1));
    assert_eq!(held["contacts"][0]["projectId"], theirs.body["id"]);
    assert!(held.get("account").is_none());
    let done = administrator.post(ANONYMISATIONS, json!({"name": NAME})).await.expect(200).body;
    assert_eq!((&done["contacts"], &done["accounts"]), (&json!(1), &json!(0)));
    assert_eq!(app.database.tables_with(PHONE), Vec::<String>::new());
    assert!(officer.get(theirs.location()).await.body.get("contact").is_none());
    for kept in [namesake, longer] {
        assert_eq!(officer.get(kept.location()).await.body, kept.body);
    }
    assert_eq!(administrator.get("/users?active=true").await.total(), 6);

    // An address and a name together: what has the address, and what has the name and no address.
    officer.register(asking("Utan adress", json!({"name": NAME}))).await;
    let both = json!({"email": EMAIL, "name": NAME});
    let done = administrator.post(ANONYMISATIONS, both).await.expect(200).body;
    assert_eq!((&done["contacts"], &done["accounts"]), (&json!(1), &json!(1)));
}

#[actix_web::test]
async fn a_sole_trader_is_found_by_number_and_loses_it_and_the_name() {
    let app = TestApp::new().await;
    let (administrator, officer) = (app.administrator(), app.officer());
    // The name was journaled before anybody knew that it is a person's.
    let new = json!({"name": "Nyströms Skog", "sector": "business"});
    let firm = officer.request("POST", "/organisations").header("Idempotency-Key", "skog").json(&new);
    let firm = firm.send().await.expect(201);
    let number = json!({"number": "811218-9876"});
    officer.change("PATCH", firm.location(), firm.etag(), number).await.expect(200);
    let mut project = idea("Skogsprojektet");
    project["stakeholders"] = json!([{"organisation": {"id": firm.body["id"]}, "roles": ["owner"]}]);
    let project = officer.register(project).await;

    let person = json!({"number": "198112189876"});
    let held = administrator.post(EXPORTS, person.clone()).await.expect(200).body;
    assert_eq!(
        (&held["soleTrader"]["name"], &held["soleTrader"]["number"]),
        (&json!("Nyströms Skog"), &json!("811218-9876"))
    );
    let done = administrator.post(ANONYMISATIONS, person.clone()).await.expect(200).body;
    assert_eq!((&done["soleTraders"], &done["keptAnswers"]), (&json!(1), &json!(1)));
    for said in ["811218", "Nyström"] {
        assert_eq!(app.database.tables_with(said), Vec::<String>::new(), "{said}");
    }
    let seen = officer.get(project.location()).await.expect(200).body;
    assert_eq!(seen["stakeholders"][0]["organisation"]["name"], "Anonymiserad");
    assert!(administrator.post(EXPORTS, person).await.body.get("soleTrader").is_none());
}

#[actix_web::test]
async fn some_are_not_anonymised_and_then_nothing_is() {
    let app = TestApp::new().await;
    let (administrator, officer) = (app.administrator(), app.officer());
    let own = json!({"email": email(Role::Administrator)});
    officer.register(asking("Min egen", json!({"name": "A", "email": own["email"]}))).await;
    let before = app.database.counts();
    let refused = administrator.post(ANONYMISATIONS, own.clone()).await;
    refused.expect_problem(422, "validation-error").expect_fault("/email", "own-account");
    for path in [EXPORTS, ANONYMISATIONS] {
        for (body, place, code) in [
            (json!({}), "", "required"),
            (json!({"email": null}), "", "required"),
            (json!({"email": ""}), "/email", "too-short"),
            (json!({"email": "x".repeat(255)}), "/email", "too-long"),
            (json!({"name": "  "}), "/name", "blank"),
            (json!({"name": ["Elsa"]}), "/name", "type"),
            (json!({"number": "212000-2585"}), "/number", "personal-number"),
            (json!({"number": "811218-9875"}), "/number", "personal-number"),
            (json!({"number": "811218"}), "/number", "pattern"),
            (json!({"phone": PHONE}), "/phone", "unknown"),
        ] {
            let refused = administrator.post(path, body).await;
            refused.expect_problem(422, "validation-error").expect_fault(place, code);
        }
        for role in [Role::Officer, Role::Contributor, Role::Funder, Role::Reader] {
            app.as_role(role).post(path, own.clone()).await.expect_problem(403, "forbidden");
        }
        app.anonymous().post(path, own.clone()).await.expect_problem(401, "unauthenticated");
        administrator.get(path).await.expect_problem(405, "method-not-allowed");
    }
    assert_eq!(app.database.counts(), before);
    app.anonymous().post("/sessions", json!({"email": own["email"], "password": PASSWORD})).await.expect(201);
}

#[actix_web::test]
async fn there_is_always_an_administrator_left() {
    let app = TestApp::new().await;
    // Two administrators anonymise each other at once: whoever comes second was let in before, but is no longer one.
    let person = samsyn::personal_data::model::Person::new(Some(&email(Role::Administrator)), None, None);
    let person = person.expect("a person");
    let refused = app.database.pool().write_now(|conn| {
        samsyn::personal_data::store::anonymise(conn, Some(samsyn::id::Id::new()), &person).map(drop)
    });
    assert_eq!(refused.expect_err("a refusal").kind(), samsyn::problem::Kind::StateConflict);
    app.administrator().post("/projects", idea("Fortfarande här")).await.expect(201);
}
