//! What every answer carries, and what is counted of it.

use std::sync::Arc;
use std::time::Instant;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{ContentType, Header, Method};
use rocket::{Data, Request, Response};

use super::state::House;

/// Only our own files, no inline script or style, and nobody frames us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; \
    object-src 'none'";

/// Sets the headers of every answer, and counts it.
pub struct HouseHeaders;

struct Started(Instant);

/// The method as it came: Rocket lets the routes of GET answer HEAD, and says GET then.
struct Asked(Method);

/// Whether the request came as HEAD: nobody reads the answer.
pub fn is_head(request: &Request<'_>) -> bool {
    request.local_cache(|| Asked(request.method())).0 == Method::Head
}

#[rocket::async_trait]
impl Fairing for HouseHeaders {
    fn info(&self) -> Info {
        Info { name: "headers and counters of every answer", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Started(Instant::now()));
        request.local_cache(|| Asked(request.method()));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(), payment=()"),
            ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
        ] {
            response.set_header(Header::new(name, value));
        }
        if response.content_type().is_some_and(|kind| kind == ContentType::EventStream) {
            // A proxy that collects events before it passes them on breaks the call.
            response.set_header(Header::new("X-Accel-Buffering", "no"));
        }
        if !response.headers().contains("Cache-Control") {
            // Pages and answers are about one person at one moment.
            response.set_header(Header::new("Cache-Control", "no-store"));
        }
        count(request, response);
    }
}

fn count(request: &Request<'_>, response: &Response<'_>) {
    let Some(house) = request.rocket().state::<Arc<House>>() else { return };
    let route = request.route().map_or_else(|| "none".to_owned(), |route| route.uri.path().to_owned());
    let started = request.local_cache(|| Started(Instant::now()));
    let metrics = &house.desk.metrics;
    let status = response.status().code.to_string();
    metrics.http_requests.with_label_values(&[request.method().as_str(), route.as_str(), status.as_str()]).inc();
    if response.status().code == 503 {
        metrics.store_unavailable.inc();
    }
    metrics.http_seconds.with_label_values(&[route.as_str()]).observe(started.0.elapsed().as_secs_f64());
}
