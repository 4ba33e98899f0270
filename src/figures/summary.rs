//! The summary of a day or a week: the figures of everything, of each campaign and of each banner, beside those of the period
//! before. They are added up from the same sessions, and told by the same definitions, as `/getAverageMetrics`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::format::csv_field;
use crate::clock::Timestamp;
use crate::domain::definitions::{self, Measured, Times, Unknown};
use crate::domain::edition::Edition;
use crate::domain::figures::{AverageMetrics, Sums, Tally};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::reading::{Kept, Reading, Shape};
use crate::domain::rollup::{EVERY_BANNER, Grain};
use crate::domain::scope::Scope;
use crate::store::figures::{self, BannerRow, BrokenLink, Period};
use crate::store::questions::{self, Cell, Found, Question};
use crate::store::terms::Campaigns;
use crate::store::{Db, Reader, Result};

/// A campaign with more calls than this in the period is read from its roll-ups: then its banners' waits are not told, unless the
/// period is one of whole days of UTC.
const MOST_ONE_BY_ONE: i64 = 200_000;

/// Every figure of a line and its unit, in the order of the columns.
const FIGURES: [(&str, &str); 12] = [
    ("Visits", "visits"),
    ("TotalOfCalls", "calls"),
    ("AnsweredCalls", "calls"),
    ("NotAnsweredCalls", "calls"),
    ("WaitingCalls", "calls"),
    ("AnsweringRate", "percent"),
    ("AvgQueueTime", "seconds"),
    ("AvgCallDuration", "seconds"),
    ("ServiceLevel", "percent"),
    ("AbandonmentRate", "percent"),
    ("WaitP50", "seconds"),
    ("WaitP90", "seconds"),
];

/// One figure of a line, beside the one of the period before.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// What it is called.
    name: &'static str,
    /// `visits`, `calls`, `percent` or `seconds`.
    unit: &'static str,
    /// The figure; null when there is nothing to tell it from.
    value: Option<f64>,
    /// The same of the period before.
    before: Option<f64>,
    /// By how much it has grown since, in the unit.
    change: Option<f64>,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Everything.
    All,
    /// A campaign.
    Campaign,
    /// A banner of it.
    Banner,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Campaign => "campaign",
            Self::Banner => "banner",
        }
    }
}

/// The figures of everything, of a campaign, or of a banner.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// What it is about.
    level: Level,
    campaign_id: Option<String>,
    campaign_name: Option<String>,
    banner_id: Option<String>,
    banner_name: Option<String>,
    figures: Vec<Compared>,
}

/// A link whose clicks count for no campaign.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Broken {
    campaign: Option<String>,
    banner: Option<String>,
    reason: String,
    clicks: i64,
}

/// The summary of an edition.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// `daily` or `weekly`.
    kind: &'static str,
    /// Its first day.
    day: String,
    /// Its last day.
    last_day: String,
    /// The first day of the period before.
    day_before: String,
    /// The last day of the period before.
    last_day_before: String,
    from: Timestamp,
    to: Timestamp,
    tz: &'static str,
    /// Grows when the meaning of a figure changes.
    definition_version: u32,
    /// Calls of the period that were not over when it was made.
    not_over: i64,
    /// Everything first, then each campaign, followed by its banners.
    lines: Vec<Line>,
    /// Broken links, most clicked first.
    broken: Vec<Broken>,
}

/// What a line is added up in.
#[derive(Debug, Default, Clone)]
struct Added {
    visits: i64,
    sums: Sums,
    times: Times,
    /// Why it is not known how long things took.
    untimed: Option<Unknown>,
}

impl Added {
    fn add(&mut self, other: &Self) {
        self.visits += other.visits;
        self.sums += other.sums;
        self.times.answered_wait.merge(&other.times.answered_wait);
        self.times.not_answered_wait.merge(&other.times.not_answered_wait);
        self.times.talk.merge(&other.times.talk);
        self.untimed = self.untimed.or(other.untimed);
    }

    /// In the order of [`FIGURES`].
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn told(&self) -> [Option<f64>; 12] {
        let seven = AverageMetrics::from(Tally::from(self.sums));
        let times = self.untimed.map_or(Ok(&self.times), Err);
        let figures = definitions::figures(&Measured { sums: &self.sums, times, within_ms: None }, false);
        let figure = |name| figures.get(name).and_then(|figure| figure.value);
        let count = |count: i64| Some(count as f64);
        [
            count(self.visits),
            count(seven.total_of_calls),
            count(seven.answered_calls),
            count(seven.not_answered_calls),
            count(seven.waiting_calls),
            seven.answering_rate,
            seven.avg_queue_time,
            seven.avg_call_duration,
            figure("ServiceLevel"),
            figure("AbandonmentRate"),
            figure("WaitP50"),
            figure("WaitP90"),
        ]
    }
}

