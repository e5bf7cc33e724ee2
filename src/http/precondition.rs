//! `If-Match`: a change says which version it starts from, so that nobody's work is overwritten unseen.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};

use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// The versions that the caller starts from; bodies differ by role and language, so only the version is compared.
#[derive(Debug, Clone)]
pub struct IfMatch(Vec<i64>);

impl IfMatch {
    /// Lets the change go on when the current version is one the caller knows.
    ///
    /// # Errors
    /// 412 when it is not.
    pub fn check(&self, current: i64) -> Result<(), Problem> {
        if self.0.contains(&current) {
            return Ok(());
        }
        Err(Problem::new(
            Kind::PreconditionFailed,
            bilingual!(
                "Någon annan har ändrat detta; gällande version är {current}. Hämta den och gör om ändringen.",
                "Someone else has changed this; the current version is {current}. Fetch it and make the change again."
            ),
        ))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(header) = request.headers().get(IF_MATCH) else {
            return ready(Err(Problem::new(
                Kind::PreconditionRequired,
                bilingual!(
                    "Ange ETag från den version du utgår från i If-Match.",
                    "Give the ETag of the version you start from in If-Match."
                ),
            )));
        };
        let version = |tag: &str| tag.trim().trim_matches('"').split('-').next()?.parse().ok();
        // A tag that is none of ours names no version, and so never the current one.
        ready(Ok(Self(header.to_str().unwrap_or_default().split(',').filter_map(version).collect())))
    }
}
