//! HYP, FNS, CAC and WEB: links, lists, caches, webhooks.

use samsyn::http::BASE_PATH;
use serde_json::Value;

use super::{
    Deviates, Held, Operated, Requirement, Shall, ShallNot, Should, answers, document, is_camel_case, links,
    operations, parameters, walk,
};
use crate::support::{PUBLIC_URL, Response, TestApp};

pub(super) const HYPERMEDIA: &[Requirement] = &[
    (
        "HYP.01",
        Shall,
        "länkar, relationer och svarsformat är dokumenterade",
        Held(test!(hyp_01_relations_are_explained)),
    ),
    ("HYP.02", ShallNot, "GET ändrar något", Held(test!(hyp_02_reading_changes_nothing))),
    (
        "HYP.03",
        Should,
        "`_links` visar vad som kan göras härnäst",
        Held(test!(crate::projects::links_show_what_the_caller_may_do_now)),
    ),
    (
        "HYP.04",
        Should,
        "länkar till det som hör ihop, som leder rätt",
        Held(test!(hyp_04_every_link_to_read_leads_to_something)),
    ),
    (
        "HYP.05",
        Shall,
        "`self` i svaret",
        Deviates(
            "ett intygs `record` är ordagrant den text som dess kontrollsumma är räknad på; dess `self` står i intyget som `record`.",
            Some(test!(hyp_05_every_representation_knows_its_own_address)),
        ),
    ),
    (
        "HYP.06",
        Should,
        "en befintlig standard, som HAL",
        Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method)),
    ),
    ("HYP.07", Should, "absoluta adresser", Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method))),
    (
        "HYP.08",
        Shall,
        "en gateway för vidare basadressen i `Forwarded`",
        Operated("proxyn; Samsyn behöver den inte, eftersom basadressen är en inställning (HYP.10)"),
    ),
    (
        "HYP.09",
        Shall,
        "`Forwarded` enligt RFC 7239",
        Operated("proxyn; anroparens adress läses ur den, och bara från dem som `SAMSYN_TRUSTED_PROXIES` namnger"),
    ),
    ("HYP.10", Should, "annars en egen absolut basadress", Held(test!(hyp_14_links_have_the_services_own_name))),
    (
        "HYP.11",
        Shall,
        "länkobjekt enligt Link Description Object",
        Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method)),
    ),
    ("HYP.12", Shall, "`href` finns", Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method))),
    ("HYP.13", Shall, "`href` är en adress", Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method))),
    (
        "HYP.14",
        Shall,
        "`href` är absolut, med den värd som begäran gällde",
        Deviates(
            "länkar har alltid tjänstens publika namn (`SAMSYN_PUBLIC_URL`), också när begäran kom till ett av dess andra namn: \
             en värd som anroparen hittar på ska inte stå i svaret eller i en cache.",
            Some(test!(hyp_14_links_have_the_services_own_name)),
        ),
    ),
    ("HYP.15", Shall, "`rel` finns", Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method))),
    ("HYP.16", Shall, "`method` finns", Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method))),
    (
        "HYP.17",
        Shall,
        "`method` finns också för GET",
        Held(test!(hyp_11_links_are_absolute_addresses_with_relation_and_method)),
    ),
    ("HYP.18", Shall, "relationer säger något", Held(test!(hyp_19_relations_are_ianas_or_what_they_lead_to))),
    ("HYP.19", Shall, "IANA:s relation där det finns en", Held(test!(hyp_19_relations_are_ianas_or_what_they_lead_to))),
];

