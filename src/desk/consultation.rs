//! Talking with a colleague about a customer first: a colleague who accepts a warm question is consulted, the customer stays
//! on hold, and the representative hands them over, or does not.
//!
//! The colleague has nothing of the session but the talk and what is told of the customer. It ends with whatever the
//! session's life says ends it; a colleague's page that is gone ends it, too.

use serde_json::{Map, Value};

use super::call::Caller;
use super::callers::talks;
use super::keep::Changes;
use super::transfer::{check, rep_of};
use super::turn::{Search, pass_by_bad};
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::activity::AfterCall;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::{GRACE_MILLIS, Seat};
use crate::domain::session::{Action, Party, Requeue, State};
use crate::live::bus::Message;
use crate::store::offers::Offer;
use crate::store::presence::Found;
use crate::store::reps::Load;
use crate::store::sessions::{self, Session};
use crate::store::{Conn, Tx, consultations, reps, transact, transfers};

impl Desk {
    /// The customer about whom a colleague consults this representative now.
    ///
    /// # Errors
    /// The store's.
    pub async fn consulted(&self, rep: RepId) -> Result<Option<Session>> {
        let mut reader = self.db.read().await?;
        Ok(consultations::of_colleague(reader.conn(), rep).await?)
    }

    /// What accepting a warm question does, once the sessions are locked. Whoever the two talk with waits on hold, and
    /// another consultation of theirs is over.
    pub(super) async fn consult_in(
        &self,
        tx: &mut Tx,
        session: Session,
        rep: RepId,
        now: Timestamp,
    ) -> Result<Changes> {
        // Before anything that it ends is given back: a consultation after another is one activity. As available as
        // before is who was only consulted.
        if !reps::take_caller(tx, rep, Load::BelowCapacity, AfterCall::Available, now).await? {
            return Err(DeskError::AtCapacity(None));
        }
        // Who asked has not said a word now.
        let reps: Vec<_> = session.life.rep.into_iter().map(|first| (first, None)).chain([(rep, Some(now))]).collect();
        let mut turns = Vec::new();
        for (rep, _) in &reps {
            turns.append(&mut talks(tx.conn(), *rep).await?);
        }
        turns.push((session, Action::Consult { rep }));
        self.turn_in(tx, turns, &reps, now).await
    }

    /// The representative hands a customer over to the colleague with whom they talk. Again: the same, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`] when nobody is talked with, or the store's.
    pub async fn hand_over(&self, caller: &Caller, id: SessionId, epoch: Option<i64>) -> Result<Session> {
        let rep = rep_of(caller)?;
        let (before, after) = transact!(&self.db, tx => {
            let before = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            if is_handed_over(tx.conn(), &before, rep).await? {
                return Ok((before.clone(), before));
            }
            check(caller, &before, epoch)?;
            let colleague = before.life.consulted.ok_or_else(|| DeskError::NotNow(Box::new(before.clone())))?;
            let after = self.keep(tx, &before, &Action::HandOver { rep: colleague }, self.now()).await?;
            Ok::<_, DeskError>((before, after))
        })?;
        self.announce(&before, &after);
        Ok(after)
    }

    /// Relays a message between the two who talk about a customer, and to nobody else.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for anybody else, [`DeskError::NotNow`] when nobody is talked with, or the store's.
    pub async fn consult_signal(&self, rep: RepId, id: SessionId, mut message: Map<String, Value>) -> Result<()> {
        let session = self.session(id).await?;
        let (first, colleague) = (session.life.rep.filter(|_| session.life.is_with_rep()), session.life.consulted);
        let other = match (first, colleague) {
            (Some(first), Some(colleague)) if colleague == rep => first,
            (Some(first), Some(colleague)) if first == rep => colleague,
            (Some(first), _) if first == rep => return Err(DeskError::NotNow(Box::new(session))),
            _ => return Err(DeskError::NotFound),
        };
        // A customer's signal says that it is one: a page can tell the two conversations apart.
        message.insert("from".to_owned(), Party::Representative.as_str().into());
        message.insert("sessionId".to_owned(), id.to_string().into());
        self.rep_seen(rep).await?;
        self.bus.tell(Message::Signal { seat: Seat::Rep(other), text: Value::Object(message).to_string() });
        Ok(())
    }

    /// Ends the consultations of colleagues whose page is gone; their customers stay on hold with whoever has them.
    pub(super) async fn end_left_consultations(&self, now: Timestamp) -> Result<()> {
        let before = now.plus_millis(-GRACE_MILLIS);
        let mut search = Search::default();
        while let Some(limit) = search.limit() {
            let mut reader = self.db.read().await?;
            let left = consultations::colleagues_gone(reader.conn(), before, limit).await?;
            drop(reader);
            for found in search.news(left) {
                pass_by_bad(found.id, self.end_left_consultation(found, now).await)?;
            }
        }
        Ok(())
    }

    async fn end_left_consultation(&self, found: Found, now: Timestamp) -> Result<()> {
        let as_found = |session: &Session| session.life.last_event == found.last_event;
        let part = |session: &Session| as_found(session).then_some(Action::Part).ok_or(DeskError::NotFound);
        self.act(found.id, now, part).await.map(drop)
    }
}

/// Whether accepting this offer means to talk with the representative first.
pub(super) async fn is_to_consult(conn: Conn<'_>, session: &Session, offer: &Offer) -> Result<bool> {
    if session.life.state != State::Held {
        return Ok(false);
    }
    Ok(transfers::is_warm(conn, session.id, offer.rep_id, offer.made_at).await?)
}

/// The session of an offer, and with it those from which the two turn away who would talk about it, by id.
pub(super) async fn turned_from(mut conn: Conn<'_>, offer: &Offer) -> Result<Vec<SessionId>> {
    let mut ids = vec![offer.session_id];
    let session = sessions::find(conn.reborrow(), offer.session_id).await?;
    if let Some(session) = session.filter(|session| session.life.state == State::Held)
        && is_to_consult(conn.reborrow(), &session, offer).await?
    {
        for rep in session.life.rep.into_iter().chain([offer.rep_id]) {
            ids.extend(talks(conn.reborrow(), rep).await?.into_iter().map(|(other, _)| other.id));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Whether this very representative has just handed the customer over to who has them now.
async fn is_handed_over(conn: Conn<'_>, session: &Session, rep: RepId) -> Result<bool> {
    let Some(to) = session.life.rep.filter(|to| session.life.is_with_rep() && *to != rep) else { return Ok(false) };
    let all = transfers::of_session(conn, session.id).await?;
    let last = all.last().filter(|last| last.from_rep == rep && last.to_rep == Some(to));
    Ok(last.is_some_and(|last| last.handed_at.is_some()))
}

/// What becomes of a customer whose representative is gone or out: the colleague who is talked with knows the case, and has
/// the customer from now on, if their page is there. Otherwise the customer goes back to the queue.
pub(super) async fn inheritance(conn: Conn<'_>, session: &Session, why: Requeue) -> Result<Action> {
    let Some(colleague) = session.life.consulted else { return Ok(Action::Requeue { why }) };
    let is_there = reps::find(conn, colleague).await?.is_some_and(|rep| rep.is_present());
    Ok(if is_there { Action::HandOver { rep: colleague } } else { Action::Requeue { why } })
}
