//! Deals: on whose list a customer of a *list* queue stands, while they wait.

use super::sessions::Session;
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::dealing::{Hand, LIST_LENGTH};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::queue::{Place, Skills};

/// A customer on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Deal {
    /// The customer.
    pub session_id: SessionId,
    /// On whose list.
    pub rep_id: RepId,
    /// Since when.
    pub dealt_at: Timestamp,
}

/// Every list, with what is left of customers who do not wait any more.
///
/// # Errors
/// When the database does not answer.
pub async fn all(conn: Conn<'_>) -> Result<Vec<Deal>> {
    let text = "SELECT session_id, rep_id, dealt_at FROM deals";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

/// Where a customer stands, if on any list.
///
/// # Errors
/// When the database does not answer.
pub async fn of_session(conn: Conn<'_>, session: SessionId) -> Result<Option<Deal>> {
    let text = "SELECT session_id, rep_id, dealt_at FROM deals WHERE session_id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(session).fetch_optional(c).await?))
}

const LIST: &str = "SELECT s.* FROM deals d JOIN sessions s ON s.id = d.session_id WHERE d.rep_id = ? \
    AND s.state = 'waiting' AND d.dealt_at >= s.waiting_since ORDER BY s.queue_rank, s.ticket LIMIT ?";

/// Who stands on a representative's list, in the order of the line.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of(conn: Conn<'_>, rep: RepId) -> Result<Vec<Session>> {
    let most = i64::try_from(LIST_LENGTH).unwrap_or(i64::MAX);
    Ok(on!(conn, c => sqlx::query_as(LIST).bind(rep).bind(most).fetch_all(c).await?))
}

/// Puts a customer on a list, and takes them from any other.
///
/// # Errors
/// When the database does not take it.
pub async fn put(tx: &mut Tx, deal: &Deal) -> Result<()> {
    let text = "REPLACE INTO deals (session_id, rep_id, dealt_at) VALUES (?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text)
        .bind(deal.session_id)
        .bind(deal.rep_id)
        .bind(deal.dealt_at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Takes a customer from the list they stand on.
///
/// # Errors
/// When the database does not take it.
pub async fn take(tx: &mut Tx, session: SessionId) -> Result<()> {
    let text = "DELETE FROM deals WHERE session_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(session).execute(c).await?.rows_affected());
    Ok(())
}

const HANDS: &str = "SELECT r.user_id, r.callers, \
    CASE WHEN r.activity = 'wrapUp' OR r.callers + r.ringing >= r.capacity THEN 1 ELSE 0 END AS busy, r.idle_since \
    FROM reps r JOIN users u ON u.id = r.user_id WHERE u.disabled_at IS NULL AND u.role IN ('rep', 'admin') \
    AND (r.activity = 'available' OR (r.activity IN ('onCall', 'wrapUp') AND r.next_activity = 'available')) \
    AND r.holder IS NOT NULL AND r.closed_at IS NULL";

/// Everybody to whom customers are dealt: available, or to be after what they are doing. What they know is not told here.
///
/// # Errors
/// When the database does not answer.
pub async fn hands(conn: Conn<'_>) -> Result<Vec<Hand>> {
    let rows: Vec<(RepId, i64, bool, Timestamp)> = on!(conn, c => sqlx::query_as(HANDS).fetch_all(c).await?);
    let hand = |(rep, callers, busy, idle_since)| Hand { rep, skills: Skills::new(), callers, busy, idle_since };
    Ok(rows.into_iter().map(hand).collect())
}

const BEFORE: &str = "SELECT COUNT(*) FROM sessions WHERE state = 'waiting' AND queue_id = ? AND queued_at <= ? \
    AND (closed_at IS NULL OR closed_at > ?) AND (queue_rank < ? OR (queue_rank = ? AND ticket < ?))";

/// How many wait before this place in a queue, of those who entered by `entered_by` and are there.
///
/// # Errors
/// When the database does not answer.
pub async fn before(
    conn: Conn<'_>,
    queue: i64,
    entered_by: Option<Timestamp>,
    gone_before: Timestamp,
    place: Place,
) -> Result<i64> {
    Ok(on!(conn, c => sqlx::query_scalar(BEFORE)
        .bind(queue)
        .bind(entered_by.unwrap_or(Timestamp(i64::MAX)))
        .bind(gone_before)
        .bind(place.queue_rank)
        .bind(place.queue_rank)
        .bind(place.ticket)
        .fetch_one(c)
        .await?))
}
