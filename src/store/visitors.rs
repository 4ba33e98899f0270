//! Visitors: what they asked for before, and whom representatives have blocked.

use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::{CampaignId, SessionId, UserId, VisitorId};
use crate::domain::session::Outcome;
use crate::domain::visitor::EARLIER_CALLS;

use super::sessions::Session;

/// A call that a visitor made before.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Earlier {
    /// First queue entry.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Who answered it first, as named then.
    pub representative_name: Option<String>,
    /// What came of it.
    pub disposition: Option<String>,
}

const EARLIER: &str = "SELECT s.queued_at, s.started_at, s.ended_at, s.outcome, s.representative_name, w.disposition \
    FROM sessions s LEFT JOIN wrap_ups w ON w.session_id = s.id \
    WHERE s.visitor_id = ? AND s.created_at <= ? AND s.id <> ? AND s.state = 'ended' AND s.queued_at > 0 \
    ORDER BY s.created_at DESC, s.id DESC LIMIT ?";

/// The calls that the visitor of a session made before it and that are over, the latest first, 100 at most.
///
/// # Errors
/// When the database does not answer.
pub async fn earlier(conn: Conn<'_>, session: &Session) -> Result<Vec<Earlier>> {
    let Some(visitor) = session.visitor_id else { return Ok(Vec::new()) };
    Ok(on!(conn, c => sqlx::query_as(EARLIER)
        .bind(visitor)
        .bind(session.created_at)
        .bind(session.id)
        .bind(EARLIER_CALLS)
        .fetch_all(c)
        .await?))
}

/// That a visitor is blocked.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Block {
    /// Who.
    pub visitor_id: VisitorId,
    /// For what.
    pub session_id: SessionId,
    /// Who said so.
    pub user_id: UserId,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// The block of a visitor at `now`, if there is one.
///
/// # Errors
/// When the database does not answer.
pub async fn block_of(conn: Conn<'_>, visitor: VisitorId, now: Timestamp) -> Result<Option<Block>> {
    let text = "SELECT visitor_id, session_id, user_id, reason, at, ends_at FROM blocks \
        WHERE visitor_id = ? AND ends_at > ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(visitor).bind(now).fetch_optional(c).await?))
}

/// In both databases this takes the place of the row before it.
const BLOCK: &str =
    "REPLACE INTO blocks (visitor_id, session_id, user_id, reason, at, ends_at) VALUES (?, ?, ?, ?, ?, ?)";

/// Blocks a visitor; an earlier block makes way.
///
/// # Errors
/// When the database does not take it.
pub async fn block(tx: &mut Tx, block: &Block) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(BLOCK)
        .bind(block.visitor_id)
        .bind(block.session_id)
        .bind(block.user_id)
        .bind(&block.reason)
        .bind(block.at)
        .bind(block.ends_at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// Lifts the block of a visitor. False when there is none.
///
/// # Errors
/// When the database does not take it.
pub async fn lift(tx: &mut Tx, visitor: VisitorId, now: Timestamp) -> Result<bool> {
    let text = "DELETE FROM blocks WHERE visitor_id = ? AND ends_at > ?";
    let rows = on!(tx.conn(), c => sqlx::query(text).bind(visitor).bind(now).execute(c).await?.rows_affected());
    Ok(rows == 1)
}

/// A block, and whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Blocked {
    /// The block.
    #[sqlx(flatten)]
    pub block: Block,
    /// Who said so, by name.
    pub by_name: Option<String>,
    /// The customer's name in that session.
    pub name: Option<String>,
    /// Where they came from.
    pub campaign_id: Option<CampaignId>,
}

const BLOCKED: &str = "SELECT b.visitor_id, b.session_id, b.user_id, b.reason, b.at, b.ends_at, \
    u.display_name AS by_name, s.name, s.campaign_id \
    FROM blocks b LEFT JOIN users u ON u.id = b.user_id LEFT JOIN sessions s ON s.id = b.session_id \
    WHERE b.ends_at > ? ORDER BY b.ends_at DESC, b.visitor_id LIMIT ?";

/// The first `limit` who are blocked at `now`, the latest first.
///
/// # Errors
/// When the database does not answer.
pub async fn blocked(conn: Conn<'_>, now: Timestamp, limit: i64) -> Result<Vec<Blocked>> {
    Ok(on!(conn, c => sqlx::query_as(BLOCKED).bind(now).bind(limit).fetch_all(c).await?))
}
