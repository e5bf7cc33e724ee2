//! The registry as open data: the catalogue that the national portal harvests, in three forms of RDF.

use std::collections::BTreeSet;

use oxrdf::vocab::rdf;
use oxrdf::{Term, Triple};
use samsyn::open_data::PATH;
use samsyn::open_data::graph::{NAMESPACES, describe};
use samsyn::open_data::model::{Catalogue, Publisher};
use samsyn::strategy::Municipality;
use samsyn::strategy::file::read_strategy;
use serde_json::json;

use crate::catalogue::MALA;
use crate::support::{PUBLIC_URL, Response, TestApp};

const FORMS: [&str; 3] = ["application/rdf+xml", "text/turtle", "application/ld+json"];

type Graph = BTreeSet<String>;

async fn ask(app: &TestApp, accept: &str) -> Response {
    app.anonymous().request_to("GET", PATH).header("Accept", accept).send().await
}

fn read(response: &Response) -> Vec<Triple> {
    let text = response.text();
    match response.header("Content-Type") {
        "application/rdf+xml" => {
            oxrdfxml::RdfXmlParser::new().for_slice(text).collect::<Result<_, _>>().expect("RDF/XML")
        }
        "text/turtle" => oxttl::TurtleParser::new().for_slice(text).collect::<Result<_, _>>().expect("Turtle"),
        "application/ld+json" => {
            // By way of an object, in which no member can stand twice.
            let text = response.body.to_string();
            let quads = oxjsonld::JsonLdParser::new().for_slice(&text);
            quads.map(|quad| Triple::from(quad.expect("JSON-LD"))).collect()
        }
        other => panic!("{other}"),
    }
}

async fn harvest(app: &TestApp) -> Vec<Triple> {
    read(&ask(app, "application/rdf+xml").await.expect(200))
}

/// A term by its usual short name.
fn name(short: &str) -> String {
    let (prefix, name) = short.split_once(':').expect("a short name");
    let (_, namespace) = NAMESPACES.iter().find(|(known, _)| *known == prefix).expect("a known prefix");
    format!("{namespace}{name}")
}

/// What is said of one of the catalogue's own things, without quotes and angle brackets.
fn said(graph: &[Triple], about: &str, property: &str) -> Vec<String> {
    let subject = format!("<{PUBLIC_URL}{PATH}#{about}>");
    let property = name(property);
    let said = graph.iter().filter(|it| it.subject.to_string() == subject && it.predicate.as_str() == property);
    let value = |term: &Term| match term {
        Term::NamedNode(node) => node.as_str().to_owned(),
        other => other.to_string(),
    };
    said.map(|triple| value(&triple.object)).collect()
}

#[actix_web::test]
async fn the_portal_gets_rdf_xml_and_others_the_same_graph_as_they_like_it() {
    let app = TestApp::with_demonstration().await;
    let graphs: Vec<Graph> = {
        let mut graphs = Vec::new();
        for form in FORMS {
            let response = ask(&app, form).await.expect(200);
            assert_eq!(response.header("Content-Type"), form);
            graphs.push(read(&response).iter().map(ToString::to_string).collect());
        }
        graphs
    };
    assert!(graphs[0].len() > 70, "{}", graphs[0].len());
    assert_eq!(graphs[0], graphs[1]);
    assert_eq!(graphs[0], graphs[2]);
    for (accept, expected) in [
        ("*/*", FORMS[0]),
        ("", FORMS[0]),
        ("text/html, application/xml;q=0.9, */*;q=0.8", FORMS[0]),
        ("application/rdf+xml;q=0.5, text/turtle", FORMS[1]),
        ("application/*", FORMS[0]),
        ("application/ld+json", FORMS[2]),
    ] {
        assert_eq!(ask(&app, accept).await.expect(200).header("Content-Type"), expected, "{accept}");
    }
    for accept in ["text/html", "application/json", "text/turtle;q=0"] {
        ask(&app, accept).await.expect_problem(406, "not-acceptable");
    }
}

