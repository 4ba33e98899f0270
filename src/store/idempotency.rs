//! Idempotency keys: one effect and one answer each, for 24 hours.

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::SessionId;

/// What a key was used for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Remembered {
    /// SHA-256 of the body that came with it.
    pub body: Vec<u8>,
    /// The session that it made or joined.
    pub session_id: SessionId,
    /// When.
    pub created_at: Timestamp,
}

/// What the key with this scope was used for.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, scope: &[u8; 32]) -> Result<Option<Remembered>> {
    let text = "SELECT body, session_id, created_at FROM idempotency WHERE scope = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(&scope[..]).fetch_optional(c).await?))
}

/// Remembers what a key was used for.
///
/// # Errors
/// [`super::StoreError::Duplicate`] when it was used at the same moment.
pub async fn insert(tx: &mut Tx, scope: &[u8; 32], body: &[u8; 32], session: SessionId, at: Timestamp) -> Result<()> {
    let text = "INSERT INTO idempotency (scope, body, session_id, created_at) VALUES (?, ?, ?, ?)";
    on!(tx.conn(), c => sqlx::query(text).bind(&scope[..]).bind(&body[..]).bind(session).bind(at).execute(c).await?.rows_affected());
    Ok(())
}

/// Forgets the keys used before `before`.
///
/// # Errors
/// When the database does not take it.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query("DELETE FROM idempotency WHERE created_at <= ?").bind(before).execute(c).await?.rows_affected());
    Ok(())
}
