//! How the queues are set, and who sets it.

use serde_json::json;

use super::audit::{self, Actor, Detail};
use super::{DeskError, Result};
use crate::clock::Timestamp;
use crate::domain::activity::AfterCall;
use crate::domain::offer::{Mode, OfferOrder};
use crate::domain::queue::{OfferSeconds, OfferTo, WrapUpSeconds};
use crate::store::queue::{self, Named, Settings};
use crate::store::{Db, transact};

/// What is to be different; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change {
    /// Whether customers ring.
    pub mode: Option<Mode>,
    /// How long.
    pub offer_seconds: Option<OfferSeconds>,
    /// At how many at once.
    pub offer_to: Option<OfferTo>,
    /// Who is asked first.
    pub offer_order: Option<OfferOrder>,
    /// What follows a call.
    pub after_call: Option<AfterCall>,
    /// For how long a call is wrapped up.
    pub wrap_up_seconds: Option<WrapUpSeconds>,
}

impl Change {
    fn applied_to(self, before: Settings) -> Settings {
        Settings {
            mode: self.mode.unwrap_or(before.mode),
            offer_seconds: self.offer_seconds.map_or(before.offer_seconds, OfferSeconds::get),
            offer_to: self.offer_to.map_or(before.offer_to, OfferTo::get),
            offer_order: self.offer_order.unwrap_or(before.offer_order),
            after_call: self.after_call.unwrap_or(before.after_call),
            wrap_up_seconds: self.wrap_up_seconds.map_or(before.wrap_up_seconds, WrapUpSeconds::get),
        }
    }
}

/// Every queue.
///
/// # Errors
/// The store's.
pub async fn all(db: &Db) -> Result<Vec<Named>> {
    let mut reader = db.read().await?;
    Ok(queue::all(reader.conn()).await?)
}

/// Changes how a queue is set; servers notice within a second. The queue as it is then.
///
/// # Errors
/// [`DeskError::NotFound`], or the store's.
pub async fn change(db: &Db, name: &str, change: Change, by: &Actor, now: Timestamp) -> Result<Named> {
    transact!(db, tx => {
        let before = queue::all(tx.conn()).await?.into_iter().find(|queue| queue.name == name);
        let before = before.ok_or(DeskError::NotFound)?;
        // Nobody is let ring by settings that are being changed, and two changes do not undo each other.
        queue::lock(tx, before.id).await?;
        let before = Named { settings: queue::settings(tx.conn(), before.id).await?.ok_or(DeskError::NotFound)?, ..before };
        let settings = change.applied_to(before.settings);
        let detail = difference(before.settings, settings);
        if !detail.is_empty() {
            queue::set(tx, before.id, settings).await?;
            audit::note(tx, by, "queue.change", name, &detail, now).await?;
        }
        Ok(Named { settings, ..before })
    })
}

/// Which settings are what since then.
fn difference(before: Settings, after: Settings) -> Detail {
    let pairs = [
        ("mode", json!(before.mode), json!(after.mode)),
        ("offerSeconds", json!(before.offer_seconds), json!(after.offer_seconds)),
        ("offerTo", json!(before.offer_to), json!(after.offer_to)),
        ("offerOrder", json!(before.offer_order), json!(after.offer_order)),
        ("afterCall", json!(before.after_call), json!(after.after_call)),
        ("wrapUpSeconds", json!(before.wrap_up_seconds), json!(after.wrap_up_seconds)),
    ];
    let changed = pairs.into_iter().filter(|(_, before, after)| before != after);
    changed.map(|(name, _, after)| (name.to_owned(), after)).collect()
}
