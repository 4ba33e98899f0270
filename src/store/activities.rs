//! What representatives are doing: the present activity on the row, every change in a log. A call stands in the log once
//! it is over; until then it is on the row alone.

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::activity::{Activity, Cause, Choice, MISSED};
use crate::domain::ids::{RepActivityId, RepId, SessionId};

/// What a representative is doing.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Duty {
    /// The activity.
    pub activity: Activity,
    /// Why, of a break.
    pub activity_reason: Option<String>,
    /// Since when.
    pub activity_since: Timestamp,
    /// What follows the present call and its wrap-up.
    pub next_activity: Option<Activity>,
    /// Why, of a break that follows.
    pub next_reason: Option<String>,
    /// The call that is wrapped up.
    pub wrap_up_session: Option<SessionId>,
    /// Until when, at most.
    pub wrap_up_until: Option<Timestamp>,
}

impl Duty {
    /// The call that the representative wraps up, if that is what they do.
    #[must_use]
    pub fn wrapped_up(&self) -> Option<SessionId> {
        self.wrap_up_session.filter(|_| self.activity == Activity::WrapUp)
    }
}

const OF_REP: &str = "SELECT activity, activity_reason, activity_since, next_activity, next_reason, wrap_up_session, \
    wrap_up_until FROM reps WHERE user_id = ?";

/// What a representative is doing.
///
/// # Errors
/// When the database does not answer.
pub async fn of_rep(conn: Conn<'_>, rep: RepId) -> Result<Option<Duty>> {
    Ok(on!(conn, c => sqlx::query_as(OF_REP).bind(rep).fetch_optional(c).await?))
}

/// The same, and nobody else changes it until the end of the transaction. It counts as a sign of life.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, rep: RepId, at: Timestamp) -> Result<Option<Duty>> {
    let text = "UPDATE reps SET seen_at = ? WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(rep).execute(c).await?.rows_affected());
    of_rep(tx.conn(), rep).await
}

/// The same, when somebody else looks: it says nothing of whether the representative is there.
///
/// # Errors
/// When the database does not answer.
pub async fn locked(tx: &mut Tx, rep: RepId) -> Result<Option<Duty>> {
    let text = "UPDATE reps SET callers = callers WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(rep).execute(c).await?.rows_affected());
    of_rep(tx.conn(), rep).await
}

const BEGIN: &str = "UPDATE reps SET activity = ?, activity_reason = ?, activity_since = ?, idle_since = ?, \
    next_activity = NULL, next_reason = NULL, wrap_up_session = NULL, wrap_up_until = NULL WHERE user_id = ?";

/// Begins an activity, and keeps why.
///
/// # Errors
/// When the database does not take it.
pub async fn begin(tx: &mut Tx, rep: RepId, to: &Choice, cause: Cause, at: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(BEGIN)
        .bind(to.activity)
        .bind(&to.reason)
        .bind(at)
        .bind(at)
        .bind(rep)
        .execute(c)
        .await?
        .rows_affected());
    log(tx, rep, cause, at, Callers::Any).await
}

/// Chooses what follows the present call and its wrap-up.
///
/// # Errors
/// When the database does not take it.
pub async fn choose_next(tx: &mut Tx, rep: RepId, next: &Choice) -> Result<()> {
    let text = "UPDATE reps SET next_activity = ?, next_reason = ? WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(next.activity).bind(&next.reason).bind(rep).execute(c).await?.rows_affected());
    Ok(())
}

/// An offer rang in vain: who was available is not any more; who was to be after a call has a break first. False when
/// neither was so.
///
/// # Errors
/// When the database does not take it.
pub async fn miss(tx: &mut Tx, rep: RepId, at: Timestamp) -> Result<bool> {
    let text = "UPDATE reps SET activity = 'missed', activity_reason = NULL, activity_since = ? \
        WHERE user_id = ? AND activity = 'available'";
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(at).bind(rep).execute(c).await?.rows_affected());
    if rows == 1 {
        log(tx, rep, Cause::MissedOffer, at, Callers::Any).await?;
        return Ok(true);
    }
    let text = "UPDATE reps SET next_activity = 'break', next_reason = ? \
        WHERE user_id = ? AND activity IN ('onCall', 'wrapUp') AND next_activity = 'available'";
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(MISSED).bind(rep).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

const LOG_CALL: &str = "INSERT INTO rep_activities (id, user_id, at, activity, reason, cause) \
    SELECT ?, user_id, activity_since, activity, activity_reason, ? FROM reps \
    WHERE user_id = ? AND callers = 1 AND activity = 'onCall'";

/// Keeps the call that ends now with the last caller, from when it began.
pub(super) async fn log_call(tx: &mut Tx, rep: RepId, at: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(LOG_CALL)
        .bind(RepActivityId::new(at))
        .bind(Cause::Call)
        .bind(rep)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Of whom a change is kept: calls begin and end an activity only when they are the first and the last.
#[derive(Debug, Clone, Copy)]
pub(super) enum Callers {
    Any,
    Exactly(i64),
}

const LOG: &str = "INSERT INTO rep_activities (id, user_id, at, activity, reason, cause, session_id) \
    SELECT ?, user_id, ?, activity, activity_reason, ?, CASE WHEN activity = 'wrapUp' THEN wrap_up_session END \
    FROM reps WHERE user_id = ? AND callers BETWEEN ? AND ?";

/// Keeps the activity that stands on the row by now.
pub(super) async fn log(tx: &mut Tx, rep: RepId, cause: Cause, at: Timestamp, callers: Callers) -> Result<()> {
    let (fewest, most) = match callers {
        Callers::Any => (0, i64::MAX),
        Callers::Exactly(count) => (count, count),
    };
    on!(tx.conn(), c => sqlx::query(LOG)
        .bind(RepActivityId::new(at))
        .bind(at)
        .bind(cause)
        .bind(rep)
        .bind(fewest)
        .bind(most)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Gone: the console closed long ago, or there is none and nothing was heard.
macro_rules! is_gone {
    () => {
        "activity <> 'offline' AND callers = 0 AND ((closed_at IS NOT NULL AND closed_at <= ?) \
         OR (holder IS NULL AND activity_since <= ? AND COALESCE(seen_at, 0) <= ?))"
    };
}

/// Who is not offline though their console closed at or before `closed`, or, without one, unheard since `unheard`.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(conn: Conn<'_>, closed: Timestamp, unheard: Timestamp) -> Result<Vec<RepId>> {
    let text = concat!("SELECT user_id FROM reps WHERE ", is_gone!(), " LIMIT 200");
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(closed).bind(unheard).bind(unheard).fetch_all(c).await?))
}

/// Sends a representative offline who is still gone, as [`gone`] has it. False when they are back.
///
/// # Errors
/// When the database does not take it.
pub async fn send_offline(
    tx: &mut Tx,
    rep: RepId,
    closed: Timestamp,
    unheard: Timestamp,
    at: Timestamp,
) -> Result<bool> {
    let text = concat!(
        "UPDATE reps SET activity_since = ?, activity_reason = NULL, activity = 'offline', next_activity = NULL, \
         next_reason = NULL, wrap_up_session = NULL, wrap_up_until = NULL WHERE user_id = ? AND ",
        is_gone!()
    );
    let rows = on!(tx.conn(), c => sqlx::query(text)
        .bind(at)
        .bind(rep)
        .bind(closed)
        .bind(unheard)
        .bind(unheard)
        .execute(c)
        .await?
        .rows_affected());
    if rows == 1 {
        log(tx, rep, Cause::Gone, at, Callers::Any).await?;
    }
    Ok(rows == 1)
}
