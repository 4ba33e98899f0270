//! How far landings came, from the raw rows: `sql/figures/funnel.sql` has the definition.

use super::terms::{Campaigns, Period, named};
use super::text::Statement;
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
    let campaigns = Campaigns::These(vec![campaign.clone()]);
    let statement = statement(&campaigns, banner, period);
    Ok(on!(conn, c => statement.query_as()?.fetch_all(c).await?))
}

fn statement<'v>(campaigns: &'v Campaigns, banner: Option<&'v BannerId>, period: Period) -> Statement<'v> {
    Statement::of(&campaigns.in_text(&named(FUNNEL)), &campaigns.values(banner, period))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn every_name_stands_for_something() {
        let period = Period { from: Timestamp(1), to: Timestamp(2), tests: false };
        let campaigns = Campaigns::These(vec!["5".parse().unwrap()]);
        let statement = statement(&campaigns, None, period);
        assert_eq!(statement.unknown(), [""; 0]);
        // Only the campaign and the period that are asked for are looked at.
        for sought in ["campaign_id = ?", "landed_at >= ?", "landed_at < ?"] {
            assert_eq!(statement.text().matches(sought).count(), 2, "{}", statement.text());
        }
    }
}
