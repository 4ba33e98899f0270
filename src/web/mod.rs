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
pub mod numbers;
pub mod openapi;
mod operations;
pub mod pages;
mod questions;
mod rating;
mod rep;
mod rep_stream;
mod scope;
pub mod state;
mod stream;
mod today;
mod transfer;
mod urlencoded;
mod view;
mod visitors;
mod wrap_up;

use std::sync::Arc;

use rocket::{Build, Rocket, Route};

use state::House;

/// Every route of the server.
#[must_use]
pub fn routes() -> Vec<Route> {
    [
        landing::stage(),
        help::stage(),
        rating::stage(),
        rep::stage(),
        duty::stage(),
        wrap_up::stage(),
        transfer::stage(),
        consultation::stage(),
        today::stage(),
        visitors::stage(),
        auth::stage(),
        figures::stage(),
        full_metrics::stage(),
        funnel::stage(),
        dashboard::stage(),
        floor::stage(),
        admin::stage(),
        colours::stage(),
        operations::stage(),
        assets::stage(),
    ]
    .concat()
}

/// Attaches every route, catcher and header to a server.
#[must_use]
pub fn attach(rocket: Rocket<Build>, house: Arc<House>) -> Rocket<Build> {
    rocket.manage(house).attach(headers::HouseHeaders).register("/", catchers::catchers()).mount("/", routes())
}
