//! The tests of the whole: all but `store` start the built program, speak HTTP to it like a page or a program would, and
//! know nothing of its insides. The modules mirror the addresses; `both!` runs a body on SQLite and on MariaDB.
//!
//! `tests/run` starts the private MariaDB these tests ask for. A test whose server is missing fails and says so.

// In a test, a panic with the place is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]
// Names of products are no code.
#![allow(clippy::doc_markdown)]
// The clock of the machine is what a black-box test has.
#![allow(clippy::disallowed_methods)]

#[macro_use]
mod support;

mod admin;
mod auth;
mod browsers;
mod by_hand;
mod callers;
mod clients;
mod command_line;
mod consultation;
mod conversation;
mod dashboard;
mod figures;
mod floor;
mod full_metrics;
mod funnel;
mod help_queue;
mod help_session;
mod import;
mod instances;
mod kill;
mod landing;
mod lists;
mod offer_storm;
mod offers;
mod operations;
mod presence;
mod questions;
mod queues;
mod rating;
mod rep_claim;
mod reports;
mod rolling;
mod routes;
mod simulate;
mod steadfast;
mod store;
mod storm;
mod streams;
mod today;
mod transfer;
mod visitors;
mod wrap_up;
