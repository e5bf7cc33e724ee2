//! How a project is changed, whatever the change: the caller starts from its present version, its state allows the
//! change, what was promised at submission still holds, and one row in the journal tells of it.

use super::lifecycle::Act;
use super::model::Project;
use super::references::Resolver;
use super::sight::Sight;
use super::{readiness, sight, store};
use crate::auth::Principal;
use crate::db::Conn;
use crate::http::IfMatch;
use crate::id::Id;
use crate::problem::Problem;

/// Whose change it is, and what it is.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Who changes.
    pub caller: &'a Principal,
    /// What the project's state must allow.
    pub act: Act,
    /// The journal's word for it.
    pub kind: &'static str,
}

/// Loads the project, lets it be changed, and saves it one version on.
///
/// # Errors
/// 404, 412, 403 and 409 by the project's state, 422 with every fault; nothing is changed then.
pub fn make<T>(
    conn: &mut Conn,
    change: Change<'_>,
    project: Id,
    version: &IfMatch,
    work: impl FnOnce(&mut Resolver<'_>, &mut Project) -> Result<T, Problem>,
) -> Result<(T, Project), Problem> {
    let before = store::find(conn, project, Sight::of(change.caller))?;
    version.check(before.version)?;
    let standing = before.standing(change.caller);
    before.status.permit(change.act, standing)?;
    let mut after = before.clone();
    let mut resolver = Resolver::new(conn, change.caller);
    let outcome = work(&mut resolver, &mut after)?;
    if resolver.is_content() && after.submitted_at.is_some() {
        resolver.extend(readiness::model::share_faults(&after));
    }
    resolver.extend(sight::faults(change.caller, standing, Some(&before), &after));
    after.forget_gone_lines();
    let conn = resolver.finish()?;
    let after = store::update(conn, change.caller.id(), change.kind, &before, after)?;
    Ok((outcome, after))
}
