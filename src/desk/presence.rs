//! Streams opened and closed: what the hub knows is written to the rows, where any instance can see it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::oneshot;

use super::Desk;
use crate::clock::Timestamp;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::Seat;
use crate::live::bus::Message;
use crate::live::hub::{Alive, Hint, StreamNumber};
use crate::store::{Result, presence as rows};

/// What is to be written of a seat.
#[derive(Debug)]
pub(super) struct Mark {
    seat: Seat,
    /// `None`: a stream is open.
    closed_at: Option<Timestamp>,
    /// Dropped with the mark, once it is written: whoever waits for that is woken.
    _written: Option<oneshot::Sender<()>>,
}

/// Marks that may wait for the writer.
const BACKLOG: usize = 16_384;
/// Openings that are written with one statement.
const GROUP: usize = 256;
/// How long a new stream waits for its row.
const WRITTEN_WITHIN: Duration = Duration::from_secs(2);
/// The pause before a failed write is tried again.
const RETRY: Duration = Duration::from_millis(500);

pub(super) fn channel() -> (Sender<Mark>, Receiver<Mark>) {
    mpsc::channel(BACKLOG)
}

/// An open stream. Dropped, however that comes, it reports its end.
pub struct OpenStream {
    desk: Arc<Desk>,
    seat: Seat,
    number: StreamNumber,
    written: oneshot::Receiver<()>,
    /// What the stream is told.
    pub hints: mpsc::Receiver<Hint>,
}

impl OpenStream {
    /// Waits until the row says that the stream is open: what a page was told must not be forgotten by a crash. While
    /// the database is away the stream goes on without.
    pub async fn written(&mut self) {
        let _ = tokio::time::timeout(WRITTEN_WITHIN, &mut self.written).await;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.desk.metrics.open_streams.with_label_values(&[party_of(self.seat)]).dec();
        if self.desk.hub.close(self.seat, self.number) {
            self.desk.mark(self.seat, Some(self.desk.now()));
        }
    }
}

const fn party_of(seat: Seat) -> &'static str {
    match seat {
        Seat::Customer(_) => "customer",
        Seat::Rep(_) => "representative",
    }
}

impl Desk {
    /// Opens a stream for `seat`; `page` is the id of the page load that asked for it.
    #[must_use]
    pub fn open_stream(self: &Arc<Self>, seat: Seat, page: Option<String>) -> OpenStream {
        let (number, hints) = self.hub.open(seat, page, self.now());
        self.metrics.open_streams.with_label_values(&[party_of(seat)]).inc();
        let (writing, written) = oneshot::channel();
        self.send_mark(Mark { seat, closed_at: None, _written: Some(writing) });
        OpenStream { desk: Arc::clone(self), seat, number, written, hints }
    }

    /// A page answered a heartbeat.
    pub fn alive(&self, seat: Seat) -> Alive {
        let alive = self.hub.alive(seat, self.now());
        match alive {
            Alive::Expected => {}
            Alive::Back => self.mark(seat, None),
            Alive::Unknown => self.bus.tell(Message::Alive { seat }),
        }
        alive
    }

    /// A representative says that they are there. Of one without a stream here it is written down, since nothing else
    /// speaks for them.
    ///
    /// # Errors
    /// The store's.
    pub async fn rep_alive(&self, rep: RepId) -> super::Result<()> {
        if self.alive(Seat::Rep(rep)) == Alive::Unknown {
            self.rep_seen(rep).await?;
        }
        Ok(())
    }

    /// A page says that it is going away: its grace starts now.
    pub fn leaving(&self, seat: Seat, page: &str) {
        if self.hub.leave(seat, page) {
            self.mark(seat, Some(self.now()));
        }
    }

    /// Closes the streams of pages that fell silent, dated at their last answer.
    pub(super) fn close_silent_streams(&self) {
        for (seat, answered_at) in self.hub.close_silent(self.now()) {
            self.mark(seat, Some(answered_at));
        }
    }

    /// Writes again that everybody who sits here is here: after this instance was taken for dead.
    pub(super) fn mark_everybody(&self) {
        for seat in self.hub.seats() {
            self.mark(seat, None);
        }
    }

    fn mark(&self, seat: Seat, closed_at: Option<Timestamp>) {
        self.send_mark(Mark { seat, closed_at, _written: None });
    }

    fn send_mark(&self, mark: Mark) {
        // Full only when the database is away for long; the lease then speaks for this instance as a whole.
        if self.presence.try_send(mark).is_err() {
            tracing::warn!("presence is not written: too many changes wait");
        }
    }

    async fn write_marks(&self, marks: &mut HashMap<Seat, Mark>) -> Result<()> {
        let opened: Vec<SessionId> = marks
            .values()
            .filter(|mark| mark.closed_at.is_none())
            .filter_map(|mark| match mark.seat {
                Seat::Customer(session) => Some(session),
                Seat::Rep(_) => None,
            })
            .collect();
        for group in opened.chunks(GROUP) {
            rows::open_customers(&self.db, self.instance, group).await?;
            for session in group {
                marks.remove(&Seat::Customer(*session));
            }
        }
        let rest: Vec<_> = marks.values().map(|mark| (mark.seat, mark.closed_at)).collect();
        for (seat, closed_at) in rest {
            match (closed_at, seat) {
                (Some(at), seat) => rows::close(&self.db, self.instance, seat, at).await?,
                (None, Seat::Rep(rep)) => rows::open_rep(&self.db, self.instance, rep).await?,
                (None, Seat::Customer(_)) => {}
            }
            marks.remove(&seat);
        }
        Ok(())
    }
}

/// Writes marks until nobody can make any more. Of several of one seat only the last that is still true matters.
pub(super) async fn run(desk: Arc<Desk>, mut marks: Receiver<Mark>) {
    let mut pending: HashMap<Seat, Mark> = HashMap::new();
    let mut incoming = Vec::new();
    loop {
        if pending.is_empty() && marks.recv_many(&mut incoming, BACKLOG).await == 0 {
            return;
        }
        while let Ok(mark) = marks.try_recv() {
            incoming.push(mark);
        }
        for mark in incoming.drain(..) {
            // A closing and an opening of one seat may send their marks in the wrong order. What the hub says now is
            // so; whatever changes it from here on sends a mark that comes later.
            if desk.hub.is_taken(mark.seat) == mark.closed_at.is_none() {
                pending.insert(mark.seat, mark);
            }
        }
        if let Err(error) = desk.write_marks(&mut pending).await {
            tracing::warn!(%error, waiting = pending.len(), "presence could not be written");
            tokio::time::sleep(RETRY).await;
        }
    }
}