fn compared(now: &Added, before: &Added) -> Vec<Compared> {
    let told = FIGURES.into_iter().zip(now.told().into_iter().zip(before.told()));
    told.map(|((name, unit), (value, before))| {
        let change = value.zip(before).map(|(value, before)| value - before);
        Compared { name, unit, value, before, change }
    })
    .collect()
}

/// The calls of one campaign: all of them, and by banner.
#[derive(Debug, Default)]
struct OfCampaign {
    all: Added,
    banners: BTreeMap<BannerId, Added>,
}

/// Everything of one period.
#[derive(Debug, Default)]
struct OfPeriod {
    all: Added,
    campaigns: BTreeMap<CampaignId, OfCampaign>,
}

/// The calls of a campaign with so many, from its sessions or, where there are very many, its roll-ups.
async fn calls(reader: &mut Reader, campaign: &CampaignId, period: Period, calls: i64) -> Result<OfCampaign> {
    let kept = if calls > MOST_ONE_BY_ONE { Kept::Quarters } else { Kept::Nothing };
    let reading = Reading::of(period.from, period.to, Shape::Whole, kept);
    let by_quarter = reading.histograms.iter().any(|rows| rows.grain == Grain::Quarter);
    let question = Question {
        campaigns: Campaigns::of(reader.conn(), Some(campaign), Scope::Everything).await?,
        banner: None,
        period,
        filters: Vec::new(),
        cell: Cell::Banner,
        by_start: false,
        by_banner: true,
        one_by_one: true,
        reading,
    };
    let mut all = Added::default();
    let mut banners: BTreeMap<String, Added> = BTreeMap::new();
    questions::ask(reader.conn(), &question, |found| match found {
        Found::Session(part) => {
            all.sums += part.sums;
            all.times.add(&part.sums);
            let banner = banners.entry(part.cell).or_default();
            banner.sums += part.sums;
            banner.times.add(&part.sums);
        }
        Found::Sessions(part) | Found::Rollups(_, part) => {
            all.sums += part.sums;
            banners.entry(part.cell).or_default().sums += part.sums;
        }
        Found::Histogram(measure, histogram, part) if part.cell == EVERY_BANNER => {
            all.times.merge(measure, &histogram);
        }
        Found::Histogram(measure, histogram, part) => {
            banners.entry(part.cell).or_default().times.merge(measure, &histogram);
        }
    })
    .await?;
    let banners = banners.into_iter().filter_map(|(id, mut added)| {
        // Quarters are not kept by banner.
        added.untimed = by_quarter.then_some(Unknown::NotKept);
        Some((id.parse().ok()?, added))
    });
    Ok(OfCampaign { all, banners: banners.collect() })
}

/// Everything of a period, for the banners of these rows.
async fn of_period(reader: &mut Reader, rows: &[BannerRow], period: Period) -> Result<OfPeriod> {
    let mut found = OfPeriod::default();
    for campaign in rows.chunk_by(|one, other| one.campaign_id == other.campaign_id) {
        let Some(id) = campaign.first().map(|row| &row.campaign_id) else { continue };
        let total = campaign.iter().map(|row| row.tally.total).sum();
        let mut of = if total > 0 { calls(reader, id, period, total).await? } else { OfCampaign::default() };
        for row in campaign {
            of.all.visits += row.visits;
            of.banners.entry(row.banner_id.clone()).or_default().visits = row.visits;
        }
        found.all.add(&of.all);
        found.campaigns.insert(id.clone(), of);
    }
    Ok(found)
}

/// Works out the summary of an edition.
///
/// # Errors
/// The store's.
pub async fn of(db: &Db, edition: Edition) -> Result<Summary> {
    let before = edition.before();
    let span = |edition: Edition| Period { from: edition.from(), to: edition.to(), tests: false };
    let mut reader = db.read().await?;
    let mut rows = figures::by_banner(reader.conn(), None, None, span(edition)).await?;
    let mut rows_before = figures::by_banner(reader.conn(), None, None, span(before)).await?;
    for rows in [&mut rows, &mut rows_before] {
        // As on the dashboard: an id that was only noted is no row of zeros.
        rows.retain(|row| row.visits > 0 || row.tally.total > 0);
    }
    let now = of_period(&mut reader, &rows, span(edition)).await?;
    let then = of_period(&mut reader, &rows_before, span(before)).await?;
    let broken = figures::broken_links(reader.conn(), span(edition)).await?;
    drop(reader);
    rows.extend(rows_before);
    Ok(Summary {
        kind: edition.rhythm.as_str(),
        day: edition.day.to_string(),
        last_day: edition.last_day().to_string(),
        day_before: before.day.to_string(),
        last_day_before: before.last_day().to_string(),
        from: edition.from(),
        to: edition.to(),
        tz: edition.zone.name(),
        definition_version: definitions::VERSION,
        not_over: now.all.sums.waiting + now.all.sums.talking,
        lines: lines(&rows, &now, &then),
        broken: broken.into_iter().map(told_of).collect(),
    })
}

