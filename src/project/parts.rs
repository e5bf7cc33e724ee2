//! The six operations that the parts of a project have alike, over HTTP.
//!
//! A part has no version of its own: every change is a change of the project, needs the project's version, and is one
//! row in its journal.

use std::cmp::Reverse;

use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use serde::Serialize;

use super::change::{self, Change};
use super::lifecycle::{Act, Status};
use super::model::{Part, Project};
use super::references::Resolver;
use super::sight::Sight;
use super::store;
use crate::auth::{Principal, policy};
use crate::db::{Conn, Database};
use crate::http::{
    Body, Context, Contract, Created, IdempotencyKey, IfMatch, Links, Paging, Patch, Patchable, idempotency, reply,
};
use crate::id::Id;
use crate::problem::{Fault, Kind, Problem};
use crate::text::bilingual;

/// How many parts of a kind a project has at most, whether they come one by one or all at once.
const MOST: usize = 200;

/// A part of a project as a resource.
pub trait PartResource: Part + Clone + Send + 'static {
    /// What a caller gives of it.
    type Given: Patchable + Clone + Send + 'static;
    /// What a caller gets of it.
    type View: Serialize;
    /// Last segment of the collection's path.
    const SEGMENT: &'static str;
    /// What is not found, in Swedish and English.
    const NAME: (&'static str, &'static str);
    /// The journal's word for a change.
    const CHANGED: &'static str;
    /// The operation that changes one.
    const UPDATE: &'static str;
    /// The operation that removes one.
    const DELETE: &'static str;
    /// What changing it is to the project's lifecycle.
    const ACT: Act;

    /// The parts of a project.
    fn of(project: &Project) -> &Vec<Self>;

    /// The parts of a project, to change.
    fn of_mut(project: &mut Project) -> &mut Vec<Self>;

    /// What a caller would give to get this.
    fn given(&self) -> Self::Given;

    /// The part that is given, in place of `before`; faults go to the resolver.
    ///
    /// # Errors
    /// When the database fails.
    fn resolve(
        given: Self::Given,
        before: Option<&Self>,
        project: &Project,
        resolver: &mut Resolver<'_>,
        at: &str,
    ) -> Result<Option<Self>, Problem>;

    /// What is wrong with the parts together; `at` leads to each.
    fn faults_together(_parts: &[Self], _at: impl Fn(usize) -> String) -> Vec<Fault> {
        Vec::new()
    }

    /// Links to what belongs to it, below its own address, and to what the caller may do with it now.
    fn own_links(&self, _address: &str, _project: &Project, _caller: &Principal) -> Links {
        Links::default()
    }

    /// Lets it be removed from a project in this state, unless something is kept in it.
    ///
    /// # Errors
    /// 409 saying what to do instead.
    fn may_go(&self, _status: Status) -> Result<(), Problem> {
        Ok(())
    }

    /// What a caller gets; links only where it stands alone.
    fn view(&self, caller: &Principal, links: Option<Links>) -> Self::View;
}

/// Resolves all the parts of a kind that a project is to have. One that is like a known one, the most alike first, takes
/// its place and keeps its id; of no likeness is 0.
///
/// # Errors
/// 409 when a known one that must be kept is left out.
pub fn resolve_all<P: PartResource>(
    given: Vec<P::Given>,
    known: &[P],
    project: &Project,
    resolver: &mut Resolver<'_>,
    at: &str,
    likeness: impl Fn(&P, &P) -> u8,
) -> Result<Vec<P>, Problem> {
    let count = given.len();
    let mut parts: Vec<(P::Given, Option<P>)> = Vec::new();
    for (index, given) in given.into_iter().enumerate() {
        let part = P::resolve(given.clone(), None, project, resolver, &format!("{at}/{index}"))?;
        parts.push((given, part));
    }
    let mut alike: Vec<(u8, usize, &P)> = Vec::new();
    for (index, (_, part)) in parts.iter().enumerate() {
        let pairs = part.iter().flat_map(|part| known.iter().map(move |before| (before, part)));
        alike.extend(pairs.map(|(before, part)| (likeness(before, part), index, before)));
    }
    alike.retain(|(likeness, ..)| *likeness > 0);
    alike.sort_by_key(|(likeness, ..)| Reverse(*likeness));
    let mut taken = Vec::new();
    for (_, index, before) in alike {
        if taken.iter().any(|(place, id)| *place == index || *id == before.id()) {
            continue;
        }
        taken.push((index, before.id()));
        let (given, part) = &mut parts[index];
        *part = P::resolve(given.clone(), Some(before), project, resolver, &format!("{at}/{index}"))?;
    }
    let parts: Vec<P> = parts.into_iter().filter_map(|(_, part)| part).collect();
    if resolver.is_content() {
        let is_gone = |before: &&P| parts.iter().all(|part| part.id() != before.id());
        known.iter().filter(is_gone).try_for_each(|gone| gone.may_go(project.status))?;
    }
    // With one left out, the places of the others would be told wrong.
    if parts.len() == count {
        let faults = P::faults_together(&parts, |index| format!("{at}/{index}"));
        resolver.extend(faults);
    }
    Ok(parts)
}

