//! What every operation takes in its path, its query and its headers, for the OpenAPI document.

use serde_json::{Value, json};

use super::document::{is_repeatable, is_streamed, list_item, needs_version, plain_texts};

/// Completes what an operation takes in its path, query and headers.
pub(super) fn complete(path: &str, method: &str, operation: &mut Value, schemas: &Value) {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(path_parameter)
        .collect();
    let item = list_item(operation);
    for mut parameter in operation["parameters"].as_array().cloned().unwrap_or_default() {
        if parameter["in"] != "query" {
            continue;
        }
        parameter["required"] = json!(false);
        without_null(&mut parameter["schema"]);
        if parameter["schema"]["type"] == "array" {
            parameter["style"] = json!("form");
            parameter["explode"] = json!(false);
            parameter["schema"]["minItems"] = json!(1);
            if let Some(pattern) = parameter["name"].as_str().and_then(code_pattern) {
                parameter["schema"]["items"]["pattern"] = json!(pattern);
            }
        }
        plain_texts(&mut parameter["schema"]);
        if parameter["name"] == "fields"
            && let Some(properties) = item.as_deref().and_then(|item| schemas[item]["properties"].as_object())
        {
            let names: Vec<_> = properties.keys().filter(|name| *name != "_links").collect();
            parameter["schema"]["items"] = json!({"type": "string", "enum": names});
        }
        parameters.push(parameter);
    }
    let header = |name: &str, description: &str, schema: Value, example: &str| {
        json!({"name": name, "in": "header", "required": false, "description": description, "schema": schema,
               "example": example})
    };
    parameters.push(header(
        "traceparent",
        "W3C Trace Context. En ny spårning börjar om huvudet saknas eller är ogiltigt. / A new trace begins when the \
         header is missing or invalid.",
        json!({"type": "string"}),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ));
    parameters.push(header(
        "Accept-Language",
        "Språk för meddelanden: svenska (förval) eller engelska. / Language of messages: Swedish (default) or English.",
        json!({"type": "string"}),
        "sv",
    ));
    if method == "get" && !is_streamed(path) {
        parameters.push(header(
            "If-None-Match",
            "Svarar 304 om representationen är oförändrad. / Answers 304 when the representation is unchanged.",
            json!({"type": "string"}),
            "\"7-1f6e2f7e9a10b4ad\"",
        ));
    }
    if needs_version(path, method) {
        parameters.push(header(
            "If-Match",
            "Den version som ändringen utgår från, ur ETag; för allt under ett projekt är det projektets version. Saknas \
             den: 428, är den inaktuell: 412. / The version that the change starts from, from the ETag; for everything \
             below a project it is the project's. Missing: 428, out of date: 412.",
            json!({"type": "string"}),
            "\"7-1f6e2f7e9a10b4ad\"",
        ));
    }
    if is_repeatable(path, method) {
        parameters.push(header(
            "Idempotency-Key",
            "Samma nyckel ger samma svar i ett dygn utan att något skapas igen. / The same key gives the same answer \
             for a day without creating anything again.",
            json!({"type": "string", "pattern": "^([A-Za-z0-9._~-]{1,100}|\"[A-Za-z0-9._~-]{1,100}\")$"}),
            "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"",
        ));
    }
    operation["parameters"] = Value::Array(parameters);
}

/// An optional parameter is left out, never null.
fn without_null(schema: &mut Value) {
    if let Some(kinds) = schema["type"].as_array().cloned() {
        schema["type"] = kinds.into_iter().find(|kind| kind != "null").unwrap_or(Value::Null);
    }
    if let Some(forms) = schema.get("oneOf").and_then(Value::as_array).cloned()
        && let Some(form) = forms.into_iter().find(|form| form["type"] != "null")
    {
        *schema = form;
    }
}

/// The form of the codes that a parameter takes.
fn code_pattern(name: &str) -> Option<&'static str> {
    match name {
        "strategyId" | "frameworkId" | "fundingSourceCode" | "fundingSource" => Some("^[a-z0-9]+(-[a-z0-9]+)*$"),
        "priorityCode" | "priority" => Some("^[a-z0-9]+([.-][a-z0-9]+)*$"),
        "municipalityCode" | "municipality" => Some("^[0-9]{4}$"),
        "goalAreaCode" | "goalArea" => Some("^[0-9]{1,3}$"),
        "subGoalCode" | "subGoal" => Some(r"^[0-9]{1,3}\.[0-9]{1,3}$"),
        "measureCode" | "measure" => Some(r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$"),
        _ => None,
    }
}

fn path_parameter(name: &str) -> Value {
    let (description, example) = match name {
        "strategyId" => ("Strategins id. / The strategy's id.", "norsjo-2014-2020"),
        "frameworkId" => ("Ramverkets id. / The framework's id.", "eruf-ovre-norrland-2014-2020"),
        "priorityCode" => ("Prioriteringens kod. / Code of the priority.", "3"),
        "municipalityCode" => ("Kommunkod. / Municipality code.", "2417"),
        "fundingSourceCode" => {
            ("Finansieringskällans kod. / The funding source's code.", "eruf-ovre-norrland-2014-2020")
        }
        "goalAreaCode" => ("Målområdets kod. / Code of the goal area.", "3"),
        "subGoalCode" => ("Delmålets kod. / Code of the sub-goal.", "3.7"),
        "measureCode" => ("Åtgärdens kod. / Code of the measure.", "3.7.2"),
        _ => ("Identifierare (UUID). / Identifier (UUID).", "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10"),
    };
    let schema = match code_pattern(name) {
        Some(pattern) => json!({"type": "string", "pattern": pattern, "maxLength": 100}),
        None => json!({"type": "string", "format": "uuid"}),
    };
    json!({"name": name, "in": "path", "required": true, "description": description, "schema": schema,
           "example": example})
}
