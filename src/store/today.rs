//! What a representative has done since a moment of this day, by index.

use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::day::Spell;
use crate::domain::ids::{OfferId, RepId};

/// The calls that a representative was the first to answer, by the start of the conversation; no test calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    /// How many.
    pub answered: i64,
    /// Those of them that have ended.
    pub ended: i64,
    /// Milliseconds from the first start to the end, over those.
    pub talk_ms: i64,
}

const ANSWERED: &str = "SELECT COUNT(*) AS answered, COUNT(ended_at) AS ended, \
    CAST(COALESCE(SUM(ended_at - started_at), 0) AS SIGNED) AS talk_ms \
    FROM sessions WHERE answered_by = ? AND started_at >= ? AND kind = 'call' AND imported_handled_ms IS NULL";

/// The calls that a representative answered since then, here: not those that were imported.
///
/// # Errors
/// When the database does not answer.
pub async fn answered(conn: Conn<'_>, rep: RepId, since: Timestamp) -> Result<Answered> {
    Ok(on!(conn, c => sqlx::query_as(ANSWERED).bind(rep).bind(since).fetch_one(c).await?))
}

/// What customers thought of those calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Rated {
    /// How many of them said so.
    pub ratings: i64,
    /// Their stars, added up.
    pub stars: i64,
}

const RATED: &str = "SELECT COUNT(*) AS ratings, CAST(COALESCE(SUM(r.stars), 0) AS SIGNED) AS stars \
    FROM sessions s JOIN ratings r ON r.session_id = s.id \
    WHERE s.answered_by = ? AND s.started_at >= ? AND s.kind = 'call'";

/// The ratings of the calls that a representative answered since then.
///
/// # Errors
/// When the database does not answer.
pub async fn rated(conn: Conn<'_>, rep: RepId, since: Timestamp) -> Result<Rated> {
    Ok(on!(conn, c => sqlx::query_as(RATED).bind(rep).bind(since).fetch_one(c).await?))
}

/// Ids are ordered by time: a day's offers stand at the end of their state's in the index.
const MISSED: &str = "SELECT COUNT(*) FROM offers WHERE rep_id = ? AND state = 'timedOut' AND id >= ? AND made_at >= ?";

/// The offers that rang at a representative since then, and nobody answered.
///
/// # Errors
/// When the database does not answer.
pub async fn missed(conn: Conn<'_>, rep: RepId, since: Timestamp) -> Result<i64> {
    let earliest = OfferId::earliest(since);
    Ok(on!(conn, c => sqlx::query_scalar(MISSED).bind(rep).bind(earliest).bind(since).fetch_one(c).await?))
}

const BEFORE: &str =
    "SELECT at, activity FROM rep_activities WHERE user_id = ? AND at < ? ORDER BY at DESC, id DESC LIMIT 1";
const SINCE: &str = "SELECT at, activity FROM rep_activities WHERE user_id = ? AND at >= ? ORDER BY at, id";
/// A call stands in the log once it is over; until then it is on the row alone.
const NOW: &str = "SELECT activity_since AS at, activity FROM reps WHERE user_id = ? AND activity_since > 0";

/// What a representative was doing since then, in order: first what had begun before, last what goes on now.
///
/// # Errors
/// When the database does not answer.
pub async fn spells(mut conn: Conn<'_>, rep: RepId, since: Timestamp) -> Result<Vec<Spell>> {
    let mut spells: Vec<Spell> =
        on!(conn.reborrow(), c => sqlx::query_as(BEFORE).bind(rep).bind(since).fetch_all(c).await?);
    let logged: Vec<Spell> = on!(conn.reborrow(), c => sqlx::query_as(SINCE).bind(rep).bind(since).fetch_all(c).await?);
    spells.extend(logged);
    let present: Option<Spell> = on!(conn, c => sqlx::query_as(NOW).bind(rep).fetch_optional(c).await?);
    spells.extend(present.filter(|present| spells.last().is_none_or(|last| last.at <= present.at)));
    Ok(spells)
}
