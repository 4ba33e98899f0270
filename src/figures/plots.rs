//! Tiles and plots: answers to questions about figures, in the shape in which a page draws them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;
use serde::Serialize;

use super::answer::{Answer, IntervalFigures};
use super::hours::{Calls, Hours};
use crate::clock::Timestamp;
use crate::domain::intervals::Interval;
use crate::domain::waits::WaitStep;

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A number of calls.
    Count,
    /// A share, in percent.
    Percent,
    /// A duration, in seconds.
    Seconds,
}

/// A figure of the period, beside the same of the period that it is compared with.
#[derive(Debug, Clone, Serialize)]
pub struct Tile {
    /// Which figure: a key of the message catalogue.
    name: &'static str,
    kind: Kind,
    value: Option<f64>,
    before: Option<f64>,
    /// How much it changed: in percent for counts, in points for percents, in seconds for durations.
    change: Option<f64>,
    /// `good`, `bad`, or neither: more calls are only more calls.
    verdict: &'static str,
}

/// Whether more of a figure is better.
#[derive(Clone, Copy)]
enum Better {
    More,
    Less,
    Neither,
}

#[expect(clippy::cast_precision_loss, reason = "numbers of calls stay far below 2^53")]
fn count(calls: i64) -> f64 {
    calls as f64
}

fn figure(answer: &Answer, name: &str) -> Option<f64> {
    answer.figures.get(name).and_then(|figure| figure.value)
}

type Read = fn(&Answer) -> Option<f64>;

const TILES: [(&str, Kind, Better, Read); 8] = [
    ("calls", Kind::Count, Better::Neither, |answer| Some(count(answer.seven.total_of_calls))),
    ("answered", Kind::Count, Better::More, |answer| Some(count(answer.seven.answered_calls))),
    ("not_answered", Kind::Count, Better::Less, |answer| Some(count(answer.seven.not_answered_calls))),
    ("rate", Kind::Percent, Better::More, |answer| answer.seven.answering_rate),
    ("queue_time", Kind::Seconds, Better::Less, |answer| answer.seven.avg_queue_time),
    ("call_time", Kind::Seconds, Better::Neither, |answer| answer.seven.avg_call_duration),
    ("service_level", Kind::Percent, Better::More, |answer| figure(answer, "ServiceLevel")),
    ("abandonment", Kind::Percent, Better::Less, |answer| figure(answer, "AbandonmentRate")),
];

/// The tiles of an answer, compared with that of another period.
#[must_use]
pub fn tiles(answer: &Answer, before: Option<&Answer>) -> Vec<Tile> {
    let tile = |&(name, kind, better, read): &(&'static str, Kind, Better, Read)| {
        let (value, before) = (read(answer), before.and_then(read));
        let change = value.zip(before).and_then(|(value, before)| change(kind, value, before));
        let shown = change.filter(|change| change.abs() >= least(kind));
        Tile { name, kind, value, before, change, verdict: verdict(better, shown) }
    };
    TILES.iter().map(tile).collect()
}

fn change(kind: Kind, value: f64, before: f64) -> Option<f64> {
    match kind {
        Kind::Count => (before > 0.0).then(|| 100.0 * (value - before) / before),
        Kind::Percent | Kind::Seconds => Some(value - before),
    }
}

/// The least change that is written as one: durations have no tenths.
const fn least(kind: Kind) -> f64 {
    match kind {
        Kind::Seconds => 0.5,
        Kind::Count | Kind::Percent => 0.05,
    }
}

fn verdict(better: Better, change: Option<f64>) -> &'static str {
    match (better, change) {
        (Better::More, Some(change)) if change > 0.0 => "good",
        (Better::Less, Some(change)) if change < 0.0 => "good",
        (Better::More, Some(change)) if change < 0.0 => "bad",
        (Better::Less, Some(change)) if change > 0.0 => "bad",
        _ => "",
    }
}

/// One step of the plots over time.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// When it begins.
    from: Timestamp,
    /// The same as the clocks of the zone have it.
    label: String,
    calls: i64,
    answered: i64,
    not_answered: i64,
    rate: Option<f64>,
    wait_mean: Option<f64>,
    wait_p50: Option<f64>,
    wait_p90: Option<f64>,
}

/// An hour of the week.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Hour {
    /// From 0, Monday.
    day: usize,
    /// When it begins.
    at: usize,
    calls: i64,
    answered: i64,
    /// From 0, none, to 8, as many as in the busiest.
    level: i64,
}

/// Calls of one kind among all.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    value: String,
    answered: i64,
    not_answered: i64,
    /// The widths of both, in thousandths of the longest bar.
    answered_width: i64,
    not_answered_width: i64,
}

/// What the plots are drawn from.
#[derive(Debug, Clone, Serialize)]
pub struct Plots {
    interval: Interval,
    zone: &'static str,
    steps: Vec<Step>,
    /// Whether the steps know how long people waited on average alone: they are no whole days of UTC, or some calls are filtered out.
    means: bool,
    /// The step with the most calls.
    busiest: Option<Step>,
    /// Seven days from Monday of 24 hours; absent where it would take too long.
    hours: Option<Vec<Vec<Hour>>>,
    /// The busiest hour of the week.
    busiest_hour: Option<Hour>,
    /// The countries with the most calls, and all others together; absent where it would take too long.
    countries: Option<Vec<Bar>>,
    /// How long people waited; absent where it is not known.
    waits: Option<Vec<Bar>>,
    /// The half of the waits ended within so many seconds, and nine of ten.
    wait_p50: Option<f64>,
    wait_p90: Option<f64>,
}

