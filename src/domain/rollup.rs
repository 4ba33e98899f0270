//! Roll-ups: counts and sums of ended sessions by quarter of an hour, day and all time, and how a period is put together
//! from them. Pure arithmetic; `store/rollups.rs` keeps the rows.

use std::collections::{BTreeMap, HashMap};

pub use super::counts::{Counts, Ended};
use super::histogram::Histogram;
use super::ids::RepId;
use super::session::Kind;
use super::vocabulary::words;
use crate::clock::Timestamp;

/// Quarters, because Kolkata, Adelaide and Kathmandu cut their days there.
pub const QUARTER_MILLIS: i64 = 15 * 60_000;
/// Days of UTC.
pub const DAY_MILLIS: i64 = 24 * 3_600_000;

/// How long a time a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// All time.
    All,
    /// A quarter of an hour.
    Quarter,
    /// A day of UTC.
    Day,
    /// A day of UTC too, of when in it calls entered: only histograms have it. By itself, because whoever reads those of days reads how
    /// long things took.
    Entries,
}

impl Grain {
    /// Every grain.
    pub const EACH: [Self; 4] = [Self::All, Self::Quarter, Self::Day, Self::Entries];

    /// Its length in milliseconds, which is how it is kept; 0 for all time, and less than 0 for entries.
    #[must_use]
    pub const fn millis(self) -> i64 {
        match self {
            Self::All => 0,
            Self::Quarter => QUARTER_MILLIS,
            Self::Day => DAY_MILLIS,
            Self::Entries => -DAY_MILLIS,
        }
    }

    /// The start of the row that this instant belongs to.
    #[must_use]
    pub const fn start_of(self, at: Timestamp) -> Timestamp {
        match self {
            Self::All => Timestamp(0),
            grain => Timestamp(at.0 - at.0.rem_euclid(grain.millis())),
        }
    }

    /// The first start that is not before this instant.
    const fn start_from(self, at: Timestamp) -> Timestamp {
        let start = self.start_of(at);
        if start.0 == at.0 { start } else { start.plus_millis(self.millis()) }
    }
}

/// From the first instant to the first after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after.
    pub to: Timestamp,
}

impl Span {
    const fn new(from: Timestamp, to: Timestamp) -> Self {
        // One that would be reversed is empty.
        Self { from, to: if to.0 < from.0 { from } else { to } }
    }
}

/// A period, cut into pieces: as few and as coarse rows as there are, and the raw sessions at its edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// What the starts of `whole` are of: all time or days.
    pub grain: Grain,
    /// The starts of whole days, or of all time.
    pub whole: Span,
    /// The starts of quarters before the first and after the last whole day.
    pub quarters: [Span; 2],
    /// Before the first and after the last whole quarter.
    pub edges: [Span; 2],
}

impl Cut {
    /// Cuts the period from `from` to `to`. Sessions enter queues after 1970, so whatever begins then begins with everything.
    #[must_use]
    pub fn of(from: Timestamp, to: Timestamp) -> Self {
        let none = Span::new(Timestamp(0), Timestamp(0));
        if from <= Timestamp(0) && to == Timestamp(i64::MAX) {
            let once = Span::new(Timestamp(0), Timestamp(1));
            return Self { grain: Grain::All, whole: once, quarters: [none; 2], edges: [none; 2] };
        }
        let from = from.max(Timestamp(0));
        let (first, last) = (Grain::Quarter.start_from(from), Grain::Quarter.start_of(to));
        if first >= last {
            // Not one whole quarter, so one edge or two that meet.
            let between = first.min(to).max(from);
            let edges = [Span::new(from, between), Span::new(between, to)];
            return Self { grain: Grain::Day, whole: none, quarters: [none; 2], edges };
        }
        let (first_day, last_day) = (Grain::Day.start_from(first), Grain::Day.start_of(last));
        let between = first_day.min(last);
        let quarters = [Span::new(first, between), Span::new(between.max(last_day), last)];
        let edges = [Span::new(from, first), Span::new(last, to)];
        Self { grain: Grain::Day, whole: Span::new(first_day, last_day), quarters, edges }
    }
}

