//! Offers: at whom a waiting customer rings, until when, and what became of it.

use super::{Conn, Result, Tx, on, reps};
use crate::clock::Timestamp;
use crate::domain::ids::{OfferId, RepId, SessionId};
use crate::domain::offer::OfferState;

/// An offer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// The customer who rings.
    pub session_id: SessionId,
    /// At whom.
    pub rep_id: RepId,
    /// Where it stands.
    pub state: OfferState,
    /// When it began to ring.
    pub made_at: Timestamp,
    /// When it ceases to.
    pub deadline: Timestamp,
    /// When it stopped being pending.
    pub decided_at: Option<Timestamp>,
}

const INSERT: &str =
    "INSERT INTO offers (id, session_id, rep_id, state, made_at, deadline) VALUES (?, ?, ?, 'pending', ?, ?)";

/// Lets a customer ring at a representative. False when they cannot be asked any more.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(
    tx: &mut Tx,
    session: SessionId,
    rep: RepId,
    made_at: Timestamp,
    deadline: Timestamp,
) -> Result<bool> {
    if !reps::ring(tx, rep).await? {
        return Ok(false);
    }
    on!(tx.conn(), c => sqlx::query(INSERT)
        .bind(OfferId::new(made_at))
        .bind(session)
        .bind(rep)
        .bind(made_at)
        .bind(deadline)
        .execute(c)
        .await?
        .rows_affected());
    Ok(true)
}

/// The offer with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: OfferId) -> Result<Option<Offer>> {
    Ok(on!(conn, c => sqlx::query_as("SELECT * FROM offers WHERE id = ?").bind(id).fetch_optional(c).await?))
}

/// The offers that ring at a representative, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn ringing_at(conn: Conn<'_>, rep: RepId) -> Result<Vec<Offer>> {
    let text = "SELECT * FROM offers WHERE rep_id = ? AND state = 'pending' ORDER BY id";
    Ok(on!(conn, c => sqlx::query_as(text).bind(rep).fetch_all(c).await?))
}

/// The offers of a customer that still ring.
///
/// # Errors
/// When the database does not answer.
pub async fn ringing_for(conn: Conn<'_>, session: SessionId) -> Result<Vec<Offer>> {
    let text = "SELECT * FROM offers WHERE session_id = ? AND state = 'pending' ORDER BY rep_id";
    Ok(on!(conn, c => sqlx::query_as(text).bind(session).fetch_all(c).await?))
}

const LET_GO: &str = "SELECT session_id, rep_id FROM offers \
    WHERE state IN ('rejected', 'timedOut') AND deadline > ? AND decided_at > ? \
    UNION SELECT session_id, from_rep FROM transfers WHERE to_queue IS NOT NULL AND at > ?";

/// Which customers which representatives declined, let ring, or passed on to a queue, since then. Offers are found by the
/// deadline, which is never much earlier than the decision.
///
/// # Errors
/// When the database does not answer.
pub async fn let_go_since(conn: Conn<'_>, since: Timestamp) -> Result<Vec<(SessionId, RepId)>> {
    Ok(on!(conn, c => sqlx::query_as(LET_GO).bind(since).bind(since).bind(since).fetch_all(c).await?))
}

/// The pages of this query are short: what is left comes half a second later.
const LIMIT: i64 = 200;

const UNANSWERABLE: &str = "SELECT o.* FROM offers o JOIN reps r ON r.user_id = o.rep_id \
    JOIN users u ON u.id = o.rep_id WHERE o.state = 'pending' AND ( \
    o.deadline <= ? OR u.disabled_at IS NOT NULL OR r.callers + r.ringing > r.capacity \
    OR NOT (r.activity = 'available' OR (r.activity = 'onCall' AND COALESCE(r.next_activity, '') = 'available'))) \
    ORDER BY o.deadline LIMIT ?";

/// Offers that nobody can answer any more: overdue at `now`, or their representative is not available.
///
/// # Errors
/// When the database does not answer.
pub async fn unanswerable(conn: Conn<'_>, now: Timestamp) -> Result<Vec<Offer>> {
    Ok(on!(conn, c => sqlx::query_as(UNANSWERABLE).bind(now).bind(LIMIT).fetch_all(c).await?))
}

/// Settles an offer that rings. False when it was settled before.
///
/// # Errors
/// When the database does not take it.
pub async fn settle(tx: &mut Tx, offer: &Offer, state: OfferState, at: Timestamp) -> Result<bool> {
    let text = "UPDATE offers SET state = ?, decided_at = ? WHERE id = ? AND state = 'pending'";
    // Whatever the clock does, nothing is decided before it was asked.
    let at = at.max(offer.made_at);
    let rows =
        on!(tx.conn(), c => sqlx::query(text).bind(state).bind(at).bind(offer.id).execute(c).await?.rows_affected());
    if rows == 1 {
        reps::unring(tx, offer.rep_id).await?;
    }
    Ok(rows == 1)
}
