//! How far landings came, from the raw rows: `sql/figures/funnel.sql` has the definition.

use super::figures::Period;
use super::{Conn, Result, on};
use crate::domain::funnel::Stopped;
use crate::domain::ids::{BannerId, CampaignId};

const FUNNEL: &str = include_str!("../../sql/figures/funnel.sql");

/// Where the landings of a period are, by banner, step and reason.
///
/// # Errors
/// When the database does not answer.
pub async fn stopped(
    conn: Conn<'_>,
    campaign: &CampaignId,
    banner: Option<&BannerId>,
    period: Period,
) -> Result<Vec<Stopped>> {
    let Period { from, to, tests } = period;
    let tests = i64::from(tests);
    Ok(on!(conn, c => sqlx::query_as(FUNNEL)
        .bind(tests)
        .bind(campaign)
        .bind(banner)
        .bind(from)
        .bind(to)
        .bind(tests)
        .bind(campaign)
        .bind(banner)
        .bind(from)
        .bind(to)
        .bind(tests)
        .fetch_all(c)
        .await?))
}
