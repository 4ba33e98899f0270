//! HTTP: parse, call the desk or the figures, render. The only home of status codes.
//!
//! Each module of routes has handlers, their typed bodies, and a `stage()`.

mod admin;
mod assets;
mod auth;
mod body;
mod catchers;
mod client;
mod colours;
mod consultation;
mod customer_stream;
mod dashboard;
mod duty;
pub mod error;
mod figures;
pub mod floor;
mod full_metrics;
mod funnel;
mod guards;
mod gzip;
mod headers;
mod help;
mod idempotency;
mod landing;
pub mod limits;
mod negotiation;
pub mod openapi;
mod operations;
pub mod pages;
mod questions;
mod rating;
mod rep;
mod rep_stream;
pub mod state;
mod stream;
mod today;
mod transfer;
mod urlencoded;
mod view;
mod visitors;
mod wrap_up;

use std::sync::Arc;

use rocket::{Build, Rocket};

use state::House;

/// Attaches every route, catcher and header to a server.
#[must_use]
pub fn attach(rocket: Rocket<Build>, house: Arc<House>) -> Rocket<Build> {
    rocket
        .manage(house)
        .attach(headers::HouseHeaders)
        .register("/", catchers::catchers())
        .mount("/", landing::stage())
        .mount("/", help::stage())
        .mount("/", rating::stage())
        .mount("/", rep::stage())
        .mount("/", duty::stage())
        .mount("/", wrap_up::stage())
        .mount("/", transfer::stage())
        .mount("/", consultation::stage())
        .mount("/", today::stage())
        .mount("/", visitors::stage())
        .mount("/", auth::stage())
        .mount("/", figures::stage())
        .mount("/", full_metrics::stage())
        .mount("/", funnel::stage())
        .mount("/", dashboard::stage())
        .mount("/", floor::stage())
        .mount("/", admin::stage())
        .mount("/", colours::stage())
        .mount("/", operations::stage())
        .mount("/", assets::stage())
}
