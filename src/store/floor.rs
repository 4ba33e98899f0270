//! The live floor, read: who waits, who talks with whom, what representatives are doing, at whom it rings.

use sqlx::types::Uuid;

use super::activities::Duty;
use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::activity::Activity;
use crate::domain::ids::{BannerId, CampaignId, OfferId, RepId, SessionId};
use crate::domain::offer::OfferState;
use crate::domain::session::{Kind, State};

/// A queue's number and name.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct QueueName {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// How many live sessions of a queue are in a state.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// The state.
    pub state: State,
    /// The queue.
    pub queue_id: i64,
    /// How many.
    pub sessions: i64,
    /// How many of them ring.
    pub ringing: i64,
    /// The oldest queue entry.
    pub oldest: Timestamp,
}

/// Who a session is, as the floor shows it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Customer {
    /// The session.
    pub id: SessionId,
    /// Its queue.
    pub queue_id: i64,
    /// The customer's name.
    pub name: Option<String>,
    /// What it counts for.
    pub campaign_id: CampaignId,
    /// What the campaign is called.
    pub campaign_name: Option<String>,
    /// What it counts for.
    pub banner_id: BannerId,
    /// ISO 3166 code of the address.
    pub country: Option<String>,
    /// Voice without video.
    pub audio_only: bool,
    /// Whether it is counted.
    pub kind: Kind,
    /// Its priority, as decided when it was asked for.
    pub for_rank: i64,
    /// First queue entry.
    pub queued_at: Timestamp,
    /// Latest queue entry.
    pub waiting_since: Timestamp,
    /// When the customer's stream closed.
    pub closed_at: Option<Timestamp>,
}

/// A customer whom a representative has.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Conversation {
    /// Who.
    #[sqlx(flatten)]
    pub customer: Customer,
    /// With whom.
    pub rep_id: Option<RepId>,
    /// The colleague with whom that one talks about the customer, who is on hold.
    pub consulted: Option<RepId>,
    /// Offered, talking or held.
    pub state: State,
    /// The claim.
    pub offered_at: Option<Timestamp>,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// The session's last event.
    pub changed_at: Timestamp,
}

/// A representative.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Rep {
    /// Who.
    pub id: RepId,
    /// The name to sign in with.
    pub username: String,
    /// The name that customers and colleagues see.
    pub display_name: String,
    /// What they are doing.
    #[sqlx(flatten)]
    pub duty: Duty,
    /// The most callers at a time.
    pub capacity: i64,
    /// The callers now.
    pub callers: i64,
    /// The instance that holds the console's stream.
    pub holder: Option<Uuid>,
    /// When the console's stream closed.
    pub closed_at: Option<Timestamp>,
}

impl Rep {
    /// Whether the console is open.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.holder.is_some() && self.closed_at.is_none()
    }
}

/// How many representatives are doing something.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DutyCount {
    /// What.
    pub activity: Activity,
    /// How many.
    pub reps: i64,
    /// How many of them have the console open.
    pub present: i64,
}

/// An offer that rings.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ring {
    /// The customer who rings.
    pub session_id: SessionId,
    /// At whom.
    pub rep_id: RepId,
    /// Until when.
    pub deadline: Timestamp,
}

/// Every queue.
///
/// # Errors
/// When the database does not answer.
pub async fn queues(conn: Conn<'_>) -> Result<Vec<QueueName>> {
    Ok(on!(conn, c => sqlx::query_as("SELECT id, name FROM queues ORDER BY id").fetch_all(c).await?))
}

const COUNTS: &str = "SELECT state, queue_id, COUNT(*) AS sessions, \
    CAST(SUM(CASE WHEN ringing > 0 THEN 1 ELSE 0 END) AS SIGNED) AS ringing, MIN(queued_at) AS oldest \
    FROM sessions WHERE state IN ('waiting', 'offered', 'talking', 'held') GROUP BY state, queue_id";

/// How many live sessions there are, by state and queue.
///
/// # Errors
/// When the database does not answer.
pub async fn counts(conn: Conn<'_>) -> Result<Vec<Count>> {
    Ok(on!(conn, c => sqlx::query_as(COUNTS).fetch_all(c).await?))
}

/// What is read of a customer.
macro_rules! customers {
    () => {
        "SELECT s.id, s.queue_id, s.name, s.campaign_id, k.name AS campaign_name, s.banner_id, s.country, \
         s.audio_only, s.kind, s.for_rank, s.queued_at, s.waiting_since, s.closed_at"
    };
}

const WAITING: &str = concat!(
    customers!(),
    " FROM sessions s LEFT JOIN campaigns k ON k.id = s.campaign_id \
     WHERE s.state = 'waiting' AND s.queue_id = ? ORDER BY s.queue_rank, s.ticket LIMIT ?"
);

/// The first `limit` who wait in a queue, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(conn: Conn<'_>, queue: i64, limit: i64) -> Result<Vec<Customer>> {
    Ok(on!(conn, c => sqlx::query_as(WAITING).bind(queue).bind(limit).fetch_all(c).await?))
}

const CONVERSATIONS: &str = concat!(
    customers!(),
    ", s.rep_id, s.consulted, s.state, s.offered_at, s.started_at, e.at AS changed_at FROM sessions s \
     JOIN events e ON e.session_id = s.id AND e.number = s.last_event \
     LEFT JOIN campaigns k ON k.id = s.campaign_id \
     WHERE s.state IN ('offered', 'talking', 'held') ORDER BY s.offered_at, s.ticket LIMIT ?"
);

/// The first `limit` whom representatives have, oldest claim first.
///
/// # Errors
/// When the database does not answer.
pub async fn conversations(conn: Conn<'_>, limit: i64) -> Result<Vec<Conversation>> {
    Ok(on!(conn, c => sqlx::query_as(CONVERSATIONS).bind(limit).fetch_all(c).await?))
}

