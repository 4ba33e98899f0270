//! The floor as supervisors see it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::desk::floor::{Floor, History, rep_of};
use crate::domain::activity::Activity;
use crate::domain::figures::seconds;
use crate::domain::ids::RepId;
use crate::domain::offer::OfferState;
use crate::domain::session::{Kind, State};
use crate::domain::visitor::is_behind;
use crate::store::events::Event;
use crate::store::floor::{Conversation, Customer, PastOffer, Rep};
use crate::store::visitors::Blocked;
use crate::web::duty::ActivityView;
use crate::web::error::ApiResult;
use crate::web::state::House;
use crate::web::view::SessionView;

/// How many there are of everything, listed or not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Customers who wait.
    waiting: i64,
    /// Those of them who ring.
    ringing: i64,
    /// How long whoever has waited longest has; null when nobody waits.
    longest_wait_seconds: Option<f64>,
    /// Customers with a representative whose conversation has not started.
    offered: i64,
    /// Customers in conversation.
    talking: i64,
    /// Customers on hold.
    held: i64,
    /// Representatives.
    reps: i64,
    /// Those with their console open.
    consoles: i64,
    /// Those who are available.
    available: i64,
    /// Those on a call.
    on_call: i64,
    /// Those who wrap a call up.
    wrap_up: i64,
    /// Those on a break, or who missed a call.
    away: i64,
    /// Those who are offline.
    offline: i64,
}

/// A queue, and how many wait in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueOnFloor {
    name: String,
    waiting: i64,
    longest_wait_seconds: Option<f64>,
}

/// Who a session is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is told by itself")]
pub struct CustomerOnFloor {
    session_id: String,
    /// The queue's name.
    queue: Option<String>,
    name: Option<String>,
    campaign_id: String,
    /// What the campaign is called; null when nobody has named it.
    campaign_name: Option<String>,
    banner_id: String,
    /// ISO 3166 code of the address.
    country: Option<String>,
    audio_only: bool,
    /// A trial by staff.
    test: bool,
    /// Whether the page is there.
    present: bool,
    /// The visitor was blocked when they asked: they wait behind everybody else.
    blocked: bool,
    /// First queue entry.
    #[schema(value_type = String, format = DateTime)]
    queue_entry_time: Timestamp,
    /// Seconds from then to the first conversation start, or now.
    waited_seconds: f64,
}

/// At whom a customer rings.
#[derive(Debug, Serialize, ToSchema)]
pub struct RingingAt {
    /// The representative.
    name: String,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    deadline: Timestamp,
}

/// One who waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitingOnFloor {
    #[serde(flatten)]
    customer: CustomerOnFloor,
    /// In the own queue, from 1.
    position: i64,
    /// In the queue again.
    requeued: bool,
    /// At whom it rings.
    ringing_at: Vec<RingingAt>,
}

/// One whom a representative has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationOnFloor {
    #[serde(flatten)]
    customer: CustomerOnFloor,
    /// With whom.
    representative: Option<String>,
    /// The colleague with whom that one talks about the customer, who is on hold.
    consulted: Option<String>,
    /// offered, talking or held.
    state: State,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// First conversation start.
    #[schema(value_type = Option<String>, format = DateTime)]
    conversation_start_time: Option<Timestamp>,
}

/// A representative.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RepOnFloor {
    username: String,
    name: String,
    #[serde(flatten)]
    activity: ActivityView,
    callers: i64,
    capacity: i64,
    /// Whether the console is open.
    console_open: bool,
}

/// Everything that goes on now: at most 200 of each list, and how many there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct FloorView {
    /// When it was so.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    totals: Totals,
    queues: Vec<QueueOnFloor>,
    /// Whoever has waited longest first.
    waiting: Vec<WaitingOnFloor>,
    /// Oldest claim first.
    conversations: Vec<ConversationOnFloor>,
    /// By name, who are offline last.
    reps: Vec<RepOnFloor>,
    /// Visitors whose requests wait behind everybody else, the latest block first.
    blocks: Vec<BlockOnFloor>,
}

