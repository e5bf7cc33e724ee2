//! Goal areas' people in the database. Each goal area's lists share a version, which the journal counts.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::{Area, MainStakeholder, Member, Officer, Who};
use crate::auth::{self, Role};
use crate::db::Conn;
use crate::db::schema::{goal_area_stakeholders, organisations, users, working_group_members};
use crate::id::Id;
use crate::journal::{self, Change};
use crate::organisation::model::Interest;
use crate::organisation::{self, Organisation};
use crate::problem::{Fault, Problem};
use crate::strategy::model::retired;
use crate::strategy::store;
use crate::text::{Bilingual, bilingual};

const AGGREGATE: &str = "goalArea";

type MemberRow = (Id, Option<Organisation>, Option<(Id, String)>);

/// The version of a goal area's people: how many changes they have had.
///
/// # Errors
/// 404 when there is no such goal area.
pub fn version(conn: &mut Conn, area: &Area) -> Result<i64, Problem> {
    store::is_goal_area_retired(conn, &area.strategy, &area.code)?;
    journal::version(conn, AGGREGATE, &area.key())
}

/// A goal area's main stakeholders, by name.
///
/// # Errors
/// When the database fails.
pub fn stakeholders(conn: &mut Conn, area: &Area) -> Result<Vec<MainStakeholder>, Problem> {
    let rows: Vec<(Id, String, Organisation)> = goal_area_stakeholders::table
        .inner_join(organisations::table)
        .filter(goal_area_stakeholders::strategy_id.eq(&area.strategy))
        .filter(goal_area_stakeholders::goal_area_code.eq(&area.code))
        .order((organisations::name_key, goal_area_stakeholders::id))
        .select((goal_area_stakeholders::id, goal_area_stakeholders::interests, organisations::all_columns))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, interests, organisation)| MainStakeholder {
            id,
            organisation,
            interests: interests.split(' ').filter_map(|interest| interest.parse().ok()).collect(),
        })
        .collect())
}

/// A goal area's working group: the responsible officer first, then organisations by name.
///
/// # Errors
/// When the database fails.
pub fn members(conn: &mut Conn, area: &Area) -> Result<Vec<Member>, Problem> {
    let rows: Vec<MemberRow> = working_group_members::table
        .left_join(organisations::table)
        .left_join(users::table)
        .filter(working_group_members::strategy_id.eq(&area.strategy))
        .filter(working_group_members::goal_area_code.eq(&area.code))
        .order((working_group_members::officer_id.is_null(), organisations::name_key, working_group_members::id))
        .select((working_group_members::id, organisations::all_columns.nullable(), (users::id, users::name).nullable()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, organisation, officer)| {
            let officer = officer.map(|(id, name)| Who::Officer(Officer { id, name }));
            Some(Member { id, who: organisation.map(Who::Organisation).or(officer)? })
        })
        .collect())
}

/// Strategy and code of every goal area with a responsible officer, and who it is. One whose account is closed, or no
/// longer the department's, answers for nothing.
///
/// # Errors
/// When the database fails.
pub fn responsible_officers(conn: &mut Conn) -> Result<Vec<(Area, Id)>, Problem> {
    let rows: Vec<(String, String, Option<Id>)> = working_group_members::table
        .inner_join(users::table)
        .filter(users::active.eq(true))
        .filter(users::role.eq_any([Role::Administrator, Role::Officer]))
        .select((
            working_group_members::strategy_id,
            working_group_members::goal_area_code,
            working_group_members::officer_id,
        ))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(strategy, code, id)| Some((Area { strategy, code }, id?))).collect())
}

/// The goal areas that an officer answers for, and the id of the member that says so.
///
/// # Errors
/// When the database fails.
pub fn areas_of(conn: &mut Conn, officer: Id) -> Result<Vec<(Area, Id)>, Problem> {
    use working_group_members as members;
    let rows: Vec<(String, String, Id)> = members::table
        .filter(members::officer_id.eq(officer))
        .order((members::strategy_id, members::goal_area_code))
        .select((members::strategy_id, members::goal_area_code, members::id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(strategy, code, member)| (Area { strategy, code }, member)).collect())
}

/// Adds a main stakeholder; gives it with the new version.
///
/// # Errors
/// 404 without such a goal area, 409 when it is retired, 422 for an unknown organisation or one that is there already.
pub fn add_stakeholder(
    conn: &mut Conn,
    actor: Option<Id>,
    area: &Area,
    organisation: Id,
    interests: &[Interest],
) -> Result<(MainStakeholder, i64), Problem> {
    check_open(conn, area)?;
    let organisation = known_organisation(conn, organisation)?;
    let present = stakeholders(conn, area)?;
    if present.iter().any(|one| one.organisation.id == organisation.id) {
        return Err(repeated());
    }
    let mut interests = interests.to_vec();
    interests.sort_unstable();
    interests.dedup();
    let made = MainStakeholder { id: Id::new(), organisation, interests };
    let words: Vec<&str> = made.interests.iter().map(|interest| interest.as_str()).collect();
    diesel::insert_into(goal_area_stakeholders::table)
        .values((
            goal_area_stakeholders::id.eq(made.id),
            goal_area_stakeholders::strategy_id.eq(&area.strategy),
            goal_area_stakeholders::goal_area_code.eq(&area.code),
            goal_area_stakeholders::organisation_id.eq(made.organisation.id),
            goal_area_stakeholders::interests.eq(words.join(" ")),
        ))
        .execute(conn)?;
    let after = json!({"id": made.id, "organisationId": made.organisation.id, "interests": words});
    let version = record(conn, actor, area, "goalArea.stakeholderAdded", Value::Null, after)?;
    Ok((made, version))
}

