//! Questions about a campaign's figures: one statement each, put together from the texts in `sql/figures`, over the roll-ups
//! and every session that is in none.

use std::sync::LazyLock;

use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;

use super::{Conn, Result, StoreError, clients, on};
use crate::clock::Timestamp;
use crate::domain::figures::Sums;
use crate::domain::histogram::Histogram;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::reading::{Reading, Rows};
use crate::domain::rollup::{Dimension, EVERY_BANNER, Grain, Measure, Span};
use crate::domain::scope::Scope;
use crate::store::figures::Period;

const ROLLUPS: &str = include_str!("../../sql/figures/rollups.sql");
const HISTOGRAMS: &str = include_str!("../../sql/figures/histograms.sql");
const SESSIONS: &str = include_str!("../../sql/figures/sessions.sql");
const SUMMED: &str = include_str!("../../sql/figures/summed.sql");

/// Of the sessions that are rolled, those of a time.
const ROLLED: &str = " AND rolled <> 0 AND queued_at > 0 AND queued_at >= ? AND queued_at < ?";
/// Those that are not. The plus signs keep SQLite from looking them up by the wrong index.
const UNROLLED: &str = " AND rolled = 0 AND +queued_at > 0 AND +queued_at >= ? AND +queued_at < ?";

/// Which sessions are meant, before what is added to it.
const MEANT: &str = "FROM sessions WHERE campaign_id = ? AND banner_id = COALESCE(?, banner_id) \
    AND (kind = 'call' OR (? = 1 AND kind = 'test'))";

/// What the rows of an answer are told apart by, beside their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    None,
    /// Their campaign.
    Campaign,
    /// Their banner: of one campaign, for others may have banners of the same ids.
    Banner,
    /// Their value of this dimension.
    Value(Dimension),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// The campaigns.
    pub campaigns: Campaigns,
    /// One banner of it, or all.
    pub banner: Option<BannerId>,
    /// The period, and whether test calls count.
    pub period: Period,
    /// Only sessions with these values.
    pub filters: Vec<(Dimension, String)>,
    /// What rows are told apart by.
    pub cell: Cell,
    /// Whether each piece of the period is told by itself.
    pub by_start: bool,
    /// Whether the histograms of banners are told too.
    pub by_banner: bool,
    /// Whether sessions that are in no roll-up that is read are told one by one, for how long things took.
    pub one_by_one: bool,
    /// Of what the histograms are that are read.
    pub measures: Measures,
    /// What is read.
    pub reading: Reading,
}

/// Of what histograms are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measures {
    /// How long things took.
    Times,
    /// When in the day calls entered.
    Entries,
}

impl Measures {
    /// The histograms of these in their text.
    fn in_text(self, text: String) -> String {
        match self {
            Self::Times => text,
            Self::Entries => text.replace(TIMES, "measure IN ('answeredEntry', 'notAnsweredEntry')"),
        }
    }
}

const TIMES: &str = "measure IN ('answeredWait', 'notAnsweredWait', 'talk')";

/// One row of what is found.
#[derive(Debug)]
pub enum Found {
    /// A session that is read by itself.
    Session(Part),
    /// Sums of sessions; `at` is the first entry of them.
    Sessions(Part),
    /// Sums of roll-ups of a length; `at` is 0 unless each piece is told by itself.
    Rollups(Grain, Part),
    /// How long things took; `cell` is the campaign where rows are told apart by it, else the banner, or [`EVERY_BANNER`].
    Histogram(Measure, Histogram, Part),
}

/// Where a row belongs, and what it counts.
#[derive(Debug, sqlx::FromRow)]
pub struct Part {
    /// Its queue entry, or the start of its piece.
    #[sqlx(rename = "start_at")]
    pub at: Timestamp,
    /// Its banner, or its value of the dimension.
    pub cell: String,
    /// What it counts.
    #[sqlx(flatten)]
    pub sums: Sums,
}

/// What stands in place of a length where sessions were added up.
const SUMMED_GRAIN: i64 = -2;

#[derive(Debug, sqlx::FromRow)]
struct Row {
    grain: i64,
    #[sqlx(flatten)]
    part: Part,
    measure: Option<String>,
    buckets: Option<Vec<u8>>,
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Other(sqlx::Error::Decode(error.into()))
}

impl Row {
    fn read(self) -> Result<Found> {
        if let (Some(measure), Some(buckets)) = (self.measure, self.buckets) {
            let histogram = Histogram::from_bytes(&buckets).map_err(broken)?;
            return Ok(Found::Histogram(Measure::try_from(measure).map_err(broken)?, histogram, self.part));
        }
        let grain = Grain::EACH.into_iter().find(|grain| grain.millis() == self.grain);
        Ok(match grain {
            Some(grain) => Found::Rollups(grain, self.part),
            None if self.grain == SUMMED_GRAIN => Found::Sessions(self.part),
            None => Found::Session(self.part),
        })
    }
}

