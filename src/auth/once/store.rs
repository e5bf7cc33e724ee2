//! Used tokens in the database, so that no instance takes one again.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::used_tokens;
use crate::problem::Problem;

/// Uses a token up, and forgets those that have expired. `expires_at` is when it is refused anyway. Gives false when it was
/// used before.
///
/// # Errors
/// When the database fails.
pub fn use_once(conn: &mut Conn, token_hash: &str, expires_at: Timestamp) -> Result<bool, Problem> {
    diesel::delete(used_tokens::table.filter(used_tokens::expires_at.lt(Timestamp::now()))).execute(conn)?;
    let used: i64 = used_tokens::table.filter(used_tokens::token_hash.eq(token_hash)).count().get_result(conn)?;
    if used > 0 {
        return Ok(false);
    }
    diesel::insert_into(used_tokens::table)
        .values((used_tokens::token_hash.eq(token_hash), used_tokens::expires_at.eq(expires_at)))
        .execute(conn)?;
    Ok(true)
}
