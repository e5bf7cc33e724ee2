//! Finishes the OpenAPI document that utoipa collects from the handlers: what holds for every operation is said here
//! once (trace, language, preconditions, problems, security, examples), not on each handler.

use serde_json::{Value, json};

use super::body::REPLACED;
use super::contract::{SAYING_PATTERN, TEXT_PATTERN};
use super::examples::{exemplify, link_operations};
use super::parameters;
use crate::auth::policy;
use crate::problem::{MEANINGS, Meaning};

/// Completes a collected document.
#[must_use]
pub fn finish(mut document: Value) -> Value {
    plain_texts(&mut document["components"]["schemas"]);
    exemplify_dates(&mut document["components"]["schemas"]);
    loosen_patches(&mut document);
    let mut paths = document["paths"].take();
    let mut tags = Vec::new();
    for (path, methods) in objects(&mut paths) {
        for (method, operation) in objects(methods) {
            let tag = path.split('/').nth(1).unwrap_or_default().to_owned();
            operation["tags"] = json!([tag]);
            if !tags.contains(&tag) {
                tags.push(tag);
            }
            name_operation(operation);
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            parameters::complete(path, method, operation, &document["components"]["schemas"]);
            complete_body(method, operation);
            complete_responses(path, method, operation, &document["components"]["schemas"]);
            secure(&id, operation);
        }
    }
    document["paths"] = paths;
    add_items(&mut document);
    document["tags"] = tags.iter().map(|tag| json!({"name": tag, "description": describe_tag(tag)})).collect();
    document["security"] = json!([{"bearerAuth": []}]);
    document["components"]["headers"] = headers();
    document["components"]["responses"] = json!({"Problem": {
        "description": "Ett fel enligt RFC 9457. / A problem as RFC 9457 defines it.",
        "headers": {
            "traceparent": {"$ref": "#/components/headers/traceparent"},
            "Content-Language": {"$ref": "#/components/headers/Content-Language"},
            "RateLimit-Policy": {"$ref": "#/components/headers/RateLimit-Policy"},
            "RateLimit": {"$ref": "#/components/headers/RateLimit"},
            "WWW-Authenticate": {"$ref": "#/components/headers/WWW-Authenticate"},
            "Allow": {"$ref": "#/components/headers/Allow"},
            "Retry-After": {"$ref": "#/components/headers/Retry-After"},
        },
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": document["components"]["schemas"]["Problem"]["example"],
        }},
    }});
    let mut paths = document["paths"].take();
    for (path, methods) in objects(&mut paths) {
        for (method, operation) in objects(methods) {
            exemplify(path, method, operation, &document["components"]["schemas"]);
        }
    }
    link_operations(&mut paths);
    document["paths"] = paths;
    prune(&mut document);
    document
}

/// Gives every text that has no form of its own the form of texts; one that must not be empty says something.
pub(super) fn plain_texts(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is_text = match members.get("type") {
                Some(Value::String(kind)) => kind == "string",
                Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
                _ => false,
            };
            if is_text && !["pattern", "enum", "format", "const"].iter().any(|form| members.contains_key(*form)) {
                let must_say = members.get("minLength").and_then(Value::as_u64).is_some_and(|least| least > 0);
                let pattern = if must_say { SAYING_PATTERN } else { TEXT_PATTERN };
                members.insert("pattern".to_owned(), json!(pattern));
            }
            let schemas = members.iter_mut().filter(|(name, _)| *name != "example");
            schemas.for_each(|(_, member)| plain_texts(member));
        }
        Value::Array(items) => items.iter_mut().for_each(plain_texts),
        _ => {}
    }
}

/// Gives every date and instant that has no example of its own one (DOT.02 and DOT.04 of the API profile).
fn exemplify_dates(schema: &mut Value) {
    let example = match schema["format"].as_str() {
        Some("date") => Some("2014-01-31"),
        Some("date-time") => Some("2014-01-31T12:00:00Z"),
        _ => None,
    };
    match (schema, example) {
        (Value::Object(members), Some(example)) => {
            members.entry("example").or_insert_with(|| json!(example));
        }
        (Value::Object(members), None) => {
            let schemas = members.iter_mut().filter(|(name, _)| *name != "example");
            schemas.for_each(|(_, member)| exemplify_dates(member));
        }
        (Value::Array(items), _) => items.iter_mut().for_each(exemplify_dates),
        _ => {}
    }
}

