//! Chance with a seed: the same seed, the same history.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What chance decides. Each has dice of its own, so that what happens to one customer changes nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// When the visitors of a banner come.
    Arrivals,
    /// What a visitor does.
    Visitor,
    /// When a representative comes and goes.
    Shift,
    /// What a representative does when somebody rings.
    Ring,
}

/// The dice of one matter.
#[derive(Debug)]
pub struct Dice(StdRng);

impl Dice {
    /// The dice of the matter with this number.
    #[must_use]
    pub fn of(seed: u64, matter: Matter, number: u64) -> Self {
        let mixed = mix(mix(mix(seed) ^ matter as u64) ^ number);
        Self(StdRng::seed_from_u64(mixed))
    }

    /// Anything from 0 to 1, 1 excluded.
    pub fn share(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Whether something happens that does with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A whole number of a range, its end excluded.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        self.0.random_range(from..to.max(from + 1))
    }

    /// One of several, each as often as its weight says.
    pub fn pick<'t, T>(&mut self, from: &'t [(u32, T)]) -> Option<&'t T> {
        let all: u32 = from.iter().map(|(weight, _)| weight).sum();
        let mut left = self.0.random_range(0..all.max(1));
        for (weight, value) in from {
            if left < *weight {
                return Some(value);
            }
            left -= weight;
        }
        None
    }

    /// How long something takes, in milliseconds. `None`: for ever.
    pub fn millis(&mut self, span: Span) -> Option<i64> {
        match span {
            Span::Nothing => Some(0),
            Span::Forever => None,
            Span::Exponential(mean) => Some(whole(self.exponential() * real(mean))),
            Span::LogNormal { mean, spread } => {
                // So that the mean is the mean, and not the median.
                let shift = -spread * spread / 2.0;
                Some(whole(real(mean) * (spread * self.normal() + shift).exp()))
            }
        }
    }

    /// Of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.share()).ln()
    }

    /// Of mean 0 and variance 1.
    fn normal(&mut self) -> f64 {
        (2.0 * self.exponential()).sqrt() * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// How long something takes; means are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Span {
    /// No time.
    Nothing,
    /// It never ends by itself.
    Forever,
    /// Without memory.
    Exponential(i64),
    /// Mostly shorter than the mean, now and then much longer.
    LogNormal {
        /// The mean.
        mean: i64,
        /// The standard deviation of its logarithm.
        spread: f64,
    },
}

/// A number that looks nothing like its neighbours (what `SplitMix64` ends with).
const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, reason = "times of a simulation; what is larger is cut off")]
#[must_use]
pub const fn whole(number: f64) -> i64 {
    number.round() as i64
}

/// A whole number as one that can have a fraction.
#[expect(clippy::cast_precision_loss, reason = "times of a simulation are far below 2^52 milliseconds")]
#[must_use]
pub const fn real(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of many.
    fn mean(span: Span) -> f64 {
        let mut dice = Dice::of(1, Matter::Visitor, 1);
        let sum: i64 = (0..100_000).filter_map(|_| dice.millis(span)).sum();
        real(sum) / 100_000.0
    }

    #[test]
    fn the_same_seed_throws_the_same_and_another_matter_something_else() {
        let throw = |seed, matter, number| {
            let mut dice = Dice::of(seed, matter, number);
            [dice.between(0, 1_000_000), dice.between(0, 1_000_000)]
        };
        assert_eq!(throw(1, Matter::Visitor, 7), throw(1, Matter::Visitor, 7));
        for other in [throw(2, Matter::Visitor, 7), throw(1, Matter::Ring, 7), throw(1, Matter::Visitor, 8)] {
            assert_ne!(throw(1, Matter::Visitor, 7), other);
        }
    }

    #[test]
    fn spans_have_their_means() {
        // Three standard errors of a hundred thousand throws are about 1 % of the mean.
        for span in [Span::Exponential(1_000), Span::LogNormal { mean: 1_000, spread: 0.9 }] {
            assert!((mean(span) - 1_000.0).abs() < 12.0, "{span:?}: {}", mean(span));
        }
        let mut dice = Dice::of(1, Matter::Visitor, 1);
        assert_eq!((dice.millis(Span::Nothing), dice.millis(Span::Forever)), (Some(0), None));
    }

    #[test]
    fn what_weighs_more_is_picked_more_often() {
        let mut dice = Dice::of(1, Matter::Visitor, 1);
        let picked = (0..10_000).filter(|_| dice.pick(&[(3, "often"), (1, "rarely")]) == Some(&"often")).count();
        assert!((7_300..7_700).contains(&picked), "{picked}");
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
