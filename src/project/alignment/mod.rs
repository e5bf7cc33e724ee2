//! What a project contributes to: a sub-goal, perhaps one of its measures, with a share and a rationale.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Alignment, Assessment};