/// What a patch names of an object inside is merged too (RFC 7396), so there no member is required either.
fn loosen_patches(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let known = schemas.clone();
    let loosen = |form: &mut Value| {
        let name = form.get("$ref").and_then(Value::as_str).and_then(|reference| reference.rsplit('/').next());
        if let Some(inner) = name.and_then(|name| known.get(name)).filter(|inner| inner["type"] == "object") {
            let mut inner = inner.clone();
            inner["required"] = json!([]);
            *form = inner;
        }
    };
    for (_, patch) in schemas.iter_mut().filter(|(name, _)| name.ends_with("Patch")) {
        let merged = objects(&mut patch["properties"]).filter(|(name, _)| !REPLACED.contains(&name.as_str()));
        for (_, property) in merged {
            match property.get_mut("oneOf").and_then(Value::as_array_mut) {
                Some(forms) => forms.iter_mut().for_each(loosen),
                None => loosen(property),
            }
        }
    }
}

/// Adds the schema of each list's items: as the thing itself, but `fields` may leave any member out.
fn add_items(document: &mut Value) {
    let text = document["paths"].to_string();
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        if text.contains(&format!("\"#/components/schemas/{name}Item\"")) {
            let mut item = schemas[&name].clone();
            let always: Vec<Value> = item["required"].as_array().into_iter().flatten().cloned().collect();
            let kept = |member: &Value| ["id", "code", "_links"].iter().any(|kept| member == kept);
            item["required"] = always.into_iter().filter(kept).collect();
            schemas.insert(format!("{name}Item"), item);
        }
    }
}

/// Leaves out schemas that nothing refers to, which collecting brings along.
fn prune(document: &mut Value) {
    loop {
        let text = document.to_string();
        let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
        let count = schemas.len();
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
        if schemas.len() == count {
            return;
        }
    }
}

/// The member under which a path's list stands: the last segment, in camel case.
#[must_use]
pub fn list_key(path: &str) -> String {
    let segment = path.rsplit('/').next().unwrap_or_default();
    let mut parts = segment.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |key, part| {
        let (initial, rest) = part.split_at(1.min(part.len()));
        key + &initial.to_uppercase() + rest
    })
}

/// Whether a change needs `If-Match`: all that change what has a version.
#[must_use]
pub fn needs_version(path: &str, method: &str) -> bool {
    let versioned = !matches!(path, "/me/password" | "/sessions/{sessionId}");
    match method {
        "put" | "patch" | "delete" => versioned,
        "post" => path.starts_with("/projects/{projectId}/") || path.ends_with("/secrets"),
        _ => false,
    }
}

/// Whether an operation honours `Idempotency-Key`: all that create, but for those whose answers are secrets, suggestions, which
/// are not kept, imports, which change nothing when repeated, and what is done with webhooks, which can be done again.
#[must_use]
pub fn is_repeatable(path: &str, method: &str) -> bool {
    let is_harmless = path == "/suggestions" || path.starts_with("/imports") || path.starts_with("/webhooks/");
    method == "post" && !is_secret(path) && !is_harmless
}

/// Whether the answers are kept by nobody on the way: they have tokens, secrets, or a person's data.
fn is_secret(path: &str) -> bool {
    let is_below = ["/sessions", "/personal-data/"].iter().any(|beginning| path.starts_with(beginning));
    is_below || path.ends_with("/secrets") || path == "/webhooks"
}

