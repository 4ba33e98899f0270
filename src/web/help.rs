//! `/help/…`: what customers, and the parties of a call, ask for.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json as JsonAnswer;
use rocket::{Either, Route, Shutdown, State, delete, get, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{Json, SignalJson, flag};
use super::client::Client;
use super::customer_stream;
use super::error::{ApiResult, Problem};
use super::guards::{Credential, Customer, MaybeStaff, Party};
use super::idempotency::IdempotencyKey;
use super::limits::Limited;
use super::state::{House, in_time};
use super::stream::{LastEventId, Told};
use super::transfer::view_for;
use super::view::SessionView;
use crate::desk::admission::{Key, Wish};
use crate::desk::audit::Actor;
use crate::desk::call::Caller;
use crate::domain::ids::{QueueId, SessionId, VisitId, VisitorId};
use crate::domain::people::Role;
use crate::domain::presence::Seat;
use crate::domain::session::State as SessionState;
use crate::media::MediaAccess;

/// The routes under `/help`.
#[must_use]
pub fn stage() -> Vec<Route> {
    routes![request, join, look, events, alive, leaving, signal, joined, end, media, leave, availability]
}

type HouseState = State<Arc<House>>;

/// A campaign or banner id: a string, or a number as some ad servers write it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum IdText {
    /// As it should be.
    Text(String),
    /// As it sometimes is.
    Number(u64),
}

impl IdText {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Who asks for a conversation, and what for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionRequest {
    /// The campaign id of the banner link.
    campaign_id: Option<IdText>,
    /// The banner id of the banner link.
    banner_id: Option<IdText>,
    /// The visit; it decides campaign, banner and click ids.
    visit_id: Option<String>,
    /// What the answer to this browser's first request called it; absent from a browser that has not asked before.
    visitor_id: Option<String>,
    /// ≤ 80 characters.
    name: Option<String>,
    /// ≤ 1,000 characters.
    problem: Option<String>,
    /// The name of one of the queues that the banner leads to; the first of them when absent.
    queue: Option<String>,
    /// Voice without video.
    #[serde(deserialize_with = "flag")]
    audio_only: Option<bool>,
    /// The customer agreed to the consent line.
    #[serde(deserialize_with = "flag")]
    consent: Option<bool>,
}

/// A session that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionCreated {
    /// 32 hexadecimal digits.
    session_id: String,
    /// Send it as `Authorization: Bearer`.
    token: String,
    /// Who this browser is: send it along when it asks again. Null for a session of before there were visitors.
    visitor_id: Option<String>,
    /// How to connect.
    media: MediaAccess,
}

/// Asks for a conversation.
#[post("/help/session", data = "<body>")]
async fn request(
    _limit: Limited,
    client: Client,
    staff: MaybeStaff,
    key: IdempotencyKey,
    body: Json<SessionRequest>,
    house: &HouseState,
) -> ApiResult<(Status, JsonAnswer<SessionCreated>)> {
    let visit = body.value.visit_id.map(|id| id.parse::<VisitId>()).transpose();
    let visitor = body.value.visitor_id.map(|id| id.parse::<VisitorId>()).transpose();
    let wish = Wish {
        campaign: body.value.campaign_id.map(IdText::into_text),
        banner: body.value.banner_id.map(IdText::into_text),
        visit: visit.map_err(|_| Problem::bad_request("visitId must be 32 hexadecimal digits."))?,
        visitor: visitor.map_err(|_| Problem::bad_request("visitorId must be 32 hexadecimal digits."))?,
        name: body.value.name.filter(|name| !name.is_empty()),
        problem: body.value.problem.filter(|problem| !problem.is_empty()),
        queue: body.value.queue,
        audio_only: body.value.audio_only.unwrap_or(false),
        consent: body.value.consent.unwrap_or(false),
        test: staff.0.is_some(),
        origin: client.origin(house),
    };
    let caller = client.address.to_string();
    let key = key.0.map(|key| Key::new(&caller, "POST /help/session", &key, &body.bytes));
    let session = in_time(house.desk.request(wish, key)).await?;
    let created = SessionCreated {
        session_id: session.id.to_string(),
        token: house.desk.keys.customer_token(session.id),
        visitor_id: session.visitor_id.map(|visitor| visitor.to_string()),
        media: house.media.access(&session.id.to_string(), house.desk.now()),
    };
    Ok((Status::Created, JsonAnswer(created)))
}

/// Which session joins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// The session.
    session_id: String,
}

/// A place in the queue.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// 32 hexadecimal digits.
    queue_id: String,
    /// From 1.
    position: usize,
    /// Seconds, or null when it cannot be honest.
    estimated_wait_seconds: Option<f64>,
}

