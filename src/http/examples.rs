//! Examples on every operation, made of the examples that components give, and links from what a POST made to the
//! operations that go on from it.

use serde_json::{Map, Value, json};

use super::document::objects;

/// Gives every JSON body of an operation an example, made of its components' own, with links to itself.
pub(super) fn exemplify(path: &str, method: &str, operation: &mut Value, schemas: &Value) {
    let address = concrete_address(path, operation);
    for (_, media) in operation.pointer_mut("/requestBody/content").into_iter().flat_map(objects) {
        media["example"] = example_of(&media["schema"], schemas);
    }
    for (status, response) in objects(&mut operation["responses"]) {
        for (_, media) in response.get_mut("content").into_iter().flat_map(objects) {
            if media.get("example").is_some() {
                continue;
            }
            let mut example = example_of(&media["schema"], schemas);
            let own = match (method, status.as_str()) {
                ("post", "201") => {
                    example["id"].as_str().or(example["code"].as_str()).map(|id| format!("{address}/{id}"))
                }
                _ => Some(address.clone()),
            };
            let link = |rel: &str, href: &str| json!({"href": href, "rel": rel, "method": "GET"});
            if example.get("_meta").is_some() {
                let page = format!("{address}?page=1&limit=20");
                example["_links"] =
                    json!({"self": link("self", &page), "first": link("first", &page), "last": link("last", &page)});
            } else if let (Some(_), Some(own)) = (example.get("_links"), own) {
                example["_links"] = json!({"self": link("self", &own)});
            }
            media["example"] = example;
        }
    }
}

/// An operation's address with the parameters of its examples.
fn concrete_address(path: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let path = parameters.filter(|parameter| parameter["in"] == "path").fold(path.to_owned(), |path, parameter| {
        let name = parameter["name"].as_str().unwrap_or_default();
        path.replace(&format!("{{{name}}}"), parameter["example"].as_str().unwrap_or_default())
    });
    format!("https://api.norsjo.se/samsyn/v1{path}")
}

/// Says which operations go on from what a POST made (OpenAPI links).
pub(super) fn link_operations(paths: &mut Value) {
    let operations: Vec<(String, String, String)> = objects(paths)
        .flat_map(|(path, methods)| {
            let path = path.clone();
            objects(methods).map(move |(method, operation)| {
                (path.clone(), method.clone(), operation["operationId"].as_str().unwrap_or_default().to_owned())
            })
        })
        .collect();
    for (path, methods) in objects(paths) {
        let Some(created) = methods.pointer_mut("/post/responses/201") else { continue };
        for (item, method, id) in &operations {
            let rest = item.strip_prefix(&format!("{path}/{{")).and_then(|rest| rest.strip_suffix('}'));
            let Some(own) = rest.filter(|rest| method == "get" && !rest.contains('/')) else { continue };
            let outer = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
            let mut parameters: Map<String, Value> =
                outer.map(|name| (name.to_owned(), json!(format!("$request.path.{name}")))).collect();
            let member = if own.ends_with("Code") { "code" } else { "id" };
            parameters.insert(own.to_owned(), json!(format!("$response.body#/{member}")));
            created["links"][id] = json!({"operationId": id, "parameters": parameters});
        }
    }
}

/// The example that a schema gives, or one put together of its members'.
fn example_of(schema: &Value, schemas: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return example_of(&schemas[name], schemas);
    }
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(whole) = schema["allOf"].get(0) {
        let mut example = example_of(whole, schemas);
        example["_links"] = schemas["Links"]["example"].clone();
        return example;
    }
    match schema["type"].as_str() {
        Some("array") => json!([example_of(&schema["items"], schemas)]),
        Some("object") => {
            let mut example = Map::new();
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                example.insert(name.clone(), example_of(member, schemas));
            }
            Value::Object(example)
        }
        _ => schema["enum"].get(0).cloned().unwrap_or(Value::Null),
    }
}
