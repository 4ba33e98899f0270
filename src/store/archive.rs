//! Sessions that are over, with all that their figures are made of: out of the table, and into it, many at a time.

use sqlx::types::Uuid;

use super::rollups::pieces;
use super::{Conn, Proof, Result, StoreError, Tx, calls, on};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId, SessionId};
use crate::domain::past::Past;
use crate::domain::session::{Action, Kind, Life, Outcome};

/// A session that is over.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// Its id.
    pub id: SessionId,
    /// What it counts for.
    pub campaign_id: CampaignId,
    /// What it counts for.
    pub banner_id: BannerId,
    /// First queue entry; 0 when it never joined.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End; none while it goes on.
    pub ended_at: Option<Timestamp>,
    /// The customer's address, as kept.
    pub address: Option<String>,
    /// The customer's agent.
    pub user_agent: Option<String>,
    /// ISO 3166 code.
    pub country: Option<String>,
    /// The first who answered, as named then.
    pub representative_name: Option<String>,
    /// Its ticket.
    pub ticket: i64,
    /// A call or a trial.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The customer's kind of device.
    pub device: Option<String>,
    /// The name of its last queue.
    pub queue: Option<String>,
    /// The name with which the first who answered logs in.
    pub username: Option<String>,
    /// The service level's T.
    pub answer_within_ms: i64,
    /// A shorter wait does not count as abandoned.
    pub gone_early_ms: i64,
    /// From which duration on it counts as qualified.
    pub qualified_ms: i64,
    /// Waited after the first queue entry was left.
    pub requeue_ms: i64,
    /// With a representative.
    pub handled_ms: i64,
    /// Wrapped up.
    pub acw_ms: i64,
    /// Whether it was answered, and over while the customer was not connected.
    pub dropped: bool,
}

/// The columns of [`Kept`].
macro_rules! kept {
    ($rest:literal) => {
        concat!(
            "SELECT id, campaign_id, banner_id, queued_at, started_at, ended_at, address, user_agent, country, \
             representative_name, ticket, kind, outcome, device, \
             (SELECT queues.name FROM queues WHERE queues.id = sessions.queue_id) AS queue, \
             (SELECT users.username FROM users WHERE users.id = sessions.answered_by) AS username, \
             answer_within_ms, gone_early_ms, qualified_ms, requeue_ms, ",
            include_str!("../../sql/figures/parts/handled_ms.sql"),
            " AS handled_ms, ",
            include_str!("../../sql/figures/parts/acw_ms.sql"),
            " AS acw_ms, CASE WHEN started_at IS NOT NULL AND ended_at IS NOT NULL \
             AND (customer_joined_at IS NULL OR rep_joined_at IS NULL) THEN TRUE ELSE FALSE END AS dropped \
             FROM sessions WHERE ",
            $rest
        )
    };
}

/// In the order of `/getFullMetrics`, and found as there (`sql/figures/full.sql`).
const AFTER: &str = kept!(
    "campaign_id IN (?, '') AND banner_id = COALESCE(?, banner_id) \
     AND +queued_at > 0 AND queued_at >= ? AND queued_at < ? AND (kind = 'call' OR (? = 1 AND kind = 'test')) \
     AND (queued_at > ? OR (queued_at = ? AND ticket > ?)) AND ended_at IS NOT NULL \
     ORDER BY campaign_id, queued_at, ticket LIMIT ?"
);

/// The sessions after a mark that joined and are over, oldest queue entry first, so many at most.
///
/// # Errors
/// When the database does not answer.
pub async fn after(conn: Conn<'_>, which: &calls::Which, mark: calls::Mark, limit: i64) -> Result<Vec<Kept>> {
    let from = which.period.from.max(mark.entry).max(Timestamp(1));
    Ok(on!(conn, c => sqlx::query_as(AFTER)
        .bind(&which.campaign)
        .bind(&which.banner)
        .bind(from)
        .bind(which.period.to)
        .bind(i64::from(which.period.tests))
        .bind(mark.entry)
        .bind(mark.entry)
        .bind(mark.ticket)
        .bind(limit)
        .fetch_all(c)
        .await?))
}

/// The most sessions of one statement. Larger ones are not faster, and SQLite takes 32,766 values.
const MOST_ROWS: usize = 256;

/// Those of these sessions that are there already.
///
/// # Errors
/// When the database does not answer.
pub async fn there(mut conn: Conn<'_>, ids: &[SessionId]) -> Result<Vec<Kept>> {
    let mut there = Vec::new();
    for piece in pieces(ids, MOST_ROWS) {
        // Most are new, and the whole of a row is dear to ask for.
        let known: Vec<SessionId> = on!(conn.reborrow(), c => {
            let mut select = sqlx::QueryBuilder::new("SELECT id FROM sessions WHERE id IN (");
            let mut list = select.separated(", ");
            for id in piece {
                list.push_bind(*id);
            }
            select.push(")");
            select.build_query_scalar().fetch_all(c).await?
        });
        for piece in pieces(&known, MOST_ROWS) {
            let rows: Vec<Kept> = on!(conn.reborrow(), c => {
                let mut select = sqlx::QueryBuilder::new(kept!("id IN ("));
                let mut list = select.separated(", ");
                for id in piece {
                    list.push_bind(*id);
                }
                select.push(")");
                select.build_query_as().fetch_all(c).await?
            });
            there.extend(rows);
        }
    }
    Ok(there)
}