/// What a session has there, as [`Dimension::value_of`] has it.
const fn column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Whole => "''",
        Dimension::Country => "COALESCE(country, '')",
        Dimension::Device => "COALESCE(device, '')",
        Dimension::Rep => "COALESCE(LOWER(HEX(answered_by)), '')",
        Dimension::Queue => "CAST(queue_id AS CHAR)",
    }
}

/// What is added to a text about sessions: only those with these values, which are bound in their order.
pub(super) fn only(filters: &[(Dimension, String)]) -> String {
    filters.iter().flat_map(|(dimension, _)| [" AND ", column(*dimension), " = ?"]).collect()
}

/// The text for one value of a dimension.
static ONE_VALUE: LazyLock<String> = LazyLock::new(|| ROLLUPS.replace("AND value = value", "AND value = ?"));
/// The same for each banner by itself.
static BY_BANNER: LazyLock<String> = LazyLock::new(|| each("banner_id"));
/// The same for each campaign by itself.
static BY_CAMPAIGN: LazyLock<String> = LazyLock::new(|| each("campaign_id"));
/// The histograms of one banner, or of the campaign as a whole.
static ONE_BANNER: LazyLock<String> =
    LazyLock::new(|| HISTOGRAMS.replace("banner_id >= ? AND banner_id <= ?", "banner_id = ?"));
/// The same, by campaign.
static ONE_BANNER_BY_CAMPAIGN: LazyLock<String> =
    LazyLock::new(|| ONE_BANNER.replace("CAST(banner_id AS CHAR) AS cell", "CAST(campaign_id AS CHAR) AS cell"));

/// The sums of one value of a dimension, for each value of this column by itself.
fn each(column: &str) -> String {
    let text = ONE_VALUE.replace("CAST(value AS CHAR) AS cell", &format!("CAST({column} AS CHAR) AS cell"));
    text.replace("GROUP BY 1, 2, value", &format!("GROUP BY 1, 2, {column}"))
}

pub(super) const ONE_CAMPAIGN: &str = "campaign_id = ?";
pub(super) const EVERY_CAMPAIGN: &str = "campaign_id IN (SELECT id FROM campaigns)";
/// The same about none: no campaign is without an id.
const NO_CAMPAIGN: &str = "campaign_id IS NULL";

/// Whose figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Campaigns {
    /// These, at least one.
    These(Vec<CampaignId>),
    /// All there are.
    All,
    /// None: a client that has none yet.
    None,
}

impl Campaigns {
    /// So many are named, so that both databases seek a period in each of them; of what MariaDB joins to the table of campaigns, it
    /// reads all that each has ever had.
    const MOST_NAMED: usize = 1_000;

    /// This campaign, or all of the scope. Whether one that is named is in it was decided before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(conn: Conn<'_>, campaign: Option<&CampaignId>, scope: Scope) -> Result<Self> {
        if let Some(campaign) = campaign {
            return Ok(Self::These(vec![campaign.clone()]));
        }
        if let Scope::Client(client) = scope {
            let theirs = clients::campaigns(conn, client).await?;
            return Ok(if theirs.is_empty() { Self::None } else { Self::These(theirs) });
        }
        let most = i64::try_from(Self::MOST_NAMED).unwrap_or(i64::MAX - 1) + 1;
        let all: Vec<CampaignId> =
            on!(conn, c => sqlx::query_scalar("SELECT id FROM campaigns LIMIT ?").bind(most).fetch_all(c).await?);
        let is_named = (1..=Self::MOST_NAMED).contains(&all.len());
        Ok(if is_named { Self::These(all) } else { Self::All })
    }

    /// What is bound in place of [`ONE_CAMPAIGN`]'s parameter.
    pub(super) fn named(&self) -> &[CampaignId] {
        if let Self::These(campaigns) = self { campaigns } else { &[] }
    }

    /// A text that is about one, about these.
    pub(super) fn in_text(&self, text: &str) -> String {
        match self.named() {
            [] if matches!(self, Self::None) => text.replace(ONE_CAMPAIGN, NO_CAMPAIGN),
            [] => text.replace(ONE_CAMPAIGN, EVERY_CAMPAIGN),
            [_] => text.to_owned(),
            several => text.replace(ONE_CAMPAIGN, &format!("campaign_id IN (?{})", ", ?".repeat(several.len() - 1))),
        }
    }
}

