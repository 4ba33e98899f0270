//! When visitors come: a Poisson process whose intensity follows the hours of the week.

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::dice::{Dice, real, whole};
use crate::clock::Timestamp;

/// A day.
pub const DAY_MILLIS: i64 = 86_400_000;

/// How an intensity changes in the course of a week, in UTC. The mean over the week is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Week {
    /// Always the same.
    Even,
    /// Quiet nights, busy middays and evenings, quieter weekends that begin later.
    People,
}

/// Monday to Friday, hour by hour; between full hours the intensity changes evenly.
const WORKDAY: [f64; 24] = [
    0.25, 0.15, 0.10, 0.10, 0.10, 0.20, 0.45, 0.80, 1.25, 1.65, 1.90, 2.15, 2.45, 2.15, 1.75, 1.60, 1.55, 1.60, 1.55,
    1.45, 1.25, 0.90, 0.60, 0.40,
];
/// Saturday and Sunday.
const WEEKEND: [f64; 24] = [
    0.25, 0.20, 0.15, 0.10, 0.08, 0.08, 0.12, 0.25, 0.45, 0.70, 0.90, 1.00, 1.05, 1.00, 0.90, 0.85, 0.85, 0.85, 0.90,
    0.95, 0.85, 0.65, 0.45, 0.35,
];

impl Week {
    /// How many times the mean the intensity is at an instant.
    #[must_use]
    pub fn at(self, at: Timestamp) -> f64 {
        let Self::People = self else { return 1.0 };
        let time = DateTime::<Utc>::from_timestamp_millis(at.millis()).unwrap_or_default();
        let day = |number: u32| if number < 5 { &WORKDAY } else { &WEEKEND };
        let (weekday, hour) = (time.weekday().num_days_from_monday(), time.hour() as usize);
        let here = day(weekday)[hour];
        let next = if hour < 23 { day(weekday)[hour + 1] } else { day((weekday + 1) % 7)[0] };
        let passed = f64::from(time.minute() * 60 + time.second()) / 3_600.0;
        (here + (next - here) * passed) / mean()
    }

    /// It is never more than so many times the mean.
    fn most(self) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::People => WORKDAY.into_iter().chain(WEEKEND).fold(0.0, f64::max) / mean(),
        }
    }
}

/// The mean of the week as it is written down. Even changes between full hours leave it as it is.
fn mean() -> f64 {
    (5.0 * WORKDAY.iter().sum::<f64>() + 2.0 * WEEKEND.iter().sum::<f64>()) / 168.0
}

/// When the next visitor comes after an instant, of so many a day in the mean: candidates at the highest intensity, of
/// which those are let through that the hour has room for (Lewis and Shedler's thinning).
pub fn next(dice: &mut Dice, week: Week, per_day: f64, after: Timestamp) -> Timestamp {
    let most = week.most();
    let mut at = real(after.millis());
    loop {
        at += dice.exponential() * real(DAY_MILLIS) / (per_day * most);
        let candidate = Timestamp(whole(at));
        if dice.happens(week.at(candidate) / most) {
            return candidate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::dice::Matter;

    /// Monday, 2026-11-23T00:00:00Z.
    const MONDAY: Timestamp = Timestamp(1_795_392_000_000);

    fn arrivals(week: Week, days: i64) -> Vec<Timestamp> {
        let mut dice = Dice::of(1, Matter::Arrivals, 1);
        let mut at = MONDAY;
        let until = MONDAY.plus_millis(days * DAY_MILLIS);
        std::iter::from_fn(|| {
            at = next(&mut dice, week, 1_000.0, at);
            (at < until).then_some(at)
        })
        .collect()
    }

    #[test]
    fn as_many_come_as_were_asked_for() {
        for week in [Week::Even, Week::People] {
            // 70,000 are expected; three standard deviations are 794.
            let came = arrivals(week, 70).len();
            assert!((69_206..70_794).contains(&came), "{week:?}: {came}");
        }
    }

    #[test]
    fn waits_between_arrivals_have_no_memory_where_the_intensity_is_even() {
        let came = arrivals(Week::Even, 70);
        let gaps: Vec<f64> = came.windows(2).map(|pair| real(pair[1].since(pair[0]))).collect();
        let mean = gaps.iter().sum::<f64>() / real(i64::try_from(gaps.len()).unwrap());
        let longer = |than: f64| gaps.iter().filter(|gap| **gap > than * mean).count();
        let share = real(i64::try_from(longer(1.0)).unwrap()) / real(i64::try_from(gaps.len()).unwrap());
        assert!((share - (-1.0_f64).exp()).abs() < 0.006, "{share}");
        let share = real(i64::try_from(longer(2.0)).unwrap()) / real(i64::try_from(longer(1.0)).unwrap());
        assert!((share - (-1.0_f64).exp()).abs() < 0.01, "whoever waited once waits as long again: {share}");
    }

    #[test]
    fn people_sleep_at_night_and_have_time_at_noon() {
        let came = arrivals(Week::People, 70);
        let at_hour = |hour: i64| {
            let of_day = |at: &&Timestamp| at.since(MONDAY) / 3_600_000 % 24 == hour;
            came.iter().filter(|at| at.since(MONDAY) / DAY_MILLIS % 7 < 5).filter(of_day).count()
        };
        assert!(at_hour(12) > 10 * at_hour(3) && at_hour(12) > at_hour(15), "{} at noon", at_hour(12));
        let weekend = came.iter().filter(|at| at.since(MONDAY) / DAY_MILLIS % 7 >= 5).count();
        assert!(weekend * 5 < (came.len() - weekend) * 2, "{weekend} of {}", came.len());
    }
}
