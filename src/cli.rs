//! The command line.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use sha2::{Digest, Sha256};
use tracing_subscriber::EnvFilter;

use crate::analysis::suggestion::measure;
use crate::analysis::suggestion::model::Suggester;
use crate::auth::{self, Principal, Role, User};
use crate::config::{Config, LogFormat};
use crate::db::{self, Database};
use crate::http::Contract;
use crate::http::body::hex;
use crate::import::model::{Import, ImportState, Options};
use crate::import::{self, Work};
use crate::language::vocabulary;
use crate::operation::{self, Standing};
use crate::project::Visibility;
use crate::seed::{self, Catalogues};
use crate::telemetry::Export;
use crate::{project, routes, server};

/// Samsyn: the registry of development projects and what they contribute to.
#[derive(Debug, Parser)]
#[command(version = env!("SAMSYN_VERSION"), about)]
struct Arguments {
    #[command(flatten)]
    config: Config,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database, load the shipped catalogues and serve the API (the default)
    Serve {
        /// On an empty database, load the demonstration projects first
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database to this program's schema
    Migrate,
    /// Load the shipped catalogues, and further strategies, frameworks and correspondences from files; loading again changes nothing
    Seed {
        /// Load the demonstration projects too
        #[arg(long)]
        demo: bool,
        /// Files in the form of those in seeds/strategies, seeds/frameworks and seeds/correspondences
        files: Vec<PathBuf>,
    },
    /// Print the OpenAPI document
    Openapi {
        /// As YAML instead of JSON
        #[arg(long)]
        yaml: bool,
    },
    /// Measure how good the suggestions are, on the demonstration projects and on a project bank's file
    MeasureSuggestions {
        /// A project bank's rows as CSV, with the columns ärende-id, projektnamn, projektbeskrivning and insatsområde
        file: Option<PathBuf>,
        /// Another file whose rows are known as granted; otherwise each tenth of the file is judged by the rest of it
        #[arg(long, requires = "file")]
        learn: Option<PathBuf>,
    },
    /// Read a file into the registry: say what its rows come to, and with --commit do it
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArguments),
    /// Administer accounts
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Administer the keys that access tokens are signed with
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Write everything that the database holds to a new file, also while the service runs
    ///
    /// The archive is the same for SQLite and PostgreSQL, and restores to either. It holds everything, also personal data,
    /// sessions, the secrets of webhooks and the keys that tokens are signed with: who has it can do what the service can.
    /// The owner alone may read the file; keep it as secret as the database.
    Backup {
        /// The file to make; one that exists is not written over
        file: PathBuf,
    },
    /// Fill an empty database from a backup, or from another database
    ///
    /// The database of --database-url must be without rows. All is restored or nothing: every row is compared with what the
    /// archive holds before it counts. A backup of an older samsyn is brought to the schema of this one.
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// A file that samsyn backup made, or the address of the database to move from
        source: operation::Source,
    },
    /// Look at settings, database, schema, journal, keys, disk and clock, and say what to mend
    Check,
    /// Ask the service on --listen whether it is ready; for container health checks
    Health,
}

const RESTORE_EXAMPLES: &str = "Examples:
  samsyn --database-url sqlite:restored.db restore samsyn-backup.zip
  samsyn --database-url postgres://samsyn@db.example.se/samsyn restore sqlite:samsyn.db
      moves a service from SQLite to PostgreSQL; stop it first";

const IMPORT_EXAMPLES: &str = "Examples:
  samsyn import projektbanken.csv --municipality 2417
      what the project bank says of Norsjö; nothing is changed
  samsyn import projektbanken.csv --municipality 2417 --visibility public --commit
      the same, done; again, it changes nothing
  samsyn import samsyn.xlsx --commit --skip-refused
      an edited export; rows that break rules are passed over";

