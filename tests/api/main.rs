//! Samsyn's tests: stories of use through HTTP, each on a database of its own, on SQLite or PostgreSQL by
//! `SAMSYN_TEST_DATABASE`.

mod support;

mod accounts;
mod alignments;
mod bad_input;
mod catalogue;
mod concurrency;
mod contract;
mod correspondences;
mod coverage;
mod durability;
mod feed;
mod frameworks;
mod funding_rules;
mod funding_sources;
mod generated;
mod history;
mod house;
mod lists;
mod organisations;
mod parts;
mod people;
mod projects;
mod recomputed;
mod repetition;
mod report;
mod results;
mod review;
mod schema;
mod sessions;
mod signing_keys;
mod statements;
mod states;
mod status;
mod suggestions;
