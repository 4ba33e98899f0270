//! Roll-ups of visits: the rows that the funnel and the visits of banners are added up from, and the flag of the visits that are in
//! them. What a visit counts is what `sql/figures/funnel.sql` says of it.
//!
//! Whoever changes what a visit counts keeps it from being rolled first ([`release`], [`take_out`]), in the same transaction.

use super::figures::Period;
use super::funnel::{self, Which};
use super::rollups::{self, pieces};
use super::{Conn, Result, StoreError, Tx, mysql, on, sqlite};
use crate::clock::Timestamp;
use crate::domain::ids::{CampaignId, SessionId, VisitId};
use crate::domain::rollup::{DAY_MILLIS, Grain, Span};
use crate::domain::visit_rollup::{Part, VisitCounts, VisitKey, VisitRollups};

/// In no roll-up.
const UNROLLED: i64 = 0;
/// In the roll-ups.
const ROLLED: i64 = 1;
/// On its way from one to the other: never committed, so that [`Which::Turning`] are those of this transaction.
const TURNING: i64 = 2;

/// The longest list of rows in one statement.
const MOST_ROWS: usize = 256;
/// The longest list of ids.
const MOST_IDS: usize = 512;

/// With those of the staff, and without.
const TESTS: [bool; 2] = [false, true];

/// Visits of one campaign and one day that can be rolled.
#[derive(Debug, Clone)]
pub struct Group {
    /// The campaign.
    pub campaign: CampaignId,
    /// When the day begins.
    pub day: Timestamp,
    /// Which.
    pub visits: Vec<VisitId>,
}

/// A visit that is settled is not rolled, and no request of it goes on: each is rolled, so it is over and was wrapped up. Asked of each
/// visit in this way, because MariaDB would first gather every session that is not rolled.
macro_rules! settled {
    () => {
        "visits.rolled = 0 AND COALESCE((SELECT MIN(sessions.rolled) FROM sessions WHERE sessions.visit_id = visits.id), 1) = 1"
    };
}

/// The campaign with the oldest of them: one step in the index for each campaign.
const OLDEST: &str = concat!(
    "SELECT campaign_id, landed_at FROM (SELECT id AS campaign_id, (\
     SELECT visits.landed_at FROM visits WHERE visits.campaign_id = campaigns.id AND visits.landed_at < ? AND ",
    settled!(),
    " ORDER BY visits.landed_at LIMIT 1) AS landed_at FROM campaigns) firsts \
     WHERE landed_at IS NOT NULL ORDER BY landed_at LIMIT 1"
);

const OF_DAY: &str = concat!(
    "SELECT visits.id FROM visits WHERE visits.campaign_id = ? AND visits.landed_at >= ? AND visits.landed_at < ? AND ",
    settled!(),
    " ORDER BY visits.landed_at LIMIT ?"
);

/// Settled visits that landed before, the oldest first, of one campaign and day.
///
/// # Errors
/// When the database does not answer.
pub async fn unrolled(mut conn: Conn<'_>, landed_before: Timestamp, limit: i64) -> Result<Option<Group>> {
    let oldest: Option<(CampaignId, Timestamp)> =
        on!(conn.reborrow(), c => sqlx::query_as(OLDEST).bind(landed_before).fetch_optional(c).await?);
    let Some((campaign, landed_at)) = oldest else { return Ok(None) };
    let day = Grain::Day.start_of(landed_at);
    let until = day.plus_millis(DAY_MILLIS).min(landed_before);
    let visits = on!(conn, c => sqlx::query_scalar(OF_DAY)
        .bind(&campaign)
        .bind(landed_at)
        .bind(until)
        .bind(limit)
        .fetch_all(c)
        .await?);
    Ok(Some(Group { campaign, day, visits }))
}

/// Rolls a group, and tells how many of it. The caller has the lease. The rows are locked before it is asked again whether they are
/// settled, and whoever asks for a conversation locks them too: so no request is overlooked.
///
/// # Errors
/// [`StoreError::Stale`] when one of them was rolled meanwhile: then the transaction must be rolled back.
pub async fn roll(tx: &mut Tx, group: &Group) -> Result<usize> {
    if turn(tx, &group.visits, UNROLLED, TURNING).await? != group.visits.len() {
        return Err(StoreError::Stale);
    }
    let busy = busy(tx.conn(), &group.visits).await?;
    turn(tx, &busy, TURNING, UNROLLED).await?;
    let sums = recounted(tx.conn(), &group.campaign, group.day, Which::Turning, &VisitRollups::GRAINS).await?;
    add(tx, &sums).await?;
    turn(tx, &group.visits, TURNING, ROLLED).await
}

