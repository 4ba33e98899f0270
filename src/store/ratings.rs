//! What customers thought of their conversations: one row for each session that was rated.

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::rating::Rating;

/// In both databases this takes the place of the row before it.
const KEEP: &str = "REPLACE INTO ratings (session_id, stars, comment, at) VALUES (?, ?, ?, ?)";

/// Keeps a session's rating; an earlier one makes way.
///
/// # Errors
/// When the database does not take it.
pub async fn keep(tx: &mut Tx, session: SessionId, rating: &Rating, at: Timestamp) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(KEEP)
        .bind(session)
        .bind(rating.stars())
        .bind(rating.comment())
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

const OF_SESSION: &str = "SELECT stars, comment FROM ratings WHERE session_id = ?";

/// A session's rating, if its customer gave one.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, session: SessionId) -> Result<Option<Rating>> {
    Ok(on!(conn, c => sqlx::query_as(OF_SESSION).bind(session).fetch_optional(c).await?))
}
