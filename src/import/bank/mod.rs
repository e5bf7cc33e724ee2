//! Tillväxtverket's project banks: how their rows are understood.
//!
//! Two banks are known, both as loaded on 2016-10-14: projects of 2007–2013 (Mål 2 and Interreg IVA; columns as in
//! github.com/eurospent/eurospent) and of 2014–2020 (the regional programmes and the national one; columns as in
//! github.com/os-data/eu-structural-funds). [`Layout::of`] knows a file by its columns, [`interpret()`] turns one of
//! its rows into a project as `POST /projects` takes it. Nothing is looked up: what a rule must know comes as
//! [`Reference`]. Everything that is not simply taken over is told in a note, and a row is refused only for what stands in it.

mod desk;
mod funding;
mod interpret;
mod layout;
mod places;
mod programme;
mod project;
mod reference;
mod sector;

pub use interpret::{Programme, Reading, interpret};
pub use layout::{Column, Layout, LayoutFault, Shape};
pub use reference::{Axis, Reference};
pub use sector::sector;

#[cfg(test)]
mod tests;
