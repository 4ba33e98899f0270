//! The hour of a simulation: it stands until something happens, and never goes back.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::{Clock, Timestamp};

/// A clock that a simulation moves on.
#[derive(Debug)]
pub struct SimulatedClock(AtomicI64);

impl SimulatedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    /// Moves to `at`; what is earlier than the present changes nothing.
    pub fn move_to(&self, at: Timestamp) {
        self.0.fetch_max(at.millis(), Ordering::SeqCst);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_moves_forward() {
        let clock = SimulatedClock::new(Timestamp(5));
        clock.move_to(Timestamp(9));
        clock.move_to(Timestamp(7));
        assert_eq!(clock.now(), Timestamp(9));
    }
}
