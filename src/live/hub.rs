//! Who listens on this instance: one seat for each customer's page and each representative's console.
//!
//! Of several streams of one seat the newest counts; the older ones are told so and close.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::clock::Timestamp;
use crate::domain::presence::{SILENCE_MILLIS, Seat};
use crate::domain::queue::Place;

/// What a stream is told.
#[derive(Debug, Clone)]
pub enum Hint {
    /// Something about this seat changed: read it again.
    Changed,
    /// The other party says this.
    Signal(Arc<str>),
    /// The position in line is now this, from 1.
    Position(usize),
    /// Somebody joined, or the line moved: console only.
    Queue,
    /// A newer stream of the same seat opened.
    Superseded,
}

/// A stream's number: unique on this instance.
pub type StreamNumber = u64;

/// How long a signal waits for a page that is reconnecting.
const PARKING_MILLIS: i64 = 60_000;
/// The most signals that wait for one page.
const PARKING_PLACES: usize = 256;
/// The hints that may wait for a slow reader before its stream is closed.
const BACKLOG: usize = 512;

struct Stream {
    number: StreamNumber,
    page: Option<String>,
    hints: Sender<Hint>,
    answered_at: Option<Timestamp>,
    /// The database took this page for gone although its stream is open.
    taken_for_gone: bool,
    /// The customer was claimed, and the page has not said a word since.
    word_expected: bool,
    place: Option<(i64, Place)>,
    told_position: usize,
    told_event: i64,
}

#[derive(Default)]
struct Chair {
    stream: Option<Stream>,
    parked: VecDeque<(Timestamp, Arc<str>)>,
}

#[derive(Default)]
struct Room {
    /// In order of their seats, representatives first: they are told something with every step of a line, and customers
    /// are thousands.
    chairs: BTreeMap<Seat, Chair>,
    last_number: StreamNumber,
}

/// Everybody who listens on this instance.
#[derive(Default)]
pub struct Hub {
    room: Mutex<Room>,
}

/// What an answer to a heartbeat told us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alive {
    /// No stream of this seat is open here.
    Unknown,
    /// As expected.
    Expected,
    /// The page had been taken for gone.
    Back,
}

impl Hub {
    /// Opens a stream; an older one of the same seat is told that it is superseded. What waited for the seat is
    /// handed over at once.
    pub fn open(&self, seat: Seat, page: Option<String>, now: Timestamp) -> (StreamNumber, Receiver<Hint>) {
        let (hints, receiver) = mpsc::channel(BACKLOG);
        let mut room = self.room();
        room.last_number += 1;
        let number = room.last_number;
        let chair = room.chairs.entry(seat).or_default();
        if let Some(older) = chair.stream.take() {
            let _ = older.hints.try_send(Hint::Superseded);
        }
        for (parked_at, signal) in chair.parked.drain(..) {
            if now.since(parked_at) <= PARKING_MILLIS {
                let _ = hints.try_send(Hint::Signal(signal));
            }
        }
        chair.stream = Some(Stream {
            number,
            page,
            hints,
            answered_at: None,
            taken_for_gone: false,
            word_expected: false,
            place: None,
            told_position: 0,
            told_event: 0,
        });
        (number, receiver)
    }

    /// Closes a stream. True when it was the seat's newest: nobody sits there now.
    pub fn close(&self, seat: Seat, number: StreamNumber) -> bool {
        self.close_if(seat, |stream| stream.number == number)
    }

    /// A page says that it is going away. True when its stream was the seat's newest.
    pub fn leave(&self, seat: Seat, page: &str) -> bool {
        self.close_if(seat, |stream| stream.page.as_deref() == Some(page))
    }

    fn close_if(&self, seat: Seat, condition: impl Fn(&Stream) -> bool) -> bool {
        let mut room = self.room();
        let Some(chair) = room.chairs.get_mut(&seat) else { return false };
        if !chair.stream.as_ref().is_some_and(condition) {
            return false;
        }
        chair.stream = None;
        if chair.parked.is_empty() {
            room.chairs.remove(&seat);
        }
        true
    }

    /// A page answered a heartbeat.
    pub fn alive(&self, seat: Seat, now: Timestamp) -> Alive {
        let mut room = self.room();
        let Some(stream) = room.chairs.get_mut(&seat).and_then(|chair| chair.stream.as_mut()) else {
            return Alive::Unknown;
        };
        stream.answered_at = Some(now);
        if std::mem::take(&mut stream.taken_for_gone) { Alive::Back } else { Alive::Expected }
    }

