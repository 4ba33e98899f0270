//! What representatives did, for their figures: `sql/figures/reps_calls.sql` and `reps_time.sql` have the definitions.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::figures::Period;
use super::questions::{Campaigns, EVERY_CAMPAIGN, ONE_CAMPAIGN, Question, only};
use super::{Conn, Result, on};
use crate::domain::reps::{RepCalls, RepTime};
use crate::domain::scope::Scope;

const CALLS: &str = include_str!("../../sql/figures/reps_calls.sql");
const TIME: &str = include_str!("../../sql/figures/reps_time.sql");
const KINDS: &str = "(kind = 'call' OR (? = 1 AND kind = 'test'))";

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
    let Question { campaigns, banner, period, filters, .. } = question;
    let text = campaigns.in_text(&CALLS.replace(KINDS, &format!("{KINDS}{}", only(filters))));
    Ok(by_rep(on!(conn, c => {
        let mut query = sqlx::query_as::<_, OfRep<RepCalls>>(AssertSqlSafe(text));
        for campaign in campaigns.named() {
            query = query.bind(campaign);
        }
        query = query.bind(banner).bind(period.from).bind(period.to).bind(i64::from(period.tests));
        for (_, value) in filters {
            query = query.bind(value);
        }
        query.fetch_all(c).await?
    })))
}

/// What the time of each went into, whatever campaign it was for.
///
/// # Errors
/// When the database does not answer.
pub async fn time(mut conn: Conn<'_>, period: Period) -> Result<BTreeMap<String, RepTime>> {
    let Period { from, to, .. } = period;
    let campaigns = Campaigns::of(conn.reborrow(), None, Scope::Everything).await?;
    let text = campaigns.in_text(&TIME.replace(EVERY_CAMPAIGN, ONE_CAMPAIGN));
    Ok(by_rep(on!(conn, c => {
        let mut query = sqlx::query_as::<_, OfRep<RepTime>>(AssertSqlSafe(text)).bind(from).bind(to);
        for campaign in campaigns.named() {
            query = query.bind(campaign);
        }
        query = query.bind(from).bind(to);
        for _ in 0..2 {
            query = query.bind(from).bind(from).bind(to).bind(to);
        }
        query.bind(from).bind(to).fetch_all(c).await?
    })))
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
    use crate::store::questions::plain;

    #[test]
    fn what_is_put_into_the_texts_has_its_place() {
        for part in [KINDS, ONE_CAMPAIGN] {
            assert_eq!(CALLS.matches(part).count(), 1, "{part}");
        }
        assert_eq!(TIME.matches(EVERY_CAMPAIGN).count(), 1);
    }

    #[test]
    fn a_wrap_up_lasts_as_long_as_the_call_says() {
        let acw = plain(include_str!("../../sql/figures/acw_ms.sql"));
        let each = acw.split("SUM(").nth(1).and_then(|rest| rest.split(") FROM rep_activities begun").next()).unwrap();
        assert!(plain(CALLS).contains(each), "{each}");
    }
}
