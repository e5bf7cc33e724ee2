//! Links: absolute address, relation and method, as the Swedish API profile wants them (HYP.05–HYP.17).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// A link to what belongs to a representation or may be done with it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"href": "https://api.norsjo.se/samsyn/v1/strategies", "rel": "collection", "method": "GET"}))]
pub struct Link {
    /// Absolute address.
    pub href: String,
    /// What the target is to this representation; an IANA relation where one fits.
    pub rel: String,
    /// The HTTP method to use.
    pub method: String,
}

/// Links by relation.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = json!({
    "self": {"href": "https://api.norsjo.se/samsyn/v1/strategies/norsjo-2014-2020", "rel": "self", "method": "GET"}
}))]
pub struct Links(BTreeMap<String, Link>);

impl Links {
    /// Adds a link.
    #[must_use]
    pub fn and(mut self, rel: &str, method: &str, href: String) -> Self {
        self.0.insert(rel.to_owned(), Link { href, rel: rel.to_owned(), method: method.to_owned() });
        self
    }

    /// Adds a link when the condition holds: what the caller may not do is not shown.
    #[must_use]
    pub fn and_if(self, condition: bool, rel: &str, method: &str, href: impl FnOnce() -> String) -> Self {
        if condition { self.and(rel, method, href()) } else { self }
    }

    /// The links, by relation.
    pub fn iter(&self) -> impl Iterator<Item = &Link> {
        self.0.values()
    }
}
