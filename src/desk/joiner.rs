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
use crate::store::line::{self, Destination, MAX_GROUP};
use crate::store::{self, AsStoreError, StoreError, Tx, sessions, transact};

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

/// A group that joined.
struct Entered {
    /// In the order of their tickets.
    destinations: Vec<Destination>,
    /// The first ticket; the others follow.
    first: i64,
    /// Whether the next group may have taken tickets before these.
    overtaken: bool,
}

/// Where a group stands: the queue and the place of each.
struct Places {
    of: HashMap<SessionId, (i64, Place)>,
    overtaken: bool,
}

/// Serves joins until nobody can ask any more.
pub(super) async fn run(desk: Arc<Desk>, mut requests: Receiver<Request>) {
    let writing = Arc::new(Mutex::new(()));
    let mut previous: Option<JoinHandle<()>> = None;
    loop {
        let Some(first) = requests.recv().await else { return };
        // Fetched while the group before it still writes.
        let opened = desk.db.begin_ahead().await;
        // First the turn, then the group: whoever asks while another group writes still comes along.
        let turn = Arc::clone(&writing).lock_owned().await;
        let mut group = Vec::with_capacity(MAX_GROUP);
        group.push(first);
        while group.len() < MAX_GROUP
            && let Ok(request) = requests.try_recv()
        {
            group.push(request);
        }
        let desk = Arc::clone(&desk);
        previous = Some(tokio::spawn(async move { desk.join_group(group, opened, turn, previous).await }));
    }
}

impl Desk {
    /// Joins a group and answers everybody in it, after the `previous` group was answered.
    async fn join_group(
        &self,
        group: Vec<Request>,
        opened: store::Result<Option<Tx>>,
        turn: Turn,
        previous: Option<JoinHandle<()>>,
    ) {
        let mut ids: Vec<SessionId> = Vec::with_capacity(group.len());
        for request in &group {
            if !ids.contains(&request.session) {
                ids.push(request.session);
            }
        }
        let mut turn = Some(turn);
        let together = match opened {
            Ok(opened) => self.join_together(&ids, opened, &mut turn).await,
            Err(error) => Err(Together::Store(error)),
        };
        let places = together.map(|group| self.enter_line(&group));
        if let Some(previous) = previous {
            // Positions are counted in the order of the tickets.
            let _ = previous.await;
        }
        match places {
            Ok(places) => self.answer_group(group, &places).await,
            // Somebody is not `created` any more. The turn is kept until each has had theirs.
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
        drop(turn);
    }

    /// One transaction for all of them. The turn goes on once all that is left is to commit; when that fails, the
    /// next group may be faster.
    async fn join_together(
        &self,
        ids: &[SessionId],
        opened: Option<Tx>,
        turn: &mut Option<Turn>,
    ) -> std::result::Result<Entered, Together> {
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        transact!(&self.db, opened, tx => {
            let overtaken = turn.is_none();
            // Before the tickets, for which everybody waits.
            let destinations = destinations(tx, ids).await?;
            if destinations.len() < ids.len() {
                return Err(Together::Apart);
            }
            let first = line::take_tickets(tx, count).await?;
            if !line::join(tx, first, &destinations, self.now()).await? {
                return Err(Together::Apart);
            }
            *turn = None;
            Ok(Entered { destinations, first, overtaken })
        })
    }

    /// Notes where they stand, at once: whoever claims one of them must find them in the copy of the line.
    fn enter_line(&self, entered: &Entered) -> Places {
        let tickets = entered.destinations.iter().zip(entered.first..);
        let place =
            |(to, ticket): (&Destination, i64)| (to.id, (to.for_queue, Place { queue_rank: to.for_rank, ticket }));
        let of: HashMap<_, _> = tickets.map(place).collect();
        for (queue, place) in of.values() {
            self.line.enter(*queue, *place);
        }
        Places { of, overtaken: entered.overtaken }
    }

    /// Who asked twice in the same moment gets the same answer twice.
    async fn answer_group(&self, group: Vec<Request>, places: &Places) {
        // The next group took the tickets before these, and is answered only after this one.
        if places.overtaken
            && let Err(error) = self.read_line().await
        {
            tracing::warn!(%error, "positions are told from an older copy of the line");
        }
        self.metrics.queue_joins.inc_by(u64::try_from(places.of.len()).unwrap_or(0));
        self.metrics.join_batch.observe(f64::from(u32::try_from(places.of.len()).unwrap_or(0)));
        for session in places.of.keys() {
            self.bus.tell(Message::Changed { seat: Seat::Customer(*session) });
        }
        for request in group {
            let joined = places.of.get(&request.session);
            let joined = joined.map(|(queue, place)| self.placed(request.session, *queue, *place));
            let _ = request.answer.send(joined.ok_or(DeskError::NotFound));
        }
        self.bus.tell(Message::Queue);
        self.ringing.look();
    }

    async fn join_alone(&self, id: SessionId) -> Result<Joined> {
        let (before, after) = transact!(&self.db, tx => {
            let ticket = line::take_tickets(tx, 1).await?;
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            let action = Action::Join { queue: before.for_queue, rank: before.for_rank, ticket };
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
        Joined { queue_id: self.keys.queue_id(session), queue, place, position }
    }
}

/// Where sessions go, in their order; nothing of those that do not exist.
async fn destinations(tx: &mut Tx, ids: &[SessionId]) -> store::Result<Vec<Destination>> {
    let found: HashMap<_, _> = line::destinations(tx.conn(), ids).await?.into_iter().map(|to| (to.id, to)).collect();
    Ok(ids.iter().filter_map(|id| found.get(id).copied()).collect())
}
