//! Joined sessions with what the ten columns are made of: all of them in the order of their queue entry, or a part of a table in
//! any order.

use futures_util::TryStreamExt;
use sqlx::Row;

use super::terms::{Campaigns, IN_PERIOD, ONE_CAMPAIGN, Period, named, only, with_only};
use super::text::Statement;
use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId, SessionId};
use crate::domain::rollup::Dimension;
use crate::domain::scope::Scope;
use crate::domain::session::Outcome;

const FULL: &str = include_str!("../../sql/figures/full.sql");
const LIST: &str = include_str!("../../sql/figures/parts/list.sql");

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

const IN_ORDER: &str = "ORDER BY queued_at, ticket";
const ID: &str = "LOWER(HEX(id)) AS Sessionid";

/// The statement of a page in this order: `full.sql`, and which rows of it. A plus sign before a column keeps SQLite from beginning at
/// it instead of at the parameter; elsewhere it says nothing.
#[must_use]
pub fn page_after<'v>(
    which: &'v Which,
    campaigns: &'v Campaigns,
    order: Order,
    mark: Mark,
    limit: i64,
) -> Statement<'v> {
    // Not from the beginning of the period again: SQLite finds its first row by this bound alone.
    let (mut from, mut to) = (which.period.from.max(Timestamp(1)), which.period.to);
    let (after, descending) = match order {
        Order::OldestFirst => ('>', ""),
        Order::NewestFirst => ('<', " DESC"),
    };
    match order {
        Order::OldestFirst => from = from.max(mark.entry),
        Order::NewestFirst => to = to.min(mark.entry.plus_millis(1)),
    }
    let by_campaign = which.campaign.as_ref().map(|_| format!("campaign_id{descending}, ")).unwrap_or_default();
    let page = format!(
        "{} AND (queued_at {after} @entry OR (queued_at = @entry AND ticket {after} @ticket))
ORDER BY {by_campaign}queued_at{descending}, ticket{descending}
LIMIT @rows",
        only(&which.filters)
    );
    let mut text = named(FULL).replace(ID, "id").replace(IN_PERIOD, &format!("+{IN_PERIOD}")).replace(IN_ORDER, &page);
    if which.campaign.is_some() {
        // No campaign is called ''. It stands here for MariaDB: of one campaign alone it would read every entry from the first on,
        // page after page; of two it begins where it is told to.
        text = text.replace(ONE_CAMPAIGN, "campaign_id IN (@campaign, '')");
    }
    let values = with_only(campaigns.values(which.banner.as_ref(), which.period), &which.filters)
        .with("from", from)
        .with("to", to)
        .with("entry", mark.entry)
        .with("ticket", mark.ticket)
        .with("rows", limit);
    Statement::of(&campaigns.in_text(&text), &values)
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
    let campaigns = Campaigns::of(conn.reborrow(), which.campaign.as_ref(), which.scope).await?;
    let statement = page_after(which, &campaigns, order, mark, limit);
    on!(conn, c => {
        let mut rows = statement.query()?.fetch(c);
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
            (Self::Entry, false) => "ORDER BY queued_at, ticket LIMIT @rows OFFSET @offset",
            (Self::Entry, true) => "ORDER BY queued_at DESC, ticket DESC LIMIT @rows OFFSET @offset",
            (Self::Wait, false) => "ORDER BY wait_ms, id LIMIT @rows OFFSET @offset",
            (Self::Wait, true) => "ORDER BY wait_ms DESC, id DESC LIMIT @rows OFFSET @offset",
            (Self::Duration, false) => "ORDER BY duration_ms, id LIMIT @rows OFFSET @offset",
            (Self::Duration, true) => "ORDER BY duration_ms DESC, id DESC LIMIT @rows OFFSET @offset",
            (Self::Country, false) => "ORDER BY country, id LIMIT @rows OFFSET @offset",
            (Self::Country, true) => "ORDER BY country DESC, id DESC LIMIT @rows OFFSET @offset",
            (Self::Representative, false) => "ORDER BY representative_name, id LIMIT @rows OFFSET @offset",
            (Self::Representative, true) => "ORDER BY representative_name DESC, id DESC LIMIT @rows OFFSET @offset",
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
    let statement = part_of_table(which, &campaigns, sort.order_by(descending), offset, limit);
    Ok(on!(conn, c => statement.query_as()?.fetch_all(c).await?))
}

fn part_of_table<'v>(
    which: &'v Which,
    campaigns: &'v Campaigns,
    order_by: &str,
    offset: i64,
    limit: i64,
) -> Statement<'v> {
    let text = format!("{}{} {order_by}", campaigns.in_text(LIST), only(&which.filters));
    let values = with_only(campaigns.values(which.banner.as_ref(), which.period), &which.filters)
        .with("from", which.period.from.max(Timestamp(1)))
        .with("rows", limit.clamp(0, MOST_LISTED))
        .with("offset", offset.clamp(0, MOST_OFFSET));
    Statement::of(&text, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_the_texts_has_its_place() {
        let full = named(FULL);
        for part in [ONE_CAMPAIGN, IN_PERIOD, IN_ORDER, ID] {
            assert_eq!(full.matches(part).count(), 1, "{part}");
        }
        assert!(LIST.trim_end().ends_with("kind = 'test'))") && LIST.matches(ONE_CAMPAIGN).count() == 1);
    }

    #[test]
    fn every_name_stands_for_something() {
        let (mark, five) = (Mark { entry: Timestamp(7), ticket: 1 }, "5".parse().unwrap());
        let period = Period { from: Timestamp(1), to: Timestamp(9), tests: false };
        let filters = vec![(Dimension::Device, "phone".to_owned())];
        for campaign in [Some(five), None] {
            let campaigns = campaign.clone().map_or(Campaigns::All, |one| Campaigns::These(vec![one]));
            let which = Which { campaign, banner: None, period, filters: filters.clone(), scope: Scope::Everything };
            for (order, way) in [(Order::OldestFirst, '>'), (Order::NewestFirst, '<')] {
                let page = page_after(&which, &campaigns, order, mark, 10);
                assert_eq!(page.unknown(), [""; 0]);
                let newest_first = way == '<';
                assert!(page.text().contains(&format!("ticket {way} ?")), "{}", page.text());
                assert_eq!(page.text().contains("ticket DESC"), newest_first);
                assert_eq!(page.text().contains("(?, '')"), which.campaign.is_some());
            }
            for sort in Sort::ALL {
                let part = part_of_table(&which, &campaigns, sort.order_by(true), 0, 10);
                assert_eq!(part.unknown(), [""; 0]);
                assert!(part.text().ends_with("LIMIT ? OFFSET ?"));
            }
        }
    }
}
