//! Where a customer stands in line.

use serde::{Deserialize, Serialize};

/// A waiting session's place: priority, then ticket. Places of one queue are served in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::FromRow)]
pub struct Place {
    /// Priority, smaller is sooner.
    pub queue_rank: i64,
    /// Ticket.
    pub ticket: i64,
}

/// Declares a number that a queue is set by, with its bounds.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident: $range:expr, $error:ident, $sentence:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(i64);

        impl $name {
            /// The number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        /// A number out of its bounds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        #[error($sentence)]
        pub struct $error;

        impl TryFrom<i64> for $name {
            type Error = $error;

            fn try_from(number: i64) -> Result<Self, $error> {
                if $range.contains(&number) { Ok(Self(number)) } else { Err($error) }
            }
        }
    };
}

bounded!(
    /// How long an offer rings, in seconds.
    OfferSeconds: (3..=120), NotOfferSeconds, "must be 3 to 120"
);
bounded!(
    /// At how many representatives a customer rings at once.
    OfferTo: (1..=5), NotOfferTo, "must be 1 to 5"
);
bounded!(
    /// For how long a call is wrapped up, in seconds; 0: not at all.
    WrapUpSeconds: (0..=3_600), NotWrapUpSeconds, "must be 0 to 3600"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bounds() {
        for (number, seconds, to) in [(0, false, false), (1, false, true), (3, true, true), (5, true, true)] {
            assert_eq!((OfferSeconds::try_from(number).is_ok(), OfferTo::try_from(number).is_ok()), (seconds, to));
        }
        assert_eq!(OfferSeconds::try_from(120).map(OfferSeconds::get), Ok(120));
        assert_eq!(OfferSeconds::try_from(121), Err(NotOfferSeconds));
        assert_eq!(OfferTo::try_from(6), Err(NotOfferTo));
        assert_eq!(WrapUpSeconds::try_from(-1), Err(NotWrapUpSeconds));
        assert_eq!(WrapUpSeconds::try_from(3_600).map(WrapUpSeconds::get), Ok(3_600));
        assert_eq!(WrapUpSeconds::try_from(3_601), Err(NotWrapUpSeconds));
    }
}
