//! `/getAverageMetrics`: the figures, for programs.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, routes};

use super::error::{ApiResult, Problem};
use super::guards::FiguresReader;
use super::questions::{AverageQuery, CHOOSING, DIVIDING, Names};
use super::state::{House, in_time};
use crate::domain::ids::{BannerId, CampaignId};
use crate::domain::scope::Scope;
use crate::figures::questions::{self, Answer, Asked};

/// The routes of the figures.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![average_of_campaign, average_of_banner]
}

type HouseState = State<Arc<House>>;

pub(super) fn campaign_id(text: &str) -> ApiResult<CampaignId> {
    text.parse().map_err(|problem| Problem::bad_request(format!("campaignId {problem}.")))
}

pub(super) fn banner_id(text: &str) -> ApiResult<BannerId> {
    text.parse().map_err(|problem| Problem::bad_request(format!("bannerId {problem}.")))
}

async fn average(
    house: &House,
    scope: Scope,
    campaign: &str,
    banner: Option<&str>,
    query: &AverageQuery<'_>,
    names: &Names,
) -> ApiResult<JsonAnswer<Answer>> {
    names.once(&[&CHOOSING[..], &DIVIDING].concat()).map_err(Problem::bad_request)?;
    let asked = query.read(Some(campaign_id(campaign)?), banner.map(banner_id).transpose()?)?;
    let asked = Asked { scope, ..asked };
    let db = house.desk.db.clone();
    let question = async move { questions::answer(&db, &asked).await };
    Ok(JsonAnswer(in_time(house.figures.ask(question)).await?))
}

/// The figures of a campaign.
#[get("/getAverageMetrics/<campaign>?<query..>")]
async fn average_of_campaign(
    reader: FiguresReader,
    campaign: &str,
    query: AverageQuery<'_>,
    names: Names,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    reader.may_read(house, campaign).await?;
    average(house, reader.0, campaign, None, &query, &names).await
}

/// The figures of a banner.
#[get("/getAverageMetrics/<campaign>/<banner>?<query..>")]
async fn average_of_banner(
    reader: FiguresReader,
    campaign: &str,
    banner: &str,
    query: AverageQuery<'_>,
    names: Names,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    reader.may_read(house, campaign).await?;
    average(house, reader.0, campaign, Some(banner), &query, &names).await
}
