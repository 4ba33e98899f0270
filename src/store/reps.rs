//! Representatives: how many callers each has, and may have.

use sqlx::types::Uuid;

use super::activities::{self, Callers};
use super::wrap_ups::Following;
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::activity::{AFTER_CALL, Activity, AfterCall, Cause};
use crate::domain::ids::RepId;
use crate::domain::matching::Ready;
use crate::domain::offer::Mode;
use crate::domain::queue::Skills;

/// A user who takes calls.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Rep {
    /// Who.
    pub user_id: RepId,
    /// The name that customers see.
    pub name: String,
    /// The most sessions at a time.
    pub capacity: i64,
    /// The sessions now.
    pub callers: i64,
    /// The instance that holds the console's stream.
    pub holder: Option<Uuid>,
    /// When the console's stream closed.
    pub closed_at: Option<Timestamp>,
}

impl Rep {
    /// Whether the console's stream is open.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.holder.is_some() && self.closed_at.is_none()
    }
}

const BY_ID: &str = "SELECT r.user_id, u.display_name AS name, r.capacity, r.callers, r.holder, r.closed_at \
    FROM reps r JOIN users u ON u.id = r.user_id WHERE r.user_id = ?";

/// The representative with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: RepId) -> Result<Option<Rep>> {
    Ok(on!(conn, c => sqlx::query_as(BY_ID).bind(id).fetch_optional(c).await?))
}

/// Makes a user one who takes calls.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &mut Tx, id: RepId) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("INSERT INTO reps (user_id) VALUES (?)").bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// How many callers a representative may have to be given one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// None.
    Nobody,
    /// Fewer than their capacity.
    BelowCapacity,
}

/// Gives a representative one caller more. False when they have too many.
///
/// # Errors
/// When the database does not take it.
pub async fn take_caller(tx: &mut Tx, id: RepId, load: Load, after: AfterCall, at: Timestamp) -> Result<bool> {
    let below = if load == Load::Nobody { 1 } else { i64::MAX };
    let (then, reason) = match after {
        AfterCall::Available => (Activity::Available, None),
        AfterCall::Next => (Activity::Break, Some(AFTER_CALL)),
    };
    let rows = on!(tx.conn(), c => sqlx::query(TAKE_CALLER)
        .bind(then)
        .bind(reason)
        .bind(AFTER_CALL)
        .bind(at)
        .bind(at)
        .bind(id)
        .bind(below)
        .execute(c)
        .await?
        .rows_affected());
    Ok(rows == 1)
}

/// The first caller begins a call, and notes what follows it: what was before, a break after a missed offer, or what the
/// queue asks for of who was available. What was to follow a wrap-up that this ends follows the call. MySQL reads what
/// earlier terms have set, SQLite does not: so the terms that are read stand last.
const TAKE_CALLER: &str = "UPDATE reps SET \
    next_activity = CASE WHEN callers > 0 OR activity = 'wrapUp' THEN next_activity WHEN activity = 'available' THEN ? \
        WHEN activity = 'missed' THEN 'break' ELSE activity END, \
    next_reason = CASE WHEN callers > 0 OR activity = 'wrapUp' THEN next_reason WHEN activity = 'available' THEN ? \
        WHEN activity = 'missed' THEN ? ELSE activity_reason END, \
    activity_since = CASE WHEN callers > 0 THEN activity_since ELSE ? END, \
    activity_reason = NULL, wrap_up_session = NULL, wrap_up_until = NULL, \
    activity = 'onCall', seen_at = ?, callers = callers + 1 \
    WHERE user_id = ? AND callers < capacity AND callers < ?";

/// Takes one caller from a representative; the last one's call may be wrapped up.
///
/// # Errors
/// When the database does not take it.
pub async fn release_caller(tx: &mut Tx, id: RepId, wrap_up: Option<Following>, at: Timestamp) -> Result<()> {
    // The call is entered when it is over, so that taking a customer, which everybody waits for, costs nothing more.
    // Two callers who leave at the same moment must not both be the last but one.
    let lock = "UPDATE reps SET callers = callers WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(lock).bind(id).execute(c).await?.rows_affected());
    activities::log_call(tx, id, at).await?;
    let rows = match wrap_up {
        None => on!(tx.conn(), c => sqlx::query(RELEASE_CALLER)
            .bind(at)
            .bind(at)
            .bind(id)
            .execute(c)
            .await?
            .rows_affected()),
        Some(Following { session, until }) => on!(tx.conn(), c => sqlx::query(RELEASE_TO_WRAP_UP)
            .bind(at)
            .bind(session)
            .bind(until)
            .bind(id)
            .execute(c)
            .await?
            .rows_affected()),
    };
    if rows == 1 {
        activities::log(tx, id, Cause::CallOver, at, Callers::Exactly(0)).await?;
    }
    Ok(())
}

/// The last caller ends the call. The order of the terms matters, as above.
const RELEASE_CALLER: &str = "UPDATE reps SET \
    activity_since = CASE WHEN callers = 1 THEN ? ELSE activity_since END, \
    idle_since = CASE WHEN callers = 1 THEN ? ELSE idle_since END, \
    activity_reason = CASE WHEN callers = 1 THEN next_reason ELSE activity_reason END, \
    activity = CASE WHEN callers = 1 THEN COALESCE(next_activity, 'offline') ELSE activity END, \
    next_reason = CASE WHEN callers = 1 THEN NULL ELSE next_reason END, \
    next_activity = CASE WHEN callers = 1 THEN NULL ELSE next_activity END, \
    callers = callers - 1 \
    WHERE user_id = ? AND callers > 0";