/// A file, and which of its rows come in.
#[derive(Debug, Args)]
struct ImportArguments {
    /// A CSV or XLSX file: our own tables, as they are exported, or Tillväxtverket's project bank
    file: PathBuf,
    /// Do what the rows come to, all or nothing
    #[arg(long)]
    commit: bool,
    /// Do the others when rows are refused
    #[arg(long, requires = "commit")]
    skip_refused: bool,
    /// A project bank's rows that name one of these municipalities, by code
    #[arg(long, value_delimiter = ',')]
    municipality: Option<Vec<String>>,
    /// A project bank's rows of these programme areas, as "Övre Norrland"
    #[arg(long, value_delimiter = ',')]
    programme: Option<Vec<String>>,
    /// A project bank's projects going on on this day or later
    #[arg(long)]
    period_from: Option<NaiveDate>,
    /// A project bank's projects begun before this day
    #[arg(long)]
    period_to: Option<NaiveDate>,
    /// The strategy that new projects are registered under; otherwise the newest
    #[arg(long)]
    strategy: Option<String>,
    /// Who may see a project bank's new projects: internal (the default), funders or public
    #[arg(long)]
    visibility: Option<Visibility>,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make a new key, which every instance signs with at once; the old one is accepted until its tokens are gone
    Rotate,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add an account
    Add {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// administrator, officer, contributor, funder or reader
        #[arg(long)]
        role: Role,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    start_log(&arguments.config);
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&format!("samsyn: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<()> {
    let config = arguments.config;
    match arguments.command.unwrap_or(Command::Serve { demo: false }) {
        Command::Serve { demo } => serve(config, demo),
        Command::Migrate => {
            let count = migrate(&config)?;
            say(&format!("{count} migrations run"))
        }
        Command::Seed { demo, files } => {
            let catalogues = Catalogues::read(&files)?;
            migrate(&config)?;
            let database = Database::new(config.database()?);
            let report = database.write_now(|conn| catalogues.load(conn))?;
            say(&report.to_string())?;
            if demo {
                let count = database.write_now(seed::demonstration)?;
                say(&format!("{count} demonstration projects loaded"))?;
            }
            Ok(())
        }
        Command::Openapi { yaml } => {
            let text = if yaml { routes::document_yaml()? } else { routes::document_json()? };
            say(text.trim_end())
        }
        Command::MeasureSuggestions { file, learn } => say(&measure(file.as_deref(), learn.as_deref())?),
        Command::Import(arguments) => say(import(&config, arguments)?.trim_end()),
        Command::User { command: UserCommand::Add { email, name, role, password_stdin: _ } } => {
            migrate(&config)?;
            let mut password = String::new();
            std::io::stdin().read_to_string(&mut password)?;
            let password = password.trim_end_matches(['\r', '\n']);
            // Whoever typed the password is taken to be its owner.
            let user = User::new(&email, &name, role, password, false)?;
            Database::new(config.database()?).write_now(|conn| auth::store::insert(conn, None, &user))?;
            say(&format!("{} added as {role}", user.email))
        }
        Command::Keys { command: KeysCommand::Rotate } => {
            migrate(&config)?;
            let key = Database::new(config.database()?).write_now(auth::key::store::rotate)?;
            say(&format!("signing with {} from now on", key.kid()))
        }
        Command::Backup { file } => {
            let manifest = operation::backup(&config.database()?, &file)?;
            say(&format!("{}: {manifest}", file.display()))
        }
        Command::Restore { source } => {
            let manifest = operation::restore(&source, &config.database()?)?;
            say(&format!("restored and compared: {manifest}"))
        }
        Command::Check => {
            let findings = operation::check(&config);
            findings.iter().try_for_each(|finding| say(&finding.to_string()))?;
            let failed = findings.iter().filter(|finding| finding.standing == Standing::Fail).count();
            anyhow::ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
            Ok(())
        }
        Command::Health => health(config.listen),
    }
}

/// The programme whose axes the project bank's rows are granted under, and the strategy of the demonstration projects.
const MEASURED: (&str, &str) = ("eruf-ovre-norrland-2014-2020", "norsjo-2014-2020");

fn measure(file: Option<&Path>, learn: Option<&Path>) -> anyhow::Result<String> {
    let suggester = Suggester::new(&Catalogues::read(&[])?.candidates(), vocabulary::swedish());
    let read = |path: &Path| std::fs::read(path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()));
    let demonstration = measure::report_projects(&suggester, MEASURED.1, &seed::demonstration_alignments()?);
    let Some(file) = file else { return Ok(demonstration) };
    let learn = learn.map(read).transpose()?;
    let bank = measure::report(&suggester, MEASURED.0, &read(file)?, learn.as_deref()).map_err(anyhow::Error::msg)?;
    Ok(format!("{demonstration}\n\n{bank}"))
}

/// SHA-256 of a file of any size, in hexadecimal digits.
fn digest_of(file: &Path) -> std::io::Result<String> {
    let mut content = BufReader::with_capacity(64 * 1024, File::open(file)?);
    let mut digest = Sha256::new();
    loop {
        let bytes = content.fill_buf()?;
        let count = bytes.len();
        if count == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(bytes);
        content.consume(count);
    }
}

fn import(config: &Config, arguments: ImportArguments) -> anyhow::Result<String> {
    let ImportArguments { file, commit, skip_refused, municipality, programme, period_from, period_to, .. } = arguments;
    let (strategy_id, visibility) = (arguments.strategy, arguments.visibility);
    let options = Options { municipality, programme, period_from, period_to, strategy_id, visibility };
    let unreadable = |error| anyhow::anyhow!("{}: {error}", file.display());
    let digest = digest_of(&file).map_err(unreadable)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    migrate(config)?;
    let database = Database::new(config.database()?);
    let catalogues = Catalogues::read(&[])?;
    database.write_now(|conn| catalogues.load(conn))?;
    let contract = Arc::new(Contract::new(routes::document()?)?);
    let (known, caller) = (Arc::default(), Principal::program());
    let work = Work { database: database.clone(), contract, known, caller };
    let mut import = import::begin(&work, &file, name, digest, options)?;
    let mut told = |import: &Import| {
        if std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r{}: {} of {} rows ", import.state, import.done, import.rows);
        }
    };
    import = work.check(&import, &mut told)?;
    if commit {
        import =
            database.write_now(|conn| import::start(conn, None, import.id, ImportState::Committed, skip_refused))?;
        import = work.commit(&import, &mut told)?;
    }
    told(&import);
    let _ = writeln!(std::io::stderr());
    Ok(database.read_now(|conn| import::summary::summary(conn, &import))?)
}

