//! Transactions that are run again when they lose, and looked up when the answer to COMMIT is lost.

use std::ops::ControlFlow;
use std::time::Duration;

use sqlx::types::Uuid;

use super::{Db, Result, StoreError, Tx, on, sessions};
use crate::domain::ids::{SessionId, VisitId};

/// What shows that a transaction was committed.
#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// Its event stands, with the token of this attempt.
    Event {
        /// The session.
        session: SessionId,
        /// The event's number.
        number: i64,
        /// The attempt.
        token: Uuid,
    },
    /// The session's row stands.
    Session(SessionId),
    /// The visit's row stands.
    Visit(VisitId),
}

/// Twelve attempts within about three seconds: a person is waiting.
const ATTEMPTS: u32 = 12;

/// Runs a body in a transaction and commits it: `transact!(&db, tx => async body)`, where `tx` is a `&mut Tx`.
///
/// A transaction that lost against another one is run again, after a short random pause. When the connection is
/// lost at COMMIT, the transaction's [`Proof`] is looked up: it is run again only if it was not applied.
///
/// `transact!(&db, opened, tx => …)` makes its first attempt in a transaction that was opened before, if there is one.
///
/// A macro, because a future made by a higher-ranked closure cannot be shown to be `Send`.
macro_rules! transact {
    ($db:expr, $tx:ident => $body:expr) => {
        $crate::store::transact!($db, None, $tx => $body)
    };
    ($db:expr, $opened:expr, $tx:ident => $body:expr) => {
        // On the heap: a transaction's future is large, and the request around it is moved several times.
        Box::pin(async {
            let mut attempts = $crate::store::Attempts::new($db, $opened);
            loop {
                let turn = match attempts.begin().await {
                    Ok(mut open) => {
                        let result = {
                            let $tx = &mut open;
                            async { $body }.await
                        };
                        attempts.settle(open, result).await
                    }
                    Err(error) => attempts.again_or(error.into()).await,
                };
                if let std::ops::ControlFlow::Break(result) = turn {
                    break result;
                }
            }
        })
        .await
    };
}
pub(crate) use transact;

/// The attempts at one transaction.
pub struct Attempts<'d> {
    db: &'d Db,
    opened: Option<Tx>,
    made: u32,
}

/// Another attempt, or the result.
type Turn<T, E> = ControlFlow<std::result::Result<T, E>>;

impl<'d> Attempts<'d> {
    /// No attempt yet; the first is made in `opened`.
    #[must_use]
    pub const fn new(db: &'d Db, opened: Option<Tx>) -> Self {
        Self { db, opened, made: 0 }
    }

    /// The next attempt's transaction.
    ///
    /// # Errors
    /// When no connection is free in time or the database does not answer.
    pub async fn begin(&mut self) -> Result<Tx> {
        self.made += 1;
        match self.opened.take() {
            Some(opened) => Ok(opened),
            None => self.db.begin().await,
        }
    }

    /// Commits what the body did, or decides whether it runs again.
    pub async fn settle<T, E>(&self, tx: Tx, result: std::result::Result<T, E>) -> Turn<T, E>
    where
        E: From<StoreError> + AsStoreError,
    {
        let value = match result {
            Ok(value) => value,
            Err(failure) => {
                drop(tx);
                return self.again_or(failure).await;
            }
        };
        let proof = tx.proof;
        let Err(failure) = tx.commit().await.map_err(StoreError::from) else { return Turn::Break(Ok(value)) };
        let failure = match (failure, proof) {
            (StoreError::Lost(error), Some(proof)) => match was_applied(self.db, proof).await {
                Ok(true) => return Turn::Break(Ok(value)),
                // Looked up and not there: it did not happen, so it may run again.
                Ok(false) => StoreError::Conflict(error),
                Err(failure) => StoreError::unavailable(failure),
            },
            // Nothing to look for: say that we do not know, never run it twice.
            (StoreError::Lost(error), None) => StoreError::Unavailable(error),
            (failure, _) => failure,
        };
        self.again_or(failure.into()).await
    }

    /// After a failure before COMMIT, or one that was looked up: nothing happened, so it may run again.
    pub async fn again_or<T, E: AsStoreError>(&self, failure: E) -> Turn<T, E> {
        let again = failure
            .store_error()
            .is_some_and(|error| error.is_retryable() || (matches!(error, StoreError::Lost(_)) && self.made == 1));
        if !again || self.made == ATTEMPTS {
            return Turn::Break(Err(failure));
        }
        pause(self.made).await;
        Turn::Continue(())
    }
}

/// Errors that may wrap one of the store's.
pub trait AsStoreError {
    /// The store's error, if it is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl AsStoreError for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Looks a lost commit up. The lookup locks what the lost transaction wrote, so it waits for one that is still
/// being committed.
async fn was_applied(db: &Db, proof: Proof) -> Result<bool> {
    let mut last = None;
    for attempt in 1..=ATTEMPTS {
        match look_up(db, proof).await {
            Ok(found) => return Ok(found),
            Err(error @ (StoreError::Lost(_) | StoreError::Conflict(_))) => last = Some(error),
            Err(error) => return Err(error),
        }
        pause(attempt).await;
    }
    Err(last.unwrap_or(StoreError::Stale))
}

async fn look_up(db: &Db, proof: Proof) -> Result<bool> {
    let mut tx = db.begin().await?;
    let found: Option<i64> = match proof {
        Proof::Event { session, number, token } => {
            sessions::lock(&mut tx, session).await?;
            let text = "SELECT number FROM events WHERE session_id = ? AND number = ? AND token = ?";
            on!(tx.conn(), c => sqlx::query_scalar(text).bind(session).bind(number).bind(token).fetch_optional(c).await?)
        }
        Proof::Session(session) => sessions::lock(&mut tx, session).await?.then_some(1),
        Proof::Visit(visit) => {
            let text = "UPDATE visits SET class = class WHERE id = ?";
            let rows = on!(tx.conn(), c => sqlx::query(text).bind(visit).execute(c).await?.rows_affected());
            (rows > 0).then_some(1)
        }
    };
    tx.commit().await?;
    Ok(found.is_some())
}

/// A short random pause, growing with the attempts, so that losers do not meet again.
async fn pause(attempt: u32) {
    let ceiling = 4_u64 << attempt.min(8);
    tokio::time::sleep(Duration::from_millis(rand::random_range(1..=ceiling))).await;
}
