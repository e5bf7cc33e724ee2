//! Responses: representations with their ETag, lists in their envelope, what was created and where.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, LINK, LOCATION};
use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::body::hex;
use super::context::Context;
use super::document::list_key;
use super::link::Links;
use super::query::Paging;
use crate::problem::Problem;

/// Where a page stands in its list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"totalRecords": 1, "totalPages": 1, "page": 1, "limit": 20, "count": 1}))]
pub struct PageMeta {
    /// Items in the whole list, as filtered.
    pub total_records: i64,
    /// Pages of this size in the whole list.
    pub total_pages: i64,
    /// This page's number.
    pub page: i64,
    /// Largest number of items on a page.
    pub limit: i64,
    /// Items on this page.
    pub count: i64,
}

struct Envelope<'a, T> {
    key: &'a str,
    items: &'a [T],
    meta: PageMeta,
    links: &'a Links,
}

impl<T: Serialize> Serialize for Envelope<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry(self.key, self.items)?;
        map.serialize_entry("_meta", &self.meta)?;
        map.serialize_entry("_links", self.links)?;
        map.end()
    }
}

/// A page of a list: `items` are the page's, `total` counts the whole list.
///
/// # Errors
/// 500 when the items cannot be written as JSON.
pub fn list<T: Serialize>(
    context: &Context,
    paging: &Paging,
    total: i64,
    items: &[T],
) -> Result<HttpResponse, Problem> {
    versioned_list(context, None, paging, total, items)
}

/// A page of a list that is part of something with a version, which a change of the list starts from.
///
/// # Errors
/// 500 when the items cannot be written as JSON.
pub fn versioned_list<T: Serialize>(
    context: &Context,
    version: Option<i64>,
    paging: &Paging,
    total: i64,
    items: &[T],
) -> Result<HttpResponse, Problem> {
    let understood = context.understood();
    let key = list_key(&understood.template);
    let links = page_links(context, paging, total);
    let meta = PageMeta {
        total_records: total,
        total_pages: total.div_euclid(paging.limit) + i64::from(total.rem_euclid(paging.limit) > 0),
        page: paging.page,
        limit: paging.limit,
        count: i64::try_from(items.len()).unwrap_or(i64::MAX),
    };
    let body = match &paging.fields {
        None => serde_json::to_vec(&Envelope { key: &key, items, meta, links: &links }),
        Some(fields) => {
            let items: Vec<Value> = items
                .iter()
                .map(|item| Ok(only(serde_json::to_value(item)?, fields)))
                .collect::<serde_json::Result<_>>()
                .map_err(Problem::internal)?;
            serde_json::to_vec(&Envelope { key: &key, items: &items, meta, links: &links })
        }
    };
    let header: Vec<String> = links.iter().map(|link| format!("<{}>; rel=\"{}\"", link.href, link.rel)).collect();
    let mut response = representation(context, version, body.map_err(Problem::internal)?);
    if let Ok(header) = header.join(", ").parse() {
        response.headers_mut().insert(LINK, header);
    }
    Ok(response)
}

/// A list that is answered whole after a change, with the version that the change led to.
///
/// # Errors
/// 500 when the items cannot be written as JSON.
pub fn whole<T: Serialize>(context: &Context, version: i64, items: &[T]) -> Result<HttpResponse, Problem> {
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let key = list_key(&context.understood().template);
    let links = Links::default().and("self", "GET", context.address(context.path()));
    let meta = PageMeta { total_records: count, total_pages: 1, page: 1, limit: count.max(1), count };
    let body = serde_json::to_vec(&Envelope { key: &key, items, meta, links: &links });
    Ok(representation(context, Some(version), body.map_err(Problem::internal)?))
}

/// The members asked for, and what says which item it is.
fn only(item: Value, fields: &[String]) -> Value {
    match item {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(name, _)| {
                    matches!(name.as_str(), "id" | "code" | "_links") || fields.iter().any(|field| field == name)
                })
                .collect(),
        ),
        other => other,
    }
}

fn page_links(context: &Context, paging: &Paging, total: i64) -> Links {
    let understood = context.understood();
    let others: Vec<&str> = understood
        .query_text
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("page=") && !pair.starts_with("limit="))
        .collect();
    let page = |number: i64| {
        let mut query = others.clone();
        let window = format!("page={number}&limit={}", paging.limit);
        query.push(&window);
        context.address(&format!("{}?{}", understood.path, query.join("&")))
    };
    let last = (total.max(1) + paging.limit - 1) / paging.limit;
    Links::default()
        .and("self", "GET", page(paging.page))
        .and("first", "GET", page(1))
        .and("last", "GET", page(last))
        .and_if(paging.page > 1, "prev", "GET", || page((paging.page - 1).min(last)))
        .and_if(paging.page < last, "next", "GET", || page(paging.page + 1))
}

/// One thing, of a version if it has one.
///
/// # Errors
/// 500 when it cannot be written as JSON.
pub fn one<T: Serialize>(context: &Context, version: Option<i64>, view: &T) -> Result<HttpResponse, Problem> {
    Ok(representation(context, version, serde_json::to_vec(view).map_err(Problem::internal)?))
}

/// One thing as a text of its own: a page for people, or JSON whose bytes matter.
#[must_use]
pub fn text(context: &Context, version: Option<i64>, text: String, media_type: &'static str) -> HttpResponse {
    of_type(context, version, text.into_bytes(), media_type)
}

/// What was made, with its address.
#[derive(Debug, Clone)]
pub struct Created {
    /// Path below the base path.
    pub path: String,
    /// Version of the aggregate it is part of.
    pub version: i64,
    /// Its representation, as JSON.
    pub body: String,
}

impl Created {
    /// What was made.
    ///
    /// # Errors
    /// 500 when it cannot be written as JSON.
    pub fn new<T: Serialize>(path: String, version: i64, view: &T) -> Result<Self, Problem> {
        Ok(Self { path, version, body: serde_json::to_string(view).map_err(Problem::internal)? })
    }

    /// The answer 201.
    #[must_use]
    pub fn into_response(self, context: &Context) -> HttpResponse {
        HttpResponse::build(StatusCode::CREATED)
            .insert_header((LOCATION, context.address(&self.path)))
            .insert_header((ETAG, etag(Some(self.version), self.body.as_bytes())))
            .content_type("application/json")
            .body(self.body)
    }
}

fn representation(context: &Context, version: Option<i64>, body: Vec<u8>) -> HttpResponse {
    of_type(context, version, body, "application/json")
}

fn of_type(context: &Context, version: Option<i64>, body: Vec<u8>, media_type: &str) -> HttpResponse {
    let tag = etag(version, &body);
    let known = context.understood().if_none_match.as_deref().unwrap_or_default();
    let unchanged = known.split(',').any(|other| {
        let other = other.trim();
        other == "*" || other.strip_prefix("W/").unwrap_or(other) == tag
    });
    let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    let cache =
        if context.caller().is_anonymous() { "public, max-age=0, must-revalidate" } else { "private, no-cache" };
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, cache));
    if unchanged { response.finish() } else { response.content_type(media_type).body(body) }
}

/// `"<version>-<hash of the body>"`, or the hash alone for what has no version.
fn etag(version: Option<i64>, body: &[u8]) -> String {
    let hash = hex(&Sha256::digest(body)[..8]);
    version.map_or_else(|| format!("\"{hash}\""), |version| format!("\"{version}-{hash}\""))
}
