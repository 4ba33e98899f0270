//! A report's edition: which day or week it is about, by the clocks of a zone.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use super::intervals::{date_at, start_of};
use super::vocabulary::words;
use crate::clock::Timestamp;

words! {
    /// How long the period of a report is.
    Rhythm {
        /// From midnight to midnight: 23 or 25 hours when the clocks are changed.
        Daily = "daily",
        /// From Monday to Monday.
        Weekly = "weekly",
    }
}

impl Rhythm {
    const fn days(self) -> u64 {
        match self {
            Self::Daily => 1,
            Self::Weekly => 7,
        }
    }
}

/// A report's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    /// How long it is.
    pub rhythm: Rhythm,
    /// Its first day.
    pub day: NaiveDate,
    /// Whose clocks say what a day is.
    pub zone: Tz,
}

/// So long after the end of its period a report waits for calls that are not over.
pub const PATIENCE_MILLIS: i64 = 15 * 60_000;

impl Edition {
    /// The edition that a date belongs to.
    #[must_use]
    pub fn with(rhythm: Rhythm, date: NaiveDate, zone: Tz) -> Self {
        let into = match rhythm {
            Rhythm::Daily => 0,
            Rhythm::Weekly => u64::from(date.weekday().num_days_from_monday()),
        };
        Self { rhythm, day: date.checked_sub_days(Days::new(into)).unwrap_or(date), zone }
    }

    /// The latest whose period is over.
    #[must_use]
    pub fn latest(rhythm: Rhythm, zone: Tz, now: Timestamp) -> Self {
        Self::with(rhythm, date_at(zone, now), zone).before()
    }

    /// The first instant of its period.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        start_of(self.zone, self.day)
    }

    /// The first instant after it.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        let next = self.day.checked_add_days(Days::new(self.rhythm.days())).unwrap_or(self.day);
        start_of(self.zone, next)
    }

    /// The edition before this one.
    #[must_use]
    pub fn before(&self) -> Self {
        let day = self.day.checked_sub_days(Days::new(self.rhythm.days())).unwrap_or(self.day);
        Self { day, ..*self }
    }

    /// The last day of its period.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.day.checked_add_days(Days::new(self.rhythm.days() - 1)).unwrap_or(self.day)
    }

    /// What its files are called, before the dot.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("bannerline-{}-{}", self.rhythm.as_str(), self.day)
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rhythm.as_str(), self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const BERLIN: Tz = Tz::Europe__Berlin;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_as_long_as_the_clocks_make_them() {
        for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-21", 24)] {
            let edition = Edition::with(Rhythm::Daily, day(date), BERLIN);
            assert_eq!(edition.to().since(edition.from()), hours * HOUR, "{date}");
        }
        let week = Edition::with(Rhythm::Weekly, day("2026-10-25"), BERLIN);
        assert_eq!((week.day, week.last_day()), (day("2026-10-19"), day("2026-10-25")));
        assert_eq!(week.to().since(week.from()), 169 * HOUR, "the week ends with that Sunday");
        assert_eq!(week.before().to(), week.from());
    }

    #[test]
    fn the_latest_is_over() {
        for (now, zone, rhythm, expected) in [
            ("2026-11-22T00:00:00Z", Tz::UTC, Rhythm::Daily, "2026-11-21"),
            ("2026-11-21T23:59:59.999Z", Tz::UTC, Rhythm::Daily, "2026-11-20"),
            ("2026-11-21T23:00:00Z", BERLIN, Rhythm::Daily, "2026-11-21"),
            ("2026-11-22T22:59:59Z", BERLIN, Rhythm::Weekly, "2026-11-09"),
            ("2026-11-22T23:00:00Z", BERLIN, Rhythm::Weekly, "2026-11-16"),
        ] {
            let latest = Edition::latest(rhythm, zone, at(now));
            assert_eq!(latest.day, day(expected), "{now} {zone}");
            assert!(latest.to() <= at(now));
        }
        assert_eq!(
            Edition::with(Rhythm::Weekly, day("2026-11-21"), BERLIN).file_name(),
            "bannerline-weekly-2026-11-16"
        );
    }
}
