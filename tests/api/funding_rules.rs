//! Worked examples of the published funding rules, each through the funding check.

use serde_json::{Value, json};

use crate::projects::idea;
use crate::status::take;
use crate::support::{Client, Response, TestApp};

fn sek(amount: &str) -> Value {
    json!({"amount": amount, "currency": "SEK"})
}

fn line(source: &str, kind: &str, amount: &str) -> Value {
    json!({"source": source, "kind": kind, "commitment": "planned", "amount": sek(amount)})
}

fn staff(amount: &str) -> Value {
    json!({"type": "staff", "amount": sek(amount), "eligible": true})
}

fn plan(costs: Value, lines: Value) -> Value {
    let mut project = idea("Pengar");
    project["kind"] = json!("implementation");
    project["costs"] = costs;
    project["fundingLines"] = lines;
    project
}

async fn checked(client: &Client<'_>, project: Value) -> Response {
    let project = client.register(project).await;
    client.get(&format!("{}/funding-check", project.location())).await.expect(200)
}

/// Outcomes of the rules of a kind.
fn outcomes(check: &Response, kind: &str) -> Vec<String> {
    let rules = check.body["rules"].as_array().cloned().unwrap_or_default();
    let of_kind = rules.iter().filter(|finding| finding["rule"]["rule"] == kind);
    of_kind.map(|finding| finding["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}

/// ERUF Övre Norrland 2014–2020 pays at most 50 per cent of the costs (eufonder.se, Övre Norrland).
#[actix_web::test]
async fn eruf_pays_at_most_half_of_the_eligible_cost_to_the_ore() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let ineligible = json!({"type": "other", "amount": sek("500000.00"), "eligible": false});
    for (grant, held) in [("500000.00", true), ("500000.01", false)] {
        let lines = json!([
            line("eruf-ovre-norrland-2014-2020", "publicCash", grant),
            line("norsjo-kommun", "publicCash", "400000.00")
        ]);
        let check = checked(&officer, plan(json!([staff("1000000.00"), ineligible]), lines)).await;
        assert_eq!(check.body["held"], held);
        let finding = &check.body["rules"][0];
        assert_eq!((&finding["limit"], &finding["actual"]), (&sek("500000.00"), &sek(grant)));
        assert_eq!(finding["basis"], sek("1000000.00"), "only eligible costs count");
        assert!(finding["rule"]["reference"]["url"].is_string());
    }
}

/// Appropriation 1:1 stands for at most half, counted over all who decide on it (Region Västerbotten, projektmedel).
#[actix_web::test]
async fn the_one_to_one_cap_counts_all_its_financiers_together() {
    let app = TestApp::new().await;
    let officer = app.officer();
    for (national, held) in [("200000.00", true), ("200000.01", false)] {
        let lines = json!([
            line("region-vasterbotten-1-1", "publicCash", "300000.00"),
            line("tillvaxtverket-nationella-projektmedel", "publicCash", national),
            line("norsjo-kommun", "publicCash", "400000.00")
        ]);
        let check = checked(&officer, plan(json!([staff("1000000.00")]), lines)).await;
        let shared: Vec<&Value> = check.body["rules"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|finding| finding["rule"]["appropriation"] == "1:1")
            .collect();
        assert_eq!(shared.len(), 1, "the shared cap is tried once");
        assert_eq!(shared[0]["fundingLines"].as_array().map(Vec::len), Some(2));
        assert_eq!(check.body["held"], held, "{:#}", check.body);
    }
}

/// A shared cap that has changed over time, or that depends on the purpose: the variant that is for the project holds.
#[actix_web::test]
async fn a_variant_of_a_shared_cap_that_is_not_for_the_project_hides_no_other() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let cap = |member: &str, value: &str| {
        json!({"rule": "maxShare", "percent": 50, "basis": "eligibleCost", "appropriation": "9:9", member: value,
               "reference": {"title": "Regleringsbrev"}})
    };
    for (code, rules) in [
        ("ramen-forr", json!([cap("validTo", "2020-12-31")])),
        ("ramen-nu", json!([cap("validFrom", "2021-01-01")])),
        ("ramen-syfte", json!([cap("purpose", "mainlyCommercial"), cap("purpose", "publicBenefit")])),
    ] {
        let source = json!({"code": code, "name": {"sv": code, "en": code}, "type": "national", "appropriation": "9:9",
                            "rules": rules});
        administrator.post("/funding-sources", source).await.expect(201);
    }
    let with = async |lines: Value, purpose: Option<&str>| {
        let mut project = plan(json!([staff("1000.00")]), lines);
        project["startDate"] = json!("2022-01-01");
        if let Some(purpose) = purpose {
            project["purpose"] = json!(purpose);
        }
        checked(&officer, project).await
    };
    let lines = json!([line("ramen-forr", "publicCash", "300.00"), line("ramen-nu", "publicCash", "600.00")]);
    let check = with(lines, None).await;
    assert_eq!(outcomes(&check, "maxShare"), ["broken"]);
    assert_eq!(check.body["rules"][0]["actual"], sek("900.00"));
    let lines = json!([line("ramen-syfte", "publicCash", "600.00")]);
    assert_eq!(outcomes(&with(lines.clone(), Some("publicBenefit")).await, "maxShare"), ["broken"]);
    assert_eq!(outcomes(&with(lines, None).await, "maxShare"), ["unknown", "unknown"]);
    let lines = json!([line("ramen-syfte", "publicCash", "300.00"), line("ramen-nu", "publicCash", "600.00")]);
    assert_eq!(with(lines, None).await.body["held"], false, "what is uncertain hides nothing that is certain");
}

/// Leader Skellefteå Älvdal 2023–2027: 40–70 per cent to mainly commercial projects, 40–100 to those of public benefit.
#[actix_web::test]
async fn leader_has_a_lowest_and_a_highest_share_by_purpose() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let with = async |grant: &str, purpose: Option<&str>, start: Option<&str>| {
        let mut project =
            plan(json!([staff("100000.00")]), json!([line("leader-skelleftea-alvdal", "publicCash", grant)]));
        if let Some(purpose) = purpose {
            project["purpose"] = json!(purpose);
        }
        if let Some(start) = start {
            project["startDate"] = json!(start);
        }
        checked(&officer, project).await
    };
    let commercial = Some("mainlyCommercial");
    for (grant, purpose, held) in [
        ("39999.99", commercial, false),
        ("40000.00", commercial, true),
        ("70000.00", commercial, true),
        ("70000.01", commercial, false),
        ("100000.00", Some("publicBenefit"), true),
        ("39999.99", Some("publicBenefit"), false),
    ] {
        let check = with(grant, purpose, Some("2024-01-01")).await;
        assert_eq!(check.body["held"], held, "{grant} {purpose:?}: {:#}", check.body["rules"]);
    }
    let unknown = with("80000.00", None, Some("2024-01-01")).await;
    assert_eq!(outcomes(&unknown, "maxShare"), ["unknown", "unknown"], "the purpose decides and is not known");
    // Its caps of 2014–2020: 1,200,000 for an implementation project, at least 22,000.
    let earlier = with("21999.99", commercial, Some("2016-01-01")).await;
    assert_eq!(outcomes(&earlier, "minGrant"), ["broken"]);
    assert_eq!(outcomes(&earlier, "maxGrant"), ["held"]);
    assert!(outcomes(&earlier, "maxShare").is_empty(), "the shares came later");
}

