//! Sessions: one row each, from the request to the outcome.

use sqlx::types::Uuid;

use super::events::{self, Event};
use super::{Conn, Proof, Result, StoreError, Tx, on};
use crate::clock::Timestamp;
use crate::domain::campaign::{Source, USUALLY_QUALIFIED_MS};
use crate::domain::estimate::{Contact, WINDOW_MILLIS};
use crate::domain::ids::{BannerId, CampaignId, QueueId, RepId, SessionId, VisitId, VisitorId};
use crate::domain::session::{Action, Kind, Life, ZeroUntilKnown};

/// A session as it is kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its place in the queue, told when it joins.
    pub queue_entry: QueueId,
    /// The visit it came from.
    pub visit_id: Option<VisitId>,
    /// The browser that asked for it; not known of one from before 0010.
    pub visitor_id: Option<VisitorId>,
    /// What it counts for.
    pub campaign_id: CampaignId,
    /// What it counts for.
    pub banner_id: BannerId,
    /// Whether it is counted.
    pub kind: Kind,
    /// The customer's name, ≤ 80 characters.
    pub name: Option<String>,
    /// What it is about, ≤ 1,000 characters.
    pub problem: Option<String>,
    /// Voice without video.
    pub audio_only: bool,
    /// When the customer agreed to the consent line.
    pub consent_at: Option<Timestamp>,
    /// The customer's address, as the installation keeps it.
    pub address: Option<String>,
    /// The customer's agent, ≤ 512 characters.
    pub user_agent: Option<String>,
    /// ISO 3166 code of the address.
    pub country: Option<String>,
    /// phone, tablet, computer or other.
    pub device: Option<String>,
    /// Name of the browser.
    pub browser: Option<String>,
    /// Name of the operating system.
    pub os: Option<String>,
    /// When it was requested.
    pub created_at: Timestamp,
    /// The queue it is for, decided when it was requested.
    pub for_queue: i64,
    /// Its priority there, smaller is sooner.
    pub for_rank: i64,
    /// Its life so far.
    #[sqlx(flatten)]
    pub life: Life,
    /// The instance that holds the customer's stream.
    pub holder: Option<Uuid>,
    /// When the customer's stream closed.
    pub closed_at: Option<Timestamp>,
    /// The last epoch in which the customer's page spoke.
    pub heard_epoch: i64,
    /// At whom it began or ceased to ring by the change that was just made. Not kept.
    #[sqlx(skip)]
    pub rang: Vec<RepId>,
}

impl Session {
    /// What it counts for.
    #[must_use]
    pub fn source(&self) -> Source {
        Source { campaign: self.campaign_id.clone(), banner: self.banner_id.clone() }
    }
}

/// A change to a session's life that is to be kept, with the event that says why.
#[derive(Debug)]
pub struct Change<'s> {
    /// The row as it was read.
    pub session: &'s Session,
    /// Its life after the change.
    pub next: &'s Life,
    /// What happened.
    pub action: &'s Action,
    /// When.
    pub at: Timestamp,
}

const INSERT: &str = "INSERT INTO sessions (id, queue_entry, visit_id, visitor_id, campaign_id, banner_id, kind, name, problem, \
    audio_only, consent_at, address, user_agent, country, device, browser, os, created_at, for_queue, for_rank, \
    state, epoch, last_event, qualified_ms, queue_id, ticket, queued_at, waiting_since) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
    COALESCE((SELECT qualified_ms FROM campaigns WHERE id = ?), ?), 0, 0, 0, 0)";

/// Keeps a new session and its first event.
///
/// # Errors
/// When the database does not take it.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<()> {
    on!(tx.conn(), c => sqlx::query(INSERT)
        .bind(session.id)
        .bind(session.queue_entry)
        .bind(session.visit_id)
        .bind(session.visitor_id)
        .bind(&session.campaign_id)
        .bind(&session.banner_id)
        .bind(session.kind)
        .bind(&session.name)
        .bind(&session.problem)
        .bind(session.audio_only)
        .bind(session.consent_at)
        .bind(&session.address)
        .bind(&session.user_agent)
        .bind(&session.country)
        .bind(&session.device)
        .bind(&session.browser)
        .bind(&session.os)
        .bind(session.created_at)
        .bind(session.for_queue)
        .bind(session.for_rank)
        .bind(session.life.state)
        .bind(session.life.epoch)
        .bind(session.life.last_event)
        .bind(&session.campaign_id)
        .bind(USUALLY_QUALIFIED_MS)
        .execute(c)
        .await?
        .rows_affected());
    let event = Event::first(session.id, session.created_at);
    events::append(tx, &event).await?;
    tx.prove_by(Proof::Session(session.id));
    Ok(())
}

const BY_ID: &str = "SELECT * FROM sessions WHERE id = ?";

/// The session with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(conn: Conn<'_>, id: SessionId) -> Result<Option<Session>> {
    Ok(on!(conn, c => sqlx::query_as(BY_ID).bind(id).fetch_optional(c).await?))
}

/// Lets nobody else change a session until the end of the transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut Tx, id: SessionId) -> Result<bool> {
    let text = "UPDATE sessions SET rolled = rolled WHERE id = ?";
    Ok(on!(tx.conn(), c => sqlx::query(text).bind(id).execute(c).await?.rows_affected()) == 1)
}