/// The last caller's call is wrapped up; what is to follow it waits. The order of the terms matters, as above.
const RELEASE_TO_WRAP_UP: &str = "UPDATE reps SET \
    activity_since = CASE WHEN callers = 1 THEN ? ELSE activity_since END, \
    wrap_up_session = CASE WHEN callers = 1 THEN ? ELSE wrap_up_session END, \
    wrap_up_until = CASE WHEN callers = 1 THEN ? ELSE wrap_up_until END, \
    activity = CASE WHEN callers = 1 THEN 'wrapUp' ELSE activity END, \
    callers = callers - 1 \
    WHERE user_id = ? AND callers > 0";

/// Who may be asked: available, or on a call that leaves room for another; there; and below capacity.
macro_rules! may_ring {
    () => {
        "(r.activity = 'available' OR (r.activity = 'onCall' AND r.next_activity = 'available')) \
         AND r.holder IS NOT NULL AND r.closed_at IS NULL AND r.callers + r.ringing < r.capacity"
    };
}

/// Whether a customer could ring anywhere.
///
/// # Errors
/// When the database does not answer.
pub async fn anybody_to_ring(conn: Conn<'_>) -> Result<bool> {
    let text = concat!("SELECT 1 FROM reps r WHERE ", may_ring!(), " LIMIT 1");
    let found: Option<i64> = on!(conn, c => sqlx::query_scalar(text).fetch_optional(c).await?);
    Ok(found.is_some())
}

const READY: &str = concat!(
    "SELECT r.user_id, r.callers, r.capacity - r.callers - r.ringing AS room, r.idle_since \
     FROM reps r JOIN users u ON u.id = r.user_id WHERE u.disabled_at IS NULL AND u.role IN ('rep', 'admin') AND ",
    may_ring!()
);

/// Everybody at whom a customer may ring; what they know is not told here.
///
/// # Errors
/// When the database does not answer.
pub async fn ready(conn: Conn<'_>) -> Result<Vec<Ready>> {
    let rows: Vec<(RepId, i64, i64, Timestamp)> = on!(conn, c => sqlx::query_as(READY).fetch_all(c).await?);
    let ready = |(rep, callers, room, idle_since)| Ready { rep, callers, room, idle_since, skills: Skills::new() };
    Ok(rows.into_iter().map(ready).collect())
}

/// One offer more rings at a representative. False when they may not be asked any more.
pub(super) async fn ring(tx: &mut Tx, id: RepId) -> Result<bool> {
    let text = "UPDATE reps SET ringing = ringing + 1 WHERE user_id = ? AND callers + ringing < capacity \
        AND (activity = 'available' OR (activity = 'onCall' AND next_activity = 'available'))";
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(id).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// One offer less rings at a representative.
pub(super) async fn unring(tx: &mut Tx, id: RepId) -> Result<()> {
    let text = "UPDATE reps SET ringing = ringing - 1 WHERE user_id = ? AND ringing > 0";
    on!(tx.conn(), c => sqlx::query(text).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// A representative turns to somebody: by themselves, a sign of life at `seen_at`, or because a colleague did. Whoever else
/// lets them turn waits until this transaction ends.
///
/// # Errors
/// When the database does not take it.
pub async fn turns(tx: &mut Tx, id: RepId, seen_at: Option<Timestamp>) -> Result<()> {
    let text = "UPDATE reps SET seen_at = COALESCE(?, seen_at) WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(seen_at).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// Notes a sign of life of a representative who may have no stream, unless one was noted after `noted_before`.
///
/// # Errors
/// When the database does not take it.
pub async fn seen(tx: &mut Tx, id: RepId, at: Timestamp, noted_before: Timestamp) -> Result<()> {
    let text = "UPDATE reps SET seen_at = ? WHERE user_id = ? AND (seen_at IS NULL OR seen_at <= ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(id).bind(noted_before).execute(c).await?.rows_affected());
    Ok(())
}

/// A representative whose console is open.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Serving {
    /// Who.
    pub user_id: RepId,
    /// What they are doing.
    pub activity: Activity,
    /// Whether they have fewer callers than they may.
    pub has_room: bool,
}

impl Serving {
    /// Whether customers of a queue that works so may count on them. Who is offline may press *Next*; nothing rings there.
    #[must_use]
    pub fn is_there_for(&self, mode: Mode) -> bool {
        mode == Mode::Pull || self.activity != Activity::Offline
    }

    /// Whether they could take a customer of such a queue at once.
    #[must_use]
    pub fn is_free_for(&self, mode: Mode) -> bool {
        let rests = matches!(self.activity, Activity::Break | Activity::Missed | Activity::WrapUp);
        self.has_room && !rests && self.is_there_for(mode)
    }
}

/// Everybody whose console is open.
///
/// # Errors
/// When the database does not answer.
pub async fn serving(conn: Conn<'_>) -> Result<Vec<Serving>> {
    let text = "SELECT user_id, activity, CASE WHEN callers < capacity THEN 1 ELSE 0 END AS has_room \
        FROM reps WHERE holder IS NOT NULL AND closed_at IS NULL";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}
