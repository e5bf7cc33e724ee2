//! What every test stands on: an application with a database of its own, and clients by role.

mod conformity;
mod database;
pub(crate) mod imports;
pub(crate) mod issuer;
pub(crate) mod receiver;
mod response;

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::rc::Rc;

use actix_http::Request;
use actix_web::body::{self, MessageBody};
use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::test;
use samsyn::auth::key::{self, SigningKey};
use samsyn::auth::{Binding, Principal, Role, Tokens};
use samsyn::config::Config;
use samsyn::db::Database;
use samsyn::server::{self, State};
use serde_json::Value;

pub(crate) use conformity::{contract, document};
pub(crate) use database::{PASSWORD, TestDatabase, email, principal};
pub(crate) use response::Response;

/// The public address of the tested service.
pub(crate) const PUBLIC_URL: &str = "https://samsyn.test";

type Answer = Pin<Box<dyn Future<Output = Response>>>;

/// The application under test.
pub(crate) struct TestApp {
    call: Rc<dyn Fn(Request, String, String) -> Answer>,
    key: SigningKey,
    /// Its settings.
    pub config: Config,
    /// Its database, for looking under the surface.
    pub database: Rc<TestDatabase>,
}

impl TestApp {
    /// An application whose database has the catalogues and one account of each role.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn with(set: impl FnOnce(&mut Config)) -> Self {
        let database = Rc::new(TestDatabase::new());
        let mut config = Config::of(database.address(), PUBLIC_URL.parse().expect("an origin"));
        config.rate_limit = NonZeroU32::MAX;
        set(&mut config);
        Self::on(database, config).await
    }

    /// An application on a database that has accounts and keys already.
    pub(crate) async fn over(database: Rc<TestDatabase>) -> Self {
        let mut config = Config::of(database.address(), PUBLIC_URL.parse().expect("an origin"));
        config.rate_limit = NonZeroU32::MAX;
        Self::on(database, config).await
    }

    /// Another instance on the same database.
    pub(crate) async fn beside(&self) -> Self {
        Self::on(Rc::clone(&self.database), self.config.clone()).await
    }

    async fn on(database: Rc<TestDatabase>, config: Config) -> Self {
        let pool = Database::new(database.address());
        let key = pool.read_now(key::store::accepted).expect("signing keys").swap_remove(0);
        let state = State::new(config.clone(), pool).expect("state");
        let service = Rc::new(test::init_service(server::application(state)).await);
        let call = move |request: Request, method: String, path: String| -> Answer {
            let service = Rc::clone(&service);
            Box::pin(async move {
                let response = service.call(request).await.expect("a response");
                let status = response.status().as_u16();
                let headers = response
                    .headers()
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
                    .collect();
                let bytes = body::to_bytes(response.into_body().boxed()).await.expect("a body");
                Response::new(&method, &path, status, headers, &bytes)
            })
        };
        Self { call: Rc::new(call), key, config, database }
    }

    /// An application with the demonstration projects.
    pub(crate) async fn with_demonstration() -> Self {
        let app = Self::new().await;
        app.database.pool().write_now(samsyn::seed::demonstration).expect("demonstration");
        app
    }

    /// Nobody in particular.
    pub(crate) fn anonymous(&self) -> Client<'_> {
        Client { app: self, token: None }
    }

    /// Somebody with this role.
    pub(crate) fn as_role(&self, role: Role) -> Client<'_> {
        Client { app: self, token: Some(self.token(&principal(role))) }
    }

    /// Somebody with a role and a binding, who has just signed in.
    pub(crate) fn bound(&self, role: Role, binding: &Binding) -> Client<'_> {
        let principal = self.database.sign_in(role, binding);
        Client { app: self, token: Some(self.token(&principal)) }
    }

    fn token(&self, principal: &Principal) -> String {
        let tokens = Tokens::new(PUBLIC_URL.to_owned(), chrono::TimeDelta::days(90));
        tokens.issue(&self.key, principal).expect("token")
    }

    /// An administrator.
    pub(crate) fn administrator(&self) -> Client<'_> {
        self.as_role(Role::Administrator)
    }

    /// An officer of the department.
    pub(crate) fn officer(&self) -> Client<'_> {
        self.as_role(Role::Officer)
    }

    /// Somebody who reads.
    pub(crate) fn reader(&self) -> Client<'_> {
        self.as_role(Role::Reader)
    }

    /// Somebody with this token.
    pub(crate) fn bearer(&self, token: &str) -> Client<'_> {
        Client { app: self, token: Some(token.to_owned()) }
    }
}

/// Somebody who calls.
pub(crate) struct Client<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

impl<'a> Client<'a> {
    /// A request to a path below the base path.
    pub(crate) fn request(&self, method: &str, path: &str) -> Draft<'a> {
        self.request_to(method, &format!("/samsyn/v1{path}"))
    }

    /// A request to a path of the host.
    pub(crate) fn request_to(&self, method: &str, path: &str) -> Draft<'a> {
        let draft = Draft {
            app: self.app,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        match &self.token {
            Some(token) => draft.header("Authorization", &format!("Bearer {token}")),
            None => draft,
        }
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request("GET", path).send().await
    }

    /// POST of JSON.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.request("POST", path).json(&body).send().await
    }

    /// A change that starts from a version.
    pub(crate) async fn change(&self, method: &str, path: &str, etag: &str, body: Value) -> Response {
        self.request(method, path).header("If-Match", etag).json(&body).send().await
    }

    /// DELETE of a version.
    pub(crate) async fn delete(&self, path: &str, etag: &str) -> Response {
        self.request("DELETE", path).header("If-Match", etag).send().await
    }

    /// Registers a project and gives it back; the test fails when it is refused.
    pub(crate) async fn register(&self, project: Value) -> Response {
        self.post("/projects", project).await.expect(201)
    }
}

/// A request that is not sent yet.
pub(crate) struct Draft<'a> {
    app: &'a TestApp,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Draft<'_> {
    /// With a header field.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes("application/json", body.to_string().into_bytes())
    }

    /// With any body.
    #[must_use]
    pub(crate) fn bytes(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("Content-Type", content_type)
    }

    /// Sends it and checks the answer against the document.
    pub(crate) async fn send(self) -> Response {
        let mut request = test::TestRequest::default()
            .method(Method::from_bytes(self.method.as_bytes()).expect("a method"))
            .uri(&self.path)
            .peer_addr(std::net::SocketAddr::from(([127, 0, 0, 1], 40_000)))
            .set_payload(self.body);
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            request = request.insert_header(("Host", "samsyn.test"));
        }
        for (name, value) in &self.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        (self.app.call)(request.to_request(), self.method, self.path).await
    }
}
