//! Those who wait: tickets, joins in groups, and who is first.

use sqlx::types::Uuid;

use super::sessions::Session;
use super::{Conn, Proof, Result, Tx, mysql, on, sqlite};
use crate::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::queue::Place;
use crate::domain::session::Action;

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

/// The queue that a session is for, and its priority there.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Destination {
    /// The session.
    pub id: SessionId,
    /// The queue.
    pub for_queue: i64,
    /// The priority, smaller is sooner.
    pub for_rank: i64,
}

/// Where these sessions go when they join.
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
fn padded(sessions: &[SessionId]) -> impl Iterator<Item = SessionId> {
    let last = sessions.last().copied();
    let missing = size_of_group(sessions).saturating_sub(sessions.len());
    sessions.iter().copied().chain(std::iter::repeat_n(last, missing).flatten())
}

fn size_of_group(sessions: &[SessionId]) -> usize {
    SIZES.into_iter().find(|&size| size >= sessions.len()).unwrap_or(sessions.len())
}

/// Lets sessions that are `created` enter their queues in this order, with one event each. False when any of them is
/// not: then the transaction must be rolled back.
///
/// # Errors
/// When the database does not take it.
pub async fn join(tx: &mut Tx, first_ticket: i64, sessions: &[SessionId], at: Timestamp) -> Result<bool> {
    let Some(&last) = sessions.last() else { return Ok(true) };
    let size = size_of_group(sessions);
    // Padding repeats the last session with its own ticket, which changes nothing.
    let member = |index: usize| sessions.get(index).copied().unwrap_or(last);
    let ticket = |index: usize| first_ticket + i64::try_from(index.min(sessions.len() - 1)).unwrap_or(i64::MAX);

    let rows = on!(tx.conn(), c => {
        let mut update = sqlx::QueryBuilder::new(
            "UPDATE sessions SET state = 'waiting', queue_id = for_queue, queue_rank = for_rank, queued_at = ");
        update.push_bind(at).push(", waiting_since = ").push_bind(at);
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
