//! What a supervisor does: end, take back, set offline, end everybody who waits. Each with its entry in the audit log,
//! in the transaction of the change.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::keep::Changes;
use super::out::OFFLINE;
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::activity::{Activity, Cause};
use crate::domain::ids::SessionId;
use crate::domain::people::Username;
use crate::domain::presence::Seat;
use crate::domain::session::{Action, Ender, Requeue, State};
use crate::domain::words::Reason;
use crate::live::bus::Message;
use crate::store::floor::{self, Rep, Ticket};
use crate::store::sessions::{self, Session};
use crate::store::{Tx, activities, events, leases, people, transact};

/// Sessions that are ended in one transaction, when everybody is.
const BATCH: i64 = 50;
/// The subject in the log when everybody is ended.
const EVERY_QUEUE: &str = "all queues";

impl Desk {
    /// Enters this desk, which nobody renews, so that servers look for some seconds whether they are behind. For
    /// commands beside a running server.
    ///
    /// # Errors
    /// The store's.
    pub async fn be_noticed(&self) -> Result<()> {
        Ok(leases::enter(&self.db, self.instance, self.now()).await?)
    }

    /// A supervisor ends a session, whatever its state. Again: the present state, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::NotNow`] when somebody else has ended it, or the store's.
    pub async fn end_as_supervisor(&self, id: SessionId, reason: &Reason, by: &Actor) -> Result<Session> {
        let action = Action::End { by: Ender::Admin };
        self.steer(id, &action, ("session.end", Some(reason), by)).await
    }

