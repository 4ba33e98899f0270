//! Averages and everything beside them: of a period, of its intervals, of groups.

use std::collections::BTreeMap;

use chrono_tz::Tz;

pub use super::answer::{Answer, AnswerPeriod, GroupFigures, IntervalFigures};
use super::reps::Reps;
use crate::clock::Timestamp;
use crate::domain::definitions::{self, Figures, Measured, Times, Unknown};
use crate::domain::figures::{AverageMetrics, Sums, Tally};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::intervals::hour_of_week;
pub use crate::domain::reading::Group;
use crate::domain::reading::{Kept, Reading, Shape, Shares};
use crate::domain::rollup::{Dimension, EVERY_BANNER, Grain};
use crate::domain::scope::Scope;
use crate::domain::waits::Waits;
use crate::store::figures::Period;
use crate::store::questions::{self, Cell, Found, Part, Question};
use crate::store::terms::Campaigns;
use crate::store::{self, Db, Reader};

const fn cell_of(group: Group) -> Cell {
    match group {
        Group::Campaign => Cell::Campaign,
        Group::Banner => Cell::Banner,
        Group::Country => Cell::Value(Dimension::Country),
        Group::Device => Cell::Value(Dimension::Device),
        Group::Rep => Cell::Value(Dimension::Rep),
        Group::Queue => Cell::Value(Dimension::Queue),
        Group::HourOfWeek => Cell::None,
    }
}

/// How an answer is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Division {
    /// Not at all.
    None,
    /// In intervals: where they begin, and the end of the last. Nothing of an empty period.
    Intervals(Vec<Timestamp>),
    /// By what calls have in common.
    Groups(Group),
}

/// How many sessions beside the roll-ups are read one by one, unless a question says otherwise: some tenths of a second's work.
pub const MOST_ONE_BY_ONE: i64 = 50_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The campaign, or all.
    pub campaign: Option<CampaignId>,
    /// Whose campaigns all of them are.
    pub scope: Scope,
    /// One banner of it, or all; without a campaign, those of this id.
    pub banner: Option<BannerId>,
    /// The period, and whether test calls count.
    pub period: Period,
    /// Whose clocks count.
    pub zone: Tz,
    /// How it is divided.
    pub division: Division,
    /// Only calls with these values, each dimension once.
    pub filters: Vec<(Dimension, String)>,
    /// Another threshold for the service level, in milliseconds.
    pub within_ms: Option<i64>,
    /// More sessions than this beside the roll-ups are added up by the database, and how long things took is not told.
    pub most_one_by_one: i64,
}

fn seven(sums: Sums) -> AverageMetrics {
    Tally::from(sums).into()
}

/// Figures of one time or group while they are added up.
#[derive(Debug, Default, Clone)]
struct Added {
    sums: Sums,
    times: Times,
}

impl Asked {
    fn shape(&self) -> Shape<'_> {
        match &self.division {
            Division::Intervals(cuts) => Shape::Intervals(cuts),
            Division::Groups(Group::HourOfWeek) => Shape::Quarters,
            Division::None | Division::Groups(_) => Shape::Whole,
        }
    }

    fn cell(&self) -> Cell {
        match self.division {
            // Two campaigns may have banners of one id.
            Division::Groups(Group::Banner) if self.campaign.is_none() => Cell::None,
            Division::Groups(group) => cell_of(group),
            Division::None | Division::Intervals(_) => Cell::None,
        }
    }

    /// Whether groups are told: banners are, of one campaign.
    fn has_groups(&self) -> bool {
        match self.division {
            Division::Groups(group) => group != Group::Banner || self.campaign.is_some(),
            Division::None | Division::Intervals(_) => false,
        }
    }

    /// Of what there are roll-ups: two dimensions are in none.
    pub(super) fn kept(&self) -> Kept {
        let of_cell = if let Cell::Value(dimension) = self.cell() { Some(dimension) } else { None };
        match (self.filters.as_slice(), of_cell) {
            ([], None) => Kept::Quarters,
            ([], Some(_)) | ([_], None) => Kept::Days,
            ([(filter, _)], Some(cell)) if *filter == cell => Kept::Days,
            _ => Kept::Nothing,
        }
    }

    fn reading(&self) -> Reading {
        let kept = self.kept();
        let mut reading = Reading::of(self.period.from, self.period.to, self.shape(), kept);
        if kept == Kept::Days && self.filters.is_empty() {
            // Countries and the like have no histograms; all of them together have.
            reading.histograms.clone_from(&reading.rows);
        }
        reading
    }
}

