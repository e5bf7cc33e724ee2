//! A database for each test: a copy of a template that is migrated and filled once for the whole run.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use samsyn::auth::{self, Binding, Principal, Role, User};
use samsyn::db::{self, Address, Conn, Database};
use samsyn::id::Id;
use tempfile::TempDir;

/// The password of every account that tests begin with.
pub(crate) const PASSWORD: &str = "korrekt häst batteri klammer";

struct Template {
    server: Option<String>,
    folder: TempDir,
    accounts: Vec<(Role, Principal)>,
}

static TEMPLATE: LazyLock<Template> = LazyLock::new(|| {
    let wanted = std::env::var("SAMSYN_TEST_DATABASE").unwrap_or_else(|_| "sqlite".to_owned());
    let server = (wanted != "sqlite").then_some(wanted);
    let folder = TempDir::new().expect("a folder");
    let mut template = Template { server, folder, accounts: Vec::new() };
    template.create(&database_name("template"), None);
    let address = template.address(&database_name("template"));
    let mut conn = address.connect().expect("a connection");
    db::migrate(&mut conn).expect("migrations");
    drop(conn);
    let database = Database::new(address);
    let hash = auth::password::hash(&mut auth::password::Turn::take().expect("a turn"), PASSWORD).expect("a hash");
    template.accounts = database
        .write_now(|conn| {
            samsyn::seed::Catalogues::read(&[]).expect("files").load(conn)?;
            auth::key::store::to_sign_with(conn, chrono::TimeDelta::days(90))?;
            let add = |role: &Role| Ok((*role, add_user(conn, &email(*role), *role, &hash, &Binding::default())?));
            Role::ALL.iter().map(add).collect()
        })
        .expect("a filled template");
    template
});

fn add_user(
    conn: &mut Conn,
    email: &str,
    role: Role,
    hash: &str,
    binding: &Binding,
) -> Result<Principal, samsyn::problem::Problem> {
    let new = User::new(email, &format!("Test {role}"), role, PASSWORD, false)?.bound(binding);
    let user = User { password_hash: hash.to_owned(), ..new };
    auth::store::insert(conn, None, &user)?;
    let session = auth::session::store::begin(conn, user.id, &format!("no token has this hash: {email}"))?;
    Ok(user.principal().in_session(session.id))
}

/// The address that the account of a role signs in with.
pub(crate) fn email(role: Role) -> String {
    format!("{role}@example.se")
}

/// The account of a role, signed in.
pub(crate) fn principal(role: Role) -> Principal {
    TEMPLATE.accounts.iter().find(|(known, _)| *known == role).expect("a role").1.clone()
}

fn database_name(suffix: &str) -> String {
    format!("samsyn_{}_{suffix}", std::process::id())
}

impl Template {
    fn address(&self, name: &str) -> Address {
        match &self.server {
            None => self.file(name),
            Some(server) => {
                let (base, _) = server.rsplit_once('/').expect("a database in the address");
                Address::Postgres(format!("{base}/{name}"))
            }
        }
    }

    fn file(&self, name: &str) -> Address {
        Address::Sqlite(self.folder.path().join(name).display().to_string())
    }

    fn create(&self, name: &str, template: Option<&str>) {
        match &self.server {
            None => {
                if let Some(template) = template {
                    std::fs::copy(self.folder.path().join(template), self.folder.path().join(name)).expect("a copy");
                }
            }
            Some(server) => {
                let template = template.map_or_else(String::new, |template| format!(" TEMPLATE {template}"));
                let mut conn = Address::Postgres(server.clone()).connect().expect("the server");
                conn.batch_execute(&format!("CREATE DATABASE {name}{template}")).expect("a database");
            }
        }
    }
}

/// A database of one test, gone when the test is.
pub(crate) struct TestDatabase {
    name: String,
    is_file: bool,
    pool: std::cell::OnceCell<Database>,
}

impl TestDatabase {
    /// A copy of the template.
    pub(crate) fn new() -> Self {
        Self::make(Some(()))
    }

    /// A database with nothing in it.
    pub(crate) fn empty() -> Self {
        Self::make(None)
    }

    /// An SQLite database with nothing in it, whatever the others are.
    pub(crate) fn file() -> Self {
        Self { name: Self::next_name(), is_file: true, pool: std::cell::OnceCell::new() }
    }