words! {
    /// What the sessions of a row have in common, beside their banner.
    Dimension {
        /// Nothing: these are all.
        Whole = "",
        /// The customer's country.
        Country = "country",
        /// The customer's kind of device.
        Device = "device",
        /// Who answered first.
        Rep = "rep",
        /// The last queue.
        Queue = "queue",
    }
}

impl Dimension {
    /// What a session has there.
    fn value_of(self, session: &Ended) -> Value<'_> {
        match self {
            Self::Whole => Value::Text(""),
            Self::Country => Value::Text(session.country.as_deref().unwrap_or_default()),
            Self::Device => Value::Text(session.device.as_deref().unwrap_or_default()),
            Self::Rep => session.answered_by.map_or(Value::Text(""), Value::Rep),
            Self::Queue => Value::Queue(session.queue_id),
        }
    }

    /// Whether it has rows of this grain. Quarters of each country and representative would be as many as the sessions
    /// themselves.
    const fn has(self, grain: Grain) -> bool {
        match grain {
            Grain::All | Grain::Day => true,
            Grain::Quarter => matches!(self, Self::Whole),
            Grain::Entries => false,
        }
    }
}

words! {
    /// What a histogram is of.
    Measure {
        /// From entry to start, of the answered.
        AnsweredWait = "answeredWait",
        /// From entry to end, of the others.
        NotAnsweredWait = "notAnsweredWait",
        /// From start to end.
        Talk = "talk",
        /// The quarter of the day of the entry, from 0, of the answered: exact.
        AnsweredEntry = "answeredEntry",
        /// The same of the others.
        NotAnsweredEntry = "notAnsweredEntry",
    }
}

/// What a session has of a dimension; the empty text where that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Value<'s> {
    Text(&'s str),
    Rep(RepId),
    Queue(i64),
}

impl Value<'_> {
    /// As it is kept.
    fn to_text(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            Self::Rep(rep) => rep.to_string(),
            Self::Queue(number) => number.to_string(),
        }
    }
}

/// Which row of counts: the columns of the key, in their order, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct RowKey {
    /// The campaign.
    pub campaign_id: String,
    /// Milliseconds of its grain.
    pub grain: i64,
    /// A [`Dimension`].
    pub dimension: String,
    /// What the sessions have there.
    pub value: String,
    /// When it begins.
    pub start_at: i64,
    /// The banner.
    pub banner_id: String,
    /// Calls or trials.
    pub kind: String,
}

/// The banner of histograms that are of a campaign as a whole.
pub const EVERY_BANNER: &str = "";

/// Which histogram: the columns of the key, in their order, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct HistogramKey {
    /// The campaign.
    pub campaign_id: String,
    /// Milliseconds of its grain.
    pub grain: i64,
    /// When it begins.
    pub start_at: i64,
    /// The banner, or [`EVERY_BANNER`].
    pub banner_id: String,
    /// Calls or trials.
    pub kind: String,
    /// A [`Measure`].
    pub measure: String,
}

/// The quarter of an hour, from 0, of the day of UTC.
fn quarter_of_day(at: Timestamp) -> u32 {
    u32::try_from(at.since(Grain::Day.start_of(at)) / QUARTER_MILLIS).unwrap_or_default()
}

/// Rows, as they are or as they are to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollups {
    /// Counts and sums.
    pub counts: BTreeMap<RowKey, Counts>,
    /// How long they took.
    pub histograms: BTreeMap<HistogramKey, Histogram>,
}

impl Rollups {
    /// What these sessions add, in rows of these grains. Who never joined is in no row.
    #[must_use]
    pub fn of<'s>(sessions: impl IntoIterator<Item = &'s Ended>, grains: &[Grain]) -> Self {
        let mut adding = Adding::default();
        for session in sessions.into_iter().filter(|session| session.queued_at > Timestamp(0)) {
            let counts = Counts::of(session);
            for grain in grains {
                adding.count(session, &counts, *grain);
                adding.time(session, *grain);
            }
        }
        Self {
            counts: adding.counts.into_iter().map(|(row, counts)| (row.key(), counts)).collect(),
            histograms: adding.histograms.into_iter().map(|(row, histogram)| (row.key(), histogram)).collect(),
        }
    }
}

