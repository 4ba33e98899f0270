//! Offers: who waits rings at who is available, until somebody accepts.
//!
//! The customer stays in line, with the ticket, until then. An offer is made under the queue's lock, so that each
//! customer rings once; it is settled under the session's.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Notify;

use super::consultation::{is_to_consult, turned_from};
use super::transfer::acceptance;
use super::{Desk, DeskError, Plan, Result, place_of};
use crate::clock::Timestamp;
use crate::domain::ids::{OfferId, RepId, SessionId};
use crate::domain::matching::{self, Rings, Waiting};
use crate::domain::offer::{ASKED_AGAIN_AFTER_MILLIS, Mode, OfferState};
use crate::domain::presence::{PASSED_OVER_MILLIS, Seat};
use crate::domain::session::{Action, State};
use crate::live::bus::Message;
use crate::store::line::{self, Reach, Which};
use crate::store::offers::{self, Offer};
use crate::store::queues::{self, Queue, Settings};
use crate::store::reps::{self, Load};
use crate::store::sessions::{self, Session};
use crate::store::{Conn, StoreError, Tx, activities, transact};

/// How often deadlines are looked at, and the line, where nobody said that something changed.
const TEND_EVERY: Duration = Duration::from_millis(500);
/// Changes that come together are looked at together.
const REST: Duration = Duration::from_millis(20);
/// How far down each line somebody is looked for who may be asked.
const LOOK_AT: i64 = 50;
/// How many customers begin to ring in one transaction.
const AT_A_TIME: usize = 16;

/// What the job of offers works with.
#[derive(Default)]
pub(super) struct Ringing {
    /// Something changed: somebody waits, or somebody is free.
    changed: Notify,
    /// Whether anybody stood on a list when this was looked at last.
    pub(super) lists: AtomicBool,
}

impl Ringing {
    pub(super) fn look(&self) {
        self.changed.notify_one();
    }
}

/// Tends offers until the server stops.
pub(super) async fn run(desk: Arc<Desk>) {
    loop {
        let _ = tokio::time::timeout(TEND_EVERY, desk.ringing.changed.notified()).await;
        if let Err(error) = desk.tend_offers().await {
            tracing::warn!(%error, "offers are looked at again in a moment");
            tokio::time::sleep(TEND_EVERY).await;
        }
        tokio::time::sleep(REST).await;
    }
}

impl Desk {
    /// Ends wrap-ups whose time is up, settles what nobody can answer any more, lets ring who waits, and deals. The server
    /// does it by itself.
    ///
    /// # Errors
    /// The store's.
    pub async fn tend_offers(&self) -> Result<()> {
        // Before the offers: whose wrap-up is over may be rung in the same turn.
        self.end_overdue_wrap_ups().await?;
        let now = self.now();
        let mut reader = self.db.read().await?;
        let over = offers::unanswerable(reader.conn(), now).await?;
        drop(reader);
        for offer in over {
            let state = if offer.deadline <= now { OfferState::TimedOut } else { OfferState::Rescinded };
            // One that cannot be settled must not keep the others ringing.
            if let Err(error) = self.settle(&offer, state).await {
                tracing::error!(offer = %offer.id, %error, "an offer was passed by: it still rings");
            }
        }
        while self.ring().await? {}
        self.deal().await
    }

    /// Lets ring whoever waits, as many as there are representatives for, a few at a time. False when nobody else rings.
    async fn ring(&self) -> Result<bool> {
        let plan = self.plan();
        // Every line, even those that are empty in the copy: another instance may have let somebody in.
        let queues = offering(&plan.queues);
        if queues.iter().all(|queue| self.line.waiting(queue.id) == 0)
            || !self.anybody_would_ring(&plan, &queues).await?
        {
            return Ok(false);
        }
        let ids: Vec<i64> = queues.iter().map(|queue| queue.id).collect();
        let changes = transact!(&self.db, tx => {
            line::lock(tx, &ids).await?;
            // Under the lock, so that nobody rings by settings that were changed meanwhile.
            let mut queues_now = offering(&queues::all(tx.conn()).await?);
            queues_now.retain(|queue| ids.contains(&queue.id));
            self.ring_in(tx, &plan, &queues_now).await
        })?;
        for (before, after) in &changes {
            self.announce(before, after);
        }
        Ok(!changes.is_empty())
    }

    /// Whether somebody would begin to ring now: looked at without a lock, so that nothing is written for nothing.
    async fn anybody_would_ring(&self, plan: &Plan, queues: &[Queue]) -> Result<bool> {
        let mut reader = self.db.read().await?;
        if !reps::anybody_to_ring(reader.conn()).await? {
            return Ok(false);
        }
        let (_, rings) = rings_now(reader.conn(), plan, queues, self.now()).await?;
        Ok(!rings.is_empty())
    }

