//! The console's event stream: `state`, `queue`, `signal`, `heartbeat`, `superseded`, `reconnect`.

use std::sync::Arc;
use std::time::Duration;

use rocket::Shutdown;
use rocket::response::stream::{Event, stream};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::consultation;
use super::duty::{self, ActivityView, OfferView};
use super::error::ApiResult;
use super::guards::Login;
use super::state::{House, in_time};
use super::stream::{Events, Wake, bare, heartbeat, wake};
use super::view::SessionView;
use super::wrap_up::{self, WrapUpView};
use crate::clock::Timestamp;
use crate::domain::figures::seconds;
use crate::domain::ids::RepId;
use crate::domain::presence::Seat;
use crate::domain::visitor::is_behind;
use crate::live::hub::Hint;
use crate::store::accounts::User;
use crate::store::activities::Duty;
use crate::store::line::{self, Which};
use crate::store::reps;
use crate::store::sessions::Session;

/// The line is shown at most this often: at once when it is calm, and a crowd does not drown the console.
const QUEUE_EVERY: Duration = Duration::from_millis(250);
/// How many of the line are shown.
const SHOWN: i64 = 50;
/// How often a state is read, at most, that changes while it is read: the last one is told as it is, and told again when the
/// change is.
const READINGS: usize = 8;

/// The representative, as their console shows them.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepView {
    id: String,
    username: String,
    name: String,
    role: &'static str,
    callers: i64,
    capacity: i64,
}

/// `state`: the representative and everybody whom they have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleState {
    rep: RepView,
    /// What the representative is doing.
    activity: ActivityView,
    /// The call that they wrap up, while that is what they do.
    wrap_up: Option<WrapUpView>,
    /// What rings at them now, oldest first.
    offers: Vec<OfferView>,
    /// Who waits for them in *list* queues, in the order of the line.
    list: Vec<SessionView>,
    /// The latest claim.
    session: Option<SessionView>,
    /// All of them, oldest claim first.
    sessions: Vec<SessionView>,
    /// The customer, on hold with a colleague, about whom the two talk now.
    consulted: Option<SessionView>,
}

/// One who waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the contract's names")]
pub struct QueueEntry {
    queue_id: String,
    /// The title of the queue, where there are several.
    queue: Option<String>,
    name: Option<String>,
    problem: Option<String>,
    audio_only: bool,
    campaign_id: String,
    banner_id: String,
    country: Option<String>,
    device: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    queue_entry_time: Option<Timestamp>,
    present: bool,
    /// The visitor was blocked when they asked: they wait behind everybody else.
    blocked: bool,
}

/// `queue`: how many wait, and the first of them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueView {
    waiting: usize,
    longest_wait_seconds: Option<f64>,
    entries: Vec<QueueEntry>,
}

impl From<&Session> for QueueEntry {
    fn from(session: &Session) -> Self {
        Self {
            queue_id: session.queue_entry.to_string(),
            queue: None,
            name: session.name.clone(),
            problem: session.problem.clone(),
            audio_only: session.audio_only,
            campaign_id: session.campaign_id.to_string(),
            banner_id: session.banner_id.to_string(),
            country: session.country.clone(),
            device: session.device.clone(),
            queue_entry_time: session.life.queued_at,
            present: session.closed_at.is_none(),
            blocked: is_behind(session.for_rank),
        }
    }
}

/// How many callers a representative has, and what they do: it changes with the first and the last caller at least.
#[derive(Debug, PartialEq, Eq)]
struct RepNow {
    callers: i64,
    capacity: i64,
    duty: Duty,
}

async fn read_rep(house: &House, rep: RepId) -> ApiResult<RepNow> {
    let duty = in_time(house.desk.duty(rep)).await?;
    let row = in_time(async {
        let mut reader = house.desk.db.read().await?;
        reps::find(reader.conn(), rep).await
    })
    .await?;
    let (callers, capacity) = row.map_or((0, 1), |row| (row.callers, row.capacity));
    Ok(RepNow { callers, capacity, duty })
}

/// The state, whose callers and activity were true at one moment: it is made of several readings, and made again when those
/// changed between them.
async fn read_state(house: &House, user: &User) -> ApiResult<ConsoleState> {
    let mut before = read_rep(house, user.id).await?;
    for _ in 1..READINGS {
        let state = put_together(house, user, &before).await?;
        let after = read_rep(house, user.id).await?;
        if after == before {
            return Ok(state);
        }
        before = after;
    }
    put_together(house, user, &before).await
}