    /// The database says that this page is gone; its next word says otherwise.
    pub fn note_taken_for_gone(&self, seat: Seat) {
        if let Some(stream) = self.room().chairs.get_mut(&seat).and_then(|chair| chair.stream.as_mut()) {
            stream.taken_for_gone = true;
        }
    }

    /// Notes whether a claimed customer's page owes its first word.
    pub fn expect_word(&self, seat: Seat, expected: bool) {
        if let Some(stream) = self.room().chairs.get_mut(&seat).and_then(|chair| chair.stream.as_mut()) {
            stream.word_expected = expected;
        }
    }

    /// Whether it does.
    pub fn expects_word(&self, seat: Seat) -> bool {
        let room = self.room();
        room.chairs.get(&seat).and_then(|chair| chair.stream.as_ref()).is_some_and(|stream| stream.word_expected)
    }

    /// Closes the streams of pages that answered once and are silent since; returns each with its last answer.
    pub fn close_silent(&self, now: Timestamp) -> Vec<(Seat, Timestamp)> {
        let mut silent = Vec::new();
        for (seat, chair) in &mut self.room().chairs {
            let answered_at = chair.stream.as_ref().and_then(|stream| stream.answered_at);
            if let Some(answered_at) = answered_at.filter(|at| now.since(*at) > SILENCE_MILLIS) {
                // Dropping the sender ends the stream: a page that is only slow comes back by itself.
                chair.stream = None;
                silent.push((*seat, answered_at));
            }
        }
        silent
    }

    /// Tells one seat something. False when nobody sits there.
    pub fn tell(&self, seat: Seat, hint: Hint) -> bool {
        let mut room = self.room();
        let Some(chair) = room.chairs.get_mut(&seat) else { return false };
        let told = chair.stream.as_ref().is_some_and(|stream| stream.hints.try_send(hint).is_ok());
        if !told && let Some(stream) = &mut chair.stream {
            // A reader that lets hundreds of hints wait is cut off, and starts afresh with a full state. The chair
            // stays its own until it is gone, so that its end is reported.
            stream.hints = mpsc::channel(1).0;
        }
        told
    }

    /// Hands a signal over, or keeps it a while for a page that is reconnecting.
    pub fn signal(&self, seat: Seat, signal: Arc<str>, now: Timestamp) {
        if self.tell(seat, Hint::Signal(Arc::clone(&signal))) {
            return;
        }
        let mut room = self.room();
        let chair = room.chairs.entry(seat).or_default();
        if chair.parked.len() == PARKING_PLACES {
            chair.parked.pop_front();
        }
        chair.parked.push_back((now, signal));
    }

    /// Tells every console that the line moved.
    pub fn tell_reps(&self) {
        let room = self.room();
        let consoles = room.chairs.iter().take_while(|(seat, _)| matches!(seat, Seat::Rep(_)));
        for stream in consoles.filter_map(|(_, chair)| chair.stream.as_ref()) {
            let _ = stream.hints.try_send(Hint::Queue);
        }
    }

    /// Notes where a customer stands, and the position and event that were told.
    pub fn stands(&self, seat: Seat, place: Option<(i64, Place)>, position: usize, event: i64) {
        if let Some(stream) = self.room().chairs.get_mut(&seat).and_then(|chair| chair.stream.as_mut()) {
            stream.place = place;
            stream.told_position = position;
            stream.told_event = event;
        }
    }

    /// Whether a stream here was told less than this event.
    pub fn is_behind(&self, seat: Seat, event: i64) -> bool {
        let room = self.room();
        let stream = room.chairs.get(&seat).and_then(|chair| chair.stream.as_ref());
        stream.is_some_and(|stream| stream.told_event < event)
    }

    /// Tells customers near the head of a line their new position; `near` has those alone. The others hear of it with a
    /// heartbeat.
    pub fn tell_positions(&self, near: impl Fn(i64, Place) -> Option<usize>) {
        for chair in self.room().chairs.values_mut() {
            let Some(stream) = &mut chair.stream else { continue };
            let Some(now) = stream.place.and_then(|(queue, place)| near(queue, place)) else { continue };
            if now != stream.told_position && stream.hints.try_send(Hint::Position(now)).is_ok() {
                stream.told_position = now;
            }
        }
    }

