//! The OpenAPI document as the program uses it: which operation a request means, and whether its query and body have
//! the documented form. What is published and what is enforced are one thing.

use std::collections::HashMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

use crate::problem::{Fault, Part};
use crate::text::{Bilingual, bilingual};

/// What every text is made of: no control characters but line breaks and tabs, which PostgreSQL partly refuses, and no
/// U+FFFD, which stands for bytes that were no text.
pub const TEXT_PATTERN: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]*$";

/// The same for a text that must not be empty: it says something. (That it is not empty is its length's to say.)
pub const SAYING_PATTERN: &str = concat!(
    r"^([^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]*",
    r"[^\s\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]",
    r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd]*)?$"
);

/// An operation of the document.
#[derive(Debug)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// Its HTTP method, in capitals.
    pub method: String,
    /// Its path template.
    pub path: String,
    /// The media types of its answer, the one that comes unasked first.
    pub offers: Vec<String>,
    /// Its query parameters by name.
    query: HashMap<String, Value>,
    query_schema: Validator,
    path_schemas: HashMap<String, Validator>,
}

/// The document, ready to be asked.
pub struct Contract {
    /// The OpenAPI document.
    pub document: Value,
    operations: Vec<Operation>,
    bodies: HashMap<String, Validator>,
}

/// What a method and a path mean.
pub enum Match<'a> {
    /// This operation.
    Operation(&'a Operation),
    /// A path with these methods, which the request's is not among.
    OtherMethods(Vec<&'a str>),
    /// No path of the document.
    Nothing,
}

impl Contract {
    /// Reads a finished document.
    ///
    /// # Errors
    /// When one of its schemas is no schema.
    pub fn new(document: Value) -> anyhow::Result<Self> {
        let compile = |schema: Value| compile(schema, &document);
        let mut operations = Vec::new();
        let mut bodies = HashMap::new();
        for (path, methods) in members(&document["paths"]) {
            for (method, operation) in members(methods) {
                let parameters = |place: &str| -> Vec<(String, Value)> {
                    let all = operation["parameters"].as_array().into_iter().flatten();
                    all.filter(|parameter| parameter["in"] == place)
                        .filter_map(|parameter| {
                            Some((parameter["name"].as_str()?.to_owned(), parameter["schema"].clone()))
                        })
                        .collect()
                };
                let query: HashMap<_, _> = parameters("query").into_iter().collect();
                operations.push(Operation {
                    id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    offers: offers(operation),
                    query_schema: compile(json!({
                        "type": "object", "additionalProperties": false, "properties": query,
                    }))?,
                    query,
                    path_schemas: parameters("path")
                        .into_iter()
                        .map(|(name, schema)| Ok((name, compile(schema)?)))
                        .collect::<anyhow::Result<_>>()?,
                });
                let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
                if let Some(name) = body.as_str().and_then(|reference| reference.rsplit('/').next()) {
                    bodies.insert(name.to_owned(), compile(json!({"$ref": body}))?);
                }
            }
        }
        Ok(Self { document, operations, bodies })
    }

    /// What a request to a path below the base path means. A path that is named goes before one with parameters, as OpenAPI
    /// has it: `/sessions/refresh` is no session.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Match<'_> {
        let is_named = self.operations.iter().any(|operation| operation.path == path);
        let is_at = |template: &str| if is_named { template == path } else { fits(template, path) };
        let at_path = || self.operations.iter().filter(|operation| is_at(&operation.path));
        if let Some(operation) = at_path().find(|operation| operation.method == method) {
            return Match::Operation(operation);
        }
        let methods: Vec<_> = at_path().map(|operation| operation.method.as_str()).collect();
        if methods.is_empty() { Match::Nothing } else { Match::OtherMethods(methods) }
    }

    /// Everything that is wrong with a value, by a schema that may refer to the document's components.
    ///
    /// # Errors
    /// When the schema is no schema.
    pub fn faults(&self, schema: Value, value: &Value) -> anyhow::Result<Vec<Fault>> {
        let mut faults = Vec::new();
        for error in compile(schema, &self.document)?.iter_errors(value) {
            collect(&error, Part::Body, &mut faults);
        }
        Ok(faults)
    }

    /// Everything that is wrong with a parsed body, by the component schema it must have.
    #[must_use]
    pub fn body_faults(&self, schema: &str, body: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(validator) = self.bodies.get(schema) {
            for error in validator.iter_errors(body) {
                collect(&error, Part::Body, &mut faults);
            }
        }
        faults
    }
}

