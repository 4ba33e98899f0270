//! Those who wait: tickets, joins in groups, and who is first.

use sqlx::types::Uuid;

use super::events::{self, Event};
use super::sessions::Session;
use super::{Conn, Proof, Result, Tx, mysql, on, sqlite};
use crate::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::queue::Place;
use crate::domain::session::{Action, Life, Step};

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

/// The queue that a session is for, and its priority there: as it was requested, for ever.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Destination {
    /// The session.
    pub id: SessionId,
    /// The queue.
    pub for_queue: i64,
    /// The priority, smaller is sooner.
    pub for_rank: i64,
}

/// Where these sessions go when they join; not in their order, and nothing of those that do not exist.
///
/// # Errors
/// When the database does not answer.
pub async fn destinations(conn: Conn<'_>, sessions: &[SessionId]) -> Result<Vec<Destination>> {
    Ok(on!(conn, c => {
        let mut select = sqlx::QueryBuilder::new("SELECT id, for_queue, for_rank FROM sessions WHERE id IN (");
        let mut ids = select.separated(", ");
        for id in padded(sessions) {
            ids.push_bind(id);
        }
        select.push(")");
        select.build_query_as().fetch_all(c).await?
    }))
}

/// As many as the next of the sizes: the last one is repeated.
fn padded<T: Copy>(members: &[T]) -> impl Iterator<Item = T> {
    let size = SIZES.into_iter().find(|&size| size >= members.len()).unwrap_or(members.len());
    let missing = size.saturating_sub(members.len());
    members.iter().copied().chain(std::iter::repeat_n(members.last().copied(), missing).flatten())
}

/// Lets sessions that are `created` enter their queues in this order, with one event each. False when any of them is
/// not: then the transaction must be rolled back.
///
/// # Errors
/// When the database does not take it.
pub async fn join(tx: &mut Tx, first_ticket: i64, sessions: &[Destination], at: Timestamp) -> Result<bool> {
    let (created, token) = (Life::new(), Uuid::new_v4());
    let mut joined = Vec::with_capacity(sessions.len());
    for (session, ticket) in sessions.iter().zip(first_ticket..) {
        let action = Action::Join { queue: session.for_queue, rank: session.for_rank, ticket };
        let Ok(Step::Changed(next)) = created.apply(&action, at) else { return Ok(false) };
        joined.push(Event::after(&action, session.id, &next, at, token));
    }
    let Some(first) = joined.first() else { return Ok(true) };
    tx.prove_by(Proof::Event { session: first.session_id, number: first.number, token });
    let tickets: Vec<_> = sessions.iter().map(|session| session.id).zip(first_ticket..).collect();
    if usize::try_from(enter(tx, &tickets, at, created.last_event).await?) != Ok(sessions.len()) {
        return Ok(false);
    }
    events::append_all(tx, &joined).await?;
    Ok(true)
}

/// Writes the rows of those whose last event is still that of the request; returns how many they are.
async fn enter(tx: &mut Tx, tickets: &[(SessionId, i64)], at: Timestamp, last_event: i64) -> Result<u64> {
    Ok(on!(tx.conn(), c => {
        let mut update = sqlx::QueryBuilder::new(
            "UPDATE sessions SET state = 'waiting', queue_id = for_queue, queue_rank = for_rank, queued_at = ");
        update.push_bind(at).push(", waiting_since = ").push_bind(at);
        update.push(", last_event = last_event + 1, ticket = CASE id");
        // Padding repeats the last session with its own ticket, which changes nothing.
        for (session, ticket) in padded(tickets) {
            update.push(" WHEN ").push_bind(session).push(" THEN ").push_bind(ticket);
        }
        update.push(" END WHERE state = 'created' AND last_event = ").push_bind(last_event);
        let mut ids = update.push(" AND id IN (").separated(", ");
        for (session, _) in padded(tickets) {
            ids.push_bind(session);
        }
        update.push(")");
        update.build().execute(c).await?.rows_affected()
    }))
}

