//! What is going to happen, in the order in which it does.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::shifts::Turn;
use crate::clock::Timestamp;
use crate::domain::ids::OfferId;

/// Something that happens at an instant. Customers, representatives and banners are numbers of the simulation's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    /// Somebody comes by a banner.
    Visitor {
        /// Which banner.
        banner: usize,
    },
    /// A customer does the next thing.
    Customer {
        /// Who.
        who: usize,
        /// What.
        does: Deed,
    },
    /// A representative does the next thing of their shift.
    Shift {
        /// Who.
        who: usize,
        /// What.
        turn: Turn,
    },
    /// A representative answers what rings, one way or the other.
    Answers {
        /// Who.
        who: usize,
        /// What rang.
        offer: OfferId,
    },
    /// A representative is free again.
    Free {
        /// Who.
        who: usize,
        /// The call that they had, of all that they had.
        call: usize,
        /// Of whose conversation they say what came, and that they are done.
        about: Option<usize>,
    },
    /// Somebody may ring again, or a deadline has passed.
    Look,
    /// Somebody's grace is over.
    Reap,
    /// Nothing; it tells how far the simulation is.
    Hour,
}

/// What a customer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// The page's script runs.
    Looks,
    /// The page tells the step of this number.
    Steps(usize),
    /// Asks for a conversation.
    Asks,
    /// Joins the queue.
    Joins,
    /// Has waited long enough in this leg.
    GivesUp(u32),
    /// Is connected, or not.
    Connects,
    /// Is put on hold.
    Held,
    /// Is back.
    Resumed,
    /// Is passed on to another queue.
    PassedOn,
    /// Has talked enough with the representative of this leg.
    Ends(u32),
    /// Says what they thought of it.
    Rates,
}

/// What is going to happen.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Reverse<Entry>>,
    written: u64,
}

#[derive(Debug)]
struct Entry {
    at: Timestamp,
    /// Of two at the same instant the one that was written down first happens first.
    number: u64,
    what: Happening,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl Agenda {
    /// Writes down what happens when.
    pub(super) fn put(&mut self, at: Timestamp, what: Happening) {
        self.written += 1;
        self.entries.push(Reverse(Entry { at, number: self.written, what }));
    }

    /// What happens next, unless it is at `until` or later.
    pub(super) fn next(&mut self, until: Timestamp) -> Option<(Timestamp, Happening)> {
        if self.entries.peek()?.0.at >= until {
            return None;
        }
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_of_time_and_then_as_written_down() {
        let mut agenda = Agenda::default();
        for (at, banner) in [(5, 1), (3, 2), (5, 3), (9, 4)] {
            agenda.put(Timestamp(at), Happening::Visitor { banner });
        }
        let order: Vec<_> = std::iter::from_fn(|| agenda.next(Timestamp(9))).collect();
        let expected = [(3, 2), (5, 1), (5, 3)].map(|(at, banner)| (Timestamp(at), Happening::Visitor { banner }));
        assert_eq!(order, expected);
    }
}
