//! Joined sessions with what the ten columns are made of, in the order of their queue entry.

use futures_util::TryStreamExt;
use sqlx::Row;

use super::figures::Period;
use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId, SessionId};

const FULL: &str = include_str!("../../sql/figures/full.sql");

/// Which calls.
#[derive(Debug, Clone)]
pub struct Which {
    /// Of this campaign.
    pub campaign: CampaignId,
    /// Of this banner only.
    pub banner: Option<BannerId>,
    /// Of this period of queue entry.
    pub period: Period,
}

/// Where a call stands in the order: its queue entry, and its ticket among those of the same millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// First queue entry.
    pub entry: Timestamp,
    /// Its ticket.
    pub ticket: i64,
}

impl Mark {
    /// Before the first of all: whoever never joined entered at 0.
    pub const START: Self = Self { entry: Timestamp(0), ticket: i64::MAX };
}

/// A joined session, borrowed from the row it was read from.
#[derive(Debug, Clone, Copy)]
pub struct Call<'r> {
    /// Its id.
    pub id: SessionId,
    /// Its campaign.
    pub campaign_id: &'r str,
    /// Its banner.
    pub banner_id: &'r str,
    /// First queue entry.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
    /// The customer's address, as kept.
    pub address: Option<&'r str>,
    /// The customer's agent.
    pub user_agent: Option<&'r str>,
    /// The customer's country.
    pub country: Option<&'r str>,
    /// The first who answered, as named then.
    pub representative_name: Option<&'r str>,
    /// Its ticket.
    pub ticket: i64,
}

/// Shows `each` the calls after a mark, oldest queue entry first, so many at most. They are not collected: a page is as
/// large as what `each` makes of it.
///
/// # Errors
/// When the database does not answer.
pub async fn after(
    conn: Conn<'_>,
    which: &Which,
    mark: Mark,
    limit: i64,
    mut each: impl FnMut(&Call<'_>) + Send,
) -> Result<()> {
    // Not from the beginning of the period again: SQLite finds its first row by this bound alone.
    let from = which.period.from.max(mark.entry).max(Timestamp(1));
    on!(conn, c => {
        let mut rows = sqlx::query(FULL)
            .bind(&which.campaign)
            .bind(&which.banner)
            .bind(from)
            .bind(which.period.to)
            .bind(i64::from(which.period.tests))
            .bind(mark.entry)
            .bind(mark.entry)
            .bind(mark.ticket)
            .bind(limit)
            .fetch(c);
        while let Some(row) = rows.try_next().await? {
            // By number: ten names looked up for each row cost as much as reading them.
            each(&Call {
                id: row.try_get(0)?,
                campaign_id: row.try_get(1)?,
                banner_id: row.try_get(2)?,
                queued_at: row.try_get(3)?,
                started_at: row.try_get(4)?,
                ended_at: row.try_get(5)?,
                address: row.try_get(6)?,
                user_agent: row.try_get(7)?,
                country: row.try_get(8)?,
                representative_name: row.try_get(9)?,
                ticket: row.try_get(10)?,
            });
        }
    });
    Ok(())
}
