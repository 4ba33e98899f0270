//! Two representatives talk about a customer who is on hold: `/rep/consultations/…`, and the hand-over after it.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, post, routes};
use serde_json::{Map, Value};

use super::body::{Json, SignalJson};
use super::error::ApiResult;
use super::guards::Rep;
use super::help::{Fence, check_signal};
use super::state::{House, in_time};
use super::transfer::{caller, parse, view};
use super::view::SessionView;
use crate::domain::ids::RepId;
use crate::store::sessions::Session;

/// The routes of consultations.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![hand_over, signal]
}

type HouseState = State<Arc<House>>;

impl SessionView {
    /// The customer about whom this representative is consulted: on hold with a colleague, with how to connect to that
    /// colleague.
    ///
    /// # Errors
    /// The store's.
    pub async fn consulted(house: &House, session: &Session, rep: RepId) -> ApiResult<Self> {
        in_time(Self::of(house, session)).await?.passed(house, session, rep).await
    }
}

/// The customer about whom this representative is consulted now.
///
/// # Errors
/// The store's.
pub async fn present(house: &House, rep: RepId) -> ApiResult<Option<SessionView>> {
    let Some(session) = in_time(house.desk.consulted(rep)).await? else { return Ok(None) };
    let view = SessionView::consulted(house, &session, rep).await?;
    Ok(Some(view.with_visitor(house, &session).await?))
}

/// Hands the customer over to the colleague who is talked with.
#[post("/help/session/<id>/transfer/hand-over", data = "<body>")]
async fn hand_over(rep: Rep, id: &str, body: Json<Fence>, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let user = rep.0.user.id;
    let session = in_time(house.desk.hand_over(&caller(rep.0), parse(id)?, body.value.epoch)).await?;
    Ok(JsonAnswer(view(house, &session, user).await?))
}

/// Says something to the other of the two who talk.
#[post("/rep/consultations/<id>/signal", data = "<body>")]
async fn signal(rep: Rep, id: &str, body: SignalJson<Map<String, Value>>, house: &HouseState) -> ApiResult<Status> {
    check_signal(&body.value)?;
    in_time(house.desk.consult_signal(rep.0.user.id, parse(id)?, body.value)).await?;
    Ok(Status::Accepted)
}