/// Sets the flag of those of these visits that have another one; how many.
async fn turn(tx: &mut Tx, visits: &[VisitId], from: i64, to: i64) -> Result<usize> {
    let mut turned = 0;
    for piece in pieces(visits, MOST_IDS) {
        let rows = on!(tx.conn(), c => {
            let mut update = sqlx::QueryBuilder::new("UPDATE visits SET rolled = ");
            // By the primary key: through the index of the flag it would wait for visits that others write just now.
            update.push_bind(to).push(" WHERE rolled + 0 = ").push_bind(from).push(" AND id IN (");
            let mut ids = update.separated(", ");
            for id in piece {
                ids.push_bind(*id);
            }
            update.push(")");
            update.build().execute(c).await?.rows_affected()
        });
        turned += usize::try_from(rows).unwrap_or(usize::MAX);
    }
    Ok(turned)
}

/// Those of these visits of which a request goes on.
async fn busy(mut conn: Conn<'_>, visits: &[VisitId]) -> Result<Vec<VisitId>> {
    let mut busy = Vec::new();
    for piece in pieces(visits, MOST_IDS) {
        let found: Vec<VisitId> = on!(conn.reborrow(), c => {
            let mut select = sqlx::QueryBuilder::new("SELECT DISTINCT visit_id FROM sessions WHERE rolled + 0 = 0 AND visit_id IN (");
            let mut ids = select.separated(", ");
            for id in piece {
                ids.push_bind(*id);
            }
            select.push(")");
            select.build_query_scalar().fetch_all(c).await?
        });
        busy.extend(found);
    }
    Ok(busy)
}

/// What visits of a campaign's day are in rows of these lengths.
///
/// # Errors
/// When the database does not answer.
pub async fn recounted(
    mut conn: Conn<'_>,
    campaign: &CampaignId,
    day: Timestamp,
    which: Which,
    grains: &[Grain],
) -> Result<VisitRollups> {
    let mut sums = VisitRollups::default();
    for tests in TESTS {
        let period = Period { from: day, to: day.plus_millis(DAY_MILLIS), tests };
        let said = funnel::counted(conn.reborrow(), campaign, None, period, which).await?;
        sums.count(campaign, day, tests, &said, grains);
    }
    Ok(sums)
}

/// Adds to the rows that are there, and makes those that are not.
///
/// # Errors
/// When the database does not take it.
pub async fn add(tx: &mut Tx, more: &VisitRollups) -> Result<()> {
    let rows: Vec<_> = more.0.iter().collect();
    let add = match tx.conn() {
        Conn::Sqlite(_) => sqlite::ADD_TO_VISIT_ROLLUPS,
        Conn::MySql(_) => mysql::ADD_TO_VISIT_ROLLUPS,
    };
    for piece in pieces(&rows, MOST_ROWS) {
        on!(tx.conn(), c => {
            let mut insert = sqlx::QueryBuilder::new(
                "INSERT INTO visit_rollups (campaign_id, grain, tests, part, start_at, banner_id, step, reason, visits, \
                 waited_ms) ");
            insert.push_values(piece, |mut row, (key, counts)| {
                row.push_bind(&key.campaign_id).push_bind(key.grain).push_bind(key.tests).push_bind(&key.part);
                row.push_bind(key.start_at).push_bind(&key.banner_id).push_bind(key.step).push_bind(&key.reason);
                row.push_bind(counts.visits).push_bind(counts.waited_ms);
            });
            insert.push(add);
            insert.build().execute(c).await?.rows_affected()
        });
    }
    Ok(())
}

/// Keeps a visit out of the roll-ups until the end of the transaction, because what it counts is about to change. Nearly every visit is
/// in none: then its row is locked, and that is all.
///
/// # Errors
/// When the database does not take it.
pub async fn release(tx: &mut Tx, visit: VisitId) -> Result<()> {
    // By the primary key here, too.
    let text = "UPDATE visits SET requests = requests + 1 WHERE id = ? AND rolled + 0 = 0";
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(visit).execute(c).await?.rows_affected());
    if rows == 0 {
        take_out(tx, visit).await?;
    }
    Ok(())
}

