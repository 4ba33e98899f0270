//! Reports: one row a period, so that one instance makes each, and what became of it.

use sqlx::FromRow;
use sqlx::types::Uuid;

use super::{Conn, Db, Result, StoreError, on, transact};
use crate::clock::Timestamp;

/// A report, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Kept {
    /// The word of its rhythm.
    pub kind: String,
    /// The first instant of its period.
    pub from_at: Timestamp,
    /// The first day of its period, as `2026-11-21`.
    pub day: String,
    /// Whose clocks say what a day is.
    pub zone: String,
    /// When it was noted that it is to be made.
    pub noted_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// Until when nobody else does.
    pub claimed_until: Timestamp,
    /// When it was made first.
    pub made_at: Option<Timestamp>,
    /// When its files were written.
    pub written_at: Option<Timestamp>,
    /// When the receiver took it.
    pub sent_at: Option<Timestamp>,
    /// When the receiver said that it wants no more.
    pub refused_at: Option<Timestamp>,
}

/// Whether the report of a period is noted.
///
/// # Errors
/// When the database does not answer.
pub async fn is_noted(conn: Conn<'_>, kind: &str, from: Timestamp) -> Result<bool> {
    let text = "SELECT COUNT(*) FROM reports WHERE kind = ? AND from_at = ?";
    let rows: i64 = on!(conn, c => sqlx::query_scalar(text).bind(kind).bind(from).fetch_one(c).await?);
    Ok(rows > 0)
}

/// Notes that a report is to be made from now on, unless it is noted already.
///
/// # Errors
/// When the database does not take it.
pub async fn note(db: &Db, kind: &str, from: Timestamp, day: &str, zone: &str, now: Timestamp) -> Result<()> {
    let text = "INSERT INTO reports (kind, from_at, day, zone, noted_at, next_at) VALUES (?, ?, ?, ?, ?, ?)";
    let noted = transact!(db, tx => {
        on!(tx.conn(), c => sqlx::query(text).bind(kind).bind(from).bind(day).bind(zone).bind(now).bind(now).execute(c).await?.rows_affected());
        Ok::<_, StoreError>(())
    });
    match noted {
        // Another instance was first.
        Err(StoreError::Duplicate(_)) => Ok(()),
        other => other,
    }
}

/// How many calls of a period are not over.
///
/// # Errors
/// When the database does not answer.
pub async fn not_over(conn: Conn<'_>, from: Timestamp, to: Timestamp) -> Result<i64> {
    // The plus signs keep SQLite from looking them up by the wrong index: few are not rolled.
    let text = "SELECT COUNT(*) FROM sessions WHERE rolled = 0 AND ended_at IS NULL AND kind = 'call' \
        AND +queued_at > 0 AND +queued_at >= ? AND +queued_at < ?";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(from).bind(to).fetch_one(c).await?))
}

const COLUMNS: &str = "SELECT kind, from_at, day, zone, noted_at, attempts, claimed_until, made_at, written_at, sent_at, \
    refused_at FROM reports";

/// The oldest report with which there is something to do now, if nobody does it.
///
/// # Errors
/// When the database does not answer.
pub async fn due(conn: Conn<'_>, now: Timestamp) -> Result<Option<Kept>> {
    let text = format!(
        "{COLUMNS} WHERE settled_at IS NULL AND next_at <= ? AND claimed_until <= ? ORDER BY from_at, kind LIMIT 1"
    );
    Ok(on!(conn, c => sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(now).bind(now).fetch_optional(c).await?))
}

/// Takes a report for oneself until then. False when somebody else did.
///
/// # Errors
/// When the database does not take it.
pub async fn claim(db: &Db, report: &Kept, holder: Uuid, until: Timestamp) -> Result<bool> {
    let text = "UPDATE reports SET holder = ?, claimed_until = ? WHERE kind = ? AND from_at = ? AND claimed_until = ? \
        AND attempts = ? AND settled_at IS NULL";
    transact!(db, tx => {
        let rows = on!(tx.conn(), c => sqlx::query(text)
            .bind(holder).bind(until).bind(&report.kind).bind(report.from_at).bind(report.claimed_until).bind(report.attempts)
            .execute(c).await?.rows_affected());
        Ok::<_, StoreError>(rows == 1)
    })
}

/// Keeps a report that one has claimed until then for longer. False when somebody else has it meanwhile.
///
/// # Errors
/// When the database does not take it.
pub async fn hold_on(db: &Db, report: &Kept, holder: Uuid, until: Timestamp) -> Result<bool> {
    let text = "UPDATE reports SET claimed_until = ? WHERE kind = ? AND from_at = ? AND holder = ? AND attempts = ? AND settled_at IS NULL";
    transact!(db, tx => {
        let rows = on!(tx.conn(), c => sqlx::query(text)
            .bind(until).bind(&report.kind).bind(report.from_at).bind(holder).bind(report.attempts)
            .execute(c).await?.rows_affected());
        Ok::<_, StoreError>(rows == 1)
    })
}

/// Writes down what came of an attempt and lets the report go: it is settled, or to be tried again at `next`. Nothing is written when
/// somebody else has it meanwhile.
///
/// # Errors
/// When the database does not take it.
pub async fn tried(db: &Db, report: &Kept, holder: Uuid, next: Timestamp, settled: Option<Timestamp>) -> Result<()> {
    let text = "UPDATE reports SET attempts = attempts + 1, claimed_until = 0, next_at = ?, made_at = ?, written_at = ?, sent_at = ?, \
        refused_at = ?, settled_at = ? WHERE kind = ? AND from_at = ? AND holder = ? AND attempts = ?";
    transact!(db, tx => {
        on!(tx.conn(), c => sqlx::query(text)
            .bind(next).bind(report.made_at).bind(report.written_at).bind(report.sent_at).bind(report.refused_at).bind(settled)
            .bind(&report.kind).bind(report.from_at).bind(holder).bind(report.attempts)
            .execute(c).await?.rows_affected());
        Ok::<_, StoreError>(())
    })
}