#[actix_web::test]
async fn every_class_says_what_the_profile_demands() {
    let app = TestApp::with_demonstration().await;
    let graph = harvest(&app).await;
    let mandatory = "dcterms:title dcterms:description dcterms:publisher";
    for (about, class, properties) in [
        ("catalog", "dcat:Catalog", "dcterms:license dcat:dataset dcterms:language foaf:homepage dcat:themeTaxonomy"),
        (
            "projects",
            "dcat:Dataset",
            "dcat:contactPoint dcat:keyword dcat:theme dcterms:accessRights dcterms:modified dcat:distribution",
        ),
        ("api", "dcat:DataService", "dcat:endpointURL dcat:endpointDescription dcat:servesDataset dcat:contactPoint"),
    ] {
        for property in [mandatory, properties].iter().flat_map(|all| all.split(' ')) {
            assert!(!said(&graph, about, property).is_empty(), "{about} has no {property}");
        }
        assert!(is_a(&graph, about, class), "{about}");
    }
    for (about, class, properties) in [
        ("projects-json", "dcat:Distribution", "dcat:accessURL dcterms:format dcterms:license dcat:accessService"),
        ("projects-csv", "dcat:Distribution", "dcat:accessURL dcterms:format dcterms:license dcat:accessService"),
        ("publisher", "foaf:Agent", "foaf:name dcterms:type"),
        ("contact", "vcard:Organization", "vcard:fn vcard:hasEmail"),
    ] {
        for property in properties.split(' ') {
            assert!(!said(&graph, about, property).is_empty(), "{about} has no {property}");
        }
        assert!(is_a(&graph, about, class), "{about}");
    }
    let licence = ["http://creativecommons.org/publicdomain/zero/1.0/"];
    for about in ["catalog", "projects-json", "projects-csv", "api"] {
        assert_eq!(said(&graph, about, "dcterms:license"), licence);
    }
    assert_eq!(said(&graph, "projects-json", "dcat:accessURL"), ["https://samsyn.test/samsyn/v1/projects"]);
    assert_eq!(said(&graph, "projects-csv", "dcat:accessURL"), ["https://samsyn.test/samsyn/v1/exports/projects"]);
    assert_eq!(said(&graph, "publisher", "foaf:name"), ["\"Norsjö kommun\"@sv", "\"Norsjö municipality\"@en"]);
    assert_eq!(said(&graph, "contact", "vcard:hasEmail"), ["mailto:kommun@norsjo.se"]);
    for address in ["/samsyn/v1/openapi.json", "/samsyn/v1/projects"] {
        app.anonymous().request_to("GET", address).send().await.expect(200);
    }
}

fn is_a(graph: &[Triple], about: &str, class: &str) -> bool {
    let (subject, class) = (format!("<{PUBLIC_URL}{PATH}#{about}>"), format!("<{}>", name(class)));
    let types = graph.iter().filter(|it| it.subject.to_string() == subject && it.predicate == rdf::TYPE);
    types.map(|it| it.object.to_string()).eq([class])
}

#[actix_web::test]
async fn everything_has_an_absolute_iri_and_what_is_named_is_described() {
    let app = TestApp::with_demonstration().await;
    let graph = harvest(&app).await;
    let own = format!("<{PUBLIC_URL}{PATH}#");
    let subjects: BTreeSet<String> = graph.iter().map(|triple| triple.subject.to_string()).collect();
    assert!(subjects.iter().all(|subject| subject.starts_with(&own)), "{subjects:?}");
    for triple in &graph {
        match &triple.object {
            Term::NamedNode(node) => {
                url::Url::parse(node.as_str()).expect("an absolute IRI");
                let text = triple.object.to_string();
                assert!(!text.starts_with(&own) || subjects.contains(&text), "{triple}");
            }
            Term::BlankNode(_) => panic!("{triple}"),
            Term::Literal(_) => {}
        }
    }
    // Whatever is said in Swedish is said in English.
    let in_language = |language: &str| graph.iter().filter(|it| it.object.to_string().ends_with(language)).count();
    assert_eq!(in_language("@sv"), in_language("@en"));
    assert!(in_language("@sv") > 10);
}

