//! What customers are told to expect: worked out every few seconds, so that telling it costs no query.

use std::sync::{Mutex, PoisonError};

use super::{Desk, Result};
use crate::domain::estimate::{Outlook, WINDOW_MILLIS, millis_per_contact};
use crate::store::{reps, sessions};

/// The pace of the last hour is worked out once in so many turns: it changes slowly.
const PACE_EVERY: u32 = 5;

/// The outlook as it was last worked out.
#[derive(Default)]
pub(super) struct Latest(Mutex<Outlook>);

impl Latest {
    fn get(&self) -> Outlook {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, outlook: Outlook) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = outlook;
    }
}

impl Desk {
    /// Seconds that whoever stands at this position will probably wait. `None` when it cannot be honest.
    #[must_use]
    pub fn estimated_wait_seconds(&self, position: usize) -> Option<f64> {
        self.outlook.get().wait_seconds(position)
    }

    /// Works the outlook out afresh.
    pub(super) async fn look_out(&self, turn: u32) -> Result<()> {
        let mut reader = self.db.read().await?;
        let mut outlook = self.outlook.get();
        (outlook.serving, outlook.free) = reps::serving(reader.conn()).await?;
        if turn % PACE_EVERY == 1 {
            let now = self.now();
            let contacts = sessions::contacts_since(reader.conn(), now.plus_millis(-WINDOW_MILLIS)).await?;
            outlook.millis_per_contact = millis_per_contact(&contacts, now);
        }
        self.outlook.set(outlook);
        Ok(())
    }
}
