//! The append-only log: everything that happened to a session, in order. It replays to the session's row.

use sqlx::types::Uuid;

use super::sessions::Change;
use super::{Conn, Result, Tx, on};
use crate::clock::Timestamp;
use crate::domain::ids::SessionId;
use crate::domain::session::{Action, Life, Step};

/// One thing that happened to a session.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Event {
    /// To which.
    pub session_id: SessionId,
    /// Its number within the session, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// The action's word.
    pub name: String,
    /// The session's epoch after it.
    pub epoch: i64,
    /// The attempt that wrote it.
    pub token: Uuid,
    /// The action, as JSON; `{}` for the first event.
    pub data: String,
}

impl Event {
    /// The event of the request itself.
    #[must_use]
    pub fn first(session: SessionId, at: Timestamp) -> Self {
        let life = Life::new();
        Self {
            session_id: session,
            number: life.last_event,
            at,
            name: "created".to_owned(),
            epoch: life.epoch,
            token: Uuid::new_v4(),
            data: REQUEST.to_owned(),
        }
    }

    pub(super) fn of(change: &Change<'_>) -> Self {
        Self::after(change.action, change.session.id, change.next, change.at, Uuid::new_v4())
    }

    /// The event of an action that made a session's life what it is `next`.
    pub(super) fn after(action: &Action, session: SessionId, next: &Life, at: Timestamp, token: Uuid) -> Self {
        Self {
            session_id: session,
            number: next.last_event,
            at,
            name: action.name().to_owned(),
            epoch: next.epoch,
            token,
            // An action is made of numbers and texts: it always serialises.
            data: serde_json::to_string(action).unwrap_or_default(),
        }
    }
}

/// What is kept of the request itself: all of it is on the session's row.
const REQUEST: &str = "{}";

/// Many are written in whole steps of so many, then the rest: the database prepares few statements.
const STEP: usize = 8;

pub(super) async fn append(tx: &mut Tx, event: &Event) -> Result<()> {
    append_all(tx, std::slice::from_ref(event)).await
}

pub(super) async fn append_all(tx: &mut Tx, events: &[Event]) -> Result<()> {
    let (steps, rest) = events.split_at(events.len() / STEP * STEP);
    for piece in [steps, rest].into_iter().filter(|piece| !piece.is_empty()) {
        on!(tx.conn(), c => {
            let mut insert =
                sqlx::QueryBuilder::new("INSERT INTO events (session_id, number, at, name, epoch, token, data) ");
            insert.push_values(piece, |mut row, event| {
                row.push_bind(event.session_id).push_bind(event.number).push_bind(event.at).push_bind(&event.name);
                row.push_bind(event.epoch).push_bind(event.token).push_bind(&event.data);
            });
            insert.build().execute(c).await?.rows_affected()
        });
    }
    Ok(())
}

const OF_SESSION: &str = "SELECT * FROM events WHERE session_id = ? ORDER BY number";

/// Everything that happened to a session, in order.
///
/// # Errors
/// When the database does not answer.
pub async fn of_session(conn: Conn<'_>, session: SessionId) -> Result<Vec<Event>> {
    Ok(on!(conn, c => sqlx::query_as(OF_SESSION).bind(session).fetch_all(c).await?))
}

const LAST: &str = "SELECT data FROM events WHERE session_id = ? AND name = ? ORDER BY number DESC LIMIT 1";

/// The latest action of this name. `None` when there was none, or one with a word that this version does not know.
///
/// # Errors
/// When the database does not answer.
pub async fn last(conn: Conn<'_>, session: SessionId, name: &str) -> Result<Option<Action>> {
    let data: Option<String> =
        on!(conn, c => sqlx::query_scalar(LAST).bind(session).bind(name).fetch_optional(c).await?);
    Ok(data.and_then(|data| serde_json::from_str(&data).ok()))
}

const LAST_OF: &str = "SELECT data FROM events WHERE session_id = ? AND name IN (?, ?) ORDER BY number DESC LIMIT 1";

/// The latest action of either name. `None` as for [`last`].
///
/// # Errors
/// When the database does not answer.
pub async fn last_of(conn: Conn<'_>, session: SessionId, names: [&str; 2]) -> Result<Option<Action>> {
    let data: Option<String> = on!(conn, c => sqlx::query_scalar(LAST_OF)
        .bind(session)
        .bind(names[0])
        .bind(names[1])
        .fetch_optional(c)
        .await?);
    Ok(data.and_then(|data| serde_json::from_str(&data).ok()))
}

/// The life that a log tells. `None` when the log has a gap or an impossible step. It begins with a request, or with all that
/// was imported.
///
/// # Errors
/// When an event's action cannot be read.
pub fn replay(log: &[Event]) -> Result<Option<Life>> {
    let is_request = log.first().is_none_or(|first| first.data == REQUEST);
    let mut life = if is_request { Life::new() } else { Life::unborn() };
    for event in log.iter().skip(usize::from(is_request)) {
        let action: Action = serde_json::from_str(&event.data)?;
        let Ok(Step::Changed(next)) = life.apply(&action, event.at) else { return Ok(None) };
        if next.last_event != event.number || next.epoch != event.epoch {
            return Ok(None);
        }
        life = *next;
    }
    Ok(log.first().is_some_and(|first| first.number == 1).then_some(life))
}
