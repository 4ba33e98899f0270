//! Roll-ups: the rows that the figures are added up from, and the flag of the sessions that are in them.

use sqlx::FromRow;
use sqlx::types::Uuid;

use super::{Conn, Result, StoreError, Tx, mysql, on, sqlite};
use crate::clock::Timestamp;
use crate::domain::histogram::Histogram;
use crate::domain::ids::SessionId;
use crate::domain::rollup::{Counts, Ended, HistogramKey, Rollups, RowKey};

/// The columns of [`Ended`].
macro_rules! ended {
    ($($rest:expr),+) => {
        concat!(
            "SELECT id, campaign_id, banner_id, kind, queued_at, started_at, ended_at, outcome, country, device, \
             answered_by, queue_id, answer_within_ms, gone_early_ms, qualified_ms, requeue_ms, \
             CASE WHEN customer_joined_at IS NOT NULL AND rep_joined_at IS NOT NULL THEN TRUE ELSE FALSE END AS connected, ",
            include_str!("../../sql/figures/parts/handled_ms.sql"),
            " AS handled_ms, ",
            include_str!("../../sql/figures/parts/acw_ms.sql"),
            " AS acw_ms FROM sessions WHERE ",
            $($rest),+
        )
    };
}
pub(super) use ended;

/// Who wraps a session up is asked in the same statement: between two a wrap-up could end, whose length was not known to the first.
macro_rules! unrolled {
    ($place:literal) => {
        ended!(
            "rolled = 0 AND ended_at IS NOT NULL ",
            $place,
            " AND id NOT IN (SELECT wrap_up_session FROM reps WHERE wrap_up_session IS NOT NULL) \
             ORDER BY rolled, campaign_id, ended_at, id LIMIT ?"
        )
    };
}
/// In the order of the index, so that a group is mostly of one campaign and a few days, and has few rows.
const UNROLLED: &str = unrolled!("");
/// Those of a campaign that come after one of them.
const LATER: &str = unrolled!("AND campaign_id = ? AND ended_at >= ? AND (ended_at > ? OR id > ?)");
/// Those of the campaigns after one.
const OF_NEXT_CAMPAIGNS: &str = unrolled!("AND campaign_id > ?");

type Rows = Vec<std::result::Result<Ended, sqlx::Error>>;

/// Sessions that have ended, are not being wrapped up, and are not rolled, from the first on or from after one of them. One that cannot
/// be read is in none of them: it stays with the raw rows, where every figure finds it.
///
/// # Errors
/// When the database does not answer.
pub async fn unrolled(conn: Conn<'_>, after: Option<&Ended>, limit: usize) -> Result<Rows> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(on!(conn, c => match after {
        None => read(&sqlx::query(UNROLLED).bind(limit).fetch_all(c).await?),
        Some(last) => {
            let Ended { id, campaign_id, ended_at, .. } = last;
            let later = sqlx::query(LATER).bind(campaign_id).bind(ended_at).bind(ended_at).bind(id).bind(limit);
            let mut rows = read(&later.fetch_all(&mut *c).await?);
            let missing = limit - i64::try_from(rows.len()).unwrap_or(limit);
            if missing > 0 {
                let next = sqlx::query(OF_NEXT_CAMPAIGNS).bind(campaign_id).bind(missing);
                rows.extend(read(&next.fetch_all(c).await?));
            }
            rows
        }
    }))
}

fn read<'r, R: sqlx::Row>(rows: &'r [R]) -> Rows
where
    Ended: FromRow<'r, R>,
{
    rows.iter().map(Ended::from_row).collect()
}

/// The last ticket that was taken.
///
/// # Errors
/// When the database does not answer.
pub async fn last_ticket(conn: Conn<'_>) -> Result<i64> {
    let text = "SELECT last FROM ticket WHERE id = 1";
    Ok(on!(conn, c => sqlx::query_scalar(text).fetch_one(c).await?))
}

/// Whether nobody else rolls now.
///
/// # Errors
/// When the database does not answer.
pub async fn may_roll(conn: Conn<'_>, holder: Uuid, now: Timestamp) -> Result<bool> {
    let text = "SELECT COUNT(*) FROM rolling WHERE id = 3 AND (holder = ? OR holder IS NULL OR held_until <= ?)";
    let rows: i64 = on!(conn, c => sqlx::query_scalar(text).bind(holder).bind(now).fetch_one(c).await?);
    Ok(rows == 1)
}

const HOLD: &str = "UPDATE rolling SET holder = ?, held_until = ?, turn = turn + 1 \
    WHERE id = 3 AND (holder = ? OR holder IS NULL OR held_until <= ?)";

