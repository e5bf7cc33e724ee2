//! Samsyn: a registry of development projects and what they contribute to in a municipality's strategy, who stands
//! behind them, who pays, and how far they have come.
//!
//! The rooms, in the order they may know each other (a later one may use an earlier one, never the other way):
//!
//! - shared kernel: [`text`], [`language`], [`problem`], [`money`], [`quantity`], [`id`], [`clock`],
//!   [`metrics`], [`telemetry`];
//! - [`db`]: one connection over two databases; [`http`]: what all resources share; [`journal`]: every change;
//! - [`organisation`], [`auth`], [`strategy`], [`framework`], [`funding`], [`project`]: what the registry holds;
//! - [`history`]: what the journal tells of it; [`analysis`]: what it says about strategies and frameworks;
//!   [`export`]: tables of it; [`import`]: files that are read into it;
//!   [`personal_data`]: what is held about a person; [`open_data`]: the catalogue that portals harvest;
//!   [`webhook`]: changes told to others when they happen; [`monitoring`]: figures for those who run it; [`operation`]:
//!   backups, moves and checks of it all;
//! - [`config`], [`routes`], [`server`], [`cli`]: how it runs.
//!
//! Inside a room always the same chairs: `mod.rs` introduces it, `model.rs` holds types and rules, `store.rs` the SQL,
//! `http.rs` the resources.

pub mod analysis;
pub mod auth;
pub mod cli;
pub mod clock;
mod code_list;
pub mod config;
pub mod db;
pub mod export;
pub mod framework;
pub mod funding;
pub mod history;
pub mod http;
pub mod id;
pub mod import;
pub mod journal;
pub mod language;
pub mod metrics;
pub mod money;
pub mod monitoring;
pub mod open_data;
pub mod operation;
pub mod organisation;
pub mod personal_data;
pub mod problem;
pub mod project;
pub mod quantity;
pub mod routes;
pub mod seed;
pub mod server;
pub mod strategy;
pub mod telemetry;
pub mod text;
pub mod webhook;