/// So many countries have a bar of their own.
const MOST_BARS: usize = 10;
/// The value of the bar of all others.
const OTHERS: &str = "*";

impl Plots {
    /// The plots of an answer in intervals, and of calls by the hour of the week and by country.
    #[must_use]
    pub fn of(
        answer: &Answer,
        interval: Interval,
        zone: Tz,
        hours: Option<&Hours>,
        countries: Option<&BTreeMap<String, Calls>>,
    ) -> Self {
        let steps: Vec<Step> =
            answer.intervals.iter().flatten().map(|figures| Step::of(figures, interval, zone)).collect();
        let busiest = steps.iter().reduce(|most, step| if step.calls > most.calls { step } else { most });
        let busiest = busiest.filter(|step| step.calls > 0).cloned();
        let means =
            steps.iter().all(|step| step.wait_p50.is_none()) && steps.iter().any(|step| step.wait_mean.is_some());
        let hours = hours.map(hours_of);
        let of_week = hours.iter().flatten().flatten().copied();
        let busiest_hour = of_week.reduce(|most, hour| if hour.calls > most.calls { hour } else { most });
        let busiest_hour = busiest_hour.filter(|hour| hour.calls > 0);
        Self {
            interval,
            zone: zone.name(),
            steps,
            means,
            busiest,
            busiest_hour,
            hours,
            countries: countries.map(countries_of),
            waits: answer.waits.as_ref().map(|waits| waits_of(&waits.steps)),
            wait_p50: figure(answer, "WaitP50"),
            wait_p90: figure(answer, "WaitP90"),
        }
    }
}

impl Step {
    fn of(figures: &IntervalFigures, interval: Interval, zone: Tz) -> Self {
        let read = |name: &str| figures.figures.get(name).and_then(|figure| figure.value);
        Self {
            from: figures.from,
            label: label(figures.from, interval, zone),
            calls: figures.seven.total_of_calls,
            answered: figures.seven.answered_calls,
            not_answered: figures.seven.not_answered_calls,
            rate: figures.seven.answering_rate,
            wait_mean: figures.seven.avg_queue_time,
            wait_p50: read("WaitP50"),
            wait_p90: read("WaitP90"),
        }
    }
}

/// When a step begins, as the clocks of the zone have it.
fn label(at: Timestamp, interval: Interval, zone: Tz) -> String {
    let local = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default().with_timezone(&zone);
    match interval {
        Interval::Hour => format!("{} {:02}:{:02}", local.date_naive(), local.hour(), local.minute()),
        Interval::Day | Interval::Week => local.date_naive().to_string(),
        Interval::Month => format!("{}-{:02}", local.year(), local.month()),
    }
}

/// Shades of an hour's cell, beside none.
const LEVELS: i64 = 8;

fn hours_of(hours: &Hours) -> Vec<Vec<Hour>> {
    let most = hours.0.iter().map(|calls| calls.total).max().unwrap_or_default().max(1);
    let hour = |(at, calls): (usize, &Calls)| {
        let (day, at, calls, answered) = (at / 24, at % 24, calls.total, calls.answered);
        // An hour with any call is never as empty as one without.
        Hour { day, at, calls, answered, level: (calls * LEVELS + most - 1) / most }
    };
    let hours: Vec<Hour> = hours.0.iter().enumerate().map(hour).collect();
    hours.chunks(24).map(<[Hour]>::to_vec).collect()
}

fn bars(mut parts: Vec<(String, i64, i64)>) -> Vec<Bar> {
    let most = parts.iter().map(|(_, answered, not_answered)| answered + not_answered).max().unwrap_or_default().max(1);
    let bar = |(value, answered, not_answered): (String, i64, i64)| Bar {
        value,
        answered,
        not_answered,
        answered_width: answered * 1_000 / most,
        not_answered_width: not_answered * 1_000 / most,
    };
    parts.drain(..).map(bar).collect()
}

fn countries_of(countries: &BTreeMap<String, Calls>) -> Vec<Bar> {
    let of = |(value, calls): (&String, &Calls)| (value.clone(), calls.answered, calls.total - calls.answered);
    let mut countries: Vec<_> = countries.iter().map(of).collect();
    countries.sort_by_key(|(_, answered, others)| std::cmp::Reverse(answered + others));
    if countries.len() > MOST_BARS + 1 {
        let rest = countries.split_off(MOST_BARS);
        let sum = |read: fn(&(String, i64, i64)) -> i64| rest.iter().map(read).sum();
        countries.push((OTHERS.to_owned(), sum(|one| one.1), sum(|one| one.2)));
    }
    bars(countries)
}

fn waits_of(waits: &[WaitStep]) -> Vec<Bar> {
    let of = |step: &WaitStep| {
        (step.up_to.map(|seconds| seconds.to_string()).unwrap_or_default(), step.answered, step.not_answered)
    };
    bars(waits.iter().map(of).collect())
}
