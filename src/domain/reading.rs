//! Which roll-ups and sessions a period is put together from, when it is cut into intervals too; and how the days in which a
//! cut falls are shared out.

use std::collections::BTreeMap;

use super::figures::Sums;
use super::rollup::{Cut, DAY_MILLIS, Grain, QUARTER_MILLIS, Span};
use super::vocabulary::words;
use crate::clock::Timestamp;

words! {
    /// What calls are told apart by.
    Group {
        /// The campaign.
        Campaign = "campaign",
        /// The banner.
        Banner = "banner",
        /// The customer's country.
        Country = "country",
        /// The customer's kind of device.
        Device = "device",
        /// Who answered first.
        Rep = "rep",
        /// The hour of the week of the queue entry, as the zone's clocks have it.
        HourOfWeek = "hourOfWeek",
        /// The last queue.
        Queue = "queue",
    }
}

/// Times of the day, in UTC, between which quarters are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first that is not read.
    pub from: i64,
    /// The first that is read again.
    pub to: i64,
}

impl Gap {
    /// Everything is read.
    pub const NONE: Self = Self { from: DAY_MILLIS, to: DAY_MILLIS };
}

/// Roll-ups of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Their length.
    pub grain: Grain,
    /// Their starts.
    pub span: Span,
    /// What of each day is passed by.
    pub gap: Gap,
}

/// What there are roll-ups of, for a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// By quarter and day.
    Quarters,
    /// By day only: a country, device, representative or queue is asked for.
    Days,
    /// Not at all: two of those are asked for.
    Nothing,
}

/// How a period is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape<'s> {
    /// As one.
    Whole,
    /// In intervals that begin there; the last one ends at the last of them.
    Intervals(&'s [Timestamp]),
    /// By what each quarter is.
    Quarters,
}

/// What is read for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Counts and sums.
    pub rows: Vec<Rows>,
    /// Rolled sessions that are read one by one.
    pub sessions: Vec<Span>,
    /// How long things took: by day or all time, and by quarter.
    pub histograms: Vec<Rows>,
    /// Whether days with a cut in them are among the rows: [`Shares`] puts them where they belong.
    pub shared: bool,
}

/// The cuts that fall into the middle of a day of UTC, by that day; none when one day has two.
fn cut_days(cuts: &[Timestamp]) -> Option<BTreeMap<Timestamp, Timestamp>> {
    let mut days = BTreeMap::new();
    for cut in cuts {
        let day = Grain::Day.start_of(*cut);
        if day != *cut && days.insert(day, *cut).is_some() {
            return None;
        }
    }
    Some(days)
}

fn holds(span: Span, at: Timestamp) -> bool {
    span.from <= at && at < span.to
}

/// The piece of a day on the nearer side of its cut.
fn near(day: Timestamp, cut: Timestamp) -> Span {
    if cut.since(day) <= DAY_MILLIS / 2 {
        Span { from: day, to: cut }
    } else {
        Span { from: cut, to: day.plus_millis(DAY_MILLIS) }
    }
}

impl Reading {
    /// What is read for the period from `from` to `to`.
    #[must_use]
    pub fn of(from: Timestamp, to: Timestamp, shape: Shape<'_>, kept: Kept) -> Self {
        let cut = Cut::of(from, to);
        let mut reading = match (kept, shape) {
            (Kept::Nothing, _) | (Kept::Days, Shape::Quarters) => Self::raw(from, to),
            (Kept::Days, Shape::Whole) => Self::days(from, to, &cut),
            (Kept::Days, Shape::Intervals(cuts)) => {
                let inner = inner(cuts).iter();
                if inner.clone().all(|at| Grain::Day.start_of(*at) == *at) {
                    Self::days(from, to, &cut)
                } else {
                    Self::raw(from, to)
                }
            }
            (Kept::Quarters, Shape::Whole) => Self::coarse(&cut),
            (Kept::Quarters, Shape::Quarters) => Self::fine(from, to),
            (Kept::Quarters, Shape::Intervals(cuts)) => Self::intervals(from, to, &cut, inner(cuts)),
        };
        if kept == Kept::Quarters {
            reading.histograms = Self::coarse(&cut).rows;
        }
        reading.drop_empty();
        reading
    }

    /// What is read for calls by the hour of the week, without telling how long anything took: the entries of whole days, and the
    /// quarters before and after them.
    #[must_use]
    pub fn hours(from: Timestamp, to: Timestamp, kept: Kept) -> Self {
        let cut = Cut::of(from, to);
        if kept != Kept::Quarters || cut.grain != Grain::Day {
            return Self { histograms: Vec::new(), ..Self::of(from, to, Shape::Quarters, kept) };
        }
        let mut reading = Self::coarse(&cut);
        let (days, quarters) = reading.rows.into_iter().partition(|rows| rows.grain == Grain::Day);
        let days: Vec<Rows> = days;
        reading.histograms = days.into_iter().map(|rows| Rows { grain: Grain::Entries, ..rows }).collect();
        reading.rows = quarters;
        reading.drop_empty();
        reading
    }

    fn drop_empty(&mut self) {
        self.rows.retain(|rows| rows.span.from < rows.span.to);
        self.histograms.retain(|rows| rows.span.from < rows.span.to);
        self.sessions.retain(|span| span.from < span.to);
    }

    fn raw(from: Timestamp, to: Timestamp) -> Self {
        Self { sessions: vec![Span { from, to }], ..Self::default() }
    }

    fn days(from: Timestamp, to: Timestamp, cut: &Cut) -> Self {
        if cut.whole.from >= cut.whole.to {
            return Self::raw(from, to);
        }
        let whole = Rows { grain: cut.grain, span: cut.whole, gap: Gap::NONE };
        let edges = if cut.grain == Grain::All {
            Vec::new()
        } else {
            vec![Span { from, to: cut.whole.from }, Span { from: cut.whole.to, to }]
        };
        Self { rows: vec![whole], sessions: edges, ..Self::default() }
    }

