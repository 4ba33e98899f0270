//! What representatives did, for their figures: `sql/figures/reps_calls.sql` and `reps_time.sql` have the definitions.

use std::collections::BTreeMap;

use super::questions::Question;
use super::terms::{Campaigns, EVERY_CAMPAIGN, ONE_CAMPAIGN, Period, named, only, with_only};
use super::text::Statement;
use super::{Conn, Result, on};
use crate::domain::reps::{RepCalls, RepTime};
use crate::domain::scope::Scope;

const CALLS: &str = include_str!("../../sql/figures/reps_calls.sql");
const TIME: &str = include_str!("../../sql/figures/reps_time.sql");
const KINDS: &str = "(kind = 'call' OR (@tests = 1 AND kind = 'test'))";

#[derive(sqlx::FromRow)]
struct OfRep<T> {
    rep: String,
    #[sqlx(flatten)]
    what: T,
}

fn by_rep<T>(rows: Vec<OfRep<T>>) -> BTreeMap<String, T> {
    rows.into_iter().map(|row| (row.rep, row.what)).collect()
}

/// What each representative did with the calls that are asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn calls(conn: Conn<'_>, question: &Question) -> Result<BTreeMap<String, RepCalls>> {
    let statement = of_calls(question);
    Ok(by_rep(on!(conn, c => statement.query_as::<_, OfRep<RepCalls>>()?.fetch_all(c).await?)))
}

fn of_calls(question: &Question) -> Statement<'_> {
    let Question { campaigns, banner, period, filters, .. } = question;
    let text = named(CALLS).replace(KINDS, &format!("{KINDS}{}", only(filters)));
    Statement::of(&campaigns.in_text(&text), &with_only(campaigns.values(banner.as_ref(), *period), filters))
}

/// What the time of each went into, whatever campaign it was for.
///
/// # Errors
/// When the database does not answer.
pub async fn time(mut conn: Conn<'_>, period: Period) -> Result<BTreeMap<String, RepTime>> {
    let campaigns = Campaigns::of(conn.reborrow(), None, Scope::Everything).await?;
    let statement = of_time(&campaigns, period);
    Ok(by_rep(on!(conn, c => statement.query_as::<_, OfRep<RepTime>>()?.fetch_all(c).await?)))
}

fn of_time(campaigns: &Campaigns, period: Period) -> Statement<'_> {
    let text = named(TIME).replace(EVERY_CAMPAIGN, ONE_CAMPAIGN);
    Statement::of(&campaigns.in_text(&text), &campaigns.values(None, period))
}

/// How many activities there are of a period; it counts no further than `most`.
///
/// # Errors
/// When the database does not answer.
pub async fn activities_up_to(conn: Conn<'_>, period: Period, most: i64) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM (SELECT 1 FROM reps JOIN rep_activities logged ON logged.user_id = reps.user_id \
        WHERE logged.at >= ? AND logged.at < ? LIMIT ?) some";
    Ok(on!(conn, c => sqlx::query_scalar(text).bind(period.from).bind(period.to).bind(most).fetch_one(c).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::reading::{Kept, Reading, Shape};
    use crate::domain::rollup::Dimension;
    use crate::store::questions::{Cell, plain};

    #[test]
    fn what_is_put_into_the_texts_has_its_place() {
        assert_eq!(CALLS.matches(KINDS).count(), 1);
        assert_eq!(named(CALLS).matches(ONE_CAMPAIGN).count(), 1);
        assert_eq!(TIME.matches(EVERY_CAMPAIGN).count(), 1);
    }

    #[test]
    fn every_name_stands_for_something() {
        let period = Period { from: Timestamp(1), to: Timestamp(2), tests: false };
        let question = Question {
            campaigns: Campaigns::These(vec!["5".parse().unwrap()]),
            banner: None,
            period,
            filters: vec![(Dimension::Country, "NZ".to_owned()), (Dimension::Rep, String::new())],
            cell: Cell::None,
            by_start: false,
            by_banner: false,
            one_by_one: false,
            reading: Reading::of(period.from, period.to, Shape::Whole, Kept::Quarters),
        };
        let calls = of_calls(&question);
        assert_eq!(calls.unknown(), [""; 0]);
        assert!(calls.text().contains("campaign_id = ?") && calls.text().contains("COALESCE(country, '') = ?"));
        assert_eq!(of_time(&question.campaigns, period).unknown(), [""; 0]);
    }

    #[test]
    fn a_wrap_up_lasts_as_long_as_the_call_says() {
        let acw = plain(include_str!("../../sql/figures/parts/acw_ms.sql"));
        let each = acw.split("SUM(").nth(1).and_then(|rest| rest.split(") FROM rep_activities begun").next()).unwrap();
        assert!(plain(CALLS).contains(each), "{each}");
    }
}
