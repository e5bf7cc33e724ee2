//! `If-Match`: a change says which version it starts from, so that nobody's work is overwritten unseen.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};

use crate::problem::{Fault, Kind, Part, Problem};
use crate::text::bilingual;

/// The versions that the caller starts from; bodies differ by role and language, so only the version is compared.
#[derive(Debug, Clone)]
pub enum IfMatch {
    /// `*`: whatever there is.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Lets the change go on when the current version is one the caller knows.
    ///
    /// # Errors
    /// 412 when it is not.
    pub fn check(&self, current: i64) -> Result<(), Problem> {
        match self {
            Self::Any => return Ok(()),
            Self::Versions(versions) if versions.contains(&current) => return Ok(()),
            Self::Versions(_) => {}
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
        let header = header.to_str().unwrap_or_default();
        if header.trim() == "*" {
            return ready(Ok(Self::Any));
        }
        // A compressed answer's tag is weak, and of the same version.
        let version = |tag: &str| {
            let tag = tag.trim().trim_start_matches("W/").trim_matches('"');
            tag.split('-').next()?.parse().ok()
        };
        let versions: Vec<i64> = header.split(',').filter_map(version).collect();
        // A tag of somebody else's is a version that nothing here has.
        if versions.is_empty() && !is_list_of_tags(header) {
            let reason = bilingual!("ska vara ETag ur ett svar härifrån", "must be the ETag of an answer from here");
            let fault = Fault::new(Part::Header, "If-Match", "format", reason);
            return ready(Err(Problem::invalid_parameters(vec![fault])));
        }
        ready(Ok(Self::Versions(versions)))
    }
}

/// Whether a header has the form of entity tags with commas between them (RFC 9110 section 8.8.3).
fn is_list_of_tags(header: &str) -> bool {
    let mut rest = header.trim();
    loop {
        let Some(tag) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"') else { return false };
        let Some((tag, after)) = tag.split_once('"') else { return false };
        let after = after.trim_start();
        if tag.contains(char::is_whitespace) {
            return false;
        }
        match after.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => return after.is_empty(),
        }
    }
}