fn migrate(config: &Config) -> anyhow::Result<usize> {
    let address = config.database()?;
    let mut conn = address.connect().context("the database cannot be opened")?;
    let failed = |error| anyhow::anyhow!("migration failed: {error}");
    let count = db::migrate(&mut conn).map_err(failed)?;
    // Within a major version migrations only add, so what a newer program made of the database serves this one too.
    if let Some(version) = db::newer_migrations(&mut conn).map_err(failed)?.last() {
        tracing::warn!(migration = version, "a newer samsyn has migrated the database; upgrade this one");
    }
    Ok(count)
}

fn serve(config: Config, demo: bool) -> anyhow::Result<()> {
    let export = Export::start()?;
    let outcome = serve_until_stopped(config, demo);
    export.stop();
    outcome
}

fn serve_until_stopped(config: Config, demo: bool) -> anyhow::Result<()> {
    let database = Database::new(config.database()?);
    match prepare(&config, demo) {
        Ok(()) => actix_web::rt::System::new().block_on(server::Application::bind(config, database)?.run())?,
        Err(error) if config.database()?.is_away(&error) => {
            // Liveness and what needs no database are there meanwhile; everything else answers 503.
            let application = server::Application::bind(config.clone(), database.clone().closed())?;
            std::thread::spawn(move || prepare_at_last(&config, demo, &error, &database));
            actix_web::rt::System::new().block_on(application.run())?;
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Prepares the database as soon as it is there, then opens it; what does not come of waiting ends the program.
fn prepare_at_last(config: &Config, demo: bool, first: &anyhow::Error, database: &Database) {
    tracing::warn!(error = %format_args!("{first:#}"), "waiting for the database");
    loop {
        std::thread::sleep(Duration::from_millis(500));
        match prepare(config, demo) {
            Ok(()) => {
                database.open();
                tracing::info!("the database is there");
                return;
            }
            Err(error) if config.database().is_ok_and(|address| address.is_away(&error)) => {
                tracing::debug!(error = %format_args!("{error:#}"), "waiting for the database");
            }
            Err(error) => {
                say_error(&format!("samsyn: {error:#}"));
                std::process::exit(1);
            }
        }
    }
}

/// Brings the database to where the service can begin: schema, catalogues, an administrator, a key to sign with.
fn prepare(config: &Config, demo: bool) -> anyhow::Result<()> {
    migrate(config)?;
    let database = Database::new(config.database()?);
    let catalogues = Catalogues::read(&[])?;
    let report = database.write_now(|conn| catalogues.load(conn))?;
    tracing::info!(%report, "catalogues loaded");
    let count = database.write_now(project::store::index)?;
    tracing::info!(count, "projects made findable");
    if demo {
        let count = database
            .write_now(|conn| if seed::is_without_projects(conn)? { seed::demonstration(conn) } else { Ok(0) })?;
        tracing::info!(count, "demonstration projects loaded");
    }
    first_administrator(&database)?;
    database.write_now(|conn| auth::key::store::to_sign_with(conn, config.longest_key_age()))?;
    Ok(())
}

/// Makes the account that makes the others, when there is no administrator. Its password goes to standard error alone.
fn first_administrator(database: &Database) -> anyhow::Result<()> {
    if database.read_now(auth::store::has_administrator)? {
        return Ok(());
    }
    let password = auth::password::one_time()?;
    let user = User::new("admin@localhost", "Administrator", Role::Administrator, &password, true)?;
    let added = database.write_now(|conn| {
        // Another instance may have been first.
        let is_first = !auth::store::has_administrator(conn)?;
        if is_first {
            auth::store::insert(conn, None, &user)?;
        }
        Ok(is_first)
    })?;
    if added {
        say_error(&format!(
            "samsyn: first start. Sign in as {} with the one-time password {password} and change it.",
            user.email
        ));
    }
    Ok(())
}

fn health(listen: SocketAddr) -> anyhow::Result<()> {
    let port = listen.port();
    let ip = if listen.ip().is_unspecified() { [127, 0, 0, 1].into() } else { listen.ip() };
    let second = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(ip, port), second)?;
    stream.set_read_timeout(Some(second))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    anyhow::ensure!(answer.starts_with("HTTP/1.1 200"), "not ready: {}", answer.lines().next().unwrap_or_default());
    say("ready")
}

fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().with_current_span(false).init(),
    }
}

/// Writes a result; a closed pipe is no error.
fn say(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn say_error(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