/// For what histograms, and the sessions that are read by themselves, tell how long things took.
#[derive(Debug, Clone, Copy)]
struct Timed {
    total: Result<(), Unknown>,
    intervals: Result<(), Unknown>,
    groups: Result<(), Unknown>,
}

impl Timed {
    const fn all(known: Result<(), Unknown>) -> Self {
        Self { total: known, intervals: known, groups: known }
    }

    /// When all sessions beside the roll-ups are read one by one.
    fn of(asked: &Asked, reading: &Reading) -> Self {
        if reading.rows.is_empty() {
            return Self::all(Ok(()));
        }
        let quarters = reading.histograms.iter().any(|rows| rows.grain == Grain::Quarter);
        let total = asked.filters.is_empty() && !(asked.banner.is_some() && quarters);
        let groups = match asked.cell() {
            Cell::Campaign => total,
            Cell::Banner => asked.filters.is_empty() && !quarters,
            Cell::None | Cell::Value(_) => false,
        };
        let kept = |is_kept: bool| if is_kept { Ok(()) } else { Err(Unknown::NotKept) };
        Self { total: kept(total), intervals: kept(total && reading.rows == reading.histograms), groups: kept(groups) }
    }

    /// Where there are too many of those.
    fn and(self, why: Unknown) -> Self {
        let also = |known: Result<(), Unknown>| known.and(Err(why));
        Self { total: also(self.total), intervals: also(self.intervals), groups: also(self.groups) }
    }
}

/// Whether there are too many sessions to read each, and whether fewer will be left when they are rolled.
async fn too_many(reader: &mut Reader, question: &Question, most: i64) -> store::Result<Option<Unknown>> {
    let rolled = questions::count_up_to(reader.conn(), question, true, most + 1).await?;
    let unrolled = questions::count_up_to(reader.conn(), question, false, most + 1).await?;
    if rolled + unrolled <= most {
        return Ok(None);
    }
    let remain = rolled > most || question.reading.rows.is_empty();
    Ok(Some(if remain { Unknown::NotKept } else { Unknown::NotRolledYet }))
}

/// What an answer is added up in.
struct Adding<'a> {
    asked: &'a Asked,
    total: Added,
    groups: BTreeMap<String, Added>,
    /// By the interval's number: how long things took.
    times: BTreeMap<usize, Times>,
    shares: Option<Shares<'a>>,
    /// What representatives did, where they are the groups.
    reps: Option<Reps>,
}

impl Adding<'_> {
    fn group_of(&self, part: &Part) -> Option<String> {
        match self.asked.division {
            Division::Groups(Group::HourOfWeek) => Some(hour_of_week(self.asked.zone, part.at).to_string()),
            Division::Groups(_) if self.asked.has_groups() => Some(part.cell.clone()),
            Division::None | Division::Intervals(_) | Division::Groups(_) => None,
        }
    }

    fn interval_of(&self, at: Timestamp) -> Option<usize> {
        let Division::Intervals(cuts) = &self.asked.division else { return None };
        cuts.partition_point(|cut| *cut <= at).checked_sub(1)
    }

    fn add(&mut self, found: Found) {
        match found {
            Found::Session(part) => {
                self.add_sums(None, &part);
                self.add_times(&part);
            }
            Found::Sessions(part) => self.add_sums(None, &part),
            Found::Rollups(grain, part) => self.add_sums(Some(grain), &part),
            Found::Histogram(measure, histogram, part) => {
                let banner = self.asked.banner.as_ref().map_or(EVERY_BANNER, BannerId::as_str);
                let by_campaign = self.asked.cell() == Cell::Campaign;
                if by_campaign || part.cell == banner {
                    self.total.times.merge(measure, &histogram);
                    if let Some(interval) = self.interval_of(part.at) {
                        self.times.entry(interval).or_default().merge(measure, &histogram);
                    }
                }
                if by_campaign || (self.asked.cell() == Cell::Banner && part.cell != EVERY_BANNER) {
                    self.groups.entry(part.cell).or_default().times.merge(measure, &histogram);
                }
            }
        }
    }

    fn add_sums(&mut self, grain: Option<Grain>, part: &Part) {
        if let Some(shares) = &mut self.shares {
            shares.add(grain, part.at, &part.sums);
        } else {
            self.total.sums += part.sums;
        }
        if let Some(group) = self.group_of(part) {
            self.groups.entry(group).or_default().sums += part.sums;
        }
    }

    fn add_times(&mut self, part: &Part) {
        self.total.times.add(&part.sums);
        if let Some(group) = self.group_of(part) {
            self.groups.entry(group).or_default().times.add(&part.sums);
        }
        if let Some(interval) = self.interval_of(part.at) {
            self.times.entry(interval).or_default().add(&part.sums);
        }
    }
}