impl Operation {
    /// The query parameters as a JSON object, typed as the document says.
    ///
    /// # Errors
    /// Every parameter that is unknown, repeated, or not of its documented form.
    pub fn query(&self, text: &str) -> Result<Value, Vec<Fault>> {
        let mut object = Map::new();
        let mut faults = Vec::new();
        for (name, value) in form_pairs(text) {
            let typed = match self.query.get(&name).and_then(|schema| schema["type"].as_str()) {
                Some("array") => value.split(',').map(|item| Value::String(item.to_owned())).collect(),
                Some("integer") => value.parse::<i64>().map_or(Value::String(value), Value::from),
                Some("number") => value.parse::<f64>().map_or(Value::String(value), Value::from),
                Some("boolean") => value.parse::<bool>().map_or(Value::String(value), Value::from),
                _ => Value::String(value),
            };
            if object.insert(name.clone(), typed).is_some() {
                let reason = bilingual!("får anges en gång", "may be given once");
                faults.push(Fault::new(Part::Query, name, "repeated", reason));
            }
        }
        let object = Value::Object(object);
        for error in self.query_schema.iter_errors(&object) {
            collect(&error, Part::Query, &mut faults);
        }
        for fault in &mut faults {
            fault.part = Part::Query;
            fault.property = fault.property.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        }
        if faults.is_empty() { Ok(object) } else { Err(faults) }
    }

    /// Everything that is wrong with the path's parameters.
    #[must_use]
    pub fn path_faults(&self, path: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (segment, value) in self.path.split('/').zip(path.split('/')) {
            let name = segment.trim_start_matches('{').trim_end_matches('}');
            let Some(validator) = self.path_schemas.get(name) else { continue };
            let value = Value::String(percent_decoded(value));
            for error in validator.iter_errors(&value) {
                let mut found = Vec::new();
                collect(&error, Part::Path, &mut found);
                faults.extend(found.into_iter().map(|fault| Fault { property: name.to_owned(), ..fault }));
            }
        }
        faults
    }
}

/// The media types that an operation answers with: JSON first, then what people read; JSON alone where the answer has no
/// content.
fn offers(operation: &Value) -> Vec<String> {
    const JSON: &str = "application/json";
    let success = ["200", "201"].iter().find_map(|status| operation["responses"][*status]["content"].as_object());
    let Some(content) = success else { return vec![JSON.to_owned()] };
    let mut offers: Vec<String> = content.keys().cloned().collect();
    offers.sort_by_key(|name| (name != JSON, !name.starts_with("text/")));
    offers
}

/// Makes a validator of a schema that may refer to the document's components, of which it gets those it needs.
fn compile(mut schema: Value, document: &Value) -> anyhow::Result<Validator> {
    let mut needed = Map::new();
    need(&schema, &document["components"]["schemas"], &mut needed);
    schema["components"] = json!({"schemas": needed});
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .map_err(|error| anyhow::anyhow!("{error} in {schema:.200}"))
}

/// Gathers the components that a schema refers to, and those that they refer to.
fn need(schema: &Value, known: &Value, needed: &mut Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str).and_then(|to| to.rsplit('/').next())
                && !needed.contains_key(name)
            {
                needed.insert(name.to_owned(), known[name].clone());
                need(&known[name], known, needed);
            }
            members.values().for_each(|member| need(member, known, needed));
        }
        Value::Array(items) => items.iter().for_each(|item| need(item, known, needed)),
        _ => {}
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn fits(template: &str, path: &str) -> bool {
    let (mut segments, mut values) = (template.split('/'), path.split('/'));
    loop {
        match (segments.next(), values.next()) {
            (None, None) => return true,
            (Some(segment), Some(value)) if segment == value => {}
            (Some(segment), Some(value)) if segment.starts_with('{') && !value.is_empty() => {}
            _ => return false,
        }
    }
}

/// The names and values of a query or a form.
pub fn form_pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |part: &str| percent_decoded(&part.replace('+', " ")).nfc().collect::<String>();
    text.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// Percent-decoded text; bytes that are no UTF-8 become U+FFFD, which no parameter allows.
