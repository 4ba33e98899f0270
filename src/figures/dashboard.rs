//! What the dashboard shows: tiles with their change, plots, and the table of campaigns and banners.

use chrono_tz::Tz;
use serde::Serialize;

use super::answer::{Answer, GroupFigures};
use super::countries::countries;
use super::funnel;
use super::hours;
use super::plots::{Plots, Tile, tiles};
use super::questions::{self, Asked, Division, Group, MOST_ONE_BY_ONE};
use crate::clock::Timestamp;
use crate::domain::figures::{AverageMetrics, Tally};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::intervals::{self, Interval};
use crate::domain::rollup::Dimension;
use crate::domain::scope::Scope;
use crate::store::calls::{self, Listed, Sort, Which};
use crate::store::clients;
use crate::store::figures::{self, BannerRow, BrokenLink, Period};
use crate::store::questions::{Cell, names};
use crate::store::{self, Conn, Db, Result};

/// What the page is asked to show.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The campaign; all of them without one.
    pub campaign: Option<CampaignId>,
    /// Whose campaigns all of them are.
    pub scope: Scope,
    /// One banner of it, or all.
    pub banner: Option<BannerId>,
    /// Only calls with these values.
    pub filters: Vec<(Dimension, String)>,
    /// The period, and whether test calls count.
    pub period: Period,
    /// The period that it is compared with.
    pub before: Option<Period>,
    /// Whose clocks count.
    pub zone: Tz,
    /// How long the steps of plots are, unless that is left to us.
    pub interval: Option<Interval>,
    /// The part of the table of calls that is shown with it, if it is.
    pub list: Option<List>,
    /// Now: plots of a period without an end go to the end of this day.
    pub now: Timestamp,
}

/// A part of the table of calls.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// In this order.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
    /// From 1.
    pub page: i64,
}

/// A row of the table: a banner's, or its campaign's total.
#[derive(Debug, Serialize)]
pub struct Row {
    campaign_id: Option<String>,
    campaign_name: Option<String>,
    banner_id: Option<String>,
    banner_name: Option<String>,
    registered: bool,
    /// Not told of a part of the calls: a visit has no country and no representative.
    visits: Option<i64>,
    #[serde(flatten)]
    metrics: AverageMetrics,
}

/// What can be chosen in the filter.
#[derive(Debug, Default, Serialize)]
pub struct Choices {
    /// Campaigns: id and name.
    campaigns: Vec<(String, String)>,
    /// Representatives: id and name.
    reps: Vec<(String, String)>,
    /// Queues: number and name.
    queues: Vec<(String, String)>,
}

/// Everything on the page that comes from the database.
#[derive(Debug, Default, Serialize)]
pub struct Dashboard {
    tiles: Vec<Tile>,
    /// What the plots are drawn from.
    pub plots: Option<Plots>,
    rows: Vec<Row>,
    total: Option<Row>,
    broken: Vec<BrokenLink>,
    /// Of the campaign that was chosen, or of the only one there is.
    funnel: Option<funnel::Answer>,
    /// Whether too many of its visits are in no roll-up that is read: each of them would have to be followed.
    too_many_visits: bool,
    /// The calls of the part of their table that was asked for; none of so many that sorting them would take too long.
    #[serde(skip)]
    pub calls: Option<Vec<Listed>>,
    /// How many calls there are.
    #[serde(skip)]
    pub total_of_calls: i64,
    choices: Choices,
}

/// The calls of a part of their table.
pub const CALLS_A_PAGE: i64 = 25;

impl Dashboard {
    /// Takes the names of people away.
    pub fn forget_people(&mut self) {
        self.choices.reps.clear();
    }
}

/// So many visits that no roll-ups tell, at the edges of a period or not rolled yet, are followed from the click to the outcome while
/// somebody waits for the page.
const MOST_FOLLOWED: i64 = 200_000;
/// So many calls are read one by one for a plot that no roll-ups tell.
const MOST_READ: i64 = 200_000;
const DAY_MILLIS: i64 = 86_400_000;
/// Up to how many days a plot's steps are so long.
const STEPS: [(i64, Interval); 3] = [(3, Interval::Hour), (400, Interval::Day), (2_000, Interval::Week)];