const BY_QUEUE_ENTRY: &str = "SELECT * FROM sessions WHERE queue_entry = ?";

/// Whether there is any session; and whether one of them has not ended.
///
/// # Errors
/// When the database does not answer.
pub async fn any(mut conn: Conn<'_>) -> Result<(bool, bool)> {
    let text = "SELECT 1 FROM sessions LIMIT 1";
    let one: Option<i64> = on!(conn.reborrow(), c => sqlx::query_scalar(text).fetch_optional(c).await?);
    let text = "SELECT 1 FROM sessions WHERE state IN ('created', 'waiting', 'offered', 'talking', 'held') LIMIT 1";
    let live: Option<i64> = on!(conn, c => sqlx::query_scalar(text).fetch_optional(c).await?);
    Ok((one.is_some(), live.is_some()))
}

/// The session with this place in the queue.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_queue_entry(conn: Conn<'_>, id: QueueId) -> Result<Option<Session>> {
    Ok(on!(conn, c => sqlx::query_as(BY_QUEUE_ENTRY).bind(id).fetch_optional(c).await?))
}

/// The number of the last event of each of these sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn last_events(conn: Conn<'_>, ids: &[SessionId]) -> Result<Vec<(SessionId, i64)>> {
    Ok(on!(conn, c => {
        let mut select = sqlx::QueryBuilder::new("SELECT id, last_event FROM sessions WHERE id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(")");
        select.build_query_as().fetch_all(c).await?
    }))
}

/// A conversation of the last hour was asked for at most so long before: whoever waited longer is left out.
const LONGEST_WAIT_MILLIS: i64 = 2 * 3_600_000;

/// Ids of other systems, which imported sessions may have, may be greater than any of ours will ever be.
const CONTACTS: &str = "SELECT rep_id, queue_id, offered_at, started_at, ended_at FROM sessions \
    WHERE id >= ? AND id < ? AND rep_id IS NOT NULL AND offered_at IS NOT NULL AND (ended_at IS NULL OR ended_at > ?)";

/// Who was in a representative's hands since then. Found by the ids, which are ordered by time.
///
/// # Errors
/// When the database does not answer.
pub async fn contacts_since(conn: Conn<'_>, since: Timestamp) -> Result<Vec<Contact>> {
    let earliest = SessionId::earliest(since.plus_millis(-LONGEST_WAIT_MILLIS));
    let latest = SessionId::earliest(since.plus_millis(2 * WINDOW_MILLIS));
    Ok(on!(conn, c => sqlx::query_as(CONTACTS).bind(earliest).bind(latest).bind(since).fetch_all(c).await?))
}

const OF_REP: &str = "SELECT * FROM sessions WHERE state IN ('offered', 'talking', 'held') AND rep_id = ? \
    ORDER BY offered_at, ticket";

/// The sessions that a representative has now, oldest claim first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_rep(conn: Conn<'_>, rep: RepId) -> Result<Vec<Session>> {
    Ok(on!(conn, c => sqlx::query_as(OF_REP).bind(rep).fetch_all(c).await?))
}

const SAVE: &str = "UPDATE sessions SET state = ?, outcome = ?, epoch = ?, last_event = ?, queue_id = ?, \
    queue_rank = ?, ticket = ?, rep_id = ?, queued_at = ?, waiting_since = ?, offered_at = ?, passed_at = ?, \
    customer_joined_at = ?, rep_joined_at = ?, started_at = ?, ended_at = ?, answered_by = ?, \
    representative_name = ?, requeue_ms = ?, ringing = ?, consulted = ? WHERE id = ? AND last_event = ?";

/// Keeps a change: one compare-and-set on the session's version, and one event.
///
/// # Errors
/// [`StoreError::Stale`] when another writer was first.
pub async fn save(tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let Change { session, next, .. } = change;
    let rows = on!(tx.conn(), c => sqlx::query(SAVE)
        .bind(next.state)
        .bind(next.outcome)
        .bind(next.epoch)
        .bind(next.last_event)
        .bind(ZeroUntilKnown::number(next.queue))
        .bind(next.rank)
        .bind(ZeroUntilKnown::number(next.ticket))
        .bind(next.rep)
        .bind(ZeroUntilKnown::instant(next.queued_at))
        .bind(ZeroUntilKnown::instant(next.waiting_since))
        .bind(next.offered_at)
        .bind(next.passed_at)
        .bind(next.customer_joined_at)
        .bind(next.rep_joined_at)
        .bind(next.started_at)
        .bind(next.ended_at)
        .bind(next.answered_by)
        .bind(&next.representative_name)
        .bind(next.requeue_ms)
        .bind(next.ringing)
        .bind(next.consulted)
        .bind(session.id)
        .bind(session.life.last_event)
        .execute(c)
        .await?
        .rows_affected());
    if rows != 1 {
        return Err(StoreError::Stale);
    }
    let event = Event::of(change);
    events::append(tx, &event).await?;
    tx.prove_by(Proof::Event { session: session.id, number: event.number, token: event.token });
    Ok(())
}