impl Question {
    /// The dimension whose roll-ups can be read, if there are such.
    fn dimension(&self) -> Dimension {
        let of_cell = if let Cell::Value(dimension) = self.cell { Some(dimension) } else { None };
        self.filters.first().map(|(dimension, _)| *dimension).or(of_cell).unwrap_or(Dimension::Whole)
    }

    /// The value of that dimension, unless all are read.
    fn value(&self) -> Option<&str> {
        let value = self.filters.first().map(|(_, value)| value.as_str());
        value.or_else(|| (self.dimension() == Dimension::Whole).then_some(""))
    }

    fn sessions_text(&self, which: &str) -> String {
        let cell = match self.cell {
            Cell::None => "''",
            Cell::Campaign => "campaign_id",
            Cell::Banner => "banner_id",
            Cell::Value(dimension) => column(dimension),
        };
        let cell = format!("CAST({cell} AS CHAR) AS cell");
        let text = SESSIONS.replace("CAST('' AS CHAR) AS cell", &cell) + which + &only(&self.filters);
        if self.one_by_one { text } else { SUMMED.replace("FROM (sessions)", &format!("FROM ({text})")) }
    }

    /// The banners of the histograms that are read, first and last, and of which times.
    fn histograms(&self) -> Vec<(&str, &str, Rows)> {
        if !self.filters.is_empty() {
            return Vec::new();
        }
        let banner = self.banner.as_ref().map_or(EVERY_BANNER, BannerId::as_str);
        let mut read: Vec<_> = self.reading.histograms.iter().map(|rows| (banner, banner, *rows)).collect();
        if self.by_banner && self.banner.is_none() {
            let days = self.reading.histograms.iter().filter(|rows| rows.grain != Grain::Quarter);
            // Ids are of visible characters: none comes before the first of these, and none after the other.
            read.extend(days.map(|rows| ("!", "\u{7f}", *rows)));
        }
        read
    }

    fn text(&self) -> String {
        let rollups = match self.value() {
            Some(_) if self.cell == Cell::Banner => BY_BANNER.as_str(),
            Some(_) if self.cell == Cell::Campaign => BY_CAMPAIGN.as_str(),
            Some(_) => ONE_VALUE.as_str(),
            None => ROLLUPS,
        };
        let one_banner = if self.cell == Cell::Campaign { &ONE_BANNER_BY_CAMPAIGN } else { &ONE_BANNER };
        let mut parts: Vec<String> = self.reading.rows.iter().map(|_| rollups.to_owned()).collect();
        let of_banner =
            |(first, last, _): &(&str, &str, Rows)| if first == last { one_banner.as_str() } else { HISTOGRAMS };
        parts.extend(self.histograms().iter().map(|read| self.measures.in_text(of_banner(read).to_owned())));
        parts.extend(self.reading.sessions.iter().map(|_| self.sessions_text(ROLLED)));
        parts.push(self.sessions_text(UNROLLED));
        self.campaigns.in_text(&parts.join("\nUNION ALL\n"))
    }
}

/// Finds what a question asks for, in one statement, row by row.
///
/// # Errors
/// When the database does not answer, or has a histogram that cannot be read; or those of `each`.
pub async fn ask(conn: Conn<'_>, question: &Question, mut each: impl FnMut(Found) + Send) -> Result<()> {
    let Question { campaigns, banner, period, reading, .. } = question;
    let tests = i64::from(period.tests);
    on!(conn, c => {
        let mut query = sqlx::query_as::<_, Row>(AssertSqlSafe(question.text()));
        for Rows { grain, span, gap } in &reading.rows {
            query = query.bind(i64::from(question.by_start));
            for campaign in campaigns.named() {
                query = query.bind(campaign);
            }
            query = query.bind(banner).bind(grain.millis()).bind(question.dimension().as_str());
            if let Some(value) = question.value() {
                query = query.bind(value);
            }
            query = query.bind(span.from).bind(span.to).bind(gap.from).bind(gap.to).bind(tests);
        }
        for (first, last, Rows { grain, span, .. }) in question.histograms() {
            for campaign in campaigns.named() {
                query = query.bind(campaign);
            }
            query = query.bind(first);
            if first != last {
                query = query.bind(last);
            }
            query = query.bind(grain.millis()).bind(span.from).bind(span.to).bind(tests);
        }
        let unrolled = Span { from: period.from, to: period.to };
        for span in reading.sessions.iter().chain([&unrolled]) {
            for campaign in campaigns.named() {
                query = query.bind(campaign);
            }
            query = query.bind(banner).bind(tests).bind(span.from).bind(span.to);
            for (_, value) in &question.filters {
                query = query.bind(value);
            }
            if !question.one_by_one {
                query = query.bind(i64::from(question.by_start));
            }
        }
        let mut rows = query.fetch(c);
        while let Some(row) = rows.try_next().await? {
            each(row.read()?);
        }
    });
    Ok(())
}

