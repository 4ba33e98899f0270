//! Roll-ups, compared with what they were made of, or made again, beside running servers. A campaign's day at a time is
//! kept from being rolled; everybody else goes on, and every answer in between is as right as before.

use std::fmt;

use crate::clock::Timestamp;
use crate::domain::histogram::Histogram;
use crate::domain::ids::CampaignId;
use crate::domain::rollup::{Counts, DAY_MILLIS, Grain, HistogramKey, Rollups, RowKey, Span};
use crate::domain::visit_rollup::{VisitCounts, VisitKey, VisitRollups};
use crate::store::funnel::Which;
use crate::store::{Db, Result, StoreError, Tx, recount, rollups, transact, visit_rollups};

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Sessions that were counted again.
    pub sessions: usize,
    /// Visits that were.
    pub visits: usize,
    /// Rows that they are in.
    pub rows: usize,
}

/// A row that is not what a recount gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Counts and sums.
    Counts {
        /// Which row.
        row: RowKey,
        /// As they are kept.
        kept: Option<Box<Counts>>,
        /// As they should be.
        recounted: Option<Box<Counts>>,
    },
    /// How long they took.
    Histogram {
        /// Which one.
        row: HistogramKey,
        /// How many are counted in it.
        kept: i64,
        /// How many should be.
        recounted: i64,
    },
    /// How far visits came.
    Visits {
        /// Which row.
        row: VisitKey,
        /// As it is kept.
        kept: Option<VisitCounts>,
        /// As it should be.
        recounted: Option<VisitCounts>,
    },
}

fn grain_of(millis: i64) -> &'static str {
    match millis {
        0 => "all time",
        DAY_MILLIS => "day",
        ..0 => "entries of a day",
        _ => "quarter",
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counts { row, kept, recounted } => {
                let RowKey { campaign_id, grain, dimension, value, start_at, banner_id, kind } = row;
                let (grain, start) = (grain_of(*grain), Timestamp(*start_at));
                write!(f, "campaign {campaign_id}, banner {banner_id}, {kind}, {grain} from {start}")?;
                if !dimension.is_empty() {
                    write!(f, ", {dimension} {value:?}")?;
                }
                let text = |counts: &Option<Box<Counts>>| {
                    counts.as_ref().map_or_else(|| "no row".to_owned(), |counts| format!("{counts:?}"))
                };
                write!(f, ": kept {}; recounted {}", text(kept), text(recounted))
            }
            Self::Histogram { row, kept, recounted } => {
                let HistogramKey { campaign_id, grain, start_at, banner_id, kind, measure } = row;
                let (grain, start) = (grain_of(*grain), Timestamp(*start_at));
                write!(
                    f,
                    "campaign {campaign_id}, banner {banner_id}, {kind}, {grain} from {start}, histogram {measure}: "
                )?;
                write!(f, "kept {kept} sessions; recounted {recounted}, or in other buckets")
            }
            Self::Visits { row, kept, recounted } => {
                let VisitKey { campaign_id, grain, tests, part, start_at, banner_id, step, reason } = row;
                let (grain, start) = (grain_of(*grain), Timestamp(*start_at));
                let tests = if *tests == 1 { "with tests" } else { "without tests" };
                write!(
                    f,
                    "campaign {campaign_id}, banner {banner_id}, visits by {part} {tests}, {grain} from {start}, "
                )?;
                let text = |counts: &Option<VisitCounts>| {
                    counts.map_or_else(|| "no row".to_owned(), |counts| format!("{counts:?}"))
                };
                write!(f, "step {step} {reason:?}: kept {}; recounted {}", text(kept), text(recounted))
            }
        }
    }
}

/// The rows in which two differ.
fn differences(kept: &Rollups, recounted: &Rollups) -> Vec<Difference> {
    let mut found = Vec::new();
    let rows = kept.counts.keys().chain(recounted.counts.keys().filter(|row| !kept.counts.contains_key(row)));
    for row in rows {
        let (kept, recounted) = (kept.counts.get(row).copied(), recounted.counts.get(row).copied());
        if kept != recounted {
            let [kept, recounted] = [kept, recounted].map(|counts| counts.map(Box::new));
            found.push(Difference::Counts { row: row.clone(), kept, recounted });
        }
    }
    let only = recounted.histograms.keys().filter(|row| !kept.histograms.contains_key(row));
    for row in kept.histograms.keys().chain(only) {
        let (kept, recounted) = (kept.histograms.get(row), recounted.histograms.get(row));
        if kept != recounted {
            let count = |histogram: Option<&Histogram>| histogram.map_or(0, Histogram::count);
            found.push(Difference::Histogram { row: row.clone(), kept: count(kept), recounted: count(recounted) });
        }
    }
    found
}

/// The rows of visits in which two differ.
fn differences_of_visits(kept: &VisitRollups, recounted: &VisitRollups) -> Vec<Difference> {
    let only = recounted.0.keys().filter(|row| !kept.0.contains_key(row));
    let rows = kept.0.keys().chain(only).map(|row| (row, kept.0.get(row).copied(), recounted.0.get(row).copied()));
    rows.filter(|(_, kept, recounted)| kept != recounted)
        .map(|(row, kept, recounted)| Difference::Visits { row: row.clone(), kept, recounted })
        .collect()
}

