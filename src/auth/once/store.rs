//! Used tokens in the database.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::used_tokens;
use crate::problem::Problem;

/// Whether a token is used for the first time; remembers it until `expires_at`, after which nobody accepts it anyway.
///
/// # Errors
/// When the database fails.
pub fn use_once(conn: &mut Conn, token_hash: &str, expires_at: Timestamp) -> Result<bool, Problem> {
    diesel::delete(used_tokens::table.filter(used_tokens::expires_at.lt(Timestamp::now()))).execute(conn)?;
    let known: i64 = used_tokens::table.find(token_hash).count().get_result(conn)?;
    if known == 0 {
        diesel::insert_into(used_tokens::table)
            .values((used_tokens::token_hash.eq(token_hash), used_tokens::expires_at.eq(expires_at)))
            .execute(conn)?;
    }
    Ok(known == 0)
}