/// A session that is new here, over as it comes.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its id.
    pub id: SessionId,
    /// What it counts for.
    pub campaign_id: CampaignId,
    /// What it counts for.
    pub banner_id: BannerId,
    /// A call or a trial.
    pub kind: Kind,
    /// The customer's address, as kept.
    pub address: Option<String>,
    /// The customer's agent.
    pub user_agent: Option<String>,
    /// ISO 3166 code.
    pub country: Option<String>,
    /// The customer's kind of device.
    pub device: Option<String>,
    /// The service level's T.
    pub answer_within_ms: i64,
    /// A shorter wait does not count as abandoned.
    pub gone_early_ms: i64,
    /// From which duration on it counts as qualified.
    pub qualified_ms: i64,
    /// With a representative.
    pub handled_ms: i64,
    /// Wrapped up.
    pub acw_ms: i64,
    /// The life it had.
    pub past: Past,
}

/// Keeps sessions of the past, each with its one event.
///
/// # Errors
/// [`StoreError::Stale`] when one of them is there by now, or the database does not take it.
pub async fn insert(tx: &mut Tx, sessions: &[&Imported], at: Timestamp) -> Result<()> {
    let token = Uuid::new_v4();
    let mut lives = Vec::with_capacity(sessions.len());
    for &session in sessions {
        let action = Action::Imported(Box::new(session.past.clone()));
        let data = serde_json::to_string(&action)?;
        lives.push((session, Life::imported(&session.past), data));
    }
    for piece in pieces(&lives, MOST_ROWS) {
        taken_by_another(insert_sessions(tx, piece).await)?;
        insert_events(tx, piece, at, token).await?;
    }
    if let Some((first, life, _)) = lives.first() {
        tx.prove_by(Proof::Event { session: first.id, number: life.last_event, token });
    }
    Ok(())
}

/// Whoever brought it in meanwhile is found when it is looked for again.
fn taken_by_another(result: Result<()>) -> Result<()> {
    result.map_err(|error| if matches!(error, StoreError::Duplicate(_)) { StoreError::Stale } else { error })
}

/// A session, its life, and the data of its event.
type Row<'s> = (&'s Imported, Life, String);

/// Nobody looks an imported session up by its place in the queue, so its own id stands there: in order, unlike that of others, or
/// every row would change another page of that index.
async fn insert_sessions(tx: &mut Tx, rows: &[Row<'_>]) -> Result<()> {
    on!(tx.conn(), c => {
        let mut insert = sqlx::QueryBuilder::new(
            "INSERT INTO sessions (id, queue_entry, campaign_id, banner_id, kind, audio_only, address, user_agent, country, \
             device, created_at, state, outcome, epoch, last_event, queue_id, ticket, queued_at, waiting_since, \
             customer_joined_at, rep_joined_at, started_at, ended_at, answered_by, representative_name, requeue_ms, \
             answer_within_ms, gone_early_ms, qualified_ms, acw_ms, imported_handled_ms, for_queue) ");
        insert.push_values(rows, |mut row, (session, life, _)| {
            let past = &session.past;
            row.push_bind(session.id).push_bind(session.id.uuid());
            row.push_bind(&session.campaign_id).push_bind(&session.banner_id).push_bind(session.kind).push("FALSE");
            row.push_bind(&session.address).push_bind(&session.user_agent).push_bind(&session.country);
            row.push_bind(&session.device).push_bind(past.queued_at).push_bind(life.state).push_bind(life.outcome);
            row.push_bind(life.epoch).push_bind(life.last_event).push_bind(past.queue).push_bind(past.ticket);
            row.push_bind(past.queued_at).push_bind(past.queued_at);
            row.push_bind(life.customer_joined_at).push_bind(life.rep_joined_at);
            row.push_bind(life.started_at).push_bind(life.ended_at);
            row.push_bind(life.answered_by).push_bind(&life.representative_name).push_bind(life.requeue_ms);
            row.push_bind(session.answer_within_ms).push_bind(session.gone_early_ms).push_bind(session.qualified_ms);
            row.push_bind(session.acw_ms).push_bind(session.handled_ms).push_bind(past.queue);
        });
        insert.build().execute(c).await?.rows_affected()
    });
    Ok(())
}

async fn insert_events(tx: &mut Tx, rows: &[Row<'_>], at: Timestamp, token: Uuid) -> Result<()> {
    on!(tx.conn(), c => {
        let mut insert = sqlx::QueryBuilder::new(
            "INSERT INTO events (session_id, number, at, name, epoch, token, data) ");
        insert.push_values(rows, |mut row, (session, life, data)| {
            row.push_bind(session.id).push_bind(life.last_event).push_bind(at).push("'imported'");
            row.push_bind(life.epoch).push_bind(token).push_bind(data);
        });
        insert.build().execute(c).await?.rows_affected()
    });
    Ok(())
}
