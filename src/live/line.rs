//! Where everybody stands: a copy of the waiting places, so that a position never costs a query.
//!
//! The copy follows what this instance does at once, and is read afresh from the database every now and then for
//! what other instances do.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::queue::Place;

/// So many at the head of a queue hear of each step.
const NEAR: usize = 100;

#[derive(Debug, Clone, Copy)]
enum Move {
    Enter(i64, Place),
    Leave(i64, Place),
}

#[derive(Default)]
struct Lines {
    /// Queues in which nobody waits are not in it.
    places: HashMap<i64, Vec<Place>>,
    /// What happened since a reading began: it may be missing from the reading.
    since_reading: Option<Vec<Move>>,
    changed: bool,
}

impl Lines {
    fn apply(&mut self, step: Move) {
        match step {
            Move::Enter(queue, place) => {
                let line = self.places.entry(queue).or_default();
                if let Err(index) = line.binary_search(&place) {
                    line.insert(index, place);
                }
            }
            Move::Leave(queue, place) => {
                let Some(line) = self.places.get_mut(&queue) else { return };
                if let Ok(index) = line.binary_search(&place) {
                    line.remove(index);
                }
                if line.is_empty() {
                    self.places.remove(&queue);
                }
            }
        }
    }

    fn step(&mut self, step: Move) {
        self.apply(step);
        self.changed = true;
        if let Some(journal) = &mut self.since_reading {
            journal.push(step);
        }
    }
}

/// The waiting places of every queue, in order.
#[derive(Default)]
pub struct Line {
    lines: Mutex<Lines>,
}

impl Line {
    /// Somebody entered a queue.
    pub fn enter(&self, queue: i64, place: Place) {
        self.lines().step(Move::Enter(queue, place));
    }

    /// Somebody left it.
    pub fn leave(&self, queue: i64, place: Place) {
        self.lines().step(Move::Leave(queue, place));
    }

    /// The position of a place in its queue, from 1; `None` when it is not known to wait.
    #[must_use]
    pub fn position(&self, queue: i64, place: Place) -> Option<usize> {
        let lines = self.lines();
        let index = lines.places.get(&queue)?.binary_search(&place).ok()?;
        Some(index + 1)
    }

    /// The same among the first hundred; `None` for everybody behind them.
    #[must_use]
    pub fn near_position(&self, queue: i64, place: Place) -> Option<usize> {
        let lines = self.lines();
        let line = lines.places.get(&queue)?;
        let index = line[..line.len().min(NEAR)].binary_search(&place).ok()?;
        Some(index + 1)
    }

    /// How many wait in a queue.
    #[must_use]
    pub fn waiting(&self, queue: i64) -> usize {
        self.lines().places.get(&queue).map_or(0, Vec::len)
    }

    /// Whether anything moved since the last call.
    pub fn take_changed(&self) -> bool {
        std::mem::take(&mut self.lines().changed)
    }

    /// Call before reading the places afresh: what happens meanwhile is applied to the reading too.
    pub fn begin_reading(&self) {
        self.lines().since_reading = Some(Vec::new());
    }

    /// The places as read, in order. True when they are not what the copy said: another instance did something.
    pub fn finish_reading(&self, places: impl IntoIterator<Item = (i64, Place)>) -> bool {
        let mut read: HashMap<i64, Vec<Place>> = HashMap::new();
        for (queue, place) in places {
            read.entry(queue).or_default().push(place);
        }
        let mut lines = self.lines();
        let before = std::mem::replace(&mut lines.places, read);
        for step in lines.since_reading.take().unwrap_or_default() {
            lines.apply(step);
        }
        let differs = before != lines.places;
        lines.changed |= differs;
        differs
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn place(ticket: i64) -> Place {
        Place { queue_rank: 0, ticket }
    }

    #[test]
    fn positions_follow_rank_then_ticket() {
        let line = Line::default();
        for ticket in [3, 1, 2] {
            line.enter(1, place(ticket));
        }
        line.enter(1, Place { queue_rank: -1, ticket: 9 });
        assert_eq!(line.position(1, place(1)), Some(2));
        line.leave(1, Place { queue_rank: -1, ticket: 9 });
        assert_eq!(line.position(1, place(3)), Some(3));
        assert_eq!(line.position(1, place(4)), None);
        assert_eq!(line.waiting(1), 3);
    }

    #[test]
    fn the_head_of_a_line_is_near() {
        let line = Line::default();
        for ticket in 1..=101 {
            line.enter(1, place(ticket));
        }
        assert_eq!(line.near_position(1, place(100)), Some(100));
        assert_eq!(line.near_position(1, place(101)), None);
        line.leave(1, place(1));
        assert_eq!(line.near_position(1, place(101)), Some(100));
    }

    #[test]
    fn what_happens_during_a_reading_is_not_lost() {
        let line = Line::default();
        line.enter(1, place(1));
        line.begin_reading();
        line.enter(1, place(2));
        line.leave(1, place(1));
        assert!(!line.finish_reading([(1, place(1))]), "the copy knew it all");
        assert_eq!(line.position(1, place(2)), Some(1));
        assert_eq!(line.waiting(1), 1);
        line.begin_reading();
        assert!(line.finish_reading([(1, place(2)), (1, place(3))]), "somebody joined elsewhere");
    }

    #[test]
    fn every_queue_has_a_line_of_its_own() {
        let line = Line::default();
        line.enter(1, place(1));
        line.enter(2, place(2));
        assert_eq!((line.position(2, place(2)), line.waiting(1)), (Some(1), 1));
        line.begin_reading();
        assert!(line.finish_reading([(2, place(2))]), "somebody left the first queue elsewhere");
        assert_eq!((line.waiting(1), line.waiting(2)), (0, 1));
        line.leave(2, place(2));
        line.begin_reading();
        assert!(!line.finish_reading([]), "nobody waits, as the copy said");
    }
}
