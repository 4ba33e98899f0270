//! When a representative comes, rests, and goes home.

use chrono::{DateTime, Datelike, Utc};

use super::dice::{Dice, Matter};
use super::intensity::DAY_MILLIS;
use super::world::Shift;
use crate::clock::Timestamp;

/// What a shift brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The representative opens the console.
    Comes,
    /// A break begins.
    Rests,
    /// It is over.
    IsBack,
    /// The console is closed.
    Goes,
}

/// How long the break in the middle of a shift is: it is over so long after it could begin.
pub const REST_MILLIS: i64 = 30 * 60_000;

/// What the shifts of the representative with this number bring in a period, in order.
#[must_use]
pub fn turns(seed: u64, number: u64, shift: Shift, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Turn)> {
    let Shift::Hours { days, from: begins, to: ends } = shift else { return vec![(from, Turn::Comes)] };
    let mut dice = Dice::of(seed, Matter::Shift, number);
    let mut turns = Vec::new();
    let midnight = Timestamp(from.millis() - from.millis().rem_euclid(DAY_MILLIS));
    // A shift of the night before may still be on.
    let mut day = midnight.plus_millis(-DAY_MILLIS);
    while day < until {
        let come = day.plus_millis(begins * 60_000 + dice.between(0, 300_000));
        let go = day.plus_millis(ends * 60_000 + dice.between(0, 600_000));
        let rest = come.plus_millis(go.since(come) / 2 + dice.between(-1_200_000, 1_200_000));
        let weekday = DateTime::<Utc>::from_timestamp_millis(day.millis()).unwrap_or_default().weekday();
        if days[weekday.num_days_from_monday() as usize] && go > from && come < until {
            // Who is at work already when it begins comes then, one after the other.
            let comes = come.max(from.plus_millis(1_000 * i64::try_from(number).unwrap_or(0)));
            turns.push((comes, Turn::Comes));
            if rest > comes {
                turns.push((rest, Turn::Rests));
            }
            turns.push((go, Turn::Goes));
        }
        day = day.plus_millis(DAY_MILLIS);
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 2026-11-23T00:00:00Z.
    const MONDAY: Timestamp = Timestamp(1_795_392_000_000);

    #[test]
    fn a_shift_has_a_beginning_a_break_and_an_end_on_its_days() {
        let shift = Shift::Hours { days: [true, true, true, true, true, false, false], from: 480, to: 1_020 };
        let week = turns(1, 3, shift, MONDAY, MONDAY.plus_millis(7 * DAY_MILLIS));
        assert!(week.is_sorted_by_key(|turn| turn.0), "{week:?}");
        let day: Vec<_> = week.iter().take(3).map(|turn| turn.1).collect();
        assert_eq!(day, [Turn::Comes, Turn::Rests, Turn::Goes]);
        assert_eq!(week.len(), 5 * 3);
    }

    #[test]
    fn a_night_that_began_before_the_period_is_worked_to_its_end() {
        let shift = Shift::Hours { days: [false, false, false, false, false, false, true], from: 1_320, to: 1_800 };
        let night = turns(1, 0, shift, MONDAY, MONDAY.plus_millis(DAY_MILLIS));
        assert_eq!(night.first().copied(), Some((MONDAY, Turn::Comes)), "{night:?}");
        assert_eq!(night.last().map(|turn| turn.1), Some(Turn::Goes));
    }
}
