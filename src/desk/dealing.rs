//! Lists: who waits in a *list* queue is dealt to a representative, who picks from the list, in any order.
//!
//! The customer stays in line, with the ticket, until then. Lists are changed, and picked from, under the queue's lock.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::offers::waiting_of;
use super::{Desk, DeskError, Plan, Result, place_of};
use crate::clock::Timestamp;
use crate::domain::dealing::{self, Move};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::offer::{ASKED_AGAIN_AFTER_MILLIS, Mode};
use crate::domain::presence::{PASSED_OVER_MILLIS, Seat};
use crate::domain::session::{Action, State};
use crate::live::bus::Message;
use crate::store::deals::{self, Deal};
use crate::store::line::{self, Reach, Which};
use crate::store::offers;
use crate::store::queues::{self, Queue};
use crate::store::reps::{self, Load};
use crate::store::sessions::{self, Session};
use crate::store::{Conn, Tx, transact};

/// How far down each line somebody is looked for who can be dealt.
const LOOK_AT: i64 = 200;

impl Desk {
    /// Puts who waits on the lists of representatives, and takes off who does not any more.
    pub(super) async fn deal(&self) -> Result<()> {
        let plan = self.plan();
        let queues = with_lists(&plan.queues);
        let nobody_waits = queues.iter().all(|queue| self.line.waiting(queue.id) == 0);
        if nobody_waits && !self.ringing.lists.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut reader = self.db.read().await?;
        let Dealing { dealt, moves, .. } = dealing_now(reader.conn(), &plan, &queues, self.now()).await?;
        drop(reader);
        self.ringing.lists.store(!(dealt.is_empty() && moves.is_empty()), Ordering::Relaxed);
        if moves.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = queues.iter().map(|queue| queue.id).collect();
        let concerned = transact!(&self.db, tx => {
            line::lock(tx, &ids).await?;
            // Under the lock, so that nobody is dealt by settings that were changed meanwhile.
            let mut queues_now = with_lists(&queues::all(tx.conn()).await?);
            queues_now.retain(|queue| ids.contains(&queue.id));
            self.deal_in(tx, &plan, &queues_now).await
        })?;
        for rep in concerned {
            self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
        }
        Ok(())
    }

    /// What dealing does once it has locked the queues. Whose lists are different then.
    async fn deal_in(&self, tx: &mut Tx, plan: &Plan, queues: &[Queue]) -> Result<Vec<RepId>> {
        let now = self.now();
        let Dealing { line, dealt, moves } = dealing_now(tx.conn(), plan, queues, now).await?;
        // A clock that was set back must not make a deal older than the queue entry.
        let at = |id| now.max(entered(&line, id).unwrap_or(now));
        let mut concerned = Vec::new();
        for Move { session, to } in moves {
            concerned.extend(dealt.get(&session));
            match to {
                Some(rep) => deals::put(tx, &Deal { session_id: session, rep_id: rep, dealt_at: at(session) }).await?,
                None => deals::take(tx, session).await?,
            }
            concerned.extend(to);
        }
        concerned.sort_unstable();
        concerned.dedup();
        Ok(concerned)
    }