/// Takes or renews the lease of whoever rolls, in the transaction that it fences: whatever this one writes is written
/// under the lease, and nobody else writes roll-ups until it is over. False when somebody else has it.
///
/// # Errors
/// When the database does not take it.
pub async fn hold(tx: &mut Tx, holder: Uuid, now: Timestamp, until: Timestamp) -> Result<bool> {
    let rows = on!(tx.conn(), c => sqlx::query(HOLD)
        .bind(holder)
        .bind(until)
        .bind(holder)
        .bind(now)
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// Lets nobody write roll-ups, or roll a session, until the end of the transaction. Whoever rolls keeps the lease.
///
/// # Errors
/// When the database does not take it.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    let text = "UPDATE rolling SET turn = turn + 1 WHERE id = 3";
    let rows = on!(tx.conn(), c => sqlx::query(text).execute(c).await?.rows_affected());
    // A later version keeps its roll-ups under another number: of those this one writes none.
    if rows == 1 { Ok(()) } else { Err(StoreError::Other(sqlx::Error::RowNotFound)) }
}

/// The longest list of rows in one statement.
const MOST_ROWS: usize = 256;
/// The longest list of ids.
const MOST_IDS: usize = 512;
/// The longest list of runs of keys that are looked up.
const MOST_RUNS: usize = 64;

/// A list in pieces whose lengths are powers of two, so that the database prepares few statements.
pub(super) fn pieces<T>(mut list: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = (1 << list.len().checked_ilog2()?).min(most);
        let (piece, rest) = list.split_at(length);
        list = rest;
        Some(piece)
    })
}

/// Says of these sessions that they are rolled.
///
/// # Errors
/// [`StoreError::Stale`] when one of them was: then the transaction must be rolled back.
pub async fn mark(tx: &mut Tx, sessions: &[SessionId]) -> Result<()> {
    for piece in pieces(sessions, MOST_IDS) {
        let rows = on!(tx.conn(), c => {
            // By the primary key: through the index of the flag it would wait for sessions that others write just now.
            let mut update = sqlx::QueryBuilder::new("UPDATE sessions SET rolled = 1 WHERE rolled + 0 = 0 AND id IN (");
            let mut ids = update.separated(", ");
            for id in piece {
                ids.push_bind(*id);
            }
            update.push(")");
            update.build().execute(c).await?.rows_affected()
        });
        if usize::try_from(rows) != Ok(piece.len()) {
            return Err(StoreError::Stale);
        }
    }
    Ok(())
}

/// Keeps with each session how long it was wrapped up, as it is rolled.
///
/// # Errors
/// When the database does not take it.
pub async fn keep_wrap_ups(tx: &mut Tx, sessions: &[Ended]) -> Result<()> {
    let wrapped_up: Vec<&Ended> = sessions.iter().filter(|session| session.acw_ms > 0).collect();
    for piece in pieces(&wrapped_up, MOST_IDS) {
        on!(tx.conn(), c => {
            let mut update = sqlx::QueryBuilder::new("UPDATE sessions SET acw_ms = CASE id");
            for session in piece {
                update.push(" WHEN ").push_bind(session.id).push(" THEN ").push_bind(session.acw_ms);
            }
            update.push(" ELSE acw_ms END WHERE id IN (");
            let mut ids = update.separated(", ");
            for session in piece {
                ids.push_bind(session.id);
            }
            update.push(")");
            update.build().execute(c).await?.rows_affected()
        });
    }
    Ok(())
}

/// Adds to the rows that are there, and makes those that are not.
///
/// # Errors
/// When the database does not take it, or has a histogram that cannot be read.
pub async fn add(tx: &mut Tx, more: &Rollups) -> Result<()> {
    add_counts(tx, more).await?;
    let mut sums = more.histograms.clone();
    let keys: Vec<_> = sums.keys().cloned().collect();
    for piece in pieces(&runs(&keys), MOST_RUNS) {
        for (key, kept) in histograms_of(tx.conn(), piece).await? {
            // Between two of a run there may be others.
            if let Some(sum) = sums.get_mut(&key) {
                sum.merge(&kept);
            }
        }
    }
    put_histograms(tx, &sums.into_iter().collect::<Vec<_>>()).await
}

async fn add_counts(tx: &mut Tx, more: &Rollups) -> Result<()> {
    let rows: Vec<_> = more.counts.iter().collect();
    let add = match tx.conn() {
        Conn::Sqlite(_) => sqlite::ADD_TO_ROLLUPS,
        Conn::MySql(_) => mysql::ADD_TO_ROLLUPS,
    };
    for piece in pieces(&rows, MOST_ROWS) {
        on!(tx.conn(), c => {
            let mut insert = sqlx::QueryBuilder::new(
                "INSERT INTO rollups (campaign_id, grain, dimension, value, start_at, banner_id, kind, answered, \
                 not_answered, answered_wait_ms, not_answered_wait_ms, talk_ms, in_time, gone, gone_early, missed, failed, \
                 qualified, handled_ms, acw_ms, requeued, requeue_ms, dropped_after_answer, longest_wait_ms) ");
            insert.push_values(piece, |mut row, (key, counts)| {
                row.push_bind(&key.campaign_id).push_bind(key.grain).push_bind(&key.dimension).push_bind(&key.value);
                row.push_bind(key.start_at).push_bind(&key.banner_id).push_bind(&key.kind);
                for column in counts.columns() {
                    row.push_bind(column);
                }
            });
            insert.push(add);
            insert.build().execute(c).await?.rows_affected()
        });
    }
    Ok(())
}

