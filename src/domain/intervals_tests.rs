//! Intervals cover their period once, and each begins where the clocks of its zone say so.

use chrono::Timelike;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn told(zone: &str, interval: Interval, from: &str, to: &str) -> Vec<String> {
    let cuts = cuts(zone.parse().unwrap(), interval, at(from), at(to)).unwrap();
    cuts.iter().map(|cut| cut.to_string().replace(":00.000Z", "")).collect()
}

#[test]
fn a_day_has_23_hours_when_the_clocks_go_forward_and_25_when_they_go_back() {
    let spring = told("Europe/Berlin", Interval::Day, "2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z");
    assert_eq!(spring, ["2026-03-28T23:00", "2026-03-29T22:00", "2026-03-30T22:00"]);
    let autumn = told("Europe/Berlin", Interval::Day, "2026-10-24T22:00:00Z", "2026-10-26T23:00:00Z");
    assert_eq!(autumn, ["2026-10-24T22:00", "2026-10-25T23:00", "2026-10-26T23:00"]);
}

#[test]
fn an_hour_that_occurs_twice_is_two_hours() {
    let zone = "America/New_York".parse().unwrap();
    let cuts = cuts(zone, Interval::Hour, at("2026-11-01T04:00:00Z"), at("2026-11-02T05:00:00Z")).unwrap();
    assert_eq!(cuts.len(), 26, "25 hours");
    let hours: Vec<u32> = cuts.iter().take(4).map(|cut| hour_of_week(zone, *cut) % 24).collect();
    assert_eq!(hours, [0, 1, 1, 2]);
}

#[test]
fn a_clock_that_moves_by_half_an_hour_has_half_hours() {
    let back = told("Australia/Lord_Howe", Interval::Hour, "2026-04-04T14:00:00Z", "2026-04-04T17:30:00Z");
    let expected = ["2026-04-04T14:00", "2026-04-04T15:00", "2026-04-04T15:30", "2026-04-04T16:30", "2026-04-04T17:30"];
    assert_eq!(back, expected, "half past one to two occurs again");
    let forward = told("Australia/Lord_Howe", Interval::Hour, "2026-10-03T14:30:00Z", "2026-10-03T17:00:00Z");
    assert_eq!(forward, ["2026-10-03T14:30", "2026-10-03T15:30", "2026-10-03T16:00", "2026-10-03T17:00"]);
    let days = told("Australia/Lord_Howe", Interval::Day, "2026-04-03T13:00:00Z", "2026-04-05T13:30:00Z");
    assert_eq!(days, ["2026-04-03T13:00", "2026-04-04T13:00", "2026-04-05T13:30"]);
}