async fn put_together(house: &House, user: &User, now: &RepNow) -> ApiResult<ConsoleState> {
    // Before the sessions: whom a colleague hands over meanwhile is among one of the two at least, and told in one.
    let consulted = consultation::present(house, user.id).await?;
    let mut sessions = Vec::new();
    for session in in_time(house.desk.callers_of(user.id)).await? {
        let view = SessionView::of(house, &session).await?.passed(house, &session, user.id).await?;
        sessions.push(view.with_visitor(house, &session).await?);
    }
    let consulted = consulted.filter(|about| sessions.iter().all(|caller| caller.session_id != about.session_id));
    let rep = RepView {
        id: user.id.to_string(),
        username: user.username.clone(),
        name: user.display_name.clone(),
        role: user.role.as_str(),
        callers: now.callers,
        capacity: now.capacity,
    };
    let wrap_up = wrap_up::present(house, user.id, &now.duty).await?;
    let offers = duty::offers_to(house, user.id).await?;
    let mut list = Vec::new();
    for session in in_time(house.desk.list_of(user.id)).await? {
        let view = SessionView::who_waits(house, &session).passed(house, &session, user.id).await?;
        list.push(view.with_visitor(house, &session).await?);
    }
    let session = sessions.last().cloned();
    Ok(ConsoleState { rep, activity: now.duty.clone().into(), wrap_up, offers, list, session, sessions, consulted })
}

/// Those who wait for this representative.
async fn read_queue(house: &House, rep: RepId) -> ApiResult<QueueView> {
    let (plan, now) = (house.desk.plan(), house.desk.now());
    let reach = plan.reach(rep, now);
    let first = in_time(async {
        let mut reader = house.desk.db.read().await?;
        line::first(reader.conn(), &reach, Which::All, SHOWN).await
    })
    .await?;
    let everybody = reach.iter().filter(|reach| reach.entered_by.is_none());
    let waiting: usize = everybody.map(|reach| house.desk.line.waiting(reach.queue)).sum();
    let longest = first.iter().filter_map(|session| session.life.queued_at).min();
    let entry = |session: &Session| {
        let queue = plan.told_of(session).map(|queue| queue.title().to_owned());
        QueueEntry { queue, ..QueueEntry::from(session) }
    };
    Ok(QueueView {
        waiting: waiting.max(first.len()),
        longest_wait_seconds: longest.map(|entry| seconds(now.since(entry).max(0))),
        entries: first.iter().take(usize::try_from(SHOWN).unwrap_or(usize::MAX)).map(entry).collect(),
    })
}

/// Numbers go on from what the client saw, unless it could not have seen it.
pub(super) fn first_number(last_seen: i64, now: Timestamp) -> i64 {
    let today = now.millis();
    if (today..today.saturating_add(86_400_000)).contains(&last_seen) { last_seen } else { today }
}

/// The events of one console, until a newer one opens or the server stops.
pub fn events(house: Arc<House>, login: Login, page: Option<String>, last_seen: i64, mut stop: Shutdown) -> Events {
    Box::pin(stream! {
        let user = login.user;
        let mut open = house.desk.open_stream(Seat::Rep(user.id), page);
        open.written().await;
        let mut beats = heartbeat();
        let mut number = first_number(last_seen, house.desk.now());
        let (mut state_due, mut queue_due, mut look_due) = (true, true, false);
        let mut queue_shown: Option<Instant> = None;
        loop {
            if state_due && let Ok(state) = read_state(&house, &user).await {
                state_due = false;
                number = number.saturating_add(1);
                yield Event::json(&state).event("state").id(number.to_string());
            }
            let rested = queue_shown.is_none_or(|shown| shown.elapsed() >= QUEUE_EVERY);
            let is_due = (queue_due && rested) || look_due;
            if is_due && let Ok(queue) = read_queue(&house, user.id).await {
                // A look by the clock makes nobody wait who joins just after it.
                queue_shown = if queue_due { Some(Instant::now()) } else { queue_shown };
                (queue_due, look_due) = (false, false);
                yield Event::json(&queue).event("queue").id(number.to_string());
            }
            let again = queue_shown.filter(|_| queue_due).map(|shown| shown + QUEUE_EVERY);
            let woken = tokio::select! {
                woken = wake(&mut open.hints, &mut beats, &mut stop) => woken,
                () = tokio::time::sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => continue,
            };
            match woken {
                Wake::Hint(Hint::Changed) => state_due = true,
                Wake::Hint(Hint::Queue) => queue_due = true,
                Wake::Hint(Hint::Signal(text)) => yield Event::data(text.to_string()).event("signal"),
                Wake::Hint(Hint::Position(_)) => {}
                Wake::Hint(Hint::Superseded) => {
                    yield bare("superseded");
                    break;
                }
                // Logged out or disabled meanwhile: nothing more is told.
                Wake::Beat if matches!(house.desk.user_of_login(&login.hash).await, Ok(None)) => break,
                Wake::Beat => {
                    // Whom one may serve changes with time, and with what is set up.
                    look_due = true;
                    yield bare("heartbeat");
                }
                Wake::Stopping => {
                    yield bare("reconnect");
                    break;
                }
                Wake::Closed => break,
            }
        }
    })
}