/// Own work is both a cost and a funding line; one financier with cash and in-kind is two lines (Tillväxtverket, handbok).
#[actix_web::test]
async fn in_kind_is_cost_and_funding_and_one_financier_may_have_two_lines() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let own_work = json!({"type": "ownWork", "amount": sek("200000.00"), "eligible": true});
    let mut cash = line("norsjo-kommun", "publicCash", "300000.00");
    cash["year"] = json!(2016);
    let mut work = line("norsjo-kommun", "publicInKind", "200000.00");
    work["year"] = json!(2017);
    let eruf = line("eruf-ovre-norrland-2014-2020", "publicCash", "500000.00");
    let check = checked(&officer, plan(json!([staff("800000.00"), own_work]), json!([eruf, cash, work]))).await;
    assert_eq!(check.body["held"], true);
    let totals = &check.body["totals"];
    assert_eq!(totals["gap"], sek("0.00"));
    assert_eq!(totals["fundingByKind"]["publicInKind"], sek("200000.00"));
    assert_eq!(totals["fundingByLevel"]["municipal"], sek("500000.00"));
    assert_eq!(
        check.body["ownPart"],
        json!([{"year": 2016, "cash": sek("300000.00"), "inKind": sek("0.00"), "unknownAmounts": 0},
               {"year": 2017, "cash": sek("0.00"), "inKind": sek("200000.00"), "unknownAmounts": 0}])
    );
}

#[actix_web::test]
async fn the_municipality_is_known_by_its_name_whatever_the_source() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut named = line("other-public", "publicCash", "10.00");
    named["financier"] = json!({"name": "Norsjö kommun", "sector": "public"});
    let mut other = line("norsjo-kommun", "publicCash", "7.00");
    other["financier"] = json!({"name": "Malå kommun", "sector": "public"});
    let check = checked(&officer, plan(json!([staff("100.00")]), json!([named, other]))).await;
    let own = json!([{"cash": sek("10.00"), "inKind": sek("0.00"), "unknownAmounts": 0}]);
    assert_eq!(check.body["ownPart"], own);
}