    /// Who stands on a representative's list, in the order of the line.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_of(&self, rep: RepId) -> Result<Vec<Session>> {
        let plan = self.plan();
        if with_lists(&plan.queues).is_empty() {
            return Ok(Vec::new());
        }
        let mut reader = self.db.read().await?;
        let mut list = deals::list_of(reader.conn(), rep).await?;
        list.retain(|session| plan.settings_for(session).mode == Mode::List);
        Ok(list)
    }

    /// The representative takes a customer from their list, whoever is before them in line; how many those are is kept.
    /// Again: the same customer, while they have them.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Contradiction`] when the customer is not on the list, or not any more,
    /// [`DeskError::AtCapacity`], or the store's.
    pub async fn pick(&self, rep: RepId, id: SessionId) -> Result<Session> {
        let plan = self.plan();
        let picked = transact!(&self.db, tx => {
            let session = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            // Lists change under their queue's lock: what is read from here on stays so.
            line::lock(tx, session.life.queue.as_slice()).await?;
            let session = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            if session.life.rep == Some(rep) && session.life.is_with_rep() {
                return Ok((session.clone(), session));
            }
            let by_list = plan.settings_for(&session).mode == Mode::List;
            if !by_list || !is_listed(tx.conn(), rep, &session).await? {
                return Err(DeskError::Contradiction("This customer is not on your list any more.".to_owned()));
            }
            let now = self.now();
            let before = before(tx.conn(), &plan.reach(rep, now), &session, now).await?;
            let after = self.keep(tx, &session, &Action::Pick { rep, before }, now).await?;
            let then = plan.settings_for(&session).after_call;
            if !reps::take_caller(tx, rep, Load::BelowCapacity, then, now).await? {
                return Err(DeskError::AtCapacity(None));
            }
            Ok((session, after))
        });
        match picked {
            Ok((before, after)) => {
                self.announce(&before, &after);
                Ok(after)
            }
            Err(DeskError::AtCapacity(_)) => Err(DeskError::AtCapacity(self.present_session(rep).await?.map(Box::new))),
            Err(error) => Err(error),
        }
    }
}

/// The queues whose customers are dealt.
fn with_lists(queues: &[Queue]) -> Vec<Queue> {
    queues.iter().filter(|queue| queue.settings.mode == Mode::List).cloned().collect()
}

/// The lists as they are, of whom, and what of them changes now.
struct Dealing {
    line: Vec<Session>,
    dealt: BTreeMap<SessionId, RepId>,
    moves: Vec<Move>,
}

async fn dealing_now(mut conn: Conn<'_>, plan: &Plan, queues: &[Queue], now: Timestamp) -> Result<Dealing> {
    let reach: Vec<_> = queues.iter().map(|queue| Reach { queue: queue.id, entered_by: None }).collect();
    let there = Which::Silent(now.plus_millis(-PASSED_OVER_MILLIS));
    let line = line::first(conn.reborrow(), &reach, there, LOOK_AT).await?;
    let mut hands = deals::hands(conn.reborrow()).await?;
    for hand in &mut hands {
        hand.skills = plan.skills_of(hand.rep);
    }
    let asked_before = now.plus_millis(-ASKED_AGAIN_AFTER_MILLIS);
    let let_go = offers::let_go_since(conn.reborrow(), asked_before).await?.into_iter().collect();
    let mut dealt = BTreeMap::new();
    for Deal { session_id, rep_id, dealt_at } in deals::all(conn).await? {
        // One of before the latest queue entry counts for nothing.
        if entered(&line, session_id).is_none_or(|entry| dealt_at >= entry) {
            dealt.insert(session_id, rep_id);
        }
    }
    let waiting = line.iter().filter_map(|session| waiting_of(session, queues, now)).collect();
    let moves = dealing::deal(waiting, &dealt, &hands, &let_go);
    Ok(Dealing { line, dealt, moves })
}

/// The latest queue entry of somebody in line.
fn entered(line: &[Session], id: SessionId) -> Option<Timestamp> {
    line.iter().find(|session| session.id == id)?.life.waiting_since
}

async fn is_listed(conn: Conn<'_>, rep: RepId, session: &Session) -> Result<bool> {
    let deal = deals::of_session(conn, session.id).await?.filter(|deal| deal.rep_id == rep);
    let is_valid = |deal: Deal| Some(deal.dealt_at) >= session.life.waiting_since;
    Ok(session.life.state == State::Waiting && deal.is_some_and(is_valid))
}

/// How many wait before a customer whom the representative may serve, too.
async fn before(mut conn: Conn<'_>, reach: &[Reach], session: &Session, now: Timestamp) -> Result<i64> {
    let Some((_, place)) = place_of(session) else { return Ok(0) };
    let gone_before = now.plus_millis(-PASSED_OVER_MILLIS);
    let mut before = 0;
    for Reach { queue, entered_by } in reach {
        before += deals::before(conn.reborrow(), *queue, *entered_by, gone_before, place).await?;
    }
    Ok(before)
}
