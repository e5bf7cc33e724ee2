//! The door: who may come how often, by which name of the house, and from whose pages.

use std::num::NonZeroU32;
use std::process::Command;

use samsyn::auth::Role;
use samsyn::config::{Config, Origin};
use serde_json::json;

use crate::support::{Client, Draft, PASSWORD, PUBLIC_URL, Response, TestApp, document, email};

async fn limited_to(requests: u32) -> TestApp {
    TestApp::with(|config| config.rate_limit = NonZeroU32::new(requests).expect("a limit")).await
}

async fn from(address: &str, client: Client<'_>) -> Response {
    client.request("GET", "/strategies").header("X-Forwarded-For", address).send().await
}

/// What remains of the caller's quota.
fn remaining(answer: &Response) -> u32 {
    let standing = answer.header("RateLimit");
    let rest = standing.strip_prefix("\"default\";r=").and_then(|rest| rest.split(';').next());
    rest.and_then(|rest| rest.parse().ok()).unwrap_or_else(|| panic!("{standing}"))
}

#[actix_web::test]
async fn who_calls_too_often_waits_and_nobody_else_does() {
    let app = limited_to(3).await;
    for left in [2, 1, 0] {
        let answer = app.officer().get("/projects").await.expect(200);
        assert_eq!(answer.header("RateLimit-Policy"), "\"default\";q=3;w=60");
        assert_eq!(remaining(&answer), left);
    }
    let before = app.database.counts();
    let refused = app.officer().post("/organisations", json!({"name": "Ny", "sector": "public"})).await;
    let refused = refused.expect_problem(429, "too-many-requests");
    let wait: u32 = refused.header("Retry-After").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(refused.header("RateLimit"), "\"default\";r=0;t=60");
    assert_eq!(app.database.counts(), before);
    let english = app.officer().request("GET", "/me").header("Accept-Language", "en").send().await.expect(429);
    assert!(english.body["detail"].as_str().is_some_and(|text| text.starts_with("At most 3 requests a minute")));

    // Others go on: another account from the same address, and whoever has not signed in there.
    app.reader().get("/projects").await.expect(200);
    app.anonymous().get("/projects").await.expect(200);
    // Each instance counts for itself.
    app.beside().await.officer().get("/projects").await.expect(200);
}

#[actix_web::test]
async fn whoever_is_not_known_is_counted_by_address() {
    let app = limited_to(3).await;
    from("198.51.100.7", app.anonymous()).await.expect(200);
    // A token that is none makes nobody somebody else.
    from("198.51.100.7", app.bearer("forged")).await.expect(401);
    from("203.0.113.1, 198.51.100.7", app.bearer("forged.in.threes")).await.expect(401);
    from("198.51.100.7", app.anonymous()).await.expect_problem(429, "too-many-requests");
    from("198.51.100.7", app.bearer("forged")).await.expect_problem(429, "too-many-requests");
    from("198.51.100.7", app.officer()).await.expect(200);
    from("198.51.100.8", app.anonymous()).await.expect(200);

    // An IPv6 caller has as many addresses as it likes.
    for (n, status) in [(1, 200), (2, 200), (3, 200), (4, 429)] {
        let forwarded = format!("for=\"[2001:db8::{n}]:4711\";proto=https");
        let request = app.anonymous().request("GET", "/strategies").header("Forwarded", &forwarded);
        request.send().await.expect(status);
    }
}

#[actix_web::test]
async fn a_caller_cannot_name_itself_to_be_somebody_else() {
    let app = limited_to(2).await;
    for (n, status) in [(1, 200), (2, 200), (3, 429)] {
        // The proxy writes X-Forwarded-For and lets Forwarded through as it came.
        let made_up = format!("for=203.0.113.{n}");
        let request = app.anonymous().request("GET", "/strategies").header("Forwarded", &made_up);
        request.header("X-Forwarded-For", "198.51.100.7").send().await.expect(status);
    }
}

