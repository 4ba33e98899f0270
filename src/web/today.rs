//! `/rep/today`: a representative's own figures of the day.

use std::collections::BTreeMap;
use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, get, routes};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiResult, Problem};
use super::guards::Rep;
use super::questions::rfc3339;
use super::state::{House, in_time};
use crate::clock::Timestamp;
use crate::desk::today::Today;
use crate::domain::figures::seconds;

/// The routes of a representative's day.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![today]
}

/// A day is no longer, whatever happens to the clocks in it.
const LONGEST_DAY_MILLIS: i64 = 48 * 3_600_000;
/// Without a word from the page.
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// What a representative has done since `from`: their own figures only, without test calls.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TodayView {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Calls whose first conversation started since then, and which this representative was the first to answer.
    answered: i64,
    /// Seconds from the first conversation start to the end, the mean over those of them that have ended; null when none
    /// has.
    mean_talk_seconds: Option<f64>,
    /// Offers that rang since then until nobody could answer them any more.
    missed_offers: i64,
    /// How many of the calls were rated.
    ratings: i64,
    /// The mean of their stars; null when none was rated.
    mean_rating: Option<f64>,
    /// Seconds in each activity, every one of them; before the first that is known nothing is counted.
    activities: BTreeMap<&'static str, f64>,
}

/// A mean; null when there is nothing to take it of.
#[expect(clippy::cast_precision_loss, reason = "a day's milliseconds and stars are far below 2^53")]
fn mean(sum: i64, count: i64, unit: f64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64 / unit)
}

impl TodayView {
    fn of(from: Timestamp, today: &Today) -> Self {
        let Today { at, answered, rated, missed, activities } = today;
        Self {
            from,
            at: *at,
            answered: answered.answered,
            mean_talk_seconds: mean(answered.talk_ms, answered.ended, 1_000.0),
            missed_offers: *missed,
            ratings: rated.ratings,
            mean_rating: mean(rated.stars, rated.ratings, 1.0),
            activities: activities.iter().map(|(activity, millis)| (activity.as_str(), seconds(*millis))).collect(),
        }
    }
}

/// The representative's figures since the midnight that their page knows.
#[get("/rep/today?<from>")]
async fn today(rep: Rep, from: Option<&str>, house: &State<Arc<House>>) -> ApiResult<JsonAnswer<TodayView>> {
    let now = house.desk.now();
    let sentence = "from must be RFC 3339, such as 2026-11-21T10:00:00Z.";
    let from = match from {
        Some(text) => rfc3339(text).ok_or_else(|| Problem::bad_request(sentence))?,
        None => now.plus_millis(-DAY_MILLIS),
    };
    if from > now || now.since(from) > LONGEST_DAY_MILLIS {
        return Err(Problem::bad_request("from must be within the last 48 hours."));
    }
    let today = in_time(house.desk.today(rep.0.user.id, from)).await?;
    Ok(JsonAnswer(TodayView::of(from, &today)))
}
