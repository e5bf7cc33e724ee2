//! Machines in the database.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::{Access, Client};
use crate::auth::{Binding, Principal, Role, binding};
use crate::clock::Timestamp;
use crate::db::schema::clients;
use crate::db::types::{Codes, Json};
use crate::db::{Backend, Conn};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::problem::Problem;

/// Which machines to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those that do or do not get tokens.
    pub active: Option<bool>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true)]
struct Row {
    id: Id,
    name: String,
    role: Role,
    scopes: Codes,
    organisation_id: Option<Id>,
    funding_sources: Codes,
    frameworks: Codes,
    secret_hash: Option<String>,
    public_keys: Json,
    active: bool,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn of(client: &Client) -> Result<Self, Problem> {
        let Client { id, access, secret_hash, version, created_at, updated_at } = client.clone();
        let Access { name, role, scopes, binding, public_keys, active } = access;
        Ok(Self {
            id,
            name,
            role,
            scopes: scopes.iter().collect(),
            organisation_id: binding.organisation_id,
            funding_sources: binding.funding_sources.iter().collect(),
            frameworks: binding.frameworks.iter().collect(),
            secret_hash,
            public_keys: Json(serde_json::to_value(public_keys).map_err(Problem::internal)?),
            active,
            version,
            created_at,
            updated_at,
        })
    }

    fn client(self) -> Result<Client, Problem> {
        let binding = Binding::of_columns(self.organisation_id, &self.funding_sources, &self.frameworks);
        // A scope that the program no longer knows is nothing that a machine could have.
        let scopes = self.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        let public_keys = serde_json::from_value(self.public_keys.0).map_err(Problem::internal)?;
        let access = Access { name: self.name, role: self.role, scopes, binding, public_keys, active: self.active };
        Ok(Client {
            id: self.id,
            access,
            secret_hash: self.secret_hash,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// A page of machines by name, and how many there are.
///
/// # Errors
/// When the database fails.
pub fn list(conn: &mut Conn, filter: &Filter, (offset, limit): (i64, i64)) -> Result<(Vec<Client>, i64), Problem> {
    let matching = || {
        let mut query = clients::table.into_boxed::<Backend>();
        if let Some(role) = filter.role {
            query = query.filter(clients::role.eq(role));
        }
        if let Some(active) = filter.active {
            query = query.filter(clients::active.eq(active));
        }
        query
    };
    let total = matching().count().get_result(conn)?;
    let page: Vec<Row> = matching().order((clients::name, clients::id)).offset(offset).limit(limit).load(conn)?;
    Ok((page.into_iter().map(Row::client).collect::<Result<_, _>>()?, total))
}

/// The machine with this id, if any.
///
/// # Errors
/// When the database fails.
pub fn known(conn: &mut Conn, id: Id) -> Result<Option<Client>, Problem> {
    let row: Option<Row> = clients::table.find(id).first(conn).optional()?;
    row.map(Row::client).transpose()
}

/// The machine with this id.
///
/// # Errors
/// 404 when there is none.
pub fn find(conn: &mut Conn, id: Id) -> Result<Client, Problem> {
    known(conn, id)?.ok_or_else(|| Problem::not_found("Klienten", "The client"))
}

/// Whether the machine that calls still is what its token says.
///
/// # Errors
/// When the database fails.
pub fn is_current(conn: &mut Conn, caller: &Principal) -> Result<bool, Problem> {
    let Some(id) = caller.id() else { return Ok(false) };
    Ok(known(conn, id)?.is_some_and(|client| client.is_still(caller)))
}

fn check(conn: &mut Conn, access: &Access) -> Result<(), Problem> {
    let faults = access.faults();
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    binding::store::check(conn, access.role, &access.binding)
}

/// Adds a machine.
///
/// # Errors
/// 422 by its keys, role or binding.
pub fn insert(conn: &mut Conn, actor: Option<Id>, client: &Client) -> Result<(), Problem> {
    check(conn, &client.access)?;
    diesel::insert_into(clients::table).values(Row::of(client)?).execute(conn)?;
    record(conn, actor, "client.created", None, client)
}

/// Changes a machine, whose version and time of change are set here.
///
/// # Errors
/// 422 by its keys, role or binding.
pub fn update(conn: &mut Conn, actor: Option<Id>, before: &Client, after: Client) -> Result<Client, Problem> {
    check(conn, &after.access)?;
    let after = Client { version: before.version + 1, updated_at: Timestamp::now(), ..after };
    diesel::update(clients::table.find(before.id)).set(Row::of(&after)?).execute(conn)?;
    record(conn, actor, "client.updated", Some(before), &after)?;
    Ok(after)
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    kind: &str,
    before: Option<&Client>,
    after: &Client,
) -> Result<(), Problem> {
    let picture = |client: &Client| {
        let Access { name, role, scopes, binding, public_keys, active } = &client.access;
        json!({
            "name": name, "role": role, "scopes": scopes, "binding": binding, "publicKeys": public_keys, "active": active,
            // The hash is withheld: it stands here to tell that there is another secret.
            "secret": client.secret_hash,
        })
    };
    journal::record(
        conn,
        &Change {
            actor,
            kind,
            aggregate: "client",
            id: after.id.to_string(),
            version: after.version,
            before: before.map_or(Value::Null, picture),
            after: picture(after),
            personal: &["secret"],
        },
    )
}
