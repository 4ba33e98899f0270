//! Whatever is read for intervals, each of them counts every session once, where the clocks are changed too.

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::domain::counts::Counts;
use crate::domain::intervals::{Interval, cuts};

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
];

/// A session that waited for so long.
fn one(wait: i64) -> Sums {
    let counts = Counts { not_answered: 1, not_answered_wait_ms: wait, longest_wait_ms: wait, ..Counts::default() };
    Sums { counts, ..Sums::default() }
}

/// What the database would find, given to the intervals.
fn shared(cuts: &[Timestamp], reading: &Reading, sessions: &[(Timestamp, i64)]) -> Vec<Sums> {
    let mut shares = Shares::new(cuts, reading);
    for Rows { grain, span, gap } in &reading.rows {
        let mut rows: BTreeMap<Timestamp, Sums> = BTreeMap::new();
        for (at, wait) in sessions {
            let start = grain.start_of(*at);
            let of_day = start.0 % DAY_MILLIS;
            if holds(*span, start) && (of_day < gap.from || of_day >= gap.to) {
                *rows.entry(start).or_default() += one(*wait);
            }
        }
        for (start, sums) in rows {
            shares.add(Some(*grain), start, &sums);
        }
    }
    for (at, wait) in sessions {
        if reading.sessions.iter().any(|span| holds(*span, *at)) {
            shares.add(None, *at, &one(*wait));
        }
    }
    shares.told()
}

/// Instants around the changes of clocks of 2026, and anywhere in it.
fn instant() -> impl Strategy<Value = i64> {
    let begin = 1_767_225_600_000_i64;
    prop_oneof![
        begin..begin + 365 * DAY_MILLIS,
        (80..90_i64, 0..96_i64).prop_map(move |(day, quarter)| begin + day * DAY_MILLIS + quarter * QUARTER_MILLIS),
        (295..308_i64, 0..DAY_MILLIS).prop_map(move |(day, at)| begin + day * DAY_MILLIS + at),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn each_interval_has_its_own(
        zone in 0..ZONES.len(), which in 0..4_usize, kept in 0..3_usize, from in instant(), length in 0..40 * DAY_MILLIS,
        sessions in prop::collection::vec((instant(), 1..50_000_i64), 1..20),
        inside in prop::collection::vec((0..40 * DAY_MILLIS, 1..50_000_i64), 0..60),
    ) {
        let zone: Tz = ZONES[zone].parse().unwrap();
        let (from, to) = (Timestamp(from), Timestamp(from + length));
        let cuts = cuts(zone, Interval::ALL[which], from, to).unwrap();
        let kept = [Kept::Quarters, Kept::Days, Kept::Nothing][kept];
        let reading = Reading::of(from, to, Shape::Intervals(&cuts), kept);
        let near = inside.iter().map(|(after, wait)| (from.plus_millis(*after), *wait));
        let sessions: Vec<_> = sessions.iter().map(|(at, wait)| (Timestamp(*at), *wait)).chain(near).collect();
        for (told, ends) in shared(&cuts, &reading, &sessions).iter().zip(cuts.windows(2)) {
            let own = |(at, _): &&(Timestamp, i64)| ends[0] <= *at && *at < ends[1];
            let waits: Vec<i64> = sessions.iter().filter(own).map(|(_, wait)| *wait).collect();
            prop_assert_eq!(told.counts.not_answered, i64::try_from(waits.len()).unwrap(), "from {}", ends[0]);
            prop_assert_eq!(told.counts.not_answered_wait_ms, waits.iter().sum::<i64>());
            let longest = waits.iter().copied().max().unwrap_or(0);
            match told.longest_wait_ms() {
                Some(known) => prop_assert_eq!(known, longest),
                None => prop_assert!(longest <= told.longest_at_most_ms),
            }
        }
    }
}

#[test]
fn a_day_that_begins_elsewhere_needs_few_quarters() {
    let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
    let (from, to) = (at("2025-12-31T23:00:00Z"), at("2026-12-31T23:00:00Z"));
    let cuts = cuts("Europe/Berlin".parse().unwrap(), Interval::Day, from, to).unwrap();
    let reading = Reading::of(from, to, Shape::Intervals(&cuts), Kept::Quarters);
    let two_hours = Gap { from: 0, to: 22 * 3_600_000 };
    let quarters: Vec<_> = reading.rows.iter().filter(|rows| rows.grain == Grain::Quarter).collect();
    assert!(reading.shared);
    assert_eq!(quarters.last().map(|rows| rows.gap), Some(two_hours), "summer's days begin at 22:00");
    assert_eq!(reading.rows.first().map(|rows| rows.grain), Some(Grain::Day));
}

#[test]
fn days_of_utc_need_no_quarters_at_all() {
    let (from, to) = (Timestamp(0), Timestamp(90 * DAY_MILLIS));
    for interval in [Interval::Day, Interval::Week, Interval::Month] {
        let cuts = cuts(Tz::UTC, interval, from, to).unwrap();
        for kept in [Kept::Quarters, Kept::Days] {
            let reading = Reading::of(from, to, Shape::Intervals(&cuts), kept);
            assert_eq!(reading.rows.len(), 1, "{interval:?}");
            assert!(reading.sessions.is_empty() && !reading.shared);
        }
    }
}