    /// What letting ring does once it has locked the queues. Lock order: sessions by id, representatives by id.
    async fn ring_in(&self, tx: &mut Tx, plan: &Plan, queues: &[Queue]) -> Result<Vec<(Session, Session)>> {
        let now = self.now();
        let (mut silent, mut rings) = rings_now(tx.conn(), plan, queues, now).await?;
        rings.truncate(AT_A_TIME);
        rings.sort_unstable_by_key(|rings| rings.session);

        let mut changes = Vec::with_capacity(rings.len());
        let mut asked: Vec<(RepId, SessionId, Timestamp)> = Vec::new();
        for Rings { session, at } in rings {
            let Some(index) = silent.iter().position(|one| one.id == session) else { continue };
            let before = silent.swap_remove(index);
            let offers = i64::try_from(at.len()).unwrap_or(i64::MAX);
            let mut after = self.keep(tx, &before, &Action::Ring { offers }, now).await?;
            let seconds = settings_in(queues, &before).unwrap_or_default().offer_seconds;
            asked.extend(at.iter().map(|rep| (*rep, session, now.plus_millis(seconds * 1_000))));
            after.rang = at;
            changes.push((before, after));
        }
        asked.sort_unstable();
        for (rep, session, deadline) in asked {
            if !offers::insert(tx, session, rep, now, deadline).await? {
                return Err(StoreError::Stale.into());
            }
        }
        Ok(changes)
    }

    /// The representative takes the customer who rings, or talks with the colleague who asks to talk first. Again: the same
    /// customer, while they have them, or talk about them.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's offer, [`DeskError::OfferOver`], [`DeskError::AtCapacity`], or the store's.
    pub async fn accept(&self, rep: RepId, id: OfferId) -> Result<Session> {
        let settled = transact!(&self.db, tx => {
            let now = self.now();
            let (offer, session) = offer_to(tx, rep, id).await?;
            if offer.state == OfferState::Accepted && session.life.occupies().any(|busy| busy == rep) {
                return Ok((session.id, vec![(session.clone(), session)]));
            }
            if offer.state != OfferState::Pending || offer.deadline <= now {
                return Err(DeskError::OfferOver(Box::new(as_it_stands(offer, now))));
            }
            if is_to_consult(tx.conn(), &session, &offer).await? {
                return Ok((session.id, self.consult_in(tx, session, rep, now).await?));
            }
            let after = self.keep(tx, &session, &acceptance(&session, rep), now).await?;
            let then = self.plan().settings_for(&session).after_call;
            if !reps::take_caller(tx, rep, Load::BelowCapacity, then, now).await? {
                return Err(DeskError::AtCapacity(None));
            }
            Ok((session.id, vec![(session, after)]))
        });
        match settled {
            Ok((session, changes)) => {
                for (before, after) in &changes {
                    self.announce(before, after);
                }
                changes.into_iter().map(|(_, after)| after).find(|one| one.id == session).ok_or(DeskError::NotFound)
            }
            Err(DeskError::AtCapacity(_)) => Err(DeskError::AtCapacity(self.present_session(rep).await?.map(Box::new))),
            Err(error) => Err(error),
        }
    }

    /// The representative does not take the customer; the next one is asked. Again: nothing more.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's offer, [`DeskError::OfferOver`], or the store's.
    pub async fn reject(&self, rep: RepId, id: OfferId) -> Result<()> {
        let mut reader = self.db.read().await?;
        let find = offers::find(reader.conn(), id).await?;
        drop(reader);
        let offer = find.filter(|offer| offer.rep_id == rep).ok_or(DeskError::NotFound)?;
        let now = self.now();
        let is_over = offer.state == OfferState::Pending && offer.deadline <= now;
        let state = if is_over { OfferState::TimedOut } else { OfferState::Rejected };
        let offer = self.settle(&offer, state).await?;
        if offer.state == OfferState::Rejected { Ok(()) } else { Err(DeskError::OfferOver(Box::new(offer))) }
    }

    /// Settles an offer that rings, and tells whom it concerns. The offer as it stands then: another may have been
    /// faster.
    async fn settle(&self, offer: &Offer, state: OfferState) -> Result<Offer> {
        let now = self.now();
        let changed = transact!(&self.db, tx => {
            sessions::lock(tx, offer.session_id).await?;
            if !offers::settle(tx, offer, state, now).await? {
                return Ok(None);
            }
            let session = sessions::find(tx.conn(), offer.session_id).await?.ok_or(DeskError::NotFound)?;
            let still = session.life.ringing == 0 || !offers::ringing_for(tx.conn(), session.id).await?.is_empty();
            let after = if still { session.clone() } else { self.keep(tx, &session, &Action::Unring, now).await? };
            // Nobody in line waits for whom a colleague asked: they stay as available as they were.
            if state == OfferState::TimedOut && session.life.state == State::Waiting {
                activities::miss(tx, offer.rep_id, now).await?;
            }
            Ok::<_, DeskError>(Some((session, after)))
        })?;
        if let Some((before, after)) = changed {
            self.announce(&before, &after);
            self.bus.tell(Message::Changed { seat: Seat::Rep(offer.rep_id) });
            self.ringing.look();
            return Ok(Offer { state, decided_at: Some(now), ..offer.clone() });
        }
        let mut reader = self.db.read().await?;
        offers::find(reader.conn(), offer.id).await?.ok_or(DeskError::NotFound)
    }