fn told_of(link: BrokenLink) -> Broken {
    Broken { campaign: link.campaign_raw, banner: link.banner_raw, reason: link.reason, clicks: link.count }
}

/// A line for everything, for each campaign of these rows, and for each of its banners.
fn lines(rows: &[BannerRow], now: &OfPeriod, then: &OfPeriod) -> Vec<Line> {
    let nothing = Added::default();
    let all = compared(&now.all, &then.all);
    let of_all = Line {
        level: Level::All,
        campaign_id: None,
        campaign_name: None,
        banner_id: None,
        banner_name: None,
        figures: all,
    };
    let mut lines = vec![of_all];
    let campaigns: BTreeMap<&CampaignId, Option<&str>> =
        rows.iter().map(|row| (&row.campaign_id, row.campaign_name.as_deref())).collect();
    for (campaign, name) in campaigns {
        let of = |period: &'_ OfPeriod| period.campaigns.get(campaign).map(|of| of.all.clone()).unwrap_or_default();
        let of_campaign = Line {
            level: Level::Campaign,
            campaign_id: Some(campaign.to_string()),
            campaign_name: name.map(ToOwned::to_owned),
            banner_id: None,
            banner_name: None,
            figures: compared(&of(now), &of(then)),
        };
        let its = rows.iter().filter(|row| row.campaign_id == *campaign);
        let banners: BTreeMap<&BannerId, Option<&str>> =
            its.map(|row| (&row.banner_id, row.banner_name.as_deref())).collect();
        lines.push(of_campaign.clone());
        for (banner, name) in banners {
            let of = |period: &OfPeriod| {
                period.campaigns.get(campaign).and_then(|of| of.banners.get(banner)).unwrap_or(&nothing).clone()
            };
            lines.push(Line {
                level: Level::Banner,
                banner_id: Some(banner.to_string()),
                banner_name: name.map(ToOwned::to_owned),
                figures: compared(&of(now), &of(then)),
                ..of_campaign.clone()
            });
        }
    }
    lines
}

impl Summary {
    /// As RFC 4180: a row for each line, with the figures, those of the period before, and the change.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut bytes = Vec::new();
        let about = "Kind,From,To,Tz,Level,CampaignId,CampaignName,BannerId,BannerName";
        bytes.extend_from_slice(about.as_bytes());
        for (name, _) in FIGURES {
            bytes.extend_from_slice(format!(",{name},{name}Before,{name}Change").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        for line in &self.lines {
            let Line { campaign_id, campaign_name, banner_id, banner_name, .. } = line;
            let about = format!("{},{},{},{},{}", self.kind, self.from, self.to, self.tz, line.level.as_str());
            bytes.extend_from_slice(about.as_bytes());
            for text in [campaign_id, campaign_name, banner_id, banner_name] {
                bytes.push(b',');
                csv_field(&mut bytes, text.as_deref().unwrap_or_default().as_bytes());
            }
            // A number that is below zero is no formula, and is left as it is.
            for number in line.figures.iter().flat_map(|figure| [figure.value, figure.before, figure.change]) {
                bytes.push(b',');
                bytes.extend_from_slice(number.map(|number| number.to_string()).unwrap_or_default().as_bytes());
            }
            bytes.extend_from_slice(b"\r\n");
        }
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The period as JSON.
    #[must_use]
    pub fn period(&self) -> serde_json::Value {
        let Self { kind, day, last_day, day_before, last_day_before, from, to, tz, .. } = self;
        serde_json::json!({
            "kind": kind, "day": day, "lastDay": last_day, "from": from, "to": to, "tz": tz,
            "before": { "day": day_before, "lastDay": last_day_before },
        })
    }

    /// The figures as JSON, down to the banners or not.
    #[must_use]
    pub fn figures(&self, finest: Level) -> serde_json::Value {
        let shown = |line: &&Line| match finest {
            Level::All => line.level == Level::All,
            Level::Campaign => line.level != Level::Banner,
            Level::Banner => true,
        };
        let lines: Vec<&Line> = self.lines.iter().filter(shown).collect();
        let Self { definition_version, not_over, broken, .. } = self;
        serde_json::json!({
            "definitionVersion": definition_version, "notOver": not_over, "lines": lines, "brokenLinks": broken,
        })
    }
}
