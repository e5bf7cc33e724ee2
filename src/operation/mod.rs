//! What whoever runs Samsyn does with it: back it up, restore it, move it to another database, and check it.
//!
//! A backup is a ZIP archive of one JSON Lines file per table (`archive.rs`), read in one snapshot while the service
//! runs. Its rows are the same whichever database they come from: every value is text or null, as [`store`] reads and
//! writes it. So a backup of either database restores to either, and what is read back must be what the archive holds.

mod archive;
pub mod backup;
pub mod check;
pub mod model;
pub mod restore;
pub mod store;

pub use backup::backup;
pub use check::check;
pub use model::Standing;
pub use restore::{Source, restore};
