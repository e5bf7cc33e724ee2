//! The rules held against made-up rows of the two banks' shapes.

use serde_json::{Value, json};

use super::*;
use crate::import::told::Finding;
use crate::strategy::Municipality;

const OLD: &[(&str, &str)] = &[
    ("arende_id", "900001"),
    ("projektnamn_short", "Stigar i Bastuträskskogarna, en förstud"),
    ("stodmottagare_short", "Norsjö kommun"),
    ("projekt_starttid", "2010-09-08"),
    ("projekt_sluttid", "2012-01-31"),
    ("beviljat_belopp_sek", "250000"),
    ("beviljat_belopp_euro", "0"),
    ("projektnamn", "Stigar i Bastuträskskogarna"),
    ("projektbeskrivning", "Nya  stigar \u{13} och skyltar."),
    ("pagar_slut", "SLUT"),
    ("stodmottagare", "Norsjö kommun"),
    ("malprogram", "Mål 2 Regional konkurrenskraft och sysselsättning"),
    ("omrade", "Övre Norrland"),
    ("insatsomrade", "2 Tillgänglighet"),
    ("offentlig_finansiar", "300000"),
    ("lan_fordelning", "Västerbotten"),
    ("kommun_fordelning", "Norsjö, LillaEdet"),
    ("laddningsdatum", "2016-10-14 01:22:49"),
];

const NEW: &[(&str, &str)] = &[
    ("ärende-id", "90000002"),
    ("stödmottagare", "Umeå Universitet"),
    ("beviljat_belopp_sek", "1788190"),
    ("beviljat_belopp_eur", "0"),
    ("projektnamn", "Skogens data"),
    ("projektbeskrivning", "Mätning i skogen."),
    ("projekt_starttid", "2015-09-01"),
    ("projekt_sluttid", "2017-08-31"),
    ("län", "Västerbotten"),
    ("kommuner", "Norsjö"),
    ("uppdateringsdatum", "2016-10-14 01:17:38"),
    ("område", "Övre Norrland"),
    ("insatsområde", "Att öka konkurrenskraften hos SMF"),
    ("tematiskt_mål", "Att öka konkurrenskraften hos SMF, inom jordbruket (för Ejflu)"),
];

fn reference() -> Reference {
    let of = |code: &str, title: &str| Axis { code: code.to_owned(), title: title.to_owned() };
    let (old, new) = ("eruf-ovre-norrland-2007-2013", "eruf-ovre-norrland-2014-2020");
    let axes = [
        (old.to_owned(), vec![of("1", "Innovation och förnyelse"), of("2", "Tillgänglighet")]),
        (new.to_owned(), vec![of("3", "Att öka små och medelstora företags konkurrenskraft")]),
    ];
    let municipality = |code: &str, name: &str| Municipality {
        code: code.to_owned(),
        name: format!("{name} kommun"),
        short_name: name.to_owned(),
        county_code: code[..2].to_owned(),
    };
    let municipalities =
        [municipality("1462", "Lilla Edet"), municipality("2417", "Norsjö"), municipality("2518", "Övertorneå")];
    let sources = [old, new, "other-eu", "other-public", "nationella-regionalfondsprogrammet-2014-2020"];
    Reference::new(sources.map(str::to_owned), axes, &municipalities)
}

/// Reads a row with some cells put otherwise.
fn read(row: &[(&str, &str)], otherwise: &[(&str, &str)]) -> Reading {
    let header: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    assert!(otherwise.iter().all(|(name, _)| header.contains(name)), "{otherwise:?}");
    let put = |name: &str| otherwise.iter().find(|(other, _)| *other == name).map(|(_, cell)| *cell);
    let cells: Vec<&str> = row.iter().map(|(name, usual)| put(name).unwrap_or(usual)).collect();
    interpret(&Layout::of(&header).expect("a bank"), &cells, &reference())
}