#[actix_web::test]
async fn an_unknown_own_part_is_not_nothing() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut euro = line("norsjo-kommun", "publicCash", "10.00");
    euro["amount"]["currency"] = json!("EUR");
    let unknown = |kind: &str| json!({"source": "norsjo-kommun", "kind": kind, "commitment": "planned"});
    let lines = json!([euro, unknown("publicInKind")]);
    let check = checked(&officer, plan(json!([staff("100.00")]), lines)).await;
    assert_eq!(check.body["ownPart"], json!([{"unknownAmounts": 2}]));
    let lines = json!([line("norsjo-kommun", "publicCash", "7.00"), unknown("publicCash")]);
    let check = checked(&officer, plan(json!([staff("100.00")]), lines)).await;
    let own = json!([{"cash": sek("7.00"), "inKind": sek("0.00"), "unknownAmounts": 1}]);
    assert_eq!(check.body["ownPart"], own, "as far as known");
}

/// Revenues lower what needs funding (Tillväxtverket, planera er finansieringsbudget).
#[actix_web::test]
async fn revenues_lower_what_needs_funding() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let mut project = plan(json!([staff("1000.00")]), json!([line("norsjo-kommun", "publicCash", "800.00")]));
    project["revenues"] = json!([{"description": "Deltagaravgifter", "amount": sek("200.00")}]);
    let check = checked(&officer, project.clone()).await;
    assert_eq!(check.body["totals"]["gap"], sek("0.00"));
    project["revenues"][0]["amount"] = sek("200.01");
    let over = officer.register(project).await;
    let readiness = officer.get(&format!("{}/readiness", over.location())).await.expect(200);
    let found = readiness.body["findings"].as_array().into_iter().flatten();
    let found: Vec<_> = found.filter(|finding| finding["rule"] == "funding-above-cost").collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["numbers"]["gap"], "-0.01");
}

/// The rate is the call's: 40 per cent in most of ERUF 2021–2027's, 50 in the one on circular economy.
#[actix_web::test]
async fn a_calls_rate_holds_instead_of_its_sources() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let calls = officer.get("/calls?fundingSource=eruf-ovre-norrland-2021-2027&limit=100").await.body;
    let of_rate = |rate: i64| {
        let calls = calls["calls"].as_array().expect("calls");
        calls.iter().find(|call| call["rules"][0]["percent"] == rate).expect("a call")["id"].clone()
    };
    let source = "eruf-ovre-norrland-2021-2027";
    let path = format!("/funding-sources/{source}");
    let own = json!({"rules": [{"rule": "maxShare", "percent": 45, "basis": "totalCost",
                                "reference": {"title": "Källans egen regel"}}]});
    let before = administrator.get(&path).await;
    administrator.change("PATCH", &path, before.etag(), own).await.expect(200);
    for (rate, amount, held) in
        [(40, "400.00", true), (40, "400.01", false), (50, "500.00", true), (0, "450.00", true), (0, "450.01", false)]
    {
        let mut line = line(source, "publicCash", amount);
        if rate > 0 {
            line["call"] = of_rate(rate);
        }
        let check = checked(&officer, plan(json!([staff("1000.00")]), json!([line]))).await;
        assert_eq!(check.body["held"], held, "{rate} {amount}");
        assert_eq!(outcomes(&check, "maxShare").len(), 1, "the call's or the source's, not both");
        assert_eq!(check.body["rules"][0].get("call").is_some(), rate > 0);
    }
    let call = format!("/calls/{}", of_rate(40).as_str().unwrap_or_default());
    let before = administrator.get(&call).await;
    let moved = json!({"fundingSource": "norsjo-kommun"});
    administrator.change("PATCH", &call, before.etag(), moved.clone()).await.expect_problem(409, "conflict");
    let noted = json!({"note": {"sv": "Ny not.", "en": "A new note."}});
    administrator.change("PATCH", &call, before.etag(), noted).await.expect(200);
    let new = json!({"fundingSource": source, "title": {"sv": "Ny", "en": "New"}});
    let unused = administrator.post("/calls", new).await.expect(201);
    administrator.change("PATCH", unused.location(), unused.etag(), moved).await.expect(200);
    let mut wrong = line("norsjo-kommun", "publicCash", "1.00");
    wrong["call"] = of_rate(40);
    let refused = officer.post("/projects", plan(json!([]), json!([wrong]))).await;
    refused.expect_problem(422, "validation-error").expect_fault("/fundingLines/0/call", "unknown-call");
}

