//! For those who run it: health, readiness, Prometheus, the interface's own description.

use std::sync::Arc;

use rocket::http::ContentType;
use rocket::{Route, State, get, routes};

use super::error::{ApiResult, Problem};
use super::guards::Monitor;
use super::openapi;
use super::state::{House, in_time};

/// The routes for operations.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![healthz, readyz, metrics, openapi_json]
}

/// The process lives.
#[get("/healthz")]
const fn healthz() -> &'static str {
    "ok\n"
}

/// The database can be written to, and the server is not stopping.
#[get("/readyz")]
async fn readyz(house: &State<Arc<House>>) -> ApiResult<&'static str> {
    if house.is_stopping() {
        return Err(Problem::away("The server is stopping."));
    }
    in_time(house.desk.db.check_writable()).await?;
    Ok("ready\n")
}

/// Counters, for Prometheus.
#[get("/metrics")]
fn metrics(_monitor: Monitor, house: &State<Arc<House>>) -> ApiResult<(ContentType, String)> {
    let text = house.desk.metrics.render();
    let text = text.map_err(|error| Problem::new(rocket::http::Status::InternalServerError, error.to_string()))?;
    Ok((ContentType::new("text", "plain").with_params([("version", "0.0.4"), ("charset", "utf-8")]), text))
}

/// The description of this interface.
#[get("/openapi.json")]
fn openapi_json() -> (ContentType, String) {
    (ContentType::JSON, openapi::document())
}
