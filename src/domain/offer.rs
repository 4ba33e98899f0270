//! Offers: a waiting customer rings at a representative, who accepts, rejects, or lets it ring.

use super::vocabulary::words;

words! {
    /// Where an offer stands.
    OfferState {
        /// It rings, until its deadline.
        Pending = "pending",
        /// The representative has the customer.
        Accepted = "accepted",
        /// Declined.
        Rejected = "rejected",
        /// Nobody answered by the deadline.
        TimedOut = "timedOut",
        /// Taken back: the representative is not available any more, or another was faster.
        Rescinded = "rescinded",
        /// The customer left.
        Canceled = "canceled",
    }
}

impl OfferState {
    /// What became of it, in words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Pending => "it still rings",
            Self::Accepted => "it was accepted",
            Self::Rejected => "it was rejected",
            Self::TimedOut => "nobody answered in time",
            Self::Rescinded => "it was taken back, or somebody else was faster",
            Self::Canceled => "the customer left",
        }
    }
}

words! {
    /// How the customers of a queue come to a representative.
    Mode {
        /// Only when one asks for the next.
        Pull = "pull",
        /// They ring at who is available.
        Offer = "offer",
        /// They are dealt, and each representative picks from the list.
        List = "list",
    }
}

words! {
    /// Who is asked first.
    OfferOrder {
        /// Who has been idle longest.
        Idle = "idle",
        /// Who has fewest callers, then who has been idle longest.
        Callers = "callers",
    }
}

/// A representative who let an offer go is not asked again for the same customer for this long.
pub const ASKED_AGAIN_AFTER_MILLIS: i64 = 30_000;
