//! Binds the service to its address and runs it until it is told to stop.

use std::net::{SocketAddr, TcpListener};

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, HttpServer};
use utoipa_actix_web::AppExt;

use crate::analysis::suggestion::store::Known;
use crate::auth::Tokens;
use crate::auth::single_sign_on::Issuers;
use crate::config::Config;
use crate::db::Database;
use crate::export::Exports;
use crate::http::edge::{edge, otherwise};
use crate::http::limit::Limiter;
use crate::http::{BASE_PATH, Contract, body};
use crate::import::Imports;
use crate::monitoring::Watch;
use crate::project::Visibility;
use crate::routes;
use crate::webhook::{Courier, Sender};

/// How long requests that are under way may take when the service stops, in seconds.
const GRACE: u64 = 20;

/// What every worker shares.
#[derive(Clone)]
pub struct State {
    config: Data<Config>,
    database: Data<Database>,
    contract: Data<Contract>,
    tokens: Data<Tokens>,
    limiter: Data<Limiter>,
    issuers: Data<Issuers>,
    suggestions: Data<Known>,
    exports: Data<Exports>,
    imports: Data<Imports>,
    sender: Data<Sender>,
    watch: Data<Watch>,
}

impl State {
    /// The state of a service with these settings.
    ///
    /// # Errors
    /// When the document or the issuers' file is wrong.
    pub fn new(config: Config, database: Database) -> anyhow::Result<Self> {
        let issuers = Issuers::read(config.issuers_file.as_deref())?;
        let tokens = Tokens::new(config.public_url().to_owned(), config.longest_key_age());
        let contract = Contract::new(routes::document()?)?;
        Ok(Self {
            limiter: Data::new(Limiter::new(config.rate_limit)),
            sender: Data::new(Sender::new(&config)),
            config: Data::new(config),
            database: Data::new(database),
            contract: Data::new(contract),
            tokens: Data::new(tokens),
            issuers: Data::new(issuers),
            suggestions: Data::new(Known::default()),
            exports: Data::new(Exports::default()),
            imports: Data::new(Imports::default()),
            watch: Data::new(Watch::default()),
        })
    }
}

impl State {
    /// Lets the suggester learn what is decided while the service starts, so that nobody waits for it later.
    fn prepare(&self) {
        let (database, suggestions) = (self.database.clone(), self.suggestions.clone());
        std::thread::spawn(move || {
            let learned = database.read_now(|conn| suggestions.suggest(conn, Visibility::ALL, "", "").map(drop));
            if let Err(problem) = learned {
                tracing::warn!(error = %problem, "suggestions are learned when first asked for");
            }
        });
    }
}

/// The application: the API under its base path, and what stands beside it.
pub fn application(
    state: State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let (app, _) = App::new()
        // Before the scope, which takes every path below its own.
        .configure(routes::pages)
        .into_utoipa_app()
        .service(utoipa_actix_web::scope(BASE_PATH).configure(routes::resources))
        .split_for_parts();
    app.app_data(state.config)
        .app_data(state.database)
        .app_data(state.contract)
        .app_data(state.tokens)
        .app_data(state.limiter)
        .app_data(state.issuers)
        .app_data(state.suggestions)
        .app_data(state.exports)
        .app_data(state.imports)
        .app_data(state.sender)
        .app_data(state.watch)
        .app_data(PayloadConfig::new(body::LIMIT))
        .default_service(web::to(otherwise))
        .wrap(Compress::default())
        .wrap(from_fn(edge))
}

/// A service that has its address.
pub struct Application {
    address: SocketAddr,
    server: Server,
    courier: Courier,
}

impl Application {
    /// Takes the address; port 0 means any free one.
    ///
    /// # Errors
    /// When the address is taken, or the document or the issuers' file is wrong.
    pub fn bind(config: Config, database: Database) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(config.listen)
            .map_err(|error| anyhow::anyhow!("cannot listen on {}: {error}", config.listen))?;
        let address = listener.local_addr()?;
        let state = State::new(config.listening_on(address), database)?;
        state.prepare();
        let (database, sender) = (Database::clone(&state.database), state.sender.clone().into_inner());
        let server = actix_web::rt::System::new().block_on(async move {
            Ok::<_, std::io::Error>(
                HttpServer::new(move || application(state.clone()))
                    .workers(std::thread::available_parallelism().map_or(2, usize::from))
                    .worker_max_blocking_threads(8)
                    .shutdown_timeout(GRACE)
                    .listen(listener)?
                    .run(),
            )
        })?;
        let courier = Courier::start(database, sender);
        tracing::info!(%address, "listening");
        Ok(Self { address, server, courier })
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until SIGINT or SIGTERM, then lets requests under way finish.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn run(self) -> std::io::Result<()> {
        let outcome = self.server.await;
        self.courier.stop();
        outcome
    }
}