#[actix_web::test]
async fn only_what_everybody_may_see_makes_the_data_newer() {
    let app = TestApp::new().await;
    let officer = app.officer();
    let modified = async || said(&harvest(&app).await, "projects", "dcterms:modified");
    assert!(modified().await.is_empty());
    let internal = json!({"kind": "other", "title": "Hemligt", "visibility": "internal", "withheldReason": "Utkast."});
    officer.register(internal).await;
    assert!(modified().await.is_empty());

    let open = officer.register(json!({"kind": "other", "title": "Öppet", "visibility": "public"})).await;
    let first = modified().await;
    assert_eq!(first.len(), 1);
    assert!(first[0].contains(open.body["updatedAt"].as_str().unwrap_or("no time")), "{first:?} {}", open.body);
    let changed = officer.change("PATCH", open.location(), open.etag(), json!({"title": "Öppnare"})).await.expect(200);
    let second = modified().await;
    assert!(second > first);
    officer
        .change("PATCH", open.location(), changed.etag(), json!({"visibility": "internal", "withheldReason": "Fel."}))
        .await
        .expect(200);
    assert!(modified().await.is_empty());
}

#[actix_web::test]
async fn who_has_the_catalogue_need_not_fetch_it_again_and_any_page_may_read_it() {
    let app = TestApp::new().await;
    let first = ask(&app, "text/turtle").await.expect(200);
    assert_eq!(first.header("Cache-Control"), "public, max-age=300");
    assert_eq!(first.header("Access-Control-Allow-Origin"), "*");
    assert!(first.header("Vary").contains("Accept"));
    let again = |accept: &'static str| {
        let request = app.anonymous().request_to("GET", PATH).header("Accept", accept);
        request.header("If-None-Match", &format!("\"other\", W/{}", first.etag())).send()
    };
    let unchanged = again("text/turtle").await.expect(304);
    assert!(unchanged.text().is_empty());
    assert_eq!(unchanged.etag(), first.etag());
    again("application/ld+json").await.expect(200);
    app.anonymous().request_to("HEAD", PATH).send().await.expect(200);
    assert!(!crate::support::document()["paths"].to_string().contains("dcat"));
}

#[actix_web::test]
async fn another_municipality_publishes_in_its_own_name_and_what_is_unknown_is_left_out() {
    let app = TestApp::new().await;
    let strategy = read_strategy("mala.yaml", MALA).expect("a right file");
    app.database.pool().write_now(|conn| samsyn::strategy::store::load(conn, &strategy)).expect("loaded");
    let response = ask(&app, "text/turtle").await.expect(200);
    assert!(!response.text().to_lowercase().contains("norsj"), "{}", response.text());
    let graph = read(&response);
    assert_eq!(said(&graph, "publisher", "foaf:name"), ["\"Malå kommun\"@sv", "\"Malå municipality\"@en"]);
    assert!(said(&graph, "projects", "dcat:contactPoint").is_empty());
}

#[test]
fn a_municipality_may_give_its_number_and_its_place() {
    let text = str::to_owned;
    let publisher = Publisher {
        homepage: text("https://example.se"),
        email: text("info@example.se"),
        organisation_number: Some(text("212000-0000")),
        place: Some(text("https://example.se/place")),
    };
    let municipality = Municipality {
        code: text("9999"),
        name: text("Exempel kommun"),
        short_name: text("Exempel"),
        county_code: text("99"),
    };
    let graph = describe(&Catalogue { municipality, publisher: Some(publisher), modified: None }, PUBLIC_URL);
    assert_eq!(said(&graph, "publisher", "dcterms:identifier"), ["\"212000-0000\""]);
    assert_eq!(said(&graph, "projects", "dcterms:spatial"), ["https://example.se/place"]);
}
