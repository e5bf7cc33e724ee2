//! What other registries call the projects that came from them, and what they last said of them.

pub mod store;

pub use store::External;
