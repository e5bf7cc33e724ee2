//! What the catalogue is made of.

use std::collections::HashMap;

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::strategy::Municipality;

const PUBLISHERS: &str = include_str!("../../seeds/open-data/publishers.yaml");

/// What a municipality says of itself as a publisher.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publisher {
    /// Its own page.
    pub homepage: String,
    /// Where questions about the data go.
    pub email: String,
    /// Number in the register of organisations.
    #[serde(default)]
    pub organisation_number: Option<String>,
    /// Its area, as an IRI of a register of places.
    #[serde(default)]
    pub place: Option<String>,
}

/// What the publishers' file says of a municipality, by its code.
///
/// # Errors
/// When the file is wrong.
pub fn publisher(code: &str) -> anyhow::Result<Option<Publisher>> {
    let mut publishers: HashMap<String, Publisher> = yaml_serde::from_str(PUBLISHERS)?;
    Ok(publishers.remove(code))
}

/// A municipality's data, and how new they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Whose data it is.
    pub municipality: Municipality,
    /// What is known of it as a publisher.
    pub publisher: Option<Publisher>,
    /// When a project that everybody may see was last changed.
    pub modified: Option<Timestamp>,
}
