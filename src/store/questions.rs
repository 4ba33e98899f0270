//! Questions about a campaign's figures: one statement each, put together from the texts in `sql/figures`, over the roll-ups
//! and every session that is in none.

use std::sync::LazyLock;

use futures_util::TryStreamExt;

use super::terms::{Campaigns, IN_PERIOD, Period, ROLLED, UNROLLED, column, named, only, with_only};
use super::text::{Statement, Values, between};
use super::{Conn, Result, StoreError, on};
use crate::clock::Timestamp;
use crate::domain::figures::Sums;
use crate::domain::histogram::Histogram;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::reading::{Reading, Rows};
use crate::domain::rollup::{Dimension, EVERY_BANNER, Grain, Measure, Span};

const ROLLUPS: &str = include_str!("../../sql/figures/parts/rollups.sql");
const HISTOGRAMS: &str = include_str!("../../sql/figures/parts/histograms.sql");
const SUMMED: &str = include_str!("../../sql/figures/parts/summed.sql");
const AVERAGE: &str = include_str!("../../sql/figures/average.sql");

/// What each session counts, as the average of all of them is told: the columns of the roll-ups.
static SESSIONS: LazyLock<String> = LazyLock::new(|| {
    let each = named(between(AVERAGE, "\nFROM (", ") AS calls"));
    let first = "SELECT -1 AS grain, queued_at AS start_at, CAST('' AS CHAR) AS cell,";
    let each = each.trim().replacen("SELECT", first, 1);
    each.replace(FROM_SESSIONS, &format!(", NULL AS measure, NULL AS buckets{FROM_SESSIONS}"))
});
const FROM_SESSIONS: &str = "\n    FROM sessions\n";

/// Which sessions are asked for, whatever they count.
static MEANT: LazyLock<&str> =
    LazyLock::new(|| SESSIONS.split_once(FROM_SESSIONS).map_or("", |(_, conditions)| conditions));

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
    /// What is read.
    pub reading: Reading,
}

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

/// The text for one value of a dimension.
static ONE_VALUE: LazyLock<String> = LazyLock::new(|| ROLLUPS.replace("AND value = value", "AND value = @value"));
/// The same for each banner by itself.
static BY_BANNER: LazyLock<String> = LazyLock::new(|| each("banner_id"));
/// The same for each campaign by itself.
static BY_CAMPAIGN: LazyLock<String> = LazyLock::new(|| each("campaign_id"));
/// The histograms of one banner, or of the campaign as a whole.
static ONE_BANNER: LazyLock<String> = LazyLock::new(|| {
    HISTOGRAMS.replace("banner_id >= @first_banner AND banner_id <= @last_banner", "banner_id = @first_banner")
});
/// The same, by campaign.
static ONE_BANNER_BY_CAMPAIGN: LazyLock<String> =
    LazyLock::new(|| ONE_BANNER.replace("CAST(banner_id AS CHAR) AS cell", "CAST(campaign_id AS CHAR) AS cell"));

/// The sums of one value of a dimension, for each value of this column by itself.
fn each(column: &str) -> String {
    let text = ONE_VALUE.replace("CAST(value AS CHAR) AS cell", &format!("CAST({column} AS CHAR) AS cell"));
    text.replace("GROUP BY 1, 2, value", &format!("GROUP BY 1, 2, {column}"))
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
        let text = SESSIONS.replace("CAST('' AS CHAR) AS cell", &cell).replace(IN_PERIOD, which)
            + only(&self.filters).as_str();
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

    /// All of it, as one statement.
    fn statement<'q>(&'q self) -> Statement<'q> {
        let rollups = match self.value() {
            Some(_) if self.cell == Cell::Banner => BY_BANNER.as_str(),
            Some(_) if self.cell == Cell::Campaign => BY_CAMPAIGN.as_str(),
            Some(_) => ONE_VALUE.as_str(),
            None => ROLLUPS,
        };
        let one_banner = if self.cell == Cell::Campaign { &ONE_BANNER_BY_CAMPAIGN } else { &ONE_BANNER };
        let values = with_only(self.campaigns.values(self.banner.as_ref(), self.period), &self.filters)
            .with("each_piece", self.by_start)
            .with("dimension", self.dimension().as_str())
            .with("value", self.value().unwrap_or_default());
        let mut statement = Statement::default();
        let mut add = |text: &str, values: &Values<'q>| {
            statement.add(&self.campaigns.in_text(text), values);
            statement.add("\nUNION ALL\n", values);
        };
        for Rows { grain, span, gap } in &self.reading.rows {
            let values = of_time(&values, *span).with("length", grain.millis());
            add(rollups, &values.with("gap_from", gap.from).with("gap_to", gap.to));
        }
        for (first, last, Rows { grain, span, .. }) in self.histograms() {
            let values = of_time(&values, span).with("length", grain.millis());
            let text = if first == last { one_banner.as_str() } else { HISTOGRAMS };
            add(text, &values.with("first_banner", first).with("last_banner", last));
        }
        for span in &self.reading.sessions {
            add(&self.sessions_text(ROLLED), &of_time(&values, *span));
        }
        statement.add(&self.campaigns.in_text(&self.sessions_text(UNROLLED)), &values);
        statement
    }

    /// How many sessions of a time there are, up to so many.
    fn count(&self, which: &str, span: Span, most: i64) -> Statement<'_> {
        let meant = self.campaigns.in_text(&MEANT.replace(IN_PERIOD, which));
        let text =
            format!("SELECT COUNT(*) FROM (SELECT 1 FROM sessions {meant}{} LIMIT @most) some", only(&self.filters));
        let values = with_only(self.campaigns.values(self.banner.as_ref(), self.period), &self.filters);
        Statement::of(&text, &of_time(&values, span).with("most", most))
    }
}

