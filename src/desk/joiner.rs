//! Joins that arrive together share one commit, each with its own answer.
//!
//! Taking a ticket locks one row until the commit, so one join a commit would leave the disk idle most of the time.
//! A group that fails is retried one by one: nobody's answer depends on who else was in it. While one group's commit
//! reaches the disk, the next is already under way; its answers still come after the first one's.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::task::JoinHandle;

use super::admission::Joined;
use super::{Desk, DeskError, Result, place_of};
use crate::domain::ids::SessionId;
use crate::domain::presence::Seat;
use crate::domain::queue::Place;
use crate::domain::session::Action;
use crate::live::bus::Message;
use crate::store::queue::{self, DEFAULT_QUEUE, MAX_GROUP, Queue};
use crate::store::{AsStoreError, StoreError, sessions, transact};

/// A session that wants to join, and where to answer.
pub(super) struct Request {
    session: SessionId,
    answer: oneshot::Sender<Result<Joined>>,
}

/// Why a group did not join.
#[derive(Debug)]
enum Together {
    /// Not all of them may: each is looked at alone.
    Apart,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Together {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl AsStoreError for Together {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Apart => None,
            Self::Store(error) => Some(error),
        }
    }
}

/// Joins that may wait for the writer.
const BACKLOG: usize = 4_096;

pub(super) fn channel() -> (Sender<Request>, Receiver<Request>) {
    mpsc::channel(BACKLOG)
}

pub(super) async fn join(joins: &Sender<Request>, session: SessionId) -> Result<Joined> {
    let (answer, answered) = oneshot::channel();
    joins.send(Request { session, answer }).await.map_err(|_| DeskError::Stopping)?;
    answered.await.map_err(|_| DeskError::Stopping)?
}

/// One group at a time writes; whoever has this is it.
type Turn = OwnedMutexGuard<()>;

/// Serves joins until nobody can ask any more.
pub(super) async fn run(desk: Arc<Desk>, mut requests: Receiver<Request>) {
    let writing = Arc::new(Mutex::new(()));
    let mut previous: Option<JoinHandle<()>> = None;
    loop {
        // First the turn, then the group: whoever asks while another group writes still comes along.
        let turn = Arc::clone(&writing).lock_owned().await;
        let mut group = Vec::with_capacity(MAX_GROUP);
        if requests.recv_many(&mut group, MAX_GROUP).await == 0 {
            return;
        }
        let desk = Arc::clone(&desk);
        previous = Some(tokio::spawn(async move { desk.join_group(group, turn, previous).await }));
    }
}

impl Desk {
    /// Joins a group and answers everybody in it, after the `previous` group was answered.
    async fn join_group(&self, group: Vec<Request>, turn: Turn, previous: Option<JoinHandle<()>>) {
        let mut ids: Vec<SessionId> = Vec::with_capacity(group.len());
        for request in &group {
            if !ids.contains(&request.session) {
                ids.push(request.session);
            }
        }
        let together = self.join_together(&ids, turn).await;
        if let Some(previous) = previous {
            // Positions are counted in the order of the tickets.
            let _ = previous.await;
        }
        match together {
            Ok((queue, first, overtaken)) => {
                // The next group may have taken the tickets before these, and answers only after this one.
                if overtaken && let Err(error) = self.read_line().await {
                    tracing::warn!(%error, "positions are told from an older copy of the line");
                }
                self.metrics.queue_joins.inc_by(u64::try_from(ids.len()).unwrap_or(0));
                self.metrics.join_batch.observe(f64::from(u32::try_from(ids.len()).unwrap_or(0)));
                self.answer_group(group, &ids, queue, first);
            }
            // Somebody is not `created` any more.
            Err(Together::Apart) => {
                for request in group {
                    let joined = self.join_alone(request.session).await;
                    let _ = request.answer.send(joined);
                }
            }
            Err(Together::Store(error)) => {
                tracing::warn!(%error, joins = group.len(), "joins failed");
                for request in group {
                    let _ = request.answer.send(Err(DeskError::Away));
                }
            }
        }
    }

    /// One transaction for all of them; the first of their consecutive tickets, and whether the next group may have
    /// been faster. The turn goes on once all that is left is to commit; when that fails, so may the next group.
    async fn join_together(&self, ids: &[SessionId], turn: Turn) -> std::result::Result<(Queue, i64, bool), Together> {
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        let mut turn = Some(turn);
        transact!(&self.db, tx => {
            let overtaken = turn.is_none();
            let (queue, first) = queue::take_tickets(tx, DEFAULT_QUEUE, count).await?.ok_or(Together::Apart)?;
            let joined = queue::join(tx, queue, first, ids, self.now()).await?;
            turn = None;
            if joined { Ok((queue, first, overtaken)) } else { Err(Together::Apart) }
        })
    }

    /// Who asked twice in the same moment gets the same answer twice.
    fn answer_group(&self, group: Vec<Request>, ids: &[SessionId], queue: Queue, first: i64) {
        let places: HashMap<SessionId, Place> =
            ids.iter().zip(first..).map(|(id, ticket)| (*id, Place { queue_rank: queue.queue_rank, ticket })).collect();
        for (id, place) in &places {
            self.line.enter(queue.id, *place);
            self.bus.tell(Message::Changed { seat: Seat::Customer(*id) });
        }
        for request in group {
            let joined = places.get(&request.session).map(|place| self.placed(request.session, queue.id, *place));
            let _ = request.answer.send(joined.ok_or(DeskError::NotFound));
        }
        self.bus.tell(Message::Queue);
    }

    async fn join_alone(&self, id: SessionId) -> Result<Joined> {
        let (before, after) = transact!(&self.db, tx => {
            let (queue, ticket) = queue::take_tickets(tx, DEFAULT_QUEUE, 1).await?.ok_or(DeskError::NotFound)?;
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            let action = Action::Join { queue: queue.id, rank: queue.queue_rank, ticket };
            let after = self.keep(tx, &before, &action, self.now()).await?;
            Ok::<_, DeskError>((before, after))
        })?;
        self.announce(&before, &after);
        let (queue, place) = place_of(&after).ok_or(DeskError::NotFound)?;
        self.line.enter(queue, place);
        Ok(self.placed(id, queue, place))
    }

    fn placed(&self, session: SessionId, queue: i64, place: Place) -> Joined {
        // Not in the copy of the line: another instance took it in the same moment, and it was the first.
        let position = self.line.position(queue, place).unwrap_or(1);
        Joined { queue_id: self.keys.queue_id(session), position }
    }
}
