//! The figures, from the roll-ups and the raw rows. Each text stands in `sql/figures`, with its definition.

use std::sync::LazyLock;

use super::funnel;
use super::questions::{self, Cell, Found, Question};
pub use super::terms::Period;
use super::terms::{Campaigns, IN_PERIOD, ROLLED, UNROLLED, named};
use super::text::{Statement, Values, between};
use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::figures::{Sums, Tally};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::reading::{Kept, Reading, Shape};
use crate::domain::rollup::{Cut, Grain, Span};
use crate::domain::scope::Scope;

const BY_BANNER: &str = include_str!("../../sql/figures/by_banner.sql");
const ROLLED_BY_BANNER: &str = include_str!("../../sql/figures/parts/by_banner.sql");
const ROLLED_VISITS_BY_BANNER: &str = include_str!("../../sql/figures/parts/visits_by_banner.sql");
const BROKEN_LINKS: &str = include_str!("../../sql/figures/broken_links.sql");

/// The parts that the figures of a period are put together from: roll-ups of a length, and rolled sessions at the edges.
fn parts(period: Period) -> impl Iterator<Item = (Option<Grain>, Span)> {
    let cut = Cut::of(period.from, period.to);
    let quarters = cut.quarters.map(|span| (Some(Grain::Quarter), span));
    let edges = cut.edges.map(|span| (None, span));
    let parts = [(Some(cut.grain), cut.whole)].into_iter().chain(quarters).chain(edges);
    parts.filter(|(_, span)| span.from < span.to)
}

/// The first in the index: of MIN, MariaDB would read every entry of a campaign.
const FIRST_ENTRY: &str = "SELECT MIN(first_at) FROM (\
        SELECT (SELECT queued_at FROM sessions WHERE campaign_id = campaigns.id AND queued_at > 0 \
        ORDER BY queued_at LIMIT 1) AS first_at FROM campaigns WHERE id = COALESCE(?, id) AND (? IS NULL OR client_id = ?)\
    ) firsts";

/// The first queue entry of a campaign, or of all of a scope.
///
/// # Errors
/// When the database does not answer.
pub async fn first_entry(conn: Conn<'_>, campaign: Option<&CampaignId>, scope: Scope) -> Result<Option<Timestamp>> {
    let client = scope.client();
    Ok(on!(conn, c => sqlx::query_scalar(FIRST_ENTRY).bind(campaign).bind(client).bind(client).fetch_one(c).await?))
}

/// Counts and sums of a campaign, or of one banner of it.
///
/// # Errors
/// When the database does not answer.
pub async fn tally(conn: Conn<'_>, campaign: &CampaignId, banner: Option<&BannerId>, period: Period) -> Result<Tally> {
    let mut reading = Reading::of(period.from, period.to, Shape::Whole, Kept::Quarters);
    reading.histograms.clear();
    let question = Question {
        campaigns: Campaigns::These(vec![campaign.clone()]),
        banner: banner.cloned(),
        period,
        filters: Vec::new(),
        cell: Cell::None,
        by_start: false,
        by_banner: false,
        one_by_one: false,
        reading,
    };
    let mut sums = Sums::default();
    questions::ask(conn, &question, |found| {
        if let Found::Sessions(part) | Found::Rollups(_, part) = found {
            sums += part.sums;
        }
    })
    .await?;
    Ok(sums.into())
}

/// A banner's row of the dashboard.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BannerRow {
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// Its id.
    pub banner_id: BannerId,
    /// The campaign's name, once registered.
    pub campaign_name: Option<String>,
    /// Its name, once registered.
    pub banner_name: Option<String>,
    /// Landings by people.
    pub visits: i64,
    /// Counts and sums.
    #[sqlx(flatten)]
    pub tally: Tally,
}

/// [`BY_BANNER`] up to what it has of calls, that, what is up to what it has of visits, that, and what is behind it.
static BY_BANNER_NAMED: LazyLock<[String; 5]> = LazyLock::new(|| {
    let calls = between(BY_BANNER, "LEFT JOIN (", ") s ON");
    let (before, rest) = BY_BANNER.split_once(calls).unwrap_or_default();
    let visits = between(rest, "LEFT JOIN (", ") v ON");
    let (middle, after) = rest.split_once(visits).unwrap_or_default();
    [before, calls, middle, visits, after].map(named)
});

/// Which visits, in what is [`named`].
const LANDED: &str = "rolled IN (0, 1) AND landed_at >= @from";

