//! `/getAverageMetrics`: the figures, for programs.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{FromForm, Route, State, get, routes};

use super::error::{ApiResult, Problem};
use super::guards::FiguresReader;
use super::questions::AverageQuery;
use super::state::{House, in_time};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId};
use crate::figures::questions::{self, Answer};
use crate::store::figures::Period;

/// The routes of the figures.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![average_of_campaign, average_of_banner]
}

type HouseState = State<Arc<House>>;

/// The period of queue entry, half-open, and whether test calls count.
#[derive(Debug, FromForm)]
pub struct PeriodQuery<'q> {
    from: Option<&'q str>,
    to: Option<&'q str>,
    tests: Option<&'q str>,
}

impl PeriodQuery<'_> {
    pub(super) fn read(&self) -> ApiResult<Period> {
        let from = instant("from", self.from)?.unwrap_or(Timestamp(0));
        let to = instant("to", self.to)?.unwrap_or(Timestamp(i64::MAX));
        if from > to {
            return Err(Problem::bad_request("from must not be after to."));
        }
        let tests = match self.tests {
            None | Some("exclude") => false,
            Some("include") => true,
            Some(_) => return Err(Problem::bad_request("tests must be include or exclude.")),
        };
        Ok(Period { from, to, tests })
    }
}

pub(super) fn instant(name: &str, text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    // A plus sign that was not encoded arrives as a blank.
    let read = Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&text.replace(' ', "+")));
    let sentence = || Problem::bad_request(format!("{name} must be RFC 3339, such as 2026-11-21T10:00:00Z."));
    read.map(Some).ok_or_else(sentence)
}

pub(super) fn campaign_id(text: &str) -> ApiResult<CampaignId> {
    text.parse().map_err(|problem| Problem::bad_request(format!("campaignId {problem}.")))
}

pub(super) fn banner_id(text: &str) -> ApiResult<BannerId> {
    text.parse().map_err(|problem| Problem::bad_request(format!("bannerId {problem}.")))
}

async fn average(
    house: &House,
    campaign: &str,
    banner: Option<&str>,
    query: &AverageQuery<'_>,
) -> ApiResult<JsonAnswer<Answer>> {
    let asked = query.read(campaign_id(campaign)?, banner.map(banner_id).transpose()?)?;
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
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    reader.may_read(house, campaign).await?;
    average(house, campaign, None, &query).await
}

/// The figures of a banner.
#[get("/getAverageMetrics/<campaign>/<banner>?<query..>")]
async fn average_of_banner(
    reader: FiguresReader,
    campaign: &str,
    banner: &str,
    query: AverageQuery<'_>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    reader.may_read(house, campaign).await?;
    average(house, campaign, Some(banner), &query).await
}
