//! Commitments: the steps that a financier takes from planned to paid, each kept with its date, case number and document.

pub mod http;
pub mod model;
pub mod store;

pub use model::{Commitment, Step};
