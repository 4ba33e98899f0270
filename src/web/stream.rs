//! Event streams: a full state first, then what changes; a heartbeat every five seconds.

use std::io;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};
use std::time::Duration;

use rocket::Shutdown;
use rocket::futures::Stream;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::stream::{Event, EventStream};
use rocket::response::{self, Body, Responder};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Instant, Interval, MissedTickBehavior};

/// The events of one stream, as they come.
pub type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// The most bytes that are sent in one piece. Each stream keeps a buffer of this size, and most events fit.
const PIECE_BYTES: usize = 1_024;

/// How often a stream says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// Heartbeats of different streams fall together on multiples of this.
const STROKE: Duration = Duration::from_millis(50);

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

/// Answers with events as they come, without Rocket's own heartbeat: the streams have one that pages answer.
pub struct Told(pub Events);

impl<'r> Responder<'r, 'r> for Told {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'r> {
        let mut response = EventStream::from(self.0).heartbeat(None).respond_to(request)?;
        let lines = response.body_mut().take();
        response.set_streamed_body(Whole(lines));
        response.set_max_chunk_size(PIECE_BYTES);
        Ok(response)
    }
}

/// A body of events in as few pieces as there can be. Rocket gives each line by itself, and each piece is a packet of its
/// own: with thousands of streams most of the processor's time goes into sending.
struct Whole<'r>(Body<'r>);

impl AsyncRead for Whole<'_> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, piece: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = piece.filled().len();
        while piece.remaining() > 0 {
            let filled = piece.filled().len();
            match Pin::new(&mut self.0).poll_read(context, piece) {
                // What is there is sent; the stream wakes us when there is more.
                Poll::Pending if filled > before => break,
                Poll::Ready(Ok(())) if piece.filled().len() > filled => {}
                end => return end,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// When the first stream opened.
static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The beats of one stream. They fall on twentieths of a second: to wake up for each of thousands of streams by itself costs as
/// much as what it says.
#[must_use]
pub fn heartbeat() -> Interval {
    let first = *FIRST;
    let now = Instant::now();
    // Strokes divide a second.
    let since_a_stroke = Duration::from_nanos(u64::from((now - first).subsec_nanos() % STROKE.subsec_nanos()));
    let mut beats = tokio::time::interval_at(now + HEARTBEAT - since_a_stroke, HEARTBEAT);
    // One that is late keeps its place among the others.
    beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
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