/// The statement of the dashboard's rows.
fn of_banners<'v>(campaigns: &'v Campaigns, banner: Option<&'v BannerId>, period: Period) -> Statement<'v> {
    /// What the calls of the parts add up to.
    const SUM: &str = "SELECT campaign_id, banner_id, SUM(total) AS total, SUM(answered) AS answered, \
        SUM(not_answered) AS not_answered, SUM(queue_ms) AS queue_ms, SUM(talked) AS talked, SUM(talk_ms) AS talk_ms FROM (";
    const SUM_OF_VISITS: &str = "SELECT campaign_id, banner_id, CAST(SUM(visits) AS SIGNED) AS visits FROM (";
    const OF_PARTS: &str = ") AS parts GROUP BY campaign_id, banner_id";
    const AND: &str = "\nUNION ALL\n";
    let [before, calls, middle, visits, after] = &*BY_BANNER_NAMED;
    let values = campaigns.values(banner, period);
    let mut statement = Statement::default();
    let mut add = |text: &str, values: &Values<'v>| statement.add(&campaigns.in_text(text), values);
    let of_time = |Span { from, to }| values.clone().with("from", from).with("to", to);
    add(before, &values);
    add(SUM, &values);
    for (grain, span) in parts(period) {
        match grain {
            Some(grain) => add(ROLLED_BY_BANNER, &of_time(span).with("length", grain.millis())),
            None => add(&calls.replace(IN_PERIOD, ROLLED), &of_time(span)),
        }
        add(AND, &values);
    }
    add(&calls.replace(IN_PERIOD, UNROLLED), &values);
    add(OF_PARTS, &values);
    add(middle, &values);
    add(SUM_OF_VISITS, &values);
    let reading = funnel::reading(period);
    for rows in &reading.rows {
        add(ROLLED_VISITS_BY_BANNER, &of_time(rows.span).with("length", rows.grain.millis()));
        add(AND, &values);
    }
    for edge in &reading.sessions {
        add(&visits.replace(LANDED, "rolled = 1 AND landed_at >= @from"), &of_time(*edge));
        add(AND, &values);
    }
    add(&visits.replace(LANDED, "rolled = 0 AND landed_at >= @from"), &values);
    add(OF_PARTS, &values);
    add(after, &values);
    statement
}

/// The dashboard's rows, by campaign and banner.
///
/// # Errors
/// When the database does not answer.
pub async fn by_banner(
    mut conn: Conn<'_>,
    campaign: Option<&CampaignId>,
    banner: Option<&BannerId>,
    period: Period,
) -> Result<Vec<BannerRow>> {
    let campaigns = Campaigns::of(conn.reborrow(), campaign, Scope::Everything).await?;
    let statement = of_banners(&campaigns, banner, period);
    Ok(on!(conn, c => statement.query_as()?.fetch_all(c).await?))
}

/// A broken banner link, with how often it was clicked.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct BrokenLink {
    /// The campaign id, as it came.
    pub campaign_raw: Option<String>,
    /// The banner id, as it came.
    pub banner_raw: Option<String>,
    /// Why the first of the wrong ids is wrong, in a word.
    pub reason: String,
    /// Clicks.
    pub count: i64,
    /// The latest.
    pub last_at: Timestamp,
}

/// Broken banner links of a period, most clicked first.
///
/// # Errors
/// When the database does not answer.
pub async fn broken_links(conn: Conn<'_>, period: Period) -> Result<Vec<BrokenLink>> {
    let statement =
        Statement::of(&named(BROKEN_LINKS), &Values::default().with("from", period.from).with("to", period.to));
    Ok(on!(conn, c => statement.query_as()?.fetch_all(c).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_dashboards_rows_stands_for_something() {
        let [before, calls, middle, visits, after] = &*BY_BANNER_NAMED;
        assert!(before.ends_with("LEFT JOIN (") && middle.starts_with(") s ON"));
        assert!(middle.ends_with("LEFT JOIN (") && after.starts_with(") v ON"));
        assert_eq!((calls.matches(IN_PERIOD).count(), visits.matches(LANDED).count()), (1, 1), "{calls} {visits}");
        let day = 86_400_000;
        let ids = ["5", "7"].map(|id| id.parse().unwrap());
        for (from, to) in [(0, i64::MAX), (1, 7 * day - 1), (day, 2 * day)] {
            for campaigns in [Campaigns::These(ids.to_vec()), Campaigns::All, Campaigns::None] {
                let period = Period { from: Timestamp(from), to: Timestamp(to), tests: true };
                let statement = of_banners(&campaigns, None, period);
                assert_eq!(statement.unknown(), [""; 0], "{}", statement.text());
                assert!(!statement.text().contains([';', '@']), "{}", statement.text());
                assert!(!statement.text().contains("HEX("), "every id is sought: {}", statement.text());
                let unions = statement.text().matches("UNION ALL").count();
                let of_visits = funnel::reading(period);
                assert_eq!(unions, parts(period).count() + of_visits.rows.len() + of_visits.sessions.len());
            }
        }
    }
}
