//! Queues: where a customer stands in line, and what a queue asks of who serves it.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::words::Skill;

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
    /// A queue's priority: customers of a smaller one are served first.
    Rank: (-100..=100), NotARank, "must be -100 to 100"
);
bounded!(
    /// After so many seconds a customer is served by who has none of the preferred skills.
    RelaxAfter: (0..=3_600), NotRelaxAfter, "must be 0 to 3600"
);
bounded!(
    /// For how long a call is wrapped up, in seconds; 0: not at all.
    WrapUpSeconds: (0..=3_600), NotWrapUpSeconds, "must be 0 to 3600"
);

/// A queue's name, as programs and links write it: 1 to 40 small letters, digits, and `-` between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueName(String);

/// Text that is no queue's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 40 small letters, digits and hyphens, and begin with a letter")]
pub struct NotAQueueName;

impl QueueName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for QueueName {
    type Err = NotAQueueName;

    fn from_str(text: &str) -> Result<Self, NotAQueueName> {
        let letters = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        if letters && begins && text.len() <= 40 { Ok(Self(text.to_owned())) } else { Err(NotAQueueName) }
    }
}

/// Skills, in order.
pub type Skills = BTreeSet<Skill>;

/// What a queue asks of who serves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asks {
    /// Always.
    pub required: Skills,
    /// Until a customer has waited for `relax_after_millis`.
    pub preferred: Skills,
    /// Milliseconds since the customer's first queue entry.
    pub relax_after_millis: i64,
}

/// Which customers of a queue a representative may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// All of them.
    Everybody,
    /// Those who have waited for so many milliseconds.
    WhoWaited(i64),
    /// None.
    Nobody,
}

impl Service {
    /// Whether a customer who has waited for so long may be served.
    #[must_use]
    pub const fn reaches(self, waited_millis: i64) -> bool {
        match self {
            Self::Everybody => true,
            Self::WhoWaited(millis) => waited_millis >= millis,
            Self::Nobody => false,
        }
    }
}

impl Asks {
    /// Whom somebody who knows this may serve.
    #[must_use]
    pub fn served_by(&self, known: &Skills) -> Service {
        if !self.required.is_subset(known) {
            Service::Nobody
        } else if self.relax_after_millis == 0 || self.preferred.is_subset(known) {
            Service::Everybody
        } else {
            Service::WhoWaited(self.relax_after_millis)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skills(words: &str) -> Skills {
        words.split_whitespace().map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn required_skills_are_always_asked_for_and_preferred_ones_for_a_while() {
        let asks = Asks { required: skills("sales"), preferred: skills("french"), relax_after_millis: 60_000 };
        assert_eq!(asks.served_by(&skills("sales french german")), Service::Everybody);
        assert_eq!(asks.served_by(&skills("sales")), Service::WhoWaited(60_000));
        assert_eq!(asks.served_by(&skills("french")), Service::Nobody);
        let never = Asks { relax_after_millis: 0, ..asks };
        assert_eq!(never.served_by(&skills("sales")), Service::Everybody, "nobody has to wait for it");
        assert_eq!(Asks::default().served_by(&skills("")), Service::Everybody);
        assert!(Service::WhoWaited(60_000).reaches(60_000) && !Service::WhoWaited(60_000).reaches(59_999));
    }

    #[test]
    fn names_of_queues_can_stand_in_an_address() {
        for good in ["default", "sales", "b2b-north", "a"] {
            assert_eq!(good.parse::<QueueName>().unwrap().as_str(), good);
        }
        let long = "x".repeat(41);
        for bad in ["", "Sales", "2nd", "-a", "a b", "é", "a/b", &long] {
            assert_eq!(bad.parse::<QueueName>(), Err(NotAQueueName), "{bad}");
        }
    }

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
