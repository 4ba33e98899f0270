//! What representatives say about conversations, and the activity in which they do so: until its deadline at most.

use super::activities::{self, Callers};
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::activity::Cause;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::wrap_up::WrapUp;

/// The wrap-up that follows a call.
#[derive(Debug, Clone, Copy)]
pub struct Following {
    /// Of which call.
    pub session: SessionId,
    /// Until when, at most.
    pub until: Timestamp,
}

/// For how long the calls of a queue are wrapped up, in seconds.
///
/// # Errors
/// When the database does not answer.
pub async fn seconds_of(conn: Conn<'_>, queue: i64) -> Result<i64> {
    let text = "SELECT wrap_up_seconds FROM queues WHERE id = ?";
    let found: Option<i64> = on!(conn, c => sqlx::query_scalar(text).bind(queue).fetch_optional(c).await?);
    Ok(found.unwrap_or(0))
}

/// In both databases this takes the place of the row before it.
const KEEP: &str = "REPLACE INTO wrap_ups (session_id, user_id, disposition, notes, at) VALUES (?, ?, ?, ?, ?)";

/// Keeps what `by` said about a conversation; an earlier word makes way.
///
/// # Errors
/// When the database does not take it.
pub async fn keep(tx: &mut Tx, session: SessionId, by: RepId, said: &WrapUp, at: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(KEEP)
        .bind(session)
        .bind(by)
        .bind(said.disposition())
        .bind(said.notes())
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// What was said about a conversation, if anything was.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, session: SessionId) -> Result<Option<WrapUp>> {
    let text = "SELECT disposition, notes FROM wrap_ups WHERE session_id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(session).fetch_optional(c).await?))
}

/// A wrap-up whose time is up.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Overdue {
    /// Whose.
    #[sqlx(rename = "user_id")]
    pub rep: RepId,
    /// When its time was up; 0 where a version that knows no wrap-ups has begun one again.
    pub until: Timestamp,
}

const OVERDUE: &str = "SELECT user_id, COALESCE(wrap_up_until, 0) AS until FROM reps \
    WHERE activity = 'wrapUp' AND COALESCE(wrap_up_until, 0) <= ? LIMIT 200";

/// The wrap-ups whose time is up at `now`.
///
/// # Errors
/// When the database does not answer.
pub async fn overdue(conn: Conn<'_>, now: Timestamp) -> Result<Vec<Overdue>> {
    Ok(on!(conn, c => sqlx::query_as(OVERDUE).bind(now).fetch_all(c).await?))
}

/// What was to follow the call begins. The order of the terms matters to MySQL, which reads what earlier ones have set.
macro_rules! end_where {
    ($which:literal) => {
        concat!(
            "UPDATE reps SET activity = COALESCE(next_activity, 'offline'), activity_reason = next_reason, \
             activity_since = ?, idle_since = ?, next_activity = NULL, next_reason = NULL, \
             wrap_up_session = NULL, wrap_up_until = NULL WHERE user_id = ? AND activity = 'wrapUp' AND ",
            $which
        )
    };
}

/// Ends a wrap-up whose time is up. False when it had ended before.
///
/// # Errors
/// When the database does not take it.
pub async fn run_out(tx: &mut Tx, overdue: Overdue, at: Timestamp) -> Result<bool> {
    let text = end_where!("COALESCE(wrap_up_until, 0) = ?");
    let Overdue { rep, until } = overdue;
    let rows = on!(tx.conn(), c => sqlx::query(text)
        .bind(at)
        .bind(at)
        .bind(rep)
        .bind(until)
        .execute(c)
        .await?
        .rows_affected());
    if rows == 1 {
        activities::log(tx, rep, Cause::WrapUpOver, at, Callers::Any).await?;
    }
    Ok(rows == 1)
}

/// Ends the wrap-up of this call, if it is what the representative is doing. False when it is not.
///
/// # Errors
/// When the database does not take it.
pub async fn finish(tx: &mut Tx, rep: RepId, session: SessionId, at: Timestamp) -> Result<bool> {
    let text = end_where!("wrap_up_session = ?");
    let rows = on!(tx.conn(), c => sqlx::query(text)
        .bind(at)
        .bind(at)
        .bind(rep)
        .bind(session)
        .execute(c)
        .await?
        .rows_affected());
    if rows == 1 {
        activities::log(tx, rep, Cause::WrapUpDone, at, Callers::Any).await?;
    }
    Ok(rows == 1)
}
