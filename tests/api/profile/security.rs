//! SAK: security.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use samsyn::auth::{Role, policy};
use serde_json::Value;

use super::{
    Deviates, Held, Inapplicable, Made, Operated, Requirement, Shall, ShallNot, Should, ShouldNot, document,
    operations, properties, refusals,
};
use crate::clients::{funders, new_secret, register};
use crate::contract::concrete;
use crate::sessions::sign_in;
use crate::support::TestApp;
use crate::token_requests::{ask, by_secret};

pub(super) const SECURITY: &[Requirement] = &[
    (
        "SAK.01",
        Shall,
        "HTTPS med TLS 1.2 eller senare",
        Held(test!(sak_01_only_https_is_named_and_browsers_are_kept_to_it)),
    ),
    (
        "SAK.02",
        Shall,
        "certifikat med SHA-2 och minst 2048 bitar",
        Operated("proxyn med TLS framför tjänsten (README, SECURITY)"),
    ),
    (
        "SAK.03",
        Shall,
        "öppna adresser har certifikat av en betrodd utfärdare",
        Operated("proxyn med TLS framför tjänsten"),
    ),
    (
        "SAK.05",
        Should,
        "metoder som inte används svarar 405",
        Held(test!(sak_05_every_unused_method_is_405_and_told_the_others)),
    ),
    (
        "SAK.06",
        Shall,
        "varje begäran valideras",
        Held(test!(crate::bad_input::every_fault_of_a_body_is_named_and_nothing_is_stored)),
    ),
    (
        "SAK.08",
        Shall,
        "inloggning och behörighet där informationen kräver det",
        Held(test!(crate::contract::nobody_and_strangers_get_no_further_than_the_policy_says)),
    ),
    (
        "SAK.09",
        ShallNot,
        "varken Basic eller Digest",
        Held(test!(sak_09_credentials_are_bearer_tokens_and_nothing_else)),
    ),
    ("SAK.10", Shall, "`Authorization: Bearer`", Held(test!(crate::tokens::credentials_are_one_bearer_token))),
    (
        "SAK.11",
        Shall,
        "token kan förnyas med en förnyelsetoken",
        Deviates(
            "maskiner får ingen: de frågar igen med sina egna uppgifter (RFC 6749 avsnitt 4.4.3). Personer får en.",
            Some(test!(sak_11_people_renew_their_tokens_and_machines_ask_again)),
        ),
    ),
    (
        "SAK.12",
        ShouldNot,
        "en åtkomsttoken gäller inte längre än fem minuter",
        Held(test!(sak_12_tokens_are_good_for_five_minutes)),
    ),
    (
        "SAK.13",
        Should,
        "klienter identifieras på ett enhetligt sätt",
        Held(test!(crate::clients::a_funders_machine_reads_and_records_what_its_source_has_paid)),
    ),
    (
        "SAK.14",
        Should,
        "API-nycklar byts regelbundet",
        Inapplicable("det finns inga API-nycklar; signeringsnycklar byts efter ålder och med `samsyn keys rotate`"),
    ),
    ("SAK.15", ShallNot, "API-nycklar står inte i adresser", Inapplicable("det finns inga API-nycklar")),
    ("SAK.16", Shall, "API-nycklar skickas i huvudet", Inapplicable("det finns inga API-nycklar")),
    (
        "SAK.17",
        Should,
        "CORS bara där det behövs",
        Held(test!(crate::door::other_pages_get_the_same_answers_and_may_not_read_them)),
    ),
    ("SAK.18", Should, "OAuth 2.0 eller senare", Held(test!(sak_09_credentials_are_bearer_tokens_and_nothing_else))),
    (
        "SAK.19",
        Should,
        "API:t är en abstraktion av källsystemet",
        Made("varje rum har egna typer för tråden (`http.rs`) och för tabellerna (`store.rs`)"),
    ),
    (
        "SAK.20",
        Should,
        "API:t är gjort för återanvändning",
        Made("resurserna är registrets egna begrepp, inte en viss frontends sidor"),
    ),
    (
        "SAK.21",
        ShallNot,
        "inga interna tabellstrukturer lämnas ut",
        Held(test!(crate::house::each_chair_keeps_to_its_own)),
    ),
    ("SAK.22", ShouldNot, "inga interna id:n lämnas ut", Held(test!(sak_22_nothing_is_known_by_a_number_of_a_row))),
    (
        "SAK.23",
        Should,
        "länkar visar vad anroparen får göra",
        Held(test!(crate::projects::links_show_what_the_caller_may_do_now)),
    ),
    (
        "SAK.24",
        ShallNot,
        "fel avslöjar inget som hjälper en angripare",
        Held(test!(sak_24_problems_tell_nothing_of_the_inside)),
    ),
    (
        "SAK.25",
        Shall,
        "systemfel maskeras",
        Held(test!(crate::durability::what_fails_inside_is_told_in_the_log_and_not_outside)),
    ),
    ("SAK.26", ShallNot, "inga anropsstackar lämnas ut", Held(test!(sak_24_problems_tell_nothing_of_the_inside))),
    (
        "SAK.27",
        Should,
        "loggnivåer och larm",
        Made("`SAMSYN_LOG` väljer nivå; larmregler finns i `operations/alerts.yml`"),
    ),
    (
        "SAK.28",
        Should,
        "parametrar valideras",
        Held(test!(crate::bad_input::bad_addresses_and_parameters_name_the_parameter)),
    ),
    ("SAK.29", Should, "annan eller ingen Content-Type ger 415", Held(test!(sak_29_every_body_of_another_type_is_415))),
    (
        "SAK.30",
        Should,
        "HTTP-metoden säger vad som görs",
        Held(test!(sak_30_methods_say_what_is_done_and_paths_do_not)),
    ),
    (
        "SAK.31",
        Should,
        "storlek, schema, huvuden och parametrar begränsas",
        Held(test!(crate::bad_input::a_body_over_the_limit_or_of_another_type_is_refused)),
    ),
    ("SAK.32", Should, "TLS 1.2", Operated("proxyn med TLS framför tjänsten")),
    (
        "SAK.35",
        Should,
        "API-nycklar identifierar klienter",
        Deviates(
            "klienter identifieras av OAuth i stället (SAK.36); en nyckel som inte går ut är ett sämre bevis.",
            None,
        ),
    ),
    (
        "SAK.36",
        Should,
        "OAuth identifierar klienter",
        Held(test!(crate::clients::a_funders_machine_reads_and_records_what_its_source_has_paid)),
    ),
    (
        "SAK.37",
        Should,
        "CORS där det behövs",
        Held(test!(crate::door::a_page_of_an_allowed_origin_asks_before_it_calls)),
    ),
];

