//! Several callers of one representative: one at most is in conversation, the others are on hold. A colleague who is talked
//! with is one, too.

use super::call::Caller;
use super::keep::Changes;
use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::ids::{RepId, SessionId};
use crate::domain::session::{Action, State, Step};
use crate::store::sessions::{self, Session};
use crate::store::{Conn, StoreError, Tx, consultations, reps, transact};

impl Desk {
    /// Everybody whom a representative has now, oldest claim first.
    ///
    /// # Errors
    /// The store's.
    pub async fn callers_of(&self, rep: RepId) -> Result<Vec<Session>> {
        let mut reader = self.db.read().await?;
        Ok(sessions::of_rep(reader.conn(), rep).await?)
    }

    /// The representative puts a caller on hold. Again: the same answer, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`] when they are not in conversation, or the
    /// store's.
    pub async fn hold(&self, caller: &Caller, id: SessionId, epoch: Option<i64>) -> Result<Session> {
        let decide = |session: &Session| caller.check(session, epoch).map(|()| Action::Hold);
        let held = self.act(id, self.now(), decide).await?;
        self.heard(caller, &held).await?;
        Ok(held)
    }

    /// The representative is back with a caller; another who is in conversation goes on hold in the same step. Again:
    /// the same answer, once.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::Stale`], [`DeskError::NotNow`] when they are neither on hold nor in
    /// conversation, or the store's.
    pub async fn resume(&self, caller: &Caller, id: SessionId, epoch: Option<i64>) -> Result<Session> {
        self.attend(id, |session| caller.check(session, epoch).map(|()| Action::Resume)).await
    }

    /// Lets a representative turn to a caller as `decide` says: in one transaction, the others of theirs go on hold.
    pub(super) async fn attend(
        &self,
        id: SessionId,
        decide: impl Fn(&Session) -> Result<Action> + Sync,
    ) -> Result<Session> {
        let changes = transact!(&self.db, tx => {
            let own = sessions::find(tx.conn(), id).await?.ok_or(DeskError::NotFound)?;
            let action = decide(&own)?;
            self.attend_in(tx, own, action).await
        })?;
        for (before, after) in &changes {
            self.announce(before, after);
        }
        changes.into_iter().map(|(_, after)| after).find(|after| after.id == id).ok_or(DeskError::NotFound)
    }

    async fn attend_in(&self, tx: &mut Tx, own: Session, action: Action) -> Result<Changes> {
        let now = self.now();
        let step = own.life.apply(&action, now).map_err(|refused| DeskError::refused(&own, refused))?;
        let (Step::Changed(next), Some(rep)) = (step, own.life.rep) else { return Ok(vec![(own.clone(), own)]) };
        let by_rep = next.rep_joined_at != own.life.rep_joined_at;
        if next.state != State::Talking && !by_rep {
            let after = self.keep(tx, &own, &action, now).await?;
            return Ok(vec![(own, after)]);
        }
        let mut turns = talks(tx.conn(), rep).await?;
        turns.retain(|(other, _)| other.id != own.id);
        turns.push((own, action));
        self.turn_in(tx, turns, &[(rep, Some(now))], now).await
    }

    /// Lets these representatives, with the sign of life that it is, turn to somebody, and away from others. Lock order: sessions by id, then the
    /// representatives. A representative's row is what two that turn to different callers at once both write: the second
    /// sees what the first did, and runs again.
    pub(super) async fn turn_in(
        &self,
        tx: &mut Tx,
        mut turns: Vec<(Session, Action)>,
        reps: &[(RepId, Option<Timestamp>)],
        now: Timestamp,
    ) -> Result<Changes> {
        turns.sort_by_key(|(session, _)| session.id);
        turns.dedup_by_key(|(session, _)| session.id);
        // The end of a consultation writes to a representative's row, which comes after all the sessions.
        if turns.iter().any(|(_, action)| *action == Action::Part) {
            for (session, _) in &turns {
                sessions::lock(tx, session.id).await?;
            }
        }
        let mut changes = Vec::with_capacity(turns.len());
        for (before, action) in turns {
            let after = self.keep(tx, &before, &action, now).await?;
            changes.push((before, after));
        }
        for (rep, seen_at) in reps {
            reps::turns(tx, *rep, *seen_at).await?;
            if talks(tx.conn(), *rep).await?.len() > 1 {
                return Err(StoreError::Stale.into());
            }
        }
        Ok(changes)
    }
}

/// With whom a representative talks now, and what becomes of that when they turn to somebody else: a caller goes on hold, a
/// consultation is over.
pub(super) async fn talks(conn: Conn<'_>, rep: RepId) -> Result<Vec<(Session, Action)>> {
    let around = consultations::around(conn, rep).await?;
    let talk = |session: Session| match session.life.state {
        State::Held if session.life.consulted.is_some() => Some((session, Action::Part)),
        // A version from before 0012 may have left a colleague on the row of one who talks: it is not theirs.
        State::Talking if session.life.rep == Some(rep) => Some((session, Action::Hold)),
        _ => None,
    };
    Ok(around.into_iter().filter_map(talk).collect())
}
