//! Suggestions of sub-goals, measures and framework priorities for a project's text, from two things: the vocabulary, which
//! works on the first day, and the decided projects most like it.

mod decided;
mod evidence;
pub mod http;
pub mod measure;
pub mod model;
mod scores;
pub mod store;
mod tree;

/// A count as a number to compute with.
fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
