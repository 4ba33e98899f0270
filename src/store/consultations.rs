//! Consultations: two representatives talk about a customer who is on hold with one of them. Who the other is stands on the
//! session's row.

use super::presence::Found;
use super::sessions::Session;
use super::{Conn, Result, Tx, on, reps};
use crate::clock::Timestamp;
use crate::domain::activity::AFTER_CALL;
use crate::domain::ids::{RepId, SessionId};

const OF_COLLEAGUE: &str = "SELECT * FROM sessions WHERE state = 'held' AND consulted = ?";

/// The customer about whom a representative is consulted now.
///
/// # Errors
/// When the database does not answer.
pub async fn of_colleague(conn: Conn<'_>, rep: RepId) -> Result<Option<Session>> {
    Ok(on!(conn, c => sqlx::query_as(OF_COLLEAGUE).bind(rep).fetch_optional(c).await?))
}

const AROUND: &str =
    "SELECT * FROM sessions WHERE state IN ('offered', 'talking', 'held') AND (rep_id = ? OR consulted = ?)";

/// Everybody whom a representative has, or is consulted about.
///
/// # Errors
/// When the database does not answer.
pub async fn around(conn: Conn<'_>, rep: RepId) -> Result<Vec<Session>> {
    Ok(on!(conn, c => sqlx::query_as(AROUND).bind(rep).bind(rep).fetch_all(c).await?))
}

const COLLEAGUES_GONE: &str = "SELECT s.id, s.last_event FROM sessions s JOIN reps r ON r.user_id = s.consulted \
    WHERE s.state = 'held' AND r.closed_at <= ? AND COALESCE(r.seen_at, 0) <= ? LIMIT ?";

/// Sessions whose consulted colleague's console closed at or before `closed`, so many at most.
///
/// # Errors
/// When the database does not answer.
pub async fn colleagues_gone(conn: Conn<'_>, closed: Timestamp, limit: i64) -> Result<Vec<Found>> {
    Ok(on!(conn, c => sqlx::query_as(COLLEAGUES_GONE).bind(closed).bind(closed).bind(limit).fetch_all(c).await?))
}

const LAST_WARM: &str =
    "SELECT MAX(number) FROM transfers WHERE session_id = ? AND from_rep = ? AND to_rep = ? AND warm = TRUE";
const HANDED: &str = "UPDATE transfers SET handed_at = ? WHERE session_id = ? AND number = ?";

/// Notes that what was talked about was handed over: the question that led to it is the latest.
async fn note_handed(tx: &mut Tx, session: SessionId, from: RepId, to: RepId, at: Timestamp) -> Result<()> {
    let number: Option<i64> =
        on!(tx.conn(), c => sqlx::query_scalar(LAST_WARM).bind(session).bind(from).bind(to).fetch_one(c).await?);
    on!(tx.conn(), c => sqlx::query(HANDED).bind(at).bind(session).bind(number).execute(c).await?.rows_affected());
    Ok(())
}

const FOLLOW: &str = "UPDATE reps SET next_activity = 'break', next_reason = ? WHERE user_id = ? AND callers = 1 \
    AND next_activity = 'available' AND EXISTS (SELECT 1 FROM queues WHERE id = ? AND after_call = 'next')";

/// The consultation becomes a call of this queue: what is to follow it is as the queue has it.
async fn follow_as_after(tx: &mut Tx, rep: RepId, queue: i64) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(FOLLOW).bind(AFTER_CALL).bind(rep).bind(queue).execute(c).await?.rows_affected());
    Ok(())
}

/// The consulted colleague has the customer from now on.
///
/// # Errors
/// When the database does not take it.
pub async fn hand_over(tx: &mut Tx, session: &Session, to: RepId, at: Timestamp) -> Result<()> {
    if let Some(from) = session.life.rep {
        note_handed(tx, session.id, from, to, at).await?;
    }
    // Whose page is away for a moment has a whole grace to come back to the customer, as after any claim.
    reps::turns(tx, to, Some(at)).await?;
    match session.life.queue {
        Some(queue) => follow_as_after(tx, to, queue).await,
        None => Ok(()),
    }
}
