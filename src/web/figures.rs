//! `/getAverageMetrics` and `/getFullMetrics`: the figures, for programs.

use std::sync::Arc;

use rocket::http::ContentType;
use rocket::response::stream::{ByteStream, stream};
use rocket::serde::json::Json as JsonAnswer;
use rocket::{FromForm, Route, State, get, routes};

use super::error::{ApiResult, Problem};
use super::guards::FiguresReader;
use super::questions::AverageQuery;
use super::state::{House, in_time};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId};
use crate::figures::export::{Calls, FullMetrics};
use crate::figures::questions::{self, Answer};
use crate::store::figures::Period;

/// The routes of the figures.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![average_of_campaign, average_of_banner, full_of_campaign, full_of_banner]
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
    fn read(&self) -> ApiResult<Period> {
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

fn campaign_id(text: &str) -> ApiResult<CampaignId> {
    text.parse().map_err(|problem| Problem::bad_request(format!("campaignId {problem}.")))
}

fn banner_id(text: &str) -> ApiResult<BannerId> {
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
    _reader: FiguresReader,
    campaign: &str,
    query: AverageQuery<'_>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    average(house, campaign, None, &query).await
}

/// The figures of a banner.
#[get("/getAverageMetrics/<campaign>/<banner>?<query..>")]
async fn average_of_banner(
    _reader: FiguresReader,
    campaign: &str,
    banner: &str,
    query: AverageQuery<'_>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    average(house, campaign, Some(banner), &query).await
}

type JsonStream = (ContentType, ByteStream<std::pin::Pin<Box<dyn rocket::futures::Stream<Item = Vec<u8>> + Send>>>);

async fn full(house: &House, campaign: &str, banner: Option<&str>, query: &PeriodQuery<'_>) -> ApiResult<JsonStream> {
    let (campaign, banner) = (campaign_id(campaign)?, banner.map(banner_id).transpose()?);
    let calls = Calls::new(house.desk.db.clone(), campaign, banner, query.read()?);
    let turns = house.figures.clone();
    // The first page before the first byte: a database that is away is still a 503.
    let (first, mut calls) = in_time(turns.ask(calls.next_page())).await?;
    let pages = stream! {
        let (mut page, mut separator) = (first, b'[');
        while !page.is_empty() {
            yield rows(&page, separator);
            separator = b',';
            (page, calls) = match turns.ask(calls.next_page()).await {
                Ok(read) => read,
                Err(error) => {
                    // Without its last bracket the array is not taken for a whole one.
                    tracing::error!(%error, "an export broke off");
                    return;
                }
            };
        }
        yield if separator == b'[' { b"[]".to_vec() } else { b"]".to_vec() };
    };
    Ok((ContentType::JSON, ByteStream::from(Box::pin(pages) as std::pin::Pin<Box<_>>)))
}

/// A page's objects, each behind its separator.
fn rows(page: &[FullMetrics], first_separator: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(page.len() * 400);
    for (index, row) in page.iter().enumerate() {
        bytes.push(if index == 0 { first_separator } else { b',' });
        // Text and numbers into memory: this cannot fail.
        let _ = serde_json::to_writer(&mut bytes, row);
    }
    bytes
}

/// Every joined session of a campaign, oldest queue entry first.
#[get("/getFullMetrics/<campaign>?<query..>")]
async fn full_of_campaign(
    _reader: FiguresReader,
    campaign: &str,
    query: PeriodQuery<'_>,
    house: &HouseState,
) -> ApiResult<JsonStream> {
    full(house, campaign, None, &query).await
}

/// Every joined session of a banner, oldest queue entry first.
#[get("/getFullMetrics/<campaign>/<banner>?<query..>")]
async fn full_of_banner(
    _reader: FiguresReader,
    campaign: &str,
    banner: &str,
    query: PeriodQuery<'_>,
    house: &HouseState,
) -> ApiResult<JsonStream> {
    full(house, campaign, Some(banner), &query).await
}
