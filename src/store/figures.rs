//! The figures, from the roll-ups and the raw rows. Each text stands in `sql/figures`, with its definition.

use sqlx::AssertSqlSafe;

use super::questions::{self, Campaigns, Cell, Found, Measures, ONE_CAMPAIGN, Question};
use super::{Conn, Result, on};
use crate::clock::Timestamp;
use crate::domain::figures::{Sums, Tally};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::reading::{Kept, Reading, Shape};
use crate::domain::rollup::{Cut, Grain, Span};
use crate::domain::scope::Scope;

const BY_BANNER: &str = include_str!("../../sql/figures/by_banner.sql");
const BROKEN_LINKS: &str = include_str!("../../sql/figures/broken_links.sql");

/// A half-open period of queue entry, and whether test calls count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first instant in it.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Whether test calls count.
    pub tests: bool,
}

impl Period {
    /// The parts that the figures of the period are put together from, in the order of the statements: roll-ups of a
    /// length, then rolled sessions at the edges, and those that are not rolled.
    fn parts(self) -> [(Option<i64>, Span); 6] {
        let cut = Cut::of(self.from, self.to);
        let quarters = Some(Grain::Quarter.millis());
        [
            (Some(cut.grain.millis()), cut.whole),
            (quarters, cut.quarters[0]),
            (quarters, cut.quarters[1]),
            (None, cut.edges[0]),
            (None, cut.edges[1]),
            (None, Span { from: self.from, to: self.to }),
        ]
    }
}

const FIRST_ENTRY: &str = "SELECT MIN(first_at) FROM (\
        SELECT (SELECT MIN(queued_at) FROM sessions WHERE campaign_id = campaigns.id AND queued_at > 0) AS first_at \
        FROM campaigns WHERE id = COALESCE(?, id) AND (? IS NULL OR client_id = ?)\
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
        measures: Measures::Times,
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

/// One campaign or all in [`BY_BANNER`], where the program names them.
const CAMPAIGN_OR_ALL: &str = "campaign_id IN (SELECT id FROM campaigns WHERE id = COALESCE(?, id))";

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
    let text = campaigns.in_text(&BY_BANNER.replace(CAMPAIGN_OR_ALL, ONE_CAMPAIGN));
    Ok(on!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for (grain, Span { from, to }) in period.parts() {
            query = query.bind(from).bind(to);
            for campaign in campaigns.named() {
                query = query.bind(campaign);
            }
            if let Some(grain) = grain {
                query = query.bind(grain);
            }
            query = query.bind(from).bind(to).bind(i64::from(period.tests));
        }
        for campaign in campaigns.named() {
            query = query.bind(campaign);
        }
        query = query.bind(period.from).bind(period.to).bind(i64::from(period.tests));
        query.bind(campaign).bind(banner).fetch_all(c).await?
    }))
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
    Ok(on!(conn, c => sqlx::query_as(BROKEN_LINKS).bind(period.from).bind(period.to).fetch_all(c).await?))
}
