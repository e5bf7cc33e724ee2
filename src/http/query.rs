//! Query parameters: already checked against the document by the edge, here given their types.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::context::Context;
use crate::problem::Problem;

/// The query parameters that a handler reads; several may read the same query.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let context = Context::from_request(request, payload).into_inner();
        ready(
            context
                .and_then(|context| T::deserialize(&context.understood().query).map(Self).map_err(Problem::internal)),
        )
    }
}

/// Which page of a list, and which members of its items.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Sidans nummer, från 1; en sida utanför listan är tom. / Page number, from 1; a page outside the list is empty.
    #[serde(default = "first")]
    #[param(minimum = 0, maximum = 1_000_000, default = 1, example = 1)]
    pub page: i64,
    /// Poster per sida. / Items per page.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: i64,
    /// Bara dessa medlemmar av varje post. / Only these members of each item.
    #[param(min_items = 1)]
    pub fields: Option<Vec<String>>,
}

fn first() -> i64 {
    1
}

fn twenty() -> i64 {
    20
}

impl Paging {
    /// How many items come before the page, and how many it has; page 0 has none.
    #[must_use]
    pub fn window(&self) -> (i64, i64) {
        if self.page == 0 { (0, 0) } else { ((self.page - 1) * self.limit, self.limit) }
    }

    /// The page's part of a list that is at hand whole.
    #[must_use]
    pub fn slice<'a, T>(&self, items: &'a [T]) -> &'a [T] {
        let (offset, limit) = self.window();
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(items.len());
        let end = start.saturating_add(usize::try_from(limit).unwrap_or(0)).min(items.len());
        &items[start..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pages_in_order_hold_every_item_once(count in 0_usize..300, limit in 1_i64..=100) {
            let items: Vec<usize> = (0..count).collect();
            let page = |page| Paging { page, limit, fields: None };
            let last = i64::try_from(count).unwrap_or(0) / limit + 1;
            let seen: Vec<usize> = (1..=last).flat_map(|number| page(number).slice(&items).to_vec()).collect();
            prop_assert_eq!(seen, items.clone());
            prop_assert!(page(0).slice(&items).is_empty());
            prop_assert!(page(last + 1).slice(&items).is_empty());
        }
    }
}