/// Lets a whole project be removed.
///
/// # Errors
/// 409 when other projects refer to it, which the caller may not see, or something is kept in it.
pub fn may_all_go(project: &Project) -> Result<(), Problem> {
    if !project.referring_projects.is_empty() {
        return Err(Problem::new(
            Kind::Conflict,
            bilingual!(
                "Andra projekt hänvisar hit. De hänvisningarna tas bort först, av handläggare där du inte ser dem.",
                "Other projects refer here. Those references go first; officers remove them where you do not see them."
            ),
        ));
    }
    project.funding_lines.iter().try_for_each(|line| line.may_go(project.status))?;
    project.indicators.iter().try_for_each(|indicator| indicator.may_go(project.status))
}

fn path<P: PartResource>(project: Id, part: Id) -> String {
    format!("/projects/{project}/{}/{part}", P::SEGMENT)
}

/// A part standing alone, with its links.
pub fn viewed<P: PartResource>(part: &P, project: &Project, caller: &Principal, base: &str) -> P::View {
    let address = format!("{base}{}", path::<P>(project.id, part.id()));
    let standing = project.standing(caller);
    let may = |operation| project.status.allows(P::ACT, standing) && policy::allows(caller, operation);
    let is_removable = may(P::DELETE) && part.may_go(project.status).is_ok();
    let links = part
        .own_links(&address, project, caller)
        .and("self", "GET", address.clone())
        .and("collection", "GET", format!("{base}/projects/{}/{}", project.id, P::SEGMENT))
        .and("up", "GET", format!("{base}/projects/{}", project.id))
        .and_if(may(P::UPDATE), "edit", "PATCH", || address.clone())
        .and_if(is_removable, "delete", "DELETE", || address.clone());
    part.view(caller, Some(links))
}

fn missing<P: PartResource>() -> Problem {
    Problem::not_found(P::NAME.0, P::NAME.1)
}

/// Changes a project's parts of a kind and checks them together.
fn change<P: PartResource, T>(
    conn: &mut Conn,
    caller: &Principal,
    project: Id,
    version: &IfMatch,
    work: impl FnOnce(&mut Resolver<'_>, &mut Project) -> Result<T, Problem>,
) -> Result<(T, Project), Problem> {
    let change = Change { caller, act: P::ACT, kind: P::CHANGED };
    change::make(conn, change, project, version, |resolver, project| {
        let outcome = work(resolver, project)?;
        if resolver.is_content() {
            resolver.extend(P::faults_together(P::of(project), |_| String::new()));
        }
        Ok(outcome)
    })
}

/// A page of a project's parts.
///
/// # Errors
/// 404 when the caller sees no such project.
pub async fn list<P: PartResource>(
    context: Context,
    database: &Database,
    project: Id,
    paging: Paging,
) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let found = database.read(move |conn| store::find(conn, project, scope)).await?;
    let parts = P::of(&found);
    let view = |part| viewed::<P>(part, &found, context.caller(), context.base());
    let views: Vec<_> = paging.slice(parts).iter().map(view).collect();
    let total = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    reply::versioned_list(&context, Some(found.version), &paging, total, &views)
}

