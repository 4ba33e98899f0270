//! Who is there: which instance holds a stream, when it closed, and whom that leaves alone.

use sqlx::types::Uuid;

use super::{Conn, Db, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::Seat;

/// Writes that `instance` holds open streams of these sessions.
///
/// # Errors
/// When the database does not take it.
pub async fn open_customers(db: &Db, instance: Uuid, sessions: &[SessionId]) -> Result<()> {
    let mut tx = db.begin().await?;
    on!(tx.conn(), c => {
        let mut update = sqlx::QueryBuilder::new("UPDATE sessions SET closed_at = NULL, holder = ");
        update.push_bind(instance).push(" WHERE state <> 'ended' AND id IN (");
        let mut list = update.separated(", ");
        for session in sessions {
            list.push_bind(*session);
        }
        update.push(")");
        update.build().execute(c).await?.rows_affected()
    });
    tx.commit().await?;
    Ok(())
}

/// Writes that `instance` holds an open stream of this representative.
///
/// # Errors
/// When the database does not take it.
pub async fn open_rep(db: &Db, instance: Uuid, rep: RepId) -> Result<()> {
    let mut tx = db.begin().await?;
    let text = "UPDATE reps SET closed_at = NULL, holder = ? WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(instance).bind(rep).execute(c).await?.rows_affected());
    tx.commit().await?;
    Ok(())
}

const CLOSE_CUSTOMER: &str = "UPDATE sessions SET closed_at = ? WHERE id = ? AND holder = ? AND closed_at IS NULL";
/// Not before the last sign of life: a claim after the last heartbeat shows that the console was there.
const CLOSE_REP: &str = "UPDATE reps SET closed_at = CASE WHEN seen_at > ? THEN seen_at ELSE ? END \
    WHERE user_id = ? AND holder = ? AND closed_at IS NULL";

/// Writes that the last stream of a seat on `instance` closed. Another instance that holds it since is not touched.
///
/// # Errors
/// When the database does not take it.
pub async fn close(db: &Db, instance: Uuid, seat: Seat, at: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    match seat {
        Seat::Customer(session) => {
            on!(tx.conn(), c => {
                sqlx::query(CLOSE_CUSTOMER).bind(at).bind(session).bind(instance).execute(c).await?.rows_affected()
            });
        }
        Seat::Rep(rep) => {
            on!(tx.conn(), c => {
                sqlx::query(CLOSE_REP).bind(at).bind(at).bind(rep).bind(instance).execute(c).await?.rows_affected()
            });
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Dates the streams of an instance that died at its last sign of life.
///
/// # Errors
/// When the database does not take it.
pub async fn close_all_of(tx: &mut Tx, instance: Uuid, at: Timestamp) -> Result<()> {
    let sessions = "UPDATE sessions SET closed_at = ? WHERE holder = ? AND closed_at IS NULL \
        AND state IN ('created', 'waiting', 'offered', 'talking', 'held')";
    on!(tx.conn(), c => sqlx::query(sessions).bind(at).bind(instance).execute(c).await?.rows_affected());
    let reps = "UPDATE reps SET closed_at = CASE WHEN seen_at > ? THEN seen_at ELSE ? END \
        WHERE holder = ? AND closed_at IS NULL";
    on!(tx.conn(), c => sqlx::query(reps).bind(at).bind(at).bind(instance).execute(c).await?.rows_affected());
    Ok(())
}

/// Writes that the customer's page spoke in the present epoch.
///
/// # Errors
/// When the database does not take it.
pub async fn heard(db: &Db, session: SessionId, epoch: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    let text = "UPDATE sessions SET heard_epoch = ? WHERE id = ? AND heard_epoch < ?";
    on!(tx.conn(), c => sqlx::query(text).bind(epoch).bind(session).bind(epoch).execute(c).await?.rows_affected());
    tx.commit().await?;
    Ok(())
}

/// Takes a silent page for gone since `at`.
///
/// # Errors
/// When the database does not take it.
pub async fn take_for_gone(tx: &mut Tx, session: SessionId, at: Timestamp) -> Result<()> {
    let text = "UPDATE sessions SET closed_at = ? WHERE id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(session).execute(c).await?.rows_affected());
    Ok(())
}

/// A session that somebody left alone. No more than its number and version: a row that cannot be read must not hide the
/// others.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Found {
    /// Which.
    pub id: SessionId,
    /// Its last event when it was found.
    pub last_event: i64,
}

const CUSTOMERS_GONE: &str = "SELECT id, last_event FROM sessions \
    WHERE state IN ('created', 'waiting', 'offered', 'talking', 'held') AND closed_at <= ? LIMIT ?";

/// Live sessions whose customer's stream closed at or before `before`, so many at most.
///
/// # Errors
/// When the database does not answer.
pub async fn customers_gone(conn: Conn<'_>, before: Timestamp, limit: i64) -> Result<Vec<Found>> {
    Ok(on!(conn, c => sqlx::query_as(CUSTOMERS_GONE).bind(before).bind(limit).fetch_all(c).await?))
}

const NEVER_JOINED: &str =
    "SELECT id, last_event FROM sessions WHERE state = 'created' AND holder IS NULL AND created_at <= ? LIMIT ?";

/// Sessions that were requested at or before `before`, had no stream and never joined.
///
/// # Errors
/// When the database does not answer.
pub async fn never_joined(conn: Conn<'_>, before: Timestamp, limit: i64) -> Result<Vec<Found>> {
    Ok(on!(conn, c => sqlx::query_as(NEVER_JOINED).bind(before).bind(limit).fetch_all(c).await?))
}

const CUSTOMERS_SILENT: &str = "SELECT id, last_event FROM sessions WHERE state = 'offered' AND holder IS NOT NULL \
    AND heard_epoch < epoch AND offered_at <= ? LIMIT ?";

/// Customers claimed at or before `before` whose page has not said a word since.
///
/// # Errors
/// When the database does not answer.
pub async fn customers_silent(conn: Conn<'_>, before: Timestamp, limit: i64) -> Result<Vec<Found>> {
    Ok(on!(conn, c => sqlx::query_as(CUSTOMERS_SILENT).bind(before).bind(limit).fetch_all(c).await?))
}

/// A representative's stream that was open in this leg counts by when it closed. One that claims without a stream, as
/// a program does, counts by what it last did, and only until the conversation starts.
const REPS_GONE: &str = "SELECT s.id, s.last_event FROM sessions s JOIN reps r ON r.user_id = s.rep_id \
    WHERE s.state IN ('offered', 'talking', 'held') AND ( \
        (r.closed_at >= s.offered_at AND r.closed_at <= ? AND COALESCE(r.seen_at, 0) <= ?) \
        OR (s.state = 'offered' AND (r.holder IS NULL OR r.closed_at < s.offered_at) AND COALESCE(r.seen_at, 0) <= ?)) \
    ORDER BY s.ticket LIMIT ?";

/// Sessions whose representative is gone: stream closed at or before `closed`, or, without one, unheard since `unheard`.
///
/// # Errors
/// When the database does not answer.
pub async fn reps_gone(conn: Conn<'_>, closed: Timestamp, unheard: Timestamp, limit: i64) -> Result<Vec<Found>> {
    Ok(on!(conn, c => sqlx::query_as(REPS_GONE)
        .bind(closed)
        .bind(closed)
        .bind(unheard)
        .bind(limit)
        .fetch_all(c)
        .await?))
}