/// Enters the queue.
#[post("/help/queue", data = "<body>")]
async fn join(
    customer: Customer,
    key: IdempotencyKey,
    body: Json<JoinRequest>,
    house: &HouseState,
) -> ApiResult<(Status, JsonAnswer<Place>)> {
    if house.is_stopping() {
        return Err(Problem::away("The server is stopping: try again in a moment."));
    }
    let session = parse(&body.value.session_id)?;
    own(&customer, session)?;
    let key = key.0.map(|key| Key::new(&session.to_string(), "POST /help/queue", &key, &body.bytes));
    let joined = in_time(house.desk.join(session, key)).await?;
    let estimated_wait_seconds = house.desk.estimated_wait_at(joined.queue, joined.place, joined.position);
    let place = Place { queue_id: joined.queue_id.to_string(), position: joined.position, estimated_wait_seconds };
    Ok((Status::Created, JsonAnswer(place)))
}

fn parse(id: &str) -> ApiResult<SessionId> {
    id.parse().map_err(|_| Problem::not_found())
}

/// Another's session does not exist for a customer.
fn own(customer: &Customer, session: SessionId) -> ApiResult<()> {
    if customer.0 == session { Ok(()) } else { Err(Problem::not_found()) }
}

/// The session as it stands.
#[get("/help/session/<id>")]
async fn look(credential: Credential, id: &str, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let caller = match credential {
        Credential::Customer(session) => Some(Caller::Customer(session)),
        Credential::Login(login) if login.user.role == Role::Admin => None,
        Credential::Login(login) if login.user.role.takes_calls() => {
            Some(Caller::Rep(login.user.id, login.user.display_name))
        }
        _ => return Err(Problem::forbidden("Your credential does not allow this.")),
    };
    let id = parse(id)?;
    let session = match &caller {
        Some(caller) => in_time(house.desk.session_for(caller, id)).await?,
        None => in_time(house.desk.session(id)).await?,
    };
    let mut view = match &caller {
        Some(caller) => view_for(house, &session, caller).await?,
        None => in_time(SessionView::of(house, &session)).await?,
    };
    view.rating = in_time(house.desk.rating_of(&session)).await?.map(Into::into);
    Ok(JsonAnswer(view))
}

/// The customer's event stream.
#[get("/help/session/<id>/events?<page>")]
async fn events(
    customer: Customer,
    id: &str,
    page: Option<String>,
    last: LastEventId,
    stop: Shutdown,
    house: &HouseState,
) -> ApiResult<Either<Status, Told>> {
    let id = parse(id)?;
    own(&customer, id)?;
    let session = in_time(house.desk.session(id)).await?;
    if session.life.state == SessionState::Ended {
        return Ok(Either::Left(Status::NoContent));
    }
    let events = customer_stream::events(Arc::clone(house), id, page, last.0, stop);
    Ok(Either::Right(Told(events)))
}

/// Answers the stream's heartbeat.
#[post("/help/session/<id>/alive")]
async fn alive(party: Party, id: &str, house: &HouseState) -> ApiResult<Status> {
    let id = parse(id)?;
    match &party.0 {
        // Kept in memory only, unless the customer was just claimed: then it is the word that was waited for.
        Caller::Customer(session) if *session == id => {
            house.desk.alive(Seat::Customer(id));
            if house.desk.hub.expects_word(Seat::Customer(id)) {
                in_time(house.desk.session_for(&party.0, id)).await?;
            }
        }
        Caller::Customer(_) => return Err(Problem::not_found()),
        Caller::Rep(..) => {
            in_time(house.desk.session_for(&party.0, id)).await?;
            house.desk.alive(party.0.seat());
        }
    }
    Ok(Status::NoContent)
}

/// Which page load is going away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct Leaving {
    /// The id that the page opened its stream with.
    pub page: Option<String>,
}

/// The customer's page is going away.
#[post("/help/session/<id>/leaving", data = "<body>")]
fn leaving(customer: Customer, id: &str, body: Json<Leaving>, house: &HouseState) -> ApiResult<Status> {
    let id = parse(id)?;
    own(&customer, id)?;
    if let Some(page) = &body.value.page {
        house.desk.leaving(Seat::Customer(id), page);
    }
    Ok(Status::NoContent)
}

/// What is no signal is not relayed.
pub(super) fn check_signal(message: &Map<String, Value>) -> ApiResult<()> {
    if ["hello", "description", "candidate"].iter().any(|key| message.contains_key(*key)) {
        return Ok(());
    }
    Err(Problem::bad_request("A signal has hello, description or candidate."))
}