pub(super) const LISTS: &[Requirement] = &[
    ("FNS.01", Shall, "parametrar namnges enhetligt", Held(test!(fns_01_parameters_are_optional_and_in_camel_case))),
    ("FNS.02", Shall, "värden är procentkodad UTF-8", Held(test!(fns_02_values_are_percent_encoded_utf_8))),
    ("FNS.03", Shall, "namn börjar med en bokstav", Held(test!(fns_01_parameters_are_optional_and_in_camel_case))),
    ("FNS.05", Should, "sökparametrar är frivilliga", Held(test!(fns_01_parameters_are_optional_and_in_camel_case))),
    ("FNS.06", Should, "namn som en adress kan ha", Held(test!(fns_01_parameters_are_optional_and_in_camel_case))),
    (
        "FNS.07",
        Shall,
        "sidor med `limit` och `page` eller `offset`",
        Deviates(
            "ändringsflödet `/changes` följs med `after` och `limit`: sidor räknade från början flyttar sig när något nytt händer.",
            Some(test!(fns_07_lists_have_pages_and_only_the_feed_has_not)),
        ),
    ),
    ("FNS.08", Shall, "första sidan är 1", Held(test!(fns_07_lists_have_pages_and_only_the_feed_has_not))),
    (
        "FNS.09",
        Should,
        "`limit` är 20 om inget sägs",
        Deviates(
            "ändringsflödet ger 100, eftersom det följs av program som ska hinna ikapp.",
            Some(test!(fns_07_lists_have_pages_and_only_the_feed_has_not)),
        ),
    ),
    ("FNS.10", Should, "`_meta` och `_links` i sidade svar", Held(test!(fns_13_a_page_says_where_it_is_of_how_many))),
    (
        "FNS.11",
        Should,
        "self, first, last, next och prev",
        Held(test!(fns_12_pages_lead_to_each_other_with_the_same_question)),
    ),
    (
        "FNS.12",
        Shall,
        "länkarna har frågans övriga parametrar",
        Held(test!(fns_12_pages_lead_to_each_other_with_the_same_question)),
    ),
    (
        "FNS.13",
        Should,
        "antal poster, sida, gräns och antal på sidan",
        Held(test!(fns_13_a_page_says_where_it_is_of_how_many)),
    ),
    ("FNS.14", Should, "en sida utanför listan är tom, med 200", Held(test!(fns_14_a_page_outside_is_empty))),
];

pub(super) const CACHING: &[Requirement] =
    &[("CAC.01", Should, "GET kan cachas", Held(test!(cac_01_what_is_read_need_not_be_sent_again)))];

pub(super) const WEBHOOKS: &[Requirement] = &[
    (
        "WEB.01",
        Shall,
        "känsliga händelser signeras eller krypteras",
        Held(test!(crate::deliveries::what_happens_is_told_in_order_signed_and_once)),
    ),
    (
        "WEB.02",
        Should,
        "händelser har ett id",
        Held(test!(crate::deliveries::what_happens_is_told_in_order_signed_and_once)),
    ),
    (
        "WEB.03",
        Should,
        "mottagaren svarar",
        Held(test!(crate::deliveries::answers_that_are_none_are_told_apart_and_none_is_followed_or_kept)),
    ),
    (
        "WEB.04",
        Should,
        "det som inte kom fram skickas igen",
        Held(test!(
            crate::deliveries::what_does_not_arrive_is_tried_later_and_later_in_order_until_the_subscription_stops
        )),
    ),
    (
        "WEB.05",
        Should,
        "det går att börja och sluta prenumerera",
        Held(test!(crate::webhooks::everybody_sees_to_their_own_and_administrators_to_all)),
    ),
    (
        "WEB.06",
        Should,
        "hänsyn till vad det kostar mottagaren",
        Held(test!(crate::deliveries::kinds_and_filter_choose_what_is_told)),
    ),
];

/// Relations of IANA's register that are used, and those that two or more of our own resources share.
const IANA: [&str; 11] =
    ["self", "collection", "item", "edit", "first", "last", "next", "prev", "service-desc", "service-doc", "up"];

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// Every list that stands by itself, as an administrator of the demonstration's registry sees it.
fn lists() -> impl Iterator<Item = String> {
    let is_list = |operation: &'static Value| parameters(operation, "query").any(|(name, _)| name == "page");
    operations().into_iter().filter(move |row| is_list(row.2) && !row.1.contains('{')).map(|(_, path, _)| path)
}

fn count(answer: &Response, member: &str) -> i64 {
    answer.body["_meta"][member].as_i64().unwrap_or(-1)
}

#[test]
fn hyp_01_relations_are_explained() {
    let description = document()["info"]["description"].as_str().unwrap_or_default();
    for relation in ["_links", "`self`", "`collection`", "`edit`", "`first`", "`last`", "`next`", "`prev`"] {
        assert!(description.contains(relation), "{relation}");
    }
}