fn percent_decoded(text: &str) -> String {
    let digit = |byte: &u8| (*byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        if let (b'%', [high, low, after @ ..]) = (first, others) {
            if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                decoded.push(high << 4 | low);
                rest = after;
                continue;
            }
            decoded.push(b'%');
            rest = others;
        } else {
            decoded.push(*first);
            rest = others;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Turns a schema's finding into faults; a finding about several forms is about the one that has the value's type.
fn collect(error: &ValidationError<'_>, part: Part, faults: &mut Vec<Fault>) {
    let pointer = error.instance_path().to_string();
    let fault = |property: String, code, reason| Fault::new(part, property, code, reason);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                let reason = bilingual!("okänt fält; kontrollera stavningen", "unknown field; check the spelling");
                faults.push(fault(format!("{pointer}/{name}"), "unknown", reason));
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            faults.push(fault(format!("{pointer}/{name}"), "required", bilingual!("saknas", "is missing")));
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            let is_other_type = |branch: &&Vec<ValidationError<'_>>| {
                branch.iter().any(|error| error.instance_path().to_string() == pointer && is_type_finding(error))
            };
            let wants_null = |branch: &&Vec<ValidationError<'_>>| branch.iter().any(wants_null);
            let mut meant: Vec<_> = context.iter().filter(|branch| !is_other_type(branch)).collect();
            if meant.is_empty() {
                meant = context.iter().filter(|branch| !wants_null(branch)).collect();
            }
            if let [only] = meant.as_slice() {
                for error in *only {
                    collect(error, part, faults);
                }
            } else {
                let reason = bilingual!("har ingen av de tillåtna formerna", "has none of the allowed forms");
                faults.push(fault(pointer, "form", reason));
            }
        }
        ValidationErrorKind::Pattern { pattern } if pattern == SAYING_PATTERN && is_blank(error) => {
            faults.push(fault(pointer, "blank", bilingual!("ska ha text", "must have text")));
        }
        kind => {
            let (code, reason) = describe(kind);
            faults.push(fault(pointer, code, reason));
        }
    }
}

fn is_blank(error: &ValidationError<'_>) -> bool {
    error.instance().as_str().is_some_and(|text| text.trim().is_empty())
}

fn is_type_finding(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Type { .. })
}

fn wants_null(error: &ValidationError<'_>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::Type { kind: TypeKind::Single(kind) } if kind.to_string() == "null"
    )
}

fn describe(kind: &ValidationErrorKind) -> (&'static str, Bilingual) {
    use ValidationErrorKind as Finding;
    match kind {
        Finding::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(kind) => kind.to_string(),
                TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" / "),
            };
            ("type", bilingual!("fel typ; ska vara {wanted}", "wrong type; expected {wanted}"))
        }
        Finding::Enum { options } => {
            let codes: Vec<_> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let codes = codes.join(", ");
            ("code", bilingual!("ska vara en av {codes}", "expected one of {codes}"))
        }
        Finding::MaxLength { limit } => {
            ("too-long", bilingual!("får ha högst {limit} tecken", "may have at most {limit} characters"))
        }
        Finding::MinLength { limit } => {
            ("too-short", bilingual!("ska ha minst {limit} tecken", "must have at least {limit} characters"))
        }
        Finding::Maximum { limit } => ("too-large", bilingual!("får vara högst {limit}", "may be at most {limit}")),
        Finding::Minimum { limit } => ("too-small", bilingual!("ska vara minst {limit}", "must be at least {limit}")),
        Finding::MaxItems { limit } => {
            ("too-many", bilingual!("får ha högst {limit} poster", "may have at most {limit} items"))
        }
        Finding::MinItems { limit } => {
            ("too-few", bilingual!("ska ha minst {limit} poster", "must have at least {limit} items"))
        }
        Finding::UniqueItems => ("repeated", bilingual!("samma värde flera gånger", "the same value more than once")),
        Finding::Format { format } => {
            ("format", bilingual!("är inte av formen {format}", "is not of the form {format}"))
        }
        Finding::Pattern { pattern } if [TEXT_PATTERN, SAYING_PATTERN].contains(&pattern.as_str()) => {
            ("control-character", bilingual!("innehåller ett styrtecken", "contains a control character"))
        }
        Finding::Pattern { pattern } => {
            ("pattern", bilingual!("följer inte mönstret {pattern}", "does not match the pattern {pattern}"))
        }
        other => {
            let keyword = other.keyword();
            ("schema", bilingual!("följer inte regeln {keyword}", "breaks the rule {keyword}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fit_whole_paths_only() {
        assert!(fits("/projects/{projectId}/costs", "/projects/1/costs"));
        assert!(!fits("/projects/{projectId}", "/projects/"));
        assert!(!fits("/projects/{projectId}", "/projects/1/costs"));
        assert!(!fits("/projects", "/projects/"));
    }

    #[test]
    fn percent_decoding_never_fails() {
        assert_eq!(percent_decoded("Bastutr%C3%A4sk%"), "Bastuträsk%");
        assert_eq!(percent_decoded("%zz%e"), "%zz%e");
        assert_eq!(percent_decoded("%ff"), "\u{fffd}");
    }
}