    /// A customer who rang does not any more: settles the offers that are left. At whom they rang.
    pub(super) async fn hush(
        tx: &mut Tx,
        session: &Session,
        action: &Action,
        at: Timestamp,
    ) -> std::result::Result<Vec<RepId>, StoreError> {
        let mut reps = Vec::new();
        for offer in offers::ringing_for(tx.conn(), session.id).await? {
            let state = match action {
                Action::Offer { rep }
                | Action::Pick { rep, .. }
                | Action::HandOver { rep }
                | Action::Consult { rep }
                    if *rep == offer.rep_id =>
                {
                    OfferState::Accepted
                }
                Action::End { .. } => OfferState::Canceled,
                _ => OfferState::Rescinded,
            };
            if offers::settle(tx, &offer, state, at).await? {
                reps.push(offer.rep_id);
            }
        }
        Ok(reps)
    }

    /// The offers that ring at a representative, with the customers, oldest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn offers_to(&self, rep: RepId) -> Result<Vec<(Offer, Session)>> {
        let now = self.now();
        let mut reader = self.db.read().await?;
        let mut ringing = Vec::new();
        for offer in offers::ringing_at(reader.conn(), rep).await? {
            let session = sessions::find(reader.conn(), offer.session_id).await?;
            ringing.extend(session.filter(|_| offer.deadline > now).map(|session| (offer, session)));
        }
        Ok(ringing)
    }
}

async fn offer_to(tx: &mut Tx, rep: RepId, id: OfferId) -> Result<(Offer, Session)> {
    let offer = offers::find(tx.conn(), id).await?.filter(|offer| offer.rep_id == rep).ok_or(DeskError::NotFound)?;
    // Offers are settled under their session's lock: what is read from here on stays so. Whoever begins to talk with a
    // colleague turns away from others, whose sessions are locked in the same order.
    for session in turned_from(tx.conn(), &offer).await? {
        sessions::lock(tx, session).await?;
    }
    let offer = offers::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
    let session = sessions::find(tx.conn(), offer.session_id).await?.ok_or(DeskError::NotFound)?;
    Ok((offer, session))
}

/// The queues whose customers ring.
fn offering(queues: &[Queue]) -> Vec<Queue> {
    queues.iter().filter(|queue| queue.settings.mode == Mode::Offer).cloned().collect()
}

/// The first of each line who do not ring yet, and who of them would ring at whom.
async fn rings_now(
    mut conn: Conn<'_>,
    plan: &Plan,
    queues: &[Queue],
    now: Timestamp,
) -> Result<(Vec<Session>, Vec<Rings>)> {
    let reach: Vec<_> = queues.iter().map(|queue| Reach { queue: queue.id, entered_by: None }).collect();
    let gone_before = now.plus_millis(-PASSED_OVER_MILLIS);
    let silent = line::first(conn.reborrow(), &reach, Which::Silent(gone_before), LOOK_AT).await?;
    let mut ready = reps::ready(conn.reborrow()).await?;
    for one in &mut ready {
        one.skills = plan.skills_of(one.rep);
    }
    let asked_before = now.plus_millis(-ASKED_AGAIN_AFTER_MILLIS);
    let let_go = offers::let_go_since(conn, asked_before).await?.into_iter().collect();
    let waiting = silent.iter().filter_map(|session| waiting_of(session, queues, now)).collect();
    let rings = matching::rings(waiting, ready, &let_go);
    Ok((silent, rings))
}

fn settings_in(queues: &[Queue], session: &Session) -> Option<Settings> {
    queues.iter().find(|queue| Some(queue.id) == session.life.queue).map(|queue| queue.settings)
}

/// What a customer in line is to those who may be asked.
pub(super) fn waiting_of<'q>(session: &Session, queues: &'q [Queue], now: Timestamp) -> Option<Waiting<'q>> {
    let (number, place) = place_of(session)?;
    let queue = queues.iter().find(|queue| queue.id == number)?;
    let waited_millis = session.life.queued_at.map_or(0, |entry| now.since(entry));
    let at_once = usize::try_from(queue.settings.offer_to).unwrap_or(1);
    let order = queue.settings.offer_order;
    Some(Waiting { session: session.id, place, waited_millis, asks: &queue.asks, order, at_once })
}

/// An offer past its deadline is over, even if nobody has noted it yet.
fn as_it_stands(offer: Offer, now: Timestamp) -> Offer {
    let is_overdue = offer.state == OfferState::Pending && offer.deadline <= now;
    if is_overdue { Offer { state: OfferState::TimedOut, ..offer } } else { offer }
}