pub(super) fn objects(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn name_operation(operation: &mut Value) {
    let name = operation["operationId"].as_str().unwrap_or_default();
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let id = words.fold(first, |id, word| {
        let (initial, rest) = word.split_at(1.min(word.len()));
        id + &initial.to_uppercase() + rest
    });
    operation["operationId"] = json!(id);
    if operation.get("description").is_none() {
        operation["description"] = operation["summary"].clone();
    }
}

fn complete_body(method: &str, operation: &mut Value) {
    if operation.get("requestBody").is_some() {
        operation["requestBody"]["required"] = json!(true);
        if method == "patch" {
            let content = operation["requestBody"]["content"]["application/json"].clone();
            operation["requestBody"]["content"]["application/merge-patch+json"] = content;
        }
    }
}

/// The component of a list's items, where the response is an array.
pub(super) fn list_item(operation: &Value) -> Option<String> {
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    let reference = (schema["type"] == "array").then(|| schema["items"]["$ref"].as_str()).flatten()?;
    reference.rsplit('/').next().map(str::to_owned)
}

fn complete_responses(path: &str, method: &str, operation: &mut Value, schemas: &Value) {
    if let Some(item) = list_item(operation) {
        let items = json!({"type": "array", "items": {"$ref": format!("#/components/schemas/{item}Item")}});
        let key = list_key(path);
        operation["responses"]["200"]["content"]["application/json"]["schema"] = json!({
            "type": "object", "required": [key, "_meta", "_links"],
            "properties": {
                key.as_str(): items,
                "_meta": {"$ref": "#/components/schemas/PageMeta"},
                "_links": {"$ref": "#/components/schemas/Links"},
            },
        });
        if method == "get" {
            operation["responses"]["200"]["headers"]["Link"] = json!({"$ref": "#/components/headers/Link"});
        }
    }
    for status in ["200", "201"] {
        let place = format!("/responses/{status}/content/application~1json/schema");
        let Some(schema) = operation.pointer_mut(&place) else { continue };
        if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next())
            && has_optional_links(&schemas[name])
        {
            // Inside a project a part has no links; standing alone it has.
            *schema = json!({"allOf": [schema.clone(), {"type": "object", "required": ["_links"]}]});
        }
    }
    let has_body = operation.get("requestBody").is_some();
    let mut failures = vec!["400", "401", "403", "404", "405", "406", "414", "429", "500", "503"];
    if has_body {
        failures.extend(["408", "409", "413", "415", "422"]);
    }
    if needs_version(path, method) {
        failures.extend(["409", "412", "422", "428"]);
    }
    if is_streamed(path) {
        operation["responses"]["200"]["headers"]["Content-Disposition"] =
            json!({"$ref": "#/components/headers/Content-Disposition"});
    } else if method == "get" {
        operation["responses"]["304"] = json!({"description": "Oförändrad. / Not modified."});
        operation["responses"]["200"]["headers"]["ETag"] = json!({"$ref": "#/components/headers/ETag"});
    }
    for (status, response) in objects(&mut operation["responses"]) {
        for name in ["traceparent", "Content-Language", "RateLimit-Policy", "RateLimit"] {
            response["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        if status == "201" {
            response["headers"]["Location"] = json!({"$ref": "#/components/headers/Location"});
        }
        if (status == "201" || status == "200") && needs_etag(path, method) {
            response["headers"]["ETag"] = json!({"$ref": "#/components/headers/ETag"});
        }
    }
    for status in failures {
        operation["responses"][status] = json!({"$ref": "#/components/responses/Problem"});
    }
}

fn has_optional_links(schema: &Value) -> bool {
    let is_required = schema["required"].as_array().is_some_and(|names| names.iter().any(|name| name == "_links"));
    schema["properties"].get("_links").is_some() && !is_required
}

fn needs_etag(path: &str, method: &str) -> bool {
    !is_secret(path) && !is_streamed(path) && method != "delete"
}

/// Whether the answers are files that are sent while they are made, so that nothing is known of the whole beforehand.
pub(super) fn is_streamed(path: &str) -> bool {
    path.starts_with("/exports/")
}

fn secure(id: &str, operation: &mut Value) {
    let scope = policy::rule(id).and_then(|rule| rule.scope);
    let machines = scope.map(|scope| json!({"oauth2": [scope.as_str()]}));
    let nobody = policy::is_open(id).then(|| json!({}));
    let people = json!({"bearerAuth": []});
    operation["security"] = nobody.into_iter().chain(machines).chain([people]).collect();
    if let Some(rule) = policy::rule(id) {
        let text = operation["description"].as_str().unwrap_or_default();
        operation["description"] = json!(format!("{text}\n\n{}", rule.in_words()));
    }
}

fn headers() -> Value {
    let text = |description: &str, example: &str| json!({"description": description, "schema": {"type": "string"}, "example": example});
    json!({
        "traceparent": text(
            "W3C Trace Context: spårningen som begäran hör till. / The trace that the request belongs to.",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01",
        ),
        "ETag": text(
            "Version och innehållets hash. / Version and hash of the content.",
            "\"7-1f6e2f7e9a10b4ad\"",
        ),
        "Location": text(
            "Adressen till det som skapades. / The address of what was created.",
            "https://api.norsjo.se/samsyn/v1/projects/0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10",
        ),
        "Content-Disposition": text("Filens namn. / The file's name.", "attachment; filename=\"projects.csv\""),
        "Link": text(
            "Sidlänkar enligt RFC 8288. / Page links (RFC 8288).",
            "<https://api.norsjo.se/samsyn/v1/projects?page=2&limit=20>; rel=\"next\"",
        ),
        "WWW-Authenticate": text("Vid 401, enligt RFC 6750. / With 401 (RFC 6750).", "Bearer realm=\"samsyn\""),
        "Allow": text("Vid 405. / With 405.", "GET, HEAD, OPTIONS"),
        "Retry-After": text(
            "I sekunder, vid 429 och 503 och där ett hinder går över av sig självt (409). / In seconds, with 429 and 503 and \
             where what is in the way passes by itself (409).",
            "1",
        ),
        "RateLimit-Policy": text(
            "Hur många anrop (q) som anroparen, ett konto eller en adress, får göra på så många sekunder (w). / How many \
             requests (q) the caller, an account or an address, may make in so many seconds (w).",
            "\"default\";q=1200;w=60",
        ),
        "RateLimit": text(
            "Hur många anrop som återstår (r), och om hur många sekunder alla är tillbaka (t). / How many requests remain \
             (r), and in how many seconds all are back (t).",
            "\"default\";r=1199;t=1",
        ),
        "Content-Language": text("Språket för meddelanden. / Language of messages.", "sv"),
    })
}

fn describe_tag(tag: &str) -> &'static str {
    match tag {
        "api-info" => "Om tjänsten. / About the service.",
        "sessions" => {
            "Inloggning, förnyelse och utloggning. En avslutad sessions åtkomsttoken nekas vid ändringar och kan läsa \
             högst sina fem minuter. / Signing in, renewing and signing out. The access token of a session that has ended \
             is refused for changes, and can read for its five minutes at most."
        }
        "issuers" => "Identitetsleverantörer för samlad inloggning. / Identity providers for single sign-on.",
        "me" => "Den inloggade. / Who is signed in.",
        "users" => "Konton. / Accounts.",
        "audit-events" => "Spårning av inloggningar, konton, klienter och nycklar. / The audit trail.",
        "personal-data" => "Det som finns om en person (GDPR artikel 15 och 17). / What is held about a person (GDPR).",
        "clients" => {
            "Maskiner. De får sin åtkomsttoken av POST /oauth/token (RFC 6749 avsnitt 4.4) med hemlighet \
             (client_secret_post) eller egen nyckel (private_key_jwt, RFC 7523). / Machines. They get their access token of \
             POST /oauth/token, with a secret or a key of their own."
        }
        "webhooks" => "Prenumerationer på ändringar. / Subscriptions to changes.",
        "municipalities" => "Sveriges kommuner. / The municipalities of Sweden.",
        "strategies" => "Lokala utvecklingsstrategier. / Local development strategies.",
        "frameworks" => "Ramverk som finansiärer styr efter, och motsvarigheter. / Frameworks and correspondences.",
        "organisations" => "Organisationer som är intressenter och finansiärer. / Organisations.",
        "funding-sources" => "Finansieringskällor. / Funding sources.",
        "calls" => "Utlysningar. / Calls.",
        "statements" => "Intyg om vad projekt bidrar till. / Statements on what projects contribute to.",
        "suggestions" => "Förslag på delmål, åtgärder och prioriteringar. / Suggestions.",
        "changes" => "Flödet av ändringar. / The feed of changes.",
        "exports" => "Projekt som tabeller, för kalkylprogram och program. / Projects as tables.",
        "imports" => {
            "Filer som läses in, kontrolleras, genomförs och ångras. / Files that are read in, checked, committed and undone."
        }
        "projects" => "Projekt med kopplingar, intressenter, finansiering och status. / Projects and their parts.",
        _ => "Resurser. / Resources.",
    }
}

/// The addresses of the problem types, for the documentation.
#[must_use]
pub fn problem_types() -> String {
    let line = |row: &Meaning| format!("- `{}` ({}): {} / {}", row.slug, row.status, row.sv, row.en);
    MEANINGS.iter().map(line).collect::<Vec<_>>().join("\n")
}