/// How many sessions that are asked for are in no roll-up, or those that are `rolled` and of times that are read beside the
/// roll-ups; it counts no further than `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn count_up_to(conn: Conn<'_>, question: &Question, rolled: bool, most: i64) -> Result<i64> {
    let Question { campaigns, banner, period, reading, .. } = question;
    let unrolled = [Span { from: period.from, to: period.to }];
    let (which, spans) = if rolled { (ROLLED, reading.sessions.as_slice()) } else { (UNROLLED, unrolled.as_slice()) };
    let meant = question.campaigns.in_text(MEANT);
    let text = format!("SELECT COUNT(*) FROM (SELECT 1 {meant}{which}{} LIMIT ?) some", only(&question.filters));
    let mut count = 0;
    on!(conn, c => for span in spans {
        let mut query = sqlx::query_scalar(AssertSqlSafe(text.clone()));
        for campaign in campaigns.named() {
            query = query.bind(campaign);
        }
        query = query.bind(banner).bind(i64::from(period.tests)).bind(span.from).bind(span.to);
        for (_, value) in &question.filters {
            query = query.bind(value);
        }
        let found: i64 = query.bind(most).fetch_one(&mut *c).await?;
        count += found;
    });
    Ok(count.min(most))
}

/// What campaigns, the values of a dimension, or the banners of a campaign are called.
///
/// # Errors
/// When the database does not answer.
pub async fn names(conn: Conn<'_>, campaign: Option<&CampaignId>, cell: Cell) -> Result<Vec<(String, String)>> {
    let text = match cell {
        Cell::Campaign => "SELECT CAST(id AS CHAR), name FROM campaigns WHERE name IS NOT NULL",
        Cell::Banner => {
            const OF: &str = "SELECT CAST(id AS CHAR), name FROM banners WHERE campaign_id = ? AND name IS NOT NULL";
            return Ok(on!(conn, c => sqlx::query_as(OF).bind(campaign).fetch_all(c).await?));
        }
        Cell::Value(Dimension::Rep) => {
            "SELECT CAST(LOWER(HEX(user_id)) AS CHAR), display_name FROM reps JOIN users ON users.id = reps.user_id"
        }
        Cell::Value(Dimension::Queue) => "SELECT CAST(id AS CHAR), CAST(name AS CHAR) FROM queues",
        Cell::Value(_) | Cell::None => return Ok(Vec::new()),
    };
    Ok(on!(conn, c => sqlx::query_as(text).fetch_all(c).await?))
}

/// A statement without its comments and line breaks.
#[cfg(test)]
pub(super) fn plain(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("--"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roller_counts_what_the_statement_counts() {
        let sessions = plain(SESSIONS);
        for expression in
            [include_str!("../../sql/figures/handled_ms.sql"), include_str!("../../sql/figures/acw_ms.sql")]
        {
            assert!(sessions.contains(&plain(expression)), "{expression}");
        }
    }

    #[test]
    fn what_is_put_into_the_texts_has_its_place() {
        assert_eq!(ONE_VALUE.matches("AND value = ?").count(), 1);
        let by_banner = BY_BANNER.as_str();
        assert!(
            by_banner.contains("CAST(banner_id AS CHAR) AS cell") && by_banner.contains("GROUP BY 1, 2, banner_id")
        );
        let by_campaign = BY_CAMPAIGN.as_str();
        assert!(by_campaign.contains("CAST(campaign_id AS CHAR) AS cell"));
        assert!(by_campaign.contains("GROUP BY 1, 2, campaign_id"));
        assert!(ONE_BANNER_BY_CAMPAIGN.contains("CAST(campaign_id AS CHAR) AS cell"));
        for text in [ROLLUPS, HISTOGRAMS, SESSIONS, MEANT] {
            assert_eq!(text.matches(ONE_CAMPAIGN).count(), 1);
        }
        assert_eq!(ONE_BANNER.matches('?').count(), HISTOGRAMS.matches('?').count() - 1);
        assert_eq!(SESSIONS.matches("CAST('' AS CHAR) AS cell").count(), 1);
        assert!(SESSIONS.trim_end().ends_with("kind = 'test'))"), "terms are added at its end");
        assert_eq!(SUMMED.matches("FROM (sessions)").count(), 1);
        assert!(plain(SESSIONS).ends_with(MEANT), "the same are counted and read");
    }
}