/// Locks queues until the end of the transaction: one claim at a time looks at a line.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, queues: &[i64]) -> Result<()> {
    if queues.is_empty() {
        return Ok(());
    }
    on!(tx.conn(), c => {
        let mut update = sqlx::QueryBuilder::new("UPDATE queues SET version = version + 1 WHERE id IN (");
        let mut ids = update.separated(", ");
        for queue in queues {
            ids.push_bind(*queue);
        }
        update.push(")");
        update.build().execute(c).await?.rows_affected()
    });
    Ok(())
}

/// Those of a queue whom somebody may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The queue.
    pub queue: i64,
    /// Only those who entered by then, where it is not everybody.
    pub entered_by: Option<Timestamp>,
}

/// Which of those who wait are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Whose stream is not gone since before this time.
    There(Timestamp),
    /// Who are there, as above, and do not ring yet.
    Silent(Timestamp),
}

/// The first `limit` of each of these queues, in the order in which they are served.
///
/// # Errors
/// When the database does not answer.
pub async fn first(conn: Conn<'_>, reaches: &[Reach], which: Which, limit: i64) -> Result<Vec<Session>> {
    if reaches.is_empty() {
        return Ok(Vec::new());
    }
    let mut waiting: Vec<Session> = on!(conn, c => {
        let mut select = sqlx::QueryBuilder::new("");
        // A branch with a limit of its own reads no more of the index than it shows. One alone needs no wrapping.
        let several = reaches.len() > 1;
        for (index, reach) in reaches.iter().enumerate() {
            select.push(match (several, index) {
                (false, _) => "",
                (true, 0) => "SELECT * FROM (",
                (true, _) => " UNION ALL SELECT * FROM (",
            });
            select.push("SELECT * FROM sessions WHERE state = 'waiting' AND queue_id = ").push_bind(reach.queue);
            if let Some(entered_by) = reach.entered_by {
                select.push(" AND queued_at <= ").push_bind(entered_by);
            }
            if let Which::There(gone_before) | Which::Silent(gone_before) = which {
                select.push(" AND (closed_at IS NULL OR closed_at > ").push_bind(gone_before).push(")");
            }
            if let Which::Silent(_) = which {
                select.push(" AND ringing = 0");
            }
            select.push(" ORDER BY queue_rank, ticket LIMIT ").push_bind(limit);
            select.push(if several { ") AS line" } else { "" });
        }
        select.build_query_as().fetch_all(c).await?
    });
    waiting.sort_unstable_by_key(|session| (session.life.rank, session.life.ticket));
    Ok(waiting)
}

const PASSED: &str = "SELECT * FROM sessions WHERE state = 'waiting' AND queue_id = ? AND queued_at <= ? \
    AND closed_at <= ? AND (passed_at IS NULL OR passed_at < closed_at) \
    AND (queue_rank < ? OR (queue_rank = ? AND ticket < ?)) ORDER BY queue_rank, ticket LIMIT 50";

/// Those before `head` whose stream is gone, and who were not told to be passed over in this absence.
///
/// # Errors
/// When the database does not answer.
pub async fn passed(conn: Conn<'_>, reach: Reach, gone_before: Timestamp, head: &Session) -> Result<Vec<Session>> {
    let rank = head.life.rank;
    Ok(on!(conn, c => sqlx::query_as(PASSED)
        .bind(reach.queue)
        .bind(reach.entered_by.unwrap_or(Timestamp(i64::MAX)))
        .bind(gone_before)
        .bind(rank)
        .bind(rank)
        .bind(head.life.ticket)
        .fetch_all(c)
        .await?))
}

/// Who waits where.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Standing {
    /// The queue.
    pub queue_id: i64,
    /// The place in it.
    #[sqlx(flatten)]
    pub place: Place,
}

/// The places of everybody who waits, queue by queue, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn places(conn: Conn<'_>) -> Result<Vec<Standing>> {
    let text = "SELECT queue_id, queue_rank, ticket FROM sessions WHERE state = 'waiting' \
        ORDER BY queue_id, queue_rank, ticket";
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}