/// Everything the dashboard shows.
///
/// # Errors
/// The store's.
pub async fn dashboard(db: &Db, wanted: &Wanted) -> Result<Dashboard> {
    let mut reader = db.read().await?;
    let mut all =
        figures::by_banner(reader.conn(), wanted.campaign.as_ref(), wanted.banner.as_ref(), wanted.period).await?;
    let broken = match wanted.scope {
        Scope::Everything => figures::broken_links(reader.conn(), wanted.period).await?,
        Scope::Client(client) => {
            let theirs = clients::campaigns(reader.conn(), client).await?;
            all.retain(|banner| theirs.contains(&banner.campaign_id));
            Vec::new()
        }
    };
    let campaigns = campaigns_of(&all);
    // Who works here, and for whom queues are, is nothing to somebody who is bound to a client.
    let (reps, queues) = if wanted.scope == Scope::Everything {
        let reps = names(reader.conn(), wanted.campaign.as_ref(), Cell::Value(Dimension::Rep)).await?;
        (reps, names(reader.conn(), wanted.campaign.as_ref(), Cell::Value(Dimension::Queue)).await?)
    } else {
        (Vec::new(), Vec::new())
    };
    let first = wanted.first_entry(reader.conn()).await?;
    drop(reader);
    let choices = Choices { campaigns, reps, queues };
    let mut shown = Dashboard { broken, choices, ..Dashboard::default() };
    // An id that was only noted, by a broken link or a look of the staff, is no row of zeros.
    let banners: Vec<_> = all.into_iter().filter(|banner| banner.visits > 0 || banner.tally.total > 0).collect();
    if banners.is_empty() {
        return Ok(shown);
    }
    let answer = questions::answer(db, &wanted.by_time(first)).await?;
    let before = match wanted.before {
        Some(before) => Some(questions::answer(db, &wanted.asked(before, Division::None)).await?),
        None => None,
    };
    shown.total_of_calls = answer.seven.total_of_calls;
    // What a filter leaves out is read all the same.
    let read = banners.iter().map(|banner| banner.tally.total).sum::<i64>();
    shown.calls = wanted.calls(db, read).await?;
    shown.tiles = tiles(&answer, before.as_ref());
    shown.plots = Some(wanted.plots(db, &answer, first, read).await?);
    if wanted.filters.is_empty() {
        shown.rows = rows_of(&banners);
        shown.total = Some(total_of(&banners, None));
        (shown.funnel, shown.too_many_visits) = wanted.funnel(db, &banners).await?;
    } else {
        shown.rows = wanted.filtered_rows(db, &banners).await?;
        shown.total = Some(Row { metrics: answer.seven, visits: None, ..total_of(&banners, None) });
    }
    Ok(shown)
}

impl Wanted {
    fn asked(&self, period: Period, division: Division) -> Asked {
        Asked {
            campaign: self.campaign.clone(),
            scope: self.scope,
            banner: self.banner.clone(),
            period,
            zone: self.zone,
            division,
            filters: self.filters.clone(),
            within_ms: None,
            most_one_by_one: MOST_ONE_BY_ONE,
        }
    }

    /// The first call, where the period begins with it.
    async fn first_entry(&self, conn: Conn<'_>) -> Result<Option<Timestamp>> {
        if self.period.from > Timestamp(0) {
            return Ok(None);
        }
        figures::first_entry(conn, self.campaign.as_ref(), self.scope).await
    }

    /// The period with both its ends: from the day of the first call to the end of today, unless it says otherwise.
    fn span(&self, first: Option<Timestamp>) -> Period {
        let today_ends = intervals::end_of_day(self.zone, self.now);
        let from = if self.period.from > Timestamp(0) {
            self.period.from
        } else {
            intervals::start_of_day(self.zone, first.unwrap_or(self.now))
        };
        // Nothing has come after today.
        let to = self.period.to.min(today_ends);
        Period { from: from.min(to), to, tests: self.period.tests }
    }

    /// The length of a plot's steps, so that there are neither too few nor too many.
    fn step(&self, span: Period) -> Interval {
        let days = span.to.since(span.from) / DAY_MILLIS;
        let fitting = STEPS.iter().find(|(most, _)| days <= *most).map_or(Interval::Month, |(_, step)| *step);
        self.interval.unwrap_or(fitting)
    }

    /// The length of the steps, the period with both its ends, and where the steps begin: longer ones than were asked for where those
    /// would be too many.
    fn steps(&self, first: Option<Timestamp>) -> (Interval, Period, Vec<Timestamp>) {
        let span = self.span(first);
        let wanted = self.step(span);
        let longer = Interval::ALL.iter().copied().skip_while(|step| *step != wanted);
        let cut = |step| Some((step, intervals::cuts(self.zone, step, span.from, span.to).ok()?));
        let (step, cuts) = longer.into_iter().find_map(cut).unwrap_or((Interval::Month, vec![span.from, span.to]));
        (step, span, cuts)
    }

    /// The question of the plots over time; its total is that of the tiles.
    fn by_time(&self, first: Option<Timestamp>) -> Asked {
        let (_, span, cuts) = self.steps(first);
        self.asked(span, Division::Intervals(cuts))
    }

    async fn plots(&self, db: &Db, answer: &Answer, first: Option<Timestamp>, read: i64) -> Result<Plots> {
        let (step, span, _) = self.steps(first);
        let few = read <= MOST_READ;
        let kept = self.filters.is_empty();
        let asked = self.asked(span, Division::None);
        let countries = if kept || few { Some(countries(db, &asked).await?) } else { None };
        let whole = intervals::has_whole_quarters(self.zone, span.from);
        let hours = if whole && (kept || few) { Some(hours::hours(db, &asked).await?) } else { None };
        Ok(Plots::of(answer, step, self.zone, hours.as_ref(), countries.as_ref()))
    }

