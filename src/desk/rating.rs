//! After the call: what the customer thought of it.

use super::{Desk, DeskError, Result};
use crate::domain::ids::SessionId;
use crate::domain::rating::Rating;
use crate::domain::session::State;
use crate::store::sessions::Session;
use crate::store::{StoreError, ratings, transact};

/// Whether there was a conversation, and it is over. Both are final: an ended session never begins again.
fn is_rateable(session: &Session) -> bool {
    session.life.state == State::Ended && session.life.started_at.is_some()
}

impl Desk {
    /// Keeps what a customer thought of the conversation; said again, the newer word counts.
    ///
    /// # Errors
    /// [`DeskError::NotFound`], [`DeskError::NotRateable`] before the end or without a conversation, or the store's.
    pub async fn rate(&self, id: SessionId, rating: &Rating) -> Result<()> {
        let session = self.session(id).await?;
        if !is_rateable(&session) {
            return Err(DeskError::NotRateable(Box::new(session)));
        }
        let now = self.now();
        transact!(&self.db, tx => {
            ratings::keep(tx, id, rating, now).await?;
            Ok::<_, StoreError>(())
        })?;
        Ok(())
    }

    /// What the customer thought of the conversation, if they said so.
    ///
    /// # Errors
    /// The store's.
    pub async fn rating_of(&self, session: &Session) -> Result<Option<Rating>> {
        if !is_rateable(session) {
            return Ok(None);
        }
        let mut reader = self.db.read().await?;
        Ok(ratings::find(reader.conn(), session.id).await?)
    }
}
