//! Questions about figures take turns: some are slow, and the connections they are asked through are everybody's.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};

use crate::store::{Db, Result, StoreError};

/// The turns of one instance.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Semaphore>);

impl Turns {
    /// Half of the connections that can be read with: the other half is for calls.
    #[must_use]
    pub fn of(db: &Db) -> Self {
        let most = usize::try_from(db.readers() / 2).unwrap_or(1).max(1);
        Self(Arc::new(Semaphore::new(most)))
    }

    /// Asks when it is one's turn. Who asked may go away; the turn ends only with the question, because a database works
    /// on at what nobody waits for any more, and the connection is taken until then.
    ///
    /// # Errors
    /// The question's.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let (answer, answered) = oneshot::channel();
        tokio::spawn(async move {
            let _turn = turn;
            let _ = answer.send(question.await);
        });
        // Only a question that panicked gives no answer.
        answered.await.unwrap_or(Err(StoreError::Stale))
    }
}