fn source(reading: &Reading) -> &str {
    reading.project.as_ref().and_then(|project| project["fundingLines"][0]["source"].as_str()).expect("a source")
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

/// The project of a row that must be accepted.
fn project(row: &[(&str, &str)], otherwise: &[(&str, &str)]) -> Value {
    let reading = read(row, otherwise);
    assert_eq!(codes(&reading.faults), [""; 0], "{otherwise:?}");
    reading.project.expect("a project")
}

#[test]
fn a_row_of_2007_2013_becomes_a_project() {
    let expected = json!({
        "kind": "implementation", "title": "Stigar i Bastuträskskogarna", "summary": "Nya stigar – och skyltar.",
        "startDate": "2010-09-08", "endDate": "2012-01-31", "status": "completed",
        "registration": {
            "source": "Tillväxtverkets projektbank 2007–2013",
            "reason": "Projektet har beviljats EU-stöd och registreras i efterhand ur projektbanken, \
                så som den såg ut 2016-10-14.",
        },
        "municipalities": ["1462", "2417"], "places": [],
        "caseNumbers": [{"authority": "Tillväxtverket", "number": "900001"}],
        "stakeholders": [{
            "organisation": {"name": "Norsjö kommun", "sector": "public"},
            "roles": ["owner"], "interests": ["need"], "phases": [],
        }],
        "fundingLines": [
            {"source": "eruf-ovre-norrland-2007-2013", "priority": "2", "kind": "publicCash", "commitment": "granted",
             "amount": {"amount": "250000.00", "currency": "SEK"}, "caseNumber": "900001"},
            {"source": "other-public", "financier": "unnamedPublic", "kind": "publicCash", "commitment": "granted",
             "amount": {"amount": "300000.00", "currency": "SEK"}},
        ],
    });
    let reading = read(OLD, &[]);
    assert_eq!(reading.project, Some(expected));
    assert_eq!(codes(&reading.notes), ["text-repaired"]);
    assert_eq!(reading.notes[0].column.as_deref(), Some("projektbeskrivning"));
}

#[test]
fn a_row_of_2014_2020_becomes_a_project() {
    let reading = read(NEW, &[]);
    let project = reading.project.expect("a project");
    assert_eq!(project["status"], "ongoing");
    assert_eq!(project["registration"]["source"], "Tillväxtverkets projektbank 2014–2020");
    let line = json!({
        "source": "eruf-ovre-norrland-2014-2020", "priority": "3", "kind": "publicCash", "commitment": "granted",
        "amount": {"amount": "1788190.00", "currency": "SEK"}, "caseNumber": "90000002",
    });
    assert_eq!(project["fundingLines"], json!([line]));
    assert_eq!(codes(&reading.notes), [""; 0]);
    assert_eq!((reading.case_id.as_deref(), reading.municipalities), (Some("90000002"), vec!["2417".to_owned()]));
    assert_eq!(reading.programme.name, "Övre Norrland 2014–2020");
}

#[test]
fn a_row_is_refused_for_what_stands_in_it() {
    let long = "a".repeat(301);
    let refused: &[(&str, &str, &str)] = &[
        ("arende_id", "", "id-missing"),
        ("arende_id", "Värde saknas", "id-missing"),
        ("projekt_starttid", "01/09/2016", "date-ambiguous"),
        ("projekt_starttid", "hösten 2010", "date-unreadable"),
        ("projekt_sluttid", "2012-02-30", "date-no-such-day"),
        ("projekt_sluttid", "2010-09-07", "end-before-start"),
        ("beviljat_belopp_sek", "1.250", "amount-ambiguous"),
        ("beviljat_belopp_sek", "-5", "amount-negative"),
        ("beviljat_belopp_sek", "250 000 EUR", "amount-currency"),
        ("beviljat_belopp_euro", "okej", "amount-unreadable"),
        ("offentlig_finansiar", "1,5 mkr", "amount-unreadable"),
        ("offentlig_finansiar", "5 euro", "amount-currency"),
        ("projektnamn", &long, "name-too-long"),
        ("stodmottagare", &long, "owner-too-long"),
    ];
    for (column, cell, code) in refused {
        let reading = read(OLD, &[(column, cell)]);
        assert_eq!((codes(&reading.faults), reading.project), (vec![*code], None), "{column}");
        assert_eq!(reading.faults[0].column.as_deref(), Some(*column));
    }
    let nameless = read(OLD, &[("projektnamn", "-"), ("projektnamn_short", "")]);
    assert_eq!(codes(&nameless.faults), ["name-missing"]);
    let twice = read(OLD, &[("arende_id", ""), ("beviljat_belopp_sek", "x")]);
    assert_eq!(codes(&twice.faults), ["id-missing", "amount-unreadable"]);
}

#[test]
fn a_long_value_is_cut_where_it_is_told() {
    let long = "ö".repeat(301);
    let value = read(OLD, &[("projektnamn", &long)]).faults[0].value.clone().expect("a value");
    assert_eq!((value.chars().count(), value.ends_with('…')), (Finding::LONGEST, true));
}

#[test]
fn what_there_is_no_room_for_is_cut_and_noted() {
    let long = read(NEW, &[("projektbeskrivning", &"å".repeat(10_001))]);
    assert_eq!(codes(&long.notes), ["summary-cut"]);
    let summary = long.project.expect("a project")["summary"].as_str().map(|text| text.chars().count());
    assert_eq!(summary, Some(10_000));
    assert_eq!(codes(&read(NEW, &[("projektbeskrivning", &"å".repeat(10_000))]).notes), [""; 0]);
    let places: Vec<String> = (0..101).map(|number| format!("Ort {number}")).collect();
    let many = read(NEW, &[("län", &places.join(", "))]);
    assert_eq!((codes(&many.notes), many.notes[0].value.as_deref()), (vec!["place-left-out"], Some("Ort 100")));
    assert_eq!(many.project.expect("a project")["places"].as_array().map(Vec::len), Some(100));
}

#[test]
fn the_title_tells_the_kind() {
    let kinds = [
        ("FÖRSTUDIE - Grönt driv", "preStudy"),
        ("Energiförstudien", "preStudy"),
        ("Förstudie ramprojekt", "preStudy"),
        ("Ramprogram för företagsstöd", "framework"),
        ("Ramprojektet", "framework"),
        ("Programprojektet", "implementation"),
        ("Stigar", "implementation"),
    ];
    for (title, kind) in kinds {
        let reading = read(NEW, &[("projektnamn", title)]);
        assert_eq!(reading.project.expect("a project")["kind"], kind, "{title}");
        assert_eq!(codes(&reading.notes) == ["kind-from-title"], kind != "implementation", "{title}");
    }
}

#[test]
fn the_short_title_stands_in_for_the_full_one() {
    let reading = read(OLD, &[("projektnamn", "Värde saknas")]);
    let title = &reading.project.as_ref().expect("a project")["title"];
    assert_eq!(title, "Stigar i Bastuträskskogarna, en förstud");
    assert!(codes(&reading.notes).contains(&"title-short"));
}

#[test]
fn the_state_is_the_banks_and_never_todays() {
    let status = |row, otherwise: &[_]| project(row, otherwise)["status"].clone();
    assert_eq!(status(OLD, &[("pagar_slut", "PÅGÅR")]), "ongoing");
    assert_eq!(status(OLD, &[("pagar_slut", "slut ")]), "completed");
    assert_eq!(status(OLD, &[("pagar_slut", "?"), ("projekt_sluttid", "2016-10-13")]), "completed");
    assert_eq!(status(OLD, &[("pagar_slut", "?"), ("projekt_sluttid", "2016-10-14")]), "ongoing");
    assert_eq!(status(NEW, &[("projekt_sluttid", "2016-10-13")]), "completed");
    assert_eq!(status(NEW, &[("projekt_sluttid", "2016-10-14")]), "ongoing");
    let guessed = read(NEW, &[("uppdateringsdatum", "")]);
    assert_eq!(codes(&guessed.notes), ["status-guessed"]);
    let unreadable = read(NEW, &[("uppdateringsdatum", "igår")]);
    assert_eq!(codes(&unreadable.notes), ["loaded-date-unreadable", "status-guessed"]);
    assert!(!unreadable.project.expect("a project")["registration"]["reason"].to_string().contains("såg ut"));
}

#[test]
fn the_grant_is_in_the_currency_that_has_it() {
    let lines = |otherwise: &[_]| project(OLD, otherwise)["fundingLines"].clone();
    let euro = lines(&[("beviljat_belopp_sek", "0"), ("beviljat_belopp_euro", "25000")]);
    assert_eq!(euro[0]["amount"], json!({"amount": "25000.00", "currency": "EUR"}));
    assert_eq!(euro[1]["amount"]["currency"], "EUR");
    assert!(lines(&[("offentlig_finansiar", "0")]).get(1).is_none());
    let none: &[_] = &[("beviljat_belopp_sek", "0")];
    assert!(lines(none)[0].get("amount").is_none());
    assert_eq!(lines(none)[1]["amount"]["currency"], "SEK");
    let interreg = read(OLD, &[none[0], ("malprogram", "Interreg IVA"), ("omrade", "Botnia-Atlantica")]);
    assert!(codes(&interreg.notes).contains(&"public-funding-currency"));
    let both = read(OLD, &[("beviljat_belopp_euro", "5")]);
    assert!(codes(&both.notes).contains(&"grant-in-two-currencies"));
}

#[test]
fn what_the_register_does_not_know_stands_in_the_note() {
    let elsewhere = read(OLD, &[("omrade", "Norra Mellansverige"), ("insatsomrade", "2 Entreprenörskap")]);
    assert_eq!(source(&elsewhere), "other-eu");
    assert_eq!(elsewhere.programme.candidates, ["eruf-norra-mellansverige-2007-2013"]);
    assert_eq!(codes(&elsewhere.notes), ["text-repaired", "source-other-eu"]);
    let line = elsewhere.project.expect("a project")["fundingLines"][0].clone();
    let note = "Program: Mål 2 Regional konkurrenskraft och sysselsättning, Norra Mellansverige 2007–2013. \
        Insatsområde: 2 Entreprenörskap.";
    assert_eq!((&line["note"], line.get("priority")), (&json!(note), None));
    let national = read(NEW, &[("område", "Nationellt regionalfondsprogram")]);
    assert_eq!(source(&national), "nationella-regionalfondsprogrammet-2014-2020");
    assert_eq!(codes(&national.notes), ["axis-unknown"]);
    assert!(codes(&read(NEW, &[("insatsområde", "Värde saknas")]).notes).contains(&"axis-missing"));
    let themed = |theme| {
        let elsewhere = [("område", "Stockholm"), ("insatsområde", "Storstadens utmaningar"), ("tematiskt_mål", theme)];
        project(NEW, &elsewhere)["fundingLines"][0]["note"].clone()
    };
    let note = "Program: Stockholm 2014–2020. Insatsområde: Storstadens utmaningar.";
    assert_eq!(themed("Storstadens Utmaningar"), note);
    assert_eq!(themed("Att bygga"), format!("{note} Tematiskt mål: Att bygga."));
    let nowhere = read(NEW, &[("område", "")]);
    assert_eq!((source(&nowhere), nowhere.programme.candidates.len()), ("other-eu", 0));
}

#[test]
fn a_broken_area_is_known_again() {
    for (area, code) in [("Å\u{96}vre Norrland", "text-repaired"), ("Åvre Norrland", "area-spelling")] {
        let reading = read(NEW, &[("område", area)]);
        assert_eq!((source(&reading), codes(&reading.notes)), ("eruf-ovre-norrland-2014-2020", vec![code]));
    }
}

#[test]
fn places_are_what_has_no_municipality_code() {
    let places = |municipalities, counties| {
        let project = project(NEW, &[("kommuner", municipalities), ("län", counties)]);
        (project["municipalities"].clone(), project["places"].clone())
    };
    let (none, all) = (json!([]), json!(["1462", "2417", "2518"]));
    let both = json!(["Västerbottens län", "Österbotten"]);
    assert_eq!(places("", "Västerbotten, Österbotten, Västerbotten"), (none.clone(), both));
    assert_eq!(places("norsjö kommun", "Västerbotten, Österbotten"), (json!(["2417"]), json!(["Österbotten"])));
    assert_eq!(places("Norsjö", "Västerbotten, Norrbotten"), (json!(["2417"]), json!(["Norrbottens län"])));
    assert_eq!(places("Norsjö, Vasa", "Västerbotten"), (json!(["2417"]), json!(["Vasa"])));
    assert_eq!(places("Hela landet", ""), (all.clone(), none.clone()));
    assert_eq!(places("Övertorneå, LILLA EDET, Norsjö, Norsjö,", ""), (all, none));
    assert_eq!(read(NEW, &[("kommuner", "Hela landet")]).municipalities, ["1462", "2417", "2518"]);
    let slips = read(NEW, &[("kommuner", "Åvertorneå, Vasa")]);
    assert_eq!(codes(&slips.notes), ["municipality-spelling", "municipality-unknown"]);
    assert_eq!(slips.notes[1].value.as_deref(), Some("Vasa"));
}

#[test]
fn an_owner_is_named_with_its_sector() {
    let guessed = read(NEW, &[("stödmottagare", "Stål & Verkstad")]);
    assert_eq!(codes(&guessed.notes), ["sector-guessed"]);
    assert_eq!(guessed.project.expect("a project")["stakeholders"][0]["organisation"]["sector"], "civilSociety");
    for nobody in ["", "Värde saknas", "Ingen sökande svensk aktör"] {
        let reading = read(NEW, &[("stödmottagare", nobody)]);
        assert_eq!(codes(&reading.notes), ["owner-missing"]);
        assert_eq!(reading.project.expect("a project")["stakeholders"], json!([]));
    }
}

#[test]
fn a_file_may_have_id_and_name_alone() {
    let layout = Layout::of(&["ärende-id", "projektnamn", "län"]).expect("a bank");
    let reading = interpret(&layout, &["7.0", "Stigar"], &Reference::default());
    assert_eq!((codes(&reading.faults), reading.case_id.as_deref()), (vec![], Some("7")));
    assert_eq!(codes(&reading.notes), ["status-guessed", "owner-missing", "source-other-eu", "grant-unknown"]);
    let project = reading.project.expect("a project");
    assert!(["summary", "startDate", "endDate"].iter().all(|member| project.get(member).is_none()));
    assert!(reading.municipalities.is_empty());
}

proptest::proptest! {
    #[test]
    fn no_row_makes_it_fail(cells in proptest::collection::vec("\\PC{0,20}", 18)) {
        let header: Vec<&str> = OLD.iter().map(|(name, _)| *name).collect();
        let reading = interpret(&Layout::of(&header).expect("a bank"), &cells, &reference());
        proptest::prop_assert_eq!(reading.project.is_none(), !reading.faults.is_empty());
    }
}