/// Removes a main stakeholder; gives the new version.
///
/// # Errors
/// 404 when it is not there.
pub fn remove_stakeholder(conn: &mut Conn, actor: Option<Id>, area: &Area, id: Id) -> Result<i64, Problem> {
    let present = stakeholders(conn, area)?;
    let gone = present.iter().find(|one| one.id == id);
    let gone = gone.ok_or_else(|| Problem::not_found("Huvudintressenten", "The main stakeholder"))?;
    diesel::delete(goal_area_stakeholders::table.find(id)).execute(conn)?;
    let before = json!({"id": id, "organisationId": gone.organisation.id});
    record(conn, actor, area, "goalArea.stakeholderRemoved", before, Value::Null)
}

/// Adds an organisation or the responsible officer to the working group; gives it with the new version.
///
/// # Errors
/// 404 without such a goal area, 409 when it is retired, 422 for one who is unknown or there already, and for a second
/// officer.
pub fn add_member(
    conn: &mut Conn,
    actor: Option<Id>,
    area: &Area,
    organisation: Option<Id>,
    officer: Option<Id>,
) -> Result<(Member, i64), Problem> {
    check_open(conn, area)?;
    let present = members(conn, area)?;
    let who = match (organisation, officer) {
        (Some(organisation), None) => Who::Organisation(known_organisation(conn, organisation)?),
        (None, Some(officer)) => Who::Officer(known_officer(conn, officer)?),
        _ => {
            let reason =
                bilingual!("ange antingen organisationId eller officerId", "give either organisationId or officerId");
            return Err(refused("", "one-of", reason));
        }
    };
    if present.iter().any(|member| member.who == who) {
        return Err(repeated());
    }
    let has_officer = present.iter().any(|member| matches!(member.who, Who::Officer(_)));
    if has_officer && officer.is_some() {
        let reason = bilingual!(
            "målområdet har redan en ansvarig handläggare; ta bort den först",
            "the goal area has a responsible officer already; remove that one first"
        );
        return Err(refused("/officerId", "responsible-officer", reason));
    }
    let member = Member { id: Id::new(), who };
    diesel::insert_into(working_group_members::table)
        .values((
            working_group_members::id.eq(member.id),
            working_group_members::strategy_id.eq(&area.strategy),
            working_group_members::goal_area_code.eq(&area.code),
            working_group_members::organisation_id.eq(organisation),
            working_group_members::officer_id.eq(officer),
        ))
        .execute(conn)?;
    let version = record(conn, actor, area, "goalArea.memberAdded", Value::Null, picture(&member))?;
    Ok((member, version))
}

/// Removes a member of the working group; gives the new version.
///
/// # Errors
/// 404 when it is not there.
pub fn remove_member(conn: &mut Conn, actor: Option<Id>, area: &Area, id: Id) -> Result<i64, Problem> {
    let present = members(conn, area)?;
    let gone = present.iter().find(|member| member.id == id);
    let gone = gone.ok_or_else(|| Problem::not_found("Medlemmen", "The member"))?;
    diesel::delete(working_group_members::table.find(id)).execute(conn)?;
    record(conn, actor, area, "goalArea.memberRemoved", picture(gone), Value::Null)
}

/// What the journal keeps of a member: ids, since an officer's name is personal.
fn picture(member: &Member) -> Value {
    match &member.who {
        Who::Organisation(organisation) => json!({"id": member.id, "organisationId": organisation.id}),
        Who::Officer(officer) => json!({"id": member.id, "officerId": officer.id}),
    }
}

fn check_open(conn: &mut Conn, area: &Area) -> Result<(), Problem> {
    if store::is_goal_area_retired(conn, &area.strategy, &area.code)? { Err(retired()) } else { Ok(()) }
}

fn refused(property: &str, code: &'static str, reason: Bilingual) -> Problem {
    Problem::invalid(vec![Fault::body(property, code, reason)])
}

fn repeated() -> Problem {
    refused("/organisationId", "repeated", bilingual!("står redan i listan", "is in the list already"))
}

fn known_organisation(conn: &mut Conn, id: Id) -> Result<Organisation, Problem> {
    let found = organisation::store::find_all(conn, &[id])?.pop();
    found.ok_or_else(|| {
        let reason = bilingual!("organisationen {id} finns inte", "the organisation {id} does not exist");
        refused("/organisationId", "unknown-organisation", reason)
    })
}

fn known_officer(conn: &mut Conn, id: Id) -> Result<Officer, Problem> {
    let user = match auth::store::find(conn, id) {
        Ok(user) if user.active && matches!(user.role, Role::Officer | Role::Administrator) => Some(user),
        _ => None,
    };
    user.map(|user| Officer { id: user.id, name: user.name }).ok_or_else(|| {
        let reason = bilingual!(
            "ska vara ett aktivt konto med rollen handläggare eller administratör",
            "must be an active account with the role officer or administrator"
        );
        refused("/officerId", "unknown-officer", reason)
    })
}

fn record(
    conn: &mut Conn,
    actor: Option<Id>,
    area: &Area,
    kind: &str,
    before: Value,
    after: Value,
) -> Result<i64, Problem> {
    let version = journal::version(conn, AGGREGATE, &area.key())? + 1;
    let (aggregate, id, personal) = (AGGREGATE, area.key(), &[][..]);
    journal::record(conn, &Change { actor, kind, aggregate, id, version, before, after, personal })?;
    Ok(version)
}