    fn next_name() -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        database_name(&NUMBER.fetch_add(1, Ordering::Relaxed).to_string())
    }

    fn make(from_template: Option<()>) -> Self {
        let name = Self::next_name();
        let template = from_template.map(|()| database_name("template"));
        TEMPLATE.create(&name, template.as_deref());
        Self { name, is_file: false, pool: std::cell::OnceCell::new() }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> Address {
        if self.is_file { TEMPLATE.file(&self.name) } else { TEMPLATE.address(&self.name) }
    }

    /// Where it is, as a setting.
    pub(crate) fn url(&self) -> String {
        match self.address() {
            Address::Postgres(url) => url,
            Address::Sqlite(path) => format!("sqlite:{path}"),
        }
    }

    /// Connections to it.
    pub(crate) fn pool(&self) -> &Database {
        self.pool.get_or_init(|| Database::new(self.address()))
    }

    /// A new account that has signed in.
    pub(crate) fn sign_in(&self, role: Role, binding: &Binding) -> Principal {
        let email = format!("{}@example.se", Id::new());
        self.pool().write_now(|conn| add_user(conn, &email, role, "", binding)).expect("an account")
    }

    /// How many rows every table has.
    pub(crate) fn counts(&self) -> Vec<(String, i64)> {
        use diesel::RunQueryDsl;
        use diesel::sql_types::BigInt;
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let mut conn = self.address().connect().expect("a connection");
        crate::schema::table_names(&mut conn)
            .into_iter()
            .map(|table| {
                let query = diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {table}"));
                let rows: Vec<Count> = query.load(&mut conn).expect("a count");
                (table, rows[0].count)
            })
            .collect()
    }
}

impl TestDatabase {
    /// The tables that have a row with this text anywhere, however it is capitalised.
    pub(crate) fn tables_with(&self, text: &str) -> Vec<String> {
        use diesel::RunQueryDsl;
        use diesel::sql_types::Text;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            row: String,
        }
        let mut conn = self.address().connect().expect("a connection");
        let mut tables = crate::schema::table_names(&mut conn);
        tables.retain(|table| {
            let whole = match &mut conn {
                Conn::Postgres(_) => format!("to_jsonb({table})::text"),
                Conn::Sqlite(_) => {
                    let columns = crate::schema::column_names(&mut conn, table);
                    let texts: Vec<_> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
                    texts.join(" || ' ' || ")
                }
            };
            let query = diesel::sql_query(format!("SELECT {whole} AS row FROM {table}"));
            let rows: Vec<Row> = query.load(&mut conn).expect("rows");
            rows.iter().any(|row| row.row.to_lowercase().contains(&text.to_lowercase()))
        });
        tables
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match self.address() {
            Address::Sqlite(path) => {
                for suffix in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{path}{suffix}"));
                }
            }
            Address::Postgres(_) => {
                self.pool.take();
                let server = TEMPLATE.server.clone().expect("a server");
                if let Ok(mut conn) = Address::Postgres(server).connect() {
                    let _ = conn.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
                }
            }
        }
    }
}

/// A row of the journal.
#[derive(Debug)]
pub(crate) struct JournalRow {
    /// What happened.
    pub kind: String,
    /// Version after it.
    pub version: i64,
    /// Who did it.
    pub actor: Option<Id>,
    /// How it was.
    pub before: Option<serde_json::Value>,
    /// How it is.
    pub after: Option<serde_json::Value>,
}

impl TestDatabase {
    /// The journal of one kind of thing, in order.
    pub(crate) fn journal(&self, aggregate: &str) -> Vec<JournalRow> {
        use diesel::prelude::*;
        use samsyn::db::schema::changes;
        use samsyn::db::types::Json;
        type Row = (String, i64, Option<Id>, Option<Json>, Option<Json>);
        let mut conn = self.address().connect().expect("a connection");
        let rows: Vec<Row> = changes::table
            .filter(changes::aggregate.eq(aggregate))
            .order(changes::number)
            .select((changes::kind, changes::version, changes::actor, changes::before, changes::after))
            .load(&mut conn)
            .expect("the journal");
        rows.into_iter()
            .map(|(kind, version, actor, before, after)| JournalRow {
                kind,
                version,
                actor,
                before: before.map(|json| json.0),
                after: after.map(|json| json.0),
            })
            .collect()
    }
}
