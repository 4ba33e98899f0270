//! `/rep`: the console, and what it asks for.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Either, Route, Shutdown, State, delete, get, post, routes};
use serde_json::json;

use super::auth::{PageAnswer, page_for};
use super::body::Json;
use super::client::Client;
use super::error::{ApiResult, Problem};
use super::guards::{Login, MaybeStaff, Rep};
use super::help::{Fence, Leaving};
use super::rep_stream;
use super::state::{House, in_time};
use super::stream::{LastEventId, Told};
use super::transfer::view_for;
use super::view::SessionView;
use crate::desk::call::Caller;
use crate::domain::ids::SessionId;
use crate::domain::people::Role;
use crate::domain::presence::Seat;

/// The routes of the console.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![console, claim, hold, resume, events, alive, leaving]
}

type HouseState = State<Arc<House>>;

/// The console; asks for a login first.
#[get("/rep")]
async fn console(staff: MaybeStaff, client: Client, house: &HouseState) -> ApiResult<PageAnswer> {
    page_for(house, &client, staff.0, Role::takes_calls, "/rep", |_| async { Ok(("rep/console.html", json!({}))) })
        .await
}

/// Gives the representative the oldest customer they may serve.
#[delete("/help/queue?<another>")]
async fn claim(
    rep: Rep,
    another: Option<bool>,
    house: &HouseState,
) -> ApiResult<Either<JsonAnswer<SessionView>, Status>> {
    let claimed = in_time(house.desk.claim(rep.0.user.id, another.unwrap_or(false))).await?;
    match claimed {
        Some(session) => {
            let claimed = SessionView::claimed(house, &session, &rep.0.user.display_name);
            Ok(Either::Left(JsonAnswer(claimed.passed(house, &session, rep.0.user.id).await?)))
        }
        None => Ok(Either::Right(Status::NoContent)),
    }
}

fn parse(id: &str) -> ApiResult<SessionId> {
    id.parse().map_err(|_| Problem::not_found())
}

fn caller(login: Login) -> Caller {
    Caller::Rep(login.user.id, login.user.display_name)
}

/// Puts a caller on hold.
#[post("/help/session/<id>/hold", data = "<body>")]
async fn hold(rep: Rep, id: &str, body: Json<Fence>, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let by = caller(rep.0);
    let held = in_time(house.desk.hold(&by, parse(id)?, body.value.epoch)).await?;
    Ok(JsonAnswer(view_for(house, &held, &by).await?))
}

/// Turns to a caller; another who is in conversation goes on hold.
#[post("/help/session/<id>/resume", data = "<body>")]
async fn resume(rep: Rep, id: &str, body: Json<Fence>, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let by = caller(rep.0);
    let resumed = in_time(house.desk.resume(&by, parse(id)?, body.value.epoch)).await?;
    Ok(JsonAnswer(view_for(house, &resumed, &by).await?))
}

/// The console's event stream.
#[get("/rep/events?<page>")]
fn events(rep: Rep, page: Option<String>, last: LastEventId, stop: Shutdown, house: &HouseState) -> Told {
    Told(rep_stream::events(Arc::clone(house), rep.0, page, last.0, stop))
}

/// Answers the stream's heartbeat.
#[post("/rep/alive")]
async fn alive(rep: Rep, house: &HouseState) -> ApiResult<Status> {
    in_time(house.desk.rep_alive(rep.0.user.id)).await?;
    Ok(Status::NoContent)
}

/// The console is going away.
#[post("/rep/leaving", data = "<body>")]
fn leaving(rep: Rep, body: Json<Leaving>, house: &HouseState) -> Status {
    if let Some(page) = &body.value.page {
        house.desk.leaving(Seat::Rep(rep.0.user.id), page);
    }
    Status::NoContent
}