#[actix_web::test]
async fn hyp_02_reading_changes_nothing() {
    let app = TestApp::with_demonstration().await;
    let before = app.database.counts();
    walk(&app.administrator()).await;
    assert_eq!(app.database.counts(), before);
}

#[actix_web::test]
async fn hyp_04_every_link_to_read_leads_to_something() {
    let app = TestApp::with_demonstration().await;
    for (path, answer) in walk(&app.administrator()).await {
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}

#[actix_web::test]
async fn hyp_05_every_representation_knows_its_own_address() {
    let app = TestApp::with_demonstration().await;
    for (path, answer) in walk(&app.administrator()).await {
        if path.ends_with("/record") {
            continue;
        }
        let address = format!("{PUBLIC_URL}{BASE_PATH}{}", path.split('?').next().unwrap_or_default());
        let own = text(&answer.body["_links"]["self"], "href");
        assert_eq!(own.split('?').next(), Some(address.as_str()), "{path}");
        assert!(!own.contains('?') || answer.body.get("_meta").is_some() || path.contains('?'), "{path}: {own}");
    }
}

#[actix_web::test]
async fn hyp_11_links_are_absolute_addresses_with_relation_and_method() {
    let app = TestApp::with_demonstration().await;
    let mut number = 0;
    for (path, answer) in walk(&app.administrator()).await {
        for link in links(&answer.body) {
            let href = text(&link, "href");
            assert!(
                href.starts_with(&format!("{PUBLIC_URL}/")) && href.parse::<actix_web::http::Uri>().is_ok(),
                "{path}: {link}"
            );
            assert!(!text(&link, "rel").is_empty(), "{path}: {link}");
            assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&text(&link, "method")), "{path}: {link}");
            number += 1;
        }
    }
    assert!(number > 300, "{number}");
}

#[actix_web::test]
async fn hyp_14_links_have_the_services_own_name() {
    let app = TestApp::with(|config| config.allowed_hosts = vec!["inne.example.se".to_owned()]).await;
    for host in ["samsyn.test", "inne.example.se"] {
        let request = app.anonymous().request("GET", "/strategies").header("Host", host);
        let answer = request.header("Forwarded", "host=evil.example;proto=http").send().await.expect(200);
        assert!(!answer.text().contains("evil.example") && !answer.text().contains("inne.example"), "{host}");
        assert!(text(&answer.body["_links"]["self"], "href").starts_with("https://samsyn.test/"), "{host}");
    }
    let strange = app.anonymous().request("GET", "/strategies").header("Host", "evil.example");
    strange.send().await.expect_problem(400, "wrong-host");
}

#[actix_web::test]
async fn hyp_19_relations_are_ianas_or_what_they_lead_to() {
    let app = TestApp::with_demonstration().await;
    for (path, answer) in walk(&app.administrator()).await {
        let own = answer.body["_links"].as_object().into_iter().flatten();
        for (name, link) in own {
            assert_eq!(name, text(link, "rel"), "{path}: the member is the relation");
            let words =
                name.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
            assert!(words && name.len() > 2 || IANA.contains(&name.as_str()), "{path}: {name}");
            for (other, ours) in [
                ("parent", "up"),
                ("previous", "prev"),
                ("list", "collection"),
                ("update", "edit"),
                ("docs", "service-doc"),
            ] {
                assert_ne!(name, other, "{path}: IANA has {ours}");
            }
        }
    }
}

#[test]
fn fns_01_parameters_are_optional_and_in_camel_case() {
    for (method, path, operation) in operations() {
        for (name, parameter) in parameters(operation, "query") {
            assert!(is_camel_case(name), "{method} {path}: {name}");
            assert_eq!(parameter["required"], false, "{method} {path}: {name}");
        }
    }
}

#[actix_web::test]
async fn fns_02_values_are_percent_encoded_utf_8() {
    let app = TestApp::with_demonstration().await;
    let total = async |query: &str| app.officer().get(&format!("/projects?q={query}")).await.expect(200).total();
    let found = total("norsj%C3%B6").await;
    assert!(found > 0);
    assert_eq!((total("norsj%c3%b6").await, total("%6eorsj%C3%B6").await), (found, found));
    app.officer().get("/projects?q=norsj%F6").await.expect_problem(400, "invalid-parameter");
}