/// Says something to the other party.
#[post("/help/session/<id>/signal", data = "<body>")]
async fn signal(party: Party, id: &str, body: SignalJson<Map<String, Value>>, house: &HouseState) -> ApiResult<Status> {
    check_signal(&body.value)?;
    let epoch = match body.value.get("epoch") {
        None | Some(Value::Null) => None,
        Some(epoch) => Some(epoch.as_i64().ok_or_else(|| Problem::bad_request("epoch must be a whole number."))?),
    };
    in_time(house.desk.signal(&party.0, parse(id)?, epoch, body.value)).await?;
    Ok(Status::Accepted)
}

/// The epoch that the caller speaks of; the present one when absent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct Fence {
    /// None: whatever it is.
    pub epoch: Option<i64>,
}

/// This side's media is connected.
#[post("/help/session/<id>/joined", data = "<body>")]
async fn joined(party: Party, id: &str, body: Json<Fence>, house: &HouseState) -> ApiResult<JsonAnswer<SessionView>> {
    let session = in_time(house.desk.joined(&party.0, parse(id)?, body.value.epoch)).await?;
    Ok(JsonAnswer(view_for(house, &session, &party.0).await?))
}

/// How a session ends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct EndRequest {
    epoch: Option<i64>,
    /// Why, where the outcome depends on it.
    reason: Option<EndReason>,
}

/// Why a session is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndReason {
    /// Media never connected.
    Media,
}

/// Ends the session.
#[post("/help/session/<id>/end", data = "<body>")]
async fn end(
    party: Party,
    admin: MaybeStaff,
    id: &str,
    body: Json<EndRequest>,
    house: &HouseState,
) -> ApiResult<JsonAnswer<SessionView>> {
    let id = parse(id)?;
    let media_failed = body.value.reason == Some(EndReason::Media);
    let admin = admin.0.map(|login| login.user).filter(|user| user.role == Role::Admin);
    let ended = match in_time(house.desk.end(&party.0, id, body.value.epoch, media_failed)).await {
        // An administrator may end what is not theirs.
        Err(problem) if problem.status() == Status::NotFound => match admin {
            Some(admin) => in_time(house.desk.end_as_admin(id, &Actor::user(&admin))).await,
            None => Err(problem),
        },
        ended => ended,
    };
    let session = ended?;
    Ok(JsonAnswer(in_time(SessionView::of(house, &session)).await?))
}

/// Fresh access to the media servers.
#[get("/help/session/<id>/media")]
async fn media(party: Party, id: &str, house: &HouseState) -> ApiResult<JsonAnswer<MediaAccess>> {
    let session = in_time(house.desk.session_for(&party.0, parse(id)?)).await?;
    Ok(JsonAnswer(house.media.access(&session.id.to_string(), house.desk.now())))
}

/// Leaves the queue.
#[delete("/help/queue/<place>")]
async fn leave(credential: Credential, place: &str, house: &HouseState) -> ApiResult<Status> {
    let (customer, admin) = match credential {
        Credential::Customer(session) => (Some(session), None),
        Credential::Login(login) if login.user.role == Role::Admin => (None, Some(Actor::user(&login.user))),
        _ => return Err(Problem::forbidden("Your credential does not allow this.")),
    };
    let place = place.parse::<QueueId>().map_err(|_| Problem::not_found())?;
    let session = in_time(house.desk.session_at(place)).await?;
    if customer.is_some_and(|customer| customer != session.id) {
        return Err(Problem::not_found());
    }
    match admin {
        Some(admin) => in_time(house.desk.leave_as_admin(session.id, &admin)).await?,
        None => in_time(house.desk.leave(session.id)).await?,
    }
    Ok(Status::NoContent)
}

/// Whether somebody is there now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Availability {
    /// A representative is there: the console is open and, where customers ring, not offline.
    online: bool,
    /// How many wait.
    waiting: usize,
    /// Seconds, or null when it cannot be honest.
    estimated_wait_seconds: Option<f64>,
}

/// Whether somebody is there now, for the invitation: in one queue, or in the default one.
#[get("/help/availability?<queue>")]
async fn availability(_limit: Limited, queue: Option<&str>, house: &HouseState) -> ApiResult<JsonAnswer<Availability>> {
    let plan = house.desk.plan();
    let found = queue.map_or(plan.queues.first(), |name| plan.named(name));
    let queue = found.ok_or_else(|| Problem::bad_request("There is no queue of this name."))?.id;
    let serving = in_time(house.desk.serving(queue)).await?;
    let waiting = house.desk.line.waiting(queue);
    let estimated_wait_seconds = house.desk.estimated_wait_seconds(queue, waiting + 1);
    Ok(JsonAnswer(Availability { online: serving > 0, waiting, estimated_wait_seconds }))
}
