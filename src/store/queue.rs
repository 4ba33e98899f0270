//! The queue: tickets, joins in groups, and the head of the line.

use sqlx::types::Uuid;

use super::sessions::Session;
use super::{Conn, Proof, Result, Tx, mysql, on, sqlite};
use crate::clock::Timestamp;
use crate::domain::activity::AfterCall;
use crate::domain::ids::SessionId;
use crate::domain::offer::{Mode, OfferOrder};
use crate::domain::queue::Place;
use crate::domain::session::Action;

/// The queue that serves every campaign until others are set up.
pub const DEFAULT_QUEUE: i64 = 1;

/// A queue's number and priority.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Queue {
    /// Its number.
    pub id: i64,
    /// The priority of those who join it, smaller is sooner.
    pub queue_rank: i64,
}

/// The queue with this number.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: i64) -> Result<Option<Queue>> {
    let text = "SELECT id, queue_rank FROM queues WHERE id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(id).fetch_optional(c).await?))
}

/// Takes `count` tickets from the one row that has them; returns the first of them.
///
/// The order of an auto-increment is not the order of arrival on a cluster; a row that is locked until the commit is.
///
/// # Errors
/// When the database does not answer.
pub async fn take_tickets(tx: &mut Tx, count: i64) -> Result<i64> {
    let last: i64 = match tx.conn() {
        Conn::Sqlite(c) => sqlx::query_scalar(sqlite::TAKE_TICKETS).bind(count).fetch_one(c).await?,
        Conn::MySql(c) => {
            let taken = sqlx::query(mysql::TAKE_TICKETS).bind(count).execute(c).await?;
            i64::try_from(taken.last_insert_id()).unwrap_or(i64::MAX)
        }
    };
    Ok(last - count + 1)
}

/// The sizes that a group is padded to, so that the database prepares few statements.
const SIZES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, MAX_GROUP];
/// The most sessions that join in one transaction.
pub const MAX_GROUP: usize = 128;

/// Lets sessions that are `created` enter the queue in this order, with one event each. False when any of them is not:
/// then the transaction must be rolled back.
///
/// # Errors
/// When the database does not take it.
pub async fn join(tx: &mut Tx, queue: Queue, first_ticket: i64, sessions: &[SessionId], at: Timestamp) -> Result<bool> {
    let Some(&last) = sessions.last() else { return Ok(true) };
    let size = SIZES.into_iter().find(|&size| size >= sessions.len()).unwrap_or(sessions.len());
    // Padding repeats the last session with its own ticket, which changes nothing.
    let member = |index: usize| sessions.get(index).copied().unwrap_or(last);
    let ticket = |index: usize| first_ticket + i64::try_from(index.min(sessions.len() - 1)).unwrap_or(i64::MAX);

    let rows = on!(tx.conn(), c => {
        let mut update = sqlx::QueryBuilder::new("UPDATE sessions SET state = 'waiting', queue_id = ");
        update.push_bind(queue.id).push(", queue_rank = ").push_bind(queue.queue_rank);
        update.push(", queued_at = ").push_bind(at).push(", waiting_since = ").push_bind(at);
        update.push(", last_event = last_event + 1, ticket = CASE id");
        for index in 0..size {
            update.push(" WHEN ").push_bind(member(index)).push(" THEN ").push_bind(ticket(index));
        }
        update.push(" END WHERE state = 'created' AND id IN (");
        let mut ids = update.separated(", ");
        for index in 0..size {
            ids.push_bind(member(index));
        }
        update.push(")");
        update.build().execute(c).await?.rows_affected()
    });
    if usize::try_from(rows) != Ok(sessions.len()) {
        return Ok(false);
    }
    append_join_events(tx, size, member, at).await?;
    Ok(true)
}

/// The events of a group, written from the rows they describe.
async fn append_join_events(
    tx: &mut Tx,
    size: usize,
    member: impl Fn(usize) -> SessionId + Send,
    at: Timestamp,
) -> Result<()> {
    let token = Uuid::new_v4();
    let name = Action::Join { queue: 0, rank: 0, ticket: 0 }.name();
    on!(tx.conn(), c => {
        let mut insert = sqlx::QueryBuilder::new(
            "INSERT INTO events (session_id, number, at, name, epoch, token, data) SELECT id, last_event, ");
        insert.push_bind(at).push(", ").push_bind(name).push(", epoch, ").push_bind(token);
        insert.push(
            ", '{\"action\":\"join\",\"queue\":' || queue_id || ',\"rank\":' || queue_rank || ',\"ticket\":' || ticket || '}' \
             FROM sessions WHERE id IN (");
        let mut ids = insert.separated(", ");
        for index in 0..size {
            ids.push_bind(member(index));
        }
        insert.push(")");
        insert.build().execute(c).await?.rows_affected()
    });
    // Every session that joins now was created with event 1, so this is its second.
    tx.prove_by(Proof::Event { session: member(0), number: 2, token });
    Ok(())
}

