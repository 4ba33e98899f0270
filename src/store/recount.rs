//! Roll-ups beside what they were made of: to compare them, and to make them again. A unit is a campaign's day.

use super::rollups::{self, CountsRow, HistogramRow, ended};
use super::{Conn, Result, Tx, on, visit_rollups};
use crate::clock::Timestamp;
use crate::domain::ids::CampaignId;
use crate::domain::rollup::{Dimension, Ended, Grain, Rollups, Span};

/// How many sessions are rolled.
///
/// # Errors
/// When the database does not answer.
pub async fn count(conn: Conn<'_>) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM sessions WHERE rolled = 1";
    Ok(on!(conn, c => sqlx::query_scalar(text).fetch_one(c).await?))
}

/// The next campaign after this one that has sessions, visits or roll-ups. It jumps along both keys instead of reading them.
const NEXT_CAMPAIGN: &str = "SELECT MIN(id) FROM (SELECT MIN(campaign_id) AS id FROM sessions WHERE campaign_id > ? \
    UNION ALL SELECT MIN(campaign_id) FROM rollups WHERE campaign_id > ? \
    UNION ALL SELECT MIN(campaign_id) FROM rollup_histograms WHERE campaign_id > ? \
    UNION ALL SELECT MIN(campaign_id) FROM visits WHERE campaign_id > ? \
    UNION ALL SELECT MIN(campaign_id) FROM visit_rollups WHERE campaign_id > ?) AS firsts";

/// The first campaign after this one, in order, that has sessions, visits or roll-ups; `None`: the first of all.
///
/// # Errors
/// When the database does not answer.
pub async fn campaign_after(conn: Conn<'_>, before: Option<&CampaignId>) -> Result<Option<CampaignId>> {
    let before = before.map_or("", CampaignId::as_str);
    Ok(on!(conn, c => {
        sqlx::query_scalar(NEXT_CAMPAIGN)
            .bind(before)
            .bind(before)
            .bind(before)
            .bind(before)
            .bind(before)
            .fetch_one(c)
            .await?
    }))
}

const NEXT_ENTRY: &str = "SELECT MIN(at) FROM (\
    SELECT MIN(queued_at) AS at FROM sessions WHERE campaign_id = ? AND queued_at > 0 AND queued_at >= ? \
    UNION ALL SELECT MIN(start_at) FROM rollups WHERE campaign_id = ? AND grain = ? AND start_at >= ? \
    UNION ALL SELECT MIN(start_at) FROM rollup_histograms WHERE campaign_id = ? AND grain = ? AND start_at >= ?) AS firsts";

/// A campaign's next day with sessions, rolled visits or roll-ups, from this instant on: its start.
///
/// # Errors
/// When the database does not answer.
pub async fn day_from(mut conn: Conn<'_>, campaign: &CampaignId, from: Timestamp) -> Result<Option<Timestamp>> {
    let day = Grain::Day.millis();
    let at: Option<Timestamp> = on!(conn.reborrow(), c => sqlx::query_scalar(NEXT_ENTRY)
        .bind(campaign)
        .bind(from)
        .bind(campaign)
        .bind(day)
        .bind(from)
        .bind(campaign)
        .bind(day)
        .bind(from)
        .fetch_one(c)
        .await?);
    let landed = visit_rollups::next_from(conn, campaign, from).await?;
    Ok(at.into_iter().chain(landed).min().map(|at| Grain::Day.start_of(at)))
}

const ROLLED: &str = ended!(
    "campaign_id = ? AND queued_at > 0 AND queued_at >= ? AND queued_at < ? AND rolled <> 0 AND ended_at IS NOT NULL"
);

/// The rolled sessions of a campaign that entered the queue in this time.
///
/// # Errors
/// When the database does not answer.
pub async fn rolled(conn: Conn<'_>, campaign: &CampaignId, span: Span) -> Result<Vec<Ended>> {
    Ok(on!(conn, c => sqlx::query_as(ROLLED).bind(campaign).bind(span.from).bind(span.to).fetch_all(c).await?))
}

