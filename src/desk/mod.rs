//! The use cases: begin, call the store, commit, then hint. No HTTP here.

pub mod accounts;
mod activity;
pub mod admission;
pub mod audit;
pub mod call;
mod callers;
pub mod campaigns;
pub mod clients;
pub mod consultation;
mod dealing;
mod error;
pub mod floor;
mod joiner;
mod keep;
pub mod keys;
pub mod matching;
mod offers;
mod out;
mod outlook;
pub mod people;
mod plan;
pub mod presence;
pub mod queues;
pub mod rating;
mod reaper;
pub mod shares;
mod steering;
pub mod today;
pub mod transfer;
mod turn;
pub mod visitors;
pub mod wrap_up;

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio::sync::{Mutex, Semaphore};
use uuid::Uuid;

pub use error::DeskError;
pub use plan::Plan;

use crate::clock::{Clock, Timestamp};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::Seat;
use crate::domain::queue::Place;
use crate::domain::session::{Action, State};
use crate::live::bus::{Bus, Message};
use crate::live::hub::Hub;
use crate::live::line::Line;
use crate::passwords;
use crate::store::sessions::{self, Session};
use crate::store::{Db, Tx, transact};
use crate::telemetry::Metrics;

/// What a use case returns.
pub type Result<T> = std::result::Result<T, DeskError>;

/// Everything the use cases work with.
pub struct Desk {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who listens here.
    pub hub: Arc<Hub>,
    /// The way to everybody who listens.
    pub bus: Arc<Bus>,
    /// Where everybody stands.
    pub line: Arc<Line>,
    /// The installation's keys.
    pub keys: keys::Keys,
    /// This instance.
    pub instance: Uuid,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Claims of this instance take turns here rather than in the database, where each would hold a connection.
    claiming: Mutex<()>,
    /// Passwords that are looked at now: no more than hashes at a time.
    sign_ins: Semaphore,
    /// The line is read by one job at a time.
    reading: Mutex<()>,
    outlook: outlook::Latest,
    plan: plan::Latest,
    shown: floor::Shown,
    ringing: offers::Ringing,
    joins: Sender<joiner::Request>,
    presence: Sender<presence::Mark>,
}

/// What a desk is made of.
pub struct Parts {
    /// The database, migrated.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who listens here.
    pub hub: Arc<Hub>,
    /// The way to everybody who listens.
    pub bus: Arc<Bus>,
    /// The installation's keys.
    pub keys: keys::Keys,
    /// This instance.
    pub instance: Uuid,
    /// Counters.
    pub metrics: Arc<Metrics>,
}

impl Desk {
    /// Opens the desk and starts its two writers: of joins and of presence. What happens by itself begins with
    /// `start_jobs`; without it a desk only does what it is asked for, as commands beside a running server do.
    #[must_use]
    pub fn open(parts: Parts) -> Arc<Self> {
        let (joins, join_requests) = joiner::channel();
        let (presence, marks) = presence::channel();
        let Parts { db, clock, hub, bus, keys, instance, metrics } = parts;
        let line = Arc::new(Line::default());
        let desk = Arc::new(Self {
            db,
            clock,
            hub,
            bus,
            line,
            keys,
            instance,
            metrics,
            claiming: Mutex::default(),
            sign_ins: Semaphore::new(passwords::AT_A_TIME),
            reading: Mutex::default(),
            outlook: outlook::Latest::default(),
            plan: plan::Latest::default(),
            shown: floor::Shown::default(),
            ringing: offers::Ringing::default(),
            joins,
            presence,
        });
        tokio::spawn(joiner::run(Arc::clone(&desk), join_requests));
        tokio::spawn(presence::run(Arc::clone(&desk), marks));
        desk
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The session with this id.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn session(&self, id: SessionId) -> Result<Session> {
        let mut reader = self.db.read().await?;
        sessions::find(reader.conn(), id).await?.ok_or(DeskError::NotFound)
    }

    /// Lets happen to a session what `decide` says, in one transaction, and tells whom it concerns.
    async fn act(
        &self,
        id: SessionId,
        at: Timestamp,
        decide: impl Fn(&Session) -> Result<Action> + Sync,
    ) -> Result<Session> {
        let (before, after) = transact!(&self.db, tx => {
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            let action = decide(&before)?;
            let after = self.keep(tx, &before, &action, at).await?;
            Ok::<_, DeskError>((before, after))
        })?;
        self.announce(&before, &after);
        Ok(after)
    }

    /// Writes one action on a session within a transaction. The session as it is afterwards.
    async fn keep(&self, tx: &mut Tx, session: &Session, action: &Action, at: Timestamp) -> Result<Session> {
        keep::keep(tx, session, action, at, self.now()).await
    }

    /// After the commit: moves the line, and tells everybody whom the change concerns.
    fn announce(&self, before: &Session, after: &Session) {
        if before.life.last_event == after.life.last_event {
            return;
        }
        let was_waiting = before.life.state == State::Waiting;
        let is_waiting = after.life.state == State::Waiting;
        if let Some((queue, place)) = place_of(before).filter(|_| was_waiting && !is_waiting) {
            self.line.leave(queue, place);
        }
        if let Some((queue, place)) = place_of(after).filter(|_| is_waiting && !was_waiting) {
            self.line.enter(queue, place);
        }
        if let Some(outcome) = after.life.outcome {
            self.metrics.sessions_ended.with_label_values(&[outcome.as_str()]).inc();
        }
        self.bus.tell(Message::Changed { seat: Seat::Customer(after.id) });
        for rep in reps_concerned(before, after).chain(after.rang.iter().copied()) {
            self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
        }
        if was_waiting != is_waiting {
            self.bus.tell(Message::Queue);
        }
        self.ringing.look();
    }
}

fn reps_concerned(before: &Session, after: &Session) -> impl Iterator<Item = RepId> {
    let earlier = before.life.rep.filter(|rep| Some(*rep) != after.life.rep);
    let consulted = [before.life.consulted, after.life.consulted].into_iter().flatten();
    earlier.into_iter().chain(after.life.rep).chain(consulted)
}

/// The queue and place of a session that has a ticket.
#[must_use]
pub fn place_of(session: &Session) -> Option<(i64, Place)> {
    let life = &session.life;
    Some((life.queue?, Place { queue_rank: life.rank, ticket: life.ticket? }))
}