#[test]
fn zones_off_the_hour_are_cut_at_quarters() {
    let day = |zone| told(zone, Interval::Day, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    assert_eq!(day("Asia/Kolkata"), ["2026-11-20T00:00", "2026-11-20T18:30", "2026-11-21T00:00"]);
    assert_eq!(day("Asia/Kathmandu"), ["2026-11-20T00:00", "2026-11-20T18:15", "2026-11-21T00:00"]);
    let hours = told("Asia/Kathmandu", Interval::Hour, "2026-11-20T00:00:00Z", "2026-11-20T02:00:00Z");
    assert_eq!(hours, ["2026-11-20T00:00", "2026-11-20T00:15", "2026-11-20T01:15", "2026-11-20T02:00"]);
}

#[test]
fn weeks_begin_on_mondays_and_months_on_their_first() {
    let weeks = told("UTC", Interval::Week, "2026-11-19T12:00:00Z", "2026-12-01T00:00:00Z");
    assert_eq!(weeks, ["2026-11-19T12:00", "2026-11-23T00:00", "2026-11-30T00:00", "2026-12-01T00:00"]);
    let months = told("Europe/Berlin", Interval::Month, "2026-09-30T22:00:00Z", "2026-12-01T00:00:00Z");
    assert_eq!(months, ["2026-09-30T22:00", "2026-10-31T23:00", "2026-11-30T23:00", "2026-12-01T00:00"]);
}

#[test]
fn a_midnight_or_a_date_that_is_skipped_begins_when_the_clocks_go_on() {
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let cairo = start_of("Africa/Cairo".parse().unwrap(), date("2026-04-24"));
    assert_eq!(cairo, at("2026-04-23T22:00:00Z"), "from midnight the clocks went to one");
    let days = told("Pacific/Apia", Interval::Day, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z");
    assert_eq!(days, ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"], "there was no 30th");
}

#[test]
fn too_many_are_refused_with_what_fits() {
    let refused = |interval, from, to| cuts(Tz::UTC, interval, at(from), at(to)).unwrap_err();
    let ten_years = ("2017-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!(refused(Interval::Hour, ten_years.0, ten_years.1), Uncut::TooMany(Some(Interval::Day)));
    let hours = 5_000 * HOUR_MILLIS;
    let most = cuts(Tz::UTC, Interval::Hour, Timestamp(0), Timestamp(hours)).unwrap();
    assert_eq!(most.len(), 5_001);
    assert!(cuts(Tz::UTC, Interval::Hour, Timestamp(0), Timestamp(hours + 1)).is_err());
    let ever = refused(Interval::Month, "0000-01-01T00:00:00Z", "9999-12-31T00:00:00Z");
    assert_eq!(ever, Uncut::TooMany(None));
}

#[test]
fn a_clock_of_odd_minutes_is_not_cut_by() {
    let monrovia: Tz = "Africa/Monrovia".parse().unwrap();
    let cut = cuts(monrovia, Interval::Day, at("1971-01-01T00:00:00Z"), at("1971-01-03T00:00:00Z"));
    assert_eq!(cut, Err(Uncut::OddOffset));
    assert!(!has_whole_quarters(monrovia, at("1971-01-01T00:00:00Z")));
    assert!(has_whole_quarters(monrovia, at("2026-01-01T00:00:00Z")));
}

pub(super) const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
];

proptest! {
    #[test]
    fn cuts_rise_and_each_is_a_beginning(zone in 0..ZONES.len(), which in 0..4_usize, from in 0..1_800_000_000_000_i64, days in 1..400_i64) {
        let (zone, interval): (Tz, _) = (ZONES[zone].parse().unwrap(), Interval::ALL[which]);
        let (from, to) = (Timestamp(from), Timestamp(from + days.min(180) * 24 * HOUR_MILLIS + 77));
        let cuts = cuts(zone, interval, from, to).unwrap();
        prop_assert_eq!((cuts[0], cuts[cuts.len() - 1]), (from, to));
        prop_assert!(cuts.is_sorted_by(|one, other| one < other));
        for cut in inner_of(&cuts) {
            let (before, after) = (utc(cut.plus_millis(-1)).with_timezone(&zone), utc(*cut).with_timezone(&zone));
            let (one, other) = (before.naive_local(), after.naive_local());
            let begins = match interval {
                Interval::Hour => one.hour() != other.hour() || before.offset().fix() != after.offset().fix(),
                Interval::Day => one.date() < other.date(),
                Interval::Week => one.iso_week() < other.iso_week(),
                Interval::Month => (one.year(), one.month()) < (other.year(), other.month()),
            };
            prop_assert!(begins, "{before} and {after}");
        }
    }
}

proptest! {
    #[test]
    fn each_quarter_of_a_day_is_in_the_hour_that_the_clocks_show(zone in 0..ZONES.len(), day in 0..24_000_i64) {
        let (zone, day): (Tz, _) = (ZONES[zone].parse().unwrap(), Timestamp(day * 24 * HOUR_MILLIS));
        for (quarter, hour) in hours_of_day(zone, day).into_iter().enumerate() {
            let local = utc(day.plus_millis(i64::try_from(quarter).unwrap() * QUARTER_MILLIS)).with_timezone(&zone);
            prop_assert_eq!(hour, local.weekday().num_days_from_monday() * 24 + local.hour(), "{}", local);
        }
    }
}

fn inner_of(cuts: &[Timestamp]) -> &[Timestamp] {
    &cuts[1..cuts.len() - 1]
}