    fn coarse(cut: &Cut) -> Self {
        let quarters = |span| Rows { grain: Grain::Quarter, span, gap: Gap::NONE };
        let whole = Rows { grain: cut.grain, span: cut.whole, gap: Gap::NONE };
        let rows = vec![whole, quarters(cut.quarters[0]), quarters(cut.quarters[1])];
        Self { rows, sessions: cut.edges.to_vec(), ..Self::default() }
    }

    /// Every quarter, and the sessions before the first and after the last.
    fn fine(from: Timestamp, to: Timestamp) -> Self {
        let from = from.max(Timestamp(0));
        let last = Grain::Quarter.start_of(to);
        let first = Grain::Quarter.start_of(from.plus_millis(QUARTER_MILLIS - 1)).min(last);
        if first < from || first >= last {
            return Self::raw(from, to);
        }
        let rows = Rows { grain: Grain::Quarter, span: Span { from: first, to: last }, gap: Gap::NONE };
        let edges = vec![Span { from, to: first }, Span { from: last, to }];
        Self { rows: vec![rows], sessions: edges, ..Self::default() }
    }

    /// Days, and of those with a cut in them the quarters on its nearer side.
    fn intervals(from: Timestamp, to: Timestamp, cut: &Cut, cuts: &[Timestamp]) -> Self {
        let whole_days = i64::try_from(cuts.len()).unwrap_or(i64::MAX) * DAY_MILLIS;
        // Hours are cut in the middle of days everywhere.
        let days = cut_days(cuts).filter(|_| whole_days <= to.since(from).saturating_add(2 * DAY_MILLIS));
        let Some(days) = days else { return Self::fine(from, to) };
        let mut reading = Self::coarse(cut);
        let inside: Vec<Span> = days
            .iter()
            .filter(|(day, _)| holds(cut.whole, **day))
            .map(|(day, at)| {
                let near = near(*day, *at);
                Span { from: Timestamp(near.from.since(*day)), to: Timestamp(near.to.since(*day)) }
            })
            .collect();
        if !inside.is_empty() {
            let morning = inside.iter().filter(|near| near.from.0 == 0).map(|near| near.to.0).max().unwrap_or(0);
            let evening = inside.iter().filter(|near| near.from.0 > 0).map(|near| near.from.0).min();
            let gap = Gap { from: morning, to: evening.unwrap_or(DAY_MILLIS) };
            reading.rows.push(Rows { grain: Grain::Quarter, span: cut.whole, gap });
            reading.shared = true;
        }
        reading
    }
}

/// Without the first and the last.
fn inner(cuts: &[Timestamp]) -> &[Timestamp] {
    cuts.get(1..cuts.len().saturating_sub(1)).unwrap_or_default()
}

/// What intervals count: a row goes where it belongs, and of a day with a cut in it each side gets what is its own.
#[derive(Debug)]
pub struct Shares<'c> {
    cuts: &'c [Timestamp],
    /// The whole days of a period that is read in days, with their cuts.
    days: BTreeMap<Timestamp, Timestamp>,
    whole: Span,
    sums: Vec<Sums>,
    kept: BTreeMap<Timestamp, (Sums, Sums)>,
}

impl<'c> Shares<'c> {
    /// Nothing yet, in the intervals between these cuts.
    #[must_use]
    pub fn new(cuts: &'c [Timestamp], reading: &Reading) -> Self {
        let whole = reading.rows.iter().find(|rows| reading.shared && rows.grain == Grain::Day).map(|rows| rows.span);
        let days = whole.and_then(|_| cut_days(inner(cuts))).unwrap_or_default();
        let none = Span { from: Timestamp(0), to: Timestamp(0) };
        let sums = vec![Sums::default(); cuts.len().saturating_sub(1)];
        Self { cuts, days, whole: whole.unwrap_or(none), sums, kept: BTreeMap::new() }
    }

    fn add_at(&mut self, at: Timestamp, sums: &Sums) {
        let place = self.cuts.partition_point(|cut| *cut <= at).saturating_sub(1);
        if let Some(last) = self.sums.len().checked_sub(1)
            && let Some(interval) = self.sums.get_mut(place.min(last))
        {
            *interval += *sums;
        }
    }

    /// Adds what a roll-up of this length has, or a session (without one) that entered its queue then.
    pub fn add(&mut self, grain: Option<Grain>, at: Timestamp, sums: &Sums) {
        let day = Grain::Day.start_of(at);
        let cut = grain.filter(|_| holds(self.whole, day)).and_then(|grain| Some((grain, *self.days.get(&day)?)));
        match cut {
            Some((Grain::Quarter, cut)) if holds(near(day, cut), at) => {
                self.kept.entry(day).or_default().1 += *sums;
                self.add_at(at, sums);
            }
            // Read only because another day is cut at another time.
            Some((Grain::Quarter, _)) => {}
            Some(_) => self.kept.entry(day).or_default().0 += *sums,
            None if grain == Some(Grain::Quarter) && holds(self.whole, day) => {}
            None => self.add_at(at, sums),
        }
    }

    /// What each interval counts.
    #[must_use]
    pub fn told(mut self) -> Vec<Sums> {
        for (day, (whole, near_side)) in std::mem::take(&mut self.kept) {
            let Some(cut) = self.days.get(&day).copied() else { continue };
            // The farther side begins with the day, unless that is the nearer one.
            let at = if near(day, cut).from == day { cut } else { day };
            self.add_at(at, &whole.without(&near_side));
        }
        self.sums
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
