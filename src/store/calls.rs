//! Joined sessions with what the ten columns are made of: all of them in the order of their queue entry, or a part of a table in
//! any order.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row};

use super::figures::Period;
use super::questions::{Campaigns, only};
use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId, SessionId};
use crate::domain::rollup::Dimension;
use crate::domain::scope::Scope;
use crate::domain::session::Outcome;

const FULL: &str = include_str!("../../sql/figures/full.sql");
const LIST: &str = include_str!("../../sql/figures/list.sql");

/// Which calls.
#[derive(Debug, Clone)]
pub struct Which {
    /// Of this campaign, or of all. Those of all stand in no index in their order: of many calls each page takes long.
    pub campaign: Option<CampaignId>,
    /// Of this banner only.
    pub banner: Option<BannerId>,
    /// Of this period of queue entry.
    pub period: Period,
    /// Only those with these values.
    pub filters: Vec<(Dimension, String)>,
    /// Whose campaigns all of them are.
    pub scope: Scope,
}

/// In which order all calls come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By queue entry.
    #[default]
    OldestFirst,
    /// The other way round.
    NewestFirst,
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
    /// Before the first of all in this order: whoever never joined entered at 0.
    #[must_use]
    pub const fn start(order: Order) -> Self {
        let entry = match order {
            Order::OldestFirst => Timestamp(0),
            Order::NewestFirst => Timestamp(i64::MAX),
        };
        Self { entry, ticket: i64::MAX }
    }
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

const ONE_CAMPAIGN: &str = "campaign_id IN (?, '')";
const KINDS: &str = "(kind = 'call' OR (? = 1 AND kind = 'test'))";
const AFTER: &str = "queued_at > ? OR (queued_at = ? AND ticket > ?)";
const IN_ORDER: &str = "ORDER BY campaign_id, queued_at, ticket";

/// The statement of a page in this order.
fn full(which: &Which, campaigns: &Campaigns, order: Order) -> String {
    let mut text = FULL.replace(KINDS, &format!("{KINDS}{}", only(&which.filters)));
    if order == Order::NewestFirst {
        text = text.replace(AFTER, "queued_at < ? OR (queued_at = ? AND ticket < ?)");
        text = text.replace(IN_ORDER, "ORDER BY campaign_id DESC, queued_at DESC, ticket DESC");
    }
    if which.campaign.is_none() {
        let any = campaigns.in_text("campaign_id = ?");
        text = text.replace(ONE_CAMPAIGN, &any).replace("ORDER BY campaign_id DESC,", "ORDER BY");
        text = text.replace("ORDER BY campaign_id,", "ORDER BY");
    }
    text
}