#[actix_web::test]
async fn every_answer_counts_but_a_probes() {
    let app = limited_to(6).await;
    let paths = ["/samsyn/v1/docs/", "/samsyn/v1/nothing", "/samsyn/v1/users", "/nowhere", "/.well-known/jwks.json"];
    for (path, left) in paths.into_iter().zip((1..=5).rev()) {
        assert_eq!(remaining(&app.anonymous().request_to("GET", path).send().await), left, "{path}");
    }
    assert_eq!(remaining(&app.anonymous().request("OPTIONS", "/projects").send().await.expect(204)), 0);
    app.anonymous().request_to("GET", "/samsyn/v1/docs/").send().await.expect_problem(429, "too-many-requests");
    let credentials = json!({"email": email(Role::Officer), "password": PASSWORD});
    app.anonymous().post("/sessions", credentials).await.expect_problem(429, "too-many-requests");
    for path in ["/health/live", "/health/ready"] {
        app.anonymous().request_to("GET", path).send().await.expect(200);
    }
}

#[actix_web::test]
async fn the_service_answers_to_its_own_names_alone() {
    let app = TestApp::with(|config: &mut Config| {
        config.listen = "192.0.2.10:8080".parse().expect("an address");
        config.allowed_hosts = vec!["inne.example.se".to_owned()];
    })
    .await;
    let to = |path: &'static str, host: &'static str| app.anonymous().request_to("GET", path).header("Host", host);
    for host in [
        "samsyn.test",
        "Samsyn.Test:443",
        "inne.example.se:8080",
        "192.0.2.10:8080",
        "localhost",
        "localhost:1",
        "127.0.0.1:8080",
        "[::1]:8080",
    ] {
        to("/samsyn/v1/strategies", host).send().await.expect(200);
    }
    for host in [
        "evil.example",
        "samsyn.test.evil.example",
        "evil.example:443",
        "xsamsyn.test",
        "samsyn.test@evil.example",
        "192.0.2.11",
        "10.0.0.1:8080",
        "[2001:db8::1]",
        "",
        "samsyn.test evil.example",
        "samsyn.test, evil.example",
        "http://samsyn.test",
    ] {
        let refused = to("/samsyn/v1/strategies", host).send().await.expect_problem(400, "wrong-host");
        let told = refused.body.to_string().replace(PUBLIC_URL, "");
        for ours in ["samsyn.test", "inne.example.se", "192.0.2.10"] {
            assert!(!told.contains(ours), "{told}");
        }
        to("/samsyn/v1/docs/", host).send().await.expect_problem(400, "wrong-host");
        // Probes ask by whatever address the machine has.
        to("/health/live", host).send().await.expect(200);
    }
    to("/samsyn/v1/strategies", "samsyn.test").header("Host", "evil.example").send().await.expect(400);
    // A target with a host of its own decides.
    let whole = |target: &'static str| app.anonymous().request_to("GET", target).send();
    whole("http://evil.example/samsyn/v1/strategies").await.expect_problem(400, "wrong-host");
    let refused = app.officer().request("POST", "/organisations").header("Host", "evil.example");
    refused.json(&json!({"name": "Ny", "sector": "public"})).send().await.expect_problem(400, "wrong-host");
}

const PAGE: &str = "https://karta.example.se";

async fn open_to_the_page() -> TestApp {
    let origin: Origin = PAGE.parse().expect("an origin");
    TestApp::with(|config| {
        config.allowed_origins = vec![origin];
        config.rate_limit = NonZeroU32::new(20).expect("a limit");
    })
    .await
}

/// A browser that asks what an address takes before it calls.
fn asking<'a>(app: &'a TestApp, origin: &str, path: &str, method: &str) -> Draft<'a> {
    let request = app.anonymous().request("OPTIONS", path).header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    request.header("Access-Control-Request-Headers", "authorization,content-type,if-match")
}

