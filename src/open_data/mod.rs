//! The registry as open data: a catalogue that Sweden's data portal harvests, by DCAT-AP-SE 3.0.1
//! (<https://docs.dataportal.se/dcat/3.0.1/en/>).

pub mod form;
pub mod graph;
pub mod http;
pub mod model;
pub mod store;

/// Where the national portal looks for a public body's catalogue.
pub const PATH: &str = "/datasets/dcat";
