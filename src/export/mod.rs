//! Exports: all that the caller may see of the projects, as tables for spreadsheets and for programs,
//! streamed.

pub mod http;
pub mod model;
pub mod operation;
mod row;
pub mod store;
pub mod stream;
pub mod wire;
pub mod workbook;

pub use stream::Exports;