#[test]
fn fns_07_lists_have_pages_and_only_the_feed_has_not() {
    for (_, path, operation) in operations() {
        let query = |wanted: &str| {
            parameters(operation, "query").find(|(name, _)| *name == wanted).map(|(_, it)| &it["schema"])
        };
        let is_feed = path == "/changes";
        assert_eq!(query("limit").is_some(), query("page").is_some() || is_feed, "{path}");
        if let Some(limit) = query("limit") {
            assert_eq!(limit["default"], if is_feed { 100 } else { 20 }, "{path}");
        }
        if let Some(page) = query("page") {
            assert_eq!(page["default"], 1, "{path}");
        }
    }
}

#[actix_web::test]
async fn fns_12_pages_lead_to_each_other_with_the_same_question() {
    let app = TestApp::with_demonstration().await;
    let officer = app.officer();
    let question = "status=completed&sort=-title&limit=3&q=norsj%C3%B6";
    let page = officer.get(&format!("/projects?{question}&page=2")).await.expect(200);
    for relation in ["self", "first", "last", "next", "prev"] {
        let href = text(&page.body["_links"][relation], "href");
        for part in question.split('&') {
            assert!(href.split(['?', '&']).any(|own| own == part), "{relation}: no {part} in {href}");
        }
        let path = href.strip_prefix(PUBLIC_URL).and_then(|path| path.strip_prefix(BASE_PATH)).unwrap_or_default();
        let there = officer.get(path).await.expect(200);
        let last = count(&page, "totalPages");
        let number = [("self", 2), ("first", 1), ("last", last), ("next", 3), ("prev", 1)]
            .into_iter()
            .find(|it| it.0 == relation);
        assert_eq!(Some(count(&there, "page")), number.map(|it| it.1), "{relation}");
        assert_eq!(count(&there, "totalRecords"), count(&page, "totalRecords"), "{relation}");
    }
}

#[actix_web::test]
async fn fns_13_a_page_says_where_it_is_of_how_many() {
    let app = TestApp::with_demonstration().await;
    for path in lists() {
        let page = app.administrator().get(&format!("{path}?limit=2")).await.expect(200);
        assert_eq!((count(&page, "page"), count(&page, "limit")), (1, 2), "{path}");
        let total = page.total();
        assert_eq!((count(&page, "count"), count(&page, "totalPages")), (total.min(2), (total + 1) / 2), "{path}");
        assert!(!text(&page.body["_links"]["first"], "href").is_empty(), "{path}");
    }
}

#[actix_web::test]
async fn fns_14_a_page_outside_is_empty() {
    let app = TestApp::with_demonstration().await;
    let mut number = 0;
    for path in lists() {
        let key = samsyn::http::document::list_key(&path);
        for outside in ["page=0", "page=100000"] {
            let page = app.administrator().get(&format!("{path}?{outside}")).await.expect(200);
            assert_eq!(page.body[&key], Value::Array(Vec::new()), "{path}?{outside}");
            assert_eq!(count(&page, "count"), 0, "{path}?{outside}");
        }
        for wrong in ["page=-1", "page=one", "page=1.5"] {
            app.administrator().get(&format!("{path}?{wrong}")).await.expect_problem(400, "invalid-parameter");
        }
        number += 1;
    }
    assert!(number > 8, "{number}");
}

#[actix_web::test]
async fn cac_01_what_is_read_need_not_be_sent_again() {
    for (method, path, operation) in operations() {
        let is_kept = answers(operation).any(|(status, _)| status == "304");
        assert_eq!(is_kept, method == "get" && !path.starts_with("/exports/"), "{method} {path}");
    }
    let app = TestApp::with_demonstration().await;
    let administrator = app.administrator();
    for (path, answer) in walk(&administrator).await {
        let kept = answer.header("Cache-Control");
        assert!(!kept.is_empty(), "{path}");
        let again = administrator.request("GET", &path).header("If-None-Match", answer.etag()).send().await;
        assert_eq!(
            again.status,
            if kept.contains("no-store") && answer.etag().is_empty() { 200 } else { 304 },
            "{path}"
        );
    }
}
