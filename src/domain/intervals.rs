//! Hours, days, weeks and months, as the clocks of a zone have them.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::rollup::QUARTER_MILLIS;
use super::vocabulary::words;
use crate::clock::Timestamp;

words! {
    /// How long the intervals of an answer are.
    Interval {
        /// From one full hour to the next, or to where the clocks are changed.
        Hour = "hour",
        /// From midnight to midnight: 23 or 25 hours when the clocks are changed.
        Day = "day",
        /// From Monday to Monday, as ISO 8601 has them.
        Week = "week",
        /// From the first of a month to the next.
        Month = "month",
    }
}

/// The most intervals of an answer.
pub const MOST: usize = 5_000;

const HOUR_MILLIS: i64 = 3_600_000;
/// Quarters of an hour of a day of UTC.
pub const QUARTERS_A_DAY: usize = 96;
/// Hours of a week.
pub const HOURS_A_WEEK: usize = 168;

/// Why a period is not cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncut {
    /// There would be more than [`MOST`] intervals; those of this length are few enough.
    #[error("there would be too many")]
    TooMany(Option<Interval>),
    /// A cut would fall into the middle of a quarter of an hour of UTC.
    #[error("a clock was set by odd minutes")]
    OddOffset,
}

fn offset_millis(zone: Tz, at: Timestamp) -> i64 {
    1_000 * i64::from(zone.offset_from_utc_datetime(&utc(at).naive_utc()).fix().local_minus_utc())
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.millis()).unwrap_or_default()
}

/// The date that an instant has in the zone.
#[must_use]
pub fn date_at(zone: Tz, at: Timestamp) -> NaiveDate {
    utc(at).with_timezone(&zone).date_naive()
}

/// When the day of an instant begins in the zone.
#[must_use]
pub fn start_of_day(zone: Tz, at: Timestamp) -> Timestamp {
    start_of(zone, date_at(zone, at))
}

/// When the day of an instant ends in the zone.
#[must_use]
pub fn end_of_day(zone: Tz, at: Timestamp) -> Timestamp {
    next(zone, Interval::Day, at)
}

/// The first instant of a date in the zone; where the clocks skip its midnight, when they do.
#[must_use]
pub fn start_of(zone: Tz, date: NaiveDate) -> Timestamp {
    let midnight = date.and_time(NaiveTime::MIN);
    if let Some(found) = zone.from_local_datetime(&midnight).earliest() {
        return Timestamp(found.timestamp_millis());
    }
    // No zone is farther from UTC than 26 hours, and in this time the clocks go forward once.
    let middle = midnight.and_utc().timestamp_millis();
    let (mut before, mut after) = (middle - 26 * HOUR_MILLIS, middle + 26 * HOUR_MILLIS);
    while after - before > 1 {
        let between = before.midpoint(after);
        if date_at(zone, Timestamp(between)) < date { before = between } else { after = between }
    }
    Timestamp(after)
}

/// The next full hour, or where the clocks are changed.
fn next_hour(zone: Tz, at: Timestamp) -> Timestamp {
    let offset = offset_millis(zone, at);
    let into = (at.millis() + offset).rem_euclid(HOUR_MILLIS);
    let full = at.plus_millis(HOUR_MILLIS - into);
    let (mut before, mut after) = (at.millis(), full.millis() - 1);
    if offset_millis(zone, Timestamp(after)) == offset {
        return full;
    }
    while after - before > 1 {
        let between = before.midpoint(after);
        if offset_millis(zone, Timestamp(between)) == offset { before = between } else { after = between }
    }
    Timestamp(after)
}

fn next_date(interval: Interval, date: NaiveDate) -> Option<NaiveDate> {
    match interval {
        Interval::Hour | Interval::Day => date.succ_opt(),
        Interval::Week => date.checked_add_days(Days::new(7 - u64::from(date.weekday().num_days_from_monday()))),
        Interval::Month => date.with_day(1)?.checked_add_months(Months::new(1)),
    }
}

/// The first cut after this instant.
fn next(zone: Tz, interval: Interval, at: Timestamp) -> Timestamp {
    if interval == Interval::Hour {
        return next_hour(zone, at);
    }
    let mut date = date_at(zone, at);
    // A date that a zone has skipped begins where the one after it does.
    loop {
        let Some(later) = next_date(interval, date) else { return Timestamp(i64::MAX) };
        let start = start_of(zone, later);
        if start > at {
            return start;
        }
        date = later;
    }
}

/// Where the intervals from `from` to `to` begin, and the end of the last; `None` when there are more than [`MOST`].
fn up_to_the_most(zone: Tz, interval: Interval, from: Timestamp, to: Timestamp) -> Option<Vec<Timestamp>> {
    let mut cuts = vec![from];
    let mut at = next(zone, interval, from);
    while at < to {
        cuts.push(at);
        if cuts.len() > MOST {
            return None;
        }
        at = next(zone, interval, at);
    }
    cuts.push(to);
    Some(cuts)
}

/// Where the intervals from `from` to `to` begin, and the end of the last. The first and last are as long as the period
/// lets them be. An empty period has none.
///
/// # Errors
/// When there are too many, or a cut is none that roll-ups know.
pub fn cuts(zone: Tz, interval: Interval, from: Timestamp, to: Timestamp) -> Result<Vec<Timestamp>, Uncut> {
    if from >= to {
        return Ok(Vec::new());
    }
    let Some(cuts) = up_to_the_most(zone, interval, from, to) else {
        let coarser = Interval::ALL.iter().copied().skip_while(|other| *other != interval).skip(1);
        return Err(Uncut::TooMany(coarser.into_iter().find(|other| up_to_the_most(zone, *other, from, to).is_some())));
    };
    let inner = cuts.iter().skip(1).take(cuts.len().saturating_sub(2));
    if inner.into_iter().any(|cut| cut.millis() % QUARTER_MILLIS != 0) {
        return Err(Uncut::OddOffset);
    }
    Ok(cuts)
}

/// Whether the zone's clocks differ from UTC's by whole quarters at this instant, as all do since 1972.
#[must_use]
pub fn has_whole_quarters(zone: Tz, at: Timestamp) -> bool {
    offset_millis(zone, at) % QUARTER_MILLIS == 0
}

/// The hour of the zone's week that an instant is in: 0 is Monday from midnight to one.
#[must_use]
pub fn hour_of_week(zone: Tz, at: Timestamp) -> u32 {
    hour_of_clock(at.plus_millis(offset_millis(zone, at)))
}

/// The hour of the week that a clock shows, at an instant of UTC when it shows the same.
fn hour_of_clock(at: Timestamp) -> u32 {
    // 1970 began on a Thursday.
    let hours = at.millis().div_euclid(HOUR_MILLIS) + 3 * 24;
    u32::try_from(hours.rem_euclid(168)).unwrap_or_default()
}

/// The hours of the week in which the quarters of a day of UTC begin.
#[must_use]
pub fn hours_of_day(zone: Tz, day: Timestamp) -> [u32; QUARTERS_A_DAY] {
    let quarter = |number: usize| day.plus_millis(i64::try_from(number).unwrap_or_default() * QUARTER_MILLIS);
    let (first, last) = (offset_millis(zone, day), offset_millis(zone, quarter(QUARTERS_A_DAY)));
    std::array::from_fn(|number| {
        let at = quarter(number);
        // Clocks that are not changed need not be asked for each.
        if first == last { hour_of_clock(at.plus_millis(first)) } else { hour_of_week(zone, at) }
    })
}

#[cfg(test)]
#[path = "intervals_tests.rs"]
mod tests;
