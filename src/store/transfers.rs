//! Customers who were passed on: by whom, where to, and what was said to the next one. And the colleagues who may be asked.

use sqlx::types::Uuid;

use super::types::role_of_user;
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::activity::Activity;
use crate::domain::ids::{OfferId, RepId, SessionId};
use crate::domain::offer::OfferState;
use crate::domain::people::Role;
use crate::domain::transfer::Standing;

/// A transfer that is to be kept.
#[derive(Debug, Clone, Copy)]
pub struct New<'n> {
    /// Of which customer.
    pub session: SessionId,
    /// The number of its event.
    pub number: i64,
    /// Who passes the customer on.
    pub from: RepId,
    /// The colleague who is asked.
    pub to_rep: Option<RepId>,
    /// The queue.
    pub to_queue: Option<i64>,
    /// What the next one is told.
    pub note: Option<&'n str>,
    /// Whether the two are to talk first.
    pub warm: bool,
    /// When.
    pub at: Timestamp,
}

const INSERT: &str = "INSERT INTO transfers (session_id, number, from_rep, to_rep, to_queue, note, warm, at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

/// Keeps a transfer.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &mut Tx, new: &New<'_>) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(INSERT)
        .bind(new.session)
        .bind(new.number)
        .bind(new.from)
        .bind(new.to_rep)
        .bind(new.to_queue)
        .bind(new.note)
        .bind(new.warm)
        .bind(new.at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

/// A transfer as it is kept, with what became of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Transfer {
    /// Who passed the customer on.
    pub from_rep: RepId,
    /// The name that colleagues see.
    pub from_name: String,
    /// The colleague who was asked.
    pub to_rep: Option<RepId>,
    /// That colleague's name.
    pub to_name: Option<String>,
    /// The queue.
    pub to_queue: Option<i64>,
    /// What the next one is told.
    pub note: Option<String>,
    /// Whether the two were to talk first.
    pub warm: bool,
    /// When the customer was handed over after that.
    pub handed_at: Option<Timestamp>,
    /// When.
    pub at: Timestamp,
    /// The colleague's offer.
    pub offer_id: Option<OfferId>,
    /// Where it stands.
    pub state: Option<OfferState>,
    /// Until when it rings.
    pub deadline: Option<Timestamp>,
    /// When it ceased to ring.
    pub decided_at: Option<Timestamp>,
}

const OF_SESSION: &str = "SELECT t.from_rep, f.display_name AS from_name, t.to_rep, u.display_name AS to_name, \
    t.to_queue, t.note, t.warm, t.handed_at, t.at, o.id AS offer_id, o.state, o.deadline, o.decided_at FROM transfers t JOIN users f ON f.id = t.from_rep \
    LEFT JOIN users u ON u.id = t.to_rep \
    LEFT JOIN offers o ON o.session_id = t.session_id AND o.made_at = t.at AND o.rep_id = t.to_rep \
    WHERE t.session_id = ? ORDER BY t.number";

/// Every transfer of a session, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_session(conn: Conn<'_>, session: SessionId) -> Result<Vec<Transfer>> {
    Ok(on!(conn, c => sqlx::query_as(OF_SESSION).bind(session).fetch_all(c).await?))
}

const IS_WARM: &str = "SELECT warm FROM transfers WHERE session_id = ? AND to_rep = ? AND at = ?";

/// Whether this colleague, who was asked at that moment, is to talk with the representative first.
///
/// # Errors
/// When the database does not answer.
pub async fn is_warm(conn: Conn<'_>, session: SessionId, rep: RepId, at: Timestamp) -> Result<bool> {
    let found: Option<bool> =
        on!(conn, c => sqlx::query_scalar(IS_WARM).bind(session).bind(rep).bind(at).fetch_optional(c).await?);
    Ok(found.unwrap_or(false))
}

/// Who only asked, or only talked with a colleague, has not passed anybody on.
const PASSED_ON: &str = "SELECT t.number FROM transfers t WHERE t.session_id = ? AND t.from_rep = ? \
    AND (t.to_queue IS NOT NULL OR EXISTS (SELECT 1 FROM offers o WHERE o.session_id = t.session_id \
    AND o.rep_id = t.to_rep AND o.made_at = t.at AND o.state = 'accepted' AND (t.warm = FALSE OR t.handed_at IS NOT NULL))) LIMIT 1";

/// Whether this representative has passed the customer on.
///
/// # Errors
/// When the database does not answer.
pub async fn passed_on_by(conn: Conn<'_>, session: SessionId, rep: RepId) -> Result<bool> {
    let found: Option<i64> =
        on!(conn, c => sqlx::query_scalar(PASSED_ON).bind(session).bind(rep).fetch_optional(c).await?);
    Ok(found.is_some())
}

/// Somebody who takes calls, as a colleague sees them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Colleague {
    /// Who.
    pub id: RepId,
    /// The name to sign in with.
    pub username: String,
    /// The name that customers and colleagues see.
    pub display_name: String,
    role: Role,
    disabled_at: Option<Timestamp>,
    activity: Option<Activity>,
    next_activity: Option<Activity>,
    room: Option<i64>,
    holder: Option<Uuid>,
    closed_at: Option<Timestamp>,
}

impl Colleague {
    /// How they stand.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            takes_calls: self.role.takes_calls() && self.disabled_at.is_none() && self.activity.is_some(),
            activity: self.activity.unwrap_or(Activity::Offline),
            next: self.next_activity,
            is_present: self.holder.is_some() && self.closed_at.is_none(),
            has_room: self.room.is_some_and(|room| room > 0),
        }
    }
}

/// What is read of a colleague.
macro_rules! colleagues {
    () => {
        concat!(
            "SELECT u.id, u.username, u.display_name, ",
            role_of_user!(),
            ", u.disabled_at, r.activity, r.next_activity, r.capacity - r.callers - r.ringing AS room, r.holder, \
             r.closed_at FROM users u LEFT JOIN reps r ON r.user_id = u.id WHERE "
        )
    };
}

const BY_NAME: &str = concat!(colleagues!(), "u.username_folded = ?");
const PRESENT: &str = concat!(
    colleagues!(),
    "u.disabled_at IS NULL AND r.holder IS NOT NULL AND r.closed_at IS NULL ORDER BY u.username_folded LIMIT ?"
);

/// The person with this name, whatever they may do.
///
/// # Errors
/// When the database does not answer.
pub async fn colleague(conn: Conn<'_>, folded: &str) -> Result<Option<Colleague>> {
    Ok(on!(conn, c => sqlx::query_as(BY_NAME).bind(folded).fetch_optional(c).await?))
}

/// The first `limit` whose console is open, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn present(conn: Conn<'_>, limit: i64) -> Result<Vec<Colleague>> {
    Ok(on!(conn, c => sqlx::query_as(PRESENT).bind(limit).fetch_all(c).await?))
}
