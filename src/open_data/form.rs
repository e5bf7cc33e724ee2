//! How the catalogue is written: the forms of RDF that it is offered in.

use oxjsonld::JsonLdSerializer;
use oxrdf::{GraphNameRef, Triple};
use oxrdfxml::RdfXmlSerializer;
use oxttl::TurtleSerializer;

use super::graph::NAMESPACES;

/// Writes a graph.
pub type Write = fn(&[Triple]) -> anyhow::Result<Vec<u8>>;

/// The media types and how each is written; the portal harvests the first.
pub const FORMS: [(&str, Write); 3] =
    [("application/rdf+xml", rdf_xml), ("text/turtle", turtle), ("application/ld+json", json_ld)];

fn rdf_xml(graph: &[Triple]) -> anyhow::Result<Vec<u8>> {
    let mut serializer = RdfXmlSerializer::new();
    for (prefix, namespace) in NAMESPACES {
        serializer = serializer.with_prefix(prefix, namespace)?;
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in graph {
        writer.serialize_triple(triple)?;
    }
    Ok(writer.finish()?)
}

fn turtle(graph: &[Triple]) -> anyhow::Result<Vec<u8>> {
    let mut serializer = TurtleSerializer::new();
    for (prefix, namespace) in NAMESPACES {
        serializer = serializer.with_prefix(prefix, namespace)?;
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in graph {
        writer.serialize_triple(triple)?;
    }
    Ok(writer.finish()?)
}

fn json_ld(graph: &[Triple]) -> anyhow::Result<Vec<u8>> {
    let mut serializer = JsonLdSerializer::new();
    for (prefix, namespace) in NAMESPACES {
        serializer = serializer.with_prefix(prefix, namespace)?;
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in graph {
        writer.serialize_quad(triple.as_ref().in_graph(GraphNameRef::DefaultGraph))?;
    }
    Ok(writer.finish()?)
}
