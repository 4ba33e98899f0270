//! What a representative is doing, the offers that ring at them, and the list that they pick from.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, post, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, flag};
use super::error::{ApiResult, Problem};
use super::guards::Rep;
use super::state::{House, in_time};
use super::view::SessionView;
use crate::clock::Timestamp;
use crate::domain::activity::{Activity, Choice};
use crate::domain::ids::{OfferId, RepId};
use crate::domain::offer::OfferState;
use crate::store::activities::Duty;
use crate::store::offers::Offer;

/// The routes of activities, offers and lists.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![choose, accept, reject, pick]
}

type HouseState = State<Arc<House>>;

/// What a representative chooses to do.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ActivityRequest {
    /// `offline`, `available` or `break`.
    activity: String,
    /// Why, of a break; ≤ 80 characters.
    reason: Option<String>,
    /// It follows the present call or wrap-up, which goes on. A call goes on anyway; a wrap-up ends otherwise.
    #[serde(default, deserialize_with = "flag")]
    next: Option<bool>,
}

/// What follows the present call or wrap-up.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextActivity {
    activity: Activity,
    reason: Option<String>,
}

/// What a representative is doing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityView {
    activity: Activity,
    /// Why, of a break.
    reason: Option<String>,
    /// Since when; null before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// What follows, during a call or wrap-up.
    next: Option<NextActivity>,
}

impl From<Duty> for ActivityView {
    fn from(duty: Duty) -> Self {
        Self {
            activity: duty.activity,
            reason: duty.activity_reason,
            since: Some(duty.activity_since).filter(|since| since.millis() > 0),
            next: duty.next_activity.map(|activity| NextActivity { activity, reason: duty.next_reason }),
        }
    }
}

/// A customer ringing at one representative.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    offer_id: String,
    state: OfferState,
    /// When it began to ring.
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    /// When it ceases to.
    #[schema(value_type = String, format = DateTime)]
    deadline: Timestamp,
    /// Who rings, while it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<SessionView>,
}

impl From<Offer> for OfferView {
    fn from(offer: Offer) -> Self {
        let Offer { id, state, made_at, deadline, .. } = offer;
        Self { offer_id: id.to_string(), state, made_at, deadline, customer: None }
    }
}

/// What rings at a representative, with the customers, oldest first.
///
/// # Errors
/// The store's.
pub async fn offers_to(house: &House, rep: RepId) -> ApiResult<Vec<OfferView>> {
    let ringing = in_time(house.desk.offers_to(rep)).await?;
    let mut offers = Vec::with_capacity(ringing.len());
    for (offer, session) in ringing {
        let customer = SessionView::who_waits(house, &session).passed(house, &session, rep).await?;
        let customer = customer.with_visitor(house, &session).await?;
        offers.push(OfferView { customer: Some(customer), ..offer.into() });
    }
    Ok(offers)
}

/// Chooses what to do; during a call, what comes after it.
#[post("/rep/activity", data = "<body>")]
async fn choose(rep: Rep, body: Json<ActivityRequest>, house: &HouseState) -> ApiResult<JsonAnswer<ActivityView>> {
    let ActivityRequest { activity, reason, next } = &body.value;
    let choice =
        Choice::parse(activity, reason.as_deref()).map_err(|problem| Problem::bad_request(problem.to_string()))?;
    let rep = rep.0.user.id;
    let chosen = match next {
        Some(true) => in_time(house.desk.choose_next(rep, &choice)).await?,
        _ => in_time(house.desk.choose(rep, &choice)).await?,
    };
    Ok(JsonAnswer(chosen.into()))
}

/// Takes the customer who rings, or talks with the colleague who asks to talk first.
#[post("/rep/offers/<offer>/accept")]
async fn accept(rep: Rep, offer: &str, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let session = in_time(house.desk.accept(rep.0.user.id, parse(offer)?)).await?;
    let user = &rep.0.user;
    if session.life.consulted == Some(user.id) {
        return Ok(JsonAnswer(SessionView::consulted(house, &session, user.id).await?));
    }
    let claimed = SessionView::claimed(house, &session, &user.display_name);
    Ok(JsonAnswer(claimed.passed(house, &session, user.id).await?))
}

/// Leaves the customer to the next representative.
#[post("/rep/offers/<offer>/reject")]
async fn reject(rep: Rep, offer: &str, house: &HouseState) -> ApiResult<Status> {
    in_time(house.desk.reject(rep.0.user.id, parse(offer)?)).await?;
    Ok(Status::NoContent)
}

/// Takes a customer from the representative's list.
#[post("/rep/list/<session>/pick")]
async fn pick(rep: Rep, session: &str, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let session = session.parse().map_err(|_| Problem::not_found())?;
    let user = &rep.0.user;
    let session = in_time(house.desk.pick(user.id, session)).await?;
    Ok(JsonAnswer(SessionView::claimed(house, &session, &user.display_name).passed(house, &session, user.id).await?))
}

fn parse(id: &str) -> ApiResult<OfferId> {
    id.parse().map_err(|_| Problem::not_found())
}