    async fn groups(&self, db: &Db, span: Period, group: Group) -> Result<Answer> {
        questions::answer(db, &self.asked(span, Division::Groups(group))).await
    }

    async fn calls(&self, db: &Db, read: i64) -> Result<Option<Vec<Listed>>> {
        let Some(list) = self.list else { return Ok(None) };
        // One campaign's come in the order of an index, and all others are sorted first.
        let in_order = list.sort == Sort::Entry && self.campaign.is_some() && self.filters.is_empty();
        if !in_order && read > MOST_READ {
            return Ok(None);
        }
        let (campaign, banner, filters) = (self.campaign.clone(), self.banner.clone(), self.filters.clone());
        let which = Which { campaign, banner, period: self.period, filters, scope: self.scope };
        let mut reader = db.read().await?;
        let offset = (list.page - 1) * CALLS_A_PAGE;
        let order = (list.sort, list.descending);
        Ok(Some(calls::page(reader.conn(), &which, order, offset, CALLS_A_PAGE).await?))
    }

    async fn funnel(&self, db: &Db, banners: &[BannerRow]) -> Result<(Option<funnel::Answer>, bool)> {
        let Some(campaign) = self.campaign.clone().or_else(|| only_campaign(banners)) else { return Ok((None, false)) };
        let mut reader = db.read().await?;
        if store::funnel::count_up_to(reader.conn(), &campaign, self.period, MOST_FOLLOWED + 1).await? > MOST_FOLLOWED {
            return Ok((None, true));
        }
        drop(reader);
        let (banner, period, zone) = (self.banner.clone(), self.period, self.zone);
        let asked = funnel::Asked { campaign, banner, period, zone, by_banner: false };
        Ok((Some(funnel::answer(db, &asked).await?), false))
    }

    /// The table of a part of the calls: banners of the campaign, or campaigns.
    async fn filtered_rows(&self, db: &Db, banners: &[BannerRow]) -> Result<Vec<Row>> {
        let group = if self.campaign.is_some() { Group::Banner } else { Group::Campaign };
        let answer = self.groups(db, self.period, group).await?;
        let row = |group: GroupFigures| {
            let of_campaign = |banner: &&BannerRow| match &self.campaign {
                Some(_) => banner.banner_id.as_str() == group.value,
                None => banner.campaign_id.as_str() == group.value,
            };
            let known = banners.iter().find(of_campaign)?;
            let row = if self.campaign.is_some() { row_of(known) } else { total_of(&[], Some(known)) };
            Some(Row { visits: None, metrics: group.seven, ..row })
        };
        Ok(answer.groups.unwrap_or_default().into_iter().filter_map(row).collect())
    }
}

fn campaigns_of(banners: &[BannerRow]) -> Vec<(String, String)> {
    let mut campaigns: Vec<_> = banners
        .iter()
        .map(|banner| (banner.campaign_id.to_string(), banner.campaign_name.clone().unwrap_or_default()))
        .collect();
    campaigns.dedup();
    campaigns
}

/// The campaign of all rows, where there is but one.
fn only_campaign(banners: &[BannerRow]) -> Option<CampaignId> {
    let first = banners.first()?;
    banners.iter().all(|banner| banner.campaign_id == first.campaign_id).then(|| first.campaign_id.clone())
}

/// Each campaign with its total, followed by its banners.
fn rows_of(banners: &[BannerRow]) -> Vec<Row> {
    let mut rows = Vec::with_capacity(banners.len());
    for campaign in banners.chunk_by(|one, other| one.campaign_id == other.campaign_id) {
        rows.extend(campaign.first().map(|first| total_of(campaign, Some(first))));
        rows.extend(campaign.iter().map(row_of));
    }
    rows
}

fn row_of(banner: &BannerRow) -> Row {
    Row {
        campaign_id: Some(banner.campaign_id.to_string()),
        campaign_name: banner.campaign_name.clone(),
        banner_id: Some(banner.banner_id.to_string()),
        banner_name: banner.banner_name.clone(),
        registered: banner.banner_name.is_some(),
        visits: Some(banner.visits),
        metrics: banner.tally.into(),
    }
}

fn total_of(banners: &[BannerRow], of: Option<&BannerRow>) -> Row {
    Row {
        campaign_id: of.map(|banner| banner.campaign_id.to_string()),
        campaign_name: of.and_then(|banner| banner.campaign_name.clone()),
        banner_id: None,
        banner_name: None,
        registered: of.is_none_or(|banner| banner.campaign_name.is_some()),
        visits: Some(banners.iter().map(|banner| banner.visits).sum()),
        metrics: banners.iter().map(|banner| banner.tally).sum::<Tally>().into(),
    }
}
