//! What representatives are doing: their own choice, and offline when they are gone.

use super::{Desk, DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::activity::{Activity, Cause, Choice};
use crate::domain::ids::RepId;
use crate::domain::presence::{GRACE_MILLIS, Seat, UNHEARD_MILLIS};
use crate::live::bus::Message;
use crate::store::activities::{self, Duty};
use crate::store::transact;

impl Desk {
    /// What a representative is doing.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for somebody who takes no calls, or the store's.
    pub async fn duty(&self, rep: RepId) -> Result<Duty> {
        let mut reader = self.db.read().await?;
        activities::of_rep(reader.conn(), rep).await?.ok_or(DeskError::NotFound)
    }

    /// The representative chooses what to do, which ends a wrap-up; during a call, what to do after it. Chosen again:
    /// nothing changes.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for somebody who takes no calls, or the store's.
    pub async fn choose(&self, rep: RepId, choice: &Choice) -> Result<Duty> {
        let now = self.now();
        let duty = transact!(&self.db, tx => {
            let present = activities::lock(tx, rep, now).await?.ok_or(DeskError::NotFound)?;
            if present.activity == Activity::OnCall {
                activities::choose_next(tx, rep, choice).await?;
            } else if present.activity != choice.activity || present.activity_reason != choice.reason {
                activities::begin(tx, rep, choice, Cause::Chosen, now).await?;
            }
            activities::of_rep(tx.conn(), rep).await?.ok_or(DeskError::NotFound)
        })?;
        self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
        // Who is not available any more is not rung any more; who is may have somebody waiting.
        self.ringing.look();
        Ok(duty)
    }

    /// The representative chooses what follows the present call or wrap-up, which goes on; without one, what to do now.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for somebody who takes no calls, or the store's.
    pub async fn choose_next(&self, rep: RepId, choice: &Choice) -> Result<Duty> {
        let now = self.now();
        let kept = transact!(&self.db, tx => {
            let present = activities::lock(tx, rep, now).await?.ok_or(DeskError::NotFound)?;
            if present.activity != Activity::WrapUp {
                return Ok(None);
            }
            activities::choose_next(tx, rep, choice).await?;
            Ok::<_, DeskError>(activities::of_rep(tx.conn(), rep).await?)
        })?;
        let Some(duty) = kept else { return self.choose(rep, choice).await };
        self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
        Ok(duty)
    }

    /// Nobody is available in a closed tab.
    pub(super) async fn send_gone_reps_offline(&self, now: Timestamp) -> Result<()> {
        let (closed, unheard) = (now.plus_millis(-GRACE_MILLIS), now.plus_millis(-UNHEARD_MILLIS));
        let mut reader = self.db.read().await?;
        let gone = activities::gone(reader.conn(), closed, unheard).await?;
        drop(reader);
        for rep in gone {
            transact!(&self.db, tx => activities::send_offline(tx, rep, closed, unheard, now).await)?;
            self.bus.tell(Message::Changed { seat: Seat::Rep(rep) });
            self.ringing.look();
        }
        Ok(())
    }
}
