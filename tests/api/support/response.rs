//! A response, checked against the document when it comes in.

use std::collections::HashMap;

use serde_json::Value;

use super::conformity;

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    request: String,
    /// HTTP status.
    pub status: u16,
    headers: HashMap<String, String>,
    /// JSON body, or text, or null when there was none.
    pub body: Value,
    text: String,
    bytes: Vec<u8>,
}

impl Response {
    pub(crate) fn new(method: &str, path: &str, status: u16, headers: HashMap<String, String>, bytes: &[u8]) -> Self {
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
        };
        let text = String::from_utf8_lossy(bytes).into_owned();
        let response = Self { request: format!("{method} {path}"), status, headers, body, text, bytes: bytes.to_vec() };
        conformity::check(method, path, &response);
        response
    }

    /// A header field's value, empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(&name.to_lowercase()).map_or("", String::as_str)
    }

    /// The body as it was sent.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The body as it was sent, whatever it is.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The ETag, to start a change from.
    pub(crate) fn etag(&self) -> &str {
        self.header("ETag")
    }

    /// The path of the Location below the base path.
    pub(crate) fn location(&self) -> &str {
        let location = self.header("Location");
        location.split_once("/samsyn/v1").map_or(location, |(_, path)| path)
    }

    /// Itself, when it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {:#}", self.request, self.body);
        self
    }

    /// Itself, when it is a problem of this kind, and one of status 422 or 400 that names this place.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, slug: &str) -> Self {
        let response = self.expect(status);
        let type_ = response.body["type"].as_str().unwrap_or_default();
        assert!(type_.ends_with(&format!("/{slug}")), "{}: {:#}", response.request, response.body);
        response
    }

    /// Itself, when a fault with this code is at this place.
    #[track_caller]
    pub(crate) fn expect_fault(self, property: &str, code: &str) -> Self {
        let faults = self.body["invalidParameters"].as_array().cloned().unwrap_or_default();
        let found = faults.iter().any(|fault| fault["property"] == property && fault["code"] == code);
        assert!(found, "{}: no fault {code} at {property} in {:#}", self.request, self.body);
        self
    }

    /// The titles, names or codes of a list's items under this member.
    pub(crate) fn all(&self, list: &str, member: &str) -> Vec<String> {
        let items = self.body[list].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// How many records the whole list has.
    pub(crate) fn total(&self) -> i64 {
        self.body["_meta"]["totalRecords"].as_i64().expect("a list")
    }
}
