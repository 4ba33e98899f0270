//! `/getFunnel`: how far the visits of a campaign came; and what a landing page says of it.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{FromForm, Route, State, get, post, routes};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Json;
use super::error::{ApiResult, Problem};
use super::figures::{banner_id, campaign_id};
use super::guards::FiguresReader;
use super::limits::Limited;
use super::questions::{Names, period, zone};
use super::state::{House, in_time};
use crate::domain::funnel::PageStep;
use crate::domain::ids::VisitId;
use crate::figures::funnel::{self, Answer, Asked};

/// The routes of the funnel.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![step, of_campaign, of_banner]
}

type HouseState = State<Arc<House>>;

/// How far a person came before they asked for a representative.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StepReport {
    /// How far, or what is in the way.
    step: PageStep,
}

/// The page says how far the person came: nothing about them.
#[post("/help/visit/<visit>/step", data = "<body>")]
async fn step(_limit: Limited, visit: &str, body: Json<StepReport>, house: &HouseState) -> ApiResult<Status> {
    let visit = visit.parse::<VisitId>().map_err(|_| Problem::not_found())?;
    in_time(house.desk.note_step(visit, body.value.step)).await?;
    Ok(Status::NoContent)
}

/// The query.
#[derive(Debug, FromForm)]
pub struct FunnelQuery<'q> {
    from: Option<&'q str>,
    to: Option<&'q str>,
    tests: Option<&'q str>,
    tz: Option<&'q str>,
    #[field(name = "groupBy")]
    group_by: Option<&'q str>,
}

async fn answer(
    house: &House,
    campaign: &str,
    banner: Option<&str>,
    query: &FunnelQuery<'_>,
    names: &Names,
) -> ApiResult<JsonAnswer<Answer>> {
    names.once(&["from", "to", "tests", "tz", "groupBy"]).map_err(Problem::bad_request)?;
    let zone = zone(query.tz)?;
    let by_banner = match query.group_by {
        None => false,
        Some("banner") => true,
        Some(_) => return Err(Problem::bad_request("groupBy must be banner.")),
    };
    let asked = Asked {
        campaign: campaign_id(campaign)?,
        banner: banner.map(banner_id).transpose()?,
        period: period(query.from, query.to, query.tests, zone)?,
        zone,
        by_banner,
    };
    let db = house.desk.db.clone();
    let question = async move { funnel::answer(&db, &asked).await };
    Ok(JsonAnswer(in_time(house.figures.ask(question)).await?))
}

/// How far the visits of a campaign came.
#[get("/getFunnel/<campaign>?<query..>")]
async fn of_campaign(
    reader: FiguresReader,
    campaign: &str,
    query: FunnelQuery<'_>,
    names: Names,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    reader.may_read(house, campaign).await?;
    answer(house, campaign, None, &query, &names).await
}

/// How far the visits of a banner came.
#[get("/getFunnel/<campaign>/<banner>?<query..>")]
async fn of_banner(
    reader: FiguresReader,
    campaign: &str,
    banner: &str,
    query: FunnelQuery<'_>,
    names: Names,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Answer>> {
    reader.may_read(house, campaign).await?;
    answer(house, campaign, Some(banner), &query, &names).await
}
