//! The catalogue as RDF: one catalogue with one dataset, its distributions, and the API that serves them.
//!
//! Everything has an IRI of its own, as the portal's harvester asks. The catalogue does not name the API itself: the
//! profile's recommendation is that distributions do.

use chrono::SecondsFormat;
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, Term, Triple};

use super::PATH;
use super::model::Catalogue;
use crate::http::BASE_PATH;
use crate::text::{Bilingual, bilingual};

const DCAT: &str = "http://www.w3.org/ns/dcat#";
const DCATAP: &str = "http://data.europa.eu/r5r/";
const DCTERMS: &str = "http://purl.org/dc/terms/";
const FOAF: &str = "http://xmlns.com/foaf/0.1/";
const VCARD: &str = "http://www.w3.org/2006/vcard/ns#";

/// The vocabularies that the profile takes its terms from, with their usual prefixes.
pub const NAMESPACES: [(&str, &str); 5] =
    [("dcat", DCAT), ("dcatap", DCATAP), ("dcterms", DCTERMS), ("foaf", FOAF), ("vcard", VCARD)];

const EU_AUTHORITY: &str = "http://publications.europa.eu/resource/authority/";
/// CC0 1.0, as the portal spells it.
const LICENCE: &str = "http://creativecommons.org/publicdomain/zero/1.0/";
const LOCAL_AUTHORITY: &str = "http://purl.org/adms/publishertype/LocalAuthority";
const OPENAPI: &str = "https://spec.openapis.org/oas/v3.1.0";
const API_PROFILE: &str = "https://dev.dataportal.se/rest-api-profil";

/// Everything the catalogue says, by a service at this host.
#[must_use]
pub fn describe(catalogue: &Catalogue, host: &str) -> Vec<Triple> {
    let mut graph = Graph { catalogue, host, triples: Vec::new() };
    graph.catalog();
    graph.dataset();
    graph.distributions();
    graph.service();
    graph.publisher();
    graph.contact();
    graph.triples
}

struct Graph<'a> {
    catalogue: &'a Catalogue,
    host: &'a str,
    triples: Vec<Triple>,
}

