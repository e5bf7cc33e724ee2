//! The municipalities of Sweden, with Statistics Sweden's codes; loaded from a file.

pub mod http;
pub mod model;
pub mod store;

pub use model::Municipality;
