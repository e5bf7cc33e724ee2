//! What a session is.

use chrono::TimeDelta;

use crate::clock::Timestamp;
use crate::db::schema::sessions;
use crate::id::Id;

/// How long a session can be renewed.
pub const LIFETIME: TimeDelta = TimeDelta::hours(12);

/// A sign-in and the refresh tokens that followed from it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable, diesel::Insertable, diesel::Identifiable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// Identifier; access tokens carry it.
    pub id: Id,
    /// The account that is signed in.
    pub user_id: Id,
    /// When the account signed in.
    pub created_at: Timestamp,
    /// When it must sign in again.
    pub expires_at: Timestamp,
    /// Whether it was ended before that.
    pub revoked: bool,
}