impl Graph<'_> {
    fn catalog(&mut self) {
        let name = self.municipality();
        let (sv, en) = (name.sv, name.en);
        let title = bilingual!("Öppna data om utvecklingsprojekt i {sv}", "Open data on development projects in {en}");
        let description = bilingual!(
            "Utvecklingsprojekt i {sv}: vad de bidrar till i den lokala utvecklingsstrategin, vilka som står bakom, vem \
             som betalar och hur långt de har kommit.",
            "Development projects in {en}: what they contribute to in the local development strategy, who stands behind \
             them, who pays, and how far they have come."
        );
        let homepage = self.catalogue.publisher.as_ref().map(|publisher| iri(&publisher.homepage));
        self.about("catalog", DCAT, "Catalog")
            .says(DCTERMS, "title", &title)
            .says(DCTERMS, "description", &description)
            .links(DCTERMS, "publisher", "publisher")
            .is(DCTERMS, "license", iri(LICENCE))
            .is(DCTERMS, "language", authority("language/SWE"))
            .is(DCTERMS, "language", authority("language/ENG"))
            .is(DCAT, "themeTaxonomy", authority("data-theme"))
            .may_be(FOAF, "homepage", homepage)
            .links(DCAT, "dataset", "projects");
    }

    fn dataset(&mut self) {
        let description = bilingual!(
            "Kommunens utvecklingsprojekt med mål, delmål och åtgärder i den lokala utvecklingsstrategin, parter, \
             kostnader, finansiering och status. Bara projekt som är offentliga.",
            "The municipality's development projects with goals, sub-goals and measures in the local development \
             strategy, parties, costs, funding and status. Only projects that are public."
        );
        let publisher = self.catalogue.publisher.as_ref();
        let place = publisher.and_then(|publisher| publisher.place.as_deref()).map(iri);
        let modified = self.catalogue.modified.map(|modified| {
            let text = modified.as_utc().to_rfc3339_opts(SecondsFormat::Micros, true);
            Literal::new_typed_literal(text, xsd::DATE_TIME)
        });
        let has_contact = publisher.is_some();
        self.about("projects", DCAT, "Dataset")
            .says(DCTERMS, "title", &bilingual!("Utvecklingsprojekt", "Development projects"))
            .says(DCTERMS, "description", &description)
            .links(DCTERMS, "publisher", "publisher")
            .links_if(has_contact, DCAT, "contactPoint", "contact")
            .says(DCAT, "keyword", &bilingual!("utvecklingsprojekt", "development projects"))
            .says(DCAT, "keyword", &bilingual!("lokal utveckling", "local development"))
            .says(DCAT, "keyword", &bilingual!("finansiering", "funding"))
            .is(DCAT, "theme", authority("data-theme/GOVE"))
            .is(DCAT, "theme", authority("data-theme/REGI"))
            .is(DCTERMS, "language", authority("language/SWE"))
            .is(DCTERMS, "accessRights", authority("access-right/PUBLIC"))
            .may_be(DCTERMS, "spatial", place)
            .may_be(DCTERMS, "modified", modified)
            .links(DCAT, "distribution", "projects-json")
            .links(DCAT, "distribution", "projects-csv");
    }

    fn distributions(&mut self) {
        let json = bilingual!(
            "Projekten sida för sida ur API:t, filtrerade och sorterade som man vill.",
            "The projects page by page from the API, filtered and sorted at will."
        );
        let csv = bilingual!("Alla projekt i en tabell, en rad per projekt.", "All projects in a table, one row each.");
        for (name, path, format, title, description) in [
            ("projects-json", "/projects", "application/json", bilingual!("JSON", "JSON"), json),
            ("projects-csv", "/exports/projects", "text/csv", bilingual!("CSV", "CSV"), csv),
        ] {
            let (address, specification) = (self.api(path), self.api("/openapi.json"));
            self.about(name, DCAT, "Distribution")
                .says(DCTERMS, "title", &title)
                .says(DCTERMS, "description", &description)
                .is(DCAT, "accessURL", address)
                .is(DCTERMS, "format", Literal::new_simple_literal(format))
                .is(DCTERMS, "license", iri(LICENCE))
                .is(DCATAP, "availability", authority("planned-availability/STABLE"))
                .is(DCTERMS, "conformsTo", specification)
                .links(DCAT, "accessService", "api");
        }
    }

    fn service(&mut self) {
        let description = bilingual!(
            "REST-API för att söka och läsa utvecklingsprojekten. Öppna data kräver ingen inloggning.",
            "REST API to search and read the development projects. Open data need no sign-in."
        );
        let (endpoint, specification, pages) = (self.api(""), self.api("/openapi.json"), self.api("/docs/"));
        let has_contact = self.catalogue.publisher.is_some();
        self.about("api", DCAT, "DataService")
            .says(DCTERMS, "title", &bilingual!("Samsyns API", "Samsyn’s API"))
            .says(DCTERMS, "description", &description)
            .is(DCAT, "endpointURL", endpoint)
            .is(DCAT, "endpointDescription", specification)
            .is(FOAF, "page", pages)
            .is(DCTERMS, "conformsTo", iri(OPENAPI))
            .is(DCTERMS, "conformsTo", iri(API_PROFILE))
            .is(DCTERMS, "format", Literal::new_simple_literal("application/json"))
            .links(DCAT, "servesDataset", "projects")
            .links(DCTERMS, "publisher", "publisher")
            .links_if(has_contact, DCAT, "contactPoint", "contact")
            .says(DCAT, "keyword", &bilingual!("utvecklingsprojekt", "development projects"))
            .is(DCTERMS, "license", iri(LICENCE))
            .is(DCTERMS, "accessRights", authority("access-right/PUBLIC"));
    }

    fn publisher(&mut self) {
        let name = self.municipality();
        let publisher = self.catalogue.publisher.as_ref();
        let number = publisher.and_then(|publisher| publisher.organisation_number.as_ref());
        let homepage = publisher.map(|publisher| iri(&publisher.homepage));
        self.about("publisher", FOAF, "Agent")
            .says(FOAF, "name", &name)
            .is(DCTERMS, "type", iri(LOCAL_AUTHORITY))
            .may_be(DCTERMS, "identifier", number.map(Literal::new_simple_literal))
            .may_be(FOAF, "homepage", homepage);
    }

    fn contact(&mut self) {
        let Some(publisher) = &self.catalogue.publisher else { return };
        let name = Literal::new_simple_literal(&self.catalogue.municipality.name);
        let email = iri(&format!("mailto:{}", publisher.email));
        self.about("contact", VCARD, "Organization").is(VCARD, "fn", name).is(VCARD, "hasEmail", email);
    }

    fn municipality(&self) -> Bilingual {
        let municipality = &self.catalogue.municipality;
        let (name, short_name) = (&municipality.name, &municipality.short_name);
        bilingual!("{name}", "{short_name} municipality")
    }

    fn api(&self, path: &str) -> NamedNode {
        iri(&format!("{}{BASE_PATH}{path}", self.host))
    }

    /// Begins to describe one of the catalogue's own things, which is of this class.
    fn about(&mut self, name: &str, namespace: &str, class: &str) -> Description<'_> {
        let document = iri(&format!("{}{PATH}", self.host));
        let subject = part(&document, name);
        self.triples.push(Triple::new(subject.clone(), rdf::TYPE, term(namespace, class)));
        Description { document, subject, triples: &mut self.triples }
    }
}

/// What is said of one thing.
struct Description<'a> {
    document: NamedNode,
    subject: NamedNode,
    triples: &'a mut Vec<Triple>,
}

impl Description<'_> {
    fn is(self, namespace: &str, property: &str, value: impl Into<Term>) -> Self {
        self.triples.push(Triple::new(self.subject.clone(), term(namespace, property), value));
        self
    }

    fn may_be(self, namespace: &str, property: &str, value: Option<impl Into<Term>>) -> Self {
        match value {
            Some(value) => self.is(namespace, property, value),
            None => self,
        }
    }

    /// Says something in both languages.
    fn says(self, namespace: &str, property: &str, text: &Bilingual) -> Self {
        self.is(namespace, property, Literal::new_language_tagged_literal_unchecked(&text.sv, "sv")).is(
            namespace,
            property,
            Literal::new_language_tagged_literal_unchecked(&text.en, "en"),
        )
    }

    /// Names another of the catalogue's own things.
    fn links(self, namespace: &str, property: &str, name: &str) -> Self {
        let other = part(&self.document, name);
        self.is(namespace, property, other)
    }

    fn links_if(self, is_there: bool, namespace: &str, property: &str, name: &str) -> Self {
        if is_there { self.links(namespace, property, name) } else { self }
    }
}

fn part(document: &NamedNode, name: &str) -> NamedNode {
    iri(&format!("{}#{name}", document.as_str()))
}

fn term(namespace: &str, name: &str) -> NamedNode {
    iri(&format!("{namespace}{name}"))
}

/// A value of the EU's controlled vocabularies.
fn authority(value: &str) -> NamedNode {
    term(EU_AUTHORITY, value)
}

fn iri(text: &str) -> NamedNode {
    NamedNode::new_unchecked(text)
}
