//! `/floor`: the live floor, for supervisors. The page, the same as JSON, its stream, and what a supervisor does.

mod actions;
pub mod view;
pub mod watch;

use std::sync::Arc;
use std::time::Duration;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, Shutdown, State, get, routes};
use serde_json::json;

use super::auth::{PageAnswer, page_for};
use super::client::Client;
use super::error::{ApiResult, Problem};
use super::guards::{MaybeStaff, Supervisor};
use super::pages::{data_block, mistake};
use super::state::{House, in_time};
use super::stream::{LastEventId, Told};
use crate::domain::ids::SessionId;
use crate::domain::people::Role;

pub use actions::{EndWaiting, Ended, Offline, Why};
use view::{FloorView, HistoryView};
use watch::Look;

/// The routes of the floor.
#[must_use]
pub fn stage() -> Vec<Route> {
    let mut routes = routes![page, snapshot, events, history];
    routes.extend(actions::stage());
    routes
}

type HouseState = State<Arc<House>>;

fn parse(id: &str) -> ApiResult<SessionId> {
    id.parse().map_err(|_| Problem::not_found())
}

/// The floor as it is this moment.
async fn present(house: &House) -> ApiResult<FloorView> {
    let floor = in_time(house.desk.floor(Duration::ZERO)).await?;
    Ok(FloorView::of(&floor, house.desk.now()))
}

/// The page; asks for a login first.
#[get("/floor")]
async fn page(staff: MaybeStaff, client: Client, house: &HouseState) -> ApiResult<PageAnswer> {
    let content = |_: &_| async {
        let data = data_block(&present(house).await?).map_err(|error| mistake(&error.to_string()))?;
        Ok(("floor/page.html", json!({ "data_json": data })))
    };
    page_for(house, &client, staff.0, Role::supervises, "/floor", content).await
}

/// Everything that goes on now.
#[get("/floor/api")]
async fn snapshot(_supervisor: Supervisor, house: &HouseState) -> ApiResult<JsonAnswer<FloorView>> {
    Ok(JsonAnswer(present(house).await?))
}

/// The floor's event stream.
#[get("/floor/events")]
fn events(supervisor: Supervisor, last: LastEventId, stop: Shutdown, house: &HouseState) -> Told {
    let look = Look { may: |user| user.role.supervises(), see: FloorView::of };
    Told(watch::events(Arc::clone(house), supervisor.0, look, last.0, stop))
}

/// A session with all that ever happened to it.
#[get("/floor/api/sessions/<id>")]
async fn history(_supervisor: Supervisor, id: &str, house: &HouseState) -> ApiResult<JsonAnswer<HistoryView>> {
    let history = in_time(house.desk.history(parse(id)?)).await?;
    Ok(JsonAnswer(in_time(HistoryView::of(house, history)).await?))
}