/// Answers a question about the figures of a campaign, or of all.
///
/// # Errors
/// The store's.
pub async fn answer(db: &Db, asked: &Asked) -> store::Result<Answer> {
    let reading = asked.reading();
    let mut known = Timed::of(asked, &reading);
    let shares = match &asked.division {
        Division::Intervals(cuts) => Some(Shares::new(cuts, &reading)),
        Division::None | Division::Groups(_) => None,
    };
    let mut reader = db.read().await?;
    let mut question = Question {
        campaigns: Campaigns::of(reader.conn(), asked.campaign.as_ref(), asked.scope).await?,
        banner: asked.banner.clone(),
        period: asked.period,
        filters: asked.filters.clone(),
        cell: asked.cell(),
        by_start: matches!(asked.shape(), Shape::Intervals(_) | Shape::Quarters),
        by_banner: asked.cell() == Cell::Banner,
        one_by_one: true,
        reading,
    };
    let (total, groups, times) = (Added::default(), BTreeMap::new(), BTreeMap::new());
    let mut adding = Adding { asked, total, groups, times, shares, reps: None };
    if let Some(why) = too_many(&mut reader, &question, asked.most_one_by_one).await? {
        (question.one_by_one, known) = (false, known.and(why));
    }
    questions::ask(reader.conn(), &question, |found| adding.add(found)).await?;
    let names = questions::names(reader.conn(), asked.campaign.as_ref(), asked.cell()).await?;
    if asked.division == Division::Groups(Group::Rep) {
        let reps = Reps::of(&mut reader, &question, asked.scope, asked.most_one_by_one).await?;
        for rep in reps.involved() {
            adding.groups.entry(rep.clone()).or_default();
        }
        adding.reps = Some(reps);
    }
    drop(reader);
    Ok(adding.told(known, &names.into_iter().collect()))
}

impl Adding<'_> {
    fn figures(&self, sums: &Sums, times: Result<&Times, Unknown>, defined: bool) -> Figures {
        definitions::figures(&Measured { sums, times, within_ms: self.asked.within_ms }, defined)
    }

    fn told(mut self, known: Timed, names: &BTreeMap<String, String>) -> Answer {
        let intervals = self.shares.take().map(|shares| self.intervals_told(shares.told(), known.intervals));
        let groups = self.asked.has_groups().then(|| self.groups_told(known.groups, names));
        let times = known.total.map(|()| &self.total.times);
        Answer {
            seven: seven(self.total.sums),
            definition_version: definitions::VERSION,
            period: AnswerPeriod::of(self.asked.period, self.asked.zone),
            figures: self.figures(&self.total.sums, times, true),
            waits: times.ok().map(Waits::of),
            intervals,
            groups,
        }
    }

    fn intervals_told(&mut self, all: Vec<Sums>, known: Result<(), Unknown>) -> Vec<IntervalFigures> {
        let Division::Intervals(cuts) = &self.asked.division else { return Vec::new() };
        let mut told = Vec::with_capacity(all.len());
        for (number, (sums, ends)) in all.into_iter().zip(cuts.windows(2)).enumerate() {
            self.total.sums += sums;
            let times = self.times.remove(&number).unwrap_or_default();
            let figures = self.figures(&sums, known.map(|()| &times), false);
            if let [from, to] = *ends {
                told.push(IntervalFigures { from, to, seven: seven(sums), figures });
            }
        }
        told
    }

    fn groups_told(&mut self, known: Result<(), Unknown>, names: &BTreeMap<String, String>) -> Vec<GroupFigures> {
        let mut groups: Vec<_> = std::mem::take(&mut self.groups).into_iter().collect();
        groups.retain(|(_, added)| self.reps.is_some() || Tally::from(added.sums).total > 0);
        if self.asked.division == Division::Groups(Group::HourOfWeek) {
            groups.sort_by_key(|(hour, _)| hour.parse::<u32>().unwrap_or_default());
        }
        let told = |(value, Added { sums, times }): (String, Added)| GroupFigures {
            name: names.get(&value).cloned(),
            rep: self.reps.as_ref().filter(|_| !value.is_empty()).map(|reps| reps.told(&value)),
            seven: seven(sums),
            figures: self.figures(&sums, known.map(|()| &times), false),
            value,
        };
        groups.into_iter().map(told).collect()
    }
}