    /// The position to tell a customer with a heartbeat: when it moved by one percent since it was told.
    pub fn moved_to(&self, seat: Seat, position: impl Fn(i64, Place) -> Option<usize>) -> Option<usize> {
        let mut room = self.room();
        let stream = room.chairs.get_mut(&seat)?.stream.as_mut()?;
        let now = stream.place.and_then(|(queue, place)| position(queue, place))?;
        let moved = now.abs_diff(stream.told_position);
        if moved == 0 || moved * 100 < stream.told_position {
            return None;
        }
        stream.told_position = now;
        Some(now)
    }

    /// Whether somebody sits there now.
    pub fn is_taken(&self, seat: Seat) -> bool {
        self.room().chairs.get(&seat).is_some_and(|chair| chair.stream.is_some())
    }

    /// Everybody who sits here now.
    pub fn seats(&self) -> Vec<Seat> {
        let room = self.room();
        room.chairs.iter().filter(|(_, chair)| chair.stream.is_some()).map(|(seat, _)| *seat).collect()
    }

    /// Forgets signals that nobody came for.
    pub fn sweep(&self, now: Timestamp) {
        self.room().chairs.retain(|_, chair| {
            chair.parked.retain(|(at, _)| now.since(*at) <= PARKING_MILLIS);
            chair.stream.is_some() || !chair.parked.is_empty()
        });
    }

    /// A panic elsewhere leaves the room as it was: every change above is complete.
    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::SessionId;

    const NOW: Timestamp = Timestamp(1_000);

    fn seat() -> Seat {
        Seat::Customer(SessionId::new(NOW))
    }

    #[tokio::test]
    async fn the_newest_stream_counts_and_the_older_is_told() {
        let (hub, seat) = (Hub::default(), seat());
        let (first, mut old) = hub.open(seat, None, NOW);
        let (second, _new) = hub.open(seat, None, NOW);
        assert!(matches!(old.recv().await, Some(Hint::Superseded)));
        assert!(old.recv().await.is_none());
        assert!(!hub.close(seat, first), "the older one leaves nobody alone");
        assert!(hub.close(seat, second));
        assert!(hub.seats().is_empty());
    }

    #[tokio::test]
    async fn a_signal_waits_for_a_page_that_reconnects_but_not_for_ever() {
        let (hub, seat) = (Hub::default(), seat());
        hub.signal(seat, "old".into(), NOW);
        hub.signal(seat, "young".into(), NOW.plus_millis(PARKING_MILLIS));
        let (_, mut hints) = hub.open(seat, None, NOW.plus_millis(PARKING_MILLIS + 1));
        assert!(matches!(hints.recv().await, Some(Hint::Signal(text)) if &*text == "young"));
        assert!(hints.try_recv().is_err());
    }

    #[test]
    fn a_page_that_answered_once_is_gone_after_silence_and_one_that_never_did_is_not() {
        let (hub, page, program) = (Hub::default(), seat(), seat());
        let (_, _page) = hub.open(page, None, NOW);
        let (_, _program) = hub.open(program, None, NOW);
        assert_eq!(hub.alive(page, NOW), Alive::Expected);
        assert!(hub.close_silent(NOW.plus_millis(SILENCE_MILLIS)).is_empty());
        assert_eq!(hub.close_silent(NOW.plus_millis(SILENCE_MILLIS + 1)), [(page, NOW)]);
        assert_eq!(hub.seats(), [program]);
    }

    #[test]
    fn only_the_page_that_leaves_is_closed() {
        let (hub, seat) = (Hub::default(), seat());
        let (_, _hints) = hub.open(seat, Some("new".to_owned()), NOW);
        assert!(!hub.leave(seat, "old"));
        assert!(hub.leave(seat, "new"));
        assert_eq!(hub.alive(seat, NOW), Alive::Unknown);
    }

    #[test]
    fn who_is_near_hears_of_each_step_and_who_is_far_with_a_heartbeat_of_one_percent() {
        let (hub, seat) = (Hub::default(), seat());
        let (_, mut hints) = hub.open(seat, None, NOW);
        hub.stands(seat, Some((1, Place { queue_rank: 0, ticket: 9 })), 1_000, 1);
        for (position, told) in [(995, false), (990, true), (985, false), (980, true)] {
            assert_eq!(hub.moved_to(seat, |_, _| Some(position)).is_some(), told, "{position}");
        }
        for (position, told) in [(90, true), (89, true), (89, false)] {
            hub.tell_positions(|_, _| Some(position));
            assert_eq!(hints.try_recv().is_ok(), told, "{position}");
        }
        hub.tell_positions(|_, _| None);
        assert!(hints.try_recv().is_err(), "who is far does not wake up");
        assert_eq!(hub.moved_to(seat, |_, _| Some(89)), None, "told already");
    }
}
