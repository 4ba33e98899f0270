//! Visitors: the same browser, seen again. Whoever was blocked waits behind everybody else.

use super::queue::Place;

/// For how long a visitor is blocked, in days.
pub const BLOCK_DAYS: i64 = 30;
/// The same in milliseconds.
pub const BLOCK_MILLIS: i64 = BLOCK_DAYS * 86_400_000;
/// The most earlier calls of a visitor that are counted.
pub const EARLIER_CALLS: i64 = 100;

/// How far behind: further than the priorities of any two queues are apart.
const BEHIND: i64 = 1_000;

/// The priority of a blocked visitor in a queue of this priority: behind everybody who is not blocked, in every queue.
/// Among themselves they stand as everybody does.
#[must_use]
pub const fn behind(queue_rank: i64) -> i64 {
    queue_rank + BEHIND
}

/// Whether a session of this priority was asked for by a blocked visitor.
#[must_use]
pub const fn is_behind(rank: i64) -> bool {
    rank > BEHIND / 2
}

impl Place {
    /// Whether whoever comes later is served sooner.
    #[must_use]
    pub const fn is_behind(self) -> bool {
        is_behind(self.queue_rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::queue::Rank;

    #[test]
    fn the_last_of_the_first_queue_is_behind_everybody_of_the_last() {
        let bounds: Vec<i64> = (-2_000..2_000).filter(|rank| Rank::try_from(*rank).is_ok()).collect();
        let (first, last) = (bounds[0], bounds[bounds.len() - 1]);
        let places = [Place { queue_rank: last, ticket: i64::MAX }, Place { queue_rank: behind(first), ticket: 1 }];
        assert!(places[0] < places[1], "whatever the queues and the tickets");
        assert_eq!(places.map(Place::is_behind), [false, true]);
        assert!(!is_behind(first) && is_behind(behind(last)));
        assert!(behind(first) < behind(last), "among themselves the queues' order stands");
    }
}
