//! Visitors: what representatives are told of them, and blocking.

use std::sync::Arc;

use rocket::serde::json::Json as JsonAnswer;
use rocket::{Route, State, post, routes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Json;
use super::error::{ApiResult, Problem};
use super::guards::Rep;
use super::state::{House, in_time};
use super::view::SessionView;
use crate::clock::Timestamp;
use crate::desk::audit::Actor;
use crate::desk::visitors::Blocker;
use crate::domain::figures::seconds;
use crate::domain::ids::SessionId;
use crate::domain::session::Outcome;
use crate::domain::visitor::is_behind;
use crate::domain::words::Reason;
use crate::store::sessions::Session;
use crate::store::visitors::Earlier;

/// The routes about visitors.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![block]
}

/// A call that a visitor made before.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EarlierCall {
    /// First queue entry.
    #[schema(value_type = String, format = DateTime)]
    queue_entry_time: Timestamp,
    /// How it ended.
    outcome: Outcome,
    /// What came of it, in the campaign's words.
    disposition: Option<String>,
    /// Who answered it first, as named then.
    representative: Option<String>,
    /// Seconds from the first conversation start to the end.
    talked_seconds: Option<f64>,
}

impl From<Earlier> for EarlierCall {
    fn from(earlier: Earlier) -> Self {
        let Earlier { queued_at, started_at, ended_at, outcome, representative_name, disposition } = earlier;
        let talked_seconds = started_at.map(|start| seconds(ended_at.since(start)));
        Self { queue_entry_time: queued_at, outcome, disposition, representative: representative_name, talked_seconds }
    }
}

/// What is known of the visitor, told to the representative who has the session, or at whom it rings.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VisitorView {
    /// The visitor was blocked when they asked for this.
    blocked: bool,
    /// How many calls the same browser made before that are over; 100 at most are counted.
    earlier_calls: usize,
    /// The latest of them.
    last: Option<EarlierCall>,
}

/// What is known of the visitor of a session.
///
/// # Errors
/// The store's.
pub async fn known_of(house: &House, session: &Session) -> ApiResult<VisitorView> {
    let earlier = in_time(house.desk.earlier_calls(session)).await?;
    let earlier_calls = earlier.len();
    let last = earlier.into_iter().next().map(EarlierCall::from);
    Ok(VisitorView { blocked: is_behind(session.for_rank), earlier_calls, last })
}

/// Ends a conversation, and blocks its visitor.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BlockRequest {
    /// The epoch that the caller speaks of; the present one when absent.
    epoch: Option<i64>,
    /// Why: 1 to 200 characters; kept in the log.
    reason: Option<String>,
}

/// A visitor who is blocked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// The session, as it ended.
    session: SessionView,
    /// When the block ends by itself.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// Ends the session, and blocks whoever asked for it.
#[post("/help/session/<id>/block", data = "<body>")]
async fn block(
    rep: Rep,
    id: &str,
    body: Json<BlockRequest>,
    house: &State<Arc<House>>,
) -> ApiResult<JsonAnswer<BlockView>> {
    let id = id.parse::<SessionId>().map_err(|_| Problem::not_found())?;
    let given = body.value.reason.filter(|reason| !reason.trim().is_empty());
    let reason = given.map(|reason| reason.parse::<Reason>()).transpose();
    let reason = reason.map_err(|error| Problem::bad_request(format!("reason {error}.")))?;
    let user = &rep.0.user;
    let by = Actor::user(user);
    let who = Blocker { rep: user.id, name: &user.display_name, by: &by, reason: reason.as_ref() };
    let blocked = in_time(house.desk.end_and_block(&who, id, body.value.epoch)).await?;
    let session = in_time(SessionView::of(house, &blocked.session)).await?;
    Ok(JsonAnswer(BlockView { session, until: blocked.until }))
}
