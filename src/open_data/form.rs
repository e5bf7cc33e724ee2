//! How the catalogue is written: the forms of RDF that it is offered in.

use oxjsonld::JsonLdSerializer;
use oxrdf::{GraphNameRef, Triple};
use oxrdfxml::RdfXmlSerializer;
use oxttl::TurtleSerializer;

use super::graph::NAMESPACES;

/// Writes a graph.
pub type Write = fn(&[Triple]) -> anyhow::Result<Vec<u8>>;

/// The serializers are alike, and have no trait in common.
macro_rules! write_by {
    ($serializer:ident, |$writer:ident, $triple:ident| $write:expr) => {
        |graph| {
            let mut serializer = $serializer::new();
            for (prefix, namespace) in NAMESPACES {
                serializer = serializer.with_prefix(prefix, namespace)?;
            }
            let mut $writer = serializer.for_writer(Vec::new());
            for $triple in graph {
                $write?;
            }
            Ok($writer.finish()?)
        }
    };
}

/// The media types and how each is written; the portal harvests the first.
pub const FORMS: [(&str, Write); 3] = [
    ("application/rdf+xml", write_by!(RdfXmlSerializer, |writer, triple| writer.serialize_triple(triple))),
    ("text/turtle", write_by!(TurtleSerializer, |writer, triple| writer.serialize_triple(triple))),
    (
        "application/ld+json",
        write_by!(JsonLdSerializer, |writer, triple| writer
            .serialize_quad(triple.as_ref().in_graph(GraphNameRef::DefaultGraph))),
    ),
];