/// Rows while sessions are added: their keys borrow from these, which are many more than the rows.
#[derive(Default)]
struct Adding<'s> {
    counts: HashMap<RowOf<'s>, Counts>,
    histograms: HashMap<HistogramOf<'s>, Histogram>,
}

/// What the rows of both kinds have in common.
#[derive(PartialEq, Eq, Hash)]
struct Place<'s> {
    campaign: &'s str,
    grain: Grain,
    start: Timestamp,
    banner: &'s str,
    kind: Kind,
}

#[derive(PartialEq, Eq, Hash)]
struct RowOf<'s> {
    place: Place<'s>,
    dimension: Dimension,
    value: Value<'s>,
}

#[derive(PartialEq, Eq, Hash)]
struct HistogramOf<'s> {
    place: Place<'s>,
    measure: Measure,
}

impl<'s> Place<'s> {
    fn of(session: &'s Ended, grain: Grain, banner: &'s str) -> Self {
        let start = grain.start_of(session.queued_at);
        Self { campaign: session.campaign_id.as_str(), grain, start, banner, kind: session.kind }
    }
}

impl RowOf<'_> {
    fn key(&self) -> RowKey {
        let Place { campaign, grain, start, banner, kind } = self.place;
        RowKey {
            campaign_id: campaign.to_owned(),
            grain: grain.millis(),
            dimension: self.dimension.as_str().to_owned(),
            value: self.value.to_text(),
            start_at: start.millis(),
            banner_id: banner.to_owned(),
            kind: kind.as_str().to_owned(),
        }
    }
}

impl HistogramOf<'_> {
    fn key(&self) -> HistogramKey {
        let Place { campaign, grain, start, banner, kind } = self.place;
        HistogramKey {
            campaign_id: campaign.to_owned(),
            grain: grain.millis(),
            start_at: start.millis(),
            banner_id: banner.to_owned(),
            kind: kind.as_str().to_owned(),
            measure: self.measure.as_str().to_owned(),
        }
    }
}

impl<'s> Adding<'s> {
    fn count(&mut self, session: &'s Ended, counts: &Counts, grain: Grain) {
        for dimension in Dimension::ALL.iter().copied().filter(|dimension| dimension.has(grain)) {
            let place = Place::of(session, grain, session.banner_id.as_str());
            let row = RowOf { place, dimension, value: dimension.value_of(session) };
            *self.counts.entry(row).or_default() += *counts;
        }
    }

    /// A campaign has histograms of each grain, a banner all but those by quarter: these would be as many as the sessions.
    fn time(&mut self, session: &'s Ended, grain: Grain) {
        self.time_of(session, grain, EVERY_BANNER);
        if grain != Grain::Quarter {
            self.time_of(session, grain, session.banner_id.as_str());
        }
    }

    fn time_of(&mut self, session: &'s Ended, grain: Grain, banner: &'s str) {
        let Ended { queued_at, started_at, ended_at, .. } = *session;
        let mut add = |measure: Measure, took: i64| self.histogram(session, grain, banner, measure).add(took);
        match started_at {
            _ if grain == Grain::Entries => {
                let measure = started_at.map_or(Measure::NotAnsweredEntry, |_| Measure::AnsweredEntry);
                self.histogram(session, grain, banner, measure).add_to(quarter_of_day(queued_at));
            }
            Some(started_at) => {
                add(Measure::AnsweredWait, started_at.since(queued_at));
                add(Measure::Talk, ended_at.since(started_at));
            }
            None => add(Measure::NotAnsweredWait, ended_at.since(queued_at)),
        }
    }

    fn histogram(&mut self, session: &'s Ended, grain: Grain, banner: &'s str, measure: Measure) -> &mut Histogram {
        let row = HistogramOf { place: Place::of(session, grain, banner), measure };
        self.histograms.entry(row).or_default()
    }
}

#[cfg(test)]
#[path = "rollup_tests.rs"]
mod tests;
