//! Who serves whom: a representative claims the first in line.

use super::{Desk, DeskError, Plan, Result};
use crate::domain::ids::RepId;
use crate::domain::presence::PASSED_OVER_MILLIS;
use crate::domain::session::{Action, State};
use crate::store::line::{self, Reach, Which};
use crate::store::reps::Load;
use crate::store::sessions::{self, Session};
use crate::store::{Tx, reps, transact};

/// What a claim changed: sessions before and after.
type Changes = Vec<(Session, Session)>;

impl Desk {
    /// Gives the representative the oldest customer they may serve: it means *I am ready now, and I accept*.
    /// `None` when nobody waits. A claimed customer whose conversation has not started is given again, unless
    /// `another` is asked for.
    ///
    /// # Errors
    /// [`DeskError::AtCapacity`] with the present session, or the store's.
    pub async fn claim(&self, rep: RepId, another: bool) -> Result<Option<Session>> {
        if another {
            return self.claim_next(rep, Load::BelowCapacity).await;
        }
        // Most who ask have nobody, and are served without a look at whom they have.
        let served = self.claim_next(rep, Load::Nobody).await;
        if matches!(served, Ok(Some(_))) {
            return served;
        }
        if let Some(pending) = self.pending_claim(rep).await? {
            self.rep_seen(rep).await?;
            return Ok(Some(pending));
        }
        match served {
            Err(DeskError::AtCapacity(_)) => self.claim_next(rep, Load::BelowCapacity).await,
            served => served,
        }
    }

    /// Gives the representative the first in line, if they have no more callers than `load` says.
    async fn claim_next(&self, rep: RepId, load: Load) -> Result<Option<Session>> {
        let plan = self.plan();
        let reach = plan.reach(rep, self.now());
        // The copy of the line may be behind another instance, so when it is empty the database is asked.
        let is_empty = reach.iter().all(|reach| self.line.waiting(reach.queue) == 0);
        if is_empty && !self.is_anybody_waiting(&reach).await? {
            self.count_claim("empty");
            return self.refuse_at_capacity(rep).await.map(|()| None);
        }
        let mut turn = Some(self.claiming.lock().await);
        let queues: Vec<i64> = reach.iter().map(|reach| reach.queue).collect();
        let changes = transact!(&self.db, tx => {
            line::lock(tx, &queues).await?;
            // The next one opens its transaction meanwhile.
            turn = None;
            self.claim_in(tx, rep, load, &plan).await
        });
        match changes {
            Ok(changes) => {
                for (before, after) in &changes {
                    self.announce(before, after);
                }
                let claimed = changes.into_iter().map(|(_, after)| after).find(|after| after.life.rep == Some(rep));
                self.count_claim(if claimed.is_some() { "claimed" } else { "empty" });
                if claimed.is_none() {
                    self.refuse_at_capacity(rep).await?;
                }
                Ok(claimed)
            }
            Err(DeskError::AtCapacity(_)) => Err(DeskError::AtCapacity(self.present_session(rep).await?.map(Box::new))),
            Err(error) => Err(error),
        }
    }

    fn count_claim(&self, result: &str) {
        self.metrics.queue_claims.with_label_values(&[result]).inc();
    }

    /// What a claim does once it has locked the queues. Lock order: queues, sessions, representative.
    async fn claim_in(&self, tx: &mut Tx, rep: RepId, load: Load, plan: &Plan) -> Result<Changes> {
        let now = self.now();
        let reach = plan.reach(rep, now);
        let gone_before = now.plus_millis(-PASSED_OVER_MILLIS);
        let mut changes = Vec::new();
        let Some(mut head) = first_in_line(tx, &reach, Which::All).await? else { return Ok(changes) };
        if head.closed_at.is_some_and(|closed| closed <= gone_before) {
            let present = first_in_line(tx, &reach, Which::There(gone_before)).await?;
            let Some(present) = present else { return Ok(changes) };
            head = present;
            for reach in &reach {
                for passed in line::passed(tx.conn(), *reach, gone_before, &head).await? {
                    let after = self.keep(tx, &passed, &Action::PassOver, now).await?;
                    changes.push((passed, after));
                }
            }
        }
        let then = plan.settings_for(&head).after_call;
        let after = self.keep(tx, &head, &Action::Offer { rep }, now).await?;
        changes.push((head, after));
        if reps::take_caller(tx, rep, load, then, now).await? { Ok(changes) } else { Err(DeskError::AtCapacity(None)) }
    }

    async fn is_anybody_waiting(&self, reach: &[Reach]) -> Result<bool> {
        let gone_before = self.now().plus_millis(-PASSED_OVER_MILLIS);
        let mut reader = self.db.read().await?;
        Ok(!line::first(reader.conn(), reach, Which::There(gone_before), 1).await?.is_empty())
    }

    /// Nobody waits: still, one who is in a conversation is told so rather than "nobody".
    async fn refuse_at_capacity(&self, rep: RepId) -> Result<()> {
        let mut reader = self.db.read().await?;
        let full = reps::find(reader.conn(), rep).await?.is_some_and(|rep| rep.callers >= rep.capacity);
        drop(reader);
        if full { Err(DeskError::AtCapacity(self.present_session(rep).await?.map(Box::new))) } else { Ok(()) }
    }

    async fn pending_claim(&self, rep: RepId) -> Result<Option<Session>> {
        let mut reader = self.db.read().await?;
        let sessions = sessions::of_rep(reader.conn(), rep).await?;
        Ok(sessions.into_iter().find(|session| session.life.state == State::Offered))
    }

    /// The session that a representative has now: the latest claim, when there are several.
    ///
    /// # Errors
    /// The store's.
    pub async fn present_session(&self, rep: RepId) -> Result<Option<Session>> {
        let mut reader = self.db.read().await?;
        Ok(sessions::of_rep(reader.conn(), rep).await?.pop())
    }
}

async fn first_in_line(tx: &mut Tx, reach: &[Reach], which: Which) -> Result<Option<Session>> {
    Ok(line::first(tx.conn(), reach, which, 1).await?.into_iter().next())
}