/// One part, with the project's version.
///
/// # Errors
/// 404 when the caller sees no such project or part.
pub async fn get<P: PartResource>(
    context: Context,
    database: &Database,
    (project, id): (Id, Id),
) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller());
    let found = database.read(move |conn| store::find(conn, project, scope)).await?;
    let part = P::of(&found).iter().find(|part| part.id() == id).ok_or_else(missing::<P>)?;
    reply::one(&context, Some(found.version), &viewed(part, &found, context.caller(), context.base()))
}

/// Adds a part.
///
/// # Errors
/// 404, 412, 422.
pub async fn create<P: PartResource>(
    context: Context,
    database: &Database,
    project: Id,
    version: IfMatch,
    key: IdempotencyKey,
    body: Body<P::Given>,
) -> Result<HttpResponse, Problem> {
    let (caller, base) = (context.caller().clone(), context.base().to_owned());
    let given = body.value;
    idempotency::create(&context, database, key, body.fingerprint, move |conn| {
        let (part, project) = change::<P, _>(conn, &caller, project, &version, |resolver, project| {
            if P::of(project).len() >= MOST {
                let reason = bilingual!("projektet har redan {MOST} sådana", "the project has {MOST} of them already");
                resolver.fault("", "too-many", reason);
            }
            let part = P::resolve(given.clone(), None, project, resolver, "")?;
            P::of_mut(project).extend(part.clone());
            Ok(part)
        })?;
        let part = part.ok_or_else(missing::<P>)?;
        Created::new(path::<P>(project.id, part.id()), project.version, &viewed(&part, &project, &caller, &base))
    })
    .await
}

/// Replaces a part.
///
/// # Errors
/// 404, 412, 422.
pub async fn replace<P: PartResource>(
    context: Context,
    database: &Database,
    (project, id): (Id, Id),
    version: IfMatch,
    given: P::Given,
) -> Result<HttpResponse, Problem> {
    rewrite::<P>(context, database, (project, id), version, move |_| Ok(given.clone())).await
}

/// Changes members of a part.
///
/// # Errors
/// 404, 412, 422.
pub async fn update<P: PartResource>(
    context: Context,
    database: &Database,
    (project, id): (Id, Id),
    version: IfMatch,
    contract: actix_web::web::Data<Contract>,
    patch: Patch<P::Given>,
) -> Result<HttpResponse, Problem>
where
    Patch<P::Given>: Send,
{
    rewrite::<P>(context, database, (project, id), version, move |part| patch.apply(&contract, &part.given())).await
}

async fn rewrite<P: PartResource>(
    context: Context,
    database: &Database,
    (project, id): (Id, Id),
    version: IfMatch,
    wanted: impl Fn(&P) -> Result<P::Given, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let (part, project) = database
        .write(move |conn| {
            change::<P, _>(conn, &caller, project, &version, |resolver, project| {
                let index = P::of(project).iter().position(|part| part.id() == id).ok_or_else(missing::<P>)?;
                let before = P::of(project)[index].clone();
                let part = P::resolve(wanted(&before)?, Some(&before), project, resolver, "")?.unwrap_or(before);
                P::of_mut(project)[index] = part.clone();
                Ok(part)
            })
        })
        .await?;
    reply::one(&context, Some(project.version), &viewed(&part, &project, context.caller(), context.base()))
}

/// Removes a part.
///
/// # Errors
/// 404, 412.
pub async fn delete<P: PartResource>(
    context: Context,
    database: &Database,
    (project, id): (Id, Id),
    version: IfMatch,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let ((), project) = database
        .write(move |conn| {
            change::<P, _>(conn, &caller, project, &version, |_, project| {
                let index = P::of(project).iter().position(|part| part.id() == id).ok_or_else(missing::<P>)?;
                let status = project.status;
                P::of_mut(project).remove(index).may_go(status)
            })
        })
        .await?;
    // What the next change of the project starts from.
    Ok(HttpResponse::NoContent().insert_header((ETAG, format!("\"{}\"", project.version))).finish())
}