/// The same of the visit of a session, if it has one.
///
/// # Errors
/// When the database does not take it.
pub async fn release_of(tx: &mut Tx, session: SessionId) -> Result<()> {
    let text = "SELECT visit_id FROM sessions WHERE id = ? AND visit_id IS NOT NULL";
    let visit: Option<VisitId> = on!(tx.conn(), c => sqlx::query_scalar(text).bind(session).fetch_optional(c).await?);
    match visit {
        Some(visit) => release(tx, visit).await,
        None => Ok(()),
    }
}

/// Takes a visit out of the roll-ups. It waits for whoever writes them, and keeps them out until the end of the transaction; so it comes
/// before any lock of the transaction's own. False when there is no such visit.
///
/// # Errors
/// When the database does not take it.
pub async fn take_out(tx: &mut Tx, visit: VisitId) -> Result<bool> {
    let text = "SELECT campaign_id, landed_at FROM visits WHERE id = ?";
    let known: Option<(CampaignId, Timestamp)> =
        on!(tx.conn(), c => sqlx::query_as(text).bind(visit).fetch_optional(c).await?);
    // Whoever asks for a visit that never was has nobody wait.
    let Some((campaign, landed_at)) = known else { return Ok(false) };
    rollups::lock(tx).await?;
    if turn(tx, &[visit], ROLLED, TURNING).await? == 1 {
        let day = Grain::Day.start_of(landed_at);
        let sums = recounted(tx.conn(), &campaign, day, Which::Turning, &VisitRollups::GRAINS).await?;
        add(tx, &sums.negated()).await?;
        forget_empty(tx, &campaign, day).await?;
        turn(tx, &[visit], TURNING, UNROLLED).await?;
    }
    Ok(true)
}

/// Rows that nothing is left of: an answer would tell a reason that nobody has.
async fn forget_empty(tx: &mut Tx, campaign: &CampaignId, day: Timestamp) -> Result<()> {
    let text = "DELETE FROM visit_rollups WHERE campaign_id = ? AND grain = ? AND tests = ? AND part = ? AND start_at = ? \
        AND visits = 0";
    for grain in VisitRollups::GRAINS {
        for (tests, part) in each_part() {
            on!(tx.conn(), c => sqlx::query(text)
                .bind(campaign)
                .bind(grain.millis())
                .bind(tests)
                .bind(part)
                .bind(grain.start_of(day))
                .execute(c)
                .await?
                .rows_affected());
        }
    }
    Ok(())
}

/// Every pair of the columns that stand before the start of a row in the key.
fn each_part() -> impl Iterator<Item = (i64, &'static str)> {
    TESTS.into_iter().flat_map(|tests| Part::ALL.iter().map(move |part| (i64::from(tests), part.as_str())))
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    key: VisitKey,
    #[sqlx(flatten)]
    counts: VisitCounts,
}

fn of_rows(rows: Vec<Row>) -> impl Iterator<Item = (VisitKey, VisitCounts)> {
    rows.into_iter().map(|row| (row.key, row.counts))
}

/// A campaign's rows of this length that begin in this time.
///
/// # Errors
/// When the database does not answer.
pub async fn kept(mut conn: Conn<'_>, campaign: &CampaignId, grain: Grain, span: Span) -> Result<VisitRollups> {
    let text = "SELECT * FROM visit_rollups WHERE campaign_id = ? AND grain = ? AND tests = ? AND part = ? \
        AND start_at >= ? AND start_at < ?";
    let mut kept = VisitRollups::default();
    for (tests, part) in each_part() {
        let rows: Vec<Row> = on!(conn.reborrow(), c => sqlx::query_as(text)
            .bind(campaign)
            .bind(grain.millis())
            .bind(tests)
            .bind(part)
            .bind(span.from)
            .bind(span.to)
            .fetch_all(c)
            .await?);
        kept.0.extend(of_rows(rows));
    }
    Ok(kept)
}

