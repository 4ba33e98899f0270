//! Event streams: a full state first, then what changes; a heartbeat every five seconds.

use std::pin::Pin;
use std::time::Duration;

use rocket::Shutdown;
use rocket::futures::Stream;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::stream::Event;
use tokio::time::{Interval, MissedTickBehavior};

/// A stream of events, for Rocket's `EventStream`.
pub type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// How often a stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// `Last-Event-ID`, as a client that comes back sends it.
pub struct LastEventId(pub i64);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for LastEventId {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let header = request.headers().get_one("Last-Event-ID");
        Outcome::Success(Self(header.and_then(|text| text.trim().parse().ok()).unwrap_or(0)))
    }
}

/// The beats of one stream.
#[must_use]
pub fn heartbeat() -> Interval {
    let mut beats = tokio::time::interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats
}

/// An event without a body.
#[must_use]
pub fn bare(name: &'static str) -> Event {
    Event::data("{}").event(name)
}

/// What woke a stream up.
pub enum Wake<H> {
    /// It was told something.
    Hint(H),
    /// Its seat was given up: a slow reader, or a page that left.
    Closed,
    /// Time for a heartbeat.
    Beat,
    /// The server is stopping.
    Stopping,
}

/// Waits for the next reason to say something.
pub async fn wake<H>(hints: &mut tokio::sync::mpsc::Receiver<H>, beats: &mut Interval, stop: &mut Shutdown) -> Wake<H> {
    tokio::select! {
        biased;
        () = stop => Wake::Stopping,
        hint = hints.recv() => hint.map_or(Wake::Closed, Wake::Hint),
        _ = beats.tick() => Wake::Beat,
    }
}
