//! Whoever is locked out, or takes no calls any more: their customers go back to the queue at once, and they are offline.

use super::consultation::inheritance;
use super::keep::{Changes, keep};
use super::{Desk, Result};
use crate::clock::Timestamp;
use crate::domain::activity::{Activity, Cause, Choice};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::presence::Seat;
use crate::domain::session::{Action, Requeue};
use crate::live::bus::Message;
use crate::store::sessions::{self, Session};
use crate::store::{StoreError, Tx, activities, consultations};

/// Offline, whatever it was before.
pub(super) const OFFLINE: Choice = Choice { activity: Activity::Offline, reason: None };

/// Takes everybody back whom a representative has, ends the consultation in which they are, and sends them offline. Whom
/// they talk about with a colleague is handed over. Lock order: sessions by id, representative.
pub(super) async fn take_out(tx: &mut Tx, rep: RepId, at: Timestamp) -> Result<Changes> {
    let found = by_id(consultations::around(tx.conn(), rep).await?);
    for session in &found {
        sessions::lock(tx, session.id).await?;
    }
    let Some(duty) = activities::locked(tx, rep).await? else { return Ok(Vec::new()) };
    let own = by_id(consultations::around(tx.conn(), rep).await?);
    // Whom they were given between the two locks is not locked yet.
    if ids(&own) != ids(&found) {
        return Err(StoreError::Stale.into());
    }
    match duty.activity {
        Activity::OnCall => activities::choose_next(tx, rep, &OFFLINE).await?,
        Activity::Offline => {}
        _ => activities::begin(tx, rep, &OFFLINE, Cause::LockedOut, at).await?,
    }
    let mut changes = Vec::with_capacity(own.len());
    for session in own {
        let only_talks = session.life.consulted == Some(rep);
        let action = if only_talks { Action::Part } else { inheritance(tx.conn(), &session, Requeue::RepOut).await? };
        let after = keep(tx, &session, &action, at, at).await?;
        changes.push((session, after));
    }
    // Who is out does not wrap up what was handed over.
    if activities::of_rep(tx.conn(), rep).await?.is_some_and(|duty| duty.activity == Activity::WrapUp) {
        activities::begin(tx, rep, &OFFLINE, Cause::LockedOut, at).await?;
    }
    Ok(changes)
}

fn by_id(mut sessions: Vec<Session>) -> Vec<Session> {
    sessions.sort_by_key(|session| session.id);
    sessions
}

fn ids(sessions: &[Session]) -> Vec<SessionId> {
    sessions.iter().map(|session| session.id).collect()
}

impl Desk {
    /// Tells everybody whom it concerns that a representative is out.
    pub(super) fn announce_out(&self, rep: RepId, changes: &Changes) {
        for (before, after) in changes {
            self.announce(before, after);
        }
        self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
        // What rang there rings elsewhere.
        self.ringing.look();
    }
}