/// A campaign's roll-ups of these grains that begin in this time.
///
/// # Errors
/// When the database does not answer, or has a histogram that cannot be read.
pub async fn kept(mut conn: Conn<'_>, campaign: &CampaignId, grains: &[Grain], span: Span) -> Result<Rollups> {
    let counts = "SELECT * FROM rollups WHERE campaign_id = ? AND grain = ? AND dimension = ? \
        AND start_at >= ? AND start_at < ?";
    let histograms = "SELECT * FROM rollup_histograms WHERE campaign_id = ? AND grain = ? \
        AND start_at >= ? AND start_at < ?";
    let mut kept = Rollups::default();
    for grain in grains {
        for dimension in Dimension::ALL {
            let rows: Vec<CountsRow> = on!(conn.reborrow(), c => sqlx::query_as(counts)
                .bind(campaign)
                .bind(grain.millis())
                .bind(dimension.as_str())
                .bind(span.from)
                .bind(span.to)
                .fetch_all(c)
                .await?);
            kept.counts.extend(rows.into_iter().map(|row| (row.key, row.counts)));
        }
        let rows: Vec<HistogramRow> = on!(conn.reborrow(), c => sqlx::query_as(histograms)
            .bind(campaign)
            .bind(grain.millis())
            .bind(span.from)
            .bind(span.to)
            .fetch_all(c)
            .await?);
        for row in rows {
            let (key, histogram) = row.read()?;
            kept.histograms.insert(key, histogram);
        }
    }
    Ok(kept)
}

const SUM_OF_DAYS: &str = "SELECT campaign_id, 0 AS grain, dimension, value, 0 AS start_at, banner_id, kind, \
    CAST(SUM(answered) AS SIGNED) AS answered, CAST(SUM(not_answered) AS SIGNED) AS not_answered, \
    CAST(SUM(answered_wait_ms) AS SIGNED) AS answered_wait_ms, \
    CAST(SUM(not_answered_wait_ms) AS SIGNED) AS not_answered_wait_ms, CAST(SUM(talk_ms) AS SIGNED) AS talk_ms, \
    CAST(SUM(in_time) AS SIGNED) AS in_time, CAST(SUM(gone) AS SIGNED) AS gone, \
    CAST(SUM(gone_early) AS SIGNED) AS gone_early, CAST(SUM(missed) AS SIGNED) AS missed, \
    CAST(SUM(failed) AS SIGNED) AS failed, CAST(SUM(qualified) AS SIGNED) AS qualified, \
    CAST(SUM(handled_ms) AS SIGNED) AS handled_ms, \
    CAST(SUM(acw_ms) AS SIGNED) AS acw_ms, \
    CAST(SUM(requeued) AS SIGNED) AS requeued, \
    CAST(SUM(requeue_ms) AS SIGNED) AS requeue_ms, \
    CAST(SUM(dropped_after_answer) AS SIGNED) AS dropped_after_answer, \
    MAX(longest_wait_ms) AS longest_wait_ms \
    FROM rollups WHERE campaign_id = ? AND grain = ? GROUP BY campaign_id, dimension, value, banner_id, kind";

/// What a campaign's rows of all time must be: the sums of its days.
///
/// # Errors
/// When the database does not answer, or has a histogram that cannot be read.
pub async fn sum_of_days(mut conn: Conn<'_>, campaign: &CampaignId) -> Result<Rollups> {
    let mut sum = Rollups::default();
    let day = Grain::Day.millis();
    let rows: Vec<CountsRow> =
        on!(conn.reborrow(), c => sqlx::query_as(SUM_OF_DAYS).bind(campaign).bind(day).fetch_all(c).await?);
    sum.counts.extend(rows.into_iter().map(|row| (row.key, row.counts)));
    let text = "SELECT * FROM rollup_histograms WHERE campaign_id = ? AND grain = ?";
    let rows: Vec<HistogramRow> = on!(conn, c => sqlx::query_as(text).bind(campaign).bind(day).fetch_all(c).await?);
    for row in rows {
        let (mut key, histogram) = row.read()?;
        (key.grain, key.start_at) = (Grain::All.millis(), 0);
        sum.histograms.entry(key).or_default().merge(&histogram);
    }
    Ok(sum)
}

/// Puts these roll-ups in the place of a campaign's of these grains that begin in this time.
///
/// # Errors
/// When the database does not take it.
pub async fn replace(tx: &mut Tx, campaign: &CampaignId, grains: &[Grain], span: Span, by: &Rollups) -> Result<()> {
    let counts = "DELETE FROM rollups WHERE campaign_id = ? AND grain = ? AND start_at >= ? AND start_at < ?";
    let histograms =
        "DELETE FROM rollup_histograms WHERE campaign_id = ? AND grain = ? AND start_at >= ? AND start_at < ?";
    for grain in grains {
        for text in [counts, histograms] {
            on!(tx.conn(), c => sqlx::query(text)
                .bind(campaign)
                .bind(grain.millis())
                .bind(span.from)
                .bind(span.to)
                .execute(c)
                .await?
                .rows_affected());
        }
    }
    rollups::add(tx, by).await
}
