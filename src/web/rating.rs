//! `/help/session/…/rating`: what a customer thought of the conversation.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, post, routes};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::Json;
use super::error::{ApiResult, Problem};
use super::guards::Customer;
use super::state::{House, in_time};
use super::view::RatingView;
use crate::domain::ids::SessionId;
use crate::domain::rating::{NotARating, Rating};

/// The routes of ratings.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![rate]
}

/// What a customer thought of the conversation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RatingRequest {
    /// From 1, not good, to 5, very good.
    // Read as it came: whatever is wrong with it gets the same sentence.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 1, maximum = 5)]
    stars: Value,
    /// ≤ 1,000 characters.
    comment: Option<String>,
}

impl RatingRequest {
    fn read(self) -> Result<Rating, NotARating> {
        let stars = match &self.stars {
            // A form's fields are text.
            Value::String(text) => text.parse().ok(),
            stars => stars.as_i64(),
        };
        Rating::new(stars.ok_or(NotARating::Stars)?, self.comment)
    }
}

/// Keeps what the customer thought; said again, the newer word counts.
#[post("/help/session/<id>/rating", data = "<body>")]
async fn rate(
    customer: Customer,
    id: &str,
    body: Json<RatingRequest>,
    house: &State<Arc<House>>,
) -> ApiResult<JsonAnswer<RatingView>> {
    // Another's session does not exist for a customer.
    let id = id.parse::<SessionId>().ok().filter(|id| *id == customer.0).ok_or_else(Problem::not_found)?;
    let rating = body.value.read().map_err(|problem| Problem::bad_request(problem.to_string()))?;
    in_time(house.desk.rate(id, &rating)).await?;
    Ok(JsonAnswer(rating.into()))
}
