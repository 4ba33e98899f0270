//! What customers are told to expect: worked out every few seconds, so that telling it costs no query.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Desk, Result};
use crate::domain::estimate::{Contact, Outlook, WINDOW_MILLIS, millis_per_contact};
use crate::domain::queue::{Place, Service};
use crate::store::{reps, sessions};

/// The pace of the last hour is worked out once in so many turns: it changes slowly.
const PACE_EVERY: u32 = 5;

/// The outlook of each queue as it was last worked out.
#[derive(Default)]
pub(super) struct Latest(Mutex<HashMap<i64, Outlook>>);

impl Latest {
    fn of(&self, queue: i64) -> Outlook {
        self.all().get(&queue).copied().unwrap_or_default()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<i64, Outlook>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Seconds that whoever stands at this position of a queue will probably wait. `None` when it cannot be honest.
    #[must_use]
    pub fn estimated_wait_seconds(&self, queue: i64, position: usize) -> Option<f64> {
        self.outlook.of(queue).wait_seconds(position)
    }

    /// The same for somebody who stands at this place. Whom everybody may pass cannot be told how long it takes, only that
    /// somebody is free.
    #[must_use]
    pub fn estimated_wait_at(&self, queue: i64, place: Place, position: usize) -> Option<f64> {
        self.estimated_wait_seconds(queue, position).filter(|seconds| *seconds <= 0.0 || !place.is_behind())
    }

    /// Works the outlooks out afresh.
    pub(super) async fn look_out(&self, turn: u32) -> Result<()> {
        let plan = self.plan();
        let mut outlooks: HashMap<i64, Outlook> = HashMap::new();
        for queue in &plan.queues {
            let millis_per_contact = self.outlook.of(queue.id).millis_per_contact;
            outlooks.insert(queue.id, Outlook { millis_per_contact, ..Outlook::default() });
        }
        let mut reader = self.db.read().await?;
        for rep in reps::serving(reader.conn()).await? {
            let served = plan.served_by(rep.user_id).filter(|(_, service)| *service == Service::Everybody);
            let served = served.map(|(queue, _)| (queue.id, queue.settings.mode));
            let served: Vec<_> = served.filter(|(_, mode)| rep.is_there_for(*mode)).collect();
            for (queue, mode) in &served {
                let outlook = outlooks.entry(*queue).or_default();
                outlook.serving += 1.0 / f64::from(u32::try_from(served.len()).unwrap_or(1));
                outlook.free += usize::from(rep.is_free_for(*mode));
            }
        }
        if turn % PACE_EVERY == 1 {
            let now = self.now();
            let contacts = sessions::contacts_since(reader.conn(), now.plus_millis(-WINDOW_MILLIS)).await?;
            let mut by_queue: HashMap<i64, Vec<Contact>> = HashMap::new();
            for contact in contacts {
                by_queue.entry(contact.queue_id).or_default().push(contact);
            }
            for (queue, outlook) in &mut outlooks {
                let contacts = by_queue.get(queue).map_or(&[][..], Vec::as_slice);
                outlook.millis_per_contact = millis_per_contact(contacts, now);
            }
        }
        *self.outlook.all() = outlooks;
        Ok(())
    }

    /// How many representatives who are there serve customers of this queue, at once or once they have waited.
    ///
    /// # Errors
    /// The store's.
    pub async fn serving(&self, queue: i64) -> Result<usize> {
        let plan = self.plan();
        let mut reader = self.db.read().await?;
        let serves = |rep: &reps::Serving| {
            plan.served_by(rep.user_id).any(|(one, _)| one.id == queue && rep.is_there_for(one.settings.mode))
        };
        Ok(reps::serving(reader.conn()).await?.iter().filter(|rep| serves(rep)).count())
    }
}
