//! `/rep`: the console, and what it asks for.

use std::sync::Arc;

use rocket::http::Status;
use rocket::response::stream::EventStream;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Either, Route, Shutdown, State, delete, get, post, routes};
use serde_json::json;

use super::auth::{PageAnswer, page_for};
use super::body::Json;
use super::client::Client;
use super::error::ApiResult;
use super::guards::{MaybeStaff, Rep};
use super::help::Leaving;
use super::rep_stream;
use super::state::{House, in_time};
use super::stream::{Events, LastEventId};
use super::view::SessionView;
use crate::domain::people::Role;
use crate::domain::presence::Seat;

/// The routes of the console.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![console, claim, events, alive, leaving]
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
        Some(session) => Ok(Either::Left(JsonAnswer(SessionView::claimed(house, &session, &rep.0.user.display_name)))),
        None => Ok(Either::Right(Status::NoContent)),
    }
}

/// The console's event stream.
#[get("/rep/events?<page>")]
fn events(
    rep: Rep,
    page: Option<String>,
    last: LastEventId,
    stop: Shutdown,
    house: &HouseState,
) -> EventStream<Events> {
    EventStream::from(rep_stream::events(Arc::clone(house), rep.0, page, last.0, stop)).heartbeat(None)
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