#[actix_web::test]
pub(crate) async fn a_page_of_an_allowed_origin_asks_before_it_calls() {
    let app = open_to_the_page().await;
    let told = asking(&app, PAGE, "/organisations/x", "PATCH").send().await.expect(204);
    assert_eq!(told.header("Access-Control-Allow-Origin"), PAGE);
    assert_eq!(told.header("Access-Control-Allow-Methods"), told.header("Allow"));
    assert!(told.header("Access-Control-Allow-Methods").contains("PATCH"));
    assert!(!told.header("Access-Control-Allow-Methods").contains("PUT"));
    for name in ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "traceparent"] {
        assert!(told.header("Access-Control-Allow-Headers").contains(name), "{name}");
    }
    assert_eq!(told.header("Access-Control-Max-Age"), "7200");
    assert_eq!(told.header("Access-Control-Allow-Credentials"), "");
    assert_eq!(told.header("X-Content-Type-Options"), "nosniff");
    assert!(told.header("Vary").contains("Origin") && told.header("Vary").contains("Accept-Language"));
    asking(&app, PAGE, "/nothing", "GET").send().await.expect_problem(404, "not-found");
}

fn call<'a>(client: &Client<'a>, path: &str) -> Draft<'a> {
    client.request("GET", path).header("Origin", PAGE)
}

#[actix_web::test]
async fn a_page_reads_answers_and_refusals_alike() {
    let app = open_to_the_page().await;
    let read = |answer: Response| {
        assert_eq!(answer.header("Access-Control-Allow-Origin"), PAGE);
        assert_eq!(answer.header("Access-Control-Allow-Credentials"), "");
        assert!(answer.header("Vary").contains("Origin"));
        answer.header("Access-Control-Expose-Headers").to_owned()
    };
    read(call(&app.officer(), "/projects").send().await.expect(200));
    let exposed = read(call(&app.anonymous(), "/me").send().await.expect_problem(401, "unauthenticated"));
    // Browsers show this one of the documented ones unasked.
    let documented = document()["components"]["headers"].as_object().expect("headers").keys();
    for name in documented.filter(|name| *name != "Content-Language") {
        assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}");
    }
    read(call(&app.officer(), "/projects?page=x").send().await.expect_problem(400, "invalid-parameter"));
    read(call(&app.officer(), "/nothing").send().await.expect_problem(404, "not-found"));
    let anyone = || call(&app.anonymous(), "/strategies");
    while remaining(&anyone().send().await) > 0 {}
    read(anyone().send().await.expect_problem(429, "too-many-requests"));
}

#[actix_web::test]
pub(crate) async fn other_pages_get_the_same_answers_and_may_not_read_them() {
    let app = open_to_the_page().await;
    for origin in [
        "https://evil.example",
        "http://karta.example.se",
        "https://karta.example.se:8443",
        "https://x.karta.example.se",
        "https://karta.example.se.evil.example",
        "https://KARTA.example.se",
        "null",
        "",
    ] {
        let told = asking(&app, origin, "/projects", "POST").send().await.expect(204);
        let read = app.officer().request("GET", "/projects").header("Origin", origin).send().await.expect(200);
        for answer in [told, read] {
            for name in ["Allow-Origin", "Allow-Methods", "Allow-Headers", "Expose-Headers", "Max-Age"] {
                assert_eq!(answer.header(&format!("Access-Control-{name}")), "", "{origin}");
            }
            assert!(answer.header("Vary").contains("Origin"));
        }
    }
    let closed = TestApp::new().await;
    let told = asking(&closed, PAGE, "/projects", "POST").send().await.expect(204);
    assert_eq!(told.header("Access-Control-Allow-Origin"), "");
}

#[test]
fn settings_that_mean_nothing_are_refused_at_the_start() {
    for (name, value, reason) in [
        ("SAMSYN_RATE_LIMIT", "0", "zero"),
        ("SAMSYN_RATE_LIMIT", "many", "invalid digit"),
        ("SAMSYN_ALLOWED_ORIGINS", "*", "* is no origin like https://example.se"),
        ("SAMSYN_ALLOWED_ORIGINS", "https://a.se,https://b.se/kartor", "which would be https://b.se"),
        ("SAMSYN_ALLOWED_HOSTS", "example.se:8080", "example.se:8080 is no host name; a port is left out"),
        ("SAMSYN_PUBLIC_URL", "example.se", "example.se is no origin like https://example.se"),
        ("SAMSYN_TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/33 is neither an address nor a network"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_samsyn")).arg("openapi").env(name, value).output();
        let output = output.expect("the program");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(reason), "{name}={value}: {told}");
    }
}
