//! Offers: who waits rings at who is available, until somebody accepts.
//!
//! The customer stays in line, with the ticket, until then. An offer is made under the queue's lock, so that each
//! customer rings once; it is settled under the session's.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::{OfferId, RepId};
use crate::domain::offer::{ASKED_AGAIN_AFTER_MILLIS, Mode, OfferState};
use crate::domain::presence::{PASSED_OVER_MILLIS, Seat};
use crate::domain::session::{Action, State};
use crate::live::bus::Message;
use crate::store::offers::{self, Offer};
use crate::store::queue::{self, DEFAULT_QUEUE, Settings};
use crate::store::reps::{self, Load};
use crate::store::sessions::{self, Session};
use crate::store::{StoreError, Tx, activities, transact};

/// How often deadlines are looked at, and the line, where nobody said that something changed.
const TEND_EVERY: Duration = Duration::from_millis(500);
/// Changes that come together are looked at together.
const REST: Duration = Duration::from_millis(20);
/// How far down the line somebody is looked for who may be asked.
const LOOK_AT: i64 = 20;

/// What the job of offers works with.
#[derive(Default)]
pub(super) struct Ringing {
    /// Something changed: somebody waits, or somebody is free.
    changed: Notify,
    /// How the queue is set; read again every time the job looks.
    settings: RwLock<Settings>,
}

impl Ringing {
    /// How the queue was set when it was last looked at.
    pub(super) fn settings(&self) -> Settings {
        *self.settings.read().unwrap_or_else(PoisonError::into_inner)
    }

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
    /// Settles what nobody can answer any more, and lets ring who waits. The server does it by itself.
    ///
    /// # Errors
    /// The store's.
    pub async fn tend_offers(&self) -> Result<()> {
        let mut reader = self.db.read().await?;
        match queue::settings(reader.conn(), DEFAULT_QUEUE).await {
            Ok(Some(settings)) => {
                *self.ringing.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
            }
            Ok(None) => {}
            // A word of a newer version: the queue goes on as it was set.
            Err(error) => tracing::warn!(%error, "the queue's settings cannot be read"),
        }
        let now = self.now();
        let over = offers::unanswerable(reader.conn(), now).await?;
        drop(reader);
        for offer in over {
            let state = if offer.deadline <= now { OfferState::TimedOut } else { OfferState::Rescinded };
            // One that cannot be settled must not keep the others ringing.
            if let Err(error) = self.settle(&offer, state).await {
                tracing::error!(offer = %offer.id, %error, "an offer was passed by: it still rings");
            }
        }
        while self.ring_next().await? {}
        Ok(())
    }

    /// Lets the first in line ring at whom they may. False when nobody waits, or nobody may be asked.
    async fn ring_next(&self) -> Result<bool> {
        if self.ringing.settings().mode != Mode::Offer || self.line.waiting(DEFAULT_QUEUE) == 0 {
            return Ok(false);
        }
        let mut reader = self.db.read().await?;
        let anybody = reps::anybody_to_ring(reader.conn()).await?;
        drop(reader);
        if !anybody {
            return Ok(false);
        }
        let rings = transact!(&self.db, tx => {
            queue::lock(tx, DEFAULT_QUEUE).await?;
            // Under the lock, so that nobody rings by settings that were changed meanwhile.
            match queue::settings(tx.conn(), DEFAULT_QUEUE).await? {
                Some(settings) if settings.mode == Mode::Offer => self.ring_in(tx, settings).await,
                _ => Ok(None),
            }
        })?;
        let Some((before, after)) = rings else { return Ok(false) };
        self.announce(&before, &after);
        Ok(true)
    }

    /// What letting ring does once it has locked the queue: the first for whom there is somebody.
    async fn ring_in(&self, tx: &mut Tx, settings: Settings) -> Result<Option<(Session, Session)>> {
        let now = self.now();
        let gone_before = now.plus_millis(-PASSED_OVER_MILLIS);
        let asked_before = now.plus_millis(-ASKED_AGAIN_AFTER_MILLIS);
        for session in queue::not_ringing(tx.conn(), DEFAULT_QUEUE, gone_before, LOOK_AT).await? {
            let Settings { offer_order: order, offer_to: limit, .. } = settings;
            let mut asked = reps::eligible(tx.conn(), session.id, asked_before, order, limit).await?;
            let Ok(offers @ 1..) = i64::try_from(asked.len()) else { continue };
            let mut after = self.keep(tx, &session, &Action::Ring { offers }, now).await?;
            // Rows of representatives are locked in the order of their ids.
            asked.sort_unstable();
            let deadline = now.plus_millis(settings.offer_seconds * 1_000);
            for rep in &asked {
                if !offers::insert(tx, session.id, *rep, now, deadline).await? {
                    return Err(StoreError::Stale.into());
                }
            }
            after.rang = asked;
            return Ok(Some((session, after)));
        }
        Ok(None)
    }

    /// The representative takes the customer who rings. Again: the same customer, while they have them.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for another's offer, [`DeskError::OfferOver`], [`DeskError::AtCapacity`], or the store's.
    pub async fn accept(&self, rep: RepId, id: OfferId) -> Result<Session> {
        let settled = transact!(&self.db, tx => {
            let now = self.now();
            let (offer, session) = offer_to(tx, rep, id).await?;
            if offer.state == OfferState::Accepted && session.life.rep == Some(rep) && session.life.is_with_rep() {
                return Ok((session.clone(), session));
            }
            if offer.state != OfferState::Pending || offer.deadline <= now {
                return Err(DeskError::OfferOver(Box::new(as_it_stands(offer, now))));
            }
            let after = self.keep(tx, &session, &Action::Offer { rep }, now).await?;
            let then = self.ringing.settings().after_call;
            if !reps::take_caller(tx, rep, Load::BelowCapacity, then, now).await? {
                return Err(DeskError::AtCapacity(None));
            }
            Ok((session, after))
        });
        match settled {
            Ok((before, after)) => {
                self.announce(&before, &after);
                Ok(after)
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
            let rings = session.life.state == State::Waiting && session.life.ringing > 0;
            let still = !rings || !offers::ringing_for(tx.conn(), session.id).await?.is_empty();
            let after = if still { session.clone() } else { self.keep(tx, &session, &Action::Unring, now).await? };
            if state == OfferState::TimedOut {
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
                Action::Offer { rep } if *rep == offer.rep_id => OfferState::Accepted,
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
    // Offers are settled under their session's lock: what is read from here on stays so.
    sessions::lock(tx, offer.session_id).await?;
    let offer = offers::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
    let session = sessions::find(tx.conn(), offer.session_id).await?.ok_or(DeskError::NotFound)?;
    Ok((offer, session))
}

/// An offer past its deadline is over, even if nobody has noted it yet.
fn as_it_stands(offer: Offer, now: Timestamp) -> Offer {
    let is_overdue = offer.state == OfferState::Pending && offer.deadline <= now;
    if is_overdue { Offer { state: OfferState::TimedOut, ..offer } } else { offer }
}
