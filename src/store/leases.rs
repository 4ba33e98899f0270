//! One lease row for each instance of the application: it only says that who holds streams there is alive.

use sqlx::types::Uuid;

use super::{Conn, Db, Result, Tx, on};
use crate::clock::Timestamp;

/// An instance and its last sign of life.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Lease {
    /// The instance.
    pub id: Uuid,
    /// When it renewed its lease last.
    pub renewed_at: Timestamp,
}

/// Enters a new instance.
///
/// # Errors
/// When the database does not take it.
pub async fn enter(db: &Db, id: Uuid, at: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    let text = "INSERT INTO instances (id, started_at, renewed_at) VALUES (?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(id).bind(at).bind(at).execute(c).await?.rows_affected());
    tx.commit().await?;
    Ok(())
}

/// Renews a lease. False when another instance took this one for dead: it must be entered again.
///
/// # Errors
/// When the database does not take it.
pub async fn renew(db: &Db, id: Uuid, at: Timestamp) -> Result<bool> {
    let mut tx = db.begin().await?;
    let text = "UPDATE instances SET renewed_at = ? WHERE id = ?";
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(at).bind(id).execute(c).await?.rows_affected());
    tx.commit().await?;
    Ok(rows == 1)
}

/// Whether another instance is entered.
///
/// # Errors
/// When the database does not answer.
pub async fn any_other(conn: Conn<'_>, id: Uuid) -> Result<bool> {
    let text = "SELECT COUNT(*) FROM instances WHERE id <> ?";
    let others: i64 = on!(conn, c => sqlx::query_scalar(text).bind(id).fetch_one(c).await?);
    Ok(others > 0)
}

/// Whether an instance has renewed its lease since this time: then a server runs.
///
/// # Errors
/// When the database does not answer.
pub async fn any_since(conn: Conn<'_>, since: Timestamp) -> Result<bool> {
    let text = "SELECT COUNT(*) FROM instances WHERE renewed_at > ?";
    let running: i64 = on!(conn, c => sqlx::query_scalar(text).bind(since).fetch_one(c).await?);
    Ok(running > 0)
}

/// The leases that were not renewed since `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn run_out(conn: Conn<'_>, before: Timestamp) -> Result<Vec<Lease>> {
    let text = "SELECT id, renewed_at FROM instances WHERE renewed_at <= ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(before).fetch_all(c).await?))
}

/// Removes a lease that ran out. False when its instance renewed it meanwhile, or another one removed it.
///
/// # Errors
/// When the database does not take it.
pub async fn remove(tx: &mut Tx, lease: Lease) -> Result<bool> {
    let text = "DELETE FROM instances WHERE id = ? AND renewed_at = ?";
    let rows =
        on!(tx.conn(), c => sqlx::query(text).bind(lease.id).bind(lease.renewed_at).execute(c).await?.rows_affected());
    Ok(rows == 1)
}