/// Shows `each` the calls after a mark, in this order, so many at most. They are not collected: a page is as large as what
/// `each` makes of it.
///
/// # Errors
/// When the database does not answer.
pub async fn after(
    mut conn: Conn<'_>,
    which: &Which,
    order: Order,
    mark: Mark,
    limit: i64,
    mut each: impl FnMut(&Call<'_>) + Send,
) -> Result<()> {
    // Not from the beginning of the period again: SQLite finds its first row by this bound alone.
    let (mut from, mut to) = (which.period.from.max(Timestamp(1)), which.period.to);
    match order {
        Order::OldestFirst => from = from.max(mark.entry),
        Order::NewestFirst => to = to.min(mark.entry.plus_millis(1)),
    }
    let campaigns = Campaigns::of(conn.reborrow(), which.campaign.as_ref(), which.scope).await?;
    on!(conn, c => {
        let mut query = sqlx::query(AssertSqlSafe(full(which, &campaigns, order)));
        for campaign in campaigns.named() {
            query = query.bind(campaign);
        }
        query = query.bind(&which.banner).bind(from).bind(to).bind(i64::from(which.period.tests));
        for (_, value) in &which.filters {
            query = query.bind(value);
        }
        let mut rows = query.bind(mark.entry).bind(mark.entry).bind(mark.ticket).bind(limit).fetch(c);
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

/// What a table of calls is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// First queue entry.
    #[default]
    Entry,
    /// How long they waited; those who wait still are the shortest.
    Wait,
    /// How long they talked; those who have not, or still do, are the shortest.
    Duration,
    /// The country's code; those of which it is not known come first.
    Country,
    /// The first who answered, byte for byte; those whom nobody did come first.
    Representative,
}

impl Sort {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Entry, Self::Wait, Self::Duration, Self::Country, Self::Representative];

    /// What the statement of a page ends with. Of two that are equal the older one is the smaller: by id, or by ticket where an
    /// index has them so.
    const fn order_by(self, descending: bool) -> &'static str {
        match (self, descending) {
            (Self::Entry, false) => "ORDER BY queued_at, ticket LIMIT ? OFFSET ?",
            (Self::Entry, true) => "ORDER BY queued_at DESC, ticket DESC LIMIT ? OFFSET ?",
            (Self::Wait, false) => "ORDER BY wait_ms, id LIMIT ? OFFSET ?",
            (Self::Wait, true) => "ORDER BY wait_ms DESC, id DESC LIMIT ? OFFSET ?",
            (Self::Duration, false) => "ORDER BY duration_ms, id LIMIT ? OFFSET ?",
            (Self::Duration, true) => "ORDER BY duration_ms DESC, id DESC LIMIT ? OFFSET ?",
            (Self::Country, false) => "ORDER BY country, id LIMIT ? OFFSET ?",
            (Self::Country, true) => "ORDER BY country DESC, id DESC LIMIT ? OFFSET ?",
            (Self::Representative, false) => "ORDER BY representative_name, id LIMIT ? OFFSET ?",
            (Self::Representative, true) => "ORDER BY representative_name DESC, id DESC LIMIT ? OFFSET ?",
        }
    }
}

/// A table begins no further on than behind so many calls: whoever looks for others chooses fewer.
pub const MOST_OFFSET: i64 = 10_000;
/// The most calls of a part of a table.
pub const MOST_LISTED: i64 = 1_000;

/// A call of a table.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Listed {
    /// Its id.
    pub id: SessionId,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Its banner.
    pub banner_id: BannerId,
    /// First queue entry.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The customer's address, as kept.
    pub address: Option<String>,
    /// The customer's agent.
    pub user_agent: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The customer's kind of device.
    pub device: Option<String>,
    /// The first who answered, as named then.
    pub representative_name: Option<String>,
    /// Milliseconds from the first entry to the first start, or to the end where there was none.
    pub wait_ms: Option<i64>,
    /// Milliseconds from the first start to the end.
    pub duration_ms: Option<i64>,
}

/// A part of the table of these calls: `limit` of them, [`MOST_LISTED`] at most, behind the first `offset`, [`MOST_OFFSET`] at
/// most. Only one campaign's by entry come in the order of an index; else the database looks at each that is asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    mut conn: Conn<'_>,
    which: &Which,
    (sort, descending): (Sort, bool),
    offset: i64,
    limit: i64,
) -> Result<Vec<Listed>> {
    let campaigns = Campaigns::of(conn.reborrow(), which.campaign.as_ref(), which.scope).await?;
    let text = campaigns.in_text(LIST) + &only(&which.filters) + " " + sort.order_by(descending);
    Ok(on!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for campaign in campaigns.named() {
            query = query.bind(campaign);
        }
        let Period { from, to, tests } = which.period;
        query = query.bind(&which.banner).bind(from.max(Timestamp(1))).bind(to).bind(i64::from(tests));
        for (_, value) in &which.filters {
            query = query.bind(value);
        }
        query.bind(limit.clamp(0, MOST_LISTED)).bind(offset.clamp(0, MOST_OFFSET)).fetch_all(c).await?
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_the_texts_has_its_place() {
        for part in [ONE_CAMPAIGN, KINDS, AFTER, IN_ORDER] {
            assert_eq!(FULL.matches(part).count(), 1, "{part}");
        }
        assert!(LIST.trim_end().ends_with(KINDS) && LIST.matches("campaign_id = ?").count() == 1);
    }
}