#[actix_web::test]
async fn sak_01_only_https_is_named_and_browsers_are_kept_to_it() {
    for server in document()["servers"].as_array().expect("servers") {
        assert!(server["url"].as_str().is_some_and(|url| url.starts_with("https://")), "{server}");
    }
    let app = TestApp::new().await;
    for path in ["/api-info", "/nothing", "/users"] {
        assert!(app.anonymous().get(path).await.header("Strict-Transport-Security").starts_with("max-age="), "{path}");
    }
}

#[actix_web::test]
async fn sak_05_every_unused_method_is_405_and_told_the_others() {
    let app = TestApp::new().await;
    let administrator = app.administrator();
    let all = operations();
    for (path, methods) in document()["paths"].as_object().expect("paths") {
        let known: Vec<_> = methods.as_object().expect("methods").keys().map(|method| method.to_uppercase()).collect();
        let (.., operation) = all.iter().find(|(_, other, _)| other == path).expect("an operation");
        let target = concrete(operation, path);
        let mut expected = known.clone();
        expected.extend(known.contains(&"GET".to_owned()).then(|| "HEAD".to_owned()));
        expected.push("OPTIONS".to_owned());
        expected.sort();
        let allowed = |told: &str| {
            let mut told: Vec<_> = told.split(", ").map(str::to_owned).collect();
            told.sort();
            told
        };
        let unused = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"];
        for method in unused.into_iter().filter(|method| !expected.contains(&(*method).to_owned())) {
            for client in [&administrator, &app.anonymous()] {
                let refused = client.request(method, &target).send().await.expect(405);
                assert_eq!(allowed(refused.header("Allow")), expected, "{method} {path}");
            }
        }
        let options = administrator.request("OPTIONS", &target).send().await.expect(204);
        assert_eq!(allowed(options.header("Allow")), expected, "OPTIONS {path}");
    }
}

