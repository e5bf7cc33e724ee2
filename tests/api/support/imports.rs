//! Imports as the stories do them: sent, waited for, looked at.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, Response};
use crate::recomputed::items;

pub(crate) const BOUNDARY: &str = "9a1f-rows-and-rows";

/// A form with a file.
pub(crate) fn form(part: &str, name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

pub(crate) async fn send(client: &Client<'_>, query: &str, content: &[u8]) -> Response {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    client.request("POST", &format!("/imports{query}")).bytes(&kind, form("file", "fil.csv", content)).send().await
}

/// The import when its work has come to rest.
pub(crate) async fn rest(client: &Client<'_>, import: &Response) -> Response {
    let path = format!("/imports/{}", import.body["id"].as_str().expect("an id"));
    for _ in 0..2000 {
        let now = client.get(&path).await.expect(200);
        let state = now.body["state"].as_str().unwrap_or_default().to_owned();
        if !["checking", "committing", "undoing"].contains(&state.as_str()) {
            return now;
        }
        actix_web::rt::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{path} does not come to rest");
}

/// What a file would come to.
pub(crate) async fn check(client: &Client<'_>, query: &str, content: &[u8]) -> Response {
    let import = send(client, query, content).await.expect(201);
    let import = rest(client, &import).await;
    assert_eq!(import.body["state"], "checked", "{}", import.body);
    import
}

/// Changes the state of an import, and waits until it is at rest.
pub(crate) async fn change(client: &Client<'_>, import: &Response, body: Value) -> Response {
    let path = format!("/imports/{}/status-changes", import.body["id"].as_str().expect("an id"));
    let begun = client.post(&path, body).await.expect(201);
    rest(client, &begun).await
}

pub(crate) async fn commit(client: &Client<'_>, query: &str, content: &[u8]) -> Response {
    let import = check(client, query, content).await;
    let import = change(client, &import, json!({"status": "committed", "skipRefused": true})).await;
    assert_eq!(import.body["state"], "committed", "{}", import.body);
    import
}

pub(crate) async fn rows(client: &Client<'_>, import: &Response) -> Vec<Value> {
    let path = format!("/imports/{}/rows?limit=100", import.body["id"].as_str().expect("an id"));
    items(&client.get(&path).await.expect(200).body, "rows").cloned().collect()
}

pub(crate) fn counts(import: &Response) -> [i64; 4] {
    ["created", "changed", "unchanged", "refused"].map(|name| import.body["counts"][name].as_i64().expect("a count"))
}

pub(crate) async fn everything(client: &Client<'_>) -> Value {
    let projects = client.get("/projects?limit=100&sort=createdAt").await.expect(200).body;
    let organisations = client.get("/organisations?limit=100").await.expect(200).body;
    let mut all = json!([projects["projects"], organisations["organisations"]]);
    forget(&mut all);
    all
}

/// Takes away what counts and dates changes.
fn forget(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for name in ["version", "updatedAt", "_links"] {
                members.remove(name);
            }
            members.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        _ => {}
    }
}