/// A row of counts.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct CountsRow {
    #[sqlx(flatten)]
    pub(super) key: RowKey,
    #[sqlx(flatten)]
    pub(super) counts: Counts,
}

/// A row of a histogram.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct HistogramRow {
    #[sqlx(flatten)]
    pub(super) key: HistogramKey,
    pub(super) buckets: Vec<u8>,
}

impl HistogramRow {
    pub(super) fn read(self) -> Result<(HistogramKey, Histogram)> {
        let read = Histogram::from_bytes(&self.buckets);
        Ok((self.key, read.map_err(|error| StoreError::Other(sqlx::Error::Decode(error.into())))?))
    }
}

/// Keys that are near each other: they differ in no more than when their times begin, their kinds and measures.
struct Run<'k> {
    first: &'k HistogramKey,
    last: &'k HistogramKey,
}

/// Two keys of a run begin so many of their lengths after each other at most: it costs less to read what is between them than to be
/// asked for each by itself.
const NEAR: i64 = 8;

/// Sorted keys in runs.
fn runs(keys: &[HistogramKey]) -> Vec<Run<'_>> {
    let near = |one: &HistogramKey, next: &HistogramKey| {
        (&one.campaign_id, one.grain, &one.banner_id) == (&next.campaign_id, next.grain, &next.banner_id)
            && next.start_at - one.start_at <= NEAR * one.grain.abs()
    };
    keys.chunk_by(near).filter_map(|run| Some(Run { first: run.first()?, last: run.last()? })).collect()
}

async fn histograms_of(conn: Conn<'_>, runs: &[Run<'_>]) -> Result<Vec<(HistogramKey, Histogram)>> {
    let rows: Vec<HistogramRow> = on!(conn, c => {
        let mut select = sqlx::QueryBuilder::new("SELECT * FROM rollup_histograms WHERE ");
        for (index, Run { first, last }) in runs.iter().enumerate() {
            select.push(if index == 0 { "(campaign_id = " } else { " OR (campaign_id = " }).push_bind(&first.campaign_id);
            select.push(" AND grain = ").push_bind(first.grain);
            select.push(" AND start_at >= ").push_bind(first.start_at);
            select.push(" AND start_at <= ").push_bind(last.start_at);
            select.push(" AND banner_id = ").push_bind(&first.banner_id);
            select.push(")");
        }
        select.build_query_as().fetch_all(c).await?
    });
    rows.into_iter().map(HistogramRow::read).collect()
}

/// In both databases this takes the place of the rows before them.
async fn put_histograms(tx: &mut Tx, histograms: &[(HistogramKey, Histogram)]) -> Result<()> {
    for piece in pieces(histograms, MOST_ROWS) {
        on!(tx.conn(), c => {
            let mut replace = sqlx::QueryBuilder::new(
                "REPLACE INTO rollup_histograms (campaign_id, grain, start_at, banner_id, kind, measure, buckets) ");
            replace.push_values(piece, |mut row, (key, histogram)| {
                row.push_bind(&key.campaign_id).push_bind(key.grain).push_bind(key.start_at);
                row.push_bind(&key.banner_id).push_bind(&key.kind).push_bind(&key.measure);
                row.push_bind(histogram.to_bytes());
            });
            replace.build().execute(c).await?.rows_affected()
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{HistogramKey, pieces, runs};
    use crate::domain::rollup::QUARTER_MILLIS;

    #[test]
    fn a_list_is_cut_into_powers_of_two() {
        let list: Vec<usize> = (0..711).collect();
        let lengths: Vec<_> = pieces(&list, 256).map(<[usize]>::len).collect();
        assert_eq!(lengths, [256, 256, 128, 64, 4, 2, 1]);
        assert_eq!(pieces(&list, 256).collect::<Vec<_>>().concat(), list);
        assert_eq!(pieces::<usize>(&[], 256).count(), 0);
    }

    #[test]
    fn keys_that_are_near_each_other_are_looked_up_together() {
        let key = |campaign: &str, start: i64, banner: &str, measure: &str| HistogramKey {
            campaign_id: campaign.to_owned(),
            grain: QUARTER_MILLIS,
            start_at: start * QUARTER_MILLIS,
            banner_id: banner.to_owned(),
            kind: "call".to_owned(),
            measure: measure.to_owned(),
        };
        let keys = [
            key("5", 0, "", "talk"),
            key("5", 1, "", "answeredWait"),
            key("5", 9, "", "talk"),
            key("5", 18, "", "talk"),
            key("5", 18, "3", "talk"),
            key("7", 19, "3", "talk"),
        ];
        let told: Vec<_> = runs(&keys).iter().map(|run| (run.first.start_at, run.last.start_at)).collect();
        assert_eq!(
            told,
            [(0, 9), (18, 18), (18, 18), (19, 19)].map(|(first, last)| (first * QUARTER_MILLIS, last * QUARTER_MILLIS))
        );
    }
}