#[actix_web::test]
async fn a_source_may_allow_some_kinds_alone() {
    let app = TestApp::new().await;
    let (officer, administrator) = (app.officer(), app.administrator());
    let source = json!({"code": "kontant", "name": {"sv": "Kontant", "en": "Cash only"}, "type": "eu", "rules": [
        {"rule": "allowedKinds", "kinds": ["publicCash"], "reference": {"title": "Programmets handbok"}}]});
    administrator.post("/funding-sources", source).await.expect(201);
    for (kind, outcome) in [("publicCash", "held"), ("publicInKind", "broken")] {
        let check = checked(&officer, plan(json!([staff("9.00")]), json!([line("kontant", kind, "1.00")]))).await;
        assert_eq!(outcomes(&check, "allowedKinds"), [outcome]);
    }
}

/// A project whose costs are all ineligible has an eligible cost, and it is nothing; what is not known is told as such.
#[actix_web::test]
async fn an_eligible_cost_of_nothing_is_known() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let eruf = json!([line("eruf-ovre-norrland-2014-2020", "publicCash", "900.00")]);
    let ineligible = json!({"type": "other", "amount": sek("1000.00"), "eligible": false});
    let mut project = crate::projects::terminal();
    project["costs"] = json!([ineligible]);
    project["fundingLines"] = eruf.clone();
    let project = officer.register(project).await;
    assert_eq!(project.body["totals"]["eligibleCost"], sek("0.00"));
    let check = officer.get(&format!("{}/funding-check", project.location())).await.expect(200);
    assert_eq!(outcomes(&check, "maxShare"), ["broken"]);
    assert_eq!((&check.body["rules"][0]["limit"], &check.body["rules"][0]["basis"]), (&sek("0.00"), &sek("0.00")));
    let path = format!("{}/status-changes", project.location());
    let stopped = officer.change("POST", &path, project.etag(), json!({"status": "submitted"})).await;
    stopped.expect(422).expect_fault("/fundingLines", "funding-max-share");

    let unknown_ineligible = json!({"type": "travel", "eligible": false});
    for (costs, outcome) in [
        (json!([ineligible, unknown_ineligible]), "broken"),
        (json!([staff("1000.00"), unknown_ineligible]), "broken"),
        (json!([ineligible, {"type": "travel", "eligible": true}]), "unknown"),
        (json!([]), "unknown"),
    ] {
        let check = checked(&officer, plan(costs.clone(), eruf.clone())).await;
        assert_eq!(outcomes(&check, "maxShare"), [outcome], "{costs}");
    }
}

#[actix_web::test]
async fn what_is_unknown_is_told_as_unknown_and_a_broken_rule_stops_submission() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let eruf = || line("eruf-ovre-norrland-2014-2020", "publicCash", "600.00");
    let unknown_cost = json!([staff("1000.00"), {"type": "travel", "eligible": true}]);
    let check = checked(&officer, plan(unknown_cost, json!([eruf()]))).await;
    assert_eq!(outcomes(&check, "maxShare"), ["unknown"]);
    let mut euro = eruf();
    euro["amount"] = json!({"amount": "10.00", "currency": "EUR"});
    let check = checked(&officer, plan(json!([staff("1000.00")]), json!([euro]))).await;
    assert_eq!(outcomes(&check, "maxShare"), ["unknown"], "no kronor are made up");
    let mut refused = eruf();
    refused["commitment"] = json!("refused");
    let check = checked(&officer, plan(json!([staff("1000.00")]), json!([refused]))).await;
    assert_eq!(check.body["rules"], json!([]), "a refused line counts as nothing");

    let mut project = crate::projects::terminal();
    project["fundingLines"] = json!([line("eruf-ovre-norrland-2014-2020", "publicCash", "9461750.01")]);
    let project = officer.register(project).await;
    let path = format!("{}/status-changes", project.location());
    let stopped = officer.change("POST", &path, project.etag(), json!({"status": "submitted"})).await;
    let stopped = stopped.expect(422).expect_fault("/fundingLines", "funding-max-share");
    let faults = stopped.body["invalidParameters"].as_array().cloned().unwrap_or_default();
    let fault = faults.iter().find(|fault| fault["code"] == "funding-max-share").cloned().unwrap_or_default();
    let numbers = json!({"actual": "9461750.01", "limit": "9461750.00", "basis": "18923500.00", "percent": "50"});
    assert_eq!(fault["numbers"], numbers);
    let line = project.body["fundingLines"][0]["id"].as_str().unwrap_or_default();
    let line = format!("{}/funding-lines/{line}", project.location());
    let half = json!({"amount": sek("9461750.00")});
    officer.change("PATCH", &line, project.etag(), half).await.expect(200);
    take(&officer, project.location(), &["submitted"]).await;
}

