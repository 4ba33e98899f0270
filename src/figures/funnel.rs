//! From the click to the outcome, of a campaign or banner.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use super::questions::AnswerPeriod;
use crate::domain::funnel::{Funnel, Stopped, VERSION};
use crate::domain::ids::{BannerId, CampaignId};
use crate::store::figures::Period;
use crate::store::questions::{self, Cell};
use crate::store::{Db, Result, funnel};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The campaign.
    pub campaign: CampaignId,
    /// One banner of it, or all.
    pub banner: Option<BannerId>,
    /// When the landings were, and whether those of the staff count.
    pub period: Period,
    /// Whose clocks said what a day is.
    pub zone: Tz,
    /// Whether each banner is told by itself, too.
    pub by_banner: bool,
}

/// The answer of `/getFunnel`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// Grows when the meaning of a step or a reason changes.
    definition_version: u32,
    /// When the landings were.
    period: AnswerPeriod,
    #[serde(flatten)]
    funnel: Funnel,
    /// The banners that have visits, most visited first, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    banners: Option<Vec<BannerFunnel>>,
}

/// How far the visits of a banner came.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
pub struct BannerFunnel {
    banner_id: String,
    /// Its name, once registered.
    name: Option<String>,
    #[serde(flatten)]
    funnel: Funnel,
}

/// Answers.
///
/// # Errors
/// The store's.
pub async fn answer(db: &Db, asked: &Asked) -> Result<Answer> {
    let mut reader = db.read().await?;
    let (campaign, banner) = (&asked.campaign, asked.banner.as_ref());
    let all = funnel::stopped(reader.conn(), campaign, banner, asked.period, asked.by_banner).await?;
    let banners = if asked.by_banner {
        let names = questions::names(reader.conn(), Some(&asked.campaign), Cell::Banner).await?;
        Some(by_banner(&all, &names.into_iter().collect()))
    } else {
        None
    };
    Ok(Answer {
        definition_version: VERSION,
        period: AnswerPeriod::of(asked.period, asked.zone),
        funnel: Funnel::of(&all, true),
        banners,
    })
}

fn by_banner(all: &[Stopped], names: &BTreeMap<String, String>) -> Vec<BannerFunnel> {
    let mut of: BTreeMap<&str, Vec<&Stopped>> = BTreeMap::new();
    for stopped in all {
        of.entry(&stopped.banner_id).or_default().push(stopped);
    }
    let told = of.into_iter().map(|(banner, stopped)| BannerFunnel {
        banner_id: banner.to_owned(),
        name: names.get(banner).cloned(),
        funnel: Funnel::of(stopped, false),
    });
    let mut told: Vec<_> = told.filter(|banner| banner.funnel.visits() > 0).collect();
    told.sort_by_key(|banner| std::cmp::Reverse(banner.funnel.visits()));
    told
}
