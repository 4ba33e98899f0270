//! What a supervisor does on the floor; each with its reason.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, post, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::parse;
use super::view::RepOnFloor;
use crate::desk::audit::Actor;
use crate::domain::ids::VisitorId;
use crate::domain::people::Username;
use crate::domain::words::Reason;
use crate::web::body::Json;
use crate::web::error::{ApiResult, Problem};
use crate::web::guards::Supervisor;
use crate::web::state::{House, in_time};
use crate::web::view::SessionView;

/// The routes of what a supervisor does.
pub(super) fn stage() -> Vec<Route> {
    routes![end, requeue, offline, end_waiting, lift]
}

type HouseState = State<Arc<House>>;

/// Why a supervisor steps in.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Why {
    /// 1 to 200 characters; kept in the log.
    #[schema(required = true)]
    reason: String,
}

/// What ending everybody comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ended {
    /// How many were ended.
    ended: usize,
}

/// Ends everybody who waits.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndWaiting {
    /// 1 to 200 characters; kept in the log.
    #[schema(required = true)]
    reason: String,
    /// Only this queue; every one when absent.
    queue: Option<String>,
    /// Must be true.
    #[schema(required = true)]
    confirm: bool,
}

/// A representative who was set offline.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offline {
    /// The representative is on a call, and offline after it.
    after_call: bool,
    /// The representative as they stand.
    #[serde(flatten)]
    rep: RepOnFloor,
}

fn reason_of(text: &str) -> ApiResult<Reason> {
    text.parse().map_err(|error| Problem::bad_request(format!("reason {error}.")))
}

/// Ends a session.
#[post("/floor/api/sessions/<id>/end", data = "<body>")]
async fn end(
    supervisor: Supervisor,
    id: &str,
    body: Json<Why>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<SessionView>> {
    let (id, reason, by) = (parse(id)?, reason_of(&body.value.reason)?, Actor::user(&supervisor.0.user));
    let session = in_time(house.desk.end_as_supervisor(id, &reason, &by)).await?;
    Ok(JsonAnswer(in_time(SessionView::watched(house, &session)).await?))
}

/// Takes a customer back from a representative, to the queue.
#[post("/floor/api/sessions/<id>/requeue", data = "<body>")]
async fn requeue(
    supervisor: Supervisor,
    id: &str,
    body: Json<Why>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<SessionView>> {
    let (id, reason, by) = (parse(id)?, reason_of(&body.value.reason)?, Actor::user(&supervisor.0.user));
    let session = in_time(house.desk.take_back_as_supervisor(id, &reason, &by)).await?;
    Ok(JsonAnswer(in_time(SessionView::watched(house, &session)).await?))
}

/// Sets a representative offline; during a call, for after it.
#[post("/floor/api/reps/<username>/offline", data = "<body>")]
async fn offline(
    supervisor: Supervisor,
    username: &str,
    body: Json<Why>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Offline>> {
    let name: Username = username.parse().map_err(|_| Problem::not_found())?;
    let (reason, by) = (reason_of(&body.value.reason)?, Actor::user(&supervisor.0.user));
    let rep = in_time(house.desk.set_offline(&name, &reason, &by)).await?;
    Ok(JsonAnswer(Offline { after_call: rep.callers > 0, rep: RepOnFloor::from(&rep) }))
}

/// Ends everybody who waits.
#[post("/floor/api/end-waiting", data = "<body>")]
async fn end_waiting(
    supervisor: Supervisor,
    body: Json<EndWaiting>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<Ended>> {
    let EndWaiting { reason, queue, confirm } = body.value;
    let (reason, by) = (reason_of(&reason)?, Actor::user(&supervisor.0.user));
    if !confirm {
        return Err(Problem::bad_request("confirm must be true: everybody who waits would be ended."));
    }
    // A crowd takes longer than a request may wait for the database; each group of it is awaited in time by itself.
    let ended = house.desk.end_waiting(queue.as_deref(), &reason, &by).await?;
    Ok(JsonAnswer(Ended { ended }))
}

/// Lifts the block of a visitor.
#[post("/floor/api/blocks/<visitor>/lift", data = "<body>")]
async fn lift(supervisor: Supervisor, visitor: &str, body: Json<Why>, house: &HouseState) -> ApiResult<Status> {
    let visitor = visitor.parse::<VisitorId>().map_err(|_| Problem::not_found())?;
    let (reason, by) = (reason_of(&body.value.reason)?, Actor::user(&supervisor.0.user));
    in_time(house.desk.lift_block(visitor, &reason, &by)).await?;
    Ok(Status::NoContent)
}