    /// An administrator ends a session that is not theirs, without a reason: missed, unless a conversation had started.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn end_as_admin(&self, id: SessionId, by: &Actor) -> Result<Session> {
        self.end_for_good(id, Ender::Admin, by).await
    }

    /// An administrator takes a customer out of the line, as if they had left by themselves.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn leave_as_admin(&self, id: SessionId, by: &Actor) -> Result<()> {
        self.end_for_good(id, Ender::Customer, by).await?;
        Ok(())
    }

    async fn end_for_good(&self, id: SessionId, ender: Ender, by: &Actor) -> Result<Session> {
        match self.steer(id, &Action::End { by: ender }, ("session.end", None, by)).await {
            // Somebody was faster: it has ended, which is what was wanted.
            Err(DeskError::NotNow(session)) if session.life.state == State::Ended => Ok(*session),
            answer => answer,
        }
    }

    /// A supervisor takes a customer back from a representative, to the queue. Again: the present state, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::NotNow`] when nobody can have the customer, or the store's.
    pub async fn take_back_as_supervisor(&self, id: SessionId, reason: &Reason, by: &Actor) -> Result<Session> {
        let action = Action::Requeue { why: Requeue::TakenBack };
        self.steer(id, &action, ("session.requeue", Some(reason), by)).await
    }

    async fn steer(&self, id: SessionId, action: &Action, note: (&str, Option<&Reason>, &Actor)) -> Result<Session> {
        let now = self.now();
        let (before, after) = transact!(&self.db, tx => {
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            if is_done(tx, &before, action).await? {
                return Ok::<_, DeskError>((before.clone(), before));
            }
            let after = self.keep(tx, &before, action, now).await?;
            let (name, reason, by) = note;
            let mut detail = told([("state", json!(before.life.state))]);
            detail.extend(reason.map(|reason| ("reason".to_owned(), json!(reason.as_str()))));
            audit::note(tx, by, name, &id.to_string(), &detail, now).await?;
            Ok((before, after))
        })?;
        self.announce(&before, &after);
        Ok(after)
    }

    /// A supervisor sets a representative offline; during a call, for after it. Again: the present state, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Contradiction`] for somebody who takes no calls, or the store's.
    pub async fn set_offline(&self, name: &Username, reason: &Reason, by: &Actor) -> Result<Rep> {
        let now = self.now();
        let id = transact!(&self.db, tx => {
            let person = people::find(tx.conn(), &name.folded()).await?.ok_or(DeskError::NotFound)?;
            let duty = match activities::locked(tx, person.id).await? {
                Some(duty) if person.role.takes_calls() => duty,
                _ => return Err(DeskError::Contradiction(format!("{} takes no calls.", person.username))),
            };
            let follows = duty.activity == Activity::OnCall;
            match duty.activity {
                Activity::Offline => return Ok(person.id),
                Activity::OnCall if duty.next_activity == Some(Activity::Offline) => return Ok(person.id),
                Activity::OnCall => activities::choose_next(tx, person.id, &OFFLINE).await?,
                _ => activities::begin(tx, person.id, &OFFLINE, Cause::Supervisor, now).await?,
            }
            let detail = [("reason", json!(reason.as_str())), ("afterCall", json!(follows))];
            audit::note(tx, by, "rep.offline", &person.username, &told(detail), now).await?;
            Ok(person.id)
        })?;
        self.bus.tell(Message::Changed { seat: Seat::Rep(id) });
        // What rings there is taken back.
        self.ringing.look();
        let mut reader = self.db.read().await?;
        floor::rep(reader.conn(), id).await?.ok_or(DeskError::NotFound)
    }

    /// The number of a queue.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], or the store's.
    pub async fn queue_named(&self, name: &str) -> Result<i64> {
        let mut reader = self.db.read().await?;
        let queues = floor::queues(reader.conn()).await?;
        queues.into_iter().find(|queue| queue.name == name).map(|queue| queue.id).ok_or(DeskError::NotFound)
    }

    /// A supervisor ends everybody who waits now, in one queue or in all. How many it were.
    ///
    /// In groups, each with its entry in the log: what stops half-way is told as far as it came. Whoever was taken by a
    /// representative meanwhile, or left, is passed by.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for the queue, or the store's.
    pub async fn end_waiting(&self, queue: Option<&str>, reason: &Reason, by: &Actor) -> Result<usize> {
        let subject = queue.unwrap_or(EVERY_QUEUE);
        let queue = match queue {
            Some(name) => Some(self.queue_named(name).await?),
            None => None,
        };
        let mut reader = self.db.read().await?;
        let last = floor::newest(reader.conn(), queue).await?;
        drop(reader);
        let (mut after, mut ended) = (0, 0);
        loop {
            let mut reader = self.db.read().await?;
            let group = floor::tickets(reader.conn(), queue, after, last, BATCH).await?;
            drop(reader);
            let Some(end) = group.last() else { return Ok(ended) };
            after = end.ticket;
            let now = self.now();
            let changes = transact!(&self.db, tx => {
                let changes = self.end_group(tx, &group, now).await?;
                if !changes.is_empty() {
                    let detail = [("reason", json!(reason.as_str())), ("ended", json!(changes.len()))];
                    audit::note(tx, by, "queue.endWaiting", subject, &told(detail), now).await?;
                }
                Ok::<_, DeskError>(changes)
            })?;
            ended += changes.len();
            for (before, after) in &changes {
                self.announce(before, after);
            }
        }
    }

    /// Lock order: sessions by id, their offers, representatives.
    async fn end_group(&self, tx: &mut Tx, group: &[Ticket], now: Timestamp) -> Result<Changes> {
        let mut ids: Vec<SessionId> = group.iter().map(|ticket| ticket.id).collect();
        ids.sort_unstable();
        for id in &ids {
            sessions::lock(tx, *id).await?;
        }
        let mut changes = Changes::new();
        for id in ids {
            let waiting = sessions::find(tx.conn(), id).await?.filter(|it| it.life.state == State::Waiting);
            let Some(before) = waiting else { continue };
            let after = self.keep(tx, &before, &Action::End { by: Ender::Admin }, now).await?;
            changes.push((before, after));
        }
        Ok(changes)
    }
}

/// Whether a supervisor did this already: then there is nothing to do, and nothing to note.
async fn is_done(tx: &mut Tx, session: &Session, action: &Action) -> Result<bool> {
    let ended = matches!(action, Action::End { .. });
    match session.life.state {
        State::Ended if ended => {
            let by_supervisor = events::last(tx.conn(), session.id, action.name()).await?.as_ref() == Some(action);
            // Somebody else was faster: it is not the supervisor who ended it.
            if by_supervisor { Ok(true) } else { Err(DeskError::NotNow(Box::new(session.clone()))) }
        }
        State::Waiting => Ok(!ended),
        _ => Ok(false),
    }
}

fn told<const N: usize>(fields: [(&str, serde_json::Value); N]) -> Detail {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