const OF_DAYS: [Grain; 3] = [Grain::Quarter, Grain::Day, Grain::Entries];
const ALL_TIME: Span = Span { from: Timestamp(0), to: Timestamp(1) };

/// A campaign's day, or, after its last one, all time.
#[derive(Debug, Clone)]
struct Unit {
    campaign: CampaignId,
    day: Option<Timestamp>,
}

impl Unit {
    fn span(&self) -> Span {
        self.day.map_or(ALL_TIME, |day| Span { from: day, to: day.plus_millis(DAY_MILLIS) })
    }

    const fn grains(&self) -> &'static [Grain] {
        if self.day.is_some() { &OF_DAYS } else { &[Grain::All] }
    }

    /// The one after it.
    async fn next(before: Option<Self>, db: &Db) -> Result<Option<Self>> {
        let mut reader = db.read().await?;
        let campaign = match before {
            Some(Self { campaign, day: Some(day) }) => {
                let day = recount::day_from(reader.conn(), &campaign, day.plus_millis(DAY_MILLIS)).await?;
                return Ok(Some(Self { campaign, day }));
            }
            Some(Self { campaign, day: None }) => Some(campaign),
            None => None,
        };
        let Some(campaign) = recount::campaign_after(reader.conn(), campaign.as_ref()).await? else { return Ok(None) };
        let day = recount::day_from(reader.conn(), &campaign, Timestamp(0)).await?;
        Ok(Some(Self { campaign, day }))
    }

    /// What its rows should be, and how much was counted for it. The caller has the lock.
    async fn recounted(&self, tx: &mut Tx) -> Result<(Rollups, VisitRollups, Looked)> {
        let Some(day) = self.day else {
            let sum = recount::sum_of_days(tx.conn(), &self.campaign).await?;
            return Ok((sum, visit_rollups::sum_of_days(tx.conn(), &self.campaign).await?, Looked::default()));
        };
        let sessions = recount::rolled(tx.conn(), &self.campaign, self.span()).await?;
        let of_visits = visit_rollups::recounted(tx.conn(), &self.campaign, day, Which::Rolled, &[Grain::Day]).await?;
        let visits = visit_rollups::count(tx.conn(), Some((&self.campaign, self.span()))).await?;
        let looked =
            Looked { sessions: sessions.len(), visits: usize::try_from(visits).unwrap_or(usize::MAX), rows: 0 };
        Ok((Rollups::of(&sessions, self.grains()), of_visits, looked))
    }

    /// The length of the rows of visits.
    const fn grain_of_visits(&self) -> Grain {
        if self.day.is_some() { Grain::Day } else { Grain::All }
    }
}

/// How many sessions and visits there are to count again.
///
/// # Errors
/// The store's.
pub async fn rolled(db: &Db) -> Result<i64> {
    let mut reader = db.read().await?;
    Ok(recount::count(reader.conn()).await? + visit_rollups::count(reader.conn(), None).await?)
}

/// Compares every roll-up with a recount, and tells each difference. `looked` hears of each unit.
///
/// # Errors
/// The store's.
pub async fn verify(db: &Db, mut tell: impl FnMut(Difference), mut looked: impl FnMut(Looked)) -> Result<()> {
    let mut unit = Unit::next(None, db).await?;
    while let Some(present) = unit {
        let (campaign, span, grain) = (&present.campaign, present.span(), present.grain_of_visits());
        let ((kept, visits_kept), (recounted, visits_recounted, sum)) = transact!(db, tx => {
            rollups::lock(tx).await?;
            let kept = recount::kept(tx.conn(), campaign, present.grains(), span).await?;
            let visits_kept = visit_rollups::kept(tx.conn(), campaign, grain, span).await?;
            Ok::<_, StoreError>(((kept, visits_kept), present.recounted(tx).await?))
        })?;
        differences(&kept, &recounted).into_iter().for_each(&mut tell);
        differences_of_visits(&visits_kept, &visits_recounted).into_iter().for_each(&mut tell);
        looked(Looked { rows: kept.counts.len() + visits_kept.0.len(), ..sum });
        unit = Unit::next(Some(present), db).await?;
    }
    Ok(())
}

/// Makes every roll-up again from the sessions and visits that are in it. `looked` hears of each unit.
///
/// # Errors
/// The store's.
pub async fn rebuild(db: &Db, mut looked: impl FnMut(Looked)) -> Result<()> {
    let mut unit = Unit::next(None, db).await?;
    while let Some(present) = unit {
        let (campaign, span, grain) = (&present.campaign, present.span(), present.grain_of_visits());
        let sum = transact!(db, tx => {
            rollups::lock(tx).await?;
            let gone = if present.day.is_some() { visit_rollups::let_go(tx, campaign, span).await? } else { 0 };
            let (recounted, visits, sum) = present.recounted(tx).await?;
            recount::replace(tx, campaign, present.grains(), span, &recounted).await?;
            visit_rollups::replace(tx, campaign, grain, span, &visits).await?;
            if gone > 0 {
                // Or answers of all time would count them twice until its own turn comes.
                let all = visit_rollups::sum_of_days(tx.conn(), campaign).await?;
                visit_rollups::replace(tx, campaign, Grain::All, ALL_TIME, &all).await?;
            }
            Ok::<_, StoreError>(Looked { rows: recounted.counts.len() + visits.0.len(), ..sum })
        })?;
        looked(sum);
        unit = Unit::next(Some(present), db).await?;
    }
    Ok(())
}