#[test]
fn sak_09_credentials_are_bearer_tokens_and_nothing_else() {
    let schemes = document()["components"]["securitySchemes"].as_object().expect("schemes");
    assert!(schemes.values().any(|scheme| scheme["scheme"] == "bearer"));
    for (name, scheme) in schemes {
        match scheme["type"].as_str() {
            Some("http") => assert_eq!(scheme["scheme"], "bearer", "{name}"),
            Some("oauth2") => {
                for (flow, addresses) in scheme["flows"].as_object().expect("flows") {
                    assert!(!["implicit", "password"].contains(&flow.as_str()), "{flow}");
                    assert!(addresses["tokenUrl"].as_str().is_some_and(|url| url.starts_with("https://")), "{flow}");
                }
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[actix_web::test]
async fn sak_11_people_renew_their_tokens_and_machines_ask_again() {
    let app = TestApp::new().await;
    let session = sign_in(&app, Role::Officer).await;
    let renewal = serde_json::json!({"refreshToken": session["refreshToken"]});
    let renewed = app.anonymous().post("/sessions/refresh", renewal).await.expect(201);
    app.bearer(renewed.body["accessToken"].as_str().unwrap_or_default()).get("/me").await.expect(200);
    let machine = register(&app, funders()).await;
    let (id, secret) = new_secret(&app, machine.location()).await;
    for _ in 0..2 {
        let answer = ask(&app, &by_secret(&id, &secret)).await.expect(200);
        assert!(answer.body.get("refresh_token").is_none(), "{}", answer.body);
    }
}

#[actix_web::test]
async fn sak_12_tokens_are_good_for_five_minutes() {
    let app = TestApp::new().await;
    let session = sign_in(&app, Role::Officer).await;
    let machine = register(&app, funders()).await;
    let (id, secret) = new_secret(&app, machine.location()).await;
    let given = ask(&app, &by_secret(&id, &secret)).await.expect(200).body;
    for (told, token) in
        [(&session["expiresIn"], &session["accessToken"]), (&given["expires_in"], &given["access_token"])]
    {
        let claims = token.as_str().and_then(|token| token.split('.').nth(1)).unwrap_or_default();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        let lifetime = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(end, begin)| end - begin);
        assert!(lifetime.is_some_and(|lifetime| (1..=300).contains(&lifetime)), "{claims}");
        assert_eq!(told.as_i64(), lifetime);
    }
}

#[test]
fn sak_22_nothing_is_known_by_a_number_of_a_row() {
    for (place, name, schema) in properties() {
        let is_key =
            name == "id" || name.ends_with("Id") || name.ends_with("Ids") || name == "rowid" || name == "sequence";
        assert!(!is_key || !schema.to_string().contains("\"integer\""), "{place}: {name}");
    }
}

#[actix_web::test]
async fn sak_24_problems_tell_nothing_of_the_inside() {
    let app = TestApp::new().await;
    for (path, answer) in refusals(&app).await {
        let told = answer.text().to_lowercase();
        let inside =
            ["sqlite", "postgres", "diesel", "actix", "serde", "select ", "insert ", ".rs", "panick", "stack", "line "];
        for word in inside {
            assert!(!told.contains(word), "{path}: {word} in {told}");
        }
        assert_eq!((answer.header("Server"), answer.header("X-Powered-By")), ("", ""), "{path}");
    }
}

#[actix_web::test]
async fn sak_29_every_body_of_another_type_is_415() {
    let app = TestApp::new().await;
    let mut count = 0;
    for (method, path, operation) in operations() {
        if operation.get("requestBody").is_none() {
            continue;
        }
        assert!(operation["responses"].get("415").is_some(), "{method} {path}");
        let id = operation["operationId"].as_str().unwrap_or_default();
        let rule = policy::rule(id).expect("a row of the policy");
        let role = Role::ALL.iter().copied().find(|role| rule.grant(Some(*role)) != policy::Grant::No);
        let client = role.map_or_else(|| app.anonymous(), |role| app.as_role(role));
        let request = || client.request(&method.to_uppercase(), &concrete(operation, &path)).header("If-Match", "*");
        for kind in ["text/plain", "application/xml", "application/octet-stream"] {
            request().bytes(kind, b"{}".to_vec()).send().await.expect_problem(415, "unsupported-media-type");
        }
        request().send().await.expect_problem(415, "unsupported-media-type");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn sak_30_methods_say_what_is_done_and_paths_do_not() {
    for (method, path, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let verbs: &[&str] = match method.as_str() {
            "get" => &["get", "list", "export"],
            "post" => &["create", "refresh"],
            "put" => &["replace"],
            "patch" => &["update"],
            _ => &["delete"],
        };
        assert!(verbs.iter().any(|verb| id.starts_with(verb)), "{method} {path}: {id}");
    }
}
