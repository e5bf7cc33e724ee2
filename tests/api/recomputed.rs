//! Reading lists whole, and codes by their numbers.

use serde_json::Value;

use crate::support::Client;

/// Every item of a list, page by page. The path ends in `?` or `&`.
pub(crate) async fn everything(client: &Client<'_>, path: &str, list: &str) -> Vec<Value> {
    let limit = if path.contains("limit=") { "" } else { "limit=100&" };
    let mut found: Vec<Value> = Vec::new();
    for page in 1.. {
        let answer = client.get(&format!("{path}{limit}page={page}")).await.expect(200);
        let items = answer.body[list].as_array().cloned().unwrap_or_default();
        let is_last = items.is_empty() || answer.body["_links"].get("next").is_none();
        found.extend(items);
        if is_last {
            assert_eq!(i64::try_from(found.len()), Ok(answer.total()), "{path}");
            break;
        }
    }
    found
}

/// A code's numbers: 3.10 comes after 3.9.
pub(crate) fn code_order(code: &str) -> Vec<u32> {
    code.split('.').map(|number| number.parse().expect("a number")).collect()
}