fn of_time<'v>(values: &Values<'v>, span: Span) -> Values<'v> {
    values.clone().with("from", span.from).with("to", span.to)
}

/// Finds what a question asks for, in one statement, row by row.
///
/// # Errors
/// When the database does not answer, or has a histogram that cannot be read; or those of `each`.
pub async fn ask(conn: Conn<'_>, question: &Question, mut each: impl FnMut(Found) + Send) -> Result<()> {
    let statement = question.statement();
    on!(conn, c => {
        let mut rows = statement.query_as::<_, Row>()?.fetch(c);
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
    let Question { period, reading, .. } = question;
    let unrolled = [Span { from: period.from, to: period.to }];
    let (which, spans) = if rolled { (ROLLED, reading.sessions.as_slice()) } else { (UNROLLED, unrolled.as_slice()) };
    let mut count = 0;
    on!(conn, c => for span in spans {
        let statement = question.count(which, *span, most);
        let (found,): (i64,) = statement.query_as()?.fetch_one(&mut *c).await?;
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
    use crate::domain::reading::{Kept, Shape};
    use crate::store::terms::ONE_CAMPAIGN;

    #[test]
    fn the_roller_counts_what_the_statement_counts() {
        let sessions = plain(AVERAGE);
        for expression in
            [include_str!("../../sql/figures/parts/handled_ms.sql"), include_str!("../../sql/figures/parts/acw_ms.sql")]
        {
            assert!(sessions.contains(&plain(expression)), "{expression}");
        }
    }

    /// A question that every text is needed for.
    fn question(cell: Cell, campaigns: Campaigns, one_by_one: bool) -> Question {
        let period = Period { from: Timestamp(1), to: Timestamp(i64::MAX), tests: false };
        let span = Span { from: Timestamp(1), to: Timestamp(2) };
        let mut reading = Reading::of(period.from, period.to, Shape::Whole, Kept::Quarters);
        reading.sessions.push(span);
        let filters = vec![(Dimension::Country, "NZ".to_owned()), (Dimension::Queue, "1".to_owned())];
        let filters = if one_by_one { filters } else { Vec::new() };
        let (by_start, by_banner, banner) = (true, true, None);
        Question { campaigns, banner, period, filters, cell, by_start, by_banner, one_by_one, reading }
    }

    #[test]
    fn every_name_of_a_question_stands_for_something() {
        let ids: Vec<CampaignId> = ["5", "7"].map(|id| id.parse().unwrap()).into();
        let cells = [Cell::None, Cell::Campaign, Cell::Banner, Cell::Value(Dimension::Rep)];
        for (cell, one_by_one) in cells.into_iter().flat_map(|cell| [(cell, false), (cell, true)]) {
            let lists =
                [Campaigns::These(ids[..1].to_vec()), Campaigns::These(ids.clone()), Campaigns::All, Campaigns::None];
            for campaigns in lists {
                let question = question(cell, campaigns, one_by_one);
                let count = question.count(UNROLLED, question.reading.sessions[0], 9);
                for statement in [question.statement(), count] {
                    assert_eq!(statement.unknown(), [""; 0], "{question:?}");
                    assert!(!statement.text().contains(['@', ';']), "{}", statement.text());
                }
            }
        }
    }

    #[test]
    fn what_is_put_into_the_texts_has_its_place() {
        assert_eq!(ONE_VALUE.matches("AND value = @value").count(), 1);
        let by_banner = BY_BANNER.as_str();
        assert!(
            by_banner.contains("CAST(banner_id AS CHAR) AS cell") && by_banner.contains("GROUP BY 1, 2, banner_id")
        );
        let by_campaign = BY_CAMPAIGN.as_str();
        assert!(by_campaign.contains("CAST(campaign_id AS CHAR) AS cell"));
        assert!(by_campaign.contains("GROUP BY 1, 2, campaign_id"));
        assert!(ONE_BANNER_BY_CAMPAIGN.contains("CAST(campaign_id AS CHAR) AS cell"));
        for text in [ROLLUPS, HISTOGRAMS, SESSIONS.as_str()] {
            assert_eq!(text.matches(ONE_CAMPAIGN).count(), 1);
        }
        assert!(ONE_BANNER.contains("banner_id = @first_banner") && !ONE_BANNER.contains("last_banner AND"));
        assert_eq!(SESSIONS.matches("CAST('' AS CHAR) AS cell").count(), 1);
        assert_eq!(SESSIONS.matches(", NULL AS measure, NULL AS buckets").count(), 1);
        assert_eq!(MEANT.matches(IN_PERIOD).count(), 1, "{}", *MEANT);
        assert!(MEANT.contains("banner_id = COALESCE(@banner, banner_id)"), "{}", *MEANT);
        assert!(SESSIONS.ends_with("kind = 'test'))"), "terms are added at its end");
        assert_eq!(SUMMED.matches("FROM (sessions)").count(), 1);
    }
}
