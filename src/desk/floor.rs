//! The live floor: everything that goes on now, and all that ever happened to one session.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::{Desk, DeskError, Result};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::session::{Action, Ender, Requeue, State};
use crate::store::events::{self, Event};
use crate::store::floor::{self, Conversation, Count, Customer, DutyCount, PastOffer, QueueName, Rep, Ring};
use crate::store::sessions::{self, Session};
use crate::store::visitors::{self, Blocked};

/// The most rows of each list.
pub const LISTED: i64 = 200;
/// The most offers that are read: a customer rings at five at most.
const RINGS: i64 = 5 * LISTED;

/// Everything that goes on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// Every queue.
    pub queues: Vec<QueueName>,
    /// How many live sessions there are, by state and queue.
    pub counts: Vec<Count>,
    /// Who waits, with the position in their queue, from 1.
    pub waiting: Vec<(i64, Customer)>,
    /// Who is with a representative.
    pub conversations: Vec<Conversation>,
    /// What representatives are doing.
    pub reps: Vec<Rep>,
    /// How many representatives are doing what.
    pub duties: Vec<DutyCount>,
    /// At whom it rings.
    pub rings: Vec<Ring>,
    /// Who is blocked.
    pub blocked: Vec<Blocked>,
    /// Who representatives are that are in no list of ours.
    pub names: HashMap<RepId, String>,
}

/// The floor as it was last read, and when.
type Latest = Option<(Instant, Arc<Floor>)>;

/// The floor as it was shown last: however many look at it, it is read once.
#[derive(Default)]
pub(super) struct Shown(Mutex<Latest>);

/// A session with all that ever happened to it.
#[derive(Debug, Clone)]
pub struct History {
    /// The session.
    pub session: Session,
    /// Its queue's name.
    pub queue: Option<String>,
    /// Every event, in order.
    pub events: Vec<Event>,
    /// Every offer, in order.
    pub offers: Vec<PastOffer>,
    /// Who the representatives are of whom the events tell.
    pub names: HashMap<RepId, String>,
}

impl Desk {
    /// The floor, read no longer ago than this. What did not change since the last reading is the same `Arc`.
    ///
    /// # Errors
    /// The store's.
    pub async fn floor(&self, no_older_than: Duration) -> Result<Arc<Floor>> {
        let mut shown = self.shown.0.lock().await;
        if let Some((read_at, floor)) = shown.as_ref()
            && read_at.elapsed() < no_older_than
        {
            return Ok(Arc::clone(floor));
        }
        let read = self.read_floor().await?;
        let same = shown.take().map(|(_, floor)| floor).filter(|floor| **floor == read);
        let floor = same.unwrap_or_else(|| Arc::new(read));
        *shown = Some((Instant::now(), Arc::clone(&floor)));
        Ok(floor)
    }

    async fn read_floor(&self) -> Result<Floor> {
        let mut reader = self.db.read().await?;
        let queues = floor::queues(reader.conn()).await?;
        let counts = floor::counts(reader.conn()).await?;
        let mut waiting = Vec::new();
        for count in counts.iter().filter(|count| count.state == State::Waiting) {
            waiting.extend((1..).zip(floor::waiting(reader.conn(), count.queue_id, LISTED).await?));
        }
        // Whoever has waited longest comes first, whatever the queue.
        waiting.sort_by_key(|(position, customer): &(i64, Customer)| (customer.queued_at, *position, customer.id));
        waiting.truncate(usize::try_from(LISTED).unwrap_or_default());
        let conversations = floor::conversations(reader.conn(), LISTED).await?;
        let reps = floor::reps(reader.conn(), LISTED).await?;
        let duties = floor::duties(reader.conn()).await?;
        let rings = floor::rings(reader.conn(), RINGS).await?;
        let blocked = visitors::blocked(reader.conn(), self.now(), LISTED).await?;
        let mut unnamed: Vec<RepId> =
            conversations.iter().flat_map(|one| [one.rep_id, one.consulted]).flatten().collect();
        unnamed.extend(rings.iter().map(|ring| ring.rep_id));
        unnamed.retain(|id| reps.iter().all(|rep| rep.id != *id));
        let names = floor::names(reader.conn(), &unnamed).await?.into_iter().collect();
        Ok(Floor { queues, counts, waiting, conversations, reps, duties, rings, blocked, names })
    }

    /// A session with all that ever happened to it.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn history(&self, id: SessionId) -> Result<History> {
        let mut reader = self.db.read().await?;
        let session = sessions::find(reader.conn(), id).await?.ok_or(DeskError::NotFound)?;
        let queues = floor::queues(reader.conn()).await?;
        let queue = queues.into_iter().find(|queue| Some(queue.id) == session.life.queue).map(|queue| queue.name);
        let events = events::of_session(reader.conn(), id).await?;
        let offers = floor::offers_of(reader.conn(), id).await?;
        let mut reps: Vec<RepId> = events.iter().filter_map(rep_of).chain(session.life.rep).collect();
        reps.sort_unstable();
        reps.dedup();
        let names = floor::names(reader.conn(), &reps).await?.into_iter().collect();
        Ok(History { session, queue, events, offers, names })
    }

    /// Who or what ended a session that has ended.
    ///
    /// # Errors
    /// The store's.
    pub async fn ender_of(&self, session: &Session) -> Result<Option<Ender>> {
        let mut reader = self.db.read().await?;
        match events::last(reader.conn(), session.id, "end").await? {
            Some(Action::End { by }) => Ok(Some(by)),
            _ => Ok(None),
        }
    }

    /// Why a session is in the queue again.
    ///
    /// # Errors
    /// The store's.
    pub async fn requeued_because(&self, session: &Session) -> Result<Option<Requeue>> {
        let mut reader = self.db.read().await?;
        match events::last_of(reader.conn(), session.id, ["requeue", "transfer"]).await? {
            Some(Action::Requeue { why }) => Ok(Some(why)),
            Some(Action::Transfer { .. }) => Ok(Some(Requeue::PassedOn)),
            _ => Ok(None),
        }
    }
}

/// To whom an event gave the customer, or who was asked.
#[must_use]
pub fn rep_of(event: &Event) -> Option<RepId> {
    match serde_json::from_str(&event.data) {
        Ok(
            Action::Offer { rep }
            | Action::Pick { rep, .. }
            | Action::Ask { rep }
            | Action::Consult { rep }
            | Action::HandOver { rep }
            | Action::Transfer { rep, .. },
        ) => Some(rep),
        _ => None,
    }
}
