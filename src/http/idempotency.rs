//! `Idempotency-Key`: a POST that is sent again within a day gets its first answer again and creates nothing.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::body::hex;
use super::context::Context;
use super::reply::Created;
use crate::auth::Principal;
use crate::clock::Timestamp;
use crate::db::schema::idempotency_keys;
use crate::db::{Conn, Database};
use crate::problem::{Fault, Kind, Part, Problem};
use crate::text::bilingual;

/// The key that a POST came with, if any.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(header) = request.headers().get("Idempotency-Key") else { return ready(Ok(Self(None))) };
        let key = header.to_str().unwrap_or_default().trim();
        let key = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        if (1..=100).contains(&key.len()) && key.bytes().all(allowed) {
            return ready(Ok(Self(Some(key.to_owned()))));
        }
        let reason = bilingual!(
            "ska vara 1–100 tecken av A–Z, a–z, 0–9, . _ ~ -, gärna en UUID inom citattecken",
            "must be 1–100 characters of A–Z, a–z, 0–9, . _ ~ -, best a quoted UUID"
        );
        let fault = Fault::new(Part::Header, "Idempotency-Key", "pattern", reason);
        ready(Err(Problem::invalid_parameters(vec![fault])))
    }
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = idempotency_keys)]
struct Answer {
    principal: String,
    operation: String,
    key: String,
    fingerprint: String,
    created_at: Timestamp,
    location: String,
    version: i64,
    body: String,
}

/// Whose key it is: the caller with the rights that it has now, since the answer was made for those.
fn principal(caller: &Principal) -> Result<String, Problem> {
    let rights = serde_json::to_vec(&(caller.role(), caller.binding(), caller.scopes())).map_err(Problem::internal)?;
    let id = caller.id().map_or_else(String::new, |id| id.to_string());
    Ok(format!("{id} {}", hex(&Sha256::digest(&rights)[..8])))
}

/// Creates something in one transaction, or answers again what was answered to the same key.
///
/// # Errors
/// What `work` answers; 422 when the key came with another body before.
pub async fn create(
    context: &Context,
    database: &Database,
    key: IdempotencyKey,
    fingerprint: String,
    mut work: impl FnMut(&mut Conn) -> Result<Created, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let principal = principal(context.caller())?;
    // The path is part of the operation: the same key may add a cost to two projects.
    let operation = format!("{} {}", context.understood().operation, context.path());
    let created = database
        .write(move |conn| match &key.0 {
            None => work(conn),
            Some(key) => match earlier(conn, &principal, &operation, key)? {
                Some(answer) if answer.fingerprint == fingerprint => Ok(answer.into_created()),
                Some(_) => Err(Problem::new(
                    Kind::IdempotencyKeyReused,
                    bilingual!(
                        "Samma Idempotency-Key kom tidigare med ett annat innehåll. Använd en ny nyckel.",
                        "The same Idempotency-Key came with other content before. Use a new key."
                    ),
                )),
                None => {
                    let created = work(conn)?;
                    let answer = Answer {
                        principal: principal.clone(),
                        operation: operation.clone(),
                        key: key.clone(),
                        fingerprint: fingerprint.clone(),
                        created_at: Timestamp::now(),
                        location: created.path.clone(),
                        version: created.version,
                        body: created.body.clone(),
                    };
                    diesel::insert_into(idempotency_keys::table).values(&answer).execute(conn)?;
                    Ok(created)
                }
            },
        })
        .await?;
    Ok(created.into_response(context))
}

impl Answer {
    fn into_created(self) -> Created {
        Created { path: self.location, version: self.version, body: self.body }
    }
}

/// Forgets the answers that have one of these texts as a value, however it is capitalised.
///
/// # Errors
/// When the database fails.
pub fn forget(conn: &mut Conn, texts: &[String]) -> Result<usize, Problem> {
    let folded: Vec<String> = texts.iter().map(|text| json!(text).to_string().to_lowercase()).collect();
    let kept: Vec<(String, String, String, String)> = idempotency_keys::table
        .select((
            idempotency_keys::principal,
            idempotency_keys::operation,
            idempotency_keys::key,
            idempotency_keys::body,
        ))
        .load(conn)?;
    let mut forgotten = 0;
    for (principal, operation, key, body) in kept {
        let body = body.to_lowercase();
        if folded.iter().any(|text| body.contains(text)) {
            forgotten += diesel::delete(idempotency_keys::table.find((principal, operation, key))).execute(conn)?;
        }
    }
    Ok(forgotten)
}

fn earlier(conn: &mut Conn, principal: &str, operation: &str, key: &str) -> Result<Option<Answer>, Problem> {
    let yesterday = Timestamp::now().plus(TimeDelta::days(-1));
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(yesterday))).execute(conn)?;
    Ok(idempotency_keys::table.find((principal, operation, key)).first(conn).optional()?)
}
