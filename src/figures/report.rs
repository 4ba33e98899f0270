//! The dashboard's table.

use chrono_tz::Tz;
use serde::Serialize;

use super::funnel::{self, Answer, Asked};
use crate::domain::figures::{AverageMetrics, Tally};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::scope::Scope;
use crate::store::clients;
use crate::store::figures::{self, BannerRow, BrokenLink, Period};
use crate::store::{Db, Result};

/// What a question is about: everything, a campaign, or one banner of it.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// The banner.
    pub banner: Option<BannerId>,
}

/// A row of the dashboard's table: a banner's, or its campaign's total.
#[derive(Debug, Serialize)]
pub struct Row {
    campaign_id: Option<String>,
    campaign_name: Option<String>,
    banner_id: Option<String>,
    banner_name: Option<String>,
    registered: bool,
    visits: i64,
    #[serde(flatten)]
    metrics: AverageMetrics,
}

/// The dashboard's table, with its total and the links that are broken.
#[derive(Debug, Serialize)]
pub struct Dashboard {
    rows: Vec<Row>,
    total: Row,
    broken: Vec<BrokenLink>,
    /// Of the campaign that was chosen, or of the only one there is.
    funnel: Option<Answer>,
    /// Whether that has too many visits to follow each of them.
    too_many_visits: bool,
}

/// So many visits are followed from the click to the outcome while somebody waits for the page.
const MOST_FOLLOWED: i64 = 200_000;

impl Dashboard {
    /// Takes the rows away: the question was not understood.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.broken.clear();
        self.funnel = None;
    }
}

/// Everything the dashboard shows of a period to somebody who may see so much.
///
/// # Errors
/// The store's.
pub async fn dashboard(db: &Db, scope: Scope, subject: &Subject, period: Period) -> Result<Dashboard> {
    let mut reader = db.read().await?;
    let mut banners =
        figures::by_banner(reader.conn(), subject.campaign.as_ref(), subject.banner.as_ref(), period).await?;
    // An id that was only noted, by a broken link or a look of the staff, is no row of zeros.
    banners.retain(|banner| banner.visits > 0 || banner.tally.total > 0);
    let broken = match scope {
        Scope::Everything => figures::broken_links(reader.conn(), period).await?,
        Scope::Client(client) => {
            let theirs = clients::campaigns(reader.conn(), client).await?;
            banners.retain(|banner| theirs.contains(&banner.campaign_id));
            Vec::new()
        }
    };
    let mut rows = Vec::with_capacity(banners.len());
    for campaign in banners.chunk_by(|one, other| one.campaign_id == other.campaign_id) {
        rows.extend(campaign.first().map(|first| total_of(campaign, Some(first))));
        rows.extend(campaign.iter().map(row_of));
    }
    drop(reader);
    let total = total_of(&banners, None);
    let campaign = subject.campaign.clone().or_else(|| only_campaign(&banners));
    let too_many_visits = campaign.is_some() && total.visits > MOST_FOLLOWED;
    let funnel = match campaign {
        Some(campaign) if !too_many_visits => {
            let asked = Asked { campaign, banner: subject.banner.clone(), period, zone: Tz::UTC, by_banner: false };
            Some(funnel::answer(db, &asked).await?)
        }
        _ => None,
    };
    Ok(Dashboard { rows, total, broken, funnel, too_many_visits })
}

/// The campaign of all rows, where there is but one.
fn only_campaign(banners: &[BannerRow]) -> Option<CampaignId> {
    let first = banners.first()?;
    banners.iter().all(|banner| banner.campaign_id == first.campaign_id).then(|| first.campaign_id.clone())
}

fn row_of(banner: &BannerRow) -> Row {
    Row {
        campaign_id: Some(banner.campaign_id.to_string()),
        campaign_name: banner.campaign_name.clone(),
        banner_id: Some(banner.banner_id.to_string()),
        banner_name: banner.banner_name.clone(),
        registered: banner.banner_name.is_some(),
        visits: banner.visits,
        metrics: banner.tally.into(),
    }
}

fn total_of(banners: &[BannerRow], of: Option<&BannerRow>) -> Row {
    Row {
        campaign_id: of.map(|banner| banner.campaign_id.to_string()),
        campaign_name: of.and_then(|banner| banner.campaign_name.clone()),
        banner_id: None,
        banner_name: None,
        registered: of.is_none_or(|banner| banner.campaign_name.is_some()),
        visits: banners.iter().map(|banner| banner.visits).sum(),
        metrics: banners.iter().map(|banner| banner.tally).sum::<Tally>().into(),
    }
}