/// A visitor who is blocked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockOnFloor {
    /// The visitor's id, to lift it.
    visitor_id: String,
    /// The session for which it was.
    session_id: String,
    /// The customer's name in that session.
    name: Option<String>,
    /// Where that session came from.
    campaign_id: Option<String>,
    /// Who said so.
    representative: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

impl From<&Blocked> for BlockOnFloor {
    fn from(blocked: &Blocked) -> Self {
        let Blocked { block, by_name, name, campaign_id } = blocked;
        Self {
            visitor_id: block.visitor_id.to_string(),
            session_id: block.session_id.to_string(),
            name: name.clone(),
            campaign_id: campaign_id.as_ref().map(ToString::to_string),
            representative: by_name.clone(),
            reason: block.reason.clone(),
            since: block.at,
            until: block.ends_at,
        }
    }
}

impl From<&Rep> for RepOnFloor {
    fn from(rep: &Rep) -> Self {
        Self {
            username: rep.username.clone(),
            name: rep.display_name.clone(),
            activity: rep.duty.clone().into(),
            callers: rep.callers,
            capacity: rep.capacity,
            console_open: rep.is_present(),
        }
    }
}

fn queue_name(floor: &Floor, queue: i64) -> Option<String> {
    floor.queues.iter().find(|known| known.id == queue).map(|known| known.name.clone())
}

fn name_of(floor: &Floor, rep: RepId) -> Option<String> {
    let listed = floor.reps.iter().find(|known| known.id == rep).map(|known| known.display_name.clone());
    listed.or_else(|| floor.names.get(&rep).cloned())
}

fn customer(floor: &Floor, customer: &Customer, waited_until: Timestamp) -> CustomerOnFloor {
    CustomerOnFloor {
        session_id: customer.id.to_string(),
        queue: queue_name(floor, customer.queue_id),
        name: customer.name.clone(),
        campaign_id: customer.campaign_id.to_string(),
        campaign_name: customer.campaign_name.clone(),
        banner_id: customer.banner_id.to_string(),
        country: customer.country.clone(),
        audio_only: customer.audio_only,
        test: customer.kind == Kind::Test,
        present: customer.closed_at.is_none(),
        blocked: is_behind(customer.for_rank),
        queue_entry_time: customer.queued_at,
        waited_seconds: seconds(waited_until.since(customer.queued_at).max(0)),
    }
}

fn waits(floor: &Floor, position: i64, one: &Customer, now: Timestamp) -> WaitingOnFloor {
    let rings = floor.rings.iter().filter(|ring| ring.session_id == one.id && ring.deadline > now);
    let at = |rep| name_of(floor, rep).unwrap_or_default();
    WaitingOnFloor {
        customer: customer(floor, one, now),
        position,
        requeued: one.waiting_since > one.queued_at,
        ringing_at: rings.map(|ring| RingingAt { name: at(ring.rep_id), deadline: ring.deadline }).collect(),
    }
}

fn talks(floor: &Floor, one: &Conversation, now: Timestamp) -> ConversationOnFloor {
    let since = match one.state {
        // A page that is connected first changes nothing of what a supervisor waits for.
        State::Offered => one.offered_at.unwrap_or(one.changed_at),
        _ => one.changed_at,
    };
    ConversationOnFloor {
        customer: customer(floor, &one.customer, one.started_at.unwrap_or(now)),
        representative: one.rep_id.and_then(|rep| name_of(floor, rep)),
        consulted: one.consulted.and_then(|rep| name_of(floor, rep)),
        state: one.state,
        since,
        conversation_start_time: one.started_at,
    }
}

