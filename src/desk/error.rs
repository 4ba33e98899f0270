//! Why a use case did not happen. The web layer gives each its status.

use crate::domain::session::Refused;
use crate::store::offers::Offer;
use crate::store::sessions::Session;
use crate::store::{AsStoreError, StoreError};

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is nothing of that name, or it belongs to somebody else.
    #[error("there is no such thing")]
    NotFound,
    /// The session's present state does not allow it.
    #[error("{}: that cannot be done now", .0.life.state.sentence())]
    NotNow(Box<Session>),
    /// The caller's epoch is older than the session's. Without the session when it is another's by now.
    #[error("the session has moved on since")]
    Stale(Option<Box<Session>>),
    /// The representative has as many callers as they may have.
    #[error("you have as many customers as you may have at a time")]
    AtCapacity(Option<Box<Session>>),
    /// The offer does not ring any more.
    #[error("this offer is over: {}", .0.state.sentence())]
    OfferOver(Box<Offer>),
    /// There was no conversation, or it is not over.
    #[error("only a conversation that has ended can be rated")]
    NotRateable(Box<Session>),
    /// There was no conversation, or not yet.
    #[error("only a conversation can be wrapped up")]
    NoConversation(Box<Session>),
    /// What was said contradicts what is known.
    #[error("{0}")]
    Contradiction(String),
    /// What was said cannot be understood.
    #[error("{0}")]
    Invalid(String),
    /// An idempotency key came again with another body.
    #[error("this Idempotency-Key was used with another body")]
    KeyReused,
    /// The name or password is wrong.
    #[error("the name or the password is wrong")]
    WrongPassword,
    /// Too many failed sign-ins under this name.
    #[error("too many failed attempts: try again in {0} minutes")]
    TooManyFailures(i64),
    /// The database did not take it; what became of it is not known to the caller.
    #[error("the database is away: try again in a moment")]
    Away,
    /// The server is stopping.
    #[error("the server is stopping: try again in a moment")]
    Stopping,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeskError {
    pub(super) fn refused(session: &Session, _: Refused) -> Self {
        Self::NotNow(Box::new(session.clone()))
    }
}

impl AsStoreError for DeskError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
