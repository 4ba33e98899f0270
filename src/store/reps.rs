//! Representatives: how many callers each has, and may have.

use sqlx::types::Uuid;

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::RepId;

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
pub async fn take_caller(tx: &mut Tx, id: RepId, load: Load, at: Timestamp) -> Result<bool> {
    let text = "UPDATE reps SET callers = callers + 1, seen_at = ? \
        WHERE user_id = ? AND callers < capacity AND callers < ?";
    let below = if load == Load::Nobody { 1 } else { i64::MAX };
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(at).bind(id).bind(below).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// Takes one caller from a representative.
///
/// # Errors
/// When the database does not take it.
pub async fn release_caller(tx: &mut Tx, id: RepId) -> Result<()> {
    let text = "UPDATE reps SET callers = callers - 1 WHERE user_id = ? AND callers > 0";
    on!(tx.conn(), c => sqlx::query(text).bind(id).execute(c).await?.rows_affected());
    Ok(())
}

/// A representative turns to one of their callers: a sign of life. Whoever else lets them turn to another waits until
/// this transaction ends.
///
/// # Errors
/// When the database does not take it.
pub async fn attends(tx: &mut Tx, id: RepId, at: Timestamp) -> Result<()> {
    let text = "UPDATE reps SET seen_at = ? WHERE user_id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(at).bind(id).execute(c).await?.rows_affected());
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

/// How many representatives have their console open, and how many of them could take a customer.
///
/// # Errors
/// When the database does not answer.
pub async fn serving(conn: Conn<'_>) -> Result<(usize, usize)> {
    let text = "SELECT COUNT(*), COUNT(CASE WHEN callers < capacity THEN 1 END) FROM reps \
        WHERE holder IS NOT NULL AND closed_at IS NULL";
    let (serving, free): (i64, i64) = on!(conn, c => sqlx::query_as(text).fetch_one(c).await?);
    Ok((usize::try_from(serving).unwrap_or(0), usize::try_from(free).unwrap_or(0)))
}
