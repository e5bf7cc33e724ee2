//! Municipalities and their strategies: title, vision, success factors, goal areas, sub-goals and measures.
//!
//! The catalogue is data, loaded from files; nothing of it is changed over HTTP. What the department adds to it is: the
//! goal areas' people and the measures' notes.

pub mod file;
pub mod http;
pub mod model;
pub mod municipality;
pub mod note;
pub mod people;
pub mod store;

pub use model::{GoalArea, Measure, Strategy, SubGoal};
pub use municipality::Municipality;
