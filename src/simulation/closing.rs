//! The end of the period: whoever is still there leaves, and whoever works goes home.

use std::time::Duration;

use super::customers::Phase;
use super::reps::Busy;
use super::{Result, Simulation};
use crate::desk::call::Caller;
use crate::domain::activity::{Activity, Choice};
use crate::store::reps;

/// How often a representative's row is looked at until it says that the console is closed.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

impl Simulation<'_> {
    /// Ends what is under way.
    pub(super) async fn close(&mut self) -> Result<()> {
        for who in 0..self.customers.len() {
            let customer = &mut self.customers[who];
            let Some(session) = customer.session else { continue };
            match customer.phase {
                Phase::Waiting { .. } | Phase::Vanished => self.desk.leave(session).await?,
                Phase::Taken(_) | Phase::Talking(_) => {
                    self.desk.end(&Caller::Customer(session), session, None, false).await?;
                }
                Phase::Page | Phase::Over => {}
            }
            customer.phase = Phase::Over;
        }
        for who in 0..self.reps.len() {
            let id = self.reps[who].id();
            if self.reps[who].busy == Busy::Away {
                continue;
            }
            self.desk.choose(id, &Choice { activity: Activity::Offline, reason: None }).await?;
            self.reps[who].leaves();
            // It is written by and by, and the database may be closed next.
            while is_present(&self.desk.db, id).await? {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        Ok(())
    }
}

async fn is_present(db: &crate::store::Db, rep: crate::domain::ids::RepId) -> Result<bool> {
    let mut reader = db.read().await?;
    Ok(reps::find(reader.conn(), rep).await?.is_some_and(|rep| rep.is_present()))
}