impl Totals {
    /// How many there are of everything, told at `now`.
    #[must_use]
    pub fn of(floor: &Floor, now: Timestamp) -> Self {
        let sessions = |state| floor.counts.iter().filter(move |count| count.state == state);
        let many = |state| sessions(state).map(|count| count.sessions).sum();
        let reps =
            |activity| floor.duties.iter().filter(move |duty| duty.activity == activity).map(|duty| duty.reps).sum();
        let oldest = sessions(State::Waiting).map(|count| count.oldest).min();
        Self {
            waiting: many(State::Waiting),
            ringing: sessions(State::Waiting).map(|count| count.ringing).sum(),
            longest_wait_seconds: oldest.map(|oldest| seconds(now.since(oldest).max(0))),
            offered: many(State::Offered),
            talking: many(State::Talking),
            held: many(State::Held),
            reps: floor.duties.iter().map(|duty| duty.reps).sum(),
            consoles: floor.duties.iter().map(|duty| duty.present).sum(),
            available: reps(Activity::Available),
            on_call: reps(Activity::OnCall),
            wrap_up: reps(Activity::WrapUp),
            away: reps(Activity::Break) + reps(Activity::Missed),
            offline: reps(Activity::Offline),
        }
    }
}

impl FloorView {
    /// The floor, told at `now`.
    #[must_use]
    pub fn of(floor: &Floor, now: Timestamp) -> Self {
        let queue = |queue: &crate::store::floor::QueueName| {
            let waiting = floor.counts.iter().find(|it| it.queue_id == queue.id && it.state == State::Waiting);
            QueueOnFloor {
                name: queue.name.clone(),
                waiting: waiting.map_or(0, |count| count.sessions),
                longest_wait_seconds: waiting.map(|count| seconds(now.since(count.oldest).max(0))),
            }
        };
        Self {
            at: now,
            totals: Totals::of(floor, now),
            queues: floor.queues.iter().map(queue).collect(),
            waiting: floor.waiting.iter().map(|(position, one)| waits(floor, *position, one, now)).collect(),
            conversations: floor.conversations.iter().map(|one| talks(floor, one, now)).collect(),
            reps: floor.reps.iter().map(RepOnFloor::from).collect(),
            blocks: floor.blocked.iter().map(BlockOnFloor::from).collect(),
        }
    }
}

/// Something that happened to a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// From 1.
    number: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What: `created`, `join`, `ring`, `unring`, `passOver`, `offer`, `pick`, `joined`, `hold`, `resume`, `requeue`, `transfer`,
    /// `ask`, `consult`, `part`, `handOver`, `end`.
    name: String,
    /// The rest of it.
    data: Map<String, Value>,
    /// To whom the customer was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    representative: Option<String>,
}

/// An offer that a session had.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastOfferView {
    offer_id: String,
    /// At whom: the name to sign in with.
    username: String,
    /// The name that customers and colleagues see.
    representative: String,
    state: OfferState,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    deadline: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
}

/// A session with all that ever happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    session: SessionView,
    /// The queue's name.
    queue: Option<String>,
    /// Every event, in order.
    events: Vec<EventView>,
    /// Every offer it ever had, in order.
    offers: Vec<PastOfferView>,
}

impl From<PastOffer> for PastOfferView {
    fn from(offer: PastOffer) -> Self {
        let PastOffer { id, username, display_name, state, made_at, deadline, decided_at } = offer;
        Self { offer_id: id.to_string(), username, representative: display_name, state, made_at, deadline, decided_at }
    }
}

impl HistoryView {
    /// The history, with the session as supervisors see it.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(house: &House, history: History) -> ApiResult<Self> {
        let session = SessionView::watched(house, &history.session).await?;
        let History { queue, events, offers, names, .. } = history;
        let view = |event: Event| {
            let representative = rep_of(&event).and_then(|rep| names.get(&rep).cloned());
            let mut data: Map<String, Value> = serde_json::from_str(&event.data).unwrap_or_default();
            data.retain(|name, _| name != "action");
            EventView { number: event.number, at: event.at, name: event.name, data, representative }
        };
        let events = events.into_iter().map(view).collect();
        Ok(Self { session, queue, events, offers: offers.into_iter().map(Into::into).collect() })
    }
}
