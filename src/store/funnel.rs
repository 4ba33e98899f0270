//! How far landings came: `sql/figures/funnel.sql` has the definition. An answer is one statement over the roll-ups and every visit
//! that is in none.

use std::sync::LazyLock;

use super::terms::{Campaigns, Period, named};
use super::text::Statement;
use super::{Conn, Result, on};
use crate::domain::funnel::Stopped;
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::reading::{Kept, Reading, Shape};
use crate::domain::rollup::Span;
use crate::domain::visit_rollup::Part;

const ROLLUPS: &str = include_str!("../../sql/figures/parts/visit_rollups.sql");

/// Where [`FUNNEL`] says which visits are wanted.
const ANY: &str = "v.rolled IN (0, 1)";
static FUNNEL: LazyLock<String> = LazyLock::new(|| named(include_str!("../../sql/figures/funnel.sql")));
static UNROLLED: LazyLock<String> = LazyLock::new(|| FUNNEL.replace(ANY, "v.rolled = 0"));
static ROLLED: LazyLock<String> = LazyLock::new(|| FUNNEL.replace(ANY, "v.rolled = 1"));
static TURNING: LazyLock<String> = LazyLock::new(|| FUNNEL.replace(ANY, "v.rolled = 2"));

/// Which visits are read one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    Any,
    /// Those that are in no roll-up.
    Unrolled,
    /// Those that are in the roll-ups.
    Rolled,
    /// Those that this transaction adds to the roll-ups, or takes out.
    Turning,
}

impl Which {
    fn text(self) -> &'static str {
        match self {
            Self::Any => &FUNNEL,
            Self::Unrolled => &UNROLLED,
            Self::Rolled => &ROLLED,
            Self::Turning => &TURNING,
        }
    }
}

/// What is read of whole days, or all time, from the roll-ups; and the spans at the edges, whose rolled visits are read one by one.
pub(super) fn reading(period: Period) -> Reading {
    Reading::of(period.from, period.to, Shape::Whole, Kept::Days)
}

fn statement<'v>(
    campaigns: &'v Campaigns,
    banner: Option<&'v BannerId>,
    period: Period,
    by_banner: bool,
) -> Statement<'v> {
    const AND: &str = "\nUNION ALL\n";
    let part = if by_banner || banner.is_some() { Part::Banner } else { Part::Campaign };
    let values = campaigns.values(banner, period).with("part", part.as_str());
    let of_time = |span: Span| values.clone().with("from", span.from).with("to", span.to);
    let reading = reading(period);
    let mut statement = Statement::of(Which::Unrolled.text(), &values);
    for rows in &reading.rows {
        statement.add(AND, &values);
        statement.add(ROLLUPS, &of_time(rows.span).with("length", rows.grain.millis()));
    }
    for edge in &reading.sessions {
        statement.add(AND, &values);
        statement.add(Which::Rolled.text(), &of_time(*edge));
    }
    statement
}

/// Where the landings of a period are, by step and reason; by banner too, if that is asked for or one is.
///
/// # Errors
/// When the database does not answer.
pub async fn stopped(
    conn: Conn<'_>,
    campaign: &CampaignId,
    banner: Option<&BannerId>,
    period: Period,
    by_banner: bool,
) -> Result<Vec<Stopped>> {
    let campaigns = Campaigns::These(vec![campaign.clone()]);
    let statement = statement(&campaigns, banner, period, by_banner);
    Ok(on!(conn, c => statement.query_as()?.fetch_all(c).await?))
}

/// The same of these visits alone, all of them read one by one: what the roll-ups are made of and compared with.
///
/// # Errors
/// When the database does not answer.
pub async fn counted(
    conn: Conn<'_>,
    campaign: &CampaignId,
    banner: Option<&BannerId>,
    period: Period,
    which: Which,
) -> Result<Vec<Stopped>> {
    let campaigns = Campaigns::These(vec![campaign.clone()]);
    let statement = Statement::of(which.text(), &campaigns.values(banner, period));
    Ok(on!(conn, c => statement.query_as()?.fetch_all(c).await?))
}

const COUNT: &str = "SELECT COUNT(*) FROM (\
    SELECT 1 FROM visits WHERE rolled = ? AND campaign_id = ? AND landed_at >= ? AND landed_at < ? LIMIT ?) some";

/// How many visits of a period an answer reads one by one; it counts no further than `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn count_up_to(mut conn: Conn<'_>, campaign: &CampaignId, period: Period, most: i64) -> Result<i64> {
    let unrolled = (0, Span { from: period.from, to: period.to });
    let edges = reading(period).sessions.into_iter().map(|edge| (1, edge));
    let mut count = 0;
    for (rolled, span) in std::iter::once(unrolled).chain(edges) {
        let found: i64 = on!(conn.reborrow(), c => sqlx::query_scalar(COUNT)
            .bind(rolled)
            .bind(campaign)
            .bind(span.from)
            .bind(span.to)
            .bind(most)
            .fetch_one(c)
            .await?);
        count += found;
    }
    Ok(count.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn every_name_stands_for_something() {
        let day = 86_400_000;
        for (from, to, rolled_up) in [(0, i64::MAX, 1), (1, 2, 0), (1, 3 * day + 1, 1)] {
            let period = Period { from: Timestamp(from), to: Timestamp(to), tests: false };
            let campaigns = Campaigns::These(vec!["5".parse().unwrap()]);
            let statement = statement(&campaigns, None, period, true);
            assert_eq!(statement.unknown(), [""; 0]);
            assert_eq!(statement.text().matches("FROM visit_rollups").count(), rolled_up);
            // Only the campaign and the period that are asked for are looked at.
            let reads = statement.text().matches("FROM visits v").count();
            for sought in ["campaign_id = ?", "landed_at >= ?", "landed_at < ?"] {
                assert!(statement.text().matches(sought).count() >= reads, "{}", statement.text());
            }
        }
    }

    #[test]
    fn which_visits_are_wanted_has_its_places_in_the_text() {
        // What counts for a step, and what is left out.
        assert_eq!(FUNNEL.matches(ANY).count(), 2);
        for (text, flag) in [(&UNROLLED, 0), (&ROLLED, 1), (&TURNING, 2)] {
            assert_eq!(text.matches(&format!("v.rolled = {flag}")).count(), 2);
            assert!(!text.contains(ANY));
        }
    }
}