/// Replaces all the parts of a kind; one that is like a known one keeps its id.
///
/// # Errors
/// 404, 412, 422.
pub async fn replace_all<P: PartResource>(
    context: Context,
    database: &Database,
    project: Id,
    version: IfMatch,
    given: Vec<P::Given>,
    likeness: impl Fn(&P, &P) -> u8 + Copy + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let caller = context.caller().clone();
    let ((), project) = database
        .write(move |conn| {
            change::<P, _>(conn, &caller, project, &version, |resolver, project| {
                let at = format!("/{}", P::SEGMENT);
                let parts = resolve_all(given.clone(), P::of(project), project, resolver, &at, likeness)?;
                *P::of_mut(project) = parts;
                Ok(())
            })
        })
        .await?;
    let view = |part| viewed::<P>(part, &project, context.caller(), context.base());
    let views: Vec<_> = P::of(&project).iter().map(view).collect();
    reply::whole(&context, project.version, &views)
}

/// Gives a kind of part its six operations.
macro_rules! part_operations {
    (
        $part:ty, $view:ty, $given:ty, $patch:ty, $collection:tt, $item:tt,
        $list:ident: $list_doc:tt,
        $create:ident: $create_doc:tt,
        $get:ident: $get_doc:tt,
        $replace:ident: $replace_doc:tt,
        $update:ident: $update_doc:tt,
        $delete:ident: $delete_doc:tt $(,)?
    ) => {
        #[doc = $list_doc]
        #[utoipa::path(params(Paging),
                                    responses((status = 200, description = "Listan. / The list.", body = [$view])))]
        #[get($collection)]
        async fn $list(
            context: Context,
            database: Data<Database>,
            project: Path<Id>,
            paging: Query<Paging>,
        ) -> Result<HttpResponse, Problem> {
            parts::list::<$part>(context, &database, *project, paging.0).await
        }

        #[doc = $create_doc]
        #[utoipa::path(request_body = $given,
                            responses((status = 201, description = "Tillagd. / Added.", body = $view)))]
        #[post($collection)]
        async fn $create(
            context: Context,
            database: Data<Database>,
            project: Path<Id>,
            version: IfMatch,
            key: IdempotencyKey,
            body: Body<$given>,
        ) -> Result<HttpResponse, Problem> {
            parts::create::<$part>(context, &database, *project, version, key, body).await
        }

        #[doc = $get_doc]
        #[utoipa::path(responses((status = 200, description = "Posten. / The item.", body = $view)))]
        #[get($item)]
        async fn $get(
            context: Context,
            database: Data<Database>,
            path: Path<(Id, Id)>,
        ) -> Result<HttpResponse, Problem> {
            parts::get::<$part>(context, &database, path.into_inner()).await
        }

        #[doc = $replace_doc]
        #[utoipa::path(request_body = $given,
                            responses((status = 200, description = "Ersatt. / Replaced.", body = $view)))]
        #[put($item)]
        async fn $replace(
            context: Context,
            database: Data<Database>,
            path: Path<(Id, Id)>,
            version: IfMatch,
            body: Body<$given>,
        ) -> Result<HttpResponse, Problem> {
            parts::replace::<$part>(context, &database, path.into_inner(), version, body.value).await
        }

        #[doc = $update_doc]
        #[utoipa::path(request_body = $patch,
                                    responses((status = 200, description = "Ändrad. / Changed.", body = $view)))]
        #[patch($item)]
        async fn $update(
            context: Context,
            database: Data<Database>,
            contract: Data<Contract>,
            path: Path<(Id, Id)>,
            version: IfMatch,
            patch: $patch,
        ) -> Result<HttpResponse, Problem> {
            parts::update::<$part>(context, &database, path.into_inner(), version, contract, patch).await
        }

        #[doc = $delete_doc]
        #[utoipa::path(responses((status = 204, description = "Borttagen. / Removed.")))]
        #[delete($item)]
        async fn $delete(
            context: Context,
            database: Data<Database>,
            path: Path<(Id, Id)>,
            version: IfMatch,
        ) -> Result<HttpResponse, Problem> {
            parts::delete::<$part>(context, &database, path.into_inner(), version).await
        }
    };
}
pub(super) use part_operations;
