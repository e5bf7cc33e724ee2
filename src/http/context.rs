//! What every handler may ask about the request it answers: who calls, in which language, and where links point.

use std::net::IpAddr;
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde_json::Value;
use std::future::{Ready, ready};

use crate::auth::Principal;
use crate::problem::Problem;
use crate::text::Language;

/// The request as the edge understood it.
#[derive(Debug, Clone)]
pub struct Context(Rc<Understood>);

#[derive(Debug)]
pub(super) struct Understood {
    pub(super) caller: Principal,
    pub(super) client: IpAddr,
    pub(super) base: String,
    pub(super) path: String,
    pub(super) operation: String,
    pub(super) media_type: String,
    pub(super) language: Language,
    pub(super) template: String,
    pub(super) query: Value,
    pub(super) query_text: String,
    pub(super) if_none_match: Option<String>,
}

impl Context {
    pub(super) fn new(understood: Understood) -> Self {
        Self(Rc::new(understood))
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Principal {
        &self.0.caller
    }

    /// The address that the caller's requests are counted by.
    #[must_use]
    pub fn client(&self) -> IpAddr {
        self.0.client
    }

    /// An absolute address below the base path; `path` begins with a slash.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0.base)
    }

    /// The public base address of the API, for views that are made away from the request.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// The requested path below the base path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The language that the caller likes best.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The media type that the caller gets.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.0.media_type
    }

    /// Whether the caller would rather have a page than JSON, where there is one.
    #[must_use]
    pub fn wants_page(&self) -> bool {
        self.0.media_type == "text/html"
    }

    pub(super) fn understood(&self) -> &Understood {
        &self.0
    }
}

impl FromRequest for Context {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.extensions().get::<Self>().cloned();
        // An address that the edge did not know as it is written, percent-encoded letters among them, is none of ours.
        ready(context.ok_or_else(|| Problem::not_found("Adressen", "The address")))
    }
}
