//! Frameworks: the programmes and strategies that funders steer by, trees of priorities of any depth; and correspondences,
//! what a strategy's sub-goals and measures have to do with their priorities.

pub mod correspondence;
pub mod file;
pub mod http;
pub mod model;
pub mod store;

pub use correspondence::{Correspondence, CorrespondenceType, Correspondences};
pub use model::{Framework, Priority};