const SUM_OF_DAYS: &str = "SELECT campaign_id, 0 AS grain, tests, part, 0 AS start_at, banner_id, step, reason, \
    CAST(SUM(visits) AS SIGNED) AS visits, CAST(SUM(waited_ms) AS SIGNED) AS waited_ms \
    FROM visit_rollups WHERE campaign_id = ? AND grain = ? GROUP BY campaign_id, tests, part, banner_id, step, reason";

/// What a campaign's rows of all time must be: the sums of its days.
///
/// # Errors
/// When the database does not answer.
pub async fn sum_of_days(conn: Conn<'_>, campaign: &CampaignId) -> Result<VisitRollups> {
    let day = Grain::Day.millis();
    let rows: Vec<Row> = on!(conn, c => sqlx::query_as(SUM_OF_DAYS).bind(campaign).bind(day).fetch_all(c).await?);
    Ok(VisitRollups(of_rows(rows).collect()))
}

/// Puts these in the place of a campaign's rows of this length that begin in this time.
///
/// # Errors
/// When the database does not take it.
pub async fn replace(tx: &mut Tx, campaign: &CampaignId, grain: Grain, span: Span, by: &VisitRollups) -> Result<()> {
    let text = "DELETE FROM visit_rollups WHERE campaign_id = ? AND grain = ? AND tests = ? AND part = ? \
        AND start_at >= ? AND start_at < ?";
    for (tests, part) in each_part() {
        on!(tx.conn(), c => sqlx::query(text)
            .bind(campaign)
            .bind(grain.millis())
            .bind(tests)
            .bind(part)
            .bind(span.from)
            .bind(span.to)
            .execute(c)
            .await?
            .rows_affected());
    }
    add(tx, by).await
}

const LET_GO: &str = "UPDATE visits SET rolled = 0 WHERE rolled = 1 AND campaign_id = ? AND landed_at >= ? AND landed_at < ? \
    AND (SELECT MIN(sessions.rolled) FROM sessions WHERE sessions.visit_id = visits.id) = 0";

/// Says of the rolled visits of this time that are not settled that they are not rolled: a version that does not know the flag has let
/// them go on. How many; the rows are wrong until they are made again.
///
/// # Errors
/// When the database does not take it.
pub async fn let_go(tx: &mut Tx, campaign: &CampaignId, span: Span) -> Result<u64> {
    let Span { from, to } = span;
    Ok(on!(tx.conn(), c => sqlx::query(LET_GO).bind(campaign).bind(from).bind(to).execute(c).await?.rows_affected()))
}

/// How many visits are rolled: all, or those of a campaign in this time.
///
/// # Errors
/// When the database does not answer.
pub async fn count(conn: Conn<'_>, of: Option<(&CampaignId, Span)>) -> Result<i64> {
    Ok(on!(conn, c => match of {
        Some((campaign, Span { from, to })) => {
            let text = "SELECT COUNT(*) FROM visits WHERE rolled = 1 AND campaign_id = ? AND landed_at >= ? AND landed_at < ?";
            sqlx::query_scalar(text).bind(campaign).bind(from).bind(to).fetch_one(c).await?
        }
        None => sqlx::query_scalar("SELECT COUNT(*) FROM visits WHERE rolled = 1").fetch_one(c).await?,
    }))
}

/// A campaign's next rolled visit or row of a day, from this instant on.
///
/// # Errors
/// When the database does not answer.
pub async fn next_from(mut conn: Conn<'_>, campaign: &CampaignId, from: Timestamp) -> Result<Option<Timestamp>> {
    let text = "SELECT MIN(landed_at) FROM visits WHERE rolled = 1 AND campaign_id = ? AND landed_at >= ?";
    let mut next: Option<Timestamp> =
        on!(conn.reborrow(), c => sqlx::query_scalar(text).bind(campaign).bind(from).fetch_one(c).await?);
    let text = "SELECT MIN(start_at) FROM visit_rollups WHERE campaign_id = ? AND grain = ? AND tests = ? AND part = ? \
        AND start_at >= ?";
    for (tests, part) in each_part() {
        let first: Option<Timestamp> = on!(conn.reborrow(), c => sqlx::query_scalar(text)
            .bind(campaign)
            .bind(Grain::Day.millis())
            .bind(tests)
            .bind(part)
            .bind(from)
            .fetch_one(c)
            .await?);
        next = next.into_iter().chain(first).min();
    }
    Ok(next)
}