/// Representatives, and administrators as far as they take calls now; who is locked out only while they have callers.
macro_rules! on_the_floor {
    () => {
        " FROM reps r JOIN users u ON u.id = r.user_id WHERE r.callers > 0 OR (u.disabled_at IS NULL AND \
         (u.role = 'rep' OR (u.role = 'admin' AND (r.activity <> 'offline' \
         OR (r.holder IS NOT NULL AND r.closed_at IS NULL)))))"
    };
}

/// What is read of a representative.
macro_rules! reps {
    () => {
        "SELECT u.id, u.username, u.display_name, r.activity, r.activity_reason, r.activity_since, r.next_activity, \
         r.next_reason, r.wrap_up_session, r.wrap_up_until, r.capacity, r.callers, r.holder, r.closed_at"
    };
}

const REPS: &str = concat!(
    reps!(),
    on_the_floor!(),
    " ORDER BY CASE WHEN r.activity = 'offline' THEN 1 ELSE 0 END, u.username_folded LIMIT ?"
);
const REP: &str = concat!(reps!(), " FROM reps r JOIN users u ON u.id = r.user_id WHERE u.id = ?");

/// The first `limit` representatives by name, who are offline last.
///
/// # Errors
/// When the database does not answer.
pub async fn reps(conn: Conn<'_>, limit: i64) -> Result<Vec<Rep>> {
    Ok(on!(conn, c => sqlx::query_as(REPS).bind(limit).fetch_all(c).await?))
}

/// One representative.
///
/// # Errors
/// When the database does not answer.
pub async fn rep(conn: Conn<'_>, id: RepId) -> Result<Option<Rep>> {
    Ok(on!(conn, c => sqlx::query_as(REP).bind(id).fetch_optional(c).await?))
}

const DUTIES: &str = concat!(
    "SELECT r.activity, COUNT(*) AS reps, \
     CAST(SUM(CASE WHEN r.holder IS NOT NULL AND r.closed_at IS NULL THEN 1 ELSE 0 END) AS SIGNED) AS present",
    on_the_floor!(),
    " GROUP BY r.activity"
);

/// How many representatives are doing what.
///
/// # Errors
/// When the database does not answer.
pub async fn duties(conn: Conn<'_>) -> Result<Vec<DutyCount>> {
    Ok(on!(conn, c => sqlx::query_as(DUTIES).fetch_all(c).await?))
}

/// The first `limit` offers that ring.
///
/// # Errors
/// When the database does not answer.
pub async fn rings(conn: Conn<'_>, limit: i64) -> Result<Vec<Ring>> {
    let text = "SELECT session_id, rep_id, deadline FROM offers WHERE state = 'pending' ORDER BY deadline, id LIMIT ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(limit).fetch_all(c).await?))
}

/// An offer that a session had, with whom it rang at.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PastOffer {
    /// The offer.
    pub id: OfferId,
    /// At whom: the name to sign in with.
    pub username: String,
    /// The name that customers and colleagues see.
    pub display_name: String,
    /// Where it stands.
    pub state: OfferState,
    /// When it began to ring.
    pub made_at: Timestamp,
    /// When it ceases to.
    pub deadline: Timestamp,
    /// When it stopped being pending.
    pub decided_at: Option<Timestamp>,
}

const OFFERS_OF: &str = "SELECT o.id, u.username, u.display_name, o.state, o.made_at, o.deadline, o.decided_at \
    FROM offers o JOIN users u ON u.id = o.rep_id WHERE o.session_id = ? ORDER BY o.made_at, o.id";

/// Every offer a session ever had, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn offers_of(conn: Conn<'_>, session: SessionId) -> Result<Vec<PastOffer>> {
    Ok(on!(conn, c => sqlx::query_as(OFFERS_OF).bind(session).fetch_all(c).await?))
}

/// The names of these people.
///
/// # Errors
/// When the database does not answer.
pub async fn names(conn: Conn<'_>, ids: &[RepId]) -> Result<Vec<(RepId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, c => {
        let mut select = sqlx::QueryBuilder::new("SELECT id, display_name FROM users WHERE id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(")");
        select.build_query_as().fetch_all(c).await?
    }))
}

/// A ticket, and whose.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Ticket {
    /// The session.
    pub id: SessionId,
    /// Its ticket.
    pub ticket: i64,
}

/// Every queue: the number of none.
const ANY: i64 = 0;

/// The newest ticket of those who wait in a queue, or in any.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(conn: Conn<'_>, queue: Option<i64>) -> Result<i64> {
    let text = "SELECT COALESCE(MAX(ticket), 0) FROM sessions WHERE state = 'waiting' AND (? = 0 OR queue_id = ?)";
    let queue = queue.unwrap_or(ANY);
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(queue).bind(queue).fetch_one(c).await?))
}

const TICKETS: &str = "SELECT id, ticket FROM sessions WHERE state = 'waiting' AND (? = 0 OR queue_id = ?) \
    AND ticket > ? AND ticket <= ? ORDER BY ticket LIMIT ?";

/// The next `limit` who wait in a queue, or in any, with a ticket after `after` and up to `last`.
///
/// # Errors
/// When the database does not answer.
pub async fn tickets(conn: Conn<'_>, queue: Option<i64>, after: i64, last: i64, limit: i64) -> Result<Vec<Ticket>> {
    let queue = queue.unwrap_or(ANY);
    Ok(on!(conn, c => sqlx::query_as(TICKETS)
        .bind(queue)
        .bind(queue)
        .bind(after)
        .bind(last)
        .bind(limit)
        .fetch_all(c)
        .await?))
}
