//! Request bodies: read within limits, checked against the operation's own schema, then typed.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_normalization::{UnicodeNormalization, is_nfc};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

use super::contract::Contract;
use crate::problem::{Fault, Kind, Problem};
use crate::text::{Bilingual, bilingual};

/// The largest body, in bytes.
pub const LIMIT: usize = 1024 * 1024;

/// A JSON body of the documented form.
#[derive(Debug)]
pub struct Body<T> {
    /// What the body says.
    pub value: T,
    /// SHA-256 of the bytes, to know a repeated request by.
    pub fingerprint: String,
}

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = parse(request, payload, &["application/json"]);
        let contract = request.app_data::<Data<Contract>>().cloned();
        Box::pin(async move {
            let (json, fingerprint) = parsed.await?;
            let contract = contract.ok_or_else(|| Problem::internal(anyhow::anyhow!("no contract")))?;
            let value = typed(contract.body_faults(&T::name(), &json), &json)?;
            Ok(Self { value, fingerprint })
        })
    }
}

/// A change to a `T` as RFC 7396 has it: absent keeps, null removes, a value replaces.
#[derive(Debug)]
pub struct Patch<T> {
    changes: Value,
    _of: std::marker::PhantomData<T>,
}

impl<T: Patchable> Patch<T> {
    /// The `T` after the change, checked as a whole one would be.
    ///
    /// # Errors
    /// Every rule of `T`'s schema that the changed one would break.
    pub fn apply(&self, contract: &Contract, current: &T) -> Result<T, Problem> {
        let mut target = serde_json::to_value(current).map_err(Problem::internal)?;
        for name in REPLACED {
            if let (Some(members), Some(_)) = (target.as_object_mut(), self.changes.get(name)) {
                members.remove(name);
            }
        }
        merge(&mut target, &self.changes);
        let schema = serde_json::to_value(T::schema()).map_err(Problem::internal)?;
        typed(contract.faults(schema, &target).map_err(Problem::internal)?, &target)
    }
}

/// Members that a patch replaces whole instead of merging, since half of one means another thing: organisations, and
/// amounts with their currency.
pub const REPLACED: [&str; 3] = ["organisation", "financier", "amount"];

/// What [`Patch`] changes: something that is also read whole.
pub trait Patchable: Serialize + DeserializeOwned + ToSchema {
    /// Members that have resources of their own and are changed there.
    const ELSEWHERE: &'static [&'static str] = &[];
}

impl<T: Patchable> PartialSchema for Patch<T> {
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = T::schema() else { return T::schema() };
        let required = std::mem::take(&mut object.required);
        object.properties.retain(|name, _| !T::ELSEWHERE.contains(&name.as_str()));
        for (name, property) in &mut object.properties {
            if !required.contains(name) && !admits_null(property) {
                let null = schema::ObjectBuilder::new().schema_type(schema::Type::Null);
                *property = schema::OneOfBuilder::new().item(null).item(property.clone()).into();
            }
        }
        object.min_properties = Some(1);
        if let Some(Value::Object(example)) = &mut object.example {
            example.retain(|name, _| !T::ELSEWHERE.contains(&name.as_str()));
        }
        RefOr::T(Schema::Object(object))
    }
}

impl<T: Patchable> ToSchema for Patch<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}Patch", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

fn admits_null(schema: &RefOr<Schema>) -> bool {
    serde_json::to_value(schema).is_ok_and(|schema| {
        let is_null = |kind: &Value| kind == "null";
        schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(is_null))
            || schema["oneOf"].as_array().is_some_and(|forms| forms.iter().any(|form| is_null(&form["type"])))
    })
}

impl<T: Patchable + 'static> FromRequest for Patch<T> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parsed = parse(request, payload, &["application/merge-patch+json", "application/json"]);
        let contract = request.app_data::<Data<Contract>>().cloned();
        Box::pin(async move {
            let (changes, _) = parsed.await?;
            let contract = contract.ok_or_else(|| Problem::internal(anyhow::anyhow!("no contract")))?;
            let faults = contract.body_faults(&Self::name(), &changes);
            if !faults.is_empty() {
                return Err(Problem::invalid(faults));
            }
            Ok(Self { changes, _of: std::marker::PhantomData })
        })
    }
}

fn typed<T: DeserializeOwned>(faults: Vec<Fault>, json: &Value) -> Result<T, Problem> {
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    T::deserialize(json).map_err(|error| {
        let reason = bilingual!("har inte den form som dokumentationen beskriver", "has not the documented form");
        Problem::invalid(vec![Fault::body("", "unreadable", reason)]).because(error)
    })
}

/// RFC 7396 section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), change);
        }
    }
}

fn parse(request: &HttpRequest, payload: &mut Payload, accepted: &'static [&'static str]) -> Pending<(Value, String)> {
    let is_utf8 = request.encoding().is_ok_and(|encoding| encoding.name() == "UTF-8");
    if !is_utf8 || !accepted.iter().any(|accepted| request.content_type().eq_ignore_ascii_case(accepted)) {
        let wanted = accepted.join(", ");
        let detail = bilingual!("Skicka innehållet som {wanted}.", "Send the content as {wanted}.");
        return Box::pin(std::future::ready(Err(Problem::new(Kind::UnsupportedMediaType, detail))));
    }
    let mut bytes = actix_web::web::Bytes::from_request(request, payload);
    // The extractor's future holds the payload; the limit is set by `PayloadConfig`.
    Box::pin(async move {
        let bytes = std::future::poll_fn(|context| Pin::new(&mut bytes).poll(context)).await.map_err(|error| {
            if error.as_response_error().status_code().as_u16() == 413 {
                let limit = LIMIT / 1024;
                let detail = bilingual!("Högst {limit} kB tas emot.", "At most {limit} kB is accepted.");
                return Problem::new(Kind::TooLarge, detail);
            }
            unreadable(&bilingual!("det kom inte fram helt", "it did not arrive whole"))
        })?;
        let mut value = serde_json::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            unreadable(&bilingual!("rad {line}, tecken {column}", "line {line}, character {column}"))
        })?;
        tidy(&mut value);
        Ok((value, hex(&Sha256::digest(&bytes))))
    })
}

fn unreadable(why: &Bilingual) -> Problem {
    let Bilingual { sv, en } = why;
    Problem::new(
        Kind::Malformed,
        bilingual!("Innehållet är inte läsbar JSON: {sv}.", "The content is not readable JSON: {en}."),
    )
}

/// Writes `7.0` as `7`, since JSON Schema counts it as an integer, and letters with their marks as one (Unicode NFC),
/// since people cannot see the difference.
fn tidy(value: &mut Value) {
    /// Larger ones are no years, shares or counts, and not exact.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)
                && float.abs() < LARGEST
                && let Ok(whole) = format!("{float:.0}").parse::<i64>()
            {
                *value = Value::from(whole);
            }
        }
        Value::String(text) if !is_nfc(text) => *text = text.nfc().collect(),
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(members) => members.values_mut().for_each(tidy),
        _ => {}
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The examples of RFC 7396, appendix A, that objects can meet.
    #[test]
    fn merging_follows_the_rfc() {
        for (mut target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            merge(&mut target, &patch);
            assert_eq!(target, result);
        }
    }
}
