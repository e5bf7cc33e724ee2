//! The people to ask about projects, over all projects: whoever they are, they may ask what is held about them, and to have
//! it taken away.

pub mod store;