/// Source, rule, its figure, what the project must be, then an amount that keeps it and one that breaks it; of a cost of five
/// million. Each stands for what the source publishes (see its `reference` in seeds/funding-sources).
const SEEDED: [(&str, &str, &str, &str, &str, &str); 16] = [
    ("bygdemedel-vasterbotten", "maxShare", "90", "", "4500000.00", "4500000.01"),
    ("eruf-ovre-norrland-2014-2020", "maxShare", "50", "", "2500000.00", "2500000.01"),
    ("interreg-botnia-atlantica-2014-2020", "maxShare", "60", "", "3000000.00", "3000000.01"),
    ("interreg-nord-2014-2020", "maxShare", "65", "", "3250000.00", "3250000.01"),
    ("klimatklivet", "maxShare", "70", "", "3500000.00", "3500000.01"),
    ("lanstransportplan-vasterbotten", "maxShare", "70", "", "3500000.00", "3500000.01"),
    ("leader-skelleftea-alvdal", "maxGrant", "1200000.00", "2016 implementation", "1200000.00", "1200000.01"),
    ("leader-skelleftea-alvdal", "maxGrant", "100000.00", "2016 preStudy", "100000.00", "100000.01"),
    ("leader-skelleftea-alvdal", "minGrant", "22000.00", "2016", "22000.00", "21999.99"),
    ("leader-skelleftea-alvdal", "maxShare", "100", "2024 publicBenefit", "5000000.00", "5000000.01"),
    ("leader-skelleftea-alvdal", "maxShare", "70", "2024 mainlyCommercial", "3500000.00", "3500000.01"),
    ("leader-skelleftea-alvdal", "minShare", "40", "2024", "2000000.00", "1999999.99"),
    ("nationella-regionalfondsprogrammet-2014-2020", "maxShare", "50", "", "2500000.00", "2500000.01"),
    ("norra-periferin-och-arktis", "maxShare", "65", "", "3250000.00", "3250000.01"),
    ("region-vasterbotten-1-1", "maxShare", "50", "1:1", "2500000.00", "2500000.01"),
    ("tillvaxtverket-nationella-projektmedel", "maxShare", "50", "", "2500000.00", "2500000.01"),
];

#[actix_web::test]
async fn every_seeded_rule_has_its_worked_example() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let figure = |rule: &Value| {
        rule["percent"].as_i64().map_or_else(
            || rule["amount"]["amount"].as_str().unwrap_or_default().to_owned(),
            |percent| percent.to_string(),
        )
    };
    let sources = officer.get("/funding-sources?limit=100").await.expect(200);
    for source in sources.body["fundingSources"].as_array().into_iter().flatten() {
        for rule in source["rules"].as_array().into_iter().flatten() {
            // The shared cap stands on each of its sources.
            let is_known = rule["appropriation"] == "1:1"
                || SEEDED.iter().any(|(code, kind, number, ..)| {
                    source["code"] == *code && rule["rule"] == *kind && figure(rule) == *number
                });
            assert!(is_known, "no example of {rule} of {}", source["code"]);
        }
    }
    for (code, kind, number, conditions, keeps, breaks) in SEEDED {
        for (amount, outcome) in [(keeps, "held"), (breaks, "broken")] {
            let mut project = plan(json!([staff("5000000.00")]), json!([line(code, "publicCash", amount)]));
            for condition in conditions.split(' ') {
                match condition {
                    "implementation" | "preStudy" => project["kind"] = json!(condition),
                    "publicBenefit" | "mainlyCommercial" => project["purpose"] = json!(condition),
                    "2016" | "2024" => project["startDate"] = json!(format!("{condition}-01-01")),
                    _ => {}
                }
            }
            let check = checked(&officer, project).await;
            let findings = check.body["rules"].as_array().into_iter().flatten();
            let found: Vec<&Value> = findings
                .filter(|finding| finding["rule"]["rule"] == kind && figure(&finding["rule"]) == number)
                .filter(|finding| (finding["rule"].get("appropriation").is_some()) == (conditions == "1:1"))
                .collect();
            assert_eq!(found.len(), 1, "{code} {kind} {number}");
            assert_eq!(found[0]["outcome"], outcome, "{code} {kind} {number}: {amount}");
            assert!(found[0]["rule"]["reference"]["title"].is_string());
        }
    }
}
