//! A file on its way in: received to a temporary file, within the limit.

use std::io::Write;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::table;
use crate::http::body;
use crate::problem::{Fault, Kind, Problem};
use crate::text::bilingual;

/// A file that was sent.
pub struct Sent {
    /// Its content; it is gone with this.
    pub file: NamedTempFile,
    /// What it is called.
    pub name: String,
    /// SHA-256, in hexadecimal digits.
    pub digest: String,
}

impl Sent {
    /// Receives the part `file` of a form, within the limit.
    ///
    /// # Errors
    /// 400, 413, 415 and 422 with what is wrong with the form.
    pub async fn receive(request: &HttpRequest, payload: web::Payload) -> Result<Self, Problem> {
        if !request.content_type().eq_ignore_ascii_case("multipart/form-data") {
            let detail = bilingual!(
                "Skicka filen som multipart/form-data, i delen file.",
                "Send the file as multipart/form-data, in the part file."
            );
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        let mut form = Multipart::new(request.headers(), payload);
        let mut sent = None;
        while let Some(field) = form.try_next().await.map_err(|error| broken(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            if name != "file" || sent.is_some() {
                let reason = bilingual!("formuläret har en enda del, file", "the form has one part alone, file");
                return Err(Problem::invalid(vec![Fault::body(format!("/{name}"), "unknown-part", reason)]));
            }
            sent = Some(Self::keep(field).await?);
        }
        sent.ok_or_else(|| {
            let reason = bilingual!("behövs: filen som ska läsas in", "is needed: the file to read in");
            Problem::invalid(vec![Fault::body("/file", "required", reason)])
        })
    }

    async fn keep(mut field: Field) -> Result<Self, Problem> {
        let name = field.content_disposition().and_then(|header| header.get_filename()).unwrap_or_default();
        let name = file_name(name);
        let mut file = NamedTempFile::new().map_err(Problem::internal)?;
        let (mut digest, mut length) = (Sha256::new(), 0_u64);
        while let Some(bytes) = field.try_next().await.map_err(|error| broken(&error))? {
            length += bytes.len() as u64;
            if length > table::FILE {
                let limit = table::FILE / 1024 / 1024;
                let detail = bilingual!("Högst {limit} MB tas emot.", "At most {limit} MB is accepted.");
                return Err(Problem::new(Kind::TooLarge, detail));
            }
            digest.update(&bytes);
            file.write_all(&bytes).map_err(Problem::internal)?;
        }
        file.flush().map_err(Problem::internal)?;
        Ok(Self { file, name, digest: body::hex(&digest.finalize()) })
    }
}

/// A form that does not come through.
fn broken(error: &MultipartError) -> Problem {
    let detail = bilingual!(
        "Formuläret kom inte fram helt, eller är inget multipart/form-data enligt RFC 7578.",
        "The form did not arrive whole, or is no multipart/form-data as RFC 7578 has it."
    );
    Problem::new(Kind::Malformed, detail).because(anyhow::anyhow!("{error}"))
}

/// What a file is called, without folders and what cannot be shown.
fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|sign| !sign.is_control()).take(200).collect();
    if shown.trim().is_empty() { "–".to_owned() } else { shown }
}
