//! What Bannerline is about, as pure values: no web server, no pool, no clock.

pub mod action;
pub mod activity;
pub mod campaign;
pub mod colour;
pub mod day;
pub mod dealing;
pub mod estimate;
pub mod figures;
pub mod histogram;
pub mod ids;
pub mod links;
pub mod matching;
pub mod offer;
pub mod people;
pub mod presence;
pub mod queue;
pub mod rating;
pub mod rollup;
pub mod session;
pub mod transfer;
pub mod visitor;
pub mod vocabulary;
pub mod words;
pub mod wrap_up;