/// How the customers of a queue come to representatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Settings {
    /// Whether they ring.
    pub mode: Mode,
    /// How long an offer rings.
    pub offer_seconds: i64,
    /// At how many representatives at once, 1 to 5.
    pub offer_to: i64,
    /// Who is asked first.
    pub offer_order: OfferOrder,
    /// What follows a call.
    pub after_call: AfterCall,
    /// For how long a call is wrapped up before that; 0: not at all.
    pub wrap_up_seconds: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let (mode, offer_order, after_call) = (Mode::Offer, OfferOrder::Idle, AfterCall::Available);
        Self { mode, offer_seconds: 10, offer_to: 1, offer_order, after_call, wrap_up_seconds: 0 }
    }
}

/// The settings of a queue.
///
/// # Errors
/// When the database does not answer.
pub async fn settings(conn: Conn<'_>, queue: i64) -> Result<Option<Settings>> {
    let text =
        "SELECT mode, offer_seconds, offer_to, offer_order, after_call, wrap_up_seconds FROM queues WHERE id = ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(queue).fetch_optional(c).await?))
}

/// A queue with its name and settings.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Named {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// How it is set.
    #[sqlx(flatten)]
    pub settings: Settings,
}

/// Every queue.
///
/// # Errors
/// When the database does not answer.
pub async fn all(conn: Conn<'_>) -> Result<Vec<Named>> {
    let text = "SELECT id, name, mode, offer_seconds, offer_to, offer_order, after_call, wrap_up_seconds FROM queues ORDER BY id";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

const SET: &str = "UPDATE queues SET mode = ?, offer_seconds = ?, offer_to = ?, offer_order = ?, after_call = ?, \
    wrap_up_seconds = ? WHERE id = ?";

/// Sets a queue.
///
/// # Errors
/// When the database does not take it.
pub async fn set(tx: &mut Tx, queue: i64, settings: Settings) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(SET)
        .bind(settings.mode)
        .bind(settings.offer_seconds)
        .bind(settings.offer_to)
        .bind(settings.offer_order)
        .bind(settings.after_call)
        .bind(settings.wrap_up_seconds)
        .bind(queue)
        .execute(c)
        .await?
        .rows_affected());
    Ok(())
}

const NOT_RINGING: &str = "SELECT * FROM sessions WHERE state = 'waiting' AND queue_id = ? AND ringing = 0 \
    AND (closed_at IS NULL OR closed_at > ?) ORDER BY queue_rank, ticket LIMIT ?";

/// The first `limit` in line who do not ring, and whose stream is not gone since before `gone_before`.
///
/// # Errors
/// When the database does not answer.
pub async fn not_ringing(conn: Conn<'_>, queue: i64, gone_before: Timestamp, limit: i64) -> Result<Vec<Session>> {
    Ok(on!(conn, c => sqlx::query_as(NOT_RINGING).bind(queue).bind(gone_before).bind(limit).fetch_all(c).await?))
}

/// Locks a queue until the end of the transaction: one claim at a time.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, queue: i64) -> Result<()> {
    let text = "UPDATE queues SET version = version + 1 WHERE id = ?";
    on!(tx.conn(), c => sqlx::query(text).bind(queue).execute(c).await?.rows_affected());
    Ok(())
}

const HEAD: &str = "SELECT * FROM sessions WHERE state = 'waiting' AND queue_id = ? \
    AND (closed_at IS NULL OR closed_at > ?) ORDER BY queue_rank, ticket LIMIT 1";

/// The first in line whose stream is not gone since before `gone_before`.
///
/// # Errors
/// When the database does not answer.
pub async fn head(conn: Conn<'_>, queue: i64, gone_before: Timestamp) -> Result<Option<Session>> {
    Ok(on!(conn, c => sqlx::query_as(HEAD).bind(queue).bind(gone_before).fetch_optional(c).await?))
}

const PASSED: &str = "SELECT * FROM sessions WHERE state = 'waiting' AND queue_id = ? AND closed_at <= ? \
    AND (passed_at IS NULL OR passed_at < closed_at) \
    AND (queue_rank < ? OR (queue_rank = ? AND ticket < ?)) ORDER BY queue_rank, ticket LIMIT 50";

/// Those in line before `head` whose stream is gone, and who were not told to be passed over in this absence.
///
/// # Errors
/// When the database does not answer.
pub async fn passed(conn: Conn<'_>, queue: i64, gone_before: Timestamp, head: &Session) -> Result<Vec<Session>> {
    let rank = head.life.rank;
    Ok(on!(conn, c => sqlx::query_as(PASSED)
        .bind(queue)
        .bind(gone_before)
        .bind(rank)
        .bind(rank)
        .bind(head.life.ticket)
        .fetch_all(c)
        .await?))
}

/// The places of everybody who waits, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn places(conn: Conn<'_>, queue: i64) -> Result<Vec<Place>> {
    let text =
        "SELECT queue_rank, ticket FROM sessions WHERE state = 'waiting' AND queue_id = ? ORDER BY queue_rank, ticket";
    Ok(on!(conn, c => sqlx::query_as(text).bind(queue).fetch_all(c).await?))
}

/// The first `limit` who wait, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn front(conn: Conn<'_>, queue: i64, limit: i64) -> Result<Vec<Session>> {
    let text = "SELECT * FROM sessions WHERE state = 'waiting' AND queue_id = ? ORDER BY queue_rank, ticket LIMIT ?";
    Ok(on!(conn, c => sqlx::query_as(text).bind(queue).bind(limit).fetch_all(c).await?))
}
